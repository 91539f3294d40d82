//! `observe`: who is told what happens to deployments, and telling them.

use super::{folders, registry};
use crate::amount::age;
use crate::args::{ObserveAddArgs, ObserveVerb};
use crate::commands::Ended;
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, interrupt};
use eclexia_deploy::registry::At;
use eclexia_diag::Sources;
use eclexia_observe::{
    Cursor, Destination, New, Observer, Reach, Said, Store, Told, Turn, Wanted, behind, deliver,
    newest, test,
};
use eclexia_supervisor::folders::Folders;
use serde_json::json;
use std::fmt::Write;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

pub fn observe(console: &Console, verb: &ObserveVerb) -> Ended {
    let folders = folders()?;
    let store = Store::new(&folders.data);
    match verb {
        ObserveVerb::Add(args) => add(console, &folders, &store, args),
        ObserveVerb::List => list(console, &folders, &store),
        ObserveVerb::Remove { name } => {
            store.remove(name)?;
            console.say(&format!("{name} is told no more.\n"));
            Ok(Exit::Done)
        }
        ObserveVerb::Resume { name } => {
            store.resume(name)?;
            console.say(&format!("{name} is told again, from where it is.\n"));
            Ok(Exit::Done)
        }
        ObserveVerb::Test { name } => try_out(console, &store.get(name)?, &store),
        ObserveVerb::Run => run(console, &folders, &store),
    }
}

fn add(console: &Console, folders: &Folders, store: &Store, args: &ObserveAddArgs) -> Ended {
    let reach = if args.plain { Reach::Plain } else { Reach::Secured };
    let set = |names: &[String]| names.iter().cloned().collect();
    let new = New {
        name: args.name.clone(),
        destination: Destination::parse(&args.destination, reach)?,
        reach,
        wanted: Wanted { deployments: set(&args.deployment), events: set(&args.event) },
        secret: args.secret.clone(),
        authorities: args.ca.clone(),
        batch: args.batch,
        timeout: args.timeout,
        patience: args.patience,
        source: format!("/eclexia/{}", host()),
    };
    let last = if args.from_start { None } else { newest(&folders.registry())? };
    let observer = store.add(&new, &Cursor::behind(last.as_ref()))?;
    let name = &observer.name;
    let is_webhook = matches!(observer.destination, Destination::Webhook { .. });
    let secret = store.secret_path(name);
    if console.global.json {
        let secret = is_webhook.then_some(&secret);
        console.json(&json!({"format": "eclexia-observer-added/1", "name": name,
            "destination": observer.destination.to_string(), "secret": secret}));
    }
    let mut text = format!("{name} will be told at {}.\n", observer.destination);
    if is_webhook {
        let _ = writeln!(text, "It checks signatures with:  cat {}", secret.display());
    }
    let _ = write!(
        text,
        "Try it:                     eclexia observe test {name}\n\
         Tell what happens:          eclexia observe run, or eclexia serve\n"
    );
    console.say(&text);
    Ok(Exit::Done)
}

/// The name of this machine, as a part of a reference.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '.';
    let plain: String = name.chars().filter(is_plain).take(64).collect();
    if plain.is_empty() { "here".to_owned() } else { plain }
}

fn list(console: &Console, folders: &Folders, store: &Store) -> Ended {
    let registry = registry(folders)?;
    let (observers, mut wrong) = store.list()?;
    let now = At::of(SystemTime::now());
    let mut text = String::new();
    for observer in &observers {
        let cursor = match store.cursor(observer) {
            Ok(cursor) => cursor,
            Err(found) => {
                wrong.push(found);
                continue;
            }
        };
        let (count, is_more) = behind(registry.as_ref(), observer, &cursor)?;
        if console.global.json {
            console.json(&as_json(observer, &cursor, (count, is_more)));
        }
        let _ = writeln!(text, "{}  {}", observer.name, observer.destination);
        let wanted = &observer.wanted;
        for (what, names) in [("of", &wanted.deployments), ("when", &wanted.events)] {
            if !names.is_empty() {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let _ = writeln!(text, "  only {what} {}", names.join(", "));
            }
        }
        let more = if is_more { "at least " } else { "" };
        let Cursor { seq, delivered, failed, .. } = cursor;
        let _ = writeln!(
            text,
            "  at {seq}, {more}{count} behind; {delivered} delivered, {failed} tries refused"
        );
        if let Some(last) = &cursor.last {
            let _ = writeln!(text, "  {} ago: {}", age(now.since(last.at) / 1000), last.said);
        }
        if let Some(since) = cursor.failing_since.filter(|_| cursor.ended.is_none()) {
            let _ = writeln!(text, "  refuses since {since}");
        }
        if let Some(why) = &cursor.ended {
            let name = &observer.name;
            let _ = writeln!(text, "  ended: {why}; `eclexia observe resume {name}` goes on");
        }
    }
    if observers.is_empty() && wrong.is_empty() {
        text.push_str("Nobody is told: `eclexia observe add DESTINATION` changes that.\n");
    }
    console.say(&text);
    match wrong.is_empty() {
        true => Ok(Exit::Done),
        false => Ok(console.report(&wrong, &Sources::new())),
    }
}

fn as_json(
    observer: &Observer,
    cursor: &Cursor,
    (count, is_more): (usize, bool),
) -> serde_json::Value {
    json!({"format": "eclexia-observer/1", "name": observer.name,
        "destination": observer.destination.to_string(),
        "deployments": observer.wanted.deployments, "events": observer.wanted.events,
        "cursor": cursor.seq, "behind": count, "behind_is_more": is_more,
        "delivered": cursor.delivered, "failed": cursor.failed,
        "failing_since": cursor.failing_since, "ended": cursor.ended, "last": cursor.last})
}

fn try_out(console: &Console, observer: &Observer, store: &Store) -> Ended {
    let spinner = Spinner::start(console, "telling", &observer.name);
    let answered = test(store, observer);
    drop(spinner);
    match answered?.said {
        Ok(answer) => {
            if console.global.json {
                console.json(&json!({"format": "eclexia-observer-test/1", "name": observer.name,
                    "answer": answer}));
            }
            console.say(&format!("{} accepted a test: {answer}.\n", observer.name));
            Ok(Exit::Done)
        }
        Err(refusal) => Err(diagnostics::delivery_failed(&observer.name, &refusal.why).into()),
    }
}

fn run(console: &Console, folders: &Folders, store: &Store) -> Ended {
    let Some(turn) = Turn::take(store)? else {
        return Err(diagnostics::already_delivered().into());
    };
    let count = store.names()?.len();
    let who = if count == 1 { "observer" } else { "observers" };
    console.say(&format!("Telling {count} {who} what happens (Ctrl-C ends it)\n"));
    let is_over = interrupt::flag();
    let tell = |told: Told| say(console, &told);
    deliver(turn, store, &folders.registry(), &tell, &is_over);
    Ok(Exit::Done)
}

fn say(console: &Console, told: &Told) {
    let name = &told.observer;
    let (value, text) = match &told.said {
        Said::Delivered { count, seq, answer } => {
            let what = if *count == 1 { "event" } else { "events" };
            (
                json!({"said": "delivered", "count": count, "cursor": seq, "answer": answer}),
                format!("{name}: {count} {what}, up to {seq}: {answer}\n"),
            )
        }
        Said::Refused { why, again } => (
            json!({"said": "refused", "why": why, "again_seconds": again.as_secs_f64()}),
            format!("{name}: {why}; again in {}\n", in_seconds(*again)),
        ),
        Said::Ended { why } => (
            json!({"said": "ended", "why": why}),
            format!("{name}: {why}; `eclexia observe resume {name}` goes on\n"),
        ),
        Said::Trouble(found) => {
            console.report(std::slice::from_ref(found), &Sources::new());
            return;
        }
    };
    if console.global.json {
        let mut value = value;
        value["format"] = json!("eclexia-observed/1");
        value["observer"] = json!(name);
        console.json(&value);
    }
    console.say(&text);
}

fn in_seconds(time: Duration) -> String {
    format!("{} s", (time.as_secs_f64() * 10.0).ceil() / 10.0)
}

/// Tells observers while `serve` runs, whenever no other process does.
pub fn tell_all(console: &Console, folders: &Folders, is_over: &AtomicBool) {
    use std::sync::atomic::Ordering;
    let store = Store::new(&folders.data);
    let tell = |told: Told| {
        // What goes well is to be seen in `observe list` and in the metrics.
        if matches!(told.said, Said::Ended { .. }) {
            say(console, &told);
        }
    };
    while !is_over.load(Ordering::Relaxed) {
        match Turn::take(&store) {
            Ok(Some(turn)) => deliver(turn, &store, &folders.registry(), &tell, is_over),
            // Another process tells them; or the folder cannot be used, as who adds one is told.
            Ok(None) | Err(_) => std::thread::sleep(AGAIN),
        }
    }
}

/// How often it is looked whether nobody else tells observers any more.
const AGAIN: Duration = Duration::from_millis(250);
