//! Jobs: run once in their hours, told, tried again, stopped between pieces; and whatever dies in
//! between, never twice at once and never again when they are done.
//! The supervisor's clock begins where a test says, so that no test waits for an hour.

mod given;
mod told;

use super::{HERE, Machine, kill};
use serde_json::Value;
use std::time::Duration;

/// Midnight (UTC) of 2026-12-02, seconds since 1970.
const MIDNIGHT: u64 = 1_796_169_600;

/// May run at any hour of the day, from its beginning on.
const ALL_DAY: &str = ":image \"i\" :work 24cpu*h :requires {:cpu 1cpu :memory 64MiB} \
    :deferrable false :deadline 24h";

/// A machine whose supervisors begin at this time of that day.
fn machine(hour: u64, minute: u64, second: u64) -> Machine {
    let mut machine = Machine::new();
    begin_at(&mut machine, hour, minute, second);
    machine
}

fn begin_at(machine: &mut Machine, hour: u64, minute: u64, second: u64) {
    let seconds = MIDNIGHT + hour * 3600 + minute * 60 + second;
    machine.variables = vec![("ECLEXIA_CLOCK", format!("{}", seconds * 1000))];
}

/// The supervisor dies, and the next one begins at this time.
fn killed(machine: &mut Machine, hour: u64, minute: u64, second: u64) {
    kill(machine.supervisor(), "-KILL");
    begin_at(machine, hour, minute, second);
}

fn job(machine: &Machine, name: &str) -> Value {
    let status = machine.status();
    let jobs = status["deployments"][0]["jobs"].as_array().cloned().unwrap_or_default();
    jobs.into_iter().find(|job| job["name"] == name).unwrap_or(Value::Null)
}

fn is(machine: &Machine, name: &str, state: &str) -> bool {
    job(machine, name)["state"] == state
}

fn pid(machine: &Machine, name: &str) -> Option<u64> {
    job(machine, name)["instances"][0]["pid"].as_u64()
}

/// What a job kept in a file.
fn kept(machine: &Machine, name: &str, file: &str) -> String {
    let path = machine.data().join(format!("local/volumes/shop/{name}--kept/{file}"));
    std::fs::read_to_string(path).unwrap_or_default()
}

fn runs(machine: &Machine, name: &str) -> usize {
    kept(machine, name, "runs").lines().count()
}

fn let_go(machine: &Machine, name: &str) {
    let path = machine.data().join(format!("local/volumes/shop/{name}--kept/go"));
    std::fs::write(path, "").expect("written");
}

/// Counts that it began, and ends well when it is let go.
fn waiting(name: &str) -> String {
    format!(
        "(defjob {name} {{{ALL_DAY} :command [\"sh\" \"-c\" \"echo x >> kept/runs; \
         while [ ! -e kept/go ]; do sleep 0.05; done\"]}})"
    )
}

#[test]
fn a_job_runs_once_in_its_hours_beside_services_and_is_told() {
    let machine = machine(10, 0, 0);
    machine.write(&format!(
        "(defservice web {{:image \"i\" :command [\"sleep\" \"1000\"]}})\n\
         (defjob backup {{{ALL_DAY} \
           :command [\"sh\" \"-c\" \"echo saved; echo x >> kept/runs\"]}})\n\
         (defjob later {{:image \"i\" :work 1cpu*h :requires {{:cpu 1cpu}} :earliest 22h \
           :deferrable false :command [\"sh\" \"-c\" \"echo x >> kept/runs\"]}})"
    ));
    let out = machine.done(&["apply", "shop.ecl"]);
    assert!(out.contains("job later waits until 2026-12-02T22:00:00Z"), "{out}");
    machine.until("it is done", || is(&machine, "backup", "done"));
    assert!(machine.done(&["logs", "backup"]).contains("saved"));
    let events = machine.done(&["history", "--events", "--job", "backup"]);
    for told in ["begun", "runs as process", "backup is done for 2026-12-02"] {
        assert!(events.contains(told), "{told}: {events}");
    }
    let status = machine.done(&["status"]);
    assert!(status.contains("job backup  is done for 2026-12-02"), "{status}");
    assert!(status.contains("next 2026-12-03T00:00:00Z"), "{status}");

    // Neither another supervisor nor the same plan again runs it again.
    kill(machine.supervisor(), "-KILL");
    assert!(is(&machine, "backup", "done"));
    machine.done(&["destroy", "shop"]);
    machine.done(&["apply", "shop.ecl"]);
    machine.until("the service runs", || machine.pids().len() == 1);
    assert_eq!((runs(&machine, "backup"), is(&machine, "backup", "done")), (1, true));

    // Whoever asks for it has it at once: also what waits, which has then run for its day.
    machine.done(&["start", "backup"]);
    machine.until("it ran again", || runs(&machine, "backup") == 2);
    machine.done(&["start", "later", "--deployment", "shop"]);
    machine.until("it is done", || is(&machine, "later", "done"));
    assert_eq!(job(&machine, "later")["next"], (MIDNIGHT + 46 * 3600) * 1000);
    let ran = machine.run(&["start", "nothing"]);
    assert!(ran.code == Some(1) && ran.err.contains("unknown-job"), "{}", ran.told());
}

#[test]
fn a_running_job_goes_on_under_the_next_supervisor_and_how_it_ends_is_known() {
    let machine = machine(10, 0, 0);
    machine.write(&waiting("a"));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it runs", || runs(&machine, "a") == 1);
    let before = pid(&machine, "a");
    let ran = machine.run(&["start", "a"]);
    assert!(ran.err.contains("job-running"), "{}", ran.told());
    kill(machine.supervisor(), "-KILL");
    assert_eq!(pid(&machine, "a"), before);
    let verified = machine.done(&["verify-instance", "a"]);
    assert!(verified.contains("has no capabilities"), "{verified}");
    // It ends while nobody looks.
    kill(machine.supervisor(), "-KILL");
    let_go(&machine, "a");
    machine.until("it has ended", || machine.processes().is_empty());
    assert!(is(&machine, "a", "done"), "{}", machine.events());
    assert_eq!(runs(&machine, "a"), 1);
}

#[test]
fn what_a_job_writes_while_no_supervisor_runs_is_in_its_log() {
    let machine = machine(10, 0, 0);
    // More than a pipe holds, so that who is not read waits.
    machine.write(&waiting("a").replace(
        "done\"]",
        "done; \
        seq -f 'line %g of many' 10000; echo last words\"]",
    ));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it runs", || runs(&machine, "a") == 1);
    kill(machine.supervisor(), "-KILL");
    let_go(&machine, "a");
    machine.until("it has ended", || machine.processes().is_empty());
    let logs = machine.done(&["logs", "a", "-n", "20000"]);
    assert_eq!(logs.matches("of many").count(), 10_000);
    assert!(logs.trim_end().ends_with("last words"), "{logs:.200}");
    assert!(is(&machine, "a", "done"), "{}", machine.events());
}

/// Dies at numbered moments of the first version and of its job.
fn at_moments(first: u32, most: u32) {
    for moment in (first..most).step_by(4) {
        let machine = machine(10, 0, 0);
        machine.write(&format!(
            "(defjob a {{{ALL_DAY} :command [\"sh\" \"-c\" \"echo x >> kept/runs\"]}})"
        ));
        let mut apply = machine.command(&["apply", "shop.ecl", "--no-wait"]);
        let _ = apply.env("ECLEXIA_DIE_AT", moment.to_string()).output();
        // Who died before it was recorded that there is to be a version has left none.
        let nothing = || machine.status()["deployments"].as_array().is_none_or(Vec::is_empty);
        machine.until("it is done", || is(&machine, "a", "done") || nothing());
        let wanted = usize::from(!nothing());
        assert_eq!(runs(&machine, "a"), wanted, "moment {moment}\n{}", machine.events());
        let folders = std::fs::read_dir(machine.data().join("local/instances")).expect("a folder");
        assert_eq!(folders.count(), 0, "moment {moment}");
    }
}

#[test]
fn it_runs_once_whenever_the_supervisor_dies_1_of_4() {
    at_moments(1, 25);
}

#[test]
fn it_runs_once_whenever_the_supervisor_dies_2_of_4() {
    at_moments(2, 25);
}

#[test]
fn it_runs_once_whenever_the_supervisor_dies_3_of_4() {
    at_moments(3, 25);
}

#[test]
fn it_runs_once_whenever_the_supervisor_dies_4_of_4() {
    at_moments(4, 25);
}

#[test]
fn what_fails_is_tried_again_three_times_in_all_and_a_new_version_anew() {
    let mut machine = machine(10, 0, 0);
    let version = |machine: &Machine, end: &str| {
        machine.write(&format!(
            "(defjob a {{{ALL_DAY} \
               :command [\"sh\" \"-c\" \"echo x >> kept/runs; {end}\"]}})"
        ));
        machine.done(&["apply", "shop.ecl"]);
    };
    version(&machine, "exit 3");
    let failed = |machine: &Machine, times: u64| {
        machine.until("it fails", || {
            let job = job(machine, "a");
            job["failures"] == times && job["state"] != "running"
        });
    };
    failed(&machine, 1);
    let status = machine.done(&["status"]);
    assert!(status.contains("failed at try 1: exit status: 3; it is tried again"), "{status}");
    killed(&mut machine, 10, 1, 0);
    failed(&machine, 2);
    killed(&mut machine, 10, 5, 0);
    failed(&machine, 3);
    machine.until("it is given up", || is(&machine, "a", "failed"));
    assert!(machine.events().contains("a is failed: it failed 3 times: exit status: 3"));
    assert_eq!(runs(&machine, "a"), 3);
    killed(&mut machine, 11, 0, 0);
    assert!(is(&machine, "a", "failed"));
    version(&machine, "true");
    machine.until("it is done", || is(&machine, "a", "done"));
    assert_eq!(runs(&machine, "a"), 4);
}

#[test]
fn a_job_in_pieces_is_stopped_when_one_ends_and_goes_on_with_the_next() {
    let mut machine = machine(0, 59, 57);
    // Of all hours two are clean.
    let hours: Vec<&str> =
        (0..24).map(|h| if h == 0 || h == 2 { "1gCO2e/kWh" } else { "900gCO2e/kWh" }).collect();
    let text = format!(
        "{HERE}(def curved (with-fields here {{:hourly-carbon [{}]}}))\n\
         (defjob a {{:image \"i\" :work 2cpu*h :requires {{:cpu 1cpu}} :interruptible true\n\
           :command [\"sh\" \"-c\" \"echo begun >> kept/runs; \
             trap 'echo stopped >> kept/runs; exit 0' TERM; sleep 1000 & wait\"]}})\n\
         (defdeployment shop {{:regions [curved] :jobs [a] :strategy (minimize {{:carbon 1.0}})}})",
        hours.join(" ")
    );
    std::fs::write(machine.folder.path().join("shop.ecl"), text).expect("written");
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is stopped", || is(&machine, "a", "waiting"));
    assert_eq!(kept(&machine, "a", "runs"), "begun\nstopped\n");
    assert_eq!(job(&machine, "a")["next"], (MIDNIGHT + 2 * 3600) * 1000);
    assert_eq!(machine.processes(), Vec::<u32>::new());
    killed(&mut machine, 2, 0, 0);
    machine.until("it goes on", || is(&machine, "a", "running") && runs(&machine, "a") == 3);
    // Past its last hour and up to its deadline it may end what it does.
    killed(&mut machine, 23, 59, 58);
    assert!(is(&machine, "a", "running"));
    machine.until("it is late", || is(&machine, "a", "late"));
    let events = machine.events();
    assert!(events.contains("a is late: its deadline has passed"), "{events}");
    // The one that went on under the last supervisor was asked to end, too.
    assert_eq!(kept(&machine, "a", "runs"), "begun\nstopped\nbegun\nstopped\n");
}

#[test]
fn a_new_version_replaces_the_job_that_runs_where_it_is_another_and_one_that_fails_does_not() {
    let machine = machine(10, 0, 0);
    let write = |service: &str, job: &str| {
        machine.write(&format!(
            "(defservice web {{:image \"i\" :command {service}}})\n{}",
            waiting("a").replace(" :command", &format!(" {job} :command"))
        ));
    };
    let version = |service: &str| write(service, "");
    version("[\"sleep\" \"1000\"]");
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it runs", || runs(&machine, "a") == 1);
    let before = pid(&machine, "a");
    version("[\"false\"]");
    assert_eq!(machine.run(&["apply", "shop.ecl"]).code, Some(1));
    assert_eq!(pid(&machine, "a"), before);
    // What the program says of others, and the files that come with it, are not the job's.
    version("[\"sleep\" \"2000\"]");
    machine.done(&["apply", "shop.ecl"]);
    kill(machine.supervisor(), "-KILL");
    assert_eq!((pid(&machine, "a"), runs(&machine, "a")), (before, 1));
    // Who wants them at once says so.
    machine.done(&["start", "a", "--again"]);
    machine.until("it runs anew", || runs(&machine, "a") == 2);
    assert_ne!(pid(&machine, "a"), before);
    write("[\"sleep\" \"2000\"]", ":env {\"MODE\" \"full\"}");
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it runs anew", || runs(&machine, "a") == 3);
    machine.done(&["destroy", "shop"]);
    assert_eq!(machine.processes(), Vec::<u32>::new());
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(runs(&machine, "a"), 3);
}

#[test]
fn a_job_has_the_limits_of_a_service() {
    let machine = machine(10, 0, 0);
    machine.write(&format!(
        "(defjob a {{{ALL_DAY} :command [\"sh\" \"-c\" \"head -c 300m /dev/zero | tail; \
           cat /etc/shadow && echo READ\"]}})"
    ));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it ends", || job(&machine, "a")["failures"] == 1 || is(&machine, "a", "done"));
    if machine.status()["able"]["cgroups"].to_string().contains("memory") {
        assert!(machine.events().contains("memory-exceeded"), "{}", machine.events());
    }
    if machine.status()["able"]["landlock"] == true {
        assert!(!machine.done(&["logs", "a"]).contains("READ"));
    }
}

#[test]
fn what_is_wrong_with_a_job_is_told_before_anything_runs() {
    let machine = machine(10, 0, 0);
    machine.write(&format!(
        "(defservice web {{:image \"i\" :command [\"sleep\" \"1000\"]}})\n\
         (defjob a {{{ALL_DAY}}})\n\
         (defjob b {{{ALL_DAY} :command [\"no-such-program\"]}})\n\
         (def c (job \"web\" {{{ALL_DAY} :command [\"true\"]}}))"
    ));
    let path = machine.folder.path().join("shop.ecl");
    let text = std::fs::read_to_string(&path).expect("read").replace("[a b]", "[a b c]");
    std::fs::write(&path, text).expect("written");
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for fault in ["`a` has no `:command`", "`no-such-program` of `b`", "a service and a job"] {
        assert!(ran.err.contains(fault), "{fault}: {}", ran.told());
    }
    assert_eq!(machine.processes(), Vec::<u32>::new());
}

#[test]
fn the_example_runs_and_keeps_what_it_has_counted() {
    let machine = machine(9, 0, 0);
    let example = xtask::root().join("examples/prime-census.ecl");
    std::fs::copy(example, machine.folder.path().join("prime-census.ecl")).expect("copied");
    let out = machine.done(&["apply", "prime-census.ecl"]);
    assert!(out.contains("job census waits until 2026-12-02T1"), "{out}");
    machine.done(&["start", "census"]);
    machine.until("it is done", || is(&machine, "census", "done"));
    let logs = machine.done(&["logs", "census"]);
    assert!(logs.contains("2262 primes below 20000"), "{logs}");
    machine.done(&["destroy", "night"]);
}
