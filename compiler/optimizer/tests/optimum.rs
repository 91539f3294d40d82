//! The optimum against brute force, and prices against differences, on small random problems.

#[allow(dead_code, reason = "each test takes what it needs")]
mod small;

use eclexia_base::Rational;
use eclexia_base::number::{from_f64_rounded, int, to_f64};
use eclexia_optimizer::{CLOSE_ENOUGH, Goal, Planner, Problem};

/// How many of the problems have a plan, and how many have none.
fn optima_equal_brute_force(problems: impl Iterator<Item = small::Small>) -> (u32, u32) {
    let (mut solved, mut refused) = (0, 0);
    for (seed, small) in problems.enumerate() {
        let problem = small::problem(&small);
        let planner = Planner::new(&problem).expect("a small problem");
        let found = planner.optimum();
        match (small::brute_force(&small), found.best) {
            (Some(best), Some((plan, figures))) => {
                assert_eq!(figures.objective, int(best), "number {seed}: {small:?}");
                assert_eq!(problem.evaluate(&plan), Ok(figures), "number {seed}");
                let gap = best as f64 - found.bound;
                assert!(
                    (0.0..=best as f64 * CLOSE_ENOUGH * 2.0).contains(&gap),
                    "number {seed}: gap {gap}"
                );
                solved += 1;
            }
            (None, None) => {
                assert_eq!(found.bound, f64::INFINITY, "number {seed}");
                refused += 1;
            }
            (brute, found) => {
                panic!("number {seed}: {brute:?} by force, found {found:?}: {small:?}")
            }
        }
    }
    (solved, refused)
}

fn random_optima_equal_brute_force(seeds: std::ops::Range<u64>) {
    let (solved, refused) = optima_equal_brute_force(seeds.map(small::random));
    assert!(solved > 500 && refused > 100, "{solved} solved, {refused} infeasible");
}

#[test]
fn random_optima_equal_brute_force_1() {
    random_optima_equal_brute_force(0..1_250);
}

#[test]
fn random_optima_equal_brute_force_2() {
    random_optima_equal_brute_force(1_250..2_500);
}

#[test]
fn random_optima_equal_brute_force_3() {
    random_optima_equal_brute_force(2_500..3_750);
}

#[test]
fn random_optima_equal_brute_force_4() {
    random_optima_equal_brute_force(3_750..5_000);
}

#[test]
fn jobs_in_pieces_under_limits_by_the_hour_equal_brute_force() {
    let (solved, refused) = optima_equal_brute_force((0..1_000).map(small::jobs::random_jobs));
    assert!(solved > 500 && refused > 50, "{solved} solved, {refused} infeasible");
}

fn value(problem: &Problem, limits: &[Option<Rational>]) -> Option<f64> {
    Some(Planner::new(problem).expect("a small problem").relax(limits)?.objective)
}

/// With a limit that binds on one budget: between the least use there can be and that of the free
/// optimum, or, for every third seed, just at what the free relaxation uses, where there is a kink.
fn tight(mut problem: Problem, seed: u64) -> Problem {
    problem.limits = vec![None; problem.budgets];
    let planner = Planner::new(&problem).expect("a small problem");
    let k = seed as usize % problem.budgets;
    let most = |goal| {
        planner.search(goal, &problem.limits, None, &[]).best.map(|(_, f)| f.uses[k].clone())
    };
    let (Some(free), Some(least)) = (most(Goal::Objective), most(Goal::Use(k))) else {
        return problem;
    };
    let part = eclexia_base::number::ratio((seed as i64 * 7) % 20, 20);
    let mut limit = &least + (&free - &least) * part;
    if seed % 3 == 1 {
        let mut loose = problem.limits.clone();
        loose[k] = Some(int(1000));
        let slack = planner.relax(&loose).map_or(0.0, |r| r.prices[k].down);
        limit = from_f64_rounded(1000.0 - slack, 10).expect("finite");
    }
    problem.limits[k] = Some(limit);
    problem
}

#[test]
fn prices_are_the_two_derivatives_of_the_relaxation() {
    let (mut kinks, mut priced) = (0, 0);
    for seed in 0..300 {
        let problem = tight(small::problem(&small::random(seed)), seed);
        let planner = Planner::new(&problem).expect("a small problem");
        let Some(relaxed) = planner.relax(&problem.limits) else { continue };
        for (k, price) in relaxed.prices.iter().enumerate() {
            let Some(limit) = &problem.limits[k] else { continue };
            let moved = |by: f64| {
                let mut limits = problem.limits.clone();
                limits[k] = Some(limit + from_f64_rounded(by, 15).expect("finite"));
                value(&problem, &limits)
            };
            priced += i32::from(price.buy > 0.0);
            let up = price.up.min(1.0) * 0.5;
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (1.0 + a.abs().max(b.abs()));
            let saved = (relaxed.objective - moved(up).expect("feasible")) / up;
            assert!(close(saved, price.buy), "seed {seed} budget {k}: {saved} but {price:?}");
            match price.sell {
                Some(sell) => {
                    let down = price.down.min(1.0) * 0.5;
                    let paid = (moved(-down).expect("feasible") - relaxed.objective) / down;
                    assert!(close(paid, sell), "seed {seed} budget {k}: {paid} but {price:?}");
                    assert!(sell >= price.buy - 1e-9);
                    kinks += i32::from(sell > price.buy + 1e-6);
                }
                None => assert!(moved(-1e-6 * (1.0 + to_f64(limit))).is_none(), "seed {seed}"),
            }
        }
    }
    assert!(kinks > 10 && priced > 20, "{kinks} kinks, {priced} with a price");
}

/// The same problem with its budgets in another order, and services and offers turned around.
fn permuted(small: &small::Small) -> small::Small {
    let mut other = small.clone();
    other.offers.reverse();
    other.services.reverse();
    let n = small.services.len();
    for pairs in [&mut other.conflicts, &mut other.together, &mut other.near] {
        pairs.iter_mut().for_each(|(a, b)| (*a, *b) = (n - 1 - *a, n - 1 - *b));
    }
    let turn = |uses: &mut Vec<i64>| uses.rotate_left(1);
    other.limits.rotate_left(1);
    for offer in &mut other.offers {
        turn(&mut offer.uses);
        turn(&mut offer.per_watt.1);
    }
    for variant in other.services.iter_mut().flat_map(|s| &mut s.variants) {
        turn(&mut variant.uses);
        variant.allowed.reverse();
    }
    other.jobs.iter_mut().flatten().for_each(|run| turn(&mut run.uses));
    other
}

#[test]
fn the_order_of_rows_changes_no_price() {
    let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-7 * (1.0 + a.abs());
    for seed in 0..300 {
        let small = small::random(seed);
        let one = tight(small::problem(&small), seed);
        let mut two = small::problem(&permuted(&small));
        two.limits.clone_from(&one.limits);
        two.limits.rotate_left(1);
        let price = |p: &Problem| Planner::new(p).expect("a small problem").relax(&p.limits);
        let (Some(one), Some(two)) = (price(&one), price(&two)) else { continue };
        for k in 0..one.prices.len() {
            let (a, b) = (one.prices[k], two.prices[(k + 2) % 3]);
            let sells = match (a.sell, b.sell) {
                (Some(a), Some(b)) => near(a, b),
                (a, b) => a == b,
            };
            assert!(near(a.buy, b.buy) && sells, "seed {seed} budget {k}: {a:?} {b:?}");
        }
    }
}

#[test]
fn a_budget_written_twice_has_the_interval_from_zero_on_both() {
    let mut priced = 0;
    for seed in 0..200 {
        let mut small = small::random(seed);
        let once = tight(small::problem(&small), 3 * seed);
        let Some(single) = Planner::new(&once).expect("small").relax(&once.limits) else {
            continue;
        };
        // Money again in place of the third budget.
        let twice = |uses: &mut Vec<i64>| uses[2] = uses[0];
        for offer in &mut small.offers {
            twice(&mut offer.uses);
            twice(&mut offer.per_watt.1);
        }
        for variant in small.services.iter_mut().flat_map(|s| &mut s.variants) {
            twice(&mut variant.uses);
        }
        small.jobs.iter_mut().flatten().for_each(|run| twice(&mut run.uses));
        let mut problem = small::problem(&small);
        problem.limits = once.limits.clone();
        problem.limits[2].clone_from(&once.limits[0]);
        let double =
            Planner::new(&problem).expect("small").relax(&problem.limits).expect("feasible");
        let sell = |p: &eclexia_optimizer::TwoSided| p.sell.unwrap_or(-1.0);
        for k in [0, 2] {
            let two = &double.prices[k];
            assert!((sell(two) - sell(&single.prices[0])).abs() < 1e-6, "seed {seed}: {two:?}");
            assert!(two.buy.abs() < 1e-6, "seed {seed}: {two:?}");
        }
        priced += i32::from(sell(&single.prices[0]) > 0.0);
    }
    assert!(priced > 10, "{priced} with a price");
}
