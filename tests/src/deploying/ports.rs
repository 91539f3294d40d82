//! What goes through the port of a service.

use super::{LONGEST, Machine, free_port};
use crate::tools;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Tells the head of each request, except where it is asked to become an echo in capitals.
const ECHO: &str = r#"
import os, socket, threading
def head(c):
    text = b""
    while b"\r\n\r\n" not in text:
        part = c.recv(4096)
        if not part: return None
        text += part
    return text.split(b"\r\n\r\n", 1)
def serve(c):
    found = head(c)
    if found is None: return
    text, rest = found
    if b"\r\nupgrade: echo" in text.lower() and b"\r\nconnection: upgrade" in text.lower():
        c.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n")
        c.sendall(b"Upgrade: echo\r\n\r\n")
        while rest:= (rest or c.recv(4096)):
            c.sendall(rest.upper())
            rest = b""
    else:
        c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
        c.sendall(b"Content-Length: %d\r\n\r\n" % len(text) + text)
    c.close()
s = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
"#;

fn echo(machine: &Machine, port: u16) -> Option<()> {
    tools::find("python3", "apt-get install python3")?;
    machine.write(&format!(
        "(defservice web {{:image \"i\" :port {port} :health (tcp {port} :every 1s)\n\
           :command [\"python3\" \"-c\" {ECHO:?}]}})"
    ));
    machine.done(&["apply", "shop.ecl"]);
    Some(())
}

fn said(port: u16, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.set_read_timeout(Some(LONGEST)).expect("a time");
    stream.write_all(request.as_bytes()).expect("sent");
    stream
}

#[test]
fn a_connection_becomes_what_was_asked_for_and_ends_with_either_side() {
    let (machine, port) = (Machine::new(), free_port());
    if echo(&machine, port).is_none() {
        return;
    }
    let request = "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: keep-alive, Upgrade\r\n\
                   Upgrade: echo\r\n\r\nbefore ";
    let mut stream = said(port, request);
    let mut answer = String::new();
    let mut until = |stream: &mut TcpStream, end: &str| {
        let mut byte = [0];
        while !answer.ends_with(end) {
            stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error}: {answer}"));
            answer.push(byte[0] as char);
        }
        answer.clone()
    };
    let head = until(&mut stream, "\r\n\r\n").to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101") && head.contains("upgrade: echo"), "{head}");
    until(&mut stream, "BEFORE ");
    for n in 0..100 {
        stream.write_all(format!("and {n}.").as_bytes()).expect("sent");
        until(&mut stream, &format!("AND {n}."));
    }
    let requests = machine.status()["deployments"][0]["services"][0]["requests"].clone();
    assert_eq!(requests, 1);
    // It ends with its replica.
    let pid = u32::try_from(machine.pids()[0]).expect("a process");
    super::kill(pid, "-KILL");
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}

#[test]
fn a_service_is_told_who_asked_and_nothing_of_the_connection() {
    let (machine, port) = (Machine::new(), free_port());
    if echo(&machine, port).is_none() {
        return;
    }
    let request = "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 203.0.113.7\r\n\
                   Connection: close\r\nUpgrade: h2c\r\n\r\n";
    let mut answer = String::new();
    said(port, request).read_to_string(&mut answer).expect("an answer");
    let answer = answer.to_ascii_lowercase();
    assert!(answer.contains("x-forwarded-for: 203.0.113.7\r\n"), "{answer}");
    assert!(answer.contains("x-forwarded-for: 127.0.0.1"), "{answer}");
    assert!(answer.contains("host: shop") && !answer.contains("h2c"), "{answer}");
}
