//! Which events an observer wants, and what events are called.
//!
//! The registry says `state` with a status where a version's state changes, and a kind of its own
//! for everything else. Observers know one word for each: the state, or the kind. The state
//! `created` is `registered` for a deployment's first version and `updated` for the others.

use crate::diagnostics as report;
use eclexia_deploy::registry::Event;
use eclexia_diag::{Diagnostic, catalogue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Every word that is no code of a diagnostic (of what was found in validation).
pub const WORDS: [&str; 37] = [
    // the life of a version
    "registered",
    "updated",
    "preparing",
    "validating",
    "deploying",
    "activating",
    "completed",
    "failed",
    "rolled-back",
    "failing",
    "hook",
    // of a deployment
    "destroyed",
    "adapted",
    "carbon",
    "budget",
    "prices",
    // of a replica
    "adopted",
    "started",
    "not-started",
    "starting",
    "ready",
    "unready",
    "service-failed",
    "waiting",
    "stopping",
    "liveness",
    "ended",
    "memory-exceeded",
    "security-violation",
    "log-flood",
    "volume-filling",
    "volume-exceeded",
    // of a job's run
    "job-begun",
    "job-done",
    "job-failed",
    "job-late",
    // made for trying out
    "test",
];

/// The most names in a filter.
const MOST_NAMES: usize = 100;
/// The longest name of a deployment, bytes.
const MOST_BYTES: usize = 200;

/// All that is not named is wanted; what is named, and nothing else, once anything is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[serde(default)]
    pub deployments: BTreeSet<String>,
    #[serde(default)]
    pub events: BTreeSet<String>,
}

impl Wanted {
    /// What is wrong with it is told.
    pub fn check(&self) -> Result<(), Diagnostic> {
        if self.deployments.len() + self.events.len() > MOST_NAMES {
            return Err(report::bad_filter("", "it has more than 100 names"));
        }
        for name in &self.deployments {
            if name.is_empty() || name.len() > MOST_BYTES || name.contains(char::is_control) {
                return Err(report::bad_filter(name, "it is no name of a deployment"));
            }
        }
        let is_known = |word: &str| WORDS.contains(&word) || catalogue::page(word).is_some();
        match self.events.iter().find(|word| !is_known(word)) {
            Some(word) => Err(report::unknown_event(word, &WORDS)),
            None => Ok(()),
        }
    }

    pub fn wants(&self, event: &Event) -> bool {
        let has = |names: &BTreeSet<String>, name: &str| names.is_empty() || names.contains(name);
        has(&self.deployments, &event.deployment) && has(&self.events, word(event))
    }
}

/// What an event is called.
pub fn word(event: &Event) -> &str {
    match (event.kind.as_str(), event.status.as_deref()) {
        ("state", Some("created")) if event.version == Some(1) => "registered",
        ("state", Some("created")) => "updated",
        ("state", Some(state)) => state,
        ("job", Some("begun")) => "job-begun",
        ("job", Some("done")) => "job-done",
        ("job", Some("failed")) => "job-failed",
        ("job", Some("late")) => "job-late",
        // A replica's: the word alone is a version's.
        ("failed", _) => "service-failed",
        (kind, _) => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_deploy::registry::At;

    fn event(kind: &str, status: Option<&str>, version: u32) -> Event {
        let status = status.map(str::to_owned);
        let version = Some(version);
        Event { status, version, ..Event::new("shop", kind, At(1), "it is".to_owned()) }
    }

    fn wanted(deployments: &[&str], events: &[&str]) -> Wanted {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Wanted { deployments: set(deployments), events: set(events) }
    }

    #[test]
    fn events_have_one_word() {
        assert_eq!(word(&event("state", Some("created"), 1)), "registered");
        assert_eq!(word(&event("state", Some("created"), 2)), "updated");
        assert_eq!(word(&event("state", Some("rolled-back"), 2)), "rolled-back");
        assert_eq!(word(&event("hook", Some("failed"), 2)), "hook");
        assert_eq!(word(&event("failed", None, 2)), "service-failed");
        assert_eq!(word(&event("job", Some("late"), 2)), "job-late");
    }

    #[test]
    fn what_is_named_is_wanted_and_all_where_nothing_is() {
        let event = event("state", Some("failed"), 2);
        assert!(Wanted::default().wants(&event));
        assert!(wanted(&["shop"], &["failed", "rolled-back"]).wants(&event));
        assert!(!wanted(&["shop"], &["completed"]).wants(&event));
        assert!(!wanted(&["mail"], &[]).wants(&event));
    }

    #[test]
    fn words_that_no_event_has_are_refused() {
        assert!(wanted(&["any thing"], &["completed", "capability-missing"]).check().is_ok());
        let found = wanted(&[], &["complete"]).check().unwrap_err();
        assert_eq!(found.code, "unknown-event");
        assert!(found.help.unwrap().contains("completed"));
        assert_eq!(wanted(&[""], &[]).check().unwrap_err().code, "bad-filter");
        let many: BTreeSet<String> = (0..101).map(|n| format!("d{n}")).collect();
        let many = Wanted { deployments: many, events: BTreeSet::new() };
        assert_eq!(many.check().unwrap_err().code, "bad-filter");
    }
}
