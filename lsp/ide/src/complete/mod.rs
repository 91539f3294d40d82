//! Completion: what can be written at an offset.
//!
//! Comes in: an analysis of a text that may be broken around the cursor. Goes out: items in the
//! order of their use, each with its kind, type and documentation, and with further edits where the
//! name has to be imported first. What may stand there is told by the tree alone ([`slot`]); what
//! is offered there by the program ([`offer`], [`fields`], [`library`]).

mod fields;
mod library;
mod offer;
mod slot;
mod template;

use crate::describe::Kind;
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;
use eclexia_diag::Edit;
use slot::{Slot, slot};

pub(crate) use library::exporting;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    pub label: String,
    pub kind: Kind,
    /// Its type, in one line.
    pub detail: String,
    pub doc: Option<String>,
    pub insert: Insert,
    /// What else changes: the import of its module.
    pub edits: Vec<Edit>,
    /// Smaller stands first.
    pub rank: u32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Insert {
    Text(String),
    /// With places to fill in: `${1:name}`, the last `$0`.
    Snippet(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completions {
    /// What has been typed of the word, which the item replaces.
    pub span: Span,
    pub items: Vec<Completion>,
}

/// The most items of one answer; what is typed next makes them fewer.
pub const MAX_ITEMS: usize = 300;

/// `None`: nothing can be written there: in a comment, in a string, past the end.
pub fn complete(analysis: &Analysis, file: FileId, offset: u32) -> Option<Completions> {
    let slot = slot(analysis, file, offset)?;
    let mut items = match &slot.wants {
        slot::Wants::Unit => offer::units(analysis, &slot),
        slot::Wants::Field => fields::accesses(analysis, &slot),
        slot::Wants::Key => fields::keys(analysis, &slot),
        slot::Wants::Module => offer::modules(analysis, &slot),
        slot::Wants::Imported(module) => offer::exports(analysis, *module),
        slot::Wants::Qualified(prefix) => offer::qualified(analysis, &slot, *prefix),
        slot::Wants::Type => offer::types(analysis, &slot),
        slot::Wants::Interface => offer::interfaces(analysis, &slot),
        slot::Wants::Constructor => offer::constructors(analysis, &slot),
        slot::Wants::Value => offer::values(analysis, &slot),
        slot::Wants::Definition => offer::definitions(analysis, &slot),
        slot::Wants::Cost => offer::costs(analysis, &slot),
        slot::Wants::Signed => offer::own(analysis, &slot),
        slot::Wants::Method => offer::methods(analysis, &slot),
        slot::Wants::NewName => Vec::new(),
    };
    keep(&slot, &mut items);
    Some(Completions { span: slot.span, items })
}

/// Those that fit what has been typed, the best first.
fn keep(slot: &Slot, items: &mut Vec<Completion>) {
    let typed = slot.typed.trim_start_matches([':', '.']);
    items.retain_mut(|item| {
        let label = item.label.trim_start_matches([':', '.']);
        match crate::fuzzy::rank(label, typed) {
            Some(fit) => {
                // `kWh` before `KiB` for `k`.
                let is_other_case = !label.starts_with(typed);
                item.rank += u32::from(fit) * 1000 + u32::from(is_other_case) * 500;
                true
            }
            None => false,
        }
    });
    items.sort_by(|a, b| (a.rank, &a.label, a.kind).cmp(&(b.rank, &b.label, b.kind)));
    items.dedup_by(|a, b| a.label == b.label && a.kind == b.kind);
    items.truncate(MAX_ITEMS);
}
