//! Actions: edits that are offered for a place. Those that mend a diagnostic are in [`fix`]; those
//! that say the same program otherwise in [`extract`], [`inline`], [`unfold`] and [`thread`]. Each
//! keeps what the program means, or says in its title what it adds.

mod extract;
mod fix;
mod inline;
mod instance;
mod split;
mod thread;
mod unfold;

pub use fix::fix_all;

use crate::names::{self, Meaning, Occurrence, Use, occurrences_of};
use crate::place;
use crate::roles::{Role, along};
use crate::written::written;
use eclexia_base::Span;
use eclexia_check::show_scheme;
use eclexia_check::ty::Ty;
use eclexia_core::core::{DefKind, Entity};
use eclexia_db::Analysis;
use eclexia_diag::{Diagnostics, Edit};
use eclexia_syntax::{NodeId, Tree};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionKind {
    /// Mends a diagnostic.
    Fix,
    /// Mends all that is written for nothing.
    FixAll,
    Extract,
    Inline,
    Rewrite,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    pub title: String,
    pub kind: ActionKind,
    /// The code of the diagnostic that it mends.
    pub code: Option<&'static str>,
    pub edits: Vec<Edit>,
}

/// What is offered for a selection; an empty one is a cursor. `more` was found besides what
/// checking found: lints, and what planning says.
pub fn actions(analysis: &Analysis, selection: Span, more: &Diagnostics) -> Vec<Action> {
    let Some(site) = Site::new(analysis, selection) else { return Vec::new() };
    let mut actions = fix::fixes(&site, more);
    actions.extend(signature(&site));
    actions.extend(extract::extract(&site));
    actions.extend(inline::inline(&site));
    actions.extend(unfold::unfold(&site));
    actions.extend(thread::thread(&site));
    actions.retain(|action| action.kind == ActionKind::Fix || keeps_comments(&site, action));
    let mut seen: Vec<String> = Vec::new();
    actions.retain(|action| {
        let is_new = !seen.contains(&action.title);
        seen.push(action.title.clone());
        is_new
    });
    actions
}

/// Whether every comment in what is replaced is in what is written. What says the same program
/// otherwise has nothing to take away.
fn keeps_comments(site: &Site, action: &Action) -> bool {
    let text = site.text;
    site.tree.comments.iter().all(|comment| {
        let is_replaced = action.edits.iter().any(|edit| {
            let span = edit.span;
            span.file == site.selection.file
                && span.start <= comment.start
                && comment.end <= span.end
        });
        let said = text.get(comment.start as usize..comment.end as usize).unwrap_or_default();
        !is_replaced || action.edits.iter().any(|edit| edit.text.contains(said.trim_end()))
    })
}

/// A selection and the nodes around its start.
struct Site<'a> {
    analysis: &'a Analysis,
    tree: &'a Tree,
    text: &'a str,
    selection: Span,
    path: Vec<NodeId>,
    roles: Vec<Role>,
    /// Of the names in the form of the file that the selection begins in.
    occurrences: Vec<Occurrence>,
}

impl<'a> Site<'a> {
    fn new(analysis: &'a Analysis, selection: Span) -> Option<Site<'a>> {
        let tree = analysis.trees.get(&selection.file)?;
        let text = analysis.sources.text(selection.file);
        text.get(selection.range())?;
        let path = place::path(tree, text, selection.start);
        let roles = along(tree, &path);
        let occurrences = occurrences_of(analysis, tree, path.get(..1).unwrap_or_default());
        Some(Site { analysis, tree, text, selection, path, roles, occurrences })
    }

    /// The name at an offset.
    fn occurrence(&self, offset: u32) -> Option<Occurrence> {
        names::at(&self.occurrences, offset)
    }

    fn text_of(&self, node: NodeId) -> &'a str {
        place::text_of(self.text, self.tree.span(node))
    }

    /// Bytes from the start of the line to an offset, as white space.
    fn indent(&self, offset: u32) -> String {
        let before = self.text.get(..offset as usize).unwrap_or("");
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        " ".repeat(before[line..].chars().count())
    }

    /// The position in the path of the node that the selection spans, white space aside.
    fn selected(&self) -> Option<usize> {
        let text = place::text_of(self.text, self.selection);
        let start = self.selection.start + (text.len() - text.trim_start().len()) as u32;
        let end = start + text.trim().len() as u32;
        let is_it = |node: &NodeId| {
            let span = self.tree.span(*node);
            span.start == start && span.end == end && start < end
        };
        self.path.iter().position(is_it)
    }
}

/// The types of a definition as a `sig` above it.
fn signature(site: &Site) -> Option<Action> {
    let found = site.occurrence(site.selection.start).filter(|o| o.is == Use::Definition)?;
    let Meaning::Entity(Entity::Def(def)) = found.meaning else { return None };
    let definition = &site.analysis.program.defs[def];
    let scheme = site.analysis.typed.scheme(def);
    let is_plain = matches!(definition.kind, DefKind::Function | DefKind::Constant)
        && site.roles.last() == Some(&Role::Name);
    if !is_plain || definition.sig.is_some() || scheme.ty == Ty::ERROR {
        return None;
    }
    let root = site.tree.span(*site.path.first()?);
    let shown = show_scheme(&site.analysis.program, &scheme);
    let shown = written(site.analysis, definition.module, scheme.ty, &shown)?;
    let text = format!("(sig {} {shown})\n{}", definition.name, site.indent(root.start));
    Some(Action {
        title: format!("write the signature of `{}`", definition.name),
        kind: ActionKind::Rewrite,
        code: None,
        edits: vec![Edit::insert(root, text)],
    })
}
