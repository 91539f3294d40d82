//! What is wrong with what a world is asked to be: one constructor per code.

use eclexia_diag::Diagnostic;

/// Words from outside, short enough for a message.
fn clip(text: &str) -> String {
    let mut plain = text.trim().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let short: String = plain.by_ref().take(32).collect();
    if plain.next().is_some() { format!("{short}…") } else { short }
}

pub fn bad_faults(part: &str) -> Diagnostic {
    bad(format!("`{}` is no fault with its rate", clip(part))).help(
        "Write for instance `crash=0.5/d,node=1/w for 2h,slow=10%,partition=1/w`, or `none`, \
         `usual`, `harsh`.",
    )
}

pub fn bad_fault(text: &str) -> Diagnostic {
    bad(format!("`{}` is no fault with its time", clip(text))).help(
        "Write for instance `node n2 at 1d6h for 2h`, `partition n1 at 3h` or `crash api at 3h`.",
    )
}

fn bad(message: String) -> Diagnostic {
    Diagnostic::without_place("bad-fault", message)
}

pub fn unknown_struck(name: &str, known: &[String]) -> Diagnostic {
    let text = format!("there is no `{}` that a fault could strike", clip(name));
    Diagnostic::without_place("unknown-struck", text)
        .note(format!("There are {}.", known.join(", ")))
        .help("Name a service, or a machine as the timeline does: `n1` is the plan's first.")
}

/// A promise that the world found broken: a bug of ours, with what shows it again.
pub fn invariant_broken(what: &str, when: &str, seed: u64) -> Diagnostic {
    Diagnostic::without_place("invariant-broken", format!("a promise was broken at {when}"))
        .note(format!("What was found: {what}."))
        .help(format!(
            "This is a bug of eclexia. Please report it with the program, the command line and \
             the seed {seed}."
        ))
}

pub fn bad_update(text: &str) -> Diagnostic {
    Diagnostic::without_place("bad-update", format!("`{}` is no update", clip(text))).help(
        "Write the program, when it comes, and how it behaves if not well: `shop2.ecl@2d`, \
         `shop2.ecl@2d:errors=5%`, `shop2.ecl@2d:unready`, `shop2.ecl@2d:ends`.",
    )
}

pub fn bad_demand(text: &str) -> Diagnostic {
    Diagnostic::without_place("bad-demand", format!("`{}` is no curve of demand", clip(text))).help(
        "Write `flat`, `day`, or 24 parts of the `:demand`, one for each hour: `20%,15%,…`; \
             48 for two days that take turns, and so on.",
    )
}
