//! The pipeline and the session that holds its values between stages.
//!
//! In: names and bytes from a [`library::Provider`]. Out: programs, facts, values, models. Holds:
//! no file, clock or network is touched here. A session only grows, which is what the REPL needs,
//! and a new file is a new session; what is edited is a workspace's. Absent: a table of queries.

pub mod analysis;
pub mod docs;
pub mod library;
pub mod pipeline;
pub mod session;

pub use analysis::{Analysis, Workspace};
pub use session::{Found, Session};
