//! `eclexia serve`: what programs are answered, and what those who may not ask are.

use super::{LONGEST, Machine, free_port, get};
use crate::tools;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The server of a machine, ended with the test.
pub struct Served {
    child: Child,
    /// Held open: what it says later must not end it.
    _output: BufReader<ChildStdout>,
    pub port: u16,
    pub key: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    pub fn start(machine: &Machine, arguments: &[&str]) -> Served {
        let mut command = machine.command(&["serve", "--listen", "127.0.0.1:0"]);
        let command = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("a pipe");
        let mut output = BufReader::new(output);
        output.read_line(&mut line).expect("it says where it is");
        let rest = line.split("127.0.0.1:").nth(1).unwrap_or_else(|| panic!("no port in {line:?}"));
        let (port, rest) = rest.split_once("/#key=").expect("a key");
        let key = rest.split_whitespace().next().expect("a key").to_owned();
        Served { child, _output: output, port: port.parse().expect("a port"), key }
    }

    /// Status and body of an answer.
    pub fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        self.ask_as(&format!("Bearer {}", self.key), method, path, body)
    }

    fn ask_as(&self, by: &str, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {by}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        self.told(&[head.as_bytes(), body].concat())
    }

    fn told(&self, bytes: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(LONGEST)).expect("a time");
        // What is refused early is not read to its end.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status.unwrap_or(0), body.to_owned())
    }

    pub fn json(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, b"");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }
}

/// A service that answers, at this port.
pub fn shop(machine: &Machine, port: u16, word: &str) {
    machine.write(&format!(
        "(defn answer [request] (http/text 200 \"{word}\"))\n\
         (defn main [world]\n  (let [port (try (env/int-or (.env world) \"PORT\" 1))]\n\
           (http/serve (.network world) (str \"127.0.0.1:\" port) answer)))\n\
         (defservice web {{:image \"i\" :command [\"eclexia\" \"run\" \"shop.ecl\"]\n\
           :requires {{:memory 64MiB :cpu 500mcpu}}\n\
           :port {port} :replicas 2 :health (http \"/\" :every 1s :timeout 1s)}})"
    ));
}

fn code(body: &str) -> String {
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    value["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn programs_are_answered_as_the_description_says() {
    let machine = Machine::new();
    let port = free_port();
    shop(&machine, port, "one");
    machine.done(&["apply", "shop.ecl"]);
    let served = Served::start(&machine, &[]);
    for _ in 0..20 {
        assert_eq!(get(port, "/").map(|(status, _)| status), Some(200));
    }
    assert_eq!(served.ask_as("none", "GET", "/health", b"").0, 200);
    assert_eq!(served.ask_as("none", "GET", "/ready", b"").0, 200);
    let status = served.json("/api/v1/status");
    assert_eq!(status["deployments"][0]["services"][0]["requests"], 20, "{status}");
    let (_, metrics) = served.ask_as("none", "GET", "/metrics", b"");
    let requests = "eclexia_service_requests_total{deployment=\"shop\",service=\"web\"} 20\n";
    assert!(metrics.contains(requests), "{metrics}");
    let (kind, picture) = served.ask("GET", "/api/v1/deployments/shop/graph", b"");
    assert!(kind == 200 && picture.starts_with("<svg"), "{picture:.100}");
    taken_by_promtool(&machine, &metrics);
    let asked = [
        ("Status", "/api/v1/status"),
        ("Versions", "/api/v1/deployments/shop/versions"),
        ("Usage", "/api/v1/deployments/shop/usage?since=60000"),
        ("Prices", "/api/v1/deployments/shop/prices"),
        ("Intensities", "/api/v1/deployments/shop/intensities"),
        ("Machine", "/api/v1/machine"),
        ("Drift", "/api/v1/deployments/shop/drift"),
        ("Logs", "/api/v1/deployments/shop/logs/web?lines=5"),
        ("Events", "/api/v1/events?deployment=shop&last=50"),
    ];
    answers_as_described(&machine, &served, &asked);
}

fn write(machine: &Machine, name: &str, text: &str) -> PathBuf {
    let path = machine.folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path
}

pub fn taken_by_promtool(machine: &Machine, metrics: &str) {
    if let Some(promtool) = tools::find("promtool", "apt-get install prometheus") {
        let path = write(machine, "metrics", metrics);
        let file = std::fs::File::open(path).expect("it is there");
        let mut command = Command::new(promtool);
        let ran = command.args(["check", "metrics"]).stdin(file).output().expect("it runs");
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success() && told.is_empty(), "{told}");
    }
}

/// Whether the description is one, and answers to these paths, by schema, are as it says.
pub fn answers_as_described(machine: &Machine, served: &Served, asked: &[(&str, &str)]) {
    let python = tools::python_with("openapi_spec_validator", "openapi-spec-validator");
    let Some(python) = python else { return };
    let mut command = Command::new(python);
    command.arg(xtask::root().join("tests/serve/answers.py"));
    let (_, description) = served.ask_as("none", "GET", "/openapi.json", b"");
    command.arg(write(machine, "openapi.json", &description));
    for (schema, path) in asked {
        let answer = served.json(path);
        command.arg(schema).arg(write(machine, &format!("{schema}.json"), &answer.to_string()));
    }
    let (_, refused) = served.ask("GET", "/api/v1/none", b"");
    command.arg("Refused").arg(write(machine, "refused.json", &refused));
    let ran = tools::run(&mut command);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
}

#[test]
fn who_may_not_ask_or_asks_wrongly_is_told_so() {
    let machine = Machine::new();
    let served = Served::start(&machine, &[]);
    let (status, body) = served.told(b"GET /api/v1/status HTTP/1.0\r\n\r\n");
    assert_eq!((status, code(&body).as_str()), (401, "token-missing"));
    for by in ["Bearer", "Basic YTpi", "Bearer ", "Bearer 0123", &format!("Bearer {}0", served.key)]
    {
        let (status, body) = served.ask_as(by, "GET", "/api/v1/status", b"");
        assert!(status == 401 && code(&body).starts_with("token-"), "{by}: {status} {body}");
        assert_eq!(served.ask_as(by, "POST", "/api/v1/deployments/a/rollback", b"").0, 401);
        assert_eq!(served.ask_as(by, "POST", "/api/v1/packages", b"x").0, 401);
    }
    for (method, path, status, wanted) in [
        ("GET", "/api/v1/none", 404, "not-served"),
        ("PUT", "/api/v1/status", 404, "not-served"),
        ("GET", "/../registry.sqlite", 404, "not-served"),
        ("GET", "/api/v1/deployments/..%2f/plan", 404, "nothing-deployed"),
        ("GET", "/api/v1/deployments/none/plan", 404, "nothing-deployed"),
        ("GET", "/api/v1/deployments/none/usage?since=-1", 400, "bad-request"),
        ("GET", "/api/v1/events?after=x", 400, "bad-request"),
        ("POST", "/api/v1/deployments/none/rollback", 404, "nothing-deployed"),
        ("POST", "/api/v1/packages", 422, "package-format"),
    ] {
        let (is, body) = served.ask(method, path, b"");
        assert_eq!((is, code(&body).as_str()), (status, wanted), "{method} {path}: {body}");
    }
    // What is no HTTP, or too much of it, ends its connection and nothing else.
    served.told(b"\x16\x03\x01\x02\x00\x01\x00\x01");
    served.told(&[b"GET / HTTP/1.1\r\nX: ".as_slice(), &vec![b'a'; 1 << 20]].concat());
    served.told(b"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n");
    assert_eq!(served.ask_as("none", "GET", "/health", b"").0, 200);
}

#[test]
fn a_token_does_over_the_network_what_its_key_is_granted_and_no_more() {
    let machine = Machine::new();
    let port = free_port();
    shop(&machine, port, "one");
    machine.done(&["apply", "shop.ecl"]);
    machine.done(&["key", "new", "ci"]);
    machine.done(&["key", "trust", "ci"]);
    let token = machine.done(&["token", "--key", "ci"]);
    let by = format!("Bearer {}", token.trim());
    let served = Served::start(&machine, &[]);
    let asked = |method: &str, path: &str, body: &[u8]| {
        let (status, body) = served.ask_as(&by, method, path, body);
        (status, code(&body))
    };
    let forbidden = (403, "capability-missing".to_owned());
    assert_eq!(asked("GET", "/api/v1/status", b""), forbidden);
    assert_eq!(asked("POST", "/api/v1/packages", b"x"), forbidden);
    machine.done(&["grant", "ci", "view:local", "deploy:local", "--deployment", "shop"]);
    assert_eq!(asked("GET", "/api/v1/status", b""), forbidden, "it may see one, not all");
    assert_eq!(asked("GET", "/api/v1/deployments/shop/versions", b"").0, 200);
    assert_eq!(asked("DELETE", "/api/v1/deployments/shop", b""), forbidden);
    shop(&machine, port, "two");
    machine.done(&["package", "shop.ecl", "--sign", "ci", "-o", "two.eclpkg"]);
    let package = std::fs::read(machine.folder.path().join("two.eclpkg")).expect("a package");
    assert_eq!(asked("POST", "/api/v1/packages", &package).0, 202);
    machine.until("version 2", || get(port, "/").is_some_and(|(_, body)| body == "two"));
    machine.until("it is completed", || machine.status()["deployments"][0]["state"] == "completed");
    assert!(machine.done(&["history", "shop"]).contains("by ci"));
    machine.done(&["revoke", "--key", "ci"]);
    assert_eq!(asked("POST", "/api/v1/packages", &package), (401, "token-revoked".to_owned()));
}

#[test]
fn a_package_is_deployed_and_returned_from_over_the_network() {
    let machine = Machine::new();
    let port = free_port();
    shop(&machine, port, "one");
    machine.done(&["apply", "shop.ecl"]);
    shop(&machine, port, "two");
    machine.done(&["package", "shop.ecl", "--sign", "own", "-o", "two.eclpkg"]);
    let package = std::fs::read(machine.folder.path().join("two.eclpkg")).expect("a package");
    let served = Served::start(&machine, &[]);
    let mut flipped = package.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let (status, body) = served.ask("POST", "/api/v1/packages", &flipped);
    assert!(status == 422 && code(&body).starts_with("package-"), "{status} {body}");
    let (status, body) = served.ask("POST", "/api/v1/packages", &package);
    assert_eq!(status, 202, "{body}");
    let says = |word: &str| get(port, "/").is_some_and(|(_, body)| body == word);
    machine.until("the package runs", || says("two") && !says("one"));
    let completed = || {
        let versions = served.json("/api/v1/deployments/shop/versions");
        versions["running"] == versions["versions"][0]["number"]
    };
    machine.until("it is completed", completed);
    let (status, body) = served.ask("POST", "/api/v1/deployments/shop/rollback", b"");
    assert_eq!(status, 202, "{body}");
    machine.until("the one before runs", || says("one") && !says("two"));
    machine.until("that is completed", completed);
    let (status, body) = served.ask("DELETE", "/api/v1/deployments/shop", b"");
    assert_eq!(status, 202, "{body}");
    machine.until("nothing is left", || machine.processes().is_empty());
}

#[test]
fn other_machines_are_served_by_tls_or_not_at_all() {
    let machine = Machine::new();
    let ran = machine.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("unprotected-listener"), "{}", ran.told());
    let Some(openssl) = tools::find("openssl", "apt-get install openssl") else { return };
    let Some(curl) = tools::find("curl", "apt-get install curl") else { return };
    let at = |name: &str| machine.folder.path().join(name);
    let mut make = Command::new(openssl);
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-days", "2"])
        .arg("-keyout")
        .arg(at("key.pem"))
        .arg("-out")
        .arg(at("cert.pem"));
    let made = tools::run(&mut make);
    assert_eq!(made.code, Some(0), "{}", made.told());
    let text = |path: &Path| path.display().to_string();
    let (cert, key) = (text(&at("cert.pem")), text(&at("key.pem")));
    let ran = machine.run(&["serve", "--tls-cert", &key, "--tls-key", &cert]);
    assert!(ran.err.contains("bad-certificate"), "{}", ran.told());
    let served = Served::start(&machine, &["--tls-cert", &cert, "--tls-key", &key]);
    let address = format!("https://localhost:{}/health", served.port);
    let mut asked = Command::new(curl);
    asked.args(["-sS", "--cacert", &cert, &address]);
    let ran = tools::run(&mut asked);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "{\"status\":\"ok\"}"), "{}", ran.told());
    // What is not encrypted is not answered.
    assert_eq!(served.told(b"GET /health HTTP/1.1\r\n\r\n").0, 0);
}
