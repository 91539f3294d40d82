//! The documents that the client has open: their texts are the client's, whatever is on disk.

use crate::position::{Encoding, Lines};
use gen_lsp_types::{TextDocumentContentChangeEvent as Change, Uri};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Clone)]
pub struct Document {
    /// As the client wrote it.
    pub uri: Uri,
    pub version: i32,
    pub text: Arc<str>,
}

/// Cheap to copy: a request keeps those of its moment.
#[derive(Clone, Default)]
pub struct Documents {
    open: Arc<BTreeMap<PathBuf, Document>>,
}

impl Documents {
    pub fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    pub fn open(&mut self, path: PathBuf, document: Document) {
        Arc::make_mut(&mut self.open).insert(path, document);
    }

    pub fn close(&mut self, path: &Path) {
        Arc::make_mut(&mut self.open).remove(path);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.open.iter()
    }

    /// The new text of a document that is open.
    pub fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: Vec<Change>,
        encoding: Encoding,
    ) -> Option<Arc<str>> {
        let document = Arc::make_mut(&mut self.open).get_mut(path)?;
        document.text = changed(&document.text, changes, encoding).into();
        document.version = version;
        Some(Arc::clone(&document.text))
    }

    /// The address of a file, as the client wrote it where it is open.
    pub fn uri(&self, path: &Path) -> Uri {
        self.get(path).map_or_else(|| crate::uri::of_path(path), |document| document.uri.clone())
    }
}

/// A text after changes, each to the text that the one before has made.
fn changed(text: &str, changes: Vec<Change>, encoding: Encoding) -> String {
    let mut text = text.to_owned();
    for change in changes {
        match change {
            Change::TextDocumentContentChangePartial(part) => {
                let bytes = Lines::new(&text).bytes(&text, part.range, encoding);
                text.replace_range(bytes, &part.text);
            }
            Change::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use gen_lsp_types::{
        Position, Range, TextDocumentContentChangePartial, TextDocumentContentChangeWholeDocument,
    };

    fn part(start: (u32, u32), end: (u32, u32), text: &str) -> Change {
        let at = |(line, character)| Position { line, character };
        let range = Range { start: at(start), end: at(end) };
        Change::from(TextDocumentContentChangePartial::new(range, None, text.to_owned()))
    }

    #[test]
    fn each_change_is_to_what_the_one_before_has_made() {
        let changes = vec![
            part((0, 0), (0, 0), "(f)\n"),
            part((1, 0), (1, 3), "(g)"),
            part((0, 1), (0, 2), "h"),
        ];
        assert_eq!(changed("(x)", changes, Encoding::Utf16), "(h)\n(g)");
        let whole = TextDocumentContentChangeWholeDocument::new("new".to_owned());
        let changes = vec![part((0, 0), (0, 1), ""), whole.into(), part((0, 3), (9, 9), "!")];
        assert_eq!(changed("old", changes, Encoding::Utf8), "new!");
    }

    #[test]
    fn a_change_of_places_that_are_none_changes_what_is_nearest() {
        let backwards = vec![part((0, 2), (0, 1), "x")];
        assert_eq!(changed("ab", backwards, Encoding::Utf8), "abx");
        let far = vec![part((7, 7), (8, 8), "x")];
        assert_eq!(changed("ab", far, Encoding::Utf8), "abx");
    }
}
