//! One simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) over shifts, swaps, chains and
//! exchanges. A move that adds to the cost is made where it adds less than the temperature times an
//! exponential number; the temperature falls geometrically, in two pieces where a part of the
//! search is soft.
//!
//! 1. A process away from where it began holds room there, and moves that do not fit are what
//!    stops a search. So a hot process is reluctant to leave: leaving costs it some temperatures,
//!    the more the more it would hold. As the temperature falls that becomes nothing.
//! 2. A soft search may exceed capacity and break the rules of services at a price, which first
//!    rises steadily, then so that the search goes to and fro over the border of what is allowed
//!    (Gendreau, Hertz and Laporte 1994).
//! 3. While it is soft it is hot, and where few processes are much larger than all others, these
//!    decide what it comes to: small ones find their places among them at once. So it looks at
//!    large ones more often.

use super::anneal::Effort;
use super::exchange::{Exchange, FORBIDDEN};
use super::state::{Chain, Change, Shift, State};
use super::tables::Tables;
use crate::random::Random;

/// Where room is held, what a machine has to spare for guests, processes that began elsewhere, is
/// the same whatever leaves it. So guests are what makes room for others.
#[derive(Clone, Copy)]
enum Kind {
    /// A guest goes back.
    Home,
    /// A guest goes back for a process that is there.
    HomeSwap,
    Shift,
    /// A swap of two processes of a service.
    Within,
    Exchange,
    Chain,
    /// A process comes to the machine of a guest, which goes back.
    Eject,
    /// Two guests swap, or one comes for the other, which goes elsewhere.
    Guests,
    Swap,
}

#[derive(Clone, Copy)]
pub struct Plan {
    /// Logarithm of the first temperature, in those of the instance.
    pub heat: f64,
    /// Temperatures that leaving costs a process which holds nothing.
    pub reluctance: f64,
    pub soft: Option<Soft>,
    /// Logarithm of the last temperature.
    pub cold: f64,
}

/// Of the part of a search in which rules may be broken.
#[derive(Clone, Copy)]
pub struct Soft {
    /// How far the logarithm of the temperature falls meanwhile.
    pub fall: f64,
    /// Logarithms of the price of a unit of excess from and until when it rises steadily.
    pub prices: (f64, f64),
}

/// Part of a search that is soft, where there is a soft part.
const SOFT: f64 = 0.7;
/// Part of a search after which one that is still soft goes on from the best that keeps the rules,
/// and as hot as it was there.
const RESCUE: f64 = 0.85;

impl Plan {
    /// Of the temperature at a part of the search, in those of the instance. A soft search that
    /// takes longer does not get colder.
    fn logarithm(&self, progress: f64, strict: Option<Strict>) -> f64 {
        let Some(Strict { from, heat }) = strict else {
            let fall = self.soft.map_or(0.0, |soft| soft.fall);
            return self.heat - fall * (progress / SOFT).min(1.0);
        };
        heat - (heat - self.cold) * (progress - from) / (1.0 - from)
    }
}

/// The part of a search that keeps the rules: from which part of all on, and from which logarithm
/// of the temperature.
#[derive(Clone, Copy)]
struct Strict {
    from: f64,
    heat: f64,
}

pub struct Job<'a> {
    pub plan: Plan,
    /// Where the search begins: an assignment that keeps the rules.
    pub from: &'a [u32],
    pub seed: u64,
    /// Of the effort, from and until when.
    pub part: (f64, f64),
}

/// The best assignment of a search that keeps the rules.
pub struct Reached {
    pub at: Vec<u32>,
    pub cost: i64,
    pub tried: u64,
}

/// Moves between looks at the clock.
const BATCH: u64 = 2048;
/// Part of the soft search in which the prices rise steadily; the temperatures that a broken rule
/// of services costs from and until then.
const STEADY: f64 = 0.9;
const RULES: (f64, f64) = (2.0, 12.0);
/// How much a price rises or falls with a batch from then on.
const PRESSURE: f64 = 1.03;
/// A price that has risen so far without effect only forbids the moves that would have helped, and
/// begins again: of a unit of excess, and of a rule in temperatures.
const EXCESS_BOUNDS: (f64, f64) = (20.0, 1e4);
const RULE_BOUNDS: (f64, f64) = (3.0, 60.0);
/// Of so many processes that are chosen while something is broken, one is of those that can help.
const MENDING: usize = 8;
/// What a move is, with its share of all, and in a soft search where room is held: one that keeps
/// the rules lives on swaps where there are many small processes.
const KINDS: [(Kind, [usize; 2]); 9] = [
    (Kind::Home, [26, 26]),
    (Kind::HomeSwap, [16, 16]),
    (Kind::Shift, [64, 64]),
    (Kind::Within, [13, 13]),
    (Kind::Exchange, [12, 3]),
    (Kind::Chain, [32, 32]),
    (Kind::Eject, [0, 60]),
    (Kind::Guests, [0, 40]),
    (Kind::Swap, [93, 2]),
];
/// Where machines have more processes than this, each is small, and an exchange takes long.
const MANY: usize = 32;
/// Temperatures that an exchange may gain by what its two machines do not tell: moves, services.
const GAIN: f64 = 3.0;
/// No exponential number is larger than this.
const LARGEST: f64 = 37.0;

pub fn search(tables: &Tables, job: &Job, effort: &Effort) -> Reached {
    let state = State::new(tables, job.from);
    let best = Reached { at: job.from.to_vec(), cost: state.cost, tried: 0 };
    let mut walk = Walk {
        state,
        random: Random::new(job.seed),
        reluctance: job.plan.reluctance,
        temperature: 0.0,
        prices: None,
        exchange: Exchange::default(),
        culprits: Vec::new(),
        best,
        kinds: kinds(tables, &job.plan),
    };
    let (from, until) = job.part;
    let mut strict = job.plan.soft.is_none().then_some(Strict { from: 0.0, heat: job.plan.heat });
    let mut heat_of_best = job.plan.heat;
    loop {
        let part = effort.part(from, walk.best.tried);
        if part >= until {
            return walk.best;
        }
        let progress = ((part - from) / (until - from)).max(0.0);
        // What is still broken where the soft part ends is put right before anything is strict.
        let ends = progress >= SOFT && walk.state.keeps_rules() || progress >= RESCUE;
        if strict.is_none() && ends {
            let mut heat = job.plan.logarithm(progress, None);
            if !walk.state.keeps_rules() {
                walk.state = State::new(tables, &walk.best.at);
                heat = heat_of_best;
            }
            strict = Some(Strict { from: progress, heat });
        }
        let logarithm = job.plan.logarithm(progress, strict);
        walk.temperature = tables.heat * exponential(logarithm);
        walk.prices = match job.plan.soft {
            Some(soft) if strict.is_none() => Some(walk.next_prices(soft, progress / SOFT)),
            _ => None,
        };
        if progress >= SOFT * STEADY {
            walk.state.culprits(&mut walk.culprits);
        }
        let best = walk.best.cost;
        walk.batch();
        if walk.best.cost < best {
            heat_of_best = logarithm;
        }
    }
}

/// One of these is as likely as another.
fn kinds(tables: &Tables, plan: &Plan) -> Vec<Kind> {
    let is_held = tables.free < tables.resources;
    let share = usize::from(is_held && plan.soft.is_some());
    let repeated = |(kind, shares): (Kind, [usize; 2])| vec![kind; shares[share]];
    KINDS.into_iter().flat_map(repeated).collect()
}

/// The exponential function to about one part in a hundred, by basic arithmetic only.
fn exponential(x: f64) -> f64 {
    let mut power = 1.0 + x / 4096.0;
    for _ in 0..12 {
        power *= power;
    }
    power
}

/// Of what breaks rules.
#[derive(Clone, Copy)]
struct Prices {
    /// Of a unit of what exceeds capacity.
    excess: f64,
    /// Of a broken rule of services, in temperatures.
    rule: f64,
}

struct Walk<'a> {
    state: State<'a>,
    random: Random,
    reluctance: f64,
    temperature: f64,
    /// Where rules may be broken.
    prices: Option<Prices>,
    exchange: Exchange,
    /// Where the search goes over the border of what is allowed: what takes it back.
    culprits: Vec<u32>,
    best: Reached,
    kinds: Vec<Kind>,
}

impl Walk<'_> {
    fn batch(&mut self) {
        for _ in 0..BATCH {
            let kept = self.state.keeps_rules();
            self.step();
            if !kept {
                self.note();
            }
        }
        self.best.tried += BATCH;
        self.note();
    }

    fn note(&mut self) {
        if self.state.cost < self.best.cost && self.state.keeps_rules() {
            self.best.cost = self.state.cost;
            self.best.at.clone_from(&self.state.at);
        }
    }

    /// In a part of the soft search: they rise steadily, then with every batch that ends with
    /// something broken, and fall with others.
    fn next_prices(&self, soft: Soft, part: f64) -> Prices {
        let pressed = |price: f64, broken: i64, (least, most): (f64, f64)| {
            let next = if broken > 0 { price * PRESSURE } else { price / PRESSURE };
            if next > most { least } else { next.max(1.0) }
        };
        match self.prices {
            Some(Prices { excess, rule }) if part >= STEADY => Prices {
                excess: pressed(excess, self.state.excess, EXCESS_BOUNDS),
                rule: pressed(rule, self.state.broken, RULE_BOUNDS),
            },
            _ => {
                let steady = |(from, until): (f64, f64)| from + (until - from) * part / STEADY;
                Prices { excess: exponential(steady(soft.prices)), rule: steady(RULES) }
            }
        }
    }

    /// Tries one move.
    fn step(&mut self) {
        let tables = self.state.tables;
        let p = self.process();
        match self.kinds[self.random.below(self.kinds.len())] {
            Kind::Home => {
                let Some(p) = self.guest() else { return };
                self.try_shift(Shift { process: p, to: tables.initial[p] as usize });
            }
            Kind::HomeSwap => {
                let Some(p) = self.guest() else { return };
                let home = &self.state.on[tables.initial[p] as usize];
                if !home.is_empty() {
                    let q = home[self.random.below(home.len())];
                    self.try_swap(p, q as usize);
                }
            }
            Kind::Shift => {
                let to = self.machine();
                self.try_shift(Shift { process: p, to });
            }
            Kind::Within => {
                let members = &tables.members[tables.processes[p].service as usize];
                let q = members[self.random.below(members.len())];
                self.try_swap(p, q as usize);
            }
            Kind::Exchange => {
                let to = self.machine();
                self.try_exchange(p, to);
            }
            Kind::Chain => {
                let second = self.process();
                let to = self.machine();
                self.try_chain(Chain { first: p, second, to });
            }
            Kind::Eject => {
                let Some(second) = self.guest() else { return };
                let to = tables.initial[second] as usize;
                if self.state.at[p] as usize == to {
                    self.try_swap(p, second);
                } else {
                    self.try_chain(Chain { first: p, second, to });
                }
            }
            Kind::Guests => {
                let (Some(p), Some(q)) = (self.guest(), self.guest()) else { return };
                if self.random.below(2) == 0 {
                    self.try_swap(p, q);
                } else {
                    let to = self.machine();
                    self.try_chain(Chain { first: p, second: q, to });
                }
            }
            Kind::Swap => {
                let q = self.process();
                self.try_swap(p, q);
            }
        }
    }

    /// Any process. In a soft search a tenth of them are of the largest hundredth, and one in
    /// [`MENDING`] may be able to put right what is broken.
    fn process(&mut self) -> usize {
        let (all, culprits) = (self.state.at.len(), self.culprits.len());
        if culprits > 0 && self.random.below(MENDING) == 0 {
            return self.culprits[self.random.below(culprits)] as usize;
        }
        let p = self.random.below(all);
        if self.prices.is_none() { p } else { self.state.tables.by_size[p * p / all] as usize }
    }

    fn machine(&mut self) -> usize {
        self.random.below(self.state.tables.machines)
    }

    /// A process that is not where it began.
    fn guest(&mut self) -> Option<usize> {
        let away = self.state.away.len();
        (away > 0).then(|| self.state.away[self.random.below(away)] as usize)
    }

    fn try_shift(&mut self, shift: Shift) {
        let Shift { process: p, to } = shift;
        let state = &self.state;
        let m = state.at[p] as usize;
        if m == to || state.shift_conflicts(shift) || self.prices.is_none() && !state.fits(p, to) {
            return;
        }
        let (cost, held) = (state.shift_change(shift), self.held(p, to));
        let breaks = (|s: &State| s.shift_broken(shift), |s: &State| s.shift_excess(shift));
        if let Some(change) = self.change(cost, held, &[m], breaks) {
            self.state.shift(shift, change);
        }
    }

    fn try_swap(&mut self, p: usize, q: usize) {
        let state = &self.state;
        let (m, n) = (state.at[p] as usize, state.at[q] as usize);
        if m == n || state.swap_conflicts(p, q) {
            return;
        }
        if self.prices.is_none() && !(state.fits_for(p, q, n) && state.fits_for(q, p, m)) {
            return;
        }
        let (cost, held) = (state.swap_change(p, q), self.held(p, n) + self.held(q, m));
        let breaks = (|s: &State| s.swap_broken(p, q), |s: &State| s.swap_excess(p, q));
        if let Some(change) = self.change(cost, held, &[m, n], breaks) {
            self.state.swap(p, q, change);
        }
    }

    fn try_chain(&mut self, chain: Chain) {
        let Chain { first: p, second: q, to } = chain;
        let state = &self.state;
        let (m, n) = (state.at[p] as usize, state.at[q] as usize);
        if m == n || m == to || n == to || state.chain_conflicts(chain) {
            return;
        }
        if self.prices.is_none() && !state.chain_fits(chain) {
            return;
        }
        let (cost, held) = (state.chain_change(chain), self.held(p, n) + self.held(q, to));
        let breaks = (|s: &State| s.chain_broken(chain), |s: &State| s.chain_excess(chain));
        if let Some(change) = self.change(cost, held, &[m, n], breaks) {
            self.state.chain(chain, change);
        }
    }

    /// Plans an exchange, makes it, and takes it back where it does not pay after all. Of its moves
    /// only the first is reluctant: paying for each would forbid what only several can do.
    fn try_exchange(&mut self, p: usize, to: usize) {
        let state = &self.state;
        let m = state.at[p] as usize;
        let is_long = state.on[m].len().max(state.on[to].len()) > MANY;
        if m == to || is_long || state.shift_conflicts(Shift { process: p, to }) {
            return;
        }
        let price = self.prices.map_or(FORBIDDEN, |prices| prices.excess);
        let start = self.random.below(MANY);
        let value = self.exchange.plan(&self.state, p, to, start, price);
        let held = self.reluctance * self.held(p, to);
        let spare = (self.random.exponential() - held) * self.temperature;
        if value > spare + GAIN * self.temperature {
            return;
        }
        let (cost, broken, excess) = (self.state.cost, self.state.broken, self.state.excess);
        self.exchange.make(&mut self.state);
        let spare = spare - (self.state.cost - cost) as f64;
        let (broken, excess) = (self.state.broken - broken, self.state.excess - excess);
        let is_allowed = self.prices.is_some() || excess <= 0;
        if !is_allowed || !self.pays(spare, broken, |_| excess) {
            self.exchange.take_back(&mut self.state);
        }
    }

    /// What a move changes that leaves these machines, where it is to be made; what it adds to the
    /// broken rules and to the excess is only asked where its cost lets it.
    fn change(
        &mut self,
        cost: i64,
        held: f64,
        left: &[usize],
        (broken, excess): (impl Fn(&State) -> i64, impl Fn(&State) -> i64),
    ) -> Option<Change> {
        let state = &self.state;
        let relief = self.prices.map_or(0.0, |Prices { excess, rule }| {
            let exceeded: i64 = left.iter().map(|m| state.machine_excess[*m]).sum();
            rule * self.temperature * state.broken as f64 + excess * exceeded as f64
        });
        let spare = self.spare(cost, held, relief)?;
        let broken = broken(&self.state);
        self.pays(spare, broken, excess).then_some(Change { cost, broken })
    }

    /// What more is held when a process goes.
    fn held(&self, p: usize, to: usize) -> f64 {
        self.state.tables.hold[p] * f64::from(self.state.moved_by(p, to))
    }

    /// What is left of what a move may add to the cost; none where it adds too much, even if it
    /// relieves all that it can of what is broken.
    fn spare(&mut self, cost: i64, held: f64, relief: f64) -> Option<f64> {
        let margin = cost as f64 + self.reluctance * held * self.temperature;
        if self.prices.is_none() && margin <= 0.0 {
            return Some(0.0);
        }
        if margin - relief > LARGEST * self.temperature {
            return None;
        }
        let spare = self.random.exponential() * self.temperature - margin;
        (spare + relief >= 0.0).then_some(spare)
    }

    /// Whether what is to spare pays for what a move breaks.
    fn pays(&self, spare: f64, broken: i64, excess: impl Fn(&State) -> i64) -> bool {
        let Some(Prices { excess: price, rule }) = self.prices else {
            return spare >= 0.0 && broken <= 0;
        };
        let rules = rule * self.temperature * broken as f64;
        rules + price * excess(&self.state) as f64 <= spare
    }
}
