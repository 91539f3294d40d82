//! `eclexia nrepl` by a client of our own, which knows only the protocol: messages of bencode over
//! TCP. What clients of others say is in `a_client_of_others_talks_to_the_server`.

use crate::tools;
use eclexia_rt::effects::SplitMix64;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// No answer takes longer.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Clone, PartialEq, Debug)]
enum Data {
    Int(i64),
    Text(String),
    List(Vec<Data>),
    Dict(BTreeMap<String, Data>),
}

type Message = BTreeMap<String, Data>;

impl Data {
    fn text(&self) -> &str {
        match self {
            Data::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    fn dict(&self) -> &Message {
        match self {
            Data::Dict(entries) => entries,
            other => panic!("{other:?} is no dictionary"),
        }
    }

    fn list(&self) -> &[Data] {
        match self {
            Data::List(items) => items,
            other => panic!("{other:?} is no list"),
        }
    }

    fn read(input: &mut impl BufRead) -> std::io::Result<Data> {
        let mut first = [0];
        input.read_exact(&mut first)?;
        Data::read_from(first[0], input)
    }

    fn read_from(first: u8, input: &mut impl BufRead) -> std::io::Result<Data> {
        let until = |input: &mut dyn BufRead, end: u8| {
            let mut bytes = Vec::new();
            input.read_until(end, &mut bytes)?;
            bytes.pop();
            Ok::<String, std::io::Error>(String::from_utf8(bytes).expect("digits"))
        };
        let next = |input: &mut dyn BufRead| {
            let mut byte = [0];
            input.read_exact(&mut byte)?;
            Ok::<u8, std::io::Error>(byte[0])
        };
        Ok(match first {
            b'i' => Data::Int(until(input, b'e')?.parse().expect("a number")),
            b'l' => {
                let mut items = Vec::new();
                loop {
                    match next(input)? {
                        b'e' => break Data::List(items),
                        first => items.push(Data::read_from(first, input)?),
                    }
                }
            }
            b'd' => {
                let mut entries = Message::new();
                loop {
                    match next(input)? {
                        b'e' => break Data::Dict(entries),
                        first => {
                            let key = Data::read_from(first, input)?.text().to_owned();
                            let first = next(input)?;
                            entries.insert(key, Data::read_from(first, input)?);
                        }
                    }
                }
            }
            digit => {
                let length = format!("{}{}", char::from(digit), until(input, b':')?);
                let mut bytes = vec![0; length.parse().expect("a length")];
                input.read_exact(&mut bytes)?;
                Data::Text(String::from_utf8(bytes).expect("answers are UTF-8"))
            }
        })
    }
}

/// A request of texts.
fn request(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![b'd'];
    for (key, value) in entries.iter().copied().collect::<BTreeMap<_, _>>() {
        bytes.extend(format!("{}:{key}{}:{value}", key.len(), value.len()).bytes());
    }
    bytes.push(b'e');
    bytes
}

/// The server, in a folder of its own.
struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = tools::command(folder.path(), &["nrepl"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command can be started");
        let out = child.stdout.take().expect("the output is piped");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("the server says where it is");
        // As CIDER and Calva look for it.
        let port = line
            .strip_prefix("nREPL server started on port ")
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
            .unwrap_or_else(|| panic!("no port in {line:?}"));
        Server { child, port, folder }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.set_read_timeout(Some(LONGEST)).expect("a time can be set");
        Client { input: BufReader::new(stream.try_clone().expect("two ends")), stream, made: 0 }
    }

    fn port_file(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(".nrepl-port")).ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Client {
    input: BufReader<TcpStream>,
    stream: TcpStream,
    made: u32,
}

impl Client {
    fn send(&mut self, entries: &[(&str, &str)]) -> String {
        self.made += 1;
        let id = self.made.to_string();
        let mut all = entries.to_vec();
        all.push(("id", &id));
        self.stream.write_all(&request(&all)).expect("the server reads");
        id
    }

    fn next(&mut self) -> Message {
        Data::read(&mut self.input).expect("the server answers").dict().clone()
    }

    /// The answers to a request up to the last, answers to others left out.
    fn answers(&mut self, id: &str) -> Vec<Message> {
        let mut all = Vec::new();
        loop {
            let message = self.next();
            if message.get("id") != Some(&Data::Text(id.to_owned())) {
                continue;
            }
            let is_done = statuses(&message).contains(&"done".to_owned());
            all.push(message);
            if is_done {
                return all;
            }
        }
    }

    fn ask(&mut self, entries: &[(&str, &str)]) -> Vec<Message> {
        let id = self.send(entries);
        self.answers(&id)
    }

    fn new_session(&mut self) -> String {
        self.ask(&[("op", "clone")])[0]["new-session"].text().to_owned()
    }

    fn eval(&mut self, session: &str, code: &str) -> Vec<Message> {
        self.ask(&[("op", "eval"), ("session", session), ("code", code)])
    }
}

fn statuses(message: &Message) -> Vec<String> {
    let status = message.get("status").map_or(&[][..], Data::list);
    status.iter().map(|word| word.text().to_owned()).collect()
}

fn all_of(messages: &[Message], key: &str) -> Vec<String> {
    messages.iter().filter_map(|m| Some(m.get(key)?.text().to_owned())).collect()
}

fn all_statuses(messages: &[Message]) -> Vec<String> {
    messages.iter().flat_map(statuses).collect()
}

#[test]
fn values_output_and_messages_come_as_the_protocol_says() {
    let server = Server::start();
    assert_eq!(server.port_file(), Some(server.port.to_string()));
    let mut client = server.connect();
    let told = client.ask(&[("op", "describe"), ("verbose?", "true")]);
    let ops = told[0]["ops"].dict();
    for op in [
        "clone",
        "close",
        "completions",
        "describe",
        "eval",
        "interrupt",
        "load-file",
        "lookup",
        "ls-sessions",
        "stdin",
    ] {
        assert!(ops[op].dict().contains_key("doc"), "{op}");
    }
    assert!(told[0]["versions"].dict()["nrepl"].dict().contains_key("version-string"));
    assert!(told[0]["aux"].dict().contains_key("current-ns"));

    let session = client.new_session();
    let told = client.eval(&session, "(print \"hello\") (+ 1 2)\n(def x 5)");
    assert_eq!(all_of(&told, "out"), ["hello\n"]);
    assert_eq!(all_of(&told, "value"), ["unit", "3", "x : Int"]);
    assert!(told.iter().all(|m| m["session"].text() == session && m.contains_key("id")));
    assert!(told.iter().filter(|m| m.contains_key("value")).all(|m| m.contains_key("ns")));
    assert_eq!(all_statuses(&told), ["done"]);
    assert_eq!(all_of(&client.eval(&session, "(* x *1)"), "value"), ["15"]);

    let told = client.ask(&[
        ("op", "eval"),
        ("session", &session),
        ("code", "(quot x 0)"),
        ("file", "shop.ecl"),
        ("line", "7"),
        ("column", "3"),
    ]);
    assert!(all_of(&told, "err").concat().contains("shop.ecl:7:3"), "{told:?}");
    assert_eq!(all_statuses(&told), ["eval-error", "done"]);
    assert_eq!(all_of(&told, "ex"), ["division-by-zero"]);
    let told = client.eval(&session, ":type (list x)");
    assert_eq!(all_of(&told, "out"), ["(list x) : (List Int)\n"]);
}

#[test]
fn names_are_completed_and_looked_up_and_files_loaded() {
    let server = Server::start();
    let mut client = server.connect();
    let session = client.new_session();
    client.eval(&session, "(defn twice \"Doubles.\" [n] (* 2 n))");
    let told = client.ask(&[("op", "completions"), ("session", &session), ("prefix", "twi")]);
    let found = told[0]["completions"].list()[0].dict();
    assert_eq!((found["candidate"].text(), found["type"].text()), ("twice", "function"));
    let told = client.ask(&[("op", "lookup"), ("session", &session), ("sym", "twice")]);
    let info = told[0]["info"].dict();
    assert!(info["doc"].text().contains("Doubles."), "{info:?}");
    assert_eq!(info["line"], Data::Int(1));
    let told = client.ask(&[("op", "lookup"), ("session", &session), ("sym", "list/map")]);
    assert!(told[0]["info"].dict()["arglists-str"].text().contains("Fn"), "{told:?}");
    let told = client.ask(&[("op", "lookup"), ("session", &session), ("sym", "nothing")]);
    assert_eq!((told[0]["info"].dict().len(), statuses(&told[0])[0].as_str()), (0, "done"));

    let file = "(module shop)\n(def stock 40)\n(defn left [n] (- stock n))\n";
    let load = [("op", "load-file"), ("session", session.as_str()), ("file-path", "shop.ecl")];
    let told = client.ask(&[&load[..], &[("file", file)]].concat());
    assert_eq!(all_of(&told, "value"), ["shop"]);
    assert_eq!(all_of(&client.eval(&session, "(left 2)"), "value"), ["38"]);
    // What a qualifier alone reaches is known, whether or not the file has mentioned it.
    let told = client.ask(&[("op", "lookup"), ("session", &session), ("sym", "list/map")]);
    assert_eq!(told[0]["info"].dict()["ns"].text(), "std.list");
    let told = client.ask(&[("op", "completions"), ("session", &session), ("prefix", "list/ma")]);
    assert_eq!(told[0]["completions"].list()[0].dict()["candidate"].text(), "list/map");
    let told =
        client.ask(&[&load[..], &[("file", "(module shop)\n(def stock (oops))\n")]].concat());
    assert!(all_of(&told, "err").concat().contains("shop.ecl:2:13"), "{told:?}");
    assert_eq!(all_statuses(&told), ["eval-error", "done"]);
}

#[test]
fn sessions_are_apart_and_a_clone_has_the_definitions_of_its_origin() {
    let server = Server::start();
    let mut client = server.connect();
    let (a, b) = (client.new_session(), client.new_session());
    client.eval(&a, "(def x 1)");
    assert_eq!(all_of(&client.eval(&b, "x"), "ex"), ["unknown-name"]);
    let c = client.ask(&[("op", "clone"), ("session", &a)])[0]["new-session"].text().to_owned();
    assert_eq!(all_of(&client.eval(&c, "(+ x 1)"), "value"), ["2"]);
    // What does not fit any more keeps nothing else from the clone.
    client.eval(&c, "(defn f [] (+ x 1)) (def z 3)");
    client.eval(&c, "(def x \"a\")");
    let d = client.ask(&[("op", "clone"), ("session", &c)])[0]["new-session"].text().to_owned();
    assert_eq!(all_of(&client.eval(&d, "(str z x)"), "value"), ["\"3a\""]);
    client.ask(&[("op", "close"), ("session", &d)]);
    let told = client.ask(&[("op", "ls-sessions")]);
    assert_eq!(told[0]["sessions"].list().len(), 3);
    let told = client.ask(&[("op", "close"), ("session", &b)]);
    assert!(statuses(&told[0]).contains(&"session-closed".to_owned()));
    let told = client.eval(&b, "1");
    assert_eq!(statuses(&told[0]), ["error", "unknown-session", "done"]);
    // Sessions end with the connection that they began in.
    drop(client);
    let mut client = server.connect();
    let started = Instant::now();
    while !client.ask(&[("op", "ls-sessions")])[0]["sessions"].list().is_empty() {
        assert!(started.elapsed() < LONGEST);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_evaluation_can_be_interrupted_and_holds_up_nobody() {
    let server = Server::start();
    let mut client = server.connect();
    let (busy, idle) = (client.new_session(), client.new_session());
    client.eval(&busy, "(def kept 1)");
    let endless = client.send(&[
        ("op", "eval"),
        ("session", &busy),
        ("code", "(print \"began\") (loop [i 0] (recur (+ i 1)))"),
    ]);
    while !client.next().contains_key("out") {}
    assert_eq!(all_of(&client.eval(&idle, "(+ 1 1)"), "value"), ["2"]);
    let told = client.ask(&[("op", "completions"), ("session", &busy), ("prefix", "list/ma")]);
    assert_eq!(all_statuses(&told), ["done"]);
    let wrong = [("op", "interrupt"), ("session", busy.as_str()), ("interrupt-id", "no such")];
    assert!(all_statuses(&client.ask(&wrong)).contains(&"interrupt-id-mismatch".to_owned()));
    let stop =
        [("op", "interrupt"), ("session", busy.as_str()), ("interrupt-id", endless.as_str())];
    let id = client.send(&stop);
    let (mut interrupted, mut answered) = (false, false);
    while !(interrupted && answered) {
        let message = client.next();
        let of = message["id"].text().to_owned();
        answered |= of == id && statuses(&message) == ["done"];
        interrupted |= of == endless && statuses(&message) == ["done", "interrupted"];
    }
    assert_eq!(all_of(&client.eval(&busy, "kept"), "value"), ["1"]);
    let told = client.ask(&[("op", "interrupt"), ("session", &busy)]);
    assert_eq!(all_statuses(&told), ["done", "session-idle"]);
}

#[test]
fn nothing_that_is_sent_ends_the_server() {
    let server = Server::start();
    let whole = request(&[("op", "eval"), ("code", "(+ 1 1)"), ("id", "1"), ("line", "-3")]);
    let mut wrong: Vec<Vec<u8>> = vec![
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        b"99999999999999999999:".to_vec(),
        b"999999999:too short".to_vec(),
        vec![b'l'; 100_000],
        vec![b'd'; 100],
        b"i12ei13ele0:5:helloi-e".to_vec(),
        b"de".to_vec(),
        b"d2:op4:evale".to_vec(),
        b"d2:opi7ee".to_vec(),
        b"d2:op4:eval4:codei1ee".to_vec(),
        b"d2:op5:clone7:session3:\xff\xfe\xfde".to_vec(),
        b"d2:op9:interrupte".to_vec(),
        b"d2:op5:bogus2:idl1:aee".to_vec(),
        request(&[("op", "eval"), ("code", "(((("), ("line", "999999999999"), ("column", "x")]),
        request(&[("op", "eval"), ("code", &"(f ".repeat(100_000))]),
        request(&[("op", "load-file"), ("file", "\0\u{1b}"), ("file-path", "/")]),
    ];
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
    for bytes in &wrong {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("it listens");
        // The server may have hung up already.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.set_read_timeout(Some(LONGEST));
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock, "{bytes:?}"),
        }
    }
    let mut client = server.connect();
    let told = client.ask(&[("op", "eval"), ("code", "(+ 1 1)")]);
    assert_eq!(all_of(&told, "value"), ["2"]);
    let told = client.ask(&[("op", "no-such-op")]);
    assert_eq!(statuses(&told[0]), ["error", "unknown-op", "done"]);
}

#[cfg(unix)]
#[test]
fn the_port_is_taken_back_at_the_end() {
    let mut server = Server::start();
    let ended = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status();
    assert!(ended.is_ok_and(|status| status.success()));
    assert_eq!(tools::wait(&mut server.child), Some(0));
    assert_eq!(server.port_file(), None);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let server = Server::start();
    let port = server.port.to_string();
    let ran = tools::run(&mut tools::command(server.folder.path(), &["nrepl", "--port", &port]));
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("error[cannot-listen]"), "{}", ran.told());
    assert_eq!(server.port_file(), Some(port), "the other server's");
}

/// The client of PyPI, which is not ours.
#[test]
fn a_client_of_others_talks_to_the_server() {
    let Some(python) = tools::python_with("nrepl", "nrepl-python-client") else { return };
    let server = Server::start();
    let script = "import nrepl, sys\n\
        c = nrepl.connect('nrepl://localhost:' + sys.argv[1])\n\
        c.write({'op': 'clone'})\n\
        s = c.read()['new-session']\n\
        c.write({'op': 'eval', 'code': '(print 7) (+ 40 2)', 'session': s, 'id': 'x'})\n\
        seen = {}\n\
        while 'done' not in seen.get('status', []): seen.update(c.read())\n\
        print(seen['out'].strip(), seen['value'], seen['id'], seen['session'] == s)\n";
    let mut command = Command::new(python);
    let ran = tools::run(command.args(["-c", script]).arg(server.port.to_string()));
    assert_eq!(ran.out.trim(), "7 42 x True", "{}", ran.told());
}
