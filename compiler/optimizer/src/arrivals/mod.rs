//! Pods that arrive one by one at a cluster of machines with devices (GPUs) and never move: which
//! machine takes each, and how much of the devices is in use in the end. What comes in is an
//! [`Instance`] of whole numbers; what goes out is a [`Replay`], which [`check`] judges with code
//! of its own, and a [`Bound`] that no placement of the list is above, in whole numbers too.
//!
//! The journey: `order` (who arrives when) → `replay` (each arrival to where a policy finds it
//! cheapest, over `room`) → `check`. The policies: `published` are those of the publisher's
//! simulator, `lookahead` is ours. `bound` asks less of a placement, and has it all at once.
//!
//! Always: a pod that fits somewhere is placed, a pod that fits nowhere is gone, and no policy
//! knows more of what is to come than the requests of the list and how frequent each is.

mod bound;
mod check;
mod instance;
mod lookahead;
mod order;
mod published;
mod replay;
mod room;

pub use bound::{Bound, Short, bound};
pub use check::{Broken, check};
pub use instance::*;
pub use order::Order;
pub use replay::{Policy, Replay, Spot, replay};
