//! The registry as another file: a backup (SQLite, while it is written to) and an export (JSON
//! lines, for people and other programs). Both are read back whole or not at all.

use super::{Deployment, Event, Fact, Filter, Instance, Registry, Run, Version, diagnostics};
use eclexia_diag::Diagnostic;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub const FORMAT: &str = "eclexia-registry/1";

/// Larger exports are refused before they are read.
const MOST_BYTES: usize = 1 << 30;

/// A line of an export. The first is the head, the last the digest of all lines before it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    Head {
        format: String,
    },
    Deployment(Deployment),
    Version(Version),
    Instance(Instance),
    /// The last one of a job: what is done is not done again elsewhere.
    Run(Run),
    Event(Event),
    Digest(String),
}

impl Registry {
    /// Writes all that is recorded at this moment into a new file; the registry is not held up.
    pub fn backup(&self, to: &Path) -> Result<(), Diagnostic> {
        self.read(|db| {
            // It writes nothing but the new file; who may only read may do that, too.
            let only_reads: bool = db.query_row("PRAGMA query_only", [], |row| row.get(0))?;
            db.pragma_update(None, "query_only", false)?;
            let made = db.execute("VACUUM INTO ?1", [to.to_string_lossy()]);
            db.pragma_update(None, "query_only", only_reads)?;
            made.map(|_| ())
        })
    }
}

/// All of a registry, as text that is read by [`import`]. Events are in order, the rest by name.
pub fn export(registry: &Registry) -> Result<Vec<u8>, Diagnostic> {
    let mut lines = vec![Line::Head { format: FORMAT.to_owned() }];
    for deployment in registry.deployments()? {
        let versions = registry.versions(&deployment.name)?;
        let runs = registry.last_runs(&deployment.name)?;
        lines.push(Line::Deployment(deployment));
        lines.extend(versions.into_iter().rev().map(Line::Version));
        lines.extend(runs.into_iter().map(Line::Run));
    }
    lines.extend(registry.instances()?.into_iter().map(Line::Instance));
    let mut last = 0;
    loop {
        let events = registry.events(&Filter { after: Some(last), ..Filter::default() })?;
        let Some(event) = events.last() else { break };
        last = event.seq;
        lines.extend(events.into_iter().map(Line::Event));
    }
    let mut bytes = Vec::new();
    for line in &lines {
        push(&mut bytes, line);
    }
    let digest = blake3::hash(&bytes).to_hex().to_string();
    push(&mut bytes, &Line::Digest(digest));
    Ok(bytes)
}

fn push(bytes: &mut Vec<u8>, line: &Line) {
    match serde_json::to_writer(&mut *bytes, line) {
        Ok(()) => bytes.push(b'\n'),
        Err(error) => eclexia_base::bug!("plain data that is no JSON: {error}"),
    }
}

/// Fills an empty registry with an export. Processes are not imported: they are another machine's,
/// or another life's.
pub fn import(registry: &mut Registry, bytes: &[u8]) -> Result<(), Diagnostic> {
    let facts = facts_of(bytes)?;
    if !registry.deployments()?.is_empty() {
        return Err(diagnostics::not_empty());
    }
    registry.record(&facts)
}

pub(super) fn facts_of(bytes: &[u8]) -> Result<Vec<Fact>, Diagnostic> {
    let bad = |why: &str| diagnostics::bad_export(why);
    if bytes.len() > MOST_BYTES {
        return Err(bad(&format!("It has more than {MOST_BYTES} bytes.")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| bad("It is not UTF-8."))?;
    let body = text.strip_suffix('\n').ok_or_else(|| bad("It ends within a line."))?;
    let (lines, digest) = body.rsplit_once('\n').ok_or_else(|| bad("It has no digest."))?;
    let said = match serde_json::from_str(digest) {
        Ok(Line::Digest(said)) => said,
        _ => return Err(bad("Its last line is no digest: it is not whole.")),
    };
    // The digest is of what was written, to the byte: nothing else is read before it agrees.
    let written = &bytes[..lines.len() + 1];
    let mut as_written = Vec::new();
    push(&mut as_written, &Line::Digest(said.clone()));
    if blake3::hash(written).to_hex().as_str() != said || bytes[written.len()..] != as_written {
        return Err(bad("Its digest is another: it was changed or is not whole."));
    }
    let mut facts = Vec::new();
    for (index, line) in lines.lines().enumerate() {
        let said = |error: serde_json::Error| bad(&format!("Line {}: {error}.", index + 1));
        match (index, serde_json::from_str(line).map_err(said)?) {
            (0, Line::Head { format }) if format == FORMAT => {}
            (0, _) => return Err(bad(&format!("Its format is not {FORMAT}."))),
            (_, Line::Deployment(deployment)) => facts.push(Fact::Known(deployment)),
            (_, Line::Version(version)) => facts.push(Fact::Made(version)),
            (_, Line::Run(run)) => facts.push(Fact::Run(run)),
            (_, Line::Event(event)) => facts.push(Fact::Event(event)),
            (_, Line::Instance(_)) => {}
            (_, Line::Head { .. } | Line::Digest(_)) => {
                return Err(bad(&format!("Line {} does not belong there.", index + 1)));
            }
        }
    }
    Ok(facts)
}

/// Puts a backup in the place of the registry, which must not be in use, and keeps what was there
/// beside it. Gives the name under which it is kept, if anything was there.
pub fn restore(backup: &Path, registry: &Path) -> Result<Option<PathBuf>, Diagnostic> {
    // What is put there must be a registry that can be used; opening it brings it up to date.
    let copy = registry.with_extension("restored");
    let said = |error| diagnostics::unusable(registry, &error);
    if let Err(error) = std::fs::copy(backup, &copy) {
        let _ = std::fs::remove_file(&copy);
        return Err(diagnostics::bad_backup(backup, &error));
    }
    if let Err(found) = Registry::open(&copy).map(drop) {
        let _ = std::fs::remove_file(&copy);
        return Err(diagnostics::bad_backup(backup, &found.message));
    }
    let kept = registry.is_file().then(|| unused(registry));
    if let Some(kept) = &kept {
        // What is in its journal is brought into it, unless it is damaged: then both are kept.
        let _ = Registry::open(registry).map(drop);
        // A second name and not a move: at every moment there is a registry.
        std::fs::hard_link(registry, kept).map_err(said)?;
    }
    for journal in ["-wal", "-shm"] {
        let beside = |path: &Path| PathBuf::from(format!("{}{journal}", path.display()));
        let moved = match &kept {
            Some(kept) => std::fs::rename(beside(registry), beside(kept)),
            None => std::fs::remove_file(beside(registry)),
        };
        match moved {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(said(error)),
            _ => {}
        }
    }
    eclexia_whole::settle(&copy, registry).map_err(said)?;
    Ok(kept)
}

/// `registry.sqlite.before-1`, or the next number that is free.
fn unused(registry: &Path) -> PathBuf {
    let named = |n: u32| PathBuf::from(format!("{}.before-{n}", registry.display()));
    (1..u32::MAX).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(0))
}
