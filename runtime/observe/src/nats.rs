//! A connection to a server of NATS, for as long as there is something to say.
//!
//! 1. The server says what it is; TLS is begun where the address or the server asks for it; we say
//!    who we are, and it says `PONG` or that it does not let us.
//! 2. For each subject it is asked which stream keeps it (`$JS.API.STREAM.NAMES`).
//! 3. Where one does, each message goes with its id and a subject for the answer, and counts when
//!    the stream says that it has it, new or for the second time. One after the other: a message
//!    that is refused must not come behind the next.
//! 4. Where none does, or nobody may ask, a message counts when the server has read it: it answers
//!    a `PING` behind it, and would have said before that it does not let us.

use crate::courier::{Answered, Refusal};
use crate::destination::Server;
use crate::message::Message;
use crate::protocol::{Info, MOST_LINE, MOST_PAYLOAD, Op, read};
use crate::secret::{Login, Secrets};
use eclexia_http::Trust;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Whose stream of a subject is remembered: deployments × words.
const MOST_SUBJECTS: usize = 4096;
/// Lines that may come between a question and its answer.
const MOST_LINES: usize = 100;

/// Codes of errors that say that there are no streams: JetStream is not there, or not for this
/// account. Others pass, and a message must not go where no stream keeps it meanwhile.
const NO_STREAMS: [u32; 2] = [10_039, 10_076];

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

pub struct Bus {
    server: Server,
    prefix: String,
    secrets: Secrets,
    trust: Trust,
    timeout: Duration,
    connection: Option<Connection>,
}

struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    info: Info,
    /// Answers come to subjects that begin with this.
    inbox: String,
    asked: u64,
    /// The stream that keeps a subject, if any does.
    streams: BTreeMap<String, Option<String>>,
}

/// What the server's interface answers, as far as it matters here.
#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    streams: Option<Vec<String>>,
    #[serde(default)]
    stream: Option<String>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    error: Option<ReplyError>,
}

#[derive(Deserialize)]
struct ReplyError {
    #[serde(default)]
    err_code: u32,
    #[serde(default)]
    description: String,
}

type Said<T> = Result<T, String>;

impl Bus {
    pub fn new(
        server: Server,
        prefix: String,
        secrets: Secrets,
        trust: Trust,
        timeout: Duration,
    ) -> Bus {
        Bus { server, prefix, secrets, trust, timeout, connection: None }
    }

    pub async fn bring(&mut self, messages: &[Message]) -> Answered {
        let (mut sure, mut sent) = (0, 0);
        let mut said = String::new();
        for message in messages {
            match self.within(self.timeout, Step::Publish(message)).await {
                Ok(Published::Kept(what)) => {
                    // What went before it without an answer was read before it.
                    sent += 1;
                    (sure, said) = (sent, what);
                }
                Ok(Published::Sent) => sent += 1,
                Err(why) => return self.broken(sure, why),
            }
        }
        if sent > sure {
            if let Err(why) = self.within(self.timeout, Step::Flush).await {
                return self.broken(sure, why);
            }
            said = "the server has it; no stream keeps it".to_owned();
        }
        Answered::all(messages.len(), said)
    }

    /// What is not answered may still come: a new connection begins with nothing under way.
    fn broken(&mut self, accepted: usize, why: String) -> Answered {
        self.connection = None;
        Answered { accepted, said: Err(Refusal::new(why)) }
    }

    async fn within(&mut self, time: Duration, step: Step<'_>) -> Said<Published> {
        let done = timeout(time, self.step(step)).await;
        done.unwrap_or_else(|_| Err(format!("it does not answer within {time:?}")))
    }

    async fn step(&mut self, step: Step<'_>) -> Said<Published> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(connect(&self.server, &self.secrets, &self.trust).await?),
        };
        match step {
            Step::Flush => connection.flush().await.map(|()| Published::Sent),
            Step::Publish(message) => {
                let (deployment, word) = (token(&message.deployment), token(&message.word));
                let subject = format!("{}.{deployment}.{word}", self.prefix);
                connection.publish(&subject, message).await
            }
        }
    }
}

enum Step<'m> {
    Publish(&'m Message),
    Flush,
}

enum Published {
    /// By a stream, which says so.
    Kept(String),
    Sent,
}

/// A name as one token of a subject.
fn token(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

fn broken(error: std::io::Error) -> String {
    format!("it cannot be reached ({error})")
}

async fn connect(server: &Server, secrets: &Secrets, trust: &Trust) -> Said<Connection> {
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await.map_err(broken)?;
    let _ = stream.set_nodelay(true);
    let mut stream: BufReader<Box<dyn Stream>> = BufReader::new(Box::new(stream));
    let Op::Info(info) = next(&mut stream).await? else {
        return Err("it does not speak the protocol of NATS".to_owned());
    };
    let is_secured = server.is_secured || info.tls_required;
    if is_secured {
        // What came before the handshake would be believed without it.
        if !stream.buffer().is_empty() {
            return Err("it speaks before it is secured".to_owned());
        }
        let secured = trust.secured(&server.host, stream.into_inner()).await;
        stream = BufReader::new(Box::new(secured.map_err(|trouble| trouble.to_string())?));
    }
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    let mut inbox = "_INBOX.".to_owned();
    random.iter().for_each(|byte| _ = write!(inbox, "{byte:02x}"));
    let (asked, streams) = (0, BTreeMap::new());
    let mut connection = Connection { stream, info, inbox, asked, streams };
    let mut greeting = json!({"verbose": false, "pedantic": false, "lang": "rust", "protocol": 1,
        "version": env!("CARGO_PKG_VERSION"), "name": "eclexia", "echo": false, "headers": true,
        "no_responders": true, "tls_required": is_secured});
    match secrets {
        Secrets::Login(Login::Token(token)) => greeting["auth_token"] = json!(token),
        Secrets::Login(Login::User { name, password }) => {
            (greeting["user"], greeting["pass"]) = (json!(name), json!(password));
        }
        _ => {}
    }
    let inbox = &connection.inbox;
    let hello = format!("CONNECT {greeting}\r\nSUB {inbox}.* 1\r\n");
    connection.send(&[hello.as_bytes()]).await?;
    connection.flush().await?;
    Ok(connection)
}

/// The next line; what follows it is still to be read.
async fn next(stream: &mut BufReader<Box<dyn Stream>>) -> Said<Op> {
    let mut line = Vec::new();
    let count = stream.take(MOST_LINE as u64).read_until(b'\n', &mut line).await;
    if count.map_err(broken)? == 0 {
        return Err("it ended the connection".to_owned());
    }
    let text = String::from_utf8_lossy(&line);
    match text.strip_suffix('\n') {
        Some(line) => read(line.trim_end_matches('\r')),
        None => Err("it ended the connection within a line, or sends lines without end".to_owned()),
    }
}

impl Connection {
    async fn send(&mut self, parts: &[&[u8]]) -> Said<()> {
        self.stream.write_all(&parts.concat()).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    /// Waits until the server has read all that was sent.
    async fn flush(&mut self) -> Said<()> {
        self.send(&[b"PING\r\n"]).await?;
        for _ in 0..MOST_LINES {
            match self.line().await? {
                Line::Pong => return Ok(()),
                // An answer that nobody waits for any more.
                Line::Answer { .. } => {}
            }
        }
        Err("it says much and answers nothing".to_owned())
    }

    /// The next line that matters.
    async fn line(&mut self) -> Said<Line> {
        for _ in 0..MOST_LINES {
            match next(&mut self.stream).await? {
                Op::Ping => self.send(&[b"PONG\r\n"]).await?,
                Op::Pong => return Ok(Line::Pong),
                Op::Err(why) => return Err(format!("it refuses: {why}")),
                Op::Info(_) | Op::Ok => {}
                Op::Message { subject, headers, bytes } => {
                    if bytes > MOST_PAYLOAD {
                        return Err("its answer is larger than 64 KiB".to_owned());
                    }
                    let mut payload = vec![0; bytes + 2];
                    self.stream.read_exact(&mut payload).await.map_err(broken)?;
                    payload.truncate(bytes);
                    let body = payload.split_off(headers);
                    return Ok(Line::Answer { subject, headers: payload, body });
                }
            }
        }
        Err("it says much and answers nothing".to_owned())
    }

    /// Sends a message and waits for its answer; `None`: nobody is there to answer it.
    async fn ask(&mut self, subject: &str, id: Option<&str>, body: &[u8]) -> Said<Option<Reply>> {
        self.asked += 1;
        let to = format!("{}.{}", self.inbox, self.asked);
        self.put(subject, Some(&to), id, body).await?;
        for _ in 0..MOST_LINES {
            match self.line().await? {
                Line::Answer { subject, headers, body } if subject == to => {
                    if headers.starts_with(b"NATS/1.0 503") {
                        return Ok(None);
                    }
                    let odd = |_| "its answer is not the JSON that it documents".to_owned();
                    return serde_json::from_slice(&body).map(Some).map_err(odd);
                }
                _ => {}
            }
        }
        Err("it says much and answers nothing".to_owned())
    }

    async fn put(
        &mut self,
        subject: &str,
        to: Option<&str>,
        id: Option<&str>,
        body: &[u8],
    ) -> Said<()> {
        let to = to.map(|to| format!("{to} ")).unwrap_or_default();
        let id = id.filter(|_| self.info.headers);
        let Some(id) = id else {
            let head = format!("PUB {subject} {to}{}\r\n", body.len());
            return self.send(&[head.as_bytes(), body, b"\r\n"]).await;
        };
        let headers = format!(
            "NATS/1.0\r\nNats-Msg-Id: {id}\r\nContent-Type: application/cloudevents+json\r\n\r\n"
        );
        let (first, whole) = (headers.len(), headers.len() + body.len());
        let head = format!("HPUB {subject} {to}{first} {whole}\r\n");
        self.send(&[head.as_bytes(), headers.as_bytes(), body, b"\r\n"]).await
    }

    async fn publish(&mut self, subject: &str, message: &Message) -> Said<Published> {
        let body = message.json.as_bytes();
        if body.len() + 512 > self.info.max_payload {
            let most = self.info.max_payload;
            return Err(format!("it takes at most {most} bytes, and {} has more", message.id));
        }
        let Some(stream) = self.stream_of(subject).await? else {
            self.put(subject, None, Some(&message.id), body).await?;
            return Ok(Published::Sent);
        };
        let Some(reply) = self.ask(subject, Some(&message.id), body).await? else {
            self.streams.clear();
            return Err(format!("its stream {stream} is gone"));
        };
        match (reply.error, reply.stream, reply.seq) {
            (Some(error), ..) => Err(format!("its stream refuses: {:.200}", error.description)),
            (None, Some(stream), Some(seq)) => {
                Ok(Published::Kept(format!("the stream {stream:.100} has it as {seq}")))
            }
            _ => Err("something else than a stream answers".to_owned()),
        }
    }

    async fn stream_of(&mut self, subject: &str) -> Said<Option<String>> {
        if !self.info.headers {
            return Ok(None);
        }
        if let Some(known) = self.streams.get(subject) {
            return Ok(known.clone());
        }
        let question = json!({"subject": subject}).to_string();
        let asked = self.ask("$JS.API.STREAM.NAMES", None, question.as_bytes()).await;
        let found = match asked {
            Ok(Some(Reply { error: Some(error), .. })) if !NO_STREAMS.contains(&error.err_code) => {
                return Err(format!("it cannot say who keeps it: {:.200}", error.description));
            }
            Ok(reply) => reply.and_then(|reply| reply.streams?.into_iter().next()),
            // Who may not ask must not be told by a stream.
            Err(why) if why.contains("Permissions Violation") => None,
            Err(why) => return Err(why),
        };
        if self.streams.len() < MOST_SUBJECTS {
            self.streams.insert(subject.to_owned(), found.clone());
        }
        Ok(found)
    }
}

enum Line {
    Pong,
    Answer { subject: String, headers: Vec<u8>, body: Vec<u8> },
}
