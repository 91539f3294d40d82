//! Edits of texts: what a fix suggests, and how several fixes are made at once.

use crate::Fix;
use eclexia_base::{FileId, Span};
use std::collections::BTreeMap;

/// A text in the place of a span.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Edit {
    pub fn new(span: Span, text: impl Into<String>) -> Edit {
        Edit { span, text: text.into() }
    }

    /// A text at the start of a span, before what stands there.
    pub fn insert(at: Span, text: impl Into<String>) -> Edit {
        Edit::new(Span { end: at.start, ..at }, text)
    }
}

/// The fixes that can be made at once: each whole, and none of which an edit overlaps one of a fix
/// before it. Of equal ones the first.
pub fn together<'f>(fixes: impl IntoIterator<Item = &'f Fix>) -> Vec<&'f Fix> {
    // Where edits of a file end, by where they start.
    let mut taken: BTreeMap<(FileId, u32), u32> = BTreeMap::new();
    let mut chosen = Vec::new();
    for fix in fixes {
        let is_free = |edit: &Edit| {
            let Span { file, start, end } = edit.span;
            let before = taken.range((file, 0)..=(file, start)).next_back();
            let behind = taken.range((file, start)..).next().filter(|((its, _), _)| *its == file);
            before.is_none_or(|((_, at), to)| *to <= start && *at < start)
                && behind.is_none_or(|((_, at), _)| end <= *at && start < *at)
        };
        if fix.edits.iter().all(is_free) {
            taken.extend(
                fix.edits.iter().map(|Edit { span, .. }| ((span.file, span.start), span.end)),
            );
            chosen.push(fix);
        }
    }
    chosen
}

/// The text of a file with its edits made, at one place in their order; those of other files are
/// left out, and so is one that overlaps one before it or is of no whole characters.
pub fn apply<'e>(text: &str, file: FileId, edits: impl IntoIterator<Item = &'e Edit>) -> String {
    let mut own: Vec<&Edit> = edits.into_iter().filter(|edit| edit.span.file == file).collect();
    own.sort_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in own {
        let range = edit.span.range();
        let Some(before) = text.get(at..range.start) else { continue };
        if text.get(range.clone()).is_some() {
            out.push_str(before);
            out.push_str(&edit.text);
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit::new(Span::new(FileId(0), start, end), text)
    }

    #[test]
    fn edits_that_overlap_are_left_out() {
        let edits = [
            edit(6, 6, "!"),
            edit(0, 1, "x"),
            edit(2, 5, "y"),
            edit(4, 6, "z"),
            edit(7, 99, "past the end"),
            Edit::new(Span::new(FileId(1), 0, 7), "of another file"),
        ];
        assert_eq!(apply("abcdefg", FileId(0), &edits), "xbyf!g");
        assert_eq!(apply("é", FileId(0), &[edit(1, 2, "half a character")]), "é");
        assert_eq!(apply("ab", FileId(0), &[edit(1, 1, "y"), edit(1, 1, "x")]), "ayxb");
    }

    #[test]
    fn a_fix_is_made_whole_or_waits() {
        let fix = |title: &str, edits: &[(u32, u32)]| Fix {
            title: title.to_owned(),
            edits: edits.iter().map(|(start, end)| edit(*start, *end, "x")).collect(),
        };
        let fixes = [
            fix("first", &[(2, 4), (8, 9)]),
            fix("around a part of the first", &[(0, 1), (7, 10)]),
            fix("within it", &[(3, 3)]),
            fix("the same", &[(2, 4), (8, 9)]),
            fix("between", &[(4, 8)]),
            fix("at its end", &[(9, 9)]),
            fix("there again", &[(9, 9)]),
        ];
        let titles: Vec<&str> = together(&fixes).iter().map(|fix| &*fix.title).collect();
        assert_eq!(titles, ["first", "between", "at its end"]);
    }
}
