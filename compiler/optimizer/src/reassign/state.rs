//! An assignment with what is needed to tell at once whether a move keeps the rules and what it
//! costs (`moves`). Always: `cost` is the exact cost of `at`; no machine has two processes of a
//! service; `at` keeps the rules of capacity where `excess` is 0, the others where `broken` is 0.

use super::tables::Tables;

pub struct State<'a> {
    pub tables: &'a Tables,
    pub at: Vec<u32>,
    pub cost: i64,
    /// Processes of each machine, in no order, and the place of each process there.
    pub on: Vec<Vec<u32>>,
    place: Vec<u32>,
    /// Processes that are not where they began, in no order, and the place of each there.
    pub away: Vec<u32>,
    away_place: Vec<u32>,
    /// By machine: the level of each dimension, which costs above 0; then the room of each
    /// resource, what processes that left still hold taken off.
    rows: Vec<i64>,
    pub(super) machine_cost: Vec<i64>,
    /// What exceeds capacity, in units of cost: of each machine; of all.
    pub(super) machine_excess: Vec<i64>,
    pub excess: i64,
    /// Locations that services lack, and neighbourhoods of services without what they depend on.
    pub broken: i64,
    /// Machines of each service, as bits; processes of each by location and neighbourhood.
    pub(super) hosts: Vec<u64>,
    pub(super) by_location: Vec<u32>,
    pub(super) by_neighbourhood: Vec<u32>,
    pub(super) locations: Vec<u32>,
    /// Processes of each service that have moved; how many services have so many; the most.
    pub(super) moved: Vec<u32>,
    pub(super) with_moved: Vec<u32>,
    pub(super) most_moved: usize,
}

/// One process goes to another machine.
#[derive(Clone, Copy)]
pub struct Shift {
    pub process: usize,
    pub to: usize,
}

/// A process goes to the machine of another, and that one to a third machine.
#[derive(Clone, Copy)]
pub struct Chain {
    pub first: usize,
    pub second: usize,
    pub to: usize,
}

/// What a move adds.
#[derive(Clone, Copy)]
pub struct Change {
    pub cost: i64,
    pub broken: i64,
}

impl<'a> State<'a> {
    /// From an assignment without two processes of a service on a machine.
    pub fn new(tables: &'a Tables, at: &[u32]) -> State<'a> {
        let t = tables;
        let services = t.spread.len();
        let mut state = State {
            tables,
            at: at.to_vec(),
            cost: 0,
            on: vec![Vec::new(); t.machines],
            place: vec![0; at.len()],
            away: Vec::new(),
            away_place: vec![0; at.len()],
            rows: t.empty.clone(),
            machine_cost: vec![0; t.machines],
            machine_excess: vec![0; t.machines],
            excess: 0,
            broken: 0,
            hosts: vec![0; services * t.words],
            by_location: vec![0; services * t.locations],
            by_neighbourhood: vec![0; services * t.neighbourhoods],
            locations: vec![0; services],
            moved: vec![0; services],
            with_moved: vec![0; at.len() + 1],
            most_moved: 0,
        };
        state.with_moved[0] = services as u32;
        for (p, &m) in at.iter().enumerate() {
            let m = m as usize;
            state.enter(p, m);
            state.cost += t.move_cost(p, m);
            let from = t.initial[p] as usize;
            if from != m {
                state.note_moved(p, 1);
                let room = &mut state.rows[from * t.stride() + t.dimensions..][..t.resources];
                let held = room.iter_mut().zip(t.amount(p)).skip(t.free);
                held.for_each(|(room, amount)| *room -= amount);
            }
        }
        for m in 0..t.machines {
            state.renew(m);
            state.cost += state.machine_cost[m];
        }
        state.cost += t.service_weight * state.most_moved as i64;
        state.broken = (0..services).map(|s| state.broken_of(s)).sum();
        state
    }

    pub fn keeps_rules(&self) -> bool {
        self.excess == 0 && self.broken == 0
    }

    /// The processes that can put right what is broken: those of machines that exceed capacity, of
    /// services whose rules are broken, and of what these depend on. Some may be there twice.
    pub fn culprits(&self, list: &mut Vec<u32>) {
        list.clear();
        if self.excess > 0 {
            let full = self.machine_excess.iter().zip(&self.on).filter(|(excess, _)| **excess > 0);
            full.for_each(|(_, on)| list.extend(on));
        }
        if self.broken > 0 {
            let t = self.tables;
            for s in (0..t.spread.len()).filter(|s| self.broken_of(*s) > 0) {
                list.extend(&t.members[s]);
                t.dependencies[s].iter().for_each(|on| list.extend(&t.members[*on as usize]));
            }
        }
    }

    /// Broken rules of a service, counted anew.
    fn broken_of(&self, s: usize) -> i64 {
        let t = self.tables;
        let lacks = t.spread[s].saturating_sub(self.locations[s]);
        let row = |s: usize| &self.by_neighbourhood[s * t.neighbourhoods..][..t.neighbourhoods];
        let without = |on: &u32| {
            let pairs = row(s).iter().zip(row(*on as usize));
            pairs.filter(|(own, other)| **own > 0 && **other == 0).count() as i64
        };
        i64::from(lacks) + t.dependencies[s].iter().map(without).sum::<i64>()
    }

    /// Adds a process to the tables of a machine and of its service; moves are counted elsewhere.
    fn enter(&mut self, p: usize, m: usize) {
        let t = self.tables;
        let s = t.processes[p].service as usize;
        let (level, room) = self.rows[m * t.stride()..][..t.stride()].split_at_mut(t.dimensions);
        let amounts = t.amount(p);
        level.iter_mut().zip(amounts).for_each(|(level, amount)| *level += amount);
        room.iter_mut().zip(amounts).for_each(|(room, amount)| *room -= amount);
        self.place[p] = self.on[m].len() as u32;
        self.on[m].push(p as u32);
        self.hosts[s * t.words + m / 64] |= 1 << (m % 64);
        let location = &mut self.by_location[s * t.locations + t.location[m] as usize];
        self.locations[s] += u32::from(*location == 0);
        *location += 1;
        self.by_neighbourhood[s * t.neighbourhoods + t.neighbourhood[m] as usize] += 1;
    }

    /// The opposite; what a process holds where it began stays.
    fn leave(&mut self, p: usize, m: usize) {
        let t = self.tables;
        let process = &t.processes[p];
        let s = process.service as usize;
        let (level, room) = self.rows[m * t.stride()..][..t.stride()].split_at_mut(t.dimensions);
        let amounts = t.amount(p);
        level.iter_mut().zip(amounts).for_each(|(level, amount)| *level -= amount);
        let given_back = if process.initial as usize == m { t.free } else { t.resources };
        let room = room.iter_mut().zip(amounts).take(given_back);
        room.for_each(|(room, amount)| *room += amount);
        let place = self.place[p] as usize;
        self.on[m].swap_remove(place);
        if let Some(&last) = self.on[m].get(place) {
            self.place[last as usize] = place as u32;
        }
        self.hosts[s * t.words + m / 64] &= !(1 << (m % 64));
        let location = &mut self.by_location[s * t.locations + t.location[m] as usize];
        *location -= 1;
        self.locations[s] -= u32::from(*location == 0);
        self.by_neighbourhood[s * t.neighbourhoods + t.neighbourhood[m] as usize] -= 1;
    }

    /// A process goes away from where it began (1) or comes back (-1).
    fn note_moved(&mut self, p: usize, by: i32) {
        if by > 0 {
            self.away_place[p] = self.away.len() as u32;
            self.away.push(p as u32);
        } else {
            let place = self.away_place[p] as usize;
            self.away.swap_remove(place);
            if let Some(&last) = self.away.get(place) {
                self.away_place[last as usize] = place as u32;
            }
        }
        let s = self.tables.processes[p].service as usize;
        let before = self.moved[s] as usize;
        let after = before.wrapping_add_signed(by as isize);
        self.with_moved[before] -= 1;
        self.with_moved[after] += 1;
        self.moved[s] = after as u32;
        self.most_moved = self.most_moved.max(after);
        while self.most_moved > 0 && self.with_moved[self.most_moved] == 0 {
            self.most_moved -= 1;
        }
    }

    pub(super) fn level(&self, m: usize) -> &[i64] {
        &self.rows[m * self.tables.stride()..][..self.tables.dimensions]
    }

    pub(super) fn room(&self, m: usize) -> &[i64] {
        &self.rows[m * self.tables.stride() + self.tables.dimensions..][..self.tables.resources]
    }

    /// Notes that a process came to a machine from another: whether it has moved from where it
    /// began, and that what was held for it there is given back when it returns.
    fn arrive(&mut self, p: usize, m: usize) {
        let t = self.tables;
        let by = self.moved_by(p, m);
        self.enter(p, m);
        if t.initial[p] as usize == m {
            let room = &mut self.rows[m * t.stride() + t.dimensions..][..t.resources];
            let held = room.iter_mut().zip(t.amount(p)).skip(t.free);
            held.for_each(|(room, amount)| *room += amount);
        }
        self.at[p] = m as u32;
        if by != 0 {
            self.note_moved(p, by);
        }
    }

    fn renew(&mut self, m: usize) {
        self.machine_cost[m] = self.level(m).iter().map(|level| level.max(&0)).sum();
        let excess = self.room(m).iter().map(|room| (-room).max(0)).sum();
        self.excess += excess - self.machine_excess[m];
        self.machine_excess[m] = excess;
    }

    /// Makes a shift whose change has been computed.
    pub fn shift(&mut self, shift: Shift, change: Change) {
        let m = self.at[shift.process] as usize;
        self.leave(shift.process, m);
        self.arrive(shift.process, shift.to);
        self.renew(m);
        self.renew(shift.to);
        self.add(change);
    }

    /// Makes a shift that does not conflict, whatever it changes.
    pub fn force(&mut self, shift: Shift) {
        let change = Change { cost: self.shift_change(shift), broken: self.shift_broken(shift) };
        self.shift(shift, change);
    }

    /// Makes a swap whose change has been computed.
    pub fn swap(&mut self, p: usize, q: usize, change: Change) {
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        self.leave(p, m);
        self.leave(q, n);
        self.arrive(p, n);
        self.arrive(q, m);
        self.renew(m);
        self.renew(n);
        self.add(change);
    }

    /// Makes a chain whose change has been computed.
    pub fn chain(&mut self, Chain { first: p, second: q, to }: Chain, change: Change) {
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        self.leave(p, m);
        self.leave(q, n);
        self.arrive(p, n);
        self.arrive(q, to);
        [m, n, to].into_iter().for_each(|machine| self.renew(machine));
        self.add(change);
    }

    fn add(&mut self, change: Change) {
        self.cost += change.cost;
        self.broken += change.broken;
    }
}
