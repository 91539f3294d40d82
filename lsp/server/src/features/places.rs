//! What is at a place, and where it leads.

use super::live;
use crate::context::{Answer, Context, File};
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;
use eclexia_ide::Hover as Known;
use eclexia_ide::Use;
use gen_lsp_types::{
    Contents, DocumentHighlight, DocumentHighlightKind, Hover, HoverParams, Location,
    MarkupContent, MarkupKind, ReferenceParams, TextDocumentPositionParams,
};

/// What is known of the name or expression at a place; over a limit, what it is worth first.
pub fn hover(context: &Context, params: HoverParams) -> Answer<Option<Hover>> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let offset = context.offset(&file, at.position);
    let priced = live::limit(context, &file, offset);
    let known = eclexia_ide::hover(file.analysis(), file.id, offset);
    let range = known.as_ref().map(|known| context.range(&file, known.span));
    let range = range.or(priced.as_ref().and_then(|(range, _)| *range));
    let is_markdown = context.client.markdown.hover;
    let known = known.map(|known| said(&known, is_markdown));
    let parts = priced.map(|(_, text)| text).into_iter().chain(known);
    let (kind, line) = match is_markdown {
        true => (MarkupKind::Markdown, "\n\n---\n\n"),
        false => (MarkupKind::PlainText, "\n\n"),
    };
    let text = parts.collect::<Vec<_>>().join(line);
    let contents = Contents::MarkupContent(MarkupContent { kind, value: text });
    Ok(range.map(|range| Hover { contents, range: Some(range) }))
}

/// The code, the author's words, then facts.
fn said(known: &Known, is_markdown: bool) -> String {
    let code = match is_markdown {
        true => format!("```eclexia\n{}\n```", known.code),
        false => known.code.clone(),
    };
    let facts = known.facts.join(if is_markdown { "  \n" } else { "\n" });
    let parts = [Some(code), known.doc.clone(), (!facts.is_empty()).then_some(facts)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// Where one of `definition`, `type_definition` and `implementations` leads.
pub fn goto(
    context: &Context,
    at: &TextDocumentPositionParams,
    find: impl FnOnce(&Analysis, FileId, u32) -> Vec<Span>,
) -> Answer<Vec<Location>> {
    let file = context.file(&at.text_document.uri)?;
    let offset = context.offset(&file, at.position);
    let targets = find(file.analysis(), file.id, offset);
    Ok(locations(context, &file, targets.into_iter()))
}

pub fn references(context: &Context, params: ReferenceParams) -> Answer<Vec<Location>> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let offset = context.offset(&file, at.position);
    let mut found = eclexia_ide::references(file.analysis(), file.id, offset);
    found.retain(|found| params.context.include_declaration || found.is == Use::Reference);
    Ok(locations(context, &file, found.into_iter().map(|found| found.span)))
}

pub fn highlight(
    context: &Context,
    at: &TextDocumentPositionParams,
) -> Answer<Vec<DocumentHighlight>> {
    let file = context.file(&at.text_document.uri)?;
    let offset = context.offset(&file, at.position);
    let found = eclexia_ide::highlight(file.analysis(), file.id, offset).into_iter();
    let shown = found.map(|found| DocumentHighlight {
        range: context.range(&file, found.span),
        kind: Some(match found.is {
            Use::Definition => DocumentHighlightKind::Write,
            Use::Reference => DocumentHighlightKind::Read,
        }),
    });
    Ok(shown.collect())
}

/// Those of places that are on a disk.
fn locations(context: &Context, file: &File, spans: impl Iterator<Item = Span>) -> Vec<Location> {
    spans.filter_map(|span| context.location(file.project, span)).collect()
}
