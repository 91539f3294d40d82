//! A server between raw sockets and a program that shouts: whatever it is asked, it answers with
//! what it was asked, in capitals.

use super::*;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread::JoinHandle;

/// A server, and a thread in the program's part, which ends when it is dropped.
struct Shouting {
    at: SocketAddr,
    is_over: Arc<AtomicBool>,
    program: Option<JoinHandle<()>>,
}

impl Shouting {
    fn start(limits: Limits) -> Shouting {
        let server = Server::start("127.0.0.1:0", limits).expect("a port");
        let (at, is_over) = (server.bound, Arc::new(AtomicBool::new(false)));
        let mut servers = Servers(BTreeMap::from([("here".to_owned(), server)]));
        let own = Arc::clone(&is_over);
        let program = std::thread::spawn(move || {
            let mut answer = None;
            while !own.load(Ordering::Relaxed) {
                let end = End { deadline: None, interrupted: &own };
                let ready = servers.ready("here", answer.take(), &end).expect("it listens");
                let Some(asked) = ready.or_else(|| servers.wait("here", &end)) else { return };
                let Request { method, path, query, headers, body } = asked;
                let kind = headers.get("x").cloned().unwrap_or_default();
                let body = format!("{method} {path} {query:?} {kind} {body}").to_uppercase();
                answer = Some(Response { status: 200, headers: Vec::new(), body });
            }
        });
        Shouting { at, is_over, program: Some(program) }
    }

    /// All that comes back for these bytes, after which nothing more is sent.
    fn told(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).expect("sent");
        stream.shutdown(Shutdown::Write).expect("no more");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.at).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }

    fn assert_refused(&self, bytes: &[u8], status: &str) {
        let told = self.told(bytes);
        assert!(told.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{told}");
        assert!(told.contains("connection: close\r\n"), "{told}");
    }
}

impl Drop for Shouting {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(program) = self.program.take() {
            program.join().expect("the program ends");
        }
    }
}

/// The body of the one answer, which is 200.
fn body(told: &str) -> &str {
    assert!(told.starts_with("HTTP/1.1 200 OK\r\n"), "{told}");
    told.split_once("\r\n\r\n").expect("a body").1
}

/// Reads one answer off a connection that goes on.
fn one(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).expect("text");
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.expect("a length").parse().expect("a number")];
    stream.read_exact(&mut body).expect("a body");
    head + &String::from_utf8(body).expect("text")
}

#[test]
fn a_request_is_decoded_and_its_answer_comes_back() {
    let server = Shouting::start(LIMITS);
    let told = server
        .told(b"GET /a%20b?n=1&n=2&m=x+%C3%A4&flag HTTP/1.1\r\nHost: h\r\nX: y\r\nx: z\r\n\r\n");
    assert_eq!(body(&told), r#"GET /A B {"FLAG": "", "M": "X Ä", "N": "2"} Y, Z "#);
    assert!(told.contains("content-length: 50\r\n"), "{told}");
    let told = server.told(b"GET http://h?a HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(body(&told), r#"GET / {"A": ""}  "#);
}

#[test]
fn bodies_come_by_length_or_in_chunks_and_in_any_pieces() {
    let server = Shouting::start(LIMITS);
    let whole = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(body(&server.told(whole)), "POST / {}  HELLO");
    let chunked = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\
        3;why=not\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n";
    assert_eq!(body(&server.told(chunked)), "POST / {}  HELLO");
    for bytes in [&whole[..], chunked] {
        let mut stream = server.connect();
        for byte in bytes {
            stream.write_all(&[*byte]).expect("sent");
        }
        assert_eq!(body(&one(&mut stream)), "POST / {}  HELLO");
    }
}

#[test]
fn a_connection_goes_on_and_takes_requests_at_once() {
    let server = Shouting::start(LIMITS);
    let mut stream = server.connect();
    for path in ["/a", "/b"] {
        let asked = format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
        stream.write_all(asked.as_bytes()).expect("sent");
        assert_eq!(body(&one(&mut stream)), format!("GET {} {{}}  ", path.to_uppercase()));
    }
    let twice = b"GET /c HTTP/1.1\r\nHost: h\r\n\r\nGET /d HTTP/1.1\r\nHost: h\r\n\r\n";
    stream.write_all(twice).expect("sent");
    assert_eq!(body(&one(&mut stream)), "GET /C {}  ");
    assert_eq!(body(&one(&mut stream)), "GET /D {}  ");
    stream.write_all(b"GET /e HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n").expect("sent");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the connection ends");
    assert!(rest.contains("connection: close\r\n"), "{rest}");
    let old = server.told(b"GET / HTTP/1.0\r\n\r\n");
    assert!(old.contains("connection: close\r\n"), "{old}");
    let old = server.told(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert!(old.contains("connection: keep-alive\r\n"), "{old}");
}

#[test]
fn head_is_answered_without_a_body_and_who_waits_for_a_word_gets_it() {
    let server = Shouting::start(LIMITS);
    let told = server.told(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(told.contains("content-length: 10\r\n"), "{told}");
    assert_eq!(body(&told), "");
    let mut stream = server.connect();
    let head = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    stream.write_all(head).expect("sent");
    let mut word = [0; 25];
    stream.read_exact(&mut word).expect("a word");
    assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"ok").expect("sent");
    assert_eq!(body(&one(&mut stream)), "POST / {}  OK");
}

#[test]
fn what_is_wrong_is_refused_with_its_status() {
    let server = Shouting::start(LIMITS);
    let with =
        |line: &str, headers: &str| format!("{line}\r\nHost: h\r\n{headers}\r\n").into_bytes();
    let post = |headers: &str| with("POST / HTTP/1.1", headers);
    let chunked = "Transfer-Encoding: chunked\r\n";
    let many: String = (0..200).map(|n| format!("a{n}: b\r\n")).collect();
    let long = format!("a: {}\r\n", "b".repeat(LIMITS.head));
    let cases: &[(Vec<u8>, &str)] = &[
        (b"nonsense\r\n\r\n".to_vec(), "400 Bad Request"),
        (b"\x16\x03\x01\x02\x00\x01\x00".to_vec(), "400 Bad Request"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "400 Bad Request"),
        (with("GET / HTTP/1.1", "Host: i\r\n"), "400 Bad Request"),
        (with("GET /%ff HTTP/1.1", ""), "400 Bad Request"),
        (with("GET no/path HTTP/1.1", ""), "400 Bad Request"),
        (with("GET / HTTP/1.1", "a b: c\r\n"), "400 Bad Request"),
        (with("GET / HTTP/2.0", ""), "505 HTTP Version Not Supported"),
        (with("CONNECT h:80 HTTP/1.1", ""), "501 Not Implemented"),
        (post("Content-Length: +5\r\n"), "400 Bad Request"),
        (post("Content-Length: 5\r\nContent-Length: 6\r\n"), "400 Bad Request"),
        (post(&format!("Content-Length: 5\r\n{chunked}")), "400 Bad Request"),
        (post("Transfer-Encoding: gzip\r\n"), "501 Not Implemented"),
        (post("Expect: miracles\r\n"), "417 Expectation Failed"),
        (post("Content-Length: 1048577\r\n"), "413 Content Too Large"),
        (post("Content-Length: 99999999999999999999999\r\n"), "413 Content Too Large"),
        ([post(chunked), b"x\r\n".to_vec()].concat(), "400 Bad Request"),
        ([post(chunked), b"2\r\nabc\r\n".to_vec()].concat(), "400 Bad Request"),
        ([post(chunked), b"fffffff\r\n".to_vec()].concat(), "413 Content Too Large"),
        ([post("Content-Length: 1\r\n"), vec![0xff]].concat(), "415 Unsupported Media Type"),
        (with("GET / HTTP/1.1", &many), "431 Request Header Fields Too Large"),
        (with("GET / HTTP/1.1", &long), "431 Request Header Fields Too Large"),
    ];
    for (bytes, status) in cases {
        server.assert_refused(bytes, status);
    }
    // A body that is refused is not cut off in the middle of being sent.
    let mut large = post("Content-Length: 2000000\r\n");
    large.resize(large.len() + 2_000_000, b'a');
    server.assert_refused(&large, "413 Content Too Large");
}

#[test]
fn a_client_that_is_slow_or_gone_holds_up_nobody() {
    let patience = Duration::from_millis(100);
    let server = Shouting::start(Limits { patience, ..LIMITS });
    let mut idle = server.connect();
    let mut slow = server.connect();
    slow.write_all(b"GET / HT").expect("sent");
    drop({
        let mut gone = server.connect();
        gone.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").expect("sent");
        gone
    });
    assert_eq!(body(&server.told(b"GET /me HTTP/1.1\r\nHost: h\r\n\r\n")), "GET /ME {}  ");
    let mut told = String::new();
    slow.read_to_string(&mut told).expect("it is told");
    assert!(told.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{told}");
    told.clear();
    idle.read_to_string(&mut told).expect("it is closed");
    assert_eq!(told, "");
}

#[test]
fn who_has_been_waited_for_longest_gives_way() {
    let server = Shouting::start(Limits { connections: 2, ..LIMITS });
    let mut connections: Vec<TcpStream> = Vec::new();
    for n in 0..10 {
        let mut stream = server.connect();
        let asked = format!("GET /{n} HTTP/1.1\r\nHost: h\r\n\r\n");
        stream.write_all(asked.as_bytes()).expect("sent");
        assert_eq!(body(&one(&mut stream)), format!("GET /{n} {{}}  "));
        connections.push(stream);
    }
    let mut rest = String::new();
    connections[0].read_to_string(&mut rest).expect("it was closed");
    assert_eq!(rest, "");
}

#[test]
fn a_server_that_ends_tells_those_who_wait() {
    let server = Server::start("127.0.0.1:0", LIMITS).expect("a port");
    let at = server.bound;
    let mut servers = Servers(BTreeMap::from([("here".to_owned(), server)]));
    let mut stream = TcpStream::connect(at).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").expect("sent");
    let asked = servers.wait("here", &End { deadline: None, interrupted: &AtomicBool::new(false) });
    assert_eq!(asked.expect("a request").path, "/");
    let _idle = TcpStream::connect(at).expect("a connection");
    drop(servers);
    let mut told = String::new();
    stream.read_to_string(&mut told).expect("an answer");
    assert!(told.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{told}");
    assert!(TcpStream::connect(at).is_err(), "nobody listens any more");
}

#[test]
fn waiting_ends_when_it_is_time_or_interrupted() {
    let mut servers = Servers::default();
    let (never, raised) = (AtomicBool::new(false), AtomicBool::new(true));
    let soon = Instant::now() + Duration::from_millis(20);
    let time = End { deadline: Some(soon), interrupted: &never };
    let interrupted = End { deadline: None, interrupted: &raised };
    assert_eq!(servers.ready("127.0.0.1:0", None, &time), Ok(None));
    assert_eq!(servers.wait("127.0.0.1:0", &time), None);
    assert_eq!(servers.wait("127.0.0.1:0", &interrupted), None);
    let taken = servers.0["127.0.0.1:0"].bound.to_string();
    let told = servers.ready(&taken, None, &time).expect_err("the port is taken");
    assert_eq!(told, format!("{taken}: Address already in use"));
}

#[test]
fn what_a_program_answers_cannot_break_out_of_its_header() {
    use super::answer::written;
    use super::request::Manner;
    let manner = Manner { is_head: false, is_old: false, keeps: true };
    let sent = |status: i64, name: &str, value: &str| {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let answer = Response { status, headers, body: "b".to_owned() };
        let (bytes, keeps) = written(&answer, manner);
        (String::from_utf8(bytes).expect("text"), keeps)
    };
    let (good, keeps) = sent(201, "Location", "/ä");
    assert_eq!(good, "HTTP/1.1 201 Created\r\nLocation: /ä\r\ncontent-length: 1\r\n\r\nb");
    assert!(keeps);
    for (status, name, value) in [
        (200, "a", "b\r\nc: d"),
        (200, "a b", "c"),
        (200, "", "c"),
        (99, "a", "b"),
        (1000, "a", "b"),
    ] {
        let (bad, _) = sent(status, name, value);
        assert!(bad.starts_with("HTTP/1.1 500 Internal Server Error\r\n"), "{bad}");
        assert!(!bad.contains("\r\nc: d"), "{bad}");
    }
    assert_eq!(sent(204, "Content-Length", "7").0, "HTTP/1.1 204 No Content\r\n\r\n");
    assert!(!sent(200, "Connection", "close").1);
}

#[test]
fn no_bytes_are_read_in_two_ways_and_none_are_too_much() {
    use super::request::{Body, Chunks, head};
    use eclexia_rt::effects::SplitMix64;
    let good: &[&[u8]] = &[
        b"GET /a%20b?x=%41+1&y HTTP/1.1\r\nHost: h\r\nCookie: a\r\nCookie: b\r\n\r\n",
        b"POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    ];
    let mut random = SplitMix64(7);
    let mut below = |n: usize| random.next_u64() as usize % n;
    let mut whole = 0;
    for n in 0..30_000 {
        let mut bytes = good[n % good.len()].to_vec();
        for _ in 0..below(4) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes[at] = below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n:%0 ,;"[below(8)]),
                _ => bytes.truncate(at.max(8)),
            }
        }
        let Ok(Some((found, used))) = head(&bytes, LIMITS) else { continue };
        whole += 1;
        // What is there in part is not taken for a whole.
        assert!(!matches!(head(&bytes[..used - 1], LIMITS), Ok(Some(_))), "{bytes:?}");
        if found.body == Body::Chunked {
            let body = |step: usize| {
                let (mut chunks, mut come) = (Chunks::default(), Vec::new());
                for part in bytes[used..].chunks(step) {
                    come.extend_from_slice(part);
                    match chunks.take(&mut come, LIMITS) {
                        Ok(false) => {}
                        Ok(true) => return Some(chunks.body),
                        Err(_) => return None,
                    }
                }
                None
            };
            assert_eq!(body(1), body(bytes.len()), "{bytes:?}");
        }
    }
    assert!(whole > 5_000, "{whole} of 30000 are requests");
}
