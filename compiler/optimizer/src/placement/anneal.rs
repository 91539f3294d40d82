//! Large neighbourhood search: a plan is taken apart and put together again, and what comes of it
//! is kept when it is better, or with the probability of annealing (Kirkpatrick, Gelatt and Vecchi
//! 1983) when it is worse. Rounds start hot and end cold; budgets that are exceeded become dearer
//! between rounds, those that are slack cheaper.

use super::Effort;
use super::insert::{Manner, fill_one, insert};
use super::instance::{Amounts, Machines, Solution};
use super::pack::{Values, pack};
use super::ruin::{Advice, Ruin};
use super::state::{Prices, State};
use super::tables::Tables;
use crate::random::Rng;

/// Temperatures at the beginning and the end of a round, in mean costs of a machine.
const HOT: f64 = 0.05;
const COLD: f64 = 0.0005;
const BLINK: f64 = 0.02;
/// How often a machine of random shape is filled first.
const FILL: f64 = 0.3;
/// How often machines are filled by value.
const PACK: f64 = 0.1;
/// A machine worth less than the last of these parts of its cost is not bought by value: what is
/// left goes where room is. A first plan begins with those worth most.
const FALLING_WORTH: [f64; 5] = [0.99, 0.97, 0.94, 0.9, LEAST_WORTH];
const LEAST_WORTH: f64 = 0.8;
/// How often pods of machines that were cleared are placed where these were.
const AROUND: f64 = 0.7;
/// Machines of one site that a step looks at.
const LOOKED_AT: usize = 24;
/// Price of a budget near its limit, at least: part of what it weighs above. Much more keeps plans
/// away from what they may use.
const LEAST_PRICE: f64 = 0.002;
const TIGHTNESS: [f64; 3] = [0.0, 0.3, 1.0];

/// The best plan found and its objective, with what its moves cost.
#[derive(Clone, Debug)]
pub struct Incumbent {
    pub objective: f64,
    pub solution: Solution,
}

pub struct Annealing<'t> {
    pub state: State<'t>,
    pub ruin: Ruin,
    /// The most that a machine has, of each resource.
    largest: Amounts,
    pub rng: Rng,
    /// What pods are worth, where the relaxation has said so.
    pub values: Option<Values<'t>>,
    pub best: Option<Incumbent>,
    /// Machines that stay in the best plan, each with its place in the one that runs.
    pub staying: Vec<(u32, Machines)>,
    /// Candidates looked at.
    pub work: u64,
    /// Temperature at the beginning of a round, in mean costs of a machine.
    hot: f64,
    /// Whether the present plan is the best and not yet kept.
    is_unsaved: bool,
}

impl<'t> Annealing<'t> {
    /// Starts with a plan built from nothing at budgets' `prices`.
    pub fn new(tables: &'t Tables, prices: &[f64], seed: u64) -> Annealing<'t> {
        let choice: Vec<u32> = (0..tables.services()).map(|s| tables.first_choice[s]).collect();
        Annealing::with(State::new(tables, Prices::new(tables, prices), choice), HOT, seed)
    }

    /// Goes on from a plan that runs, without leaving it further than a round's end does.
    pub fn resumed(state: State<'t>, seed: u64) -> Annealing<'t> {
        Annealing::with(state, COLD, seed)
    }

    fn with(state: State<'t>, hot: f64, seed: u64) -> Annealing<'t> {
        let tables = state.tables;
        let largest = tables
            .offers
            .iter()
            .fold([1_u32; 4], |most, o| std::array::from_fn(|r| most[r].max(o.capacity[r])));
        let mut annealing = Annealing {
            ruin: Ruin::new(tables),
            state,
            largest,
            rng: Rng::new(seed),
            values: None,
            best: None,
            staying: Vec::new(),
            hot,
            work: 0,
            is_unsaved: false,
        };
        annealing.weigh();
        annealing
    }

    /// What a budget weighs above its limit: enough that nothing is saved by exceeding it.
    fn weigh(&mut self) {
        let scale = self.state.tables.offers.iter().map(|o| {
            let of = |b: usize| o.uses.iter().find(|u| u.0 as usize == b).map_or(0.0, |u| u.1);
            (o.fixed, of)
        });
        let scale: Vec<_> = scale.collect();
        for b in 0..self.state.tables.limits.len() {
            let rates = scale.iter().filter(|(_, of)| of(b) > 0.0).map(|(fixed, of)| fixed / of(b));
            let typical = rates.fold(0.0_f64, f64::max);
            // What only choices use has no machine to compare with: it weighs as missing pods do.
            let uses = self.state.tables.choices.iter().flat_map(|c| &c.uses);
            let least = uses.filter(|u| u.0 as usize == b && u.1 > 0.0).map(|u| u.1);
            let chosen = self.state.missing_weight / least.fold(f64::INFINITY, f64::min);
            let own = self.state.prices.budgets[b];
            self.state.excess_weight[b] = 2.0 * typical.max(own).max(chosen);
        }
    }

    /// Configurations to try; each group starts in its first, or with probability `vary` in any.
    pub fn advise(&mut self, advice: Vec<Vec<Advice>>, vary: f64) {
        for list in advice.iter().filter(|list| !list.is_empty()) {
            let i = if self.rng.chance(vary) { self.rng.below(list.len()) } else { 0 };
            for (service, choice, regions) in &list[i] {
                if *choice != self.state.choice[*service as usize] {
                    self.state.choose(*service, *choice);
                }
                self.ruin.held[*service as usize].clone_from(regions);
                self.ruin.services.push(*service);
            }
        }
        self.ruin.advice = advice;
    }

    /// Places all that is missing, large pods first.
    pub fn build(&mut self) {
        let tables = self.state.tables;
        let mut services: Vec<u32> = (0..tables.services() as u32).collect();
        self.order(&mut services, 0.0);
        self.state.begin();
        if self.values.is_some() {
            self.pack_all(&services);
        }
        let held = &self.ruin.held;
        let manner =
            Manner { blink: 0.0, tightness: 0.1, looked_at: usize::MAX, held, around: &[] };
        self.work += insert(&mut self.state, &services, &manner, &mut self.rng);
        let all: Vec<u32> = (0..tables.near.len() as u32).collect();
        self.state.far = self.state.far_of(&all);
        self.state.begin();
        self.keep();
    }

    /// What pods are worth by the plan as it was built, where they had values.
    pub fn corrected(&self) -> Option<Vec<f64>> {
        Some(self.values.as_ref()?.corrected(&self.state))
    }

    /// How good a plan is that was only built: what it costs, and a machine of the mean cost for
    /// each pod that is missing and each rule of nearness that is broken. Budgets that are exceeded
    /// are left to the rounds.
    pub fn built(&self) -> f64 {
        let wrong = f64::from(self.state.missing + self.state.far);
        let machines = self.state.by_site.iter().map(Vec::len).sum::<usize>().max(1);
        self.state.value() * (1.0 + wrong / machines as f64)
    }

    /// Fills machines by value everywhere, the best worth their cost first.
    fn pack_all(&mut self, services: &[u32]) {
        let Some(values) = &self.values else { return };
        let state = &mut self.state;
        for least in FALLING_WORTH {
            for site in 0..state.tables.sites.len() as u32 {
                loop {
                    let mut missing: Vec<u32> =
                        services.iter().copied().filter(|s| state.unplaced(*s) > 0).collect();
                    self.rng.shuffle(&mut missing);
                    let held = &self.ruin.held;
                    let (bought, work) =
                        pack(state, &missing, site, least, held, values, &mut self.rng);
                    self.work += work;
                    if bought == 0 {
                        break;
                    }
                }
            }
        }
    }

    /// Services with companions first, then large before small; `noise` blurs the sizes.
    pub fn order(&mut self, services: &mut [u32], noise: f64) {
        let (state, most) = (&self.state, &self.largest);
        let rng = &mut self.rng;
        let mut keyed: Vec<(bool, f64, u32)> = services
            .iter()
            .map(|s| {
                let choice = &state.tables.choices[state.choice[*s as usize] as usize];
                let part = |r: usize| f64::from(choice.request[r]) / f64::from(most[r]);
                let size = (0..4).map(part).fold(0.0, f64::max);
                let rules = &state.tables.rules[*s as usize];
                (rules.needs.is_empty(), size * (1.0 + noise * (rng.unit() - 0.5)), *s)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        services.iter_mut().zip(keyed).for_each(|(s, (_, _, key))| *s = key);
    }

    /// One round of `steps`, from hot to cold. False when it was stopped.
    pub fn round(&mut self, steps: usize, effort: &Effort<'_>) -> bool {
        let machines = self.state.by_site.iter().map(Vec::len).sum::<usize>().max(1);
        let mean = self.state.objective / machines as f64;
        let cooling = (COLD / self.hot).powf(1.0 / steps.max(1) as f64);
        let mut temperature = self.hot * mean;
        for step in 0..steps {
            if step % 16 == 0 && effort.is_over() {
                self.save();
                return false;
            }
            self.step(temperature);
            temperature *= cooling;
        }
        self.save();
        self.state.recount();
        true
    }

    fn step(&mut self, temperature: f64) {
        let before = self.state.weight();
        self.state.begin();
        self.ruin.ruin(&mut self.state, self.values.as_ref(), &mut self.rng);
        let mut services = std::mem::take(&mut self.ruin.services);
        let noise = [0.0, 0.5, 1.0, 4.0][self.rng.below(4)];
        self.order(&mut services, noise);
        if self.rng.chance(FILL) {
            fill_one(&mut self.state, &services, &self.ruin.held, &mut self.rng);
        }
        if let Some(values) = &self.values
            && !self.ruin.sites.is_empty()
            && self.rng.chance(PACK)
        {
            let site = self.ruin.sites[self.rng.below(self.ruin.sites.len())];
            let (state, held) = (&mut self.state, &self.ruin.held);
            let (_, work) = pack(state, &services, site, LEAST_WORTH, held, values, &mut self.rng);
            self.work += work;
        }
        let tightness = TIGHTNESS[self.rng.below(TIGHTNESS.len())];
        let is_around = self.ruin.is_local && self.rng.chance(AROUND);
        let (held, around) = (&self.ruin.held, if is_around { &self.ruin.sites[..] } else { &[] });
        let manner = Manner { blink: BLINK, tightness, looked_at: LOOKED_AT, held, around };
        self.work += insert(&mut self.state, &services, &manner, &mut self.rng);
        self.ruin.services = services;
        self.ruin.settle(&mut self.state);
        let after = self.state.weight();
        let chance = temperature * -(1.0 - self.rng.unit()).ln();
        if after >= before + chance {
            self.state.undo();
            return;
        }
        let value = self.state.value();
        let is_best = self.state.is_feasible()
            && self.best.as_ref().is_none_or(|best| value < best.objective - 1e-9);
        if self.is_unsaved && !is_best {
            // The best plan is not left before it is written down: what weighs less need not keep
            // the budgets.
            self.state.undo();
            self.save();
            return;
        }
        if is_best {
            let objective = value;
            match &mut self.best {
                Some(best) => best.objective = objective,
                None => {
                    self.best = Some(Incumbent { objective, solution: Solution::default() });
                }
            }
            self.is_unsaved = true;
        }
    }

    /// Takes the present plan as the best if it is.
    pub fn keep(&mut self) {
        let objective = self.state.value();
        if self.state.is_feasible() && self.best.as_ref().is_none_or(|b| objective < b.objective) {
            self.best = Some(Incumbent { objective, solution: self.state.solution() });
            self.staying = self.state.staying();
            self.is_unsaved = false;
        }
    }

    fn save(&mut self) {
        if self.is_unsaved {
            self.is_unsaved = false;
            let solution = self.state.solution();
            self.staying = self.state.staying();
            if let Some(best) = &mut self.best {
                best.solution = solution;
            }
        }
    }

    /// Between rounds: budgets near their limit or above become dearer, the others cheaper.
    pub fn reprice(&mut self) {
        let tables = self.state.tables;
        let mut prices = self.state.prices.budgets.clone();
        for (b, price) in prices.iter_mut().enumerate() {
            let weight = self.state.excess_weight[b];
            let limit = tables.limits[b];
            let used = self.state.uses[b];
            *price = if used > limit {
                (*price * 1.5).max(LEAST_PRICE * weight)
            } else if used > 0.98 * limit {
                (*price).max(LEAST_PRICE * weight)
            } else {
                *price * 0.5
            };
        }
        self.state.reprice(Prices::new(tables, &prices));
    }
}
