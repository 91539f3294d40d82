//! What is offered: which methods there are, what each needs, and what answers it.

mod actions;
pub mod commands;
mod complete;
pub mod diagnostics;
mod edits;
mod format;
mod live;
mod places;
mod ranges;
mod signature;
mod symbols;
pub mod tokens;

use crate::client::Client;
use crate::context::{Answer, Context, Failure};
use gen_lsp_types::{InlayHintParams, LspRequestMethod as Method};
use lsp_server::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a request is answered from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// The text of a document.
    Text,
    /// The checked program, with all edits before the request.
    Snapshot,
}

/// `None`: there is no such method.
pub fn needs(method: &str) -> Option<Needs> {
    match Method::from(method) {
        Method::TextDocumentFormatting
        | Method::TextDocumentRangeFormatting
        | Method::TextDocumentOnTypeFormatting => Some(Needs::Text),
        Method::TextDocumentDiagnostic
        | Method::WorkspaceDiagnostic
        | Method::TextDocumentHover
        | Method::TextDocumentDefinition
        | Method::TextDocumentDeclaration
        | Method::TextDocumentTypeDefinition
        | Method::TextDocumentImplementation
        | Method::TextDocumentCompletion
        | Method::CompletionItemResolve
        | Method::TextDocumentSignatureHelp
        | Method::TextDocumentCodeAction
        | Method::TextDocumentReferences
        | Method::TextDocumentDocumentHighlight
        | Method::TextDocumentDocumentSymbol
        | Method::WorkspaceSymbol
        | Method::TextDocumentPrepareCallHierarchy
        | Method::CallHierarchyIncomingCalls
        | Method::CallHierarchyOutgoingCalls
        | Method::TextDocumentPrepareRename
        | Method::TextDocumentRename
        | Method::WorkspaceWillRenameFiles
        | Method::TextDocumentSemanticTokensFull
        | Method::TextDocumentSemanticTokensFullDelta
        | Method::TextDocumentSemanticTokensRange
        | Method::TextDocumentFoldingRange
        | Method::TextDocumentSelectionRange
        | Method::TextDocumentLinkedEditingRange
        | Method::TextDocumentDocumentLink
        | Method::TextDocumentCodeLens
        | Method::TextDocumentInlayHint
        | Method::WorkspaceExecuteCommand => Some(Needs::Snapshot),
        _ => None,
    }
}

pub fn answer(context: &Context, method: &str, params: Value) -> Answer<Value> {
    let c = context;
    match Method::from(method) {
        Method::TextDocumentFormatting => with(params, |params| format::whole(c, params)),
        Method::TextDocumentRangeFormatting => with(params, |params| format::range(c, params)),
        Method::TextDocumentOnTypeFormatting => with(params, |params| format::on_type(c, params)),
        Method::TextDocumentDiagnostic => with(params, |p| diagnostics::of_document(c, p)),
        Method::WorkspaceDiagnostic => with(params, |p| diagnostics::of_workspace(c, p)),
        Method::TextDocumentHover => with(params, |params| places::hover(c, params)),
        Method::TextDocumentDefinition | Method::TextDocumentDeclaration => {
            with(params, |at| places::goto(c, &at, eclexia_ide::definition))
        }
        Method::TextDocumentTypeDefinition => {
            with(params, |at| places::goto(c, &at, eclexia_ide::type_definition))
        }
        Method::TextDocumentImplementation => {
            with(params, |at| places::goto(c, &at, eclexia_ide::implementations))
        }
        Method::TextDocumentCompletion => with(params, |params| complete::list(c, params)),
        Method::CompletionItemResolve => with(params, |item| complete::resolve(c, item)),
        Method::TextDocumentSignatureHelp => with(params, |p| signature::help(c, p)),
        Method::TextDocumentCodeAction => with(params, |params| actions::list(c, params)),
        Method::TextDocumentReferences => with(params, |p| places::references(c, p)),
        Method::TextDocumentDocumentHighlight => with(params, |at| places::highlight(c, &at)),
        Method::TextDocumentDocumentSymbol => with(params, |p| symbols::of_document(c, p)),
        Method::WorkspaceSymbol => with(params, |params| symbols::of_workspace(c, params)),
        Method::TextDocumentPrepareCallHierarchy => with(params, |p| symbols::prepare_calls(c, p)),
        Method::CallHierarchyIncomingCalls => with(params, |p| symbols::incoming_calls(c, p)),
        Method::CallHierarchyOutgoingCalls => with(params, |p| symbols::outgoing_calls(c, p)),
        Method::TextDocumentPrepareRename => with(params, |params| edits::prepare(c, params)),
        Method::TextDocumentRename => with(params, |params| edits::rename(c, params)),
        Method::WorkspaceWillRenameFiles => with(params, |p| edits::will_rename(c, p)),
        Method::TextDocumentSemanticTokensFull => with(params, |p| tokens::whole(c, p)),
        Method::TextDocumentSemanticTokensFullDelta => with(params, |p| tokens::delta(c, p)),
        Method::TextDocumentSemanticTokensRange => with(params, |p| tokens::range(c, p)),
        Method::TextDocumentFoldingRange => with(params, |params| ranges::folds(c, params)),
        Method::TextDocumentSelectionRange => with(params, |p| ranges::selections(c, p)),
        Method::TextDocumentLinkedEditingRange => with(params, |p| ranges::linked(c, p)),
        Method::TextDocumentDocumentLink => with(params, |params| ranges::links(c, params)),
        Method::TextDocumentCodeLens => with(params, |params| live::lenses(c, params)),
        Method::TextDocumentInlayHint => with(params, |params: InlayHintParams| {
            let file = c.file(&params.text_document.uri)?;
            Ok(live::hints(c, &file, params.range))
        }),
        Method::WorkspaceExecuteCommand => with(params, |params| commands::run(c, params)),
        _ => Err(Failure::new(ErrorCode::MethodNotFound, format!("there is no method `{method}`"))),
    }
}

/// Parameters are read, and a result is written, as the protocol has them.
fn with<P: DeserializeOwned, R: Serialize>(
    params: Value,
    answer: impl FnOnce(P) -> Answer<R>,
) -> Answer<Value> {
    let params = serde_json::from_value(params)
        .map_err(|error| Failure::invalid(format!("the parameters cannot be read: {error}")))?;
    let result = serde_json::to_value(answer(params)?);
    result.map_err(|error| Failure::new(ErrorCode::InternalError, error.to_string()))
}

/// What a client is told that it may ask.
pub fn capabilities(client: &Client) -> Value {
    let [first, more @ ..] = format::TRIGGERS;
    json!({
        "positionEncoding": client.encoding.kind(),
        "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
        "diagnosticProvider": {
            "identifier": "eclexia", "interFileDependencies": true, "workspaceDiagnostics": true,
        },
        "documentFormattingProvider": true,
        "documentRangeFormattingProvider": true,
        "documentOnTypeFormattingProvider": {
            "firstTriggerCharacter": first, "moreTriggerCharacter": more,
        },
        "hoverProvider": true,
        "declarationProvider": true,
        "definitionProvider": true,
        "typeDefinitionProvider": true,
        "implementationProvider": true,
        "completionProvider": {"triggerCharacters": complete::TRIGGERS, "resolveProvider": true},
        "signatureHelpProvider": {"triggerCharacters": signature::TRIGGERS},
        "codeActionProvider": {"codeActionKinds": actions::KINDS},
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "callHierarchyProvider": true,
        "renameProvider": {"prepareProvider": true},
        "semanticTokensProvider": {
            "legend": {"tokenTypes": tokens::TYPES, "tokenModifiers": tokens::MODIFIERS},
            "range": true,
            "full": {"delta": true},
        },
        "foldingRangeProvider": true,
        "selectionRangeProvider": true,
        "linkedEditingRangeProvider": true,
        "documentLinkProvider": {"resolveProvider": false},
        "codeLensProvider": {"resolveProvider": false},
        "inlayHintProvider": {"resolveProvider": false},
        "executeCommandProvider": {"commands": commands::NAMES, "workDoneProgress": true},
        "workspace": {
            "workspaceFolders": {"supported": true, "changeNotifications": true},
            "fileOperations": {"willRename": {"filters": [
                {"scheme": "file", "pattern": {"glob": "**/*.{ecl,lisp}"}},
            ]}},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gen_lsp_types::ServerCapabilities;

    #[test]
    fn capabilities_are_those_of_the_protocol() {
        let said = capabilities(&Client::new(&Value::Null));
        let read: ServerCapabilities = serde_json::from_value(said.clone()).expect("capabilities");
        assert_eq!(serde_json::to_value(read).expect("plain data"), said);
    }
}
