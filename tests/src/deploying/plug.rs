//! The plug is pulled: the supervisor dies at each of its numbered moments, and at any moment, by
//! `kill -9`. Afterwards the deployment is completed or taken back, everything that runs is known,
//! and nothing runs twice.

use super::{Machine, kill};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

const TWO: &str = "(defservice a {:image \"i\" :command [\"sleep\" \"1000\"] :replicas 2})\n\
    (defservice b {:image \"i\" :command [\"sleep\" \"1000\"] :needs [a]})";

/// The same with another command, so that all is replaced.
const OTHER: &str = "(defservice a {:image \"i\" :command [\"sleep\" \"2000\"] :replicas 2})\n\
    (defservice b {:image \"i\" :command [\"sleep\" \"2000\"] :needs [a]})";

/// What a deployment may have: replicas, needs, a secret, a volume, and a job that runs all day.
/// Each version replaces all of it.
fn full(version: u32) -> String {
    format!(
        "(defservice a {{:image \"i\" :command [\"sleep\" \"{version}000\"] :replicas 2 \
           :secrets {{\"KEY\" (secret \"s\" :key \"k\")}}}})\n\
         (defservice b {{:image \"i\" :command [\"sleep\" \"{version}000\"] :needs [a] \
           :volumes [(volume \"v\" 1MiB :at \"/v\")]}})\n\
         (defjob c {{:image \"i\" :work 24cpu*h :requires {{:cpu 1cpu :memory 64MiB}} \
           :deferrable false :needs [b] :command [\"sleep\" \"{version}000\"]}})"
    )
}

fn full_machine() -> Machine {
    let machine = Machine::new();
    let folder = machine.data().join("secrets/s");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("k"), "s3cr3t").expect("a secret");
    machine.write(&full(1));
    machine.done(&["apply", "shop.ecl"]);
    full_holds(&machine, "the first version");
    machine
}

/// Instances to how many processes they have, by the mark that all carry.
fn marked(machine: &Machine) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for pid in machine.processes() {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let mut entries = environment.split(|byte| *byte == 0);
        let mark = entries.find_map(|entry| entry.strip_prefix(b"ECLEXIA_INSTANCE="));
        let mark = String::from_utf8_lossy(mark.unwrap_or_default()).into_owned();
        let id = mark.rsplit('/').next().unwrap_or_default().to_owned();
        *found.entry(id).or_default() += 1;
    }
    found
}

/// After any crash: an end of the version, its three replicas and its job, each once, and nobody
/// and nothing else. Who keeps the job is not counted: it has nothing of the data folder.
fn full_holds(machine: &Machine, when: &str) {
    let mut last = String::new();
    let settled = || {
        let status = machine.status();
        let deployment = &status["deployments"][0];
        let state = deployment["state"].as_str().unwrap_or_default();
        let services = machine.instances();
        let jobs = deployment["jobs"][0]["instances"].as_array().cloned().unwrap_or_default();
        let id = |of: &Value| of["id"].as_str().unwrap_or_default().to_owned();
        let of_services = services.iter().map(|one| (id(one), 1));
        let known: BTreeMap<String, usize> =
            of_services.chain(jobs.iter().map(|one| (id(one), 1))).collect();
        let there = marked(machine);
        last = format!("{state} {known:?} {there:?} {}", deployment["jobs"][0]["state"]);
        ["completed", "failed", "rolled-back"].contains(&state)
            && services.len() == 3
            && services.iter().all(|one| one["health"] == "ready")
            && jobs.len() == 1
            && deployment["jobs"][0]["state"] == "running"
            && known == there
    };
    if !machine.holds(settled) {
        panic!("{when}: {last}\n{}", machine.events());
    }
    let folders = std::fs::read_dir(machine.data().join("local/instances")).expect("a folder");
    assert_eq!(folders.count(), 4, "{when}: folders");
    assert_eq!(machine.loggers().len(), 1, "{when}: who copies what they write");
}

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
    let machine = full_machine();
    for (round, wait) in moments(400).take(rounds(8)).enumerate() {
        machine.write(&full(2 + round as u32 % 2));
        let supervisor = machine.supervisor();
        let mut apply = machine.command(&["apply", "shop.ecl", "--no-wait"]);
        let apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut apply = apply.expect("it starts");
        std::thread::sleep(Duration::from_millis(wait));
        kill(supervisor, "-KILL");
        let _ = apply.wait();
        full_holds(&machine, &format!("round {round}: killed after {wait} ms"));
    }
}

#[test]
fn updates_survive_an_apply_killed_at_any_time() {
    let machine = full_machine();
    for (round, wait) in moments(250).take(rounds(8)).enumerate() {
        machine.write(&full(2 + round as u32 % 2));
        let mut apply = machine.command(&["apply", "shop.ecl"]);
        let apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut apply = apply.expect("it starts");
        std::thread::sleep(Duration::from_millis(wait));
        let _ = apply.kill();
        let _ = apply.wait();
        full_holds(&machine, &format!("round {round}: apply was killed after {wait} ms"));
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

/// A service that writes `count` lines more, and a last one without an end, once there is a file.
fn last_words(count: u32) -> String {
    format!(
        "(defservice a {{:image \"i\" :command [\"sh\" \"-c\" \"echo first; printf part; \
         while [ ! -e {GO} ]; do sleep 0.05; done; echo ' and rest'; seq -f 'line %g' {count}; \
         printf 'last words'\"] :volumes [(volume \"v\" 1MiB :at \"/v\")]}})"
    )
}

const GO: &str = "v/go";

fn let_go(machine: &Machine) {
    let folder = machine.data().join("local/volumes/shop/a--v");
    std::fs::write(folder.join("go"), "").expect("written");
}

/// What the service wrote in its first life.
fn lines_of(machine: &Machine) -> Vec<String> {
    let logs = machine.done(&["logs", "a", "-n", "100000", "--json"]);
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        line["line"].as_str().unwrap_or_default().to_owned()
    };
    logs.lines().map(line).collect()
}

fn wanted(count: u32) -> Vec<String> {
    let mut lines = vec!["first".to_owned(), "part and rest".to_owned()];
    lines.extend((1..=count).map(|n| format!("line {n}")));
    lines.push("last words".to_owned());
    lines
}

#[test]
fn what_a_service_writes_while_no_supervisor_runs_is_in_its_log_once_and_in_order() {
    // More than a pipe holds.
    let count = 20_000;
    let machine = Machine::new();
    machine.write(&last_words(count));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it writes", || !lines_of(&machine).is_empty());
    let logger = machine.loggers();
    assert_eq!(logger.len(), 1, "{logger:?}");
    kill(machine.supervisor(), "-KILL");
    let_go(&machine);
    machine.until("it has ended", || machine.processes().is_empty());
    // The next supervisor finds it ended, and starts it again.
    machine.until("it runs again", || machine.pids().len() == 1);
    let (lines, wanted) = (lines_of(&machine), wanted(count));
    assert_eq!(lines[..wanted.len()], wanted);
    machine.done(&["destroy", "shop"]);
    machine.until("nobody is left", || machine.loggers().is_empty());
}

#[test]
fn who_copies_what_services_write_is_started_anew_when_it_is_killed() {
    let machine = Machine::new();
    machine.write(&last_words(20_000).replace("printf part; ", "").replace(" and rest", "rest"));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it writes", || !lines_of(&machine).is_empty());
    let before = machine.loggers();
    before.iter().for_each(|pid| kill(*pid, "-KILL"));
    let_go(&machine);
    machine.until("all is there", || lines_of(&machine).contains(&"last words".to_owned()));
    let mut wanted = wanted(20_000);
    wanted[1] = "rest".to_owned();
    assert_eq!(lines_of(&machine)[..wanted.len()], wanted);
    let after = machine.loggers();
    assert!(after.len() == 1 && after != before, "{before:?} {after:?}");
    // Both at once: what it writes afterwards is there, too.
    kill(machine.supervisor(), "-KILL");
    after.iter().for_each(|pid| kill(*pid, "-KILL"));
    let lines = lines_of(&machine).len();
    machine
        .until("it goes on", || machine.instances().len() == 1 && lines_of(&machine).len() > lines);
}

#[test]
fn a_supervisor_with_nothing_left_ends_by_itself_and_nobody_stays() {
    let machine = Machine::new();
    machine.write(TWO);
    machine.done(&["apply", "shop.ecl"]);
    let supervisor = machine.supervisor();
    machine.done(&["destroy", "shop"]);
    let is_there = |pid: u32| std::fs::exists(format!("/proc/{pid}/exe")).unwrap_or(false);
    machine.until("it ends", || !is_there(supervisor));
    assert_eq!(machine.processes(), Vec::<u32>::new());
    machine.until("who copied ends", || machine.loggers().is_empty());
    // Its socket is gone, and what it kept for services that are no more.
    let folder = |name: &str| machine.data().join("local").join(name);
    assert!(!folder("control").exists());
    let instances = std::fs::read_dir(folder("instances")).expect("a folder");
    assert_eq!(instances.count(), 0);
    // Killed while it waits to end, it leaves nothing either.
    machine.done(&["apply", "shop.ecl"]);
    let supervisor = machine.supervisor();
    machine.done(&["destroy", "shop"]);
    kill(supervisor, "-KILL");
    machine.done(&["status"]);
    machine.until("nobody is left", || machine.loggers().is_empty() && !is_there(supervisor));
    assert_eq!(machine.processes(), Vec::<u32>::new());
}
