//! What happened, in order: each thing with what followed from it, until all was well again.
//!
//! Always holds: entries stand in the order of their beginnings, notes of an entry in the order in
//! which they were made. Absent: how it is shown.

use crate::time::span;
use eclexia_deploy::registry::At;
use serde::Serialize;
use std::collections::BTreeMap;

/// Follows the name of a replica that was ready and is not any more.
pub const UNREADY: &str = " gets no more requests: its check fails";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A version comes.
    Version,
    /// A machine is lost or cut off.
    Fault,
    Crash,
    /// A start that takes long.
    Slow,
    /// A machine is there again.
    Return,
    Job,
    /// All of it goes.
    End,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Entry {
    /// Milliseconds from the first midnight.
    pub at: At,
    pub kind: Kind,
    pub text: String,
    /// Of a crash or a slow start: of which service.
    pub service: Option<String>,
    pub notes: Vec<Note>,
    /// When all was well again, if it was; of what is over at once, its beginning.
    pub until: Option<At>,
    /// Requests that failed meanwhile, whatever made them fail.
    pub failed: u64,
    /// Requests that had failed before.
    #[serde(skip)]
    pub failed_before: f64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Note {
    /// Milliseconds after the entry's beginning.
    pub after: u64,
    pub text: String,
}

/// What an entry that is not over is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    Version(usize),
    Machine(usize),
    Replica(u32),
}

#[derive(Clone, Debug, Default)]
pub struct Tale {
    pub entries: Vec<Entry>,
    open: BTreeMap<Cause, usize>,
}

impl Tale {
    /// Something that is over at once.
    pub fn tell(&mut self, at: At, kind: Kind, text: String) {
        self.add(at, kind, None, text, 0.0);
        if let Some(entry) = self.entries.last_mut() {
            entry.until = Some(at);
        }
    }

    /// Something that goes on until it is closed; `failed`: requests that failed so far.
    pub fn open(
        &mut self,
        cause: Cause,
        at: At,
        (kind, service): (Kind, Option<&str>),
        text: String,
        failed: f64,
    ) {
        self.open.insert(cause, self.entries.len());
        self.add(at, kind, service, text, failed);
    }

    fn add(&mut self, at: At, kind: Kind, service: Option<&str>, text: String, failed: f64) {
        self.entries.push(Entry {
            at,
            kind,
            text,
            service: service.map(str::to_owned),
            notes: Vec::new(),
            until: None,
            failed: 0,
            failed_before: failed,
        });
    }

    pub fn is_open(&self, cause: Cause) -> bool {
        self.open.contains_key(&cause)
    }

    /// Adds to what is open; to what is not, nothing.
    pub fn note(&mut self, cause: Cause, now: At, text: impl Into<String>) {
        if let Some(at) = self.open.get(&cause) {
            let entry = &mut self.entries[*at];
            entry.notes.push(Note { after: now.since(entry.at), text: text.into() });
        }
    }

    /// It is over; `failed`: requests that failed so far.
    pub fn close(&mut self, cause: Cause, now: At, failed: f64) {
        if let Some(at) = self.open.remove(&cause) {
            let entry = &mut self.entries[at];
            entry.until = Some(now);
            entry.failed = (failed - entry.failed_before).max(0.0).round() as u64;
        }
    }

    /// The same of all that is open.
    pub fn close_all(&mut self, now: At, failed: f64) {
        while let Some((cause, _)) = self.open.first_key_value() {
            self.close(*cause, now, failed);
        }
    }

    /// What is still open at the end has no end, but its failed requests.
    pub fn end(&mut self, failed: f64) {
        for at in std::mem::take(&mut self.open).into_values() {
            let entry = &mut self.entries[at];
            entry.failed = (failed - entry.failed_before).max(0.0).round() as u64;
        }
    }
}

impl Entry {
    /// `all is well again after 3 min 12 s`, where it took any time.
    pub fn lasted(&self) -> Option<String> {
        let lasted = self.until?.since(self.at);
        (lasted > 0).then(|| span(lasted))
    }
}
