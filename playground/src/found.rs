//! Diagnostics for the page: those of its text with their places in it. What stands in the library
//! has no place there, and is said in words.

use crate::places::Places;
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostic, Severity, Sources};
use serde::Serialize;

/// A diagnostic as the page shows it.
#[derive(Serialize, Debug)]
pub struct Found {
    pub code: &'static str,
    pub severity: &'static str,
    pub message: String,
    #[serde(flatten)]
    pub place: Option<Place>,
    /// What is to be seen there.
    pub text: String,
    pub labels: Vec<Label>,
    pub notes: Vec<String>,
    pub help: Option<String>,
    pub fixes: Vec<Fix>,
}

#[derive(Serialize, Clone, Copy, Debug)]
pub struct Place {
    pub start: u32,
    pub end: u32,
    /// Counted from 1.
    pub line: usize,
    pub column: usize,
}

#[derive(Serialize, Debug)]
pub struct Label {
    #[serde(flatten)]
    pub place: Option<Place>,
    pub text: String,
}

/// Edits to be made together, by their places in the text that is there.
#[derive(Serialize, Debug)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Change>,
}

/// A text in the place of another.
#[derive(Serialize, Debug)]
pub struct Change {
    pub start: u32,
    pub end: u32,
    pub replacement: String,
}

/// The file of the page among the sources.
pub fn own_file(sources: &Sources) -> Option<FileId> {
    sources.iter().find(|(_, source)| source.name == crate::FILE).map(|(file, _)| file)
}

/// In the order given.
pub fn found(all: Vec<Diagnostic>, sources: &Sources) -> Vec<Found> {
    let file = own_file(sources);
    let text = file.map_or("", |file| sources.text(file));
    let finder = Finder { file, sources, places: Places::new(text) };
    all.into_iter().map(|diagnostic| finder.found(diagnostic)).collect()
}

struct Finder<'s> {
    file: Option<FileId>,
    sources: &'s Sources,
    places: Places<'s>,
}

impl Finder<'_> {
    fn place(&self, span: Span) -> Option<Place> {
        let source = self.sources.get(span.file).filter(|_| Some(span.file) == self.file)?;
        let (line, column) = source.line_column(span.start);
        let end = span.end.max(span.start);
        Some(Place {
            start: self.places.units(span.start),
            end: self.places.units(end),
            line,
            column,
        })
    }

    fn found(&self, of: Diagnostic) -> Found {
        let severity = match of.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let edit = |edit: eclexia_diag::Edit| {
            let Place { start, end, .. } = self.place(edit.span)?;
            Some(Change { start, end, replacement: edit.text })
        };
        let fix = |fix: eclexia_diag::Fix| {
            let edits = fix.edits.into_iter().map(edit).collect::<Option<_>>()?;
            Some(Fix { title: fix.title, edits })
        };
        let label =
            |label: eclexia_diag::Label| Label { place: self.place(label.span), text: label.text };
        Found {
            code: of.code,
            severity,
            message: of.message,
            place: of.primary.as_ref().and_then(|label| self.place(label.span)),
            text: of.primary.map(|label| label.text).unwrap_or_default(),
            labels: of.labels.into_iter().map(label).collect(),
            notes: of.notes,
            help: of.help,
            fixes: of.fixes.into_iter().filter_map(fix).collect(),
        }
    }
}
