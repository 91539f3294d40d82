//! The chores of the workspace, as a library so that `cargo test` can run `tidy` as well.
//!
//! What is absent: anything the product needs. No crate of the product depends on this one.

pub mod bench;
pub mod ci;
pub mod new_diag;
pub mod playground;
pub mod tidy;

use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
