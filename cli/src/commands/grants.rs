//! `grants`: what is granted here, and whether it counts; grants of elsewhere taken in.

use super::grant::lines;
use super::sign::data;
use super::{Ended, Stop};
use crate::args::{GrantsArgs, GrantsVerb};
use crate::console::{Console, Exit};
use crate::files;
use eclexia_deploy::dates::day;
use eclexia_deploy::grants::{Chain, Grants, Statement};
use eclexia_deploy::keys::{KeyId, TRUST_FILE, Trust};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;

pub fn grants(console: &Console, args: &GrantsArgs) -> Ended {
    match &args.verb {
        None => list(console),
        Some(GrantsVerb::Add { file }) => add(console, file),
        Some(GrantsVerb::Show { grant, output }) => show(console, grant, output.as_deref()),
    }
}

fn known() -> Result<(Trust, Grants), Stop> {
    Ok((Trust::read(&data().join(TRUST_FILE))?, Grants::read(&data())?))
}

fn list(console: &Console) -> Ended {
    let (trust, grants) = known()?;
    let today = day(SystemTime::now());
    let mut text = String::new();
    for (id, chain) in grants.chains() {
        let found = chain.verify(&trust, &grants.withdrawn, today).err();
        if console.global.json {
            let mut told = value(chain, found.is_none());
            told["why"] = json!(found.as_ref().map(|found| &found.message));
            console.json(&told);
        }
        let holder = chain.holder().map_or(String::new(), |id| name(&trust, &id));
        let said = sentence(&chain.last().statement);
        let _ = writeln!(text, "{}  {holder} may {said}", id.short());
        let from: Vec<String> =
            chain.grants().iter().map(|grant| name(&trust, &grant.statement.issuer)).collect();
        let state = found.map_or("it counts".to_owned(), |found| found.message);
        let _ = writeln!(text, "              from {}; {state}", from.join(", then "));
    }
    for (path, found) in &grants.broken {
        let _ = writeln!(text, "{}: {}", path.display(), found.message);
    }
    if text.is_empty() {
        text = "Nothing is granted here: the owner alone may act.\n".to_owned();
    }
    console.say(&text);
    Ok(Exit::Done)
}

fn add(console: &Console, file: &Path) -> Ended {
    let (trust, mut grants) = known()?;
    let (_, bytes) = files::read(file)?;
    let chain = Chain::from_json(&bytes)?;
    grants.keep(&data(), &chain)?;
    let found = chain.verify(&trust, &grants.withdrawn, day(SystemTime::now())).err();
    if console.global.json {
        console.json(&value(&chain, found.is_none()));
    }
    let state = found.map_or("it counts".to_owned(), |found| found.message);
    console.say(&format!("Took in the grant {}; {state}.\n", chain.id().short()));
    Ok(Exit::Done)
}

fn show(console: &Console, digits: &str, output: Option<&Path>) -> Ended {
    let (_, grants) = known()?;
    let chain = grants.find(digits)?;
    match output {
        Some(path) => {
            files::write(path, &lines(chain))?;
            console.say(&format!("Wrote {}.\n", path.display()));
        }
        None => console.out(&String::from_utf8_lossy(&lines(chain))),
    }
    Ok(Exit::Done)
}

fn name(trust: &Trust, id: &KeyId) -> String {
    trust.get(id).map_or_else(|| id.to_string(), |trusted| trusted.name.clone())
}

/// What a grant says, behind `… may`.
pub fn sentence(statement: &Statement) -> String {
    let can: Vec<String> = statement.can.iter().map(ToString::to_string).collect();
    let mut text = can.join(", ");
    if let Some(names) = &statement.deployments {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = write!(text, " for {}", names.join(", "));
    }
    let most = &statement.most;
    let mut bounds = Vec::new();
    bounds.extend(most.memory.map(|bytes| format!("{} MiB", bytes >> 20)));
    bounds.extend(most.millicores.map(|millis| format!("{} cores", millis as f64 / 1000.0)));
    bounds.extend(most.replicas.map(|count| format!("{count} replicas")));
    if !bounds.is_empty() {
        let _ = write!(text, ", at most {}", bounds.join(", "));
    }
    if let Some(day) = statement.expires {
        let _ = write!(text, ", until {day}");
    }
    match statement.pass_on {
        0 => {}
        1 => text.push_str(", and pass it on"),
        times => {
            let _ = write!(text, ", and pass it on {times} times");
        }
    }
    text
}

/// A grant with all that it came from.
pub fn value(chain: &Chain, counts: bool) -> Value {
    json!({"format": "eclexia-granted/1", "id": chain.id(), "holder": chain.holder(),
        "grant": chain.last().statement, "chain": chain.grants(), "counts": counts})
}
