//! Settings: the four configuration files and the environment variables, all of them in one table
//! ([`table`], [`environment`]) that the check, `eclexia config` and docs/configuration.md are made
//! from; and what the settings of run time mean, as functions.
//!
//! In: a folder, or the text of one file; the environment as a value. Out: every setting with its
//! value and where that comes from, and a diagnostic at each fault. Always holds: each file is
//! optional and bounded; all faults are reported, not only the first; a key that is not in the
//! table is never passed over; defaults are read by the same readers as what is written. Absent:
//! the network (`carbon` asks), secrets (they are in no configuration file), and whoever acts on a
//! setting.

pub mod adaptive;
mod amount;
pub mod budgets;
pub mod carbon;
mod diagnostics;
pub mod environment;
pub mod page;
mod read;
mod settings;
pub mod strategies;
pub mod table;
pub mod template;
mod value;

pub use adaptive::Adaptive;
pub use budgets::{Budget, Budgets, Resource};
pub use carbon::{CarbonPrice, CarbonSettings, SourceKind};
pub use environment::Environment;
pub use read::{Read, read};
pub use settings::{MOST_BYTES, Origin, Setting, Settings};
pub use strategies::Strategy;
pub use value::Value;
