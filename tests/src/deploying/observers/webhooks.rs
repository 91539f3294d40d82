//! Webhooks: in order, at least once, signed, whatever the receiver does and whenever we die.

use super::receiver::{Does, Heard, Receiver};
use super::{Machine, Running, free_port, program_of_the_manual};
use crate::deploying::served::Served;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Every event of the registry, by place.
fn recorded(machine: &Machine) -> Vec<Value> {
    let out = machine.done(&["history", "--events", "-n", "10000", "--json"]);
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_deployments_events_are_told_as_they_are_recorded() {
    let machine = Machine::new();
    let receiver = Receiver::new();
    machine.observe(&receiver.address(), &[]);
    let _running = Running::start(&machine);
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    machine.done(&["destroy", "shop"]);
    machine.until_observer("all is told", |o| o["behind"] == 0 && o["cursor"] != 0);
    let events: Vec<Value> = receiver.heard().iter().flat_map(|heard| heard.events()).collect();
    let told: Vec<Value> = events.iter().map(|event| event["data"].clone()).collect();
    assert_eq!(told, recorded(&machine));
    let types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let place = |word: &str| types.iter().position(|one| *one == word).unwrap_or(usize::MAX);
    let life = ["deployment.registered", "service.started", "deployment.completed"];
    let places = life.map(|word| place(&format!("eclexia.{word}")));
    assert!(places.is_sorted() && places[2] < types.len(), "{types:?}");
    for heard in receiver.heard() {
        let one = heard.header("content-type").starts_with("application/cloudevents+json");
        assert_eq!(one, heard.body.starts_with('{'), "{}", heard.head);
        assert!(heard.header("webhook-signature").starts_with("v1,"), "{}", heard.head);
    }
    for event in &events {
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["subject"], "shop");
    }
}

#[test]
fn only_what_is_wanted_is_told() {
    let machine = Machine::new();
    let receiver = Receiver::new();
    machine.observe(&receiver.address(), &["--deployment", "shop", "--event", "completed"]);
    machine.done(&["observe", "add", &receiver.address(), "--deployment", "mail"]);
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    let list = machine.done(&["observe", "list", "--json"]);
    assert!(list.contains("\"behind\":1,"), "{list}");
    let _running = Running::start(&machine);
    machine.until("it is told", || receiver.heard().len() == 1);
    let events = receiver.heard()[0].events();
    assert_eq!(events[0]["type"], "eclexia.deployment.completed");
    machine.until_observer("it is kept", |o| o["behind"] == 0 && o["delivered"] == 1);
    assert_eq!(receiver.heard().len(), 1);
}

/// Each of these costs the first pause, a second, before the same is brought again.
#[test]
fn what_is_refused_is_brought_again_until_it_is_accepted() {
    let failures = [
        Does::Answer(500),
        Does::Answer(302),
        Does::BreakHead,
        Does::BreakBody,
        Does::Babble,
        Does::Hang,
    ];
    let ports: Vec<(Does, Machine, Receiver)> = failures
        .into_iter()
        .map(|does| {
            let (machine, receiver) = (Machine::new(), Receiver::new());
            receiver.plan(&[does]);
            machine.happen(1..4);
            machine.observe(&receiver.address(), &["--from-start", "--timeout", "1s"]);
            (does, machine, receiver)
        })
        .collect();
    let running: Vec<Running> =
        ports.iter().map(|(_, machine, _)| Running::start(machine)).collect();
    for (does, machine, receiver) in &ports {
        machine.until(&format!("after {does:?}"), || receiver.accepted() == [1, 2, 3]);
        let heard = receiver.heard();
        assert_eq!(heard[0].events(), heard[1].events(), "{does:?}: the same again");
        assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
        machine.until_observer("it is kept", |o| o["delivered"] == 3);
        let observer = machine.observer();
        assert_eq!((&observer["failed"], &observer["failing_since"]), (&1.into(), &Value::Null));
    }
    drop(running);
}

#[test]
fn an_answer_without_end_is_not_taken_in() {
    let machine = Machine::new();
    let receiver = Receiver::new();
    receiver.plan(&[Does::Flood(10 << 20), Does::Flood(10 << 20)]);
    machine.happen(1..4);
    machine.observe(&receiver.address(), &["--from-start"]);
    let _running = Running::start(&machine);
    machine.until_observer("all is told", |o| o["delivered"] == 3);
    assert_eq!(machine.observer()["failed"], 0);
    assert_eq!(receiver.accepted(), [1, 2, 3]);
}

#[test]
fn one_that_hangs_holds_up_nobody_else() {
    let machine = Machine::new();
    let (hangs, other) = (Receiver::new(), Receiver::new());
    hangs.plan(&[Does::Hang]);
    machine.happen(1..4);
    machine.observe(&hangs.address(), &["--from-start"]);
    machine.done(&["observe", "add", &other.address(), "--name", "p", "--from-start"]);
    let _running = Running::start(&machine);
    machine.until("the other is told", || other.accepted() == [1, 2, 3]);
    assert_eq!(hangs.heard().len(), 1);
    // Those that come and go meanwhile are taken up and left.
    machine.done(&["observe", "remove", "p"]);
    let more = Receiver::new();
    machine.done(&["observe", "add", &more.address(), "--name", "p"]);
    machine.happen(4..6);
    machine.until("the new one is told", || more.accepted() == [4, 5]);
    assert_eq!(other.accepted(), [1, 2, 3]);
}

#[test]
fn a_receiver_that_was_away_catches_up_in_batches() {
    let machine = Machine::new();
    let port = free_port();
    machine.happen(1..301);
    let address = format!("http://127.0.0.1:{port}/");
    machine.observe(&address, &["--from-start", "--batch", "64"]);
    let _running = Running::start(&machine);
    machine.until_observer("it is not there", |o| o["failed"] == 1);
    assert!(machine.done(&["observe", "list"]).contains("cannot be reached"));
    let receiver = Receiver::at(port);
    machine.until_observer("all is told", |o| o["delivered"] == 300);
    assert_eq!(receiver.accepted(), (1..301).collect::<Vec<u64>>());
    let sizes: Vec<usize> = receiver.heard().iter().map(|heard| heard.events().len()).collect();
    assert_eq!(sizes[..7], [1, 2, 4, 8, 16, 32, 64]);
    let (head, body) = (receiver.heard()[1].head.clone(), receiver.heard()[1].body.clone());
    assert!(head.contains("application/cloudevents-batch+json") && body.starts_with('['));
}

#[test]
fn who_wants_no_more_or_refuses_too_long_is_ended_until_it_is_resumed() {
    let machine = Machine::new();
    let receiver = Receiver::new();
    receiver.plan(&[Does::Answer(204), Does::Answer(410)]);
    machine.happen(1..4);
    machine.observe(&receiver.address(), &["--from-start", "--batch", "1", "--patience", "1s"]);
    let running = Running::start(&machine);
    machine.until_observer("410 ends it", |o| o["ended"].is_string());
    assert!(machine.done(&["observe", "list"]).contains("ended: it wants no more"));
    machine.happen(4..5);
    running.kill();
    // Nothing is asked of one that is ended, by nobody.
    let _running = Running::start(&machine);
    machine.done(&["observe", "test", "o"]);
    assert_eq!(receiver.heard().len(), 3);
    receiver.plan(&[Does::Answer(503), Does::Answer(503)]);
    machine.done(&["observe", "resume", "o"]);
    machine.until_observer("refusing for too long ends it", |o| {
        o["ended"].as_str().is_some_and(|why| why.contains("nothing was accepted for 1s"))
    });
    machine.done(&["observe", "resume", "o"]);
    machine.until_observer("it goes on", |o| o["delivered"] == 4);
    let told: Vec<u64> = receiver.accepted().into_iter().filter(|seq| *seq != 0).collect();
    assert_eq!(told, [1, 2, 3, 4]);
}

/// Numbers of Knuth's generator (MMIX), so that each run kills at the same moments.
fn moments(most: u64) -> impl Iterator<Item = u64> {
    let step = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(20_261_202_u64), step).skip(1).map(move |state| (state >> 33) % most)
}

#[test]
fn whenever_the_plug_is_pulled_nothing_is_lost_and_order_holds() {
    const EVENTS: u32 = 400;
    let machine = Machine::new();
    let receiver = Receiver::new();
    receiver.slow(Duration::from_millis(2));
    machine.happen(1..EVENTS / 2);
    machine.observe(&receiver.address(), &["--from-start", "--batch", "3"]);
    let rounds = std::env::var("ECLEXIA_CHAOS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for (round, moment) in moments(120).take(rounds).enumerate() {
        let running = Running::start(&machine);
        // Some die while they begin, most while they tell.
        std::thread::sleep(Duration::from_millis(30 + moment));
        running.kill();
        if round == rounds / 2 {
            machine.happen(EVENTS / 2..EVENTS + 1);
        }
    }
    let _running = Running::start(&machine);
    machine.until_observer("all is told", |o| o["behind"] == 0);
    let mut ids: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    let (mut most, mut again) = (0, 0);
    for heard in receiver.heard() {
        let mut before = None;
        for event in heard.events() {
            let seq = event["data"]["seq"].as_u64().expect("a place");
            ids.entry(seq).or_default().insert(event["id"].as_str().expect("an id").to_owned());
            // What is new is the next; what is not comes again as it came.
            assert!(seq <= most + 1, "{seq} comes before {}", most + 1);
            assert!(before.is_none_or(|before| before + 1 == seq), "order within a batch");
            again += u32::from(seq <= most);
            most = most.max(seq);
            before = Some(seq);
        }
    }
    assert_eq!(
        ids.keys().copied().collect::<Vec<_>>(),
        (1..=u64::from(EVENTS)).collect::<Vec<_>>()
    );
    assert!(ids.values().all(|ids| ids.len() == 1), "what comes twice has one id");
    assert!(again <= 3 * (rounds as u32 + 1), "{again} came again, a batch for each crash at most");
}

/// What is heard of events `1..=most` where an observer of batches up to `batch` is killed at each
/// of these moments of its process in turn, and then is not: the batches, and of which of them the
/// answer was lost. For each batch there are three moments: before it is brought, when it was
/// accepted, and when that is recorded.
fn told_of(most: u64, batch: u64, moments: impl Iterator<Item = u64>) -> (Vec<Vec<u64>>, Vec<u64>) {
    let (mut told, mut again, mut next) = (Vec::new(), Vec::new(), 1);
    for moment in moments.chain([u64::MAX]) {
        let (mut size, mut left) = (1, moment);
        // At the first moment of a batch it is not yet brought.
        while next <= most && left > 1 {
            let events: Vec<u64> = (next..=most.min(next + size - 1)).collect();
            told.push(events.clone());
            if left == 2 {
                again.extend(events);
                break;
            }
            next += events.len() as u64;
            (size, left) = (batch.min(size * 2), left - 3);
        }
    }
    (told, again)
}

#[test]
fn what_is_told_twice_is_that_of_which_the_answer_was_lost() {
    const EVENTS: u64 = 100;
    let machine = Machine::new();
    let receiver = Receiver::new();
    machine.happen(1..EVENTS as u32 + 1);
    machine.observe(&receiver.address(), &["--from-start", "--batch", "3"]);
    for moment in 1..=12 {
        let mut running = Running::at(&machine, &[("ECLEXIA_DIE_AT", moment.to_string())]);
        let mut status = None;
        machine.until(&format!("it dies at moment {moment}"), || {
            status = running.0.try_wait().expect("a process");
            status.is_some()
        });
        let signal = status.and_then(|status| status.signal());
        assert_eq!(signal, Some(6), "moment {moment}: {status:?}");
    }
    let _running = Running::start(&machine);
    machine.until_observer("all is told", |o| o["behind"] == 0);
    let (told, again) = told_of(EVENTS, 3, 1..=12);
    let heard: Vec<Heard> = receiver.heard();
    let batches: Vec<Vec<u64>> = heard.iter().map(Heard::places).collect();
    assert_eq!(batches, told);
    // Of four batches the answer was lost, at the moments 2, 5, 8 and 11; nothing else comes twice.
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for place in batches.iter().flatten() {
        *counts.entry(*place).or_default() += 1;
    }
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), (1..=EVENTS).collect::<Vec<_>>());
    let twice: Vec<u64> = counts.iter().filter(|(_, n)| **n > 1).map(|(place, _)| *place).collect();
    assert_eq!(twice, again);
    assert_eq!(twice, [1, 4, 5, 13, 14, 15, 31, 32, 33]);
    assert!(counts.values().all(|count| *count <= 2));
    let ids = heard.iter().flat_map(Heard::events).map(|event| event["id"].to_string());
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), counts.len(), "what comes twice has one id");
}

#[test]
fn a_receiver_of_the_manual_checks_signatures() {
    let machine = Machine::new();
    let Some(program) = program_of_the_manual(&machine) else { return };
    let port = free_port();
    machine.happen(1..6);
    machine.observe(&format!("http://127.0.0.1:{port}/"), &["--from-start"]);
    let secret = machine.data().join("observers/o/secret");
    let other = machine.folder.path().join("other");
    std::fs::write(&other, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("written");
    let start = |key: &std::path::Path| {
        let mut command = Command::new("python3");
        command.arg(&program).arg(key).arg(port.to_string()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let output = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines();
        lines.next().expect("it says where it is").expect("a line");
        (Running(child), lines)
    };
    // One with another key does not believe us.
    let (receiver, _) = start(&other);
    let ran = machine.run(&["observe", "test", "o"]);
    assert!(ran.code == Some(1) && ran.err.contains("delivery-failed"), "{}", ran.told());
    assert!(ran.err.contains("it answers 401"), "{}", ran.told());
    receiver.kill();
    let (_receiver, lines) = start(&secret);
    machine.done(&["observe", "test", "o"]);
    let _running = Running::start(&machine);
    let lines: Vec<String> = lines.take(6).map_while(Result::ok).collect();
    assert_eq!(lines[0], "eclexia.deployment.test test a test of the observer o");
    let told = (1..6).map(|n| format!("eclexia.deployment.ready shop event {n}"));
    assert_eq!(lines[1..], told.collect::<Vec<String>>());
}

#[test]
fn serve_tells_observers_and_counts_what_they_accept() {
    let machine = Machine::new();
    let receiver = Receiver::new();
    receiver.plan(&[Does::Answer(500)]);
    machine.happen(1..4);
    machine.observe(&receiver.address(), &["--from-start"]);
    let running = Running::start(&machine);
    machine.until("one is refused", || receiver.heard().len() == 1);
    let served = Served::start(&machine, &[]);
    running.kill();
    machine.until_observer("all is told", |o| o["delivered"] == 3);
    // One process at a time.
    let ran = machine.run(&["observe", "run"]);
    assert!(ran.code == Some(1) && ran.err.contains("already-delivered"), "{}", ran.told());
    let (_, metrics) = super::super::get(served.port, "/metrics").expect("an answer");
    for line in [
        "eclexia_observer_delivered_total{observer=\"o\"} 3\n",
        "eclexia_observer_failed_total{observer=\"o\"} 1\n",
        "eclexia_observer_behind_events{observer=\"o\"} 0\n",
        "eclexia_observer_ended{observer=\"o\"} 0\n",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
}

#[test]
fn events_come_soon_after_they_are_recorded() {
    let machine = Machine::new();
    let receiver = Receiver::new();
    machine.happen(1..2);
    machine.observe(&receiver.address(), &[]);
    let _running = Running::start(&machine);
    machine.happen(2..3);
    machine.until("it runs", || receiver.accepted() == [2]);
    let began = Instant::now();
    machine.happen(3..4);
    machine.until("it is told", || receiver.accepted() == [2, 3]);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
