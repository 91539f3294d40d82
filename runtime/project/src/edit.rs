//! Edits of a manifest's text that leave the rest of it as its author wrote it.

use crate::manifest::Given;
use crate::source::Pick;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

/// The text with a dependency added or replaced; `None` where the text is no manifest.
pub fn add(text: &str, name: &str, given: &Given, requires: Option<&str>) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let mut value = InlineTable::new();
    match given {
        Given::Path(path) => drop(value.insert("path", Value::from(path))),
        Given::Git { url, pick, folder } => {
            value.insert("git", Value::from(url));
            let named = match pick {
                Pick::Version => None,
                Pick::Tag(name) => Some(("tag", name)),
                Pick::Branch(name) => Some(("branch", name)),
                Pick::Commit(id) => Some(("commit", id)),
            };
            if let Some((key, name)) = named {
                value.insert(key, Value::from(name));
            }
            if !folder.is_empty() {
                value.insert("folder", Value::from(folder));
            }
        }
    }
    if let Some(requires) = requires {
        value.insert("version", Value::from(requires));
    }
    let table = document.entry("dependencies").or_insert(Item::Table(Table::new()));
    let table = table.as_table_like_mut()?;
    match table.get_mut(name) {
        Some(item) => *item = Item::Value(Value::InlineTable(value)),
        None => drop(table.insert(name, Item::Value(Value::InlineTable(value)))),
    }
    Some(document.to_string())
}

#[test]
fn an_added_dependency_leaves_the_rest_as_it_was() {
    let text = "# Mine.\n[package]\nname = \"a\" # so\nversion = \"1.0.0\"\n";
    let path = Given::Path("../web".to_owned());
    let added = add(text, "web", &path, None).expect("it is a manifest");
    assert_eq!(added, format!("{text}\n[dependencies]\nweb = {{ path = \"../web\" }}\n"));
    let other = add(&added, "web", &path, Some("^1")).expect("it is a manifest");
    assert!(other.ends_with("web = { path = \"../web\", version = \"^1\" }\n"), "{other}");
    assert!(add("]", "web", &path, None).is_none());
}
