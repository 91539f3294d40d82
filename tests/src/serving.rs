//! Programs that serve HTTP, in every engine: `examples/hello-http.ecl` is started, asked with
//! bytes of our own and by clients of others, and ended by the signals that end services.

use crate::tools::{self, Ran, command};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ENGINES: [&str; 3] = ["interpreter", "jit", "executable"];

/// No service is waited for longer.
const LONGEST: Duration = Duration::from_secs(20);

/// A service that runs, ended with the test.
struct Service {
    child: Child,
    address: String,
}

impl Service {
    /// Starts a program, with a free port in its environment, and waits until it listens.
    fn start(mut command: Command) -> Service {
        let address = free_address();
        let port = address.rsplit(':').next().expect("a port");
        let command = command.env("PORT", port).stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        let service = Service { child, address };
        let begun = Instant::now();
        while TcpStream::connect(&service.address).is_err() {
            assert!(begun.elapsed() < LONGEST, "nothing listens at {}", service.address);
            std::thread::sleep(Duration::from_millis(5));
        }
        service
    }

    /// What comes back for bytes, after which nothing more is sent.
    fn told(&self, bytes: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(LONGEST)).expect("a timeout");
        stream.write_all(bytes.as_bytes()).expect("sent");
        stream.shutdown(std::net::Shutdown::Write).expect("no more");
        let mut told = String::new();
        stream.read_to_string(&mut told).expect("an answer");
        told.replace('\r', "")
    }

    /// Sends a signal and waits for the end.
    fn end(self, signal: &str) -> Ran {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "no signal can be sent");
        self.ended()
    }

    fn ended(mut self) -> Ran {
        let code = tools::wait(&mut self.child);
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        Ran { code, out, err }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody has, most likely also in a moment.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// The program of a path, in an engine.
fn program(folder: &Path, engine: &str, path: &str, flags: &[&str]) -> Command {
    if engine == "executable" {
        let built = folder.join("service");
        if !built.exists() {
            let build = ["build", path, "-o", "service"];
            // The first build makes the run time as well, which takes as long as it takes.
            let done = command(folder, &build).output().expect("the command runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        return Command::new(built);
    }
    command(folder, &[&["run", "--engine", engine], flags, &[path]].concat())
}

fn example() -> String {
    xtask::root().join("examples/hello-http.ecl").to_string_lossy().into_owned()
}

/// Requests, and what is answered.
const TALK: &[(&str, &str)] = &[
    (
        "GET /hello?name=Ada HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\ncontent-type: text/plain; charset=utf-8\ncontent-length: 12\n\
         connection: close\n\nHello, Ada!\n",
    ),
    (
        "GET / HTTP/1.1\r\nHost: h\r\n\r\nHEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n",
        "HTTP/1.1 303 See Other\nlocation: /hello\ncontent-length: 0\n\n\
         HTTP/1.1 200 OK\ncontent-type: text/plain; charset=utf-8\ncontent-length: 14\n\n",
    ),
    (
        "GET /count HTTP/1.0\r\n\r\n",
        "HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 13\n\
         connection: close\n\n{\"greeted\":2}",
    ),
    (
        "GET /%2e%2e/etc HTTP/1.1\r\nHost: h\r\n\r\n",
        "HTTP/1.1 404 Not Found\ncontent-type: text/plain; charset=utf-8\n\
         content-length: 10\n\nnot found\n",
    ),
    (
        "GET /\r\n\r\n",
        "HTTP/1.1 400 Bad Request\ncontent-type: text/plain; charset=utf-8\n\
         content-length: 19\nconnection: close\n\nthis is no request\n",
    ),
];

#[test]
fn a_service_is_the_same_in_every_engine() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let signals = ["-INT", "-TERM"];
    for (engine, signal) in ENGINES.into_iter().flat_map(|e| signals.map(|signal| (e, signal))) {
        let service = Service::start(program(folder.path(), engine, &example(), &[]));
        for (asked, expected) in TALK {
            assert_eq!(service.told(asked), *expected, "{engine}: {asked}");
        }
        let said = format!("listening at {}\n", service.address.replace("127.0.0.1", "0.0.0.0"));
        let ran = service.end(signal);
        assert_eq!((ran.code, &ran.out), (Some(130), &said), "{engine}: {}", ran.told());
        let told = if signal == "-INT" { "error[interrupted]: interrupted\n" } else { "" };
        assert!(ran.err.starts_with(told), "{engine}: {}", ran.told());
        assert_eq!(ran.err.is_empty(), told.is_empty(), "{engine}: {}", ran.told());
        assert!(!ran.err.contains("was running here"), "{engine}: {}", ran.told());
    }
}

#[test]
fn a_port_that_is_taken_is_an_error_in_every_engine() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let taken = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for engine in ENGINES {
        let mut command = program(folder.path(), engine, &example(), &[]);
        let ran = tools::run(command.env("PORT", &port));
        let why = format!("`main` gave (Err \"0.0.0.0:{port}: Address already in use\")");
        assert_eq!(ran.code, Some(1), "{engine}: {}", ran.told());
        assert!(ran.err.contains(&why), "{engine}: {}", ran.told());
        let ran = tools::run(command.env("PORT", "http"));
        assert!(ran.err.contains("PORT is no whole number: http"), "{engine}: {}", ran.told());
    }
}

#[test]
fn limits_of_a_run_end_a_service() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for engine in &ENGINES[..2] {
        let flags = ["--max-steps", "2000"];
        let service = Service::start(program(folder.path(), engine, &example(), &flags));
        let asked = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n".repeat(1_000);
        let told = service.told(&asked);
        assert!(told.starts_with("HTTP/1.1 200 OK\n"), "{engine}: {told}");
        assert!(told.contains("HTTP/1.1 503 Service Unavailable\n"), "{engine}: {told}");
        let ran = service.ended();
        assert!(ran.err.contains("error[step-limit]"), "{engine}: {}", ran.told());
        let mut command = program(folder.path(), engine, &example(), &["--deadline", "100ms"]);
        let ran = tools::run(command.env("PORT", "0"));
        assert!(ran.err.contains("error[time-limit]"), "{engine}: {}", ran.told());
    }
}

const CLIENT: &str = "\
import http.client, json, sys
from concurrent.futures import ThreadPoolExecutor

def ask(n):
    connection = http.client.HTTPConnection(sys.argv[1], timeout=20)
    for i in range(10):
        connection.request('GET', f'/hello?name={n}.{i}')
        answer = connection.getresponse()
        assert answer.status == 200 and answer.version == 11, answer.status
        assert answer.read().decode() == f'Hello, {n}.{i}!\\n'
    connection.request('POST', '/hello', iter([b'a' * 1000] * 20), encode_chunked=True,
                       headers={'Transfer-Encoding': 'chunked'})
    assert connection.getresponse().status == 405

with ThreadPoolExecutor(20) as clients:
    list(clients.map(ask, range(20)))
connection = http.client.HTTPConnection(sys.argv[1], timeout=20)
connection.request('GET', '/count')
print(json.load(connection.getresponse()))
";

#[test]
fn clients_of_others_are_served_many_at_once() {
    let Some(python) = tools::find("python3", "apt-get install python3") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for engine in ENGINES {
        let service = Service::start(program(folder.path(), engine, &example(), &[]));
        let ran = tools::run(Command::new(&python).args(["-c", CLIENT, &service.address]));
        assert_eq!(ran.out, "{'greeted': 200}\n", "{engine}: {}", ran.told());
    }
}

#[test]
fn curl_is_served() {
    let Some(curl) = tools::find("curl", "apt-get install curl") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let service = Service::start(program(folder.path(), "jit", &example(), &[]));
    let body = folder.path().join("body");
    std::fs::write(&body, "b".repeat(1 << 20)).expect("a file can be written");
    let at = |path: &str| format!("http://{}{path}", service.address);
    let sends = format!("@{}", body.display());
    let (hello, page) = (at("/hello?name=%C3%85sa"), at("/"));
    for (words, told) in [
        (&["-sS", &hello][..], "Hello, Åsa!\n"),
        (&["-sSL", &page], "Hello, world!\n"),
        (&["-sSI", &hello], "HTTP/1.1 200 OK"),
        // A large body is announced, and sent when it is wanted.
        (&["-sS", "--data-binary", &sends, &hello], "only GET\n"),
    ] {
        let ran = tools::run(Command::new(&curl).args(words));
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.told());
        assert!(ran.out.starts_with(told), "{words:?}: {}", ran.told());
    }
}
