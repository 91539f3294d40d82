//! The plug is pulled: the supervisor dies at each of its numbered moments, and at any moment, by
//! `kill -9`. Afterwards the deployment is completed or taken back, everything that runs is known,
//! and nothing runs twice.

use super::{Machine, kill};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

const TWO: &str = "(defservice a {:image \"i\" :command [\"sleep\" \"1000\"] :replicas 2})\n\
    (defservice b {:image \"i\" :command [\"sleep\" \"1000\"] :needs [a]})";

/// The same with another command, so that all is replaced.
const OTHER: &str = "(defservice a {:image \"i\" :command [\"sleep\" \"2000\"] :replicas 2})\n\
    (defservice b {:image \"i\" :command [\"sleep\" \"2000\"] :needs [a]})";

/// Numbers of Knuth's generator (MMIX), so that each run kills at the same moments: milliseconds
/// below `most`.
fn moments(most: u64) -> impl Iterator<Item = u64> {
    let step = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(20_261_201_u64), step).skip(1).map(move |state| (state >> 33) % most)
}

/// `cargo xtask chaos` asks for more.
fn rounds(few: usize) -> usize {
    std::env::var("ECLEXIA_CHAOS").ok().and_then(|n| n.parse().ok()).unwrap_or(few)
}

/// What must hold after any crash, once a supervisor runs again.
fn holds(machine: &Machine, when: &str) {
    let settled = || {
        let status = machine.status();
        let Some(deployment) = status["deployments"].as_array().and_then(|all| all.first()) else {
            return true;
        };
        let is_end = ["completed", "failed", "rolled-back"]
            .contains(&deployment["state"].as_str().unwrap_or(""));
        let instances = machine.instances();
        is_end && instances.iter().all(|i| i["health"] == "ready") && known(machine, &instances)
    };
    machine.until(when, settled);
    let instances = machine.instances();
    let running = machine.status()["deployments"][0]["running"].clone();
    let wanted = if running == Value::Null { 0 } else { 3 };
    assert_eq!(instances.len(), wanted, "{when}: {instances:#?}\n{}", machine.events());
    let folders = std::fs::read_dir(machine.data().join("local/instances")).expect("a folder");
    assert_eq!(folders.count(), wanted, "{when}: folders");
}

/// Whether the processes there are and those that are known are the same.
fn known(machine: &Machine, instances: &[Value]) -> bool {
    let mut known: Vec<u32> = instances
        .iter()
        .filter_map(|instance| u32::try_from(instance["pid"].as_u64()?).ok())
        .collect();
    let mut there = machine.processes();
    known.sort_unstable();
    there.sort_unstable();
    known == there
}

/// Dies at the numbered moments `first`, `first + step`, …, below `most`.
fn at_moments(first: u32, step: usize, most: u32) {
    for moment in (first..most).step_by(step) {
        let machine = Machine::new();
        machine.write(TWO);
        let mut apply = machine.command(&["apply", "shop.ecl", "--no-wait"]);
        let _ = apply.env("ECLEXIA_DIE_AT", moment.to_string()).output();
        holds(&machine, &format!("died at moment {moment} of the first version"));
        machine.write(OTHER);
        machine.run(&["apply", "shop.ecl"]);
        holds(&machine, &format!("after the moment {moment}"));
        assert_eq!(machine.pids().len(), 3);
    }
}

#[test]
fn first_versions_survive_each_moment_1_of_6() {
    at_moments(1, 6, 25);
}

#[test]
fn first_versions_survive_each_moment_2_of_6() {
    at_moments(2, 6, 25);
}

#[test]
fn first_versions_survive_each_moment_3_of_6() {
    at_moments(3, 6, 25);
}

#[test]
fn first_versions_survive_each_moment_4_of_6() {
    at_moments(4, 6, 25);
}

#[test]
fn first_versions_survive_each_moment_5_of_6() {
    at_moments(5, 6, 25);
}

#[test]
fn first_versions_survive_each_moment_6_of_6() {
    at_moments(6, 6, 25);
}

#[test]
fn updates_survive_a_supervisor_killed_at_any_time() {
    let machine = Machine::new();
    machine.write(TWO);
    machine.done(&["apply", "shop.ecl"]);
    for (round, wait) in moments(400).take(rounds(8)).enumerate() {
        machine.write(if round % 2 == 0 { OTHER } else { TWO });
        let supervisor = machine.supervisor();
        let mut apply = machine.command(&["apply", "shop.ecl", "--no-wait"]);
        let apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut apply = apply.expect("it starts");
        std::thread::sleep(Duration::from_millis(wait));
        kill(supervisor, "-KILL");
        let _ = apply.wait();
        holds(&machine, &format!("killed after {wait} ms"));
    }
}

#[test]
fn updates_survive_an_apply_killed_at_any_time() {
    let machine = Machine::new();
    machine.write(TWO);
    machine.done(&["apply", "shop.ecl"]);
    for (round, wait) in moments(250).take(rounds(8)).enumerate() {
        machine.write(if round % 2 == 0 { OTHER } else { TWO });
        let mut apply = machine.command(&["apply", "shop.ecl"]);
        let apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut apply = apply.expect("it starts");
        std::thread::sleep(Duration::from_millis(wait));
        let _ = apply.kill();
        let _ = apply.wait();
        holds(&machine, &format!("apply was killed after {wait} ms"));
        // What was put into the store is whole, or not there.
        let packages = std::fs::read_dir(machine.data().join("deployed")).expect("a store");
        for path in packages.flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "eclpkg") {
                machine.done(&["verify", &path.display().to_string()]);
            }
        }
    }
}

#[test]
fn services_go_on_while_the_supervisor_is_started_anew() {
    let machine = Machine::new();
    machine.write(
        "(defservice a {:image \"i\" :command [\"sh\" \"-c\" \
        \"while true; do echo tick; sleep 0.05; done\"]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    let before = machine.pids();
    kill(machine.supervisor(), "-KILL");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(machine.pids(), before);
    let count = || machine.done(&["logs", "a", "-n", "100000"]).matches("tick").count();
    let counted = count();
    machine.until("new lines", || count() > counted + 5);
}
