//! The search from outside. Short rehearsals tell which of a few [`PLANS`] suit the instance; the
//! best, and by every other thread the second where it is as good, is followed for most of the
//! effort; the end is spent around the best that was found. Threads meet only where a stage ends,
//! so what a counted search finds depends on nothing but the instance, the seed and the number of
//! threads.

use super::check::Cost;
use super::instance::Instance;
use super::schedule::Schedule;
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

pub fn knob(name: &str, or: f64) -> f64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or)
}

/// Reluctance saves the room that moves hold; where there is enough of it, it stands in the way.
/// Where capacity is what binds, it is better exceeded on the way than kept.
const PLANS: [Plan; 4] = [
    Plan { heat: 0.0, reluctance: 5.0, soft: Soft::Nothing },
    Plan { heat: 0.0, reluctance: 0.0, soft: Soft::Nothing },
    Plan { heat: -1.2, reluctance: 0.0, soft: Soft::Rules(SOFT) },
    Plan { heat: 0.0, reluctance: 1.0, soft: Soft::Nothing },
];
const SOFT: f64 = 3.2;
/// Part of its cost that the best may be better by.
const CLOSE: f64 = 0.01;
/// Part of the effort that a rehearsal takes.
const REHEARSAL: f64 = 0.04;

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

struct Rehearsed {
    plan: Plan,
    schedule: Schedule,
    reached: Reached,
}

/// A search in stages, each of which begins where the one before ended.
struct Stages<'a> {
    tables: &'a Tables,
    effort: &'a Effort<'a>,
    seed: u64,
    spent: f64,
    tried: u64,
}

impl Stages<'_> {
    /// What searches that follow the plans reach until a part of the effort is spent.
    fn stage(&mut self, jobs: &[(Plan, &Schedule, &[u32])], begin: f64, until: f64) -> Vec<Reached> {
        let part = (self.spent, until);
        let seeds = (0..).map(|k| self.seed.wrapping_add(k));
        let jobs = jobs.iter().zip(seeds);
        let list: Vec<Job> = jobs
            .map(|((plan, schedule, from), seed)| Job { plan: *plan, schedule, begin, from, seed, part })
            .collect();
        let reached = at_once(self.tables, &list, self.effort);
        self.seed = self.seed.wrapping_add(list.len() as u64);
        self.spent = until;
        self.tried += reached.iter().map(|r| r.tried).sum::<u64>();
        reached
    }
}

fn stages(tables: &Tables, threads: usize, seed: u64, effort: &Effort) -> Reached {
    let mut stages = Stages { tables, effort, seed, spent: 0.0, tried: 0 };
    let only = knob("PLAN", -1.0);
    let mut plans = PLANS.to_vec();
    if only == 9.0 { plans = vec![Plan { heat: knob("HEAT", -1.2), reluctance: knob("RELUCT", 0.0), soft: Soft::Rules(knob("FALLS", 3.2)) }]; }
    else if only >= 0.0 { plans = vec![plans[only as usize]]; }
    if knob("SOFTCAP", 0.0) > 0.0 { for p in &mut plans { if let Soft::Rules(f) = p.soft { p.soft = Soft::Capacity(f) } } }
    let mut rehearsed: Vec<Rehearsed> = Vec::new();
    for plans in plans.chunks(threads) {
        let coldest = tables.coldest.max(knob("END", -14.0));
        let share = knob("SHARE", 0.7);
        let cools = |plan: &Plan| match plan.soft {
            Soft::Nothing => Schedule::through(&[(0.0, plan.heat), (1.0, coldest)]),
            Soft::Capacity(fall) | Soft::Rules(fall) => Schedule::through(&[
                (0.0, plan.heat),
                (share, plan.heat - fall),
                (1.0, coldest),
            ]),
        };
        let schedules: Vec<Schedule> = plans.iter().map(cools).collect();
        let jobs: Vec<_> = plans
            .iter()
            .zip(&schedules)
            .map(|(plan, schedule)| (*plan, schedule, &tables.initial[..]))
            .collect();
        let until = stages.spent + REHEARSAL;
        let reached = stages.stage(&jobs, 0.0, until);
        for ((plan, schedule), reached) in plans.iter().zip(&schedules).zip(reached) {
            if knob("VERBOSE", 0.0) > 0.0 { eprintln!("plan heat {} reluct {} -> {}", plan.heat, plan.reluctance, reached.cost);}
            let schedule = schedule.clone();
            rehearsed.push(Rehearsed { plan: *plan, schedule, reached });
        }
    }
    rehearsed.sort_by_key(|r| r.reached.cost);
    let least = rehearsed[0].reached.cost;
    let close = rehearsed.iter().take(2);
    let close = close.filter(|r| (r.reached.cost - least) as f64 <= CLOSE * least as f64);
    let close: Vec<&Rehearsed> = close.cycle().take(threads).collect();
    let mut best: Vec<Reached> = Vec::new();
    let rounds = knob("ROUNDS", 3.0) as usize;
    let main = knob("MAIN", 0.6);
    let begin = knob("REHEAT", 0.5);
    let from = tables.initial.clone();
    let jobs: Vec<_> = close.iter().map(|r| (r.plan, &r.schedule, &from[..])).collect();
    if knob("VERBOSE", 0.0) > 0.0 { for r in &close { eprintln!("chosen {} {}", r.plan.heat, r.plan.reluctance); } }
    best.extend(stages.stage(&jobs, 0.0, if rounds == 0 { 1.0 } else { main }));
    if knob("VERBOSE", 0.0) > 0.0 { for r in &best { show(&r.log); } }
    for round in 0..rounds {
        best.sort_by_key(|reached| reached.cost);
        best.truncate(1);
        if knob("VERBOSE", 0.0) > 0.0 { eprintln!("round {round} {}", best[0].cost); }
        let from = best[0].at.clone();
        let jobs: Vec<_> = close.iter().map(|r| (r.plan, &r.schedule, &from[..])).collect();
        let until = main + (1.0 - main) * (round + 1) as f64 / rounds as f64;
        best.extend(stages.stage(&jobs, begin, until));
    }
    best.extend(rehearsed.into_iter().map(|r| r.reached));
    best.sort_by_key(|reached| reached.cost);
    Reached { tried: stages.tried, ..best.swap_remove(0) }
}

fn show(log: &[(f64, i64, u64, u64)]) {
    let n = (log.len() / 40).max(1);
    for c in log.chunks(n) {
        let k = c.len() as f64;
        let mean = |f: &dyn Fn(&(f64, i64, u64, u64)) -> f64| c.iter().map(f).sum::<f64>() / k;
        eprintln!("log {:.2} mean {:.0} acc {:.5} broken {:.2} excess {:.0} feasible {:.2}", mean(&|x| x.0), mean(&|x| x.1 as f64), mean(&|x| x.2 as f64) / 2048.0, mean(&|x| (x.3 >> 40) as f64), mean(&|x| (x.3 & ((1 << 40) - 1)) as f64), mean(&|x| f64::from(x.3 == 0)));
    }
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
