//! What mends a missing instance: deriving it on the type, or asking for it in the signature.

use super::fix::action;
use super::{Action, Site};
use crate::at::enclosing;
use crate::goto::form_around;
use crate::roles::word;
use eclexia_base::Span;
use eclexia_core::words::{Top, Word};
use eclexia_diag::{Diagnostic, Edit};
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// The constraint stands in the label, what to do with it in the help.
pub(super) fn instance(site: &Site, found: &Diagnostic, place: Span) -> Option<Action> {
    let label = &found.primary.as_ref()?.text;
    let constraint = label.rsplit_once("needs `")?.1.strip_suffix('`')?;
    let interface = constraint.strip_prefix('(')?.split(' ').next()?;
    let help = found.help.as_deref()?;
    if help.starts_with("derive it") {
        let name = help.split(" on `").nth(1)?.split('`').next()?;
        return derive(site, found, name, interface);
    }
    help.starts_with("add `:where").then(|| demand(site, found, place, constraint))?
}

fn derive(site: &Site, found: &Diagnostic, name: &str, interface: &str) -> Option<Action> {
    let program = &site.analysis.program;
    let own = program.types.values();
    let mut own =
        own.filter(|ty| ty.name == *name && site.analysis.modules.contains_key(&ty.span.file));
    let form = form_around(site.analysis, own.next()?.span);
    let tree = site.analysis.trees.get(&form.file)?;
    let root = *tree.roots.iter().find(|root| tree.span(**root) == form)?;
    let edit = listed(tree, root, "deriving", interface)?;
    Some(action(found, format!("derive `{interface}` on `{name}`"), vec![edit]))
}

fn demand(site: &Site, found: &Diagnostic, place: Span, constraint: &str) -> Option<Action> {
    let def = enclosing(site.analysis, place.file, place.start)?;
    let name = site.analysis.program.defs[def].name;
    let is_sig = |root: &&NodeId| {
        let second = site.tree.children(**root).get(1).map(|kid| site.tree.kind(*kid));
        word(site.tree, **root) == Some(Word::Top(Top::Sig))
            && second == Some(NodeKind::Symbol(name))
    };
    let root = *site.tree.roots.iter().find(is_sig)?;
    let edit = listed(site.tree, root, "where", constraint)?;
    Some(action(found, format!("add `{constraint}` to the signature"), vec![edit]))
}

/// An item at the end of the list behind `:key`, which is added where there is none.
fn listed(tree: &Tree, form: NodeId, key: &str, item: &str) -> Option<Edit> {
    let kids = tree.children(form);
    let is_key = |kid: &NodeId| matches!(tree.kind(*kid), NodeKind::Keyword(k) if k == key);
    let list = kids.iter().position(is_key).and_then(|at| kids.get(at + 1));
    match list {
        Some(list) => match tree.children(*list).last() {
            Some(last) => Some(Edit::insert(tree.span(*last).after(), format!(" {item}"))),
            None => Some(Edit::new(tree.span(*list), format!("[{item}]"))),
        },
        None => {
            let last = tree.span(*kids.last()?).after();
            Some(Edit::insert(last, format!(" :{key} [{item}]")))
        }
    }
}
