//! ZMTP 3.0 (rfc.zeromq.org/spec/23), as much as the sockets of a kernel need of it: bytes of a
//! connection in, messages of several parts out, and back. The mechanism is NULL: who may speak is
//! decided by signatures, above. What a message may hold is bounded before it is kept, so that no
//! peer can make us keep more than it sends.

use std::io::{ErrorKind, Read, Write};

/// The largest message, in bytes of all its parts.
pub const MOST_BYTES: u64 = 16 << 20;

/// Parts of one message.
pub const MOST_PARTS: usize = 64;

/// The largest command, in bytes.
const MOST_OF_COMMAND: u64 = 4 << 10;

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

pub type Parts = Vec<Vec<u8>>;

/// What a socket is, which says who may speak with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Answers whom it hears.
    Router,
    /// Tells all who subscribe.
    Pub,
    /// Answers each message by one.
    Rep,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Router => "ROUTER",
            Role::Pub => "PUB",
            Role::Rep => "REP",
        }
    }

    fn takes(self, peer: &[u8]) -> bool {
        let known: &[&[u8]] = match self {
            Role::Router => &[b"DEALER", b"REQ", b"ROUTER"],
            Role::Pub => &[b"SUB", b"XSUB"],
            Role::Rep => &[b"REQ", b"DEALER"],
        };
        known.contains(&peer)
    }
}

/// Why a connection is of no use any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The peer is gone.
    Closed,
    Malformed,
    TooLarge,
    /// It speaks an older version, wants a mechanism, or is no socket that fits.
    Unfit,
}

/// What comes between greeting and end.
#[derive(PartialEq, Eq, Debug)]
pub enum Item {
    Message(Parts),
    /// Asks for this answer, so that it knows that we are there.
    Ping(Vec<u8>),
}

/// The 64 bytes that each side says first.
fn greeting() -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[0] = 0xff;
    bytes[8] = 1;
    bytes[9] = 0x7f;
    // Version 3.0: a peer of a newer one speaks it too.
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    bytes
}

/// Makes a connection ready for messages: greetings, then what each side is.
pub fn shake_hands(stream: &mut (impl Read + Write), role: Role) -> Result<(), Fault> {
    put(stream, &greeting())?;
    let mut theirs = [0; 64];
    stream.read_exact(&mut theirs).map_err(|_| Fault::Closed)?;
    if theirs[0] != 0xff || theirs[9] & 1 == 0 {
        return Err(Fault::Malformed);
    }
    if theirs[10] < 3 || theirs[12..32] != greeting()[12..32] {
        return Err(Fault::Unfit);
    }
    let mut ready = b"\x05READY".to_vec();
    property(&mut ready, b"Socket-Type", role.name().as_bytes());
    put(stream, &command(&ready))?;
    let first = Reader { input: &mut *stream }.frame(MOST_OF_COMMAND)?;
    let properties = first.body.strip_prefix(b"\x05READY").filter(|_| first.is_command());
    let kind = socket_type(properties.ok_or(Fault::Malformed)?).ok_or(Fault::Malformed)?;
    if !role.takes(kind) {
        let refusal = b"\x05ERROR\x13invalid socket type".as_slice();
        // It is refused whether it hears that or not.
        let _ = put(stream, &command(refusal));
        return Err(Fault::Unfit);
    }
    Ok(())
}

fn put(out: &mut impl Write, bytes: &[u8]) -> Result<(), Fault> {
    out.write_all(bytes).map_err(|_| Fault::Closed)
}

fn property(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.push(name.len() as u8);
    out.extend(name);
    out.extend((value.len() as u32).to_be_bytes());
    out.extend(value);
}

/// What a peer says that it is, in the properties of its READY.
fn socket_type(mut properties: &[u8]) -> Option<&[u8]> {
    let mut found = None;
    while let Some((length, rest)) = properties.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(*length))?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            found = Some(value);
        }
        properties = rest;
    }
    found
}

fn command(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 9);
    frame(&mut bytes, COMMAND, body);
    bytes
}

fn frame(out: &mut Vec<u8>, flags: u8, body: &[u8]) {
    match u8::try_from(body.len()) {
        Ok(length) => out.extend([flags, length]),
        Err(_) => {
            out.push(flags | LONG);
            out.extend((body.len() as u64).to_be_bytes());
        }
    }
    out.extend(body);
}

/// A message as it goes out.
pub fn written<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        frame(&mut bytes, if i + 1 < parts.len() { MORE } else { 0 }, part.as_ref());
    }
    bytes
}

/// The answer to a ping.
pub fn pong(context: &[u8]) -> Vec<u8> {
    command(&[b"\x04PONG", context].concat())
}

/// The next message, or ping; `None` where the connection ends between two.
pub fn read(input: &mut impl Read) -> Result<Option<Item>, Fault> {
    let mut reader = Reader { input };
    let mut parts = Parts::new();
    let mut room = MOST_BYTES;
    loop {
        let frame = match reader.try_frame(room)? {
            Some(frame) => frame,
            None if parts.is_empty() => return Ok(None),
            None => return Err(Fault::Closed),
        };
        if frame.is_command() {
            match ping(&frame.body) {
                // Commands come between messages only.
                _ if !parts.is_empty() => return Err(Fault::Malformed),
                Some(context) => return Ok(Some(Item::Ping(context.to_vec()))),
                None => continue,
            }
        }
        room -= frame.body.len() as u64;
        let is_last = frame.flags & MORE == 0;
        parts.push(frame.body);
        if is_last {
            return Ok(Some(Item::Message(parts)));
        }
        if parts.len() == MOST_PARTS {
            return Err(Fault::TooLarge);
        }
    }
}

/// The context of a ping, which is at most 16 bytes; before it stands for how long it holds.
fn ping(body: &[u8]) -> Option<&[u8]> {
    body.strip_prefix(b"\x04PING")?.get(2..).filter(|context| context.len() <= 16)
}

struct Frame {
    flags: u8,
    body: Vec<u8>,
}

impl Frame {
    fn is_command(&self) -> bool {
        self.flags & COMMAND != 0
    }
}

struct Reader<'r, R> {
    input: &'r mut R,
}

impl<R: Read> Reader<'_, R> {
    fn frame(&mut self, room: u64) -> Result<Frame, Fault> {
        self.try_frame(room)?.ok_or(Fault::Closed)
    }

    /// The next frame, of at most so many bytes; `None` at the end.
    fn try_frame(&mut self, room: u64) -> Result<Option<Frame>, Fault> {
        let Some(flags) = self.try_byte()? else { return Ok(None) };
        if flags & !(MORE | LONG | COMMAND) != 0 || flags & (MORE | COMMAND) == MORE | COMMAND {
            return Err(Fault::Malformed);
        }
        let length = if flags & LONG != 0 {
            let mut bytes = [0; 8];
            self.input.read_exact(&mut bytes).map_err(|_| Fault::Closed)?;
            u64::from_be_bytes(bytes)
        } else {
            u64::from(self.try_byte()?.ok_or(Fault::Closed)?)
        };
        let room = if flags & COMMAND != 0 { room.min(MOST_OF_COMMAND) } else { room };
        if length > room {
            return Err(Fault::TooLarge);
        }
        // Grows with what comes, not with what is said to come.
        let mut body = Vec::new();
        match self.input.by_ref().take(length).read_to_end(&mut body) {
            Ok(count) if count as u64 == length => Ok(Some(Frame { flags, body })),
            _ => Err(Fault::Closed),
        }
    }

    fn try_byte(&mut self) -> Result<Option<u8>, Fault> {
        let mut byte = [0];
        loop {
            match self.input.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Fault::Closed),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A peer that has said something already.
    struct Peer {
        said: Cursor<Vec<u8>>,
        heard: Vec<u8>,
    }

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.said.read(buffer)
        }
    }

    impl Write for Peer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.heard.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn hello(kind: &[u8]) -> Vec<u8> {
        let mut ready = b"\x05READY".to_vec();
        property(&mut ready, b"identity", b"me");
        property(&mut ready, b"socket-type", kind);
        [greeting().as_slice(), &command(&ready)].concat()
    }

    fn shake(said: Vec<u8>, role: Role) -> (Result<(), Fault>, Vec<u8>) {
        let mut peer = Peer { said: Cursor::new(said), heard: Vec::new() };
        (shake_hands(&mut peer, role), peer.heard)
    }

    fn all(bytes: &[u8]) -> Result<Option<Item>, Fault> {
        read(&mut Cursor::new(bytes))
    }

    #[test]
    fn what_is_written_is_read() {
        let parts = vec![b"".to_vec(), b"short".to_vec(), vec![7; 300]];
        assert_eq!(all(&written(&parts)), Ok(Some(Item::Message(parts))));
        assert_eq!(all(b""), Ok(None));
    }

    #[test]
    fn hands_are_shaken_with_whom_a_socket_fits() {
        let (shaken, heard) = shake(hello(b"DEALER"), Role::Router);
        assert_eq!(shaken, Ok(()));
        assert!(heard.ends_with(b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER"));
        let (shaken, heard) = shake(hello(b"SUB"), Role::Router);
        assert_eq!(shaken, Err(Fault::Unfit));
        assert!(heard.ends_with(b"\x05ERROR\x13invalid socket type"));
        let mut old = hello(b"DEALER");
        old[10] = 1;
        assert_eq!(shake(old, Role::Router).0, Err(Fault::Unfit));
        let mut curved = hello(b"DEALER");
        curved[12..17].copy_from_slice(b"CURVE");
        assert_eq!(shake(curved, Role::Router).0, Err(Fault::Unfit));
        let http = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n          ";
        assert_eq!(shake(http.to_vec(), Role::Router).0, Err(Fault::Malformed));
    }

    #[test]
    fn every_beginning_of_a_handshake_and_every_changed_byte_is_answered() {
        let said = hello(b"DEALER");
        for end in 0..said.len() {
            assert_eq!(shake(said[..end].to_vec(), Role::Router).0, Err(Fault::Closed), "{end}");
        }
        for at in 0..said.len() {
            for byte in 0..=255 {
                let mut changed = said.clone();
                changed[at] = byte;
                // What comes of it does not matter: it ends.
                let _ = shake(changed, Role::Router);
            }
        }
    }

    #[test]
    fn every_beginning_of_a_message_and_every_changed_byte_is_answered() {
        let message = written(&[b"<IDS|MSG>".to_vec(), vec![b'{'; 260], b"{}".to_vec()]);
        for end in 1..message.len() {
            assert_eq!(all(&message[..end]), Err(Fault::Closed), "{end}");
        }
        for at in 0..message.len() {
            for byte in 0..=255 {
                let mut changed = message.clone();
                changed[at] = byte;
                let _ = all(&changed);
            }
        }
    }

    #[test]
    fn size_and_parts_are_bounded_before_anything_is_kept() {
        assert_eq!(all(b"\x02\x7f\xff\xff\xff\xff\xff\xff\xff"), Err(Fault::TooLarge));
        assert_eq!(all(b"\x06\0\0\0\0\0\x01\0\0"), Err(Fault::TooLarge));
        assert_eq!(all(b"\x05\0"), Err(Fault::Malformed));
        assert_eq!(all(b"\x80\0"), Err(Fault::Malformed));
        assert_eq!(all(&b"\x01\0".repeat(1_000)), Err(Fault::TooLarge));
        let half = vec![0; MOST_BYTES as usize / 2 + 1];
        assert_eq!(all(&written(&[&half, &half])), Err(Fault::TooLarge));
        let mut endless = std::io::repeat(1);
        assert_eq!(read(&mut endless), Err(Fault::TooLarge));
    }

    #[test]
    fn a_ping_is_answered_by_its_context_and_other_commands_say_nothing() {
        assert_eq!(all(b"\x04\x08\x04PING\0\x01x"), Ok(Some(Item::Ping(b"x".to_vec()))));
        assert_eq!(pong(b"x"), b"\x04\x06\x04PONGx");
        let message = Item::Message(vec![b"a".to_vec()]);
        assert_eq!(all(b"\x04\x06\x05OTHER\0\x01a"), Ok(Some(message)));
        assert_eq!(all(b"\x01\x01a\x04\x06\x05OTHER"), Err(Fault::Malformed));
    }
}
