//! The machine itself: services and jobs as processes under a supervisor.
//!
//! `tree` is what is to run, as data; `render` makes it of a plan. Starting and watching the
//! processes is `eclexia-supervisor`'s.

mod render;
mod tree;

pub(crate) use render::files;
pub use render::tree;
pub use tree::{FORMAT, Job, KEPT, Limits, Neighbour, Service, Tree, Volume};
