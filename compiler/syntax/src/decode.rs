//! Bytes in, text out. Total: what is not UTF-8 becomes U+FFFD, one per run of bad bytes. A byte
//! order mark is dropped. All offsets, here and later, are into the text that comes out.

use crate::diagnostics;
use crate::lexer::MAX_FILE_BYTES;
use crate::report::Report;
use crate::tree::Tree;
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostic, Outcome};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Runs of bad bytes that are reported; a file with more is no text at all.
const MAX_RUNS: usize = 5;

/// The text of a file. A file over the size limit has an empty text.
pub fn decode(file: FileId, bytes: &[u8]) -> Outcome<String> {
    let mut report = Report::new();
    if bytes.len() > MAX_FILE_BYTES {
        report.push(diagnostics::file_too_large(file, bytes.len()));
        return (String::new(), report.finish());
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len());
    let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if chunk.invalid().is_empty() {
            continue;
        }
        match runs.last_mut() {
            Some((end, run)) if chunk.valid().is_empty() && *end == text.len() => {
                run.extend_from_slice(chunk.invalid());
            }
            _ => {
                text.push('\u{FFFD}');
                runs.push((text.len(), chunk.invalid().to_vec()));
            }
        }
    }
    for (end, run) in runs.iter().take(MAX_RUNS) {
        let start = end - '\u{FFFD}'.len_utf8();
        let span = Span::new(file, start as u32, *end as u32);
        report.push(diagnostics::invalid_utf8(span, run));
    }
    (text, report.finish())
}

/// Bytes to text and tree at once. What stands for bad bytes is reported as bad bytes only.
pub fn read_bytes(file: FileId, bytes: &[u8]) -> (String, Outcome<Tree>) {
    let (text, mut found) = decode(file, bytes);
    let (tree, read) = crate::read(file, &text);
    let is_text = found.is_empty();
    let is_replaced = |d: &Diagnostic| {
        let written = d.primary.as_ref().and_then(|label| text.get(label.span.range()));
        d.code == diagnostics::UNREADABLE_TEXT && written.is_some_and(|t| t.contains('\u{FFFD}'))
    };
    read.iter().filter(|d| is_text || !is_replaced(d)).for_each(|d| found.push(d.clone()));
    (text, (tree, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_bad_bytes_become_one_replacement_each_with_its_place() {
        let (text, found) = decode(FileId(0), b"\xEF\xBB\xBFab\xFF\xFEc\xC3(");
        assert_eq!(text, "ab\u{FFFD}c\u{FFFD}(");
        let places: Vec<_> =
            found.iter().map(|d| d.primary.as_ref().map(|p| (p.span.start, p.span.end))).collect();
        assert_eq!(places, [Some((2, 5)), Some((6, 9))]);
    }

    #[test]
    fn a_binary_file_gives_few_messages_and_a_huge_one_gives_one() {
        let (_, found) = decode(FileId(0), &b"\xFFa".repeat(1000));
        assert_eq!(found.len(), MAX_RUNS);
        let (text, found) = decode(FileId(0), &vec![b' '; MAX_FILE_BYTES + 1]);
        assert!(text.is_empty());
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), ["file-too-large"]);
    }
}
