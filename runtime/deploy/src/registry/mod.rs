//! What was deployed, what should run, what runs and what happened, in one SQLite file.
//!
//! In: facts to record, each batch whole or not at all and on disk when the call returns (WAL,
//! `synchronous=FULL`). Out: what is recorded, in order. Always holds: events are only added; a
//! file that is damaged, of a newer version or of something else is refused with advice. One
//! process writes, any number read beside it. Absent: clocks (times come in) and any opinion on
//! what should happen next.

mod backup;
mod diagnostics;
mod events;
mod intensities;
mod lock;
mod rows;
mod runs;
mod samples;
#[cfg(test)]
mod tests;

pub use backup::{export, import, restore};
pub use events::{Event, Filter};
pub use intensities::{Intensity, JOULES_PER_KWH};
pub use lock::Lock;
pub use rows::{Deployment, Instance, Phase, Process, State, Version};
pub use runs::{DAY, Run, RunState};
pub use samples::{Priced, STEPS, Sample};

use eclexia_diag::Diagnostic;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Marks the file as a registry ("eclx").
const APPLICATION: i32 = 0x6563_6c78;

/// Each script leads from the version before it to its own.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];

/// How long a reader waits for a writer, and a writer for a backup.
const PATIENCE: Duration = Duration::from_secs(10);

/// Milliseconds since 1970-01-01 UTC.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct At(pub u64);

impl At {
    /// The time of a clock; before 1970 it is 1970.
    pub fn of(time: SystemTime) -> At {
        let passed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        At(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }

    /// Milliseconds from an earlier time to this one; none the other way round.
    pub fn since(self, earlier: At) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    pub fn after(self, milliseconds: u64) -> At {
        At(self.0.saturating_add(milliseconds))
    }
}

pub struct Registry {
    db: Connection,
    path: PathBuf,
}

/// One thing to record; a batch of them is one transaction.
#[derive(Clone, PartialEq, Debug)]
pub enum Fact {
    /// A deployment as it is known elsewhere.
    Known(Deployment),
    /// A new version.
    Made(Version),
    Moved {
        deployment: String,
        number: u32,
        state: State,
        reason: Option<String>,
        at: At,
    },
    /// Which version should run; none: nothing should.
    Wanted {
        deployment: String,
        number: Option<u32>,
    },
    /// Which version was last completed.
    Running {
        deployment: String,
        number: Option<u32>,
    },
    /// A new process, or what is now known of one.
    Instance(Instance),
    Gone {
        id: String,
    },
    /// A run of a job, as it is now.
    Run(Run),
    Event(Event),
    Sample(Sample),
    /// Samples that are older than they are kept for, as of this time, are not needed any more.
    Aged(At),
    Priced(Priced),
    Intensity(Intensity),
}

impl Registry {
    /// Opens the registry, or makes one. It is looked through before it is used.
    pub fn open(path: &Path) -> Result<Registry, Diagnostic> {
        let said = |error| diagnostics::unusable(path, &error);
        let mut db = Connection::open(path).map_err(said)?;
        let is_new = db.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0)) == Ok(0);
        prepare(&db).map_err(said)?;
        if is_new {
            private(path)?;
            db.pragma_update(None, "application_id", APPLICATION).map_err(said)?;
        }
        sound(&db, path)?;
        migrate(&mut db, path)?;
        Ok(Registry { db, path: path.to_owned() })
    }

    /// Opens a registry that exists, to read it beside who writes it; none where there is none.
    pub fn open_to_read(path: &Path) -> Result<Option<Registry>, Diagnostic> {
        if !path.is_file() {
            return Ok(None);
        }
        let said = |error| diagnostics::unusable(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(said)?;
        db.busy_timeout(PATIENCE).map_err(said)?;
        db.pragma_update(None, "query_only", true).map_err(said)?;
        ours(&db, path)?;
        let version = version(&db).map_err(said)?;
        match version == MIGRATIONS.len() {
            true => Ok(Some(Registry { db, path: path.to_owned() })),
            // Whoever writes it brings it up to date; until then there is nothing to say.
            false if version < MIGRATIONS.len() => Ok(None),
            false => Err(diagnostics::newer(path, version, MIGRATIONS.len())),
        }
    }

    /// Records all of the facts, or none of them.
    pub fn record(&mut self, facts: &[Fact]) -> Result<(), Diagnostic> {
        let path = self.path.clone();
        self.write(facts).map_err(|error| diagnostics::not_recorded(&path, &error))
    }

    fn write(&mut self, facts: &[Fact]) -> rusqlite::Result<()> {
        let transaction = self.db.transaction()?;
        for fact in facts {
            match fact {
                Fact::Run(run) => runs::insert(&transaction, run)?,
                Fact::Event(event) => events::insert(&transaction, event)?,
                Fact::Sample(sample) => samples::insert(&transaction, sample)?,
                Fact::Aged(now) => samples::prune(&transaction, *now)?,
                Fact::Priced(price) => samples::price(&transaction, price)?,
                Fact::Intensity(number) => intensities::insert(&transaction, number)?,
                other => rows::write(&transaction, other)?,
            }
        }
        transaction.commit()
    }

    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Diagnostic> {
        query(&self.db).map_err(|error| diagnostics::unusable(&self.path, &error))
    }
}

fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)
}

fn version(db: &Connection) -> rusqlite::Result<usize> {
    db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
        .map(|version| usize::try_from(version).unwrap_or(usize::MAX))
}

fn ours(db: &Connection, path: &Path) -> Result<(), Diagnostic> {
    let found = db.query_row("PRAGMA application_id", [], |row| row.get::<_, i32>(0));
    match found {
        Ok(APPLICATION) => Ok(()),
        Ok(_) => Err(diagnostics::foreign(path)),
        Err(error) => Err(diagnostics::unusable(path, &error)),
    }
}

/// Whether pages, indices and references are as they must be.
fn sound(db: &Connection, path: &Path) -> Result<(), Diagnostic> {
    ours(db, path)?;
    let said = |error| diagnostics::unusable(path, &error);
    let found: String =
        db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(said)?;
    if found != "ok" {
        return Err(diagnostics::damaged(path, &found));
    }
    let mut broken = db.prepare("PRAGMA foreign_key_check").map_err(said)?;
    match broken.exists([]).map_err(said)? {
        true => Err(diagnostics::damaged(path, "a row refers to one that is not there")),
        false => Ok(()),
    }
}

fn migrate(db: &mut Connection, path: &Path) -> Result<(), Diagnostic> {
    let said = |error| diagnostics::unusable(path, &error);
    let from = version(db).map_err(said)?;
    if from > MIGRATIONS.len() {
        return Err(diagnostics::newer(path, from, MIGRATIONS.len()));
    }
    for (index, script) in MIGRATIONS.iter().enumerate().skip(from) {
        let transaction = db.transaction().map_err(said)?;
        transaction.execute_batch(script).map_err(said)?;
        let version = i64::try_from(index + 1).unwrap_or(i64::MAX);
        transaction.pragma_update(None, "user_version", version).map_err(said)?;
        transaction.commit().map_err(said)?;
    }
    Ok(())
}

/// Plans and commands are nobody else's business.
fn private(path: &Path) -> Result<(), Diagnostic> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| diagnostics::unusable(path, &error))
}
