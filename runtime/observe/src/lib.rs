//! Observers of events: whoever wants to be told what happens to deployments, by a webhook or by a
//! subject of NATS.
//!
//! In: events of the registry, which keeps all of them, and observers that were added. Out: each
//! event that an observer wants, in order, at least once, with an id by which it can drop what
//! comes twice. Always holds: how far an observer is, is on disk only after it has accepted; one
//! that fails, hangs or floods holds up nobody else; what it answers is bounded; secrets are in
//! files that their owner alone may read, and are never printed. Absent: the registry's writing,
//! and commands that come the other way.
//!
//! | Module | What it knows |
//! |---|---|
//! | `destination`, `wanted` | where events go, and which |
//! | `message` | an event as it is sent (CloudEvents 1.0) |
//! | `secret` | signatures (Standard Webhooks) and logins |
//! | `store`, `cursor` | what is kept of an observer |
//! | `reader` | events behind a cursor |
//! | `webhook`, `nats` | how each is told, once |
//! | `worker` | one observer: told, tried again, given up |
//! | `deliver` | all of them, in one process at a time |

mod courier;
mod cursor;
mod deliver;
mod destination;
mod diagnostics;
mod message;
mod nats;
mod protocol;
mod reader;
mod secret;
mod store;
mod wanted;
mod webhook;
mod worker;

pub use courier::{Answered, test};
pub use cursor::Cursor;
pub use deliver::{Turn, deliver};
pub use destination::{Destination, Reach};
pub use protocol::{Op, read as read_op};
pub use reader::{behind, newest};
pub use secret::Secrets;
pub use store::{MOST_OBSERVERS, New, Observer, Store};
pub use wanted::{WORDS, Wanted, word};
pub use worker::{Said, Told};

use eclexia_deploy::registry::At;
use std::time::SystemTime;

fn now() -> At {
    At::of(SystemTime::now())
}
