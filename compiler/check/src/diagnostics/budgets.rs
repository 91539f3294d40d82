//! Budgets: budget-overspent, budget-insufficient, amount-not-static, no-treasury, and amounts of
//! the wrong unit or sign.

use super::costs::clip;
use super::mismatch::Reason;
use super::{error_at, fitting, ordinal};
use crate::infer::BudgetOp;
use crate::show::{dim_text, dim_word, show_ty};
use crate::ty::Ty;
use eclexia_base::amount::dims_of;
use eclexia_base::{Dim, Name, Rational, Span};
use eclexia_core::core::{Def, Place, Program};
use eclexia_diag::Diagnostic;

/// A step in the life of a budget.
pub(crate) struct Line {
    pub span: Span,
    pub text: String,
    /// Whether it took something.
    pub takes: bool,
}

/// More is taken from a budget than it has.
pub(crate) struct Overspent {
    pub place: Place,
    pub key: Name,
    pub budget: Option<Name>,
    /// What the part is called.
    pub taker: Option<Name>,
    pub had: String,
    /// What `had` is at least, where it has variables.
    pub least: Option<String>,
    pub is_constant: bool,
    pub taken: String,
    pub short: Option<String>,
    /// The grant that would be enough.
    pub raise: Option<String>,
    pub lines: Vec<Line>,
    pub has_lines: bool,
    /// The key that an unknown one is probably meant to be.
    pub meant: Option<Name>,
}

pub(crate) fn budget_overspent(over: Overspent) -> Diagnostic {
    let key = over.key;
    let who = over.budget.map_or("the budget".to_owned(), |name| format!("`{name}`"));
    let left = if over.has_lines { " left" } else { "" };
    let takes = match over.taker {
        Some(name) => format!("`{name}` takes {}", over.taken),
        None => format!("{} is taken", over.taken),
    };
    let message = match (over.is_constant, &over.short) {
        (true, Some(short)) => {
            format!("{who} has :{key} {}{left}, {takes}: short by {short}", over.had)
        }
        _ => format!("{who} may have less :{key} than {} here", over.taken),
    };
    let short = format!("more :{key} is taken than there is");
    let mut diag = error_at("budget-overspent", over.place, fitting(message, &short));
    diag = diag.here(match (over.is_constant, &over.short) {
        (true, Some(short)) => format!("{takes} here, short by {short}"),
        _ => format!("{takes} here"),
    });
    diag = with_lines(diag, &over.lines);
    if !over.is_constant {
        diag = diag.note(match &over.least {
            Some(least) => format!("it has {}, which is {least} or more", over.had),
            None => format!("it has {}, which nothing bounds from below", over.had),
        });
    }
    let smaller = match over.taker {
        Some(name) => format!("give `{name}` a smaller variant"),
        None => "take less here".to_owned(),
    };
    if let Some(meant) = over.meant {
        return diag.help(format!("Did you mean `:{meant}`?"));
    }
    diag.help(match (over.raise, over.is_constant) {
        (Some(raise), _) => format!("Raise :{key} to {raise}, or {smaller}."),
        (None, true) => format!("Grant more :{key} first, or {smaller}."),
        (None, false) => format!(
            "Ask for enough in the signature, as `{{:{key} (at-least n {})}}`, or use `split?`.",
            over.taken
        ),
    })
}

/// One draw of more than an account has at all.
pub(crate) fn draw_overspent(
    place: Place,
    (account, key): (Name, Name),
    [granted, taken, short]: [String; 3],
    limit: Span,
) -> Diagnostic {
    let message = format!("`{account}` has :{key} {granted}, {taken} is drawn: short by {short}");
    let brief = format!("more :{key} is drawn than there is");
    error_at("budget-overspent", place, fitting(message, &brief))
        .here(format!("{taken} is drawn here, short by {short}"))
        .label(limit, format!("granted {granted} here"))
        .help(format!("Raise :{key} of `{account}` to {taken}, or draw less here."))
}

fn with_lines(mut diag: Diagnostic, lines: &[Line]) -> Diagnostic {
    for line in lines {
        let is_primary = diag.primary.as_ref().is_some_and(|p| p.span == line.span);
        let is_known = diag.labels.iter().any(|l| l.span == line.span && l.text == line.text);
        if !is_primary && !is_known {
            diag = diag.label(line.span, line.text.clone());
        }
    }
    diag
}

/// How the surroundings ask for a budget, in words, and the place that shows it.
pub(crate) fn asks(reason: &Reason) -> (String, Option<(Span, String)>) {
    match reason {
        Reason::Argument { callee, index, defined } => {
            let whose = callee.map_or("the function".to_owned(), |name| format!("`{name}`"));
            let nth = ordinal(*index as usize + 1);
            (whose, defined.map(|span| (span, format!("asked for here, by the {nth} parameter"))))
        }
        Reason::Signature(span) => {
            ("the signature".to_owned(), Some((*span, "promised here".to_owned())))
        }
        Reason::Ascription(span) => {
            ("`the`".to_owned(), Some((*span, "the type is given here".to_owned())))
        }
        Reason::Branch(span) | Reason::Arm(span) | Reason::Item(span) => {
            ("the first one".to_owned(), Some((*span, "the first is here".to_owned())))
        }
        Reason::Field { record, defined, .. } => {
            let label = defined.map(|span| (span, "the field is declared here".to_owned()));
            (format!("the field of `{record}`"), label)
        }
        Reason::Recur(_) => (LOOP.to_owned(), None),
        _ => ("this place".to_owned(), None),
    }
}

const LOOP: &str = "the loop";

fn this(name: Option<Name>) -> String {
    name.map_or("this budget".to_owned(), |name| format!("`{name}`"))
}

/// A budget with less than is asked for.
pub(crate) fn budget_insufficient(
    place: Place,
    (name, key): (Option<Name>, Name),
    (found, wanted, short): (String, String, Option<String>),
    why: String,
    label: Option<(Span, String)>,
    lines: Vec<Line>,
) -> Diagnostic {
    let who = this(name);
    let message = match &short {
        Some(short) => format!("{why} asks :{key} {wanted}, {who} has {found}: short by {short}"),
        None => format!("{why} asks :{key} {wanted}, {who} has {found}, which may be less"),
    };
    let brief = format!("{who} has less :{key} than is asked for");
    let mut diag = error_at("budget-insufficient", place, fitting(message, &brief));
    diag = diag.here(match &short {
        Some(short) => format!("{who} has :{key} {found}, short by {short}"),
        None => format!("{who} has :{key} {found}"),
    });
    if let Some((span, text)) = label {
        diag = diag.label(span, text);
    }
    diag = with_lines(diag, &lines);
    if why == LOOP {
        return diag.help(
            "Begin the loop with `(the (Budget) b)`, and take from it with `split?` at each turn.",
        );
    }
    diag.help(match short {
        Some(short) => format!("Grant or split off {short} more of :{key}, or ask for less."),
        None => format!(
            "Bound it in the signature, as `{{:{key} (at-least n {wanted})}}`, or use `at-least`."
        ),
    })
}

/// A budget with more than is asked for: nothing is lost silently.
pub(crate) fn budget_surplus(
    program: &Program,
    place: Place,
    (name, key): (Option<Name>, Name),
    (found, wanted): (String, String),
    [whole, asked]: [Ty; 2],
    label: Option<(Span, String)>,
) -> Diagnostic {
    let who = this(name);
    let message = format!("{who} has :{key} {found}, more than the {wanted} asked for");
    let brief = format!("{who} has more :{key} than is asked for");
    let (whole, asked) = (show_ty(program, whole), show_ty(program, asked));
    let mut diag = error_at("type-mismatch", place, fitting(message, &brief))
        .here(format!("this is `{whole}`"));
    if let Some((span, text)) = label {
        diag = diag.label(span, text);
    }
    let amounts = asked.trim_start_matches("(Budget ").trim_end_matches(')').to_owned();
    let b = name.map_or("b", |name| name.as_str());
    diag.note(format!("`{asked}` is asked for, exactly"))
        .help(format!("Split off what is asked, or give the rest back: `(leave {b} {amounts})`."))
}

pub(crate) fn branches_differ(
    program: &Program,
    place: Place,
    key: Name,
    (found, wanted): (String, String),
    [here, first]: [Ty; 2],
    label: Option<(Span, String)>,
) -> Diagnostic {
    let message = format!("one branch has :{key} {wanted} left, the other {found}");
    let brief = format!("the branches have different :{key} left");
    let mut diag = error_at("type-mismatch", place, fitting(message, &brief))
        .here(format!("this is `{}`", show_ty(program, here)));
    if let Some((span, _)) = label {
        diag = diag.label(span, format!("this is `{}`", show_ty(program, first)));
    }
    diag.note("afterwards nobody would know what the budget has").help(format!(
        "Give the surplus back where there is more: `(leave b {{:{key} …}})`, or `release` both."
    ))
}

/// An amount that the operation must know.
pub(crate) fn amount_not_static(place: Place, op: BudgetOp, name: Option<Name>) -> Diagnostic {
    let b = name.map_or("b", |name| name.as_str());
    error_at("amount-not-static", place, "this amount is known at run time only")
        .here(format!("`{}` needs a literal or a constant", op.name()))
        .note("amounts are part of a budget's type, so the checker has to know them")
        .help(format!("Ask at run time, and handle both answers: `(split? {b} {{…}})`."))
}

/// A budget whose amounts the operation must know.
pub(crate) fn dynamic_budget(place: Place, op: BudgetOp, name: Option<Name>) -> Diagnostic {
    let who = this(name);
    let b = name.map_or("b", |name| name.as_str());
    let message = format!("the amounts of {who} are known at run time only");
    let brief = "the amounts of this budget are known at run time only";
    error_at("amount-not-static", place, fitting(message, brief))
        .here(format!("`{}` needs to know what it has", op.name()))
        .help(format!(
            "Ask at run time: `(split? {b} {{…}})`, or `(at-least {b} {{…}})` to go on knowing it."
        ))
}

/// A parameter without a signature: its amounts are not guessed.
pub(crate) fn unknown_amounts(
    place: Place,
    op: BudgetOp,
    name: Option<Name>,
    def: &Def,
    asked: Option<Vec<(Name, Rational, Dim)>>,
) -> Diagnostic {
    let who = this(name);
    let units = eclexia_base::unit::UnitTable::language();
    let least = asked.filter(|asked| !asked.is_empty()).map(|asked| {
        let letters = ["n", "m", "k", "l"];
        let one = |(i, (key, value, dim)): (usize, &(Name, Rational, Dim))| {
            let amount = eclexia_base::amount::amount_text(value, *dim, units);
            format!(":{key} (at-least {} {amount})", letters[i % letters.len()])
        };
        asked.iter().enumerate().map(one).collect::<Vec<_>>().join(" ")
    });
    let least = least.unwrap_or_else(|| ":cpu n".to_owned());
    let message = format!("nothing says how much {who} has");
    error_at("amount-not-static", place, fitting(message, "nothing says how much this budget has"))
        .here(format!("`{}` needs to know it", op.name()))
        .note("amounts are inferred from what is known, and never guessed")
        .help(format!("Write it down: `(sig {} (Fn [(Budget {{{least}}})] …))`.", def.name))
}

/// A budget of unknown amounts where known ones are asked for.
pub(crate) fn amounts_unknown_here(place: Place, name: Option<Name>, why: String) -> Diagnostic {
    let who = this(name);
    let b = name.map_or("b", |name| name.as_str());
    let message = format!("the amounts of {who} are known at run time only");
    let brief = "the amounts of this budget are known at run time only";
    error_at("amount-not-static", place, fitting(message, brief))
        .here(format!("{why} asks for amounts known beforehand"))
        .help(format!("Make sure of them at run time: `(match (at-least {b} {{…}}) …)`."))
}

pub(crate) fn undecided_amounts(place: Place, def: &Def) -> Diagnostic {
    let message = format!("the amounts in `{}` depend on variables that nothing decides", def.name);
    let brief = "these amounts depend on variables that nothing decides";
    error_at("amount-not-static", place, fitting(message, brief))
        .here("in this definition")
        .help(format!("Write a signature: `(sig {} (Fn [(Budget {{:cpu n}})] …))`.", def.name))
}

pub(crate) fn operation_as_value(place: Place, op: BudgetOp) -> Diagnostic {
    let name = op.name();
    error_at("amount-not-static", place, format!("`{name}` is called, not passed on"))
        .here("its type depends on the amounts of the call")
        .help(format!("Write a function around the call: `(fn [b] ({name} b {{:cpu 1cpu}}))`."))
}

pub(crate) fn no_treasury(place: Place) -> Diagnostic {
    error_at("no-treasury", place, "nobody here may grant a budget")
        .here("no treasury is in scope")
        .note("only who holds the treasury that `main` receives can make budgets")
        .help("Take the world or its treasury as a parameter, or `draw` from an account.")
}

/// `part`: the budget or capability in its type.
pub(crate) fn extern_authority(program: &Program, span: Span, name: Name, part: Ty) -> Diagnostic {
    let part = show_ty(program, part);
    let text = format!("the extern `{}` deals in budgets or capabilities", clip(name));
    Diagnostic::error("extern-authority", span, text)
        .here(format!("there is `{part}` in this type"))
        .note("an extern has no code here: it could make one of nothing, or keep one")
        .help("Pass plain values, such as amounts or paths, and keep it on this side of the call.")
}

pub(crate) fn not_an_account(program: &Program, place: Place, found: Ty) -> Diagnostic {
    let found = show_ty(program, found);
    let message = fitting(
        format!("`draw` takes from an account, found `{found}`"),
        "`draw` takes from an account",
    );
    error_at("type-mismatch", place, message)
        .here(format!("this is `{found}`"))
        .help("Declare an account with `defbudget`, from `(import std.deploy :all)`.")
}

/// What an amount measures, in words.
fn measured(dim: Dim) -> String {
    match dim_word(dim) {
        Some(word) if dim == Dim::ONE => word.to_owned(),
        Some(word) => format!("{word} ({})", dim_text(dim)),
        None => dim_text(dim),
    }
}

/// An amount whose unit is not the key's.
pub(crate) fn amount_unit(place: Place, key: Name, found: Dim, wanted: Dim) -> Diagnostic {
    let (found_text, wanted_text) = (measured(found), measured(wanted));
    let message = format!("`:{key}` is {wanted_text}, found {found_text}");
    let brief = format!("`:{key}` has another unit");
    let known = dims_of(key).unwrap_or_default();
    let diag = error_at("unit-mismatch", place, fitting(message, &brief))
        .here(format!("this is {found_text}"));
    let units: Vec<String> = known.iter().map(|dim| format!("`{}`", dim_text(*dim))).collect();
    diag.help(match units.len() {
        0 | 1 => format!("Write an amount in a unit such as `{}`.", dim_text(wanted)),
        _ => format!("Use one unit of `:{key}` throughout: {}.", units.join(", ")),
    })
}

pub(crate) fn negative_amount(place: Place, key: Name) -> Diagnostic {
    error_at("amount-out-of-range", place, format!("`:{key}` of a budget is not below zero"))
        .here("a negative amount")
        .help("Write the amount without the minus; `split` and `spend` take away.")
}

pub(crate) fn not_an_amount(program: &Program, place: Place, key: Name, found: Ty) -> Diagnostic {
    let found = show_ty(program, found);
    let message = fitting(
        format!("`:{key}` takes an amount, found `{found}`"),
        "an amount is a number with a unit",
    );
    let unit = dims_of(key).and_then(|dims| dims.first().copied());
    let example = unit.map_or("2cpu".to_owned(), |dim| format!("2{}", dim_text(dim)));
    error_at("type-mismatch", place, message)
        .here(format!("this is `{found}`"))
        .help(format!("Write a number with its unit, such as `{example}`."))
}
