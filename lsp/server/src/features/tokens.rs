//! Semantic tokens: whole, of a range, and what has changed since the last whole.

use crate::context::{Answer, Context, File};
use eclexia_base::Span;
use eclexia_ide::{Kind, Token, TokenKind};
use gen_lsp_types::{
    SemanticTokensDeltaParams, SemanticTokensParams, SemanticTokensRangeParams, Uri,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Types that editors know, and two of our own, which fall back on a colour by the client's theme.
pub const TYPES: [&str; 15] = [
    "function",
    "variable",
    "parameter",
    "macro",
    "enumMember",
    "struct",
    "type",
    "interface",
    "method",
    "property",
    "namespace",
    "keyword",
    "number",
    "unit",
    "deployment",
];

pub const MODIFIERS: [&str; 4] = ["definition", "readonly", "defaultLibrary", "linear"];

/// Its result's id, and its numbers, five for each token.
type Whole = (u64, Vec<u32>);

/// The last whole of each document, by its address.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<BTreeMap<String, Whole>>>);

impl Sent {
    /// Keeps a new whole; gives its id, and the one before where it has the id that is named.
    fn keep(&self, uri: &Uri, data: &[u32], previous: Option<u64>) -> (u64, Option<Vec<u32>>) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = sent.remove(&uri.0);
        let id = before.as_ref().map_or(0, |(id, _)| id + 1);
        sent.insert(uri.0.clone(), (id, data.to_vec()));
        (id, before.filter(|(id, _)| Some(*id) == previous).map(|(_, data)| data))
    }

    pub fn forget(&self, uri: &Uri) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&uri.0);
    }
}

pub fn whole(context: &Context, params: SemanticTokensParams) -> Answer<Value> {
    let uri = params.text_document.uri;
    let file = context.file(&uri)?;
    let data = numbers(context, &file, &eclexia_ide::tokens(file.analysis(), file.id));
    let (id, _) = context.tokens.keep(&uri, &data, None);
    Ok(json!({"resultId": id.to_string(), "data": data}))
}

pub fn delta(context: &Context, params: SemanticTokensDeltaParams) -> Answer<Value> {
    let uri = params.text_document.uri;
    let file = context.file(&uri)?;
    let data = numbers(context, &file, &eclexia_ide::tokens(file.analysis(), file.id));
    let previous = params.previous_result_id.parse().ok();
    let (id, before) = context.tokens.keep(&uri, &data, previous);
    Ok(match before {
        Some(before) => json!({"resultId": id.to_string(), "edits": edits(&before, &data)}),
        None => json!({"resultId": id.to_string(), "data": data}),
    })
}

pub fn range(context: &Context, params: SemanticTokensRangeParams) -> Answer<Value> {
    let file = context.file(&params.text_document.uri)?;
    let wanted = file.lines.bytes(file.text, params.range, context.client.encoding);
    let span = Span::new(file.id, wanted.start as u32, wanted.end as u32);
    let data = numbers(context, &file, &eclexia_ide::tokens_in(file.analysis(), span));
    Ok(json!({"data": data}))
}

/// What lies between the equal beginnings and the equal ends, as one edit; none where all is equal.
fn edits(before: &[u32], after: &[u32]) -> Vec<Value> {
    let same =
        |pairs: &mut dyn Iterator<Item = (&u32, &u32)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut before.iter().zip(after));
    let (old, new) = (&before[start..], &after[start..]);
    let end = same(&mut old.iter().rev().zip(new.iter().rev()));
    let (deleted, data) = (old.len() - end, &new[..new.len() - end]);
    if deleted == 0 && data.is_empty() {
        return Vec::new();
    }
    vec![json!({"start": start, "deleteCount": deleted, "data": data})]
}

/// Lines and columns relative to the token before, length, type, modifiers.
fn numbers(context: &Context, file: &File, tokens: &[Token]) -> Vec<u32> {
    let mut data = Vec::with_capacity(tokens.len() * 5);
    let (mut line, mut column) = (0, 0);
    for token in tokens {
        let at = context.range(file, token.span);
        // Clients take no token over several lines.
        if at.start.line != at.end.line {
            continue;
        }
        let same_line = at.start.line == line;
        let from = if same_line { column } else { 0 };
        data.extend([
            at.start.line - line,
            at.start.character - from,
            at.end.character - at.start.character,
            index(&TYPES, kind(token.kind)),
            modifiers(token),
        ]);
        (line, column) = (at.start.line, at.start.character);
    }
    data
}

fn index(names: &[&str], name: &str) -> u32 {
    names.iter().position(|known| *known == name).unwrap_or_default() as u32
}

fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Parameter => "parameter",
        TokenKind::Quantity => "number",
        TokenKind::Keyword => "keyword",
        TokenKind::Name(kind) => match kind {
            Kind::Function | Kind::Test => "function",
            Kind::Constant | Kind::Local => "variable",
            Kind::Deployed => "deployment",
            Kind::Macro => "macro",
            Kind::Constructor => "enumMember",
            Kind::Record => "struct",
            Kind::Type | Kind::Alias | Kind::TypeVariable => "type",
            Kind::Interface => "interface",
            Kind::Method => "method",
            Kind::Field => "property",
            Kind::Module => "namespace",
            Kind::Unit => "unit",
            Kind::Form | Kind::Option => "keyword",
        },
    }
}

fn modifiers(token: &Token) -> u32 {
    let is_constant = token.kind == TokenKind::Name(Kind::Constant);
    let of = &token.modifiers;
    let said = [of.is_definition, is_constant, of.is_library, of.is_linear];
    said.iter().enumerate().map(|(bit, is)| u32::from(*is) << bit).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_of_tokens_is_what_lies_between_equal_ends() {
        for (before, after) in [
            (vec![1, 2, 3, 4, 5], vec![1, 2, 9, 4, 5]),
            (vec![1, 1, 1], vec![1, 1]),
            (vec![], vec![7]),
            (vec![7, 8], vec![]),
            (vec![1, 2], vec![1, 2]),
        ] {
            let mut made = before.clone();
            for edit in edits(&before, &after) {
                let number = |name: &str| edit[name].as_u64().expect("a number") as usize;
                let data: Vec<u32> = serde_json::from_value(edit["data"].clone()).expect("numbers");
                let start = number("start");
                made.splice(start..start + number("deleteCount"), data);
            }
            assert_eq!(made, after);
        }
    }
}
