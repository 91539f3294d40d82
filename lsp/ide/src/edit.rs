//! Edits: texts in the place of spans.

use eclexia_base::Span;

/// A text in the place of a span.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Edit {
    pub fn new(span: Span, text: impl Into<String>) -> Edit {
        Edit { span, text: text.into() }
    }

    /// A text at an offset, before what stands there.
    pub fn insert(at: Span, text: impl Into<String>) -> Edit {
        Edit::new(Span { end: at.start, ..at }, text)
    }
}

/// The text of a file with its edits made; edits of other files, and one that overlaps another
/// before it, are left out.
pub fn apply(text: &str, file: eclexia_base::FileId, edits: &[Edit]) -> String {
    let mut own: Vec<&Edit> = edits.iter().filter(|edit| edit.span.file == file).collect();
    own.sort();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for edit in own {
        let range = edit.span.range();
        if let Some(before) = text.get(from..range.start) {
            out.push_str(before);
            out.push_str(&edit.text);
            from = range.end.max(range.start);
        }
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}
