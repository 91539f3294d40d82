//! What services used and what limits were worth, over time.
//!
//! In: samples as they are taken, prices as they are computed. Out: both, in order of time, of any
//! deployment and time. Always holds: what is kept is bounded by time, not by how often it is
//! sampled: each step of [`STEPS`] is kept for as long as it says, and sums of a coarser step are
//! those of the finer ones.

use super::{At, Registry, intensities, runs};
use eclexia_diag::Diagnostic;
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

/// Milliseconds of an interval, and for how long such intervals are kept: ten seconds for three
/// hours, ten minutes for two weeks, days for ten years.
pub const STEPS: [(u64, u64); 3] =
    [(10_000, 3 * HOUR), (600_000, 14 * 24 * HOUR), (24 * HOUR, 3652 * 24 * HOUR)];

const HOUR: u64 = 3_600_000;

/// The most intervals that one question gives, the newest.
pub const MOST_SAMPLES: usize = 20_000;

/// The most prices that one question gives, the newest.
const MOST_PRICES: usize = 5_000;

/// What all replicas of a service used together from `at` on.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Sample {
    pub deployment: String,
    pub service: String,
    pub at: At,
    /// Milliseconds measured.
    pub span: u64,
    pub cpu_seconds: f64,
    pub memory_byte_seconds: f64,
    /// Most bytes at once.
    pub memory_peak: u64,
    /// Requests (or connections) at its ports, and those that failed.
    pub requests: u64,
    pub failed: u64,
    /// Seconds that all of these took together.
    #[serde(default)]
    pub request_seconds: f64,
    /// Bytes at its ports.
    pub received: u64,
    pub sent: u64,
    /// Estimated, of what its cores did; and grams CO2e of that.
    pub joules: f64,
    pub grams: f64,
}

impl Sample {
    /// Counts another one in; times, and of whom it is, stay as they are.
    pub fn add(&mut self, other: &Sample) {
        self.span += other.span;
        self.cpu_seconds += other.cpu_seconds;
        self.memory_byte_seconds += other.memory_byte_seconds;
        self.memory_peak = self.memory_peak.max(other.memory_peak);
        self.requests += other.requests;
        self.failed += other.failed;
        self.request_seconds += other.request_seconds;
        self.received += other.received;
        self.sent += other.sent;
        self.joules += other.joules;
        self.grams += other.grams;
    }
}

/// A limit with its shadow price, as a plan had it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Priced {
    pub deployment: String,
    pub at: At,
    /// `budget small.memory`
    pub limit_of: String,
    /// Id of the plan.
    pub plan: String,
    /// In `unit`.
    pub used: f64,
    pub most: f64,
    /// US dollars a month saved by one `unit` more.
    pub buy: f64,
    /// US dollars a month paid for one `unit` less; none: there is no plan with less.
    pub sell: Option<f64>,
    pub unit: String,
    /// Why it was computed.
    pub reason: String,
}

/// SQLite's whole numbers have a sign.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0))
}

pub fn insert(to: &Transaction<'_>, sample: &Sample) -> rusqlite::Result<()> {
    let mut add = to.prepare_cached(
        "INSERT INTO samples (deployment, service, step, at, span, cpu_seconds,
           memory_byte_seconds, memory_peak, requests, failed, received, sent, joules, grams,
           request_seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (deployment, step, at, service) DO UPDATE SET
           span = span + excluded.span,
           cpu_seconds = cpu_seconds + excluded.cpu_seconds,
           memory_byte_seconds = memory_byte_seconds + excluded.memory_byte_seconds,
           memory_peak = max(memory_peak, excluded.memory_peak),
           requests = requests + excluded.requests,
           failed = failed + excluded.failed,
           received = received + excluded.received,
           sent = sent + excluded.sent,
           joules = joules + excluded.joules,
           grams = grams + excluded.grams,
           request_seconds = request_seconds + excluded.request_seconds",
    )?;
    for (step, _) in STEPS {
        add.execute(params![
            sample.deployment,
            sample.service,
            signed(step),
            At(sample.at.0 - sample.at.0 % step),
            signed(sample.span),
            sample.cpu_seconds,
            sample.memory_byte_seconds,
            signed(sample.memory_peak),
            signed(sample.requests),
            signed(sample.failed),
            signed(sample.received),
            signed(sample.sent),
            sample.joules,
            sample.grams,
            sample.request_seconds
        ])?;
    }
    Ok(())
}

/// Removes what is older than it is kept for.
pub fn prune(to: &Transaction<'_>, now: At) -> rusqlite::Result<()> {
    for (step, kept) in STEPS {
        to.prepare_cached("DELETE FROM samples WHERE step = ?1 AND at < ?2")?
            .execute(params![signed(step), At(now.0.saturating_sub(kept))])?;
    }
    let coarsest = At(now.0.saturating_sub(STEPS[2].1));
    runs::prune(to, coarsest)?;
    intensities::prune(to, coarsest)
}

pub fn price(to: &Transaction<'_>, price: &Priced) -> rusqlite::Result<()> {
    to.prepare_cached(
        "INSERT OR REPLACE INTO prices (deployment, at, limit_of, plan, used, most, buy, sell,
           unit, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        price.deployment,
        price.at,
        price.limit_of,
        price.plan,
        price.used,
        price.most,
        price.buy,
        price.sell,
        price.unit,
        price.reason
    ])?;
    Ok(())
}

fn sample(row: &Row<'_>) -> rusqlite::Result<Sample> {
    Ok(Sample {
        deployment: row.get(0)?,
        service: row.get(1)?,
        at: row.get(2)?,
        span: unsigned(row, 3)?,
        cpu_seconds: row.get(4)?,
        memory_byte_seconds: row.get(5)?,
        memory_peak: unsigned(row, 6)?,
        requests: unsigned(row, 7)?,
        failed: unsigned(row, 8)?,
        received: unsigned(row, 9)?,
        sent: unsigned(row, 10)?,
        joules: row.get(11)?,
        grams: row.get(12)?,
        request_seconds: row.get(13)?,
    })
}

fn priced(row: &Row<'_>) -> rusqlite::Result<Priced> {
    Ok(Priced {
        deployment: row.get(0)?,
        at: row.get(1)?,
        limit_of: row.get(2)?,
        plan: row.get(3)?,
        used: row.get(4)?,
        most: row.get(5)?,
        buy: row.get(6)?,
        sell: row.get(7)?,
        unit: row.get(8)?,
        reason: row.get(9)?,
    })
}

impl Registry {
    /// What a deployment's services used since a time, by time and service, with the step of the
    /// intervals: the finest that is kept so long.
    pub fn samples(
        &self,
        deployment: &str,
        since: At,
        now: At,
    ) -> Result<(u64, Vec<Sample>), Diagnostic> {
        let reaches = |kept: u64| now.since(since) <= kept;
        let (step, _) = STEPS.into_iter().find(|(_, kept)| reaches(*kept)).unwrap_or(STEPS[2]);
        let from = At(since.0 - since.0 % step);
        let samples: Result<Vec<Sample>, Diagnostic> = self.read(|db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT deployment, service, at, span, cpu_seconds, memory_byte_seconds,
                   memory_peak, requests, failed, received, sent, joules, grams, request_seconds
                 FROM samples WHERE deployment = ?1 AND step = ?2 AND at >= ?3
                 ORDER BY at DESC, service DESC LIMIT {MOST_SAMPLES}"
            ))?;
            query.query_map(params![deployment, signed(step), from], sample)?.collect()
        });
        let mut samples = samples?;
        samples.reverse();
        Ok((step, samples))
    }

    /// The prices of a deployment's limits since a time, by time and limit.
    pub fn prices(&self, deployment: &str, since: At) -> Result<Vec<Priced>, Diagnostic> {
        let prices: Result<Vec<Priced>, Diagnostic> = self.read(|db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT deployment, at, limit_of, plan, used, most, buy, sell, unit, reason
                 FROM prices WHERE deployment = ?1 AND at >= ?2
                 ORDER BY at DESC, limit_of DESC LIMIT {MOST_PRICES}"
            ))?;
            query.query_map(params![deployment, since], priced)?.collect()
        });
        let mut prices = prices?;
        prices.reverse();
        Ok(prices)
    }
}
