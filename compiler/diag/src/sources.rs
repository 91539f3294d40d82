//! The texts that spans point into: a name and a text per file, line and column look-up.

use eclexia_base::{FileId, SharedMap};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user wrote it, or `<stdlib>/std/list.ecl`, `<repl>`, `<argument>`.
    pub name: String,
    pub text: Arc<str>,
    /// Byte offset of each line's start.
    line_starts: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: SharedMap<FileId, Source>,
}

impl Sources {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(Source::new(name.into(), text.into()))
    }

    /// A file has another text, and keeps its id.
    pub fn replace(&mut self, file: FileId, text: impl Into<Arc<str>>) {
        let name = self.name(file).to_owned();
        self.files.replace(file, Source::new(name, text.into()));
    }

    /// The id that the next [`Sources::add`] will give.
    pub fn next_id(&self) -> FileId {
        FileId(self.files.len() as u32)
    }

    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file)
    }

    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file).map_or("", |s| &s.text)
    }

    pub fn name(&self, file: FileId) -> &str {
        self.files.get(file).map_or("?", |s| &s.name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter()
    }

    /// The files that another state of these has not, or not with this name and text.
    pub fn not_in(&self, other: &Sources) -> impl Iterator<Item = FileId> {
        let is_in = |id: FileId, source: &Source| {
            other.get(id).is_some_and(|its| its.name == source.name && its.text == source.text)
        };
        self.iter().filter(move |(id, source)| !is_in(*id, source)).map(|(id, _)| id)
    }
}

impl Source {
    fn new(name: String, text: Arc<str>) -> Source {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(i, _)| i as u32 + 1)).collect();
        Source { name, text, line_starts }
    }

    /// Line and column of a byte offset, both from 1; columns count characters. An offset past the
    /// end means the end, one inside a character means that character.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset as usize);
        let line = self.line(offset as u32);
        let start = self.line_starts[line - 1] as usize;
        let column = self.text.get(start..offset).map_or(0, |t| t.chars().count());
        (line, column + 1)
    }

    /// The line alone, from 1: the column takes as long as the line is.
    pub fn line(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).max(1)
    }

    /// How many lines there are; a text without a newline is one line.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The text of a line, counted from 1, without its line end; empty past the last line.
    pub fn line_text(&self, line: usize) -> &str {
        let start = |n: usize| self.line_starts.get(n).map(|s| *s as usize);
        let Some(from) = line.checked_sub(1).and_then(start) else { return "" };
        let to = start(line).unwrap_or(self.text.len());
        self.text.get(from..to).unwrap_or("").trim_end_matches(['\r', '\n'])
    }
}
