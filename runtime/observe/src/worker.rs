//! One observer: told what happened, in order; tried again; given up.
//!
//! 1. What is behind the cursor is read, and what the observer wants of it is taken: one event at
//!    first, twice as many after each success, one again after a failure. So a receiver that is
//!    well gets one event at a time as they happen, one that was away catches up fast, and one that
//!    cannot take many is not kept from getting on.
//! 2. It is brought. What is accepted moves the cursor, on disk, before anything else is brought: a
//!    crash in between brings the same again, with the same ids.
//! 3. Where it is refused, the same is brought again after 1 s, 2 s, 4 s, … up to ten minutes, or
//!    when the receiver says so. Nothing is left out: what comes next waits behind it.
//! 4. Who refuses for longer than the observer's patience, or says that it wants no more (410), is
//!    told no more until somebody resumes it. Events wait in the registry, which keeps all of them.

use crate::courier::{Answered, Courier, Refusal, runtime};
use crate::cursor::Cursor;
use crate::message::Message;
use crate::now;
use crate::reader::Reader;
use crate::store::{Kept, Observer, Store};
use eclexia_deploy::failpoint;
use eclexia_deploy::registry::Event;
use eclexia_diag::Diagnostic;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often it is looked whether something happened.
const NAP: Duration = Duration::from_millis(200);
/// How often it is looked whether all is over.
const BLINK: Duration = Duration::from_millis(25);
/// How often it is looked whether the observer was removed.
const LOOK: Duration = Duration::from_secs(1);
/// The first pause after a failure, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// Events that are read at once.
const MOST_READ: usize = 1000;
/// Bytes of messages that are brought at once; one message may be larger.
const MOST_BYTES: usize = 512 << 10;
/// After so many events that nobody wants the cursor is written, too.
const MOST_PASSED: usize = 1000;

/// What is heard of an observer.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    pub observer: String,
    pub said: Said,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    /// So many events, the last of them at this place; and what was answered.
    Delivered {
        count: usize,
        seq: u64,
        answer: String,
    },
    Refused {
        why: String,
        again: Duration,
    },
    /// It is told no more.
    Ended {
        why: String,
    },
    /// Something is wrong here.
    Trouble(Diagnostic),
}

pub type Tell<'t> = &'t (dyn Fn(Told) + Sync);

pub struct Worker<'w> {
    pub store: &'w Store,
    pub observer: Observer,
    pub tell: Tell<'w>,
    pub is_over: &'w AtomicBool,
    reader: Reader,
    courier: Option<Courier>,
    /// So many events are brought next.
    size: usize,
    /// Failures in a row.
    failures: u32,
    /// Events that were passed since the cursor was written.
    passed: usize,
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
enum Next {
    On,
    Nap,
    Stop,
}

impl<'w> Worker<'w> {
    pub fn new(
        store: &'w Store,
        registry: PathBuf,
        observer: Observer,
        tell: Tell<'w>,
        is_over: &'w AtomicBool,
    ) -> Worker<'w> {
        let reader = Reader::new(registry);
        let (courier, size, failures, passed) = (None, 1, 0, 0);
        Worker { store, observer, tell, is_over, reader, courier, size, failures, passed }
    }

    /// Until all is over, or the observer is removed or ended.
    pub fn run(mut self) {
        let Some(runtime) = self.at_last(|_| runtime()) else { return };
        let Some(mut cursor) = self.at_last(|worker| worker.store.cursor(&worker.observer)) else {
            return;
        };
        let mut looked = Instant::now();
        while cursor.ended.is_none() {
            match self.step(&mut cursor, &runtime) {
                Next::On => {}
                Next::Nap => {
                    // What is idle is not kept open.
                    self.courier = None;
                    if !self.wait(NAP) {
                        break;
                    }
                }
                Next::Stop => break,
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                if !self.store.is_there(&self.observer) {
                    return runtime.shutdown_background();
                }
            }
        }
        if self.passed > 0 {
            // It would be read again otherwise, no more.
            let _ = self.store.advance(&self.observer, &cursor);
        }
        // The look-up of a name that hangs must not hold us up.
        runtime.shutdown_background();
    }

    fn step(&mut self, cursor: &mut Cursor, runtime: &tokio::runtime::Runtime) -> Next {
        let events = match self.reader.after(cursor, MOST_READ) {
            Ok(events) => events,
            Err(found) => return self.trouble(found),
        };
        let (wanted, tail) = self.taken(&events);
        let Some(tail) = tail else { return Next::Nap };
        if wanted.is_empty() {
            cursor.pass(tail);
            self.passed += events.len();
            return match self.passed >= MOST_PASSED {
                true => self.save(cursor),
                false => Next::On,
            };
        }
        if !self.store.is_there(&self.observer) || self.is_over.load(Ordering::Relaxed) {
            return Next::Stop;
        }
        let messages: Vec<Message> =
            wanted.iter().map(|event| Message::of(event, &self.observer.source)).collect();
        failpoint();
        let Some(answered) = self.brought(runtime, &messages) else { return Next::Stop };
        failpoint();
        let Answered { accepted, said } = answered;
        if accepted == wanted.len() {
            cursor.pass(tail);
        } else if let Some(last) = accepted.checked_sub(1) {
            cursor.pass(wanted[last]);
        }
        let at = now();
        if accepted > 0 {
            let answer = said.clone().unwrap_or_else(|_| "accepted".to_owned());
            cursor.accepted(accepted, &answer, at);
            (self.failures, self.size) = (0, (self.size * 2).min(self.observer.batch));
            let seq = cursor.seq;
            self.say(Said::Delivered { count: accepted, seq, answer });
        }
        match said {
            Ok(_) => self.save(cursor),
            Err(refusal) => self.refused(cursor, refusal),
        }
    }

    /// What of some events is wanted and goes at once; and the last of those that are settled with
    /// it.
    fn taken<'e>(&self, events: &'e [Event]) -> (Vec<&'e Event>, Option<&'e Event>) {
        let (mut wanted, mut tail, mut bytes) = (Vec::new(), None, 0);
        for event in events {
            if self.observer.wanted.wants(event) {
                bytes += event.detail.len() + 512;
                let is_full = bytes > MOST_BYTES && !wanted.is_empty();
                if wanted.len() == self.size || is_full {
                    break;
                }
                wanted.push(event);
            }
            tail = Some(event);
        }
        (wanted, tail)
    }

    /// `None`: all is over before there is an answer.
    fn brought(
        &mut self,
        runtime: &tokio::runtime::Runtime,
        messages: &[Message],
    ) -> Option<Answered> {
        let courier = match &mut self.courier {
            Some(courier) => courier,
            none => match Courier::new(self.store, &self.observer) {
                Ok(courier) => none.insert(courier),
                Err(found) => {
                    let why = format!("it was not asked: {}", found.message);
                    return Some(Answered::none(Refusal::new(why)));
                }
            },
        };
        let is_over = self.is_over;
        runtime.block_on(async {
            let over = async {
                while !is_over.load(Ordering::Relaxed) {
                    tokio::time::sleep(BLINK).await;
                }
            };
            tokio::select! {
                answered = courier.bring(messages) => Some(answered),
                () = over => None,
            }
        })
    }

    fn refused(&mut self, cursor: &mut Cursor, refusal: Refusal) -> Next {
        (self.courier, self.size) = (None, 1);
        let at = now();
        cursor.refused(&refusal.why, at);
        let lasts = Duration::from_millis(at.since(cursor.failing_since.unwrap_or(at)));
        let left = self.observer.patience.saturating_sub(lasts);
        if refusal.is_last {
            cursor.ended = Some(format!("it wants no more ({})", refusal.why));
        } else if left.is_zero() {
            let patience = self.observer.patience;
            cursor.ended = Some(format!("nothing was accepted for {patience:?}: {}", refusal.why));
        }
        if let Some(why) = &cursor.ended {
            self.say(Said::Ended { why: why.clone() });
            let _ = self.save(cursor);
            return Next::Stop;
        }
        let again = pause(self.failures).max(refusal.after.unwrap_or_default()).min(left);
        self.failures += 1;
        self.say(Said::Refused { why: refusal.why, again });
        match self.save(cursor) {
            Next::On if self.wait(again) => Next::On,
            _ => Next::Stop,
        }
    }

    /// On disk before it goes on.
    fn save(&mut self, cursor: &Cursor) -> Next {
        match self.at_last(|worker| worker.store.advance(&worker.observer, cursor)) {
            Some(Kept::Written) => {
                failpoint();
                self.passed = 0;
                Next::On
            }
            Some(Kept::Gone) | None => Next::Stop,
        }
    }

    /// Does what must be done here, and tries again while it fails; `None`: all is over.
    fn at_last<T>(&self, mut done: impl FnMut(&Self) -> Result<T, Diagnostic>) -> Option<T> {
        let mut failures = 0;
        loop {
            match done(self) {
                Ok(done) => return Some(done),
                Err(found) => self.say(Said::Trouble(found)),
            }
            if !self.wait(pause(failures)) {
                return None;
            }
            failures += 1;
        }
    }

    fn trouble(&mut self, found: Diagnostic) -> Next {
        self.say(Said::Trouble(found));
        let again = pause(self.failures);
        self.failures += 1;
        if self.wait(again) { Next::On } else { Next::Stop }
    }

    fn say(&self, said: Said) {
        (self.tell)(Told { observer: self.observer.name.clone(), said });
    }

    /// `false`: all is over, or the observer is gone.
    fn wait(&self, time: Duration) -> bool {
        let (began, mut looked) = (Instant::now(), Instant::now());
        while began.elapsed() < time {
            if self.is_over.load(Ordering::Relaxed) {
                return false;
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                if !self.store.is_there(&self.observer) {
                    return false;
                }
            }
            std::thread::sleep(BLINK.min(time.saturating_sub(began.elapsed())));
        }
        !self.is_over.load(Ordering::Relaxed)
    }
}

/// Before the try after so many failures. Each doubles the one before, exactly: one process tells
/// each receiver, so that chance would keep nobody apart.
fn pause(failures: u32) -> Duration {
    let (first, most) = PAUSES;
    first.saturating_mul(1 << failures.min(16)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let seconds: Vec<u64> = (0..12).map(|n| pause(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(pause(u32::MAX).as_secs(), 600);
    }
}
