//! A chart as SVG: two axes with round ticks, stairs, lines and points over them, light or dark as
//! the reader's screen is. What comes in is numbers and words; equal input gives equal bytes. Sizes
//! follow the number of characters, since nothing here knows fonts.

use crate::svg::{CHARACTER, dot, line, open, text};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 56.0;
const RIGHT: f64 = 28.0;
/// Ticks of an axis, about.
const TICKS: f64 = 6.0;

/// How a series is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Each value holds until the next point.
    Stairs,
    Line,
    /// A dot at each point, with its words.
    Points,
}

pub struct Series {
    pub name: String,
    pub kind: Kind,
    /// By rising x.
    pub points: Vec<(f64, f64)>,
    /// What is said of each point, or nothing.
    pub words: Vec<String>,
}

pub struct Chart {
    pub title: String,
    /// Name and unit.
    pub x: String,
    pub y: String,
    /// What is shown of the first axis at least.
    pub span: Option<(f64, f64)>,
    /// At most two.
    pub series: Vec<Series>,
    /// A place on the first axis, with its name.
    pub mark: Option<(f64, String)>,
}

/// One axis: what it shows, and where its ticks are.
struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// Round steps of 1, 2 or 5 around some values.
    fn around(values: impl Iterator<Item = f64>, is_tight: bool) -> Axis {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low <= 1e-9 * high.abs().max(1e-9) {
            let wide = (high.abs() * 0.1).max(1e-6);
            (low, high) = (low - wide, high + wide);
        }
        let rough = (high - low) / TICKS;
        let power = 10f64.powf(rough.log10().floor());
        let nice = [1.0, 2.0, 5.0, 10.0].into_iter().find(|n| n * power >= rough);
        let step = nice.unwrap_or(10.0) * power;
        if !is_tight {
            (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        }
        Axis { low, high, step }
    }

    fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-9).ceil();
        let count = ((self.high / self.step + 1e-9).floor() - first) as i64;
        (0..=count.clamp(0, 50)).map(|i| (first + i as f64) * self.step).collect()
    }

    fn text(&self, value: f64) -> String {
        let places = (-self.step.log10().floor()).clamp(0.0, 9.0) as usize;
        // No tick is minus nothing.
        format!("{:.places$}", value + 0.0)
    }

    fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

impl Chart {
    /// The picture, as a file of its own or inside a page.
    pub fn svg(&self) -> String {
        let xs = || self.series.iter().flat_map(|s| s.points.iter().map(|p| p.0));
        let spanned = self.span.into_iter().flat_map(|(low, high)| [low, high]);
        let across = Axis::around(xs().chain(spanned), true);
        let up = Axis::around(self.series.iter().flat_map(|s| s.points.iter().map(|p| p.1)), false);
        let widest = up.ticks().iter().map(|t| up.text(*t).chars().count()).max().unwrap_or(1);
        let left = 24.0 + widest as f64 * CHARACTER;
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let x = |value: f64| left + across.part(value).clamp(0.0, 1.0) * (right - left);
        let y = |value: f64| bottom - up.part(value).clamp(0.0, 1.0) * (bottom - TOP);
        let mut out = open(&self.title, (WIDTH, HEIGHT));
        text(&mut out, (left, 24.0), "title", "start", &self.title);
        self.legend(&mut out, left);
        for tick in up.ticks() {
            let at = y(tick);
            line(&mut out, "grid", (left, at), (right, at));
            text(&mut out, (left - 8.0, at + 4.0), "tick", "end", &up.text(tick));
        }
        for tick in across.ticks() {
            let at = x(tick);
            line(&mut out, "axis", (at, bottom), (at, bottom + 5.0));
            text(&mut out, (at, bottom + 19.0), "tick", "middle", &across.text(tick));
        }
        line(&mut out, "axis", (left, bottom), (right, bottom));
        line(&mut out, "axis", (left, TOP), (left, bottom));
        text(&mut out, (right, bottom + 40.0), "small", "end", &self.x);
        text(&mut out, (left, TOP - 8.0), "small", "start", &self.y);
        if let Some((at, name)) = &self.mark {
            let at = x(*at);
            line(&mut out, "mark", (at, TOP), (at, bottom));
            let room = name.chars().count() as f64 * CHARACTER + 6.0;
            let (side, anchor) = if at + room > right { (-6.0, "end") } else { (6.0, "start") };
            text(&mut out, (at + side, TOP + 12.0), "small", anchor, name);
        }
        for (number, series) in self.series.iter().enumerate().rev() {
            let placed: Vec<(f64, f64)> = series.points.iter().map(|p| (x(p.0), y(p.1))).collect();
            draw(&mut out, number, series, &placed, right);
        }
        out.push_str("</svg>\n");
        out
    }

    fn legend(&self, out: &mut String, left: f64) {
        if self.series.len() < 2 {
            return;
        }
        let mut x = left;
        for (number, series) in self.series.iter().enumerate() {
            line(out, &format!("s{number}"), (x, 38.0), (x + 22.0, 38.0));
            text(out, (x + 28.0, 42.0), "small", "start", &series.name);
            x += 52.0 + series.name.chars().count() as f64 * CHARACTER;
        }
    }
}

fn draw(out: &mut String, number: usize, series: &Series, placed: &[(f64, f64)], right: f64) {
    if series.kind != Kind::Points {
        curve(out, number, series.kind, placed, right);
    }
    if series.kind == Kind::Line {
        return;
    }
    for (at, (x, y)) in placed.iter().enumerate() {
        let words = series.words.get(at).map_or("", String::as_str);
        dot(out, &format!("p{number}"), (*x, *y), 4.0, words);
    }
}

fn curve(out: &mut String, number: usize, kind: Kind, placed: &[(f64, f64)], right: f64) {
    let mut path = String::new();
    for (at, (x, y)) in placed.iter().enumerate() {
        let letter = if at == 0 { 'M' } else { 'L' };
        if kind == Kind::Stairs && at > 0 {
            let _ = write!(path, "H{x:.1}");
        }
        let _ = write!(path, "{letter}{x:.1} {y:.1}");
    }
    if kind == Kind::Stairs && !placed.is_empty() {
        let _ = write!(path, "H{right:.1}");
    }
    let _ = writeln!(out, "<path class=\"s{number}\" d=\"{path}\"/>");
}
