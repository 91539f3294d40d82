//! Costs beyond their limits.

use eclexia_base::{Name, Span};
use eclexia_core::cost::Resource;
use eclexia_diag::Diagnostic;

/// Labels besides the limit's own.
const MAX_LABELS: usize = 6;

/// What a parameter named in a limit is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    IsInt,
    IsSized,
    None,
}

pub(crate) fn unknown_size(span: Span, name: Name, ty: &str, is: Size) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "unknown-size",
        span,
        match is {
            Size::IsInt => format!("`{name}` is an Int: it is its own size"),
            Size::IsSized => format!("`{name}` is no number, but it has a size"),
            Size::None => format!("`{name}` has no size that costs can depend on"),
        },
    )
    .here(format!("`{name}` is of type {ty}"));
    match is {
        Size::IsInt => diagnostic.help(format!("write `{name}`")),
        Size::IsSized => diagnostic.help(format!("write `(size {name})`")),
        Size::None => diagnostic
            .help("sizes are those of lists, vectors and data that contains itself, and of Ints"),
    }
}

/// What was found in place of what was declared.
pub(crate) struct CostExcess {
    pub found: String,
    pub declared: String,
    pub legend: Vec<String>,
    /// Whether no size occurs in either.
    pub is_constant: bool,
    /// The calls added up, where that is all.
    pub sum: Option<String>,
    /// Calls, and what each of them costs.
    pub shares: Vec<(Span, String)>,
}

pub(super) fn clip(name: Name) -> String {
    let text = name.as_str();
    if text.len() <= 30 {
        text.to_owned()
    } else {
        format!("{}…", &text[..text.floor_char_boundary(28)])
    }
}

/// `60J of energy`, `21 steps`
fn quantity(amount: &str, of: Resource) -> String {
    match of {
        Resource::Calls | Resource::Steps if amount == "1" => {
            format!("1 {}", of.name().trim_end_matches('s'))
        }
        Resource::Calls | Resource::Steps => format!("{amount} {}", of.name()),
        Resource::Alloc => format!("{amount} of memory in all"),
        _ => format!("{amount} of {}", of.name()),
    }
}

pub(crate) fn cost_exceeded(
    name: Name,
    of: Resource,
    span: Span,
    excess: &CostExcess,
) -> Diagnostic {
    let what = of.name();
    let name = clip(name);
    let text = match excess.is_constant {
        true => format!("`{name}` may take {}", quantity(&excess.found, of)),
        false => format!("`{name}` may take more {what} than declared"),
    };
    let mut diagnostic = Diagnostic::error("cost-exceeded", span, text)
        .here(format!("at most {} here", excess.declared));
    for (at, text) in excess.shares.iter().take(MAX_LABELS) {
        diagnostic = diagnostic.label(*at, text.clone());
    }
    if excess.shares.len() > MAX_LABELS {
        let more = excess.shares.len() - MAX_LABELS;
        diagnostic = diagnostic.note(format!("and {more} calls more"));
    }
    let legend = match excess.legend.as_slice() {
        [] => String::new(),
        all => format!(", where {}", all.join(", ")),
    };
    let sum = excess.sum.as_ref().map_or(String::new(), |sum| format!("{sum} = "));
    let (found, declared) = (&excess.found, &excess.declared);
    diagnostic.note(format!("found:    {sum}{found}{legend}\ndeclared: {declared}")).help(
        match excess.is_constant {
            true => format!("raise `:{what}` to {found}, or call what costs less"),
            false => format!("declare at least {found}{legend}, or do less per element"),
        },
    )
}

/// Why nothing bounds a function.
pub(crate) enum Cause {
    /// Each calls the next, the last the first.
    Cycle(Vec<(Name, Span)>),
    Loop(Option<Span>),
    /// A function value that is not known.
    Unknown(Span),
    TooLarge,
    Product,
    /// Of types that are not known.
    Methods,
}

pub(crate) fn cost_unbounded(
    name: Name,
    of: Resource,
    (span, here): (Span, &'static str),
    cause: &Cause,
) -> Diagnostic {
    let what = of.name();
    let name = clip(name);
    let text = format!("no bound is found for the {what} of `{name}`");
    let diagnostic = Diagnostic::error("cost-unbounded", span, text).here(here);
    let diagnostic = match cause {
        Cause::Cycle(steps) => {
            let mut diagnostic = diagnostic;
            for (i, (from, at)) in steps.iter().enumerate().take(MAX_LABELS) {
                let to = steps[(i + 1) % steps.len()].0;
                let text = match steps.len() {
                    1 => format!("`{from}` calls itself, with nothing that gets smaller"),
                    _ => format!("`{from}` calls `{to}`"),
                };
                diagnostic = diagnostic.label(*at, text);
            }
            let mut path: Vec<String> = steps.iter().take(8).map(|(n, _)| clip(*n)).collect();
            path.extend(path.first().cloned());
            diagnostic
                .note(format!("the smallest cycle of calls without a bound: {}", path.join(" → ")))
        }
        Cause::Loop(Some(at)) => {
            diagnostic.label(*at, "how often this goes round depends on no size")
        }
        Cause::Loop(None) => diagnostic,
        Cause::Unknown(at) => diagnostic.label(*at, "which function this calls is not known here"),
        Cause::TooLarge => {
            diagnostic.note("the function and what it calls are too large to analyse")
        }
        Cause::Product => {
            diagnostic.note("bounds are sums of linear and quadratic terms, one size each")
        }
        Cause::Methods => diagnostic
            .note("it calls methods of a type that is not known here: of those, no cost is known"),
    };
    diagnostic.help(match cause {
        Cause::Methods => "call it where the types are known",
        Cause::Unknown(_) => "put the limit on a caller that knows the function, or say `:trusted`",
        _ => "say `:metered`, to count while it runs, or `:trusted`, to take it as declared",
    })
}
