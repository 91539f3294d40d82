//! Who asks: by a key of this session, or a token.
//!
//! In: the header of a request. Out: under which name it acts and what it may do. Always holds: a
//! key is compared in a time that tells nothing of it; who is not known may do nothing.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use hyper::header::{AUTHORIZATION, HeaderMap};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// What whoever began the server may do with it: everything, from the page that it shows them.
pub struct SessionKey(String);

impl SessionKey {
    /// 32 random bytes, in hex.
    pub fn generate() -> Result<SessionKey, Diagnostic> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| diagnostics::no_session(&error))?;
        let mut text = String::new();
        bytes.iter().for_each(|byte| {
            let _ = write!(text, "{byte:02x}");
        });
        Ok(SessionKey(text))
    }

    /// To be shown to nobody but who began the server.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

/// Who asks, as far as it has been shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// Whoever began the server, under this name.
    Owner(String),
}

impl Who {
    /// The name that is recorded with what they do.
    pub fn name(&self) -> &str {
        match self {
            Who::Owner(name) => name,
        }
    }

    /// Whether they may do this to a deployment; none: to all of them.
    pub fn may(&self, _verb: &str, _deployment: Option<&str>) -> Result<(), Diagnostic> {
        match self {
            Who::Owner(_) => Ok(()),
        }
    }
}

/// What is needed to find out.
pub struct Gate {
    pub session: SessionKey,
    /// The name of whoever began the server.
    pub owner: String,
}

impl Gate {
    /// Whoever sent these headers.
    pub fn who(&self, headers: &HeaderMap) -> Result<Who, Diagnostic> {
        let said = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(said) = said else { return Err(diagnostics::no_token()) };
        let Some((scheme, token)) = said.split_once(' ') else {
            return Err(diagnostics::no_token());
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(diagnostics::no_token());
        }
        if self.session.is(token.trim()) {
            return Ok(Who::Owner(self.owner.clone()));
        }
        Err(diagnostics::unknown_token())
    }
}
