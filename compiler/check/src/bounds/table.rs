//! The cost table: what the language's own steps and cells take. Versioned, so that two reports
//! say whether they can be compared. `docs/language/costs.md` has the sources.
//!
//! Limits in joules, seconds and grams are about declared costs (`extern`, `:trusted`), which add
//! up exactly; what the table says of steps and bytes is an estimate, and printed as one.

use eclexia_base::Rational;
use eclexia_base::number::ratio;

/// Changes with any number below.
pub const VERSION: &str = "2026.1";

/// A cell: a header and a value per field, in bytes (`runtime/rt`: 16 bytes per value, reference
/// count and constructor in front).
pub const CELL_HEADER: i64 = 16;
pub const VALUE: i64 = 16;

/// The bytes of a cell, a closure or a vector of so many values.
pub fn cell(values: usize) -> i64 {
    CELL_HEADER + VALUE * i64::try_from(values).unwrap_or(i64::MAX / 32)
}

/// Grams of CO2e per joule where nothing else is declared: 473 gCO2e/kWh, the world's average
/// (Ember, Global Electricity Review 2025, of the year 2024).
pub fn carbon_per_joule() -> Rational {
    ratio(473, 3_600_000)
}

/// Estimate of a step of the evaluator, in nanoseconds; its order of magnitude.
pub const STEP_NANOSECONDS: u32 = 20;

/// Estimate of a step's energy, in nanojoules: that time at 4 W a core.
pub const STEP_NANOJOULES: u32 = 80;
