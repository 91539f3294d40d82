//! What a move would do: to the rules, to the cost, to what exceeds capacity. In the order of the
//! machines' resources and of nothing else; nothing is allocated.

use super::state::{Shift, State};

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
        let t = self.tables;
        let (m, initial) = (self.at[p] as usize, t.initial[p] as usize);
        let amount = t.amount(p);
        // What returns has been held for it; what leaves its first machine holds it still.
        let needed = if initial == to { t.free } else { t.resources };
        let given_back = if initial == m { t.free } else { t.resources };
        let gain = |r: usize| if r < needed { amount[r] } else { 0 };
        let loss = |r: usize| if r < given_back { amount[r] } else { 0 };
        self.excess_with(to, gain) + self.excess_with(m, |r| -loss(r))
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
        let excess = |(r, (room, price)): (usize, (&i64, &i64))| (more(r) - room).max(0) * price;
        let priced = self.room(m).iter().zip(&self.tables.price).enumerate();
        priced.map(excess).sum::<i64>() - self.machine_excess[m]
    }

    pub fn is_exceeded(&self, m: usize) -> bool {
        self.machine_excess[m] > 0
    }

    fn is_host(&self, s: usize, m: usize) -> bool {
        self.hosts[s * self.tables.words + m / 64] >> (m % 64) & 1 == 1
    }

    /// Spread and dependencies when a process of `s` goes from `m` to `to`.
    fn keeps_service(&self, s: usize, m: usize, to: usize) -> bool {
        let t = self.tables;
        let (here, there) = (t.location[m] as usize, t.location[to] as usize);
        if here != there && self.locations[s] <= t.spread[s] {
            let count = |l: usize| self.by_location[s * t.locations + l];
            let lost = count(here) == 1 && count(there) > 0;
            if lost {
                return false;
            }
        }
        let (here, there) = (t.neighbourhood[m] as usize, t.neighbourhood[to] as usize);
        if here == there {
            return true;
        }
        let count = |s: u32, n: usize| self.by_neighbourhood[s as usize * t.neighbourhoods + n];
        let own = s as u32;
        let leaves = count(own, here) == 1 && t.dependents[s].iter().any(|d| count(*d, here) > 0);
        let lacks =
            count(own, there) == 0 && t.dependencies[s].iter().any(|d| count(*d, there) == 0);
        !leaves && !lacks
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

    /// Whether a shift keeps the rules of services.
    pub fn shift_keeps_services(&self, Shift { process: p, to }: Shift) -> bool {
        let (m, s) = (self.at[p] as usize, self.tables.processes[p].service as usize);
        !self.is_host(s, to) && self.keeps_service(s, m, to)
    }

    /// What a shift adds to the cost, whether it keeps the rules or not.
    pub fn shift_change(&self, Shift { process: p, to }: Shift) -> i64 {
        let t = self.tables;
        let m = self.at[p] as usize;
        let (here, there, amount) = (self.level(m), self.level(to), t.amount(p));
        let mut machines = -self.machine_cost[m] - self.machine_cost[to];
        for (d, weight) in t.weight.iter().enumerate() {
            machines += weight * ((here[d] - amount[d]).max(0) + (there[d] + amount[d]).max(0));
        }
        let moves = t.move_cost(p, to) - t.move_cost(p, m);
        let s = t.processes[p].service as usize;
        machines + moves + self.service_change(&[(s, self.moved_by(p, to))])
    }

    /// Whether exchanging two processes of different machines keeps the rules of services. Not
    /// where theirs depend on each other across neighbourhoods, which shifts can do.
    pub fn swap_keeps_services(&self, p: usize, q: usize) -> bool {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        if s == u {
            return true;
        }
        if self.is_host(s, n) || self.is_host(u, m) {
            return false;
        }
        if !self.keeps_service(s, m, n) || !self.keeps_service(u, n, m) {
            return false;
        }
        let depends = |s: usize, u: usize| t.dependencies[s].contains(&(u as u32));
        t.neighbourhood[m] == t.neighbourhood[n] || !(depends(s, u) || depends(u, s))
    }

    /// What exchanging two processes adds to the cost, whether it keeps the rules or not.
    pub fn swap_change(&self, p: usize, q: usize) -> i64 {
        let t = self.tables;
        let (m, n) = (self.at[p] as usize, self.at[q] as usize);
        let (here, there) = (self.level(m), self.level(n));
        let (plus, minus) = (t.amount(q), t.amount(p));
        let mut machines = -self.machine_cost[m] - self.machine_cost[n];
        for (d, weight) in t.weight.iter().enumerate() {
            let gain = plus[d] - minus[d];
            machines += weight * ((here[d] + gain).max(0) + (there[d] - gain).max(0));
        }
        let moves = t.move_cost(p, n) - t.move_cost(p, m) + t.move_cost(q, m) - t.move_cost(q, n);
        let (s, u) = (t.processes[p].service as usize, t.processes[q].service as usize);
        let (first, second) = (self.moved_by(p, n), self.moved_by(q, m));
        let services = if s == u {
            self.service_change(&[(s, first + second)])
        } else {
            self.service_change(&[(s, first), (u, second)])
        };
        machines + moves + services
    }
}
