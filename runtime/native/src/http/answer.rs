//! An answer to bytes of HTTP/1.1. Where a body ends is ours to say, the rest is the program's.
//! What cannot be sent, as a header with a line break in it, becomes an error of ours: it may have
//! come from a client. There is no `date`: a program has no clock unless it is given one.

use super::request::{Manner, Refusal};
use eclexia_rt::effects::Response;

/// The bytes, and whether the connection goes on.
pub fn written(answer: &Response, manner: Manner) -> (Vec<u8>, bool) {
    let replaced = fault(answer).map(|why| plain(500, &why));
    let answer = replaced.as_ref().unwrap_or(answer);
    let status = answer.status;
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    let mut keeps = manner.keeps;
    for (name, value) in &answer.headers {
        if name.eq_ignore_ascii_case("connection") {
            keeps &= !value.eq_ignore_ascii_case("close");
        } else if !OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let has_body = !matches!(status, 204 | 304);
    if has_body {
        head.push_str(&format!("content-length: {}\r\n", answer.body.len()));
    }
    if !keeps {
        head.push_str("connection: close\r\n");
    } else if manner.is_old {
        head.push_str("connection: keep-alive\r\n");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if has_body && !manner.is_head {
        bytes.extend_from_slice(answer.body.as_bytes());
    }
    (bytes, keeps)
}

/// What says where a body ends.
const OURS: [&str; 2] = ["content-length", "transfer-encoding"];

/// The answer to what did not become a request.
pub fn refusing(refusal: Refusal) -> Response {
    plain(refusal.0.into(), refusal.1)
}

fn plain(status: i64, why: &str) -> Response {
    let kind = ("content-type".to_owned(), "text/plain; charset=utf-8".to_owned());
    Response { status, headers: vec![kind], body: format!("{why}\n") }
}

/// Why an answer cannot be sent.
fn fault(answer: &Response) -> Option<String> {
    if !(200..=599).contains(&answer.status) {
        return Some(format!("the program's answer has the status {}", answer.status));
    }
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let is_wrong = |(name, value): &(String, String)| {
        name.is_empty()
            || !name.chars().all(is_token)
            || value.chars().any(|c| c.is_control() && c != '\t')
    };
    let wrong = answer.headers.iter().find(|header| is_wrong(header))?;
    Some(format!("the program's answer has a header that cannot be sent: {:?}", wrong.0))
}

/// The words for a status (RFC 9110); others have none.
fn reason(status: i64) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}
