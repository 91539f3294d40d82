//! `key`: pairs of keys made, shown, trusted and revoked.

use super::Ended;
use super::sign::data;
use crate::args::KeyVerb;
use crate::console::{Console, Exit};
use eclexia_deploy::dates::{Date, day};
use eclexia_deploy::keys::{KeyFolder, SecretKey, TRUST_FILE, Trust, Trusted, read_public};
use serde_json::json;
use std::path::Path;
use std::time::SystemTime;

pub fn key(console: &Console, verb: &KeyVerb) -> Ended {
    match verb {
        KeyVerb::New { name } => new(console, name),
        KeyVerb::List => list(console),
        KeyVerb::Trust { key, name, until, owner } => {
            trust(console, key, (name.as_deref(), *until), *owner)
        }
        KeyVerb::Require { signers } => require(console, *signers),
        KeyVerb::Revoke { which, reason } => revoke(console, which, reason),
    }
}

fn new(console: &Console, name: &str) -> Ended {
    let folder = KeyFolder::new(&data());
    let key = SecretKey::generate()?;
    folder.keep(name, &key)?;
    let (id, public) = (key.public().id(), folder.public_path(name));
    if console.global.json {
        let secret = folder.secret_path(name);
        let format = "eclexia-key/1";
        console.json(
            &json!({"format": format, "name": name, "id": id, "public": public, "secret": secret}),
        );
    }
    console.say(&format!(
        "Made the key {name}, {id}.\n\
         Sign with it:  eclexia sign PACKAGE --key {name}\n\
         Let it count:  eclexia key trust {name}\n\
         Give away:     {}\n",
        public.display()
    ));
    Ok(Exit::Done)
}

fn list(console: &Console) -> Ended {
    let (pairs, trust) = (KeyFolder::new(&data()).list()?, store()?);
    if console.global.json {
        let keys: Vec<_> = pairs
            .iter()
            .map(|p| json!({"name": p.name, "id": p.key.id(), "signs": p.has_secret}))
            .collect();
        let trusted: Vec<_> = trust
            .keys()
            .map(|(id, t)| {
                json!({"name": t.name, "id": id, "until": t.until, "revoked": t.revoked,
                    "owner": t.is_owner})
            })
            .collect();
        console.json(&json!({"format": "eclexia-keys/1", "keys": keys, "trusted": trusted,
            "signers": trust.at_least}));
    }
    if pairs.is_empty() {
        console.say("No keys are here: `eclexia key new NAME` makes one.\n");
    } else {
        console.say("Keys here:\n");
    }
    for pair in &pairs {
        let only = if pair.has_secret { "" } else { ", cannot sign" };
        console.say(&format!("  {}  {}{only}\n", pair.key.id(), pair.name));
    }
    let mut trusted: Vec<_> = trust.keys().collect();
    trusted.sort_by(|a, b| (&a.1.name, a.0).cmp(&(&b.1.name, b.0)));
    if trusted.is_empty() {
        console.say("Nobody is trusted: `eclexia key trust FILE.pub` lets signatures count.\n");
    } else {
        console.say(&format!("Trusted; a package needs {}:\n", signers(trust.at_least)));
    }
    for (id, trusted) in trusted {
        let owner = if trusted.is_owner { ", the owner's" } else { "" };
        console.say(&format!("  {id}  {}{owner}{}\n", trusted.name, state(trusted)));
    }
    Ok(Exit::Done)
}

fn signers(count: usize) -> String {
    format!("{count} {}", if count == 1 { "signer" } else { "signers" })
}

fn state(trusted: &Trusted) -> String {
    match (&trusted.revoked, trusted.until) {
        (Some(revoked), _) if revoked.reason.is_empty() => format!(", revoked {}", revoked.at),
        (Some(revoked), _) => format!(", revoked {}: {}", revoked.at, revoked.reason),
        (None, Some(day)) => format!(", until {day}"),
        (None, None) => String::new(),
    }
}

fn trust(
    console: &Console,
    file: &Path,
    (name, until): (Option<&str>, Option<Date>),
    is_owner: bool,
) -> Ended {
    // A word that is no file names a key here.
    let named = file.to_str().filter(|word| !word.contains(['.', '/']) && !file.exists());
    let key = match named {
        Some(name) => KeyFolder::new(&data()).public(name)?,
        None => read_public(file)?,
    };
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (name, id) = (name.unwrap_or(&stem), key.id());
    let mut trust = store()?;
    trust.trust(key, name, until)?;
    if is_owner {
        trust.own(&id);
    }
    trust.write(&data().join(TRUST_FILE))?;
    if console.global.json {
        let format = "eclexia-trusted/1";
        console.json(&json!({"format": format, "name": name, "id": id, "until": until,
            "owner": is_owner}));
    }
    let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
    let owner = if is_owner { " It is the owner's: it may do everything here." } else { "" };
    console.say(&format!("Signatures of {name}, {id}, count{until}.{owner}\n"));
    Ok(Exit::Done)
}

fn require(console: &Console, count: u16) -> Ended {
    let mut trust = store()?;
    trust.at_least = usize::from(count);
    trust.write(&data().join(TRUST_FILE))?;
    if console.global.json {
        console.json(&json!({"format": "eclexia-required/1", "signers": count}));
    }
    console.say(&format!("A package needs {}.\n", signers(trust.at_least)));
    Ok(Exit::Done)
}

fn revoke(console: &Console, which: &str, reason: &str) -> Ended {
    let mut trust = store()?;
    let id = trust.revoke(which, day(SystemTime::now()), reason)?;
    trust.write(&data().join(TRUST_FILE))?;
    if console.global.json {
        console.json(&json!({"format": "eclexia-revoked/1", "id": id}));
    }
    console.say(&format!("Signatures of the key {id} do not count any more.\n"));
    Ok(Exit::Done)
}

fn store() -> Result<Trust, eclexia_diag::Diagnostic> {
    Trust::read(&data().join(TRUST_FILE))
}
