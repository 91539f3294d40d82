//! Why there is no solution: the resolver's derivation in, one diagnostic out, about the package
//! that no version of suits all who need it, with a label at each requirement.

use super::{Key, ResolveCtx};
use crate::diagnostics as report;
use crate::ranges;
use eclexia_base::Span;
use eclexia_diag::Diagnostic;
use pubgrub::{DerivationTree, External, Ranges};
use semver::Version;
use std::collections::{BTreeMap, BTreeSet};

type Tree = DerivationTree<Key, Ranges<Version>, String>;

/// Who needs what, in which version of itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Need {
    who: Key,
    version: Version,
    what: Key,
    requires: String,
    place: Option<Span>,
}

pub(super) fn explain(ctx: &ResolveCtx, tree: &Tree) -> Diagnostic {
    let (mut edges, mut notes) = (Vec::new(), BTreeSet::new());
    gather(tree, &mut edges, &mut notes);
    let needs: BTreeSet<Need> =
        edges.iter().flat_map(|(who, range, what)| needs(ctx, who, range, what)).collect();
    let Some(what) = contested(ctx, &needs) else {
        let name = &ctx.project.manifest.name.value;
        return report::version_conflict(name, &[], &[], notes.into_iter().collect());
    };
    let mut told: Vec<(String, String, Option<Span>)> = Vec::new();
    for need in &needs {
        let who = match ctx.is_root(&need.who) {
            true => need.who.name.clone(),
            false => format!("{} {}", need.who.name, need.version),
        };
        if need.what == what {
            told.push((who, need.requires.clone(), need.place));
        } else if !ctx.is_root(&need.who) || need.requires != "*" {
            notes.insert(format!("`{who}` needs `{}` {}", need.what.name, need.requires));
        }
    }
    // The project's own requirement is the one that its author can change.
    told.sort_by_key(|(_, _, place)| place.map(|p| (p.file != ctx.project.file, p)));
    let known: Vec<String> = ctx.known_versions(&what).iter().map(Version::to_string).collect();
    let notes: Vec<String> = notes.into_iter().take(12).collect();
    report::version_conflict(&what.name, &told, &known, notes)
}

/// The leaves of a derivation, and what was said about versions that could not be taken.
fn gather<'t>(
    tree: &'t Tree,
    edges: &mut Vec<(&'t Key, &'t Ranges<Version>, &'t Key)>,
    notes: &mut BTreeSet<String>,
) {
    let mut open = vec![tree];
    let mut seen = 0usize;
    while let Some(tree) = open.pop() {
        seen += 1;
        if seen > 10_000 {
            return;
        }
        match tree {
            DerivationTree::Derived(derived) => {
                open.push(&derived.cause2);
                open.push(&derived.cause1);
            }
            DerivationTree::External(External::FromDependencyOf(who, range, what, _)) => {
                edges.push((who, range, what));
            }
            DerivationTree::External(External::Custom(who, range, why)) => {
                notes.insert(format!("`{who}` {range}: {why}"));
            }
            DerivationTree::External(_) => {}
        }
    }
}

fn needs(ctx: &ResolveCtx, who: &Key, range: &Ranges<Version>, what: &Key) -> Vec<Need> {
    let manifests = ctx.manifests.borrow();
    let known = manifests.iter().filter(|((key, v), _)| key == who && range.contains(v));
    let needs = known.filter_map(|((_, version), candidate)| {
        let candidate = candidate.as_ref().ok()?;
        let dependency = candidate.manifest.dependencies.get(&what.name)?;
        Some(Need {
            who: who.clone(),
            version: version.clone(),
            what: what.clone(),
            requires: dependency.requires.to_string(),
            place: Some(dependency.requires_span),
        })
    });
    needs.collect()
}

/// The package of which no known version is in all requirements; of several, the most wanted.
fn contested(ctx: &ResolveCtx, needs: &BTreeSet<Need>) -> Option<Key> {
    let mut by_what: BTreeMap<&Key, Vec<&Need>> = BTreeMap::new();
    for need in needs {
        by_what.entry(&need.what).or_default().push(need);
    }
    let is_free = |what: &Key, needs: &[&Need]| {
        let versions = ctx.known_versions(what);
        versions.iter().any(|version| {
            needs.iter().all(|need| {
                semver::VersionReq::parse(&need.requires)
                    .is_ok_and(|requires| ranges::of(&requires).contains(version))
            })
        })
    };
    let stuck = by_what.iter().filter(|(what, needs)| !is_free(what, needs));
    let most = stuck.max_by_key(|(_, needs)| needs.len()).map(|(what, _)| (*what).clone());
    most.or_else(|| by_what.iter().max_by_key(|(_, n)| n.len()).map(|(what, _)| (*what).clone()))
}
