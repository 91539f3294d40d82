//! The pages of the reader's codes: the example raises exactly that code, the fix is clean.
#![expect(clippy::disallowed_methods, reason = "a test reads, and blesses, its data")]

use eclexia_base::FileId;
use eclexia_syntax::read;
use std::path::Path;

const CODES: [&str; 12] = [
    "unreadable-text",
    "unterminated-string",
    "unterminated-comment",
    "bad-escape",
    "malformed-number",
    "number-out-of-range",
    "quotation-reserved",
    "missing-form",
    "unclosed-bracket",
    "unmatched-bracket",
    "mismatched-bracket",
    "nesting-too-deep",
];

#[test]
fn each_example_raises_its_code_and_each_fix_reads_without_a_mistake() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    for code in CODES {
        let path = folder.join(format!("{code}.md"));
        let page = std::fs::read_to_string(path).expect("each code has a page");
        let blocks: Vec<&str> = page
            .split("\n```ecl\n")
            .skip(1)
            .map(|b| b.split_once("\n```").map_or(b, |(block, _)| block))
            .collect();
        let [example, fix] = blocks[..] else { panic!("{code}: not two blocks") };
        let (_, found) = read(FileId(0), example);
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [code], "{found:?}");
        let (_, left) = read(FileId(0), fix);
        assert!(left.is_empty(), "{code}: {left:?}");
    }
}
