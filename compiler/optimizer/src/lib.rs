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
//! programmes (or `highs`, a feature), `placement`, `reassign`, `packing`, `components` and
//! `arrivals`. A problem with too many patterns is `searched` by `placement`, and what runs is
//! `continued`. Absent: names, units, text (see `plan`).

pub mod arrivals;
mod bound;
mod canonical;
pub mod certificate;
pub mod components;
mod continued;
mod decode;
mod effort;
mod guess;
#[cfg(feature = "highs")]
pub mod highs;
mod interrupt;
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
mod searched;
pub mod simplex;
#[cfg(feature = "engines")]
pub mod solver;

pub use continued::{Continued, Moving, Next, Runs, RunsOn};
pub use effort::{Clock, Effort};
pub use interrupt::{Interrupt, interruptible};
pub use lp::{Lp, Sense};
pub use master::Goal;
pub use patterns::TooLarge;
pub use placement::{Movements, Pair, Refused};
pub use price::TwoSided;
pub use problem::*;
pub use search::{CLOSE_ENOUGH, Found};

use canonical::Canonical;
use continued::Question;
use eclexia_base::Rational;
use interrupt::Here;
use master::{Ask, Master};
use patterns::Pattern;
use search::Enough;
use searched::{Searched, Wanted};

/// A problem with its patterns, which no limit of a budget changes: ask it more than once. Where
/// there are too many patterns, the problem is searched instead of branched: plans are as exact,
/// and the bound is told, but they need not meet.
pub struct Planner<'p> {
    problem: &'p Problem,
    method: Method<'p>,
    interrupt: Here,
}

enum Method<'p> {
    Listed(Canonical, Vec<Pattern>),
    Searched(Searched<'p>),
}

/// Whether there is a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Feasible {
    With(Assignment),
    /// It is proved that there is none.
    Not,
    Unknown,
}

/// Pods on offers, of all variants, beyond which it is not tried to list patterns.
const MOST_PLACES: usize = 100_000;
/// Part of the work of a plan that a question beside it is worth, where a problem is searched.
const ASKED: f64 = 0.1;

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
        Planner::listing(problem).or_else(|large| Planner::searching(problem).ok_or(large))
    }

    /// Branches over patterns, or is refused where there are too many of them.
    pub fn listing(problem: &'p Problem) -> Result<Planner<'p>, TooLarge> {
        let (canon, patterns) = listed(problem)?;
        let method = Method::Listed(canon, patterns);
        Ok(Planner { problem, method, interrupt: Here::new() })
    }

    /// Searches whatever the size; `None` when the problem has more of something than a search
    /// takes.
    pub fn searching(problem: &'p Problem) -> Option<Planner<'p>> {
        let method = Method::Searched(Searched::new(problem)?);
        Some(Planner { problem, method, interrupt: Here::new() })
    }

    /// Whether the problem was too large for anything but a search.
    pub fn is_searched(&self) -> bool {
        matches!(self.method, Method::Searched(_))
    }

    /// Groups of services, classes of pods, patterns; `None` where a problem is searched.
    pub fn sizes(&self) -> Option<(usize, usize, usize)> {
        match &self.method {
            Method::Listed(canon, patterns) => {
                Some((canon.groups.len(), canon.classes.len(), patterns.len()))
            }
            Method::Searched(_) => None,
        }
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
        self.find(&Wanted { goal, limits, cap, first, share: 1.0 }, Enough::Best)
    }

    /// The same for a question beside the plan, which is to be answered sooner: where a problem is
    /// searched, with a tenth of the work.
    pub fn search_again(
        &self,
        goal: Goal,
        limits: &[Option<Rational>],
        cap: Option<&Rational>,
        first: &[Assignment],
    ) -> Found {
        self.find(&Wanted { goal, limits, cap, first, share: ASKED }, Enough::Best)
    }

    fn find(&self, wanted: &Wanted<'_>, enough: Enough) -> Found {
        let (canon, patterns) = match &self.method {
            Method::Listed(canon, patterns) => (canon, patterns),
            Method::Searched(searched) => return searched.search(wanted),
        };
        let &Wanted { goal, limits, cap, first, .. } = wanted;
        let problem = self.problem;
        let master = master(problem, (canon, patterns), goal, limits, cap);
        let interrupt = &self.interrupt;
        let asked =
            search::Asked { problem, canon, patterns, goal, limits, cap, enough, interrupt };
        search::search(&asked, &master, first)
    }

    /// Whether it is proved that there is no plan within limits.
    pub fn is_infeasible(&self, limits: &[Option<Rational>]) -> bool {
        match &self.method {
            Method::Listed(..) => self.feasible(limits) == Feasible::Not,
            Method::Searched(searched) => searched.is_infeasible(limits, ASKED),
        }
    }

    /// Any plan within limits, or a proof that there is none.
    pub fn feasible(&self, limits: &[Option<Rational>]) -> Feasible {
        if let Method::Searched(searched) = &self.method {
            return searched.feasible(limits, ASKED);
        }
        let wanted = Wanted { goal: Goal::Objective, limits, cap: None, first: &[], share: 1.0 };
        let found = self.find(&wanted, Enough::Any);
        match found.best {
            Some((plan, _)) => Feasible::With(plan),
            None if found.bound == f64::INFINITY => Feasible::Not,
            None => Feasible::Unknown,
        }
    }

    /// The best plan that continues what runs, with what moving costs: of the `known` ones and one
    /// searched for.
    pub fn replan(
        &self,
        runs: &Runs,
        moving: &Moving,
        known: &[Assignment],
    ) -> Result<Next, Refused> {
        Question::new(self.problem, &self.problem.limits, runs, moving).best(known)
    }

    /// The best plan within the problem's own limits.
    pub fn optimum(&self) -> Found {
        self.search(Goal::Objective, &self.problem.limits, None, &[])
    }

    /// The relaxation's optimum and prices; `None` when even it is infeasible.
    pub fn relax(&self, limits: &[Option<Rational>]) -> Option<Relaxed> {
        match &self.method {
            Method::Listed(canon, patterns) => {
                let listed = (canon, &patterns[..]);
                let master = master(self.problem, listed, Goal::Objective, limits, None);
                let relaxed = price::relaxation(&master, &self.interrupt)?;
                Some(Relaxed { objective: relaxed.objective, prices: relaxed.prices })
            }
            Method::Searched(searched) => searched.relax(limits, ASKED),
        }
    }

    /// The relaxation as the engines of `solver` take it, and its true cost per unit of cost;
    /// `None` where a problem is searched.
    pub fn programme(&self, limits: &[Option<Rational>]) -> Option<(Lp, f64)> {
        let Method::Listed(canon, patterns) = &self.method else { return None };
        let master = master(self.problem, (canon, patterns), Goal::Objective, limits, None);
        Some((master.lp, 1.0 / master.cost_scale))
    }
}

fn listed(problem: &Problem) -> Result<(Canonical, Vec<Pattern>), TooLarge> {
    let variants: usize = problem.services.iter().map(|s| s.variants.len()).sum();
    let places = variants.saturating_mul(problem.offers.len());
    if places > MOST_PLACES {
        return Err(TooLarge { what: "pods on offers", count: places, limit: MOST_PLACES });
    }
    let canon = canonical::canonical(problem).ok_or(TooLarge {
        what: "digits of an amount",
        count: 39,
        limit: 38,
    })?;
    let patterns = patterns::patterns(problem, &canon)?;
    Ok((canon, patterns))
}

fn master(
    problem: &Problem,
    (canon, patterns): (&Canonical, &[Pattern]),
    goal: Goal,
    limits: &[Option<Rational>],
    cap: Option<&Rational>,
) -> Master {
    Master::build(problem, canon, patterns, &Ask { goal, limits, cap: cap.cloned() })
}

/// Whether figures are within limits and a cap on the objective.
fn keeps(figures: &Figures, limits: &[Option<Rational>], cap: Option<&Rational>) -> bool {
    let within = |(used, limit): (&Rational, &Option<Rational>)| {
        limit.as_ref().is_none_or(|limit| used <= limit)
    };
    figures.uses.iter().zip(limits).all(within) && cap.is_none_or(|cap| figures.objective <= *cap)
}
