//! Runs of jobs: what became of each day's.
//!
//! In: a run as it is now. Out: the last run of each job. Always holds: one row for a job and a
//! day; rows are kept as long as the coarsest samples are, the last of a job for ever.

use super::{At, Registry};
use eclexia_diag::Diagnostic;
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
pub const DAY: u64 = 86_400_000;

/// How a run is. All but `Begun` are ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Its process runs, or is to run again within its hours.
    Begun,
    /// It ended with 0.
    Done,
    /// It failed as often as it may.
    Failed,
    /// Its hours or its deadline have passed, and it is not done.
    Late,
}

/// A job's run of one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    pub deployment: String,
    pub job: String,
    /// Days since 1970-01-01 UTC.
    pub day: u32,
    /// Digest of what its process was started from.
    pub spec: String,
    pub state: RunState,
    /// Tries of this spec that ended with something else than 0.
    pub failures: u32,
    /// When somebody asked for it, whatever its hours.
    pub asked: Option<At>,
    /// When any of this changed.
    pub changed: At,
    /// Why the last try failed, or how it ended.
    pub said: Option<String>,
}

impl Run {
    /// `2026-12-02`
    pub fn date(&self) -> String {
        let midnight = At(u64::from(self.day) * DAY).to_string();
        midnight.split('T').next().unwrap_or_default().to_owned()
    }

    /// One more try has ended with something else than 0.
    #[must_use]
    pub fn failed(self, said: String) -> Run {
        Run { failures: self.failures.saturating_add(1), said: Some(said), ..self }
    }
}

const COLUMNS: &str = "deployment, job, day, spec, state, failures, asked, changed, said";

pub fn insert(to: &Transaction<'_>, run: &Run) -> rusqlite::Result<()> {
    to.prepare_cached(&format!(
        "INSERT OR REPLACE INTO runs ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    ))?
    .execute(params![
        run.deployment,
        run.job,
        run.day,
        run.spec,
        run.state,
        run.failures,
        run.asked,
        run.changed,
        run.said
    ])?;
    Ok(())
}

/// Removes what was over before a time, but not the last run of a job: by it is known what is done.
pub fn prune(to: &Transaction<'_>, before: At) -> rusqlite::Result<()> {
    to.prepare_cached(
        "DELETE FROM runs WHERE day < ?1 AND day < (SELECT max(day) FROM runs AS other
           WHERE other.deployment = runs.deployment AND other.job = runs.job)",
    )?
    .execute(params![i64::try_from(before.0 / DAY).unwrap_or(i64::MAX)])?;
    Ok(())
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        deployment: row.get(0)?,
        job: row.get(1)?,
        day: row.get(2)?,
        spec: row.get(3)?,
        state: row.get(4)?,
        failures: row.get(5)?,
        asked: row.get(6)?,
        changed: row.get(7)?,
        said: row.get(8)?,
    })
}

impl Registry {
    /// The last run of each job of a deployment, by job.
    pub fn last_runs(&self, deployment: &str) -> Result<Vec<Run>, Diagnostic> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM runs AS one
                 WHERE deployment = ?1 AND day = (SELECT max(day) FROM runs AS other
                   WHERE other.deployment = one.deployment AND other.job = one.job)
                 ORDER BY job"
            ))?;
            query.query_map([deployment], run)?.collect()
        })
    }

    /// When a run of each job of a deployment was last done, as far as runs are kept.
    pub fn last_done(&self, deployment: &str) -> Result<Vec<(String, At)>, Diagnostic> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT job, max(changed) FROM runs WHERE deployment = ?1 AND state = ?2
                 GROUP BY job ORDER BY job",
            )?;
            let found = query.query_map(params![deployment, RunState::Done], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            found.collect()
        })
    }
}
