//! Commands of a package at the moments of its life: in order, in their bounds, run again after a
//! crash only where their end is not known.

use super::updates::version;
use super::{Machine, free_port, get, kill};
use crate::tools::Ran;
use std::os::unix::fs::PermissionsExt;

const PROJECT: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n\n\
    [deploy]\ninclude = [\"bin\"]\n";

const SLEEP: &str = "(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})";

const MOMENTS: [&str; 8] = [
    "before-validation",
    "after-validation",
    "before-deployment",
    "after-deployment",
    "before-activation",
    "after-activation",
    "before-rollback",
    "after-rollback",
];

/// A machine whose package runs `script` at these moments, at most so many seconds.
fn machine(moments: &[&str], script: &str, timeout: u32) -> Machine {
    let machine = Machine::new();
    set(&machine, moments, script, timeout);
    machine.write(SLEEP);
    machine
}

fn set(machine: &Machine, moments: &[&str], script: &str, timeout: u32) {
    let root = machine.folder.path();
    let hook = |moment: &&str| {
        format!(
            "\n[[deploy.hooks]]\nat = \"{moment}\"\ncommand = [\"files/bin/hook\", \
             \"$(ECLEXIA_MOMENT)\"]\ntimeout = {timeout}\n"
        )
    };
    let hooks: String = moments.iter().map(hook).collect();
    std::fs::write(root.join("eclexia.toml"), format!("{PROJECT}{hooks}")).expect("written");
    std::fs::create_dir_all(root.join("bin")).expect("a folder");
    let path = root.join("bin/hook");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("set");
}

fn hooks(machine: &Machine) -> String {
    machine.done(&["logs", "shop", "--hooks"])
}

fn failed(ran: &Ran, why: &str) {
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains(why), "{why}: {}", ran.told());
}

#[test]
fn hooks_run_in_order_in_the_packages_folder_and_what_they_write_is_kept() {
    let machine =
        machine(&MOMENTS, "echo $1 $ECLEXIA_DEPLOYMENT $ECLEXIA_VERSION $(ls files/bin)", 20);
    machine.done(&["apply", "shop.ecl"]);
    let lines = hooks(&machine);
    let said: Vec<&str> = lines.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(said, MOMENTS[..6]);
    assert!(lines.contains("before-validation shop 1 hook"), "{lines}");
    let events = machine.events();
    let place = |text: &str| events.find(text).unwrap_or_else(|| panic!("{text}:\n{events}"));
    assert!(place("before deployment begins") < place("version 1 is brought about"));
    assert!(place("shop.a.0") < place("after deployment begins"));
    assert!(place("before activation begins") < place("it takes over as it becomes ready"));
    assert!(place("after activation ended well") < place("version 1 is completed"));
}

#[test]
fn a_hook_that_fails_before_anything_has_begun_fails_the_version_at_once() {
    for moment in ["before-validation", "before-deployment"] {
        let machine = machine(&[moment], "echo no; exit 3", 20);
        failed(&machine.run(&["apply", "shop.ecl"]), "it ended with exit status: 3");
        assert!(!machine.events().contains("shop.a.0"), "{}", machine.events());
        assert!(hooks(&machine).contains("no"));
    }
}

#[test]
fn a_hook_that_fails_before_activation_takes_the_version_back_with_its_own_hooks() {
    let machine = machine(&[], "", 20);
    machine.done(&["apply", "shop.ecl"]);
    let before = machine.pids();
    let moments = ["before-activation", "before-rollback", "after-rollback"];
    set(&machine, &moments, "echo $1; [ $1 != before-activation ]", 20);
    machine.write(&SLEEP.replace("1000", "2000"));
    failed(&machine.run(&["apply", "shop.ecl"]), "Version 1 runs on");
    machine.until("what comes after", || hooks(&machine).contains("after-rollback"));
    let events = machine.events();
    let place = |text: &str| events.find(text).unwrap_or_else(|| panic!("{text}:\n{events}"));
    assert!(place("before rollback begins") < place("is rolled back to version 1"));
    assert!(place("is rolled back to version 1") < place("after rollback begins"));
    assert_eq!(machine.pids().len(), before.len());
}

#[test]
fn under_blue_green_no_request_changes_over_before_the_hooks_have_passed() {
    let machine = machine(&[], "", 20);
    let port = free_port();
    let is = |word: &str| get(port, "/") == Some((200, word.to_owned()));
    version(&machine, port, "one", 200, "blue-green");
    machine.done(&["apply", "shop.ecl"]);
    set(&machine, &["before-activation"], "sleep 1; exit 1", 20);
    version(&machine, port, "two", 200, "blue-green");
    machine.done(&["apply", "shop.ecl", "--no-wait"]);
    machine.until("it is taken back", || {
        assert!(is("one"), "{:?}\n{}", get(port, "/"), machine.events());
        machine.status()["deployments"][0]["state"] == "rolled-back"
    });
    assert!(machine.events().contains("hook-failed"));
    set(&machine, &["before-activation"], "exit 0", 20);
    machine.done(&["apply", "shop.ecl"]);
    assert!(is("two"), "{:?}", get(port, "/"));
}

#[test]
fn a_hook_that_fails_after_a_moment_is_told_and_changes_nothing() {
    let moments = ["after-validation", "after-deployment", "after-activation"];
    let machine = machine(&moments, "exit 1", 20);
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(machine.events().matches("hook-failed").count(), 3);
}

#[test]
fn a_hook_has_its_time_and_ends_with_all_that_it_started() {
    let machine = machine(&["before-deployment"], "sleep 998 & setsid sleep 999 & sleep 997", 1);
    failed(&machine.run(&["apply", "shop.ecl"]), "it was ended after 1 s");
    assert_eq!(machine.processes(), Vec::<u32>::new());
}

#[test]
fn a_hook_reads_and_writes_no_more_than_services_do() {
    let script = "touch files/x && echo wrote; cat /etc/shadow && echo read; \
        touch $HOME/y && echo own; cat \"$1\" 2>/dev/null; exit 0";
    let machine = machine(&["before-validation"], script, 20);
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let lines = hooks(&machine);
    assert!(lines.lines().any(|line| line.ends_with(" own")), "{lines}");
    if machine.status()["able"]["landlock"] == true {
        assert!(!lines.lines().any(|l| l.ends_with(" wrote") || l.ends_with(" read")), "{lines}");
    }
}

#[test]
fn after_a_crash_a_hook_whose_end_is_not_known_runs_again_and_one_that_ended_does_not() {
    let moments = ["before-validation", "before-deployment"];
    // Only the second one waits, and only the first time.
    let script = "echo run $1; [ $1 = before-validation ] || sleep 3";
    let machine = machine(&moments, script, 20);
    let out = machine.done(&["apply", "shop.ecl", "--no-wait"]);
    assert!(out.contains("under way"), "{out}");
    machine.until("the second hook", || machine.events().contains("before deployment begins"));
    kill(machine.supervisor(), "-KILL");
    machine.until("it is completed", || machine.status()["deployments"][0]["state"] == "completed");
    let lines = hooks(&machine);
    assert_eq!(lines.matches("run before-validation").count(), 1, "{lines}");
    assert_eq!(machine.events().matches("before deployment begins").count(), 2);
    assert_eq!(machine.pids().len(), 1);
    assert_eq!(machine.processes().len(), 1);
}

/// Each hook is run at least once, in order, and again at most where the plug was pulled; what it
/// leaves behind is ended.
fn survive(first: u32) {
    let moments = &MOMENTS[..6];
    for moment in (first..40).step_by(4) {
        let machine = machine(moments, "echo run $1; sleep 0.05", 20);
        let mut apply = machine.command(&["apply", "shop.ecl", "--no-wait"]);
        let _ = apply.env("ECLEXIA_DIE_AT", moment.to_string()).output();
        machine.run(&["apply", "shop.ecl"]);
        let is_settled = || {
            let state = machine.status()["deployments"][0]["state"].clone();
            state == "completed" && machine.processes().len() == 1
        };
        machine.until(&format!("died at moment {moment}"), is_settled);
        let events = machine.events();
        for name in moments {
            let text = format!("{} ended well", name.replace('-', " "));
            assert_eq!(events.matches(&text).count(), 1, "{moment}: {text}\n{events}");
        }
        let folders = std::fs::read_dir(machine.data().join("local/instances")).expect("a folder");
        assert_eq!(folders.count(), 1, "moment {moment}: folders");
    }
}

#[test]
fn hooks_survive_each_moment_1_of_4() {
    survive(1);
}

#[test]
fn hooks_survive_each_moment_2_of_4() {
    survive(2);
}

#[test]
fn hooks_survive_each_moment_3_of_4() {
    survive(3);
}

#[test]
fn hooks_survive_each_moment_4_of_4() {
    survive(4);
}

#[test]
fn whoever_may_not_deploy_has_no_hook_of_theirs_run() {
    let machine = machine(&MOMENTS, "echo ran", 20);
    for words in [
        ["key", "new", "own"].as_slice(),
        &["key", "trust", "own", "--owner"],
        &["key", "new", "eve"],
        &["key", "trust", "eve"],
    ] {
        machine.done(words);
    }
    failed(&machine.run(&["apply", "shop.ecl", "--key", "eve"]), "capability-missing");
    assert!(!machine.events().contains("hook-begun"), "{}", machine.events());
}

#[test]
fn a_function_of_the_program_is_a_hook_and_is_checked_when_it_is_packed() {
    let machine = Machine::new();
    let root = machine.folder.path().to_owned();
    let hook = |function: &str| {
        let hook = format!(
            "\n[[deploy.hooks]]\nat = \"before-deployment\"\nfunction = \"{function}\"\n\
             timeout = 60\n"
        );
        let project = PROJECT.replace("include = [\"bin\"]\n", "");
        std::fs::write(root.join("eclexia.toml"), format!("{project}{hook}")).expect("written");
    };
    machine.write(&format!(
        "(sig migrate (Fn [World] Unit))\n\
         (defn migrate [world] (print (env/get-or (.env world) \"ECLEXIA_MOMENT\" \"never\")))\n\
         (defn refuse [world] (Err \"the table is locked\"))\n{SLEEP}"
    ));
    for (function, why) in [
        ("shop/migrade", "does not define `migrade`"),
        ("shop/a", "error["),
        ("migrate", "one is `MODULE/NAME`"),
    ] {
        hook(function);
        let ran = machine.run(&["package", "shop.ecl"]);
        assert!(ran.code == Some(1) && ran.err.contains(why), "{function}: {}", ran.told());
    }
    hook("shop/migrate");
    machine.done(&["apply", "shop.ecl"]);
    assert!(hooks(&machine).contains("before-deployment"), "{}", hooks(&machine));
    assert!(machine.events().contains("the hook `files/eclexia-hook-1-migrate.ecl`"));
    hook("shop/refuse");
    failed(&machine.run(&["apply", "shop.ecl"]), "it ended with exit status: 1");
    assert!(hooks(&machine).contains("the table is locked"), "{}", hooks(&machine));
}
