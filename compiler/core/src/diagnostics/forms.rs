//! Forms of the wrong shape or in the wrong place, units, limits.

use super::{at, clip, count, here};
use crate::core::Place;
use eclexia_base::unit::UnitError;
use eclexia_base::{Name, Span};
use eclexia_diag::{Diagnostic, Edit};
use eclexia_syntax::{NodeKind, Tree};

pub(crate) fn malformed(place: Place, what: &str, shape: &str, why: &str) -> Diagnostic {
    let diagnostic = at("malformed-form", place, format!("this `{}` is malformed", clip(what)))
        .help(format!("its shape: {shape}"));
    if why.is_empty() { diagnostic } else { diagnostic.here(why) }
}

/// Brackets, braces or a value where a type is asked for.
pub(crate) fn no_type(place: Place, kind: NodeKind) -> Diagnostic {
    let found = |what: &str| at("malformed-form", place, format!("{what} no type"));
    match kind {
        NodeKind::Map => found("fields in `{ }` are")
            .here("a record is meant by its name")
            .help("define it, as in `(defrecord Point {:x Int :y Int})`, and write `Point` here"),
        NodeKind::Vector => found("`[ ]` is")
            .here("brackets make a value")
            .help("name the type: `(Vector Int)`, or `(List Int)` for a list"),
        _ => found("this is")
            .here("a value")
            .help("its shape: Int, (List a), (Fn [A B] R), (Q J/s), or a variable as `a`"),
    }
}

/// A macro where a function is asked for, as `str` in `(vector/map str xs)`.
pub(crate) fn macro_as_value(place: Place, what: &str, shape: &str) -> Diagnostic {
    let name = clip(what);
    at("malformed-form", place, format!("this `{name}` is malformed"))
        .here("a macro is not a value")
        .note(format!("its shape: {shape}"))
        .help(format!("make a function of it: `(fn [x] ({name} x))`"))
}

pub(crate) fn misplaced_definition(place: Place, name: Name) -> Diagnostic {
    at("malformed-form", place, format!("`{}` stands inside of an expression", clip(name.as_str())))
        .here("definitions stand at the top level of a file")
        .help("inside, `let` names a value: (let [name value] body), and `fn` makes a function")
}

pub(crate) fn library_only(place: Place, what: &str) -> Diagnostic {
    at("library-only", place, format!("`{what}` is reserved to the standard library"))
        .help("define it in the language: `defn` for a function, `deftype` for a type")
}

/// What makes a deployment: macros, and the first thing that a newcomer writes.
pub(crate) const OF_DEPLOYMENTS: [&str; 5] =
    ["defbudget", "defdeployment", "defjob", "defservice", "defvolume"];

pub(crate) fn deployments_not_imported(place: Place, head: &str, tree: &Tree) -> Diagnostic {
    const IMPORT: &str = "(import std.deploy :all)";
    at("expression-at-top-level", place, format!("`{head}` is not imported"))
        .here("it is defined in `std.deploy`")
        .help(format!("begin the file with `{IMPORT}`"))
        .fix_by(format!("write `{IMPORT}`"), vec![crate::import_edit(tree, IMPORT)])
}

/// `head`: what the form begins with, where a user wrote it. `brackets`: what else is written
/// otherwise where it is `near`.
pub(crate) fn expression_at_top_level(
    place: Place,
    head: Option<(&str, Span)>,
    near: Option<&str>,
    brackets: Vec<Edit>,
) -> Diagnostic {
    if let (Some((head, span)), Some(near)) = (head, near) {
        let mut edits = vec![Edit::new(span, near)];
        edits.extend(brackets);
        let text = format!("`{}` defines nothing", clip(head));
        return at("expression-at-top-level", place, text)
            .help(format!("did you mean `{near}`?"))
            .fix_by(format!("write `{near}`"), edits);
    }
    at("expression-at-top-level", place, "an expression stands at the top level")
        .here("a file holds definitions")
        .help("name it, `(def x …)`, or put it into `(defn main [world] …)`")
}

pub(crate) fn recur_not_tail(place: Place, target: Option<Span>) -> Diagnostic {
    let diagnostic = at("recur-not-tail", place, "`recur` is not in tail position");
    match target {
        Some(span) => diagnostic
            .here("something is still done after it")
            .label(span, "it would go back to here")
            .help("make it the last thing done, or call the function by its name"),
        None => diagnostic
            .here("no loop or function is around it")
            .help("put it into a `loop` or a function"),
    }
}

pub(crate) fn recur_arity(place: Place, wanted: usize, found: usize, target: Span) -> Diagnostic {
    let values = count(wanted, "value");
    at("recur-arity", place, format!("this `recur` takes {values}, not {found}"))
        .label(target, format!("it goes back to here, with {values}"))
        .help(format!("give {values}"))
}

pub(crate) fn expression_too_deep(place: Place) -> Diagnostic {
    let limit = crate::desugar::MAX_DEPTH;
    at("expression-too-deep", place, format!("expressions nest more than {limit} levels"))
        .here("counting what `let`, `->` and n-ary operators nest")
        .help("name parts of it with `def` or `defn`, or hold the items in a vector")
}

pub(crate) fn amount_out_of_range(place: Place, number: Name) -> Diagnostic {
    at("amount-out-of-range", place, format!("`{}` is out of range", clip(number.as_str())))
        .help("exponents go from -400 to 400")
}

/// `literal` is the number and the unit of a literal, so that the whole can be written anew.
pub(crate) fn unknown_unit(
    place: Place,
    literal: Option<(Name, Name)>,
    error: &UnitError,
) -> Diagnostic {
    let UnitError::Unknown { name, nearest } = error else {
        return at("unknown-unit", place, "this unit expression is malformed")
            .help("write units joined by `*` and `/`, with powers as `^2`: `m/s^2`");
    };
    let diagnostic = at("unknown-unit", place, format!("there is no unit `{}`", clip(name)));
    let written = |near: &str| match literal {
        Some((number, unit)) => format!("{number}{}", replace_factor(unit.as_str(), name, near)),
        None => near.to_owned(),
    };
    let spelled: Vec<String> = nearest.iter().map(|near| written(near)).collect();
    let diagnostic = match spelled.as_slice() {
        [] => diagnostic.help(format!("define it: `(defunit {} = 12 s)`", clip(name))),
        many => diagnostic.help(format!("write {}", many.join(", or "))),
    };
    if place.inside.is_some() {
        return diagnostic;
    }
    spelled.iter().fold(diagnostic, |d, s| d.fix(format!("write `{s}`"), place.span, s.clone()))
}

/// The unit expression with one factor's name replaced.
fn replace_factor(unit: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut rest = unit;
    loop {
        let end = rest.find(['*', '/']).unwrap_or(rest.len());
        let (name, power) = rest[..end].split_at(rest[..end].find('^').unwrap_or(end));
        out.push_str(if name == from { to } else { name });
        out.push_str(power);
        if end == rest.len() {
            return out;
        }
        out.push_str(&rest[end..=end]);
        rest = &rest[end + 1..];
    }
}

pub(crate) fn duplicate_unit(place: Place, name: Name) -> Diagnostic {
    at("duplicate-definition", place, format!("the unit `{}` exists", clip(name.as_str())))
        .help("choose another spelling")
}

pub(crate) fn unit_cycle(name: Name, steps: &[(Name, Place)]) -> Diagnostic {
    let place = steps.first().map_or_else(|| here(no_span()), |(_, place)| *place);
    let text = format!("the unit `{}` is defined in terms of itself", clip(name.as_str()));
    let others = steps.iter().skip(1).take(8);
    let diagnostic = at("unit-cycle", place, text);
    others
        .fold(diagnostic, |d, (name, place)| d.label(place.span, format!("by way of `{name}`")))
        .help("define one of them by a unit that is known, or as a `defdimension`")
}

fn no_span() -> Span {
    Span::new(eclexia_base::FileId(0), 0, 0)
}

pub(crate) fn alias_cycle(name: Name, span: Span, used_at: Span) -> Diagnostic {
    let name = clip(name.as_str());
    at("alias-cycle", here(span), format!("the alias `{name}` stands for itself"))
        .label(used_at, "used in its own meaning here")
        .help("a type that contains itself is a `deftype` or `defrecord`")
}

/// Each step is a definition and the place where it mentions the next.
pub(crate) fn dependency_cycle(steps: &[(Name, Span)]) -> Diagnostic {
    let first = steps.first().copied();
    let (name, span) = first.unwrap_or((Name::new("?"), no_span()));
    let text = format!("`{}` is defined in terms of itself", clip(name.as_str()));
    let next = |i: usize| clip(steps[(i + 1) % steps.len().max(1)].0.as_str());
    let mut diagnostic = at("dependency-cycle", here(span), text);
    if !steps.is_empty() {
        diagnostic = diagnostic.here(format!("`{}` needs `{}`", clip(name.as_str()), next(0)));
    }
    for (i, (name, span)) in steps.iter().enumerate().skip(1).take(8) {
        let text = format!("`{}` needs `{}`", clip(name.as_str()), next(i));
        diagnostic = diagnostic.label(*span, text);
    }
    let mut path: Vec<String> = steps.iter().take(8).map(|(n, _)| n.to_string()).collect();
    path.push(name.to_string());
    diagnostic.note(format!("the cycle: {}", path.join(" → "))).help(match steps {
        [_] => "give it a value that does not need itself",
        _ => "break it: let one of them do without the next",
    })
}
