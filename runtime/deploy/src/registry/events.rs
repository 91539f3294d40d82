//! What happened: added, asked for, never changed.

use super::{At, Registry};
use eclexia_diag::Diagnostic;
use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params, params_from_iter};
use serde::{Deserialize, Serialize};

/// The most that one question gives; what is left is asked for from the last `seq` on.
pub const MOST: usize = 10_000;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Its place among all events; 0 until it is recorded.
    pub seq: u64,
    pub at: At,
    pub deployment: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// `service web`, `instance web-0`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What happened: `state`, `started`, `ready`, `ended`, `rolled-back`, …
    pub kind: String,
    /// Of a change of state: the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// One sentence for people.
    pub detail: String,
}

impl Event {
    /// One that is yet to be recorded, and says no more than this.
    pub fn new(deployment: &str, kind: &str, at: At, detail: String) -> Event {
        Event {
            seq: 0,
            at,
            deployment: deployment.to_owned(),
            version: None,
            resource: None,
            kind: kind.to_owned(),
            status: None,
            signer: None,
            detail,
        }
    }
}

/// Which events are asked for; each part that is given must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub deployment: Option<String>,
    pub resource: Option<String>,
    pub status: Option<String>,
    pub signer: Option<String>,
    pub from: Option<At>,
    pub until: Option<At>,
    /// Only what came after this one.
    pub after: Option<u64>,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
    /// At most so many, and at most [`MOST`].
    pub limit: Option<usize>,
}

pub fn insert(to: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    to.prepare_cached(
        "INSERT INTO events (at, deployment, version, resource, kind, status, signer, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        event.at,
        event.deployment,
        event.version,
        event.resource,
        event.kind,
        event.status,
        event.signer,
        event.detail
    ])?;
    Ok(())
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let seq: i64 = row.get(0)?;
    Ok(Event {
        seq: u64::try_from(seq).unwrap_or(0),
        at: row.get(1)?,
        deployment: row.get(2)?,
        version: row.get(3)?,
        resource: row.get(4)?,
        kind: row.get(5)?,
        status: row.get(6)?,
        signer: row.get(7)?,
        detail: row.get(8)?,
    })
}

impl Registry {
    /// The events that fit, in order.
    pub fn events(&self, filter: &Filter) -> Result<Vec<Event>, Diagnostic> {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        let mut add = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{condition} ?{}", values.len()));
            }
        };
        let text = |part: &Option<String>| part.clone().map(Value::Text);
        let number = |n: u64| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
        add("deployment =", text(&filter.deployment));
        add("resource =", text(&filter.resource));
        add("status =", text(&filter.status));
        add("signer =", text(&filter.signer));
        add("at >=", filter.from.map(|at| number(at.0)));
        add("at <=", filter.until.map(|at| number(at.0)));
        add("seq >", filter.after.map(number));
        let most = filter.limit.unwrap_or(MOST).min(MOST);
        let query = format!(
            "SELECT seq, at, deployment, version, resource, kind, status, signer, detail
             FROM events {} {} ORDER BY seq {} LIMIT {most}",
            if conditions.is_empty() { "" } else { "WHERE" },
            conditions.join(" AND "),
            if filter.newest_first { "DESC" } else { "ASC" },
        );
        self.read(|db| {
            let mut query = db.prepare_cached(&query)?;
            query.query_map(params_from_iter(values), event)?.collect()
        })
    }
}
