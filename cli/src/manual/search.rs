//! The index that pages are searched by, as scripts of data: one of the project, one of the
//! library, one of the language and its messages. `search.js` reads them when somebody searches.
//!
//! A line of an index is a JSON array: name, kind, where it belongs, page and anchor, type, words.
//! What always holds: one line for each name, in the order of the pages; equal input, equal bytes.
//! Absent: the text of chapters, which are found by their headings.

use super::module::Module;
use serde_json::json;

pub const SCRIPT: &str = include_str!("search.js");

/// An index that grows by entries.
#[derive(Default)]
pub struct Index(String);

impl Index {
    pub fn add(&mut self, [name, kind, of, to, ty, words]: [&str; 6]) {
        // Scripts are read as such: JSON is JavaScript, and a line is a line.
        self.0.push_str(&format!("{},\n", json!([name, kind, of, to, ty, words])));
    }

    /// The names of a module, whose page is at `page`.
    pub fn module(&mut self, page: &str, module: &Module) {
        self.add([&module.name, "module", "", page, "", &spaced(&module.doc)]);
        for (documented, id) in module.items.iter().zip(module.ids()) {
            let item = &documented.item;
            let (words, _) = documented.words_and_examples();
            let ty = if item.kind == "macro" { "" } else { &item.signature };
            let to = format!("{page}#{id}");
            self.add([&item.name, item.kind, &module.name, &to, &spaced(ty), &spaced(&words)]);
        }
    }

    pub fn script(&self) -> String {
        format!("eclexiaIndex.push(\n{});\n", self.0)
    }
}

/// On one line; the marks of code are none of its words.
fn spaced(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}
