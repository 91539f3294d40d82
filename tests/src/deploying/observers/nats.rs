//! Subjects of NATS, at a real server: plain ones, those that a stream keeps, with logins and TLS.

use super::{LONGEST, Machine, Running, free_port};
use crate::tools;
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server, ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// `None`: there is no server on this machine.
    fn start(folder: &Path, more: &[&str]) -> Option<Server> {
        Server::at(free_port(), folder, more)
    }

    fn at(port: u16, folder: &Path, more: &[&str]) -> Option<Server> {
        let program = tools::find("nats-server", "apt-get install nats-server")?;
        let mut command = Command::new(program);
        command.args(["-a", "127.0.0.1", "-p", &port.to_string()]).args(more).current_dir(folder);
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("it starts");
        let server = Server { child, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < LONGEST, "it does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(server)
    }

    fn address(&self, scheme: &str, subject: &str) -> String {
        format!("{scheme}://127.0.0.1:{}/{subject}", self.port)
    }
}

/// A client of the tests' own.
struct Client {
    stream: BufReader<TcpStream>,
    asked: u32,
}

/// Subject, headers and payload.
type Heard = (String, String, String);

impl Client {
    fn new(server: &Server) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).expect("it listens");
        stream.set_read_timeout(Some(LONGEST)).expect("a time");
        let mut client = Client { stream: BufReader::new(stream), asked: 0 };
        client.send(
            "CONNECT {\"verbose\":false,\"headers\":true,\"protocol\":1}\r\nSUB mine.* 1\r\n",
        );
        client.flush();
        client
    }

    fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).expect("it reads");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn flush(&mut self) {
        self.send("PING\r\n");
        while self.line() != "PONG" {}
    }

    fn listen(&mut self, subject: &str) {
        self.send(&format!("SUB {subject} 2\r\n"));
        self.flush();
    }

    fn heard(&mut self) -> Heard {
        loop {
            let line = self.line();
            let words: Vec<&str> = line.split(' ').collect();
            let number = |back: usize| words[words.len() - back].parse::<usize>().expect("a size");
            let (headers, whole) = match words[0] {
                "MSG" => (0, number(1)),
                "HMSG" => (number(2), number(1)),
                "PING" => {
                    self.send("PONG\r\n");
                    continue;
                }
                _ => continue,
            };
            let subject = words[1].to_owned();
            let mut bytes = vec![0; whole + 2];
            self.stream.read_exact(&mut bytes).expect("a message");
            let text = String::from_utf8(bytes).expect("text");
            return (subject, text[..headers].to_owned(), text[headers..whole].to_owned());
        }
    }

    /// Asks the server's interface for streams.
    fn ask(&mut self, what: &str, body: &Value) -> Value {
        self.asked += 1;
        let (to, body) = (format!("mine.{}", self.asked), body.to_string());
        self.send(&format!("PUB $JS.API.{what} {to} {}\r\n{body}\r\n", body.len()));
        loop {
            let (subject, _, payload) = self.heard();
            if subject == to {
                return serde_json::from_str(&payload).expect("JSON");
            }
        }
    }

    fn count(&mut self) -> u64 {
        let answer = self.ask("STREAM.INFO.EVENTS", &json!({}));
        answer["state"]["messages"].as_u64().expect("a number")
    }
}

#[test]
fn subjects_that_nobody_keeps_are_heard_in_order() {
    let machine = Machine::new();
    let Some(server) = Server::start(machine.folder.path(), &[]) else { return };
    let mut client = Client::new(&server);
    client.listen("ops.shop.>");
    machine.happen(1..101);
    machine.observe(&server.address("nats", "ops"), &["--from-start"]);
    let told = machine.done(&["observe", "test", "o"]);
    assert!(told.contains("the server has it; no stream keeps it"), "{told}");
    let _running = Running::start(&machine);
    for n in 1..101 {
        let (subject, headers, payload) = client.heard();
        assert_eq!(subject, "ops.shop.ready");
        let event: Value = serde_json::from_str(&payload).expect("JSON");
        assert_eq!(event["data"]["seq"], n);
        let id = format!("Nats-Msg-Id: {}\r\n", event["id"].as_str().expect("an id"));
        assert!(headers.starts_with("NATS/1.0\r\n") && headers.contains(&id), "{headers}");
    }
    machine.until_observer("it is kept", |o| o["delivered"] == 100);
}

#[test]
fn a_stream_says_that_it_has_them_and_drops_what_comes_twice() {
    let machine = Machine::new();
    let store = ["-js", "-sd", "streams"];
    let Some(server) = Server::start(machine.folder.path(), &store) else { return };
    let mut client = Client::new(&server);
    let stream = json!({"name": "EVENTS", "subjects": ["ops.>"], "storage": "file",
        "retention": "limits", "discard": "old", "num_replicas": 1, "max_msgs": -1,
        "max_bytes": -1, "max_consumers": -1});
    let made = client.ask("STREAM.CREATE.EVENTS", &stream);
    assert_eq!(made["config"]["name"], "EVENTS", "{made}");
    machine.happen(1..51);
    machine.observe(&server.address("nats", "ops"), &["--from-start"]);
    let cursor = machine.data().join("observers/o/cursor.json");
    let at_first = std::fs::read(&cursor).expect("a cursor");
    let running = Running::start(&machine);
    machine.until_observer("all is told", |o| o["delivered"] == 50);
    assert!(machine.observer()["last"]["said"] == "the stream EVENTS has it as 50");
    running.kill();
    // As if each cursor had been lost in a crash.
    std::fs::write(&cursor, at_first).expect("written");
    let running = Running::start(&machine);
    machine.until_observer("all is told again", |o| o["delivered"] == 50);
    assert_eq!(client.count(), 50);
    for n in [1, 25, 50] {
        let got = client.ask("STREAM.MSG.GET.EVENTS", &json!({"seq": n}));
        assert_eq!(got["message"]["subject"], "ops.shop.ready", "{got}");
    }
    // A server that goes away is waited for.
    let port = server.port;
    drop(server);
    machine.happen(51..54);
    machine.until_observer("it is away", |o| o["failed"] != 0);
    let server = Server::at(port, machine.folder.path(), &store).expect("there was one");
    machine.until_observer("it goes on", |o| o["behind"] == 0);
    let mut client = Client::new(&server);
    assert_eq!(client.count(), 53);
    drop(running);
}

#[test]
fn whenever_the_plug_is_pulled_a_stream_has_each_event_once_in_order() {
    let machine = Machine::new();
    let store = ["-js", "-sd", "streams"];
    let Some(server) = Server::start(machine.folder.path(), &store) else { return };
    let mut client = Client::new(&server);
    let stream = json!({"name": "EVENTS", "subjects": ["eclexia.>"], "storage": "memory",
        "retention": "limits", "num_replicas": 1});
    client.ask("STREAM.CREATE.EVENTS", &stream);
    machine.happen(1..601);
    machine.observe(&server.address("nats", ""), &["--from-start", "--batch", "5"]);
    for moment in [35, 90, 50, 120, 70, 45, 110, 60] {
        let running = Running::start(&machine);
        std::thread::sleep(Duration::from_millis(moment));
        running.kill();
    }
    let _running = Running::start(&machine);
    machine.until_observer("all is told", |o| o["behind"] == 0);
    assert_eq!(client.count(), 600);
    for n in (1..601).step_by(23) {
        let got = client.ask("STREAM.MSG.GET.EVENTS", &json!({"seq": n}));
        let data = got["message"]["data"].as_str().expect("a payload");
        let event = Base64::decode_vec(data).expect("base64");
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        assert_eq!(event["data"]["seq"], n);
    }
}

#[test]
fn a_server_that_knows_its_users_lets_only_them_in() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    let login = ["--user", "ada", "--pass", "hunter2"];
    let Some(server) = Server::start(machine.folder.path(), &login) else { return };
    let write = |text: &str| {
        let path = machine.folder.path().join("login");
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("set");
    };
    for (secret, is_let_in) in [("ada:wrong\n", false), ("token\n", false), ("ada:hunter2\n", true)]
    {
        write(secret);
        machine.observe(&server.address("nats", "ops"), &["--secret", "login"]);
        let ran = machine.run(&["observe", "test", "o"]);
        assert_eq!(ran.code, Some(i32::from(!is_let_in)), "{}", ran.told());
        assert!(is_let_in || ran.err.contains("Authorization Violation"), "{}", ran.told());
        assert!(!ran.told().contains("hunter2") && !ran.told().contains("wrong"));
        machine.done(&["observe", "remove", "o"]);
    }
    machine.observe(&server.address("nats", "ops"), &[]);
    let ran = machine.run(&["observe", "test", "o"]);
    assert!(ran.err.contains("Authorization Violation"), "{}", ran.told());
}

#[test]
fn a_server_with_tls_is_believed_if_its_authority_is_trusted() {
    let machine = Machine::new();
    let Some(openssl) = tools::find("openssl", "apt-get install openssl") else { return };
    let made = Command::new(openssl)
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=test"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(machine.folder.path())
        .output()
        .expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let tls = ["--tls", "--tlscert", "certificate.pem", "--tlskey", "key.pem"];
    let Some(server) = Server::start(machine.folder.path(), &tls) else { return };
    for (scheme, more, is_believed) in [
        ("tls", &["--ca", "certificate.pem"][..], true),
        // The server asks for it.
        ("nats", &["--ca", "certificate.pem"], true),
        ("tls", &[], false),
    ] {
        machine.observe(&server.address(scheme, "ops"), more);
        let ran = machine.run(&["observe", "test", "o"]);
        assert_eq!(ran.code, Some(i32::from(!is_believed)), "{scheme} {more:?}\n{}", ran.told());
        assert!(is_believed || ran.err.contains("it is not trusted"), "{}", ran.told());
        machine.done(&["observe", "remove", "o"]);
    }
}

/// What is no server of NATS is found out in bounded time and memory.
#[test]
fn a_server_that_speaks_otherwise_is_refused() {
    for (says, why) in [
        (&b"SSH-2.0-OpenSSH_9.9\r\n"[..], "does not speak the protocol"),
        (
            &b"INFO {\"max_payload\":1048576,\"headers\":true}\r\nMSG a 1 99999999999\r\n"[..],
            "64 KiB",
        ),
        (&[b'x'; 200_000][..], "lines without end"),
        (&b""[..], "ended the connection"),
    ] {
        let machine = Machine::new();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let said = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let _ = stream.write_all(says);
            let mut rest = Vec::new();
            if !says.is_empty() {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let _ = stream.read_to_end(&mut rest);
            }
        });
        machine.observe(&format!("nats://127.0.0.1:{port}"), &["--timeout", "3s"]);
        let ran = machine.run(&["observe", "test", "o"]);
        assert!(ran.code == Some(1) && ran.err.contains(why), "{why}\n{}", ran.told());
        said.join().expect("no panic");
    }
}
