//! What is kept of observers, in a folder that nobody else may look into:
//!
//! ```text
//! observers/NAME/observer.json    what was asked for; never changed
//!                cursor.json      how far it is, written whole each time
//!                secret           its key or login, mode 0600
//!                authorities.pem  whom to trust instead of Mozilla's authorities
//! observers/.changes              held while one of these files is written
//! observers/.delivery             held by the process that delivers
//! ```
//!
//! An observer has an id besides its name, so that who still tells one that was removed does not
//! write over the cursor of its successor.

#[cfg(test)]
mod tests;

use crate::cursor::Cursor;
use crate::destination::{Destination, Reach};
use crate::diagnostics as report;
use crate::secret::{self, Secrets, Use};
use crate::wanted::Wanted;
use eclexia_deploy::package::is_name;
use eclexia_diag::Diagnostic;
use eclexia_http::{Trust, authorities};
use eclexia_whole::{Access, Existing, write};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FORMAT: &str = "eclexia-observer/1";
const CURSOR_FORMAT: &str = "eclexia-observer-cursor/1";

/// Each has a thread of the process that delivers.
pub const MOST_OBSERVERS: usize = 64;
/// The largest file of ours that is read, bytes.
const MOST_BYTES: u64 = 64 << 10;
/// The largest file of authorities, bytes.
const MOST_AUTHORITIES: u64 = 1 << 20;
/// The most events at once.
pub const MOST_BATCH: usize = 1000;
/// How long an answer may be waited for, seconds.
const TIMEOUT: std::ops::RangeInclusive<u64> = 1..=120;
/// How long an observer may refuse, seconds.
const PATIENCE: std::ops::RangeInclusive<u64> = 1..=366 * 86_400;

#[derive(Clone, PartialEq, Debug)]
pub struct Observer {
    pub name: String,
    pub id: String,
    pub destination: Destination,
    pub reach: Reach,
    pub wanted: Wanted,
    /// As many events go at once, when it is behind.
    pub batch: usize,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long it may refuse before it is told no more.
    pub patience: Duration,
    /// This machine, in its events.
    pub source: String,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct New {
    /// None: the name of the host.
    pub name: Option<String>,
    pub destination: Destination,
    pub reach: Reach,
    pub wanted: Wanted,
    pub secret: Option<PathBuf>,
    pub authorities: Option<PathBuf>,
    pub batch: usize,
    pub timeout: Duration,
    pub patience: Duration,
    pub source: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    id: String,
    destination: String,
    plain: bool,
    wanted: Wanted,
    batch: usize,
    timeout_seconds: u64,
    patience_seconds: u64,
    source: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCursor {
    format: String,
    cursor: Cursor,
}

/// Whether something is still there to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    Written,
    /// The observer was removed.
    Gone,
}

#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// `data`: where what lasts between commands is kept.
    pub fn new(data: &Path) -> Store {
        Store { folder: data.join("observers") }
    }

    fn of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where its secret is, for its owner to read.
    pub fn secret_path(&self, name: &str) -> PathBuf {
        self.of(name).join("secret")
    }

    /// Held while something changes; the folder is made where there is none.
    fn changing(&self) -> Result<File, Diagnostic> {
        let said = |error| report::not_kept(&self.folder, &error);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .and_then(|()| eclexia_whole::flush_folder(eclexia_whole::folder_of(&self.folder)))
            .map_err(said)?;
        let lock = opened(&self.folder.join(".changes")).map_err(said)?;
        lock.lock().map_err(said)?;
        Ok(lock)
    }

    /// Held by the one process that delivers; `None`: another one does.
    pub(crate) fn delivering(&self) -> Result<Option<File>, Diagnostic> {
        drop(self.changing()?);
        let said = |error| report::not_kept(&self.folder, &error);
        let lock = opened(&self.folder.join(".delivery")).map_err(said)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(said(error)),
        }
    }

    pub fn names(&self) -> Result<Vec<String>, Diagnostic> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(report::not_kept(&self.folder, &error)),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| is_name(name)).collect();
        names.sort();
        Ok(names)
    }

    /// By name, and what is wrong with those that cannot be used.
    pub fn list(&self) -> Result<(Vec<Observer>, Vec<Diagnostic>), Diagnostic> {
        let (mut observers, mut wrong) = (Vec::new(), Vec::new());
        for name in self.names()? {
            match self.read(&name) {
                Ok(Some(observer)) => observers.push(observer),
                Ok(None) => {}
                Err(found) => wrong.push(found),
            }
        }
        Ok((observers, wrong))
    }

    pub fn get(&self, name: &str) -> Result<Observer, Diagnostic> {
        let known = if is_name(name) { self.read(name)? } else { None };
        match known {
            Some(observer) => Ok(observer),
            None => Err(report::unknown_observer(name, &self.names()?)),
        }
    }

    /// Adds an observer, whole or not at all. A webhook without a secret is given one.
    pub fn add(&self, new: &New, cursor: &Cursor) -> Result<Observer, Diagnostic> {
        new.wanted.check()?;
        if new.batch == 0 || new.batch > MOST_BATCH {
            return Err(report::bad_observer_setting("--batch", "1 to 1000 events go at once"));
        }
        if !TIMEOUT.contains(&new.timeout.as_secs()) {
            return Err(report::bad_observer_setting("--timeout", "it is 1 s to 2 minutes"));
        }
        if !PATIENCE.contains(&new.patience.as_secs()) {
            return Err(report::bad_observer_setting("--patience", "it is 1 s to 366 days"));
        }
        let secret = self.secret_of(new)?;
        let trusted = new.authorities.as_deref().map(authorities_of).transpose()?;
        let _changing = self.changing()?;
        let names = self.names()?;
        let name = match &new.name {
            Some(name) if !is_name(name) => return Err(report::bad_observer_name(name)),
            Some(name) if names.contains(name) => return Err(report::observer_taken(name)),
            Some(name) => name.clone(),
            None => free(&new.destination.name(), &names),
        };
        if names.len() >= MOST_OBSERVERS {
            return Err(report::too_many_observers(MOST_OBSERVERS));
        }
        let said = |error| report::not_kept(&self.folder, &error);
        self.sweep();
        let fresh = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.folder);
        let fresh = fresh.map_err(said)?;
        let id = random()?;
        let put = |file: &str, bytes: &[u8]| {
            write(&fresh.path().join(file), bytes, Access::Owner, Existing::Keep).map_err(said)
        };
        put("observer.json", &lines(&written(new, &id)))?;
        put("cursor.json", &lines(&written_cursor(cursor)))?;
        if let Some(secret) = secret {
            put("secret", secret.as_bytes())?;
        }
        if let Some(trusted) = trusted {
            put("authorities.pem", &trusted)?;
        }
        std::fs::set_permissions(fresh.path(), PermissionsExt::from_mode(0o700)).map_err(said)?;
        std::fs::rename(fresh.keep(), self.of(&name)).map_err(said)?;
        eclexia_whole::flush_folder(&self.folder).map_err(said)?;
        self.get(&name)
    }

    fn secret_of(&self, new: &New) -> Result<Option<String>, Diagnostic> {
        let used = used(&new.destination);
        match &new.secret {
            Some(path) => {
                let text = secret::text(path)?;
                Secrets::of(&text, used).map_err(|why| report::bad_secret(path, &why))?;
                Ok(Some(text))
            }
            None if used == Use::Signing => secret::generate().map(Some),
            None => Ok(None),
        }
    }

    /// Its secret and cursor go with it.
    pub fn remove(&self, name: &str) -> Result<(), Diagnostic> {
        let _changing = self.changing()?;
        if !self.names()?.iter().any(|known| known == name) {
            return Err(report::unknown_observer(name, &self.names()?));
        }
        let said = |error| report::not_kept(&self.folder, &error);
        // Moved first: then it is there or not.
        std::fs::rename(self.of(name), self.folder.join(format!(".gone-{}", random()?)))
            .map_err(said)?;
        eclexia_whole::flush_folder(&self.folder).map_err(said)?;
        self.sweep();
        Ok(())
    }

    /// What a crash has left of additions and removals.
    fn sweep(&self) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(".new-") || name.starts_with(".gone-") {
                // The next sweep takes what this one cannot.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Tells it again, from where it is.
    pub fn resume(&self, name: &str) -> Result<(), Diagnostic> {
        let _changing = self.changing()?;
        let observer = self.get(name)?;
        let mut cursor = self.cursor(&observer)?;
        cursor.resume();
        self.put_cursor(&observer, &cursor)
    }

    pub fn cursor(&self, observer: &Observer) -> Result<Cursor, Diagnostic> {
        let path = self.of(&observer.name).join("cursor.json");
        let written = json::<WrittenCursor>(&path, CURSOR_FORMAT, |written| &written.format)?;
        match written {
            Some(written) => Ok(written.cursor),
            None => Err(report::bad_observer(&path, "it is missing")),
        }
    }

    /// Writes how far it is, unless it was removed.
    pub fn advance(&self, observer: &Observer, cursor: &Cursor) -> Result<Kept, Diagnostic> {
        let _changing = self.changing()?;
        match self.is_there(observer) {
            true => self.put_cursor(observer, cursor).map(|()| Kept::Written),
            false => Ok(Kept::Gone),
        }
    }

    /// Whether it is still the one of its name.
    pub fn is_there(&self, observer: &Observer) -> bool {
        let known = self.read(&observer.name);
        known.is_ok_and(|known| known.is_some_and(|known| known.id == observer.id))
    }

    fn put_cursor(&self, observer: &Observer, cursor: &Cursor) -> Result<(), Diagnostic> {
        let path = self.of(&observer.name).join("cursor.json");
        let bytes = lines(&written_cursor(cursor));
        write(&path, &bytes, Access::Owner, Existing::Replace)
            .map_err(|error| report::not_kept(&path, &error))
    }

    pub(crate) fn secrets(&self, observer: &Observer, used: Use) -> Result<Secrets, Diagnostic> {
        let path = self.secret_path(&observer.name);
        match path.exists() || used == Use::Signing {
            true => Secrets::read(&path, used),
            false => Ok(Secrets::None),
        }
    }

    pub(crate) fn trust(&self, observer: &Observer) -> Result<Trust, Diagnostic> {
        let path = self.of(&observer.name).join("authorities.pem");
        match path.exists() {
            false => Ok(Trust::of_mozilla()),
            true => {
                let pem = authorities_of(&path)?;
                let roots = authorities(&pem).map_err(|why| report::bad_authorities(&path, &why));
                Ok(Trust::only(roots?))
            }
        }
    }

    /// `None`: there is none of this name.
    fn read(&self, name: &str) -> Result<Option<Observer>, Diagnostic> {
        let path = self.of(name).join("observer.json");
        let Some(written) = json::<Written>(&path, FORMAT, |written| &written.format)? else {
            return Ok(None);
        };
        let bad = |why: &str| report::bad_observer(&path, why);
        let reach = if written.plain { Reach::Plain } else { Reach::Secured };
        let destination =
            Destination::parse(&written.destination, reach).map_err(|found| bad(&found.message))?;
        written.wanted.check().map_err(|found| bad(&found.message))?;
        let is_bounded = (1..=MOST_BATCH).contains(&written.batch)
            && TIMEOUT.contains(&written.timeout_seconds)
            && PATIENCE.contains(&written.patience_seconds);
        if !is_bounded || written.source.len() > 300 {
            return Err(bad("a number in it is out of its bounds"));
        }
        Ok(Some(Observer {
            name: name.to_owned(),
            id: written.id,
            destination,
            reach,
            wanted: written.wanted,
            batch: written.batch,
            timeout: Duration::from_secs(written.timeout_seconds),
            patience: Duration::from_secs(written.patience_seconds),
            source: written.source,
        }))
    }
}

fn used(destination: &Destination) -> Use {
    match destination {
        Destination::Webhook { .. } => Use::Signing,
        Destination::Nats { .. } => Use::LoggingIn,
    }
}

fn opened(path: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).open(path)
}

/// The name, or the first number behind it that is free.
fn free(name: &str, names: &[String]) -> String {
    let numbered = (2..=names.len() + 2).map(|n| format!("{name}-{n}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| !names.contains(name)).unwrap_or_else(|| name.to_owned())
}

fn random() -> Result<String, Diagnostic> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| report::no_randomness(&error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn written(new: &New, id: &str) -> Written {
    Written {
        format: FORMAT.to_owned(),
        id: id.to_owned(),
        destination: new.destination.text().to_owned(),
        plain: new.reach == Reach::Plain,
        wanted: new.wanted.clone(),
        batch: new.batch,
        timeout_seconds: new.timeout.as_secs(),
        patience_seconds: new.patience.as_secs(),
        source: new.source.clone(),
    }
}

fn written_cursor(cursor: &Cursor) -> WrittenCursor {
    WrittenCursor { format: CURSOR_FORMAT.to_owned(), cursor: cursor.clone() }
}

fn lines(value: &impl Serialize) -> Vec<u8> {
    match serde_json::to_vec_pretty(value) {
        Ok(mut bytes) => {
            bytes.push(b'\n');
            bytes
        }
        Err(error) => eclexia_base::bug!("plain data that is no JSON: {error}"),
    }
}

/// At most so many bytes of a file; `None` where there is none.
fn bytes(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Diagnostic> {
    let bad = |error: std::io::Error| report::bad_observer(path, &error.to_string());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(error)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(bad)?;
    match bytes.len() as u64 > most {
        true => Err(report::bad_observer(path, "it is too large")),
        false => Ok(Some(bytes)),
    }
}

fn json<T: for<'d> Deserialize<'d>>(
    path: &Path,
    format: &str,
    of: fn(&T) -> &String,
) -> Result<Option<T>, Diagnostic> {
    let Some(bytes) = bytes(path, MOST_BYTES)? else { return Ok(None) };
    let read: T = serde_json::from_slice(&bytes)
        .map_err(|error| report::bad_observer(path, &error.to_string()))?;
    match of(&read) == format {
        true => Ok(Some(read)),
        false => Err(report::bad_observer(path, "its format is another")),
    }
}

fn authorities_of(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let bad = |why: &str| report::bad_authorities(path, why);
    if !path.is_file() {
        return Err(bad("it is no regular file"));
    }
    let file = File::open(path).map_err(|error| bad(&error.to_string()))?;
    let mut pem = Vec::new();
    file.take(MOST_AUTHORITIES).read_to_end(&mut pem).map_err(|error| bad(&error.to_string()))?;
    authorities(&pem).map_err(|why| bad(&why))?;
    Ok(pem)
}
