//! Tree to core: modules and imports, hygienic pattern macros (`expand`), names (`resolve`),
//! desugaring. Reads no files: the caller loads modules on request.

pub mod core;
pub mod cost;
mod derive;
mod desugar;
mod diagnostics;
pub mod doc;
pub mod expand;
pub mod forms;
mod lint;
pub mod print;
pub mod resolve;
pub mod verify;
pub mod words;

pub use desugar::MAX_DEPTH;
pub use lint::lint;
pub use resolve::{
    Loader, expand_to_string, import_edit, imports, is_library, resolve, resolve_page,
};
pub use words::{special_names, top_names};
