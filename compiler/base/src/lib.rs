//! What every stage shares and no stage owns: typed ids and maps over them, interned names,
//! source places, dimensions and units, exact numbers. No I/O, no clock, no diagnostics.

pub mod amount;
pub mod dim;
pub mod ids;
pub mod measure;
pub mod name;
pub mod number;
pub mod random;
pub mod span;
pub mod unit;

pub use amount::Amounts;
pub use dim::Dim;
pub use ids::{IdMap, SharedMap};
pub use name::Name;
pub use number::Rational;
pub use random::SplitMix64;
pub use span::{FileId, Span};

/// Hash map for lookups only; its iteration order never reaches output (house rule).
pub type FxHashMap<K, V> = rustc_hash::FxHashMap<K, V>;
/// Hash set for lookups only.
pub type FxHashSet<K> = rustc_hash::FxHashSet<K>;

/// Reports a bug of the compiler itself: a state no input may reach. The command catches it once,
/// prints it as a bug and asks for a report.
#[macro_export]
macro_rules! bug {
    ($($arg:tt)*) => { panic!("bug: {}", format_args!($($arg)*)) };
}
