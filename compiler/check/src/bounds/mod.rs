//! Cost bounds: polynomials in the sizes of arguments, found by automatic amortised analysis.
//!
//! Comes in: a checked program. Goes out: a bound per function and resource, with a certificate
//! that has been checked again in exact rationals, or why there is none; and what is wrong with
//! declared limits. Always holds: no evaluation of a function on any arguments costs more than its
//! bound, except for what the bound says it leaves out ([`Assumed`]). Lazy: nothing happens for
//! functions that no limit and no question is about. Absent: bounds in products of sizes,
//! logarithms, and the sizes of maps, sets and texts.

mod admit;
mod analysis;
mod branches;
mod calls;
mod known;
mod limits;
mod lp;
mod measure;
mod poly;
mod report;
mod shape;
pub mod table;
mod views;
mod walk;

pub use admit::Admitted;
pub use eclexia_base::measure::{Measure, Seen};
pub use poly::Bound;
pub use report::{Found, Function, Outcome, of_definition, of_module};

pub(crate) use admit::admits;
pub(crate) use limits::check;

use eclexia_core::core::{DefId, ExprId};

/// Why no bound is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// The constraints of a recursion have no solution.
    Unsolvable,
    TooLarge,
    /// A call of a function that is not known where it is called.
    UnknownFunction(DefId, ExprId),
    /// A loop passes on another function than it was given.
    Functions,
    /// A declared cost multiplies sizes with each other, or has powers above the second.
    Product,
    /// What methods of a type cost that is not known.
    Methods,
}
