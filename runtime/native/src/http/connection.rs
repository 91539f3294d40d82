//! One connection, by one thread: requests are read whole and handed on, one after the other, and
//! their answers written. Ends when the client does, when it takes too long, after what could not
//! be read, and with the server.

use super::answer::{refusing, written};
use super::request::{Body, Chunks, Head, Manner, Refusal, TOO_LARGE, head};
use super::seats::{Seat, Seats};
use super::{Asked, Limits};
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Bytes that are read at once.
const PART: usize = 16 << 10;

/// How long, and for how many bytes, a client that is refused may go on sending: what is unread
/// when a connection is closed may cost its answer.
const LINGERING: Duration = Duration::from_secs(2);
const LINGERING_BYTES: usize = 4 << 20;

const NO_ANSWER: Refusal = Refusal(503, "the service has ended");
const NO_SEAT: Refusal = Refusal(503, "too many requests wait for an answer");
const TOO_SLOW: Refusal = Refusal(408, "the request took too long");
const NO_TEXT: Refusal = Refusal(415, "the body is no text in UTF-8");

/// Of what was not read to its end.
const LAST: Manner = Manner { is_head: false, is_old: false, keeps: false };

/// What came over the connection.
enum Heard {
    Request(Head),
    Refused(Refusal),
    /// The client has gone, or has nothing to ask.
    Nothing,
}

pub fn talk(
    stream: &TcpStream,
    requests: &SyncSender<Asked>,
    limits: Limits,
    seats: &Seats,
    seat: Seat,
) {
    let mut client = Client { stream, bytes: Vec::new(), limits };
    // A connection that fails has nobody left to tell.
    let _ = client.talk(requests, seats, seat);
}

/// Tells a client that there is no seat for it, if it can be told at once.
pub fn refuse(mut stream: &TcpStream) {
    if stream.set_nonblocking(true).is_ok() {
        let _ = stream.write_all(&written(&refusing(NO_SEAT), LAST).0);
    }
}

struct Client<'a> {
    stream: &'a TcpStream,
    /// What has come and is not yet part of a request.
    bytes: Vec<u8>,
    limits: Limits,
}

impl Client<'_> {
    fn talk(
        &mut self,
        requests: &SyncSender<Asked>,
        seats: &Seats,
        seat: Seat,
    ) -> Result<(), Error> {
        self.stream.set_nodelay(true)?;
        self.stream.set_write_timeout(Some(self.limits.patience))?;
        loop {
            let (answer, mut manner) = match self.hear()? {
                Heard::Nothing => return Ok(()),
                Heard::Refused(refusal) => (refusing(refusal), LAST),
                Heard::Request(Head { request, manner, .. }) => {
                    seats.is_asked(seat);
                    let (answer, answered) = sync_channel(1);
                    let sent = requests.send(Asked { request, answer });
                    let answer = sent.ok().and_then(|()| answered.recv().ok());
                    (answer.unwrap_or_else(|| refusing(NO_ANSWER)), manner)
                }
            };
            manner.keeps &= !seats.is_closed();
            let (bytes, keeps) = written(&answer, manner);
            // A client that does not take its answer is waited for as well.
            seats.is_answered(seat);
            self.stream.write_all(&bytes)?;
            if !keeps {
                return self.part();
            }
        }
    }

    /// The last answer is sent: reads on until the client has taken it.
    fn part(&mut self) -> Result<(), Error> {
        self.stream.shutdown(Shutdown::Write)?;
        let until = Instant::now() + LINGERING;
        let mut left = LINGERING_BYTES;
        while left > 0 {
            self.bytes.clear();
            match self.more(until)? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        Ok(())
    }

    /// The next request, whole.
    fn hear(&mut self) -> Result<Heard, Error> {
        if self.bytes.is_empty() {
            match self.more(Instant::now() + self.limits.patience) {
                Ok(0) => return Ok(Heard::Nothing),
                Err(error) if is_timeout(&error) => return Ok(Heard::Nothing),
                other => other?,
            };
        }
        let until = Instant::now() + self.limits.patience;
        match self.request(until) {
            Ok(Ok(Some(head))) => Ok(Heard::Request(head)),
            Ok(Ok(None)) => Ok(Heard::Nothing),
            Ok(Err(refusal)) => Ok(Heard::Refused(refusal)),
            Err(error) if is_timeout(&error) => Ok(Heard::Refused(TOO_SLOW)),
            Err(error) => Err(error),
        }
    }

    /// `None`: the client has gone in the middle of it.
    fn request(&mut self, until: Instant) -> Result<Result<Option<Head>, Refusal>, Error> {
        let mut looked = 0_usize;
        let mut found = loop {
            // Bytes that come one by one are not parsed again for each of them.
            if looked == 0 || may_end(&self.bytes[looked.saturating_sub(3)..]) {
                match head(&self.bytes, self.limits) {
                    Ok(Some((found, used))) => {
                        self.bytes.drain(..used);
                        break found;
                    }
                    Ok(None) => {}
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
            looked = self.bytes.len();
            if looked > self.limits.head {
                return Ok(Err(TOO_LARGE));
            }
            if self.more(until)? == 0 {
                return Ok(Ok(None));
            }
        };
        if found.awaits_word && self.bytes.is_empty() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = match found.body {
            Body::Length(length) => {
                while self.bytes.len() < length {
                    if self.more(until)? == 0 {
                        return Ok(Ok(None));
                    }
                }
                self.bytes.drain(..length).collect()
            }
            Body::Chunked => {
                let mut chunks = Chunks::default();
                loop {
                    match chunks.take(&mut self.bytes, self.limits) {
                        Ok(true) => break chunks.body,
                        Ok(false) => {}
                        Err(refusal) => return Ok(Err(refusal)),
                    }
                    if self.more(until)? == 0 {
                        return Ok(Ok(None));
                    }
                }
            }
        };
        Ok(String::from_utf8(body).map_err(|_| NO_TEXT).map(|body| {
            found.request.body = body;
            Some(found)
        }))
    }

    /// Reads what comes next, until then; how much that was.
    fn more(&mut self, until: Instant) -> Result<usize, Error> {
        let length = self.bytes.len();
        let read = loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            self.bytes.resize(length + PART, 0);
            match self.stream.read(&mut self.bytes[length..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.bytes.truncate(length + read.as_ref().copied().unwrap_or(0));
        read
    }
}

/// What a timeout is called depends on the system.
fn is_timeout(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether there is an empty line.
fn may_end(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| two == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}
