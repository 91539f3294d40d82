//! Searching a problem against trying everything: what the search of large problems finds on small
//! ones is right in value, its bound is below, and its verdicts about feasibility hold.

#[allow(dead_code, reason = "other tests use more of it")]
mod small;

use eclexia_base::number::{from_f64_rounded, int, ratio, to_f64};
use eclexia_optimizer::{Goal, Planner};

#[test]
fn small_problems_are_solved_and_bounded() {
    solved_and_bounded((0..120).map(small::random), 97);
}

/// Of the ways to interrupt a job only some are tried.
#[test]
fn jobs_are_scheduled_and_bounded() {
    solved_and_bounded((0..120).map(small::jobs::random_jobs), 80);
}

/// At least so many of a hundred are solved to the best there is.
fn solved_and_bounded(problems: impl Iterator<Item = small::Small>, percent: i32) {
    let (mut solved, mut best, mut gaps) = (0, 0, 0.0);
    for (seed, small) in problems.enumerate() {
        let problem = small::problem(&small);
        let planner = Planner::searching(&problem).expect("few of everything");
        let found = planner.search_again(Goal::Objective, &problem.limits, None, &[]);
        let least = small::brute_force(&small);
        let Some(least) = least else {
            assert!(found.best.is_none(), "seed {seed}: a plan where there is none");
            continue;
        };
        assert!(found.bound <= least as f64 * (1.0 + 1e-9), "seed {seed}: {}", found.bound);
        solved += 1;
        let Some((plan, figures)) = found.best else { continue };
        assert_eq!(problem.evaluate(&plan).expect("a plan"), figures, "seed {seed}");
        assert!(figures.objective >= int(least), "seed {seed}");
        best += i32::from(figures.objective == int(least));
        gaps += 1.0 - found.bound / to_f64(&figures.objective).max(1e-9);
    }
    assert!(best * 100 >= solved * percent, "{best} of {solved}");
    assert!(gaps / f64::from(solved) < 0.15, "{}", gaps / f64::from(solved));
}

/// The relaxation's prices are its one-sided derivatives: checked by solving it again nearby, where
/// it may be measured a little differently.
#[test]
fn prices_are_what_a_little_more_and_less_change() {
    let (mut sides, mut priced, mut off) = (0, 0, 0);
    for seed in 0..200 {
        let small = small::random(seed);
        let mut problem = small::problem(&small);
        let free = Planner::new(&problem).expect("a small problem").optimum();
        let Some((_, figures)) = free.best else { continue };
        // A fifth less than the best plan uses.
        let k = seed as usize % problem.budgets;
        problem.limits[k] = Some(&figures.uses[k] * ratio(4, 5));
        let planner = Planner::searching(&problem).expect("few of everything");
        let Some(relaxed) = planner.relax(&problem.limits) else { continue };
        for (k, price) in relaxed.prices.iter().enumerate() {
            let Some(limit) = &problem.limits[k] else { continue };
            let moved = |by: f64| {
                let mut limits = problem.limits.clone();
                limits[k] = Some(limit + from_f64_rounded(by, 12).expect("finite"));
                planner.relax(&limits).map(|r| r.objective)
            };
            let step = (0.01 * to_f64(limit)).min(price.down.min(price.up).max(1e-3) / 2.0);
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-3 * relaxed.objective.max(1.0);
            let more = moved(step).expect("more is no harm");
            off += i32::from(!close(relaxed.objective - more, price.buy * step));
            match (moved(-step), price.sell) {
                (Some(less), Some(sell)) => {
                    off += i32::from(!close(less - relaxed.objective, sell * step));
                    priced += i32::from(sell > 1e-6);
                }
                (None, None) => {}
                (less, sell) => panic!("seed {seed}, budget {k}: {less:?} {sell:?} {price:?}"),
            }
            sides += 1;
        }
    }
    assert!(sides > 50 && priced > 10, "{sides} {priced}");
    assert!(off * 50 <= sides, "{off} of {sides}");
}
