//! What mends a budget that is used twice: the first use gets a part of it, as much as it asks for,
//! and the others what is left. Only where both uses are certain to be reached, so that neither
//! part is lost.

use super::fix::action;
use super::{Action, Site, extract};
use crate::describe::{local_type, parameters};
use crate::names::{Meaning, Occurrence, Use, of_head};
use crate::place;
use crate::roles::{Role, along, word};
use crate::scope;
use eclexia_base::Span;
use eclexia_check::show_ty;
use eclexia_check::ty::{AmountTy, Ty, TyKind};
use eclexia_core::core::{DefKind, Entity};
use eclexia_core::words::{Special, Top, Word};
use eclexia_diag::{Diagnostic, Edit};
use eclexia_syntax::{NodeId, NodeKind};
use num_traits::{Signed, Zero};

/// A budget, and where it is used: the first place, and those after it.
struct Twice<'s> {
    site: &'s Site<'s>,
    name: &'s str,
    first: Span,
    again: Vec<Span>,
    /// The nodes down to the first use, and their roles.
    path: Vec<NodeId>,
    roles: Vec<Role>,
}

pub(super) fn split(site: &Site, found: &Diagnostic, place: Span) -> Option<Action> {
    let used = site.occurrence(place.start)?;
    let Meaning::Local(def, local) = used.meaning else { return None };
    let TyKind::Budget(Some(_)) = local_type(site.analysis, def, local)?.kind() else {
        return None;
    };
    let uses = site.occurrences.iter();
    let uses = uses.filter(|o| o.meaning == used.meaning && o.is == Use::Reference);
    let uses: Vec<Span> = uses.map(|o| o.span).collect();
    // The other use that is told of.
    let first = found.labels.iter().map(|label| label.span).find(|span| uses.contains(span))?;
    let again = uses.into_iter().filter(|span| span.start > first.start).collect();
    let path = place::path(site.tree, site.text, first.start);
    let roles = along(site.tree, &path);
    let name = place::text_of(site.text, first);
    let twice = Twice { site, name, first, again, path, roles };
    let (title, edits) = twice.of_rest(place).or_else(|| twice.of_part(place))?;
    Some(action(found, title, edits))
}

impl Twice<'_> {
    fn renamed(&self, name: &str) -> Vec<Edit> {
        self.again.iter().map(|span| Edit::new(*span, name)).collect()
    }

    /// The call that the first use is an argument of, and what it calls.
    fn call(&self) -> Option<(NodeId, Meaning)> {
        let list = *self.path.get(self.path.len().checked_sub(2)?)?;
        Some((list, of_head(&self.site.occurrences, self.site.tree, list)?))
    }

    /// Where the first use has named what it leaves, and nothing uses that: the other uses take it.
    fn of_rest(&self, place: Span) -> Option<(String, Vec<Edit>)> {
        let (list, called) = self.call()?;
        let Meaning::Entity(Entity::Def(def)) = called else { return None };
        let def = &self.site.analysis.program.defs[def];
        let [.., bindings, _, _] = self.path[..] else { return None };
        let kids = self.site.tree.children(bindings);
        let at = kids.iter().position(|kid| *kid == list)?;
        let pattern = *kids.get(at.checked_sub(1).filter(|at| at % 2 == 0)?)?;
        let node = match (def.name.as_str(), self.site.tree.children(pattern)) {
            _ if def.kind != DefKind::Builtin || !self.is_bindings(bindings) => return None,
            ("split", [_, _, rest]) => *rest,
            ("spend", []) => pattern,
            _ => return None,
        };
        let NodeKind::Symbol(rest) = self.site.tree.kind(node) else { return None };
        let span = self.site.tree.span(node);
        let seen = scope::locals(self.site.tree, self.site.text, place.start);
        let is_seen = seen.iter().any(|local| local.name == rest && local.span == span);
        let meaning = self.site.occurrence(span.start)?.meaning;
        let is_use = |o: &&Occurrence| o.meaning == meaning && o.is == Use::Reference;
        let is_free = !self.site.occurrences.iter().any(|o| is_use(&o));
        let title = format!("use `{rest}`, what is left of `{}`", self.name);
        (is_seen && is_free).then(|| (title, self.renamed(rest.as_str())))
    }

    fn is_bindings(&self, node: NodeId) -> bool {
        let at = self.path.iter().position(|own| *own == node);
        at.is_some_and(|at| self.roles[at] == Role::Bindings)
    }

    /// `(Pair part rest) (split b {…})` before the first use, which takes the part.
    fn of_part(&self, place: Span) -> Option<(String, Vec<Edit>)> {
        let amounts = self.asked()?;
        let site = self.site;
        let module = crate::names::module_of(site.analysis, place.file)?;
        let means = |name: &str| site.analysis.program.lookup(module, name);
        means("Pair")?;
        let Entity::Def(builtin) = means("split")? else { return None };
        if site.analysis.program.defs[builtin].kind != DefKind::Builtin {
            return None;
        }
        let (part, rest) = (extract::fresh(site, "part"), extract::fresh(site, "rest"));
        let pair = format!("(Pair {part} {rest}) (split {} {amounts})", self.name);
        let mut edits = self.bound(&pair, place)?;
        edits.push(Edit::new(self.first, part));
        edits.extend(self.renamed(&rest));
        edits.sort();
        Some((format!("split {amounts} off `{}` for its first use", self.name), edits))
    }

    /// The amounts that the first use asks for, as they are written.
    fn asked(&self) -> Option<String> {
        let (list, called) = self.call()?;
        let kids = self.site.tree.children(list).iter();
        let at = kids.skip(1).position(|kid| self.site.tree.span(*kid) == self.first)?;
        let params = parameters(self.site.analysis, called)?;
        let TyKind::Budget(Some(amounts)) = params.get(at)?.kind() else { return None };
        let mut least = Vec::new();
        for amount in amounts {
            let own = amount.vars.iter().map(|var| &var.factor * &var.least);
            let constant = own.fold(amount.constant.clone(), |sum, own| sum + own);
            if constant.is_positive() {
                least.push(AmountTy { constant, vars: Box::default(), ..amount.clone() });
            } else if !constant.is_zero() {
                return None;
            }
        }
        let is_none = least.is_empty();
        let budget = Ty::new(TyKind::Budget(Some(least.into())));
        let shown = show_ty(&self.site.analysis.program, budget);
        let written = shown.strip_prefix("(Budget ")?.strip_suffix(')')?;
        (!is_none).then(|| written.to_owned())
    }

    /// The edits that bind a pair where both uses see it: in the bindings that the first is in, or
    /// by a `let` around what holds both.
    fn bound(&self, pair: &str, place: Span) -> Option<Vec<Edit>> {
        let (site, first) = (self.site, &self.path[..]);
        let other = place::path(site.tree, site.text, place.start);
        let common = first.iter().zip(&other).take_while(|(a, b)| a == b).count();
        let at = common.checked_sub(1)?;
        let is_certain = |path: &[NodeId]| path.get(at..).is_some_and(|below| all_run(site, below));
        if !is_certain(first) || !is_certain(&other) {
            return None;
        }
        let index = |parent: NodeId, kid: &NodeId| {
            site.tree.children(parent).iter().position(|own| own == kid)
        };
        let below = self.roles.get(at + 1) == Some(&Role::Bindings);
        let bindings = if below { at + 1 } else { at };
        if self.roles[bindings] == Role::Bindings {
            let value = index(first[bindings], first.get(bindings + 1)?)?;
            let before = site.tree.children(first[bindings])[value / 2 * 2];
            let before = site.tree.span(before);
            let text = format!("{pair}\n{}", site.indent(before.start));
            return Some(vec![Edit::insert(before, text)]);
        }
        let holder = first[at];
        let kids = site.tree.children(holder);
        let is_let = word(site.tree, holder) == Some(Word::Special(Special::Let));
        // The first form of a body: the bindings above it may hold the pair.
        if is_let && kids.get(2) == first.get(at + 1) {
            let pairs = site.tree.children(*kids.get(1)?);
            let (name, last) = (pairs.iter().rev().nth(1)?, pairs.last()?);
            let indent = site.indent(site.tree.span(*name).start);
            let end = site.tree.span(*last).after();
            return Some(vec![Edit::insert(end, format!("\n{indent}{pair}"))]);
        }
        let has_body = matches!(
            word(site.tree, holder),
            Some(Word::Special(Special::Let | Special::Do) | Word::Top(Top::Defn | Top::Deftest))
        );
        let around = match has_body {
            true => {
                let from = site.tree.span(*first.get(at + 1)?);
                from.to(site.tree.span(*kids.last()?))
            }
            false if self.roles[at] == Role::Value => site.tree.span(holder),
            false => return None,
        };
        let open = format!("(let [{pair}]\n{}  ", site.indent(around.start));
        Some(vec![Edit::insert(around, open), Edit::insert(around.after(), ")")])
    }
}

/// Whether all that nodes lead through runs whenever the first does, once.
fn all_run(site: &Site, path: &[NodeId]) -> bool {
    path.iter().all(|node| match word(site.tree, *node) {
        Some(Word::Plain | Word::Qualified) => !extract::is_macro(site, *node),
        Some(Word::Special(special)) => {
            matches!(special, Special::Let | Special::Do | Special::The)
        }
        Some(Word::Top(top)) => matches!(top, Top::Defn | Top::Deftest),
        _ => true,
    })
}
