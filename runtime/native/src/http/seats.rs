//! The connections of a server, so many at a time. Where all seats are taken, the connection whose
//! client has been waited for longest is closed for the new one: who sends nothing keeps nobody
//! out.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a server that ends waits for answers to be taken.
const PARTING: Duration = Duration::from_secs(1);

/// Which connection.
pub type Seat = u64;

pub struct Seats {
    state: Mutex<State>,
    emptied: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    taken: BTreeMap<Seat, Taken>,
    next: Seat,
    is_closed: bool,
}

struct Taken {
    stream: Arc<TcpStream>,
    /// Since when its client is waited for; `None`: it waits for us.
    since: Option<Instant>,
}

impl Seats {
    pub fn new(most: usize) -> Seats {
        Seats { state: Mutex::default(), emptied: Condvar::new(), most }
    }

    /// A seat for a connection, which waits for its client; `None` where every other client waits
    /// for us, and at the end.
    pub fn enter(&self, stream: Arc<TcpStream>) -> Option<Seat> {
        let mut state = self.state();
        if state.is_closed {
            return None;
        }
        if state.taken.len() >= self.most {
            let waiting = state.taken.iter().filter_map(|(seat, at)| Some((at.since?, *seat)));
            let (_, longest) = waiting.min()?;
            if let Some(closed) = state.taken.remove(&longest) {
                let _ = closed.stream.shutdown(Shutdown::Both);
            }
        }
        let seat = state.next;
        state.next += 1;
        state.taken.insert(seat, Taken { stream, since: Some(Instant::now()) });
        Some(seat)
    }

    /// The client has asked and waits for us.
    pub fn is_asked(&self, seat: Seat) {
        if let Some(taken) = self.state().taken.get_mut(&seat) {
            taken.since = None;
        }
    }

    /// From now on the client is waited for; at the end nobody is.
    pub fn is_answered(&self, seat: Seat) {
        let mut state = self.state();
        let is_closed = state.is_closed;
        if let Some(taken) = state.taken.get_mut(&seat) {
            taken.since = Some(Instant::now());
            if is_closed {
                let _ = taken.stream.shutdown(Shutdown::Read);
            }
        }
    }

    pub fn leave(&self, seat: Seat) {
        let mut state = self.state();
        state.taken.remove(&seat);
        if state.taken.is_empty() {
            self.emptied.notify_all();
        }
    }

    pub fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Nobody is waited for any more.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        for taken in state.taken.values().filter(|taken| taken.since.is_some()) {
            let _ = taken.stream.shutdown(Shutdown::Read);
        }
    }

    /// Until all have gone, or for as long as a server may take to end.
    pub fn wait_until_empty(&self) {
        let state = self.state();
        drop(self.emptied.wait_timeout_while(state, PARTING, |state| !state.taken.is_empty()));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is said of a connection is whole between two calls.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
