//! `playground`: serves the page that runs the compiler in a browser, to this machine alone.
//!
//! The page is files that `cargo xtask playground` builds. They are read once, before anything is
//! served, and what is not among them is not found: no path of a request reaches the file system.
//! A connection is a thread and one request; requests are bounded in size and time, connections in
//! number.

use super::Ended;
use crate::args::PlaygroundArgs;
use crate::console::Console;
use crate::listen::{listen, serve};
use crate::{diagnostics, files};
use eclexia_diag::Diagnostic;
use std::fmt::Write as _;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a connection may take to ask, and to take a part of its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of a request without a body.
const LONGEST_HEAD: usize = 16 << 10;

/// Headers of a request.
const MOST_HEADERS: usize = 64;

/// Connections at a time; a browser opens six.
const MOST_CONNECTIONS: usize = 64;

/// The page loads its own files and nothing else, and sends nothing anywhere. Reports of plans
/// carry their styles inside.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; worker-src 'self'; \
    frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The file that every page has, and that says that one is there.
const INDEX: &str = "index.html";

/// A file of the page, as it is served.
struct Page {
    name: String,
    kind: &'static str,
    bytes: Vec<u8>,
}

pub fn playground(console: &Console, args: &PlaygroundArgs) -> Ended {
    let pages = Arc::new(pages(&site(args.site.as_deref())?)?);
    let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let (listener, address) = listen(asked)?;
    if args.open {
        open(&format!("http://{address}/"));
    }
    let said = format!("The playground is at http://{address}/ (Ctrl-C ends it)\n");
    Ok(serve(console, listener, &said, move |stream| {
        // Each connection has a count of the pages for itself; what is too much is closed.
        if Arc::strong_count(&pages) <= MOST_CONNECTIONS {
            let pages = Arc::clone(&pages);
            // Who goes away before the answer misses nothing.
            std::thread::spawn(move || drop(answer(stream, &pages)));
        }
    }))
}

/// The folder of the page: the one named, one beside this executable (as packages install it, or
/// as cargo does), or that of the source in whose folder we are.
fn site(named: Option<&Path>) -> Result<PathBuf, Diagnostic> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_path_buf));
    let beside = beside.iter().flat_map(|folder| {
        ["playground", "../playground", "../share/eclexia/playground"].map(|at| folder.join(at))
    });
    let mut places: Vec<PathBuf> = match named {
        Some(named) => vec![named.to_path_buf()],
        None => beside.chain([PathBuf::from("target/playground")]).collect(),
    };
    places.retain(|folder| folder.join(INDEX).is_file());
    let named = || named.map(|named| named.display().to_string());
    places.into_iter().next().ok_or_else(|| diagnostics::no_playground(named().as_deref()))
}

fn pages(folder: &Path) -> Result<Vec<Page>, Diagnostic> {
    let shown = folder.display().to_string();
    let cannot = |error: Error| diagnostics::cannot_read(&shown, &error);
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if let Some(kind) = kind(&name).filter(|_| path.is_file()) {
            let (_, bytes) = files::read(&path)?;
            pages.push(Page { name, kind, bytes });
        }
    }
    Ok(pages)
}

/// What a browser is told that a file is; others are not served.
fn kind(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        _ => return None,
    })
}

fn answer(mut stream: TcpStream, pages: &[Page]) -> Result<(), Error> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let text = "text/plain; charset=utf-8";
    let asked = asked(&mut stream)?;
    let page = |name: &str| pages.iter().find(|page| page.name == name);
    let (status, kind, bytes): (&str, &str, &[u8]) = match &asked {
        None => ("400 Bad Request", text, b"this is no request\n"),
        Some((Method::Other, _)) => ("405 Method Not Allowed", text, b"only GET\n"),
        Some((_, name)) => match page(name) {
            Some(page) => ("200 OK", page.kind, &page.bytes),
            None => ("404 Not Found", text, b"not found\n"),
        },
    };
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in [
        ("Content-Type", kind),
        ("Content-Length", &bytes.len().to_string()),
        ("Content-Security-Policy", POLICY),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Allow", "GET, HEAD"),
        ("Connection", "close"),
    ] {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    if !matches!(asked, Some((Method::Head, _))) {
        stream.write_all(bytes)?;
    }
    // What is unread when a connection is closed may cost its answer.
    stream.shutdown(Shutdown::Write)?;
    std::io::copy(&mut stream.take(LONGEST_HEAD as u64), &mut std::io::sink())?;
    Ok(())
}

enum Method {
    Get,
    Head,
    Other,
}

/// The method, and the name of the file that is asked for; `None`: what came is no request.
fn asked(stream: &mut TcpStream) -> Result<Option<(Method, String)>, Error> {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let mut part = [0; 4 << 10];
    while bytes.len() < LONGEST_HEAD && begun.elapsed() < PATIENCE {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(httparse::Status::Complete(_)) => return Ok(Some(meant(&request))),
            Ok(httparse::Status::Partial) => {}
            Err(_) => break,
        }
    }
    Ok(None)
}

fn meant(request: &httparse::Request<'_, '_>) -> (Method, String) {
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        _ => Method::Other,
    };
    let path = request.path.unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    let name = path.strip_prefix('/').filter(|name| !name.is_empty()).unwrap_or(INDEX);
    (method, name.to_owned())
}

/// Shows an address in the user's browser; where there is none, the address has been printed.
pub fn open(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(opener);
    let _ = command.arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
