//! Types that differ: type-mismatch, unit-mismatch, infinite-type, type-too-large,
//! signature-too-general.

use super::{a_type, error_at, fitting, ordinal};
use crate::show::{dim_text, dim_word, show_brief, show_pair, show_ty};
use crate::ty::{Ty, TyKind};
use eclexia_base::{Dim, Name, Span};
use eclexia_core::core::{CtorId, Literal, ModuleId, Place, Program, TypeDefKind};
use eclexia_diag::{Diagnostic, Edit};

/// An expression whose type is not the wanted one.
pub(crate) struct Mismatch {
    pub place: Place,
    pub found: Ty,
    pub wanted: Ty,
    /// The innermost parts that differ, one of each side, in no order.
    pub part: (Ty, Ty),
    pub reason: Reason,
    /// The expression, when it is a literal.
    pub literal: Option<Literal>,
    /// The expression, when it is the name of a local that a user wrote.
    pub name: Option<Name>,
    /// The same of a definition.
    pub global: Option<Name>,
    /// The `{…}` that the wanted type comes from: without a name it is a map.
    pub braces: Option<Span>,
    /// Where the expression is.
    pub module: ModuleId,
    /// The expression stands for a branch that was left out.
    pub is_otherwise: bool,
}

/// Where the wanted type comes from.
pub(crate) enum Reason {
    Argument { callee: Option<Name>, index: u32, defined: Option<Span> },
    Condition,
    Guard,
    Branch(Span),
    Arm(Span),
    Item(Span),
    Signature(Span),
    Ascription(Span),
    Field { record: Name, field: Option<Name>, defined: Option<Span> },
    MapKey(Span),
    MapValue(Span),
    Recur(u32),
    Returned,
    Tried,
    Release,
    Message,
    Admitted,
    Iterated,
    Use,
}

/// What the surroundings are, in words, and a second place that shows it.
fn because(reason: &Reason, wanted: &str) -> (String, Option<(Span, String)>) {
    match reason {
        Reason::Argument { callee, index, defined } => {
            let nth = ordinal(*index as usize + 1);
            let whose = callee.map_or("the function".to_owned(), |name| format!("`{name}`"));
            let label = defined.map(|span| (span, format!("{whose} is defined here")));
            (format!("the {nth} argument of {whose} is `{wanted}`"), label)
        }
        Reason::Condition => (format!("a condition is `{wanted}`"), None),
        Reason::Guard => (format!("a guard is `{wanted}`"), None),
        Reason::Branch(span) => (
            "both branches of an `if` have one type".to_owned(),
            Some((*span, format!("the first branch is `{wanted}`"))),
        ),
        Reason::Arm(span) => (
            "all arms of a `match` have one type".to_owned(),
            Some((*span, format!("the first arm is `{wanted}`"))),
        ),
        Reason::Item(span) => (
            "all items of a vector have one type".to_owned(),
            Some((*span, format!("the first item is `{wanted}`"))),
        ),
        Reason::MapKey(span) => (
            "all keys of a map have one type".to_owned(),
            Some((*span, format!("the first key is `{wanted}`"))),
        ),
        Reason::MapValue(span) => (
            "all values of a map have one type".to_owned(),
            Some((*span, format!("the first value is `{wanted}`"))),
        ),
        Reason::Signature(span) => (
            format!("the signature says `{wanted}`"),
            Some((*span, "the type is given here".to_owned())),
        ),
        Reason::Ascription(span) => {
            (format!("`the` says `{wanted}`"), Some((*span, "the type is given here".to_owned())))
        }
        Reason::Field { record, field, defined } => {
            let field = field.map_or(String::new(), |name| format!(":{name}"));
            let label = defined.map(|span| (span, format!("`{field}` is declared here")));
            (format!("the field `{field}` of `{record}` is `{wanted}`"), label)
        }
        Reason::Recur(index) => {
            let nth = ordinal(*index as usize + 1);
            (format!("the {nth} value of the loop is `{wanted}`"), None)
        }
        Reason::Returned => (format!("the function gives `{wanted}`"), None),
        Reason::Tried => ("`try` takes a `Result`".to_owned(), None),
        Reason::Release => (format!("`:release` takes `{wanted}`"), None),
        Reason::Admitted => ("`admit` takes a budget".to_owned(), None),
        Reason::Message => ("`abort` takes a `String`".to_owned(), None),
        Reason::Iterated => (format!("the body takes `{wanted}`"), None),
        Reason::Use => (format!("it is used as `{wanted}`"), None),
    }
}

fn described(
    program: &Program,
    code: &'static str,
    mismatch: &Mismatch,
    message: String,
) -> Diagnostic {
    let (wanted, found) = show_pair(program, mismatch.wanted, mismatch.found);
    let (why, label) = because(&mismatch.reason, &wanted);
    let mut diag = error_at(code, mismatch.place, message).here(format!("this is `{found}`"));
    // What a macro made may stand where its first item does.
    if let Some((span, text)) = label.filter(|(span, _)| *span != mismatch.place.span) {
        diag = diag.label(span, text);
    }
    diag = diag.note(why);
    let (a, b) = mismatch.part;
    let whole = |t: Ty| t == mismatch.found || t == mismatch.wanted;
    if !whole(a) && !whole(b) {
        let (a, b) = show_pair(program, a, b);
        diag = diag.note(format!("`{a}` and `{b}` differ"));
    }
    diag
}

pub(crate) fn type_mismatch(program: &Program, mismatch: Mismatch) -> Diagnostic {
    let (wanted, found) = show_pair(program, mismatch.wanted, mismatch.found);
    let message = fitting(
        format!("expected `{wanted}`, found `{found}`"),
        "this has another type than is expected here",
    );
    let diag = described(program, "type-mismatch", &mismatch, message);
    let is_written = mismatch.place.inside.is_none();
    if let Some((help, edits)) = named_braces(program, &mismatch) {
        return diag.help(help.clone()).fix_by(help, edits);
    }
    match suggestion(program, &mismatch) {
        Some((help, Some(replacement))) if is_written => {
            diag.help(help.clone()).fix(help, mismatch.place.span, replacement)
        }
        Some((help, _)) => diag.help(help),
        None => diag.help(format!("give {} here, or change what asks for one", a_type(&wanted))),
    }
}

/// One concrete change, and its text where it is an edit of the expression.
fn suggestion(program: &Program, mismatch: &Mismatch) -> Option<(String, Option<String>)> {
    let (found, wanted) = (mismatch.found.kind(), mismatch.wanted.kind());
    let is = |ty: Ty, name: &str| head(program, ty) == name;
    let int = crate::infer::int_literal(mismatch.literal.as_ref());
    let number = match &mismatch.literal {
        Some(Literal::Str(text)) => text.as_str().parse().ok().map(|n: i64| n.to_string()),
        _ => None,
    };
    if mismatch.is_otherwise {
        return Some(("say what it is otherwise: `(if test value other)`".to_owned(), None));
    }
    if let ("Disk", "Volume") = (head(program, mismatch.found), head(program, mismatch.wanted)) {
        let name = mismatch.name.or(mismatch.global);
        let mounted = format!("(mount {} :at \"/data\")", name.map_or("x", Name::as_str));
        return Some((format!("mount it: `{mounted}`"), name.map(|_| mounted)));
    }
    if let Some(help) = between_containers(program, mismatch).or_else(|| beside(program, mismatch))
    {
        return Some((help, None));
    }
    Some(match (found, wanted) {
        (_, TyKind::Q(unit)) if is(mismatch.found, "Int") && unit.vars.is_empty() => match int {
            Some(n) if unit.dim == Dim::ONE => (format!("write {n}.0"), Some(format!("{n}.0"))),
            Some(n) => {
                let text = format!("{n}{}", dim_text(unit.dim));
                (format!("write the unit: {text}"), Some(text))
            }
            None => ("convert it with `(float x)`".to_owned(), None),
        },
        (TyKind::Con(..), _) if is(mismatch.wanted, "Int") && number.is_some() => {
            let number = number.unwrap_or_default();
            (format!("leave the quotes out: {number}"), Some(number))
        }
        (TyKind::Q(unit), _) if is(mismatch.wanted, "Int") => match unit.dim == Dim::ONE {
            true => ("convert it with `(round x)` or `(floor x)`".to_owned(), None),
            false => ("divide by one of its unit to get a plain number".to_owned(), None),
        },
        (_, TyKind::Con(..)) if is(mismatch.wanted, "String") => {
            ("make text of it with `(str x)`".to_owned(), None)
        }
        (_, TyKind::Con(..)) if is(mismatch.wanted, "Option") => {
            ("wrap the value: `(Some x)`".to_owned(), None)
        }
        (_, TyKind::Con(..)) if is(mismatch.wanted, "Result") => {
            ("wrap the value: `(Ok x)`".to_owned(), None)
        }
        (_, TyKind::Con(..)) if is(mismatch.wanted, "Amounts") => {
            ("write the amounts in braces: `{:cpu 2cpu}`".to_owned(), None)
        }
        (_, TyKind::Con(..)) if is(mismatch.wanted, "Bool") => {
            ("compare it, for instance with `(= x y)`".to_owned(), None)
        }
        (TyKind::Con(..), _) if is(mismatch.found, "Option") => {
            ("take the value out with `match`".to_owned(), None)
        }
        (TyKind::Con(..), _) if is(mismatch.found, "Result") => {
            ("take the value out with `(try x)` or `match`".to_owned(), None)
        }
        (TyKind::Ref(_), _) => ("the value is borrowed here; pass it without `&`".to_owned(), None),
        (_, TyKind::Ref(_)) => match mismatch.name {
            Some(name) => (format!("lend it for this call: `&{name}`"), Some(format!("&{name}"))),
            None => ("lend it for this call: `&x`".to_owned(), None),
        },
        _ => return None,
    })
}

/// The record's name before the `{…}` that were taken for a map, where a record is found.
fn named_braces(program: &Program, mismatch: &Mismatch) -> Option<(String, Vec<Edit>)> {
    let TyKind::Con(id, _) = mismatch.found.kind() else { return None };
    let TypeDefKind::Record(ctor) = program.types[*id].kind else { return None };
    let braces = mismatch.braces.filter(|_| head(program, mismatch.wanted) == "Map")?;
    let name = program.written_ctor(mismatch.module, ctor);
    let edits = vec![Edit::insert(braces, format!("({name} ")), Edit::new(braces.after(), ")")];
    Some((format!("braces alone make a map: write `({name} {{…}})`"), edits))
}

/// The type's name where it is of a constructor: `Vector` of `(Vector Int)`.
fn head(program: &Program, ty: Ty) -> &str {
    match ty.kind() {
        TyKind::Con(id, _) => program.types[*id].name.as_str(),
        TyKind::Fn(..) => "Fn",
        _ => "",
    }
}

/// What makes one of the library's types of another.
fn between_containers(program: &Program, mismatch: &Mismatch) -> Option<String> {
    Some(match (head(program, mismatch.found), head(program, mismatch.wanted)) {
        ("Vector", "List") => "make a list of it: `(vector/to-list x)`".to_owned(),
        ("List", "Vector") => "make a vector of it: `(list/to-vector x)`".to_owned(),
        ("Vector", "Set") => "make a set of it: `(set/of x)`".to_owned(),
        ("Set", "Vector") => "make a vector of it: `(set/to-vector x)`".to_owned(),
        ("Vector", "Seq") => "make a sequence of it: `(seq/of x)`".to_owned(),
        ("Seq", "Vector") => "make a vector of it: `(seq/to-vector x)`".to_owned(),
        ("Seq", "List") => "make a list of it: `(seq/to-list x)`".to_owned(),
        ("Option", "Result") => {
            "say what is wrong with nothing: `(option/ok-or x \"…\")`".to_owned()
        }
        ("Result", "Option") => "leave the reason out: `(result/to-option x)`".to_owned(),
        ("Option", "Bool") => "ask whether there is something: `(option/some? x)`".to_owned(),
        ("Vector" | "List" | "Set" | "Map" | "Seq", "Fn") => {
            "the function stands first, and behind it what it is applied to".to_owned()
        }
        (_, name @ ("Files" | "Clock" | "Network" | "Random" | "Env" | "Treasury")) => {
            format!("hand on what `main` is given: `(.{} world)`", name.to_ascii_lowercase())
        }
        _ => return None,
    })
}

/// What is wrong with the operand before, where an operator takes two of one type.
fn beside(program: &Program, mismatch: &Mismatch) -> Option<String> {
    let Reason::Argument { callee: Some(callee), index: 1.., .. } = &mismatch.reason else {
        return None;
    };
    let operators = ["+", "-", "*", "/", "=", "not=", "<", "<=", ">", ">=", "min", "max"];
    if !operators.contains(&callee.as_str()) {
        return None;
    }
    let is_float = matches!(mismatch.found.kind(), TyKind::Q(u) if u.dim == Dim::ONE);
    Some(match head(program, mismatch.wanted) {
        "String" if *callee == "+" => "join texts with `str`: `(str a b)`".to_owned(),
        "Int" if is_float => "make the other one a Float, too: `(float x)`".to_owned(),
        name @ ("Option" | "Result") if head(program, mismatch.found) != name => {
            "take the value out of the other one with `match`".to_owned()
        }
        _ => return None,
    })
}

/// A type whose parts double at each call.
pub(crate) fn type_too_large(place: Place) -> Diagnostic {
    error_at("type-too-large", place, "the type of this is too large")
        .here("written out it would have more than 200,000 parts")
        .help("declare a type with `deftype`, and let its constructor hold the parts")
}

pub(crate) fn unit_mismatch(program: &Program, mismatch: Mismatch) -> Diagnostic {
    let (a, b) = mismatch.part;
    let unit = |ty: Ty| match ty.kind() {
        TyKind::Q(unit) => Some(unit.clone()),
        _ => None,
    };
    // The part of the found type is the one that its own type contains.
    let (wanted, found) =
        if contains(mismatch.found, b) && contains(mismatch.wanted, a) { (a, b) } else { (b, a) };
    let name = |ty: Ty| match unit(ty) {
        Some(unit) if unit.vars.is_empty() => match dim_word(unit.dim) {
            Some(word) if unit.dim == Dim::ONE => word.to_owned(),
            Some(word) => format!("{word} ({})", dim_text(unit.dim)),
            None => dim_text(unit.dim),
        },
        _ => show_ty(program, ty),
    };
    let (wanted, found) = (name(wanted), name(found));
    let message = fitting(
        format!("expected {wanted}, found {found}"),
        "these quantities measure different things",
    );
    let diag = described(program, "unit-mismatch", &mismatch, message);
    if let Some(per) = over_time(&mismatch) {
        let end = mismatch.place.span.after();
        return diag.help(format!("say for how long it is: write `{per}` behind it")).fix(
            format!("write `{per}` behind it"),
            end,
            per,
        );
    }
    let dim = unit(a).filter(|u| u.vars.is_empty()).map(|u| u.dim);
    let is_plain = |dim: Option<Dim>| dim == Some(Dim::ONE);
    diag.help(if is_plain(dim) || is_plain(unit(b).map(|u| u.dim)) {
        format!("write an amount with its unit, or turn {found} into {wanted} with `*` or `/`")
    } else {
        format!("write an amount of {wanted}, or turn {found} into it with `*` or `/`")
    })
}

/// `/month`, where `150USD` stands for `150USD/month`: an amount that a user wrote without the time
/// that it is for.
fn over_time(mismatch: &Mismatch) -> Option<String> {
    let dim = |ty: Ty| match ty.kind() {
        TyKind::Q(unit) if unit.vars.is_empty() => Some(unit.dim),
        _ => None,
    };
    let is_written = matches!(mismatch.literal, Some(Literal::Quantity(..)));
    let (wanted, found) = (dim(mismatch.wanted)?, dim(mismatch.found)?);
    let lacks_time = found.over(Dim::base("s")) == wanted;
    let text = dim_text(wanted);
    let (_, per) = text.split_once('/').filter(|_| is_written && lacks_time)?;
    mismatch.place.inside.is_none().then(|| format!("/{per}"))
}

fn contains(ty: Ty, part: Ty) -> bool {
    if ty == part {
        return true;
    }
    match ty.kind() {
        TyKind::Con(_, args) => args.iter().any(|t| contains(*t, part)),
        TyKind::Fn(params, ret) | TyKind::Fn1(params, ret) => {
            contains(*ret, part) || params.iter().any(|t| contains(*t, part))
        }
        TyKind::Ref(inner) => contains(*inner, part),
        TyKind::Error | TyKind::Var(_) | TyKind::Q(_) | TyKind::Budget(_) => false,
    }
}

pub(crate) fn infinite_type(program: &Program, mismatch: Mismatch) -> Diagnostic {
    let (var, ty) = mismatch.part;
    let (var, ty) = (show_ty(program, var), show_brief(program, ty));
    let message = fitting(
        format!("a type cannot contain itself: `{var}` would be `{ty}`"),
        "a type cannot contain itself",
    );
    described(program, "infinite-type", &mismatch, message)
        .help("an argument is probably missing, or a function is applied to itself")
}

pub(crate) fn signature_too_general(
    program: &Program,
    mismatch: Mismatch,
    var: Name,
    signature: Option<Span>,
) -> Diagnostic {
    let (a, b) = mismatch.part;
    let is_unit = matches!(a.kind(), TyKind::Q(_)) && matches!(b.kind(), TyKind::Q(_));
    let (a, b) = (show_ty(program, a), show_ty(program, b));
    // Of two quantities the first is the found one.
    let (promised, other) = if is_unit || b == var.as_str() {
        (b, a)
    } else {
        (var.to_string(), if a == var.as_str() { b } else { a })
    };
    let message = fitting(
        if is_unit {
            format!("the type promises `{promised}` for any `{var}`, the body needs `{other}`")
        } else {
            format!("the type promises any `{var}`, but the body needs `{other}`")
        },
        "the signature promises more than the body keeps",
    );
    let mut diag = described(program, "signature-too-general", &mismatch, message);
    if let Some(span) = signature
        && !diag.labels.iter().any(|label| label.span == span)
    {
        diag = diag.label(span, "the signature");
    }
    diag.help(format!("write `{other}` instead of `{promised}` in the signature, or leave it out"))
}

pub(crate) fn pattern_mismatch(
    program: &Program,
    place: Place,
    found: Ty,
    wanted: Ty,
    part: (Ty, Ty),
) -> Diagnostic {
    let (found_text, wanted_text) = show_pair(program, found, wanted);
    let message = fitting(
        format!("a pattern of `{found_text}` cannot match `{wanted_text}`"),
        "this pattern is for values of another type",
    );
    let is_quantity = |ty: Ty| matches!(ty.kind(), TyKind::Q(_));
    let code = match is_quantity(part.0) && is_quantity(part.1) {
        true => "unit-mismatch",
        false => "type-mismatch",
    };
    let mut diag = error_at(code, place, message)
        .here(format!("this pattern is for `{found_text}`"))
        .note(format!("the value matched here is `{wanted_text}`"));
    if part.0 != found && part.0 != wanted && part.1 != found && part.1 != wanted {
        let (a, b) = show_pair(program, part.0, part.1);
        diag = diag.note(format!("`{a}` and `{b}` differ"));
    }
    diag.help(format!("write a pattern of `{wanted_text}`"))
}

pub(crate) fn field_mismatch(
    program: &Program,
    place: Place,
    ctor: CtorId,
    index: u32,
    found: Ty,
    wanted: Ty,
    part: (Ty, Ty),
) -> Diagnostic {
    let ctor = &program.ctors[ctor];
    let field = &ctor.fields[index as usize];
    let defined = (!program.modules[program.types[ctor.ty].module].is_std).then_some(field.span);
    let reason = Reason::Field { record: ctor.name, field: field.name, defined };
    let literal = None;
    let mismatch = Mismatch {
        place,
        found,
        wanted,
        part,
        reason,
        literal,
        name: None,
        global: None,
        braces: None,
        module: program.types[ctor.ty].module,
        is_otherwise: false,
    };
    match part.0.kind() {
        TyKind::Q(_) if matches!(part.1.kind(), TyKind::Q(_)) => unit_mismatch(program, mismatch),
        _ => type_mismatch(program, mismatch),
    }
}

pub(crate) fn not_a_number(program: &Program, place: Place, found: Ty, over: bool) -> Diagnostic {
    let (sign, found) = (if over { "/" } else { "*" }, show_ty(program, found));
    let message =
        fitting(format!("`{sign}` takes numbers, found `{found}`"), "this operation takes numbers");
    error_at("type-mismatch", place, message)
        .here(format!("an operand is `{found}`"))
        .note(format!("`{sign}` takes `Int`, `Float` and quantities"))
        .help("give a number on both sides")
}

pub(crate) fn int_division(place: Place) -> Diagnostic {
    error_at("type-mismatch", place, "`/` divides quantities and Floats, found `Int` and `Int`")
        .here("both operands are `Int`")
        .help("use `quot` for whole division, or `(float x)` for a fraction")
}

pub(crate) fn not_iterable(program: &Program, place: Place, found: Ty) -> Diagnostic {
    let help = match found.head().map(|id| program.types[id].name.as_str()) {
        Some("Map") => "go through its entries: `(for [(Pair k v) (map/entries m)] …)`",
        Some("Set") => "go through `(set/to-vector s)`",
        Some("String") => "go through `(string/chars s)`, or `(string/lines s)`",
        Some("Int") => "go through numbers: `(for [i (vector/range 0 n)] …)`",
        _ => "make a list or a vector of it first",
    };
    let found = show_ty(program, found);
    let message = fitting(
        format!("`for` runs over a `List` or a `Vector`, found `{found}`"),
        "`for` runs over a `List` or a `Vector`",
    );
    error_at("type-mismatch", place, message).here(format!("this is `{found}`")).help(help)
}
