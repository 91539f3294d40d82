//! A receiver of webhooks that does what it is told: accepts, refuses, hangs, breaks off, floods.

use serde_json::Value;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What is done with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Does {
    Answer(u16),
    /// Says nothing, and keeps the connection.
    Hang,
    /// Ends the connection within the head of its answer, or within its body.
    BreakHead,
    BreakBody,
    /// Accepts, with so many bytes of answer.
    Flood(usize),
    /// Answers what is no HTTP.
    Babble,
}

#[derive(Clone, Debug)]
pub struct Heard {
    pub head: String,
    pub body: String,
    pub did: Does,
}

impl Heard {
    pub fn events(&self) -> Vec<Value> {
        match serde_json::from_str(&self.body).expect("JSON") {
            Value::Array(events) => events,
            event => vec![event],
        }
    }

    /// Where its events stand in the registry.
    pub fn places(&self) -> Vec<u64> {
        let events = self.events().into_iter();
        events.map(|event| event["data"]["seq"].as_u64().expect("a place")).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

#[derive(Default)]
struct Shared {
    heard: Vec<Heard>,
    /// What is done with the next requests; then `Answer(204)`.
    plan: VecDeque<Does>,
    /// Kept open.
    hanging: Vec<TcpStream>,
    is_over: bool,
    slowness: Duration,
}

pub struct Receiver {
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    pub fn new() -> Receiver {
        Receiver::at(0)
    }

    pub fn at(port: u16) -> Receiver {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let of = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if of.lock().expect("no panic").is_over {
                    return;
                }
                // A deliverer that dies within a request is none of our failures.
                let _ = take(stream, &of);
            }
        });
        Receiver { port, shared, thread: Some(thread) }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/events", self.port)
    }

    pub fn plan(&self, does: &[Does]) {
        self.shared.lock().expect("no panic").plan.extend(does);
    }

    /// Takes so long for each request.
    pub fn slow(&self, slowness: Duration) {
        self.shared.lock().expect("no panic").slowness = slowness;
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.shared.lock().expect("no panic").heard.clone()
    }

    /// The places of events in requests that were accepted, as they came.
    pub fn accepted(&self) -> Vec<u64> {
        let accepts = |heard: &Heard| matches!(heard.did, Does::Answer(204) | Does::Flood(_));
        self.heard().iter().filter(|heard| accepts(heard)).flat_map(Heard::places).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.lock().expect("no panic").is_over = true;
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn take(mut stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 << 10];
    let (head, body) = loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            break (head.to_owned(), body.to_owned());
        }
    };
    let slowness = shared.lock().expect("no panic").slowness;
    if !slowness.is_zero() {
        std::thread::sleep(slowness);
    }
    let mut shared = shared.lock().expect("no panic");
    let did = shared.plan.pop_front().unwrap_or(Does::Answer(204));
    shared.heard.push(Heard { head, body, did });
    match did {
        Does::Answer(status) => {
            write!(stream, "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n")
        }
        Does::Hang => {
            shared.hanging.push(stream);
            Ok(())
        }
        Does::BreakHead => write!(stream, "HTTP/1.1 200 OK\r\nContent-"),
        Does::BreakBody => write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        Does::Flood(count) => {
            drop(shared);
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n")?;
            stream.write_all(&vec![b'x'; count])
        }
        Does::Babble => write!(stream, "SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    }
}
