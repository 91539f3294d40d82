//! What electricity emitted where deployments ran, and whose number that was.
//!
//! In: numbers as they are handed on. Out: the last of each region, or all since a time. Always
//! holds: one row for as long as the same source says the same; numbers are kept as long as the
//! coarsest samples are, so that each sample's carbon has its number.

use super::{At, Registry};
use eclexia_diag::Diagnostic;
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

pub const JOULES_PER_KWH: f64 = 3_600_000.0;

/// The most that one question gives, the newest.
const MOST: usize = 5_000;

/// What a kWh emits in a region, from `at` until it is told anew or is too old.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Intensity {
    pub deployment: String,
    pub region: String,
    pub at: At,
    pub until: At,
    /// Of CO2e.
    pub grams_per_kwh: f64,
    /// `Electricity Maps`
    pub source: String,
    /// `average` or `marginal`
    pub signal: String,
    /// The moment that it is of, as the source says.
    pub measured: At,
}

impl Intensity {
    /// Whether this is the same number by the same source, whenever it was told.
    pub fn is_same(&self, other: &Intensity) -> bool {
        self.grams_per_kwh == other.grams_per_kwh
            && self.source == other.source
            && self.signal == other.signal
    }
}

const COLUMNS: &str = "deployment, region, at, until, grams_per_kwh, source, signal, measured";

pub fn insert(to: &Transaction<'_>, intensity: &Intensity) -> rusqlite::Result<()> {
    to.prepare_cached(&format!(
        "INSERT OR REPLACE INTO intensities ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    ))?
    .execute(params![
        intensity.deployment,
        intensity.region,
        intensity.at,
        intensity.until,
        intensity.grams_per_kwh,
        intensity.source,
        intensity.signal,
        intensity.measured
    ])?;
    Ok(())
}

/// Removes what ended before a time.
pub fn prune(to: &Transaction<'_>, before: At) -> rusqlite::Result<()> {
    to.prepare_cached("DELETE FROM intensities WHERE until < ?1")?.execute(params![before])?;
    Ok(())
}

fn intensity(row: &Row<'_>) -> rusqlite::Result<Intensity> {
    Ok(Intensity {
        deployment: row.get(0)?,
        region: row.get(1)?,
        at: row.get(2)?,
        until: row.get(3)?,
        grams_per_kwh: row.get(4)?,
        source: row.get(5)?,
        signal: row.get(6)?,
        measured: row.get(7)?,
    })
}

impl Registry {
    /// The last number of each region of each deployment, whether it is still in force or not.
    pub fn last_intensities(&self) -> Result<Vec<Intensity>, Diagnostic> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM intensities AS one
                 WHERE at = (SELECT max(at) FROM intensities AS other
                   WHERE other.deployment = one.deployment AND other.region = one.region)
                 ORDER BY deployment, region"
            ))?;
            query.query_map([], intensity)?.collect()
        })
    }

    /// The numbers that were in force for a deployment since a time, in order of time.
    pub fn intensities(&self, deployment: &str, since: At) -> Result<Vec<Intensity>, Diagnostic> {
        let found: Result<Vec<Intensity>, Diagnostic> = self.read(|db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM intensities WHERE deployment = ?1 AND until >= ?2
                 ORDER BY at DESC, region DESC LIMIT {MOST}"
            ))?;
            query.query_map(params![deployment, since], intensity)?.collect()
        });
        let mut found = found?;
        found.reverse();
        Ok(found)
    }
}
