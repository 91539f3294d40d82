//! Our diagnostics as the protocol's: the message stands alone on its first line; what is to be
//! seen at the place, notes and help are below it; labels are related places; the code links to its
//! page; fixes travel along as data. What the client does not show is left out.

use crate::client::{Client, Shows};
use crate::position::{Encoding, Lines};
use crate::snapshot::path_of;
use crate::uri;
use eclexia_base::{FileId, Span};
use eclexia_diag::{self as diag, Diagnostics, Severity, Sources};
use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, Location, Message, Position, Range, Uri,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// By the files that they are in.
pub type Found = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// Where the page of a code is.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/diagnostics/");

/// What these begin with says that something need not be there; editors grey it out.
const UNNECESSARY: [&str; 3] = ["unused-", "unreachable-", "redundant-"];

/// What these say is about style alone: shown, and not counted among what is wrong.
const HINTS: [&str; 2] = ["redundant-do", "shadowed-name"];

/// The place of spans, with the lines of each file counted once.
pub struct Places<'s> {
    sources: &'s Sources,
    encoding: Encoding,
    lines: BTreeMap<FileId, Lines>,
}

impl<'s> Places<'s> {
    pub fn new(sources: &'s Sources, encoding: Encoding) -> Places<'s> {
        Places { sources, encoding, lines: BTreeMap::new() }
    }

    pub fn range(&mut self, span: Span) -> Range {
        let text = self.sources.text(span.file);
        let lines = self.lines.entry(span.file).or_insert_with(|| Lines::new(text));
        lines.range(text, span.range(), self.encoding)
    }

    fn location(&mut self, span: Span) -> Location {
        let path = path_of(self.sources.name(span.file));
        Location { uri: uri::of_path(&path), range: self.range(span) }
    }
}

/// All of them by file, in the order of the text; what has no place stands at the beginning of the
/// first file.
pub fn found(found: &Diagnostics, sources: &Sources, client: &Client) -> Found {
    let mut places = Places::new(sources, client.encoding);
    let mut by_file = Found::new();
    for diagnostic in found.clone().sorted() {
        let file = diagnostic.primary.as_ref().map(|label| label.span.file);
        let Some(file) = file.or_else(|| sources.iter().next().map(|(id, _)| id)) else { continue };
        let shown = shown(&diagnostic, &mut places, client.diagnostics);
        let of_file = by_file.entry(path_of(sources.name(file))).or_default();
        // A file that is imported by two names is read twice.
        if !of_file.contains(&shown) {
            of_file.push(shown);
        }
    }
    by_file
}

fn shown(diagnostic: &diag::Diagnostic, places: &mut Places, shows: Shows) -> Diagnostic {
    let start = Position { line: 0, character: 0 };
    let nowhere = Range { start, end: start };
    let range = diagnostic.primary.as_ref().map_or(nowhere, |label| places.range(label.span));
    let labels = diagnostic.labels.iter().filter(|_| shows.related);
    let related = labels.map(|label| DiagnosticRelatedInformation {
        location: places.location(label.span),
        message: label.text.clone(),
    });
    let related: Vec<_> = related.collect();
    let is_unnecessary =
        shows.unnecessary && UNNECESSARY.iter().any(|start| diagnostic.code.starts_with(start));
    Diagnostic {
        range,
        severity: Some(match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning if HINTS.contains(&diagnostic.code) => DiagnosticSeverity::Hint,
            Severity::Warning => DiagnosticSeverity::Warning,
        }),
        code: Some(Code::from(diagnostic.code.to_owned())),
        code_description: shows
            .page
            .then(|| CodeDescription { href: Uri(format!("{PAGES}{}.md", diagnostic.code)) }),
        source: Some("eclexia".to_owned()),
        message: Message::String(text(diagnostic)),
        tags: is_unnecessary.then(|| vec![DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        data: data(diagnostic, places).filter(|_| shows.data),
    }
}

fn text(diagnostic: &diag::Diagnostic) -> String {
    let here = diagnostic.primary.iter().map(|label| label.text.as_str());
    let notes = diagnostic.notes.iter().map(String::as_str);
    let below = here.chain(notes).chain(diagnostic.help.as_deref()).filter(|text| !text.is_empty());
    std::iter::once(diagnostic.message.as_str()).chain(below).collect::<Vec<_>>().join("\n")
}

/// The fixes as edits, for clients that apply them without asking.
fn data(diagnostic: &diag::Diagnostic, places: &mut Places) -> Option<serde_json::Value> {
    let mut edit = |edit: &diag::Edit| {
        let location = places.location(edit.span);
        serde_json::json!({"location": location, "newText": edit.text})
    };
    let fixes = diagnostic.fixes.iter().map(|fix| {
        let edits: Vec<_> = fix.edits.iter().map(&mut edit).collect();
        serde_json::json!({"title": fix.title, "edits": edits})
    });
    let fixes: Vec<_> = fixes.collect();
    (!fixes.is_empty()).then(|| serde_json::json!({ "fixes": fixes }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_diagnostic_keeps_its_places_and_stands_on_one_line() {
        let mut sources = Sources::new();
        let file = sources.add("/a.ecl", "(def é 1)\n(f é)\n");
        let written =
            diag::Diagnostic::warning("unused-binding", Span::new(file, 12, 13), "no use")
                .here("never read")
                .label(Span::new(file, 5, 7), "defined here")
                .note("a note")
                .help("Take it out.")
                .fix("take it out", Span::new(file, 12, 13), "");
        let can = json!({"relatedInformation": true, "codeDescriptionSupport": true,
            "dataSupport": true, "tagSupport": {"valueSet": [1]}});
        let can = json!({"capabilities": {"textDocument": {"publishDiagnostics": can}}});
        let all = found(&written.clone().into(), &sources, &Client::new(&can));
        let [only] = &all[&PathBuf::from("/a.ecl")][..] else { panic!("one diagnostic") };
        let value = serde_json::to_value(only).expect("plain data");
        let all = found(&written.into(), &sources, &Client::new(&json!({})));
        let plain = serde_json::to_value(&all[&PathBuf::from("/a.ecl")][0]).expect("plain data");
        for key in ["tags", "relatedInformation", "codeDescription", "data"] {
            assert_eq!(plain.get(key), None, "{key} is shown to who cannot show it");
        }
        assert_eq!(value["message"], "no use\nnever read\na note\nTake it out.");
        assert_eq!(value["range"]["start"], serde_json::json!({"line": 1, "character": 1}));
        assert_eq!(value["severity"], 2);
        assert_eq!(value["tags"], serde_json::json!([1]));
        assert_eq!(value["relatedInformation"][0]["location"]["range"]["end"]["character"], 6);
        assert_eq!(value["data"]["fixes"][0]["edits"][0]["newText"], "");
        let href = value["codeDescription"]["href"].as_str().expect("a link");
        assert!(href.ends_with("/docs/diagnostics/unused-binding.md"), "{href}");
    }
}
