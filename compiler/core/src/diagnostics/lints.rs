//! Lints: unused-binding, shadowed-name, redundant-do, unused-import.

use super::clip;
use eclexia_base::{Name, Span};
use eclexia_diag::{Diagnostic, Edit};

pub(crate) fn unused_binding(span: Span, name: Name) -> Diagnostic {
    let message = format!("`{}` is never used", clip(name.as_str()));
    Diagnostic::warning("unused-binding", span, message)
        .here("bound here, and read nowhere")
        .help(format!("remove it, or write `_{}` where a name has to stand", clip(name.as_str())))
        .fix("say that it is not used", span, format!("_{name}"))
}

/// `renamed`: the edits that give the inner one another name.
pub(crate) fn shadowed_name(
    span: Span,
    name: Name,
    hidden: Span,
    renamed: Option<Vec<Edit>>,
) -> Diagnostic {
    let message = format!("`{}` hides another of the same name", clip(name.as_str()));
    let found = Diagnostic::warning("shadowed-name", span, message)
        .here("from here on the name means this")
        .label(hidden, "this is hidden")
        .help("give one of them another name");
    match renamed {
        Some(edits) => {
            let fresh = edits.first().map_or("", |edit| &edit.text);
            let title = format!("call the inner one `{}`", clip(fresh));
            found.fix_by(title, edits)
        }
        None => found,
    }
}

pub(crate) fn redundant_do(span: Span, is_alone: bool, inner: &str) -> Diagnostic {
    let (message, why) = match is_alone {
        true => ("this `do` holds a single form", "the form alone is the same"),
        false => ("this `do` stands in a body, which is a sequence", "without it nothing changes"),
    };
    Diagnostic::warning("redundant-do", span, message).here(why).help("leave the `do` out").fix(
        "leave the `do` out",
        span,
        inner,
    )
}

/// `whole`: what goes with the import.
pub(crate) fn unused_import(span: Span, module: Name, whole: Span) -> Diagnostic {
    let message = format!("nothing of `{}` is used", clip(module.as_str()));
    Diagnostic::warning("unused-import", span, message)
        .here("imported here, and named nowhere")
        .help("leave the import out")
        .fix("leave the import out", whole, "")
}

/// `whole`: what goes with the name.
pub(crate) fn unused_name(span: Span, name: Name, module: Name, whole: Span) -> Diagnostic {
    let (name, module) = (clip(name.as_str()), clip(module.as_str()));
    Diagnostic::warning("unused-import", span, format!("`{name}` is imported and never used"))
        .here(format!("taken from `{module}` here, and named nowhere"))
        .help("leave the name out")
        .fix("leave the name out", whole, "")
}
