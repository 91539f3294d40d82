//! A connection: reads requests and answers them, or hands them to a session. A request that is
//! wrong is answered with the statuses that nREPL has for it, and the next one is read.

use super::bencode::{self, Value};
use super::describe::{dict, ops, required, versions};
use super::replies::{Replies, Transport};
use super::session::{Asked, Session, Work};
use crate::listen::new_id;
use crate::repl::{Indexed, Interrupted};
use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const MOST_CONNECTIONS: usize = 64;
const MOST_SESSIONS: usize = 64;

/// Candidates of one answer.
const MOST_COMPLETIONS: usize = 1_000;

/// Code may begin so far down a file, and so far in.
const MOST_LINES: i64 = 1_000_000;
const MOST_COLUMNS: i64 = 10_000;

/// A peer that takes no answers for so long is left.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Server {
    sessions: Mutex<BTreeMap<String, Arc<Session>>>,
    connections: AtomicUsize,
}

type Request = BTreeMap<String, Value>;

impl Server {
    /// Serves a peer until it leaves, on a thread of its own.
    pub fn serve(self: Arc<Server>, stream: TcpStream) {
        if self.connections.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
            self.connections.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let server = self.clone();
        let started = std::thread::Builder::new().spawn(move || {
            let _ = stream.set_nodelay(true);
            let _ = stream.set_write_timeout(Some(WRITE_TIMEOUT));
            if let Ok(output) = stream.try_clone() {
                let transport = Transport::new(output);
                Connection { server: &server, transport, own: Vec::new() }.run(stream);
            }
            server.connections.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            self.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Connection<'s> {
    server: &'s Server,
    transport: Transport,
    /// Sessions that began here, the one for requests that name none first; they end with it.
    own: Vec<(String, bool)>,
}

fn text(request: &Request, key: &str) -> Option<String> {
    request.get(key)?.as_text()
}

/// A number, which some editors send as text.
fn number(request: &Request, key: &str, most: i64) -> usize {
    let given = match request.get(key) {
        Some(Value::Int(n)) => *n,
        Some(other) => other.as_text().and_then(|text| text.parse().ok()).unwrap_or(1),
        None => 1,
    };
    given.clamp(1, most) as usize
}

impl Connection<'_> {
    fn run(mut self, stream: TcpStream) {
        let mut input = BufReader::new(stream);
        loop {
            match bencode::read(&mut input) {
                Ok(Some(Value::Dict(request))) => self.answer(&request),
                Ok(Some(_)) => self.replies(&Request::new()).refuse("no-op", "this is no request"),
                Ok(None) | Err(bencode::Fault::Closed) => break,
                Err(fault) => {
                    self.replies(&Request::new()).refuse("bencode-error", fault.text());
                    break;
                }
            }
        }
        let mut sessions = self.server.sessions();
        self.own.iter().for_each(|(id, _)| drop(sessions.remove(id)));
    }

    fn replies(&self, request: &Request) -> Replies {
        let id = request.get("id").cloned();
        Replies::new(self.transport.clone(), id, text(request, "session"))
    }

    fn answer(&mut self, request: &Request) {
        let mut replies = self.replies(request);
        let Some(op) = text(request, "op") else {
            return replies.refuse("no-op", "a request has an `op`");
        };
        let Some(required) = required(&op) else {
            let status = Value::texts(&["error", "unknown-op", "done"]);
            return replies.send([("status", status), ("op", Value::text(op))]);
        };
        if let Some(missing) = required.iter().find(|key| text(request, key).is_none()) {
            return replies.status(&["error", &format!("no-{missing}"), "done"]);
        }
        match op.as_str() {
            "describe" => return self.describe(request, &replies),
            "ls-sessions" => {
                let ids = self.server.sessions().keys().map(Value::text).collect();
                let status = Value::texts(&["done"]);
                return replies.send([("sessions", Value::List(ids)), ("status", status)]);
            }
            _ => {}
        }
        let session = match &replies.session {
            Some(id) => match self.server.sessions().get(id).cloned() {
                Some(session) => Some(session),
                None => return replies.status(&["error", "unknown-session", "done"]),
            },
            None => None,
        };
        match (op.as_str(), session) {
            ("clone", session) => self.clone_session(session.as_deref(), &replies),
            ("close", Some(_)) => self.close(&replies),
            ("stdin", _) => replies.status(&["done"]),
            ("interrupt", Some(session)) => interrupt(&session, request, &replies),
            (_, session) => {
                let session = session.or_else(|| self.default_session(&mut replies));
                let Some(session) = session else {
                    return replies.refuse("too-many-sessions", "there are 64 sessions already");
                };
                match op.as_str() {
                    "completions" => completions(&session, request, &replies),
                    "lookup" => lookup(&session, request, &replies),
                    "load-file" => load_file(&session, request, replies),
                    _ => eval(&session, request, replies),
                }
            }
        }
    }

    fn describe(&self, request: &Request, replies: &Replies) {
        let is_verbose = request.get("verbose?").is_some_and(|value| {
            let text = value.as_text();
            *value != Value::Int(0) && !text.is_some_and(|t| t.is_empty() || t == "false")
        });
        replies.send([
            ("ops", ops(is_verbose)),
            ("versions", versions()),
            ("aux", dict([("current-ns", Value::text("repl"))])),
            ("status", Value::texts(&["done"])),
        ]);
    }

    /// The id of a new session, if there is room for it.
    fn start(&mut self, from: Option<&Session>, is_default: bool) -> Option<String> {
        if self.server.sessions().len() >= MOST_SESSIONS {
            return None;
        }
        let session = Session::start(from).ok()?;
        let id = new_id();
        self.server.sessions().insert(id.clone(), Arc::new(session));
        self.own.push((id.clone(), is_default));
        Some(id)
    }

    fn clone_session(&mut self, from: Option<&Session>, replies: &Replies) {
        match self.start(from, false) {
            Some(id) => {
                let status = Value::texts(&["done"]);
                replies.send([("new-session", Value::text(id)), ("status", status)]);
            }
            None => replies.refuse("too-many-sessions", "there are 64 sessions already"),
        }
    }

    fn close(&mut self, replies: &Replies) {
        if let Some(id) = &replies.session {
            self.server.sessions().remove(id);
            self.own.retain(|(own, _)| own != id);
        }
        replies.status(&["done", "session-closed"]);
    }

    /// The session for requests that name none.
    fn default_session(&mut self, replies: &mut Replies) -> Option<Arc<Session>> {
        let known = self.own.iter().find(|(_, is_default)| *is_default).map(|(id, _)| id.clone());
        let id = match known {
            Some(id) => id,
            None => self.start(None, true)?,
        };
        replies.session = Some(id.clone());
        self.server.sessions().get(&id).cloned()
    }
}

fn hand_over(session: &Session, work: Work, replies: Replies) {
    let refused = replies.clone();
    if !session.ask(Asked { work, replies }) {
        refused.refuse("session-busy", "too many requests wait for this session");
    }
}

fn eval(session: &Session, request: &Request, replies: Replies) {
    let file = text(request, "file").filter(|file| !file.is_empty());
    let work = Work::Eval {
        code: text(request, "code").unwrap_or_default(),
        file: file.unwrap_or_else(|| "<repl>".to_owned()),
        line: number(request, "line", MOST_LINES),
        column: number(request, "column", MOST_COLUMNS),
    };
    hand_over(session, work, replies);
}

fn load_file(session: &Session, request: &Request, replies: Replies) {
    let name = |key| text(request, key).filter(|name| !name.is_empty());
    let file = name("file-path").or_else(|| name("file-name"));
    let file = file.unwrap_or_else(|| "loaded.ecl".to_owned());
    let text = text(request, "file").unwrap_or_default();
    hand_over(session, Work::LoadFile { file, text }, replies);
}

fn interrupt(session: &Session, request: &Request, replies: &Replies) {
    let named = request.get("interrupt-id");
    let is_meant = |id: &Option<Value>| named.is_none() || id.as_ref() == named;
    match session.interrupt(is_meant) {
        Interrupted::Done => replies.status(&["done"]),
        Interrupted::Idle => replies.status(&["done", "session-idle"]),
        Interrupted::Mismatch => replies.status(&["error", "interrupt-id-mismatch", "done"]),
    }
}

fn completions(session: &Session, request: &Request, replies: &Replies) {
    let prefix = text(request, "prefix").unwrap_or_default();
    let index = session.index();
    let matching = index.names.iter().filter(|it| it.known.name.starts_with(&prefix));
    let candidates = matching.take(MOST_COMPLETIONS).map(|it| {
        dict([
            ("candidate", Value::text(&it.known.name)),
            ("type", Value::text(kind(it))),
            ("ns", Value::text(&it.module)),
            ("arglists", Value::texts(&[it.known.ty.as_str()])),
            ("doc", Value::text(&it.doc)),
        ])
    });
    let candidates = Value::List(candidates.collect());
    replies.send([("completions", candidates), ("status", Value::texts(&["done"]))]);
}

/// In the words that editors have icons for.
fn kind(it: &Indexed) -> &'static str {
    match it.known.kind {
        "form" => "special-form",
        "constant" => "var",
        "constructor" | "type" | "interface" => "type",
        "method" => "method",
        "macro" => "macro",
        _ => "function",
    }
}

fn lookup(session: &Session, request: &Request, replies: &Replies) {
    let name = text(request, "sym").unwrap_or_default();
    let index = session.index();
    let info = index.names.iter().find(|it| it.known.name == name).map(|it| {
        dict([
            ("name", Value::text(&it.known.name)),
            ("ns", Value::text(&it.module)),
            ("type", Value::text(kind(it))),
            ("arglists-str", Value::text(&it.known.ty)),
            ("doc", Value::text(&it.doc)),
            ("file", Value::text(&it.file)),
            ("line", Value::Int(it.line as i64)),
            ("column", Value::Int(it.column as i64)),
        ])
    });
    match info {
        Some(info) => replies.send([("info", info), ("status", Value::texts(&["done"]))]),
        None => replies.send([("info", dict([])), ("status", Value::texts(&["done", "no-info"]))]),
    }
}
