//! Deployments, their versions and their processes: rows to plain data and back.

use super::{At, Fact, Registry, RunState};
use eclexia_diag::Diagnostic;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a version is in its life. `Completed`, `Failed` and `RolledBack` are ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Created,
    Preparing,
    Validating,
    Deploying,
    Activating,
    Completed,
    Failed,
    RolledBack,
}

impl State {
    pub fn is_end(self) -> bool {
        matches!(self, State::Completed | State::Failed | State::RolledBack)
    }
}

/// What was meant for a process last; whether it is ready is seen, not recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is about to be started, or may just have been.
    Starting,
    /// Its process is known.
    Running,
    /// It is about to be stopped, or may just have been.
    Stopping,
    /// It ended by itself and waits to be started again.
    Waiting,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Version {
    pub deployment: String,
    pub number: u32,
    /// Ids of the package and of the plan in it.
    pub package: String,
    pub plan: String,
    pub signer: String,
    pub state: State,
    pub reason: Option<String>,
    /// The version that ran before, to which a failure returns.
    pub before: Option<u32>,
    /// Milliseconds after which it is taken back unless it is confirmed.
    pub confirm: Option<u64>,
    /// How long a step of a canary is held, milliseconds.
    pub hold: Option<u64>,
    pub made: At,
    pub changed: At,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Instance {
    pub id: String,
    pub deployment: String,
    pub version: u32,
    pub service: String,
    /// 0-based; names what a replica keeps, as its volume.
    pub ordinal: u32,
    /// Digest of what it was started from.
    pub spec: String,
    pub phase: Phase,
    pub process: Option<Process>,
    /// Port of the service to the port of this process.
    pub ports: BTreeMap<u16, u16>,
    pub restarts: u32,
    /// When its phase began.
    pub since: At,
}

/// A process that cannot be mistaken for a later one of the same number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// Clock ticks from the start of the machine (field 22 of `/proc/PID/stat`).
    pub started: u64,
    /// `/proc/sys/kernel/random/boot_id`
    pub boot: String,
}

/// Names of an enumeration, as they are shown, recorded and read back.
macro_rules! named {
    ($type:ident { $($variant:ident => $name:literal),* $(,)? }) => {
        impl $type {
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name),* }
            }

            pub fn from_name(name: &str) -> Option<$type> {
                match name {
                    $($name => Some($type::$variant),)*
                    _ => None,
                }
            }
        }

        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.name()))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let name = value.as_str()?;
                <$type>::from_name(name).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}

named!(State {
    Created => "created",
    Preparing => "preparing",
    Validating => "validating",
    Deploying => "deploying",
    Activating => "activating",
    Completed => "completed",
    Failed => "failed",
    RolledBack => "rolled-back",
});

named!(Phase {
    Starting => "starting",
    Running => "running",
    Stopping => "stopping",
    Waiting => "waiting",
});

named!(RunState {
    Begun => "begun",
    Done => "done",
    Failed => "failed",
    Late => "late",
});

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(i64::try_from(self.0).unwrap_or(i64::MAX)))
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|at| At(u64::try_from(at).unwrap_or(0)))
    }
}

/// Everything but runs, events, samples and prices.
pub fn write(to: &Transaction<'_>, fact: &Fact) -> rusqlite::Result<()> {
    match fact {
        Fact::Known(deployment) => {
            to.execute(
                "INSERT INTO deployments (name, wanted, running) VALUES (?1, ?2, ?3)",
                params![deployment.name, deployment.wanted, deployment.running],
            )?;
        }
        Fact::Made(version) => made(to, version)?,
        Fact::Moved { deployment, number, state, reason, at } => {
            to.prepare_cached(
                "UPDATE versions SET state = ?3, reason = ?4, changed = ?5
                 WHERE deployment = ?1 AND number = ?2",
            )?
            .execute(params![deployment, number, state, reason, at])?;
        }
        Fact::Wanted { deployment, number } => {
            to.prepare_cached("UPDATE deployments SET wanted = ?2 WHERE name = ?1")?
                .execute(params![deployment, number])?;
        }
        Fact::Running { deployment, number } => {
            to.prepare_cached("UPDATE deployments SET running = ?2 WHERE name = ?1")?
                .execute(params![deployment, number])?;
        }
        Fact::Instance(instance) => put(to, instance)?,
        Fact::Gone { id } => {
            to.prepare_cached("DELETE FROM instances WHERE id = ?1")?.execute([id])?;
        }
        Fact::Run(_)
        | Fact::Event(_)
        | Fact::Sample(_)
        | Fact::Aged(_)
        | Fact::Priced(_)
        | Fact::Intensity(_) => {}
    }
    Ok(())
}

/// SQLite's whole numbers have a sign.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn made(to: &Transaction<'_>, version: &Version) -> rusqlite::Result<()> {
    to.execute(
        "INSERT INTO deployments (name) VALUES (?1) ON CONFLICT (name) DO NOTHING",
        [&version.deployment],
    )?;
    to.execute(
        "INSERT INTO versions (deployment, number, package, plan, signer, state, reason, before,
           made, changed, confirm, hold)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            version.deployment,
            version.number,
            version.package,
            version.plan,
            version.signer,
            version.state,
            version.reason,
            version.before,
            version.made,
            version.changed,
            version.confirm.map(signed),
            version.hold.map(signed)
        ],
    )?;
    Ok(())
}

fn put(to: &Transaction<'_>, instance: &Instance) -> rusqlite::Result<()> {
    let process = instance.process.as_ref();
    let started = process.map(|p| i64::try_from(p.started).unwrap_or(i64::MAX));
    let ports = serde_json::to_string(&instance.ports).unwrap_or_default();
    to.prepare_cached(
        "INSERT OR REPLACE INTO instances (id, deployment, version, service, ordinal, spec, phase,
           pid, started, boot, ports, restarts, since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        instance.id,
        instance.deployment,
        instance.version,
        instance.service,
        instance.ordinal,
        instance.spec,
        instance.phase,
        process.map(|p| p.pid),
        started,
        process.map(|p| &p.boot),
        ports,
        instance.restarts,
        instance.since
    ])?;
    Ok(())
}

fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        deployment: row.get(0)?,
        number: row.get(1)?,
        package: row.get(2)?,
        plan: row.get(3)?,
        signer: row.get(4)?,
        state: row.get(5)?,
        reason: row.get(6)?,
        before: row.get(7)?,
        made: row.get(8)?,
        changed: row.get(9)?,
        confirm: row.get::<_, Option<i64>>(10)?.and_then(|n| u64::try_from(n).ok()),
        hold: row.get::<_, Option<i64>>(11)?.and_then(|n| u64::try_from(n).ok()),
    })
}

fn instance(row: &Row<'_>) -> rusqlite::Result<Instance> {
    let (pid, started, boot): (Option<u32>, Option<i64>, Option<String>) =
        (row.get(7)?, row.get(8)?, row.get(9)?);
    let process = match (pid, started, boot) {
        (Some(pid), Some(started), Some(boot)) => {
            Some(Process { pid, started: u64::try_from(started).unwrap_or(0), boot })
        }
        _ => None,
    };
    let ports: String = row.get(10)?;
    Ok(Instance {
        id: row.get(0)?,
        deployment: row.get(1)?,
        version: row.get(2)?,
        service: row.get(3)?,
        ordinal: row.get(4)?,
        spec: row.get(5)?,
        phase: row.get(6)?,
        process,
        ports: serde_json::from_str(&ports).unwrap_or_default(),
        restarts: row.get(11)?,
        since: row.get(12)?,
    })
}

/// A deployment: what should run, and what was last completed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deployment {
    pub name: String,
    pub wanted: Option<u32>,
    pub running: Option<u32>,
}

const VERSION: &str =
    "SELECT deployment, number, package, plan, signer, state, reason, before, made, changed,
       confirm, hold
     FROM versions";

impl Registry {
    /// By name.
    pub fn deployments(&self) -> Result<Vec<Deployment>, Diagnostic> {
        self.read(|db| {
            let mut query =
                db.prepare("SELECT name, wanted, running FROM deployments ORDER BY name")?;
            let rows = query.query_map([], |row| {
                Ok(Deployment { name: row.get(0)?, wanted: row.get(1)?, running: row.get(2)? })
            })?;
            rows.collect()
        })
    }

    pub fn deployment(&self, name: &str) -> Result<Option<Deployment>, Diagnostic> {
        Ok(self.deployments()?.into_iter().find(|deployment| deployment.name == name))
    }

    /// Of one deployment, newest first.
    pub fn versions(&self, deployment: &str) -> Result<Vec<Version>, Diagnostic> {
        self.read(|db| {
            let mut query =
                db.prepare(&format!("{VERSION} WHERE deployment = ?1 ORDER BY number DESC"))?;
            query.query_map([deployment], version)?.collect()
        })
    }

    pub fn version(&self, deployment: &str, number: u32) -> Result<Option<Version>, Diagnostic> {
        self.read(|db| {
            let query = format!("{VERSION} WHERE deployment = ?1 AND number = ?2");
            db.query_row(&query, params![deployment, number], version).optional()
        })
    }

    /// All that are known, by deployment, service and ordinal.
    pub fn instances(&self) -> Result<Vec<Instance>, Diagnostic> {
        self.read(instances)
    }
}

fn instances(db: &Connection) -> rusqlite::Result<Vec<Instance>> {
    let mut query = db.prepare(
        "SELECT id, deployment, version, service, ordinal, spec, phase, pid, started, boot, ports,
           restarts, since
         FROM instances ORDER BY deployment, service, ordinal, id",
    )?;
    query.query_map([], instance)?.collect()
}

impl std::fmt::Display for At {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = i64::try_from(self.0 / 1000).unwrap_or(i64::MAX);
        let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{time}")
    }
}
