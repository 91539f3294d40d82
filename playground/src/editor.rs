//! What an editor asks: what is wrong, what words are, what can be written, how it is laid out.

use crate::classes::{Word, words};
use crate::found::{Change, Found, found, own_file};
use crate::places::Places;
use eclexia_base::FileId;
use eclexia_db::Analysis;
use eclexia_ide::{Edit, Insert};
use serde::Serialize;

#[derive(Serialize, Debug)]
pub struct Checked {
    pub found: Vec<Found>,
    pub words: Vec<Word>,
}

#[derive(Serialize, Debug)]
pub struct LaidOut {
    /// `None`: the text cannot be read, so it stays as it is.
    pub text: Option<String>,
}

/// The best of what can be written; a page shows no more.
const MOST_ITEMS: usize = 40;

#[derive(Serialize, Default, Debug)]
pub struct Offered {
    /// What has been typed of the word, which an item replaces.
    pub start: u32,
    pub end: u32,
    pub items: Vec<Item>,
}

#[derive(Serialize, Debug)]
pub struct Item {
    pub label: String,
    pub kind: &'static str,
    pub detail: String,
    /// With places to fill in: `${1:name}`, the last `$0`.
    pub insert: String,
    pub is_snippet: bool,
    /// What else changes: the import of its module.
    pub edits: Vec<Change>,
}

/// What is known of a word.
#[derive(Serialize, Debug)]
pub struct Known {
    pub start: u32,
    pub end: u32,
    pub code: String,
    pub doc: Option<String>,
    pub facts: Vec<String>,
}

pub fn check(analysis: &Analysis) -> Checked {
    let mut all = analysis.found.clone();
    let mut coloured = Vec::new();
    if let Some(file) = own_file(&analysis.sources) {
        all.extend(eclexia_ide::lints(analysis, file));
        coloured = words(analysis, file);
    }
    Checked { found: found(all.sorted(), &analysis.sources), words: coloured }
}

pub fn format(text: &str) -> LaidOut {
    let (tree, found) = eclexia_syntax::read(FileId(0), text);
    let text = (!found.has_errors()).then(|| eclexia_syntax::format(text, &tree));
    LaidOut { text }
}

pub fn complete(analysis: &Analysis, at: u32) -> Offered {
    let Some(file) = own_file(&analysis.sources) else { return Offered::default() };
    let places = Places::new(analysis.sources.text(file));
    let Some(found) = eclexia_ide::complete(analysis, file, places.bytes(at)) else {
        return Offered::default();
    };
    let items = found.items.into_iter().take(MOST_ITEMS).map(|item| {
        let (insert, is_snippet) = match item.insert {
            Insert::Text(text) => (text, false),
            Insert::Snippet(text) => (text, true),
        };
        let (label, kind, detail) = (item.label, item.kind.said(), item.detail);
        let edits = item.edits.iter().filter(|edit| edit.span.file == file);
        let edits = edits.map(|edit| changed(edit, &places)).collect();
        Item { label, kind, detail, insert, is_snippet, edits }
    });
    Offered {
        start: places.units(found.span.start),
        end: places.units(found.span.end),
        items: items.collect(),
    }
}

fn changed(edit: &Edit, places: &Places<'_>) -> Change {
    Change {
        start: places.units(edit.span.start),
        end: places.units(edit.span.end),
        replacement: edit.text.clone(),
    }
}

pub fn hover(analysis: &Analysis, at: u32) -> Option<Known> {
    let file = own_file(&analysis.sources)?;
    let places = Places::new(analysis.sources.text(file));
    let known = eclexia_ide::hover(analysis, file, places.bytes(at))?;
    Some(Known {
        start: places.units(known.span.start),
        end: places.units(known.span.end),
        code: known.code,
        doc: known.doc,
        facts: known.facts,
    })
}
