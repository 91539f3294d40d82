//! What is told of jobs: to Prometheus, by `drift`, by `debug`.

use super::super::kill;
use super::super::served::{Served, answers_as_described, taken_by_promtool};
use super::{ALL_DAY, MIDNIGHT, is, job, killed, machine, pid, waiting};

/// Only at 22:00.
const LATE: &str = "(defjob later {:image \"i\" :work 1cpu*h :requires {:cpu 1cpu :memory 64MiB} \
    :earliest 22h :deferrable false :command [\"true\"]})";

#[test]
fn runs_are_counted_by_how_they_ended_and_promtool_takes_them() {
    let mut machine = machine(10, 0, 0);
    machine.write(&format!(
        "(defjob a {{{ALL_DAY} :command [\"sleep\" \"0.2\"]}})\n{}\n{LATE}",
        waiting("b")
    ));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("one is done, one runs", || {
        is(&machine, "a", "done") && is(&machine, "b", "running")
    });
    let served = Served::start(&machine, &[]);
    let (_, metrics) = served.ask("GET", "/metrics", b"");
    let of = |job: &str| format!("{{deployment=\"shop\",job=\"{job}\"");
    for line in [
        format!("eclexia_job_runs_total{},outcome=\"done\"}} 1\n", of("a")),
        format!("eclexia_job_runs_total{},outcome=\"failed\"}} 0\n", of("a")),
        format!("eclexia_job_runs_total{},outcome=\"done\"}} 0\n", of("b")),
        format!("eclexia_job_running{}}} 0\n", of("a")),
        format!("eclexia_job_running{}}} 1\n", of("b")),
        format!("eclexia_job_failed_tries_total{}}} 0\n", of("later")),
        format!("eclexia_job_cpu_limit_cores{}}} 1\n", of("a")),
        format!(
            "eclexia_job_next_start_timestamp_seconds{}}} {}\n",
            of("later"),
            MIDNIGHT + 22 * 3600
        ),
    ] {
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    let took = format!("eclexia_job_last_duration_seconds{}}} 0.", of("a"));
    assert!(metrics.contains(&took), "{metrics}");
    taken_by_promtool(&machine, &metrics);
    answers_as_described(&machine, &served, &[("Status", "/api/v1/status")]);

    // Counting begins again with the supervisor; when it was last done is known for good.
    let before = job(&machine, "a")["last_done"].clone();
    killed(&mut machine, 23, 30, 0);
    machine.until("one was missed", || is(&machine, "later", "late"));
    let (a, later) = (job(&machine, "a"), job(&machine, "later"));
    assert_eq!((&a["runs"]["done"], &a["last_done"]), (&0.into(), &before), "{a}");
    assert_eq!(later["runs"]["late"], 1, "{later}");
}

#[test]
fn drift_tells_runs_that_were_missed_and_what_a_job_lost() {
    let mut machine = machine(10, 0, 0);
    machine
        .write(&format!("(defjob a {{{ALL_DAY} :command [\"true\"]}})\n{LATE}\n{}", waiting("b")));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("one is done, one runs", || {
        is(&machine, "a", "done") && is(&machine, "b", "running")
    });
    assert_eq!(machine.done(&["drift"]), "");
    killed(&mut machine, 23, 30, 0);
    machine.until("one was missed", || is(&machine, "later", "late"));
    std::fs::remove_dir_all(machine.data().join("local/volumes/shop/a--kept")).expect("removed");
    let ran = machine.run(&["drift", "shop"]);
    assert_eq!(ran.code, Some(2), "{}", ran.told());
    for line in [
        "shop job later: run of 2026-12-02: done wanted, late: its hours have passed",
        "shop job a: volume: a--kept wanted, its folder is gone found",
    ] {
        assert!(ran.out.contains(line), "{line}: {}", ran.told());
    }
    assert!(!ran.out.contains("job b"), "{}", ran.told());
}

#[test]
fn debug_says_how_a_job_is_and_what_to_do_about_it() {
    let mut machine = machine(10, 0, 0);
    machine.write(&format!("{}\n{LATE}", waiting("a")));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it runs", || is(&machine, "a", "running"));
    let well = machine.done(&["debug", "a"]);
    for part in ["it is running since", "it is there now", "a--kept", "it may connect anywhere"] {
        assert!(well.contains(part), "{part}: {well}");
    }
    let waits = machine.done(&["debug", "later", "--json"]);
    assert!(waits.contains("it is started next at 2026-12-02T22:00:00Z"), "{waits}");
    let ran = machine.run(&["debug", "latter"]);
    assert!(ran.code == Some(1) && ran.err.contains("There are: a, later."), "{}", ran.told());
    // A try that is killed is a fault until another one is done.
    let keeper = u32::try_from(pid(&machine, "a").expect("a process")).expect("a number");
    kill(keeper, "-KILL");
    machine.until("a try fails", || job(&machine, "a")["failures"] == 1);
    let ran = machine.run(&["debug", "a"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.out.contains("1 tries of its last run failed"), "{}", ran.told());
    killed(&mut machine, 23, 30, 0);
    machine.until("it was missed", || is(&machine, "later", "late"));
    let ran = machine.run(&["debug", "later"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for part in ["it is late for 2026-12-02", "`eclexia start later` runs it now"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.told());
    }
}
