//! A large process goes to another machine, and whatever then makes the two machines cost less goes
//! the other way: what shifts and swaps cannot do, since each step alone costs much. The
//! rearrangement of large processes of Gavranović, Buljubašić and Demirović (2012), with a greedy
//! choice.
//!
//! 1. The process goes, in copies of the two machines' rows.
//! 2. Processes of the machine it came to are looked at once, from a random one on: each goes where
//!    the process came from, if that lowers what the two cost together and the room they lack at a
//!    price. Then so are those of the other machine.
//! 3. What comes out is a list of shifts. It is made in the state itself, which counts all else.

use super::state::{Shift, State};

/// What a unit that exceeds capacity counts, where it is not allowed.
pub const FORBIDDEN: f64 = 100.0;

/// A machine's levels and room, with changes.
#[derive(Default)]
struct Row {
    machine: usize,
    level: Vec<i64>,
    room: Vec<i64>,
    value: f64,
}

/// Room for the computation, and its result.
#[derive(Default)]
pub struct Exchange {
    rows: [Row; 2],
    pub shifts: Vec<Shift>,
    /// The opposite of those that were made.
    back: Vec<Shift>,
}

/// Cost, and room lacking at a price.
fn value(cost: i64, lack: i64, price: f64) -> f64 {
    cost as f64 + price * lack as f64
}

impl Row {
    fn copy(&mut self, state: &State, m: usize, price: f64) {
        self.machine = m;
        self.level.clear();
        self.level.extend_from_slice(state.level(m));
        self.room.clear();
        self.room.extend_from_slice(state.room(m));
        self.value = value(state.machine_cost[m], state.machine_excess[m], price);
    }

    /// Its value when a process has come (sign 1) or gone (-1).
    fn with(&self, state: &State, p: usize, sign: i64, price: f64) -> f64 {
        let t = state.tables;
        let amount = t.amount(p);
        let cost = self.level.iter().zip(amount).map(|(level, a)| (level + sign * a).max(0)).sum();
        let changing = self.changing(state, p);
        let changed = self.room.iter().zip(amount).take(changing);
        let lack: i64 = changed.map(|(room, a)| (sign * a - room).max(0)).sum();
        let rest: i64 = self.room[changing..].iter().map(|room| (-room).max(0)).sum();
        value(cost, lack + rest, price)
    }

    /// Resources whose room changes with a process: what began here is held here all the time.
    fn changing(&self, state: &State, p: usize) -> usize {
        let t = state.tables;
        if t.initial[p] as usize == self.machine { t.free } else { t.resources }
    }

    fn change(&mut self, state: &State, p: usize, sign: i64) {
        let amount = state.tables.amount(p);
        let changing = self.changing(state, p);
        self.level.iter_mut().zip(amount).for_each(|(level, a)| *level += sign * a);
        self.room.iter_mut().zip(amount).take(changing).for_each(|(room, a)| *room -= sign * a);
    }
}

impl Exchange {
    /// Plans that `p` goes to `n`, and what goes along; returns what the value of the two machines
    /// rises by. The process does not conflict there. `start` is any number.
    pub fn plan(&mut self, state: &State, p: usize, n: usize, start: usize, price: f64) -> f64 {
        let m = state.at[p] as usize;
        self.shifts.clear();
        self.rows[0].copy(state, m, price);
        self.rows[1].copy(state, n, price);
        let before = self.rows[0].value + self.rows[1].value;
        let after = [self.rows[0].with(state, p, -1, price), self.rows[1].with(state, p, 1, price)];
        self.go(state, p, (0, 1), after);
        self.pass(state, (1, 0), start, price);
        self.pass(state, (0, 1), start, price);
        self.rows[0].value + self.rows[1].value - before
    }

    /// Makes what was planned for this state.
    pub fn make(&mut self, state: &mut State) {
        self.back.clear();
        for shift in &self.shifts {
            let from = state.at[shift.process] as usize;
            self.back.push(Shift { process: shift.process, to: from });
            state.force(*shift);
        }
    }

    /// Undoes what was made last.
    pub fn take_back(&mut self, state: &mut State) {
        while let Some(shift) = self.back.pop() {
            state.force(shift);
        }
    }

    /// Processes of one row go to the other where that lowers the value.
    fn pass(&mut self, state: &State, (from, to): (usize, usize), start: usize, price: f64) {
        let (m, n) = (self.rows[from].machine, self.rows[to].machine);
        let on = &state.on[m];
        let first = self.shifts[0].process;
        for k in 0..on.len() {
            let q = on[(start + k) % on.len()] as usize;
            if q == first || state.shift_conflicts(Shift { process: q, to: n }) {
                continue;
            }
            let after =
                [self.rows[from].with(state, q, -1, price), self.rows[to].with(state, q, 1, price)];
            if after[0] + after[1] < self.rows[from].value + self.rows[to].value {
                self.go(state, q, (from, to), after);
            }
        }
    }

    fn go(&mut self, state: &State, p: usize, (from, to): (usize, usize), after: [f64; 2]) {
        self.rows[from].change(state, p, -1);
        self.rows[to].change(state, p, 1);
        (self.rows[from].value, self.rows[to].value) = (after[0], after[1]);
        self.shifts.push(Shift { process: p, to: self.rows[to].machine });
    }
}
