//! What running programs share, whatever runs them: values, their structural order, the effects
//! they may ask for, and the built-in functions by family. Knows no syntax, no types and no
//! evaluator; a built-in never calls back into the program, so none can overflow Rust's stack.

pub mod bridge;
pub mod builtin;
mod builtins;
pub mod diagnostics;
mod discard;
pub mod effects;
pub mod external;
pub mod heap;
pub mod layout;
pub mod ledger;
pub mod native;
mod natives;
pub mod order;
pub mod prices;
pub mod report;
pub mod show;
pub mod stop;
pub mod structure;
pub mod support;
#[cfg(test)]
mod tests;
pub mod value;

pub use builtin::{Builtin, BuiltinId, Ctors, Ctx, Fault, lookup};
pub use builtins::text::quote;
pub use effects::{Effects, FileAction, FileAnswer, FileKind, Hermetic};
pub use heap::Context;
pub use ledger::{Holding, Ledger, Outstanding};
pub use order::Key;
pub use report::Report;
pub use stop::Stop;
pub use value::{
    Attenuated, Capability, Closure, Data, Dictionary, Entries, Fields, Function, Members, Seq,
    Site, Target, Value,
};
