//! What is wrong with regions and keys: one constructor per code.

use eclexia_base::unit::edit_distance;
use eclexia_diag::Diagnostic;
use std::fmt::Display;
use std::path::Path;

/// A name that is of no region; `known`: those that have a yearly average.
pub fn unknown_region(name: &str, known: &[String]) -> Diagnostic {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let near = known
        .iter()
        .filter(|_| name.len() <= 64)
        .map(|known| (edit_distance(known, name), known))
        .filter(|(distance, known)| *distance <= 1 + known.chars().count() / 6)
        .min_by_key(|(distance, _)| *distance);
    let help = match near {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => "`eclexia carbon` lists regions; zones are written as `DE` or `US-CAL-CISO`, \
                 regions of WattTime as `CAISO_NORTH`"
            .to_owned(),
    };
    Diagnostic::without_place("unknown-region", format!("`{shown}` is no region")).help(help)
}

/// A key that others can read.
pub fn exposed_token(path: &Path, mode: u32) -> Diagnostic {
    let text = "others can read the file of a key";
    Diagnostic::without_place("exposed-token", text)
        .note(format!("The file: {}. Its mode: {mode:o}.", path.display()))
        .help(format!("chmod 600 {}, and ask for another key", path.display()))
}

/// A file of keys that cannot be used.
pub fn bad_token(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-token", "the file of a key cannot be used")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help("write the key into it, in one line and without quotes")
}
