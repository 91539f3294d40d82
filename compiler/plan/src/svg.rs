//! What all pictures share: how wide words are, the colours of light and dark, and how lines and
//! words are written down.

use std::fmt::Write;

/// Width of a character of 12 pixels, about.
pub(crate) const CHARACTER: f64 = 7.4;

/// Of charts, schedules and maps, as files of their own or inside a page.
pub(crate) const STYLE: &str = "\
  svg text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2933}
  svg .title{font-weight:600;font-size:14px}
  svg .small,svg .tick{fill:#52606d}
  .paper{fill:#ffffff}
  .axis{stroke:#52606d;fill:none}
  .grid{stroke:#e4e7eb}
  .s0{stroke:#1f6feb;fill:none;stroke-width:2}
  .s1{stroke:#b7791f;fill:none;stroke-width:1.6;stroke-dasharray:5 4}
  .p0{fill:#1f6feb;stroke:#ffffff}
  .p1{fill:#b7791f;stroke:#ffffff}
  .mark{stroke:#c2410c;stroke-dasharray:2 3}
  .land{fill:#e4e7eb}
  .hour{fill:#b7791f}
  .bar{fill:#1f6feb}
  .other{fill:none;stroke:#52606d;stroke-dasharray:3 2}
  .idle{fill:#9aa5b1;stroke:#ffffff}
  @media (prefers-color-scheme:dark){
    svg text{fill:#e4e7eb}svg .small,svg .tick{fill:#9aa5b1}.paper{fill:#16191d}
    .axis{stroke:#9aa5b1}.grid{stroke:#2b3138}
    .s0{stroke:#6ea8fe}.p0{fill:#6ea8fe;stroke:#16191d}
    .s1{stroke:#e0a458}.p1{fill:#e0a458;stroke:#16191d}.mark{stroke:#fb923c}
    .land{fill:#2b3138}.bar{fill:#6ea8fe}.other{stroke:#9aa5b1}
    .idle{fill:#52606d;stroke:#16191d}
  }
";

pub(crate) fn escaped(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control()).collect::<String>();
    clean.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The beginning of a picture with its title for who cannot see it, and its paper.
pub(crate) fn open(title: &str, (width, height): (f64, f64)) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width:.0}\" height=\"{height:.0}\"/>\n",
        escaped(title)
    )
}

pub(crate) fn line(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ((a, b), (c, d)) = (from, to);
    let _ = writeln!(out, "<path class=\"{class}\" d=\"M{a:.1} {b:.1}L{c:.1} {d:.1}\"/>");
}

/// `anchor`: `start`, `middle` or `end`.
pub(crate) fn text(out: &mut String, (x, y): (f64, f64), class: &str, anchor: &str, words: &str) {
    let _ = writeln!(
        out,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
        escaped(words)
    );
}

/// A rectangle with rounded corners and words that a pointer over it shows.
pub(crate) fn area(
    out: &mut String,
    class: &str,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    words: &str,
) {
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" rx=\"3\"><title>{}</title></rect>",
        escaped(words)
    );
}

/// A dot with words that a pointer over it shows.
pub(crate) fn dot(out: &mut String, class: &str, (x, y): (f64, f64), radius: f64, words: &str) {
    let _ = writeln!(
        out,
        "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{}</title>\
         </circle>",
        escaped(words)
    );
}
