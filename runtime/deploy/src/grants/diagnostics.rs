//! What is wrong with grants and tokens: one constructor per code.

use super::capability::Capability;
use super::grant::{GrantId, Most, Statement};
use super::rights::{Amounts, Who};
use crate::diagnostics::{clip, whole};
use crate::keys::{KeyId, Revoked};
use crate::registry::At;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;
use std::path::Path;
use std::time::Duration;

/// `why` is a clause.
pub fn bad_form(why: &str) -> Diagnostic {
    Diagnostic::without_place("grant-format", "this is no grant of a form that is known")
        .note(format!("The reason: {}.", whole(why)))
        .help("Get it again from who granted it; `eclexia grant` makes another.")
}

pub fn too_many(most: usize, folder: &Path) -> Diagnostic {
    Diagnostic::without_place("grant-format", format!("there are more than {most} grants here"))
        .note(format!("They are in {}.", folder.display()))
        .help("Remove files of grants that are expired or revoked: `eclexia grants` shows them.")
}

pub fn false_grant(id: &GrantId) -> Diagnostic {
    let text = format!("the signature of the grant {} is false", id.short());
    Diagnostic::without_place("grant-false", text)
        .note("Who is named in it has not signed what it says.")
        .help("Do not use it; have it granted again.")
}

pub fn wider(id: &GrantId, why: &str) -> Diagnostic {
    let text = format!("the grant {} allows more than it came from", id.short());
    Diagnostic::without_place("grant-wider", text)
        .note(format!("The reason: {}.", whole(why)))
        .help("Grant less, or have the owner grant it.")
}

/// A key has no grant that it could pass on.
pub fn nothing_to_pass_on(name: &str) -> Diagnostic {
    let text = format!("{} has no grant of this to pass on", clip(name));
    Diagnostic::without_place("grant-wider", text)
        .note("What is passed on is at most what one grant with `--pass-on` allows.")
        .help("See what there is with `eclexia grants`, and grant less of it.")
}

pub fn expired(id: &GrantId, day: Date) -> Diagnostic {
    let text = format!("the grant {} was good until {day}", id.short());
    Diagnostic::without_place("grant-expired", text)
        .help("Have it granted again: `eclexia grant … --expires DATE`.")
}

pub fn revoked(id: &GrantId, revoked: &Revoked) -> Diagnostic {
    let text = format!("the grant {} is revoked since {}", id.short(), revoked.at);
    let found = Diagnostic::without_place("grant-revoked", text)
        .help("Have it granted again; a revoked grant stays revoked.");
    match &revoked.reason[..] {
        "" => found,
        reason => found.note(format!("The reason: {}.", whole(reason))),
    }
}

pub fn key_withdrawn(id: &GrantId, key: &KeyId) -> Diagnostic {
    let text = format!("the grant {} hangs on a key that does not count", id.short());
    Diagnostic::without_place("grant-revoked", text)
        .note(format!("The key {key} is revoked, or its trust has expired."))
        .help("Have it granted again, from and to keys that count.")
}

pub fn not_of_the_owner(root: &KeyId) -> Diagnostic {
    let text = "the grant does not come from the owner of this data folder";
    Diagnostic::without_place("grant-without-owner", text)
        .note(format!("It begins with the key {root}."))
        .help("`eclexia key trust NAME --owner` makes a key one of the owner's.")
}

pub fn no_such_grant(digits: &str) -> Diagnostic {
    let text = format!("there is no one grant `{}`", clip(digits));
    Diagnostic::without_place("no-such-grant", text)
        .note("A grant is named by its id, or by at least six digits of it that no other has.")
        .help("See the ids with `eclexia grants`.")
}

/// `who`: whoever comes nearest; none: nobody signed.
pub(super) fn missing(
    who: Option<&Who>,
    lacking: &[&Capability],
    deployment: Option<&str>,
    most: Most,
    bound: Option<(&Statement, Amounts)>,
) -> Diagnostic {
    let name = who.map_or_else(|| "nobody".to_owned(), |who| clip(&who.name));
    let first = lacking.first().map(|first| first.to_string()).unwrap_or_default();
    let more = if lacking.len() > 1 { " and more" } else { "" };
    let first = clip(&first);
    let text = match (deployment, bound) {
        (_, Some(_)) => format!("{name} may not do so much of `{first}`"),
        (Some(of), None) => format!("{name} may not `{first}`{more} for `{}`", clip(of)),
        (None, None) => format!("{name} may not `{first}`{more} for all deployments"),
    };
    let text: String = text.chars().take(80).collect();
    let mut found = Diagnostic::without_place("capability-missing", text);
    if lacking.len() > 1 {
        let all: Vec<String> = lacking.iter().map(|lacking| lacking.to_string()).collect();
        found = found.note(format!("It is not granted {}.", all.join(", ")));
    }
    if let Some((statement, amounts)) = bound {
        found = found.note(too_small(statement, amounts));
    }
    let command = command(&name, lacking, deployment, most);
    found.help(format!("the owner of this machine may allow it: `{command}`"))
}

fn too_small(statement: &Statement, amounts: Amounts) -> String {
    let shown = |taken: Option<u64>| taken.map_or("without a limit".to_owned(), |n| n.to_string());
    let mut parts = Vec::new();
    for (what, most, taken) in [
        ("bytes of memory", statement.most.memory, amounts.memory),
        ("thousandths of a core", statement.most.millicores, amounts.millicores),
        ("replicas", statement.most.replicas, Some(amounts.replicas)),
    ] {
        if let Some(most) = most.filter(|most| taken.is_none_or(|taken| taken > *most)) {
            parts.push(format!("{most} {what}, and it would take {}", shown(taken)));
        }
    }
    format!("The grant {} allows {}.", statement.id().short(), parts.join("; "))
}

/// The command that would allow it. Names that a shell would take apart stand in quotes.
fn command(name: &str, lacking: &[&Capability], deployment: Option<&str>, most: Most) -> String {
    let mut words = vec!["eclexia grant".to_owned(), quoted(name)];
    words.extend(lacking.iter().map(|lacking| quoted(&lacking.to_string())));
    if let Some(deployment) = deployment {
        words.push(format!("--deployment {}", quoted(deployment)));
    }
    if let Some(bytes) = most.memory {
        words.push(format!("--memory {}", mebibytes(bytes)));
    }
    if let Some(millis) = most.millicores {
        words.push(format!("--cores {}", cores(millis)));
    }
    if let Some(count) = most.replicas {
        words.push(format!("--replicas {count}"));
    }
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Rounded up: what is granted must be enough.
fn mebibytes(bytes: u64) -> String {
    format!("{}MiB", bytes.div_ceil(1 << 20))
}

fn cores(millis: u64) -> String {
    match millis % 1000 {
        0 => (millis / 1000).to_string(),
        _ => format!("{}.{:03}", millis / 1000, millis % 1000).trim_end_matches('0').to_owned(),
    }
}

const ANOTHER: &str = "Make another: `eclexia token`.";

pub fn bad_token(why: &str) -> Diagnostic {
    Diagnostic::without_place("token-format", "this is no token")
        .note(format!("The reason: {}.", whole(why)))
        .help(ANOTHER)
}

pub fn unknown_token(key: &KeyId) -> Diagnostic {
    Diagnostic::without_place("token-unknown", "the token is of a key that nobody knows here")
        .note(format!("The key is {key}."))
        .help("Trust the key or grant it something: `eclexia grant FILE.pub view:local`.")
}

pub fn false_token(key: &KeyId) -> Diagnostic {
    Diagnostic::without_place("token-false", "the token's signature is false")
        .note(format!("It says that it is of the key {key}, which has not signed it."))
        .help(ANOTHER)
}

pub fn elsewhere(audience: &str) -> Diagnostic {
    Diagnostic::without_place("token-audience", "the token was made for another place")
        .note(format!("It was made for `{}`.", clip(audience)))
        .help("Make one for here: `eclexia token --audience ID`, with the id of the owner's key.")
}

pub fn no_owner() -> Diagnostic {
    Diagnostic::without_place("token-audience", "this data folder has no owner to ask")
        .note("A token is good at one machine, which is known by its owner's key.")
        .help("Name it with --audience ID, or `eclexia key trust NAME --owner` here.")
}

pub fn expired_token(at: At) -> Diagnostic {
    Diagnostic::without_place("token-expired", format!("the token was good until {at}"))
        .help(ANOTHER)
}

pub fn long_token(most: Duration) -> Diagnostic {
    let days = most.as_secs() / 86_400;
    Diagnostic::without_place("token-expired", format!("the token is good for over {days} days"))
        .note("A token that is lost would be good for too long.")
        .help("Make one for a shorter time: `eclexia token --expires 8h`.")
}

pub fn revoked_token(key: &KeyId) -> Diagnostic {
    Diagnostic::without_place("token-revoked", "the token is of a key that does not count")
        .note(format!("The key {key} is revoked, or its trust has expired."))
        .help("Ask the owner of the machine for a grant to another key.")
}
