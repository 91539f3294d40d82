//! Grants: who may do what to which deployment, signed, narrowed from hand to hand, taken back.
//!
//! ```text
//! the owner's key ─signs→ grant ─its holder signs→ narrower grant ─ … → who acts
//! ```
//!
//! In: the keys that are trusted, the grants in the data folder, a day. Out: what a key may do, or
//! a diagnostic with the command that would allow it. Always holds: every chain begins with a key
//! of the owner (`trusted.json` marks them), each grant in it allows no more than the one before,
//! and one that is false, expired or revoked counts for nothing, nor does what came from it.
//! Absent: clocks and randomness, which are passed in (`keys::nonce`); roles and groups: grants are
//! to keys.
//!
//! | Module | What it knows |
//! |---|---|
//! | `capability` | `VERB:WHAT` |
//! | `grant` | one statement and its signature; what is narrower than what |
//! | `chain` | grants one after the other, as they are carried |
//! | `store` | the data folder's grants, and what is revoked |
//! | `rights` | what somebody may do |
//! | `token` | somebody's key, as text for a request |

mod capability;
mod chain;
mod diagnostics;
mod grant;
mod rights;
mod store;
#[cfg(test)]
mod tests;
mod token;

pub use capability::{Capability, LOCAL, Verb};
pub use chain::{Chain, DEEPEST};
pub use grant::{Grant, GrantId, Most, Statement};
pub use rights::{Amounts, Who, missing};
pub use store::{Grants, Withdrawn};
pub use token::{LONGEST, Token};
