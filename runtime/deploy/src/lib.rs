//! Deployments as they live: packages and who signed them, who may do what, the registry of what
//! was deployed, and the stages that a deployment goes through.
//!
//! Absent: processes, cgroups and sockets of the machine, which are a target's; clocks, which are
//! passed in.

pub mod dates;
mod diagnostics;
mod failpoint;
pub mod grants;
mod hex;
pub mod keys;
pub mod package;
pub mod registry;
pub mod resolve;
pub mod rollout;
pub mod watched;
pub mod window;

pub use failpoint::failpoint;
