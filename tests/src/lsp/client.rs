//! A plain client: speaks the protocol's messages to the built command.

use crate::tools;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The longest wait for a message.
const LONGEST: Duration = Duration::from_secs(30);

pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Not yet sent: what is said without waiting in between arrives together.
    unsent: Vec<u8>,
    /// Came before what was waited for.
    early: VecDeque<Value>,
    next_id: i64,
}

impl Client {
    pub fn start(folder: &Path) -> Client {
        let mut command = tools::command(folder, &["lsp"]);
        command.env("ECLEXIA_DATA_DIR", folder.join("data"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let output = child.stdout.take().expect("its output is piped");
        let (send, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Client { child, input, messages, unsent: Vec::new(), early: VecDeque::new(), next_id: 1 }
    }

    /// Started, and past the handshake.
    pub fn ready(folder: &Path, capabilities: Value) -> Client {
        let mut client = Client::start(folder);
        let uri = uri(folder);
        client
            .ask(
                "initialize",
                json!({
                    "processId": null, "rootUri": uri, "capabilities": capabilities,
                    "workspaceFolders": [{"uri": uri, "name": "test"}],
                }),
            )
            .expect("it is initialized");
        client.tell("initialized", json!({}));
        client
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        let bytes = std::mem::take(&mut self.unsent);
        // A server that has ended is found out by what comes next.
        if let Some(input) = &mut self.input {
            let _ = input.write_all(&bytes).and_then(|()| input.flush());
        }
    }

    pub fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// A request that is not waited for; gives its id.
    pub fn post(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({"id": id, "method": method, "params": params}));
        id
    }

    /// The result of a request, or its error.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.post(method, params);
        self.answer(id)
    }

    pub fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let mut answer =
            self.wait(&format!("the answer to {id}"), |m| m["id"] == id && m["method"].is_null());
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].take()),
        }
    }

    /// The first message that fits; what comes before it is kept.
    pub fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.flush();
        if let Some(at) = self.early.iter().position(&fits) {
            return self.early.remove(at).expect("it is there");
        }
        loop {
            let Ok(message) = self.messages.recv_timeout(LONGEST) else {
                panic!("{what} has not come; before it: {:?}", self.early);
            };
            if fits(&message) {
                return message;
            }
            self.early.push_back(message);
        }
    }

    /// MB that the server holds; `None` where the system does not say.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "eclexia", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Ends the input, and gives the exit code.
    pub fn end(mut self) -> Option<i32> {
        self.flush();
        drop(self.input.take());
        tools::wait(&mut self.child)
    }

    /// As the protocol asks it.
    pub fn shut_down(mut self) -> Option<i32> {
        self.ask("shutdown", Value::Null).expect("it shuts down");
        self.tell("exit", Value::Null);
        self.end()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address of a path without characters that would be escaped.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().strip_prefix("Content-Length: ") {
            Some(value) => length = value.parse().ok()?,
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut bytes = Vec::new();
    output.take(length).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
