//! The SVG: boxes from `layout`, curves between them, machines in rows below. Sizes follow the
//! number of characters, since nothing here knows fonts; numbers have one decimal.

use super::layout::{GAP_Y, layout};
use super::{Card, cards, edges, machines};
use crate::svg::{CHARACTER, escaped};
use eclexia_model::{Deployment, Plan, display};
use std::fmt::Write;

const MARGIN: f64 = 24.0;
const LINE: f64 = 17.0;
const TITLE_CHARACTER: f64 = 8.8;
const PADDING: f64 = 12.0;
const LEAST_WIDTH: f64 = 96.0;
/// Rows of machines break here, or at the width of the graph.
const ROW: f64 = 820.0;

const STYLE: &str = "\
  text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2933}
  .title{font-weight:600;font-size:13px}
  .heading{font-weight:600;fill:#52606d}
  .small{fill:#52606d}
  .port{fill:#52606d;stroke:#ffffff;stroke-width:4px;paint-order:stroke}
  .service{fill:#eef4fb;stroke:#3b6ea5}
  .job{fill:#fbf3e4;stroke:#b7791f}
  .machine{fill:#f4f6f8;stroke:#9aa5b1}
  .need{fill:none;stroke:#7b8794;stroke-width:1.4}
  .tip{fill:#7b8794}
  .paper{fill:#ffffff}
  @media (prefers-color-scheme:dark){
    text{fill:#e4e7eb}.heading,.small{fill:#9aa5b1}
    .port{fill:#9aa5b1;stroke:#16191d}
    .service{fill:#1c2a3a;stroke:#6ea8fe}
    .job{fill:#33291a;stroke:#e0a458}
    .machine{fill:#20262d;stroke:#52606d}
    .paper{fill:#16191d}
  }
";

pub(super) fn draw(dep: &Deployment, plan: Option<&Plan>) -> String {
    let cards = cards(dep, plan);
    let sizes: Vec<(f64, f64)> = cards.iter().map(size).collect();
    let edges = edges(dep);
    let pairs: Vec<(usize, usize)> = edges.iter().map(|(a, b, _)| (*a, *b)).collect();
    let placed = layout(&sizes, &pairs);
    let top = MARGIN + LINE * 2.0;
    let mut body = String::new();
    let mut labels = Vec::new();
    let title = match plan {
        Some(plan) => format!("{}: {}", dep.name, display::money(&plan.totals.cost)),
        None => dep.name.clone(),
    };
    text(&mut body, (MARGIN, MARGIN + LINE * 0.6), "title", &title);
    for ((from, to, ports), way) in edges.iter().zip(&placed.ways) {
        let start = (
            MARGIN + placed.x[*from] + sizes[*from].0,
            top + placed.y[*from] + sizes[*from].1 / 2.0,
        );
        let end = (MARGIN + placed.x[*to], top + placed.y[*to] + sizes[*to].1 / 2.0);
        let way: Vec<(f64, f64)> = way.iter().map(|(x, y)| (MARGIN + x, top + y)).collect();
        curve(&mut body, start, &way, end);
        labels.push((end, ports));
    }
    for ((x, y), ports) in labels {
        let place = (x - 12.0 - ports.chars().count() as f64 * CHARACTER, y - 5.0);
        text(&mut body, place, "port", ports);
    }
    for (i, card) in cards.iter().enumerate() {
        let class = if card.job { "job" } else { "service" };
        draw_card(&mut body, (MARGIN + placed.x[i], top + placed.y[i]), sizes[i], card, class);
    }
    let mut width = placed.width;
    let mut height = top + placed.height;
    if let Some(plan) = plan.filter(|p| !p.nodes.is_empty()) {
        let (w, h) = machine_rows(&mut body, plan, height + GAP_Y * 1.5, width.max(ROW));
        width = width.max(w);
        height = h;
    }
    let title_width = title.chars().count() as f64 * TITLE_CHARACTER;
    let (w, h) = (width.max(title_width) + 2.0 * MARGIN, height + MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" \
         viewBox=\"0 0 {w:.0} {h:.0}\">\n<style>\n{STYLE}</style>\n"
    );
    out.push_str(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker>\
         </defs>\n",
    );
    let _ = writeln!(out, "<rect width=\"{w:.0}\" height=\"{h:.0}\" class=\"paper\"/>");
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

fn size(card: &Card) -> (f64, f64) {
    let longest = card.lines.iter().map(|t| t.chars().count()).max().unwrap_or(0) as f64;
    let title = card.title.chars().count() as f64 * TITLE_CHARACTER;
    let width = (title.max(longest * CHARACTER) + 2.0 * PADDING).max(LEAST_WIDTH);
    (width, (card.lines.len() + 1) as f64 * LINE + PADDING)
}

fn draw_card(out: &mut String, (x, y): (f64, f64), (w, h): (f64, f64), card: &Card, class: &str) {
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" \
         height=\"{h:.1}\" rx=\"6\"/>"
    );
    text(out, (x + PADDING, y + LINE), "title", &card.title);
    for (k, line) in card.lines.iter().enumerate() {
        text(out, (x + PADDING, y + LINE * (k + 2) as f64), "small", line);
    }
}

fn text(out: &mut String, (x, y): (f64, f64), class: &str, text: &str) {
    let _ =
        writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text));
}

/// An arrow through the points of its way, level at each.
fn curve(out: &mut String, start: (f64, f64), way: &[(f64, f64)], end: (f64, f64)) {
    let mut path = format!("M{:.1} {:.1}", start.0, start.1);
    let mut from = start;
    for &(x, y) in way.iter().chain([&end]) {
        let bend = ((x - from.0).abs() / 2.0).max(20.0);
        let (x1, x2, y1) = (from.0 + bend, x - bend, from.1);
        let _ = write!(path, "C{x1:.1} {y1:.1} {x2:.1} {y:.1} {x:.1} {y:.1}");
        from = (x, y);
    }
    let _ = writeln!(out, "<path class=\"need\" marker-end=\"url(#tip)\" d=\"{path}\"/>");
}

/// Machines left to right, wrapped; returns the width and the lower edge.
fn machine_rows(out: &mut String, plan: &Plan, top: f64, most: f64) -> (f64, f64) {
    text(out, (MARGIN, top + LINE * 0.6), "heading", "machines");
    let (mut x, mut y) = (0.0, top + LINE * 1.3);
    let (mut row, mut width) = (0.0f64, 0.0f64);
    for card in machines(plan) {
        let size = size(&card);
        if x > 0.0 && x + size.0 > most {
            x = 0.0;
            y += row + GAP_Y;
            row = 0.0;
        }
        draw_card(out, (MARGIN + x, y), size, &card, "machine");
        x += size.0 + GAP_Y;
        width = width.max(x - GAP_Y);
        row = row.max(size.1);
    }
    (width, y + row)
}
