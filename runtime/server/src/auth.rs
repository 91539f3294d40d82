//! Who asks: by a key of this session, or a token.
//!
//! In: the header of a request, what the data folder trusts and grants. Out: under which name it
//! acts and what it may do. Always holds: a key is compared in a time that tells nothing of it; who
//! is not known may do nothing; what a token's holder changes the supervisor does with the token.

use crate::diagnostics;
use eclexia_deploy::grants::{self, Token, Verb};
use eclexia_deploy::registry::At;
use eclexia_diag::Diagnostic;
use eclexia_supervisor::control::Request;
use hyper::header::{AUTHORIZATION, HeaderMap};
use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;
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
    /// The holder of a signed token, which goes on to the supervisor: it looks at it again.
    Holder(Box<Holder>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    rights: grants::Who,
    token: String,
}

impl Who {
    /// The name that is recorded with what they do.
    pub fn name(&self) -> &str {
        match self {
            Who::Owner(name) => name,
            Who::Holder(holder) => &holder.rights.name,
        }
    }

    /// Whether they may do this to a deployment; none: to all of them.
    pub fn may(&self, verb: Verb, deployment: Option<&str>) -> Result<(), Diagnostic> {
        match self {
            Who::Owner(_) => Ok(()),
            Who::Holder(holder) => holder.rights.may(verb, deployment),
        }
    }

    /// Whether they may do this to any deployment, before it is known which one is meant.
    pub fn may_any(&self, verb: Verb) -> Result<(), Diagnostic> {
        match self {
            Who::Owner(_) => Ok(()),
            Who::Holder(holder) => holder.rights.may_any(verb),
        }
    }

    /// A request with their rights and no more.
    pub fn asks(&self, request: Request) -> Request {
        match self {
            Who::Owner(_) => request,
            Who::Holder(holder) => {
                Request::As { token: holder.token.clone(), request: Box::new(request) }
            }
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
    /// Whoever sent these headers. `data`: where it is known who is trusted and granted what.
    pub fn who(&self, headers: &HeaderMap, data: &Path) -> Result<Who, Diagnostic> {
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
        if !token.starts_with(Token::PREFIX) {
            return Err(diagnostics::unknown_token());
        }
        let token = token.trim().to_owned();
        let rights = Token::check_at(data, &token, At::of(SystemTime::now()))?;
        Ok(Who::Holder(Box::new(Holder { rights, token })))
    }
}
