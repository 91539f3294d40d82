//! adaptive-config.toml as values, and the choice between variants that follows from it: at the
//! prices that the budgets' use gives, the least score of what keeps the budgets.

use crate::budgets::{Budgets, CostFunction, Share};
use crate::settings::Settings;
use crate::strategies::{Strategy, Terms};
use crate::table::ADAPTIVE;
use crate::value::Value;
use std::time::Duration;

/// How a plan is searched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// Branch and bound where all patterns can be listed, else search.
    Auto,
    BranchAndBound,
    Search,
}

/// What is least in what is best.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Objective {
    /// The sum that the strategy weighs.
    Weighted,
    Cost,
    Carbon,
    Latency,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adaptive {
    pub algorithm: Algorithm,
    pub max_iterations: u64,
    pub timeout: Duration,
    pub objective: Objective,
    pub cost_function: CostFunction,
    pub enforce_budget: bool,
    pub allow_graceful_degradation: bool,
}

impl Settings {
    pub fn adaptive(&self) -> Adaptive {
        let count = match self.get(ADAPTIVE, "selection", "max_iterations").value {
            Some(Value::Count(count)) => count,
            ref other => eclexia_base::bug!("`max_iterations` is no count: {other:?}"),
        };
        let timeout = match self.get(ADAPTIVE, "selection", "timeout").value {
            Some(Value::Time(time)) => time,
            ref other => eclexia_base::bug!("`timeout` is no time: {other:?}"),
        };
        Adaptive {
            algorithm: match self.word(ADAPTIVE, "selection", "algorithm") {
                "branch-and-bound" => Algorithm::BranchAndBound,
                "search" => Algorithm::Search,
                _ => Algorithm::Auto,
            },
            max_iterations: count,
            timeout,
            objective: match self.word(ADAPTIVE, "optimization", "objective") {
                "cost" => Objective::Cost,
                "carbon" => Objective::Carbon,
                "latency" => Objective::Latency,
                _ => Objective::Weighted,
            },
            cost_function: match self.word(ADAPTIVE, "optimization", "cost_function") {
                "exponential" => CostFunction::Exponential,
                "linear" => CostFunction::Linear,
                _ => CostFunction::Steep,
            },
            enforce_budget: self.switch(ADAPTIVE, "constraints", "enforce_budget"),
            allow_graceful_degradation: self.switch(
                ADAPTIVE,
                "constraints",
                "allow_graceful_degradation",
            ),
        }
    }
}

/// A variant that may be chosen: its terms, and what all of it would use of each resource, in the
/// order and units of [`crate::Resource::ALL`].
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Candidate {
    pub terms: Terms,
    pub uses: [f64; 5],
}

/// Which variant, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selection {
    /// Within all budgets, or budgets are not enforced.
    Chosen(usize),
    /// Past a budget, because nothing keeps them.
    Degraded(usize),
    /// Nothing keeps the budgets, and nothing else is allowed.
    Refused,
}

impl Adaptive {
    /// The candidate of least score among those that keep the budgets. Where none does, the one
    /// that passes them least, if that is allowed; of equals the first.
    ///
    /// The score is the objective's; where it is weighed, the strategy's sum, with money times the
    /// dearest price of what the candidate would use: what is scarce weighs more before it is gone.
    pub fn select(
        &self,
        candidates: &[Candidate],
        budgets: &Budgets,
        strategy: &Strategy,
    ) -> Selection {
        let least = |kept: &mut dyn Iterator<Item = usize>, key: &dyn Fn(usize) -> (f64, f64)| {
            kept.map(|i| (key(i), i))
                .filter(|((first, second), _)| !first.is_nan() && !second.is_nan())
                .min_by(|(a, i), (b, j)| {
                    a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(i.cmp(j))
                })
                .map(|(_, i)| i)
        };
        let most_used = |i: usize| self.most_used(&candidates[i], budgets).0;
        let score = |i: usize| self.score(&candidates[i], budgets, strategy);
        let keeps = |i: &usize| !self.enforce_budget || most_used(*i) <= 1.0;
        let all = 0..candidates.len();
        if let Some(best) = least(&mut all.clone().filter(keeps), &|i| (score(i), 0.0)) {
            return Selection::Chosen(best);
        }
        let mut rest = all.filter(|_| self.allow_graceful_degradation);
        match least(&mut rest, &|i| (most_used(i), score(i))) {
            Some(best) => Selection::Degraded(best),
            None => Selection::Refused,
        }
    }

    fn score(&self, candidate: &Candidate, budgets: &Budgets, strategy: &Strategy) -> f64 {
        let terms = &candidate.terms;
        match self.objective {
            Objective::Cost => terms.cost,
            Objective::Carbon => terms.carbon,
            Objective::Latency => terms.latency,
            Objective::Weighted => {
                let dearest = budgets.dearest(&candidate.uses, self.cost_function);
                let cost = terms.cost * dearest;
                strategy.score(&Terms { cost, ..*terms })
            }
        }
    }

    /// The largest share of any budget.
    pub fn most_used(&self, candidate: &Candidate, budgets: &Budgets) -> Share {
        let shares = budgets.0.iter().zip(candidate.uses).map(|(b, used)| b.share(used).0);
        Share(shares.fold(0.0, f64::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::BUDGETS;
    use eclexia_diag::Sources;

    fn world(adaptive: &str) -> (Adaptive, Budgets) {
        let budgets = "[memory]\nbudget = \"1000B\"\n[compute]\nbudget = \"4cpu\"\n";
        let texts = [(BUDGETS, budgets), (ADAPTIVE, adaptive)];
        let (settings, found) = Settings::of_texts(&texts, &mut Sources::new());
        assert!(found.is_empty());
        (settings.adaptive(), settings.budgets())
    }

    fn candidate(cost: f64, memory: f64) -> Candidate {
        let terms = Terms { cost, carbon: 10.0 - cost, ..Terms::default() };
        Candidate { terms, uses: [0.0, 0.0, memory, 1.0, 0.0] }
    }

    #[test]
    fn the_cheapest_that_fits_is_chosen() {
        let (adaptive, budgets) = world("");
        let select = |c: &[Candidate]| adaptive.select(c, &budgets, &Strategy::default());
        let all = [candidate(3.0, 100.0), candidate(1.0, 1100.0), candidate(2.0, 200.0)];
        assert_eq!(select(&all), Selection::Chosen(2));
        assert_eq!(select(&[all[0], all[0]]), Selection::Chosen(0));
        assert_eq!(select(&[]), Selection::Refused);
    }

    #[test]
    fn what_is_scarce_costs_more_before_it_is_gone() {
        let (adaptive, budgets) = world("");
        let select = |c: &[Candidate]| adaptive.select(c, &budgets, &Strategy::default());
        // Cheaper by a third, but with nine tenths of the memory.
        let all = [candidate(2.0, 900.0), candidate(3.0, 100.0)];
        assert_eq!(select(&all), Selection::Chosen(1));
    }

    #[test]
    fn where_nothing_fits_the_least_excess_is_taken_or_nothing() {
        let over = [candidate(1.0, 3000.0), candidate(5.0, 1500.0)];
        let (adaptive, budgets) = world("");
        let default = Strategy::default();
        assert_eq!(adaptive.select(&over, &budgets, &default), Selection::Degraded(1));
        let strict = "[constraints]\nallow_graceful_degradation = false\n";
        let (adaptive, budgets) = world(strict);
        assert_eq!(adaptive.select(&over, &budgets, &default), Selection::Refused);
        let loose = "[constraints]\nenforce_budget = false\n[optimization]\nobjective = \"cost\"\n";
        let (adaptive, budgets) = world(loose);
        assert_eq!(adaptive.select(&over, &budgets, &default), Selection::Chosen(0));
    }

    #[test]
    fn the_objective_says_what_counts() {
        let all = [candidate(1.0, 10.0), candidate(9.0, 10.0)];
        for (objective, best) in [("cost", 0), ("carbon", 1), ("weighted", 0)] {
            let (adaptive, budgets) =
                world(&format!("[optimization]\nobjective = \"{objective}\"\n"));
            let chosen = adaptive.select(&all, &budgets, &Strategy::default());
            assert_eq!(chosen, Selection::Chosen(best), "{objective}");
        }
    }

    #[test]
    fn what_is_no_number_is_never_chosen() {
        let (adaptive, budgets) = world("");
        let all = [candidate(f64::NAN, 10.0), candidate(9.0, 10.0)];
        let chosen = adaptive.select(&all, &budgets, &Strategy::default());
        assert_eq!(chosen, Selection::Chosen(1));
    }
}
