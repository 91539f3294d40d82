//! One HTTP/1.1 exchange over a connection of its own.

use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Sends a request and gives the answer, the body of which still comes.
pub async fn send<B>(stream: TcpStream, request: Request<B>) -> Result<Response<Incoming>, String>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let said = |error: hyper::Error| error.to_string();
    // Small answers come at once, not when more has gathered.
    let _ = stream.set_nodelay(true);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    tokio::spawn(async move {
        // A failure is told to who waits for the answer or its body.
        let _ = connection.with_upgrades().await;
    });
    sender.send_request(request).await.map_err(said)
}
