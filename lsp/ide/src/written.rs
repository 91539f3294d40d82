//! Types as a file can write them: with a qualifier where a name is not visible without.

use eclexia_base::Name;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{Entity, ModuleId, TypeId};
use eclexia_db::Analysis;

/// `shown`, the text of a type or scheme of `ty`, as the module can write it. `None`: a type in it
/// has no name there.
pub(crate) fn written(
    analysis: &Analysis,
    module: ModuleId,
    ty: Ty,
    shown: &str,
) -> Option<String> {
    let mut types = Vec::new();
    collect(ty, &mut types);
    let mut text = shown.to_owned();
    for id in types {
        let name = analysis.program.types.get(id)?.name;
        let this = &analysis.program.modules[module];
        if this.type_scope.get(&name) == Some(&Entity::Type(id)) {
            continue;
        }
        let home = analysis.program.types[id].module;
        let aliases = this.aliases.iter().filter(|(_, target)| **target == home);
        let alias = aliases.map(|(alias, _)| *alias).min()?;
        text = qualify(&text, name, alias);
    }
    Some(text)
}

fn collect(ty: Ty, out: &mut Vec<TypeId>) {
    match ty.kind() {
        TyKind::Con(id, args) => {
            if !out.contains(id) {
                out.push(*id);
            }
            args.iter().for_each(|arg| collect(*arg, out));
        }
        TyKind::Fn(params, result) | TyKind::Fn1(params, result) => {
            params.iter().for_each(|param| collect(*param, out));
            collect(*result, out);
        }
        TyKind::Ref(inner) => collect(*inner, out),
        TyKind::Error | TyKind::Var(_) | TyKind::Q(_) | TyKind::Budget(_) => {}
    }
}

/// The qualifier before every word that is the name.
fn qualify(text: &str, name: Name, alias: Name) -> String {
    let is_part = |c: char| !(c.is_whitespace() || "()[]{}".contains(c));
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        out.push_str(&rest[..start]);
        let word = &rest[start..];
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        if &word[..end] == name.as_str() {
            out.push_str(&format!("{alias}/"));
        }
        out.push_str(&word[..end]);
        rest = &word[end..];
    }
    out.push_str(rest);
    out
}
