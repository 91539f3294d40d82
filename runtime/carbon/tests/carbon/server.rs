//! Servers that do as a test says, and a world to ask them from.

use eclexia_carbon::{Answer, Cache, Carbon, Http, Keys, Patience, place};
use eclexia_diag::Sources;
use eclexia_settings::Settings;
use eclexia_settings::table::CARBON;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What a server does with a request.
#[derive(Clone)]
pub enum Act {
    /// A status, headers, a body.
    Reply(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes after the request's head, and the end.
    Raw(Vec<u8>),
    /// A byte now and then, for ever.
    Drip,
    /// Nothing, for ever.
    Hang,
    /// The same a while later.
    After(Duration, Box<Act>),
}

pub fn json(text: &str) -> Act {
    Act::Reply(200, Vec::new(), text.as_bytes().to_vec())
}

pub fn status(code: u16) -> Act {
    Act::Reply(code, Vec::new(), Vec::new())
}

/// What Electricity Maps answers about Germany.
pub const GERMANY: &str = r#"{"zone":"DE","carbonIntensity":302,
    "datetime":"2026-12-01T10:00:00.000Z","isEstimated":false}"#;

/// A request: its path, and its headers by name.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    headers: Vec<(String, String)>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

type Script = dyn Fn(&Seen, usize) -> Act + Send + Sync;

/// A server on this machine, as long as this lives.
pub struct Server {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Dropping it ends the server.
    runtime: Option<Runtime>,
}

impl Server {
    /// One that answers request `n`, from 0, as the script says.
    pub fn new(script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static) -> Server {
        Server::over(None, script)
    }

    /// The same, over TLS.
    pub fn over(
        tls: Option<tokio_rustls::TlsAcceptor>,
        script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
    ) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a run time can be made");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let world = (Arc::new(script) as Arc<Script>, seen.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (world, tls) = (world.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, world).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, world).await;
                            }
                        }
                    }
                });
            }
        });
        let address = format!("{scheme}://127.0.0.1:{port}");
        Server { address, seen, runtime: Some(runtime) }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

type World = (Arc<Script>, Arc<Mutex<Vec<Seen>>>);

/// Replies are hyper's; what is no HTTP is written by hand, after the head was read by hand.
async fn serve<S>(mut stream: S, (script, all): World)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) if head.len() < 65_536 => head.push(byte),
            _ => return,
        }
    }
    let seen = read(&String::from_utf8_lossy(&head));
    let n = {
        let mut all = all.lock().expect("nobody panicked");
        all.push(seen.clone());
        all.len() - 1
    };
    let mut act = script(&seen, n);
    while let Act::After(time, later) = act {
        tokio::time::sleep(time).await;
        act = *later;
    }
    match act {
        Act::Reply(code, headers, body) => {
            let (reader, writer) = tokio::io::split(stream);
            let stream = tokio::io::join(std::io::Cursor::new(head).chain(reader), writer);
            let service = service_fn(move |_: Request<Incoming>| {
                let mut response = Response::builder().status(code);
                for (name, value) in &headers {
                    response = response.header(*name, value);
                }
                let made = response.body(Full::new(Bytes::from(body.clone())));
                async move { Ok::<_, Infallible>(made.expect("it can be a response")) }
            });
            let mut http = hyper::server::conn::http1::Builder::new();
            let _ = http.keep_alive(false).serve_connection(TokioIo::new(stream), service).await;
        }
        Act::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Act::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n").await;
            while stream.write_all(b" ").await.is_ok() {
                let _ = stream.flush().await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Act::Hang | Act::After(..) => std::future::pending().await,
    }
}

fn read(head: &str) -> Seen {
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    Seen { path: path.to_owned(), headers }
}

pub const KEY: &str = "key-of-electricity-maps";
pub const PASSWORD: &str = "hunter2";

/// A client of servers, with keys, and with a folder to keep answers in.
pub struct Client {
    pub carbon: Carbon,
    pub data: tempfile::TempDir,
}

/// Small enough that three tries take some seconds, and large enough for a busy machine.
pub fn patience() -> Patience {
    let one = Duration::from_millis(800);
    let (whole, pause) = (Duration::from_secs(4), Duration::from_millis(20));
    Patience { one, whole, tries: 3, pause }
}

impl Client {
    pub fn new(electricitymaps: &str, wattime: &str) -> Client {
        Client::with(electricitymaps, wattime, Http::new(patience()))
    }

    pub fn with(electricitymaps: &str, wattime: &str, http: Http) -> Client {
        let text = format!(
            "[electricitymaps]\napi_url = \"{electricitymaps}\"\n[wattime]\napi_url = \
             \"{wattime}\"\n"
        );
        let (settings, found) = Settings::of_texts(&[(CARBON, &text)], &mut Sources::new());
        assert!(found.is_empty(), "{found:?}");
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        let keys = Keys::of(Some(KEY), Some(("ada", PASSWORD)));
        let cache = Some(Cache::new(data.path()));
        Client { carbon: Carbon::with(settings.carbon(), keys, cache, http), data }
    }

    /// Looks up a place, and sees that no key is in what comes, and that it came soon.
    pub fn ask(&self, name: &str, now: &str) -> Answer {
        let place = place(name).expect("a place");
        let begun = Instant::now();
        let answer = self.carbon.look_up_now(&place, time(now)).expect("a run time can be made");
        assert!(begun.elapsed() < Duration::from_secs(9), "{:?}: {answer:?}", begun.elapsed());
        let told = format!("{answer:?}");
        assert!(!told.contains(KEY) && !told.contains(PASSWORD), "{told}");
        answer
    }
}

pub fn time(text: &str) -> Timestamp {
    format!("2026-12-{text}Z").parse().expect("a time")
}

/// An address at which nobody listens: below the ports that are given out, so that no server of
/// another case, which asks for any, is there meanwhile.
pub fn nobody() -> String {
    "http://127.0.0.1:1".to_owned()
}
