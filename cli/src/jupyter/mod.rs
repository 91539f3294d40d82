//! `jupyter run`: a kernel, which is the conversation of the REPL for notebooks, by the Jupyter
//! protocol (jupyter-client.readthedocs.io): JSON, signed, over five sockets of ZeroMQ.
//!
//! `zmtp` and `socket` are as much of ZeroMQ as that needs, `message` what is said over it. A
//! request on the channel `shell` waits for those before it (`asked`); one on `control` does not,
//! so that an evaluation can be interrupted. Nothing that a peer sends ends the kernel but a signed
//! request to.
//!
//! Absent: input for programs, since none reads any, so `stdin` is open and says nothing; widgets;
//! the debugger.

mod answers;
mod asked;
mod connection;
mod kernel;
mod message;
mod relay;
mod socket;
mod tables;
mod zmtp;

use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::listen::listen;
use crate::repl::{Interrupted, Session};
use crate::{diagnostics, interrupt};
use asked::{Answer, Asked};
use connection::Connection;
use kernel::{GATHERED, Kernel};
use message::Request;
use serde_json::json;
use socket::{Peer, Socket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use zmtp::{Parts, Role};

/// Messages that are left out and told; more would only fill the log.
const MOST_TOLD: u32 = 10;

/// A way in which requests come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Channel {
    Shell,
    Control,
}

/// Takes requests: what cannot wait is done at once, the rest is handed on.
struct Desk {
    kernel: Arc<Kernel>,
    session: Arc<Session<Asked>>,
    left_out: AtomicU32,
}

pub fn run(console: &Console, file: &Path) -> Ended {
    let connection = Connection::read(file)?;
    let no_thread = |error: std::io::Error| diagnostics::no_thread(&error);
    let (iopub, _) = listen(connection.iopub)?;
    let (shell, _) = listen(connection.shell)?;
    let (control, _) = listen(connection.control)?;
    let (stdin, _) = listen(connection.stdin)?;
    let (heartbeat, _) = listen(connection.heartbeat)?;
    let iopub = Socket::open(iopub, Role::Pub, |_, _| {}).map_err(no_thread)?;
    let kernel = Arc::new(Kernel::new(&connection.key, iopub));
    let session = Arc::new(Session::start(None).map_err(no_thread)?);
    let desk = Desk { kernel: kernel.clone(), session: session.clone(), left_out: 0.into() };
    let desk = Arc::new(desk);
    for (listener, channel) in [(shell, Channel::Shell), (control, Channel::Control)] {
        let (desk, console) = (desk.clone(), Console::new(console.global.clone()));
        let heard = move |peer: &Arc<Peer>, parts| desk.take(&console, channel, peer, parts);
        Socket::open(listener, Role::Router, heard).map_err(no_thread)?;
    }
    Socket::open(stdin, Role::Router, |_, _| {}).map_err(no_thread)?;
    let echo = |peer: &Arc<Peer>, parts: Parts| peer.send(&parts);
    Socket::open(heartbeat, Role::Rep, echo).map_err(no_thread)?;
    kernel.publish(None, "status", &json!({"execution_state": "starting"}));
    wait(&kernel, &session);
    Ok(Exit::Done)
}

/// Until the kernel is to end: somebody asked for it, a signal came while nothing was evaluated, or
/// who started the kernel is gone.
fn wait(kernel: &Kernel, session: &Session<Asked>) {
    let signal = interrupt::flag();
    let parent = parent();
    while !kernel.is_over() && self::parent() == parent {
        let is_idle = || !matches!(session.interrupt(|()| true), Interrupted::Done);
        if signal.swap(false, Ordering::Relaxed) && is_idle() {
            break;
        }
        kernel.flush();
        std::thread::sleep(GATHERED);
    }
}

/// The process that started this one, where it is Jupyter, which says so: a kernel without one
/// would be left for good.
fn parent() -> Option<u32> {
    #[cfg(unix)]
    if std::env::var_os("JPY_PARENT_PID").is_some() {
        return Some(std::os::unix::process::parent_id());
    }
    None
}

impl Desk {
    fn take(&self, console: &Console, channel: Channel, peer: &Arc<Peer>, parts: Parts) {
        let request = match message::read(self.kernel.signer(), parts) {
            Ok(request) => Arc::new(request),
            Err(fault) => {
                if self.left_out.fetch_add(1, Ordering::Relaxed) < MOST_TOLD {
                    console.err(&format!("eclexia: left out a message: {}\n", fault.text()));
                }
                return;
            }
        };
        match request.kind.as_str() {
            "interrupt_request" => {
                // At once: telling anybody may take a while.
                self.session.interrupt(|()| true);
                self.answer(peer, &request, ("interrupt_reply".into(), json!({"status": "ok"})));
            }
            "shutdown_request" => self.shut_down(peer, &request),
            "comm_open" => {
                // Nothing here can be talked to, which is said by closing what was opened.
                let content = json!({"comm_id": request.text("comm_id"), "data": {}});
                self.kernel.publish_state(&request, "busy");
                self.kernel.publish(Some(&request), "comm_close", &content);
                self.kernel.publish_state(&request, "idle");
            }
            _ if channel == Channel::Control => match answers::of(&self.kernel, &request) {
                Some(answer) => self.answer(peer, &request, answer),
                None => self.hand_on(peer, request),
            },
            _ => self.hand_on(peer, request),
        }
    }

    fn hand_on(&self, peer: &Arc<Peer>, request: Arc<Request>) {
        if !request.kind.ends_with("_request") {
            return;
        }
        let (kernel, peer) = (self.kernel.clone(), peer.clone());
        let number = self.kernel.number();
        self.session.ask_in_turn(Asked { kernel, peer, request, number });
    }

    fn answer(&self, peer: &Peer, request: &Request, (kind, content): Answer) {
        self.kernel.publish_state(request, "busy");
        self.kernel.reply(peer, request, &kind, &content);
        self.kernel.publish_state(request, "idle");
    }

    fn shut_down(&self, peer: &Peer, request: &Request) {
        self.session.interrupt(|()| true);
        let content = json!({"status": "ok", "restart": request.is("restart", false)});
        self.kernel.publish(Some(request), "shutdown_reply", &content);
        self.answer(peer, request, ("shutdown_reply".into(), content));
        self.kernel.finish();
    }
}
