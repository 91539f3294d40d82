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
    let own = edits.iter().filter(|edit| edit.span.file == file);
    let own = own.map(|edit| (edit.span.range(), edit.text.as_str())).collect();
    eclexia_diag::edit::apply(text, own).0
}
