//! Interfaces: missing-instance, ambiguous-type, overlapping-instances, invalid-instance.

use super::{error_at, fitting};
use crate::show::show_ty;
use crate::ty::{Ty, TyKind};
use eclexia_base::{Name, Span};
use eclexia_core::core::{DefId, Instance, InstanceId, InterfaceId, Place, Program};
use eclexia_diag::Diagnostic;

/// A requirement without instance.
pub(crate) struct Missing {
    pub place: Place,
    pub interface: InterfaceId,
    /// The part that lacks the instance.
    pub ty: Ty,
    /// The type that the whole requirement is about.
    pub whole: Ty,
    /// What asks for it: `=`, `show`, a generic function.
    pub method: Option<Name>,
    pub def: DefId,
}

pub(crate) fn missing_instance(program: &Program, missing: Missing) -> Diagnostic {
    let interface = program.interfaces[missing.interface].name;
    let ty = show_ty(program, missing.ty);
    let message = fitting(
        format!("`{ty}` does not implement `{interface}`"),
        "the type does not implement the interface",
    );
    let who = missing.method.map_or("this".to_owned(), |name| format!("`{name}`"));
    let mut diag = error_at("missing-instance", missing.place, message)
        .here(format!("{who} needs `({interface} {ty})`"));
    if missing.whole != missing.ty {
        let whole = show_ty(program, missing.whole);
        diag = diag.note(format!("`({interface} {whole})` needs it for the part `{ty}`"));
    }
    match missing.ty.kind() {
        TyKind::Var(_) => {
            let def = &program.defs[missing.def];
            let diag = match &def.sig {
                Some(sig) => diag.label(sig.span, format!("`{ty}` is any type here")),
                None => diag,
            };
            diag.help(format!("add `:where [({interface} {ty})]` to the signature"))
        }
        TyKind::Fn(..) | TyKind::Fn1(..) => {
            diag.help("functions have no such operation; call it, or compare something else")
        }
        TyKind::Q(_) if interface == "Num" => diag
            .note("a quantity times itself has another unit, so `Num` is for plain numbers")
            .help("give the parameters units of their own: `(Fn [(Q u) (Q v)] (Q u*v))`"),
        TyKind::Con(id, _) if interface == "Add" && program.types[*id].name == "String" => {
            diag.help("join texts with `str`: `(str a b)`")
        }
        TyKind::Con(id, _) => {
            let def = &program.types[*id];
            let derivable =
                ["Eq", "Ord", "Show", "Hash", "Serialize"].contains(&interface.as_str());
            let help = if derivable && !program.modules[def.module].is_std {
                format!(
                    "derive it: `:deriving [{interface}]` on `{}`, or write `(implement \
                     ({interface} {ty}) …)`",
                    def.name
                )
            } else {
                format!("write `(implement ({interface} {ty}) …)`")
            };
            diag.help(help)
        }
        _ => diag.help(format!("write `(implement ({interface} {ty}) …)`")),
    }
}

/// An instance without that of a super-interface.
pub(crate) fn missing_super(
    program: &Program,
    id: InstanceId,
    parent: InterfaceId,
    ty: Ty,
) -> Diagnostic {
    let instance = &program.instances[id];
    let interface = program.interfaces[instance.interface].name;
    let parent = program.interfaces[parent].name;
    let ty = show_ty(program, ty);
    let place = Place { span: instance.span, inside: None };
    let message = fitting(
        format!("`({interface} {ty})` needs `({parent} {ty})`"),
        "an instance of a super-interface is missing",
    );
    error_at("missing-instance", place, message)
        .here(format!("`{interface}` extends `{parent}`"))
        .help(format!("write `(implement ({parent} {ty}) …)` too"))
}

pub(crate) fn ambiguous_type(
    program: &Program,
    place: Place,
    interface: InterfaceId,
    ty: Ty,
    method: Option<Name>,
) -> Diagnostic {
    let interface = program.interfaces[interface].name;
    let ty = show_ty(program, ty);
    let who = method.map_or("this".to_owned(), |name| format!("`{name}`"));
    let message = fitting(
        format!("which type is meant? {who} works for every type of `{interface}`"),
        "which type is meant here?",
    );
    error_at("ambiguous-type", place, message)
        .here(format!("nothing says which type `{ty}` is"))
        .help("say it with `(the T x)`, or give the definition a signature")
}

pub(crate) fn overlapping_instances(
    program: &Program,
    instance: &Instance,
    first: &Instance,
    head: Ty,
) -> Diagnostic {
    let interface = program.interfaces[instance.interface].name;
    let head = show_ty(program, head);
    let place = Place { span: instance.head.span, inside: None };
    let message = fitting(
        format!("`{interface}` is implemented twice for `{head}`"),
        "the interface is implemented twice for this type",
    );
    let diag = error_at("overlapping-instances", place, message)
        .here("implemented again here")
        .label(first.span, if first.derived { "derived here" } else { "implemented here" });
    diag.help("keep one of the two; a type implements an interface in one way")
}

pub(crate) fn invalid_instance(
    program: &Program,
    span: Span,
    instance: &Instance,
    head: Ty,
) -> Diagnostic {
    let interface = program.interfaces[instance.interface].name;
    let head = show_ty(program, head);
    let place = Place { span, inside: None };
    let message = fitting(
        format!("`{interface}` cannot be implemented for just `{head}`"),
        "an interface cannot be implemented for just this type",
    );
    error_at("invalid-instance", place, message)
        .here("the parts of this type are not distinct variables")
        .note("instances are found by the outermost type, so they are for all its parts")
        .help("write variables for the parts, and what they must implement after `:where`")
}
