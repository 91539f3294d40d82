//! Locals in scope: one hash map with an undo log, so that leaving a scope costs what was bound
//! in it. The key is the name with its mark, which is all of hygiene.

use crate::core::LocalId;
use eclexia_base::{FxHashMap, Name};

type Key = (Name, u32);

#[derive(Default)]
pub(crate) struct Scope {
    bound: FxHashMap<Key, LocalId>,
    log: Vec<(Key, Option<LocalId>)>,
}

/// A position to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Saved(usize);

impl Scope {
    pub(crate) fn get(&self, name: Name, mark: u32) -> Option<LocalId> {
        self.bound.get(&(name, mark)).copied()
    }

    pub(crate) fn bind(&mut self, name: Name, mark: u32, local: LocalId) {
        let key = (name, mark);
        self.log.push((key, self.bound.insert(key, local)));
    }

    pub(crate) fn save(&self) -> Saved {
        Saved(self.log.len())
    }

    pub(crate) fn restore(&mut self, saved: Saved) {
        while self.log.len() > saved.0 {
            match self.log.pop() {
                Some((key, Some(before))) => drop(self.bound.insert(key, before)),
                Some((key, None)) => drop(self.bound.remove(&key)),
                None => return,
            }
        }
    }

    /// Names that a symbol with this mark can see, for suggestions.
    pub(crate) fn names(&self, mark: u32) -> Vec<Name> {
        self.bound.keys().filter(|(_, m)| *m == mark).map(|(name, _)| *name).collect()
    }
}
