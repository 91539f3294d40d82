//! How the arguments of a form are indented, as in cljfmt: by the name at its head.

/// With the bracket in column c:
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    /// All arguments that begin a line stand in c + 2.
    Inner,
    /// If the first argument after so many begins a line, it and what follows stand in c + 2;
    /// otherwise as in [`Rule::Align`].
    Block(usize),
    /// Arguments stand below the first one; if that one begins a line, in c + 1.
    Align,
}

/// Names that begin with `def` define something, but for these beginnings (cljfmt has them too).
const NOT_DEFINITIONS: [&str; 3] = ["default", "defer", "deflate"];

pub(crate) fn rule(head: &str) -> Rule {
    if head.starts_with("def") && !NOT_DEFINITIONS.iter().any(|word| head.starts_with(word)) {
        return Rule::Inner;
    }
    match head {
        "fn" | "sig" | "extern" | "builtin" | "implement" => Rule::Inner,
        "do" | "cond" | "try" | "comment" => Rule::Block(0),
        "if" | "when" | "let" | "loop" | "for" | "times" | "match" | "case" | "with" | "borrow"
        | "module" | "cond->" | "cond->>" | "if-let" | "when-let" | "while" => Rule::Block(1),
        "as->" => Rule::Block(2),
        _ => Rule::Align,
    }
}
