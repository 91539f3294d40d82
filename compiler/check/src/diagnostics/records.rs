//! Records: unknown-field, missing-field, duplicate-field, not-a-record, ambiguous-field,
//! invalid-conversion, private-constructor (of records whose constructor is not named).

use super::{a_type, error_at, fitting, listed, nearest};
use crate::show::show_ty;
use crate::ty::Ty;
use eclexia_base::{Name, Span};
use eclexia_core::core::{CtorId, Place, Program, TypeDefKind, TypeId, TypeKind};
use eclexia_diag::Diagnostic;

/// At `at` (the field's name where its place is known) inside `place`.
pub(crate) fn unknown_field(
    program: &Program,
    at: Span,
    place: Place,
    ctor: CtorId,
    name: Name,
) -> Diagnostic {
    let record = &program.ctors[ctor];
    let fields: Vec<Name> = record.fields.iter().filter_map(|f| f.name).collect();
    let message = fitting(
        format!("`{}` has no field `:{name}`", record.name),
        "the record has no field of this name",
    );
    let diag = error_at("unknown-field", Place { span: at, ..place }, message);
    let shown: Vec<String> = fields.iter().map(|f| format!(":{f}")).collect();
    let diag = diag.note(match shown.is_empty() {
        true => format!("`{}` has no fields", record.name),
        false => format!("the fields of `{}` are {}", record.name, listed(&shown)),
    });
    if let Some((field, inner)) = holder(program, ctor, name) {
        let inner = &program.types[inner].name;
        let help =
            format!("`:{name}` is a field of `{inner}`: write it in `:{field} {{:{name} …}}`");
        return diag.here("no such field").help(help);
    }
    match nearest(name, fields.into_iter()) {
        Some(near) => {
            let diag = diag.here("no such field").help(format!("did you mean `:{near}`?"));
            match place.inside {
                None => call_field(diag, at, name, near),
                Some(_) => diag,
            }
        }
        None => diag.here("no such field").help("remove it, or add the field to the record"),
    }
}

/// The field of a record whose own record has a field of this name.
fn holder(program: &Program, ctor: CtorId, name: Name) -> Option<(Name, TypeId)> {
    program.ctors[ctor].fields.iter().find_map(|field| {
        let TypeKind::Con(id, _) = &field.ty.kind else { return None };
        let TypeDefKind::Record(inner) = &program.types[*id].kind else { return None };
        let mut own = program.ctors[*inner].fields.iter();
        own.any(|own| own.name == Some(name)).then_some((field.name?, *id))
    })
}

/// Mended by another name at the place of a field. `:x` and `.x` are their own place; a field that
/// a macro wrote has none.
fn call_field(diag: Diagnostic, at: Span, name: Name, near: Name) -> Diagnostic {
    if at.range().len() != name.as_str().len() + 1 {
        return diag;
    }
    diag.fix(format!("write `:{near}`"), Span { start: at.start + 1, ..at }, near.as_str())
}

pub(crate) fn missing_field(
    program: &Program,
    place: Place,
    ctor: CtorId,
    missing: &[Name],
) -> Diagnostic {
    let record = &program.ctors[ctor];
    let shown: Vec<String> = missing.iter().map(|f| format!(":{f}")).collect();
    let names = listed(&shown);
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let message = fitting(
        format!("{names} of `{}` {verb} missing", record.name),
        "fields of this record are missing",
    );
    let field = record.fields.iter().find(|f| f.name == missing.first().copied());
    let example = match field {
        Some(field) => crate::show::show_type_expr(program, &field.ty),
        None => String::new(),
    };
    let first = shown.first().map_or("", String::as_str);
    let mut diag = error_at("missing-field", place, message)
        .here(format!("{names} {verb} not given and without default"));
    let is_std = program.modules[program.types[record.ty].module].is_std;
    if let (Some(field), false) = (field, is_std) {
        diag = diag.label(field.span, "declared here");
    }
    diag.help(format!("add `{first}`, {}", a_type(&example)))
}

pub(crate) fn duplicate_field(at: Span, before: Span, name: Name) -> Diagnostic {
    let place = Place { span: at, inside: None };
    error_at("duplicate-field", place, format!("`:{name}` is given twice"))
        .here("given again here")
        .label(before, "first given here")
        .help("keep one of the two")
}

pub(crate) fn private_record(program: &Program, place: Place, ctor: CtorId) -> Diagnostic {
    let ty = &program.types[program.ctors[ctor].ty];
    let (name, module) = (ty.name, program.modules[ty.module].name);
    let message = fitting(
        format!("`{name}` cannot be made or changed here, it is private"),
        "a record of a `:private` type cannot be made or changed here",
    );
    let diag = error_at("private-constructor", place, message)
        .here(format!("this makes a `{name}`, which only `{module}` may"))
        .help(format!("use a function of `{module}` that makes or changes values of `{name}`"));
    match module.as_str().starts_with("std.") {
        true => diag,
        false => diag.label(ty.span, "declared as `:private`"),
    }
}

pub(crate) fn not_a_record(
    program: &Program,
    place: Place,
    at: Span,
    found: Ty,
    name: Name,
) -> Diagnostic {
    // Some are taken apart all the time, and the library says how.
    let help = match found.head().map(|id| program.types[id].name.as_str()) {
        Some("Pair") => "a pair has `(fst p)` and `(snd p)`, and is matched by `(Pair a b)`",
        Some("Map") => "a map has `(map/get m key)` and `(map/get-or m key default)`",
        Some("Vector") => "a vector has `(vector/at v 0)`, and `(vector/length v)`",
        _ => "only types declared with `defrecord` have fields; use `match` to take others apart",
    };
    let found = show_ty(program, found);
    let message = fitting(
        format!("`.{name}` of {}, which is no record", a_type(&found)),
        "only records have fields",
    );
    error_at("not-a-record", Place { span: at, ..place }, message)
        .here(format!("this asks for the field `:{name}` of `{found}`"))
        .help(help)
}

/// `at`: the only field's name, where its place is known; `known`: the fields of records
/// in scope that are not the library's.
pub(crate) fn ambiguous_field(
    program: &Program,
    place: Place,
    at: Option<Span>,
    names: &[Name],
    candidates: &[TypeId],
    known: &[Name],
) -> Diagnostic {
    let shown: Vec<String> = names.iter().map(|f| format!(":{f}")).collect();
    let fields = listed(&shown);
    let records: Vec<String> =
        candidates.iter().take(5).map(|id| program.types[*id].name.to_string()).collect();
    let message = fitting(
        format!("which record has {fields}?"),
        "the record whose fields these are is not known",
    );
    let diag =
        error_at("ambiguous-field", place, message).here("the type of the value is not known here");
    let near = match names {
        [name] => nearest(*name, known.iter().copied()).map(|near| (*name, near)),
        _ => None,
    };
    match records.first() {
        None => {
            let diag = diag.note(format!("no record in scope has {fields}"));
            let Some((name, near)) = near else {
                return diag.help("import the record's module, or correct the field's name");
            };
            let diag = diag.help(format!("did you mean `:{near}`?"));
            match at.filter(|_| place.inside.is_none()) {
                Some(at) => call_field(diag, at, name, near),
                None => diag,
            }
        }
        Some(first) => diag
            .note(format!("{fields} could be of {}", listed(&records)))
            .help(format!("say which: `(the {first} x)`, or give the function a signature")),
    }
}

pub(crate) fn invalid_conversion(program: &Program, place: Place, found: Ty) -> Diagnostic {
    let found = show_ty(program, found);
    error_at("invalid-conversion", place, "the field's `:from` cannot convert this value")
        .here("this value is of another type than the field")
        .note(format!("the field's `:from` is `{found}`"))
        .help("`:from` names a function of one argument that gives the field's type")
}
