//! The state of each variable along a path, with a journal, so that a branch can be taken back and
//! a join costs what the branches changed.

use eclexia_core::core::{ExprId, LocalId};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Not in scope, or not watched.
    Absent,
    Available,
    /// By this expression.
    Consumed(ExprId),
}

/// What is known of a variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Var {
    pub state: State,
    /// Its type is not certainly unrestricted.
    pub is_watched: bool,
    /// Part of what a reference refers to: may be borrowed, owes nothing.
    pub is_view: bool,
    /// Released by its `with`.
    pub is_managed: bool,
    /// One fault is enough.
    pub is_reported: bool,
    /// Borrows that enclose the current place, and the last of them.
    pub frozen: u32,
    pub frozen_by: ExprId,
    /// Its place in the scope.
    pub position: usize,
}

impl Var {
    pub const NEW: Var = Var {
        state: State::Absent,
        is_watched: false,
        is_view: false,
        is_managed: false,
        is_reported: false,
        frozen: 0,
        frozen_by: ExprId(0),
        position: 0,
    };
}

/// The states on the current path.
#[derive(Debug, Default)]
pub(super) struct Path {
    pub vars: Vec<Var>,
    journal: Vec<(LocalId, State)>,
    /// The path has ended: `abort`, `return`, `recur`, a call that does not return.
    pub is_dead: bool,
}

/// Branches that start from one state.
pub(super) struct Fork {
    mark: usize,
    was_dead: bool,
    ends: Vec<End>,
}

struct End {
    at: ExprId,
    is_dead: bool,
    /// Sorted by variable.
    changed: Vec<(LocalId, State)>,
}

/// Live in one branch, consumed in another.
pub(super) struct Mismatch {
    pub local: LocalId,
    pub live_in: ExprId,
    pub consumed_by: ExprId,
}

impl Path {
    pub fn var(&mut self, local: LocalId) -> &mut Var {
        let index = local.0 as usize;
        if index >= self.vars.len() {
            self.vars.resize(index + 1, Var::NEW);
        }
        &mut self.vars[index]
    }

    pub fn set(&mut self, local: LocalId, state: State) {
        let old = std::mem::replace(&mut self.var(local).state, state);
        if old != state {
            self.journal.push((local, old));
        }
    }

    pub fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Variables that changed since `mark`, each once, with their states then, in order.
    pub fn changes(&self, mark: usize) -> Vec<(LocalId, State)> {
        let mut changed = self.journal[mark..].to_vec();
        // Stable: the oldest entry of each variable stays.
        changed.sort_by_key(|(local, _)| *local);
        changed.dedup_by_key(|(local, _)| *local);
        changed
    }

    pub fn roll_back(&mut self, mark: usize) {
        while self.journal.len() > mark {
            if let Some((local, old)) = self.journal.pop() {
                self.vars[local.0 as usize].state = old;
            }
        }
    }

    pub fn fork(&self) -> Fork {
        Fork { mark: self.mark(), was_dead: self.is_dead, ends: Vec::new() }
    }

    /// Ends a branch and goes back to where all start.
    pub fn end(&mut self, fork: &mut Fork, at: ExprId) {
        let mut changed = self.changes(fork.mark);
        for (local, state) in &mut changed {
            *state = self.vars[local.0 as usize].state;
        }
        self.roll_back(fork.mark);
        fork.ends.push(End { at, is_dead: self.is_dead, changed });
        self.is_dead = fork.was_dead;
    }

    /// The state after all branches: join(⊥, s) = s; what disagrees counts as consumed.
    pub fn join(&mut self, fork: Fork) -> Vec<Mismatch> {
        let live: Vec<&End> = fork.ends.iter().filter(|end| !end.is_dead).collect();
        if live.is_empty() {
            self.is_dead = fork.was_dead || !fork.ends.is_empty();
            return Vec::new();
        }
        let mut locals: Vec<LocalId> =
            live.iter().flat_map(|end| end.changed.iter().map(|(local, _)| *local)).collect();
        locals.sort_unstable();
        locals.dedup();
        let mut mismatches = Vec::new();
        for local in locals {
            let base = self.var(local).state;
            if base == State::Absent {
                continue;
            }
            let in_end = |end: &End| {
                let found = end.changed.binary_search_by_key(&local, |(local, _)| *local);
                found.map_or(base, |at| end.changed[at].1)
            };
            let consumed = live.iter().find_map(|end| match in_end(end) {
                State::Consumed(by) => Some(by),
                _ => None,
            });
            let open = live.iter().find(|end| in_end(end) == State::Available);
            if let (Some(consumed_by), Some(end)) = (consumed, open) {
                mismatches.push(Mismatch { local, live_in: end.at, consumed_by });
            }
            if let Some(by) = consumed {
                self.set(local, State::Consumed(by));
            }
        }
        mismatches
    }
}
