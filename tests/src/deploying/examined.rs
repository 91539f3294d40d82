//! `debug` and `verify-instance`: what is well is said to be, and what is not is found.

use super::served::shop;
use super::{Machine, free_port, kill};

#[test]
fn a_service_that_is_well_has_no_fault_and_one_that_hangs_is_found() {
    let machine = Machine::new();
    let port = free_port();
    shop(&machine, port, "one");
    machine.done(&["apply", "shop.ecl"]);
    let well = machine.done(&["debug", "web"]);
    assert!(well.contains("2 of 2 replicas are ready") && !well.contains("FAULT"), "{well}");
    let pid = machine.pids()[0];
    kill(u32::try_from(pid).expect("a process"), "-STOP");
    machine.until("a replica that hangs is found", || {
        let ran = machine.run(&["debug", "web"]);
        ran.code == Some(1) && ran.out.contains("1 of 2 replicas are ready")
    });
    let ran = machine.run(&["debug", "wbe"]);
    assert!(ran.code == Some(1) && ran.err.contains("There are: web."), "{}", ran.told());
}

#[test]
fn what_never_ran_is_told_with_its_last_words() {
    let machine = Machine::new();
    let command = "[\"sh\" \"-c\" \"echo began; printf 'no\\tsuch table\\n' >&2; exit 3\"]";
    machine.write(&format!(
        "(defservice a {{:image \"i\" :command {command}}})\n\
         (defservice b {{:image \"i\" :command [\"sleep\" \"1000\"]}})"
    ));
    let ran = machine.run(&["apply", "shop.ecl"]);
    let said = "The last line that `a` wrote: no such table";
    assert!(ran.code == Some(1) && ran.err.contains(said), "{}", ran.told());
    assert!(ran.err.contains("`eclexia logs a`") && !ran.err.contains("`b`"), "{}", ran.told());
    machine.until("nothing of it is left", || {
        machine.done(&["status"]).contains("failed, and nothing of it runs")
    });
    let json = machine.done(&["status", "--json"]);
    assert!(json.contains("\"failed\":[{\"deployment\":\"shop\""), "{json}");
    let ran = machine.run(&["debug", "a"]);
    assert!(ran.code == Some(1) && ran.out.contains("wrote: no such table"), "{}", ran.told());
    let ran = machine.run(&["debug", "b"]);
    assert!(ran.err.contains("no service or job `b` runs here"), "{}", ran.told());
    machine.done(&["destroy", "shop"]);
    let status = machine.done(&["status"]);
    assert!(!status.contains("failed"), "{status}");
}

#[test]
fn what_runs_is_what_was_signed_until_somebody_changes_it() {
    let machine = Machine::new();
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    let well = machine.done(&["verify-instance"]);
    for part in ["is signed by own", "can gain no privileges", "has no capabilities"] {
        assert!(well.contains(part), "{part}: {well}");
    }
    let packages = std::fs::read_dir(machine.data().join("deployed")).expect("packages").flatten();
    let folder = packages.map(|entry| entry.path()).find(|path| path.is_dir()).expect("a package");
    std::fs::write(folder.join("files/shop.ecl"), "; changed").expect("written");
    let ran = machine.run(&["verify-instance", "a"]);
    assert!(ran.code == Some(1) && ran.out.contains("file files/shop.ecl"), "{}", ran.told());
    let list = machine.done(&["key", "list", "--json"]);
    machine.done(&["key", "revoke", "own"]);
    let ran = machine.run(&["verify-instance", "a"]);
    assert!(ran.out.contains("FAULT  package"), "{list}{}", ran.told());
}
