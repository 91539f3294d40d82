//! Worlds by the thousand, and single ones in which it is known what must happen.

mod broken;
mod made;
mod single;

use crate::faults::{Faults, Strike};
use crate::setup::{Behaviour, Planner, Setup, Update};
use crate::time::{DAY, HOUR};
use crate::{Run, simulate, text};
use eclexia_deploy::registry::At;
use eclexia_model::{Deployment, Rollout};
use made::{FirstFit, all_ways, changed, deployment};

/// A world of a deployment that is planned by first fit.
fn setup(deployment: Deployment, until: u64) -> Setup {
    let plan = FirstFit.plan(&deployment, None).expect("it fits");
    Setup { until, ..Setup::new(deployment, plan) }
}

fn run(setup: &Setup) -> Run {
    let run = simulate(setup, &FirstFit).expect("what is asked for is there");
    assert_eq!(run.broken, None, "seed {}\n{}", setup.seed, told(&run));
    run
}

fn told(run: &Run) -> String {
    text::run(run, text::Paint::Plain, &|_| None)
}

fn update(at: u64, deployment: Deployment, behaviour: Behaviour) -> Update {
    Update { at: At(at), name: "another".to_owned(), deployment, behaviour }
}

fn behaviour(seed: u64) -> Behaviour {
    match seed % 4 {
        0 => Behaviour::Well,
        1 => Behaviour::Errors(0.05),
        2 => Behaviour::Unready,
        _ => Behaviour::Ends,
    }
}

/// Each seed with another update, scarcity and number of replicas; half a day with a fault every
/// few minutes.
fn storm(rollout: &Rollout, seeds: std::ops::Range<u64>) {
    let count = seeds.end - seeds.start;
    let (mut lost, mut restarts, mut taken_back) = (0, 0, 0);
    for seed in seeds {
        let limit = [None, Some(2), Some(3)][(seed / 4 % 3) as usize];
        let deployment = deployment(rollout.clone(), limit);
        let replicas = [3, 2, 4][(seed / 12 % 3) as usize];
        let first = changed(&deployment, "api", replicas);
        let second = changed(&first, "db", 1);
        let mut setup = setup(deployment, 6 * HOUR);
        setup.seed = seed;
        setup.faults =
            Faults::parse("crash=0.5/h,node=0.3/h for 10min,slow=20%,partition=0.3/h for 2min")
                .expect("rates");
        setup.updates = vec![
            update(HOUR, first, behaviour(seed)),
            update(3 * HOUR, second, behaviour(seed / 2)),
        ];
        setup.rollbacks = vec![At(5 * HOUR)];
        let sums = run(&setup).sums;
        lost += sums.machines_lost;
        restarts += sums.restarts;
        taken_back += sums.taken_back;
    }
    // It was a storm.
    let each = [lost, restarts, taken_back].map(|n| u64::from(n) / count);
    assert!(each[0] >= 4 && each[1] >= 10, "{each:?}");
    assert!(u64::from(taken_back) > count / 5, "{taken_back} of {count}");
}

/// Lives of each way: `ECLEXIA_WORLDS`, or a thousand.
fn many() -> u64 {
    let asked = std::env::var("ECLEXIA_WORLDS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(1_000).max(100)
}

#[test]
fn no_promise_is_broken_in_storms_when_rolling() {
    let [one, two, ..] = all_ways();
    storm(&one, 0..many() / 2);
    storm(&two, many() / 2..many());
}

#[test]
fn no_promise_is_broken_in_storms_when_recreating() {
    storm(&all_ways()[2], 0..many());
}

#[test]
fn no_promise_is_broken_in_storms_under_blue_green() {
    storm(&all_ways()[3], 0..many());
}

#[test]
fn no_promise_is_broken_in_storms_under_canaries() {
    storm(&all_ways()[4], 0..many());
}

#[test]
fn the_same_seed_is_the_same_run_and_another_is_another() {
    let of = |seed| {
        let deployment = deployment(Rollout::Rolling { at_a_time: 1 }, None);
        let mut setup = setup(deployment, 3 * DAY);
        setup.seed = seed;
        setup.faults = Faults::parse("harsh").expect("rates");
        let run = run(&setup);
        (told(&run), crate::picture::svg(&run))
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).0, of(2).0);
}

#[test]
fn without_faults_a_year_costs_what_the_plan_says_and_nothing_fails() {
    let setup = setup(deployment(Rollout::Recreate, None), 365 * DAY);
    let run = run(&setup);
    let near = |is: f64, planned: f64| (is - planned).abs() < planned * 1e-3;
    assert!(near(run.sums.money, run.sums.planned_money), "{:?}", run.sums);
    assert!(near(run.sums.carbon, run.sums.planned_carbon), "{:?}", run.sums);
    assert_eq!((run.sums.failed, run.sums.restarts, run.sums.machines_lost), (0, 0, 0));
    assert!(run.services.iter().all(|service| service.whole == 1.0));
    let requests = 100.0 * (365 * DAY / 1000) as f64;
    assert!(near(run.sums.asked as f64, requests), "{:?}", run.sums);
}

#[test]
fn what_comes_by_chance_comes_as_often_as_was_asked_for() {
    let mut setup = setup(deployment(Rollout::Recreate, None), 365 * DAY);
    setup.faults = Faults::parse("crash=0.5/d").expect("rates");
    // Six replicas; four standard deviations of 1,095.
    let restarts = run(&setup).sums.restarts;
    assert!(restarts.abs_diff(1_095) < 133, "{restarts}");
    setup.faults = Faults::parse("node=1/w for 30s,partition=1/w for 30s").expect("rates");
    // Two machines and two faults a week; four standard deviations of 209.
    let lost = run(&setup).sums.machines_lost;
    assert!(lost.abs_diff(209) < 58, "{lost}");
}

#[test]
fn what_is_not_there_cannot_be_struck() {
    let mut setup = setup(deployment(Rollout::Recreate, None), DAY);
    for text in ["node n9 at 1h", "crash web at 1h"] {
        setup.strikes = vec![Strike::parse(text).expect("a fault")];
        let found = simulate(&setup, &FirstFit).expect_err(text);
        assert_eq!(found.code, "unknown-struck");
    }
}
