//! Servers of HTTP: a program asks for the next request at an address and gets it whole; what it
//! answers goes back.
//!
//! A thread takes connections, and each has a thread of its own that reads requests, hands them on
//! and writes the answers, so that a client that is slow or gone holds up nobody else. The program
//! sees one request at a time, in the order in which they were whole. Everything is bounded
//! ([`Limits`]). Absent: TLS, HTTP/2, bodies that are no text, answers in parts.

mod answer;
mod connection;
mod request;
mod seats;

use eclexia_rt::effects::{Request, Response};
use seats::Seats;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a program that waits does not notice that it is interrupted.
const NAP: Duration = Duration::from_millis(50);

/// Addresses at which one program listens.
const MOST_SERVERS: usize = 64;

/// A thread reads and writes, nothing deeper.
const STACK_BYTES: usize = 256 << 10;

/// How long nothing is accepted after it has failed, as for lack of descriptors.
const PAUSE: Duration = Duration::from_millis(20);

/// What clients may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Bytes of a request line and headers.
    head: usize,
    body: usize,
    connections: usize,
    /// For the begin of a request, for the rest of it, and for each step of taking an answer.
    patience: Duration,
}

const LIMITS: Limits =
    Limits { head: 64 << 10, body: 1 << 20, connections: 256, patience: Duration::from_secs(30) };

/// A request on its way to the program.
struct Asked {
    request: Request,
    answer: SyncSender<Response>,
}

/// What ends waiting.
pub struct End<'a> {
    pub deadline: Option<Instant>,
    pub interrupted: &'a AtomicBool,
}

impl End<'_> {
    /// How long one may sleep before looking again; `None`: it is over.
    fn nap(&self) -> Option<Duration> {
        let left = self.deadline.map_or(NAP, |at| at.saturating_duration_since(Instant::now()));
        let is_over = left.is_zero() || self.interrupted.load(Ordering::Relaxed);
        (!is_over).then(|| left.min(NAP))
    }
}

/// The servers of a program, by address; they end with this value.
#[derive(Default)]
pub struct Servers(BTreeMap<String, Server>);

struct Server {
    requests: Option<Receiver<Asked>>,
    /// Of the request that the program has now.
    answer: Option<SyncSender<Response>>,
    seats: Arc<Seats>,
    bound: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Servers {
    /// Answers the request before, and gives the next where one is there already. Listens at the
    /// address if nobody asked for it before.
    pub fn ready(
        &mut self,
        address: &str,
        answer: Option<Response>,
        end: &End<'_>,
    ) -> Result<Option<Request>, String> {
        if !self.0.contains_key(address) {
            if self.0.len() == MOST_SERVERS {
                return Err(format!("{address}: a program listens at {MOST_SERVERS} addresses"));
            }
            let server = Server::start(address, LIMITS).map_err(|error| {
                let text = error.to_string();
                format!("{address}: {}", text.split(" (os error").next().unwrap_or_default())
            })?;
            self.0.insert(address.to_owned(), server);
        }
        let Some(server) = self.0.get_mut(address) else { return Ok(None) };
        if let (Some(to), Some(answer)) = (server.answer.take(), answer) {
            // Who has gone away misses nothing.
            let _ = to.send(answer);
        }
        // A run that is over takes no request that waits already.
        let requests = server.requests.as_ref().filter(|_| end.nap().is_some());
        let next = requests.and_then(|requests| requests.try_recv().ok());
        Ok(next.map(|asked| server.given(asked)))
    }

    /// The next request at an address that [`Servers::ready`] was asked for; `None`: it is over.
    pub fn wait(&mut self, address: &str, end: &End<'_>) -> Option<Request> {
        let server = self.0.get_mut(address)?;
        while let Some(nap) = end.nap() {
            if let Ok(asked) = server.requests.as_ref()?.recv_timeout(nap) {
                return Some(server.given(asked));
            }
        }
        None
    }
}

impl Server {
    fn start(address: &str, limits: Limits) -> std::io::Result<Server> {
        let listener = TcpListener::bind(address)?;
        let bound = listener.local_addr()?;
        let (to, requests) = sync_channel(limits.connections);
        let seats = Arc::new(Seats::new(limits.connections));
        let own = Arc::clone(&seats);
        let accepting = threads().spawn(move || accept(&listener, &to, &own, limits))?;
        let accepting = Some(accepting);
        Ok(Server { requests: Some(requests), answer: None, seats, bound, accepting })
    }

    fn given(&mut self, asked: Asked) -> Request {
        self.answer = Some(asked.answer);
        asked.request
    }
}

impl Drop for Server {
    /// Requests without an answer are told that there will be none.
    fn drop(&mut self) {
        self.answer = None;
        self.requests = None;
        self.seats.close();
        // Whoever accepts looks up at the next connection.
        let own = match self.bound.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            other => other,
        };
        let woken = TcpStream::connect_timeout(&(own, self.bound.port()).into(), PAUSE);
        if let (Ok(_), Some(accepting)) = (woken, self.accepting.take()) {
            // The port is free from here on.
            let _ = accepting.join();
        }
        self.seats.wait_until_empty();
    }
}

fn threads() -> std::thread::Builder {
    std::thread::Builder::new().name("http".to_owned()).stack_size(STACK_BYTES)
}

/// Takes connections until the server ends.
fn accept(
    listener: &TcpListener,
    requests: &SyncSender<Asked>,
    seats: &Arc<Seats>,
    limits: Limits,
) {
    for stream in listener.incoming() {
        if seats.is_closed() {
            return;
        }
        let Ok(stream) = stream.map(Arc::new) else {
            std::thread::sleep(PAUSE);
            continue;
        };
        let Some(seat) = seats.enter(Arc::clone(&stream)) else {
            connection::refuse(&stream);
            continue;
        };
        let (requests, own) = (requests.clone(), Arc::clone(seats));
        let talk = move || {
            connection::talk(&stream, &requests, limits, &own, seat);
            own.leave(seat);
        };
        if threads().spawn(talk).is_err() {
            seats.leave(seat);
        }
    }
}

#[cfg(test)]
mod tests;
