//! Which packages are deployed with one that needs others, and in which order.
//!
//! In: the package, what runs here, and the packages that can be had. Out: what is deployed, what
//! is needed before what needs it, and who meets which need; or why there is no way.
//!
//! 1. What runs and is neither replaced nor reached by needs stays as it is: what it needs and has
//!    must be there afterwards, too. A need that one of these meets is met.
//! 2. PubGrub chooses the rest (`solve`): a version for each name, what runs where it fits, else
//!    the newest release that fits, else the newest.
//! 3. What is chosen and does not run is deployed. A deployment has one package; nothing needs
//!    itself; nobody loses what it had: seen on what would be there afterwards.
//!
//! Holds: the same known packages give the same steps. Two packages of one name in two versions may
//! run under two names of deployments; one command brings about one version of each. Absent:
//! files and the registry (`known`), and deploying.

mod diagnostics;
mod known;
mod solve;
#[cfg(test)]
mod tests;

pub use diagnostics::{needed_by_others, unmet_need};
pub use known::{Places, known};

use crate::package::Dependency;
use eclexia_diag::Diagnostic;
use semver::Version;
use solve::Solve;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

/// A package that runs or can be had.
#[derive(Clone, PartialEq, Debug)]
pub struct Offer {
    pub name: String,
    pub version: Version,
    /// The package's id.
    pub id: String,
    /// The deployment that it is of.
    pub deployment: String,
    pub needs: Vec<Dependency>,
    /// Its file.
    pub place: PathBuf,
    /// Why it cannot be taken; a clause.
    pub lacks: Option<String>,
}

/// What a deployment runs.
#[derive(Clone, PartialEq, Debug)]
pub struct Running {
    pub deployment: String,
    /// Of the deployment.
    pub number: u32,
    pub offer: Offer,
}

/// What is known of packages here.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Known {
    /// One for each deployment.
    pub running: Vec<Running>,
    /// Of two that are alike in name and version the first is taken.
    pub offers: Vec<Offer>,
    /// Files that were looked into and are no packages that can be read, with the reason.
    pub unread: Vec<(PathBuf, String)>,
}

/// What becomes of a deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    Kept,
    New,
    /// The version that runs until then.
    Update {
        number: u32,
        from: Version,
    },
}

/// A deployment as it is afterwards.
#[derive(Clone, PartialEq, Debug)]
pub struct Occupant {
    pub offer: Offer,
    pub change: Change,
}

/// A way that was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Resolved {
    /// All deployments as they are afterwards, by name.
    pub after: BTreeMap<String, Occupant>,
    /// Names of those that are deployed, each after those that it needs.
    pub steps: Vec<String>,
}

impl Resolved {
    /// Which deployment meets a need of another one: what stays, before what comes.
    pub fn provider(&self, of: &str, need: &Dependency) -> Option<&str> {
        let meets = |(name, one): &(&String, &Occupant)| {
            *name != of && need.is_met_by(&one.offer.name, &one.offer.version)
        };
        let all = || self.after.iter().filter(meets);
        let kept = all().find(|(_, one)| one.change == Change::Kept);
        kept.or_else(|| all().next()).map(|(name, _)| name.as_str())
    }

    fn providers(&self, of: &str) -> Vec<&str> {
        let needs = self.after.get(of).map(|one| one.offer.needs.as_slice());
        needs.unwrap_or_default().iter().filter_map(|need| self.provider(of, need)).collect()
    }
}

/// Finds what is to be deployed so that `root` can be, as its deployment.
pub fn resolve(root: &Offer, known: &Known) -> Result<Resolved, Diagnostic> {
    let solve = Solve::new(root, known);
    let chosen = solve.run()?;
    let mut after: BTreeMap<String, Occupant> = known
        .running
        .iter()
        .map(|r| (r.deployment.clone(), Occupant { offer: r.offer.clone(), change: Change::Kept }))
        .collect();
    let mut is_new = BTreeSet::new();
    for offer in chosen {
        let running = known.running.iter().find(|r| r.deployment == offer.deployment);
        let is_root = std::ptr::eq(offer, root);
        let change = match running {
            Some(running) if !is_root && running.offer.name != offer.name => {
                let other = (running.offer.name.as_str(), &running.offer.version);
                return Err(diagnostics::deployment_taken(offer, other));
            }
            Some(r) => Change::Update { number: r.number, from: r.offer.version.clone() },
            None => Change::New,
        };
        if !is_new.insert(offer.deployment.clone()) {
            let other = &after[&offer.deployment].offer;
            return Err(diagnostics::deployment_taken(offer, (&other.name, &other.version)));
        }
        after.insert(offer.deployment.clone(), Occupant { offer: offer.clone(), change });
    }
    let mut resolved = Resolved { after, steps: Vec::new() };
    all_is_met(&resolved, known)?;
    if let Some(circle) = is_new.iter().find_map(|name| circle(&resolved, name)) {
        return Err(diagnostics::deployment_cycle(&circle));
    }
    resolved.steps = ordered(&resolved, is_new, &root.deployment);
    Ok(resolved)
}

/// Nobody lacks what it needs who did not before.
fn all_is_met(resolved: &Resolved, known: &Known) -> Result<(), Diagnostic> {
    for (name, one) in &resolved.after {
        let lacks = one.offer.needs.iter().filter(|need| resolved.provider(name, need).is_none());
        let was_lacking = |need: &Dependency| {
            one.change == Change::Kept
                && !known.running.iter().any(|r| {
                    r.deployment != *name && need.is_met_by(&r.offer.name, &r.offer.version)
                })
        };
        if let Some(need) = lacks.into_iter().find(|need| !was_lacking(need)) {
            let now = resolved.after.values().find(|one| one.offer.name == need.name);
            return Err(match now {
                Some(now) => needed_by_others(name, need, Some(&now.offer.version)),
                None => unmet_need(name, need),
            });
        }
    }
    Ok(())
}

/// Deployments that would lack something without this one, in the order in which they can go: each
/// before what it needs.
pub fn dependants(running: &[Running], name: &str) -> Vec<String> {
    let mut gone = vec![name];
    loop {
        let is_lost = |of: &Running, need: &Dependency| {
            let mut others = running.iter().filter(|r| r.deployment != of.deployment);
            let meets = |r: &Running| need.is_met_by(&r.offer.name, &r.offer.version);
            others.clone().any(meets)
                && !others.any(|r| meets(r) && !gone.contains(&r.deployment.as_str()))
        };
        let next = running.iter().filter(|r| !gone.contains(&r.deployment.as_str()));
        let next = next.filter(|r| r.offer.needs.iter().any(|need| is_lost(r, need)));
        let Some(next) = next.map(|r| r.deployment.as_str()).next() else { break };
        gone.push(next);
    }
    // Whoever came later may still be needed by who came before.
    let of = |name: &str| running.iter().find(|r| r.deployment == name);
    let mut order: Vec<String> = Vec::new();
    let mut waiting: Vec<&str> = gone.split_off(1);
    while !waiting.is_empty() {
        let is_needed = |name: &str| {
            let Some(one) = of(name) else { return false };
            waiting.iter().filter(|other| **other != name).filter_map(|other| of(other)).any(|r| {
                r.offer.needs.iter().any(|n| n.is_met_by(&one.offer.name, &one.offer.version))
            })
        };
        let at = waiting.iter().position(|name| !is_needed(name)).unwrap_or(0);
        order.push(waiting.remove(at).to_owned());
    }
    order
}

/// The shortest way from a deployment over what it needs back to it.
fn circle(resolved: &Resolved, from: &str) -> Option<Vec<(String, Version)>> {
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(name) = open.pop_front() {
        for next in resolved.providers(name) {
            if next == from {
                let mut way = vec![name];
                while let Some(before) = way.last().and_then(|last| came.get(last)) {
                    way.push(before);
                }
                way.reverse();
                let version = |name: &str| resolved.after[name].offer.version.clone();
                return Some(way.into_iter().map(|n| (n.to_owned(), version(n))).collect());
            }
            if !came.contains_key(next) {
                came.insert(next, name);
                open.push_back(next);
            }
        }
    }
    None
}

/// By name, each after those that it needs; the root as late as can be. There is no circle.
fn ordered(resolved: &Resolved, mut waiting: BTreeSet<String>, root: &str) -> Vec<String> {
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let is_free =
            |name: &&String| resolved.providers(name).iter().all(|on| !waiting.contains(*on));
        let mut free: Vec<&String> = waiting.iter().filter(is_free).collect();
        free.sort_by_key(|name| **name == root);
        let Some(next) = free.first().map(|name| (*name).clone()) else { break };
        waiting.remove(&next);
        order.push(next);
    }
    order
}
