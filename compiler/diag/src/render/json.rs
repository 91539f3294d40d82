//! One JSON object per diagnostic and line, for programs; `format` names the shape and its version.
//!
//! Lines and columns count from 1 and columns count characters; `start` and `end` are byte offsets,
//! half open, as in the text that was read. Where a diagnostic has no place, the seven fields of a
//! place are absent. Fields may be added under the same version; none changes its meaning.

use super::word;
use crate::{Diagnostic, Sources};
use eclexia_base::Span;
use serde::Serialize;

/// The shape and version that every object names.
pub const FORMAT: &str = "eclexia-diagnostic/2";

#[derive(Serialize)]
struct Record<'a> {
    format: &'static str,
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    /// What is to be seen at the primary place.
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    labels: Vec<Label<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    /// To be made together.
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

impl<'a> Place<'a> {
    fn new(span: Span, sources: &'a Sources) -> Place<'a> {
        let end = span.end.max(span.start);
        let at = |offset| sources.get(span.file).map_or((1, 1), |s| s.line_column(offset));
        let ((line, column), (end_line, end_column)) = (at(span.start), at(end));
        let file = sources.name(span.file);
        Place { file, line, column, end_line, end_column, start: span.start, end }
    }
}

/// Every diagnostic as one line of JSON, in the order given, each ended by a newline.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        // Strings and numbers only: this cannot fail, and a line less is better than a panic.
        if let Ok(text) = serde_json::to_string(&record(diagnostic, sources)) {
            out.push_str(&text);
            out.push('\n');
        }
    }
    out
}

fn record<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Record<'a> {
    let labels = diagnostic.labels.iter();
    let edits = |fix: &'a crate::Fix| {
        let edit = |edit: &'a crate::Edit| Edit {
            place: Place::new(edit.span, sources),
            replacement: &edit.text,
        };
        fix.edits.iter().map(edit).collect()
    };
    Record {
        format: FORMAT,
        code: diagnostic.code,
        severity: word(diagnostic.severity),
        message: &diagnostic.message,
        place: diagnostic.primary.as_ref().map(|p| Place::new(p.span, sources)),
        text: diagnostic.primary.as_ref().map_or("", |p| &p.text),
        labels: labels
            .map(|l| Label { place: Place::new(l.span, sources), text: &l.text })
            .collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fixes: diagnostic.fixes.iter().map(|f| Fix { title: &f.title, edits: edits(f) }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::FileId;

    #[test]
    fn a_record_carries_places_labels_and_fixes() {
        let mut sources = Sources::new();
        let file = sources.add("a.ecl", "(def é 1)\n(f é)\n");
        let diagnostic = Diagnostic::error("unknown-name", Span::new(file, 12, 13), "no `f`")
            .here("not defined")
            .label(Span::new(file, 5, 7), "defined here")
            .note("names are looked up in the module first")
            .help("write `g`")
            .fix("write `g`", Span::new(file, 12, 13), "g");
        let text = json(&[diagnostic], &sources);
        let value: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
        assert_eq!(value["format"], FORMAT);
        assert_eq!((&value["line"], &value["column"]), (&2.into(), &2.into()));
        assert_eq!((&value["start"], &value["end"]), (&12.into(), &13.into()));
        assert_eq!(value["labels"][0]["end_column"], 7);
        assert_eq!(value["fixes"][0]["edits"][0]["replacement"], "g");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn an_absent_place_leaves_its_fields_out_and_an_odd_one_is_clamped() {
        let sources = Sources::new();
        let gone = Diagnostic::without_place("missing-file", "there is no\nfile");
        let odd = Diagnostic::warning("odd", Span::new(FileId(3), 9, 2), "backwards");
        let text = json(&[gone, odd], &sources);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            r#"{"format":"eclexia-diagnostic/2","code":"missing-file","severity":"error","#
                .to_string()
                + r#""message":"there is no\nfile","labels":[],"notes":[],"help":null,"fixes":[]}"#
        );
        assert!(lines[1].contains(r#""file":"?","line":1,"column":1"#), "{}", lines[1]);
    }
}
