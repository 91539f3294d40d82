//! Who brings messages to an observer, and what came of it.

use crate::message::Message;
use crate::nats::Bus;
use crate::now;
use crate::store::{Observer, Store};
use crate::webhook::Hook;
use crate::{Destination, secret::Use};
use eclexia_deploy::registry::Event;
use eclexia_diag::Diagnostic;
use std::time::Duration;

/// What came of some messages: the first so many are accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    pub accepted: usize,
    /// What was answered; or why the rest is not accepted.
    pub said: Result<String, Refusal>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refusal {
    /// A clause whose subject is the receiver.
    pub why: String,
    /// It says itself when to come back.
    pub after: Option<Duration>,
    /// It wants no more.
    pub is_last: bool,
}

impl Refusal {
    pub fn new(why: impl Into<String>) -> Refusal {
        Refusal { why: why.into(), ..Refusal::default() }
    }
}

impl Answered {
    pub fn all(count: usize, said: impl Into<String>) -> Answered {
        Answered { accepted: count, said: Ok(said.into()) }
    }

    pub fn none(refusal: Refusal) -> Answered {
        Answered { accepted: 0, said: Err(refusal) }
    }
}

pub enum Courier {
    Hook(Hook),
    Bus(Box<Bus>),
}

impl Courier {
    /// Reads the observer's secrets, so that those that were changed are used from the next time
    /// on.
    pub fn new(store: &Store, observer: &Observer) -> Result<Courier, Diagnostic> {
        let trust = store.trust(observer)?;
        let timeout = observer.timeout;
        Ok(match &observer.destination {
            Destination::Webhook { uri, .. } => {
                let secrets = store.secrets(observer, Use::Signing)?;
                Courier::Hook(Hook { uri: uri.clone(), secrets, trust, timeout })
            }
            Destination::Nats { server, subject, .. } => {
                let secrets = store.secrets(observer, Use::LoggingIn)?;
                let bus = Bus::new(server.clone(), subject.clone(), secrets, trust, timeout);
                Courier::Bus(Box::new(bus))
            }
        })
    }

    pub async fn bring(&mut self, messages: &[Message]) -> Answered {
        match self {
            Courier::Hook(hook) => hook.bring(messages).await,
            Courier::Bus(bus) => bus.bring(messages).await,
        }
    }
}

/// Sends one event that is made for it, and says what came back.
pub fn test(store: &Store, observer: &Observer) -> Result<Answered, Diagnostic> {
    let mut courier = Courier::new(store, observer)?;
    let detail = format!("a test of the observer {}", observer.name);
    let message = Message::of(&Event::new("test", "test", now(), detail), &observer.source);
    let runtime = runtime()?;
    let answered = runtime.block_on(courier.bring(&[message]));
    // The look-up of a name that hangs must not hold us up.
    runtime.shutdown_background();
    Ok(answered)
}

pub fn runtime() -> Result<tokio::runtime::Runtime, Diagnostic> {
    let made = tokio::runtime::Builder::new_current_thread().enable_all().build();
    made.map_err(|error| crate::diagnostics::no_thread(&error))
}
