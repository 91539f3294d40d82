//! Interned names. A `Name` is compared and hashed as a number and ordered as text, so sorted
//! output never depends on the order of interning. The table lives as long as the process.

use crate::FxHashMap;
use std::cmp::Ordering;
use std::fmt;
use std::sync::{OnceLock, RwLock};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(u32);

#[derive(Default)]
struct Table {
    ids: FxHashMap<&'static str, u32>,
    texts: Vec<&'static str>,
}

fn table() -> &'static RwLock<Table> {
    static TABLE: OnceLock<RwLock<Table>> = OnceLock::new();
    TABLE.get_or_init(RwLock::default)
}

impl Name {
    /// Interns `text`.
    pub fn new(text: &str) -> Name {
        let read = table().read().unwrap_or_else(|e| e.into_inner());
        if let Some(&id) = read.ids.get(text) {
            return Name(id);
        }
        drop(read);
        let mut write = table().write().unwrap_or_else(|e| e.into_inner());
        if let Some(&id) = write.ids.get(text) {
            return Name(id);
        }
        let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
        let id = write.texts.len() as u32;
        write.texts.push(kept);
        write.ids.insert(kept, id);
        Name(id)
    }

    /// A small number, dense over the names interned so far: for tables indexed by name.
    pub fn id(self) -> u32 {
        self.0
    }

    /// The name of a number that [`Name::id`] gave.
    pub fn from_id(id: u32) -> Option<Name> {
        let read = table().read().unwrap_or_else(|e| e.into_inner());
        ((id as usize) < read.texts.len()).then_some(Name(id))
    }

    pub fn as_str(self) -> &'static str {
        table().read().unwrap_or_else(|e| e.into_inner()).texts[self.0 as usize]
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0 == other.0 { Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
