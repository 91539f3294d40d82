//! What somebody may do: everything, or what the grants of their key say.
//!
//! In: keys, grants that count, what is wanted. Out: whether it is allowed, or `capability-missing`
//! with the command that would allow it.

use super::capability::{Capability, Verb};
use super::diagnostics;
use super::grant::{GrantId, Most, Statement};
use super::store::Grants;
use crate::keys::{KeyId, Trust};
use crate::package::Signer;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;

/// Somebody who acts: a key, its name, and what it may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    pub key: KeyId,
    /// What the trust store calls it; the key's id where it does not know it.
    pub name: String,
    rights: Rights,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Rights {
    /// Of the data folder's owner.
    All,
    Granted(Vec<Statement>),
}

/// What a deployment takes; none: it has no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amounts {
    pub memory: Option<u64>,
    pub millicores: Option<u64>,
    pub replicas: u64,
}

impl Who {
    /// What a key may do at a day.
    pub fn of(key: &KeyId, trust: &Trust, grants: &Grants, today: Date) -> Who {
        let trusted = trust.get(key);
        let name = trusted.map_or_else(|| key.to_string(), |trusted| trusted.name.clone());
        let is_owner = trusted.is_some_and(|t| t.is_owner && t.holds(today));
        let rights = if is_owner && !grants.withdrawn.keys.contains_key(key) {
            Rights::All
        } else {
            let held = grants.held(key, trust, today);
            Rights::Granted(held.map(|chain| chain.last().statement.clone()).collect())
        };
        Who { key: key.clone(), name, rights }
    }

    /// What the signers of a package may do.
    pub fn signers(signers: &[Signer], trust: &Trust, grants: &Grants, today: Date) -> Vec<Who> {
        signers.iter().map(|signer| Who::of(&signer.key, trust, grants, today)).collect()
    }

    pub fn is_owner(&self) -> bool {
        self.rights == Rights::All
    }

    /// The ids of the grants that it has.
    pub fn grants(&self) -> Vec<GrantId> {
        match &self.rights {
            Rights::All => Vec::new(),
            Rights::Granted(all) => all.iter().map(Statement::id).collect(),
        }
    }

    /// Whether it may do this at this machine to a deployment; none: to all of them.
    pub fn may(&self, verb: Verb, deployment: Option<&str>) -> Result<(), Diagnostic> {
        match missing(std::slice::from_ref(self), &[verb.here()], deployment, None) {
            Some(found) => Err(found),
            None => Ok(()),
        }
    }

    /// Whether it may do this to any deployment at all, before it is known which one is meant.
    pub fn may_any(&self, verb: Verb) -> Result<(), Diagnostic> {
        let can = |statement: &Statement| statement.can.iter().any(|c| c.covers(&verb.here()));
        match &self.rights {
            Rights::Granted(all) if !all.iter().any(can) => self.may(verb, None),
            _ => Ok(()),
        }
    }

    fn has(&self, wanted: &Capability, deployment: Option<&str>, amounts: Option<Amounts>) -> bool {
        match &self.rights {
            Rights::All => true,
            Rights::Granted(all) => all.iter().any(|statement| {
                statement.allows(wanted, deployment)
                    && amounts.is_none_or(|amounts| amounts.fit(&statement.most))
            }),
        }
    }

    /// The grant that allows it but for its bounds.
    fn bounded(&self, wanted: &Capability, deployment: Option<&str>) -> Option<&Statement> {
        match &self.rights {
            Rights::All => None,
            Rights::Granted(all) => all.iter().find(|s| s.allows(wanted, deployment)),
        }
    }
}

impl Statement {
    /// Its bounds apart.
    fn allows(&self, wanted: &Capability, deployment: Option<&str>) -> bool {
        let is_there = match (&self.deployments, deployment) {
            (None, _) => true,
            (Some(names), Some(name)) => names.contains(name),
            // A grant of some deployments is none of all.
            (Some(_), None) => false,
        };
        is_there && self.can.iter().any(|capability| capability.covers(wanted))
    }
}

impl Amounts {
    fn fit(&self, most: &Most) -> bool {
        let fits = |bound: Option<u64>, taken: Option<u64>| {
            bound.is_none_or(|bound| taken.is_some_and(|taken| taken <= bound))
        };
        fits(most.memory, self.memory)
            && fits(most.millicores, self.millicores)
            && fits(most.replicas, Some(self.replicas))
    }

    /// The bounds of a grant that this needs: those that the grant it has is bounded in.
    fn needed(&self, most: &Most) -> Most {
        Most {
            memory: most.memory.and(self.memory),
            millicores: most.millicores.and(self.millicores),
            replicas: most.replicas.map(|_| self.replicas),
        }
    }
}

/// What of `wanted` none of them may do to a deployment that takes so much: one diagnostic for all
/// of it, with the command that would allow it.
pub fn missing(
    whos: &[Who],
    wanted: &[Capability],
    deployment: Option<&str>,
    amounts: Option<Amounts>,
) -> Option<Diagnostic> {
    let has = |wanted: &Capability| whos.iter().any(|who| who.has(wanted, deployment, amounts));
    let mut lacking: Vec<&Capability> = wanted.iter().filter(|wanted| !has(wanted)).collect();
    lacking.sort();
    lacking.dedup();
    let first = *lacking.first()?;
    // Whose grant is only too small needs less than who has none.
    let bounded = whos.iter().find_map(|who| Some((who, who.bounded(first, deployment)?)));
    let (who, bound) = match bounded {
        Some((who, statement)) => (Some(who), Some(statement)),
        None => (whos.first(), None),
    };
    let most = match (bound, amounts) {
        (Some(statement), Some(amounts)) => amounts.needed(&statement.most),
        _ => Most::default(),
    };
    Some(diagnostics::missing(who, &lacking, deployment, most, bound.zip(amounts)))
}
