//! Events behind a cursor, from the registry, beside who writes it.
//!
//! A registry may be put back from a backup while it is read. Then the event at the cursor is
//! another one, or none: all that the observer has is older than what was recorded since, so it
//! goes on with the first event that is not older than the last that it had.

use crate::cursor::Cursor;
use crate::message;
use crate::store::Observer;
use eclexia_deploy::registry::{Event, Filter, Registry};
use eclexia_diag::Diagnostic;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// The most events that are counted.
pub const MOST_COUNTED: usize = 10_000;

pub struct Reader {
    path: PathBuf,
    open: Option<(Registry, u64)>,
}

impl Reader {
    pub fn new(path: PathBuf) -> Reader {
        Reader { path, open: None }
    }

    /// Up to so many events behind the cursor, which is set right where the registry is another.
    pub fn after(&mut self, cursor: &mut Cursor, most: usize) -> Result<Vec<Event>, Diagnostic> {
        let file = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.ino());
        if self.open.as_ref().is_none_or(|(_, known)| *known != file) {
            self.open = None;
            let Some(registry) = Registry::open_to_read(&self.path)? else { return Ok(Vec::new()) };
            set_right(&registry, cursor)?;
            self.open = Some((registry, file));
        }
        let Some((registry, _)) = &self.open else { return Ok(Vec::new()) };
        let after = Some(cursor.seq);
        let found = registry.events(&Filter { after, limit: Some(most), ..Filter::default() });
        if found.is_err() {
            self.open = None;
        }
        found
    }
}

fn first(registry: &Registry, filter: Filter) -> Result<Option<Event>, Diagnostic> {
    Ok(registry.events(&Filter { limit: Some(1), ..filter })?.pop())
}

fn set_right(registry: &Registry, cursor: &mut Cursor) -> Result<(), Diagnostic> {
    let Some(id) = &cursor.id else { return Ok(()) };
    let after = Some(cursor.seq.saturating_sub(1));
    let there = first(registry, Filter { after, ..Filter::default() })?;
    if there.is_some_and(|event| event.seq == cursor.seq && message::id(&event) == *id) {
        return Ok(());
    }
    let since = first(registry, Filter { from: Some(cursor.at), ..Filter::default() })?;
    let seq = match since {
        Some(event) => event.seq.saturating_sub(1),
        None => {
            let newest = first(registry, Filter { newest_first: true, ..Filter::default() })?;
            newest.map_or(0, |event| event.seq)
        }
    };
    // What stands there is passed, not had: the time stays that of the last that was had.
    let after = Some(seq.saturating_sub(1));
    let there = first(registry, Filter { after, ..Filter::default() })?;
    cursor.id = there.filter(|event| event.seq == seq).map(|event| message::id(&event));
    cursor.seq = seq;
    Ok(())
}

/// The newest event, if there is a registry with one.
pub fn newest(path: &std::path::Path) -> Result<Option<Event>, Diagnostic> {
    let Some(registry) = Registry::open_to_read(path)? else { return Ok(None) };
    first(&registry, Filter { newest_first: true, ..Filter::default() })
}

/// How many events an observer wants and has not got, and whether there are more than are counted.
pub fn behind(
    registry: Option<&Registry>,
    observer: &Observer,
    cursor: &Cursor,
) -> Result<(usize, bool), Diagnostic> {
    let Some(registry) = registry else { return Ok((0, false)) };
    let limit = Some(MOST_COUNTED);
    let events =
        registry.events(&Filter { after: Some(cursor.seq), limit, ..Filter::default() })?;
    let wanted = events.iter().filter(|event| observer.wanted.wants(event)).count();
    Ok((wanted, events.len() == MOST_COUNTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_deploy::registry::{At, Fact};

    fn record(path: &std::path::Path, range: std::ops::Range<u64>, word: &str) {
        let event = |n| Fact::Event(Event::new("shop", "ready", At(n * 10), format!("{word} {n}")));
        let facts: Vec<Fact> = range.map(event).collect();
        Registry::open(path).unwrap().record(&facts).unwrap();
    }

    fn details(events: &[Event]) -> Vec<&str> {
        events.iter().map(|event| event.detail.as_str()).collect()
    }

    #[test]
    fn events_come_in_order_from_where_the_cursor_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.sqlite");
        let (mut reader, mut cursor) = (Reader::new(path.clone()), Cursor::default());
        assert!(reader.after(&mut cursor, 10).unwrap().is_empty());
        record(&path, 1..6, "a");
        let events = reader.after(&mut cursor, 3).unwrap();
        assert_eq!(details(&events), ["a 1", "a 2", "a 3"]);
        cursor.pass(&events[2]);
        assert_eq!(details(&reader.after(&mut cursor, 3).unwrap()), ["a 4", "a 5"]);
    }

    #[test]
    fn a_registry_that_was_put_back_loses_nothing_that_came_after() {
        let folder = tempfile::tempdir().unwrap();
        let (path, backup) = (folder.path().join("registry.sqlite"), folder.path().join("b"));
        record(&path, 1..4, "a");
        Registry::open(&path).unwrap().backup(&backup).unwrap();
        record(&path, 4..7, "a");
        let (mut reader, mut cursor) = (Reader::new(path.clone()), Cursor::default());
        let events = reader.after(&mut cursor, 10).unwrap();
        cursor.pass(&events[5]);
        // Another history takes the numbers from 4 on.
        eclexia_deploy::registry::restore(&backup, &path).unwrap();
        assert!(reader.after(&mut cursor, 10).unwrap().is_empty());
        record(&path, 7..12, "b");
        let events = reader.after(&mut cursor, 10).unwrap();
        assert_eq!(details(&events), ["b 7", "b 8", "b 9", "b 10", "b 11"]);
        // The same where all of it came before somebody looked.
        let mut late = Cursor { seq: 6, id: Some("6-x".to_owned()), at: At(60), ..cursor };
        let events = Reader::new(path).after(&mut late, 10).unwrap();
        assert_eq!(details(&events).first(), Some(&"b 7"));
    }
}
