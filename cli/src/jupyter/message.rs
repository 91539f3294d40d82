//! Messages of the Jupyter protocol: parts of a message of ZeroMQ in, a signed and well-formed
//! request out; and back. A message is an envelope, a delimiter, a signature, and four texts of
//! JSON: header, header of what it answers, metadata, content (jupyter-client.readthedocs.io).

use super::zmtp::Parts;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use std::fmt::Write;

/// Between the envelope and the message.
const DELIMITER: &[u8] = b"<IDS|MSG>";

/// The protocol whose messages these are.
pub const VERSION: &str = "5.3";

/// What one side asks the other for.
pub struct Request {
    /// Stands before the delimiter, and before that of the answer.
    envelope: Parts,
    /// As it came: the answer names it.
    header: Vec<u8>,
    pub kind: String,
    pub content: Map<String, Value>,
}

/// Why a message is left out. Nobody who could be answered is known to have sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    Malformed,
    WrongSignature,
}

impl Fault {
    pub fn text(self) -> &'static str {
        match self {
            Fault::Malformed => "it is no message of the Jupyter protocol",
            Fault::WrongSignature => "it is not signed with the key of this kernel",
        }
    }
}

/// The key that both sides have; without one nothing is signed.
pub struct Signer(Option<Hmac<Sha256>>);

impl Signer {
    pub fn new(key: &str) -> Signer {
        // A key of any length will do.
        let made = (!key.is_empty()).then(|| Hmac::new_from_slice(key.as_bytes()).ok());
        Signer(made.flatten())
    }

    fn over(&self, texts: &[Vec<u8>]) -> Option<Hmac<Sha256>> {
        let mut mac = self.0.clone()?;
        texts.iter().for_each(|text| mac.update(text));
        Some(mac)
    }

    /// Hexadecimal, as it is sent.
    fn sign(&self, texts: &[Vec<u8>]) -> Vec<u8> {
        let mut shown = String::new();
        for byte in self.over(texts).into_iter().flat_map(|mac| mac.finalize().into_bytes()) {
            let _ = write!(shown, "{byte:02x}");
        }
        shown.into_bytes()
    }

    /// In a time that does not tell how much of it is right.
    fn is_right(&self, signature: &[u8], texts: &[Vec<u8>]) -> bool {
        let Some(mac) = self.over(texts) else { return true };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let pair = |pair: &[u8]| match pair {
            [a, b] => u8::try_from(digit(*a)? * 16 + digit(*b)?).ok(),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = signature.chunks(2).map(pair).collect();
        bytes.is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
    }
}

/// A request, where it is signed and well formed; parts behind the content are left aside.
pub fn read(signer: &Signer, mut parts: Parts) -> Result<Request, Fault> {
    let at = parts.iter().position(|part| part == DELIMITER).ok_or(Fault::Malformed)?;
    let message = parts.split_off(at + 1);
    parts.pop();
    let [signature, texts @ ..] = message.as_slice() else { return Err(Fault::Malformed) };
    let signed = texts.get(..4).ok_or(Fault::Malformed)?;
    if !signer.is_right(signature, signed) {
        return Err(Fault::WrongSignature);
    }
    let object = |text: &[u8]| serde_json::from_slice::<Map<String, Value>>(text);
    let header = object(&signed[0]).map_err(|_| Fault::Malformed)?;
    let content = object(&signed[3]).map_err(|_| Fault::Malformed)?;
    let kind = header.get("msg_type").and_then(Value::as_str).ok_or(Fault::Malformed)?;
    Ok(Request { envelope: parts, header: signed[0].clone(), kind: kind.to_owned(), content })
}

/// A message, as parts behind its envelope: an answer's is that of the request, another's its kind.
pub fn written(
    signer: &Signer,
    envelope: &[Vec<u8>],
    header: &Value,
    parent: Option<&Request>,
    content: &Value,
) -> Parts {
    let parent = parent.map_or(b"{}".to_vec(), |request| request.header.clone());
    let bytes = |value: &Value| value.to_string().into_bytes();
    let texts = [bytes(header), parent, bytes(&json!({})), bytes(content)];
    let mut parts = envelope.to_vec();
    parts.extend([DELIMITER.to_vec(), signer.sign(&texts)]);
    parts.extend(texts);
    parts
}

impl Request {
    pub fn envelope(&self) -> &[Vec<u8>] {
        &self.envelope
    }

    /// A text of the content; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.content.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn is(&self, name: &str, otherwise: bool) -> bool {
        self.content.get(name).and_then(Value::as_bool).unwrap_or(otherwise)
    }

    /// A whole number of the content.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.content.get(name).and_then(Value::as_i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(signer: &Signer) -> Parts {
        let header = json!({"msg_id": "1", "msg_type": "execute_request"});
        let envelope = [b"peer".to_vec()];
        written(signer, &envelope, &header, None, &json!({"code": "(+ 1 2)", "silent": true}))
    }

    fn fault(signer: &Signer, parts: Parts) -> Option<Fault> {
        read(signer, parts).err()
    }

    #[test]
    fn what_is_written_is_read_by_who_has_the_key() {
        let signer = Signer::new("secret");
        let request = read(&signer, message(&signer)).unwrap_or_else(|f| panic!("{}", f.text()));
        assert_eq!((request.kind.as_str(), request.text("code")), ("execute_request", "(+ 1 2)"));
        assert_eq!(request.envelope(), [b"peer".to_vec()]);
        assert!(request.is("silent", false) && request.is("other", true));
        for key in ["", "Secret"] {
            let wrong = fault(&signer, message(&Signer::new(key)));
            assert_eq!(wrong, Some(Fault::WrongSignature), "{key}");
        }
        assert_eq!(fault(&Signer::new(""), message(&signer)), None);
    }

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        let signer = Signer::new("Jefe");
        let signature = signer.sign(&[b"what do ya want ".to_vec(), b"for nothing?".to_vec()]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature, expected.as_bytes());
    }

    #[test]
    fn every_changed_or_missing_part_is_told() {
        let signer = Signer::new("secret");
        let whole = message(&signer);
        for at in 1..whole.len() {
            let mut less = whole.clone();
            less.remove(at);
            assert!(fault(&signer, less).is_some(), "{at}");
            let mut changed = whole.clone();
            changed[at].push(b'0');
            assert!(fault(&signer, changed).is_some(), "{at}");
        }
        assert_eq!(fault(&signer, Parts::new()), Some(Fault::Malformed));
        let open = Signer::new("");
        for content in ["[]", "{", "7", &"[".repeat(100_000)] {
            let mut other = message(&open);
            other[6] = content.as_bytes().to_vec();
            assert_eq!(fault(&open, other), Some(Fault::Malformed));
        }
    }
}
