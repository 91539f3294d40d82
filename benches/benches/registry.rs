//! The registry of deployments: events recorded, batch by batch as the supervisor does it, and a
//! history of a million of them asked for. Time on the clock, since a disk is waited for.
//!
//! `cargo bench -p eclexia-benches --bench registry`
#![expect(clippy::print_stdout, reason = "a bench tells what it measured")]

use eclexia_deploy::registry::{At, Event, Fact, Filter, Registry};
use std::time::{Duration, Instant};

const EVENTS: u64 = 1_000_000;

/// Events of one transaction.
const BATCH: u64 = 500;

fn event(n: u64) -> Event {
    Event {
        seq: 0,
        at: At(1_700_000_000_000 + n),
        deployment: format!("shop{}", n % 20),
        version: Some(1),
        resource: Some(format!("service s{}", n % 300)),
        kind: "ready".to_owned(),
        status: n.is_multiple_of(50).then(|| "completed".to_owned()),
        signer: Some(format!("signer{}", n % 7)),
        detail: format!("shop.web.{n} is ready"),
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut registry = Registry::open(&folder.path().join("registry.sqlite")).expect("opened");
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for batch in 0..EVENTS / BATCH {
        let facts: Vec<Fact> =
            (batch * BATCH..(batch + 1) * BATCH).map(|n| Fact::Event(event(n))).collect();
        let asked = Instant::now();
        registry.record(&facts).expect("recorded");
        slowest = slowest.max(asked.elapsed());
    }
    let rate = EVENTS as f64 / began.elapsed().as_secs_f64();
    println!("recorded       {rate:.0} events a second, in transactions of {BATCH}");
    println!("slowest        {slowest:?}");
    let began = Instant::now();
    for n in 0..200 {
        registry.record(&[Fact::Event(event(n))]).expect("recorded");
    }
    println!("one by one     {:.2?} each", began.elapsed() / 200);
    let some = |text: &str| Some(text.to_owned());
    let last = Filter { newest_first: true, limit: Some(50), ..Filter::default() };
    let questions = [
        ("last 50", last.clone()),
        ("of a deployment", Filter { deployment: some("shop7"), ..last.clone() }),
        ("of a service", Filter { resource: some("service s11"), ..last.clone() }),
        ("of a state", Filter { status: some("completed"), ..last.clone() }),
        ("of a signer", Filter { signer: some("signer3"), ..last.clone() }),
        (
            "of two, rare",
            Filter { deployment: some("shop7"), resource: some("service s8"), ..last.clone() },
        ),
        (
            "of a time",
            Filter {
                from: Some(At(1_700_000_500_000)),
                until: Some(At(1_700_000_500_100)),
                ..last
            },
        ),
    ];
    for (what, filter) in questions {
        let mut times: Vec<Duration> = (0..21)
            .map(|_| {
                let asked = Instant::now();
                registry.events(&filter).expect("read");
                asked.elapsed()
            })
            .collect();
        times.sort();
        println!("{what:<15}{:.2?} median, {:.2?} at most", times[10], times[20]);
    }
}
