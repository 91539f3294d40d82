//! Places: byte offsets into a text, and lines with a column in the units that the client counts.

use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// What a column counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// The best that a client offers: bytes need no counting. What nobody offers is UTF-16.
    pub fn negotiated<'a>(offered: impl Iterator<Item = &'a str>) -> Encoding {
        let rank = |name: &str| match name {
            "utf-8" => Some(Encoding::Utf8),
            "utf-32" => Some(Encoding::Utf32),
            _ => None,
        };
        offered.filter_map(rank).min_by_key(|e| *e != Encoding::Utf8).unwrap_or(Encoding::Utf16)
    }

    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    pub fn width(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }

    /// How many units a text has.
    pub fn length(self, text: &str) -> u32 {
        match self {
            Encoding::Utf8 => text.len() as u32,
            _ => text.chars().map(|c| self.width(c) as u32).sum(),
        }
    }
}

/// Where the lines of a text begin; `\n`, `\r\n` and `\r` end one.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let is_end = |i: &usize| {
            bytes[*i] == b'\n' || (bytes[*i] == b'\r' && bytes.get(i + 1) != Some(&b'\n'))
        };
        let ends = (0..bytes.len()).filter(is_end);
        Lines { starts: std::iter::once(0).chain(ends.map(|i| i as u32 + 1)).collect() }
    }

    /// The bytes of a line, without its end; a line that there is not is empty at the end.
    fn line<'t>(&self, text: &'t str, line: u32) -> (usize, &'t str) {
        let start = |line: usize| self.starts.get(line).map_or(text.len(), |s| *s as usize);
        let (from, to) = (start(line as usize), start(line as usize + 1));
        (from, text.get(from..to).unwrap_or("").trim_end_matches(['\r', '\n']))
    }

    /// The offset of a place; past the end of its line it is the line's end, within a character
    /// the character's start.
    pub fn offset(&self, text: &str, at: Position, encoding: Encoding) -> usize {
        let (start, line) = self.line(text, at.line);
        let mut left = at.character as usize;
        for (offset, c) in line.char_indices() {
            match left.checked_sub(encoding.width(c)) {
                Some(rest) if left > 0 => left = rest,
                _ => return start + offset,
            }
        }
        start + line.len()
    }

    /// The place of an offset; one within a character is the character's start.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|s| *s as usize <= offset).saturating_sub(1);
        let start = self.starts[line] as usize;
        let before = text.get(start..offset).unwrap_or("");
        Position { line: line as u32, character: encoding.length(before) }
    }

    pub fn range(&self, text: &str, bytes: std::ops::Range<usize>, encoding: Encoding) -> Range {
        let end = bytes.end.max(bytes.start);
        Range {
            start: self.position(text, bytes.start, encoding),
            end: self.position(text, end, encoding),
        }
    }

    /// Bytes between two places; a range that ends before it begins is empty.
    pub fn bytes(&self, text: &str, range: Range, encoding: Encoding) -> std::ops::Range<usize> {
        let start = self.offset(text, range.start, encoding);
        start..self.offset(text, range.end, encoding).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "(def é 1)\r\n\"𝒳y\"\rlast\n";

    #[test]
    fn every_offset_of_a_character_comes_back() {
        let lines = Lines::new(TEXT);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (offset, c) in TEXT.char_indices().filter(|(_, c)| !matches!(c, '\r' | '\n')) {
                let at = lines.position(TEXT, offset, encoding);
                assert_eq!(lines.offset(TEXT, at, encoding), offset, "{c} {encoding:?}");
            }
        }
    }

    #[test]
    fn columns_count_what_was_agreed_on() {
        let lines = Lines::new(TEXT);
        let after = TEXT.find('y').expect("there is one");
        let column = |e| lines.position(TEXT, after, e);
        assert_eq!(column(Encoding::Utf8), Position { line: 1, character: 5 });
        assert_eq!(column(Encoding::Utf16), Position { line: 1, character: 3 });
        assert_eq!(column(Encoding::Utf32), Position { line: 1, character: 2 });
        assert_eq!(lines.position(TEXT, TEXT.len(), Encoding::Utf8).line, 3);
    }

    #[test]
    fn places_that_are_none_are_moved_to_one() {
        let lines = Lines::new(TEXT);
        let offset =
            |line, character| lines.offset(TEXT, Position { line, character }, Encoding::Utf16);
        assert_eq!(offset(0, 99), "(def é 1)".len());
        assert_eq!(offset(9, 0), TEXT.len());
        // Between the two halves of a character of two UTF-16 units.
        assert_eq!(offset(1, 2), TEXT.find('𝒳').expect("there is one"));
        assert_eq!(offset(u32::MAX, u32::MAX), TEXT.len());
    }

    #[test]
    fn bytes_are_preferred_and_utf_16_is_the_default() {
        let chosen = |names: &[&'static str]| Encoding::negotiated(names.iter().copied());
        assert_eq!(chosen(&["utf-16", "utf-32", "utf-8"]), Encoding::Utf8);
        assert_eq!(chosen(&["utf-16", "utf-32"]), Encoding::Utf32);
        assert_eq!(chosen(&["utf-7"]), Encoding::Utf16);
        assert_eq!(chosen(&[]), Encoding::Utf16);
    }
}
