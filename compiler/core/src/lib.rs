//! Tree to core: modules and imports, hygienic pattern macros (`expand`), names (`resolve`),
//! desugaring. Reads no files: the caller loads modules on request.

pub mod core;
