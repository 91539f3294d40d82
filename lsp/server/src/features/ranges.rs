//! Ranges of a document: what folds, what a selection grows to, what is edited together, links.

use crate::context::{Answer, Context};
use eclexia_ide::FoldKind;
use gen_lsp_types::{
    DocumentLinkParams, FoldingRangeParams, LinkedEditingRangeParams, SelectionRange,
    SelectionRangeParams,
};
use serde_json::{Value, json};

pub fn folds(context: &Context, params: FoldingRangeParams) -> Answer<Value> {
    let file = context.file(&params.text_document.uri)?;
    let folds = eclexia_ide::folds(file.analysis(), file.id);
    let shown = folds.into_iter().map(|fold| {
        let range = context.range(&file, fold.span);
        let kind = match fold.kind {
            FoldKind::Form => None,
            FoldKind::Comment => Some("comment"),
            FoldKind::Imports => Some("imports"),
        };
        let mut shown = json!({"startLine": range.start.line, "endLine": range.end.line});
        kind.iter().for_each(|kind| shown["kind"] = json!(kind));
        shown
    });
    Ok(shown.collect())
}

pub fn selections(context: &Context, params: SelectionRangeParams) -> Answer<Vec<SelectionRange>> {
    let file = context.file(&params.text_document.uri)?;
    let grown = params.positions.iter().map(|position| {
        let offset = context.offset(&file, *position);
        let spans = eclexia_ide::selections(file.analysis(), file.id, offset);
        let ranges = spans.into_iter().map(|span| context.range(&file, span));
        let outer = ranges.rev().fold(None, |parent: Option<SelectionRange>, range| {
            Some(SelectionRange { range, parent: parent.map(Box::new) })
        });
        let here = gen_lsp_types::Range { start: *position, end: *position };
        outer.unwrap_or(SelectionRange { range: here, parent: None })
    });
    Ok(grown.collect())
}

pub fn linked(context: &Context, params: LinkedEditingRangeParams) -> Answer<Value> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let spans = eclexia_ide::linked(file.analysis(), file.id, context.offset(&file, at.position));
    let ranges: Vec<_> = spans.into_iter().map(|span| context.range(&file, span)).collect();
    Ok(if ranges.is_empty() { Value::Null } else { json!({"ranges": ranges}) })
}

pub fn links(context: &Context, params: DocumentLinkParams) -> Answer<Value> {
    let file = context.file(&params.text_document.uri)?;
    let links = eclexia_ide::links(file.analysis(), file.id).into_iter();
    let shown = links.filter_map(|link| {
        let target = file.project.uri(link.file, &context.documents)?;
        Some(json!({"range": context.range(&file, link.span), "target": target}))
    });
    Ok(shown.collect())
}
