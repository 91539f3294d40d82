//! Sources on disk, for whatever reads programs from there: the command and the language server.
//!
//! In: paths, and of the environment `ECLEXIA_STDLIB_PATH`, `ECLEXIA_CONFIG_DIR`,
//! `ECLEXIA_DATA_DIR`. Out: bytes, source files of folders, projects with their packages, modules
//! by name, named strategies. Holds: everything read is bounded; a folder's files are sorted.
//! Absent: printing, and any opinion on what the files say.

mod project;
mod provider;
mod sources;
mod strategies;

pub use project::{Opened, Refused, manifest_at, of_folder, store};
pub use provider::{FileProvider, Read};
pub use sources::{MOST_BYTES, data_folder, is_source, read, sources_below, sources_in};
pub use strategies::strategies;
