//! Messages on a stream: a header with their length, then JSON.
//!
//! What cannot be read is refused and passed over, and the next message is found again: a line with
//! `Content-Length:` begins one, whatever stands before it. Nothing is waited for that is longer
//! than [`MOST_BYTES`].

use lsp_server::{ErrorCode, Message};
use std::io::{BufRead, Read, Result, Write};

/// The longest message that is read, bytes of JSON: a file of the largest size that is accepted
/// (64 MiB), with room for its escapes.
pub const MOST_BYTES: u64 = 160 << 20;

/// So much of a line is kept, bytes: its end, where a header stands behind what was passed over.
const MOST_LINE: usize = 8 << 10;

const LENGTH: &str = "content-length:";

/// Why a message was refused: an error without a request that it would answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub code: i32,
    pub why: String,
}

impl Refused {
    fn new(code: ErrorCode, why: impl Into<String>) -> Refused {
        Refused { code: code as i32, why: why.into() }
    }
}

/// The next message, or what was refused; `None` at the end of the stream.
pub fn read(input: &mut impl BufRead) -> Result<Option<std::result::Result<Message, Refused>>> {
    let Some(length) = header(input)? else { return Ok(None) };
    // It may never come, and the client would wait for an answer: what does is no header.
    if length > MOST_BYTES {
        let why = format!("the message has {length} bytes; {MOST_BYTES} are the most");
        return Ok(Some(Err(Refused::new(ErrorCode::InvalidRequest, why))));
    }
    let mut bytes = Vec::new();
    input.by_ref().take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(None);
    }
    let value: serde_json::Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(error) => {
            let why = format!("the message is no JSON: {error}");
            return Ok(Some(Err(Refused::new(ErrorCode::ParseError, why))));
        }
    };
    Ok(Some(serde_json::from_value(value).map_err(|_| {
        let why = "the message is neither a request, nor a response, nor a notification";
        Refused::new(ErrorCode::InvalidRequest, why)
    })))
}

/// The length that the next header gives; lines that are no header are passed over.
fn header(input: &mut impl BufRead) -> Result<Option<u64>> {
    let mut length = None;
    loop {
        let Some(line) = line(input)? else { return Ok(None) };
        let line = line.trim().to_ascii_lowercase();
        match (line.rfind(LENGTH), length) {
            (Some(at), _) => length = line[at + LENGTH.len()..].trim().parse().ok(),
            (None, Some(length)) if line.is_empty() => return Ok(Some(length)),
            _ => {}
        }
    }
}

/// A line, or the end of a long one; what is no text in it is replaced.
fn line(input: &mut impl BufRead) -> Result<Option<String>> {
    let mut bytes = Vec::new();
    while input.by_ref().take(MOST_LINE as u64).read_until(b'\n', &mut bytes)? == MOST_LINE {
        if bytes.ends_with(b"\n") {
            break;
        }
        bytes.drain(..bytes.len() - MOST_LINE);
    }
    let is_end = bytes.is_empty();
    Ok((!is_end).then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

/// What is sent.
pub enum Outgoing {
    Message(Message),
    /// An error that answers no request.
    Refused(Refused),
}

pub fn write(output: &mut impl Write, outgoing: &Outgoing) -> Result<()> {
    match outgoing {
        Outgoing::Message(message) => message.write(output),
        Outgoing::Refused(Refused { code, why }) => {
            let text = serde_json::json!({
                "jsonrpc": "2.0", "id": null, "error": {"code": code, "message": why},
            })
            .to_string();
            write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
            output.flush()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    /// Methods of the messages in a stream; of what is refused its code.
    fn methods(bytes: &[u8]) -> Vec<String> {
        let mut input = BufReader::new(bytes);
        let mut found = Vec::new();
        while let Some(message) = read(&mut input).expect("bytes can be read") {
            found.push(match message {
                Ok(Message::Notification(notification)) => notification.method,
                Ok(other) => format!("{other:?}"),
                Err(refused) => refused.code.to_string(),
            });
        }
        found
    }

    fn message(json: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{json}", json.len())
    }

    #[test]
    fn what_stands_between_messages_is_passed_over() {
        let (a, b) = (message(r#"{"method":"a"}"#), message(r#"{"method":"b"}"#));
        for junk in ["", "junk", "junk\r\n\r\n", "Content-Type: x\r\n\r\n", "\u{0}\n\n\n"] {
            assert_eq!(methods(format!("{a}{junk}{b}").as_bytes()), ["a", "b"], "{junk:?}");
        }
    }

    #[test]
    fn a_message_that_is_none_is_refused_and_the_next_one_read() {
        let next = message(r#"{"method":"next"}"#);
        for (json, code) in [("{", "-32700"), ("[1]", "-32600"), ("{}", "-32600"), ("", "-32700")] {
            let text = format!("{}{next}", message(json));
            assert_eq!(methods(text.as_bytes()), [code, "next"], "{json}");
        }
        let deep = "[".repeat(100_000);
        let text = format!("{}{next}", message(&deep));
        assert_eq!(methods(text.as_bytes()), ["-32700", "next"]);
    }

    #[test]
    fn a_length_that_no_message_has_is_no_header() {
        let next = message(r#"{"method":"next"}"#);
        for length in ["99999999999999999999", "-1", "x"] {
            let text = format!("Content-Length: {length}\r\n\r\n{{}}\r\n{next}");
            assert_eq!(methods(text.as_bytes()), ["next"], "{length}");
        }
    }

    #[test]
    fn a_message_too_long_is_refused_before_it_comes_and_passed_over_where_it_does() {
        let length = MOST_BYTES + 1;
        let head = format!("Content-Length: {length}\r\n\r\n");
        let next = message(r#"{"method":"next"}"#);
        let body = std::io::repeat(b' ').take(length);
        let mut input = BufReader::new(head.as_bytes().chain(body).chain(next.as_bytes()));
        let first = read(&mut input).expect("read").expect("a message");
        assert_eq!(first.map_err(|refused| refused.code).err(), Some(-32600));
        assert!(matches!(read(&mut input), Ok(Some(Ok(Message::Notification(_))))));
        // One of which nothing comes swallows nothing.
        let text = format!("Content-Length: 2000000000\r\n\r\n{}", message(r#"{"method":"next"}"#));
        assert_eq!(methods(text.as_bytes()), ["-32600", "next"]);
    }

    #[test]
    fn a_stream_that_ends_within_a_message_ends() {
        assert_eq!(methods(b"Content-Length: 20\r\n\r\n{\"method\":"), [""; 0]);
        assert_eq!(methods(b"Content-Length: 20\r\n"), [""; 0]);
    }
}
