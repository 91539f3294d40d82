//! Edits of a text: what fixes suggest, made.

use std::ops::Range;

/// A text in the place of a range of bytes.
pub type Edit<'t> = (Range<usize>, &'t str);

/// The text with its edits made, but for those that overlap one before them or are of no whole
/// characters of it; and how many were made.
pub fn apply(text: &str, mut edits: Vec<Edit>) -> (String, usize) {
    edits.sort_by_key(|(range, with)| (range.start, range.end, *with));
    let mut out = String::with_capacity(text.len());
    let (mut at, mut made) = (0, 0);
    for (range, with) in edits {
        let Some(before) = text.get(at..range.start) else { continue };
        if text.get(range.clone()).is_some() {
            out.push_str(before);
            out.push_str(with);
            at = range.end;
            made += 1;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (out, made)
}

#[cfg(test)]
mod tests {
    use super::apply;

    #[test]
    fn edits_that_overlap_wait() {
        let edits =
            vec![(0..1, "x"), (2..5, "y"), (4..6, "z"), (6..6, "!"), (7..99, "past the end")];
        assert_eq!(apply("abcdefg", edits), ("xbyf!g".to_owned(), 3));
        assert_eq!(apply("é", vec![(1..2, "half a character")]), ("é".to_owned(), 0));
    }
}
