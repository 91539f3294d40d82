//! Plans that continue others, against brute force over all plans and all ways to continue.

use super::{broken, brute, random};
use eclexia_optimizer::placement::{
    Budget, Effort, Instance, Machines, Matching, Metric, Movement, Refused, Replanned, Running,
    Solution, evaluate, movements, prove, prove_from, replan, solve,
};
use std::sync::atomic::{AtomicU64, Ordering};

const INSTANCES: u64 = 80;
/// Questions to the clock after which a search is over.
const PATIENCE: f64 = 120.0;
const FREE: u32 = u32::MAX;

fn planned(instance: &Instance) -> Option<Solution> {
    let asked = AtomicU64::new(0);
    let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / 2_000.0;
    solve(instance, Effort::timed(&clock), &|_| {}).best.map(|best| best.solution)
}

fn continued(now: &Instance, running: &Running, movement: &Movement) -> Result<Replanned, Refused> {
    let asked = AtomicU64::new(0);
    let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / PATIENCE;
    let prices = vec![0.0; now.budgets.len()];
    replan(now, running, movement, &prices, Effort::timed(&clock), &|_| {})
}

fn cost(usd: f64, most: u32, instance: &Instance) -> Movement {
    Movement { usd, hours: 10.0, most: vec![most; instance.services.len()], in_all: u32::MAX }
}

fn by_index(was: &Instance, solution: &Solution, now: &Instance) -> Running {
    Running::new(was, solution, now, &Matching::by_index(was))
}

#[test]
fn small_changes_are_followed_at_the_value_of_brute_force() {
    let (mut followed, mut refused, mut moved) = (0, 0, 0);
    for seed in 0..INSTANCES {
        let was = random::instance(seed);
        let Some(solution) = planned(&was) else { continue };
        let now = random::changed(&was, seed);
        let running = by_index(&was, &solution, &now);
        let movement =
            cost([0.0, 0.1, 1.0][seed as usize % 3], [FREE, 1, 0][seed as usize / 3 % 3], &now);
        // No more moves than twice what the change stops or starts, where there is such a plan.
        let changed = running.changed(&now);
        let in_all = if changed > 0 { 2 * changed as u32 } else { u32::MAX };
        let small = Movement { in_all, ..movement.clone() };
        let least = brute::least_with_moves(&now, &running, &small);
        let least = least.or_else(|| brute::least_with_moves(&now, &running, &movement));
        let found = continued(&now, &running, &movement);
        let (Some(least), Ok(found)) = (least, &found) else {
            assert!(least.is_none() && found.is_err(), "seed {seed}: {least:?} {found:?}");
            refused += 1;
            continue;
        };
        followed += 1;
        assert!((found.with_moves - least).abs() < 1e-9, "seed {seed}: {found:?} {least}");
        is_as_said(&now, &running, &movement, found);
        moved += found.movements.total().moved;
        let asked = AtomicU64::new(0);
        let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / PATIENCE;
        let bound = prove(&now, Effort::timed(&clock)).bound;
        assert!(bound <= found.objective + 1e-9, "seed {seed}: {bound}");
    }
    assert!(followed > 40 && refused > 3 && moved > 3, "{followed} {refused} {moved}");
}

/// The figures by the judges; what is kept and started is what the plan has.
fn is_as_said(now: &Instance, running: &Running, movement: &Movement, found: &Replanned) {
    let judged = evaluate(now, &found.solution);
    assert_eq!(judged.violations, []);
    assert!((judged.figures.objective - found.objective).abs() < 1e-9);
    let again = movements(now, running, &found.solution, &found.pairs);
    assert_eq!(again.as_ref(), Some(&found.movements));
    for (s, of) in found.movements.services.iter().enumerate() {
        let variant = &now.services[s].variants[found.solution.variants[s] as usize];
        assert_eq!(of.kept + of.started, u64::from(variant.replicas));
        assert!(of.moved <= u64::from(movement.most[s]) && of.moved <= of.stopped);
    }
}

#[test]
fn a_dearer_move_is_never_made_more_often_where_plans_are_best() {
    for seed in 0..INSTANCES / 2 {
        let was = random::instance(seed);
        let Some(solution) = planned(&was) else { continue };
        let now = random::changed(&was, seed);
        let running = by_index(&was, &solution, &now);
        let costs = [0.0, 0.05, 0.3, 5.0];
        let moves = costs.map(|usd| continued(&now, &running, &cost(usd, FREE, &now)));
        let moves = moves.map(|found| found.map_or(0, |found| found.movements.total().moved));
        assert!(moves.is_sorted_by(|a, b| a >= b), "seed {seed}: {moves:?}");
    }
}

#[test]
fn what_runs_stays_as_it_is_when_nothing_changes() {
    let mut plans = 0;
    for seed in 0..INSTANCES {
        let instance = random::instance(seed);
        let Some(mut solution) = planned(&instance) else { continue };
        solution.normalise();
        let running = by_index(&instance, &solution, &instance);
        let found = continued(&instance, &running, &cost(0.1, FREE, &instance)).expect("it runs");
        assert_eq!(found.solution, solution, "seed {seed}");
        assert_eq!(found.movements.total().started, 0, "seed {seed}");
        plans += 1;
    }
    assert!(plans > 40);
}

#[test]
fn where_nothing_runs_and_nothing_is_to_run_the_search_ends() {
    let mut instance = broken::instance();
    instance.services.clear();
    let running = by_index(&instance, &Solution::default(), &instance);
    let movement = cost(1.0, FREE, &instance);
    let found = replan(&instance, &running, &movement, &[], Effort::counted(&|| 0.0), &|_| {});
    assert_eq!(found.map(|found| found.solution), Ok(Solution::default()));
}

fn machine(offer: u32, pods: &[(u32, u32)]) -> Machines {
    Machines { offer, count: 1, pods: pods.to_vec() }
}

#[test]
fn pods_to_spare_leave_where_a_machine_is_emptied() {
    let was = broken::instance();
    let mut nodes =
        vec![machine(1, &[(0, 1), (1, 1)]), machine(1, &[(1, 1)]), machine(1, &[(0, 1)])];
    let solution = Solution { variants: vec![0, 0], nodes: nodes.clone() };
    let mut now = was.clone();
    now.services[0].variants[0].replicas = 1;
    let found = continued(&now, &by_index(&was, &solution, &now), &cost(100.0, FREE, &now));
    nodes.truncate(2);
    let mut left = Solution { variants: vec![0, 0], nodes };
    left.normalise();
    assert_eq!(found.map(|found| found.solution), Ok(left));
}

#[test]
fn a_disruption_budget_that_cannot_be_kept_is_told_with_what_would_do() {
    let was = broken::instance();
    let nodes = vec![machine(1, &[(0, 1), (1, 1)]), machine(1, &[(0, 1), (1, 1)])];
    let solution = Solution { variants: vec![0, 0], nodes };
    let mut now = was.clone();
    now.services[0].min_zones = 2;
    let running = by_index(&was, &solution, &now);
    let refused = continued(&now, &running, &cost(1.0, 0, &now));
    assert_eq!(refused.err(), Some(Refused::Disruption(vec![(0, 1)])));
    let found = continued(&now, &running, &cost(100.0, 1, &now)).expect("one may move");
    assert_eq!(found.movements.total().moved, 1);
    now.services[0].max_per_node = 1;
    now.offers.iter_mut().for_each(|offer| offer.limit = 1);
    now.offers[0].limit = 0;
    now.services[0].variants[0].replicas = 7;
    let running = by_index(&was, &solution, &now);
    let found = continued(&now, &running, &cost(1.0, FREE, &now));
    assert_eq!(found.err(), Some(Refused::NoPlan));
}

#[test]
fn what_the_change_itself_stops_is_no_move() {
    let was = broken::instance();
    let nodes = vec![machine(1, &[(0, 1), (1, 1)]), machine(3, &[(0, 1), (1, 1)])];
    let solution = Solution { variants: vec![0, 0], nodes };
    let mut now = was.clone();
    now.offers[1].limit = 0;
    now.services[1].variants[0].request[0] += 100;
    let mut matching = Matching::by_index(&was);
    let found = continued(&now, &by_index(&was, &solution, &now), &cost(1.0, 0, &now));
    let found = found.expect("nothing has to move").movements;
    let counts = |s: usize| {
        let of = found.services[s];
        [of.kept, of.started, of.stopped, of.moved]
    };
    assert_eq!([counts(0), counts(1)], [[1, 1, 1, 0], [0, 2, 2, 0]]);
    // A service that is gone.
    now = was.clone();
    now.services.truncate(1);
    matching.services[1] = None;
    let running = Running::new(&was, &solution, &now, &matching);
    let found = continued(&now, &running, &cost(1.0, 0, &now)).expect("the other stays");
    assert_eq!(found.movements.gone, 2);
    assert_eq!(found.movements.total().moved, 0);
}

#[test]
fn pairs_that_cannot_be_are_not_counted() {
    let was = broken::instance();
    let nodes = vec![machine(1, &[(0, 1), (1, 1)]), machine(3, &[(0, 1), (1, 1)])];
    let solution = Solution { variants: vec![0, 0], nodes };
    let running = by_index(&was, &solution, &was);
    let moved = |pairs: &[(u32, u32, u32)]| {
        let pairs = pairs.iter().map(|(was, now, count)| eclexia_optimizer::placement::Pair {
            was: *was,
            now: *now,
            count: *count,
        });
        let pairs: Vec<_> = pairs.collect();
        movements(&was, &running, &solution, &pairs).map(|moves| moves.total().moved)
    };
    assert_eq!(moved(&[(0, 0, 1), (1, 1, 1)]), Some(0));
    assert_eq!(moved(&[(0, 0, 1)]), Some(2));
    assert_eq!(moved(&[(0, 1, 1)]), None);
    assert_eq!(moved(&[(0, 0, 2)]), None);
    assert_eq!(moved(&[(0, 0, 1), (0, 0, 1)]), None);
    assert_eq!(moved(&[(0, 7, 1)]), None);
}

/// What is known of an instance before proves no more than is true, and about as much as a proof
/// from nothing: of small instances, and of one where services are so many that those which ask for
/// the same are one to the relaxation.
#[test]
fn a_proof_from_what_is_known_is_one() {
    let counted = || Effort::counted(&|| 0.0);
    let mut proofs = 0;
    for seed in 0..INSTANCES {
        let was = random::instance(seed);
        let now = random::changed(&was, seed);
        let (_, known) = prove_from(None, &was, counted());
        let (warm, known) = prove_from(Some(known), &now, counted());
        let Some(least) = brute::least(&now) else { continue };
        assert!(warm.bound <= least + 1e-9, "seed {seed}: {} {least}", warm.bound);
        // Back again: nothing that was shut is missed.
        let (back, _) = prove_from(Some(known), &was, counted());
        let anew = prove(&was, counted());
        assert!(back.bound >= 0.9 * anew.bound.min(1e6), "seed {seed}: {back:?} {anew:?}");
        proofs += 1;
    }
    assert!(proofs > 40);
    let was = many();
    let mut now = was.clone();
    now.services[7].variants[0].request[0] = 2 * was.services[7].variants[0].request[0] + 50;
    now.services[9].variants[0].replicas += 3;
    now.budgets[0].limit *= 0.99;
    let (_, known) = prove_from(None, &was, counted());
    let (warm, _) = prove_from(Some(known), &now, counted());
    let anew = prove(&now, counted());
    assert!((warm.bound / anew.bound - 1.0).abs() < 1e-3, "{warm:?} {anew:?}");
    assert!(anew.bound > 0.0 && warm.bound != prove(&was, counted()).bound);
}

/// Some hundred services, each with two variants.
fn many() -> Instance {
    let mut instance = broken::instance();
    let one = instance.services[0].clone();
    instance.services.clear();
    for s in 0..400 {
        let mut service = one.clone();
        let variant = &mut service.variants[0];
        variant.request = [100 + 50 * (s % 9), 200 + 100 * (s % 7), 0, 10];
        variant.replicas = 2 + s % 4;
        service.variants.push(service.variants[0].clone());
        service.variants[1].request[0] /= 2;
        service.variants[1].penalty = 0.01;
        instance.services.push(service);
    }
    instance.offers.iter_mut().for_each(|offer| offer.limit = 10_000);
    instance.budgets.push(Budget { metric: Metric::Vcpu, region: Some(0), limit: 200.0 });
    instance
}
