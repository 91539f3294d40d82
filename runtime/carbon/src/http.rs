//! One GET over HTTP/1.1, with TLS where the address says so: tried up to three times, each bounded
//! in time and bytes, all of them bounded together.
//!
//! A redirect is not followed, because a key would go with it. What is tried again is what may pass
//! by itself: no connection, no answer in time, 429, 5xx.

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{ETAG, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;

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
    /// No connection, or it broke.
    Connection(String),
    /// The server is not who it says, or speaks no TLS.
    Tls(String),
    TimedOut(Duration),
    /// With what it says when to come back, seconds.
    Status(u16, Option<u64>),
    Redirect,
    TooLarge,
    /// It is no answer that could be meant.
    Unclear(String),
    /// It cannot be asked.
    Unaskable(String),
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Connection(why) => write!(f, "it cannot be reached ({why})"),
            Trouble::Tls(why) => write!(f, "it is not trusted ({why})"),
            Trouble::TimedOut(time) => write!(f, "it does not answer within {time:?}"),
            Trouble::Status(401, _) => f.write_str("it does not accept the key"),
            Trouble::Status(403, _) => f.write_str("it does not let this key see that"),
            Trouble::Status(404, _) => f.write_str("it knows no such region"),
            Trouble::Status(429, _) => f.write_str("it was asked too often"),
            Trouble::Status(code, _) => write!(f, "it answers {code}"),
            Trouble::Redirect => f.write_str("it sends us elsewhere, which is not followed"),
            Trouble::TooLarge => write!(f, "its answer is larger than {} KiB", MOST_BYTES >> 10),
            Trouble::Unclear(why) | Trouble::Unaskable(why) => f.write_str(why),
        }
    }
}

impl Trouble {
    fn may_pass(&self) -> bool {
        match self {
            Trouble::Connection(_) | Trouble::TimedOut(_) | Trouble::Status(429, _) => true,
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
    tls: TlsConnector,
    patience: Patience,
}

impl Http {
    /// Trusting the authorities that Mozilla does.
    pub fn new(patience: Patience) -> Http {
        Http::trusting(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(), patience)
    }

    /// Trusting these authorities and no others.
    pub fn trusting(roots: RootCertStore, patience: Patience) -> Http {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider);
        let config = versions
            .with_safe_default_protocol_versions()
            .unwrap_or_else(|error| eclexia_base::bug!("TLS without versions: {error}"))
            .with_root_certificates(roots)
            .with_no_client_auth();
        Http { tls: TlsConnector::from(Arc::new(config)), patience }
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
        let uri: Uri = address.parse().map_err(|_| unaskable("its address cannot be read"))?;
        let until = Instant::now() + self.patience.whole;
        let mut pause = self.patience.pause;
        let mut left = self.patience.tries.max(1);
        loop {
            let room = until.saturating_duration_since(Instant::now()).min(self.patience.one);
            let trouble = match timeout(room, self.once(&uri, headers)).await {
                Ok(Ok(got)) => return Ok(got),
                Ok(Err(trouble)) => trouble,
                Err(_) => Trouble::TimedOut(Duration::from_millis(room.as_millis() as u64)),
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

    async fn once(&self, uri: &Uri, headers: &[(HeaderName, HeaderValue)]) -> Result<Got, Trouble> {
        let host = uri.host().ok_or_else(|| unaskable("its address names no host"))?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let stream = TcpStream::connect((bare.as_str(), port)).await;
        let stream = stream.map_err(|error| Trouble::Connection(error.to_string()))?;
        let request = request(uri, headers)?;
        if !is_secure {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(bare).map_err(|_| unaskable("its name is no host's"))?;
        match self.tls.connect(name, stream).await {
            Ok(stream) => exchange(stream, request).await,
            // What rustls finds wrong comes as invalid data; the rest is the connection's.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(Trouble::Tls(error.to_string()))
            }
            Err(error) => Err(Trouble::Connection(error.to_string())),
        }
    }
}

fn unaskable(why: &str) -> Trouble {
    Trouble::Unaskable(why.to_owned())
}

fn request(
    uri: &Uri,
    headers: &[(HeaderName, HeaderValue)],
) -> Result<Request<Empty<Bytes>>, Trouble> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::get(path)
        .header(HOST, authority)
        .header(USER_AGENT, concat!("eclexia/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Empty::new()).map_err(|error| Trouble::Unaskable(error.to_string()))
}

async fn exchange<S>(stream: S, request: Request<Empty<Bytes>>) -> Result<Got, Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| Trouble::Connection(error.to_string());
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(io).await.map_err(broken)?;
    let talk = async {
        let response = sender.send_request(request).await.map_err(|error| {
            // What is no HTTP will not become HTTP.
            match error.is_parse() {
                true => Trouble::Unclear("its answer is no HTTP".to_owned()),
                false => broken(error),
            }
        })?;
        answer(response).await
    };
    tokio::pin!(connection);
    tokio::pin!(talk);
    // Both in one task: where the time is up, the connection goes with the question.
    tokio::select! {
        got = &mut talk => got,
        _ = &mut connection => talk.await,
    }
}

async fn answer(response: Response<hyper::body::Incoming>) -> Result<Got, Trouble> {
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
    let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
    match body {
        Ok(body) => Ok(Got::New { body: body.to_bytes(), etag }),
        Err(error) if error.is::<LengthLimitError>() => Err(Trouble::TooLarge),
        Err(error) => Err(Trouble::Connection(error.to_string())),
    }
}
