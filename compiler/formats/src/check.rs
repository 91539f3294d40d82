//! Numbers and indices of an instance, held against their bounds.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use eclexia_optimizer::placement::{MOST_COUNT, MOST_ELEMENTS, MOST_NUMBER};

/// A finite number from 0 to [`MOST_NUMBER`].
pub fn number(what: impl FnOnce() -> String, found: f64) -> Result<f64, Diagnostic> {
    if (0.0..=MOST_NUMBER).contains(&found) {
        return Ok(found);
    }
    Err(diagnostics::number(&what(), found, 0.0, MOST_NUMBER))
}

/// A whole number from `least` to `most`.
pub fn whole(
    what: impl FnOnce() -> String,
    found: f64,
    least: u32,
    most: u32,
) -> Result<u32, Diagnostic> {
    if found.fract() == 0.0 && found >= f64::from(least) && found <= f64::from(most) {
        return Ok(found as u32);
    }
    Err(diagnostics::number(&what(), found, f64::from(least), f64::from(most)))
}

/// A count of pods.
pub fn count(what: impl FnOnce() -> String, found: f64, least: u32) -> Result<u32, Diagnostic> {
    whole(what, found, least, MOST_COUNT)
}

/// The most of something; what is larger than every instance says nothing.
pub fn limit(what: impl FnOnce() -> String, found: f64, least: u32) -> Result<u32, Diagnostic> {
    let clamped = if found.fract() == 0.0 { found.min(f64::from(MOST_COUNT)) } else { found };
    whole(what, clamped, least, MOST_COUNT)
}

pub fn index(what: impl FnOnce() -> String, found: u64, count: usize) -> Result<u32, Diagnostic> {
    if found < count as u64 {
        return Ok(found as u32);
    }
    Err(diagnostics::reference(&what(), found, count))
}

pub fn length(what: &str, found: usize, wanted: usize) -> Result<(), Diagnostic> {
    if found == wanted {
        return Ok(());
    }
    Err(diagnostics::format(&format!("{what} has {found} entries, not {wanted}")))
}

pub fn elements(what: &str, found: usize) -> Result<(), Diagnostic> {
    if found <= MOST_ELEMENTS {
        return Ok(());
    }
    Err(diagnostics::format(&format!("{found} {what}, and {MOST_ELEMENTS} at most are read")))
}
