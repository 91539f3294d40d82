//! Signature help: the call around a place, and which parameter is being written.

use crate::client::Markdown;
use crate::context::{Answer, Context};
use eclexia_ide::signature::{Signature, signatures};
use gen_lsp_types::SignatureHelpParams;
use serde_json::{Value, json};

/// What begins an argument.
pub const TRIGGERS: [&str; 2] = ["(", " "];

pub fn help(context: &Context, params: SignatureHelpParams) -> Answer<Value> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let found = signatures(file.analysis(), file.id, context.offset(&file, at.position));
    if found.is_empty() {
        return Ok(Value::Null);
    }
    // Of several, the first that has room for what is being written.
    let active = found.iter().position(|signature| signature.active.is_some()).unwrap_or(0);
    let parameter = found[active].active;
    let signatures = found.iter().map(|signature| shown(context, signature));
    Ok(json!({
        "signatures": signatures.collect::<Vec<_>>(), "activeSignature": active,
        "activeParameter": parameter,
    }))
}

fn shown(context: &Context, signature: &Signature) -> Value {
    let units = |to: usize| {
        // Places in a label are counted in UTF-16 where nothing else was agreed on.
        context.client.encoding.length(signature.label.get(..to).unwrap_or(&signature.label))
    };
    let documented = |doc: &Option<String>, mut shown: Value| {
        if let Some(doc) = doc {
            let is_markdown = context.client.markdown.signature;
            shown["documentation"] = Markdown::documentation(is_markdown, doc);
        }
        shown
    };
    let parameters = signature.parameters.iter().map(|parameter| {
        let label = match context.client.label_offsets {
            true => json!([units(parameter.range.start), units(parameter.range.end)]),
            false => json!(signature.label.get(parameter.range.clone()).unwrap_or_default()),
        };
        documented(&parameter.doc, json!({"label": label}))
    });
    let parameters: Vec<Value> = parameters.collect();
    documented(&signature.doc, json!({"label": signature.label, "parameters": parameters}))
}
