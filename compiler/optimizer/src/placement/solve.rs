//! A placement from end to end: one thread searches for plans, another proves how good they can be
//! and advises the first. They meet at one place, so that without a clock the result is the same
//! on every machine. What time the second has left it searches as well; with a clock the starts of
//! both race each other.

use super::anneal::{Annealing, Incumbent};
use super::check::evaluate;
use super::instance::Instance;
use super::market::Markets;
use super::pack::Values;
use super::race::Race;
use super::relax::{Relaxation, SLOW};
use super::ruin::Advice;
use super::tables::Tables;
use crate::effort::Effort;
use crate::price::TwoSided;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

/// Parts of the time that the first advice and the whole relaxation may take.
const FIRST: f64 = 0.4;
const LAST: f64 = 0.6;
/// The same for fillings of all markets in one programme.
const FILLED: f64 = 0.45;
/// Work that branching may take, in entries looked at, when work is counted.
const BRANCH_WORK: u64 = 2_000_000_000;
/// Part of the time after which the best point of branching is advised.
const BRANCHED: f64 = 0.2;
/// Part of the time that branching may take in all: the rest goes into a second search.
const PROVED: f64 = 0.8;
/// Rounds after which advice is waited for, when work is counted.
const ASKED: [u32; 2] = [1, 8];
/// Rounds without a better plan after which a start goes on no more, and what is no better,
/// relative.
const STUCK: u32 = 4;
const SAME: f64 = 1e-6;
/// Rounds from rung to rung, and the part of the effort that starts race for; the best gets the
/// rest.
const RUNG: usize = 3;
const RACED: f64 = 0.5;
/// Work that measuring may take, in entries looked at, when work is counted.
const MOST_MEASURED: u64 = 8_000_000_000;
/// Where the random numbers of the two searches start.
const SEEDS: [u64; 2] = [1, 1_000_001];
/// Plans built at first, each with the values that the one before corrects; how many in a row that
/// are no better end it, and the part of the time after which there are no more.
const MOST_BUILDS: u32 = 12;
const IDLE_BUILDS: u32 = 3;
const BUILT: f64 = 0.7;
/// Part of the groups that start in another advised way, in later starts.
const VARIED: f64 = 0.3;
const FIRST_STEPS: usize = 2_000;
/// A round that would leave less time than this part of its own takes it as well, but for what its
/// pace may be mistaken by.
const LEAST_LAST: f64 = 1.0;
const IN_TIME: f64 = 0.95;
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
pub struct Relaxed {
    pub bound: f64,
    /// The same, where no plan has been looked at.
    unaided: f64,
    pub prices: Vec<f64>,
    /// Prices of pods, by row of the markets.
    rows: Vec<f64>,
    advice: Vec<Vec<Advice>>,
}

pub fn solve(instance: &Instance, effort: Effort<'_>, show: &dyn Fn(&Progress)) -> Placed {
    let tables = Tables::new(instance);
    let shared = Shared(AtomicU64::new(f64::INFINITY.to_bits()));
    let (searched, relaxed) =
        search_beside(&tables, effort, effort.is_timed().then_some(&shared), show);
    let best = searched.and_then(|found| {
        let judged = evaluate(instance, &found.solution);
        let objective = judged.figures.objective;
        judged.violations.is_empty().then_some(Incumbent { objective, ..found })
    });
    // Without the plan that branching did not look above, its bound would not be one.
    let (bound, most) = match &best {
        Some(best) => (relaxed.bound, best.objective),
        None => (relaxed.unaided, f64::INFINITY),
    };
    Placed { best, bound: bound.max(0.0).min(most), prices: relaxed.prices }
}

/// The least objective of a plan so far. Only a clock's search may look at it: when it falls is a
/// matter of the machine.
struct Shared(AtomicU64);

impl Shared {
    fn offer(&self, objective: f64) {
        let bits = objective.max(0.0).to_bits();
        // Positive numbers are in the order of their bits.
        self.0.fetch_min(bits, Ordering::Relaxed);
    }

    fn least(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// The best plan found, not judged, and what the relaxation found.
pub fn search_and_relax(
    tables: &Tables,
    effort: Effort<'_>,
    show: &dyn Fn(&Progress),
) -> (Option<Incumbent>, Relaxed) {
    search_beside(tables, effort, None, show)
}

/// The same; what one side finds is told the other through `shared`, where that is given.
fn search_beside(
    tables: &Tables,
    effort: Effort<'_>,
    shared: Option<&Shared>,
    show: &dyn Fn(&Progress),
) -> (Option<Incumbent>, Relaxed) {
    let markets = Markets::new(tables);
    let problem = (tables, &markets);
    let (send, receive) = mpsc::channel();
    let races = [Mutex::new(Race::new()), Mutex::new(Race::new())];
    let (race, other_race) = (&races[0], &races[usize::from(!effort.is_timed())]);
    let relaxing = || {
        let relaxed = relax(tables, &markets, effort, shared, send);
        // What time or work is left goes into a search of its own.
        let second = advised(tables, &markets, &relaxed, SEEDS[1] + 1, &effort);
        let latest = Some(relaxed.clone());
        let meets = Meets { advice: None, shared, race: other_race };
        (search(problem, second, latest, SEEDS[1] + 2, &meets, &effort, &|_| {}), relaxed)
    };
    let searching = || {
        let mut first = Annealing::new(tables, &vec![0.0; tables.limits.len()], SEEDS[0]);
        first.build();
        let meets = Meets { advice: Some(&receive), shared, race };
        search(problem, first, None, SEEDS[0] + 1, &meets, &effort, show)
    };
    let ((other, relaxed), own) = at_once(relaxing, searching);
    (better(own, other), relaxed)
}

/// What both give. WebAssembly has one thread: what the first sends lies there until the second
/// asks for it, which by work done it does at the same moments.
fn at_once<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    if cfg!(target_family = "wasm") {
        return (first(), second());
    }
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        match first.join() {
            Ok(first) => (first, second),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn better(a: Option<Incumbent>, b: Option<Incumbent>) -> Option<Incumbent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.objective < a.objective { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn advised<'t>(
    tables: &'t Tables,
    markets: &'t Markets,
    relaxed: &Relaxed,
    seed: u64,
    effort: &Effort<'_>,
) -> Annealing<'t> {
    // The first of each sequence does as advised, the others vary it.
    let vary = !SEEDS.iter().any(|first| seed == first + 1);
    let build = |rows: Option<Vec<f64>>| {
        let mut search = Annealing::new(tables, &relaxed.prices, seed);
        search.state.is_gathering = effort.is_timed();
        search.values = rows.map(|rows| Values { markets, rows });
        search.advise(relaxed.advice.clone(), if vary { VARIED } else { 0.0 });
        search.build();
        search
    };
    let is_proved = relaxed.bound > f64::NEG_INFINITY;
    let mut best = build(is_proved.then(|| relaxed.rows.clone()));
    let mut last = 0;
    let mut rows = best.corrected();
    let mut work = best.work;
    let early = effort.part(BUILT);
    for i in 1..MOST_BUILDS {
        let Some(corrected) = rows.filter(|_| i - last < IDLE_BUILDS && !early.is_over()) else {
            break;
        };
        let next = build(Some(corrected));
        rows = next.corrected();
        work += next.work;
        if next.built() < best.built() {
            (best, last) = (next, i);
        }
    }
    best.work = work;
    best
}

/// What the relaxation alone finds.
pub fn relaxed(tables: &Tables, effort: Effort<'_>) -> Relaxed {
    let (send, _) = mpsc::channel();
    relax(tables, &Markets::new(tables), effort, None, send)
}

/// The relaxation's optimum and two-sided prices of budgets, as [`Relaxation::prices`] says.
pub fn priced(
    tables: &Tables,
    effort: Effort<'_>,
    rows: &[Option<(usize, f64)>],
    scale: f64,
) -> Option<(f64, Vec<TwoSided>)> {
    let markets = Markets::new(tables);
    let mut relaxation = Relaxation::new(tables, &markets);
    let spent = AtomicU64::new(0);
    measure(&mut relaxation, &effort.counting(&spent, MOST_MEASURED), |_| {});
    relaxation.prices(rows, scale)
}

/// Mixes and covers until nothing is found any more; `first` is told what the first round found.
fn measure(
    relaxation: &mut Relaxation<'_>,
    effort: &Effort<'_>,
    first: impl FnOnce(&Relaxation<'_>),
) {
    let early = effort.part(FIRST);
    let mut is_open = relaxation.mix(&early);
    is_open &= relaxation.round(&early);
    first(relaxation);
    if !effort.is_timed() {
        while is_open {
            is_open = relaxation.round(effort);
        }
        return;
    }
    let may_fill = relaxation.may_fill();
    while is_open {
        let before = relaxation.bound;
        is_open = relaxation.round(&effort.part(LAST));
        if may_fill && relaxation.bound - before < SLOW * relaxation.bound.abs() {
            relaxation.fill(&effort.part(FILLED));
            return;
        }
    }
}

/// The bound, and advice: the first is sent, the last given.
fn relax(
    tables: &Tables,
    markets: &Markets,
    effort: Effort<'_>,
    shared: Option<&Shared>,
    send: mpsc::Sender<Relaxed>,
) -> Relaxed {
    let most = || shared.map_or(f64::INFINITY, Shared::least);
    let spent = AtomicU64::new(0);
    let measured = effort.counting(&spent, MOST_MEASURED);
    let mut relaxation = Relaxation::new(tables, markets);
    measure(&mut relaxation, &measured, |relaxation| {
        // Where the other side has stopped listening, nothing is lost.
        let _ = send.send(relaxed_of(relaxation));
    });
    // The first point that is found late enough is told; it will hardly change what is proved.
    let mut is_told = false;
    let soon = effort.part(BRANCHED);
    let mut tell = |relaxation: &Relaxation<'_>| {
        if effort.is_timed() && !is_told && relaxation.has_point() && soon.is_over() {
            is_told = send.send(relaxed_of(relaxation)).is_ok();
        }
    };
    let (work, part) = match effort.is_timed() {
        true => (u64::MAX, effort.part(PROVED)),
        false => (effort.of(BRANCH_WORK), effort),
    };
    relaxation.branch(work, &most, &part, &mut tell);
    if !is_told {
        let _ = send.send(relaxed_of(&relaxation));
    }
    relaxed_of(&relaxation)
}

fn relaxed_of(relaxation: &Relaxation<'_>) -> Relaxed {
    Relaxed {
        bound: relaxation.bound,
        unaided: relaxation.unaided,
        prices: relaxation.best.budgets.clone(),
        rows: relaxation.best.rows.clone(),
        advice: relaxation.advice(),
    }
}

/// A start: its plan, and the rounds it has had.
struct Start<'t> {
    search: Annealing<'t>,
    /// Steps of its next round.
    steps: usize,
    rounds: usize,
    /// Rounds since its best plan was found.
    stuck: u32,
}

impl<'t> Start<'t> {
    const fn new(search: Annealing<'t>) -> Start<'t> {
        Start { search, steps: FIRST_STEPS, rounds: 0, stuck: 0 }
    }

    /// A round; false when it was stopped. Prices and steps are for the next.
    fn round(&mut self, effort: &Effort<'_>) -> bool {
        let before = objective(&self.search.best);
        let is_whole = self.search.round(self.steps, effort);
        let is_better = objective(&self.search.best) < before * (1.0 - SAME);
        self.stuck = if is_better { 0 } else { self.stuck + 1 };
        self.rounds += 1;
        self.search.reprice();
        self.steps = self.steps * 3 / 2;
        is_whole
    }
}

/// Where a search meets the other thread.
struct Meets<'a, 't> {
    advice: Option<&'a mpsc::Receiver<Relaxed>>,
    shared: Option<&'a Shared>,
    race: &'a Mutex<Race<Start<'t>>>,
}

/// Rounds until time, work or the gap is used up. The first advice that arrives is followed at
/// once; then starts race, and the best of them gets the rest.
fn search<'t>(
    problem: (&'t Tables, &'t Markets),
    first: Annealing<'t>,
    mut latest: Option<Relaxed>,
    mut seed: u64,
    meets: &Meets<'_, 't>,
    effort: &Effort<'_>,
    show: &dyn Fn(&Progress),
) -> Option<Incumbent> {
    let (tables, markets) = problem;
    let mut now = Start::new(first);
    let mut best: Option<Incumbent> = None;
    let (mut total, mut rounds, mut worked) = (0, 0, now.search.work);
    let pods = tables.choices.iter().map(|c| u64::from(c.replicas).max(1)).sum::<u64>();
    let most_work = effort.of((pods * WORK_PER_POD).min(MOST_WORK));
    let began = effort.left();
    loop {
        let (left, steps, work) = (effort.left(), now.steps, now.search.work);
        let is_over = !now.round(effort);
        let pace = (left - effort.left()) / steps as f64;
        total += steps as u64;
        worked += now.search.work - work + steps as u64;
        rounds += 1;
        best = better(best, now.search.best.clone());
        let incumbent = best.as_ref().map(|b| b.objective);
        if let (Some(shared), Some(objective)) = (meets.shared, incumbent) {
            shared.offer(objective);
        }
        let bound = latest.as_ref().map_or(f64::NEG_INFINITY, |l| l.bound);
        show(&Progress { incumbent, bound, steps: total });
        let is_enough = incumbent.is_some_and(|value| value - bound <= ENOUGH * value.abs());
        let spent = match effort.is_timed() {
            true => 1.0 - effort.left() / began,
            false => worked as f64 / most_work.max(1) as f64,
        };
        if is_over || is_enough || spent > 1.0 || bound == f64::INFINITY {
            return best;
        }
        let arrived = meets.advice.and_then(|receive| match effort.is_timed() {
            true => receive.try_iter().last(),
            false if ASKED.contains(&rounds) => receive.recv().ok(),
            false => None,
        });
        let is_first = latest.is_none();
        latest = arrived.or(latest);
        if let Some(relaxed) = latest.as_ref().filter(|relaxed| relaxed.bound < f64::INFINITY) {
            let next = match is_first {
                true => None,
                false => go_on(meets.race, now, spent < RACED),
            };
            now = next.unwrap_or_else(|| {
                let search = advised(tables, markets, relaxed, seed, effort);
                seed += 1;
                worked += search.work;
                Start::new(search)
            });
        }
        // The last round is not to be cut off while it is hot.
        if effort.is_timed() && pace > 0.0 {
            let last = effort.left() / pace * IN_TIME;
            if last < now.steps as f64 * (1.0 + LEAST_LAST) {
                now.steps = (last as usize).max(1);
            }
        }
    }
}

/// The start that goes on after a round of `now`: itself until it has no more to give or comes to
/// a rung; `None`: another is to begin.
fn go_on<'t>(race: &Mutex<Race<Start<'t>>>, now: Start<'t>, is_racing: bool) -> Option<Start<'t>> {
    let value = objective(&now.search.best);
    let is_stuck = now.stuck >= STUCK;
    if !is_stuck && (!now.rounds.is_multiple_of(RUNG) || value == f64::INFINITY) {
        return Some(now);
    }
    let rung = now.rounds.div_ceil(RUNG) - 1;
    let mut race = race.lock().unwrap_or_else(PoisonError::into_inner);
    race.reach(rung, value, (!is_stuck).then_some(now));
    if is_racing { race.promoted() } else { race.best() }
}

fn objective(best: &Option<Incumbent>) -> f64 {
    best.as_ref().map_or(f64::INFINITY, |b| b.objective)
}
