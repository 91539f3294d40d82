//! Imports that nobody uses. Read off the tree: a module is used when a name behind its prefix
//! stands in the file, `list/map`, or one that `:only` or `:all` brought.
//!
//! 1. A name in a text counts too: the examples in a documentation are programs.
//! 2. What a module brings without being named counts as used: units, instances, and records, whose
//!    fields are found by the modules in scope.
//! 3. Told are whole imports, and single names of `:only`.

use crate::core::{ModuleId, Program};
use crate::diagnostics as report;
use crate::words::last_part;
use eclexia_base::{FxHashSet, Name, Span};
use eclexia_diag::Diagnostics;
use eclexia_syntax::{NodeId, NodeKind, Tree};

pub(super) fn lint(program: &Program, tree: &Tree, text: &str) -> Diagnostics {
    let mut found = Diagnostics::new();
    let imports = |root: &&NodeId| super::redundant::head(tree, **root) == Some("import");
    let all: Vec<NodeId> = tree.roots.iter().filter(imports).copied().collect();
    if all.is_empty() {
        return found;
    }
    let used = Used::of(tree);
    for root in all {
        Import { program, tree, text, used: &used, root }.tell(&mut found);
    }
    found
}

/// Names that stand in a file, its imports apart, and prefixes of such.
#[derive(Default)]
struct Used {
    names: FxHashSet<&'static str>,
    prefixes: FxHashSet<&'static str>,
    has_units: bool,
    has_fields: bool,
}

impl Used {
    fn of(tree: &Tree) -> Used {
        let mut used = Used::default();
        let mut work = tree.roots.clone();
        while let Some(node) = work.pop() {
            match tree.kind(node) {
                NodeKind::Symbol(name) => used.name(name.as_str()),
                NodeKind::Str(text) => {
                    let ends = |c: char| c.is_whitespace() || "()[]{}\"`;,&".contains(c);
                    text.as_str().split(ends).for_each(|name| used.name(name));
                }
                NodeKind::Keyword(_) => used.has_fields = true,
                NodeKind::Quantity { .. } => used.has_units = true,
                _ if super::redundant::head(tree, node) == Some("import") => continue,
                _ => {}
            }
            work.extend(tree.children(node));
        }
        used
    }

    fn name(&mut self, name: &'static str) {
        self.has_fields |= name.starts_with('.') && name.len() > 1;
        self.names.insert(name);
        if let Some((prefix, _)) = name.split_once('/') {
            self.prefixes.insert(prefix);
        }
    }
}

struct Import<'a> {
    program: &'a Program,
    tree: &'a Tree,
    text: &'a str,
    used: &'a Used,
    root: NodeId,
}

impl Import<'_> {
    fn tell(&self, found: &mut Diagnostics) {
        let kids = self.tree.children(self.root);
        let Some(NodeKind::Symbol(module)) = kids.get(1).map(|kid| self.tree.kind(*kid)) else {
            return;
        };
        let Some(id) = self.program.by_name.get(&module).copied() else { return };
        let last = last_part(module.as_str());
        let prefix = match self.option("as").map(|kid| self.tree.kind(kid)) {
            Some(NodeKind::Symbol(name)) => name.as_str(),
            _ => last,
        };
        let names = self.option("only").map_or(&[][..], |list| self.tree.children(list));
        let unused: Vec<usize> = (0..names.len()).filter(|at| !self.is_used(names[*at])).collect();
        let is_used = self.used.prefixes.contains(prefix)
            || self.brings_unnamed(id)
            || self.has_option("all") && self.uses_any(id);
        if !is_used && unused.len() == names.len() {
            let span = self.tree.span(self.root);
            found.push(report::unused_import(span, module, self.whole_line(span)));
            return;
        }
        for at in unused {
            let NodeKind::Symbol(name) = self.tree.kind(names[at]) else { continue };
            let span = self.tree.span(names[at]);
            // With what is between it and the name before it.
            let start = at.checked_sub(1).map_or(span.start, |at| self.tree.span(names[at]).end);
            found.push(report::unused_name(span, name, module, Span { start, ..span }));
        }
    }

    fn is_used(&self, name: NodeId) -> bool {
        match self.tree.kind(name) {
            NodeKind::Symbol(name) => self.used.names.contains(name.as_str()),
            _ => true,
        }
    }

    /// What follows `:name`.
    fn option(&self, name: &str) -> Option<NodeId> {
        let kids = self.tree.children(self.root);
        let at = kids.iter().position(|kid| self.is_keyword(*kid, name))?;
        kids.get(at + 1).copied()
    }

    fn has_option(&self, name: &str) -> bool {
        self.tree.children(self.root).iter().any(|kid| self.is_keyword(*kid, name))
    }

    fn is_keyword(&self, node: NodeId, wanted: &str) -> bool {
        matches!(self.tree.kind(node), NodeKind::Keyword(name) if name == wanted)
    }

    fn uses_any(&self, id: ModuleId) -> bool {
        let module = &self.program.modules[id];
        let mut names = module.own.keys().chain(module.own_types.keys());
        names.any(|name: &Name| self.used.names.contains(name.as_str()))
    }

    /// Rule 2.
    fn brings_unnamed(&self, id: ModuleId) -> bool {
        let module = &self.program.modules[id];
        let is_record = |ty| matches!(ty, &crate::core::TypeDefKind::Record(_));
        let has_records = module.types.iter().any(|ty| is_record(&self.program.types[*ty].kind));
        let is_adaptive = module.name == "std.adaptive";
        self.used.has_units && !module.own_units.is_empty()
            || self.used.has_fields && has_records
            || is_adaptive && self.used.names.contains("defadaptive")
            || self.program.instances.values().any(|instance| instance.module == id)
    }

    /// The place of a form with the line break behind it, where nothing else is on its lines.
    fn whole_line(&self, span: Span) -> Span {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let behind = self.text.get(span.end as usize..).unwrap_or_default();
        let is_alone = before.is_empty() || before.ends_with('\n');
        match is_alone && behind.starts_with('\n') {
            true => Span { end: span.end + 1, ..span },
            false => span,
        }
    }
}
