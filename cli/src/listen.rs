//! Connections of the servers in this command, taken until Ctrl-C, and names for what they keep.

use crate::console::{Console, Exit};
use crate::{diagnostics, interrupt};
use eclexia_diag::Diagnostic;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// A name of the form that editors expect; two servers give different ones.
pub fn new_id() -> String {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    let hash = blake3::hash(format!("{made} {now} {}", std::process::id()).as_bytes());
    let hex = hash.to_hex();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-")
}
