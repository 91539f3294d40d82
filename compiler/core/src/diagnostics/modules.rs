//! Modules and imports.

use super::{at, clip, here};
use crate::core::Place;
use eclexia_base::{Name, Span};
use eclexia_diag::Diagnostic;

pub(crate) fn unknown_module(name: Name, span: Option<Span>, near: Option<&str>) -> Diagnostic {
    let text = format!("there is no module `{}`", clip(name.as_str()));
    let Some(span) = span else {
        return Diagnostic::without_place("unknown-module", text)
            .help("check `ECLEXIA_STDLIB_PATH`, or unset it to use the built-in library");
    };
    let path = format!("{}.ecl", name.as_str().replace('.', "/"));
    let diagnostic = at("unknown-module", here(span), text)
        .here(format!("neither in the standard library nor in `{path}`"));
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
            format!("write `{near}`"),
            span,
            near,
        ),
        None => diagnostic.help(format!("create `{path}` beside the entry file")),
    }
}

/// `who` and `whom` are packages.
pub(crate) fn undeclared_package(span: Span, who: &str, whom: &str) -> Diagnostic {
    let (who, whom) = (clip(who), clip(whom));
    let text = format!("`{who}` does not say that it needs `{whom}`");
    at("undeclared-package", here(span), text)
        .here(format!("`{whom}` is no dependency of `{who}`"))
        .note("what other packages need may go away when they change")
        .help(format!("in the folder of `{who}`: `eclexia add SOURCE`, where `{whom}` is"))
}

pub(crate) fn module_name_mismatch(span: Span, written: Name, asked: Name) -> Diagnostic {
    let (written, asked) = (clip(written.as_str()), clip(asked.as_str()));
    at("module-name-mismatch", here(span), format!("this file is loaded as `{asked}`"))
        .here(format!("but calls itself `{written}`"))
        .help(format!("write `(module {asked})`, or move the file"))
}

/// Each step: a module, the module it imports next, and where.
pub(crate) fn import_cycle(steps: &[(Name, Name, Option<Span>)]) -> Diagnostic {
    let mut path: Vec<String> = steps.iter().take(8).map(|(from, _, _)| from.to_string()).collect();
    path.extend(steps.first().map(|(from, _, _)| from.to_string()));
    let name = steps.first().map_or(String::new(), |(from, _, _)| clip(from.as_str()));
    let text = format!("the module `{name}` imports itself");
    let mut placed = steps.iter().filter_map(|(from, to, span)| Some((from, to, (*span)?)));
    let mut diagnostic = match placed.next() {
        Some((from, to, span)) => {
            at("import-cycle", here(span), text).here(format!("`{from}` imports `{to}`"))
        }
        None => Diagnostic::without_place("import-cycle", text),
    };
    for (from, to, span) in placed.take(8) {
        diagnostic = diagnostic.label(span, format!("`{from}` imports `{to}`"));
    }
    diagnostic
        .note(format!("the cycle: {}", path.join(" → ")))
        .help("move what both need into a third module")
}

pub(crate) fn unknown_alias(place: Place, prefix: Name, near: Option<&str>) -> Diagnostic {
    let prefix = clip(prefix.as_str());
    let diagnostic = at("unknown-module", place, format!("there is no module `{prefix}` here"))
        .here("neither imported nor of the standard library");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("import it: `(import {prefix})`")),
    }
}

/// Names of a module that are listed, at most.
const MOST_OFFERED: usize = 12;

/// `offered`: what the module has that could stand there.
pub(crate) fn unknown_in_module(
    place: Place,
    name: Name,
    module: Name,
    near: Option<&str>,
    offered: &[Name],
) -> Diagnostic {
    let bare = name.as_str().split_once('/').map_or(name.as_str(), |(_, rest)| rest);
    let bare = if bare.is_empty() { name.as_str() } else { bare };
    let text = format!("`{}` does not define `{}`", clip(module.as_str()), clip(bare));
    let diagnostic = at("unknown-name", place, text);
    match near {
        Some(near) if place.inside.is_none() => diagnostic
            .help(format!("did you mean `{near}`?"))
            .fix(format!("write `{near}`"), place.span, near),
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if !offered.is_empty() && offered.len() <= MOST_OFFERED => {
            let names: Vec<String> =
                offered.iter().map(|n| format!("`{}`", clip(n.as_str()))).collect();
            diagnostic.help(format!("it offers {}", names.join(", ")))
        }
        None => diagnostic.help("see `eclexia doc` for what the module offers"),
    }
}

pub(crate) fn import_in_macro(place: Place) -> Diagnostic {
    at("malformed-form", place, "a macro cannot expand to `module` or `import`")
        .help("write the import in the file itself")
}
