//! `playground`: serves the page that runs the compiler in a browser, to this machine alone.
//!
//! The page is files that `cargo xtask playground` builds. They are read once, before anything is
//! served, and what is not among them is not found: no path of a request reaches the file system.

use super::Ended;
use crate::args::PlaygroundArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files, interrupt};
use eclexia_diag::Diagnostic;
use std::io::{Cursor, Error};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tiny_http::{Header, Method, Request, Response, Server};

/// How long the server does not notice that it is to end.
const NAP: Duration = Duration::from_millis(50);

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
    let pages = pages(&site(args.site.as_deref())?)?;
    let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let cannot = |error: Error| diagnostics::cannot_listen(&asked.to_string(), &error);
    let server = Server::http(asked).map_err(|error| cannot(Error::other(error)))?;
    let address = server.server_addr().to_ip().unwrap_or(asked);
    let is_over = interrupt::flag();
    console.out(&format!("The playground is at http://{address}/ (Ctrl-C ends it)\n"));
    if args.open {
        open(&format!("http://{address}/"));
    }
    while !is_over.load(Ordering::Relaxed) {
        // What one connection does wrong does not end the server.
        if let Ok(Some(request)) = server.recv_timeout(NAP) {
            answer(request, &pages);
        }
    }
    Ok(Exit::Done)
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

fn answer(request: Request, pages: &[Page]) {
    let path = request.url().split(['?', '#']).next().unwrap_or_default();
    let name = path.strip_prefix('/').filter(|name| !name.is_empty()).unwrap_or(INDEX);
    let found = pages.iter().find(|page| page.name == name);
    let (status, kind, bytes): (u16, &str, &[u8]) = match (request.method(), found) {
        (Method::Get | Method::Head, Some(page)) => (200, page.kind, &page.bytes),
        (Method::Get | Method::Head, None) => (404, "text/plain; charset=utf-8", b"not found\n"),
        _ => (405, "text/plain; charset=utf-8", b"only GET\n"),
    };
    let mut response = Response::new(
        status.into(),
        Vec::new(),
        Cursor::new(bytes.to_vec()),
        Some(bytes.len()),
        None,
    );
    let headers = [
        ("Content-Type", kind),
        ("Content-Security-Policy", POLICY),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ];
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    // Who went away before the answer misses nothing.
    let _ = request.respond(response);
}

/// Shows an address in the user's browser; where there is none, the address has been printed.
fn open(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(opener);
    let _ = command.arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
