//! What a move would do: to the rules, to the cost, to what exceeds capacity. In the order of the
//! machines' resources and of nothing else; nothing is allocated.

use super::state::{Chain, Shift, State};

impl State<'_> {
    /// Whether `p` fits on `m`.
    pub fn fits(&self, p: usize, m: usize) -> bool {
        let t = self.tables;
        // What returns has been held for it.
        let needed = if t.initial[p] as usize == m { t.free } else { t.resources };
        let mut pairs = self.room(m).iter().zip(t.amount(p)).take(needed);
        pairs.all(|(room, amount)| amount <= room)
    }

    /// Whether `p` fits on `m` when `q` leaves it.
    pub fn fits_for(&self, p: usize, q: usize, m: usize) -> bool {
        let t = self.tables;
        let (room, plus, minus) = (self.room(m), t.amount(p), t.amount(q));
        let fits = |r: usize| plus[r] - minus[r] <= room[r];
        if !(0..t.free).all(fits) {
            return false;
        }
        if t.free == t.resources || t.initial[p] as usize == m {
            return true;
        }
        // What leaves its first machine holds it still.
        let stays = t.initial[q] as usize == m;
        (t.free..t.resources).all(|r| if stays { plus[r] <= room[r] } else { fits(r) })
    }

    /// What a shift adds to what exceeds capacity.
    pub fn shift_excess(&self, Shift { process: p, to }: Shift) -> i64 {
        self.excess_before(p, to) + self.excess_after(p, self.at[p] as usize)
    }

    /// The same on the machine that a process comes to: what returns has been held for it.
    fn excess_before(&self, p: usize, to: usize) -> i64 {
        let t = self.tables;
        let amount = t.amount(p);
        let needed = if t.initial[p] as usize == to { t.free } else { t.resources };
        self.excess_with(to, |r| if r < needed { amount[r] } else { 0 })
    }

    /// The same on the machine that a process leaves: its first one holds it still.
    fn excess_after(&self, p: usize, m: usize) -> i64 {
        if self.machine_excess[m] == 0 {
            return 0;
        }
        let t = self.tables;
        let amount = t.amount(p);
        let given_back = if t.initial[p] as usize == m { t.free } else { t.resources };
        self.excess_with(m, |r| if r < given_back { -amount[r] } else { 0 })
    }

    /// What exchanging two processes adds to what exceeds capacity.
    pub fn swap_excess(&self, p: usize, q: usize) -> i64 {
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        self.excess_for(p, q, n) + self.excess_for(q, p, m)
    }

    /// The same on `m` alone, where `p` comes for `q`.
    fn excess_for(&self, p: usize, q: usize, m: usize) -> i64 {
        let t = self.tables;
        let (plus, minus) = (t.amount(p), t.amount(q));
        let needed = if t.initial[p] as usize == m { t.free } else { t.resources };
        let given_back = if t.initial[q] as usize == m { t.free } else { t.resources };
        let gain = |r: usize| if r < needed { plus[r] } else { 0 };
        let loss = |r: usize| if r < given_back { minus[r] } else { 0 };
        self.excess_with(m, |r| gain(r) - loss(r))
    }

    /// What the excess of a machine rises by when it has to hold so much more of each resource.
    fn excess_with(&self, m: usize, more: impl Fn(usize) -> i64) -> i64 {
        let rooms = self.room(m).iter().enumerate();
        rooms.map(|(r, room)| (more(r) - room).max(0)).sum::<i64>() - self.machine_excess[m]
    }

    fn is_host(&self, s: usize, m: usize) -> bool {
        self.hosts[s * self.tables.words + m / 64] >> (m % 64) & 1 == 1
    }

    /// What is added to the broken rules when a process of `s` goes from `m` to `to`.
    fn rules_change(&self, s: usize, m: usize, to: usize) -> i64 {
        let t = self.tables;
        let mut change = 0;
        let (here, there) = (t.location[m] as usize, t.location[to] as usize);
        if here != there && self.locations[s] <= t.spread[s] {
            let count = |l: usize| self.by_location[s * t.locations + l];
            let after = self.locations[s] - u32::from(count(here) == 1);
            let after = after + u32::from(count(there) == 0);
            let lacks = |locations: u32| i64::from(t.spread[s].saturating_sub(locations));
            change += lacks(after) - lacks(self.locations[s]);
        }
        let (here, there) = (t.neighbourhood[m] as usize, t.neighbourhood[to] as usize);
        if here == there {
            return change;
        }
        let count = |s: u32, n: usize| self.by_neighbourhood[s as usize * t.neighbourhoods + n];
        let own = s as u32;
        // How much is broken in a neighbourhood because `s` is there, less what its absence breaks.
        let balance = |n: usize| {
            let lacking = t.dependencies[s].iter().filter(|on| count(**on, n) == 0).count();
            let served = t.dependents[s].iter().filter(|by| count(**by, n) > 0).count();
            lacking as i64 - served as i64
        };
        if count(own, here) == 1 {
            change -= balance(here);
        }
        if count(own, there) == 0 {
            change += balance(there);
        }
        change
    }

    /// What the cost rises by when processes of services change whether they have moved.
    fn service_change(&self, changes: &[(usize, i32)]) -> i64 {
        let weight = self.tables.service_weight;
        if weight == 0 || changes.iter().all(|(_, by)| *by == 0) {
            return 0;
        }
        let after = |(s, by): &(usize, i32)| self.moved[*s] as i64 + i64::from(*by);
        let raised = changes.iter().map(after).max().unwrap_or(0);
        let top = self.most_moved as i64;
        let falling = changes.iter().filter(|c| self.moved[c.0] as i64 == top && after(c) < top);
        let alone = falling.count() as u32 == self.with_moved[self.most_moved];
        let mut rest = top;
        if alone {
            // Two of one service may come home at once: then nothing may have moved so often.
            rest -= 1;
            while rest > raised && self.with_moved[rest as usize] == 0 {
                rest -= 1;
            }
        }
        weight * (raised.max(rest) - top)
    }

    pub fn moved_by(&self, p: usize, to: usize) -> i32 {
        let from = self.tables.initial[p];
        i32::from(from != to as u32) - i32::from(from != self.at[p])
    }

    /// Whether a shift would bring two processes of a service together.
    pub fn shift_conflicts(&self, Shift { process: p, to }: Shift) -> bool {
        self.is_host(self.tables.processes[p].service as usize, to)
    }

    /// What a shift adds to the broken rules.
    pub fn shift_broken(&self, Shift { process: p, to }: Shift) -> i64 {
        self.rules_change(self.tables.processes[p].service as usize, self.at[p] as usize, to)
    }

    /// What a shift adds to the cost, whether it keeps the rules or not.
    pub fn shift_change(&self, Shift { process: p, to }: Shift) -> i64 {
        let t = self.tables;
        let m = self.at[p] as usize;
        let (here, there, amount) = (self.level(m), self.level(to), t.amount(p));
        let mut machines = -self.machine_cost[m] - self.machine_cost[to];
        for ((here, there), amount) in here.iter().zip(there).zip(amount) {
            machines += (here - amount).max(0) + (there + amount).max(0);
        }
        let moves = t.move_cost(p, to) - t.move_cost(p, m);
        let s = t.processes[p].service as usize;
        machines + moves + self.service_change(&[(s, self.moved_by(p, to))])
    }

    /// Whether one of two services depends on the other.
    fn are_related(&self, s: usize, u: usize) -> bool {
        let depends = |s: usize, u: usize| self.tables.dependencies[s].contains(&(u as u32));
        depends(s, u) || depends(u, s)
    }

    /// Whether exchanging two processes of different machines would bring two of a service
    /// together. So is called, too, what depends on each other and goes to other neighbourhoods:
    /// shifts can do that.
    pub fn swap_conflicts(&self, p: usize, q: usize) -> bool {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        s != u
            && (self.is_host(s, n)
                || self.is_host(u, m)
                || t.neighbourhood[m] != t.neighbourhood[n] && self.are_related(s, u))
    }

    /// What exchanging two processes that do not conflict adds to the broken rules.
    pub fn swap_broken(&self, p: usize, q: usize) -> i64 {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        if s == u { 0 } else { self.rules_change(s, m, n) + self.rules_change(u, n, m) }
    }

    /// What exchanging two processes adds to the cost, whether it keeps the rules or not.
    pub fn swap_change(&self, p: usize, q: usize) -> i64 {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (here, there) = (self.level(m), self.level(n));
        let (plus, minus) = (t.amount(q), t.amount(p));
        let mut machines = -self.machine_cost[m] - self.machine_cost[n];
        for ((here, there), (plus, minus)) in here.iter().zip(there).zip(plus.iter().zip(minus)) {
            let gain = plus - minus;
            machines += (here + gain).max(0) + (there - gain).max(0);
        }
        let moves = t.move_cost(p, n) - t.move_cost(p, m) + t.move_cost(q, m) - t.move_cost(q, n);
        machines + moves + self.services_change((p, n), (q, m))
    }

    /// Whether a chain over three different machines would bring two processes of a service
    /// together, or is one of services that depend on each other to other neighbourhoods.
    pub fn chain_conflicts(&self, Chain { first: p, second: q, to }: Chain) -> bool {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        let neighbourhood = |m: usize| t.neighbourhood[m];
        let stays = neighbourhood(m) == neighbourhood(n) && neighbourhood(n) == neighbourhood(to);
        self.is_host(u, to) || s != u && (self.is_host(s, n) || !stays && self.are_related(s, u))
    }

    /// What a chain that does not conflict adds to the broken rules.
    pub fn chain_broken(&self, Chain { first: p, second: q, to }: Chain) -> i64 {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        if s == u {
            return self.rules_change(s, m, to);
        }
        self.rules_change(s, m, n) + self.rules_change(u, n, to)
    }

    pub fn chain_fits(&self, Chain { first: p, second: q, to }: Chain) -> bool {
        self.fits_for(p, q, self.at[q] as usize) && self.fits(q, to)
    }

    /// What a chain adds to what exceeds capacity.
    pub fn chain_excess(&self, Chain { first: p, second: q, to }: Chain) -> i64 {
        self.excess_for(p, q, self.at[q] as usize)
            + self.excess_after(p, self.at[p] as usize)
            + self.excess_before(q, to)
    }

    /// What a chain adds to the cost, whether it keeps the rules or not.
    pub fn chain_change(&self, Chain { first: p, second: q, to }: Chain) -> i64 {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (left, passed, reached) = (self.level(m), self.level(n), self.level(to));
        let (one, two) = (t.amount(p), t.amount(q));
        let mut machines = -self.machine_cost[m] - self.machine_cost[n] - self.machine_cost[to];
        let levels = left.iter().zip(passed).zip(reached);
        for (((left, passed), reached), (one, two)) in levels.zip(one.iter().zip(two)) {
            machines += (left - one).max(0) + (passed + one - two).max(0) + (reached + two).max(0);
        }
        let moves = t.move_cost(p, n) - t.move_cost(p, m) + t.move_cost(q, to) - t.move_cost(q, n);
        machines + moves + self.services_change((p, n), (q, to))
    }

    /// Of the cost of services, when two processes go elsewhere.
    fn services_change(&self, (p, to): (usize, usize), (q, there): (usize, usize)) -> i64 {
        let t = self.tables;
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        let (first, second) = (self.moved_by(p, to), self.moved_by(q, there));
        if s == u {
            self.service_change(&[(s, first + second)])
        } else {
            self.service_change(&[(s, first), (u, second)])
        }
    }
}
