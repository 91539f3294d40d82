//! The language server on a generated project: 95th percentiles of what one waits for. Time on the
//! clock, since that is what is felt; so it is noisy where other processes run.
//!
//! `cargo bench -p eclexia-benches --bench editor [LINES]`; without a number 10,000 lines.

use eclexia_benches::{eclexia, program};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Lines of one file.
const FILE: usize = 1000;

/// How often each is measured.
const ROUNDS: usize = 100;

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next_id: u64,
}

impl Server {
    fn start(program: &Path) -> Server {
        let mut child = Command::new(program)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Server { child, input, output, next_id: 1 }
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn send(&mut self, message: Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it reads");
        self.input.flush().expect("it reads");
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.wait(|message| message["id"] == id && message["method"].is_null())
    }

    fn wait(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                self.output.read_line(&mut line).expect("it speaks");
                match line.trim().strip_prefix("Content-Length: ") {
                    Some(value) => length = value.parse().expect("a number"),
                    None if line.trim().is_empty() => break,
                    None => {}
                }
            }
            let mut bytes = vec![0; length];
            self.output.read_exact(&mut bytes).expect("a message");
            let message = serde_json::from_slice(&bytes).expect("JSON");
            if fits(&message) {
                return message;
            }
        }
    }

    /// MB that the process holds; none where the system does not say.
    fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes / 1024.0)
    }
}

#[expect(clippy::print_stdout, reason = "a bench tells what it measured")]
fn main() {
    let lines = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(10 * FILE);
    let folder = std::env::temp_dir().join(format!("eclexia-editor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let manifest = "[package]\nname = \"long\"\nversion = \"0.1.0\"\n";
    std::fs::write(folder.join("eclexia.toml"), manifest).expect("written");
    for i in 0..lines.div_ceil(FILE) {
        let path = folder.join(format!("part{i}.ecl"));
        std::fs::write(path, program::long(FILE.min(lines))).expect("written");
    }
    measure(&eclexia(), &folder, |what, times| {
        let mut times = times.to_vec();
        times.sort();
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        println!("{what:<28} median {:>9.1?}  p95 {:>9.1?}", at(50), at(95));
    });
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[expect(clippy::print_stdout, reason = "a bench tells what it measured")]
fn measure(program: &Path, folder: &Path, tell: impl Fn(&str, &[Duration])) {
    let uri = format!("file://{}/part0.ecl", folder.display());
    let started = Instant::now();
    let mut server = Server::start(program);
    let root = format!("file://{}", folder.display());
    let can = json!({"textDocument": {"publishDiagnostics": {"versionSupport": true}}});
    server.ask("initialize", json!({"rootUri": root, "capabilities": can}));
    server.tell("initialized", json!({}));
    let text = program::long(FILE);
    let document = json!({"uri": uri, "languageId": "eclexia", "version": 0, "text": text});
    server.tell("textDocument/didOpen", json!({"textDocument": document}));
    let is_of = |message: &Value, version: usize| {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["uri"] == uri.as_str()
            && message["params"]["version"] == version
    };
    server.wait(|message| is_of(message, 0));
    tell("cold open", &[started.elapsed()]);
    // A letter that makes a name unknown, and out again.
    let name = text.lines().position(|line| line.starts_with("(defn ")).expect("a function");
    let place = |character: usize| json!({"line": name, "character": character});
    let mut times = Vec::new();
    for round in 1..=ROUNDS {
        let (end, letter) = if round % 2 == 1 { (6, "(") } else { (7, "") };
        let range = json!({"start": place(6), "end": place(end)});
        let changed = Instant::now();
        server.tell(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": round},
                "contentChanges": [{"range": range, "text": letter}]}),
        );
        server.wait(|message| is_of(message, round));
        times.push(changed.elapsed());
    }
    tell("keystroke to diagnostics", &times);
    let at = json!({"textDocument": {"uri": uri}, "position": place(7)});
    for method in ["hover", "completion", "definition", "documentSymbol", "semanticTokens/full"] {
        let method = format!("textDocument/{method}");
        let times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let asked = Instant::now();
                server.ask(&method, at.clone());
                asked.elapsed()
            })
            .collect();
        tell(&method, &times);
    }
    if let Some(memory) = server.memory() {
        println!("{:<28} {memory:.0} MB", "memory");
    }
    server.ask("shutdown", Value::Null);
    server.tell("exit", Value::Null);
    server.child.wait().expect("it ends");
}
