//! What the client can do, and what its user has set. Read from the message as it is: a client that
//! says something odd about one ability keeps the others.

use crate::position::Encoding;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Client {
    pub encoding: Encoding,
    /// It asks for diagnostics; others are sent them.
    pub pulls: bool,
    pub refreshes_diagnostics: bool,
    pub refreshes_hints: bool,
    pub refreshes_lenses: bool,
    /// Watches files where it is told which.
    pub watches: bool,
    /// Answers what is set for `eclexia`.
    pub configuration: bool,
    pub progress: bool,
    pub snippets: bool,
    /// Document symbols may be nested.
    pub nested_symbols: bool,
    /// Edits of a workspace may name versions and files to rename.
    pub document_changes: bool,
    pub markdown: Markdown,
    /// Places of parameters in a signature, else their texts.
    pub label_offsets: bool,
    pub diagnostics: Shows,
}

/// Where Markdown is shown; elsewhere it is plain text.
#[derive(Clone, Copy, Debug)]
pub struct Markdown {
    pub hover: bool,
    pub completion: bool,
    pub signature: bool,
}

impl Markdown {
    /// Documentation, as Markdown or as the text that it is.
    pub fn documentation(can: bool, text: &str) -> Value {
        if can { json!({"kind": "markdown", "value": text}) } else { json!(text) }
    }
}

/// What of a diagnostic is shown, or kept, besides its message.
#[derive(Clone, Copy, Debug)]
pub struct Shows {
    pub related: bool,
    pub page: bool,
    pub data: bool,
    pub unnecessary: bool,
}

impl Client {
    /// From the parameters of `initialize`.
    pub fn new(params: &Value) -> Client {
        let at = |pointer: &str| params.pointer(&format!("/capabilities/{pointer}"));
        let is = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        let strings = |pointer: &str| {
            let listed = at(pointer).and_then(Value::as_array).into_iter().flatten();
            listed.filter_map(Value::as_str)
        };
        let markdown =
            |of: &str| strings(&format!("textDocument/{of}")).any(|kind| kind == "markdown");
        Client {
            encoding: Encoding::negotiated(strings("general/positionEncodings")),
            pulls: at("textDocument/diagnostic").is_some(),
            refreshes_diagnostics: is("workspace/diagnostics/refreshSupport"),
            refreshes_hints: is("workspace/inlayHint/refreshSupport"),
            refreshes_lenses: is("workspace/codeLens/refreshSupport"),
            watches: is("workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: is("workspace/configuration"),
            progress: is("window/workDoneProgress"),
            snippets: is("textDocument/completion/completionItem/snippetSupport"),
            nested_symbols: is("textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            document_changes: is("workspace/workspaceEdit/documentChanges"),
            markdown: Markdown {
                hover: markdown("hover/contentFormat"),
                completion: markdown("completion/completionItem/documentationFormat"),
                signature: markdown("signatureHelp/signatureInformation/documentationFormat"),
            },
            label_offsets: is("textDocument/signatureHelp/signatureInformation/\
                               parameterInformation/labelOffsetSupport"),
            diagnostics: Shows {
                related: is("textDocument/publishDiagnostics/relatedInformation"),
                page: is("textDocument/publishDiagnostics/codeDescriptionSupport"),
                data: is("textDocument/publishDiagnostics/dataSupport"),
                unnecessary: at("textDocument/publishDiagnostics/tagSupport/valueSet")
                    .and_then(Value::as_array)
                    .is_some_and(|tags| tags.contains(&json!(1))),
            },
        }
    }
}

/// Settings, under `eclexia` in the editor's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// `debounce`, milliseconds: after the last change, before diagnostics are sent.
    pub debounce: Duration,
    /// `live`: deployments are planned while one types.
    pub live: bool,
    /// `lints`: what is written for nothing is told.
    pub lints: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { debounce: Duration::from_millis(3), live: true, lints: true }
    }
}

/// The longest time that diagnostics may be held back, milliseconds.
const MOST_DEBOUNCE: u64 = 10_000;

impl Settings {
    /// What is not said is as it is by default.
    pub fn new(value: &Value) -> Settings {
        let default = Settings::default();
        let debounce = value.get("debounce").and_then(Value::as_u64);
        let is = |name: &str| value.get(name).and_then(Value::as_bool);
        Settings {
            debounce: debounce
                .map_or(default.debounce, |ms| Duration::from_millis(ms.min(MOST_DEBOUNCE))),
            live: is("live").unwrap_or(default.live),
            lints: is("lints").unwrap_or(default.lints),
        }
    }
}
