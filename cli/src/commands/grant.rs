//! `grant`: a key allowed to do something, by the owner or by who holds a grant; `token`: a key as
//! text for requests.

use super::sign::{data, key};
use super::{Ended, Stop};
use crate::args::{GrantArgs, TokenArgs};
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_deploy::dates::day;
use eclexia_deploy::grants::{Chain, Grants, Most, Statement, Token};
use eclexia_deploy::keys::{Key, KeyFolder, SecretKey, TRUST_FILE, Trust, nonce, read_public};
use eclexia_deploy::registry::At;
use eclexia_diag::Diagnostic;
use serde_json::json;
use std::path::Path;
use std::time::SystemTime;

pub fn grant(console: &Console, args: &GrantArgs) -> Ended {
    let data = data();
    let trust = Trust::read(&data.join(TRUST_FILE))?;
    let mut grants = Grants::read(&data)?;
    let (holder, name) = holder(&trust, &args.key)?;
    let (issuer, secret) = issuer(&trust, args.from.as_deref())?;
    let id = secret.public().id();
    let mut statement = Statement::new(&holder, args.can.iter().cloned(), &nonce()?);
    statement.most = Most { memory: args.memory, millicores: args.cores, replicas: args.replicas };
    if !args.deployment.is_empty() {
        statement.deployments = Some(args.deployment.iter().cloned().collect());
    }
    (statement.expires, statement.pass_on) = (args.expires, args.pass_on);
    let is_owner = trust.get(&id).is_some_and(|trusted| trusted.is_owner);
    let chain = match is_owner {
        true => Chain::begin(statement, &secret)?,
        false => grants.parent((&id, &issuer), &statement)?.pass_on(statement, &secret)?,
    };
    grants.keep(&data, &chain)?;
    if let Some(path) = &args.output {
        files::write(path, &lines(&chain))?;
    }
    if console.global.json {
        let counts = chain.verify(&trust, &grants.withdrawn, day(SystemTime::now())).is_ok();
        console.json(&super::grants::value(&chain, counts));
    }
    let said = super::grants::sentence(&chain.last().statement);
    console.say(&format!(
        "{name} may {said}.\nTake it back:  eclexia revoke {}\n",
        chain.id().short()
    ));
    Ok(Exit::Done)
}

/// A chain as a file.
pub fn lines(chain: &Chain) -> Vec<u8> {
    let mut bytes = chain.to_json();
    bytes.push(b'\n');
    bytes
}

/// The key that is meant: a trusted one, one that is here, or one in a file.
pub fn holder(trust: &Trust, which: &Path) -> Result<(Key, String), Diagnostic> {
    let word = which.to_str().filter(|word| !word.contains('/') && !which.exists());
    if let Some(word) = word {
        if let Some((_, trusted)) = trust.find(word) {
            return Ok((trusted.key.clone(), trusted.name.clone()));
        }
        if !word.contains('.') {
            return Ok((KeyFolder::new(&data()).public(word)?, word.to_owned()));
        }
    }
    let stem = which.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((read_public(which)?, stem))
}

/// The key that stands for this machine: the one that is named, else the owner's, else the only
/// one.
pub fn issuer(trust: &Trust, named: Option<&str>) -> Result<(String, SecretKey), Stop> {
    if named.is_some() {
        return key(named);
    }
    let pairs = KeyFolder::new(&data()).list()?.into_iter().filter(|pair| pair.has_secret);
    let is_owner = |key: &Key| trust.get(&key.id()).is_some_and(|trusted| trusted.is_owner);
    let owners: Vec<String> = pairs.filter(|p| is_owner(&p.key)).map(|p| p.name).collect();
    match &owners[..] {
        [only] => key(Some(only)),
        [] => key(None),
        names => Err(diagnostics::which_key(names).into()),
    }
}

pub fn token(console: &Console, args: &TokenArgs) -> Ended {
    let (name, secret) = key(args.key.as_deref())?;
    let now = SystemTime::now();
    let trust = Trust::read(&data().join(TRUST_FILE))?;
    let audience = match &args.audience {
        Some(named) => named.clone(),
        None => Token::audience(&trust, day(now))?,
    };
    Token::may_last(args.expires)?;
    let lasts = u64::try_from(args.expires.as_millis()).unwrap_or(u64::MAX);
    let expires = At::of(now).after(lasts);
    let text = Token::issue(&secret, &audience, expires, &nonce()?);
    if console.global.json {
        console.json(&json!({"format": "eclexia-issued/1", "token": text, "key": name,
            "audience": audience, "expires": expires}));
    } else {
        console.out(&format!("{text}\n"));
    }
    Ok(Exit::Done)
}
