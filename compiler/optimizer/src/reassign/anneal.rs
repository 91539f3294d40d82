//! The search from outside. Short rehearsals tell which of a few [`PLANS`] suit the instance; the
//! best, and by every other thread the second where it is as good, is followed for most of the
//! effort; the end is spent around the best that was found. Threads meet only where a stage ends,
//! so what a counted search finds depends on nothing but the instance, the seed and the number of
//! threads.

use super::check::Cost;
use super::instance::Instance;
use super::search::{Job, Plan, Reached, Soft, search};
use super::tables::Tables;

/// How long to go on.
pub enum Effort<'a> {
    /// Until each thread has tried so many moves.
    Moves(u64),
    /// Until this part of the time, which is asked often, is 1 or more.
    Time(&'a (dyn Fn() -> f64 + Sync)),
}

impl Effort<'_> {
    /// The part that is used up when a thread has tried moves since `from` was.
    pub fn part(&self, from: f64, tried: u64) -> f64 {
        match self {
            Effort::Moves(most) => from + tried as f64 / (*most).max(1) as f64,
            Effort::Time(clock) => clock(),
        }
    }
}

pub struct Found {
    pub at: Vec<usize>,
    pub cost: Cost,
    /// Moves tried by all threads.
    pub tried: u64,
}

/// Reluctance saves the room that moves hold; where there is enough of it, it stands in the way.
/// Where the rules are what binds, they are better broken on the way than kept. Where next to
/// nothing need move, a search that begins cold makes no move that does not pay. Few processes that
/// are much larger than all others only move where it is hotter.
const PLANS: [Plan; 6] = [
    Plan { heat: 0.0, reluctance: 5.0, soft: None, cold: COLD },
    Plan { heat: 0.0, reluctance: 0.0, soft: None, cold: COLD },
    Plan { soft: Some(Soft { fall: 3.2, prices: (1.1, 6.9) }), ..SOFT },
    Plan { soft: Some(Soft { fall: 3.2, prices: (1.1, 8.0) }), ..SOFT },
    Plan { heat: -10.0, reluctance: 0.0, soft: None, cold: FREEZING },
    Plan { heat: 2.0, reluctance: 0.0, soft: None, cold: COLD },
];
const SOFT: Plan = Plan { heat: -1.2, reluctance: 0.0, soft: None, cold: COLD };
/// Around what has been found: too cool to lose it.
const AROUND: Plan = Plan { heat: -8.0, reluctance: 0.0, soft: None, cold: FREEZING };
/// Logarithms of last temperatures: what hundreds of moves of a process cost still counts, or that
/// of one.
const COLD: f64 = -14.0;
const FREEZING: f64 = -17.0;
/// Part of its cost that the best may be better by.
const CLOSE: f64 = 0.01;
/// Part of the effort that a rehearsal takes.
const REHEARSAL: f64 = 0.03;
/// Part of the effort after which all go on from the best.
const LAST: f64 = 0.92;

/// The best assignment found from `initial` by `threads` searches with seeds of their own; of
/// equals that of the first. None where `initial` breaks a rule.
pub fn anneal(
    instance: &Instance,
    initial: &[usize],
    threads: usize,
    seed: u64,
    effort: &Effort,
) -> Option<Found> {
    let before = instance.check(initial, initial).ok()?;
    let mut best = Found { at: initial.to_vec(), cost: before, tried: 0 };
    if initial.is_empty() || instance.machines.len() < 2 {
        return Some(best);
    }
    let tables = Tables::new(instance, initial);
    let reached = stages(&tables, threads.max(1), seed, effort);
    best.tried = reached.tried;
    let at: Vec<usize> = reached.at.into_iter().map(|m| m as usize).collect();
    match instance.check(initial, &at) {
        Ok(cost) if cost.total() <= before.total() => Some(Found { at, cost, ..best }),
        _ => Some(best),
    }
}

fn stages(tables: &Tables, threads: usize, seed: u64, effort: &Effort) -> Reached {
    let mut seeds = (0..).map(|k| seed.wrapping_add(k));
    let mut tried = 0;
    let mut stage = |plans: &[Plan], from: &[u32], part: (f64, f64)| {
        let jobs: Vec<Job> = plans
            .iter()
            .zip(&mut seeds)
            .map(|(plan, seed)| Job { plan: *plan, from, seed, part })
            .collect();
        let reached = at_once(tables, &jobs, effort);
        tried += reached.iter().map(|r| r.tried).sum::<u64>();
        reached
    };
    let mut spent = 0.0;
    let mut rehearsed: Vec<(Plan, Reached)> = Vec::new();
    // No thread is idle, so that each plan gets the same, whether time is that of a clock on the
    // wall or of the processor.
    let all = PLANS.len().next_multiple_of(threads);
    let plans: Vec<Plan> = PLANS.into_iter().cycle().take(all).collect();
    for plans in plans.chunks(threads) {
        let reached = stage(plans, &tables.initial, (spent, spent + REHEARSAL));
        rehearsed.extend(plans.iter().copied().zip(reached));
        spent += REHEARSAL;
    }
    rehearsed.sort_by_key(|(_, reached)| reached.cost);
    let least = rehearsed[0].1.cost;
    let close = rehearsed.iter().take(2);
    let close = close.filter(|(_, r)| (r.cost - least) as f64 <= CLOSE * least as f64);
    let plans: Vec<Plan> = close.map(|(plan, _)| *plan).cycle().take(threads).collect();
    let mut all: Vec<Reached> = rehearsed.into_iter().map(|(_, reached)| reached).collect();
    all.extend(stage(&plans, &tables.initial, (spent, LAST)));
    all.sort_by_key(|reached| reached.cost);
    let last = stage(&vec![AROUND; threads], &all[0].at, (LAST, 1.0));
    all.extend(last);
    all.sort_by_key(|reached| reached.cost);
    Reached { tried, ..all.swap_remove(0) }
}

/// What each job reaches, in their order.
fn at_once(tables: &Tables, jobs: &[Job], effort: &Effort) -> Vec<Reached> {
    std::thread::scope(|scope| {
        let work = |job| search(tables, job, effort);
        let others: Vec<_> =
            jobs.iter().skip(1).map(|job| scope.spawn(move || work(job))).collect();
        let first = jobs.first().map(work);
        let others = others.into_iter().filter_map(|thread| thread.join().ok());
        first.into_iter().chain(others).collect()
    })
}
