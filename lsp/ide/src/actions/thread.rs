//! Threading: calls one inside the other as steps one after the other, and back. `->` is sugar by
//! position alone, so both ways are the same program; the order of evaluation is the order of the
//! text only where the other arguments have no effects of their own, which is why it is offered and
//! not done.

use super::{Action, ActionKind, Site};
use crate::names::Meaning;
use crate::roles::{Role, word};
use eclexia_core::core::Entity;
use eclexia_core::words::{Special, Word};
use eclexia_diag::Edit;
use eclexia_syntax::{NodeId, NodeKind};

pub(super) fn thread(site: &Site) -> Vec<Action> {
    let mut at = (0..site.path.len()).rev();
    let Some(list) = at
        .find(|at| {
            site.tree.kind(site.path[*at]) == NodeKind::List && site.roles[*at] == Role::Value
        })
        .map(|at| site.path[at])
    else {
        return Vec::new();
    };
    let made = match word(site.tree, list) {
        Some(Word::Special(Special::ThreadFirst)) => unwound(site, list, true),
        Some(Word::Special(Special::ThreadLast)) => unwound(site, list, false),
        _ => threaded(site, list),
    };
    let one = |(title, text): (&str, String)| Action {
        title: title.to_owned(),
        kind: ActionKind::Rewrite,
        code: None,
        edits: vec![Edit::new(site.tree.span(list), text)],
    };
    made.map(one).into_iter().collect()
}

/// `(g (f x a) b)` as `(-> x (f a) (g b))`, from the call at the cursor inwards.
fn threaded(site: &Site, list: NodeId) -> Option<(&'static str, String)> {
    let macros = macro_heads(site);
    let mut steps: Vec<String> = Vec::new();
    let mut at = list;
    while is_call(site, at, &macros) {
        let kids = site.tree.children(at);
        let Some(first) = kids.get(1) else { break };
        let head = site.text_of(kids[0]);
        let rest: String =
            kids.iter().skip(2).map(|kid| format!(" {}", site.text_of(*kid))).collect();
        steps.push(if rest.is_empty() { head.to_owned() } else { format!("({head}{rest})") });
        at = *first;
    }
    if steps.len() < 2 {
        return None;
    }
    steps.reverse();
    Some(("thread with `->`", format!("(-> {} {})", site.text_of(at), steps.join(" "))))
}

/// Whether a node is a call by a name that is no form and no macro.
fn is_call(site: &Site, node: NodeId, macros: &[u32]) -> bool {
    let head = site.tree.children(node).first();
    matches!(word(site.tree, node), Some(Word::Plain | Word::Qualified | Word::Field))
        && head.is_some_and(|head| !macros.contains(&site.tree.span(*head).end))
}

/// Where the names of macros end.
fn macro_heads(site: &Site) -> Vec<u32> {
    let is_macro = |m: Meaning| matches!(m, Meaning::Entity(Entity::Macro(_)));
    site.occurrences.iter().filter(|o| is_macro(o.meaning)).map(|o| o.span.end).collect()
}

/// `(-> x (f a) g)` as `(g (f x a))`.
fn unwound(site: &Site, list: NodeId, is_first: bool) -> Option<(&'static str, String)> {
    let kids = site.tree.children(list);
    let (value, steps) = kids.get(1..)?.split_first()?;
    if steps.is_empty() {
        return None;
    }
    let mut text = site.text_of(*value).to_owned();
    for step in steps {
        let parts = site.tree.children(*step);
        text = match (site.tree.kind(*step), parts.first()) {
            (NodeKind::List, Some(head)) => {
                let rest: Vec<&str> = parts[1..].iter().map(|part| site.text_of(*part)).collect();
                let mut all = vec![site.text_of(*head)];
                match is_first {
                    true => {
                        all.push(&text);
                        all.extend(rest);
                    }
                    false => {
                        all.extend(rest);
                        all.push(&text);
                    }
                }
                format!("({})", all.join(" "))
            }
            (NodeKind::List, None) => return None,
            _ => format!("({} {text})", site.text_of(*step)),
        };
    }
    Some((if is_first { "unwind `->`" } else { "unwind `->>`" }, text))
}
