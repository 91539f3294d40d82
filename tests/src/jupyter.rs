//! `eclexia jupyter`: what is installed, what strangers can do to a kernel, and what Jupyter's own
//! libraries say of it (`tests/jupyter`): its suite for kernels, sessions by its client, and the
//! notebooks among the examples, whose outputs are what they are when run.

use crate::bless::Failures;
use crate::readers;
use crate::tools::{self, Ran};
use eclexia_rt::effects::SplitMix64;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// No answer takes longer.
const LONGEST: Duration = Duration::from_secs(60);

const PACKAGES: &str = "jupyter_kernel_test nbclient";

#[test]
fn the_kernel_is_installed_where_jupyter_looks_for_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let at = |path: &str| folder.path().join(path);
    let install = |arguments: &[&str]| {
        let mut command = tools::command(folder.path(), &["jupyter", "install"]);
        command.args(arguments).env("HOME", folder.path()).env_remove("JUPYTER_DATA_DIR");
        let ran = tools::run(command.env("XDG_DATA_HOME", at("data")));
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        ran
    };
    install(&["--prefix", "env"]);
    let told: Value = serde_json::from_str(&install(&["--json"]).out).expect("one line of JSON");
    assert_eq!(told["format"], "eclexia-jupyter/1");
    let user = if cfg!(target_os = "macos") { "Library/Jupyter" } else { "data/jupyter" };
    for data in ["env/share/jupyter", user] {
        let file = at(data).join("kernels/eclexia/kernel.json");
        let text = std::fs::read_to_string(file).expect("the kernel is described");
        let spec: Value = serde_json::from_str(&text).expect("it is JSON");
        let command = [json!(tools::eclexia()), json!("jupyter"), json!("run")];
        assert_eq!(spec["argv"].as_array().map(|argv| &argv[..3]), Some(&command[..]));
        assert_eq!(spec["argv"][3], "{connection_file}");
        assert_eq!(
            (&spec["language"], &spec["interrupt_mode"]),
            (&json!("eclexia"), &json!("message"))
        );
    }
}

#[test]
fn a_file_that_is_no_connection_file_and_a_port_that_is_taken_are_told() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it has an address").port();
    let whole = connection([port; 5]).to_string();
    for (text, told) in [("{}", "bad-connection-file"), (&whole, "cannot-listen")] {
        std::fs::write(folder.path().join("kernel.json"), text).expect("a file can be written");
        let mut command = tools::command(folder.path(), &["jupyter", "run", "kernel.json"]);
        let ran = tools::run(&mut command);
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        assert!(ran.err.contains(told), "{}", ran.told());
    }
}

/// Messages are not signed, so that a stranger is understood.
fn connection([shell, control, iopub, stdin, heartbeat]: [u16; 5]) -> Value {
    json!({"transport": "tcp", "ip": "127.0.0.1", "key": "", "signature_scheme": "hmac-sha256",
        "shell_port": shell, "control_port": control, "iopub_port": iopub, "stdin_port": stdin,
        "hb_port": heartbeat})
}

/// A kernel, in a folder of its own.
struct Kernel {
    child: Child,
    ports: [u16; 5],
    _folder: tempfile::TempDir,
}

impl Kernel {
    fn start() -> Kernel {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let taken = [(); 5].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port is free"));
        let ports = taken.map(|it| it.local_addr().expect("it has an address").port());
        let text = connection(ports).to_string();
        std::fs::write(folder.path().join("kernel.json"), text).expect("a file can be written");
        let child = tools::command(folder.path(), &["jupyter", "run", "kernel.json"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command can be started");
        Kernel { child, ports, _folder: folder }
    }

    fn connect(&self, port: usize) -> TcpStream {
        let began = Instant::now();
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.ports[port])) {
                stream.set_read_timeout(Some(LONGEST)).expect("a time can be set");
                return stream;
            }
            assert!(began.elapsed() < LONGEST, "the kernel does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The answer to a request on a channel, of all parts the last.
    fn ask(&self, port: usize, kind: &str, content: &Value) -> Value {
        let mut stream = self.connect(port);
        stream.write_all(&[hello("DEALER"), request(kind, content)].concat()).expect("it reads");
        // Greeting and READY of the other side.
        read(&mut stream, 64);
        frame(&mut stream);
        loop {
            let (flags, body) = frame(&mut stream);
            if flags & 1 == 0 {
                return serde_json::from_slice(&body).expect("the content is JSON");
            }
        }
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a peer of ZeroMQ says first.
fn hello(kind: &str) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    (bytes[0], bytes[9], bytes[10]) = (0xff, 0x7f, 3);
    bytes[12..16].copy_from_slice(b"NULL");
    let length = 6 + 1 + 11 + 4 + kind.len() as u8;
    bytes.extend([4, length]);
    bytes.extend(b"\x05READY\x0bSocket-Type\0\0\0");
    bytes.push(kind.len() as u8);
    bytes.extend(kind.bytes());
    bytes
}

fn request(kind: &str, content: &Value) -> Vec<u8> {
    let header = json!({"msg_id": "1", "msg_type": kind, "session": "s", "username": "u",
        "date": "2026-01-01T00:00:00Z", "version": "5.3"});
    let texts = ["<IDS|MSG>", "", &header.to_string(), "{}", "{}", &content.to_string()];
    let mut bytes = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        bytes.push(2 + u8::from(i + 1 < texts.len()));
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.bytes());
    }
    bytes
}

fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).expect("the kernel answers");
    bytes
}

/// Flags and body of a frame.
fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let flags = read(stream, 1)[0];
    let length = match flags & 2 {
        0 => usize::from(read(stream, 1)[0]),
        _ => {
            let bytes = read(stream, 8);
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
    };
    (flags, read(stream, length))
}

/// What strangers may send, each on a connection of its own.
fn wrong() -> Vec<Vec<u8>> {
    let greeted = |rest: &[u8]| [&hello("DEALER"), rest].concat();
    let evaluation = request("execute_request", &json!({"code": "(+ 1 1)"}));
    let mut wrong = vec![
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        vec![0xff; 1_000],
        hello("NONSENSE"),
        hello("SUB"),
        greeted(b"\x02\x7f\xff\xff\xff\xff\xff\xff\xff"),
        greeted(b"\x02\0\0\x01\0\0\0\0\0"),
        greeted(&b"\x01\0".repeat(100_000)),
        greeted(&b"\x04\x05\x04PING".repeat(1_000)),
        greeted(b"\xf8\0"),
        greeted(&request("execute_request", &json!({"code": 7, "silent": "no"}))),
        greeted(&request("execute_request", &json!({"code": "(f ".repeat(100_000)}))),
        greeted(&request("execute_request", &json!({"user_expressions": {"a": [], "b": "("}}))),
        greeted(&request("complete_request", &json!({"code": "é", "cursor_pos": -9}))),
        greeted(&request("complete_request", &json!({"code": "é", "cursor_pos": 1u64 << 63}))),
        greeted(&request("inspect_request", &json!({"code": "(((", "cursor_pos": 2}))),
        greeted(&request("is_complete_request", &json!({}))),
        greeted(&request("history_request", &json!({"hist_access_type": 3, "n": -1}))),
        greeted(&request("history_request", &json!({"hist_access_type": "range", "stop": -5}))),
        greeted(&request("comm_msg", &json!({}))),
        greeted(&request("_request", &json!({}))),
        greeted(&request("", &json!({}))),
    ];
    let whole = greeted(&evaluation);
    let mut random = SplitMix64(2026);
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..=random.next_u64() % 3 {
            let at = random.next_u64() as usize % bytes.len();
            bytes[at] = random.next_u64() as u8;
        }
        bytes.truncate(1 + random.next_u64() as usize % bytes.len());
        wrong.push(bytes);
    }
    wrong
}

#[test]
fn nothing_that_strangers_send_ends_a_kernel() {
    let mut kernel = Kernel::start();
    assert_eq!(kernel.ask(0, "kernel_info_request", &json!({}))["status"], "ok");
    for bytes in wrong() {
        for port in 0..5 {
            let mut stream = kernel.connect(port);
            // The kernel may have hung up already.
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            match stream.read_to_end(&mut answer) {
                Ok(_) => {}
                Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock, "{bytes:?}"),
            }
        }
    }
    // Behind all that the strangers asked: what waits behind a failure is not evaluated.
    assert_eq!(kernel.ask(0, "kernel_info_request", &json!({}))["status"], "ok");
    let told = kernel.ask(0, "execute_request", &json!({"code": "(+ 1 1)", "silent": true}));
    assert_eq!(told["status"], "ok", "{told}");
    let told = kernel.ask(0, "dream_request", &json!({}));
    assert_eq!((&told["status"], &told["ename"]), (&json!("error"), &json!("unknown-request")));
    assert_eq!(kernel.ask(1, "shutdown_request", &json!({}))["status"], "ok");
    assert_eq!(tools::wait(&mut kernel.child), Some(0));
}

#[cfg(unix)]
#[test]
fn a_kernel_that_evaluates_nothing_ends_by_a_signal() {
    let mut kernel = Kernel::start();
    assert_eq!(kernel.ask(1, "kernel_info_request", &json!({}))["status"], "ok");
    let ended = Command::new("kill").args(["-TERM", &kernel.child.id().to_string()]).status();
    assert!(ended.is_ok_and(|status| status.success()));
    assert_eq!(tools::wait(&mut kernel.child), Some(0));
}

/// Runs a file of `tests/jupyter` with the kernel installed for it only; `None` where Jupyter's
/// libraries are missing.
fn python(file: &str, arguments: &[&Path]) -> Option<Ran> {
    let python = tools::python_with("jupyter_kernel_test, nbclient", PACKAGES)?;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let prefix = folder.path().to_string_lossy();
    let install = &["jupyter", "install", "--quiet", "--prefix", &prefix];
    let ran = tools::run(&mut tools::command(folder.path(), install));
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let root = xtask::root();
    let mut command = Command::new(python);
    command.arg(root.join("tests/jupyter").join(file)).args(arguments).current_dir(folder.path());
    for (name, value) in [
        ("HOME", folder.path()),
        ("JUPYTER_PATH", &folder.path().join("share/jupyter")),
        ("JUPYTER_RUNTIME_DIR", &folder.path().join("runtime")),
        ("SHOP", &root.join("tests/repl/deployments.in/shop.ecl")),
    ] {
        command.env(name, value);
    }
    Some(tools::run(&mut command))
}

fn passes(file: &str) {
    if let Some(ran) = python(file, &[]) {
        assert_eq!(ran.code, Some(0), "{}", ran.told());
    }
}

#[test]
fn the_suite_of_jupyter_finds_a_kernel() {
    passes("conformance.py");
}

#[test]
fn the_client_of_jupyter_talks_to_a_kernel() {
    passes("session.py");
}

#[test]
fn the_notebooks_say_what_they_say_when_they_are_run() {
    let mut failures = Failures::default();
    let notebooks = readers::texts("examples", ".ipynb");
    assert!(!notebooks.is_empty());
    for (path, text) in notebooks {
        let made = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let given = xtask::root().join(&path);
        let Some(ran) = python("notebook.py", &[&given, made.path()]) else { return };
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        let made = std::fs::read_to_string(made.path()).expect("a notebook is text");
        failures.expect_file(&path, &text, &made);
    }
    failures.finish();
}
