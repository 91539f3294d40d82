//! A problem with too many fillings of machines to list them: searched and bounded by
//! [`crate::placement`]. What is found is costed and checked exactly like every other plan; what a
//! search did not find is told from what cannot be.

use crate::effort::Effort;
use crate::interrupt::Here;
use crate::master::Goal;
use crate::placement::of_problem::{Ask, Least, OfProblem, Rounding};
use crate::placement::{relaxed, search_and_relax};
use crate::problem::{Assignment, Figures, Problem};
use crate::search::Found;
use crate::{Feasible, Relaxed, keeps};
use eclexia_base::Rational;
use eclexia_base::number::to_f64;

/// What the sums of a bound may have been rounded by on the way into the tables, relative.
const ROUNDED: f64 = 1e-9;
/// Parts of the objective that a limit used up is worth when nothing else finds a plan.
const DEARER: [f64; 3] = [0.5, 2.0, 8.0];
/// Part of the work that each of these searches is given.
const HARDER: f64 = 0.3;
/// A plan this far above its bound is near enough, relative.
const NEAR: f64 = 0.005;
/// A bound on nothing that is no rounding.
const POSITIVE: f64 = 1e-6;

pub struct Searched<'p> {
    problem: &'p Problem,
    interrupt: Here,
}

/// What is searched for.
pub struct Wanted<'a> {
    pub goal: Goal,
    pub limits: &'a [Option<Rational>],
    pub cap: Option<&'a Rational>,
    /// Plans known already.
    pub first: &'a [Assignment],
    /// Part of the full work.
    pub share: f64,
}

/// The best plan so far that keeps the limits.
struct Kept<'a> {
    problem: &'a Problem,
    wanted: &'a Wanted<'a>,
    best: Option<(Assignment, Figures)>,
}

impl Kept<'_> {
    fn value<'f>(&self, figures: &'f Figures) -> &'f Rational {
        match self.wanted.goal {
            Goal::Objective => &figures.objective,
            Goal::Use(k) => &figures.uses[k],
        }
    }

    fn offer(&mut self, plan: Assignment) {
        let Ok(figures) = self.problem.figures(&plan) else { return };
        let is_better =
            self.best.as_ref().is_none_or(|(_, old)| self.value(&figures) < self.value(old));
        if is_better && keeps(&figures, self.wanted.limits, self.wanted.cap) {
            self.best = Some((plan, figures));
        }
    }

    fn is_within(&self, bound: f64, part: f64) -> bool {
        self.best.as_ref().is_some_and(|(_, figures)| {
            let value = to_f64(self.value(figures));
            part == f64::INFINITY || value - bound <= part * value.abs()
        })
    }
}

impl<'p> Searched<'p> {
    /// `None` when the problem has more of something than the tables hold.
    pub fn new(problem: &'p Problem) -> Option<Searched<'p>> {
        let ask = Ask { least: Least::Objective, limits: &problem.limits, cap: None, dearer: None };
        OfProblem::new(problem, &ask, Rounding::Up)
            .map(|_| Searched { problem, interrupt: Here::new() })
    }

    fn tables(&self, ask: &Ask<'_>, rounding: Rounding) -> Option<OfProblem> {
        OfProblem::new(self.problem, ask, rounding)
    }

    pub fn search(&self, wanted: &Wanted<'_>) -> Found {
        let mut kept = Kept { problem: self.problem, wanted, best: None };
        wanted.first.iter().for_each(|plan| kept.offer(plan.clone()));
        let least = match wanted.goal {
            Goal::Objective => Least::Objective,
            Goal::Use(k) => Least::Use(k),
        };
        let ask = Ask { least, limits: wanted.limits, cap: wanted.cap, dearer: None };
        let clock = || self.interrupt.clock();
        let effort = Effort::counted(&clock).share(wanted.share);
        let Some(made) = self.tables(&ask, Rounding::Up).filter(OfProblem::has_choices) else {
            return Found { best: kept.best, bound: f64::INFINITY };
        };
        let (found, proved) = search_and_relax(&made.tables, effort, &|_| {});
        let mut bound = made.value(proved.bound);
        found.into_iter().for_each(|found| kept.offer(made.assignment(&found.solution)));
        // Limits that are nearly too tight: what they limit is made dearer.
        for ask in self.tighter(&ask, bound) {
            let is_to_be_good = ask.least == Least::Objective && wanted.share == 1.0;
            if kept.is_within(bound, if is_to_be_good { NEAR } else { f64::INFINITY }) {
                continue;
            }
            let plan = self.plan(&ask, effort.share(HARDER));
            plan.into_iter().for_each(|plan| kept.offer(plan));
        }
        if made.is_rounded {
            let down = self.tables(&ask, Rounding::Down);
            bound = down.map_or(f64::NEG_INFINITY, |d| d.value(relaxed(&d.tables, effort).bound));
        }
        let bound = bound - ROUNDED * bound.abs();
        let bound = if bound.is_nan() { f64::NEG_INFINITY } else { bound };
        Found { best: kept.best, bound }
    }

    /// A plan, not checked.
    fn plan(&self, ask: &Ask<'_>, effort: Effort<'_>) -> Option<Assignment> {
        let made = self.tables(ask, Rounding::Up)?;
        let (found, _) = search_and_relax(&made.tables, effort, &|_| {});
        found.map(|found| made.assignment(&found.solution))
    }

    /// The same question with each limited budget dearer, more and more, and at last as all there
    /// is to be made small. `bound` is on the objective: a limit used up is worth a part of it.
    fn tighter<'a>(&self, ask: &Ask<'a>, bound: f64) -> Vec<Ask<'a>> {
        let mut asks = Vec::new();
        if bound == f64::INFINITY {
            return asks;
        }
        for (k, limit) in ask.limits.iter().enumerate().take(self.problem.priced) {
            let Some(limit) = limit.as_ref().map(to_f64).filter(|limit| *limit > 0.0) else {
                continue;
            };
            let priced = DEARER.map(|part| Ask { dearer: Some((k, part * bound / limit)), ..*ask });
            asks.extend(
                priced.into_iter().filter(|_| ask.least == Least::Objective && bound > 0.0),
            );
            asks.push(Ask { least: Least::Use(k), ..*ask });
        }
        asks
    }

    /// Whether it is proved that there is no plan: what costs nothing has a bound above nothing.
    pub fn is_infeasible(&self, limits: &[Option<Rational>], share: f64) -> bool {
        let ask = Ask { least: Least::Nothing, limits, cap: None, dearer: None };
        let clock = || self.interrupt.clock();
        let effort = Effort::counted(&clock).share(share);
        let made = self.tables(&ask, Rounding::Down).filter(OfProblem::has_choices);
        made.is_none_or(|made| relaxed(&made.tables, effort).bound > POSITIVE)
    }

    /// Whether there is a plan within limits: one, or a proof that there is none, or neither.
    pub fn feasible(&self, limits: &[Option<Rational>], share: f64) -> Feasible {
        if self.is_infeasible(limits, share) {
            return Feasible::Not;
        }
        let wanted = Wanted { goal: Goal::Objective, limits, cap: None, first: &[], share };
        match self.search(&wanted).best {
            Some((plan, _)) => Feasible::With(plan),
            None => Feasible::Unknown,
        }
    }

    pub fn relax(&self, limits: &[Option<Rational>], share: f64) -> Option<Relaxed> {
        let ask = Ask { least: Least::Objective, limits, cap: None, dearer: None };
        let made = self.tables(&ask, Rounding::Down).filter(OfProblem::has_choices)?;
        let rows: Vec<_> = (0..self.problem.priced).map(|k| made.row(k)).collect();
        let clock = || self.interrupt.clock();
        let effort = Effort::counted(&clock).share(share);
        let priced = crate::placement::priced(&made.tables, effort, &rows, made.scale())?;
        Some(Relaxed { objective: priced.0, prices: priced.1 })
    }
}
