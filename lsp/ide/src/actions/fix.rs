//! What mends a diagnostic: the edits that it brings itself, and those that need the program:
//! fields and methods that are missing, imports.

use super::{Action, ActionKind, Site};
use crate::at::expressions_at;
use crate::complete::exporting;
use crate::names::module_of;
use crate::place::is_bracket;
use eclexia_base::{FileId, Name, Span};
use eclexia_check::show_ty;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_check::typed::{FieldValue, RecordFact};
use eclexia_core::core::{Program, TypeDefKind, TypeKind};
use eclexia_core::import_edit;
use eclexia_core::words::split_qualified;
use eclexia_diag::edit::together;
use eclexia_diag::{Diagnostic, Diagnostics, Edit, Fix};
use eclexia_syntax::{NodeId, NodeKind};

pub(super) fn fixes(site: &Site, more: &Diagnostics) -> Vec<Action> {
    let overlaps = |span: Span| {
        span.file == site.selection.file
            && span.start <= site.selection.end
            && site.selection.start <= span.end
    };
    let mut actions = Vec::new();
    for found in site.analysis.found.iter().chain(more.iter()) {
        let Some(place) = found.primary.as_ref().map(|label| label.span) else { continue };
        if !overlaps(place) {
            continue;
        }
        for fix in &found.fixes {
            let edits = fix.edits.iter().map(|edit| on_its_line(site, edit)).collect();
            actions.push(action(found, fix.title.clone(), edits));
        }
        match found.code {
            "missing-instance" => {
                actions.extend(super::instance::instance(site, found, place));
            }
            "consumed-twice" => actions.extend(super::split::split(site, found, place)),
            "missing-field" => actions.extend(missing_fields(site, found, place)),
            "missing-instance-method" => actions.extend(missing_methods(site, found, place)),
            "unknown-name" | "unknown-module" | "unknown-type" | "unknown-constructor" => {
                actions.extend(imports(site, found, place));
            }
            _ => {}
        }
    }
    actions
}

/// All that warnings suggest for a file, where each suggests one thing: `eclexia check --fix`. A
/// fix that overlaps one before it waits for the next time.
pub fn fix_all(found: &Diagnostics, file: FileId) -> Option<Action> {
    let is_own = |fix: &&Fix| fix.edits.iter().all(|edit| edit.span.file == file);
    let fixes = together(found.iter().filter_map(Diagnostic::only_fix).filter(is_own));
    let mut edits: Vec<Edit> = fixes.into_iter().flat_map(|fix| fix.edits.clone()).collect();
    edits.sort();
    (!edits.is_empty()).then(|| Action {
        title: "fix all that is written for nothing".to_owned(),
        kind: ActionKind::FixAll,
        code: None,
        edits,
    })
}

pub(super) fn action(found: &Diagnostic, title: String, edits: Vec<Edit>) -> Action {
    Action { title, kind: ActionKind::Fix, code: Some(found.code), edits }
}

/// A form put before or behind one that begins its line stands on a line of its own.
fn on_its_line(site: &Site, edit: &Edit) -> Edit {
    let at = edit.span.start;
    let (form, start) = match (edit.text.strip_suffix(' '), edit.text.strip_prefix(' ')) {
        (Some(form), _) => (form, Some(at)),
        (None, Some(form)) => (form, start_of(site, at)),
        (None, None) => return edit.clone(),
    };
    let begins_line = |start: &u32| {
        let before = site.text.get(..*start as usize).unwrap_or_default();
        before.rfind('\n').is_some_and(|end| before[end..].trim().is_empty())
    };
    match start.filter(|_| edit.span.range().is_empty()).filter(begins_line) {
        Some(start) if start == at => {
            Edit::new(edit.span, format!("{form}\n{}", site.indent(start)))
        }
        Some(start) => Edit::new(edit.span, format!("\n{}{form}", site.indent(start))),
        None => edit.clone(),
    }
}

/// Where the form begins that ends at an offset.
fn start_of(site: &Site, end: u32) -> Option<u32> {
    let path = crate::place::path(site.tree, site.text, end.checked_sub(1)?);
    let spans = path.into_iter().map(|node| site.tree.span(node));
    spans.filter(|span| span.end == end).map(|span| span.start).min()
}

/// The node of exactly this span.
fn node_at(site: &Site, span: Span) -> Option<NodeId> {
    let path = crate::place::path(site.tree, site.text, span.start);
    path.into_iter().find(|node| site.tree.span(*node) == span)
}

/// A text as the last child of a node, on a line of its own where the others stand on theirs.
fn append(site: &Site, node: NodeId, text: &str) -> Edit {
    let kids = site.tree.children(node);
    let span = site.tree.span(node);
    let Some(last) = kids.last().map(|last| site.tree.span(*last)) else {
        let inside = Span { start: span.start + 1, end: span.start + 1, ..span };
        return Edit::new(inside, text);
    };
    let line = site.text.get(..last.start as usize).unwrap_or("");
    let line = line.rfind('\n').map_or("", |at| &line[at..]);
    // A map's pairs stand two on a line.
    let is_first = line.starts_with('\n') && line.trim().is_empty();
    let pair = kids.len().checked_sub(2).and_then(|at| kids.get(at));
    let start = pair.map(|key| site.tree.span(*key).start).unwrap_or(last.start);
    let before = site.text.get(..start as usize).unwrap_or("");
    let own_line = before.rfind('\n').is_some_and(|at| before[at..].trim().is_empty());
    let text = match (site.tree.kind(node), is_first, own_line) {
        (NodeKind::Map, _, true) => format!("\n{}{text}", site.indent(start)),
        (NodeKind::Map, ..) | (_, false, _) => format!(" {text}"),
        (_, true, _) => format!("\n{}{text}", site.indent(last.start)),
    };
    Edit::insert(last.after(), text)
}

/// The fields that a record lacks, with values of their types.
fn missing_fields(site: &Site, found: &Diagnostic, place: Span) -> Option<Action> {
    let (def, e) = expressions_at(site.analysis, place).next()?;
    let facts = site.analysis.typed.facts.get(def)?;
    let called = || facts.calls.get(&e).map(|call| &call.record);
    let fact: &RecordFact = facts.records.get(&e).or_else(called)?;
    let program = &site.analysis.program;
    let types = site.analysis.typed.field_types(fact.ctor);
    let given = fact.fields.iter().zip(&program.ctors[fact.ctor].fields).zip(types);
    let missing = given.filter(|((value, _), _)| **value == FieldValue::Missing);
    let fields: Vec<String> = missing
        .filter_map(|((_, field), ty)| Some(format!(":{} {}", field.name?, value_of(program, *ty))))
        .collect();
    if fields.is_empty() {
        return None;
    }
    let node = node_at(site, place).filter(|node| is_bracket(site.tree, *node))?;
    let title = format!("add {}", fields.join(" "));
    Some(action(found, title, vec![append(site, node, &fields.join(" "))]))
}

/// A value of a type, to be replaced by the right one.
fn value_of(program: &Program, ty: Ty) -> String {
    let unknown = || "(abort \"to be given\")".to_owned();
    match ty.kind() {
        TyKind::Q(unit) if unit.vars.is_empty() => match show_ty(program, ty).as_str() {
            "Float" => "0.0".to_owned(),
            shown => match shown.strip_prefix("(Q ").and_then(|u| u.strip_suffix(')')) {
                Some(unit) => format!("0{unit}"),
                None => unknown(),
            },
        },
        TyKind::Con(id, _) => match program.types[*id].name.as_str() {
            "Int" => "0".to_owned(),
            "String" => "\"\"".to_owned(),
            "Bool" => "false".to_owned(),
            "Unit" => "unit".to_owned(),
            "Option" => "None".to_owned(),
            "List" => "Nil".to_owned(),
            "Vector" => "[]".to_owned(),
            "Map" => "{}".to_owned(),
            _ => match &program.types[*id].kind {
                TypeDefKind::Data(ctors) => ctors
                    .iter()
                    .map(|ctor| &program.ctors[*ctor])
                    .find(|ctor| ctor.fields.is_empty())
                    .map_or_else(unknown, |ctor| ctor.name.to_string()),
                _ => unknown(),
            },
        },
        _ => unknown(),
    }
}

/// The methods that an `implement` lacks, each ending the program.
fn missing_methods(site: &Site, found: &Diagnostic, place: Span) -> Option<Action> {
    let program = &site.analysis.program;
    let mut instances = program.instances.values();
    let instance = instances.find(|instance| {
        let span = instance.span;
        span.file == place.file && span.start <= place.start && place.end <= span.end
    })?;
    let methods = &program.interfaces[instance.interface].methods;
    let missing = methods.iter().zip(&instance.methods);
    let missing = missing.filter(|(method, own)| method.default.is_none() && own.is_none());
    let written: Vec<String> = missing
        .map(|(method, _)| match &method.sig.ty.kind {
            TypeKind::Fn(params, _) | TypeKind::Fn1(params, _) => {
                let names = ["a", "b", "c", "d", "e", "f"].iter().copied().cycle();
                let names: Vec<&str> = names.take(params.len().min(6)).collect();
                let names = names.join(" ");
                format!("(defn {} [{names}] (abort \"not written\"))", method.name)
            }
            _ => format!("(def {} (abort \"not written\"))", method.name),
        })
        .collect();
    let node = node_at(site, instance.span)?;
    let indent = format!("\n{}  ", site.indent(instance.span.start));
    let text: String = written.iter().map(|method| format!("{indent}{method}")).collect();
    let last = site.tree.span(*site.tree.children(node).last()?);
    let names: Vec<&str> = written.iter().filter_map(|m| m.split(' ').nth(1)).collect();
    let title = format!("add {}", names.join(", "));
    Some(action(found, title, vec![Edit::insert(last.after(), text)]))
}

/// The modules that a name could be of: it is qualified, and where they are the project's imported.
fn imports(site: &Site, found: &Diagnostic, place: Span) -> Vec<Action> {
    let Some(module) = module_of(site.analysis, place.file) else { return Vec::new() };
    let written = crate::place::text_of(site.text, place);
    let (prefix, name) = match split_qualified(Name::new(written)) {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, Name::new(written)),
    };
    let mut actions = Vec::new();
    for (part, import) in exporting(site.analysis, module, name) {
        if prefix.is_some_and(|prefix| *prefix.as_str() != *part) {
            continue;
        }
        let qualified = format!("{part}/{name}");
        let mut edits = Vec::new();
        if prefix.is_none() {
            edits.push(Edit::new(place, qualified.clone()));
        }
        let title = match &import {
            Some(import) => {
                edits.push(import_edit(site.tree, import));
                format!("write `{qualified}` and `{import}`")
            }
            None => format!("write `{qualified}`"),
        };
        if !edits.is_empty() {
            actions.push(action(found, title, edits));
        }
    }
    actions
}
