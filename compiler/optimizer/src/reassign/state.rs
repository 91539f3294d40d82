//! An assignment with what is needed to tell at once whether a move keeps the rules and what it
//! costs. Always: `cost` is the exact cost of `at`, and `at` keeps every rule.

use super::instance::Instance;

/// The instance in flat tables, as the inner loop reads them.
pub struct Tables<'a> {
    pub instance: &'a Instance,
    pub initial: Vec<u32>,
    resources: usize,
    transient: Vec<bool>,
    load_weight: Vec<i64>,
    capacity: Vec<i64>,
    safety: Vec<i64>,
    move_cost: Vec<i64>,
    location: Vec<u32>,
    neighbourhood: Vec<u32>,
    locations: usize,
    neighbourhoods: usize,
    service: Vec<u32>,
    requirement: Vec<i64>,
    process_move: Vec<i64>,
    dependencies: Vec<Vec<u32>>,
    dependents: Vec<Vec<u32>>,
    /// Words of a service's set of machines.
    words: usize,
}

impl Tables<'_> {
    pub fn new<'a>(instance: &'a Instance, initial: &[usize]) -> Tables<'a> {
        let machines = &instance.machines;
        let mut dependencies = vec![Vec::new(); instance.services.len()];
        let mut dependents = vec![Vec::new(); instance.services.len()];
        for (s, service) in instance.services.iter().enumerate() {
            for &on in &service.dependencies {
                dependencies[s].push(on as u32);
                dependents[on].push(s as u32);
            }
        }
        let weighted = |costs: &[i64], weight: i64| costs.iter().map(|c| c * weight).collect();
        let between: Vec<i64> = machines.iter().flat_map(|m| m.move_cost.clone()).collect();
        let moves: Vec<i64> = instance.processes.iter().map(|p| p.move_cost).collect();
        Tables {
            instance,
            initial: initial.iter().map(|m| *m as u32).collect(),
            resources: instance.resources(),
            transient: instance.transient.clone(),
            load_weight: instance.load_weight.clone(),
            capacity: machines.iter().flat_map(|m| m.capacity.clone()).collect(),
            safety: machines.iter().flat_map(|m| m.safety.clone()).collect(),
            move_cost: weighted(&between, instance.machine_move_weight),
            location: machines.iter().map(|m| m.location as u32).collect(),
            neighbourhood: machines.iter().map(|m| m.neighbourhood as u32).collect(),
            locations: instance.locations(),
            neighbourhoods: instance.neighbourhoods(),
            service: instance.processes.iter().map(|p| p.service as u32).collect(),
            requirement: instance.processes.iter().flat_map(|p| p.requirement.clone()).collect(),
            process_move: weighted(&moves, instance.process_move_weight),
            dependencies,
            dependents,
            words: machines.len().div_ceil(64),
        }
    }

    fn requirement(&self, p: usize) -> &[i64] {
        &self.requirement[p * self.resources..(p + 1) * self.resources]
    }

    /// Of its moves away from where it began, when on `m`.
    fn move_cost(&self, p: usize, m: usize) -> i64 {
        let from = self.initial[p] as usize;
        let own = if from == m { 0 } else { self.process_move[p] };
        own + self.move_cost[from * self.location.len() + m]
    }
}

pub struct State<'a> {
    pub tables: &'a Tables<'a>,
    pub at: Vec<u32>,
    pub cost: i64,
    /// Processes of each machine, in no order, and the place of each process there.
    pub on: Vec<Vec<u32>>,
    place: Vec<u32>,
    /// Use of each machine's resources, and the same with what processes that left still hold.
    usage: Vec<i64>,
    total: Vec<i64>,
    machine_cost: Vec<i64>,
    /// Machines of each service, as bits; processes of each by location and neighbourhood.
    hosts: Vec<u64>,
    by_location: Vec<u32>,
    by_neighbourhood: Vec<u32>,
    spread: Vec<u32>,
    /// Processes of each service that have moved; how many services have so many; the most.
    moved: Vec<u32>,
    with_moved: Vec<u32>,
    most_moved: usize,
}

/// One process goes to another machine.
#[derive(Clone, Copy)]
pub struct Shift {
    pub process: usize,
    pub to: usize,
}

impl<'a> State<'a> {
    /// From an assignment that keeps the rules.
    pub fn new(tables: &'a Tables<'a>, at: &[u32]) -> State<'a> {
        let (machines, services) = (tables.location.len(), tables.dependencies.len());
        let mut state = State {
            tables,
            at: at.to_vec(),
            cost: 0,
            on: vec![Vec::new(); machines],
            place: vec![0; at.len()],
            usage: vec![0; machines * tables.resources],
            total: vec![0; machines * tables.resources],
            machine_cost: vec![0; machines],
            hosts: vec![0; services * tables.words],
            by_location: vec![0; services * tables.locations],
            by_neighbourhood: vec![0; services * tables.neighbourhoods],
            spread: vec![0; services],
            moved: vec![0; services],
            with_moved: vec![0; at.len() + 1],
            most_moved: 0,
        };
        state.with_moved[0] = services as u32;
        for (p, &m) in at.iter().enumerate() {
            let m = m as usize;
            state.enter(p, m);
            state.cost += tables.move_cost(p, m);
            let from = tables.initial[p] as usize;
            if from != m {
                state.count_moved(tables.service[p] as usize, 1);
                for (r, amount) in tables.requirement(p).iter().enumerate() {
                    if tables.transient[r] {
                        state.total[from * tables.resources + r] += amount;
                    }
                }
            }
        }
        let none = vec![0; tables.resources];
        for m in 0..machines {
            state.machine_cost[m] = state.machine_cost_with(m, &none, &none);
            state.cost += state.machine_cost[m];
        }
        state.cost += tables.instance.service_move_weight * state.most_moved as i64;
        state
    }

    /// Adds a process to the tables of a machine and of its service; moves are counted elsewhere.
    fn enter(&mut self, p: usize, m: usize) {
        let t = self.tables;
        let s = t.service[p] as usize;
        for (r, amount) in t.requirement(p).iter().enumerate() {
            self.usage[m * t.resources + r] += amount;
            self.total[m * t.resources + r] += amount;
        }
        self.place[p] = self.on[m].len() as u32;
        self.on[m].push(p as u32);
        self.hosts[s * t.words + m / 64] |= 1 << (m % 64);
        let location = &mut self.by_location[s * t.locations + t.location[m] as usize];
        self.spread[s] += u32::from(*location == 0);
        *location += 1;
        self.by_neighbourhood[s * t.neighbourhoods + t.neighbourhood[m] as usize] += 1;
    }

    fn count_moved(&mut self, s: usize, by: i32) {
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

    /// The cost of a machine that gains `plus` and loses `minus`.
    fn machine_cost_with(&self, m: usize, plus: &[i64], minus: &[i64]) -> i64 {
        let t = self.tables;
        let base = m * t.resources;
        let (usage, safety) = (&self.usage[base..base + t.resources], &t.safety[base..]);
        let mut cost = 0;
        for r in 0..t.resources {
            let over = usage[r] + plus[r] - minus[r] - safety[r];
            if over > 0 {
                cost += t.load_weight[r] * over;
            }
        }
        for b in &t.instance.balances {
            let free = |r: usize| t.capacity[base + r] - usage[r] - plus[r] + minus[r];
            cost += b.weight * (b.target * free(b.first) - free(b.second)).max(0);
        }
        cost
    }

    /// Whether `plus` fits on `m` when `minus` leaves: while `p` moves in and `q` out.
    fn fits(&self, m: usize, p: usize, q: Option<usize>) -> bool {
        let t = self.tables;
        let base = m * t.resources;
        let plus = t.requirement(p);
        let returns = t.initial[p] as usize == m;
        let minus = q.map(|q| (t.requirement(q), t.initial[q] as usize == m));
        for r in 0..t.resources {
            let stays = t.transient[r];
            // What returns has been held for it; what leaves its first machine holds it still.
            let gain = if returns && stays { 0 } else { plus[r] };
            let loss = match minus {
                Some((_, true)) if stays => 0,
                Some((minus, _)) => minus[r],
                None => 0,
            };
            if self.total[base + r] + gain - loss > t.capacity[base + r] {
                return false;
            }
        }
        true
    }

    fn hosts(&self, s: usize, m: usize) -> bool {
        self.hosts[s * self.tables.words + m / 64] >> (m % 64) & 1 == 1
    }

    /// Spread and dependencies when a process of `s` goes from `m` to `to`.
    fn keeps_service(&self, s: usize, m: usize, to: usize) -> bool {
        let t = self.tables;
        let (here, there) = (t.location[m] as usize, t.location[to] as usize);
        if here != there {
            let count = |l: usize| self.by_location[s * t.locations + l];
            let after = self.spread[s] + u32::from(count(there) == 0) - u32::from(count(here) == 1);
            if (after as usize) < t.instance.services[s].spread {
                return false;
            }
        }
        let (here, there) = (t.neighbourhood[m] as usize, t.neighbourhood[to] as usize);
        if here == there {
            return true;
        }
        let count = |s: u32, n: usize| self.by_neighbourhood[s as usize * t.neighbourhoods + n];
        let own = s as u32;
        let leaves = count(own, here) == 1
            && t.dependents[s].iter().any(|d| *d != own && count(*d, here) > 0);
        let lacks = count(own, there) == 0
            && t.dependencies[s].iter().any(|d| *d != own && count(*d, there) == 0);
        !leaves && !lacks
    }

    /// What the cost rises by when processes of services change whether they have moved.
    fn service_change(&self, changes: &[(usize, i32)]) -> i64 {
        let weight = self.tables.instance.service_move_weight;
        if weight == 0 || changes.iter().all(|(_, by)| *by == 0) {
            return 0;
        }
        let after = |(s, by): &(usize, i32)| self.moved[*s] as i64 + i64::from(*by);
        let raised = changes.iter().map(after).max().unwrap_or(0);
        let top = self.most_moved as i64;
        let falling = changes.iter().filter(|c| self.moved[c.0] as i64 == top && after(c) < top);
        let alone = falling.count() as u32 == self.with_moved[self.most_moved];
        weight * (raised.max(if alone { top - 1 } else { top }) - top)
    }

    fn moved_by(&self, p: usize, to: usize) -> i32 {
        let from = self.tables.initial[p];
        i32::from(from != to as u32) - i32::from(from != self.at[p])
    }

    /// What a shift adds to the cost; `None` where it breaks a rule.
    pub fn shift_change(&self, shift: Shift) -> Option<i64> {
        let t = self.tables;
        let Shift { process: p, to } = shift;
        let (m, s) = (self.at[p] as usize, t.service[p] as usize);
        if m == to || self.hosts(s, to) || !self.fits(to, p, None) || !self.keeps_service(s, m, to)
        {
            return None;
        }
        let amounts = t.requirement(p);
        let none = &ZEROS[..];
        let machines = if t.resources <= none.len() {
            self.machine_cost_with(m, none, amounts) + self.machine_cost_with(to, amounts, none)
        } else {
            let none = vec![0; t.resources];
            self.machine_cost_with(m, &none, amounts) + self.machine_cost_with(to, amounts, &none)
        };
        let moves = t.move_cost(p, to) - t.move_cost(p, m);
        let services = self.service_change(&[(s, self.moved_by(p, to))]);
        Some(machines - self.machine_cost[m] - self.machine_cost[to] + moves + services)
    }

    /// What exchanging two processes adds to the cost; `None` where it breaks a rule, or where
    /// their services depend on each other across neighbourhoods, which shifts can do.
    pub fn swap_change(&self, p: usize, q: usize) -> Option<i64> {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (s, u) = (t.service[p] as usize, t.service[q] as usize);
        if m == n || s == u || self.hosts(s, n) || self.hosts(u, m) {
            return None;
        }
        if !self.fits(n, p, Some(q)) || !self.fits(m, q, Some(p)) {
            return None;
        }
        if !self.keeps_service(s, m, n) || !self.keeps_service(u, n, m) {
            return None;
        }
        let related =
            || t.dependencies[s].contains(&(u as u32)) || t.dependencies[u].contains(&(s as u32));
        if t.neighbourhood[m] != t.neighbourhood[n] && related() {
            return None;
        }
        let (a, b) = (t.requirement(p), t.requirement(q));
        let machines = self.machine_cost_with(m, b, a) + self.machine_cost_with(n, a, b);
        let moves = t.move_cost(p, n) - t.move_cost(p, m) + t.move_cost(q, m) - t.move_cost(q, n);
        let services = self.service_change(&[(s, self.moved_by(p, n)), (u, self.moved_by(q, m))]);
        Some(machines - self.machine_cost[m] - self.machine_cost[n] + moves + services)
    }

    /// Carries out a shift that keeps the rules; of a swap, both halves one after the other.
    fn carry_out(&mut self, shift: Shift) {
        let t = self.tables;
        let Shift { process: p, to } = shift;
        let (m, s, from) = (self.at[p] as usize, t.service[p] as usize, t.initial[p] as usize);
        let by = self.moved_by(p, to);
        for (r, amount) in t.requirement(p).iter().enumerate() {
            self.usage[m * t.resources + r] -= amount;
            if !(t.transient[r] && from == m) {
                self.total[m * t.resources + r] -= amount;
            }
            if t.transient[r] && from == to {
                self.total[to * t.resources + r] -= amount;
            }
        }
        let place = self.place[p] as usize;
        self.on[m].swap_remove(place);
        if let Some(&last) = self.on[m].get(place) {
            self.place[last as usize] = place as u32;
        }
        self.hosts[s * t.words + m / 64] &= !(1 << (m % 64));
        let location = &mut self.by_location[s * t.locations + t.location[m] as usize];
        *location -= 1;
        self.spread[s] -= u32::from(*location == 0);
        self.by_neighbourhood[s * t.neighbourhoods + t.neighbourhood[m] as usize] -= 1;
        self.enter(p, to);
        self.at[p] = to as u32;
        if by != 0 {
            self.count_moved(s, by);
        }
    }

    fn renew(&mut self, m: usize) {
        let none = vec![0; self.tables.resources];
        self.machine_cost[m] = self.machine_cost_with(m, &none, &none);
    }

    /// Makes a shift whose change has been computed.
    pub fn shift(&mut self, shift: Shift, change: i64) {
        let m = self.at[shift.process] as usize;
        self.carry_out(shift);
        self.renew(m);
        self.renew(shift.to);
        self.cost += change;
    }

    /// Makes a swap whose change has been computed.
    pub fn swap(&mut self, p: usize, q: usize, change: i64) {
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        self.carry_out(Shift { process: p, to: n });
        self.carry_out(Shift { process: q, to: m });
        self.renew(m);
        self.renew(n);
        self.cost += change;
    }
}

/// Nothing, of as many resources as most instances have.
static ZEROS: [i64; 32] = [0; 32];
