//! What all pictures share: how wide words are, and which characters stand for themselves.

/// Width of a character of 12 pixels, about.
pub(crate) const CHARACTER: f64 = 7.4;

pub(crate) fn escaped(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control()).collect::<String>();
    clean.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
