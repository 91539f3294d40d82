//! Code actions: what mends a diagnostic, and what changes a form into an equal one.

use super::edits;
use crate::context::{Answer, Context, File};
use eclexia_base::Span;
use eclexia_ide::Edit;
use eclexia_ide::actions::{Action, ActionKind, actions};
use gen_lsp_types::{Code, CodeActionParams, Diagnostic};
use serde_json::{Value, json};
use std::sync::Arc;

pub const KINDS: [&str; 4] =
    ["quickfix", "refactor.extract", "refactor.inline", "refactor.rewrite"];

pub fn list(context: &Context, params: CodeActionParams) -> Answer<Value> {
    let file = context.file(&params.text_document.uri)?;
    let selected = file.lines.bytes(file.text, params.range, context.client.encoding);
    let selection = Span::new(file.id, selected.start as u32, selected.end as u32);
    let only: Option<Vec<String>> = params
        .context
        .only
        .map(|kinds| kinds.iter().filter_map(|kind| text(&json!(kind))).collect());
    let is_wanted = |kind: &str| match &only {
        Some(wanted) => wanted.iter().any(|want| is_below(kind, want)),
        None => true,
    };
    let offered = planned(context, &file, selection);
    let offered = actions(file.analysis(), selection).into_iter().chain(offered);
    let mut shown = Vec::new();
    for action in offered.filter(|action| is_wanted(kind(action.kind))) {
        let mended = mended(&action, &params.context.diagnostics);
        // One that would change what is on no disk is not offered.
        let Ok(edit) = edits::workspace(context, file.project, action.edits) else { continue };
        shown.push(json!({
            "title": action.title, "kind": kind(action.kind), "edit": edit, "diagnostics": mended,
        }));
    }
    Ok(Value::Array(shown))
}

/// What mends that which evaluating and planning has found: to raise a budget to what is needed.
fn planned(context: &Context, file: &File, selection: Span) -> Vec<Action> {
    let live = context.lives.get(&file.project.folder);
    let live = live.filter(|live| Arc::ptr_eq(&live.project.analysis, &file.project.analysis));
    let found = live.into_iter().flat_map(|live| live.live.found.iter());
    let touched = found.filter(|found| {
        let at = found.primary.as_ref().map(|label| label.span);
        at.is_some_and(|at| {
            at.file == file.id && at.start <= selection.end && selection.start <= at.end
        })
    });
    let action = |found: &eclexia_diag::Diagnostic| {
        let (code, fixes) = (found.code, found.fixes.clone());
        fixes.into_iter().map(move |fix| Action {
            title: fix.title,
            kind: ActionKind::Fix,
            code: Some(code),
            edits: vec![Edit::new(fix.span, fix.replacement)],
        })
    };
    touched.flat_map(action).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// `refactor` wants `refactor.extract` too.
fn is_below(kind: &str, wanted: &str) -> bool {
    let rest = kind.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || wanted.is_empty())
}

fn kind(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Fix => KINDS[0],
        ActionKind::Extract => KINDS[1],
        ActionKind::Inline => KINDS[2],
        ActionKind::Rewrite => KINDS[3],
    }
}

/// The client's diagnostics that an action mends.
fn mended<'d>(action: &Action, diagnostics: &'d [Diagnostic]) -> Vec<&'d Diagnostic> {
    let is_of = |diagnostic: &&Diagnostic| match (&diagnostic.code, action.code) {
        (Some(Code::String(code)), Some(mended)) => code == mended,
        _ => false,
    };
    diagnostics.iter().filter(is_of).collect()
}
