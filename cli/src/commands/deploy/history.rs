//! `history`: versions of deployments, and events.

use super::{folders, known, registry};
use crate::args::HistoryArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit};
use eclexia_deploy::registry::{Filter, Registry};
use eclexia_diag::Diagnostic;
use std::fmt::Write;

pub fn history(console: &Console, args: &HistoryArgs) -> Ended {
    let folders = folders()?;
    known(&folders, args.deployment.as_deref())?;
    let Some(registry) = registry(&folders)? else {
        console.say("Nothing was ever deployed here.\n");
        return Ok(Exit::Done);
    };
    if args.events {
        events(console, args, &registry)?
    } else {
        versions(console, args, &registry)?
    }
    Ok(Exit::Done)
}

fn versions(console: &Console, args: &HistoryArgs, registry: &Registry) -> Result<(), Diagnostic> {
    let wanted = |name: &str| args.deployment.as_deref().is_none_or(|wanted| wanted == name);
    let mut text = String::new();
    for deployment in registry.deployments()?.into_iter().filter(|d| wanted(&d.name)) {
        let _ = writeln!(text, "{}", deployment.name);
        for version in registry.versions(&deployment.name)?.iter().take(args.lines) {
            if console.global.json {
                console.json(&serde_json::to_value(version).unwrap_or_default());
            }
            let mark = if deployment.running == Some(version.number) { "*" } else { " " };
            let _ = writeln!(
                text,
                "{mark} {:>3}  {:<11} {}  {}  by {}",
                version.number,
                version.state.name(),
                version.changed,
                &version.package[..12.min(version.package.len())],
                version.signer
            );
            if let Some(reason) = &version.reason {
                let _ = writeln!(text, "       {reason}");
            }
        }
    }
    console.say(&text);
    Ok(())
}

fn events(console: &Console, args: &HistoryArgs, registry: &Registry) -> Result<(), Diagnostic> {
    let named = |kind: &str, name: &Option<String>| name.as_ref().map(|n| format!("{kind} {n}"));
    let resource = named("service", &args.service).or(named("job", &args.job));
    let filter = Filter {
        deployment: args.deployment.clone(),
        resource,
        status: args.status.clone(),
        signer: args.signer.clone(),
        newest_first: true,
        limit: Some(args.lines),
        ..Filter::default()
    };
    let mut text = String::new();
    for event in registry.events(&filter)?.iter().rev() {
        if console.global.json {
            console.json(&serde_json::to_value(event).unwrap_or_default());
        }
        let what = event.status.as_deref().unwrap_or(&event.kind);
        let _ = writeln!(text, "{}  {}  {what:<12} {}", event.at, event.deployment, event.detail);
    }
    console.say(&text);
    Ok(())
}
