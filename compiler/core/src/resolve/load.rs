//! Which modules a program reaches, in dependency order. A module depends on the prelude, on what
//! it imports, and on the library modules that its qualified names mention (`list/map`).
//!
//! Depth-first search with an explicit stack; a module met while it is still on the stack closes
//! an import cycle, which is reported once, with a label at each import of the cycle.

use crate::core::{ModuleId, Program};
use crate::diagnostics as report;
use crate::forms::{Form, Forms};
use crate::resolve::header::{self, Header};
use crate::words::{Top, Word, Words, last_part, split_qualified};
use eclexia_base::{FxHashMap, FxHashSet, Name, Span};
use eclexia_diag::Diagnostics;
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// Gives modules by name; the implementor reads files, parses, and keeps what reading found.
pub trait Loader {
    fn load(&mut self, module: &str) -> Option<Tree>;

    /// Whether a module may not import another, because they are of packages of which one has not
    /// said that it needs the other: their names.
    fn refuses(&self, _importer: &str, _module: &str) -> Option<(String, String)> {
        None
    }

    /// Names of modules that could be loaded, for suggestions: the library, the files beside.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Where an unimported `list/map` looks for `list`, in order.
const STANDARD_PREFIXES: [&str; 2] = ["std.", "cloud."];

/// Whether a module is of the standard library, by its name.
pub fn is_library(module: &str) -> bool {
    STANDARD_PREFIXES.iter().any(|prefix| module.starts_with(prefix))
}

pub(crate) struct Start<'s> {
    pub default_name: &'s str,
    pub parent_scope: Option<ModuleId>,
}

/// A module to be resolved. `tree` is `None` for the entry, which the caller owns.
pub(crate) struct Source {
    pub name: Name,
    pub tree: Option<Tree>,
    pub header: Header,
    /// Prefixes of qualified names that are no aliases, with the library module they mean.
    pub implicit: Vec<(Name, Name)>,
}

pub(crate) struct Loaded {
    /// Dependencies first, the entry last.
    pub modules: Vec<Source>,
}

struct Frame {
    source: Source,
    /// Dependencies with the place that asks for each, and how many are done.
    needs: Vec<(Name, Option<Span>)>,
    next: usize,
}

struct LoadCtx<'c> {
    program: &'c Program,
    words: &'c mut Words,
    loader: &'c mut dyn Loader,
    diagnostics: &'c mut Diagnostics,
    done: FxHashSet<Name>,
    /// Library modules by the last segment of their names, tried so far.
    by_prefix: FxHashMap<Name, Option<Name>>,
    trees: FxHashMap<Name, Option<Tree>>,
}

pub(crate) fn load(
    program: &Program,
    entry: &Tree,
    start: &Start,
    words: &mut Words,
    loader: &mut dyn Loader,
    diagnostics: &mut Diagnostics,
) -> Loaded {
    let mut ctx = LoadCtx {
        program,
        words,
        loader,
        diagnostics,
        done: FxHashSet::default(),
        by_prefix: FxHashMap::default(),
        trees: FxHashMap::default(),
    };
    let known = start.parent_scope.map(|p| &program.modules[p]);
    let aliases = |name: &Name| known.is_some_and(|m| m.aliases.contains_key(name));
    let first = ctx.frame(Name::new(start.default_name), entry, None, &aliases);
    let mut modules = Vec::new();
    let mut stack = vec![first];
    while let Some(top) = stack.last_mut() {
        let Some((name, place)) = top.needs.get(top.next).copied() else {
            if let Some(frame) = stack.pop() {
                ctx.done.insert(frame.source.name);
                modules.push(frame.source);
            }
            continue;
        };
        top.next += 1;
        if ctx.done.contains(&name) || program.by_name.contains_key(&name) {
            continue;
        }
        if let Some(at) = stack.iter().position(|f| f.source.name == name) {
            ctx.report_cycle(&stack[at..]);
            continue;
        }
        match ctx.tree(name) {
            Some(tree) => {
                let frame = ctx.frame(name, &tree, Some(name), &|_| false);
                let source = Source { tree: Some(tree), ..frame.source };
                stack.push(Frame { source, ..frame });
            }
            None => ctx.report_missing(name, place),
        }
    }
    Loaded { modules }
}

impl LoadCtx<'_> {
    fn tree(&mut self, name: Name) -> Option<Tree> {
        match self.trees.remove(&name) {
            Some(tree) => tree,
            None => self.loader.load(name.as_str()),
        }
    }

    /// Reads a module's header and finds what it needs. `loaded_as` is the name by which it was
    /// asked for; a `module` form that says otherwise is reported.
    fn frame(
        &mut self,
        default: Name,
        tree: &Tree,
        loaded_as: Option<Name>,
        has_alias: &dyn Fn(&Name) -> bool,
    ) -> Frame {
        let forms = Forms::new(tree);
        let roots: Vec<Form> = tree.roots.iter().map(|n| Form::of_node(*n)).collect();
        let header = header::read(&forms, &roots, self.diagnostics);
        let name = loaded_as.or(header.name.map(|(n, _)| n)).unwrap_or(default);
        if let (Some(asked), Some((written, span))) = (loaded_as, header.name)
            && asked != written
        {
            self.diagnostics.push(report::module_name_mismatch(span, written, asked));
        }
        let mut needs: Vec<(Name, Option<Span>)> = Vec::new();
        if name != "std.core" {
            needs.push((Name::new("std.core"), None));
        }
        for import in &header.imports {
            match self.loader.refuses(name.as_str(), import.module.as_str()) {
                Some((who, whom)) => {
                    self.diagnostics.push(report::undeclared_package(import.span, &who, &whom));
                }
                None => needs.push((import.module, Some(import.span))),
            }
        }
        let mut implicit: Vec<(Name, Name)> = Vec::new();
        for (prefix, span) in self.prefixes(tree) {
            let is_alias = header.imports.iter().any(|i| i.alias == prefix) || has_alias(&prefix);
            if is_alias {
                continue;
            }
            if let Some(module) = self.library_module(prefix).filter(|m| *m != name) {
                implicit.push((prefix, module));
                needs.push((module, Some(span)));
            }
        }
        let source = Source { name, tree: None, header, implicit };
        Frame { source, needs, next: 0 }
    }

    /// The distinct prefixes of qualified names, in order of first use.
    fn prefixes(&mut self, tree: &Tree) -> Vec<(Name, Span)> {
        let mut seen: FxHashSet<Name> = FxHashSet::default();
        let mut out = Vec::new();
        for i in 0..tree.len() {
            let id = NodeId(i as u32);
            let NodeKind::Symbol(name) = tree.kind(id) else { continue };
            if self.words.of(name) == Word::Top(Top::Defadaptive) && seen.insert(name) {
                out.push((Name::new("adaptive"), tree.span(id)));
            }
            if self.words.of(name) != Word::Qualified || !seen.insert(name) {
                continue;
            }
            if let Some((prefix, _)) = split_qualified(name)
                && !out.iter().any(|(known, _)| *known == prefix)
            {
                out.push((prefix, tree.span(id)));
            }
        }
        out
    }

    /// The library module that an unimported prefix means.
    fn library_module(&mut self, prefix: Name) -> Option<Name> {
        if let Some(known) = self.by_prefix.get(&prefix) {
            return *known;
        }
        let text = prefix.as_str();
        let names: Vec<String> = if is_library(text) {
            vec![text.to_owned()]
        } else {
            STANDARD_PREFIXES.iter().map(|p| format!("{p}{text}")).collect()
        };
        let found = names.into_iter().map(|n| Name::new(&n)).find(|name| {
            if self.done.contains(name) || self.program.by_name.contains_key(name) {
                return true;
            }
            let loader = &mut *self.loader;
            self.trees.entry(*name).or_insert_with(|| loader.load(name.as_str())).is_some()
        });
        self.by_prefix.insert(prefix, found);
        found
    }

    fn report_cycle(&mut self, frames: &[Frame]) {
        let steps: Vec<(Name, Name, Option<Span>)> = frames
            .iter()
            .enumerate()
            .map(|(i, frame)| {
                let (needed, span) = frame.needs[frame.next - 1];
                let to = frames.get(i + 1).map_or(needed, |next| next.source.name);
                (frame.source.name, to, span)
            })
            .collect();
        self.diagnostics.push(report::import_cycle(&steps));
    }

    fn report_missing(&mut self, name: Name, place: Option<Span>) {
        self.done.insert(name);
        let names = self.loader.names();
        let near = super::suggest::nearest(name.as_str(), names.iter().map(String::as_str));
        let near = near.or_else(|| {
            let last = |full: &&String| last_part(full) == name.as_str();
            names.iter().find(last).cloned()
        });
        self.diagnostics.push(report::unknown_module(name, place, near.as_deref()));
    }
}
