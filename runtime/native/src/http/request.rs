//! Bytes of HTTP/1 to a request: heads by httparse, bodies by length or in chunks. Pure functions
//! of what has come so far. What is refused is refused with a status, and the connection ends: two
//! readings of where a request ends are how requests are smuggled.

use super::Limits;
use eclexia_rt::effects::Request;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// Headers of a request.
const MOST_HEADERS: usize = 128;

/// Bytes of the line that says how long a chunk is.
const LONGEST_SIZE: usize = 1 << 10;

/// A status, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal(pub u16, pub &'static str);

/// What comes before the body.
#[derive(Debug)]
pub struct Head {
    pub request: Request,
    pub body: Body,
    pub manner: Manner,
    /// Whether the client waits for a word before it sends the body.
    pub awaits_word: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    Length(usize),
    Chunked,
}

/// How the client is to be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Manner {
    /// Asked by HEAD: the body is not sent.
    pub is_head: bool,
    /// The client knows HTTP/1.0 only.
    pub is_old: bool,
    /// More requests may follow.
    pub keeps: bool,
}

/// The head at the begin of `bytes` and its length; `None`: not all of it is there.
pub fn head(bytes: &[u8], limits: Limits) -> Result<Option<(Head, usize)>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let used = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(used)) if used <= limits.head => used,
        Ok(httparse::Status::Partial) if bytes.len() < limits.head => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(TOO_LARGE),
        Err(httparse::Error::Version) => return Err(Refusal(505, "HTTP/1.1 is spoken here")),
        Err(_) => return Err(Refusal(400, "this is no request")),
    };
    let is_old = parsed.version == Some(0);
    let method = parsed.method.unwrap_or_default();
    let (path, query) = target(method, parsed.path.unwrap_or_default())?;
    let hosts = parsed.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("host")).count();
    if hosts > 1 || (hosts == 0 && !is_old) {
        return Err(Refusal(400, "a request has one header `host`"));
    }
    let headers = joined(parsed.headers);
    let body = framing(&headers, is_old, limits)?;
    let says = |name: &str, word: &str| {
        let words = headers.get(name).into_iter().flat_map(|value| value.split(','));
        words.map(str::trim).any(|own| own.eq_ignore_ascii_case(word))
    };
    let keeps = !says("connection", "close") && (!is_old || says("connection", "keep-alive"));
    let awaits_word = headers.contains_key("expect") && !is_old;
    if awaits_word && !says("expect", "100-continue") {
        return Err(Refusal(417, "only `100-continue` can be expected"));
    }
    let manner = Manner { is_head: method == "HEAD", is_old, keeps };
    // What is answered to it is what GET is answered, but for the body, which is not sent.
    let method = if manner.is_head { "GET" } else { method }.to_owned();
    let request = Request { method, path, query, headers, body: String::new() };
    Ok(Some((Head { request, body, manner, awaits_word }, used)))
}

/// By names in lower case; what comes more than once is joined as HTTP says, cookies as theirs.
fn joined(headers: &[httparse::Header<'_>]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for header in headers {
        let name = header.name.to_ascii_lowercase();
        let value = String::from_utf8_lossy(header.value);
        let between = if name == "cookie" { "; " } else { ", " };
        match all.get_mut(&name) {
            Some(before) => {
                before.push_str(between);
                before.push_str(&value);
            }
            None => {
                all.insert(name, value.into_owned());
            }
        }
    }
    all
}

/// Where the body ends. Without a word there is none.
fn framing(
    headers: &BTreeMap<String, String>,
    is_old: bool,
    limits: Limits,
) -> Result<Body, Refusal> {
    match (headers.get("transfer-encoding"), headers.get("content-length")) {
        (Some(_), Some(_)) => Err(Refusal(400, "a body has a length or comes in chunks, not both")),
        (Some(_), None) if is_old => Err(Refusal(400, "HTTP/1.0 has no chunks")),
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => Ok(Body::Chunked),
        (Some(_), None) => Err(Refusal(501, "of transfer codings only `chunked` is known")),
        (None, None) => Ok(Body::Length(0)),
        (None, Some(length)) => {
            if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Refusal(400, "the length of the body is no number"));
            }
            // So many digits that it is no `usize` are too many in any case.
            let length = length.parse().ok().filter(|length| *length <= limits.body);
            length.map(Body::Length).ok_or(TOO_LONG)
        }
    }
}

pub const TOO_LARGE: Refusal = Refusal(431, "the head of the request is too large");
const TOO_LONG: Refusal = Refusal(413, "the body is longer than 1 MiB");

/// The path, and what the query says.
fn target(method: &str, target: &str) -> Result<(String, BTreeMap<String, String>), Refusal> {
    if method == "CONNECT" {
        return Err(Refusal(501, "this is no proxy"));
    }
    if target == "*" && method == "OPTIONS" {
        return Ok((target.to_owned(), BTreeMap::new()));
    }
    // Proxies are asked with the whole address, and may ask so on.
    let is_http = target.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("http://"));
    let local = if is_http {
        let rest = &target[7..];
        rest.find(['/', '?']).map_or("/", |at| &rest[at..])
    } else {
        target
    };
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    if !(path.starts_with('/') || (is_http && path.is_empty())) {
        return Err(Refusal(400, "the path of a request begins with `/`"));
    }
    let path = if path.is_empty() { "/" } else { path };
    let mut named = BTreeMap::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        named.insert(decoded(&name.replace('+', " "))?, decoded(&value.replace('+', " "))?);
    }
    Ok((decoded(path)?, named))
}

fn decoded(text: &str) -> Result<String, Refusal> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| Refusal(400, "the path is no text in UTF-8"))
}

/// A body that comes in chunks, as far as it has come.
#[derive(Default)]
pub struct Chunks {
    pub body: Vec<u8>,
    /// What is left are headers behind the body.
    is_last: bool,
}

impl Chunks {
    /// Takes whole chunks off the front of `bytes`; whether the body is whole.
    pub fn take(&mut self, bytes: &mut Vec<u8>, limits: Limits) -> Result<bool, Refusal> {
        let malformed = Refusal(400, "the chunks of the body are malformed");
        let mut at = 0;
        let is_whole = loop {
            let rest = &bytes[at..];
            if self.is_last {
                // They are read to know where they end.
                let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
                match httparse::parse_headers(rest, &mut headers) {
                    Ok(httparse::Status::Complete((used, _))) => at += used,
                    Ok(httparse::Status::Partial) if rest.len() < limits.head => break false,
                    _ => return Err(malformed),
                }
                break true;
            }
            let (used, size) = match httparse::parse_chunk_size(rest) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if rest.len() < LONGEST_SIZE => break false,
                _ => return Err(malformed),
            };
            let left = limits.body - self.body.len();
            let size = usize::try_from(size).ok().filter(|size| *size <= left).ok_or(TOO_LONG)?;
            if size == 0 {
                (self.is_last, at) = (true, at + used);
                continue;
            }
            let Some(chunk) = rest.get(used..used + size + 2) else { break false };
            let Some(chunk) = chunk.strip_suffix(b"\r\n") else { return Err(malformed) };
            self.body.extend_from_slice(chunk);
            at += used + size + 2;
        };
        bytes.drain(..at);
        Ok(is_whole)
    }
}
