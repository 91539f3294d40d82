//! Diagnostics, for clients that ask: of a document, and of the workspace. What has not changed
//! since the client asked last is said so. What was found in an older text stands where that has
//! moved to, until it is found again.

use crate::client::{Client, Settings};
use crate::context::{Answer, Context};
use crate::diagnostics::{Found, found};
use crate::planner::{Lints, Lives, Told};
use crate::snapshot::{Project, Snapshot, path_of};
use crate::uri::to_path;
use eclexia_base::FileId;
use eclexia_diag as diag;
use gen_lsp_types::{Diagnostic, DocumentDiagnosticParams, WorkspaceDiagnosticParams};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// All that is known.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    pub snapshot: &'k Snapshot,
    pub lives: &'k Lives,
    pub lints: &'k Lints,
    pub client: &'k Client,
    pub settings: &'k Settings,
}

impl<'k> Known<'k> {
    pub fn of(context: &'k Context) -> Known<'k> {
        let Context { snapshot, lives, lints, client, settings, .. } = context;
        Known { snapshot, lives, lints, client, settings }
    }

    /// What checking found, lints, and what evaluating and planning found in the last program
    /// without errors.
    fn parts(self) -> impl Iterator<Item = Cow<'k, Found>> {
        self.snapshot.projects.iter().flat_map(move |project| {
            let is_sound = || !project.analysis.found.has_errors();
            let live = self.lives.get(&project.folder).filter(|_| self.settings.live);
            let planned = live.map(|live| &live.told);
            let planned = planned.filter(|told| told.is_of(project) || is_sound());
            let lints = [self.lints.get(&project.folder).map(|told| &**told)];
            let lints = lints.into_iter().chain([live.map(|live| &live.lints)]).flatten();
            let lints = lints.filter(|_| self.settings.lints);
            let late = planned.into_iter().chain(lints);
            std::iter::once(Cow::Borrowed(&project.found))
                .chain(late.map(move |told| now(told, project, self.client)))
        })
    }

    /// All that is found, by files.
    pub fn all(self) -> Found {
        let mut all = Found::new();
        for part in self.parts() {
            for (path, more) in part.iter() {
                add(all.entry(path.clone()).or_default(), more);
            }
        }
        all
    }
}

/// At the places of the text as it is. Of files that are as they were it is shown as it was.
fn now<'t>(told: &'t Told, project: &Project, client: &Client) -> Cow<'t, Found> {
    if told.is_of(project) {
        return Cow::Borrowed(&told.shown);
    }
    let (old, new) = (&told.project.analysis.sources, &project.analysis.sources);
    let changed: BTreeSet<FileId> = old.not_in(new).collect();
    let is_of_changed = |found: &&diag::Diagnostic| {
        found.primary.as_ref().is_some_and(|label| changed.contains(&label.span.file))
    };
    let moved = told.found.iter().filter(is_of_changed).cloned().collect();
    let mut shown = told.shown.clone();
    shown.retain(|path, _| !changed.iter().any(|id| path_of(old.name(*id)) == *path));
    shown.extend(found(&eclexia_ide::shifted(&moved, old, new), new, client));
    Cow::Owned(shown)
}

/// What is not there yet.
fn add(of_file: &mut Vec<Diagnostic>, more: &[Diagnostic]) {
    for one in more {
        if !of_file.contains(one) {
            of_file.push(one.clone());
        }
    }
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
    for part in Known::of(context).parts() {
        part.get(&path).into_iter().for_each(|more| add(&mut found, more));
    }
    Ok(report(&found, params.previous_result_id.as_deref()))
}

pub fn of_workspace(context: &Context, params: WorkspaceDiagnosticParams) -> Answer<Value> {
    context.still_wanted()?;
    let known: BTreeMap<String, String> =
        params.previous_result_ids.into_iter().map(|known| (known.uri.0, known.value)).collect();
    let mut all = Known::of(context).all();
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
