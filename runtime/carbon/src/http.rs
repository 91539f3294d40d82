//! One GET of a service of carbon intensities: tried up to three times, each bounded in time and
//! bytes, all of them bounded together.
//!
//! A redirect is not followed, because a key would go with it. What is tried again is what may pass
//! by itself: no connection, no answer in time, 429, 5xx.

use eclexia_http::{Bounds, Bytes, Rest, RootCertStore, Trust, send};
use hyper::header::{ETAG, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode, Uri};
use std::fmt::{self, Display};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The most bytes of an answer: those of both services have some hundreds.
const MOST_BYTES: usize = 64 << 10;

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one try, from the name's look-up to the last byte.
    pub one: Duration,
    /// For all that a source is asked, with all tries and the pauses between them.
    pub whole: Duration,
    pub tries: u32,
    /// Before the second try; it doubles with each further one.
    pub pause: Duration,
}

impl Default for Patience {
    /// Someone may be waiting at a terminal for two services one after the other.
    fn default() -> Patience {
        let one = Duration::from_secs(4);
        let (whole, pause) = (Duration::from_secs(8), Duration::from_millis(250));
        Patience { one, whole, tries: 3, pause }
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// None came.
    Lost(eclexia_http::Trouble),
    TimedOut(Duration),
    /// With what it says when to come back, seconds.
    Status(u16, Option<u64>),
    Redirect,
    /// It is no answer that could be meant.
    Unclear(String),
    /// It cannot be asked.
    Unaskable(String),
}

impl From<eclexia_http::Trouble> for Trouble {
    fn from(trouble: eclexia_http::Trouble) -> Trouble {
        Trouble::Lost(trouble)
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Lost(trouble) => trouble.fmt(f),
            Trouble::TimedOut(time) => write!(f, "it does not answer within {time:?}"),
            Trouble::Status(401, _) => f.write_str("it does not accept the key"),
            Trouble::Status(403, _) => f.write_str("it does not let this key see that"),
            Trouble::Status(404, _) => f.write_str("it knows no such region"),
            Trouble::Status(429, _) => f.write_str("it was asked too often"),
            Trouble::Status(code, _) => write!(f, "it answers {code}"),
            Trouble::Redirect => f.write_str("it sends us elsewhere, which is not followed"),
            Trouble::Unclear(why) | Trouble::Unaskable(why) => f.write_str(why),
        }
    }
}

impl Trouble {
    fn may_pass(&self) -> bool {
        use eclexia_http::Trouble as Lost;
        match self {
            Trouble::Lost(Lost::Connection(_) | Lost::TimedOut(_)) | Trouble::TimedOut(_) => true,
            Trouble::Status(429, _) => true,
            Trouble::Status(code, _) => *code >= 500,
            _ => false,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub enum Got {
    /// What is known already holds on.
    Unchanged,
    New {
        body: Bytes,
        etag: Option<String>,
    },
}

/// Whom to trust, and how long to wait.
#[derive(Clone)]
pub struct Http {
    trust: Trust,
    patience: Patience,
}

impl Http {
    /// Trusting the authorities that Mozilla does.
    pub fn new(patience: Patience) -> Http {
        Http { trust: Trust::of_mozilla(), patience }
    }

    /// Trusting these authorities and no others.
    pub fn trusting(roots: RootCertStore, patience: Patience) -> Http {
        Http { trust: Trust::only(roots), patience }
    }

    /// What is asked of one source in several requests, no longer than for the whole.
    pub async fn within<T>(
        &self,
        asked: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let whole = self.patience.whole;
        timeout(whole, asked).await.unwrap_or(Err(Trouble::TimedOut(whole)))
    }

    /// Asks until there is an answer or no hope.
    pub async fn get(
        &self,
        address: &str,
        headers: &[(HeaderName, HeaderValue)],
    ) -> Result<Got, Trouble> {
        let uri: Uri = address
            .parse()
            .map_err(|_| Trouble::Unaskable("its address cannot be read".to_owned()))?;
        let until = Instant::now() + self.patience.whole;
        let mut pause = self.patience.pause;
        let mut left = self.patience.tries.max(1);
        loop {
            let room = until.saturating_duration_since(Instant::now()).min(self.patience.one);
            let room = Duration::from_millis(room.as_millis() as u64);
            let trouble = match self.once(&uri, headers, room).await {
                Ok(got) => return Ok(got),
                Err(trouble) => trouble,
            };
            left -= 1;
            let wait = match trouble {
                Trouble::Status(_, Some(seconds)) => pause.max(Duration::from_secs(seconds)),
                _ => pause,
            };
            let is_late = Instant::now() + wait >= until;
            if left == 0 || is_late || !trouble.may_pass() {
                return Err(trouble);
            }
            sleep(wait).await;
            pause *= 2;
        }
    }

    async fn once(
        &self,
        uri: &Uri,
        headers: &[(HeaderName, HeaderValue)],
        time: Duration,
    ) -> Result<Got, Trouble> {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::new());
        let request = request.map_err(|error| Trouble::Unaskable(error.to_string()))?;
        let bounds = Bounds { time, bytes: MOST_BYTES, rest: Rest::Refuse };
        answer(send(&self.trust, request, bounds).await?)
    }
}

fn answer(response: Response<Bytes>) -> Result<Got, Trouble> {
    let status = response.status();
    let text = |name: HeaderName| {
        let value = response.headers().get(name)?;
        value.to_str().ok().filter(|text| text.len() <= 200).map(str::to_owned)
    };
    let (etag, later) = (text(ETAG), text(RETRY_AFTER).and_then(|text| text.parse().ok()));
    if status == StatusCode::NOT_MODIFIED {
        return Ok(Got::Unchanged);
    }
    if status.is_redirection() {
        return Err(Trouble::Redirect);
    }
    if status != StatusCode::OK {
        return Err(Trouble::Status(status.as_u16(), later));
    }
    Ok(Got::New { body: response.into_body(), etag })
}
