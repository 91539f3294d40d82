//! Inlining a call: the function's body in its place, its parameters named by a `let`. Only where
//! that is the same program: the function is one of the file and does not call itself; its body is
//! one expression that leaves no function (`try`, `return`, `recur`); no name in it is a local's
//! where the call stands, and no argument names a parameter that the `let` has bound before.

use super::extract::is_by_place;
use super::inline::names_in;
use super::{Action, ActionKind, Site};
use crate::names::{Meaning, of_head};
use crate::roles::{Role, word};
use crate::scope;
use eclexia_base::Name;
use eclexia_core::core::{DefKind, Entity};
use eclexia_core::words::{Special, Top, Word, classify};
use eclexia_diag::Edit;
use eclexia_syntax::{NodeId, NodeKind};

pub(super) fn unfold(site: &Site) -> Option<Action> {
    let is_list = |at: &usize| site.tree.kind(site.path[*at]) == NodeKind::List;
    let at = (0..site.path.len()).rev().find(is_list)?;
    let call = site.path[at];
    let (head, args) = site.tree.children(call).split_first()?;
    let is_at_head = site.selection.start <= site.tree.span(*head).end;
    if site.roles[at] != Role::Value || !is_at_head || is_step(site, at) {
        return None;
    }
    let (name, params, body) = function(site, call)?;
    let fits = |arg: &NodeId| {
        !matches!(site.tree.kind(*arg), NodeKind::Keyword(_) | NodeKind::Borrow)
            && !is_by_place(site, *arg)
    };
    if args.len() != params.len() || !args.iter().all(fits) {
        return None;
    }
    let here = scope::locals(site.tree, site.text, site.tree.span(call).start);
    let stays = |found: &Name| {
        let leaves = [Special::Try, Special::Return, Special::Recur];
        let is_word = matches!(classify(found.as_str()), Word::Special(s) if leaves.contains(&s));
        let is_local = here.iter().any(|local| local.name == *found);
        !is_word && *found != name && (params.contains(found) || !is_local)
    };
    if !names_in(site, body).iter().all(stays) || has_long_text(site, body) {
        return None;
    }
    let mut pairs: Vec<(Name, &str)> = Vec::new();
    for (param, arg) in params.iter().zip(args) {
        let is_bound = |name: &Name| pairs.iter().any(|(bound, _)| bound == name);
        if names_in(site, *arg).iter().any(is_bound) {
            return None;
        }
        let text = site.text_of(*arg);
        if text != param.as_str() {
            pairs.push((*param, text));
        }
    }
    let edit = Edit::new(site.tree.span(call), written(site, call, &pairs, body));
    let title = format!("inline the call of `{name}`");
    Some(Action { title, kind: ActionKind::Inline, code: None, edits: vec![edit] })
}

/// Whether a node is a step of a threading form, which lacks an argument.
fn is_step(site: &Site, at: usize) -> bool {
    let parent = at.checked_sub(1).map(|at| site.path[at]);
    parent.is_some_and(|parent| {
        let is_first = site.tree.children(parent).get(1) == Some(&site.path[at]);
        let steps =
            [Special::ThreadFirst, Special::ThreadLast, Special::ThreadSome, Special::ThreadCond];
        matches!(word(site.tree, parent), Some(Word::Special(s)) if steps.contains(&s)) && !is_first
    })
}

/// Whether there is a text over several lines, which cannot be moved to another column.
fn has_long_text(site: &Site, node: NodeId) -> bool {
    let is_long = |node: NodeId| {
        matches!(site.tree.kind(node), NodeKind::Str(_)) && site.text_of(node).contains('\n')
    };
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if is_long(node) {
            return true;
        }
        open.extend(site.tree.children(node));
    }
    false
}

/// Name, parameters and body of the function that is called.
fn function(site: &Site, call: NodeId) -> Option<(Name, Vec<Name>, NodeId)> {
    let Meaning::Entity(Entity::Def(def)) = of_head(&site.occurrences, site.tree, call)? else {
        return None;
    };
    let definition = &site.analysis.program.defs[def];
    let root = site.tree.roots.iter().find(|root| site.tree.span(**root) == definition.form)?;
    let is_function = definition.kind == DefKind::Function
        && word(site.tree, *root) == Some(Word::Top(Top::Defn));
    let kids = site.tree.children(*root);
    let has_doc = kids.get(2).is_some_and(|kid| matches!(site.tree.kind(*kid), NodeKind::Str(_)));
    let [params, body] = kids.get(if has_doc { 3 } else { 2 }..)? else { return None };
    let name_of = |node: &NodeId| match site.tree.kind(*node) {
        NodeKind::Symbol(name) if classify(name.as_str()) == Word::Plain => Some(name),
        _ => None,
    };
    let params: Option<Vec<Name>> = site.tree.children(*params).iter().map(name_of).collect();
    is_function.then_some((definition.name, params?, *body))
}

/// The body, below a `let` where it needs one, its further lines moved with the first.
fn written(site: &Site, call: NodeId, pairs: &[(Name, &str)], body: NodeId) -> String {
    let column = site.indent(site.tree.span(call).start);
    let inner = if pairs.is_empty() { column.clone() } else { format!("{column}  ") };
    let before = site.indent(site.tree.span(body).start);
    let text = site.text_of(body);
    let moved: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(i, line)| match i {
            0 => line.to_owned(),
            _ => format!("{inner}{}", line.strip_prefix(&before).unwrap_or(line.trim_start())),
        })
        .collect();
    let body = moved.join("\n");
    if pairs.is_empty() {
        return body;
    }
    let named: Vec<String> = pairs.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let gap = format!("\n{column}      ");
    format!("(let [{}]\n{inner}{body})", named.join(&gap))
}
