//! `nrepl`: the conversation of the REPL for editors, by the nREPL protocol (nrepl.org): bencoded
//! messages over TCP, each answered by one or more with its `id`, the last with the status `done`.
//!
//! A connection is a thread that reads requests (`connection`); a session is a thread that follows
//! them (`session`). Nothing that a peer sends ends the server: what cannot be read ends its own
//! connection, after an answer that says why.

mod bencode;
mod connection;
mod describe;
mod replies;
mod session;

use crate::args::NreplArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::{diagnostics, files, interrupt};
use connection::Server;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Where editors look for the port.
const PORT_FILE: &str = ".nrepl-port";

/// How long the server does not notice that it is to end.
const NAP: Duration = Duration::from_millis(50);

pub fn nrepl(console: &Console, args: &NreplArgs) -> Ended {
    let asked = SocketAddr::new(args.host, args.port);
    let cannot = |error| diagnostics::cannot_listen(&asked.to_string(), &error);
    let listener = TcpListener::bind(asked).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let port = address.port().to_string();
    files::write(Path::new(PORT_FILE), port.as_bytes())?;
    let is_over = interrupt::flag();
    // Editors that start the server look for this very line.
    console.out(&format!(
        "nREPL server started on port {port} on host {host} - nrepl://{address}\n",
        host = address.ip()
    ));
    let server = Arc::new(Server::default());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            server.clone().serve(stream);
        }
    });
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
    }
    // Another server may have begun here since.
    if std::fs::read(PORT_FILE).is_ok_and(|text| text == port.as_bytes()) {
        let _ = std::fs::remove_file(PORT_FILE);
    }
    Ok(Exit::Done)
}
