//! Diagnostics, for clients that ask: of a document, and of the workspace. What has not changed
//! since the client asked last is said so.

use crate::context::{Answer, Context};
use crate::diagnostics::Found;
use crate::planner::{Lives, ProjectLive};
use crate::snapshot::Snapshot;
use crate::uri::to_path;
use gen_lsp_types::{Diagnostic, DocumentDiagnosticParams, WorkspaceDiagnosticParams};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// What checking found, and evaluating and planning of the last program without errors.
fn parts<'a>(snapshot: &'a Snapshot, lives: &'a Lives) -> impl Iterator<Item = &'a Found> {
    snapshot.projects.iter().flat_map(|project| {
        let is_sound = || !project.analysis.found.has_errors();
        let is_same = |live: &ProjectLive| Arc::ptr_eq(&live.project.analysis, &project.analysis);
        let live = lives.get(&project.folder).filter(|live| is_same(live) || is_sound());
        std::iter::once(&project.found).chain(live.map(|live| &live.found))
    })
}

/// What is not there yet.
fn add(of_file: &mut Vec<Diagnostic>, more: &[Diagnostic]) {
    for one in more {
        if !of_file.contains(one) {
            of_file.push(one.clone());
        }
    }
}

/// All that is found, by files.
pub fn all(snapshot: &Snapshot, lives: &Lives) -> Found {
    let mut found = Found::new();
    for (path, more) in parts(snapshot, lives).flatten() {
        add(found.entry(path.clone()).or_default(), more);
    }
    found
}

/// Equal for equal diagnostics, in one run of the server.
fn result_id(found: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(found).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A report, short where the client has it.
fn report(found: &[Diagnostic], previous: Option<&str>) -> Value {
    let id = result_id(found);
    match previous == Some(id.as_str()) {
        true => json!({"kind": "unchanged", "resultId": id}),
        false => json!({"kind": "full", "resultId": id, "items": found}),
    }
}

pub fn of_document(context: &Context, params: DocumentDiagnosticParams) -> Answer<Value> {
    context.still_wanted()?;
    let path = to_path(&params.text_document.uri.0);
    let mut found = Vec::new();
    let parts = parts(&context.snapshot, &context.lives);
    parts.filter_map(|part| part.get(&path)).for_each(|more| add(&mut found, more));
    Ok(report(&found, params.previous_result_id.as_deref()))
}

pub fn of_workspace(context: &Context, params: WorkspaceDiagnosticParams) -> Answer<Value> {
    context.still_wanted()?;
    let known: BTreeMap<String, String> =
        params.previous_result_ids.into_iter().map(|known| (known.uri.0, known.value)).collect();
    let mut all = all(&context.snapshot, &context.lives);
    // What had some and has none is told so.
    for uri in known.keys() {
        all.entry(to_path(uri)).or_default();
    }
    let items = all.iter().map(|(path, found)| {
        let uri = context.documents.uri(path);
        let version = context.documents.get(path).map(|document| document.version);
        let mut item = report(found, known.get(&uri.0).map(String::as_str));
        item["uri"] = json!(uri);
        item["version"] = json!(version);
        item
    });
    Ok(json!({"items": items.collect::<Vec<_>>()}))
}
