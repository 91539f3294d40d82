//! Connections of the servers in this command: taken until Ctrl-C.

use crate::console::{Console, Exit};
use crate::{diagnostics, interrupt};
use eclexia_diag::Diagnostic;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a server does not notice that it is to end.
const NAP: Duration = Duration::from_millis(50);

/// Listens at an address; the one that was found where the port was 0.
pub fn listen(asked: SocketAddr) -> Result<(TcpListener, SocketAddr), Diagnostic> {
    let cannot = |error| diagnostics::cannot_listen(&asked.to_string(), &error);
    let listener = TcpListener::bind(asked).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

/// Says that the server is there, and gives it every connection.
pub fn serve(
    console: &Console,
    listener: TcpListener,
    said: &str,
    mut each: impl FnMut(TcpStream) + Send + 'static,
) -> Exit {
    let is_over = interrupt::flag();
    console.out(said);
    // What one connection does wrong does not end the server.
    std::thread::spawn(move || listener.incoming().flatten().for_each(&mut each));
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
    }
    Exit::Done
}
