//! What a package may be set to: told whole when it is wrong, there when it is right, and back when
//! a version is.

use super::{Machine, kill};

const SHOW: &str = "(defservice a {:image \"i\" :command [\"sh\" \"-c\"\n\
    \"echo $ECLEXIA_SETTING_MAX_ITEMS $ECLEXIA_SETTING_GREETING $0; sleep 1000\"\n\
    \"$(ECLEXIA_SETTING_GREETING)!\"]})";

const PROJECT: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n\n\
    [[deploy.configuration]]\nname = \"max-items\"\ntype = \"int\"\nat_least = 1\nat_most = 9\n\n\
    [[deploy.configuration]]\nname = \"greeting\"\ntype = \"text\"\ndefault = \"hello\"\n";

fn machine() -> Machine {
    let machine = Machine::new();
    std::fs::write(machine.folder.path().join("eclexia.toml"), PROJECT).expect("written");
    machine.write(SHOW);
    machine
}

/// What the service wrote last.
fn said(machine: &Machine, what: &str) {
    machine.until(what, || machine.done(&["logs", "a", "-n", "1"]).contains(what));
}

#[test]
fn what_is_wrong_with_values_is_told_at_once() {
    let machine = machine();
    let set = ["--set", "max-items=many", "--set", "greting=x"];
    let ran = machine.run(&[&["apply", "shop.ecl"], &set[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for part in ["setting-type", "setting-unknown", "did you mean `greeting`", "not-deployed"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.told());
    }
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert!(ran.err.contains("setting-missing"), "{}", ran.told());
    let ran = machine.run(&["apply", "shop.ecl", "--set", "max-items=10"]);
    assert!(ran.err.contains("setting-refused"), "{}", ran.told());
    let file = machine.folder.path().join("values.toml");
    for text in ["max-items = [1]", "max-items", "greeting = nan"] {
        std::fs::write(&file, text).expect("written");
        let ran = machine.run(&["apply", "shop.ecl", "--settings", "values.toml"]);
        assert!(ran.err.contains("bad-settings"), "{text}: {}", ran.told());
    }
    assert_eq!(machine.processes(), Vec::<u32>::new());
}

#[test]
fn values_reach_services_replace_them_and_come_back_with_a_version() {
    let machine = machine();
    let file = machine.folder.path().join("values.toml");
    std::fs::write(&file, "max-items = 3\ngreeting = \"hi\"\n").expect("written");
    machine.done(&["apply", "shop.ecl", "--settings", "values.toml"]);
    said(&machine, "3 hi hi!");
    // The same again changes nothing; another value is another version.
    let again = ["apply", "shop.ecl", "--settings", "values.toml"];
    assert!(machine.done(&again).contains("Version 1 of shop runs."));
    let before = machine.pids();
    let other = [&again[..], &["--set", "max-items=4"]].concat();
    assert!(machine.done(&other).contains("Version 2 of shop runs."));
    said(&machine, "4 hi hi!");
    assert!(machine.done(&["state", "show", "shop"]).contains("max-items = 4"));
    assert_ne!(machine.pids(), before);

    // A supervisor that begins anew starts with the same values.
    kill(machine.supervisor(), "-KILL");
    let pid = machine.pids()[0];
    kill(u32::try_from(pid).expect("a process"), "-KILL");
    machine.until("a new process", || machine.pids().first().is_some_and(|new| *new != pid));
    said(&machine, "4 hi hi!");

    machine.done(&["rollback", "shop"]);
    said(&machine, "3 hi hi!");
}
