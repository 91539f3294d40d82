//! One POST to a webhook, signed.
//!
//! 2xx accepts all that was sent. 410 ends the observer. Everything else refuses, redirects among
//! it: what is signed for one receiver is for no other. An answer that breaks off is none.

use crate::courier::{Answered, Refusal};
use crate::message::{Message, body};
use crate::now;
use crate::secret::Secrets;
use eclexia_http::{Bounds, Bytes, Rest, Trust, send};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode, Uri};
use std::time::Duration;

/// As much of an answer is taken in; its status is what counts.
const MOST_ANSWER: usize = 4 << 10;
/// As much of it is told, characters.
const MOST_TOLD: usize = 120;
/// The longest time that a receiver may ask for.
const MOST_AFTER: Duration = Duration::from_secs(3600);

pub struct Hook {
    pub uri: Uri,
    pub secrets: Secrets,
    pub trust: Trust,
    pub timeout: Duration,
}

impl Hook {
    pub async fn bring(&self, messages: &[Message]) -> Answered {
        let body = body(messages);
        let seconds = now().0 / 1000;
        let signed = self.secrets.sign(&body.id, seconds, &body.text);
        let mut request = Request::post(&self.uri)
            .header(CONTENT_TYPE, body.media_type)
            .header("webhook-id", &body.id)
            .header("webhook-timestamp", seconds);
        if let Ok(mut signature) = HeaderValue::from_str(&signed)
            && !signed.is_empty()
        {
            signature.set_sensitive(true);
            request = request.header("webhook-signature", signature);
        }
        let request = match request.body(Bytes::from(body.text)) {
            Ok(request) => request,
            Err(error) => return Answered::none(Refusal::new(error.to_string())),
        };
        let bounds = Bounds { time: self.timeout, bytes: MOST_ANSWER, rest: Rest::Cut };
        match send(&self.trust, request, bounds).await {
            Ok(response) => judged(&response, messages.len()),
            Err(trouble) => Answered::none(Refusal::new(trouble.to_string())),
        }
    }
}

fn judged(response: &Response<Bytes>, count: usize) -> Answered {
    let status = response.status();
    if status.is_success() {
        return Answered::all(count, status.as_u16().to_string());
    }
    if status.is_redirection() {
        let why = format!("it sends us elsewhere ({}), which is not followed", status.as_u16());
        return Answered::none(Refusal::new(why));
    }
    let later = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let after = later.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let told = told(response.body());
    let why = match told.is_empty() {
        true => format!("it answers {}", status.as_u16()),
        false => format!("it answers {}: {told}", status.as_u16()),
    };
    let is_last = status == StatusCode::GONE;
    Answered::none(Refusal { why, after: after.map(|after| after.min(MOST_AFTER)), is_last })
}

/// The beginning of an answer, in one line.
fn told(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split_whitespace().take(MOST_TOLD).collect();
    let plain = words.join(" ");
    plain.chars().filter(|c| !c.is_control()).take(MOST_TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, later: Option<&str>, body: &'static str) -> Answered {
        let mut response = Response::builder().status(status);
        if let Some(later) = later {
            response = response.header(RETRY_AFTER, later);
        }
        judged(&response.body(Bytes::from(body)).unwrap(), 3)
    }

    #[test]
    fn the_status_says_whether_it_is_accepted() {
        assert_eq!(judge(204, None, ""), Answered::all(3, "204"));
        for status in [301, 400, 404, 429, 500, 503] {
            let answered = judge(status, None, "");
            assert!(answered.accepted == 0 && !answered.said.unwrap_err().is_last, "{status}");
        }
        assert!(judge(410, None, "").said.unwrap_err().is_last);
    }

    #[test]
    fn what_it_says_is_told_in_a_line_and_when_to_come_back() {
        let refusal = judge(503, Some("7"), "no\n  room\u{1b}[2J").said.unwrap_err();
        assert_eq!(refusal.why, "it answers 503: no room[2J");
        assert_eq!(refusal.after, Some(Duration::from_secs(7)));
        assert_eq!(judge(503, Some("9999999"), "").said.unwrap_err().after, Some(MOST_AFTER));
        assert_eq!(judge(503, Some("soon"), "").said.unwrap_err().after, None);
    }
}
