//! No grant allows what the one before it does not; what is false, late, taken back or of another
//! place counts for nothing.

use super::*;
use crate::keys::{KeyId, SecretKey, Trust};
use crate::registry::At;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeSet;

const TODAY: Date = date(2026, 12, 1);

/// Noon of that day.
const NOON: At = At(1_796_126_400_000);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

fn id(seed: u8) -> KeyId {
    key(seed).public().id()
}

fn can(words: &[&str]) -> BTreeSet<Capability> {
    words.iter().map(|word| Capability::parse(word).unwrap()).collect()
}

fn names(words: &[&str]) -> Option<BTreeSet<String>> {
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

fn statement(holder: u8, words: &[&str]) -> Statement {
    Statement::new(&key(holder).public(), can(words).into_iter(), "n")
}

/// The owner has key 1.
fn trust() -> Trust {
    let mut trust = Trust::default();
    trust.trust(key(1).public(), "own", None).unwrap();
    trust.own(&id(1));
    trust
}

fn who(seed: u8, chains: &[&Chain]) -> Who {
    let mut grants = Grants::default();
    chains.iter().for_each(|chain| grants.insert((*chain).clone()));
    Who::of(&id(seed), &trust(), &grants, TODAY)
}

#[test]
fn capabilities_have_a_verb_and_a_target() {
    for good in ["deploy:local", "view:*", "*:local", "*:*", "use:gpu-2"] {
        assert_eq!(Capability::parse(good).unwrap().to_string(), good);
    }
    for bad in ["", "deploy", "deploy:", ":local", "Deploy:local", "a:b:c", "a :b", "**:x"] {
        assert!(Capability::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_owner_may_all_and_others_what_they_are_granted() {
    assert!(who(1, &[]).may(Verb::Destroy, None).is_ok());
    let narrow = Statement { deployments: names(&["shop"]), ..statement(2, &["deploy:local"]) };
    let chain = Chain::begin(narrow, &key(1)).unwrap();
    let ci = who(2, &[&chain]);
    assert!(ci.may(Verb::Deploy, Some("shop")).is_ok());
    for (verb, of) in
        [(Verb::Destroy, Some("shop")), (Verb::Deploy, Some("bank")), (Verb::Deploy, None)]
    {
        assert_eq!(ci.may(verb, of).unwrap_err().code, "capability-missing", "{verb:?} {of:?}");
    }
    assert!(who(3, &[&chain]).may(Verb::Deploy, Some("shop")).is_err(), "another's grant");
    assert!(ci.may_any(Verb::Deploy).is_ok() && ci.may_any(Verb::View).is_err());
}

#[test]
fn what_is_missing_is_told_with_the_command_that_allows_it() {
    let wanted: Vec<Capability> = can(&["use:gpu", "deploy:local"]).into_iter().collect();
    let found = missing(&[who(2, &[])], &wanted, Some("my shop"), None).unwrap();
    let command = format!("eclexia grant {} deploy:local use:gpu --deployment 'my shop'", id(2));
    assert!(found.help.unwrap().contains(&command));
    assert!(found.notes[0].contains("use:gpu"));
    let most = Most { memory: Some(1 << 20), replicas: Some(9), ..Most::default() };
    let chain = Chain::begin(Statement { most, ..statement(2, &["*:*"]) }, &key(1)).unwrap();
    let takes = |memory| Amounts { memory, millicores: None, replicas: 2 };
    let lacks = |memory| missing(&[who(2, &[&chain])], &wanted[..1], None, Some(takes(memory)));
    assert!(lacks(Some(1 << 20)).is_none());
    let found = lacks(Some((1 << 20) + 1)).unwrap();
    assert!(found.help.unwrap().contains("--memory 2MiB --replicas 2"));
    assert!(lacks(None).unwrap().notes[0].contains("without a limit"));
}

#[test]
fn a_chain_that_was_changed_in_a_bit_is_refused_or_counts_for_nothing() {
    let first = Statement { pass_on: 1, ..statement(2, &["deploy:local"]) };
    let chain = Chain::begin(first, &key(1)).unwrap();
    let chain = chain.pass_on(statement(3, &["deploy:local"]), &key(2)).unwrap();
    let bytes = chain.to_json();
    assert_eq!(Chain::from_json(&bytes).unwrap(), chain);
    assert!(who(3, &[&chain]).may(Verb::Deploy, None).is_ok());
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[at / 8] ^= 1 << (at % 8);
        if let Ok(read) = Chain::from_json(&changed) {
            assert!(read.verify(&trust(), &Withdrawn::default(), TODAY).is_err(), "bit {at}");
        }
    }
}

#[test]
fn chains_are_bounded_and_have_one_spelling() {
    let mut chain =
        Chain::begin(Statement { pass_on: 9, ..statement(1, &["*:*"]) }, &key(1)).unwrap();
    let deeper = |chain: &Chain, pass_on| {
        chain.pass_on(Statement { pass_on, ..statement(1, &["*:*"]) }, &key(1))
    };
    for n in 1..DEEPEST {
        chain = deeper(&chain, 9 - n as u8).unwrap();
    }
    assert_eq!(deeper(&chain, 0).unwrap_err().code, "grant-format");
    let text = String::from_utf8(chain.to_json()).unwrap();
    let spaced = text.replace(":null", ": null");
    let deep = "[".repeat(100_000);
    let huge = format!("[{}]", " ".repeat(2 << 20));
    for odd in ["", "[]", "{}", "null", &spaced, &deep, &huge, &text[1..]] {
        assert_eq!(Chain::from_json(odd.as_bytes()).unwrap_err().code, "grant-format", "{odd:.40}");
    }
}

#[test]
fn only_who_holds_a_grant_passes_it_on_and_only_so_often() {
    let held = Chain::begin(Statement { pass_on: 1, ..statement(2, &["*:local"]) }, &key(1));
    let held = held.unwrap();
    let of_another = held.pass_on(statement(3, &["view:local"]), &key(4)).unwrap_err();
    assert_eq!(of_another.code, "grant-wider");
    let again = Statement { pass_on: 1, ..statement(3, &["view:local"]) };
    assert_eq!(held.pass_on(again, &key(2)).unwrap_err().code, "grant-wider");
    let last = held.pass_on(statement(3, &["view:local"]), &key(2)).unwrap();
    let more = last.pass_on(statement(4, &["view:local"]), &key(3)).unwrap_err();
    assert!(more.notes[0].contains("may not be passed on"));
}

#[test]
fn each_bound_of_a_grant_bounds_what_comes_from_it() {
    let whole = Statement {
        deployments: names(&["bank", "shop"]),
        most: Most { memory: Some(8), millicores: Some(8), replicas: Some(8) },
        expires: Some(TODAY),
        ..statement(2, &["deploy:local", "view:*"])
    };
    assert_eq!(whole.fits(&whole), Ok(()));
    let most = whole.most;
    for (wider, why) in [
        (Statement { can: can(&["deploy:*"]), ..whole.clone() }, "`deploy:*` is not in"),
        (Statement { can: can(&["*:local"]), ..whole.clone() }, "`*:local` is not in"),
        (Statement { deployments: None, ..whole.clone() }, "other deployments"),
        (Statement { deployments: names(&["blog"]), ..whole.clone() }, "other deployments"),
        (Statement { most: Most { memory: None, ..most }, ..whole.clone() }, "more memory"),
        (Statement { most: Most { millicores: Some(9), ..most }, ..whole.clone() }, "more cores"),
        (Statement { most: Most { replicas: None, ..most }, ..whole.clone() }, "more replicas"),
        (Statement { expires: None, ..whole.clone() }, "good for longer"),
        (Statement { expires: Some(date(2026, 12, 2)), ..whole.clone() }, "good for longer"),
    ] {
        let found = wider.fits(&whole).unwrap_err();
        assert!(found.contains(why), "{why}: {found}");
        assert!(whole.fits(&wider).is_ok() || !why.contains("more") && !why.contains("longer"));
    }
}

#[test]
fn late_revoked_and_foreign_grants_count_for_nothing() {
    let until = Statement { expires: Some(TODAY), pass_on: 1, ..statement(2, &["*:*"]) };
    let chain = Chain::begin(until, &key(1)).unwrap();
    let inner = Statement { expires: Some(TODAY), ..statement(3, &["*:*"]) };
    let chain = chain.pass_on(inner, &key(2)).unwrap();
    let none = Withdrawn::default();
    let code = |trust: &Trust, withdrawn: &Withdrawn, day| {
        chain.verify(trust, withdrawn, day).err().map_or("", |found| found.code)
    };
    assert_eq!(code(&trust(), &none, TODAY), "");
    assert_eq!(code(&trust(), &none, TODAY.tomorrow().unwrap()), "grant-expired");
    assert_eq!(code(&Trust::default(), &none, TODAY), "grant-without-owner");
    let mut stranger = Trust::default();
    stranger.trust(key(1).public(), "own", None).unwrap();
    assert_eq!(code(&stranger, &none, TODAY), "grant-without-owner", "trusted, and no owner");
    let reason = || crate::keys::Revoked::new(TODAY, "lost");
    for grant in chain.grants() {
        let grants = [(grant.id(), reason())].into();
        let withdrawn = Withdrawn { grants, ..Withdrawn::default() };
        assert_eq!(code(&trust(), &withdrawn, TODAY), "grant-revoked");
    }
    for seed in [1, 2, 3] {
        let withdrawn = Withdrawn { keys: [(id(seed), reason())].into(), ..Withdrawn::default() };
        assert_eq!(code(&trust(), &withdrawn, TODAY), "grant-revoked", "key {seed}");
        let mut revoked = trust();
        let _ = revoked.trust(key(seed).public(), "x", None);
        revoked.revoke(id(seed).as_str(), TODAY, "").unwrap();
        assert_eq!(code(&revoked, &none, TODAY), "grant-revoked", "revoked {seed}");
    }
}

#[test]
fn what_is_kept_is_read_back_and_what_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::begin(statement(2, &["view:local"]), &key(1)).unwrap();
    let mut grants = Grants::read(folder.path()).unwrap();
    let path = grants.keep(folder.path(), &chain).unwrap();
    assert_eq!(Grants::read(folder.path()).unwrap(), grants);
    assert_eq!(grants.find(&chain.id().as_str()[..6]).unwrap(), &chain);
    for digits in ["", "12345", "xxxxxx", &chain.id().as_str()[..5]] {
        assert_eq!(grants.find(digits).unwrap_err().code, "no-such-grant", "{digits}");
    }
    std::fs::copy(&path, path.with_file_name("other.json")).unwrap();
    std::fs::write(path.with_file_name("text.json"), "{").unwrap();
    let read = Grants::read(folder.path()).unwrap();
    assert_eq!((read.chains().count(), read.broken.len()), (1, 2));
    grants.revoke(folder.path(), &chain.id(), TODAY, "left").unwrap();
    grants.revoke_key(folder.path(), &id(7), TODAY, "").unwrap();
    let read = Grants::read(folder.path()).unwrap();
    assert_eq!(read.withdrawn, grants.withdrawn);
    assert_eq!(read.held(&id(2), &trust(), TODAY).count(), 0);
    std::fs::write(path.with_file_name("revoked.json"), "[]").unwrap();
    assert_eq!(Grants::read(folder.path()).unwrap_err().code, "bad-trust-store");
}

#[test]
fn a_token_says_who_asks_for_a_time_at_one_place() {
    let (trust, mut grants) = (trust(), Grants::default());
    let here = Token::audience(&trust, TODAY).unwrap();
    let hour = NOON.after(3_600_000);
    let check = |text: &str, grants: &Grants, now| {
        Token::check(text, &here, (&trust, grants), now).map_err(|found| found.code)
    };
    let owner = Token::issue(&key(1), &here, hour, "n");
    assert!(check(&owner, &grants, NOON).unwrap().is_owner());
    assert_eq!(check(&owner, &grants, hour).unwrap_err(), "token-expired");
    let long = Token::issue(&key(1), &here, NOON.after(40 * 86_400_000), "n");
    assert_eq!(check(&long, &grants, NOON).unwrap_err(), "token-expired");
    let elsewhere = Token::issue(&key(1), "elsewhere", hour, "n");
    assert_eq!(check(&elsewhere, &grants, NOON).unwrap_err(), "token-audience");

    let guest = Token::issue(&key(2), &here, hour, "n");
    assert_eq!(check(&guest, &grants, NOON).unwrap_err(), "token-unknown");
    grants.insert(Chain::begin(statement(2, &["view:local"]), &key(1)).unwrap());
    let who = check(&guest, &grants, NOON).unwrap();
    assert!(who.may(Verb::View, None).is_ok() && who.may(Verb::Deploy, None).is_err());
    grants.withdrawn.keys.insert(id(2), crate::keys::Revoked::new(TODAY, ""));
    assert_eq!(check(&guest, &grants, NOON).unwrap_err(), "token-revoked");

    for at in 0..owner.len() * 8 {
        let mut bytes = owner.clone().into_bytes();
        bytes[at / 8] ^= 1 << (at % 8);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(check(&text, &Grants::default(), NOON).is_err(), "bit {at}");
    }
    let long = "x".repeat(10 << 20);
    for odd in ["", "ecl1", "ecl1..", "a.b.c", &long, &owner[1..], &format!("{owner}=")] {
        assert_eq!(check(odd, &grants, NOON).unwrap_err(), "token-format");
    }
}

const WORDS: [&str; 7] =
    ["deploy:local", "view:local", "*:local", "view:*", "*:*", "use:gpu", "destroy:local"];
const NAMES: [&str; 3] = ["shop", "bank", "blog"];

fn subset<const N: usize>(words: [&'static str; N]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(words.to_vec(), 1..=N)
}

prop_compose! {
    fn any_statement()(
        words in subset(WORDS),
        deployments in proptest::option::of(subset(NAMES)),
        memory in proptest::option::of(0_u64..4),
        replicas in proptest::option::of(0_u64..4),
        day in proptest::option::of(0_i8..3),
        pass_on in 0_u8..4,
    ) -> Statement {
        Statement {
            deployments: deployments.map(|words| names(&words).unwrap()),
            most: Most { memory, millicores: None, replicas },
            expires: day.map(|day| date(2026, 12, 1 + day)),
            pass_on,
            ..statement(2, &words)
        }
    }
}

/// Everything that can be asked for here, and whether a grant allows it.
fn all_allowed(chain: &Chain, holder: u8) -> Vec<bool> {
    let mut grants = Grants::default();
    grants.insert(chain.clone());
    let mut allowed = Vec::new();
    let days = (0..4).map(|day| date(2026, 12, 1 + day));
    for who in days.map(|day| Who::of(&id(holder), &trust(), &grants, day)) {
        for word in ["deploy:local", "view:local", "view:cloud", "use:gpu", "destroy:cloud"] {
            for name in NAMES.iter().map(|name| Some(*name)).chain([None]) {
                for memory in [None, Some(0), Some(2), Some(4)] {
                    for replicas in [0, 2, 4] {
                        let amounts = Amounts { memory, millicores: None, replicas };
                        let wanted = [Capability::parse(word).unwrap()];
                        let whos = std::slice::from_ref(&who);
                        allowed.push(missing(whos, &wanted, name, Some(amounts)).is_none());
                    }
                }
            }
        }
    }
    allowed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_chain_or_are_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let _ = Chain::from_json(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let none = (&Trust::default(), &Grants::default());
        prop_assert!(Token::check(&text, "here", none, NOON).is_err());
        let text = format!("ecl1.{text}");
        prop_assert!(Token::check(&text, "here", none, NOON).is_err());
    }

    #[test]
    fn no_derived_grant_can_do_what_its_parent_cannot(
        outer in any_statement(),
        inner in any_statement(),
        takes in any::<bool>(),
    ) {
        let parent = Chain::begin(outer.clone(), &key(1)).unwrap();
        let holder = key(3).public().to_hex();
        // Half of them begin as what they come from, so that many are within it.
        let asked = if takes {
            Statement { holder, can: inner.can, pass_on: inner.pass_on, ..outer.clone() }
        } else {
            Statement { holder, ..inner }
        };
        match parent.pass_on(asked.clone(), &key(2)) {
            Ok(child) => {
                let (above, below) = (all_allowed(&parent, 2), all_allowed(&child, 3));
                prop_assert!(above.iter().zip(&below).all(|(above, below)| *above || !below));
                prop_assert!(child.last().statement.pass_on < outer.pass_on);
            }
            Err(found) => prop_assert_eq!(found.code, "grant-wider"),
        }
    }
}
