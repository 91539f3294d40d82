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
use crate::console::Console;
use crate::files;
use crate::listen::{listen, serve};
use connection::Server;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// Where editors look for the port.
const PORT_FILE: &str = ".nrepl-port";

pub fn nrepl(console: &Console, args: &NreplArgs) -> Ended {
    let asked = SocketAddr::new(args.host, args.port);
    let (listener, address) = listen(asked)?;
    let port = address.port().to_string();
    files::write(Path::new(PORT_FILE), port.as_bytes())?;
    // Editors that start the server look for this very line.
    let said = format!(
        "nREPL server started on port {port} on host {host} - nrepl://{address}\n",
        host = address.ip()
    );
    let server = Arc::new(Server::default());
    let exit = serve(console, listener, &said, move |stream| server.clone().serve(stream));
    // Another server may have begun here since.
    if std::fs::read(PORT_FILE).is_ok_and(|text| text == port.as_bytes()) {
        let _ = std::fs::remove_file(PORT_FILE);
    }
    Ok(exit)
}
