//! Versions that did not come about: what they failed for, and what their services wrote last.

use eclexia_deploy::registry::{Event, Filter, Registry, State, Version};
use eclexia_diag::Diagnostic;
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::logs::{self, Line};
use std::collections::BTreeMap;

/// Events of a version that are looked at: it fails after few.
const MOST_EVENTS: usize = 1000;

/// Lines of a log, the last ones, among which those of a version are looked for.
const MOST_LINES: usize = 50;

/// Characters of a line that are told.
const MOST_TOLD: usize = 200;

/// The newest versions of deployments of which nothing runs, because they failed.
pub fn fallen(registry: &Registry) -> Result<Vec<Version>, Diagnostic> {
    let mut found = Vec::new();
    for deployment in registry.deployments()?.iter().filter(|d| d.wanted.is_none()) {
        let newest = registry.versions(&deployment.name)?.into_iter().next();
        let Some(version) = newest.filter(|version| version.state == State::Failed) else {
            continue;
        };
        let filter = Filter {
            deployment: Some(deployment.name.clone()),
            newest_first: true,
            limit: Some(MOST_EVENTS),
            ..Filter::default()
        };
        // Whoever destroys it knows.
        let events = registry.events(&filter)?;
        let is_of = |event: &&Event| event.version == Some(version.number);
        let since = events.iter().position(|event| is_of(&event)).unwrap_or(0);
        if !events.iter().take(since).any(|event| event.kind == "destroyed") {
            found.push(version);
        }
    }
    Ok(found)
}

/// The services that a version failed for: whose processes ended, or else those that were started
/// and never ready.
pub fn unready(registry: &Registry, version: &Version) -> Result<Vec<String>, Diagnostic> {
    let filter = Filter {
        deployment: Some(version.deployment.clone()),
        from: Some(version.made),
        limit: Some(MOST_EVENTS),
        ..Filter::default()
    };
    let events = registry.events(&filter)?;
    let has_failed = |event: &Event| event.status.as_deref() == Some(version.state.name());
    let before = events.iter().take_while(|event| !has_failed(event));
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for event in before.filter(|event| event.version == Some(version.number)) {
        let service = event.resource.as_deref().and_then(|of| of.strip_prefix("service "));
        let Some(service) = service else { continue };
        // That it is started again says less than that it ended.
        if event.kind != "started" || !last.contains_key(service) {
            last.insert(service, &event.kind);
        }
    }
    let of = |kinds: &[&str]| -> Vec<String> {
        let these = last.iter().filter(|(_, kind)| kinds.contains(kind));
        these.map(|(service, _)| (*service).to_owned()).collect()
    };
    let ended = of(&["ended", "not-started"]);
    Ok(if ended.is_empty() { of(&["started", "failed"]) } else { ended })
}

/// The last line that a service wrote in a version, as far as it is to be told: of what it said of
/// mistakes, where it said any.
pub fn last_word(folders: &Folders, version: &Version, service: &str) -> Option<String> {
    let lines = logs::last(&folders.logs(&version.deployment, service), MOST_LINES).ok()?.lines;
    let lines = lines.iter().rev().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    let is_own = |line: &Line| line.at >= version.made.0 && !line.line.trim().is_empty();
    let own: Vec<Line> = lines.filter(is_own).collect();
    let last = own.iter().find(|line| line.stream == "err").or(own.first())?;
    let shown = last.line.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    Some(shown.take(MOST_TOLD).collect())
}
