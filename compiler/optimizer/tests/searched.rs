//! Searching a problem against trying everything: what the search of large problems finds on small
//! ones is right in value, its bound is below, and its verdicts about feasibility hold.

mod small;

use eclexia_base::number::{int, to_f64};
use eclexia_optimizer::{Feasible, Goal, Planner};

#[test]
fn small_problems_are_solved_and_bounded() {
    let (mut solved, mut best, mut gaps) = (0, 0, 0.0);
    for seed in 0..120 {
        let small = small::random(seed);
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
    assert!(best * 100 >= solved * 97, "{best} of {solved}");
    assert!(gaps / f64::from(solved) < 0.15, "{}", gaps / f64::from(solved));
}
