//! Linear resources: every value of a linear type is consumed exactly once on every path.
//!
//! 1. While types are inferred nothing of this is known. After it, `walk` goes once over the paths
//!    of each body and finds what a *linear* variable would do wrong. It looks at types only to
//!    leave out what is certainly unrestricted.
//! 2. Each finding is an [`Obligation`]: "the type of `x` is unrestricted, because `x` is consumed
//!    here and there". Uses of generic definitions, and of interfaces that only read, add theirs.
//! 3. `infer/obligations.rs` discharges them: an unrestricted type is fine, a linear one is
//!    reported with the two places, a type variable is generalised (`:where [(Unr a)]`) so that
//!    the callers answer for it, or reported where a signature promises any type.
//!
//! Usage is never a by-product of inference: checkers that did so accepted leaks and refused sound
//! programs. Absent: regions. A borrow lasts for one call, one `borrow`, one `match`; what could
//! carry a reference further is refused.

mod admit;
pub(crate) mod capture;
mod instances;
pub(crate) mod kind;
mod state;
mod walk;

pub(crate) use instances::instances;
pub(crate) use kind::{Kind, Kinds, TypeFacts};
pub(crate) use walk::{Scene, walk};

use crate::arena::T;
use eclexia_base::Name;
use eclexia_core::core::Place;

/// What must hold of a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Need {
    /// Values may be copied and dropped.
    Unrestricted,
    /// No reference is part of a value.
    Confined,
}

/// `ty` needs `need`, else `fault` is an error.
#[derive(Clone, Debug)]
pub(crate) struct Obligation {
    pub need: Need,
    pub ty: T,
    pub fault: Fault,
}

/// What is wrong with a linear value, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub kind: FaultKind,
    /// The variable, if it has a name.
    pub name: Option<Name>,
    /// Where it is acquired.
    pub acquired: Option<Place>,
    pub at: Place,
    /// The first use, the borrow, the other branch.
    pub other: Option<Place>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FaultKind {
    ConsumedTwice,
    CalledTwice,
    Unconsumed,
    /// Unconsumed when `recur` starts the next turn.
    UnconsumedAtRecur,
    Discarded,
    /// A part that a pattern does not name.
    DiscardedPart(Option<Name>),
    BranchMismatch,
    ConsumedInLoop,
    ConsumedInGuard,
    Borrowed,
    /// Moved inside the `with` that releases it.
    Managed,
    BorrowOfConsumed,
    ReferenceEscapes,
    MoveOut,
    Capture,
    LinearField(Name),
    LiveAtTry,
    LiveAtReturn,
    Constant,
    /// A generic definition copies or drops it.
    GenericUse,
    /// An interface that only reads gets it by value.
    Read,
}
