//! The registry against what it promises: whole batches, events kept, damage found.

use super::*;
use std::collections::BTreeMap;
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn event(n: u64, deployment: &str) -> Event {
    Event {
        seq: 0,
        at: At(n),
        deployment: deployment.to_owned(),
        version: Some(1),
        resource: Some(format!("service s{}", n % 3)),
        kind: "state".to_owned(),
        status: Some(if n.is_multiple_of(2) { "completed" } else { "failed" }.to_owned()),
        signer: Some("ada".to_owned()),
        detail: format!("event {n}"),
    }
}

fn version(deployment: &str, number: u32) -> Version {
    Version {
        deployment: deployment.to_owned(),
        number,
        package: "p".repeat(64),
        plan: "q".repeat(64),
        signer: "ada".to_owned(),
        state: State::Created,
        reason: None,
        before: number.checked_sub(1).filter(|n| *n > 0),
        confirm: None,
        hold: Some(7),
        made: At(5),
        changed: At(5),
    }
}

fn instance(id: &str) -> Instance {
    Instance {
        id: id.to_owned(),
        deployment: "shop".to_owned(),
        version: 1,
        service: "web".to_owned(),
        ordinal: 0,
        spec: "s".to_owned(),
        phase: Phase::Starting,
        process: None,
        ports: BTreeMap::from([(8080, 40_000)]),
        restarts: 0,
        since: At(7),
    }
}

#[test]
fn what_was_recorded_is_there_after_opening_again() {
    let folder = folder();
    let path = folder.path().join("registry.sqlite");
    let mut registry = Registry::open(&path).unwrap();
    let known = Instance {
        process: Some(Process { pid: 3, started: 4, boot: "b".to_owned() }),
        phase: Phase::Running,
        ..instance("a")
    };
    registry
        .record(&[
            Fact::Made(version("shop", 1)),
            Fact::Wanted { deployment: "shop".to_owned(), number: Some(1) },
            Fact::Instance(instance("a")),
            Fact::Instance(instance("b")),
            Fact::Instance(known.clone()),
            Fact::Gone { id: "b".to_owned() },
            Fact::Event(event(1, "shop")),
            Fact::Moved {
                deployment: "shop".to_owned(),
                number: 1,
                state: State::Failed,
                reason: Some("no".to_owned()),
                at: At(9),
            },
        ])
        .unwrap();
    drop(registry);
    let registry = Registry::open_to_read(&path).unwrap().unwrap();
    assert_eq!(registry.instances().unwrap(), [known]);
    let moved = Version {
        state: State::Failed,
        reason: Some("no".to_owned()),
        changed: At(9),
        ..version("shop", 1)
    };
    assert_eq!(registry.versions("shop").unwrap(), [moved]);
    assert_eq!(registry.deployment("shop").unwrap().unwrap().wanted, Some(1));
    assert_eq!(registry.events(&Filter::default()).unwrap().len(), 1);
}

#[test]
fn a_batch_is_recorded_whole_or_not_at_all() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    // The second refers to a deployment that is not there.
    let facts = [Fact::Event(event(1, "shop")), Fact::Instance(instance("a"))];
    assert_eq!(registry.record(&facts).unwrap_err().code, "registry-unusable");
    assert!(registry.events(&Filter::default()).unwrap().is_empty());
}

#[test]
fn events_can_be_asked_for_by_each_of_their_parts_and_not_changed() {
    let folder = folder();
    let path = folder.path().join("r");
    let mut registry = Registry::open(&path).unwrap();
    let facts: Vec<Fact> =
        (0..60).map(|n| Fact::Event(event(n, if n < 30 { "a" } else { "b" }))).collect();
    registry.record(&facts).unwrap();
    let some = |text: &str| Some(text.to_owned());
    let count = |filter: Filter| registry.events(&filter).unwrap().len();
    assert_eq!(count(Filter { deployment: some("a"), ..Filter::default() }), 30);
    assert_eq!(count(Filter { resource: some("service s1"), ..Filter::default() }), 20);
    assert_eq!(count(Filter { status: some("failed"), ..Filter::default() }), 30);
    assert_eq!(count(Filter { signer: some("bob"), ..Filter::default() }), 0);
    assert_eq!(count(Filter { from: Some(At(10)), until: Some(At(19)), ..Filter::default() }), 10);
    assert_eq!(count(Filter { after: Some(55), ..Filter::default() }), 5);
    let newest = Filter { newest_first: true, limit: Some(2), ..Filter::default() };
    let seqs: Vec<u64> = registry.events(&newest).unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, [60, 59]);
    drop(registry);
    let db = rusqlite::Connection::open(&path).unwrap();
    for change in ["UPDATE events SET at = 1", "DELETE FROM events"] {
        let told = db.execute(change, []).unwrap_err().to_string();
        assert!(told.contains("events are never"), "{told}");
    }
}

#[test]
fn one_reads_while_another_writes_and_backs_up() {
    let folder = folder();
    let path = folder.path().join("r");
    let mut writer = Registry::open(&path).unwrap();
    writer.record(&[Fact::Event(event(1, "a"))]).unwrap();
    let reader = Registry::open_to_read(&path).unwrap().unwrap();
    reader.backup(&folder.path().join("backup")).unwrap();
    writer.record(&[Fact::Event(event(2, "a"))]).unwrap();
    assert_eq!(reader.events(&Filter::default()).unwrap().len(), 2);
    drop((writer, reader));
    let kept = restore(&folder.path().join("backup"), &path).unwrap().unwrap();
    assert!(kept.is_file());
    let events =
        |path: &Path| Registry::open(path).unwrap().events(&Filter::default()).unwrap().len();
    assert_eq!((events(&path), events(&kept)), (1, 2));
}

#[test]
fn what_is_replaced_is_kept_with_what_only_its_journal_has() {
    let folder = folder();
    let (path, backup) = (folder.path().join("r"), folder.path().join("backup"));
    let mut writer = Registry::open(&path).unwrap();
    writer.backup(&backup).unwrap();
    writer.record(&[Fact::Event(event(1, "a"))]).unwrap();
    // As a process that was killed leaves it: nobody has brought the journal in.
    let killed = folder.path().join("killed");
    std::fs::create_dir(&killed).unwrap();
    for name in ["r", "r-wal"] {
        std::fs::copy(folder.path().join(name), killed.join(name)).unwrap();
    }
    let path = killed.join("r");
    let kept = restore(&backup, &path).unwrap().unwrap();
    let events =
        |path: &Path| Registry::open(path).unwrap().events(&Filter::default()).unwrap().len();
    assert_eq!((events(&path), events(&kept)), (0, 1));
    // One that is damaged is kept as it was.
    std::fs::write(&path, "no registry").unwrap();
    let kept = restore(&backup, &path).unwrap().unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), b"no registry");
    assert_eq!(events(&path), 0);
}

#[test]
fn a_damaged_foreign_or_newer_file_is_refused_with_its_code() {
    let folder = folder();
    let path = folder.path().join("r");
    let mut registry = Registry::open(&path).unwrap();
    let facts: Vec<Fact> = (0..2000).map(|n| Fact::Event(event(n, "a"))).collect();
    registry.record(&facts).unwrap();
    registry.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(registry);
    let whole = std::fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4096].fill(0xa5);
    std::fs::write(&path, &damaged).unwrap();
    assert_eq!(Registry::open(&path).err().unwrap().code, "registry-damaged");

    let other = folder.path().join("other");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(Registry::open(&other).err().unwrap().code, "registry-damaged");
    let text = folder.path().join("text");
    std::fs::write(&text, "no database, and long enough to be looked at as one").unwrap();
    assert_eq!(Registry::open(&text).err().unwrap().code, "registry-unusable");

    std::fs::write(&path, &whole).unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Registry::open(&path).err().unwrap().code, "registry-newer");
}

#[test]
fn an_export_comes_back_and_one_flipped_bit_is_refused() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    registry
        .record(&[
            Fact::Made(version("shop", 1)),
            Fact::Made(version("shop", 2)),
            Fact::Wanted { deployment: "shop".to_owned(), number: Some(2) },
            Fact::Event(event(1, "shop")),
        ])
        .unwrap();
    let bytes = export(&registry).unwrap();
    let mut other = Registry::open(&folder.path().join("other")).unwrap();
    import(&mut other, &bytes).unwrap();
    assert_eq!(export(&other).unwrap(), bytes);
    assert_eq!(import(&mut other, &bytes).unwrap_err().code, "registry-export");
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let refused = backup::facts_of(&flipped).err().map(|found| found.code);
        assert_eq!(refused, Some("registry-export"), "bit {bit}");
    }
    for length in 0..bytes.len() {
        assert!(backup::facts_of(&bytes[..length]).is_err(), "{length} bytes");
    }
    let deep = format!("{}\n", "[".repeat(100_000));
    assert_eq!(backup::facts_of(deep.as_bytes()).unwrap_err().code, "registry-export");
}

#[test]
fn a_lock_keeps_others_out_until_its_id_is_given() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    let lock = Lock::new("shop", "ada", "release", At(1));
    registry.lock(&lock).unwrap();
    let code = |result: Result<(), Diagnostic>| result.err().map(|found| found.code);
    let other = Lock::new("shop", "bob", "mine", At(2));
    assert_eq!(code(registry.lock(&other)), Some("deployment-locked"));
    assert_eq!(code(registry.may_change("shop", "bob")), Some("deployment-locked"));
    assert_eq!(code(registry.may_change("shop", "ada")), None);
    assert_eq!(code(registry.unlock("shop", "000000000000")), Some("deployment-locked"));
    assert_eq!(code(registry.unlock("shop", &lock.id)), None);
    assert_eq!(code(registry.may_change("shop", "bob")), None);
}

fn sample(service: &str, at: u64) -> Sample {
    Sample {
        deployment: "shop".to_owned(),
        service: service.to_owned(),
        at: At(at),
        span: 10_000,
        cpu_seconds: 0.5,
        memory_byte_seconds: 100.0,
        memory_peak: at,
        requests: 3,
        failed: 1,
        received: 10,
        sent: 20,
        joules: 2.0,
        grams: 0.25,
        request_seconds: 0.5,
    }
}

#[test]
fn samples_are_summed_by_steps_and_kept_for_as_long_as_each_step_says() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    let day = STEPS[2].0;
    let start = 1000 * day;
    // Two hours of samples, each ten seconds, and two in one interval.
    let mut facts: Vec<Fact> =
        (0..720).map(|n| Fact::Sample(sample("web", start + n * 10_000))).collect();
    facts.push(Fact::Sample(sample("web", start + 1)));
    facts.push(Fact::Sample(sample("db", start)));
    registry.record(&facts).unwrap();
    let now = At(start + 7_200_000);
    let sums = |since: u64, now: At| {
        let (step, samples) = registry.samples("shop", At(since), now).unwrap();
        let web = samples.iter().filter(|s| s.service == "web");
        let requests: u64 = web.clone().map(|s| s.requests).sum();
        (step, web.count(), requests)
    };
    assert_eq!(sums(start, now), (10_000, 720, 3 * 721));
    let day_later = At(start + day);
    assert_eq!(sums(start, day_later), (600_000, 12, 3 * 721));
    assert_eq!(sums(start, At(start + 100 * day)), (day, 1, 3 * 721));
    let (_, samples) = registry.samples("shop", At(start), now).unwrap();
    assert_eq!((samples[0].service.as_str(), samples[1].service.as_str()), ("db", "web"));
    assert_eq!((samples[1].span, samples[1].memory_peak), (20_000, start + 1));
    registry.record(&[Fact::Aged(day_later)]).unwrap();
    let left = |step: u64| -> i64 {
        let count = "SELECT count(*) FROM samples WHERE step = ?1";
        registry.db.query_row(count, [i64::try_from(step).unwrap()], |row| row.get(0)).unwrap()
    };
    assert_eq!((left(STEPS[0].0), left(STEPS[1].0), left(STEPS[2].0)), (0, 13, 2));
}

#[test]
fn prices_come_back_in_order_of_time() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    let price = |limit: &str, at: u64| Priced {
        deployment: "shop".to_owned(),
        at: At(at),
        limit_of: limit.to_owned(),
        plan: "p".to_owned(),
        used: 1.0,
        most: 2.0,
        buy: 0.5,
        sell: None,
        unit: "GiB".to_owned(),
        reason: "version 1".to_owned(),
    };
    let prices = [price("a", 5), price("b", 5), price("a", 9)];
    let facts: Vec<Fact> = prices.iter().rev().cloned().map(Fact::Priced).collect();
    registry.record(&facts).unwrap();
    assert_eq!(registry.prices("shop", At(0)).unwrap(), prices);
    assert_eq!(registry.prices("shop", At(6)).unwrap(), prices[2..]);
    assert!(registry.prices("other", At(0)).unwrap().is_empty());
}

#[test]
fn intensities_say_whose_they_are_and_until_when_and_the_last_comes_back() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    let number = |region: &str, at: u64, until: u64, grams_per_kwh: f64| Intensity {
        deployment: "shop".to_owned(),
        region: region.to_owned(),
        at: At(at),
        until: At(until),
        grams_per_kwh,
        source: "Electricity Maps".to_owned(),
        signal: "average".to_owned(),
        measured: At(at),
    };
    let told = [number("a", 5, 10, 300.0), number("a", 10, 20, 310.0), number("b", 5, 20, 20.0)];
    let facts: Vec<Fact> = told.iter().cloned().map(Fact::Intensity).collect();
    registry.record(&facts).unwrap();
    // Said again: the same row, for longer.
    registry.record(&[Fact::Intensity(number("a", 10, 30, 310.0))]).unwrap();
    let last = registry.last_intensities().unwrap();
    assert_eq!(last, [number("a", 10, 30, 310.0), told[2].clone()]);
    assert_eq!(registry.intensities("shop", At(0)).unwrap().len(), 3);
    assert_eq!(registry.intensities("shop", At(25)).unwrap(), last[..1]);
    assert!(registry.intensities("other", At(0)).unwrap().is_empty());
    let years = STEPS[2].1;
    registry.record(&[Fact::Aged(At(years + 15))]).unwrap();
    assert_eq!(registry.intensities("shop", At(0)).unwrap().len(), 2);
}

fn run(job: &str, day: u32, state: RunState) -> Run {
    Run {
        deployment: "shop".to_owned(),
        job: job.to_owned(),
        day,
        spec: "s".to_owned(),
        state,
        failures: 2,
        asked: Some(At(8)),
        changed: At(9),
        said: Some("exit status: 1".to_owned()),
    }
}

#[test]
fn the_last_run_of_each_job_is_known_for_ever_and_goes_with_an_export() {
    let folder = folder();
    let mut registry = Registry::open(&folder.path().join("r")).unwrap();
    let made = Fact::Made(version("shop", 1));
    let run_of = |job: &str, day| Fact::Run(run(job, day, RunState::Begun));
    registry.record(&[made, run_of("a", 3), run_of("a", 4), run_of("b", 2)]).unwrap();
    registry.record(&[Fact::Run(run("a", 4, RunState::Done))]).unwrap();
    let last = [run("a", 4, RunState::Done), run("b", 2, RunState::Begun)];
    assert_eq!(registry.last_runs("shop").unwrap(), last);
    assert!(registry.last_runs("other").unwrap().is_empty());
    // Long after all of them.
    registry.record(&[Fact::Aged(At(u64::MAX / 2))]).unwrap();
    assert_eq!(registry.last_runs("shop").unwrap(), last);
    let count: Result<i64, _> =
        registry.db.query_row("SELECT count(*) FROM runs", [], |r| r.get(0));
    assert_eq!(count.unwrap(), 2);
    let mut other = Registry::open(&folder.path().join("other")).unwrap();
    import(&mut other, &export(&registry).unwrap()).unwrap();
    assert_eq!(other.last_runs("shop").unwrap(), last);
}

#[test]
fn a_registry_of_the_first_version_is_brought_up_to_date_with_all_that_it_has() {
    let folder = folder();
    let path = folder.path().join("r");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(MIGRATIONS[0]).unwrap();
    db.pragma_update(None, "application_id", APPLICATION).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    db.execute_batch(
        "INSERT INTO deployments VALUES ('shop', 1, 1);
         INSERT INTO versions VALUES ('shop', 1, 'p', 'q', 'ada', 'completed', NULL, NULL, NULL,
           NULL, 5, 6);
         INSERT INTO events (at, deployment, kind, detail) VALUES (5, 'shop', 'state', 'made');",
    )
    .unwrap();
    drop(db);
    // Who only reads waits for who writes to bring it up to date.
    assert!(Registry::open_to_read(&path).unwrap().is_none());
    let mut registry = Registry::open(&path).unwrap();
    assert_eq!(registry.versions("shop").unwrap()[0].state, State::Completed);
    assert_eq!(registry.events(&Filter::default()).unwrap().len(), 1);
    registry.record(&[Fact::Sample(sample("web", 5))]).unwrap();
    assert!(Registry::open_to_read(&path).unwrap().is_some());
}
