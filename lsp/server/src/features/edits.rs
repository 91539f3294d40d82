//! Changes of the workspace: renaming, and edits as the protocol has them.

use crate::context::{Answer, Context, Failure};
use crate::projects::module_of;
use crate::snapshot::Project;
use crate::uri::to_path;
use eclexia_ide::Edit;
use eclexia_ide::moved::rename_module;
use gen_lsp_types::{PrepareRenameParams, RenameFilesParams, RenameParams, TextEdit, Uri};
use lsp_server::ErrorCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn prepare(context: &Context, params: PrepareRenameParams) -> Answer<Value> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let offset = context.offset(&file, at.position);
    let (span, name) = eclexia_ide::rename::prepare(file.analysis(), file.id, offset)
        .map_err(|refusal| refused(&refusal))?;
    Ok(json!({"range": context.range(&file, span), "placeholder": name}))
}

pub fn rename(context: &Context, params: RenameParams) -> Answer<Value> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let offset = context.offset(&file, at.position);
    let edits = eclexia_ide::rename(file.analysis(), file.id, offset, &params.new_name)
        .map_err(|refusal| refused(&refusal))?;
    workspace(context, file.project, edits)
}

/// What changes in a project before files of it are called otherwise: imports and qualifiers. A
/// file whose module would not be the same for all who import it is moved without edits.
pub fn will_rename(context: &Context, params: RenameFilesParams) -> Answer<Value> {
    let mut edits = Vec::new();
    let mut of = None;
    for renamed in &params.files {
        let (old, new) = (to_path(&renamed.old_uri.0), to_path(&renamed.new_uri.0));
        let Some((project, file)) = context.snapshot.find(&old) else { continue };
        let (old, new) = (module_of(&project.folder, &old), module_of(&project.folder, &new));
        let Some(module) = project.analysis.modules.get(&file) else { continue };
        let name = project.analysis.program.modules[*module].name;
        // With the package's name before it, or without.
        let Some(before) = name.as_str().strip_suffix(&old) else { continue };
        let made = rename_module(&project.analysis, file, &format!("{before}{new}"));
        edits.extend(made.map_err(|refusal| refused(&refusal))?);
        of = Some(project);
    }
    match of {
        Some(project) => workspace(context, project, edits),
        None => Ok(Value::Null),
    }
}

fn refused(refusal: &eclexia_ide::Refusal) -> Failure {
    Failure::new(ErrorCode::RequestFailed, refusal.to_string())
}

/// Edits of several files: with the versions that they are of where the client can check them.
pub fn workspace(context: &Context, project: &Project, edits: Vec<Edit>) -> Answer<Value> {
    let mut by_file: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        let at = context.location(project, edit.span).ok_or_else(|| {
            let why = "a file that would change is on no disk";
            Failure::new(ErrorCode::RequestFailed, why)
        })?;
        // Of a document that has changed since, the places are not known.
        context.file(&at.uri)?;
        let edit = TextEdit { range: at.range, new_text: edit.text };
        by_file.entry(at.uri.0).or_default().push(edit);
    }
    if !context.client.document_changes {
        return Ok(json!({"changes": by_file}));
    }
    let changes = by_file.into_iter().map(|(uri, edits)| {
        let path = to_path(&uri);
        let version = context.documents.get(&path).map(|document| document.version);
        json!({"textDocument": {"uri": Uri(uri), "version": version}, "edits": edits})
    });
    Ok(json!({"documentChanges": changes.collect::<Vec<_>>()}))
}
