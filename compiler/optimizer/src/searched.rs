//! A problem with too many fillings of machines to list them: searched and bounded by
//! [`crate::placement`]. What is found is costed and checked exactly like every other plan; what a
//! search did not find is told from what cannot be.

use crate::effort::Effort;
use crate::master::Goal;
use crate::placement::of_problem::{Ask, Least, OfProblem, Rounding};
use crate::placement::{relaxed, search_and_relax};
use crate::problem::{Assignment, Figures, Problem};
use crate::search::Found;
use crate::{Feasible, Relaxed, keeps};
use eclexia_base::Rational;
use eclexia_base::number::from_f64_rounded;

/// What the sums of a bound may have been rounded by on the way into the tables, relative.
const ROUNDED: f64 = 1e-9;
/// What a limit is lowered by for a search whose plan exceeded it by rounding, relative.
const LOWERED: f64 = 1e-9;
/// A bound on nothing that is no rounding.
const POSITIVE: f64 = 1e-6;

pub struct Searched<'p> {
    problem: &'p Problem,
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

impl<'p> Searched<'p> {
    /// `None` when the problem has more of something than the tables hold.
    pub fn new(problem: &'p Problem) -> Option<Searched<'p>> {
        let ask = Ask { least: Least::Objective, limits: &problem.limits, cap: None };
        OfProblem::new(problem, &ask, Rounding::Up).map(|_| Searched { problem })
    }

    fn tables(&self, ask: &Ask<'_>, rounding: Rounding) -> Option<OfProblem> {
        OfProblem::new(self.problem, ask, rounding)
    }

    pub fn search(&self, wanted: &Wanted<'_>) -> Found {
        let value = |figures: &Figures| match wanted.goal {
            Goal::Objective => figures.objective.clone(),
            Goal::Use(k) => figures.uses[k].clone(),
        };
        let check = |plan: &Assignment| {
            let figures = self.problem.figures(plan).ok()?;
            keeps(&figures, wanted.limits, wanted.cap).then_some(figures)
        };
        let mut best: Option<(Assignment, Figures)> = None;
        let mut offer = |plan: Assignment| {
            let Some(figures) = check(&plan) else { return false };
            if best.as_ref().is_none_or(|(_, old)| value(&figures) < value(old)) {
                best = Some((plan, figures));
            }
            true
        };
        wanted.first.iter().for_each(|plan| {
            offer(plan.clone());
        });
        let least = match wanted.goal {
            Goal::Objective => Least::Objective,
            Goal::Use(k) => Least::Use(k),
        };
        let ask = Ask { least, limits: wanted.limits, cap: wanted.cap };
        let effort = Effort::counted(&|| 0.0).share(wanted.share);
        let Some(made) = self.tables(&ask, Rounding::Up).filter(OfProblem::has_choices) else {
            return Found { best, bound: f64::INFINITY };
        };
        let (found, proved) = search_and_relax(&made.tables, effort, &|_| {});
        let mut bound = made.value(proved.bound);
        if let Some(found) = found
            && !offer(made.assignment(&found.solution))
        {
            // Within the limits in floating point only: again, within a little less.
            let lowered = |limit: &Rational| {
                let by = from_f64_rounded(1.0 - LOWERED, 12).unwrap_or_default();
                limit * by
            };
            let limits: Vec<_> =
                wanted.limits.iter().map(|limit| limit.as_ref().map(lowered)).collect();
            let ask = Ask { limits: &limits, ..ask };
            if let Some(made) = self.tables(&ask, Rounding::Up)
                && let (Some(found), _) = search_and_relax(&made.tables, effort, &|_| {})
            {
                offer(made.assignment(&found.solution));
            }
        }
        if made.is_rounded {
            let down = self.tables(&ask, Rounding::Down);
            bound = down.map_or(f64::NEG_INFINITY, |d| d.value(relaxed(&d.tables, effort).bound));
        }
        let bound = bound - ROUNDED * bound.abs();
        Found { best, bound: if bound.is_nan() { f64::NEG_INFINITY } else { bound } }
    }

    /// Whether it is proved that there is no plan: what costs nothing has a bound above nothing.
    pub fn is_infeasible(&self, limits: &[Option<Rational>], share: f64) -> bool {
        let ask = Ask { least: Least::Nothing, limits, cap: None };
        let effort = Effort::counted(&|| 0.0).share(share);
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
        let ask = Ask { least: Least::Objective, limits, cap: None };
        let made = self.tables(&ask, Rounding::Down).filter(OfProblem::has_choices)?;
        let rows: Vec<_> = (0..self.problem.priced).map(|k| made.row(k)).collect();
        let effort = Effort::counted(&|| 0.0).share(share);
        let priced = crate::placement::priced(&made.tables, effort, &rows, made.scale())?;
        Some(Relaxed { objective: priced.0, prices: priced.1 })
    }
}
