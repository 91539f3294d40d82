//! References: every place in the project that means the same.

use crate::at::at;
use crate::describe::{name_of, place_of};
use crate::goto::form_around;
use crate::names::{self, Meaning, Occurrence, Use, occurrences, occurrences_of};
use eclexia_base::{FileId, FxHashSet, Name, Span};
use eclexia_core::core::ModuleId;
use eclexia_core::words::last_part;
use eclexia_db::Analysis;

/// The places of what is meant at an offset, its definition among them, in the order of files and
/// places. The library is looked at for definitions only.
pub fn references(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Occurrence> {
    match at(analysis, file, offset).and_then(|at| at.occurrence) {
        Some(found) => uses(analysis, found),
        None => Vec::new(),
    }
}

/// The places of what an occurrence means: of a variable of a type those in its form, of a word of
/// the language none.
pub(crate) fn uses(analysis: &Analysis, found: Occurrence) -> Vec<Occurrence> {
    match found.meaning {
        Meaning::Form(_) | Meaning::Option(_) => Vec::new(),
        Meaning::TypeVariable(_) => within(analysis, found.span, found.meaning),
        meaning => everywhere(analysis, meaning),
    }
}

/// The places of a meaning in the project's files.
pub fn everywhere(analysis: &Analysis, meaning: Meaning) -> Vec<Occurrence> {
    let Some(name) = name_of(analysis, meaning) else { return Vec::new() };
    let place = place_of(analysis, meaning);
    if let (Meaning::Local(..), Some(place)) = (meaning, place) {
        return within(analysis, place, meaning);
    }
    let last = last_part(name.as_str());
    let seen = place.and_then(|place| names::module_of(analysis, place.file));
    let seen = seen.map(|home| seeing(analysis, home, meaning, name));
    let mut found = Vec::new();
    for (file, module) in &analysis.modules {
        let is_seen = seen.as_ref().is_none_or(|seen| seen.contains(module));
        if is_seen && analysis.sources.text(*file).contains(last) {
            let own = occurrences(analysis, *file);
            found.extend(own.into_iter().filter(|o| same(analysis, o.meaning, meaning)));
        }
    }
    if let Some(place) = place.filter(|place| !analysis.modules.contains_key(&place.file)) {
        let all = within(analysis, place, meaning);
        found.extend(all.into_iter().filter(|o| o.is == Use::Definition));
    }
    found.sort_by_key(|o| o.span);
    found
}

/// The modules in which something of `home` can be named. A field is of a value, which passes
/// through modules that do not import its type; all else is imported, or in scope.
fn seeing(
    analysis: &Analysis,
    home: ModuleId,
    meaning: Meaning,
    name: Name,
) -> FxHashSet<ModuleId> {
    let program = &analysis.program;
    let imports = |module: ModuleId| program.modules[module].aliases.values().copied();
    let in_scope = |module: ModuleId| {
        let this = &program.modules[module];
        let named = this.scope.get(&name).into_iter().chain(this.type_scope.get(&name));
        let mut named = named.map(|entity| Meaning::Entity(*entity));
        named.any(|own| names::canonical(program, own) == meaning)
    };
    let sees = |module: ModuleId| match meaning {
        Meaning::Field(..) => reaches(analysis, module, home),
        _ => imports(module).any(|to| to == home) || in_scope(module),
    };
    // A module that another one has read can be named in full without an import.
    let full = format!("{}/", program.modules[home].name);
    let names_it = |file: FileId| analysis.sources.text(file).contains(&full);
    let own = analysis.modules.iter();
    let own = own.filter(|(file, module)| **module == home || sees(**module) || names_it(**file));
    own.map(|(_, module)| *module).collect()
}

/// Whether a module imports another, or one that does.
fn reaches(analysis: &Analysis, from: ModuleId, to: ModuleId) -> bool {
    let mut seen = FxHashSet::from_iter([from]);
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        if module == to {
            return true;
        }
        let imported = analysis.program.modules[module].aliases.values();
        open.extend(imported.filter(|next| seen.insert(**next)));
    }
    false
}

/// Those in the top-level form around a place.
fn within(analysis: &Analysis, place: Span, meaning: Meaning) -> Vec<Occurrence> {
    let Some(tree) = analysis.trees.get(&place.file) else { return Vec::new() };
    let form = form_around(analysis, place);
    let root = tree.roots.iter().find(|root| tree.span(**root) == form);
    let own = root.map(|root| occurrences_of(analysis, tree, std::slice::from_ref(root)));
    let mut own = own.unwrap_or_default();
    own.retain(|o| same(analysis, o.meaning, meaning));
    own
}

/// Whether two meanings are one: a local that a macro's template copied has several numbers, but
/// one place.
fn same(analysis: &Analysis, a: Meaning, b: Meaning) -> bool {
    let program = &analysis.program;
    if names::canonical(program, a) == names::canonical(program, b) {
        return true;
    }
    match (a, b) {
        (Meaning::Local(..), Meaning::Local(..)) => {
            let place = place_of(analysis, a);
            place.is_some() && place == place_of(analysis, b)
        }
        _ => false,
    }
}

/// The places in the file itself.
pub fn highlight(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Occurrence> {
    let Some(found) = at(analysis, file, offset).and_then(|at| at.occurrence) else {
        return Vec::new();
    };
    match found.meaning {
        Meaning::Form(_) | Meaning::Option(_) | Meaning::TypeVariable(_) => uses(analysis, found),
        _ => {
            let mut own = occurrences(analysis, file);
            own.retain(|o| same(analysis, o.meaning, found.meaning));
            own
        }
    }
}

/// A local's binder and uses, which change together; empty for all else.
pub fn linked(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    let found = at(analysis, file, offset).and_then(|at| at.occurrence);
    let Some(found) = found.filter(|o| matches!(o.meaning, Meaning::Local(..))) else {
        return Vec::new();
    };
    everywhere(analysis, found.meaning).into_iter().map(|o| o.span).collect()
}
