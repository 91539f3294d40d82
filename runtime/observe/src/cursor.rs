//! How far an observer is: the last event that it accepted or did not want, and how it fares.

use eclexia_deploy::registry::{At, Event};
use serde::{Deserialize, Serialize};

/// The longest sentence that is kept, characters.
const MOST_SAID: usize = 300;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The event's place, and what tells whether it is still the one that is meant.
    pub seq: u64,
    pub id: Option<String>,
    pub at: At,
    /// Events that were accepted, and tries that were not.
    pub delivered: u64,
    pub failed: u64,
    /// Since when no try has been accepted.
    pub failing_since: Option<At>,
    pub last: Option<Last>,
    /// Why it is told no more, until it is resumed.
    pub ended: Option<String>,
}

/// What came back last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Last {
    pub at: At,
    pub said: String,
}

impl Cursor {
    /// Behind an event; at the beginning where there is none.
    pub fn behind(event: Option<&Event>) -> Cursor {
        let mut cursor = Cursor::default();
        if let Some(event) = event {
            cursor.pass(event);
        }
        cursor
    }

    pub fn pass(&mut self, event: &Event) {
        (self.seq, self.id, self.at) = (event.seq, Some(crate::message::id(event)), event.at);
    }

    pub fn accepted(&mut self, count: usize, said: &str, at: At) {
        self.delivered += count as u64;
        self.failing_since = None;
        self.said(said, at);
    }

    pub fn refused(&mut self, said: &str, at: At) {
        self.failed += 1;
        self.failing_since.get_or_insert(at);
        self.said(said, at);
    }

    pub fn resume(&mut self) {
        (self.ended, self.failing_since) = (None, None);
    }

    fn said(&mut self, said: &str, at: At) {
        self.last = Some(Last { at, said: said.chars().take(MOST_SAID).collect() });
    }
}
