//! A program of the manual: its text in colours, and what it promises at the ends of its lines as
//! badges: a value, a type, a message.

use super::frame::escape;
use super::highlight;
use eclexia_diag::catalogue;
use std::fmt::Write;

/// What stands over a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Whether it is accepted or rejected.
    Verdict,
    /// That it raises the message whose page this is.
    Raises,
    Nothing,
}

const MARKS: [&str; 4] = ["; error: ", "; warning: ", "; type: ", "; => "];

pub fn block(text: &str, file: Option<&str>, root: &str, said: Said) -> String {
    let is_rejected = text.lines().any(|line| line.contains("; error: ["));
    let (class, verdict) = match (said, is_rejected) {
        (Said::Nothing, _) => ("program", ""),
        (Said::Raises, _) => ("program rejected", "raises this message"),
        // A part of a program with several files; the last of them has the verdict.
        (Said::Verdict, false) if file.is_some() => ("program", ""),
        (Said::Verdict, true) => ("program rejected", "rejected"),
        (Said::Verdict, false) => ("program accepted", "accepted"),
    };
    let mut html = format!("<div class=\"{class}\">");
    if file.is_some() || !verdict.is_empty() {
        let file =
            file.map_or(String::new(), |f| format!("<span class=\"file\">{}</span>", escape(f)));
        let _ =
            write!(html, "<div class=\"bar\">{file}<span class=\"verdict\">{verdict}</span></div>");
    }
    html.push_str("<pre>");
    html.push_str(&lines(text, root));
    html.push_str("</pre></div>\n");
    html
}

/// The text is highlighted as one, so that strings and comments may go over several lines; the
/// promises are cut out before and put at the ends of their lines again.
fn lines(text: &str, root: &str) -> String {
    let mut code = String::new();
    let mut promises: Vec<Vec<&str>> = Vec::new();
    for line in text.trim_end().lines() {
        let (rest, found) = split(line);
        // A promise alone on its line keeps the line, so that it stays above what it speaks of.
        code.push_str(rest.trim_end());
        code.push('\n');
        promises.push(found);
    }
    let html = highlight::line(&code);
    let mut out = String::new();
    for (line, promises) in html.lines().zip(&promises) {
        out.push_str(line);
        for promise in promises {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push_str("  ");
            }
            out.push_str(&badge(promise, root));
        }
        out.push('\n');
    }
    out
}

/// The program's part of a line, and what it promises.
fn split(line: &str) -> (&str, Vec<&str>) {
    let mut starts: Vec<usize> =
        MARKS.iter().flat_map(|mark| line.match_indices(mark)).map(|(at, _)| at).collect();
    starts.sort_unstable();
    let is_last = |at: &usize| !line[*at..].starts_with("; e") && !line[*at..].starts_with("; w");
    if let Some(last) = starts.iter().position(is_last) {
        starts.truncate(last + 1);
    }
    let code = &line[..starts.first().copied().unwrap_or(line.len())];
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    (code, starts.iter().zip(ends).map(|(from, to)| line[*from..to].trim()).collect())
}

fn badge(promise: &str, root: &str) -> String {
    if let Some(value) = promise.strip_prefix("; => ") {
        return format!("<span class=\"badge value\">⇒ {}</span>", highlight::line(value.trim()));
    }
    if let Some(ty) = promise.strip_prefix("; type: ") {
        return format!("<span class=\"badge type\">: {}</span>", highlight::line(ty.trim()));
    }
    let (class, rest) = match promise.strip_prefix("; error: ") {
        Some(rest) => ("error", rest),
        None => ("warning", promise.trim_start_matches("; warning: ")),
    };
    let (code, words) = rest.trim_start_matches('[').split_once(']').unwrap_or((rest, ""));
    let shown = match catalogue::page(code) {
        Some(_) => format!("<a href=\"{root}messages/{code}.html\">{code}</a>"),
        None => escape(code),
    };
    let words = words.trim().trim_matches('"');
    let words = if words.is_empty() { String::new() } else { format!(" {}", escape(words)) };
    format!("<span class=\"badge {class}\">{shown}{words}</span>")
}

/// A session: what is typed stands out from what is answered.
pub fn console(text: &str) -> String {
    let mut html = String::from("<pre class=\"console\">");
    for line in text.trim_end().lines() {
        let _ = match line.strip_prefix("$ ") {
            Some(typed) => writeln!(html, "<span class=\"typed\">$ {}</span>", escape(typed)),
            None => writeln!(html, "{}", escape(line)),
        };
    }
    html.push_str("</pre>\n");
    html
}
