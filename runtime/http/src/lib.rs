//! One request over HTTP/1.1 as a client sends it, with TLS where the address says so.
//!
//! In: a request with a whole address, and its bounds. Out: an answer, whatever its status, or why
//! there is none. Always holds: it ends within its time and takes in no more than its bytes; no
//! redirect is followed, because secrets would go with it; who answers over TLS is who was meant.
//! Absent: trying again, which is for who knows what is asked; proxies; connections that are kept.

mod tls;
mod trouble;

pub use hyper::body::Bytes;
pub use rustls::RootCertStore;
pub use tls::{Trust, authorities};
pub use trouble::Trouble;

use http_body_util::{BodyExt, Full};
use hyper::header::{HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// From the name's look-up to the last byte.
    pub time: Duration,
    /// Of the answer's body.
    pub bytes: usize,
    pub rest: Rest,
}

/// What becomes of a body that is larger than its bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// There is no answer: half of one says nothing. Of what tells a failure half is enough.
    Refuse,
    /// Its beginning is taken: what matters is the status.
    Cut,
}

/// Sends a request, once.
pub async fn send(
    trust: &Trust,
    request: Request<Bytes>,
    bounds: Bounds,
) -> Result<Response<Bytes>, Trouble> {
    let sent = timeout(bounds.time, once(trust, request, bounds)).await;
    sent.unwrap_or(Err(Trouble::TimedOut(bounds.time)))
}

async fn once(
    trust: &Trust,
    request: Request<Bytes>,
    bounds: Bounds,
) -> Result<Response<Bytes>, Trouble> {
    let uri = request.uri().clone();
    let host = uri.host().ok_or_else(|| Trouble::unaskable("its address names no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let is_secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let stream = TcpStream::connect((host.as_str(), port)).await;
    let stream = stream.map_err(|error| Trouble::Connection(error.to_string()))?;
    let _ = stream.set_nodelay(true);
    let request = in_origin_form(request, &uri)?;
    match is_secure {
        false => exchange(stream, request, bounds).await,
        true => exchange(trust.secured(&host, stream).await?, request, bounds).await,
    }
}

/// As a server is asked, which is not told what it is: scheme and host are headers there.
fn in_origin_form(request: Request<Bytes>, uri: &Uri) -> Result<Request<Full<Bytes>>, Trouble> {
    let (mut head, body) = request.into_parts();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let odd = |_| Trouble::unaskable("its address cannot be sent");
    head.headers.insert(HOST, HeaderValue::from_str(authority).map_err(odd)?);
    let agent = HeaderValue::from_static(concat!("eclexia/", env!("CARGO_PKG_VERSION")));
    head.headers.insert(USER_AGENT, agent);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = path.parse().map_err(|_| Trouble::unaskable("its address cannot be sent"))?;
    Ok(Request::from_parts(head, Full::new(body)))
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    bounds: Bounds,
) -> Result<Response<Bytes>, Trouble>
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
        whole(response, bounds).await
    };
    tokio::pin!(connection);
    tokio::pin!(talk);
    // Both in one task: where the time is up, the connection goes with the question.
    tokio::select! {
        got = &mut talk => got,
        _ = &mut connection => talk.await,
    }
}

/// The answer with its body, as far as that is taken.
async fn whole(
    response: Response<hyper::body::Incoming>,
    bounds: Bounds,
) -> Result<Response<Bytes>, Trouble> {
    let (head, mut body) = response.into_parts();
    let mut taken = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(_) if !head.status.is_success() => break,
            Err(error) => return Err(Trouble::Connection(error.to_string())),
        };
        let Some(data) = frame.data_ref() else { continue };
        let room = bounds.bytes - taken.len();
        taken.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            if bounds.rest == Rest::Refuse && head.status.is_success() {
                return Err(Trouble::TooLarge(bounds.bytes));
            }
            break;
        }
    }
    Ok(Response::from_parts(head, Bytes::from(taken)))
}
