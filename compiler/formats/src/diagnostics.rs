//! One constructor per code of problem files: `instance-format`, `instance-number`,
//! `instance-reference`, `running-plan-format`.

use eclexia_diag::Diagnostic;

/// The message within its one line.
fn one_line(text: String) -> String {
    if text.chars().count() <= 80 {
        return text;
    }
    let cut: String = text.chars().take(79).collect();
    format!("{cut}…")
}

/// The file is no instance of a format that is read here.
pub fn format(what: &str) -> Diagnostic {
    Diagnostic::without_place("instance-format", one_line(format!("no placement instance: {what}")))
        .help("Give a file of the format `placement-1`, plain or gzipped.")
}

/// The file is no plan of a placement instance.
pub fn running_plan_format(what: &str) -> Diagnostic {
    Diagnostic::without_place(
        "running-plan-format",
        one_line(format!("no plan of a placement: {what}")),
    )
    .help("Give what `eclexia solve INSTANCE.json` has written.")
}

/// A number that is negative, not finite, or larger than anything meant.
pub fn number(what: &str, found: f64, least: f64, most: f64) -> Diagnostic {
    let message = one_line(format!("{what} is {found}"));
    Diagnostic::without_place("instance-number", message)
        .help(format!("Write a number from {least} to {most}."))
}

/// An index that leads nowhere.
pub fn reference(what: &str, found: u64, count: usize) -> Diagnostic {
    let message = one_line(format!("{what} is {found}, and there are {count}"));
    Diagnostic::without_place("instance-reference", message)
        .help("Indices start at 0; write one that is there.")
}
