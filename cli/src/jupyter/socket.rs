//! A socket of the kernel: a port, and the peers that have connected to it, each read by a thread
//! of its own. A peer that takes no answers for ten seconds is left: it may connect again. Nothing
//! that a peer sends ends more than its own connection.

use super::zmtp::{self, Item, Parts, Role};
use std::io::{BufReader, ErrorKind, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const MOST_PEERS: usize = 64;

/// Subscriptions of a peer, and their bytes.
const MOST_SUBSCRIPTIONS: usize = 64;
const MOST_OF_SUBSCRIPTION: usize = 256;

/// For a peer to say who it is, and to take an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who has connected.
pub struct Peer {
    output: Mutex<TcpStream>,
    /// What it wants to hear of, of a socket that tells.
    subscriptions: Mutex<Vec<Vec<u8>>>,
}

pub struct Socket {
    role: Role,
    peers: Mutex<Vec<Arc<Peer>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Peer {
    /// Sends a message; a peer that cannot take it is left.
    pub fn send<P: AsRef<[u8]>>(&self, parts: &[P]) {
        self.write(&zmtp::written(parts));
    }

    fn write(&self, bytes: &[u8]) {
        let mut stream = locked(&self.output);
        if write_in_time(&mut stream, bytes).is_err() {
            // Half a message may be out, so nothing after it would be understood.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// `1` and a beginning of topics, or `0` and one that is not wanted any more.
    fn subscribe(&self, parts: &[Vec<u8>]) {
        let [part] = parts else { return };
        let mut wanted = locked(&self.subscriptions);
        match part.split_first() {
            Some((1, topic))
                if wanted.len() < MOST_SUBSCRIPTIONS && topic.len() <= MOST_OF_SUBSCRIPTION =>
            {
                wanted.push(topic.to_vec());
            }
            Some((0, topic)) => {
                if let Some(at) = wanted.iter().position(|known| known == topic) {
                    wanted.remove(at);
                }
            }
            _ => {}
        }
    }

    fn wants(&self, topic: &[u8]) -> bool {
        locked(&self.subscriptions).iter().any(|wanted| topic.starts_with(wanted))
    }
}

/// All of it, or none of use; a peer that takes it byte by byte has no more time than others.
fn write_in_time(stream: &mut TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    let begun = Instant::now();
    while !bytes.is_empty() {
        let left = PATIENCE.checked_sub(begun.elapsed()).filter(|left| !left.is_zero());
        stream.set_write_timeout(Some(left.ok_or(ErrorKind::TimedOut)?))?;
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Socket {
    /// Takes peers, and hands on what they say.
    pub fn open(
        listener: TcpListener,
        role: Role,
        heard: impl Fn(&Arc<Peer>, Parts) + Send + Sync + 'static,
    ) -> std::io::Result<Arc<Socket>> {
        let socket = Arc::new(Socket { role, peers: Mutex::default() });
        let (taking, heard) = (socket.clone(), Arc::new(heard));
        std::thread::Builder::new().spawn(move || {
            for stream in listener.incoming().flatten() {
                let (socket, heard) = (taking.clone(), heard.clone());
                // Where there is no thread for it, the peer is sent away.
                let _ = std::thread::Builder::new().spawn(move || socket.serve(stream, &*heard));
            }
        })?;
        Ok(socket)
    }

    fn serve(&self, stream: TcpStream, heard: &impl Fn(&Arc<Peer>, Parts)) {
        let Some((peer, stream)) = self.welcome(stream) else { return };
        let mut input = BufReader::new(stream);
        while let Ok(Some(item)) = zmtp::read(&mut input) {
            match item {
                Item::Ping(context) => peer.write(&zmtp::pong(&context)),
                Item::Message(parts) if self.role == Role::Pub => peer.subscribe(&parts),
                Item::Message(parts) => heard(&peer, parts),
            }
        }
        let _ = input.get_ref().shutdown(Shutdown::Both);
        locked(&self.peers).retain(|known| !Arc::ptr_eq(known, &peer));
    }

    /// A peer that fits, and has a place.
    fn welcome(&self, mut stream: TcpStream) -> Option<(Arc<Peer>, TcpStream)> {
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        zmtp::shake_hands(&mut stream, self.role).ok()?;
        stream.set_read_timeout(None).ok()?;
        let output = Mutex::new(stream.try_clone().ok()?);
        let peer = Arc::new(Peer { output, subscriptions: Mutex::default() });
        let mut peers = locked(&self.peers);
        if peers.len() >= MOST_PEERS {
            return None;
        }
        peers.push(peer.clone());
        Some((peer, stream))
    }

    /// Tells all who subscribe to a topic, which is the first part.
    pub fn publish<P: AsRef<[u8]>>(&self, parts: &[P]) {
        let Some(topic) = parts.first() else { return };
        let peers: Vec<Arc<Peer>> = locked(&self.peers).clone();
        let bytes = zmtp::written(parts);
        for peer in peers.iter().filter(|peer| peer.wants(topic.as_ref())) {
            peer.write(&bytes);
        }
    }
}
