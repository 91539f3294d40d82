//! The texts that spans point into: a name and a text per file, line and column look-up.

use eclexia_base::{FileId, IdMap};
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
    files: IdMap<FileId, Source>,
}

impl Sources {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text: Arc<str> = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(i, _)| i as u32 + 1)).collect();
        self.files.push(Source { name: name.into(), text, line_starts })
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
}

impl Source {
    /// Line and column of a byte offset, both from 1; columns count characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let offset = (offset as usize).min(self.text.len());
        let line = self.line_starts.partition_point(|s| *s as usize <= offset).saturating_sub(1);
        let start = self.line_starts[line] as usize;
        let column = self.text.get(start..offset).map_or(0, |t| t.chars().count());
        (line + 1, column + 1)
    }
}
