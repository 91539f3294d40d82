//! The resolver against brute force over small worlds, and what it says of those that have no way.

use super::{Change, Known, Offer, Running, resolve};
use crate::package::Dependency;
use proptest::prelude::*;
use semver::{Version, VersionReq};
use std::collections::BTreeMap;
use std::path::PathBuf;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const VERSIONS: [&str; 4] = ["1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0"];
const REQUIREMENTS: [&str; 6] = ["*", "^1", "^2", "=1.1.0", ">=1.1", "^2.0.0-rc.1"];

fn offer(name: &str, version: &str, needs: &[(&str, &str)]) -> Offer {
    let need = |(name, version): &(&str, &str)| Dependency {
        name: (*name).to_owned(),
        version: VersionReq::parse(version).expect("a requirement"),
    };
    Offer {
        name: name.to_owned(),
        version: Version::parse(version).expect("a version"),
        id: format!("{name}-{version}"),
        deployment: name.to_owned(),
        needs: needs.iter().map(need).collect(),
        place: PathBuf::from(format!("{name}-{version}.eclpkg")),
        lacks: None,
    }
}

fn running(deployment: &str, offer: Offer) -> Running {
    Running { deployment: deployment.to_owned(), number: 1, offer }
}

fn known(running: Vec<Running>, offers: Vec<Offer>) -> Known {
    Known { running, offers, unread: Vec::new() }
}

/// Each step, as `name version`.
fn steps(root: &Offer, known: &Known) -> Vec<String> {
    let resolved = resolve(root, known).unwrap_or_else(|found| panic!("{found:?}"));
    let step = |name: &String| format!("{name} {}", resolved.after[name].offer.version);
    resolved.steps.iter().map(step).collect()
}

/// Code and all that is said.
fn refused(root: &Offer, known: &Known) -> (&'static str, String) {
    let found = resolve(root, known).expect_err("there is no way");
    (found.code, format!("{}\n{}", found.message, found.notes.join("\n")))
}

#[test]
fn what_is_needed_comes_first_the_newest_that_fits_and_what_runs_stays() {
    let shop = offer("shop", "1.0.0", &[("web", "^1"), ("store", "^1")]);
    let offers = vec![
        offer("web", "1.0.0", &[("store", "^1")]),
        offer("web", "1.2.0", &[("store", "^1"), ("cache", "*")]),
        offer("web", "2.0.0", &[]),
        offer("store", "1.0.0", &[]),
        offer("store", "1.5.0", &[]),
        offer("cache", "1.0.0", &[]),
        offer("cache", "1.1.0-rc.1", &[]),
    ];
    let all = ["cache 1.0.0", "store 1.5.0", "web 1.2.0", "shop 1.0.0"];
    assert_eq!(steps(&shop, &known(vec![], offers.clone())), all);
    let store = running("store", offer("store", "1.0.0", &[]));
    assert_eq!(steps(&shop, &known(vec![store], offers.clone())), [all[0], all[2], all[3]]);
    // What runs and does not fit is updated.
    let old = running("store", offer("store", "0.9.0", &[]));
    let known = known(vec![old], offers);
    assert_eq!(steps(&shop, &known), all);
    let resolved = resolve(&shop, &known).expect("a way");
    let from = Version::new(0, 9, 0);
    assert_eq!(resolved.after["store"].change, Change::Update { number: 1, from });
}

#[test]
fn an_update_takes_those_along_that_need_another_version() {
    let shop = offer("shop", "2.0.0", &[("store", "^2"), ("web", "*")]);
    let store = || running("store", offer("store", "1.0.0", &[]));
    let web = || running("web", offer("web", "1.0.0", &[("store", "^1")]));
    let offers = vec![offer("store", "2.0.0", &[]), offer("web", "1.1.0", &[("store", "*")])];
    let all = ["store 2.0.0", "web 1.1.0", "shop 2.0.0"];
    assert_eq!(steps(&shop, &known(vec![store(), web()], offers.clone())), all);
    // One that it does not need stays, and what that one needs counts.
    let other = running("other", offer("other", "1.0.0", &[("store", "^1")]));
    let (code, said) = refused(&shop, &known(vec![store(), web(), other], offers));
    assert_eq!(code, "dependency-conflict");
    for part in [
        "no version of `store` suits all who need it",
        "`shop` 2.0.0 needs `store` ^2",
        "`other` 1.0.0, which runs here, needs `store` ^1",
        "of `store` there are: 1.0.0 (runs here), 2.0.0",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn what_runs_under_another_name_meets_needs_and_is_left_alone() {
    let shop = offer("shop", "1.0.0", &[("store", "^1")]);
    let two = running("store-two", offer("store", "1.0.0", &[]));
    let offers = vec![offer("store", "1.5.0", &[]), offer("store", "2.0.0", &[])];
    assert_eq!(steps(&shop, &known(vec![two.clone()], offers.clone())), ["shop 1.0.0"]);
    let newer = offer("shop", "2.0.0", &[("store", "^2")]);
    assert_eq!(steps(&newer, &known(vec![two], offers)), ["store 2.0.0", "shop 2.0.0"]);
}

#[test]
fn why_there_is_no_way_is_said_with_names() {
    let shop = offer("shop", "1.0.0", &[("web", "*")]);
    let web = offer("web", "1.0.0", &[("shop", "^1")]);
    let (code, said) = refused(&shop, &known(vec![], vec![web]));
    assert_eq!(code, "deployment-cycle");
    assert!(said.contains("shop 1.0.0 → web 1.0.0 → shop 1.0.0"), "{said}");

    let (code, said) = refused(&shop, &known(vec![], vec![]));
    assert_eq!(code, "unmet-need");
    assert!(said.contains("`shop` 1.0.0 needs `web` *"), "{said}");

    let unsigned =
        Offer { lacks: Some("nobody signed it".to_owned()), ..offer("web", "1.0.0", &[]) };
    let (code, said) = refused(&shop, &known(vec![], vec![unsigned]));
    assert_eq!(code, "dependency-conflict");
    assert!(said.contains("`web` 1.0.0 cannot be taken: nobody signed it"), "{said}");

    let thief = Offer { deployment: "store".to_owned(), ..offer("web", "1.0.0", &[]) };
    let store = running("store", offer("store", "1.0.0", &[]));
    let (code, said) = refused(&shop, &known(vec![store], vec![thief]));
    assert_eq!(code, "deployment-taken");
    assert!(said.contains("It has `store` 1.0.0."), "{said}");

    // Of the root itself, by what runs.
    let web = running("web", offer("web", "1.0.0", &[("shop", "^1")]));
    let old = running("shop", offer("shop", "1.0.0", &[]));
    let (code, said) = refused(&offer("shop", "2.0.0", &[]), &known(vec![web, old], vec![]));
    assert_eq!(code, "dependency-conflict");
    assert!(said.contains("`web` 1.0.0, which runs here, needs `shop` ^1"), "{said}");
}

/// A small world: the needs of the root, packages, and what runs.
fn worlds() -> impl Strategy<Value = (Offer, Known)> {
    let needs = || proptest::collection::vec((0..NAMES.len(), 0..REQUIREMENTS.len()), 0..3);
    let package = (1..NAMES.len(), 0..VERSIONS.len(), needs(), 0..10_u8);
    let packages = proptest::collection::vec(package, 0..10);
    // Of each name perhaps one, perhaps under another name.
    let one = proptest::option::of((0..VERSIONS.len(), needs(), 0..5_u8));
    let runs = proptest::collection::vec(one, NAMES.len());
    (needs(), packages, runs).prop_map(|(root, packages, runs)| {
        let made = |name: usize, version: usize, needs: &[(usize, usize)]| {
            let mut seen = vec![name];
            let needs = needs.iter().filter(|(what, _)| {
                let is_new = !seen.contains(what);
                seen.push(*what);
                is_new
            });
            let needs: Vec<(&str, &str)> =
                needs.map(|(what, which)| (NAMES[*what], REQUIREMENTS[*which])).collect();
            offer(NAMES[name], VERSIONS[version], &needs)
        };
        let offers = packages.iter().map(|(name, version, needs, luck)| Offer {
            lacks: (*luck == 0).then(|| "it is unsigned".to_owned()),
            ..made(*name, *version, needs)
        });
        let runs = runs.iter().enumerate().filter_map(|(name, one)| {
            let (version, needs, luck) = one.as_ref()?;
            let alias = if *luck == 0 { "-two" } else { "" };
            let deployment = format!("{}{alias}", NAMES[name]);
            Some(running(&deployment, made(name, *version, needs)))
        });
        (made(0, 1, &root), known(runs.collect(), offers.collect()))
    })
}

/// A world as the rules have it, said anew.
struct World<'k> {
    root: &'k Offer,
    known: &'k Known,
    /// What stays, and the candidates of each other name: those that run, and those to be had.
    stays: Vec<&'k Running>,
    candidates: BTreeMap<&'k str, Vec<(&'k Offer, bool)>>,
}

type Chosen<'k> = BTreeMap<&'k str, &'k Offer>;

impl<'k> World<'k> {
    fn new(root: &'k Offer, known: &'k Known) -> World<'k> {
        let all = || known.offers.iter().chain(known.running.iter().map(|r| &r.offer));
        let mut reached: Vec<&str> = root.needs.iter().map(|need| need.name.as_str()).collect();
        for _ in NAMES {
            let more: Vec<&str> = all()
                .filter(|offer| reached.contains(&offer.name.as_str()))
                .flat_map(|offer| offer.needs.iter().map(|need| need.name.as_str()))
                .collect();
            reached.extend(more);
        }
        let others = || known.running.iter().filter(|r| r.deployment != root.deployment);
        let changes = |r: &&Running| {
            r.offer.name != root.name
                && reached.contains(&r.offer.name.as_str())
                && r.deployment == r.offer.name
        };
        let mut candidates: BTreeMap<&str, Vec<(&Offer, bool)>> = BTreeMap::new();
        for r in others().filter(changes) {
            candidates.insert(&r.offer.name, vec![(&r.offer, true)]);
        }
        let can_be_had = |offer: &&Offer| {
            offer.lacks.is_none() && offer.name != root.name && reached.contains(&&*offer.name)
        };
        for offer in known.offers.iter().filter(can_be_had) {
            let of = candidates.entry(&offer.name).or_default();
            if !of.iter().any(|(other, _)| other.version == offer.version) {
                of.push((offer, false));
            }
        }
        World { root, known, stays: others().filter(|r| !changes(r)).collect(), candidates }
    }

    fn runs(&self, name: &str) -> bool {
        self.candidates[name].iter().any(|(_, runs)| *runs)
    }

    fn is_valid(&self, chosen: &Chosen<'_>) -> bool {
        let stays = self.stays.iter().map(|r| (r.deployment.as_str(), &r.offer));
        let chosen_too = chosen.iter().map(|(name, offer)| (*name, *offer));
        let after: Vec<(&str, &Offer)> =
            stays.chain(chosen_too).chain([("a", self.root)]).collect();
        let is_met = |who: &str, need: &Dependency| {
            after.iter().any(|(name, o)| *name != who && need.is_met_by(&o.name, &o.version))
        };
        let was_met = |who: &str, need: &Dependency| {
            let others = self.known.running.iter().filter(|r| r.deployment != who);
            others.into_iter().any(|r| need.is_met_by(&r.offer.name, &r.offer.version))
        };
        let remain = self.candidates.keys().all(|n| !self.runs(n) || chosen.contains_key(n));
        let keep = self.stays.iter().all(|r| {
            let has = |need: &&Dependency| was_met(&r.deployment, need);
            r.offer.needs.iter().filter(has).all(|need| is_met(&r.deployment, need))
        });
        let new = chosen.iter().map(|(name, offer)| (*name, *offer)).chain([("a", self.root)]);
        let mut new = new;
        remain && keep && new.all(|(name, o)| o.needs.iter().all(|need| is_met(name, need)))
    }

    /// Whether any choice is valid.
    fn has_way(&self) -> bool {
        let names: Vec<&str> = self.candidates.keys().copied().collect();
        self.any(&names, &mut BTreeMap::new())
    }

    fn any(&self, names: &[&'k str], chosen: &mut Chosen<'k>) -> bool {
        let Some((name, rest)) = names.split_first() else { return self.is_valid(chosen) };
        if self.any(rest, chosen) {
            return true;
        }
        for (offer, _) in &self.candidates[name] {
            chosen.insert(name, offer);
            if self.any(rest, chosen) {
                return true;
            }
        }
        chosen.remove(name);
        false
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_resolver_finds_a_way_where_there_is_one_and_the_newest((root, known) in worlds()) {
        let world = World::new(&root, &known);
        let resolved = match resolve(&root, &known) {
            Ok(resolved) => resolved,
            Err(found) if found.code == "deployment-cycle" => {
                prop_assert!(world.has_way());
                return Ok(());
            }
            Err(found) => {
                prop_assert!(["dependency-conflict", "unmet-need"].contains(&found.code));
                prop_assert!(!world.has_way(), "{:?}", found);
                return Ok(());
            }
        };
        let mut chosen: Chosen<'_> = BTreeMap::new();
        for name in world.candidates.keys() {
            if let Some(one) = resolved.after.get(*name) {
                chosen.insert(name, &one.offer);
            }
        }
        prop_assert!(world.is_valid(&chosen));
        let order = |offer: &Offer, runs: bool| {
            (runs, offer.version.pre.is_empty(), offer.version.clone())
        };
        for (name, offer) in &chosen {
            let runs = resolved.after[*name].change == Change::Kept;
            for (other, other_runs) in &world.candidates[name] {
                if order(other, *other_runs) > order(offer, runs) {
                    let better = BTreeMap::from_iter(
                        chosen.iter().map(|(n, o)| (*n, if n == name { *other } else { *o })),
                    );
                    prop_assert!(!world.is_valid(&better), "{} would do", other.id);
                }
            }
            if resolved.after[*name].change == Change::New {
                let mut without = chosen.clone();
                without.remove(name);
                prop_assert!(!world.is_valid(&without), "{name} is not needed");
            }
        }
        for (at, name) in resolved.steps.iter().enumerate() {
            for need in &resolved.after[name].offer.needs {
                let on = resolved.provider(name, need).expect("it is met");
                prop_assert!(!resolved.steps[at..].iter().any(|later| later == on));
            }
        }
        prop_assert!(resolved.steps.contains(&"a".to_owned()));
        prop_assert_eq!(resolve(&root, &known), Ok(resolved));
    }
}

#[test]
fn the_worlds_are_of_all_kinds() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..2000 {
        let (root, known) = worlds().new_tree(&mut runner).expect("a world").current();
        let kind = match resolve(&root, &known) {
            Ok(resolved) if resolved.steps.len() > 2 => "several",
            Ok(resolved) if resolved.steps.len() == 2 => "one besides",
            Ok(_) => "alone",
            Err(found) => found.code,
        };
        *kinds.entry(kind).or_default() += 1;
    }
    for kind in ["several", "one besides", "alone", "dependency-conflict", "deployment-cycle"] {
        assert!(kinds.get(kind).is_some_and(|count| *count >= 40), "{kind}: {kinds:?}");
    }
}
