//! Linear values: one constructor per code, chosen by what the walk found.

use super::{a_type, error_at, fitting};
use crate::declare::Tables;
use crate::linear::kind::is_linear;
use crate::linear::{Fault, FaultKind};
use crate::show::show_ty;
use crate::ty::{Ty, TyKind};
use crate::typed::Owed;
use eclexia_base::{Name, Span};
use eclexia_core::core::{CtorId, DefId, Place, Program, TypeDefKind, TypeId};
use eclexia_diag::{Code, Diagnostic, Edit};

/// A fault of a value whose type is linear, or may be.
pub(crate) struct Linear {
    pub fault: Fault,
    pub ty: Ty,
    pub why: String,
    /// The definition it is in.
    pub def: DefId,
    /// What is used, of a use of something generic.
    pub callee: Option<Name>,
    /// What that does to its values.
    pub owed: Option<Owed>,
    /// A function that consumes values of the type.
    pub consumer: Option<Name>,
    /// The last expression of the scope, where that does not mention it.
    pub last: Option<Span>,
}

/// Why a type is linear.
pub(crate) fn why_linear(program: &Program, tables: &Tables, ty: Ty) -> String {
    let text = show_ty(program, ty);
    let (id, args) = match ty.kind() {
        TyKind::Var(_) => return format!("`{text}` is any type here, so it may be a linear one"),
        TyKind::Fn1(..) => {
            return "a `Fn1` owns a linear value, so it is called exactly once".to_owned();
        }
        TyKind::Con(id, args) => (*id, args),
        _ => return format!("`{text}` is linear: its values are used exactly once"),
    };
    let def = &program.types[id];
    if def.is_linear {
        return format!("`{}` is declared `:linear`: its values are used once", def.name);
    }
    if let Some(part) = linear_part(program, tables, id) {
        let part = show_ty(program, part);
        return format!("`{}` holds {}, which is linear, so it is too", def.name, a_type(&part));
    }
    let is_held = |arg: &&Ty| is_linear(&tables.kinds, **arg) || variable_of(**arg).is_some();
    match args.iter().find(is_held) {
        Some(part) => {
            let inner = why_linear(program, tables, *part);
            let part = show_ty(program, *part);
            format!("`{text}` holds {}: {inner}", a_type(&part))
        }
        None => format!("`{text}` is linear: its values are used exactly once"),
    }
}

/// The type of a field that makes a type linear, whatever its arguments are.
fn linear_part(program: &Program, tables: &Tables, id: TypeId) -> Option<Ty> {
    let ctors: &[CtorId] = match &program.types[id].kind {
        TypeDefKind::Builtin => return None,
        TypeDefKind::Data(ctors) => ctors,
        TypeDefKind::Record(ctor) => std::slice::from_ref(ctor),
    };
    let mut fields = ctors.iter().flat_map(|ctor| &tables.ctors[*ctor].fields).copied();
    fields.find(|field| is_linear(&tables.kinds, *field))
}

/// The diagnostic of a fault.
pub(crate) fn linear(program: &Program, linear: Linear) -> Diagnostic {
    let fault = linear.fault;
    let name = fault.name.map_or("this value".to_owned(), |name| format!("`{name}`"));
    let diag = match fault.kind {
        FaultKind::ConsumedTwice => consumed_twice(&linear, &name),
        FaultKind::CalledTwice => called_twice(&linear, &name),
        FaultKind::Unconsumed | FaultKind::UnconsumedAtRecur => unconsumed(program, &linear, &name),
        FaultKind::Discarded | FaultKind::DiscardedPart(_) => discarded(program, &linear),
        FaultKind::BranchMismatch => branch_mismatch(&linear, &name),
        FaultKind::ConsumedInLoop => consumed_in_loop(&linear, &name),
        FaultKind::ConsumedInGuard => consumed_in_guard(&linear, &name),
        FaultKind::Borrowed => borrowed(&linear, &name),
        FaultKind::Managed => managed(&linear, &name),
        FaultKind::BorrowOfConsumed => borrow_of_consumed(&linear, &name),
        FaultKind::ReferenceEscapes => return reference_escapes(program, linear),
        FaultKind::MoveOut => move_out(program, &linear, &name),
        FaultKind::Capture => linear_capture(&linear, &name, None),
        FaultKind::LinearField(field) => linear_field(program, &linear, field),
        FaultKind::LiveAtTry | FaultKind::LiveAtReturn => live_at_exit(&linear, &name),
        FaultKind::Constant => linear_constant(&linear, &name),
        FaultKind::GenericUse | FaultKind::Read => not_unrestricted(program, &linear),
    };
    with_reason(program, diag, &linear)
}

/// Where the value comes from, and why its type is linear.
fn with_reason(program: &Program, mut diag: Diagnostic, linear: &Linear) -> Diagnostic {
    if let (Some(acquired), Some(name)) = (linear.fault.acquired, linear.fault.name)
        && diag.primary.as_ref().is_some_and(|p| p.span != acquired.span)
        && diag.labels.iter().all(|label| label.span != acquired.span)
    {
        diag = diag.label(acquired.span, format!("`{name}` is acquired here"));
    }
    diag = diag.note(linear.why.clone());
    if let Some(name) = variable_of(linear.ty)
        && let Some(sig) = &program.defs[linear.def].sig
    {
        diag = diag
            .label(sig.span, format!("`{name}` is any type here"))
            .help(format!("add `:where [(Unr {name})]` to the signature, or use the value once"));
    }
    diag
}

/// The variable that a type may be linear by.
pub(crate) fn variable_of(ty: Ty) -> Option<Name> {
    match ty.kind() {
        TyKind::Var(var) => Some(var.name),
        TyKind::Con(_, args) => args.iter().find_map(|arg| variable_of(*arg)),
        _ => None,
    }
}

fn message(name: &str, rest: &str, short: &str) -> String {
    fitting(format!("{name} {rest}"), short)
}

fn at(code: Code, linear: &Linear, message: String) -> Diagnostic {
    error_at(code, linear.fault.at, message)
}

fn other(diag: Diagnostic, place: Option<Place>, text: &str) -> Diagnostic {
    match place {
        Some(place) => diag.label(place.span, text),
        None => diag,
    }
}

fn consumed_twice(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "is consumed twice", "a linear value is consumed twice");
    let bare = name.trim_matches('`');
    let diag = at("consumed-twice", linear, text).here("consumed again here");
    other(diag, linear.fault.other, "first consumed here").help(format!(
        "where it is only looked at, borrow it: `&{bare}`; else keep one of the uses"
    ))
}

fn called_twice(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "can be called once only", "a one-shot function is called twice");
    let diag = at("one-shot-called-twice", linear, text).here("called or passed on again here");
    other(diag, linear.fault.other, "its one call is here")
        .help("make the function where it is called, or let it take the value as a parameter")
}

fn unconsumed(program: &Program, linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "is never consumed", "a linear value is never consumed");
    let bare = name.trim_matches('`');
    let ty = show_ty(program, linear.ty);
    let mut diag = at("unconsumed-resource", linear, text)
        .here(format!("{} that nothing consumes", a_type(&ty)));
    if linear.fault.kind == FaultKind::UnconsumedAtRecur {
        diag = other(diag, linear.fault.other, "still live when the next turn starts here");
    }
    let Some(function) = linear.consumer else {
        return diag.help("return it, or pass it to a function that consumes it");
    };
    let call = format!("({function} {bare})");
    let diag = diag.help(format!("consume it before its scope ends: `{call}`"));
    match linear.last {
        Some(last) => {
            let edit = Edit::insert(last, format!("{call} "));
            diag.fix_by(format!("write `{call}`"), vec![edit])
        }
        None => diag,
    }
}

fn discarded(program: &Program, linear: &Linear) -> Diagnostic {
    let ty = show_ty(program, linear.ty);
    let what = a_type(&ty);
    let text = fitting(format!("{what} is discarded"), "a linear value is discarded");
    let diag = at("discarded-resource", linear, text);
    let diag = match linear.fault.kind {
        FaultKind::DiscardedPart(Some(field)) => {
            diag.here(format!("the field `:{field}`, {what}, is not named in this pattern"))
        }
        _ => diag.here(format!("{what} that nothing can consume any more")),
    };
    match linear.consumer {
        Some(function) => diag.help(format!("consume it: `({function} …)`")),
        None => diag.help("give it a name with `let` and consume that"),
    }
}

fn branch_mismatch(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(
        name,
        "is consumed in one branch and live in another",
        "a value is consumed in one branch and live in another",
    );
    let diag = at("branch-mismatch", linear, text).here(format!("{name} is still live here"));
    let bare = name.trim_matches('`');
    let diag = other(diag, linear.fault.other, "consumed here");
    match linear.consumer {
        Some(f) => {
            diag.help(format!("consume it in this branch too, `({f} {bare})`, or return it"))
        }
        None => diag.help("consume it in this branch too, or return it from both"),
    }
}

fn consumed_in_loop(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "is consumed in a loop", "a linear value is consumed in a loop");
    let diag = at("consumed-in-loop", linear, text).here("the next turn would consume it again");
    let bare = name.trim_matches('`');
    other(diag, linear.fault.other, "the loop goes on here").help(format!(
        "borrow it in the loop, `&{bare}`, and consume it after; or make a new one at each turn"
    ))
}

fn consumed_in_guard(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "is consumed in a guard", "a linear value is consumed in a guard");
    let bare = name.trim_matches('`');
    at("consumed-in-guard", linear, text)
        .here("when the guard fails, the next arm would need it")
        .help(format!("borrow it here, `&{bare}`, and consume it in the arm's body"))
}

fn borrowed(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "is consumed while it is borrowed", "consumed while borrowed");
    let diag = at("borrowed", linear, text).here("consumed here");
    other(diag, linear.fault.other, "the borrow lasts until this is done")
        .help("consume it after the borrow has ended")
}

fn managed(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(
        name,
        "is consumed inside the `with` that releases it",
        "consumed inside the `with` that releases it",
    );
    let bare = name.trim_matches('`');
    at("borrowed", linear, text)
        .here("`with` still has to release it")
        .help(format!("only borrow it here, `&{bare}`; or acquire it with `let`"))
}

fn borrow_of_consumed(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(name, "is used after it was consumed", "used after it was consumed");
    let diag = at("borrow-of-consumed", linear, text).here("nothing is left to look at here");
    other(diag, linear.fault.other, "consumed here").help("look at it before it is consumed")
}

/// What was borrowed would be looked at later.
pub(crate) fn reference_escapes(program: &Program, linear: Linear) -> Diagnostic {
    let fault = linear.fault;
    let owner = fault.name.map_or("a value".to_owned(), |name| format!("`{name}`"));
    let text = message(
        &format!("a reference to {owner}"),
        "outlives its borrow",
        "a reference outlives its borrow",
    );
    let ty = show_ty(program, linear.ty);
    let diag = error_at("reference-escapes", fault.at, text);
    if fault.kind == FaultKind::GenericUse {
        let callee = linear.callee.map_or("this".to_owned(), |name| format!("`{name}`"));
        return diag
            .here(format!("{callee} lends a value here, and {} would keep it", a_type(&ty)))
            .help("return what is read from it, not the reference or a function that has it");
    }
    let diag = match fault.other {
        Some(_) => diag.here(format!("{} can hold the reference", a_type(&ty))),
        None => diag.here("nothing says how long this borrow lasts"),
    };
    let diag = match fault.acquired {
        Some(acquired) => diag.label(acquired.span, format!("{owner} is acquired here")),
        None => diag,
    };
    let bare = owner.trim_matches('`');
    diag.note("a borrow ends with the call it is for, so that the value can be consumed after it")
        .help(format!("use it inside a borrow: `(borrow [r {bare}] …)`, and return plain values"))
}

fn move_out(program: &Program, linear: &Linear, name: &str) -> Diagnostic {
    let ty = show_ty(program, linear.ty);
    let text = fitting(
        format!("{} is moved out of a reference", a_type(&ty)),
        "a linear value is moved out of a reference",
    );
    let bare = name.trim_matches('`');
    let help = match linear.fault.name {
        Some(_) => format!("borrow it: `&{bare}`; or take the whole value instead of a reference"),
        None => "take the whole value instead of a reference".to_owned(),
    };
    at("move-out-of-reference", linear, text)
        .here("whoever lent the whole still owns this part")
        .help(help)
}

/// `callee`: what the function is passed to.
pub(crate) fn linear_capture(linear: &Linear, name: &str, callee: Option<Name>) -> Diagnostic {
    let long = match callee {
        Some(callee) => {
            format!("this closure owns {name}, so it can run once, but `{callee}` needs a Fn")
        }
        None => format!("this function owns {name}, but it may run more than once"),
    };
    let text = fitting(long, "a function that may run often owns a linear value");
    let diag = at("linear-capture", linear, text).here("made here");
    other(diag, linear.fault.other, "moved into it here")
        .help(format!("give {name} as a parameter instead, or use a function that takes a `Fn1`"))
}

fn linear_field(program: &Program, linear: &Linear, field: Name) -> Diagnostic {
    let ty = show_ty(program, linear.ty);
    let text = fitting(
        format!("the field `:{field}` is {}, which is linear", a_type(&ty)),
        "a linear field is read or replaced",
    );
    at("linear-field", linear, text)
        .here("this would leave two of it, or none")
        .help(format!("take the record apart: `(let [{{:{field} x …}} record] …)`"))
}

fn live_at_exit(linear: &Linear, name: &str) -> Diagnostic {
    let verb = if linear.fault.kind == FaultKind::LiveAtTry { "try" } else { "return" };
    let text = message(name, &format!("is still live when `{verb}` leaves"), "live at exit");
    let bare = name.trim_matches('`');
    let here = if verb == "try" { "on an `Err` the function ends here" } else { "it ends here" };
    let diag = at("live-at-exit", linear, text).here(here);
    match linear.consumer {
        Some(f) => diag.help(format!(
            "consume it before, or let `with` do it: `(with [{bare} … :release {f}] …)`"
        )),
        None => diag.help(format!("consume {name} before, or acquire it in a `with`")),
    }
}

fn linear_constant(linear: &Linear, name: &str) -> Diagnostic {
    let text = message(
        &format!("the constant {name}"),
        "is of a linear type",
        "a constant is of a linear type",
    );
    at("linear-constant", linear, text)
        .here("a constant has no owner and no end, so nobody could consume it")
        .help("make it a function, `(defn … [] …)`, and acquire the value where it is used")
}

/// An instance whose methods copy or drop what it is used at.
pub(crate) fn instance_not_unrestricted(
    program: &Program,
    tables: &Tables,
    at: crate::typed::InstanceUse,
    ty: Ty,
    owed: Owed,
) -> Diagnostic {
    let fault = Fault {
        kind: FaultKind::GenericUse,
        name: None,
        acquired: None,
        at: crate::infer::place_of(program, at.def, at.expr),
        other: None,
    };
    let instance = &program.instances[at.instance];
    let linear = Linear {
        fault,
        ty,
        why: why_linear(program, tables, ty),
        def: at.def,
        callee: Some(program.interfaces[instance.interface].name),
        owed: Some(owed),
        consumer: None,
        last: None,
    };
    let diag = not_unrestricted(program, &linear);
    with_reason(program, diag, &linear)
}

fn not_unrestricted(program: &Program, linear: &Linear) -> Diagnostic {
    let callee = linear.callee.map_or("this".to_owned(), |name| format!("`{name}`"));
    let ty = show_ty(program, linear.ty);
    let text = fitting(
        format!("{callee} needs an unrestricted type, and `{ty}` is linear"),
        "an unrestricted type is needed, and this one is linear",
    );
    let diag = at("not-unrestricted", linear, text);
    if linear.fault.kind == FaultKind::Read {
        return diag
            .here(format!("{callee} only reads its arguments, so it cannot own them"))
            .help("borrow what it reads: `&x`");
    }
    let Some(Owed { fault }) = linear.owed else {
        return diag
            .here(format!("{callee} may copy or drop the value"))
            .help("give it something that may be copied, or consume the value yourself");
    };
    let what = fault.name.map_or("a value".to_owned(), |name| format!("`{name}`"));
    let (does, first) = match fault.kind {
        FaultKind::ConsumedTwice => ("used a second time", "first used here"),
        FaultKind::Unconsumed | FaultKind::UnconsumedAtRecur => ("never used", ""),
        FaultKind::Discarded | FaultKind::DiscardedPart(_) => ("dropped", ""),
        FaultKind::BranchMismatch => ("not used in this branch", "used here"),
        FaultKind::ConsumedInLoop => ("used at every turn", "of this loop"),
        FaultKind::Capture => ("held by a function that may run often", "here"),
        _ => ("copied or dropped", "and here"),
    };
    let diag = diag
        .here(format!("{callee} would copy or drop it"))
        .label(fault.at.span, format!("in {callee}, {what} is {does}"));
    let diag = match fault.other {
        Some(place) => diag.label(place.span, first),
        None => diag,
    };
    diag.help("pass something that may be copied, or write a function that uses it once")
}
