//! What electricity emits where a program runs: asked of Electricity Maps or WattTime, kept for as
//! long as the settings say, and the yearly average of the region where nobody answers.
//!
//! In: settings, keys, a region by name, the time. Out: an intensity that says whose it is, of
//! when, and whether it is an average or what one more kWh emits; and for each source that was to
//! be asked first, why it gave nothing. Always holds: a look-up ends in bounded time and has an
//! answer; a key goes to its service over TLS and nowhere else, and is never printed; nothing that
//! a server sends is believed beyond its form and range. Absent: forecasts, and the choice of a
//! region.
//!
//! | Module | What it knows |
//! |---|---|
//! | `chain` | who is asked, in which order |
//! | `electricitymaps`, `watttime` | how each service is asked, and what it answers |
//! | `http` | one request with time-outs, tries and bounds |
//! | `cache` | what was answered last |
//! | `live` | which answers stand for the regions of one deployment |
//! | `regions` | names of regions, and their yearly averages |
//! | `keys` | secrets |

mod cache;
mod chain;
mod diagnostics;
mod electricitymaps;
mod http;
mod keys;
mod live;
mod regions;
mod watttime;

pub use cache::Cache;
pub use chain::{Answer, Carbon, MOST_STALE, State, Tried};
pub use diagnostics::unknown_region;
pub use http::{Http, Patience, Trouble};
pub use keys::Keys;
pub use live::{Live, live};
pub use regions::{Place, Yearly, place, places};

use eclexia_settings::SourceKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a number is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// All that is consumed, with what its plants emit over their life.
    Average,
    /// What one kWh more makes plants emit. Not to be compared with an average.
    Marginal,
}

impl Signal {
    pub fn name(self) -> &'static str {
        match self {
            Signal::Average => "average",
            Signal::Marginal => "marginal",
        }
    }
}

/// When a number holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    Moment(Timestamp),
    Year(i16),
}

/// What a kWh emits.
#[derive(Clone, PartialEq, Debug)]
pub struct Intensity {
    /// Of CO2e.
    pub grams_per_kwh: f64,
    /// As the source names it.
    pub region: String,
    pub at: When,
    pub source: SourceKind,
    /// Where the number was published, in words.
    pub published: String,
    pub signal: Signal,
    /// Said so by the source; always of an average of another region.
    pub is_estimate: bool,
}

/// More is no electricity: the dirtiest grids are at 1300.
const MOST_GRAMS: f64 = 5000.0;
/// How far ahead of ours the clock of a service may be, minutes.
const MOST_AHEAD: i64 = 60;

/// A number and a time as a service sends them, if they can be so.
fn sensible(grams: f64, at: &str, now: Timestamp) -> Result<(f64, Timestamp), String> {
    if !(0.0..=MOST_GRAMS).contains(&grams) {
        return Err(format!("its number, {grams} g/kWh, cannot be"));
    }
    let at: Timestamp = at.parse().map_err(|_| "its time cannot be read".to_owned())?;
    if at.duration_since(now) > jiff::SignedDuration::from_mins(MOST_AHEAD) {
        return Err("its time is still to come".to_owned());
    }
    Ok((grams, at))
}
