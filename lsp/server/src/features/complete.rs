//! Completion: what can be written at a place. The author's words about an item come with
//! `completionItem/resolve`, for the one that is looked at.

use crate::client::Markdown;
use crate::context::{Answer, Context, File};
use eclexia_ide::complete::{Completion, Completions, Insert, complete};
use eclexia_ide::{Edit, Kind};
use gen_lsp_types::{CompletionItemKind, CompletionParams, Position, TextEdit, Uri};
use serde_json::{Value, json};

/// What begins a word that is worth an answer without being asked.
pub const TRIGGERS: [&str; 5] = ["(", ":", "/", ".", "["];

pub fn list(context: &Context, params: CompletionParams) -> Answer<Value> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let Some(found) = complete(file.analysis(), file.id, context.offset(&file, at.position)) else {
        return Ok(json!({"isIncomplete": false, "items": []}));
    };
    let is_cut = found.items.len() >= eclexia_ide::complete::MAX_ITEMS;
    let data = json!({"uri": at.text_document.uri, "position": at.position});
    let items = found.items.iter().enumerate();
    let items = items.map(|(order, item)| shown(context, &file, &found, (order, item), &data));
    Ok(json!({"isIncomplete": is_cut, "items": items.collect::<Vec<_>>()}))
}

fn shown(
    context: &Context,
    file: &File,
    found: &Completions,
    (order, item): (usize, &Completion),
    data: &Value,
) -> Value {
    let (text, is_snippet) = match &item.insert {
        Insert::Text(text) => (text.clone(), false),
        Insert::Snippet(text) if context.client.snippets => (text.clone(), true),
        Insert::Snippet(text) => (plain(text), false),
    };
    let edit = |edit: &Edit| TextEdit {
        range: context.range(file, edit.span),
        new_text: edit.text.clone(),
    };
    let mut shown = json!({
        "label": item.label, "kind": kind(item.kind), "sortText": format!("{order:04}"),
        "filterText": item.label, "insertTextFormat": if is_snippet { 2 } else { 1 },
        "textEdit": {"range": context.range(file, found.span), "newText": text}, "data": data,
    });
    if !item.detail.is_empty() {
        shown["detail"] = json!(item.detail);
    }
    if !item.edits.is_empty() {
        shown["additionalTextEdits"] =
            item.edits.iter().map(edit).map(|edit| json!(edit)).collect();
    }
    shown
}

/// A snippet for a client without places to fill in.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = match after.strip_prefix('{').and_then(|place| place.split_once('}')) {
            Some((place, after)) => {
                out.push_str(place.split_once(':').map_or("", |(_, text)| text));
                after
            }
            None => after.trim_start_matches(|c: char| c.is_ascii_digit()),
        };
    }
    out.push_str(rest);
    out.replace('\\', "")
}

fn kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Function => CompletionItemKind::Function,
        Kind::Constant | Kind::Deployed => CompletionItemKind::Constant,
        Kind::Test => CompletionItemKind::Event,
        Kind::Macro => CompletionItemKind::Snippet,
        Kind::Constructor => CompletionItemKind::EnumMember,
        Kind::Record => CompletionItemKind::Struct,
        Kind::Type | Kind::Alias => CompletionItemKind::Class,
        Kind::Interface => CompletionItemKind::Interface,
        Kind::Method => CompletionItemKind::Method,
        Kind::Field => CompletionItemKind::Field,
        Kind::Option => CompletionItemKind::Property,
        Kind::Local => CompletionItemKind::Variable,
        Kind::Module => CompletionItemKind::Module,
        Kind::Unit => CompletionItemKind::Unit,
        Kind::Form => CompletionItemKind::Keyword,
        Kind::TypeVariable => CompletionItemKind::TypeParameter,
    }
}

/// The item with its documentation; as it was where its document has changed since.
pub fn resolve(context: &Context, mut item: Value) -> Answer<Value> {
    let uri = Uri::from(item["data"]["uri"].as_str().unwrap_or_default());
    let position: Option<Position> = serde_json::from_value(item["data"]["position"].clone()).ok();
    let (Ok(file), Some(position)) = (context.file(&uri), position) else { return Ok(item) };
    let found = complete(file.analysis(), file.id, context.offset(&file, position));
    let found = found.into_iter().flat_map(|found| found.items).find(|known| {
        item["label"] == known.label.as_str() && item["kind"] == json!(kind(known.kind))
    });
    if let Some(doc) = found.and_then(|known| known.doc) {
        item["documentation"] = Markdown::documentation(context.client.markdown.completion, &doc);
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_without_places_is_what_stands_in_them() {
        assert_eq!(plain("(defn ${1:name} [${2}]\n  $0)"), "(defn name []\n  )");
        assert_eq!(plain("plain"), "plain");
        assert_eq!(plain("$"), "");
    }
}
