//! A placement from end to end: one thread searches for plans, another proves how good they can be
//! and advises the first. They meet at one place, so that without a clock the result is the same
//! on every machine.

use super::anneal::{Annealing, Incumbent};
use super::check::evaluate;
use super::decompose::Decomposition;
use super::effort::Effort;
use super::generate::Generation;
use super::instance::{Instance, Solution};
use super::market::Markets;
use super::ruin::Advice;
use super::tables::Tables;
use std::sync::mpsc;

/// Rows up to which the relaxation is one programme.
const ONE_MASTER: usize = 1_500;
/// Where the relaxation ends: master and bound this close, relative.
const CLOSED: f64 = 1e-4;
/// Part of the time that the first advice may take.
const FIRST: f64 = 0.4;
/// Configurations this much dearer than a group's best are advised, relative.
const SLACK: f64 = 0.02;
/// Steps of the first round, and candidates looked at in all, when work is counted.
const FIRST_STEPS: usize = 2_000;
const MOST_WORK: u64 = 400_000_000;
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
    advice: Vec<Vec<Advice>>,
}

pub fn solve(instance: &Instance, effort: Effort<'_>, show: &dyn Fn(&Progress)) -> Placed {
    let tables = Tables::new(instance);
    let markets = Markets::new(&tables);
    let (send, receive) = mpsc::channel();
    let first = {
        let mut search = Annealing::new(&tables, &vec![0.0; tables.limits.len()], 1);
        search.build();
        search
    };
    let plan = first.plan();
    let (mut search, last) = std::thread::scope(|scope| {
        let relaxing = scope.spawn(|| relax(&tables, &markets, &plan, effort, send));
        let search = self::search(&tables, first, &effort, &receive, show);
        (search, relaxing.join().unwrap_or(None))
    });
    let mut relaxed = search.relaxed.take();
    if let Some(last) = last
        && relaxed.as_ref().is_none_or(|r| r.bound < last.bound)
    {
        relaxed = Some(last);
    }
    let best = search.best.filter(|b| evaluate(instance, &b.solution).violations.is_empty());
    let best = best.map(|b| {
        let objective = evaluate(instance, &b.solution).figures.objective;
        Incumbent { objective, ..b }
    });
    let (bound, prices) = match relaxed {
        Some(relaxed) => (relaxed.bound, relaxed.prices),
        None => (f64::NEG_INFINITY, vec![0.0; tables.limits.len()]),
    };
    let most = best.as_ref().map_or(f64::INFINITY, |b| b.objective);
    Placed { best, bound: bound.max(0.0).min(most), prices }
}

/// The bound and advice; the first is sent, and the last given.
fn relax(
    tables: &Tables<'_>,
    markets: &Markets,
    plan: &Solution,
    effort: Effort<'_>,
    send: mpsc::Sender<Relaxed>,
) -> Option<Relaxed> {
    // The other side may have stopped listening: then nothing is lost.
    if markets.rows <= ONE_MASTER {
        let mut generation = Generation::new(tables, markets);
        generation.seed(plan);
        generation.run(CLOSED, &effort.part(FIRST), &|_| {});
        let _ = send.send(relaxed_of(&generation));
        if effort.is_timed() {
            generation.run(CLOSED, &effort, &|_| {});
        }
        return Some(relaxed_of(&generation));
    }
    let none = vec![0.0; tables.limits.len()];
    let mut parts = Decomposition::new(tables, markets, plan, &none);
    parts.run(CLOSED, &effort.part(FIRST), &|_| {});
    let _ = send.send(Relaxed {
        bound: parts.bound,
        prices: parts.best.budgets.clone(),
        advice: parts.advice(),
    });
    if effort.is_timed() {
        parts.run(CLOSED, &effort, &|_| {});
    }
    Some(Relaxed {
        bound: parts.bound,
        prices: parts.best.budgets.clone(),
        advice: Vec::new(),
    })
}

fn relaxed_of(generation: &Generation<'_, '_>) -> Relaxed {
    Relaxed {
        bound: generation.bound,
        prices: generation.best.budgets.clone(),
        advice: generation.advice(SLACK),
    }
}

struct Searched {
    best: Option<Incumbent>,
    relaxed: Option<Relaxed>,
}

/// Rounds from a plan built without advice, then from one built with it; the better goes on.
fn search<'t, 'i>(
    tables: &'t Tables<'i>,
    mut now: Annealing<'t, 'i>,
    effort: &Effort<'_>,
    receive: &mpsc::Receiver<Relaxed>,
    show: &dyn Fn(&Progress),
) -> Searched {
    let mut relaxed: Option<Relaxed> = None;
    let mut steps = FIRST_STEPS;
    let mut best: Option<Incumbent> = None;
    let mut total = 0;
    loop {
        let is_over = !now.round(steps, effort);
        total += steps as u64;
        take_better(&mut best, &now);
        let bound = relaxed.as_ref().map_or(f64::NEG_INFINITY, |r| r.bound);
        let incumbent = best.as_ref().map(|b| b.objective);
        show(&Progress { incumbent, bound, steps: total });
        let is_enough = incumbent.is_some_and(|value| value - bound <= ENOUGH * value.abs());
        let is_spent = !effort.is_timed() && now.work > MOST_WORK;
        if is_over || is_enough || is_spent {
            break;
        }
        now.reprice();
        steps = steps * 3 / 2;
        if relaxed.is_none() {
            let advice = if effort.is_timed() { receive.try_recv().ok() } else { receive.recv().ok() };
            if let Some(advice) = advice {
                let mut advised = Annealing::new(tables, &advice.prices, 2);
                advised.work = now.work;
                advised.advise(advice.advice.clone());
                advised.build();
                relaxed = Some(advice);
                now = advised;
                steps = FIRST_STEPS;
            }
        }
    }
    Searched { best, relaxed }
}

fn take_better(best: &mut Option<Incumbent>, search: &Annealing<'_, '_>) {
    if let Some(found) = &search.best
        && best.as_ref().is_none_or(|b| found.objective < b.objective)
    {
        *best = Some(found.clone());
    }
}
