//! The choice of versions, by PubGrub: the packages that can be had in, one of each name that is
//! needed out, or who asks for what that cannot be had together.
//!
//! A version is its rank among the candidates of its name, so that the best is the greatest: what
//! runs, then releases, then what comes before a release, each from old to new. A requirement is
//! the set of ranks that it allows, by the rule that the supervisor checks it with.

use super::{Known, Offer, Running, diagnostics as report};
use crate::package::Dependency;
use eclexia_diag::Diagnostic;
use pubgrub::{
    Dependencies, DependencyConstraints, DependencyProvider, DerivationTree, External,
    PackageResolutionStatistics, PubGrubError, Ranges,
};
use semver::Version;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Choices after which a search counts as endless.
const MOST_CHOICES: usize = 200_000;

type Rank = u32;
type Set = Ranges<Rank>;

/// Who asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Key {
    /// This command.
    Command,
    /// A deployment that stays as it is.
    Stays(String),
    Package(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Command => f.write_str("this command"),
            Key::Stays(name) | Key::Package(name) => f.write_str(name),
        }
    }
}

struct Candidate<'k> {
    offer: &'k Offer,
    runs: bool,
}

pub(super) struct Solve<'k> {
    root: &'k Offer,
    /// By name, from the worst to the best.
    candidates: BTreeMap<&'k str, Vec<Candidate<'k>>>,
    /// Deployments that stay, with what they need and have.
    stays: BTreeMap<&'k str, (&'k Running, Vec<&'k Dependency>)>,
    /// Names of packages that run and may be replaced: one of each must be there afterwards.
    remain: BTreeSet<&'k str>,
    choices: Cell<usize>,
}

/// Names that can be needed by a package, over all versions.
fn reached<'k>(root: &'k Offer, known: &'k Known) -> BTreeSet<&'k str> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Dependency> = root.needs.iter().collect();
    while let Some(need) = open.pop() {
        if reached.insert(&need.name) {
            let running = known.running.iter().map(|running| &running.offer);
            let of = known.offers.iter().chain(running).filter(|o| o.name == need.name);
            open.extend(of.flat_map(|offer| &offer.needs));
        }
    }
    reached
}

impl<'k> Solve<'k> {
    pub fn new(root: &'k Offer, known: &'k Known) -> Solve<'k> {
        let reached = reached(root, known);
        let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
        for running in known.running.iter().filter(|r| r.deployment != root.deployment) {
            *runs.entry(&running.offer.name).or_default() += 1;
        }
        let may_change = |r: &&Running| {
            let name = r.offer.name.as_str();
            name != root.name
                && reached.contains(name)
                && r.deployment == r.offer.deployment
                && runs.get(name) == Some(&1)
        };
        let others = || known.running.iter().filter(|r| r.deployment != root.deployment);
        let changing: Vec<&Running> = others().filter(may_change).collect();
        let staying: Vec<&Running> = others().filter(|r| !may_change(r)).collect();
        let mut candidates: BTreeMap<&str, Vec<Candidate<'_>>> = BTreeMap::new();
        candidates.insert(&root.name, vec![Candidate { offer: root, runs: false }]);
        for name in reached.iter().filter(|name| **name != root.name) {
            let running = changing.iter().filter(|r| r.offer.name == **name);
            let running = running.map(|r| Candidate { offer: &r.offer, runs: true });
            let offers = known.offers.iter().filter(|offer| offer.name == **name);
            let offers = offers.map(|offer| Candidate { offer, runs: false });
            candidates.insert(name, ranked(running.chain(offers).collect()));
        }
        let has = |of: &Running, need: &Dependency| {
            known.running.iter().any(|r| {
                r.deployment != of.deployment && need.is_met_by(&r.offer.name, &r.offer.version)
            })
        };
        let stays = staying.iter().map(|r| {
            let has = r.offer.needs.iter().filter(|need| has(r, need)).collect();
            (r.deployment.as_str(), (*r, has))
        });
        let (stays, remain) = (stays.collect(), changing.iter().map(|r| r.offer.name.as_str()));
        Solve { root, candidates, stays, remain: remain.collect(), choices: Cell::new(0) }
    }

    /// What is to be deployed, the root among it.
    pub fn run(&self) -> Result<Vec<&'k Offer>, Diagnostic> {
        let chosen = match pubgrub::resolve(self, Key::Command, 0_u32) {
            Ok(chosen) => chosen,
            Err(PubGrubError::NoSolution(tree)) => return Err(self.explain(&tree)),
            Err(_) => return Err(report::endless_search(MOST_CHOICES)),
        };
        let chosen: BTreeMap<Key, Rank> = chosen.into_iter().collect();
        let of = |(key, rank): (&Key, &Rank)| match key {
            Key::Package(name) => self.candidate(name, *rank),
            Key::Command | Key::Stays(_) => None,
        };
        let chosen = chosen.iter().filter_map(of);
        Ok(chosen.filter(|candidate| !candidate.runs).map(|candidate| candidate.offer).collect())
    }

    fn candidate(&self, name: &str, rank: Rank) -> Option<&Candidate<'k>> {
        self.candidates.get(name)?.get(usize::try_from(rank).ok()?)
    }

    fn of(&self, name: &str) -> impl Iterator<Item = (Rank, &Candidate<'k>)> {
        let all = self.candidates.get(name).map(Vec::as_slice).unwrap_or_default();
        (0..).zip(all)
    }

    /// Whether something that stays, other than who asks, meets a need.
    fn is_met(&self, who: Option<&str>, need: &Dependency) -> bool {
        self.stays.iter().any(|(name, (running, _))| {
            Some(*name) != who && need.is_met_by(&running.offer.name, &running.offer.version)
        })
    }

    fn allowed(&self, need: &Dependency) -> Set {
        let all = self.of(&need.name);
        let fits = all.filter(|(_, one)| need.is_met_by(&one.offer.name, &one.offer.version));
        fits.fold(Set::empty(), |set, (rank, _)| set.union(&Set::singleton(rank)))
    }

    /// What a version of something asks for, that nothing that stays meets.
    fn needs(&self, key: &Key, rank: Rank) -> Vec<&'k Dependency> {
        let (who, needs): (Option<&str>, Vec<&Dependency>) = match key {
            Key::Command => return Vec::new(),
            Key::Stays(name) => match self.stays.get(name.as_str()) {
                Some((_, needs)) => (Some(name), needs.clone()),
                None => return Vec::new(),
            },
            Key::Package(name) => {
                let needs = self.candidate(name, rank).map(|one| one.offer.needs.iter().collect());
                (None, needs.unwrap_or_default())
            }
        };
        needs.into_iter().filter(|need| !self.is_met(who, need)).collect()
    }

    /// The leaves of a derivation say who asks for what; told is the package that no version of is
    /// in all that is asked of it.
    fn explain(&self, tree: &DerivationTree<Key, Set, String>) -> Diagnostic {
        let mut asked: BTreeMap<String, BTreeSet<Asked>> = BTreeMap::new();
        let mut open = vec![tree];
        while let Some(tree) = open.pop() {
            match tree {
                DerivationTree::Derived(derived) => {
                    open.push(&derived.cause2);
                    open.push(&derived.cause1);
                }
                DerivationTree::External(External::FromDependencyOf(who, ranks, what, _)) => {
                    for (what, one) in self.asked(who, ranks, what) {
                        asked.entry(what).or_default().insert(one);
                    }
                }
                DerivationTree::External(_) => {}
            }
            if asked.values().map(BTreeSet::len).sum::<usize>() > 1000 {
                break;
            }
        }
        let is_free = |what: &str, asked: &BTreeSet<Asked>| {
            self.of(what).any(|(_, one)| {
                one.offer.lacks.is_none()
                    && asked.iter().all(|a| a.need.version.matches(&one.offer.version))
            })
        };
        let stuck = asked.iter().filter(|(what, asked)| !is_free(what, asked));
        let most = stuck.max_by_key(|(_, asked)| asked.len());
        let most = most.or_else(|| asked.iter().max_by_key(|(_, asked)| asked.len()));
        let Some((what, told)) = most else { return report::no_way(&self.root.name) };
        let others = asked.iter().filter(|(other, _)| *other != what);
        let others: Vec<String> =
            others.flat_map(|(_, asked)| asked.iter().map(Asked::text)).collect();
        let there = self.of(what).map(|(_, one)| (one.offer, one.runs));
        report::conflict(what, told.iter().map(Asked::text).collect(), others, there.collect())
    }

    fn asked(&self, asker: &Key, ranks: &Set, what: &Key) -> Vec<(String, Asked)> {
        let Key::Package(what) = what else { return Vec::new() };
        let who_is = |rank: Rank| match asker {
            Key::Command => None,
            Key::Stays(name) => {
                let (running, _) = self.stays.get(name.as_str())?;
                Some((name.clone(), running.offer.version.clone(), true))
            }
            Key::Package(name) => {
                let one = self.candidate(name, rank)?;
                Some((name.clone(), one.offer.version.clone(), one.runs))
            }
        };
        let all: Vec<Rank> = match asker {
            Key::Package(name) => self.of(name).map(|(rank, _)| rank).collect(),
            Key::Command | Key::Stays(_) => vec![0],
        };
        let mut asked = Vec::new();
        for rank in all.into_iter().filter(|rank| ranks.contains(rank)) {
            let Some((who, version, runs)) = who_is(rank) else { continue };
            let of = self.needs(asker, rank).into_iter().filter(|need| need.name == *what);
            asked.extend(of.map(|need| {
                let (who, version) = (who.clone(), version.clone());
                (what.clone(), Asked { who, version, runs, need: need.clone() })
            }));
        }
        asked
    }
}

/// A need, with who has it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Asked {
    who: String,
    version: Version,
    runs: bool,
    need: Dependency,
}

impl Asked {
    fn text(&self) -> String {
        let Asked { who, version, runs, need } = self;
        let here = if *runs { ", which runs here," } else { "" };
        format!("`{who}` {version}{here} needs {need}")
    }

    fn key(&self) -> (&str, &Version, &str, String) {
        (&self.who, &self.version, &self.need.name, self.need.version.to_string())
    }
}

impl PartialOrd for Asked {
    fn partial_cmp(&self, other: &Asked) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Asked {
    fn cmp(&self, other: &Asked) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// From the worst to the best; of one version the first that can be taken.
fn ranked(all: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut best: BTreeMap<(bool, bool, &Version), Candidate<'_>> = BTreeMap::new();
    let mut seen: BTreeSet<&Version> = BTreeSet::new();
    let (good, bad): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| one.runs || one.offer.lacks.is_none());
    for one in good.into_iter().chain(bad) {
        let version = &one.offer.version;
        if seen.insert(version) {
            best.insert((one.runs, version.pre.is_empty(), version), one);
        }
    }
    best.into_values().collect()
}

/// Ends a search that is too long.
#[derive(Debug)]
pub(super) struct Endless;

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many choices")
    }
}

impl std::error::Error for Endless {}

impl DependencyProvider for Solve<'_> {
    type P = Key;
    type V = Rank;
    type VS = Set;
    /// Packages that stood in the way before come first, then those with the fewest versions; the
    /// name makes it one order.
    type Priority = (u32, Reverse<usize>, Reverse<Key>);
    type M = String;
    type Err = Endless;

    fn prioritize(
        &self,
        package: &Key,
        ranks: &Set,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let count = match package {
            Key::Package(name) => self.of(name).filter(|(rank, _)| ranks.contains(rank)).count(),
            Key::Command | Key::Stays(_) => 1,
        };
        (statistics.conflict_count(), Reverse(count), Reverse(package.clone()))
    }

    fn choose_version(&self, package: &Key, ranks: &Set) -> Result<Option<Rank>, Endless> {
        Ok(match package {
            Key::Package(name) => {
                self.of(name).map(|(rank, _)| rank).filter(|rank| ranks.contains(rank)).last()
            }
            Key::Command | Key::Stays(_) => Some(0).filter(|rank| ranks.contains(rank)),
        })
    }

    fn get_dependencies(
        &self,
        package: &Key,
        rank: &Rank,
    ) -> Result<Dependencies<Key, Set, String>, Endless> {
        let mut needs = DependencyConstraints::default();
        match package {
            Key::Command => {
                needs.insert(Key::Package(self.root.name.clone()), Set::singleton(0_u32));
                for name in &self.remain {
                    needs.insert(Key::Package((*name).to_owned()), Set::full());
                }
                for name in self.stays.keys() {
                    needs.insert(Key::Stays((*name).to_owned()), Set::singleton(0_u32));
                }
            }
            Key::Package(name) => {
                let one = self.candidate(name, *rank);
                if let Some(why) = one.filter(|o| !o.runs).and_then(|o| o.offer.lacks.clone()) {
                    return Ok(Dependencies::Unavailable(why));
                }
            }
            Key::Stays(_) => {}
        }
        for need in self.needs(package, *rank) {
            needs.insert(Key::Package(need.name.clone()), self.allowed(need));
        }
        Ok(Dependencies::Available(needs))
    }

    fn should_cancel(&self) -> Result<(), Endless> {
        self.choices.set(self.choices.get() + 1);
        if self.choices.get() > MOST_CHOICES { Err(Endless) } else { Ok(()) }
    }
}
