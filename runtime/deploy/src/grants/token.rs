//! Tokens: text that stands for a key in a request, for a time, at one place.
//!
//! ```text
//! ecl1.BASE64URL(JSON).BASE64URL(SIGNATURE)
//! ```
//!
//! The JSON is canonical: `{"format", "key", "audience", "expires", "nonce"}`; what is signed is
//! `eclexia-token/1`, a line break, and the JSON. A token says who asks; what they may do is what
//! their grants say when they ask, so that a grant that is taken back ends its tokens. Who has the
//! text can use it: it is kept like a password and short-lived ([`LONGEST`]).

use super::diagnostics;
use super::rights::Who;
use super::store::Grants;
use crate::dates::day;
use crate::keys::{KeyId, SecretKey, TRUST_FILE, Trust};
use crate::registry::At;
use base64ct::{Base64UrlUnpadded, Encoding};
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

const FORMAT: &str = "eclexia-token/1";

/// Of the text.
const MOST_BYTES: usize = 2_048;

/// How long a token may be good for, from when it is looked at.
pub const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub format: String,
    pub key: KeyId,
    /// Where it is good: [`Token::audience`] of the data folder that is asked.
    pub audience: String,
    pub expires: At,
    pub nonce: String,
}

impl Token {
    /// What the text of a token begins with.
    pub const PREFIX: &str = "ecl1";

    /// What tokens of a data folder are made for: the id of its owner's key, of several the least.
    /// Where there is no owner no token is good.
    pub fn audience(trust: &Trust, today: Date) -> Result<String, Diagnostic> {
        let least = trust.owners(today).map(|(id, _)| id.to_string()).next();
        least.ok_or_else(diagnostics::no_owner)
    }

    /// Whether a token may be made to be good for so long.
    pub fn may_last(lasts: Duration) -> Result<(), Diagnostic> {
        if lasts > LONGEST { Err(diagnostics::long_token(LONGEST)) } else { Ok(()) }
    }

    /// A token of a key.
    pub fn issue(key: &SecretKey, audience: &str, expires: At, nonce: &str) -> String {
        let (format, audience, nonce) = (FORMAT.to_owned(), audience.to_owned(), nonce.to_owned());
        let token = Token { format, key: key.public().id(), audience, expires, nonce };
        let json = token.to_json();
        let signature = key.sign(&message(&json));
        let encode = Base64UrlUnpadded::encode_string;
        let prefix = Token::PREFIX;
        format!("{prefix}.{}.{}", encode(&json), encode(&signature))
    }

    /// Who asks with this text at `audience`, and what they may do.
    pub fn check(
        text: &str,
        audience: &str,
        (trust, grants): (&Trust, &Grants),
        now: At,
    ) -> Result<Who, Diagnostic> {
        let (token, json, signature) = read(text)?;
        let today = date(now);
        let trusted = trust.get(&token.key);
        let key = trusted.map(|trusted| trusted.key.clone()).or_else(|| grants.key(&token.key));
        let Some(key) = key else { return Err(diagnostics::unknown_token(&token.key)) };
        if !key.verify(&message(&json), &signature) {
            return Err(diagnostics::false_token(&token.key));
        }
        if token.audience != audience {
            return Err(diagnostics::elsewhere(&token.audience));
        }
        if token.expires <= now {
            return Err(diagnostics::expired_token(token.expires));
        }
        Token::may_last(Duration::from_millis(token.expires.since(now)))?;
        let is_withdrawn = trusted.is_some_and(|trusted| !trusted.holds(today))
            || grants.withdrawn.keys.contains_key(&token.key);
        if is_withdrawn {
            return Err(diagnostics::revoked_token(&token.key));
        }
        Ok(Who::of(&token.key, trust, grants, today))
    }

    /// [`Token::check`] with what a data folder trusts and grants now.
    pub fn check_at(data: &Path, text: &str, now: At) -> Result<Who, Diagnostic> {
        let trust = Trust::read(&data.join(TRUST_FILE))?;
        let grants = Grants::read(data)?;
        let audience = Token::audience(&trust, date(now))?;
        Token::check(text, &audience, (&trust, &grants), now)
    }

    fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec(self) {
            Ok(bytes) => bytes,
            Err(error) => bug!("a token that is no JSON: {error}"),
        }
    }
}

fn date(at: At) -> Date {
    day(UNIX_EPOCH + Duration::from_millis(at.0))
}

fn message(json: &[u8]) -> Vec<u8> {
    let mut message = format!("{FORMAT}\n").into_bytes();
    message.extend(json);
    message
}

/// The parts of a token; only the spelling that we write is one.
fn read(text: &str) -> Result<(Token, Vec<u8>, [u8; 64]), Diagnostic> {
    let wrong = diagnostics::bad_token;
    if text.len() > MOST_BYTES {
        return Err(wrong("it is too long"));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [Token::PREFIX, json, signature] = parts[..] else {
        return Err(wrong("it does not have the three parts of one"));
    };
    let decode = |part: &str| {
        let bytes = Base64UrlUnpadded::decode_vec(part).ok()?;
        (Base64UrlUnpadded::encode_string(&bytes) == part).then_some(bytes)
    };
    let (Some(json), Some(signature)) = (decode(json), decode(signature)) else {
        return Err(wrong("a part of it is no base64url"));
    };
    let token: Token = serde_json::from_slice(&json).map_err(|error| wrong(&error.to_string()))?;
    if token.to_json() != json || token.format != FORMAT {
        return Err(wrong("it is not written as tokens are written"));
    }
    let signature = signature.try_into().map_err(|_| wrong("it has no signature"))?;
    Ok((token, json, signature))
}
