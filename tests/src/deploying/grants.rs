//! Who may deploy: the owner of the data folder, and whoever was granted it, for as long as that is
//! granted. And what a package may be set to.

use super::Machine;
use crate::tools::{Ran, run};

const ONE: &str = "(defservice a {:image \"i\" :command [\"sleep\" \"1000\"] :replicas 2\n\
    :requires {:cpu 500mcpu :memory 64MiB}})";

/// A machine with an owner, `own`, and a key `ci` that is trusted and granted nothing.
fn machine() -> Machine {
    let machine = Machine::new();
    for words in [
        ["key", "new", "own"].as_slice(),
        &["key", "trust", "own", "--owner"],
        &["key", "new", "ci"],
        &["key", "trust", "ci"],
    ] {
        machine.done(words);
    }
    machine.write(ONE);
    machine
}

fn refused(ran: &Ran, parts: &[&str]) {
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for part in parts {
        assert!(ran.err.contains(part), "{part}: {}", ran.told());
    }
}

fn with_token(machine: &Machine, token: &str, arguments: &[&str]) -> Ran {
    run(machine.command(arguments).env("ECLEXIA_TOKEN", token.trim()))
}

#[test]
fn who_may_not_deploy_is_told_the_command_that_allows_it_and_it_does() {
    let machine = machine();
    let by_ci = ["apply", "shop.ecl", "--key", "ci"];
    let ran = machine.run(&by_ci);
    refused(&ran, &["capability-missing", "ci may not `deploy:local` for `shop`", "not-deployed"]);
    let command = "eclexia grant ci deploy:local --deployment shop";
    assert!(ran.err.contains(command), "{}", ran.told());
    assert_eq!(machine.processes(), Vec::<u32>::new());

    let words: Vec<&str> = command.split(' ').skip(1).collect();
    machine.done(&words);
    assert!(machine.done(&by_ci).contains("Version 2 of shop runs."));
    let granted = machine.done(&["grants"]);
    assert!(granted.contains("ci may deploy:local for shop") && granted.contains("it counts"));

    // What ran goes on; what is new needs a grant that counts.
    let id = granted.split_whitespace().next().expect("an id");
    machine.done(&["revoke", id, "--reason", "left"]);
    assert!(machine.done(&["grants"]).contains("is revoked since"));
    machine.write(&ONE.replace("1000", "2000"));
    refused(&machine.run(&by_ci), &["capability-missing"]);
    assert_eq!(machine.pids().len(), 2);
    assert!(
        machine.done(&["apply", "shop.ecl", "--key", "own"]).contains("Version 4 of shop runs.")
    );
}

#[test]
fn a_grant_is_bounded_in_amounts_and_in_what_a_package_requires() {
    let machine = machine();
    let by_ci = ["apply", "shop.ecl", "--key", "ci"];
    machine.done(&["grant", "ci", "*:local", "--memory", "127MiB", "--cores", "4"]);
    let ran = machine.run(&by_ci);
    refused(&ran, &["capability-missing", "ci may not do so much", "--memory 128MiB --cores 1`"]);
    machine.done(&["grant", "ci", "*:local", "--memory", "128MiB", "--cores", "1"]);
    machine.done(&by_ci);
    machine.write(&ONE.replace(":replicas 2", ":replicas 3"));
    refused(&machine.run(&by_ci), &["--memory 192MiB --cores 1.5"]);
}

#[test]
fn what_is_granted_is_passed_on_in_parts_and_ends_with_what_it_came_from() {
    let machine = machine();
    machine.done(&["key", "new", "bob"]);
    machine.done(&["key", "trust", "bob"]);
    let by_bob = ["apply", "shop.ecl", "--key", "bob"];
    let from_ci = ["grant", "bob", "deploy:local", "--from", "ci", "--deployment", "shop"];
    refused(&machine.run(&from_ci), &["grant-wider"]);
    let outer = ["grant", "ci", "*:local", "--deployment", "shop", "--pass-on", "--json"];
    machine.done(&outer);
    refused(&machine.run(&["grant", "bob", "deploy:local", "--from", "ci"]), &["grant-wider"]);
    machine.done(&from_ci);
    machine.done(&by_bob);

    machine.done(&["revoke", "--key", "ci"]);
    machine.write(&ONE.replace("1000", "2000"));
    refused(&machine.run(&by_bob), &["capability-missing"]);
    assert!(machine.done(&["grants", "--json"]).contains("\"counts\":false"));
}

#[test]
fn a_token_has_the_rights_of_its_key_and_not_those_of_the_owner() {
    let machine = machine();
    machine.done(&["apply", "shop.ecl", "--key", "own"]);
    let token = machine.done(&["token", "--key", "ci"]);
    let destroy = ["destroy", "shop"];
    refused(&with_token(&machine, &token, &destroy), &["capability-missing", "destroy:local"]);
    machine.done(&["grant", "ci", "deploy:local", "rollback:local"]);
    refused(&with_token(&machine, &token, &destroy), &["capability-missing"]);

    // Signed by the owner, asked for by ci.
    machine.write(&ONE.replace("1000", "2000"));
    let apply = ["apply", "shop.ecl", "--key", "own"];
    let ran = with_token(&machine, &token, &apply);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert!(machine.done(&["history", "shop"]).contains("by ci"));
    assert_eq!(with_token(&machine, &token, &["rollback", "shop"]).code, Some(0));

    let changed = token.replacen("ecl1.e", "ecl1.f", 1);
    refused(&with_token(&machine, &changed, &apply), &["token-format"]);
    let elsewhere = machine.done(&["token", "--key", "ci", "--audience", "there"]);
    refused(&with_token(&machine, &elsewhere, &apply), &["token-audience"]);
    machine.done(&["revoke", "--key", "ci"]);
    refused(&with_token(&machine, &token, &apply), &["token-revoked"]);
    assert_eq!(machine.pids().len(), 2);
}

#[test]
fn a_lock_is_held_by_the_key_of_a_token_that_may_change_what_it_holds() {
    let machine = machine();
    machine.done(&["apply", "shop.ecl", "--key", "own"]);
    let token = machine.done(&["token", "--key", "ci"]);
    let lock = ["lock", "shop", "--reason", "release"];
    refused(&with_token(&machine, &token, &lock), &["capability-missing", "deploy:local"]);
    machine.done(&["grant", "ci", "deploy:local"]);
    let held = with_token(&machine, &token, &lock);
    assert_eq!(held.code, Some(0), "{}", held.told());
    let id = held.out.split_whitespace().last().expect("an id").to_owned();
    let ran = machine.run(&["destroy", "shop"]);
    refused(&ran, &["deployment-locked", "held by ci (release)"]);
    // Who holds it may go on.
    machine.write(&ONE.replace("1000", "2000"));
    let ran = with_token(&machine, &token, &["apply", "shop.ecl", "--key", "own"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    machine.done(&["revoke", "--key", "ci"]);
    refused(&with_token(&machine, &token, &["unlock", "shop", &id]), &["token-revoked"]);
    machine.done(&["unlock", "shop", &id]);
}

#[test]
fn a_data_folder_without_an_owner_is_given_one_by_who_first_signs_there() {
    let machine = Machine::new();
    machine.done(&["key", "new", "ada"]);
    machine.done(&["key", "trust", "ada"]);
    machine.write(ONE);
    assert!(machine.done(&["apply", "shop.ecl"]).contains("`ada` is the owner's here"));
    assert!(machine.done(&["key", "list"]).contains("ada, the owner's"));
    machine.done(&["key", "new", "eve"]);
    machine.done(&["key", "trust", "eve"]);
    machine.write(&ONE.replace("1000", "2000"));
    refused(&machine.run(&["apply", "shop.ecl", "--key", "eve"]), &["capability-missing"]);
}

#[test]
fn what_is_the_owners_alone_is_not_had_by_a_token_however_it_is_asked_for() {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    let machine = machine();
    machine.done(&["apply", "shop.ecl", "--key", "own"]);
    machine.done(&["grant", "ci", "deploy:*", "view:*", "destroy:*"]);
    let supervisor = machine.supervisor();
    let token = machine.done(&["token", "--key", "ci"]);
    let token = token.trim();
    let by = |token: &str, request: &str| {
        format!("{{\"do\":\"as\",\"token\":\"{token}\",\"request\":{request}}}")
    };
    let leave = "{\"do\":\"leave\"}";
    let nested = (0..40).fold(leave.to_owned(), |inner, _| by(token, &inner));
    let huge = by(&"x".repeat(1 << 20), leave);
    for (line, code) in [
        (by(token, leave), "capability-missing"),
        (by(token, &by(token, leave)), "capability-missing"),
        (nested, "capability-missing"),
        (by("", leave), "token-format"),
        (huge, "token-format"),
        (by(token, "{\"do\":\"status\"}"), "status"),
    ] {
        let mut stream =
            UnixStream::connect(machine.data().join("local/control")).expect("it listens");
        writeln!(stream, "{line}").expect("sent");
        let mut reply = String::new();
        let _ = BufReader::new(stream).read_line(&mut reply);
        assert!(reply.contains(code), "{line:.80}: {reply:.200}");
    }
    assert_eq!(machine.supervisor(), supervisor);
}
