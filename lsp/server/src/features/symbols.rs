//! Symbols of a document and of the workspace, and who calls whom.

use crate::context::{Answer, Context, Failure, File};
use eclexia_base::Span;
use eclexia_core::core::DefId;
use eclexia_ide::symbols::Match;
use eclexia_ide::{Caller, Kind, Meaning, Symbol, callable, describe, incoming, outgoing};
use gen_lsp_types::{
    CallHierarchyIncomingCallsParams, CallHierarchyItem, CallHierarchyOutgoingCallsParams,
    CallHierarchyPrepareParams, DocumentSymbolParams, SymbolKind, WorkspaceSymbolParams,
};
use serde_json::{Value, json};

pub fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Function | Kind::Form => SymbolKind::Function,
        Kind::Constant => SymbolKind::Constant,
        Kind::Deployed => SymbolKind::Object,
        Kind::Test => SymbolKind::Event,
        Kind::Macro => SymbolKind::Operator,
        Kind::Constructor => SymbolKind::EnumMember,
        Kind::Record => SymbolKind::Struct,
        Kind::Type | Kind::Alias => SymbolKind::Class,
        Kind::Interface => SymbolKind::Interface,
        Kind::Method => SymbolKind::Method,
        Kind::Field => SymbolKind::Field,
        Kind::Option => SymbolKind::Key,
        Kind::Local => SymbolKind::Variable,
        Kind::Module => SymbolKind::Module,
        Kind::Unit => SymbolKind::Number,
        Kind::TypeVariable => SymbolKind::TypeParameter,
    }
}

/// Nested where the client can show that, else a plain list.
pub fn of_document(context: &Context, params: DocumentSymbolParams) -> Answer<Value> {
    let file = context.file(&params.text_document.uri)?;
    let symbols = eclexia_ide::document_symbols(file.analysis(), file.id);
    if context.client.nested_symbols {
        let nested = symbols.iter().map(|symbol| nested(context, &file, symbol));
        return Ok(nested.collect());
    }
    let flat = symbols.iter().flat_map(|symbol| std::iter::once(symbol).chain(&symbol.children));
    Ok(flat.filter_map(|symbol| listed(context, &file, symbol, None)).collect())
}

fn nested(context: &Context, file: &File, symbol: &Symbol) -> Value {
    // A selection that is not within its form is refused by clients.
    let form = symbol.form.to(symbol.span);
    let children = symbol.children.iter().map(|symbol| nested(context, file, symbol));
    json!({
        "name": shown(&symbol.name), "detail": symbol.detail, "kind": kind(symbol.kind),
        "range": context.range(file, form), "selectionRange": context.range(file, symbol.span),
        "children": children.collect::<Vec<_>>(),
    })
}

/// Clients take no empty name: an unfinished definition has one.
fn shown(name: &str) -> &str {
    if name.is_empty() { "?" } else { name }
}

fn listed(context: &Context, file: &File, symbol: &Symbol, module: Option<&str>) -> Option<Value> {
    let location = context.location(file.project, symbol.span)?;
    Some(json!({
        "name": shown(&symbol.name), "kind": kind(symbol.kind), "location": location,
        "containerName": module,
    }))
}

/// Of all projects.
pub fn of_workspace(context: &Context, params: WorkspaceSymbolParams) -> Answer<Value> {
    let mut found = Vec::new();
    for project in &context.snapshot.projects {
        context.still_wanted()?;
        let matches = eclexia_ide::workspace_symbols(&project.analysis, &params.query);
        found.extend(matches.into_iter().filter_map(|Match { symbol, module }| {
            Some(json!({
                "name": shown(&symbol.name), "kind": kind(symbol.kind),
                "location": context.location(project, symbol.span)?,
                "containerName": module.as_str(),
            }))
        }));
    }
    Ok(Value::Array(found))
}

pub fn prepare_calls(context: &Context, params: CallHierarchyPrepareParams) -> Answer<Value> {
    let at = params.text_document_position_params;
    let file = context.file(&at.text_document.uri)?;
    let def = callable(file.analysis(), file.id, context.offset(&file, at.position));
    Ok(json!(def.and_then(|def| item(context, &file, def)).map(|item| vec![item])))
}

fn item(context: &Context, file: &File, def: DefId) -> Option<CallHierarchyItem> {
    let of = &file.analysis().program.defs[def];
    let meaning = Meaning::Entity(eclexia_core::core::Entity::Def(def));
    let described = describe(file.analysis(), meaning);
    let location = context.location(file.project, of.span)?;
    Some(CallHierarchyItem {
        name: shown(&described.name).to_owned(),
        kind: kind(described.kind),
        tags: None,
        detail: Some(described.detail),
        uri: location.uri,
        range: context.location(file.project, of.form)?.range,
        selection_range: location.range,
        data: None,
    })
}

/// The definition that an item was made of.
fn of_item<'c>(context: &'c Context, item: &CallHierarchyItem) -> Answer<(File<'c>, DefId)> {
    let file = context.file(&item.uri)?;
    let offset = context.offset(&file, item.selection_range.start);
    let def = callable(file.analysis(), file.id, offset);
    def.map(|def| (file, def)).ok_or_else(Failure::modified)
}

pub fn incoming_calls(
    context: &Context,
    params: CallHierarchyIncomingCallsParams,
) -> Answer<Value> {
    let (file, def) = of_item(context, &params.item)?;
    let calls = incoming(file.analysis(), def);
    Ok(calls.iter().filter_map(|call| shown_call(context, &file, "from", call)).collect())
}

pub fn outgoing_calls(
    context: &Context,
    params: CallHierarchyOutgoingCallsParams,
) -> Answer<Value> {
    let (file, def) = of_item(context, &params.item)?;
    let calls = outgoing(file.analysis(), def);
    Ok(calls.iter().filter_map(|call| shown_call(context, &file, "to", call)).collect())
}

fn shown_call(context: &Context, file: &File, end: &str, call: &Caller) -> Option<Value> {
    let item = item(context, file, call.def)?;
    let range = |span: &Span| context.location(file.project, *span).map(|location| location.range);
    let ranges: Vec<_> = call.uses.iter().filter_map(range).collect();
    Some(json!({end: item, "fromRanges": ranges}))
}
