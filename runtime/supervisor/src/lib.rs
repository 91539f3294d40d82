//! Deployments as processes of this machine: started in order, limited, watched, replaced without a
//! gap, ended whole.
//!
//! In: packages that are to run, requests of commands. Out: processes, who gets requests, and facts
//! in the registry. Always holds: one supervisor for a data folder; services go on while it is
//! started anew; nothing is done that is not recorded before.
//!
//! | Module | What it knows |
//! |---|---|
//! | `client`, `control` | how commands ask |
//! | `supervisor` | rounds: what happened, what is to be done |
//! | `rights`, `record` | who asks; what was given to a version besides its package |
//! | `stages`, `validate` | the life of a version, and of its services |
//! | `dependants` | which deployments need which |
//! | `schedule`, `jobs` | when jobs run, and what becomes of them |
//! | `hooks` | commands of packages at moments of a version's life |
//! | `recover` | what a supervisor before this one left |
//! | `drift`, `status` | what is, and what of it is other than it was deployed |
//! | `clock` | what time it is |
//! | `live`, `health` | one instance, and whether it is well |
//! | `loaded` | what an instance is started from |
//! | `launch`, `sandbox`, `calls`, `cgroup` | the limits it runs in |
//! | `meter`, `grid` | what they use, and what that emits |
//! | `untrusted` | a command that is run once within bounds |
//! | `process`, `logger`, `logs` | processes, who copies what they write, and where to |
//! | `proxy` | who asks them |

mod calls;
mod cgroup;
pub mod client;
mod clock;
pub mod control;
mod dependants;
mod diagnostics;
mod disk;
mod drift;
pub mod folders;
mod grid;
mod health;
pub mod hooks;
mod http;
mod jobs;
pub mod launch;
mod live;
mod loaded;
pub mod logger;
pub mod logs;
mod meter;
mod process;
mod proxy;
pub mod record;
mod recover;
mod rights;
mod sandbox;
mod schedule;
mod stages;
mod status;
mod supervisor;
pub mod untrusted;
mod validate;
mod watching;

pub use drift::files as changed_files;
pub use meter::prices;
pub use process::{is_running, kept_by};
pub use supervisor::supervise;
