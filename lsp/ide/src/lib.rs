//! What is known of a place in a program: what editors ask about.
//!
//! Comes in: an [`eclexia_db::Analysis`], a file and a byte offset. Goes out: plain values with
//! spans and texts. Always holds: every function is total (any offset of any text, however broken,
//! gives an answer or none), has no state, and gives equal answers to equal questions. Absent:
//! protocols, files, and anything that waits.

pub mod actions;
pub mod at;
pub mod calls;
pub mod complete;
pub mod describe;
pub mod forms;
pub mod fuzzy;
pub mod goto;
pub mod hints;
pub mod hover;
pub mod inspect;
mod known;
pub mod lints;
pub mod live;
pub mod moved;
pub mod names;
pub mod place;
pub mod ranges;
pub mod references;
pub mod rename;
pub mod roles;
pub mod scope;
pub mod shift;
pub mod signature;
mod sound;
pub mod symbols;
pub mod tokens;
pub mod units;
mod written;

pub use actions::{Action, ActionKind, actions, fix_all};
pub use at::{At, at};
pub use calls::{Caller, callable, incoming, outgoing};
pub use complete::{Completion, Completions, Insert, complete};
pub use describe::{Described, Kind, describe};
pub use eclexia_diag::edit::{Edit, apply};
pub use goto::{definition, implementations, type_definition};
pub use hints::{Hint, type_hints};
pub use hover::{Hover, hover};
pub use lints::{Linted, lints};
pub use moved::rename_module;
pub use names::{Meaning, Occurrence, Use, occurrences};
pub use ranges::{Fold, FoldKind, Link, folds, links, selections};
pub use references::{highlight, linked, references};
pub use rename::{Refusal, rename};
pub use shift::shifted;
pub use signature::{Parameter, Signature, signatures};
pub use symbols::{Symbol, document_symbols, workspace_symbols};
pub use tokens::{Modifiers, Token, TokenKind, tokens, tokens_in};
