//! `revoke`: a grant taken back, or all that a key holds and granted.

use super::Ended;
use super::grant::holder;
use super::sign::data;
use crate::args::RevokeArgs;
use crate::console::{Console, Exit};
use eclexia_deploy::dates::day;
use eclexia_deploy::grants::Grants;
use eclexia_deploy::keys::{KeyId, TRUST_FILE, Trust};
use serde_json::json;
use std::path::Path;
use std::time::SystemTime;

pub fn revoke(console: &Console, args: &RevokeArgs) -> Ended {
    let data = data();
    let mut grants = Grants::read(&data)?;
    let today = day(SystemTime::now());
    if let Some(key) = &args.key {
        let id = key_id(key)?;
        grants.revoke_key(&data, &id, today, &args.reason)?;
        if console.global.json {
            console.json(&json!({"format": "eclexia-withdrawn/1", "key": id}));
        }
        console.say(&format!("Nothing that the key {id} holds or granted counts any more.\n"));
        return Ok(Exit::Done);
    }
    // One of the two is there; clap has seen to that.
    let digits = args.grant.as_deref().unwrap_or_default();
    let id = grants.find(digits)?.id();
    grants.revoke(&data, &id, today, &args.reason)?;
    if console.global.json {
        console.json(&json!({"format": "eclexia-withdrawn/1", "grant": id}));
    }
    console.say(&format!("The grant {} does not count any more.\n", id.short()));
    Ok(Exit::Done)
}

/// A key may be one that nothing here knows but its id.
fn key_id(which: &Path) -> Result<KeyId, eclexia_diag::Diagnostic> {
    if let Some(id) = which.to_str().and_then(|text| KeyId::try_from(text.to_owned()).ok()) {
        return Ok(id);
    }
    let trust = Trust::read(&data().join(TRUST_FILE))?;
    holder(&trust, which).map(|(key, _)| key.id())
}
