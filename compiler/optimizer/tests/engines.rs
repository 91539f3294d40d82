//! The engines of good_lp against our own, and problems of the size of the examples.
#![expect(clippy::disallowed_methods, reason = "a test says how long planning took")]

#[allow(dead_code, unused_imports, reason = "each test takes what it needs")]
mod small;

use eclexia_base::number::{int, to_f64};
use eclexia_optimizer::solver::{Engine, Numbers, solve};
use eclexia_optimizer::{CLOSE_ENOUGH, Goal, Planner};
use std::time::Instant;

#[test]
fn handwritten_sizes_are_planned_with_a_proof() {
    let mut problem = small::problem(&small::medium::medium(0, 12));
    let start = Instant::now();
    let planner = Planner::new(&problem).expect("not too large");
    let listed = start.elapsed();
    let free = planner.optimum();
    let found = start.elapsed();
    let (_, loose) = free.best.clone().expect("a plan");
    println!(
        "{:?} listed in {listed:?}, planned in {found:?}, {} bound {}",
        planner.sizes(),
        to_f64(&loose.objective),
        free.bound
    );
    // Half way down to the least CPU there is: smaller variants have to be taken.
    let least = planner.search(Goal::Use(2), &problem.limits, None, &[]).best.expect("a plan").1;
    problem.limits[2] = Some((&least.uses[2] + &loose.uses[2]) / int(2));
    let start = Instant::now();
    let planner = Planner::new(&problem).expect("not too large");
    let tight = planner.optimum();
    let (_, figures) = tight.best.as_ref().expect("a plan");
    let gap = 1.0 - tight.bound / to_f64(&figures.objective);
    println!("   tight in {:?}, {} gap {gap:e}", start.elapsed(), to_f64(&figures.objective));
    assert!(gap <= 2.0 * CLOSE_ENOUGH, "{gap}");
    let start = Instant::now();
    let relaxed = planner.relax(&problem.limits).expect("feasible");
    println!("   prices in {:?}: {:?}", start.elapsed(), relaxed.prices[2]);
}

#[test]
fn the_relaxation_and_its_prices_agree_with_good_lp() {
    let mut between = 0;
    for seed in 0..60 {
        let problem = small::problem(&small::random(seed));
        let planner = Planner::new(&problem).expect("a small problem");
        let (lp, scale) = planner.programme(&problem.limits).expect("listed");
        let own = planner.relax(&problem.limits);
        let simplex = solve(&lp, Engine::Microlp, Numbers::Real);
        let interior = solve(&lp, Engine::Clarabel, Numbers::Real);
        let Some(own) = own else {
            assert!(simplex.is_err() && interior.is_err(), "seed {seed}");
            continue;
        };
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * (1.0 + a.abs());
        let (simplex, interior) = (simplex.expect("feasible"), interior.expect("feasible"));
        assert!(near(own.objective, simplex.objective * scale), "seed {seed}");
        assert!(near(own.objective, interior.objective * scale), "seed {seed}");
        // Clarabel's dual is at the analytic centre: between the two sides.
        let first = lp.rows() - problem.limits.iter().flatten().count();
        let limited = (0..problem.limits.len()).filter(|k| problem.limits[*k].is_some());
        for (row, k) in (first..).zip(limited) {
            let limit = to_f64(problem.limits[k].as_ref().expect("limited"));
            // Rows of budgets are scaled by the power of two nearest to one over the limit.
            let row_scale = 2f64.powi((1.0 / limit).log2().round() as i32);
            let price = -interior.duals[row] * row_scale * scale;
            let two = own.prices[k];
            let high = two.sell.unwrap_or(f64::INFINITY);
            assert!(
                two.buy - 1e-4 <= price && price <= high + 1e-4,
                "seed {seed}: {price} outside {two:?}"
            );
            between += 1;
        }
    }
    assert!(between > 30, "{between}");
}

#[test]
fn whole_optima_agree_with_microlp() {
    for seed in 0..40 {
        let small = small::random(seed);
        // Zones are the search's own: microlp sees the programme only.
        if small.services.iter().any(|s| s.min_zones > 1) {
            continue;
        }
        let problem = small::problem(&small);
        let planner = Planner::new(&problem).expect("a small problem");
        let (lp, scale) = planner.programme(&problem.limits).expect("listed");
        let claim = solve(&lp, Engine::Microlp, Numbers::Whole);
        match planner.optimum().best {
            Some((_, own)) => {
                let claim = claim.expect("feasible").objective * scale;
                let own = to_f64(&own.objective);
                assert!((claim - own).abs() < 1e-6 * own, "seed {seed}: {claim} and {own}");
            }
            None => assert!(claim.is_err(), "seed {seed}"),
        }
    }
}

#[test]
fn an_unbounded_programme_and_integers_without_integers_are_refused() {
    use eclexia_optimizer::{Lp, Sense};
    let mut lp = Lp::new();
    let row = lp.add_row(Sense::AtMost, 1.0);
    lp.add_column(-1.0, (0.0, f64::INFINITY), &[(row, -1.0)]);
    assert!(solve(&lp, Engine::Clarabel, Numbers::Real).is_err());
    assert!(solve(&lp, Engine::Clarabel, Numbers::Whole).is_err());
}
