//! Answers to one request: each goes out at once, with the request's id and its session's.

use super::bencode::Value;
use crate::console::Output;
use crate::repl::Listener;
use eclexia_diag::{Diagnostic, Sources, render};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A value of more text than this is cut, in bytes: editors choke on more.
const MOST_OF_VALUE: usize = 1 << 20;

/// A connection that several threads answer at.
#[derive(Clone)]
pub struct Transport(Arc<Mutex<TcpStream>>);

impl Transport {
    pub fn new(stream: TcpStream) -> Transport {
        Transport(Arc::new(Mutex::new(stream)))
    }

    fn send(&self, message: &Value) {
        let mut bytes = Vec::new();
        message.write(&mut bytes);
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stream.write_all(&bytes).is_err() {
            // Half a message may be out, so nothing after it would be understood.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Where the answers to a request go.
#[derive(Clone)]
pub struct Replies {
    transport: Transport,
    /// As it was sent; a request without one is answered without one.
    pub id: Option<Value>,
    pub session: Option<String>,
}

impl Replies {
    pub fn new(transport: Transport, id: Option<Value>, session: Option<String>) -> Replies {
        Replies { transport, id, session }
    }

    pub fn send<const N: usize>(&self, entries: [(&str, Value); N]) {
        let mut message = BTreeMap::new();
        message.extend(self.id.clone().map(|id| ("id".to_owned(), id)));
        let session = self.session.as_ref();
        message.extend(session.map(|session| ("session".to_owned(), Value::text(session))));
        message.extend(entries.into_iter().map(|(key, value)| (key.to_owned(), value)));
        self.transport.send(&Value::Dict(message));
    }

    pub fn status(&self, words: &[&str]) {
        self.send([("status", Value::texts(words))]);
    }

    /// The request was not followed, and why.
    pub fn refuse(&self, word: &str, why: &str) {
        let status = Value::texts(&["error", word, "done"]);
        self.send([("status", status), ("err", Value::text(format!("{why}\n")))]);
    }
}

/// Hears an evaluation, and passes it on.
pub struct Relay {
    replies: Replies,
    pub namespace: RefCell<String>,
    /// Codes of the errors so far.
    errors: RefCell<Vec<&'static str>>,
}

impl Relay {
    pub fn new(replies: Replies, namespace: String) -> Relay {
        let namespace = RefCell::new(namespace);
        Relay { replies, namespace, errors: RefCell::new(Vec::new()) }
    }

    fn result(&self, text: &str, ty: &str) {
        let end = text.floor_char_boundary(MOST_OF_VALUE);
        let cut = if end < text.len() { "…" } else { "" };
        self.replies.send([
            ("value", Value::text(format!("{}{cut}", &text[..end]))),
            ("type", Value::text(ty)),
            ("ns", Value::text(self.namespace.borrow().as_str())),
        ]);
    }

    /// Ends the answers to the request.
    pub fn end(&self) {
        let errors = self.errors.borrow();
        if errors.contains(&"interrupted") {
            return self.replies.status(&["done", "interrupted"]);
        }
        if let Some(code) = errors.first() {
            self.replies.send([
                ("status", Value::texts(&["eval-error"])),
                ("ex", Value::text(*code)),
                ("root-ex", Value::text(*code)),
            ]);
        }
        self.replies.status(&["done"]);
    }
}

impl Output for Relay {
    fn print(&self, text: &str) {
        self.replies.send([("out", Value::text(text))]);
    }

    fn is_live(&self) -> bool {
        true
    }
}

impl Listener for Relay {
    fn value(&self, shown: &str, ty: &str) {
        self.result(shown, ty);
    }

    fn defined(&self, name: &str, ty: &str) {
        self.result(&format!("{name} : {ty}"), ty);
    }

    fn answer(&self, text: &str) {
        self.print(text);
    }

    fn say(&self, text: &str) {
        self.print(text);
    }

    fn report(&self, found: &[Diagnostic], sources: &Sources) {
        let text = render::human(found, sources, false);
        self.replies.send([("err", Value::text(text))]);
        let errors = found.iter().filter(|d| d.is_error()).map(|d| d.code);
        self.errors.borrow_mut().extend(errors);
    }
}
