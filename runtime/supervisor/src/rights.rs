//! Who asks, and what they may do: the owner of the data folder, or the holder of a token.
//!
//! In: a token and the request behind it; the signers of a package that was verified. Out: who it
//! is, or what is missing. Always holds: a request without a token comes from the data folder's
//! owner, who alone can open the socket; one with a token has the rights of its key and no more;
//! a package is deployed by its signers, whoever asks for it.

use crate::control::Request;
use crate::loaded::Loaded;
use crate::supervisor::Supervisor;
use eclexia_deploy::dates::{Date, day};
use eclexia_deploy::grants::{Amounts, Capability, Grants, Token, Verb, Who, missing};
use eclexia_deploy::keys::{KeyId, Trust};
use eclexia_deploy::package::Signer;
use eclexia_deploy::registry::At;
use eclexia_diag::Diagnostic;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// Who asked for a version, where it was not the owner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asker {
    pub key: KeyId,
    /// What they asked for: to deploy it, or to return to it.
    pub verb: Verb,
}

/// What is trusted and granted, as it is on disk now.
struct Known {
    trust: Trust,
    grants: Grants,
    today: Date,
}

impl Supervisor {
    fn known(&self) -> Result<Known, Diagnostic> {
        let trust = Trust::read(&self.folders.trust())?;
        let grants = Grants::read(&self.folders.data)?;
        Ok(Known { trust, grants, today: day(SystemTime::now()) })
    }

    /// Whose token this is, if they may ask for that.
    pub fn let_in(&self, token: &str, request: &Request) -> Result<Who, Diagnostic> {
        let who = Token::check_at(&self.folders.data, token, At::of(SystemTime::now()))?;
        let (verb, deployment) = asked_for(request);
        match verb {
            Some(verb) => who.may(verb, deployment)?,
            // What nobody but the owner may do.
            None => {
                let all = Capability::all();
                if let Some(found) = missing(std::slice::from_ref(&who), &[all], None, None) {
                    return Err(found);
                }
            }
        }
        Ok(who)
    }

    /// What the signers of a package lack to deploy it, and who asked for it.
    pub fn lacks(
        &self,
        name: &str,
        loaded: &Loaded,
        signers: &[Signer],
        asker: Option<&Asker>,
    ) -> Vec<Diagnostic> {
        let known = match self.known() {
            Ok(known) => known,
            Err(found) => return vec![found],
        };
        let amounts = Some(amounts(loaded));
        let mut wanted = vec![Verb::Deploy.here()];
        // The manifest has been checked: each is a capability.
        wanted.extend(loaded.manifest.requires.iter().filter_map(|w| Capability::parse(w).ok()));
        let whos = Who::signers(signers, &known.trust, &known.grants, known.today);
        let mut found: Vec<Diagnostic> =
            missing(&whos, &wanted, Some(name), amounts).into_iter().collect();
        if let Some(Asker { key, verb }) = asker {
            let who = Who::of(key, &known.trust, &known.grants, known.today);
            found.extend(missing(&[who], &[verb.here()], Some(name), amounts));
        }
        found
    }
}

/// The verb that a request is an act of, and the deployment that it is about; no verb: it is the
/// owner's alone.
fn asked_for(request: &Request) -> (Option<Verb>, Option<&str>) {
    match request {
        Request::Apply { deployment, .. } => (Some(Verb::Deploy), Some(deployment)),
        Request::Rollback { deployment, .. } => (Some(Verb::Rollback), Some(deployment)),
        Request::Start { deployment, .. } => (Some(Verb::Deploy), Some(deployment)),
        Request::Confirm { deployment, .. } => (Some(Verb::Confirm), Some(deployment)),
        Request::Destroy { deployment, .. } => (Some(Verb::Destroy), Some(deployment)),
        Request::Status | Request::Outline => (Some(Verb::View), None),
        Request::Drift { deployment } => (Some(Verb::View), deployment.as_deref()),
        Request::Along { request, .. } => asked_for(request),
        Request::Repriced { .. }
        | Request::Intensities { .. }
        | Request::Budget { .. }
        | Request::Leave
        | Request::As { .. } => (None, None),
    }
}

/// What a version may take in all: of what has no limit there is no sum.
fn amounts(loaded: &Loaded) -> Amounts {
    let sum = |of: fn(&eclexia_targets::local::Limits) -> Option<u64>| {
        loaded
            .processes()
            .map(|s| Some(of(&s.limits)?.saturating_mul(u64::from(s.replicas))))
            .try_fold(0_u64, |sum, one| Some(sum.saturating_add(one?)))
    };
    Amounts {
        memory: sum(|limits| limits.memory_bytes),
        millicores: sum(|limits| limits.cpu_millis),
        replicas: loaded.processes().map(|service| u64::from(service.replicas)).sum(),
    }
}
