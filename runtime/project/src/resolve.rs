//! Which version of every package is meant. Manifest in, lock and contents out, or the reasons why
//! there is none.
//!
//! 1. Candidates: a folder has the version of its manifest; a repository has one for each tag
//!    `1.2.3` or `v1.2.3`, or else the version at the commit that is asked for. What the old lock
//!    holds is tried alone first, so that locking again changes nothing and fetches nothing.
//! 2. PubGrub chooses, the newest that fits; its derivation explains a failure.
//! 3. A name stands for one source, and nothing needs itself: checked on the solution.
//! 4. The contents of what was chosen are read and hashed.

mod candidates;
mod conflict;

use crate::content::Content;
use crate::diagnostics as report;
use crate::lock::{Lock, Locked, MOST_PACKAGES};
use crate::manifest::{Dependency, Given, Manifest};
use crate::source::{Source, full, inside};
use crate::{Project, Store, ranges};
pub(crate) use candidates::version_of;
use candidates::{Candidate, Candidates};
use eclexia_base::Span;
use eclexia_diag::{Diagnostics, Outcome, Sources};
use pubgrub::{
    Dependencies, DependencyConstraints, DependencyProvider, PackageResolutionStatistics,
    PubGrubError, Ranges,
};
use semver::Version;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;

/// Choices after which a search counts as endless.
const MOST_CHOICES: usize = 200_000;

/// What of the old lock is to stay.
#[derive(Clone, Copy, Debug)]
pub enum Keep<'a> {
    All,
    /// All but these; all are looked for anew where the list is empty.
    AllBut(&'a [String]),
}

impl Keep<'_> {
    fn keeps(self, name: &str) -> bool {
        match self {
            Keep::All => true,
            Keep::AllBut(names) => !names.is_empty() && !names.iter().any(|n| n == name),
        }
    }
}

pub struct Resolved {
    pub lock: Lock,
    pub contents: BTreeMap<String, Content>,
}

/// A package as the resolver knows it: the same name from two sources is two packages here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    name: String,
    source: Source,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

/// A version of a package, or why it cannot be taken.
type Taken = Result<Rc<Candidate>, String>;

/// What a package needs, with the places where it says so.
type Edges = Vec<(Key, Span)>;

/// Where the relative sources of a manifest begin.
#[derive(Clone, Debug)]
pub(crate) enum Base {
    Folder(PathBuf),
    Git { url: String, commit: String, folder: String },
}

impl Base {
    /// The source that a manifest's dependency means; an error is a clause.
    pub(crate) fn source(&self, given: &Given) -> Result<Source, &'static str> {
        match (self, given) {
            (Base::Folder(folder), Given::Path(path)) => Ok(Source::Path(full(&folder.join(path)))),
            (Base::Git { url, commit, folder }, Given::Path(path)) => {
                let folder = inside(folder, path).ok_or("the path leaves its repository")?;
                let pick = crate::Pick::Commit(commit.clone());
                Ok(Source::Git { url: url.clone(), pick, folder })
            }
            (Base::Git { .. }, Given::Git { url, .. }) if crate::git::is_local(url) => {
                Err("a fetched package may not name a repository of this machine")
            }
            (base, Given::Git { url, pick, folder }) => {
                let url = match base {
                    Base::Folder(here) => crate::lock::address(url, here),
                    Base::Git { .. } => url.clone(),
                };
                Ok(Source::Git { url, pick: pick.clone(), folder: folder.clone() })
            }
        }
    }
}

/// Chooses, and reads what was chosen. Nothing of the project is written.
pub fn resolve(
    project: &Project,
    store: &Store,
    old: Option<&Lock>,
    keep: Keep,
    sources: &mut Sources,
) -> Outcome<Option<Resolved>> {
    let root = full(&project.root);
    let key = Key { name: project.manifest.name.value.clone(), source: Source::Path(root.clone()) };
    let mut found = Diagnostics::new();
    // With the locked versions alone, then with all, where those do not fit.
    for only_locked in [true, false] {
        let ctx = ResolveCtx::new(project, store, old, keep, only_locked, sources);
        let solution = pubgrub::resolve(&ctx, key.clone(), project.manifest.version.value.clone());
        match solution {
            Ok(chosen) => {
                let chosen: BTreeMap<Key, Version> = chosen.into_iter().collect();
                return ctx.finish(&key, chosen);
            }
            Err(PubGrubError::NoSolution(tree)) => {
                ctx.found.borrow_mut().push(conflict::explain(&ctx, &tree));
            }
            // The reason is in `found`.
            Err(_) => {}
        }
        found = ctx.found.into_inner();
        if old.is_none() || found.is_empty() {
            break;
        }
    }
    (None, found)
}

/// Ends a search whose reason is already told.
#[derive(Debug)]
pub(crate) struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped")
    }
}

impl std::error::Error for Stop {}

pub(crate) struct ResolveCtx<'p> {
    project: &'p Project,
    root: PathBuf,
    store: &'p Store,
    old: Option<&'p Lock>,
    keep: Keep<'p>,
    only_locked: bool,
    sources: RefCell<&'p mut Sources>,
    found: RefCell<Diagnostics>,
    candidates: RefCell<BTreeMap<Key, Rc<Candidates>>>,
    manifests: RefCell<BTreeMap<(Key, Version), Taken>>,
    /// The first place that asks for a package.
    asked: RefCell<BTreeMap<Key, Span>>,
    choices: Cell<usize>,
}

impl<'p> ResolveCtx<'p> {
    fn new(
        project: &'p Project,
        store: &'p Store,
        old: Option<&'p Lock>,
        keep: Keep<'p>,
        only_locked: bool,
        sources: &'p mut Sources,
    ) -> ResolveCtx<'p> {
        ResolveCtx {
            project,
            root: full(&project.root),
            store,
            old,
            keep,
            only_locked,
            sources: RefCell::new(sources),
            found: RefCell::default(),
            candidates: RefCell::default(),
            manifests: RefCell::default(),
            asked: RefCell::default(),
            choices: Cell::new(0),
        }
    }

    fn is_root(&self, key: &Key) -> bool {
        key.source == Source::Path(self.root.clone())
    }

    fn locked(&self, key: &Key) -> Option<&'p Locked> {
        let locked = self.old.and_then(|lock| lock.packages.get(&key.name))?;
        (locked.source == key.source && self.keep.keeps(&key.name)).then_some(locked)
    }

    fn stop(&self, found: eclexia_diag::Diagnostic) -> Stop {
        self.found.borrow_mut().push(found);
        Stop
    }

    /// The place that asks for a package.
    fn place(&self, key: &Key) -> Span {
        let known = self.asked.borrow().get(key).copied();
        known.unwrap_or(self.project.manifest.name.span)
    }

    /// The packages that a manifest asks for.
    fn needs(
        &self,
        manifest: &Manifest,
        base: &Base,
    ) -> Result<DependencyConstraints<Key, Ranges<Version>>, Stop> {
        let mut needs = DependencyConstraints::default();
        for dependency in manifest.dependencies.values() {
            let key = self.key_of(dependency, base)?;
            self.asked.borrow_mut().entry(key.clone()).or_insert(dependency.name.span);
            if self.asked.borrow().len() > MOST_PACKAGES {
                let most = MOST_PACKAGES;
                return Err(self.stop(report::too_many_packages(dependency.name.span, most)));
            }
            // What needs the project itself closes a cycle, whatever version it asks for.
            let range =
                if self.is_root(&key) { Ranges::full() } else { ranges::of(&dependency.requires) };
            needs.insert(key, range);
        }
        Ok(needs)
    }

    fn key_of(&self, dependency: &Dependency, base: &Base) -> Result<Key, Stop> {
        let name = dependency.name.value.clone();
        match base.source(&dependency.given) {
            Ok(source) => Ok(Key { name, source }),
            Err(why) => {
                let place = match &dependency.given {
                    Given::Path(path) => path.clone(),
                    Given::Git { url, .. } => url.clone(),
                };
                let span = dependency.span;
                Err(self.stop(report::missing_package(span, &name, &place, &why)))
            }
        }
    }

    /// Checks the solution, and reads the contents of what was chosen.
    fn finish(self, root: &Key, chosen: BTreeMap<Key, Version>) -> Outcome<Option<Resolved>> {
        self.check_sources(&chosen);
        self.check_cycles(root, &chosen);
        let mut resolved = Resolved { lock: Lock::default(), contents: BTreeMap::new() };
        if !self.found.borrow().has_errors() {
            for (key, version) in chosen.iter().filter(|(key, _)| !self.is_root(key)) {
                let Some(candidate) = self.chosen(key, version) else { continue };
                let content = match self.content(key, &candidate) {
                    Ok(content) => content,
                    Err(Stop) => continue,
                };
                let locked = Locked {
                    version: version.clone(),
                    source: key.source.clone(),
                    commit: candidate.commit.clone(),
                    hash: content.hash(),
                    needs: candidate.manifest.dependencies.keys().cloned().collect(),
                    span: None,
                };
                resolved.lock.packages.insert(key.name.clone(), locked);
                resolved.contents.insert(key.name.clone(), content);
            }
        }
        let found = self.found.into_inner();
        ((!found.has_errors()).then_some(resolved), found)
    }

    fn chosen(&self, key: &Key, version: &Version) -> Option<Rc<Candidate>> {
        let manifests = self.manifests.borrow();
        manifests.get(&(key.clone(), version.clone())).and_then(|c| c.clone().ok())
    }

    /// One name, one source.
    fn check_sources(&self, chosen: &BTreeMap<Key, Version>) {
        let mut seen: BTreeMap<&str, &Key> = BTreeMap::new();
        for key in chosen.keys() {
            if let Some(first) = seen.insert(&key.name, key) {
                let (mut one, mut two) = (first, key);
                if self.is_root(two) || self.place(two) < self.place(one) && !self.is_root(one) {
                    (one, two) = (two, one);
                }
                let (first, second) = (one.source.shown(&self.root), two.source.shown(&self.root));
                let found = report::source_conflict(
                    &key.name,
                    (self.place(one), &first),
                    (self.place(two), &second),
                );
                self.found.borrow_mut().push(found);
            }
        }
    }

    /// Depth first from the project; what is met while it is still open closes a cycle.
    fn check_cycles(&self, root: &Key, chosen: &BTreeMap<Key, Version>) {
        let mut done: BTreeSet<Key> = BTreeSet::new();
        // Who is open, with what it needs and the places where it says so, and how far it is read.
        let mut open: Vec<(Key, Edges, usize)> = Vec::new();
        open.push((root.clone(), self.edges(root, chosen), 0));
        while let Some((key, edges, next)) = open.last_mut() {
            let Some((to, _)) = edges.get(*next).cloned() else {
                done.insert(key.clone());
                open.pop();
                continue;
            };
            *next += 1;
            if let Some(at) = open.iter().position(|(key, ..)| *key == to) {
                let steps = open[at..].iter().map(|(key, edges, next)| {
                    let (to, span) = &edges[next - 1];
                    (key.name.clone(), to.name.clone(), *span)
                });
                let steps: Vec<_> = steps.collect();
                let text = format!("`{}` needs itself", crate::manifest::clip(&to.name));
                let span = steps.first().map_or(self.place(&to), |(_, _, span)| *span);
                self.found.borrow_mut().push(report::package_cycle(span, text, &steps));
                return;
            }
            if !done.contains(&to) {
                let edges = self.edges(&to, chosen);
                open.push((to, edges, 0));
            }
        }
    }

    fn edges(&self, key: &Key, chosen: &BTreeMap<Key, Version>) -> Edges {
        let version = chosen.get(key);
        let Some(candidate) = version.and_then(|version| self.chosen(key, version)) else {
            return Vec::new();
        };
        let edge = |dependency: &Dependency| {
            let source = candidate.base.source(&dependency.given).ok()?;
            let key = Key { name: dependency.name.value.clone(), source };
            Some((key, dependency.name.span))
        };
        candidate.manifest.dependencies.values().filter_map(edge).collect()
    }
}

impl DependencyProvider for ResolveCtx<'_> {
    type P = Key;
    type V = Version;
    type VS = Ranges<Version>;
    /// Packages that stood in the way before come first, then those with the fewest versions.
    type Priority = (u32, Reverse<usize>);
    type M = String;
    type Err = Stop;

    fn prioritize(
        &self,
        package: &Key,
        range: &Ranges<Version>,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let known = self.candidates(package);
        let count = known.map_or(0, |k| k.versions().filter(|v| range.contains(v)).count());
        (statistics.conflict_count(), Reverse(count))
    }

    fn choose_version(
        &self,
        package: &Key,
        range: &Ranges<Version>,
    ) -> Result<Option<Version>, Stop> {
        let candidates = self.candidates(package)?;
        let fits = || candidates.versions().filter(|v| range.contains(v));
        let locked = self.locked(package).map(|locked| &locked.version);
        let kept = fits().find(|v| Some(*v) == locked);
        let release = || fits().rfind(|v| v.pre.is_empty());
        Ok(kept.or_else(release).or_else(|| fits().next_back()).cloned())
    }

    fn get_dependencies(
        &self,
        package: &Key,
        version: &Version,
    ) -> Result<Dependencies<Key, Ranges<Version>, String>, Stop> {
        match self.candidate(package, version)? {
            Ok(candidate) => {
                let needs = self.needs(&candidate.manifest, &candidate.base)?;
                Ok(Dependencies::Available(needs))
            }
            Err(why) => Ok(Dependencies::Unavailable(why)),
        }
    }

    fn should_cancel(&self) -> Result<(), Stop> {
        self.choices.set(self.choices.get() + 1);
        if self.choices.get() > MOST_CHOICES {
            let span = self.project.manifest.name.span;
            return Err(self.stop(report::too_many_packages(span, MOST_CHOICES)));
        }
        Ok(())
    }
}
