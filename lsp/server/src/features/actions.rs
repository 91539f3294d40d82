//! Code actions: what mends a diagnostic, and what changes a form into an equal one.

use super::edits;
use crate::context::{Answer, Context, File};
use crate::planner::Told;
use eclexia_base::Span;
use eclexia_diag::Diagnostics;
use eclexia_ide::actions::{Action, ActionKind, actions, fix_all};
use gen_lsp_types::{Code, CodeActionParams, Diagnostic};
use serde_json::{Value, json};

pub const KINDS: [&str; 5] =
    ["quickfix", "refactor.extract", "refactor.inline", "refactor.rewrite", "source.fixAll"];

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
    let more = more(context, &file);
    let mut offered = actions(file.analysis(), selection, &more);
    // To mend a whole file is nobody's guess: it is asked for.
    if only.is_some() {
        offered.extend(fix_all(&more, file.id));
    }
    let mut shown = Vec::new();
    for action in offered.into_iter().filter(|action| is_wanted(kind(action.kind))) {
        let mended = mended(&action, &params.context.diagnostics);
        // One that would change what is on no disk is not offered.
        let Ok(edit) = edits::workspace(context, file.project, action.edits) else { continue };
        shown.push(json!({
            "title": action.title, "kind": kind(action.kind), "edit": edit, "diagnostics": mended,
        }));
    }
    Ok(Value::Array(shown))
}

/// What else is known of the text as it is: what evaluating and planning has found, which may be to
/// raise a budget to what is needed, and lints.
fn more(context: &Context, file: &File) -> Diagnostics {
    let live = context.lives.get(&file.project.folder);
    let now = |told: Option<&Told>| {
        told.map(|told| told.now(file.project).into_owned()).unwrap_or_default()
    };
    let mut found = now(live.map(|live| &live.told));
    if context.settings.lints {
        found.extend(eclexia_ide::lints(file.analysis(), file.id));
        found.extend(now(live.map(|live| &live.lints)));
    }
    found
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
        ActionKind::FixAll => KINDS[4],
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
