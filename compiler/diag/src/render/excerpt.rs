//! What of a file is shown around some labels: a text as long as the file in lines, with the lines
//! that no label is near left empty, very long lines cut to a window, and places mapped into it.
//!
//! Why not the file itself: ariadne prints a whole line whatever its length (a file may be ten
//! megabytes of `(` on one line), splits lines at characters that end none for us, counts in
//! characters where spans count in bytes, and draws an empty span at a line's start twice. Here
//! every line is its own text, one blank and `\n`: a place past the last character has a character
//! to stand on, and no label is ever empty.

use super::visible_char;
use crate::sources::Source;
use eclexia_base::Span;
use std::collections::BTreeMap;
use std::ops::Range;

/// A line longer than this many characters is cut.
const LONGEST_LINE: usize = 160;
/// How much of a cut line is shown before its first label.
const BEFORE: usize = 50;
/// Unlabelled lines at most this far from a labelled one keep their text: ariadne may show them.
const NEAR: usize = 1;

pub struct Excerpt {
    pub text: String,
    /// Character offset in `text` where each line starts.
    starts: Vec<usize>,
    /// First shown character of each line that was cut, and how many follow it.
    windows: BTreeMap<usize, Range<usize>>,
}

/// A place as line and character column, both from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    line: usize,
    column: usize,
}

fn place(source: &Source, offset: u32) -> Place {
    let (line, column) = source.line_column(offset);
    // A place on the line end itself (`\n`, or either half of `\r\n`) is the end of the text.
    let longest = source.line_text(line).chars().count();
    Place { line: line - 1, column: (column - 1).min(longest) }
}

impl Excerpt {
    pub fn new(source: &Source, spans: &[Span]) -> Excerpt {
        let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
        for span in spans {
            for offset in [span.start, span.end.max(span.start)] {
                let at = place(source, offset);
                let first = columns.entry(at.line).or_insert(at.column);
                *first = (*first).min(at.column);
            }
        }
        let mut excerpt =
            Excerpt { text: String::new(), starts: Vec::new(), windows: BTreeMap::new() };
        let mut offset = 0;
        // A file of half a million lines is not copied for a label near its start.
        let last = columns.last_key_value().map_or(0, |(line, _)| *line) + 2 * NEAR;
        for line in 0..source.line_count().min(last + 1) {
            excerpt.starts.push(offset);
            let near = line.saturating_sub(NEAR)..=line + NEAR;
            if columns.range(near).next().is_some() {
                let first = columns.get(&line).copied().unwrap_or(0);
                offset += excerpt.push_line(line, source.line_text(line + 1), first);
            }
            excerpt.text.push_str(" \n");
            offset += 2;
        }
        excerpt
    }

    /// Adds a line's text, cut where it is too long, and gives its length in characters.
    fn push_line(&mut self, line: usize, text: &str, first: usize) -> usize {
        let shown = text.chars().map(visible_char);
        let length = text.chars().count();
        if length <= LONGEST_LINE {
            self.text.extend(shown);
            return length;
        }
        let from = first.saturating_sub(BEFORE);
        let window = from..(from + LONGEST_LINE).min(length);
        self.text.push('…');
        self.text.extend(shown.skip(window.start).take(window.len()));
        self.text.push('…');
        let shown_length = window.len() + 2;
        self.windows.insert(line, window);
        shown_length
    }

    /// The characters of the excerpt that a span covers: never none, never out of the text.
    pub fn range(&self, source: &Source, span: Span) -> Range<usize> {
        let start = self.offset(place(source, span.start));
        let end = self.offset(place(source, span.end.max(span.start)));
        start..end.max(start + 1)
    }

    fn offset(&self, at: Place) -> usize {
        let start = self.starts.get(at.line).copied().unwrap_or(0);
        match self.windows.get(&at.line) {
            None => start + at.column,
            // One more for the mark of the cut; what lies outside is at the mark.
            Some(window) => {
                start + (at.column + 1).clamp(window.start, window.end + 1) - window.start
            }
        }
    }

    /// Character offset in the excerpt where a line starts, counted from 0.
    pub fn line_start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(0)
    }

    /// Whether the columns of the excerpt's line are not those of the file.
    pub fn is_cut_at(&self, source: &Source, offset: u32) -> bool {
        self.windows.contains_key(&place(source, offset).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;
    use eclexia_base::FileId;

    fn excerpt_of(text: &str, start: u32, end: u32) -> (Excerpt, String) {
        let mut sources = Sources::new();
        let span = Span::new(sources.add("a", text), start, end);
        let source = sources.get(FileId(0)).expect("the file was just added");
        let excerpt = Excerpt::new(source, &[span]);
        let range = excerpt.range(source, span);
        let covered = excerpt.text.chars().skip(range.start).take(range.len()).collect();
        (excerpt, covered)
    }

    #[test]
    fn a_span_covers_the_same_characters_as_in_the_file() {
        assert_eq!(excerpt_of("é(ab)\r\n(c ü)\n", 2, 6).1, "(ab)");
        assert_eq!(excerpt_of("é(ab)\r\n(c ü)\n", 8, 14).1, "(c ü)");
    }

    #[test]
    fn an_empty_span_has_a_character_to_stand_on() {
        assert_eq!(excerpt_of("ab\ncd\n", 2, 2).1, " ");
        assert_eq!(excerpt_of("ab\ncd\n", 6, 6).1, " ");
        assert_eq!(excerpt_of("", 0, 0).1, " ");
        assert_eq!(excerpt_of("ab\ncd", 3, 3).1, "c");
    }

    #[test]
    fn lines_far_from_every_label_are_not_kept() {
        let (excerpt, covered) = excerpt_of("one\ntwo\nthree\nfour\nfive", 4, 7);
        assert_eq!(covered, "two");
        assert_eq!(excerpt.text, "one \ntwo \nthree \n \n");
    }

    #[test]
    fn a_very_long_line_is_cut_around_its_first_label() {
        let text = format!("{}x{}", "(".repeat(5_000_000), ")".repeat(5_000_000));
        let (excerpt, covered) = excerpt_of(&text, 5_000_000, 5_000_001);
        assert_eq!(covered, "x");
        assert!(excerpt.text.chars().count() < 300);
        assert_eq!(excerpt_of(&text, 5_000_000, 9_000_000).1.chars().count(), 110);
    }

    #[test]
    fn a_span_that_means_nothing_is_clamped() {
        assert_eq!(excerpt_of("héy", 2, 2).1, "é");
        assert_eq!(excerpt_of("héy", 900, 3).1, " ");
    }
}
