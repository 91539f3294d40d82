//! The optimum against brute force, and prices against differences, on small random problems.

mod small;

use eclexia_base::Rational;
use eclexia_base::number::{from_f64_rounded, int, to_f64};
use eclexia_optimizer::{CLOSE_ENOUGH, Planner, Problem};

#[test]
fn two_hundred_random_optima_equal_brute_force() {
    let (mut solved, mut refused) = (0, 0);
    for seed in 0..200 {
        let small = small::random(seed);
        let problem = small::problem(&small);
        let planner = Planner::new(&problem).expect("a small problem");
        let found = planner.optimum();
        match (small::brute_force(&small), found.best) {
            (Some(best), Some((plan, figures))) => {
                assert_eq!(figures.objective, int(best), "seed {seed}: {small:?}");
                assert_eq!(problem.evaluate(&plan), Ok(figures), "seed {seed}");
                let gap = best as f64 - found.bound;
                assert!(
                    (0.0..=best as f64 * CLOSE_ENOUGH * 2.0).contains(&gap),
                    "seed {seed}: gap {gap}"
                );
                solved += 1;
            }
            (None, None) => {
                assert_eq!(found.bound, f64::INFINITY, "seed {seed}");
                refused += 1;
            }
            (brute, found) => panic!("seed {seed}: {brute:?} by force, found {found:?}: {small:?}"),
        }
    }
    assert!(solved > 80 && refused > 20, "{solved} solved, {refused} infeasible");
}

fn value(problem: &Problem, limits: &[Option<Rational>]) -> Option<f64> {
    Some(Planner::new(problem).expect("a small problem").relax(limits)?.objective)
}

#[test]
fn prices_are_the_two_derivatives_of_the_relaxation() {
    let mut kinks = 0;
    for seed in 0..200 {
        let problem = small::problem(&small::random(seed));
        let planner = Planner::new(&problem).expect("a small problem");
        let Some(relaxed) = planner.relax(&problem.limits) else { continue };
        for (k, price) in relaxed.prices.iter().enumerate() {
            let Some(limit) = &problem.limits[k] else { continue };
            let moved = |by: f64| {
                let mut limits = problem.limits.clone();
                limits[k] = Some(limit + from_f64_rounded(by, 15).expect("finite"));
                value(&problem, &limits)
            };
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
    println!("{kinks} kinks");
}
