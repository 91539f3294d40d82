//! "Did you mean": the nearest known spelling, or the library module that has the name. Only runs
//! when something is wrong, so it may load library modules that the program does not reach.

use super::load::Loader;
use super::names::{Space, UnknownName};
use crate::core::{Module, ModuleId, Program};
use crate::diagnostics as report;
use crate::forms::{Form, Forms};
use crate::words::last_part;
use eclexia_base::ids::Id;
use eclexia_base::unit::edit_distance;
use eclexia_base::{FxHashMap, FxHashSet, Name};
use eclexia_diag::Diagnostics;

/// The candidate nearest to `name`, when it is near enough to be meant: a third of the letters may
/// differ. The alphabet decides between equals, so the order of the candidates does not matter.
pub(crate) fn nearest<'s>(
    name: &str,
    candidates: impl IntoIterator<Item = &'s str>,
) -> Option<String> {
    let length = name.chars().count();
    let limit = ((length + 1) / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name || candidate.len().abs_diff(name.len()) > 4 * limit {
            continue;
        }
        let same_letters = candidate.eq_ignore_ascii_case(name);
        let distance = if same_letters { 0 } else { edit_distance(name, candidate) };
        // A one-letter name is near to every other one: only its case may differ.
        let is_near = distance <= limit && (length > 1 || same_letters);
        if is_near && best.is_none_or(|b| (distance, candidate) < b) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, text)| text.to_owned())
}

/// Names defined by the library modules: name to modules.
type Index = FxHashMap<Name, Vec<String>>;

/// `from` is the first module of this run: what it and later ones import is near.
pub(crate) fn report_unknown(
    program: &Program,
    from: ModuleId,
    unknown: Vec<UnknownName>,
    loader: &mut dyn Loader,
    diagnostics: &mut Diagnostics,
) {
    if unknown.is_empty() {
        return;
    }
    let (values, types) = library_index(program, &near(program, from), loader);
    for item in unknown {
        let index = if item.space == Space::Value { &values } else { &types };
        let homes = index.get(&item.name).map_or(&[][..], Vec::as_slice);
        let mut homes = homes.to_vec();
        homes.sort_by_key(|m| rank(m));
        let qualified: Vec<String> =
            homes.iter().map(|m| format!("{}/{}", last_part(m), item.name)).collect();
        diagnostics.push(match item.space {
            Space::Value => report::unknown_name(&item, &qualified),
            Space::Type => report::unknown_type(&item, &qualified),
        });
    }
}

/// Where a name most often comes from stands first; the rest as in the alphabet.
fn rank(module: &str) -> usize {
    let most_used = ["list", "vector", "map", "set", "string", "option", "result", "math"];
    let last = last_part(module);
    most_used.iter().position(|m| *m == last).unwrap_or(most_used.len())
}

/// The modules from this one on, and what they import: whatever else has been loaded is another
/// program's.
fn near(program: &Program, from: ModuleId) -> FxHashSet<ModuleId> {
    let new = program.modules.ids().skip(from.index());
    let imported = |id: ModuleId| program.modules[id].aliases.values().copied();
    new.flat_map(|id| imported(id).chain([id])).collect()
}

fn library_index(
    program: &Program,
    near: &FxHashSet<ModuleId>,
    loader: &mut dyn Loader,
) -> (Index, Index) {
    let (mut values, mut types) = (Index::default(), Index::default());
    let add = |index: &mut Index, name: Name, module: &str| {
        let modules = index.entry(name).or_default();
        modules.push(module.to_owned());
        modules.sort_unstable();
        modules.dedup();
    };
    let shown = |(id, module): &(ModuleId, &Module)| module.is_std || near.contains(id);
    for (id, module) in program.modules.iter().filter(shown) {
        for name in program.exported_names(id) {
            if module.own.contains_key(&name) {
                add(&mut values, name, module.name.as_str());
            }
            if module.own_types.contains_key(&name) {
                add(&mut types, name, module.name.as_str());
            }
        }
    }
    let mut names = loader.names();
    names.sort_unstable();
    for name in names.iter().filter(|n| super::is_library(n)) {
        if program.by_name.contains_key(&Name::new(name)) {
            continue;
        }
        let Some(tree) = loader.load(name) else { continue };
        let forms = Forms::new(&tree);
        let roots = || tree.roots.iter().map(|n| Form::of_node(*n));
        let exports = roots().find_map(|root| exports(&forms, root));
        let is_exported = |name: Name| exports.as_ref().is_none_or(|own| own.contains(&name));
        for root in roots() {
            if let Some((defined, is_type)) = defined_name(&forms, root)
                && is_exported(defined)
            {
                add(if is_type { &mut types } else { &mut values }, defined, name);
            }
        }
    }
    (values, types)
}

/// The names after `:exports`, of a `module` form that has it.
fn exports(forms: &Forms, root: Form) -> Option<Vec<Name>> {
    if forms.head(root)? != "module" {
        return None;
    }
    let parts = forms.to_vec(forms.kids(root));
    let at = parts.iter().position(|part| forms.keyword(*part).is_some_and(|k| k == "exports"))?;
    let names = forms.to_vec(forms.kids(*parts.get(at + 1)?));
    Some(names.iter().filter_map(|name| forms.symbol(*name)).collect())
}

/// The name a top-level form defines, and whether it is a type.
fn defined_name(forms: &Forms, root: Form) -> Option<(Name, bool)> {
    let head = forms.head(root)?;
    let target = forms.get(forms.kids(root), 1)?;
    let name = forms.symbol(target).or_else(|| forms.head(target))?;
    match head.as_str() {
        "def" | "defn" | "defmacro" | "builtin" => Some((name, false)),
        "deftype" | "defrecord" | "defalias" | "builtin-type" | "definterface" => {
            Some((name, true))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let names = ["map", "filter", "fold", "vector-length"];
        assert_eq!(nearest("fitler", names).as_deref(), Some("filter"));
        assert_eq!(nearest("vector-lenght", names).as_deref(), Some("vector-length"));
        assert_eq!(nearest("Map", names).as_deref(), Some("map"));
        assert_eq!(nearest("reduce", names), None);
        assert_eq!(nearest("x", ["y", "X"]).as_deref(), Some("X"));
    }
}
