//! Signature help: what the call around an offset takes, and which argument is being written.

use crate::describe::{Kind, describe, type_of};
use crate::known::record_ctor;
use crate::names::{Meaning, occurrences_of, of_head};
use crate::place::{self, is_open, text_of};
use crate::roles::{Role, along, word};
use eclexia_base::FileId;
use eclexia_check::show_ty;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{CtorId, DefId, Entity, Pat, TypeDefKind};
use eclexia_core::words::{Special, Word};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind, Tree};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// `(area w: Float h: Float) → Float`
    pub label: String,
    pub doc: Option<String>,
    pub parameters: Vec<Parameter>,
    /// The parameter that is being written.
    pub active: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Bytes of the label.
    pub range: std::ops::Range<usize>,
    /// Of a record of options: its fields.
    pub doc: Option<String>,
}

/// The signatures of the call around an offset; a macro has one per pattern. Empty: no call.
pub fn signatures(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Signature> {
    let Some(tree) = analysis.trees.get(&file) else { return Vec::new() };
    let text = analysis.sources.text(file);
    let path = place::path(tree, text, offset);
    let roles = along(tree, &path);
    let is_call = |i: &usize| {
        let node = path[*i];
        let span = tree.span(node);
        let is_inside = span.start < offset && (offset < span.end || is_open(tree, text, node));
        tree.kind(node) == NodeKind::List
            && is_inside
            && matches!(roles[*i], Role::Value | Role::Form | Role::Template)
    };
    let Some(at) = (0..path.len()).rev().find(is_call) else { return Vec::new() };
    let list = path[at];
    let kids = tree.children(list);
    let before = kids.iter().filter(|kid| tree.span(**kid).end < offset).count();
    // The head itself is no argument; behind the last one the next begins.
    let argument = before.checked_sub(1).map(|n| n + threaded(tree, &path[..at], list));
    let called = of_head(&occurrences_of(analysis, tree, &path[..1]), tree, list);
    called.map(|called| of_meaning(analysis, called, argument)).unwrap_or_default()
}

/// How many arguments the form around a call puts before those that are written.
pub(crate) fn threaded(tree: &Tree, above: &[NodeId], list: NodeId) -> usize {
    let Some(outer) = above.last() else { return 0 };
    let is_first = tree.children(*outer).get(1) == Some(&list);
    let threads = matches!(
        word(tree, *outer),
        Some(Word::Special(Special::ThreadFirst | Special::ThreadSome))
    );
    usize::from(threads && !is_first)
}

fn of_meaning(analysis: &Analysis, meaning: Meaning, argument: Option<usize>) -> Vec<Signature> {
    let described = describe(analysis, meaning);
    match described.kind {
        Kind::Macro | Kind::Form => {
            let shapes = described.detail.lines().filter(|line| !line.is_empty());
            let doc = described.doc.clone();
            shapes.map(|shape| of_shape(shape, doc.clone(), argument)).collect()
        }
        Kind::Record => {
            let Meaning::Entity(Entity::Type(id)) = meaning else { return Vec::new() };
            let TypeDefKind::Record(ctor) = analysis.program.types[id].kind else {
                return Vec::new();
            };
            vec![Signature { doc: described.doc, ..of_record(analysis, ctor, argument) }]
        }
        _ => {
            let ty = type_of(analysis, meaning);
            let names = match meaning {
                Meaning::Entity(Entity::Def(def)) => parameter_names(analysis, def),
                _ => Vec::new(),
            };
            let made = ty.and_then(|ty| of_type(analysis, &described.name, &names, ty, argument));
            made.map(|made| Signature { doc: described.doc, ..made }).into_iter().collect()
        }
    }
}

/// The most fields that a label shows.
const MOST_FIELDS: usize = 8;

/// `(Point {:x Float := 0.0 :y Float})`
fn of_record(analysis: &Analysis, ctor: CtorId, argument: Option<usize>) -> Signature {
    let record = &analysis.program.ctors[ctor];
    let fields = (0..record.fields.len() as u32).map(|index| field(analysis, ctor, index));
    let mut shown: Vec<String> = fields.take(MOST_FIELDS).collect();
    if record.fields.len() > MOST_FIELDS {
        shown.push("…".to_owned());
    }
    let start = record.name.as_str().len() + 2;
    let label = format!("({} {{{}}})", record.name, shown.join(" "));
    let doc = Some(all_fields(analysis, ctor));
    let parameters = vec![Parameter { range: start..label.len() - 1, doc }];
    Signature { label, doc: None, parameters, active: argument.filter(|n| *n == 0) }
}

fn field(analysis: &Analysis, ctor: CtorId, index: u32) -> String {
    let described = describe(analysis, Meaning::Field(ctor, index));
    format!(":{} {}", described.name, described.detail)
}

fn all_fields(analysis: &Analysis, ctor: CtorId) -> String {
    let fields = 0..analysis.program.ctors[ctor].fields.len() as u32;
    fields.map(|index| field(analysis, ctor, index)).collect::<Vec<_>>().join("\n")
}

/// The parameters as they are written.
fn parameter_names(analysis: &Analysis, def: DefId) -> Vec<String> {
    let found = &analysis.program.defs[def];
    let (Some(body), Some(map)) = (&found.body, analysis.program.maps.get(def)) else {
        return Vec::new();
    };
    let name = |pat: &eclexia_core::core::PatId| match &body.pats[*pat] {
        Pat::Bind(local) => body.locals[*local].to_string(),
        _ => match map.pats.get(*pat) {
            Some(place) => text_of(analysis.sources.text(place.span.file), place.span).to_owned(),
            None => String::new(),
        },
    };
    body.params.iter().map(name).collect()
}

fn of_type(
    analysis: &Analysis,
    name: &str,
    names: &[String],
    ty: Ty,
    argument: Option<usize>,
) -> Option<Signature> {
    let (params, result) = match ty.kind() {
        TyKind::Fn(params, result) | TyKind::Fn1(params, result) => (params, *result),
        _ => return None,
    };
    let mut label = format!("({name}");
    let mut parameters = Vec::with_capacity(params.len());
    for (i, param) in params.iter().enumerate() {
        label.push(' ');
        let start = label.len();
        if let Some(name) = names.get(i).filter(|name| !name.is_empty()) {
            label.push_str(name);
            label.push_str(": ");
        }
        label.push_str(&show_ty(&analysis.program, *param));
        parameters.push(Parameter { range: start..label.len(), doc: options(analysis, *param) });
    }
    label.push_str(&format!(") → {}", show_ty(&analysis.program, result)));
    // What follows the last parameter is options of its record.
    let last = parameters.len().checked_sub(1);
    let has_options = parameters.last().is_some_and(|last| last.doc.is_some());
    let active = match (argument, last) {
        (Some(n), Some(last)) if n <= last || has_options => Some(n.min(last)),
        _ => None,
    };
    Some(Signature { label, doc: None, parameters, active })
}

/// The fields of a record that a call may give as `:key value`.
fn options(analysis: &Analysis, ty: Ty) -> Option<String> {
    let ctor = record_ctor(&analysis.program, ty)?;
    Some(all_fields(analysis, ctor))
}

/// `(unless c body ...)`: the parts of the shape are the parameters; the last of a repeated part
/// takes what follows.
fn of_shape(shape: &str, doc: Option<String>, argument: Option<usize>) -> Signature {
    let mut parameters: Vec<Parameter> = Vec::new();
    let (mut depth, mut start) = (0, None);
    for (at, c) in shape.char_indices().skip(1) {
        let is_end = c.is_whitespace() || c == ')';
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            _ if depth == 0 && is_end => {
                parameters
                    .extend(start.take().map(|from| Parameter { range: from..at, doc: None }));
                continue;
            }
            _ => {}
        }
        start = start.or(Some(at));
    }
    // The name is the first, and `...` belongs to what it repeats.
    let mut found: Vec<Parameter> = Vec::new();
    for parameter in parameters.into_iter().skip(1) {
        let is_dots = matches!(shape.get(parameter.range.clone()), Some("..." | "…"));
        match found.last_mut().filter(|_| is_dots) {
            Some(last) => last.range.end = parameter.range.end,
            None => found.push(parameter),
        }
    }
    let repeats = found.last().is_some_and(|last| {
        shape
            .get(last.range.clone())
            .is_some_and(|text| text.ends_with("...") || text.ends_with('…'))
    });
    let last = found.len().checked_sub(1);
    let active = match (argument, last) {
        (Some(n), Some(last)) if n <= last || repeats => Some(n.min(last)),
        _ => None,
    };
    Signature { label: shape.to_owned(), doc, parameters: found, active }
}
