//! Budget lines: use, limit, two-sided price, range, and the next step of the real plan.
//!
//! The next step of a limit is found by three solves. 1. Without the limit: when the best objective
//! is no better by one part in a million, no larger limit changes the plan. 2. The least use of the
//! budget among plans that are better by that much: what the limit must become. 3. The best plan at
//! that limit: what it saves. Every plan found is kept and offered to the later solves.

use crate::plan::{Solved, choices};
use crate::words;
use eclexia_base::Rational;
use eclexia_base::number::{from_f64_rounded, int};
use eclexia_model::{BudgetLine, Exact, NextStep, Price};
use eclexia_optimizer::{Assignment, Goal, TwoSided};
use num_traits::{Signed, Zero};

/// A saving smaller than this part of the objective is no reason to change a plan.
pub const WORTH: i64 = 1_000_000;

/// `solved` is the best plan there is, whatever it moves.
pub fn budget_lines(solved: &Solved) -> Vec<BudgetLine> {
    if solved.dep.limits.is_empty() {
        return Vec::new();
    }
    let limits = &solved.mapped.problem.limits;
    let relaxed = solved.planner.relax(limits);
    let mut known: Vec<Assignment> = vec![solved.best.clone()];
    let unlimited = solved.mapped.unlimited();
    let free = best(solved, &unlimited, &mut known);
    let nothing_gained = free.is_none_or(|objective| !is_better(solved, &objective));
    let root = eclexia_model::Address::new(solved.dep.name.clone()).child("budget");
    let lines = solved.dep.limits.iter().enumerate().map(|(k, limit)| {
        let two_sided = relaxed.as_ref().and_then(|r| r.prices.get(k));
        let next = if nothing_gained { None } else { next_step(solved, k, &mut known) };
        BudgetLine {
            address: root.child(limit.metric.name()),
            metric: limit.metric,
            used: Exact(solved.figures.uses[k].clone()),
            limit: limit.amount.clone(),
            unit: limit.unit.clone(),
            price: price(&limit.amount.0, two_sided, next),
        }
    });
    lines.collect()
}

fn is_better(solved: &Solved, objective: &Rational) -> bool {
    let old = &solved.figures.objective;
    old - objective > old / int(WORTH) && old > objective
}

/// The best objective within limits; the plan joins the known ones.
fn best(
    solved: &Solved,
    limits: &[Option<Rational>],
    known: &mut Vec<Assignment>,
) -> Option<Rational> {
    let (plan, figures) = solved.planner.search_again(Goal::Objective, limits, None, known).best?;
    if !known.contains(&plan) {
        known.push(plan);
    }
    Some(figures.objective)
}

fn next_step(solved: &Solved, k: usize, known: &mut Vec<Assignment>) -> Option<NextStep> {
    let mut limits = solved.mapped.problem.limits.clone();
    let limit = limits[k].take()?;
    let free = best(solved, &limits, known)?;
    if !is_better(solved, &free) {
        return None;
    }
    let old = &solved.figures.objective;
    let cap = old - old / int(WORTH);
    let (least, figures) =
        solved.planner.search_again(Goal::Use(k), &limits, Some(&cap), known).best?;
    let needed = figures.uses[k].clone();
    known.push(least);
    limits[k] = Some(needed.clone());
    let (plan, figures) = solved.planner.search_again(Goal::Objective, &limits, None, known).best?;
    let [before, after] = [solved.best, &plan].map(|plan| choices(solved.dep, solved.mapped, plan));
    let step = NextStep {
        increase: Exact(&needed - &limit),
        saves: Exact(old - &figures.objective),
        change: words::change(&before, &after),
    };
    step.increase.0.is_positive().then_some(step)
}

fn price(limit: &Rational, two_sided: Option<&TwoSided>, next_step: Option<NextStep>) -> Price {
    let exact = |x: f64| Exact(from_f64_rounded(x, 12).unwrap_or_else(Rational::zero));
    let Some(two) = two_sided else {
        return Price { buy: Exact::int(0), sell: None, range: None, next_step };
    };
    let low = match two.sell {
        Some(_) => (limit - exact(two.down).0).max(Rational::zero()),
        None => limit.clone(),
    };
    let high = two.up.is_finite().then(|| Exact(limit + exact(two.up).0));
    Price {
        buy: exact(two.buy),
        sell: two.sell.map(exact),
        range: Some((Exact(low), high)),
        next_step,
    }
}
