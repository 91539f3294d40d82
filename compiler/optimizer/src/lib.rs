//! Problem to solution: the least-cost assignment of services to machines and of jobs to hours, a
//! lower bound that proves how good it is, and two-sided prices of every limit. What comes in is a
//! [`Problem`] of exact numbers; what goes out is checked and costed exactly by
//! [`Problem::evaluate`], which shares no code with the search. Equal input gives equal output:
//! no clock, no hash order, ties by index.
//!
//! The journey: `canonical` (what is alike becomes one) → `patterns` (ways to fill one machine) →
//! `master` (the integer programme) → `search` (branch and bound over `simplex`, bounds proved by
//! `bound`, points read by `decode`) and `price`. `solver` names the engines of good_lp.
//! Beside it, usable alone: `simplex` with `certificate`, `model` with `mip` for general
//! programmes, `placement`, `reassign`, `packing` and `components`. Absent: names, units, text (see
//! `plan`), and problems too large to enumerate.

mod bound;
mod canonical;
pub mod certificate;
pub mod components;
mod decode;
mod effort;
mod guess;
mod lp;
mod master;
pub mod mip;
pub mod model;
pub mod packing;
mod patterns;
pub mod placement;
mod price;
mod problem;
mod random;
pub mod reassign;
mod search;
pub mod simplex;
#[cfg(feature = "engines")]
pub mod solver;

pub use effort::{Clock, Effort};
pub use lp::{Lp, Sense};
pub use master::Goal;
pub use patterns::TooLarge;
pub use price::TwoSided;
pub use problem::*;
pub use search::{CLOSE_ENOUGH, Found, MOST_STEPS};

use canonical::Canonical;
use eclexia_base::Rational;
use master::{Ask, Master};
use patterns::Pattern;
use search::Enough;

/// A problem with its patterns, which no limit of a budget changes: ask it more than once.
pub struct Planner<'p> {
    problem: &'p Problem,
    canon: Canonical,
    patterns: Vec<Pattern>,
}

/// The relaxation at given limits.
#[derive(Clone, Debug)]
pub struct Relaxed {
    /// US dollars per second.
    pub objective: f64,
    /// One per budget; an unlimited one has price 0.
    pub prices: Vec<TwoSided>,
}

impl<'p> Planner<'p> {
    pub fn new(problem: &'p Problem) -> Result<Planner<'p>, TooLarge> {
        let canon = canonical::canonical(problem).ok_or(TooLarge {
            what: "digits of an amount",
            count: 39,
            limit: 38,
        })?;
        let patterns = patterns::patterns(problem, &canon)?;
        Ok(Planner { problem, canon, patterns })
    }

    /// Groups of services, classes of pods, patterns.
    pub fn sizes(&self) -> (usize, usize, usize) {
        (self.canon.groups.len(), self.canon.classes.len(), self.patterns.len())
    }

    fn master(&self, goal: Goal, limits: &[Option<Rational>], cap: Option<&Rational>) -> Master {
        let ask = Ask { goal, limits, cap: cap.cloned() };
        Master::build(self.problem, &self.canon, &self.patterns, &ask)
    }

    /// The best plan for a goal within limits and, with `cap`, an objective no larger. `first` are
    /// plans known already; those that keep the rules are where the search starts.
    pub fn search(
        &self,
        goal: Goal,
        limits: &[Option<Rational>],
        cap: Option<&Rational>,
        first: &[Assignment],
    ) -> Found {
        let master = self.master(goal, limits, cap);
        let asked = search::Asked {
            problem: self.problem,
            canon: &self.canon,
            patterns: &self.patterns,
            goal,
            limits,
            cap,
            enough: Enough::Best,
        };
        search::search(&asked, &master, first)
    }

    /// Any plan within limits.
    pub fn feasible(&self, limits: &[Option<Rational>]) -> Option<Assignment> {
        let master = self.master(Goal::Objective, limits, None);
        let asked = search::Asked {
            problem: self.problem,
            canon: &self.canon,
            patterns: &self.patterns,
            goal: Goal::Objective,
            limits,
            cap: None,
            enough: Enough::Any,
        };
        search::search(&asked, &master, &[]).best.map(|(plan, _)| plan)
    }

    /// The best plan within the problem's own limits.
    pub fn optimum(&self) -> Found {
        self.search(Goal::Objective, &self.problem.limits, None, &[])
    }

    /// The relaxation's optimum and prices; `None` when even it is infeasible.
    pub fn relax(&self, limits: &[Option<Rational>]) -> Option<Relaxed> {
        let relaxed = price::relaxation(&self.master(Goal::Objective, limits, None))?;
        Some(Relaxed { objective: relaxed.objective, prices: relaxed.prices })
    }

    /// The relaxation as the engines of `solver` take it, and its true cost per unit of cost.
    pub fn programme(&self, limits: &[Option<Rational>]) -> (Lp, f64) {
        let master = self.master(Goal::Objective, limits, None);
        (master.lp, 1.0 / master.cost_scale)
    }
}
