//! `verify`: a package checked whole, its signatures held against the keys that are trusted, and
//! what is in it.

use super::deploy::{folders, order};
use super::package::{tell, value};
use super::sign::{data, open};
use super::{Ended, Stop};
use crate::args::VerifyArgs;
use crate::console::{Console, Exit};
use eclexia_deploy::dates::day;
use eclexia_deploy::keys::{TRUST_FILE, Trust};
use eclexia_deploy::package::{self, Limits, Package, is_layout, read_layout};
use eclexia_diag::Sources;
use serde_json::json;
use std::path::Path;
use std::time::SystemTime;

pub fn verify(console: &Console, args: &VerifyArgs) -> Ended {
    let package = open_any(&args.package)?;
    let mut trust = Trust::read(&data().join(TRUST_FILE))?;
    if let Some(signers) = args.signers {
        trust.at_least = usize::from(signers);
    }
    let signers = match package::verify(&package, &trust, day(SystemTime::now())) {
        Ok(signers) => signers,
        Err(found) => return Ok(console.report(&found, &Sources::new())),
    };
    if console.global.json {
        let mut told = value(&package);
        let trusted = signers.iter().map(
            |signer| json!({"name": signer.name, "key": signer.key, "expires": signer.expires}),
        );
        told["signers"] = trusted.collect();
        console.json(&told);
    }
    tell(console, &package);
    console.say("\n");
    for signer in signers {
        let expires = signer.expires.map(|day| format!(", good until {day}")).unwrap_or_default();
        console.say(&format!("Signed by {}{expires}, key {}.\n", signer.name, signer.key));
    }
    if !args.from.is_empty() {
        let root = package.manifest().deployment.as_str();
        let resolved = order::resolved(console, &folders()?, &package, root, &args.from)?;
        console.say("\n");
        order::tell(console, &resolved, root);
    }
    Ok(Exit::Done)
}

/// The package in a file or in an OCI image layout.
fn open_any(path: &Path) -> Result<Package, Stop> {
    match path.is_dir() && is_layout(path) {
        true => Ok(read_layout(path, &Limits::default())?),
        false => open(path),
    }
}
