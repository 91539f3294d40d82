//! Extraction: a selected expression gets a name, by a `let` around what it stands in, or as a
//! function of the locals that it uses.
//!
//! A `let` goes around the largest expression in which the selected one is certainly evaluated:
//! through the arguments of calls, vectors, maps and threading, but not out of a branch, a function
//! or a sequence, so that nothing is evaluated that was not.

use super::{Action, ActionKind, Site};
use crate::at::{definitions_at, expressions_at};
use crate::describe::local_type;
use crate::names::{Meaning, Use, of_head};
use crate::roles::{Role, word};
use crate::written::written;
use eclexia_base::{Name, Span};
use eclexia_check::show_ty;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{DefId, Entity};
use eclexia_core::words::{Special, Top, Word};
use eclexia_diag::Edit;
use eclexia_syntax::{NodeId, NodeKind};

pub(super) fn extract(site: &Site) -> Vec<Action> {
    let Some(at) = site.selected() else { return Vec::new() };
    let node = site.path[at];
    let is_value = site.roles[at] == Role::Value;
    let parent = at.checked_sub(1).map(|at| site.path[at]);
    let is_head = parent.is_some_and(|parent| {
        site.tree.kind(parent) == NodeKind::List
            && site.tree.children(parent).first() == Some(&node)
    });
    let is_key = matches!(site.tree.kind(node), NodeKind::Keyword(_));
    let is_part = is_head || is_key || is_step(site, at) || is_in_brackets_of_macro(site, at);
    if !is_value || is_part || is_by_place(site, node) {
        return Vec::new();
    }
    let mut actions = Vec::new();
    actions.extend(to_let(site, at));
    actions.extend(to_function(site, at));
    actions
}

/// Whether a literal means what it does by its place alone: a record is known by what is wanted
/// there, a whole number may stand for a Float.
pub(super) fn is_by_place(site: &Site, node: NodeId) -> bool {
    let span = site.tree.span(node);
    let found = expressions_at(site.analysis, span).next();
    match (site.tree.kind(node), found) {
        (NodeKind::Map, Some((def, e))) => {
            let ty = crate::hover::type_of(site.analysis, def, e);
            let head = ty.and_then(eclexia_check::head_type);
            let name = head.and_then(|head| site.analysis.program.types.get(head));
            name.is_none_or(|ty| ty.name != "Map")
        }
        (NodeKind::Int(_), Some((def, e))) => {
            let facts = site.analysis.typed.facts.get(def);
            facts.is_none_or(|facts| facts.int_as_float.contains_key(&e))
        }
        (NodeKind::Map | NodeKind::Int(_), None) => true,
        _ => false,
    }
}

/// Whether brackets that a macro takes apart are around a node, or are it: what stands in them may
/// be no expression.
fn is_in_brackets_of_macro(site: &Site, at: usize) -> bool {
    let mut pairs = site.path.windows(2).take(at);
    pairs.any(|pair| {
        let is_braces = matches!(site.tree.kind(pair[1]), NodeKind::Vector | NodeKind::Map);
        is_braces && site.tree.kind(pair[0]) == NodeKind::List && is_macro(site, pair[0])
    })
}

/// Whether a node is a step of a threading form, which is no expression of its own.
fn is_step(site: &Site, at: usize) -> bool {
    let Some(parent) = at.checked_sub(1).map(|at| site.path[at]) else { return false };
    let threads = is_threading(site, parent);
    threads && site.tree.children(parent).get(1) != Some(&site.path[at])
}

fn is_threading(site: &Site, node: NodeId) -> bool {
    matches!(
        word(site.tree, node),
        Some(Word::Special(
            Special::ThreadFirst
                | Special::ThreadLast
                | Special::ThreadAs
                | Special::ThreadSome
                | Special::ThreadCond
        ))
    )
}

/// Whether all children of a node are evaluated whenever it is.
fn evaluates_all(site: &Site, at: usize) -> bool {
    let node = site.path[at];
    if site.roles[at] != Role::Value {
        return false;
    }
    match site.tree.kind(node) {
        NodeKind::Vector | NodeKind::Map => true,
        NodeKind::List => match word(site.tree, node) {
            Some(Word::Special(special)) => matches!(
                special,
                Special::The | Special::ThreadFirst | Special::ThreadLast | Special::WithFields
            ),
            Some(Word::Top(_)) => false,
            _ => !is_macro(site, node),
        },
        _ => false,
    }
}

pub(super) fn is_macro(site: &Site, list: NodeId) -> bool {
    let Some(head) = site.tree.children(list).first() else { return false };
    let called = of_head(&site.occurrences, site.tree, list);
    // What is not known may be one.
    matches!(called, None | Some(Meaning::Entity(Entity::Macro(_))))
        && matches!(site.tree.kind(*head), NodeKind::Symbol(_))
}

/// A name that stands nowhere in the form: `value`, `value2`, …
pub(super) fn fresh(site: &Site, base: &str) -> String {
    let mut taken: Vec<Name> = Vec::new();
    for node in (0..site.tree.len()).map(|i| NodeId(i as u32)) {
        if let NodeKind::Symbol(name) = site.tree.kind(node) {
            taken.push(name);
        }
    }
    let known = |name: &str| taken.contains(&Name::new(name));
    if !known(base) {
        return base.to_owned();
    }
    let mut names = (2..).map(|n| format!("{base}{n}"));
    names.find(|name| !known(name)).unwrap_or_else(|| base.to_owned())
}

fn to_let(site: &Site, at: usize) -> Option<Action> {
    let mut around = at;
    while let Some(parent) = around.checked_sub(1) {
        if !evaluates_all(site, parent) {
            break;
        }
        around = parent;
    }
    // Around itself a name says nothing.
    if around == at || is_step(site, around) || site.roles[around] != Role::Value {
        return None;
    }
    let (inner, outer) = (site.tree.span(site.path[at]), site.tree.span(site.path[around]));
    let name = fresh(site, "value");
    let open =
        format!("(let [{name} {}]\n{}  ", site.text_of(site.path[at]), site.indent(outer.start));
    let mut edits = vec![
        Edit::insert(outer, open),
        Edit::insert(outer.after(), ")"),
        Edit::new(inner, name.clone()),
    ];
    edits.sort();
    Some(Action {
        title: format!("extract into a `let` as `{name}`"),
        kind: ActionKind::Extract,
        code: None,
        edits,
    })
}

fn to_function(site: &Site, at: usize) -> Option<Action> {
    let root = *site.path.first()?;
    let is_definition = matches!(
        word(site.tree, root),
        Some(Word::Top(Top::Def | Top::Defn | Top::Deftest | Top::Implement))
    );
    let node = site.path[at];
    if !is_definition || leaves(site, node) {
        return None;
    }
    let span = site.tree.span(node);
    let params = free_locals(site, span)?;
    let name = fresh(site, "extracted");
    let sig = signature(site, &name, node, &params)?;
    let names = params.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ");
    let call = if names.is_empty() { format!("({name})") } else { format!("({name} {names})") };
    let body = site.text_of(node);
    let before = above(site, root);
    let edits = vec![
        Edit::insert(before, format!("{sig}(defn {name} [{names}]\n  {body})\n\n")),
        Edit::new(span, call),
    ];
    Some(Action {
        title: format!("extract into a function `{name}`"),
        kind: ActionKind::Extract,
        code: None,
        edits,
    })
}

/// The `sig` of the function: empty where its type has variables, which inference finds. `None`:
/// what it would take is linear, or costs or amounts are proved of it.
fn signature(
    site: &Site,
    name: &str,
    node: NodeId,
    params: &[(Name, Option<Ty>)],
) -> Option<String> {
    let span = site.tree.span(node);
    let module = crate::names::module_of(site.analysis, span.file)?;
    let defs = definitions_at(site.analysis, module, span.file, span.start);
    let program = &site.analysis.program;
    // What is proved of costs and amounts is proved of code in one piece.
    let mut own = program.modules[module].defs.iter();
    let has_costs = own.any(|def| program.defs[*def].cost.is_some());
    if has_costs || defs.into_iter().any(|def| is_amount(site, def, span)) {
        return None;
    }
    let mut found = expressions_at(site.analysis, span);
    let result = found.find_map(|(def, e)| crate::hover::type_of(site.analysis, def, e));
    let types: Option<Vec<Ty>> = params.iter().map(|(_, ty)| *ty).chain([result]).collect();
    let mut types = types?;
    if types.iter().any(|ty| site.analysis.typed.is_linear_type(*ty)) {
        return None;
    }
    let result = types.pop()?;
    let ty = Ty::new(TyKind::Fn(types.into(), result));
    if ty.has_vars() {
        return Some(String::new());
    }
    let shown = written(site.analysis, module, ty, &show_ty(program, ty));
    Some(shown.map(|shown| format!("(sig {name} {shown})\n")).unwrap_or_default())
}

/// Whether a place overlaps the amounts of an operation on budgets.
fn is_amount(site: &Site, def: DefId, span: Span) -> bool {
    let facts = site.analysis.typed.facts.get(def);
    let map = site.analysis.program.maps.get(def);
    let (Some(facts), Some(map)) = (facts, map) else { return false };
    facts.amounts.keys().filter_map(|e| map.exprs.get(*e)).any(|place| {
        let own = place.span;
        own.file == span.file && own.start <= span.end && span.start <= own.end
    })
}

/// The form, or the `sig` above it.
fn above(site: &Site, root: NodeId) -> Span {
    let at = site.tree.roots.iter().position(|own| *own == root);
    let before = at.and_then(|at| site.tree.roots.get(at.checked_sub(1)?));
    match before.filter(|before| word(site.tree, **before) == Some(Word::Top(Top::Sig))) {
        Some(sig) => site.tree.span(*sig),
        None => site.tree.span(root),
    }
}

/// Whether part of an expression leaves the function around it, or borrows: in another function it
/// would mean something else.
fn leaves(site: &Site, node: NodeId) -> bool {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        let special = match word(site.tree, node) {
            Some(Word::Special(special)) => Some(special),
            _ => None,
        };
        let is_jump = matches!(special, Some(Special::Recur | Special::Return | Special::Try));
        if is_jump || site.tree.kind(node) == NodeKind::Borrow {
            return true;
        }
        open.extend(site.tree.children(node));
    }
    false
}

/// The locals that an expression uses and does not bind, with their types, in the order of their
/// first use. `None`:
/// it has a name that core does not know of, which may be a local.
fn free_locals(site: &Site, span: Span) -> Option<Vec<(Name, Option<Ty>)>> {
    let found = &site.occurrences;
    let inside = |own: Span| span.start <= own.start && own.end <= span.end;
    let mut bound = Vec::new();
    let mut free: Vec<(Name, Option<Ty>)> = Vec::new();
    for o in found.iter().filter(|o| inside(o.span)) {
        let Meaning::Local(def, local) = o.meaning else { continue };
        if o.is == Use::Definition {
            bound.push(o.meaning);
        } else if !bound.contains(&o.meaning) {
            let name = Name::new(crate::place::text_of(site.text, o.span));
            if !free.iter().any(|(known, _)| *known == name) {
                free.push((name, local_type(site.analysis, def, local)));
            }
        }
    }
    let is_known = |node: NodeId| {
        let own = site.tree.span(node);
        !inside(own) || found.iter().any(|o| o.span.end == own.end)
    };
    let locals = crate::scope::locals(site.tree, site.text, span.start);
    let mut symbols = (0..site.tree.len()).map(|i| NodeId(i as u32)).filter_map(|node| match site
        .tree
        .kind(node)
    {
        NodeKind::Symbol(name) => Some((node, name)),
        _ => None,
    });
    let is_unknown = symbols
        .any(|(node, name)| !is_known(node) && locals.iter().any(|local| local.name == name));
    (!is_unknown).then_some(free)
}
