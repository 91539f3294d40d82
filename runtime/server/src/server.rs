//! Connections: taken, bounded, asked, answered.

use crate::api::{self, Answer, Asked};
use crate::auth::{Gate, Who};
use crate::diagnostics;
use crate::routes::{self, Call, Lost, Need, Route};
use crate::tls::Tls;
use eclexia_deploy::grants::Verb;
use eclexia_deploy::registry::Registry;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan};
use eclexia_supervisor::folders::Folders;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Draws what a deployment is, and how it is planned to run, as SVG.
pub type Picture = fn(&Deployment, &Plan) -> String;

/// A budget of this machine: how much of it is used, in the unit, and what the resource costs then;
/// 1 is the usual price.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MachineBudget {
    pub resource: String,
    pub unit: String,
    pub used: f64,
    /// None: as much as there is.
    pub budget: Option<f64>,
    /// 1 is all of it.
    pub share: f64,
    pub price: f64,
}

/// How the budgets of this machine stand.
pub type Machine = Box<dyn Fn(&Registry) -> Result<Vec<MachineBudget>, Diagnostic> + Send + Sync>;

/// How long a client may take for the head of a request, and for its body.
const HEAD: Duration = Duration::from_secs(20);
const BODY: Duration = Duration::from_secs(120);

/// How long shaking hands may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Connections at once; a browser opens six.
const MOST_CONNECTIONS: usize = 256;

/// Answers that are made at once, and bodies of packages that are taken in at once.
const MOST_ANSWERS: usize = 8;
const MOST_PACKAGES: usize = 2;

/// Bytes of a package that comes over the network; larger ones are applied by the command.
const MOST_PACKAGE: usize = 64 << 20;

/// How often it is looked whether something happened, while somebody waits for it.
const NAP: Duration = Duration::from_millis(200);

/// What the page may do: its own files, and asking this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

pub struct Server {
    pub folders: Folders,
    /// This program: it is what becomes a supervisor.
    pub launcher: PathBuf,
    pub gate: Gate,
    pub picture: Picture,
    pub machine: Machine,
    /// Only this machine can ask.
    pub is_near: bool,
}

struct Shared {
    server: Server,
    connections: Semaphore,
    answers: Semaphore,
    packages: Semaphore,
}

/// Answers what comes until it is over.
pub fn serve(
    server: Server,
    listener: std::net::TcpListener,
    tls: Option<Tls>,
    is_over: &AtomicBool,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("eclexia-http")
        .enable_all()
        .build()?;
    let shared = Arc::new(Shared {
        server,
        connections: Semaphore::new(MOST_CONNECTIONS),
        answers: Semaphore::new(MOST_ANSWERS),
        packages: Semaphore::new(MOST_PACKAGES),
    });
    let guarded = runtime.enter();
    let listener = TcpListener::from_std(listener)?;
    drop(guarded);
    let tls = tls.map(|Tls(acceptor)| acceptor);
    runtime.spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of descriptors: those that end make room.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (shared, tls) = (shared.clone(), tls.clone());
            tokio::spawn(async move {
                let Ok(_place) = shared.connections.try_acquire() else { return };
                let _ = stream.set_nodelay(true);
                match tls {
                    None => answer_all(stream, &shared).await,
                    Some(tls) => {
                        let shaken = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await;
                        if let Ok(Ok(stream)) = shaken {
                            answer_all(stream, &shared).await;
                        }
                    }
                }
            });
        }
    });
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP / 4);
    }
    runtime.shutdown_timeout(Duration::from_secs(2));
    Ok(())
}

async fn answer_all(stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Arc<Shared>) {
    let service = service_fn(|request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(answer(request, &shared).await) }
    });
    // A client that goes away is nobody's failure.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

type Answered = Response<Full<Bytes>>;

async fn answer(request: Request<Incoming>, shared: &Arc<Shared>) -> Answered {
    match found(request, shared).await {
        Ok(answer) => written(answer),
        Err(refused) => written(api::refused(&refused)),
    }
}

async fn found(request: Request<Incoming>, shared: &Arc<Shared>) -> Result<Answer, Diagnostic> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let found = routes::find(head.method.as_str(), path).map_err(|lost| match lost {
        Lost::Unknown => diagnostics::not_found(path),
        Lost::Other(methods) => diagnostics::other_method(path, &methods),
    })?;
    let route = found.route;
    let named: Vec<String> = found.named.into_iter().map(|name| name.into_owned()).collect();
    let deployment = named.first().map(String::as_str);
    let who = match needed(route, &shared.server) {
        None => None,
        Some(verb) => {
            let who = shared.server.gate.who(&head.headers, &shared.server.folders.data)?;
            // Which deployment a package is of is known when it is there.
            match route.call {
                Call::Apply => who.may_any(verb)?,
                _ => who.may(verb, deployment)?,
            }
            Some(who)
        }
    };
    let query = head.uri.query().map(str::to_owned);
    let asked = |body, who| Asked { call: route.call, named, query, body, who };
    if route.call == Call::Apply {
        let _place = shared.packages.acquire().await.map_err(|_| diagnostics::overloaded())?;
        let body = taken(body).await?;
        return made(asked(body, who), shared).await;
    }
    // What has no body of its own is not asked for with one.
    drop(body);
    if route.call == Call::Events {
        return happened(asked(Bytes::new(), who), shared).await;
    }
    made(asked(Bytes::new(), who), shared).await
}

/// What whoever asks must be allowed to do.
fn needed(route: &Route, server: &Server) -> Option<Verb> {
    match route.need {
        Need::Nothing => None,
        Need::Near => (!server.is_near).then_some(Verb::View),
        Need::To(verb) => Some(verb),
    }
}

async fn taken(body: Incoming) -> Result<Bytes, Diagnostic> {
    let whole = Limited::new(body, MOST_PACKAGE).collect();
    let whole = tokio::time::timeout(BODY, whole).await;
    let whole = whole.map_err(|_| diagnostics::bad_request("its body did not come in time"))?;
    let whole = whole.map_err(|error| diagnostics::bad_request(&error.to_string()))?;
    Ok(whole.to_bytes())
}

/// Makes an answer where waiting holds up nobody.
async fn made(asked: Asked, shared: &Arc<Shared>) -> Result<Answer, Diagnostic> {
    let place = tokio::time::timeout(HEAD, shared.answers.acquire()).await;
    let _place = place.ok().and_then(Result::ok).ok_or_else(diagnostics::overloaded)?;
    let of = shared.clone();
    let made = tokio::task::spawn_blocking(move || api::answer(&of.server, &asked)).await;
    made.unwrap_or_else(|_| Err(diagnostics::overloaded()))
}

/// What happened; where nothing did, it waits for it as long as is asked for.
async fn happened(asked: Asked, shared: &Arc<Shared>) -> Result<Answer, Diagnostic> {
    let seconds = asked.number("wait")?.unwrap_or(0).min(20);
    let until = Instant::now() + Duration::from_secs(seconds);
    loop {
        let answer = made(asked.clone(), shared).await?;
        if !answer.is_empty || Instant::now() >= until {
            return Ok(answer);
        }
        tokio::time::sleep(NAP).await;
    }
}

fn written(answer: Answer) -> Answered {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_TYPE, answer.kind);
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if answer.status == StatusCode::UNAUTHORIZED {
        set(header::WWW_AUTHENTICATE, "Bearer");
    }
    if answer.status == StatusCode::SERVICE_UNAVAILABLE {
        set(header::RETRY_AFTER, "1");
    }
    response
}

/// Who asks, in what is recorded.
pub(crate) fn by(who: Option<&Who>) -> String {
    who.map_or_else(|| "somebody".to_owned(), |who| who.name().to_owned())
}
