//! What all threads of a kernel share: the socket that tells everybody, the key, the count of cells
//! and what they were. Requests come in; what is to be known of them goes out, in order.
//!
//! What programs print is put together: at most every fiftieth of a second it goes out, or before
//! anything else does, so that who reads slowly is not sent a message for each line.

use super::message::{self, Request, Signer};
use super::socket::{Peer, Socket};
use crate::listen::new_id;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Printed text waits at most so long, and is at most so much.
pub const GATHERED: Duration = Duration::from_millis(20);
const MOST_GATHERED: usize = 1 << 14;

/// Cells that are remembered.
const MOST_REMEMBERED: usize = 1_000;

/// A cell that was evaluated.
pub struct Cell {
    pub count: u64,
    pub code: String,
    /// The last value; empty of a cell without one.
    pub shown: String,
}

#[derive(Default)]
pub struct Notebook {
    /// Of the last cell.
    pub count: u64,
    /// The oldest first.
    pub cells: Vec<Cell>,
}

impl Notebook {
    pub fn remember(&mut self, cell: Cell) {
        if self.cells.len() == MOST_REMEMBERED {
            self.cells.remove(0);
        }
        self.cells.push(cell);
    }
}

/// Where printed text goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    Out,
    Err,
}

/// What was printed and is not yet sent.
struct Gathered {
    cell: Arc<Request>,
    stream: Stream,
    text: String,
    since: Instant,
}

pub struct Kernel {
    signer: Signer,
    iopub: Arc<Socket>,
    /// A name of this kernel, from its start to its end.
    id: String,
    sent: AtomicU64,
    gathered: Mutex<Option<Gathered>>,
    notebook: Mutex<Notebook>,
    /// Requests so far; those with a number below the other one were waiting when one failed.
    asked: AtomicU64,
    aborted: AtomicU64,
    is_over: AtomicBool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kernel {
    pub fn new(key: &str, iopub: Arc<Socket>) -> Kernel {
        Kernel {
            signer: Signer::new(key),
            iopub,
            id: new_id(),
            sent: AtomicU64::default(),
            gathered: Mutex::default(),
            notebook: Mutex::default(),
            asked: AtomicU64::default(),
            aborted: AtomicU64::default(),
            is_over: AtomicBool::default(),
        }
    }

    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    pub fn notebook(&self) -> MutexGuard<'_, Notebook> {
        locked(&self.notebook)
    }

    /// The number of a request that has come.
    pub fn number(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    /// What waits to be evaluated is not: it was asked for before its sender knew of a failure.
    pub fn abort_waiting(&self) {
        self.aborted.store(self.asked.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub fn is_aborted(&self, number: u64) -> bool {
        number < self.aborted.load(Ordering::Relaxed)
    }

    pub fn finish(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// The answer to a request.
    pub fn reply(&self, peer: &Peer, request: &Request, kind: &str, content: &Value) {
        let header = self.header(kind);
        let envelope = request.envelope();
        peer.send(&message::written(&self.signer, envelope, &header, Some(request), content));
    }

    /// Tells everybody, after what was printed before.
    pub fn publish(&self, request: Option<&Request>, kind: &str, content: &Value) {
        let mut gathered = locked(&self.gathered);
        self.send_gathered(&mut gathered);
        self.tell(request, kind, content);
    }

    /// `busy` or `idle`, because of a request.
    pub fn publish_state(&self, request: &Request, state: &str) {
        self.publish(Some(request), "status", &json!({"execution_state": state}));
    }

    pub fn print(&self, cell: &Arc<Request>, stream: Stream, text: &str) {
        let mut gathered = locked(&self.gathered);
        let is_other = |it: &Gathered| it.stream != stream || !Arc::ptr_eq(&it.cell, cell);
        if gathered.as_ref().is_some_and(is_other) {
            self.send_gathered(&mut gathered);
        }
        let it = gathered.get_or_insert_with(|| Gathered {
            cell: cell.clone(),
            stream,
            text: String::new(),
            since: Instant::now(),
        });
        it.text.push_str(text);
        if it.text.len() > MOST_GATHERED || it.since.elapsed() > GATHERED {
            self.send_gathered(&mut gathered);
        }
    }

    /// Sends what was printed a while ago.
    pub fn flush(&self) {
        let mut gathered = locked(&self.gathered);
        if gathered.as_ref().is_some_and(|it| it.since.elapsed() >= GATHERED) {
            self.send_gathered(&mut gathered);
        }
    }

    fn send_gathered(&self, gathered: &mut Option<Gathered>) {
        let Some(Gathered { cell, stream, text, .. }) = gathered.take() else { return };
        let name = match stream {
            Stream::Out => "stdout",
            Stream::Err => "stderr",
        };
        self.tell(Some(&cell), "stream", &json!({"name": name, "text": text}));
    }

    fn tell(&self, request: Option<&Request>, kind: &str, content: &Value) {
        let topic = [kind.as_bytes().to_vec()];
        let header = self.header(kind);
        self.iopub.publish(&message::written(&self.signer, &topic, &header, request, content));
    }

    fn header(&self, kind: &str) -> Value {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        // A clock that stands before 1970 is as good as none.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
        let now = i64::try_from(since).ok().and_then(|n| Timestamp::from_microsecond(n).ok());
        let now = now.unwrap_or_default();
        json!({
            "msg_id": format!("{}_{number}", self.id),
            "session": self.id,
            "username": "kernel",
            "date": format!("{now:.6}"),
            "msg_type": kind,
            "version": message::VERSION,
        })
    }
}
