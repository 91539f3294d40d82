//! The network of a running program: one text sent over TCP, one text back. Bounded in size and in
//! time. Absent: TLS, connections that stay open; servers are in `http`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// The longest answer: 16 MiB.
const MOST_BYTES: usize = 16 << 20;

pub fn exchange(address: &str, text: &str, timeout: f64) -> Result<String, String> {
    let wrong = |error: std::io::Error| {
        let text = match error.kind() {
            // What a timeout is called depends on the system.
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
                "no answer in time".to_owned()
            }
            _ => error.to_string(),
        };
        format!("{address}: {}", text.split(" (os error").next().unwrap_or_default())
    };
    let patience = Duration::try_from_secs_f64(timeout).map_err(|e| format!("{address}: {e}"))?;
    let until = Instant::now() + patience;
    let left = || {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(std::io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    };
    let mut stream = connect(address, &left).map_err(wrong)?;
    let mut answer = Vec::new();
    let mut talk = || -> std::io::Result<()> {
        stream.set_write_timeout(Some(left()?))?;
        stream.write_all(text.as_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        let mut buffer = [0; 1 << 14];
        loop {
            stream.set_read_timeout(Some(left()?))?;
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                n => answer.extend_from_slice(&buffer[..n]),
            }
            if answer.len() > MOST_BYTES {
                return Err(std::io::Error::other("the answer is longer than 16 MiB"));
            }
        }
    };
    talk().map_err(wrong)?;
    String::from_utf8(answer).map_err(|_| format!("{address}: the answer is no text in UTF-8"))
}

/// The first of the host's addresses that answers.
fn connect(
    address: &str,
    left: &dyn Fn() -> std::io::Result<Duration>,
) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other("the host has no address");
    for socket in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&socket, left()?) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_there_and_another_comes_back() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = server.local_addr().expect("an address").to_string();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().expect("a connection");
            let mut text = String::new();
            stream.read_to_string(&mut text).expect("a text");
            stream.write_all(text.to_uppercase().as_bytes()).expect("sent");
        });
        assert_eq!(exchange(&address, "hello", 5.0).as_deref(), Ok("HELLO"));
        answering.join().expect("the server ends");
    }

    #[test]
    fn a_silent_host_is_not_waited_for_longer_than_said() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = server.local_addr().expect("an address").to_string();
        let told = exchange(&address, "hello", 0.05).expect_err("nothing answers");
        assert!(told.ends_with("no answer in time"), "{told}");
    }
}
