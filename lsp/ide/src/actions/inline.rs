//! Inlining: a name that a `let` gives is replaced by its value. Only where that is the same: the
//! value is a name or literal, or is used once and not inside a function or a repetition; and no
//! name of the value means something else at the use. The value is then computed where it is used:
//! what it prints, it prints there.

use super::{Action, ActionKind, Site};
use crate::names::{Meaning, Use};
use crate::place;
use crate::references::everywhere;
use crate::roles::{Role, along, word};
use crate::scope;
use eclexia_base::{Name, Span};
use eclexia_core::words::{Special, Word};
use eclexia_diag::Edit;
use eclexia_syntax::{NodeId, NodeKind};

pub(super) fn inline(site: &Site) -> Option<Action> {
    let found = site.occurrence(site.selection.start)?;
    if !matches!(found.meaning, Meaning::Local(..)) {
        return None;
    }
    let all = everywhere(site.analysis, found.meaning);
    let binder = all.iter().find(|o| o.is == Use::Definition)?.span;
    let uses: Vec<Span> = all.iter().filter(|o| o.is == Use::Reference).map(|o| o.span).collect();
    let (form, bindings, index) = binding(site, binder)?;
    let pairs = site.tree.children(bindings);
    let value = *pairs.get(index + 1)?;
    if uses.is_empty() || !may_move(site, value, &uses, form) {
        return None;
    }
    let text = site.text_of(value);
    let mut edits: Vec<Edit> = uses.iter().map(|span| Edit::new(*span, text)).collect();
    edits.extend(without(site, form, bindings, index)?);
    edits.sort();
    let name = place::text_of(site.text, binder);
    let title = format!("inline `{name}`");
    Some(Action { title, kind: ActionKind::Inline, code: None, edits })
}

/// The `let` of a binder that is a bare name, its vector, and the position in it.
fn binding(site: &Site, binder: Span) -> Option<(NodeId, NodeId, usize)> {
    let path = place::path(site.tree, site.text, binder.start);
    let roles = along(site.tree, &path);
    let [.., form, bindings, name] = path.as_slice() else { return None };
    let is_bindings = roles.get(roles.len().checked_sub(2)?) == Some(&Role::Bindings);
    let is_let = word(site.tree, *form) == Some(Word::Special(Special::Let));
    let index = site.tree.children(*bindings).iter().position(|kid| kid == name)?;
    (is_bindings && is_let && index % 2 == 0).then_some((*form, *bindings, index))
}

fn may_move(site: &Site, value: NodeId, uses: &[Span], form: NodeId) -> bool {
    let is_atom = site.tree.children(value).is_empty()
        && !matches!(site.tree.kind(value), NodeKind::Error | NodeKind::Borrow);
    let is_once = uses.len() == 1 && uses.iter().all(|at| !is_repeated(site, *at, form));
    let start = site.tree.span(value).start;
    let here = scope::locals(site.tree, site.text, start);
    let same = |at: &Span| {
        let there = scope::locals(site.tree, site.text, at.start);
        let of = |all: &[scope::Local], name| {
            all.iter().find(|local| local.name == name).map(|local| local.span)
        };
        names_in(site, value).into_iter().all(|name| of(&here, name) == of(&there, name))
    };
    (is_atom || is_once) && uses.iter().all(same)
}

/// Whether a place is inside a function or repetition within the form.
fn is_repeated(site: &Site, at: Span, form: NodeId) -> bool {
    let path = place::path(site.tree, site.text, at.start);
    let inner = path.into_iter().skip_while(|node| *node != form).skip(1);
    inner.into_iter().any(|node| {
        matches!(
            word(site.tree, node),
            Some(Word::Special(Special::Fn | Special::Loop | Special::For | Special::Times))
        )
    })
}

pub(super) fn names_in(site: &Site, node: NodeId) -> Vec<Name> {
    let mut names = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if let NodeKind::Symbol(name) = site.tree.kind(node) {
            names.push(name);
        }
        open.extend(site.tree.children(node));
    }
    names
}

/// The edits that take the pair out; a `let` of nothing else is its body.
fn without(site: &Site, form: NodeId, bindings: NodeId, index: usize) -> Option<Vec<Edit>> {
    let pairs = site.tree.children(bindings);
    let span = |node: NodeId| site.tree.span(node);
    if pairs.len() > 2 {
        let (name, value) = (span(pairs[index]), span(pairs[index + 1]));
        let gone = match (pairs.get(index + 2), index.checked_sub(1).map(|at| pairs[at])) {
            (Some(next), _) => Span { end: span(*next).start, ..name },
            (None, Some(before)) => Span { start: span(before).end, ..value },
            (None, None) => return None,
        };
        return Some(vec![Edit::new(gone, "")]);
    }
    let body = site.tree.children(form).get(2..)?;
    let whole = span(form);
    if let [only] = body {
        let head = Span { end: span(*only).start, ..whole };
        let tail = Span { start: span(*only).end, ..whole };
        return Some(vec![Edit::new(head, ""), Edit::new(tail, "")]);
    }
    let head = Span { end: span(bindings).end, ..whole };
    Some(vec![Edit::new(head, "(do")])
}
