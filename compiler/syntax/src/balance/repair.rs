//! Finds the cheapest repair of one unit, by a beam search over its tokens.
//!
//! A state is a stack of open brackets, the repairs so far, and their cost. Tokens are taken in
//! order; the states branch where a mistake may be:
//!
//! 1. At the first token of a line, in column c: brackets that were opened in column c or further
//!    right should be closed by now. Some or all of them are closed here, or none.
//! 2. At a closing bracket that does not fit: it is deleted, or replaced, or the brackets inside of
//!    the one it fits are closed before it.
//! 3. At the last closing bracket of a line: it may be one too many.
//! 4. At the end: all that is open is closed.
//!
//! Each repair has a cost ([`REPAIR`]; closing several brackets at one place is one mistake and
//! little dearer), and each line that disagrees with the stack has a small one: a bracket should
//! have been closed, a line is deeper than its siblings, a line is indented and nothing is open.
//! So the number of mistakes decides first, and the indentation decides where they are.
//!
//! Stacks and repair lists are persistent lists in two vectors, so a branch costs a few words.
//! Units or files too large to search are repaired without search (`greedy`).

use super::units::Unit;
use super::{Repair, Source, greedy};
use crate::layout::Layout;
use crate::token::TokenKind;
use std::ops::Range;

/// States kept per token. Twenty-odd keep apart all repairs of two mistakes in one form.
const BEAM: usize = 24;
/// Tokens that are searched per file. Beyond that the repair is greedy, and linear.
pub(crate) const MAX_SEARCHED: usize = 200_000;
/// Brackets that one branch closes at most, beside closing all that the line asks for.
const MAX_CLOSED: usize = 6;

const REPAIR: u32 = 10;
/// One more bracket closed at the same place.
const SAME_PLACE: u32 = 4;
/// A line begins left of a bracket that is still open.
const STILL_OPEN: u32 = 3;
/// A line begins right of its elder sibling.
const TOO_DEEP: u32 = 2;
/// A line is indented though nothing is open.
const ORPHAN: u32 = 4;

const NONE: u32 = u32::MAX;

/// An open bracket; a stack is the index of its top cell.
#[derive(Clone, Copy)]
struct Cell {
    open: u32,
    below: u32,
    /// The column of the first line that began directly inside, or `NONE`.
    child_column: u32,
    /// Equal stacks have equal hashes.
    hash: u64,
}

#[derive(Clone, Copy)]
struct State {
    cost: u32,
    top: u32,
    /// The last repair, an index into `history`.
    last: u32,
}

struct SearchCtx<'s> {
    source: Source<'s>,
    lines: &'s Layout,
    end: usize,
    cells: Vec<Cell>,
    history: Vec<(Repair, u32)>,
}

/// Appends the repairs of a unit in order of place; `budget` is what is left of the search.
pub(crate) fn repair(
    source: Source<'_>,
    lines: &Layout,
    unit: &Unit,
    budget: &mut usize,
    repairs: &mut Vec<Repair>,
) {
    let Some(left) = budget.checked_sub(unit.tokens.len()) else {
        return greedy::repair(source.tokens, unit.tokens.clone(), repairs);
    };
    *budget = left;
    let end = unit.tokens.end;
    let mut search = SearchCtx { source, lines, end, cells: Vec::new(), history: Vec::new() };
    let best = search.run(unit.tokens.clone());
    let from = repairs.len();
    let mut at = best.last;
    while let Some(&(repair, before)) = search.history.get(at as usize) {
        repairs.push(repair);
        at = before;
    }
    repairs[from..].reverse();
}

impl SearchCtx<'_> {
    fn run(&mut self, tokens: Range<usize>) -> State {
        let mut states = vec![State { cost: 0, top: NONE, last: NONE }];
        let mut next = Vec::new();
        for index in tokens.clone() {
            let kind = self.source.tokens[index].kind;
            let first = index > tokens.start
                && self.lines.is_first(index, self.source.tokens, self.source.text);
            if first {
                states.iter().for_each(|s| self.begin_line(*s, index, &mut next));
                self.prune(&mut states, &mut next);
            }
            if kind.is_open() {
                for state in &mut states {
                    state.top = self.push(index as u32, state.top, NONE);
                }
            } else if kind.is_close() {
                states.iter().for_each(|s| self.close(*s, index, &mut next));
                self.prune(&mut states, &mut next);
            }
        }
        let total = |state: &State| state.cost + closing_cost(self.depth(state.top));
        let best = states.iter().copied().min_by_key(total);
        let best = best.unwrap_or(State { cost: 0, top: NONE, last: NONE });
        self.close_many(best, self.depth(best.top), self.end)
    }

    /// Case 1 of the header.
    fn begin_line(&mut self, state: State, index: usize, next: &mut Vec<State>) {
        let late = self.late(state.top, index);
        self.judge_line(state, late, index, next);
        for count in (1..=late.min(MAX_CLOSED)).chain((late > MAX_CLOSED).then_some(late)) {
            let closed = self.close_many(state, count, index);
            self.judge_line(closed, late - count, index, next);
        }
    }

    /// How many brackets, from the top of the stack, the line says are closed. A closing bracket
    /// that begins a line may stand below its partner, or below the line of its partner. An opening
    /// bracket that ends its line counts as standing where its line begins.
    fn late(&self, top: u32, index: usize) -> usize {
        let (column, line) = (self.lines.column(index), self.lines.line(index));
        let is_close = self.source.tokens[index].kind.is_close();
        let is_late = |open: usize| {
            let left = if is_close || self.lines.ends_line(open) {
                self.lines.indent(open) >= column + u32::from(is_close)
            } else {
                self.lines.column(open) >= column
            };
            left && self.lines.line(open) < line
        };
        let mut count = 0;
        let mut at = top;
        while let Some(cell) = self.cells.get(at as usize).filter(|c| is_late(c.open as usize)) {
            count += 1;
            at = cell.below;
        }
        count
    }

    fn judge_line(&mut self, mut state: State, late: usize, index: usize, next: &mut Vec<State>) {
        let column = self.lines.column(index);
        state.cost = state.cost.saturating_add(STILL_OPEN.saturating_mul(late as u32));
        if late == 0 && !self.source.tokens[index].kind.is_close() {
            match self.cells.get(state.top as usize).copied() {
                None if column > self.lines.base => state.cost += ORPHAN,
                None => {}
                Some(cell) if cell.child_column == NONE => {
                    state.top = self.push(cell.open, cell.below, column);
                }
                Some(cell) if column > cell.child_column => state.cost += TOO_DEEP,
                Some(_) => {}
            }
        }
        next.push(state);
    }

    /// Cases 2 and 3 of the header, and the usual one: it fits.
    fn close(&mut self, state: State, index: usize, next: &mut Vec<State>) {
        let kind = self.source.tokens[index].kind;
        let token = index as u32;
        let top = self.cells.get(state.top as usize).copied();
        let fits = top.is_some_and(|cell| self.closing(cell) == kind);
        if let Some(cell) = top.filter(|_| fits) {
            next.push(State { top: cell.below, ..state });
        } else if let Some(cell) = top {
            if let Some((inner, below)) = self.partner(state.top, kind) {
                let closed = self.close_many(state, inner, index);
                next.push(State { top: below, ..closed });
            }
            let cost = if self.replaced_before(state, token) { SAME_PLACE } else { REPAIR };
            let replaced = self.record(state, Repair::Replace { open: cell.open, token }, cost);
            next.push(State { top: cell.below, ..replaced });
        }
        if !fits || index + 1 == self.end || self.lines.ends_line(index) {
            next.push(self.record(state, Repair::Delete { token }, REPAIR));
        }
    }

    /// Two wrong brackets side by side are most likely swapped, which is one mistake.
    fn replaced_before(&self, state: State, token: u32) -> bool {
        let last = self.history.get(state.last as usize).map(|(repair, _)| *repair);
        matches!(last, Some(Repair::Replace { token: before, .. }) if before + 1 == token)
    }

    /// The nearest open bracket that `kind` closes: how many are open inside of it, and the stack
    /// below it.
    fn partner(&self, top: u32, kind: TokenKind) -> Option<(usize, u32)> {
        let mut at = top;
        let mut inner = 0;
        loop {
            let cell = *self.cells.get(at as usize)?;
            if self.closing(cell) == kind {
                return Some((inner, cell.below));
            }
            inner += 1;
            at = cell.below;
        }
    }

    fn close_many(&mut self, mut state: State, count: usize, before: usize) -> State {
        state = State { cost: state.cost + closing_cost(count), ..state };
        for _ in 0..count {
            let Some(cell) = self.cells.get(state.top as usize).copied() else { break };
            let repair = Repair::Insert { open: cell.open, before: before as u32 };
            state = State { top: cell.below, ..self.record(state, repair, 0) };
        }
        state
    }

    fn record(&mut self, state: State, repair: Repair, cost: u32) -> State {
        self.history.push((repair, state.last));
        State { cost: state.cost + cost, last: self.history.len() as u32 - 1, ..state }
    }

    fn push(&mut self, open: u32, below: u32, child_column: u32) -> u32 {
        let under = self.cells.get(below as usize).map_or(0, |c| c.hash);
        let hash = (under.rotate_left(5) ^ u64::from(open + 1)).wrapping_mul(0x517c_c1b7_2722_0a95);
        self.cells.push(Cell { open, below, child_column, hash });
        self.cells.len() as u32 - 1
    }

    fn closing(&self, cell: Cell) -> TokenKind {
        self.source.tokens[cell.open as usize].kind.closing()
    }

    fn depth(&self, top: u32) -> usize {
        let mut depth = 0;
        let mut at = top;
        while let Some(cell) = self.cells.get(at as usize) {
            depth += 1;
            at = cell.below;
        }
        depth
    }

    /// Keeps the cheapest state of each stack, and of those the cheapest [`BEAM`]. Of equal ones
    /// the earlier stays: it has put off its repairs longer.
    fn prune(&self, states: &mut Vec<State>, next: &mut Vec<State>) {
        states.clear();
        next.sort_by_key(|s| s.cost);
        let hash = |s: &State| self.cells.get(s.top as usize).map_or(0, |c| c.hash);
        for state in next.drain(..) {
            if states.len() < BEAM && states.iter().all(|s| hash(s) != hash(&state)) {
                states.push(state);
            }
        }
    }
}

fn closing_cost(count: usize) -> u32 {
    match count as u32 {
        0 => 0,
        n => REPAIR + SAME_PLACE * (n - 1),
    }
}
