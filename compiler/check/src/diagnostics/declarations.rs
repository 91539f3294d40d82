//! Declarations: wrong-type-arity, mixed-variable, unbound-type-variable, linear-unchecked.

use super::{error_at, fitting, nearest, plural};
use eclexia_base::{Name, Span};
use eclexia_core::core::{Place, Program, TypeId};
use eclexia_diag::Diagnostic;

pub(crate) fn wrong_type_arity(
    program: &Program,
    span: Span,
    id: TypeId,
    found: usize,
) -> Diagnostic {
    let def = &program.types[id];
    let wanted = plural(def.params.len(), "parameter");
    let params: String = def.params.iter().map(|name| format!(" {name}")).collect();
    let help = match def.params.len() {
        0 => format!("write `{}`", def.name),
        _ => format!("write `({}{params})` with types for the variables", def.name),
    };
    let message =
        fitting(format!("the type `{}` has {wanted}, found {found}", def.name), "wrong parameters");
    let diag = error_at("wrong-type-arity", Place { span, inside: None }, message);
    let diag = match program.modules[def.module].is_std {
        true => diag,
        false => diag.label(def.span, "declared here"),
    };
    diag.help(help)
}

pub(crate) fn mixed_variable(span: Span, name: Name) -> Diagnostic {
    let message = fitting(
        format!("`{name}` stands for a type and for a unit"),
        "a variable stands for a type and for a unit",
    );
    error_at("mixed-variable", Place { span, inside: None }, message)
        .here("elsewhere in this type it is the other")
        .note("a parameter of a type stands for a type: for `(Q J)`, not for `J`")
        .help("use two names, or pass the whole quantity: `a` instead of `(Q a)`")
}

pub(crate) fn unbound_type_variable(span: Span, name: Name, params: &[Name]) -> Diagnostic {
    let message = fitting(
        format!("`{name}` is no parameter of this type"),
        "this is no parameter of the type",
    );
    let diag = error_at("unbound-type-variable", Place { span, inside: None }, message)
        .here("no such parameter");
    match nearest(name, params.iter().copied()) {
        Some(near) => diag.help(format!("did you mean `{near}`?")),
        None => diag.help(format!("add it to the type's parameters: `(deftype (T {name}) …)`")),
    }
}

pub(crate) fn linear_unchecked(span: Span, name: Name) -> Diagnostic {
    let message = fitting(
        format!("uses of the linear type `{name}` are not counted yet"),
        "uses of this linear type are not counted yet",
    );
    Diagnostic::warning("linear-unchecked", span, message)
        .here("declared `:linear` here")
        .note("this version checks the types of linear values, not that each is used exactly once")
        .help("nothing to change; remove `:linear` to silence this")
}
