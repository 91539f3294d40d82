//! A placement from end to end: one thread searches for plans, another proves how good they can be
//! and advises the first. They meet at one place, so that without a clock the result is the same
//! on every machine.

use super::anneal::{Annealing, Incumbent};
use super::check::evaluate;
use super::effort::Effort;
use super::instance::{Instance, Solution};
use super::market::Markets;
use super::pack::Values;
use super::relax::Relaxation;
use super::ruin::Advice;
use super::tables::Tables;
use std::sync::mpsc;

/// Parts of the time that the first advice and the whole relaxation may take.
const FIRST: f64 = 0.4;
const LAST: f64 = 0.5;
const FIRST_STEPS: usize = 2_000;
/// Candidates looked at in all, when work is counted: for each pod, and at most.
const WORK_PER_POD: u64 = 100_000;
const MOST_WORK: u64 = 500_000_000;
/// A plan this close to its bound is good enough, relative.
const ENOUGH: f64 = 1e-6;

/// What is known so far.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Objective of the best plan, US dollars per hour.
    pub incumbent: Option<f64>,
    pub bound: f64,
    pub steps: u64,
}

#[derive(Clone, Debug)]
pub struct Placed {
    /// The best plan found that keeps every rule, judged by [`evaluate`].
    pub best: Option<Incumbent>,
    /// No plan's objective is below; infinite when there is none.
    pub bound: f64,
    /// Objective that one more unit of each budget's limit would save, in the relaxation.
    pub prices: Vec<f64>,
}

/// What the relaxation found.
#[derive(Clone, Debug)]
struct Relaxed {
    bound: f64,
    prices: Vec<f64>,
    /// Prices of pods, by row of the markets.
    rows: Vec<f64>,
    advice: Vec<Vec<Advice>>,
}

pub fn solve(instance: &Instance, effort: Effort<'_>, show: &dyn Fn(&Progress)) -> Placed {
    let tables = Tables::new(instance);
    let markets = Markets::new(&tables);
    let (send, receive) = mpsc::channel();
    let mut first = Annealing::new(&tables, &vec![0.0; tables.limits.len()], 1);
    first.build();
    let plan = first.plan();
    let (searched, relaxed) = std::thread::scope(|scope| {
        let relaxing = scope.spawn(|| {
            let relaxed = relax(&tables, &markets, &plan, effort, send);
            if std::env::var("LAB").is_ok() { eprintln!("relaxed at {}", effort.spent()); }
            // What time or work is left goes into a search of its own.
            let second = advised(&tables, &markets, &relaxed, 3);
            (search(&tables, &markets, second, &effort, Some(relaxed.bound), None, &|p| if std::env::var("LAB").is_ok() { eprintln!("  other {} {:?} {}", effort.spent(), p.incumbent, p.steps) }), relaxed)
        });
        let own = search(&tables, &markets, first, &effort, None, Some(&receive), show);
        match relaxing.join() {
            Ok((other, relaxed)) => (better(own, other), relaxed),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let best = searched.and_then(|found| {
        let judged = evaluate(instance, &found.solution);
        let objective = judged.figures.objective;
        judged.violations.is_empty().then_some(Incumbent { objective, ..found })
    });
    let most = best.as_ref().map_or(f64::INFINITY, |b| b.objective);
    Placed { best, bound: relaxed.bound.max(0.0).min(most), prices: relaxed.prices }
}

fn better(a: Option<Incumbent>, b: Option<Incumbent>) -> Option<Incumbent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.objective < a.objective { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn advised<'t, 'i>(
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    relaxed: &Relaxed,
    seed: u64,
) -> Annealing<'t, 'i> {
    let mut search = Annealing::new(tables, &relaxed.prices, seed);
    if relaxed.bound > f64::NEG_INFINITY {
        search.values = Some(Values { markets, rows: relaxed.rows.clone() });
    }
    search.advise(relaxed.advice.clone());
    search.build();
    search
}

/// The bound, and advice: the first is sent, the last given.
fn relax(
    tables: &Tables<'_>,
    markets: &Markets,
    plan: &Solution,
    effort: Effort<'_>,
    send: mpsc::Sender<Relaxed>,
) -> Relaxed {
    let mut relaxation = Relaxation::new(tables, markets);
    relaxation.seed(plan);
    let mut is_open = relaxation.mix(&effort.part(FIRST)) && relaxation.round(&effort.part(FIRST));
    // Where the other side has stopped listening, nothing is lost.
    let _ = send.send(relaxed_of(&relaxation));
    while is_open {
        is_open = relaxation.round(&effort.part(LAST));
    }
    relaxed_of(&relaxation)
}

fn relaxed_of(relaxation: &Relaxation<'_, '_>) -> Relaxed {
    Relaxed {
        bound: relaxation.bound,
        prices: relaxation.best.budgets.clone(),
        rows: relaxation.best.rows.clone(),
        advice: relaxation.advice(),
    }
}

/// Rounds until time, work or the gap is used up; advice that arrives starts anew from it.
fn search<'t, 'i>(
    tables: &'t Tables<'i>,
    markets: &'t Markets,
    mut now: Annealing<'t, 'i>,
    effort: &Effort<'_>,
    bound: Option<f64>,
    advice: Option<&mpsc::Receiver<Relaxed>>,
    show: &dyn Fn(&Progress),
) -> Option<Incumbent> {
    let mut bound = bound.unwrap_or(f64::NEG_INFINITY);
    let mut is_advised = advice.is_none();
    let mut steps = FIRST_STEPS;
    let mut best: Option<Incumbent> = None;
    let mut total = 0;
    let pods = tables.choices.iter().map(|c| u64::from(c.replicas)).sum::<u64>();
    let most_work = (pods * WORK_PER_POD).min(MOST_WORK);
    loop {
        let is_over = !now.round(steps, effort);
        total += steps as u64;
        best = better(best, now.best.clone());
        let incumbent = best.as_ref().map(|b| b.objective);
        show(&Progress { incumbent, bound, steps: total });
        let is_enough = incumbent.is_some_and(|value| value - bound <= ENOUGH * value.abs());
        let is_spent = !effort.is_timed() && now.work > most_work;
        if is_over || is_enough || is_spent || bound == f64::INFINITY {
            return best;
        }
        now.reprice();
        steps = steps * 3 / 2;
        let waiting = advice.filter(|_| !is_advised);
        let arrived = waiting.and_then(|receive| {
            if effort.is_timed() { receive.try_recv().ok() } else { receive.recv().ok() }
        });
        if let Some(relaxed) = arrived {
            (bound, is_advised) = (relaxed.bound, true);
            if bound == f64::INFINITY {
                return best;
            }
            let work = now.work;
            now = advised(tables, markets, &relaxed, 2);
            now.work += work;
            steps = FIRST_STEPS;
        }
    }
}
