//! A world's run as text for people: the timeline, then what it came to.
//!
//! Always holds: without colours it is plain text; equal runs give equal text. Many small things of
//! one day and service are one line.

use crate::report::{Run, ServiceRun, Spent};
use crate::tale::{Entry, Kind, UNREADY};
use crate::time::{clock, day_of, hour_of, span};
use eclexia_deploy::registry::JOULES_PER_KWH;
use eclexia_model::{Origin, display};
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    Plain,
    /// As terminals take it.
    Colours,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        match self {
            Paint::Plain => text.to_owned(),
            Paint::Colours => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    fn of(self, line: &Line) -> String {
        match (line.kind, line.has_failed) {
            (Kind::Version | Kind::End, false) => self.with("1", &line.text),
            (_, true) => self.with("31", &line.text),
            (Kind::Fault, false) => self.with("33", &line.text),
            (Kind::Return, false) => self.with("32", &line.text),
            _ => line.text.clone(),
        }
    }
}

/// So many small things of one day and service are told as one.
const MANY: usize = 3;

/// What is told of several at once.
const UNREADY_ALL: &str = " get no more requests: their checks fail";

struct Line {
    when: String,
    kind: Kind,
    has_failed: bool,
    text: String,
    /// What followed, each on a line of its own.
    below: Vec<String>,
}

/// `place` gives where something is declared, as `shop.ecl:12:3`.
pub fn run(run: &Run, paint: Paint, place: &dyn Fn(Origin) -> Option<String>) -> String {
    let mut out = format!(
        "{} for {}, seed {}, faults {}\n\n",
        run.deployment,
        span(run.until),
        run.seed,
        run.faults
    );
    let lines = lines(run);
    let width = lines.iter().map(|line| line.when.len()).max().unwrap_or(0);
    for line in &lines {
        let _ = writeln!(out, "{:<width$}  {}", line.when, paint.of(line));
        for below in &line.below {
            let _ = writeln!(out, "{:<width$}    {below}", "");
        }
    }
    out.push('\n');
    if !run.services.is_empty() {
        out.push_str(&services(&run.services));
        out.push('\n');
    }
    out.push_str(&sums(run));
    if !run.budget.is_empty() {
        let name = run.account.as_deref().unwrap_or("limits");
        let _ = write!(out, "\nbudget {name}\n{}", budget(&run.budget, paint, place));
    }
    out
}

fn lines(run: &Run) -> Vec<Line> {
    // Entries that are told together: by what they are, the day and the service.
    let mut groups: BTreeMap<(Kind, u64, &str), Vec<&Entry>> = BTreeMap::new();
    let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &run.timeline {
        if let (Some(service), true) = (&entry.service, is_small(entry)) {
            groups.entry((entry.kind, day_of(entry.at), service)).or_default().push(entry);
        }
        if entry.kind == Kind::Job {
            *runs.entry(&entry.text).or_insert(0) += 1;
        }
    }
    let mut lines = Vec::new();
    for entry in &run.timeline {
        let key = entry.service.as_deref().filter(|_| is_small(entry));
        if let Some(service) = key
            && let Some(group) = groups.get(&(entry.kind, day_of(entry.at), service))
            && group.len() >= MANY
        {
            if std::ptr::eq(group[0], entry) {
                lines.push(many(service, group));
            }
            continue;
        }
        if entry.kind == Kind::Job {
            // The first tells of all.
            if let Some(n) = runs.remove(entry.text.as_str()) {
                let more = if n > 1 { format!("; {n} runs, one a day") } else { String::new() };
                lines.push(Line { text: format!("{}{more}", entry.text), ..line(entry) });
            }
            continue;
        }
        lines.push(line(entry));
    }
    lines
}

/// Crashes and slow starts that are over.
fn is_small(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Crash | Kind::Slow) && entry.until.is_some()
}

fn many(service: &str, group: &[&Entry]) -> Line {
    let (first, last) = (group[0], group[group.len() - 1]);
    let longest = group.iter().filter_map(|entry| Some(entry.until?.since(entry.at))).max();
    let longest = span(longest.unwrap_or(0));
    let failed = together(group);
    let (n, until, failing) = (group.len(), hour_of(last.at), failures(failed));
    let text = match first.kind {
        Kind::Crash => format!(
            "until {until}, replicas of {service} end by themselves {n} times; ready again after \
             {longest} at most{failing}"
        ),
        _ => format!(
            "until {until}, {n} replicas of {service} are slow to start; ready after {longest} at \
             most{failing}"
        ),
    };
    let has_failed = failed > 0;
    Line { when: clock(first.at), kind: first.kind, has_failed, text, below: Vec::new() }
}

/// Requests that failed while any of these was not over: each once.
fn together(group: &[&Entry]) -> u64 {
    let (mut sum, mut counted) = (0.0, 0.0_f64);
    for entry in group {
        let (before, after) = (entry.failed_before, entry.failed_before + entry.failed as f64);
        sum += (after - before.max(counted)).max(0.0);
        counted = counted.max(after);
    }
    sum.round() as u64
}

/// `; 1,203 requests failed`, if any did.
fn failures(failed: u64) -> String {
    match failed {
        0 => String::new(),
        1 => "; 1 request failed".to_owned(),
        n => format!("; {} requests failed", grouped(n)),
    }
}

fn line(entry: &Entry) -> Line {
    let mut below = notes(entry);
    let failed = failures(entry.failed);
    let mut text = entry.text.clone();
    match (entry.kind, entry.lasted()) {
        (Kind::Crash, Some(after)) if below.is_empty() => {
            let _ = write!(text, "; ready again after {after}{failed}");
        }
        (Kind::Slow, Some(_)) => text.push_str(&failed),
        (Kind::Version, Some(after)) => below.push(format!("all is ready after {after}{failed}")),
        (Kind::End, Some(after)) => below.push(format!("nothing is left after {after}")),
        (_, Some(after)) => below.push(format!("all is well again after {after}{failed}")),
        (_, None) if entry.until.is_none() => {
            below.push(format!("not over at the end{failed}"));
        }
        _ => {}
    }
    let when = clock(entry.at);
    Line { when, kind: entry.kind, has_failed: entry.failed > 0, text, below }
}

/// What followed; replicas whose checks fail one after the other are told as one.
fn notes(entry: &Entry) -> Vec<String> {
    let mut below = Vec::new();
    let mut rest = &entry.notes[..];
    while let Some(note) = rest.first() {
        let unready = rest.iter().map_while(|note| note.text.strip_suffix(UNREADY));
        let names: Vec<&str> = unready.collect();
        if names.len() < 2 {
            let after =
                if note.after == 0 { String::new() } else { format!("+{}  ", span(note.after)) };
            below.push(format!("{after}{}", note.text));
            rest = &rest[1..];
            continue;
        }
        let (first, last) = (span(note.after), span(rest[names.len() - 1].after));
        let after = if first == last { first } else { format!("{first} to {last}") };
        below.push(format!("+{after}  {}{UNREADY_ALL}", names.join(", ")));
        rest = &rest[names.len()..];
    }
    below
}

/// `27,216,000`
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Rounded down, so that only what is whole is 100 %.
fn percent(part: f64) -> String {
    if part >= 1.0 {
        return "100 %".to_owned();
    }
    let thousandths = (part * 100_000.0).floor() / 1000.0;
    format!("{thousandths:.3} %")
}

fn services(services: &[ServiceRun]) -> String {
    let head = ["service", "available", "whole", "asked", "failed", "restarts", "moves"];
    let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).to_vec()];
    for service in services {
        let requests = match service.asked {
            0 => ["no demand".to_owned(), String::new()],
            n => [grouped(n), grouped(service.failed)],
        };
        let [asked, failed] = requests;
        rows.push(vec![
            service.name.clone(),
            percent(service.available),
            percent(service.whole),
            asked,
            failed,
            service.restarts.to_string(),
            service.moves.to_string(),
        ]);
    }
    display::table(&rows)
}

fn sums(run: &Run) -> String {
    let sums = &run.sums;
    let mut out = String::new();
    if sums.asked > 0 {
        let part = 1.0 - sums.failed as f64 / sums.asked as f64;
        let (asked, failed) = (grouped(sums.asked), grouped(sums.failed));
        let _ = writeln!(out, "requests   {asked}, {failed} failed: {} served", percent(part));
    }
    let _ = writeln!(
        out,
        "machines   lost or cut off {}; replicas restarted {}, moved {}",
        times(sums.machines_lost),
        times(sums.restarts),
        times(sums.moves)
    );
    if sums.versions > 1 {
        let taken_back = match sums.taken_back {
            0 => String::new(),
            n => format!(", {n} rolled back"),
        };
        let _ = writeln!(out, "versions   {}{taken_back}", sums.versions);
    }
    if sums.crowded > 0 {
        let _ = writeln!(out, "crowded    {} by old and new together", machines(sums.crowded));
    }
    let _ = writeln!(
        out,
        "money      {:.2} USD; the first plan says {:.2} USD",
        sums.money, sums.planned_money
    );
    let _ = writeln!(
        out,
        "carbon     {:.3} kgCO2e; the first plan says {:.3} kgCO2e",
        sums.carbon / 1000.0,
        sums.planned_carbon / 1000.0
    );
    if !run.services.is_empty() {
        let _ = writeln!(out, "energy     {:.2} kWh of services", sums.energy / JOULES_PER_KWH);
    }
    out
}

fn machines(n: usize) -> String {
    if n == 1 { "1 machine".to_owned() } else { format!("{n} machines") }
}

fn times(n: u32) -> String {
    match n {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn budget(lines: &[Spent], paint: Paint, place: &dyn Fn(Origin) -> Option<String>) -> String {
    let head = ["", "used", "limit", "", "declared at"];
    let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).to_vec()];
    for spent in lines {
        let verdict = match (spent.is_kept, spent.first) {
            (true, _) => "kept".to_owned(),
            (false, Some(first)) => {
                format!("passed for {}, from {} on", span(spent.above), clock(first))
            }
            (false, None) => "overspent".to_owned(),
        };
        rows.push(vec![
            format!("  {}", spent.metric.name()),
            spent.used.clone(),
            spent.limit.clone(),
            verdict,
            place(spent.origin).unwrap_or_default(),
        ]);
    }
    let table = display::table(&rows);
    let painted = table.lines().zip(std::iter::once(true).chain(lines.iter().map(|s| s.is_kept)));
    painted
        .map(|(line, is_kept)| {
            let line = if is_kept { line.to_owned() } else { paint.with("31", line) };
            format!("{line}\n")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(27_216_000), "27,216,000");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.999_999_9), "99.999 %");
        assert_eq!(times(1), "once");
    }
}
