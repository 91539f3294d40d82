//! Single worlds, in which it is known what must happen and when.

use super::made::{all_ways, changed, deployment, of, service};
use super::{run, setup, told, update};
use crate::Run;
use crate::faults::Strike;
use crate::setup::{Behaviour, Demand, Setup};
use crate::tale::{Entry, Kind};
use crate::time::{DAY, HOUR, MINUTE};
use eclexia_deploy::registry::At;
use eclexia_model::{Exact, Rollout};

fn struck(limit: Option<u32>, faults: &[&str]) -> Setup {
    let mut setup = setup(deployment(Rollout::Rolling { at_a_time: 1 }, limit), DAY);
    setup.strikes = faults.iter().map(|text| Strike::parse(text).expect("a fault")).collect();
    setup
}

fn entry<'r>(run: &'r Run, kind: Kind, part: &str) -> &'r Entry {
    let found = run.timeline.iter().find(|e| e.kind == kind && e.text.contains(part));
    found.unwrap_or_else(|| panic!("no {kind:?} with `{part}`\n{}", told(run)))
}

fn notes(entry: &Entry) -> String {
    entry.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_replica_that_ends_is_back_and_the_others_take_its_requests() {
    let run = run(&struck(None, &["crash api.1 at 3h"]));
    let crash = entry(&run, Kind::Crash, "api.1");
    let lasted = crash.until.expect("it is over").since(crash.at);
    // It waits 0.2 s, starts within 3 s, and is asked ten times a second.
    assert!((1_200..=3_300).contains(&lasted), "{lasted}");
    // Two of three take 120 of 100 requests a second.
    assert_eq!((crash.failed, run.sums.restarts), (0, 1));
}

#[test]
fn a_lost_machine_costs_requests_until_it_is_noticed_and_its_pods_move() {
    let run = run(&struck(None, &["node n1 at 3h for 2h"]));
    let lost = entry(&run, Kind::Fault, "n1");
    assert!(lost.failed > 0, "{}", told(&run));
    assert!(notes(lost).contains("planned anew"), "{}", told(&run));
    let lasted = lost.until.expect("it is over").since(lost.at);
    assert!((MINUTE..2 * MINUTE).contains(&lasted), "{lasted}");
    assert!(run.sums.moves >= 4);
    assert!(entry(&run, Kind::Return, "n1").text.contains("not needed"));
    // The database was there, and so nobody served: a minute of the day, and its start.
    let api = run.services.iter().find(|s| s.name == "api").expect("it is there");
    assert!(api.available < 1.0 && api.available > 0.998, "{}", api.available);
}

#[test]
fn what_fits_nowhere_else_waits_for_its_machine() {
    let run = run(&struck(Some(2), &["node n1 at 3h for 2h"]));
    let lost = entry(&run, Kind::Fault, "n1");
    assert!(notes(lost).contains("there is no plan without it"), "{}", told(&run));
    assert!(lost.until.is_some_and(|until| until >= At(5 * HOUR)), "{}", told(&run));
    assert!(entry(&run, Kind::Return, "n1").text.contains("waited"));
    assert_eq!(run.sums.moves, 0);
}

#[test]
fn a_short_cut_moves_nothing_and_ends_nothing() {
    let run = run(&struck(None, &["partition n1 at 3h for 40s"]));
    let cut = entry(&run, Kind::Fault, "cut off");
    assert_eq!((run.sums.moves, run.sums.restarts), (0, 0), "{}", told(&run));
    assert!(notes(cut).contains("gets no more requests"), "{}", told(&run));
    assert!(cut.until.is_some_and(|until| until < At(3 * HOUR + 2 * MINUTE)));
}

#[test]
fn a_machine_lost_for_good_is_not_paid_for_any_more() {
    let quiet = run(&struck(None, &[]));
    let struck = run(&struck(None, &["node n2 at 1h"]));
    // Another one takes its place after a minute, in which both were not there.
    assert!((quiet.sums.money - struck.sums.money).abs() < 0.01 * quiet.sums.money);
    assert!(struck.sums.energy < quiet.sums.energy);
}

#[test]
fn every_way_brings_a_good_version_and_takes_a_bad_one_back() {
    for rollout in all_ways() {
        let first = deployment(rollout.clone(), None);
        let second = changed(&first, "api", 3);
        let third = changed(&second, "api", 3);
        let mut setup = setup(first, DAY);
        setup.updates = vec![
            update(2 * HOUR, second, Behaviour::Well),
            update(4 * HOUR, third, Behaviour::Unready),
        ];
        let run = run(&setup);
        assert_eq!(run.sums.taken_back, 1, "{}", told(&run));
        let good = entry(&run, Kind::Version, "version 2");
        let bad = entry(&run, Kind::Version, "version 3");
        assert!(notes(bad).contains("rolled back to version 2"), "{}", told(&run));
        for entry in [good, bad] {
            assert!(entry.until.is_some(), "{}", told(&run));
            // Only recreate is a gap.
            assert_eq!(entry.failed > 0, rollout == Rollout::Recreate, "{}", told(&run));
        }
    }
}

#[test]
fn a_canary_with_errors_is_taken_back_at_its_first_step() {
    let canary = all_ways()[4].clone();
    let first = deployment(canary, None);
    let second = changed(&first, "api", 3);
    let mut setup = setup(first, DAY);
    setup.updates = vec![update(2 * HOUR, second, Behaviour::Errors(0.05))];
    let run = run(&setup);
    let version = entry(&run, Kind::Version, "version 2");
    assert!(notes(version).contains("10 % of the requests"), "{}", told(&run));
    assert!(notes(version).contains("error-rate of the new replicas is 5 %"), "{}", told(&run));
    // One second at a tenth of a hundred, of which one in twenty fails.
    assert!(version.failed <= 2, "{}", told(&run));
}

#[test]
fn a_version_that_ends_at_its_start_is_taken_back_after_three_tries() {
    let first = deployment(Rollout::BlueGreen, None);
    let second = changed(&first, "api", 3);
    let mut setup = setup(first, DAY);
    setup.updates = vec![update(2 * HOUR, second, Behaviour::Ends)];
    let run = run(&setup);
    let version = entry(&run, Kind::Version, "version 2");
    assert!(notes(version).contains("ended 3 times before it was ready"), "{}", told(&run));
    assert_eq!(version.failed, 0);
}

#[test]
fn what_ran_before_is_deployed_again_on_request() {
    let first = deployment(Rollout::Rolling { at_a_time: 1 }, None);
    let second = changed(&first, "api", 4);
    let mut setup = setup(first, DAY);
    setup.updates = vec![update(2 * HOUR, second, Behaviour::Well)];
    setup.rollbacks = vec![At(HOUR), At(6 * HOUR)];
    let run = run(&setup);
    assert!(entry(&run, Kind::Version, "no earlier").until.is_some());
    assert!(entry(&run, Kind::Version, "as version 1").until.is_some());
    let api = run.services.iter().find(|s| s.name == "api").expect("it is there");
    assert!(api.lanes.iter().any(|lane| lane.asked == 4));
    assert_eq!(api.lanes.iter().rev().find(|lane| lane.asked > 0).map(|l| l.asked), Some(3));
}

#[test]
fn a_version_that_comes_while_another_does_is_refused() {
    let first = deployment(Rollout::Rolling { at_a_time: 1 }, None);
    let (second, third) = (changed(&first, "api", 3), changed(&first, "worker", 2));
    let mut setup = setup(first, DAY);
    setup.updates = vec![
        update(2 * HOUR, second, Behaviour::Well),
        update(2 * HOUR + 1_000, third, Behaviour::Well),
    ];
    let run = run(&setup);
    assert!(entry(&run, Kind::Version, "version 2 is under way").until.is_some());
}

#[test]
fn a_first_version_that_never_gets_ready_is_stopped_and_nothing_runs() {
    let mut setup = setup(deployment(Rollout::Recreate, None), DAY);
    // Each start takes longer than a start may.
    setup.start = 3 * MINUTE;
    let run = run(&setup);
    let version = entry(&run, Kind::Version, "version 1");
    assert!(notes(version).contains("failed and is stopped"), "{}", told(&run));
    assert_eq!((run.sums.asked, run.services[1].available), (0, 0.0));
}

#[test]
fn demand_above_the_throughput_is_not_served() {
    let mut setup = struck(None, &[]);
    // Three replicas of 60 a second, asked 100: at twice the demand 20 are too many.
    let list = vec!["200%"; 24].join(",");
    setup.demand = Demand::parse(&list).expect("a curve");
    let run = run(&setup);
    let part = run.sums.failed as f64 / run.sums.asked as f64;
    assert!((part - 0.1).abs() < 1e-3, "{part}");
}

#[test]
fn without_a_check_requests_come_before_anybody_answers() {
    let mut plain = service("plain", 1, Rollout::Rolling { at_a_time: 1 });
    plain.demand = Some(Exact::int(10));
    let first = of(vec![plain], None);
    let second = changed(&first, "plain", 1);
    let mut setup = setup(first, DAY);
    setup.updates = vec![update(2 * HOUR, second, Behaviour::Well)];
    let run = run(&setup);
    let version = entry(&run, Kind::Version, "version 2");
    // It is taken to be ready after 0.3 s and answers after one to three.
    assert!((7..=27).contains(&version.failed), "{}", told(&run));
}

#[test]
fn a_budget_that_old_and_new_pass_together_is_told_with_its_time() {
    let first = deployment(Rollout::BlueGreen, None);
    let second = changed(&first, "api", 3);
    let mut setup = setup(first, DAY);
    setup.updates = vec![update(2 * HOUR, second, Behaviour::Well)];
    let run = run(&setup);
    // Six cores run of seven, nine while version 2 comes.
    let cpu = &run.budget[0];
    assert_eq!((cpu.used.as_str(), cpu.is_kept), ("9cpu", false));
    assert!(cpu.first == Some(At(2 * HOUR)) && cpu.above < MINUTE, "{cpu:?}");
    assert!(run.budget[1].is_kept);
    assert_eq!(run.sums.crowded, 1, "{}", told(&run));
}
