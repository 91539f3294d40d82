//! What a server of NATS says: lines, some with a payload behind them
//! (docs.nats.io/reference/reference-protocols/nats-protocol). Read with bounds; what is no line of
//! the protocol ends the connection.

use serde::Deserialize;

/// The longest line: `INFO` names the servers of a cluster.
pub const MOST_LINE: usize = 64 << 10;
/// The largest answer that is taken in, bytes.
pub const MOST_PAYLOAD: usize = 64 << 10;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    Info(Info),
    Ping,
    Pong,
    Ok,
    Err(String),
    /// A message, whose headers and payload follow: so many bytes, the first so many headers.
    Message {
        subject: String,
        headers: usize,
        bytes: usize,
    },
}

/// What a server says of itself, as far as it matters here.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Info {
    pub max_payload: usize,
    #[serde(default)]
    pub tls_required: bool,
    #[serde(default)]
    pub headers: bool,
}

/// A line without its end; the reason where it is none.
pub fn read(line: &str) -> Result<Op, String> {
    let odd = || "it does not speak the protocol of NATS".to_owned();
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let rest = rest.trim();
    match word.to_ascii_uppercase().as_str() {
        "INFO" => serde_json::from_str(rest).map(Op::Info).map_err(|_| odd()),
        "PING" => Ok(Op::Ping),
        "PONG" => Ok(Op::Pong),
        "+OK" => Ok(Op::Ok),
        "-ERR" => {
            let plain = rest.trim_matches('\'').chars().filter(|c| !c.is_control());
            Ok(Op::Err(plain.take(200).collect()))
        }
        "MSG" => message(rest, false).ok_or_else(odd),
        "HMSG" => message(rest, true).ok_or_else(odd),
        _ => Err(odd()),
    }
}

/// `subject sid [reply] [bytes of headers] bytes`
fn message(text: &str, has_headers: bool) -> Option<Op> {
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    let sizes = if has_headers { 2 } else { 1 };
    if !(2 + sizes..=3 + sizes).contains(&parts.len()) {
        return None;
    }
    let bytes = parts.last()?.parse().ok()?;
    let headers = if has_headers { parts[parts.len() - 2].parse().ok()? } else { 0 };
    let subject = parts[0].to_owned();
    (headers <= bytes).then_some(Op::Message { subject, headers, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_the_protocol_are_read() {
        let info = r#"INFO {"server_id":"N","max_payload":1048576,"headers":true,"proto":1}"#;
        let Ok(Op::Info(info)) = read(info) else { panic!("no info") };
        assert!(info.headers && !info.tls_required && info.max_payload == 1 << 20);
        assert_eq!(read("PING"), Ok(Op::Ping));
        assert_eq!(
            read("-ERR 'Authorization Violation'"),
            Ok(Op::Err("Authorization Violation".into()))
        );
        let of = |headers, bytes| Ok(Op::Message { subject: "_INBOX.a".into(), headers, bytes });
        assert_eq!(read("MSG _INBOX.a 1 12"), of(0, 12));
        assert_eq!(read("MSG _INBOX.a 1 reply.to 12"), of(0, 12));
        assert_eq!(read("HMSG _INBOX.a 1 16 16"), of(16, 16));
        for odd in
            ["", "HTTP/1.1 400 Bad Request", "MSG a 1", "HMSG a 1 9 8", "MSG a 1 -1", "INFO x"]
        {
            assert!(read(odd).is_err(), "{odd}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(11),
            ..ProptestConfig::default()
        })]

        #[test]
        fn any_line_is_read_or_refused(line in "(INFO|MSG|HMSG|-ERR|PING)? ?.{0,60}") {
            if let Ok(Op::Message { headers, bytes, .. }) = read(&line) {
                prop_assert!(headers <= bytes);
            }
        }
    }
}
