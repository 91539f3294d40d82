//! A run as a picture, SVG: what struck, each service's state over time, requests, carbon and money
//! by hour; light or dark as the reader's screen is. Equal runs give equal bytes. Sizes follow the
//! number of characters, since nothing here knows fonts.
//!
//! What lasts for seconds of a week would be thinner than any line, and is drawn as thin as can be
//! seen: so it is seen, and lasts longer than it did.

use crate::report::{Run, ServiceRun};
use crate::tale::{Entry, Kind};
use crate::time::{DAY, HOUR, clock, span};
use std::fmt::Write;

const WIDTH: f64 = 980.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 84.0;
/// Width of a character of 12 pixels, about.
const CHARACTER: f64 = 7.4;
/// Of a service, and of its bar.
const ROW: f64 = 26.0;
const BAR: f64 = 16.0;
/// Of a curve.
const PANEL: f64 = 64.0;
const GAP: f64 = 22.0;
/// Nothing that went wrong is thinner.
const THINNEST: f64 = 1.6;
/// At most so many days have their number below.
const NUMBERS: u64 = 14;

const STYLE: &str = "\
  svg text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2933}
  svg .title{font-weight:600;font-size:14px}
  svg .small{fill:#52606d}
  .paper{fill:#ffffff}
  .axis{stroke:#52606d;fill:none}
  .grid{stroke:#e4e7eb;fill:none}
  .whole{fill:#2a9d6f}.part{fill:#e0a030}.none{fill:#d1383d}
  .version{fill:#1f6feb}.fault{fill:#d1383d}.crash{fill:#e0a030}.return{fill:#2a9d6f}
  .asked{fill:#c8d9f5;stroke:#1f6feb}.failed{fill:#d1383d}
  .curve{fill:none;stroke:#52606d;stroke-width:1.6}
  @media (prefers-color-scheme:dark){
    svg text{fill:#e4e7eb}svg .small{fill:#9aa5b1}.paper{fill:#16191d}
    .axis{stroke:#9aa5b1}.grid{stroke:#2b3138}
    .whole{fill:#3fae83}.part{fill:#e0a458}.none{fill:#ef5b5f}
    .version{fill:#6ea8fe}.fault{fill:#ef5b5f}.crash{fill:#e0a458}.return{fill:#3fae83}
    .asked{fill:#22344f;stroke:#6ea8fe}.failed{fill:#ef5b5f}.curve{stroke:#9aa5b1}
  }
";

/// Where times and rows are.
struct Sheet {
    left: f64,
    until: u64,
}

impl Sheet {
    fn x(&self, ms: u64) -> f64 {
        let part = ms.min(self.until) as f64 / self.until.max(1) as f64;
        self.left + part * (WIDTH - RIGHT - self.left)
    }
}

pub fn svg(run: &Run) -> String {
    let longest = run.services.iter().map(|s| s.name.chars().count()).max().unwrap_or(0);
    let sheet = Sheet { left: 32.0 + longest.max(10) as f64 * CHARACTER, until: run.until };
    let rows = TOP + run.services.len() as f64 * ROW;
    let bottom = rows + 3.0 * (PANEL + GAP);
    let height = bottom + 34.0;
    let title = format!("{} for {}, seed {}", run.deployment, span(run.until), run.seed);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" \
         width=\"{WIDTH:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{0}</title>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH:.0}\" height=\"{height:.0}\"/>\n",
        escaped(&title)
    );
    text(&mut out, (16.0, 24.0), "title", "start", &title);
    legend(&mut out, run);
    days(&mut out, &sheet, bottom);
    text(&mut out, (16.0, TOP - 12.0), "small", "start", "what happens");
    // What matters most is drawn over the rest.
    for kind in [Kind::Crash, Kind::Return, Kind::Fault, Kind::Version, Kind::End] {
        for entry in run.timeline.iter().filter(|entry| entry.kind == kind) {
            mark(&mut out, &sheet, entry);
        }
    }
    for (at, service) in run.services.iter().enumerate() {
        row(&mut out, &sheet, TOP + at as f64 * ROW, service);
    }
    let hours: Vec<(f64, f64)> = run.hours.iter().map(|h| (h.asked, h.failed)).collect();
    panel(&mut out, &sheet, rows + GAP, "requests/h", &hours);
    let carbon: Vec<(f64, f64)> = run.hours.iter().map(|h| (h.carbon, 0.0)).collect();
    panel(&mut out, &sheet, rows + 2.0 * GAP + PANEL, "gCO2e/h", &carbon);
    let money: Vec<(f64, f64)> = run.hours.iter().map(|h| (h.money, 0.0)).collect();
    panel(&mut out, &sheet, rows + 3.0 * GAP + 2.0 * PANEL, "USD/h", &money);
    out.push_str("</svg>\n");
    out
}

fn legend(out: &mut String, run: &Run) {
    let mut x = 16.0;
    let known = [
        ("whole", "all serve"),
        ("part", "fewer than asked for"),
        ("none", "nobody serves"),
        ("version", "version"),
        ("fault", "machine lost"),
        ("return", "machine back"),
        ("crash", "replica ends"),
    ];
    for (class, words) in known {
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"38\" width=\"12\" height=\"12\"/>"
        );
        text(out, (x + 18.0, 48.0), "small", "start", words);
        x += 38.0 + words.chars().count() as f64 * CHARACTER * 0.9;
    }
    text(out, (WIDTH - RIGHT, 24.0), "small", "end", &format!("faults {}", run.faults));
}

fn days(out: &mut String, sheet: &Sheet, bottom: f64) {
    let days = run_days(sheet.until);
    let every = days.div_ceil(NUMBERS).max(1);
    for day in 0..=days {
        let x = sheet.x(day * DAY);
        line(out, "grid", (x, TOP - 4.0), (x, bottom));
        if day % every == 0 && day * DAY < sheet.until {
            let words = format!("day {}", day + 1);
            text(out, (x + 3.0, bottom + 18.0), "small", "start", &words);
        }
    }
}

fn run_days(until: u64) -> u64 {
    until / DAY
}

fn mark(out: &mut String, sheet: &Sheet, entry: &Entry) {
    let class = match entry.kind {
        Kind::Version | Kind::End => "version",
        Kind::Fault => "fault",
        Kind::Crash => "crash",
        Kind::Return => "return",
        Kind::Slow | Kind::Job => return,
    };
    let (x, y) = (sheet.x(entry.at.0), TOP - 10.0);
    let words = escaped(&format!("{}: {}", clock(entry.at), entry.text));
    let _ = writeln!(
        out,
        "<path class=\"{class}\" d=\"M{:.1} {:.1}h8l-4 7z\"><title>{words}</title></path>",
        x - 4.0,
        y
    );
}

fn row(out: &mut String, sheet: &Sheet, y: f64, service: &ServiceRun) {
    text(out, (16.0, y + 14.0), "", "start", &service.name);
    let top = y + (ROW - BAR) / 2.0 - 3.0;
    let ends = service.lanes.iter().skip(1).map(|lane| lane.at.0).chain([sheet.until]);
    let mut segments = Vec::new();
    for (lane, end) in service.lanes.iter().zip(ends) {
        let class = match lane.serving {
            _ if lane.asked == 0 => continue,
            n if n >= lane.asked => "whole",
            0 => "none",
            _ => "part",
        };
        let words = format!(
            "{} of {} serve, from {} for {}",
            lane.serving,
            lane.asked,
            clock(lane.at),
            span(end.saturating_sub(lane.at.0))
        );
        segments.push((class, lane.at.0, end, words));
    }
    // What went wrong is drawn over what went well, and the worst last.
    for wanted in ["whole", "part", "none"] {
        for (class, from, to, words) in segments.iter().filter(|s| s.0 == wanted) {
            let (a, b) = (sheet.x(*from), sheet.x(*to));
            let width = if wanted == "whole" { b - a } else { (b - a).max(THINNEST) };
            let _ = writeln!(
                out,
                "<rect class=\"{class}\" x=\"{a:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
                 height=\"{BAR:.1}\"><title>{}</title></rect>",
                escaped(words)
            );
        }
    }
}

/// A curve by hour from nothing up to its largest, and what of it went wrong.
fn panel(out: &mut String, sheet: &Sheet, top: f64, name: &str, hours: &[(f64, f64)]) {
    let bottom = top + PANEL;
    let most = hours.iter().map(|(value, _)| *value).fold(0.0, f64::max);
    text(out, (16.0, top + 12.0), "", "start", name);
    line(out, "axis", (sheet.left, bottom), (WIDTH - RIGHT, bottom));
    if most <= 0.0 {
        return text(out, (sheet.left + 6.0, bottom - 6.0), "small", "start", "none");
    }
    text(out, (16.0, top + 28.0), "small", "start", &format!("to {}", short(most)));
    let y = |value: f64| bottom - value / most * PANEL;
    let class = if name.starts_with("requests") { "asked" } else { "curve" };
    let mut path = format!("M{:.1} {bottom:.1}", sheet.left);
    if class == "curve" {
        path = String::new();
    }
    for (hour, (value, _)) in hours.iter().enumerate() {
        let from = hour as u64 * HOUR;
        if from >= sheet.until {
            break;
        }
        let letter = if path.is_empty() { 'M' } else { 'L' };
        let (a, b) = (sheet.x(from), sheet.x(from + HOUR));
        let _ = write!(path, "{letter}{a:.1} {0:.1}L{b:.1} {0:.1}", y(*value));
    }
    if class == "asked" {
        let _ = write!(path, "L{:.1} {bottom:.1}Z", WIDTH - RIGHT);
    }
    let _ = writeln!(out, "<path class=\"{class}\" d=\"{path}\"/>");
    for (hour, (_, failed)) in hours.iter().enumerate().filter(|(_, (_, failed))| *failed >= 0.5) {
        let (a, b) = (sheet.x(hour as u64 * HOUR), sheet.x((hour as u64 + 1) * HOUR));
        let height = (failed / most * PANEL).max(THINNEST);
        let _ = writeln!(
            out,
            "<rect class=\"failed\" x=\"{a:.1}\" y=\"{:.1}\" width=\"{:.1}\" \
             height=\"{height:.1}\"><title>{failed:.0} failed</title></rect>",
            bottom - height,
            (b - a).max(THINNEST)
        );
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{} M", digits(v / 1e6)),
        v if v >= 1e3 => format!("{} k", digits(v / 1e3)),
        v if v >= 1.0 => digits(v),
        v => format!("{v:.4}"),
    }
}

/// Of a number from one on.
fn digits(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

fn escaped(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control()).collect::<String>();
    clean.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn line(out: &mut String, class: &str, (a, b): (f64, f64), (c, d): (f64, f64)) {
    let _ = writeln!(out, "<path class=\"{class}\" d=\"M{a:.1} {b:.1}L{c:.1} {d:.1}\"/>");
}

/// `anchor`: `start` or `end`.
fn text(out: &mut String, (x, y): (f64, f64), class: &str, anchor: &str, words: &str) {
    let _ = writeln!(
        out,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
        escaped(words)
    );
}
