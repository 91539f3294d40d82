//! Calls and control: wrong-arity, not-a-function, try-outside-result, return-outside-function,
//! main-shape.

use super::{a_type, error_at, fitting, ordinal, plural};
use crate::show::show_ty;
use crate::ty::Ty;
use eclexia_base::{Name, Span};
use eclexia_core::core::{CtorId, DefId, Place, Program};
use eclexia_diag::Diagnostic;

/// A call with too few or too many arguments.
pub(crate) struct Arity {
    pub place: Place,
    pub callee: Option<Name>,
    pub defined: Option<Span>,
    pub function: Ty,
    pub wanted: usize,
    pub found: usize,
    /// The parameters' names where the callee is a definition.
    pub params: Vec<Option<Name>>,
    /// The first argument too many.
    pub extra: Option<Span>,
    /// The last argument is this keyword, without a value after it.
    pub keyword: Option<Name>,
    /// The callee's last parameter is this record.
    pub record: Option<CtorId>,
}

pub(crate) fn wrong_arity(program: &Program, arity: Arity) -> Diagnostic {
    let callee = arity.callee.map_or("this function".to_owned(), |name| format!("`{name}`"));
    let wanted = plural(arity.wanted, "argument");
    let message = fitting(
        format!("{callee} takes {wanted}, found {}", arity.found),
        "wrong number of arguments",
    );
    let function = show_ty(program, arity.function);
    let mut diag = error_at("wrong-arity", arity.place, message);
    if let Some(span) = arity.extra {
        diag = diag.label(span, "the first argument too many");
    } else {
        let name = arity.params.get(arity.found).copied().flatten();
        let nth = ordinal(arity.found + 1);
        let which = name.map_or(String::new(), |name| format!(", `{name}`,"));
        diag = diag.here(format!("the {nth} argument{which} is missing"));
    }
    if let Some(span) = arity.defined {
        diag = diag.label(span, format!("{callee} is defined here"));
    }
    diag = diag.note(format!("{callee} is `{function}`"));
    if let (Some(_), Some(keyword)) = (arity.record, arity.keyword) {
        return diag.help(format!("give `:{keyword}` a value, or remove it"));
    }
    if let Some(ctor) = arity.record {
        let ctor = &program.ctors[ctor];
        let field = ctor.fields.iter().find_map(|f| f.name).map_or("x", |name| name.as_str());
        let call = arity.callee.map_or("f", |name| name.as_str());
        let help = if arity.callee == Some(ctor.name) {
            format!("name the fields: `({} {{:{field} …}})`", ctor.name)
        } else {
            format!("its last argument is a `{}`: `({call} … {{:{field} …}})`", ctor.name)
        };
        return diag.help(help);
    }
    let help = if arity.found < arity.wanted {
        format!("add {}", plural(arity.wanted - arity.found, "argument"))
    } else {
        format!("remove {}", plural(arity.found - arity.wanted, "argument"))
    };
    diag.help(help)
}

/// A signature whose type is no function of as many parameters.
pub(crate) fn signature_arity(
    program: &Program,
    def: DefId,
    wanted: Ty,
    found: usize,
) -> Diagnostic {
    let def = &program.defs[def];
    let wanted = show_ty(program, wanted);
    let place = Place { span: def.span, inside: None };
    let message = fitting(
        format!("`{}` has {}, its type says otherwise", def.name, plural(found, "parameter")),
        "the definition has other parameters than its type",
    );
    let mut diag = error_at("wrong-arity", place, message)
        .here(format!("defined with {}", plural(found, "parameter")))
        .note(format!("its type is `{wanted}`"));
    if let Some(sig) = &def.sig {
        diag = diag.label(sig.span, "the signature");
    }
    diag.help("make the parameters and the type agree")
}

pub(crate) fn not_a_function(
    program: &Program,
    place: Place,
    found: Ty,
    args: usize,
    keyword: Option<Name>,
) -> Diagnostic {
    let head = found.head().map_or("", |id| program.types[id].name.as_str());
    let help = match (head, args) {
        ("Keyword", 1) => {
            format!("read a field with a dot: `(.{} x)`", keyword.map_or("name", |k| k.as_str()))
        }
        ("Vector", 1) => "take an element with `(vector/at v i)`, or `(vector/get v i)`".to_owned(),
        ("Map", 1) => "look a key up with `(map/get m key)`".to_owned(),
        ("Bool", _) => "remove the parentheses; `cond` takes tests and values in turn".to_owned(),
        (_, 0) => "remove the parentheses around it".to_owned(),
        _ => "remove the parentheses, or write the function before it".to_owned(),
    };
    let found = show_ty(program, found);
    let message = fitting(
        format!("{} cannot be called", a_type(&found)),
        "what is called here is no function",
    );
    error_at("not-a-function", place, message)
        .here(format!("this is `{found}`, and it stands where the function of a call stands"))
        .help(help)
}

pub(crate) fn try_outside_result(program: &Program, place: Place, found: Option<Ty>) -> Diagnostic {
    let diag =
        error_at("try-outside-result", place, "`try` leaves a function that gives a `Result`");
    match found {
        Some(ty) => {
            let ty = show_ty(program, ty);
            diag.here(format!("the enclosing function gives `{ty}`")).help(
                "let the function give `(Ok …)` or `(Err …)`, or use `match` instead of `try`",
            )
        }
        None => diag
            .here("there is no enclosing function")
            .help("use `match` on the result, or move this into a function"),
    }
}

pub(crate) fn return_outside_function(place: Place) -> Diagnostic {
    error_at("return-outside-function", place, "`return` has no function to leave")
        .here("this is the value of a constant")
        .help("write the value itself, or define a function with `defn`")
}

pub(crate) fn main_shape(program: &Program, def: DefId) -> Diagnostic {
    let def = &program.defs[def];
    let place = Place { span: def.span, inside: None };
    error_at("main-shape", place, "`main` takes one argument, the world")
        .here("the program starts here")
        .note("the world holds the effects that the program may use, and its arguments")
        .help("write `(defn main [world] …)`")
}
