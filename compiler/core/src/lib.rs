//! Tree to core: modules and imports, hygienic pattern macros (`expand`), names (`resolve`),
//! desugaring. Reads no files: the caller loads modules on request.

pub mod core;
mod derive;
mod desugar;
mod diagnostics;
pub mod expand;
pub mod forms;
pub mod resolve;
mod words;

pub use desugar::MAX_DEPTH;
pub use resolve::{Loader, STANDARD_PREFIXES, resolve, resolve_page};
