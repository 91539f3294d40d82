//! What stands before the replicas of a service: a port that stays the same while they change.
//!
//! In: the replicas that may be asked, with weights, replaced at any time. Out: requests handed on,
//! counted for each spec. Always holds: a replica that is not listed gets no new request; who asks
//! is told when nobody can answer; a request that no replica has seen is given to another one.
//! HTTP is handed on request by request, what becomes something else on the way (WebSocket) to its
//! end, everything else connection by connection. Absent: TLS, HTTP/2.

use crate::http;
use eclexia_deploy::rollout::Measured;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, UPGRADE};
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, on};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How long a request waits for a replica that can take it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a client may take for the head of a request.
const HEAD: Duration = Duration::from_secs(30);

/// Connections at once to one port.
const MOST_CONNECTIONS: usize = 4096;

/// A replica that may be asked.
#[derive(Debug)]
pub struct Backend {
    pub spec: String,
    pub port: u16,
    asked: AtomicUsize,
}

impl Backend {
    pub fn new(spec: &str, port: u16) -> Arc<Backend> {
        Arc::new(Backend { spec: spec.to_owned(), port, asked: AtomicUsize::new(0) })
    }

    /// Requests or connections that it has and that have not ended.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Who asked, as services behind other proxies are told as well.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Counts as asked for as long as it lives.
struct Asked(Arc<Backend>);

impl Asked {
    fn new(backend: &Arc<Backend>) -> Asked {
        backend.asked.fetch_add(1, Ordering::SeqCst);
        Asked(backend.clone())
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.asked.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Who may be asked, with weights.
#[derive(Default)]
struct Choice {
    /// Backend, weight, and what it is owed (smooth weighted round robin, as in nginx since 2012).
    backends: Vec<(Arc<Backend>, f64, f64)>,
    counts: BTreeMap<String, Counts>,
    /// Of all specs, never forgotten.
    all: Counts,
}

/// Latencies fall into one of these: bounds grow by a quarter from 0.1 ms.
const BUCKETS: usize = 64;

struct Counts {
    requests: u64,
    errors: u64,
    seconds: f64,
    latencies: [u64; BUCKETS],
}

impl Default for Counts {
    fn default() -> Counts {
        Counts { requests: 0, errors: 0, seconds: 0.0, latencies: [0; BUCKETS] }
    }
}

/// Seconds up to which a bucket reaches.
fn bound(bucket: usize) -> f64 {
    1e-4 * 1.25_f64.powi(bucket as i32)
}

impl Counts {
    fn add(&mut self, seconds: f64, failed: bool) {
        self.requests += 1;
        self.errors += u64::from(failed);
        self.seconds += seconds;
        let bucket = (0..BUCKETS - 1).find(|b| seconds <= bound(*b)).unwrap_or(BUCKETS - 1);
        self.latencies[bucket] += 1;
    }

    fn p95(&self) -> Option<f64> {
        let wanted = (self.requests * 95).div_ceil(100);
        let mut sum = 0;
        let at = self.latencies.iter().position(|n| {
            sum += n;
            wanted > 0 && sum >= wanted
        });
        at.map(bound)
    }
}

#[derive(Default)]
struct Shared {
    choice: Mutex<Choice>,
    changed: tokio::sync::Notify,
    connections: AtomicUsize,
    received: AtomicU64,
    sent: AtomicU64,
}

/// What went through a port since it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Requests, or connections, that have been answered or have ended.
    pub requests: u64,
    pub failed: u64,
    /// Bytes from and to those who ask.
    pub received: u64,
    pub sent: u64,
}

impl Traffic {
    pub fn since(self, was: Traffic) -> Traffic {
        Traffic {
            requests: self.requests.saturating_sub(was.requests),
            failed: self.failed.saturating_sub(was.failed),
            received: self.received.saturating_sub(was.received),
            sent: self.sent.saturating_sub(was.sent),
        }
    }
}

/// A histogram of how long answers took.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Latencies {
    /// Seconds, and how many answers took at most so long.
    pub below: Vec<(f64, u64)>,
    pub count: u64,
    pub seconds: f64,
}

/// A port of a service. Its listener ends with it.
pub struct Frontend {
    shared: Arc<Shared>,
    listener: tokio::task::JoinHandle<()>,
}

impl Drop for Frontend {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Frontend {
    /// Listens from now on; `is_http` says how requests are handed on.
    pub fn open(
        runtime: &tokio::runtime::Handle,
        address: SocketAddr,
        is_http: bool,
    ) -> io::Result<Frontend> {
        let _guard = runtime.enter();
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let shared = Arc::new(Shared::default());
        let listener = runtime.spawn(listen(listener, shared.clone(), is_http));
        Ok(Frontend { shared, listener })
    }

    /// From now on only these are asked; the same as before change nothing of whose turn it is.
    pub fn set(&self, backends: Vec<(Arc<Backend>, f64)>) {
        let mut choice = self.shared.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = choice.backends.len() == backends.len()
            && choice
                .backends
                .iter()
                .zip(&backends)
                .all(|((was, before, _), (is, now))| Arc::ptr_eq(was, is) && before == now);
        if is_same {
            return;
        }
        choice.backends = backends.into_iter().map(|(b, weight)| (b, weight, 0.0)).collect();
        drop(choice);
        self.shared.changed.notify_waiters();
    }

    /// What was measured of the replicas of a spec since it was last forgotten.
    pub fn measured(&self, spec: &str) -> Measured {
        let choice = self.shared.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counts) = choice.counts.get(spec).filter(|c| c.requests > 0) else {
            return Measured::default();
        };
        Measured {
            requests: counts.requests,
            error_rate: Some(counts.errors as f64 / counts.requests as f64),
            latency_p95: counts.p95(),
            ..Measured::default()
        }
    }

    /// Begins to measure anew.
    pub fn forget(&self, spec: &str) {
        let mut choice = self.shared.choice.lock().unwrap_or_else(PoisonError::into_inner);
        choice.counts.remove(spec);
    }

    /// All of it since it listens.
    pub fn totals(&self) -> Traffic {
        let choice = self.shared.choice.lock().unwrap_or_else(PoisonError::into_inner);
        Traffic {
            requests: choice.all.requests,
            failed: choice.all.errors,
            received: self.shared.received.load(Ordering::Relaxed),
            sent: self.shared.sent.load(Ordering::Relaxed),
        }
    }

    /// How long answers took since it listens.
    pub fn latencies(&self) -> Latencies {
        let choice = self.shared.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let all = &choice.all;
        let mut sum = 0;
        let below = all.latencies.iter().enumerate().filter_map(|(bucket, count)| {
            sum += count;
            // Each fourth bound is enough to see, and 16 series are enough to keep.
            (bucket % 4 == 3 && bucket < BUCKETS - 1).then_some((bound(bucket), sum))
        });
        Latencies { below: below.collect(), count: all.requests, seconds: all.seconds }
    }
}

impl Shared {
    /// The next to be asked, but not one of `tried`.
    fn next(&self, tried: &[Arc<Backend>]) -> Option<Arc<Backend>> {
        let mut choice = self.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let mut whole = 0.0;
        let mut best: Option<usize> = None;
        for index in 0..choice.backends.len() {
            let (backend, weight, owed) = &mut choice.backends[index];
            if *weight <= 0.0 || tried.iter().any(|t| Arc::ptr_eq(t, backend)) {
                continue;
            }
            *owed += *weight;
            whole += *weight;
            let owed = *owed;
            if best.is_none_or(|best| owed > choice.backends[best].2) {
                best = Some(index);
            }
        }
        let (backend, _, owed) = &mut choice.backends[best?];
        *owed -= whole;
        Some(backend.clone())
    }

    /// The same, waiting for one where there is none.
    async fn wait(&self, tried: &[Arc<Backend>], until: Instant) -> Option<Arc<Backend>> {
        loop {
            let changed = self.changed.notified();
            if let Some(backend) = self.next(tried) {
                return Some(backend);
            }
            let left = until.checked_duration_since(Instant::now())?;
            tokio::time::timeout(left, changed).await.ok()?;
        }
    }

    fn count(&self, backend: &Backend, began: Instant, failed: bool) {
        let mut choice = self.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = began.elapsed().as_secs_f64();
        choice.counts.entry(backend.spec.clone()).or_default().add(seconds, failed);
        choice.all.add(seconds, failed);
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>, is_http: bool) {
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            // Out of descriptors: those that end make room.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if shared.connections.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS {
            shared.connections.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let shared = shared.clone();
        tokio::spawn(async move {
            // Small answers come at once, not when more has gathered.
            let _ = stream.set_nodelay(true);
            let stream = Counted { stream, shared: shared.clone() };
            let open = Open(shared.clone());
            match is_http {
                true => serve(stream, from.ip(), &open.0).await,
                false => connect(stream, &open.0).await,
            }
        });
    }
}

/// Counts as a connection for as long as it lives.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A connection of somebody who asks, the bytes of which are counted.
struct Counted {
    stream: TcpStream,
    shared: Arc<Shared>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let bytes = buffer.filled().len() - before;
        self.shared.received.fetch_add(bytes as u64, Ordering::Relaxed);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(bytes)) = written {
            self.shared.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        if let Poll::Ready(Ok(bytes)) = written {
            self.shared.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

type Answered = Response<BoxBody<Bytes, hyper::Error>>;

async fn serve(stream: Counted, from: IpAddr, shared: &Arc<Shared>) {
    let service = service_fn(|request| {
        let shared = shared.clone();
        async move { Ok::<Answered, Infallible>(hand_on(request, from, &shared).await) }
    });
    // A client that goes away is nobody's failure.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has sent its request and says that no more comes is answered, too: `network/get`
        // of a program asks like this.
        .half_close(true)
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

/// What a connection is to become, where the request asks for that.
fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let mut named = named.flat_map(|value| value.split(','));
    let is_asked = named.any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    headers.get(UPGRADE).filter(|_| is_asked).cloned()
}

async fn hand_on(mut request: Request<Incoming>, from: IpAddr, shared: &Arc<Shared>) -> Answered {
    let until = Instant::now() + PATIENCE;
    let upgrade = upgrade(request.headers());
    let mut client = upgrade.is_some().then(|| on(&mut request));
    let (mut head, body) = request.into_parts();
    head.headers.remove(CONNECTION);
    head.headers.remove(UPGRADE);
    if let Some(to) = upgrade {
        head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        head.headers.insert(UPGRADE, to);
    }
    head.headers.entry(HOST).or_insert(HeaderValue::from_static("localhost"));
    if let Ok(from) = HeaderValue::from_str(&from.to_string()) {
        head.headers.append(FORWARDED, from);
    }
    head.extensions.clear();
    let has_body = !hyper::body::Body::is_end_stream(&body);
    let is_harmless = matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mut body = Some(body);
    let mut tried = Vec::new();
    loop {
        let Some(backend) = shared.wait(&tried, until).await else {
            return nobody();
        };
        let asked = Asked::new(&backend);
        let began = Instant::now();
        let Ok(stream) = TcpStream::connect(("127.0.0.1", backend.port)).await else {
            // Nothing was sent: another one may have it.
            tried.push(backend);
            continue;
        };
        let sent: BoxBody<Bytes, hyper::Error> = match body.take() {
            Some(body) if has_body => body.boxed(),
            _ => Empty::new().map_err(|never| match never {}).boxed(),
        };
        match http::send(stream, Request::from_parts(head.clone(), sent)).await {
            Ok(mut response) => {
                let failed = response.status().is_server_error();
                shared.count(&backend, began, failed);
                if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                    let Some(client) = client.take() else {
                        return said(StatusCode::BAD_GATEWAY, "nobody asked for another protocol");
                    };
                    let server = on(&mut response);
                    tokio::spawn(join(client, server, asked, shared.clone()));
                    return response.map(|_| Empty::new().map_err(|never| match never {}).boxed());
                }
                return response.map(|body| {
                    // It counts as asked until the last of the body has gone.
                    body.map_frame(move |frame| {
                        let _held = &asked;
                        frame
                    })
                    .boxed()
                });
            }
            Err(_) if is_harmless && !has_body => tried.push(backend),
            Err(error) => {
                shared.count(&backend, began, true);
                return said(StatusCode::BAD_GATEWAY, &error);
            }
        }
    }
}

/// Both directions of a connection that has become something else, until its end.
async fn join(client: OnUpgrade, server: OnUpgrade, _asked: Asked, shared: Arc<Shared>) {
    shared.connections.fetch_add(1, Ordering::SeqCst);
    let _open = Open(shared);
    if let (Ok(client), Ok(server)) = tokio::join!(client, server) {
        let (mut client, mut server) = (TokioIo::new(client), TokioIo::new(server));
        // Who goes away first is nobody's failure.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    }
}

fn nobody() -> Answered {
    let mut response = said(StatusCode::SERVICE_UNAVAILABLE, "no replica is ready");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn said(status: StatusCode, why: &str) -> Answered {
    let body = Full::new(Bytes::from(format!("{why}\n"))).map_err(|never| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = status;
    response
}

async fn connect(mut client: Counted, shared: &Shared) {
    let until = Instant::now() + PATIENCE;
    let mut tried = Vec::new();
    while let Some(backend) = shared.wait(&tried, until).await {
        let _asked = Asked::new(&backend);
        let began = Instant::now();
        match TcpStream::connect(("127.0.0.1", backend.port)).await {
            Ok(mut server) => {
                let copied = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                shared.count(&backend, began, copied.is_err());
                return;
            }
            Err(_) => tried.push(backend),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(backends: &[(&Arc<Backend>, f64)]) -> Shared {
        let shared = Shared::default();
        let listed = backends.iter().map(|(backend, weight)| ((*backend).clone(), *weight, 0.0));
        shared.choice.lock().unwrap().backends = listed.collect();
        shared
    }

    #[test]
    fn requests_follow_the_weights_and_are_spread_evenly() {
        let (a, b) = (Backend::new("old", 1), Backend::new("new", 2));
        let shared = shared(&[(&a, 0.9), (&b, 0.1)]);
        let chosen: Vec<u16> = (0..20).filter_map(|_| shared.next(&[])).map(|b| b.port).collect();
        assert_eq!(chosen.iter().filter(|port| **port == 2).count(), 2);
        let gap = chosen.iter().position(|port| *port == 2).unwrap();
        assert!(chosen[gap + 1..gap + 9].iter().all(|port| *port == 1), "{chosen:?}");
    }

    #[test]
    fn who_was_tried_or_weighs_nothing_is_not_asked() {
        let (a, b) = (Backend::new("x", 1), Backend::new("x", 2));
        let shared = shared(&[(&a, 1.0), (&b, 0.0)]);
        assert_eq!(shared.next(&[]).map(|b| b.port), Some(1));
        assert!(shared.next(&[a]).is_none());
    }

    #[test]
    fn counts_tell_the_part_that_failed_and_the_95th_percentile() {
        let mut counts = Counts::default();
        for n in 0..100 {
            counts.add(if n < 95 { 0.010 } else { 1.0 }, n < 3);
        }
        assert_eq!((counts.requests, counts.errors), (100, 3));
        let p95 = counts.p95().unwrap();
        assert!((0.010..0.0125).contains(&p95), "{p95}");
        assert_eq!(Counts::default().p95(), None);
    }
}
