//! The SVG: boxes from `layout`, curves between them, machines in rows below. Sizes follow the
//! number of characters, since nothing here knows fonts; numbers have one decimal.

use super::layout::{GAP_Y, layout};
use super::{Card, cards, edges, machines};
use eclexia_model::{Deployment, Plan, display};
use std::fmt::Write;

const MARGIN: f64 = 24.0;
const LINE: f64 = 17.0;
const CHARACTER: f64 = 7.4;
const PADDING: f64 = 12.0;
const LEAST_WIDTH: f64 = 96.0;
/// Rows of machines break here, or at the width of the graph.
const ROW: f64 = 820.0;

const STYLE: &str = "\
  text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2933}
  .title{font-weight:600;font-size:13px}
  .heading{font-weight:600;fill:#52606d}
  .small{fill:#52606d}
  .service{fill:#eef4fb;stroke:#3b6ea5}
  .job{fill:#fbf3e4;stroke:#b7791f}
  .machine{fill:#f4f6f8;stroke:#9aa5b1}
  .need{fill:none;stroke:#7b8794;stroke-width:1.4}
";

pub(super) fn draw(dep: &Deployment, plan: Option<&Plan>) -> String {
    let cards = cards(dep, plan);
    let sizes: Vec<(f64, f64)> = cards.iter().map(size).collect();
    let edges = edges(dep);
    let pairs: Vec<(usize, usize)> = edges.iter().map(|(a, b, _)| (*a, *b)).collect();
    let placed = layout(&sizes, &pairs);
    let top = MARGIN + LINE * 2.0;
    let mut body = String::new();
    let title = match plan {
        Some(plan) => format!("{}: {}", dep.name, display::money(&plan.totals.cost)),
        None => dep.name.clone(),
    };
    text(&mut body, (MARGIN, MARGIN + LINE * 0.6), "title", &title);
    for (from, to, ports) in &edges {
        let start = (
            MARGIN + placed.x[*from] + sizes[*from].0,
            top + placed.y[*from] + sizes[*from].1 / 2.0,
        );
        let end = (MARGIN + placed.x[*to], top + placed.y[*to] + sizes[*to].1 / 2.0);
        curve(&mut body, start, end, ports);
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
    let title_width = title.chars().count() as f64 * CHARACTER;
    let (w, h) = (width.max(title_width) + 2.0 * MARGIN, height + MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" \
         viewBox=\"0 0 {w:.0} {h:.0}\">\n<style>\n{STYLE}</style>\n"
    );
    out.push_str(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#7b8794\"/></marker>\
         </defs>\n",
    );
    let _ = writeln!(out, "<rect width=\"{w:.0}\" height=\"{h:.0}\" fill=\"#ffffff\"/>");
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

fn size(card: &Card) -> (f64, f64) {
    let texts = std::iter::once(&card.title).chain(&card.lines);
    let longest = texts.map(|t| t.chars().count()).max().unwrap_or(0) as f64;
    let width = (longest * CHARACTER + 2.0 * PADDING).max(LEAST_WIDTH);
    (width, (card.lines.len() + 1) as f64 * LINE + PADDING)
}

fn draw_card(out: &mut String, (x, y): (f64, f64), (w, h): (f64, f64), card: &Card, class: &str) {
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"6\"/>"
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

/// An arrow; one that goes back to the left bows below.
fn curve(out: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), ports: &str) {
    let bend = ((x2 - x1).abs() / 2.0).max(30.0);
    let _ = writeln!(
        out,
        "<path class=\"need\" marker-end=\"url(#tip)\" d=\"M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} \
         {y2:.1} {x2:.1} {y2:.1}\"/>",
        x1 + bend,
        x2 - bend
    );
    if !ports.is_empty() {
        let place = (x2 - 12.0 - ports.chars().count() as f64 * CHARACTER, y2 - 5.0);
        text(out, place, "small", ports);
    }
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

fn escaped(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control()).collect::<String>();
    clean.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
