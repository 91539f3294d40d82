//! A plan for an instance that has changed, from what runs: it stays unless moving pays.
//!
//! 1. What runs is taken into the plan machine by machine, as far as the rules still allow. Where a
//!    service has pods to spare, machines that have nothing else come last, and are emptied.
//! 2. What is missing goes where it adds least: into room that is free, then onto new machines.
//! 3. Ruin and recreate as for a plan from nothing, but cold, and with what moves cost in the
//!    objective; moves beyond a service's disruption budget weigh as much as missing pods.
//! 4. Machines of the plan are matched to those that run, and both judged.
//!
//! Without a clock the work is counted, and small: a thousand services take some tenths of a
//! second. Absent: the bound, which is the same with and without moves (see [`super::prove()`]).

use super::anchor::Anchors;
use super::anneal::Annealing;
use super::check::evaluate;
use super::insert::may_join;
use super::instance::{Instance, Machines, Solution};
use super::matching;
use super::movement::{Movements, Pair, movements};
use super::running::{Movement, Running};
use super::solve::Progress;
use super::state::{Prices, State};
use super::tables::Tables;
use crate::effort::Effort;
use std::cmp::Reverse;
use std::collections::BTreeMap;

const SEED: u64 = 1;
/// Part of the time for plans within disruption budgets; the rest is left to say what would do.
const FIRST: f64 = 0.8;
/// Moves for each pod that the change itself stops or starts, and part of the time or work for a
/// plan with no more.
const MOVES: u64 = 2;
const SMALL: f64 = 0.5;
/// Steps of a round, and candidates looked at in all, when work is counted.
const STEPS: usize = 100;
const WORK: u64 = 400_000;
/// Steps in all, when work is counted: where next to nothing runs, there is little to look at.
const MOST_STEPS: u64 = 10_000;
/// A better plan by less than this is none, relative.
const SAME: f64 = 1e-9;

/// A plan that keeps every rule and every disruption budget.
#[derive(Clone, Debug)]
pub struct Replanned {
    pub solution: Solution,
    /// Which machines continue which, by place in the two plans' lists.
    pub pairs: Vec<Pair>,
    pub movements: Movements,
    /// US dollars per hour, without and with what moves cost.
    pub objective: f64,
    pub with_moves: f64,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// None was found that keeps the rules, however much is moved.
    NoPlan,
    /// Services with the moves of a plan that keeps the rules, where they are beyond the budget.
    Disruption(Vec<(u32, u64)>),
}

/// `prices` of the budgets, where they are known from the plan that runs, tell how short they are.
pub fn replan(
    instance: &Instance,
    running: &Running,
    movement: &Movement,
    prices: &[f64],
    effort: Effort<'_>,
    show: &dyn Fn(&Progress),
) -> Result<Replanned, Refused> {
    let tables = Tables::new(instance);
    let asked = Asked { tables: &tables, running, prices };
    let judge = |found| judged(instance, running, movement, found);
    // A change is followed by no more than twice as many moves where such a plan is found.
    let changed = running.changed(instance);
    if changed > 0 {
        let in_all = u32::try_from(changed * MOVES).unwrap_or(u32::MAX).min(movement.in_all);
        let small = Movement { in_all, ..movement.clone() };
        let found = asked.search(&small, effort.part(SMALL).share(SMALL), show).and_then(judge);
        if let Some(found) = found.filter(|found| small.allows(&found.movements)) {
            return Ok(found);
        }
    }
    asked.within(movement, effort, show, &judge)
}

/// What is to be continued.
pub struct Asked<'a> {
    pub tables: &'a Tables,
    pub running: &'a Running,
    pub prices: &'a [f64],
}

/// A plan with which machines continue which, and how many pods of each service move; `None` where
/// it breaks a rule other than disruption budgets.
pub trait Judged {
    fn movements(&self) -> &Movements;
}

impl Judged for Replanned {
    fn movements(&self) -> &Movements {
        &self.movements
    }
}

impl Asked<'_> {
    /// The best plan found that `judge` lets pass, and that keeps the disruption budgets.
    pub fn within<T: Judged>(
        &self,
        movement: &Movement,
        effort: Effort<'_>,
        show: &dyn Fn(&Progress),
        judge: &dyn Fn(Found) -> Option<T>,
    ) -> Result<T, Refused> {
        let is_limited = movement.most.iter().any(|most| *most < u32::MAX);
        let first = if is_limited { effort.part(FIRST) } else { effort };
        let found = self.search(movement, first, show).and_then(judge);
        if let Some(found) = found.filter(|found| movement.allows(found.movements())) {
            return Ok(found);
        }
        if !is_limited {
            return Err(Refused::NoPlan);
        }
        // As few moves as may be: each is dearer than a machine.
        let offers = &self.tables.offers;
        let dearest = offers.iter().fold(0.0_f64, |most, offer| most.max(offer.fixed));
        let free = Movement {
            usd: movement.usd.max(dearest * movement.hours),
            hours: movement.hours,
            most: vec![u32::MAX; movement.most.len()],
            in_all: u32::MAX,
        };
        let found = self.search(&free, effort, show).and_then(judge).ok_or(Refused::NoPlan)?;
        if movement.allows(found.movements()) {
            return Ok(found);
        }
        Err(Refused::Disruption(movement.beyond(found.movements())))
    }

    fn search(
        &self,
        movement: &Movement,
        effort: Effort<'_>,
        show: &dyn Fn(&Progress),
    ) -> Option<Found> {
        let Asked { tables, running, prices } = *self;
        let mut runs = vec![0_u64; running.variants.len()];
        for node in &running.nodes {
            let count = u64::from(node.count);
            node.pods.iter().for_each(|(s, pods)| runs[*s as usize] += u64::from(*pods) * count);
        }
        let choice = |s: u32| {
            let variant = running.variants.get(s as usize).copied().flatten();
            let as_it_runs = variant.and_then(|v| tables.choice_of(s, v, runs[s as usize]));
            as_it_runs.unwrap_or(tables.first_choice[s as usize])
        };
        let choices: Vec<u32> = (0..tables.services() as u32).map(choice).collect();
        let anchors = Anchors::new(tables, running, movement, &choices);
        let mut state = State::new(tables, Prices::new(tables, prices), choices);
        state.anchor_to(anchors);
        resume(&mut state, running);
        let services = 0..tables.services() as u32;
        let focus = services.filter(|s| state.unplaced(*s) > 0).collect();
        let mut search = Annealing::resumed(state, SEED);
        search.ruin.focus = focus;
        search.build();
        let most_work = effort.of(WORK);
        search.repair(most_work / 2);
        let mut steps = 0;
        loop {
            let before = search.best.as_ref().map(|best| best.objective);
            let is_over = !search.round(STEPS, &effort);
            steps += STEPS as u64;
            let incumbent = search.best.as_ref().map(|best| best.objective);
            show(&Progress { incumbent, bound: f64::NEG_INFINITY, steps });
            let is_spent = search.work > most_work || steps >= MOST_STEPS;
            if is_over || (!effort.is_timed() && is_spent) {
                return search.best.map(|best| (best.solution, search.staying));
            }
            let is_better = match (before, incumbent) {
                (Some(before), Some(now)) => now < before - SAME * before.abs(),
                _ => true,
            };
            if is_better || incumbent.is_none() {
                search.reprice();
            }
        }
    }
}

/// A plan, and its machines that stay with their places in the running plan.
pub type Found = (Solution, Vec<(u32, Machines)>);

/// Takes what runs into the plan, as far as the rules allow.
fn resume(state: &mut State<'_>, running: &Running) {
    let tables = state.tables;
    let mut runs = vec![0_u64; tables.services()];
    for machine in &state.anchors.machines {
        machine.pods.iter().for_each(|(s, n)| runs[*s as usize] += u64::from(*n));
    }
    let is_spare = |s: u32| {
        let choice = &tables.choices[state.choice[s as usize] as usize];
        runs[s as usize] > u64::from(choice.replicas)
    };
    let count = |machine: &[(u32, u32)], is_counted: &dyn Fn(u32) -> bool| {
        machine.iter().filter(|p| is_counted(p.0)).map(|p| p.1).sum::<u32>()
    };
    let mut order: Vec<(Reverse<[u32; 2]>, u32)> = Vec::new();
    for (machine, n) in state.anchors.machines.iter().zip(0..) {
        let firm = count(&machine.pods, &|s| !is_spare(s));
        order.push((Reverse([firm, count(&machine.pods, &|_| true)]), n));
    }
    order.sort_unstable();
    state.begin();
    for (_, n) in order {
        let Some(was) = state.anchors.at(n) else { continue };
        let (offer, mut pods) = (was.offer, was.pods.clone());
        let is_needed = |s: u32| !tables.rules[s as usize].needed_by.is_empty();
        // What restarts comes back at once where others cannot be without it.
        let ran = running.nodes[was.was as usize].pods.iter();
        let restarts = ran.filter(|(s, _)| is_needed(*s) && was.pods_of(*s) == 0);
        pods.extend(restarts);
        pods.sort_by_key(|(s, _)| (!is_needed(*s), *s));
        let (_, bit) = tables.offer_site[offer as usize];
        for (s, most) in pods {
            for _ in 0..most {
                let is_bought = !state.nodes[n as usize].pods.is_empty() || state.is_left(offer);
                if state.unplaced(s) == 0 || !is_bought || !may_join(state, s, n, bit) {
                    break;
                }
                state.put(n, &[(s, 1)], offer, 0.0);
            }
        }
        if !state.nodes[n as usize].pods.is_empty() {
            let cost = state.cost_of(offer, state.nodes[n as usize].busy);
            state.put(n, &[], offer, cost);
        }
    }
}

/// The plan with its figures, if it keeps every rule by the judge; of the two ways to continue that
/// are known, the one that keeps disruption budgets.
fn judged(
    instance: &Instance,
    running: &Running,
    movement: &Movement,
    found: Found,
) -> Option<Replanned> {
    let judged = evaluate(instance, &found.0);
    if !judged.violations.is_empty() {
        return None;
    }
    let counted = |pairs: &[Pair]| movements(instance, running, &found.0, pairs);
    let (pairs, movements) = continued(running, movement, &found, &counted)?;
    let objective = judged.figures.objective;
    let with_moves = objective + movement.rate() * movements.total().moved as f64;
    Some(Replanned { solution: found.0, pairs, movements, objective, with_moves })
}

/// Which machines continue which: so that most pods stay, or as the search went by where that alone
/// keeps disruption budgets. `counted` is the judge of movement.
pub fn continued(
    running: &Running,
    movement: &Movement,
    (solution, staying): &Found,
    counted: &dyn Fn(&[Pair]) -> Option<Movements>,
) -> Option<(Vec<Pair>, Movements)> {
    let count = |pairs: Vec<Pair>| counted(&pairs).map(|movements| (pairs, movements));
    let best = matching::best(running, solution).and_then(count);
    let own = || count(own_pairs(solution, staying));
    match best {
        Some(best) if movement.allows(&best.1) => Some(best),
        Some(best) => own().filter(|own| movement.allows(&own.1)).or(Some(best)),
        None => own(),
    }
}

/// The pairs that the search went by.
fn own_pairs(solution: &Solution, staying: &[(u32, Machines)]) -> Vec<Pair> {
    let nodes = (0..).zip(&solution.nodes).map(|(at, node)| ((node.offer, &node.pods), at));
    let place: BTreeMap<_, u32> = nodes.collect();
    let mut counts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for (was, machine) in staying {
        if let Some(now) = place.get(&(machine.offer, &machine.pods)) {
            *counts.entry((*was, *now)).or_default() += 1;
        }
    }
    counts.into_iter().map(|((was, now), count)| Pair { was, now, count }).collect()
}
