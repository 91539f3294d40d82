//! What is known of the files of one project at one moment: what the editor asks about.
//!
//! A [`Workspace`] holds texts, and is told when one changes; an [`Analysis`] is the answer of all
//! stages up to `check`, and does not change any more.
//!
//! Between two edits of one file everything is kept that does not depend on it ([`Layer`]): the
//! file is added to a copy, which shares its definitions. Where the file then means the same to
//! others as before, which is so while one edits the body of a function, those that depend on it
//! are added as they were; else they are resolved and checked again. So the answer is that of all
//! files from nothing, whatever was edited before (`tests/edits.rs`).

use crate::library::{Provider, modules};
use crate::session::Found;
use eclexia_base::{FileId, Name};
use eclexia_check::typed::Typed;
use eclexia_core::core::{ModuleId, Program};
use eclexia_core::{Loader, STANDARD_PREFIXES, imports, resolve};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_syntax::{NodeId, NodeKind, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The files of a project by the names of their modules, and where other modules come from.
pub struct Workspace {
    files: BTreeMap<String, File>,
    others: Others,
    /// The module whose text changed last.
    edited: Option<String>,
    /// All that does not depend on it.
    base: Option<Layer>,
    before: Option<Before>,
    known: Option<Arc<Analysis>>,
    ran: Vec<String>,
}

/// What was known before the edit.
struct Before {
    text: Arc<str>,
    tree: Arc<Tree>,
    /// With the edited file.
    part: Layer,
    /// With those that depend on it, too.
    whole: Layer,
    /// What was found in them.
    rest: Diagnostics,
    /// Nothing about them was found by looking into bodies of others, or tells of places there.
    is_apart: bool,
}

struct File {
    read: Read,
    imports: Vec<String>,
}

/// A text that was read.
#[derive(Clone)]
struct Read {
    file: FileId,
    tree: Arc<Tree>,
    found: Diagnostics,
}

/// Modules that are not of the workspace, each read once, and the texts of all.
struct Others {
    sources: Sources,
    read: BTreeMap<String, Read>,
    provider: Box<dyn Provider + Send>,
}

/// Some modules, resolved and checked.
#[derive(Clone, Default)]
struct Layer {
    program: Program,
    typed: Typed,
    found: Diagnostics,
}

/// Files, program and facts; all diagnostics.
#[derive(Default)]
pub struct Analysis {
    pub sources: Sources,
    pub program: Program,
    pub typed: Typed,
    /// Of every file that was read, the library's too.
    pub trees: BTreeMap<FileId, Arc<Tree>>,
    /// The modules of the project's own files.
    pub modules: BTreeMap<FileId, ModuleId>,
    pub found: Diagnostics,
}

impl Workspace {
    pub fn new(provider: Box<dyn Provider + Send>) -> Workspace {
        let others = Others { sources: Sources::new(), read: BTreeMap::new(), provider };
        Workspace {
            files: BTreeMap::new(),
            others,
            edited: None,
            base: None,
            before: None,
            known: None,
            ran: Vec::new(),
        }
    }

    /// A file is there, or has another text: the name of its module and that of the file.
    pub fn set(&mut self, module: &str, name: &str, text: Arc<str>) {
        let sources = &mut self.others.sources;
        let known = self.files.get(module).map(|known| known.read.file);
        let known = known.filter(|file| sources.name(*file) == name);
        let file = match known {
            Some(file) => {
                sources.replace(file, Arc::clone(&text));
                file
            }
            None => sources.add(name, Arc::clone(&text)),
        };
        let (tree, found) = eclexia_syntax::read(file, &text);
        let imports = imports(&tree).iter().map(Name::to_string).collect();
        let read = Read { file, tree: Arc::new(tree), found };
        let before = self.files.insert(module.to_owned(), File { read, imports });
        // What does not depend on a file does not depend on what it imports either.
        if before.is_none() || self.edited.as_deref() != Some(module) {
            (self.base, self.before) = (None, None);
        }
        self.edited = Some(module.to_owned());
        self.known = None;
    }

    /// A file is no more.
    pub fn remove(&mut self, module: &str) {
        self.files.remove(module);
        (self.base, self.before, self.known) = (None, None, None);
    }

    /// The modules that the last analysis resolved and checked, in that order.
    pub fn ran(&self) -> &[String] {
        &self.ran
    }

    /// All files checked.
    pub fn analysis(&mut self) -> Arc<Analysis> {
        if let Some(known) = &self.known {
            return Arc::clone(known);
        }
        self.ran.clear();
        let depend = self.edited.as_deref().map_or_else(BTreeSet::new, |m| self.depend_on(m));
        let (last, first): (Vec<String>, Vec<String>) =
            self.order().into_iter().partition(|module| depend.contains(module));
        let base = match self.base.take() {
            Some(base) => base,
            None => {
                let mut base = Layer::default();
                first.iter().for_each(|module| self.add(&mut base, module));
                base
            }
        };
        let mut layer = base.clone();
        if let [edited, rest @ ..] = &last[..] {
            self.add(&mut layer, edited);
            let from = base.program.defs.len();
            self.before = match self.before.take() {
                Some(before) if self.is_the_same(edited, &before, &layer, from) => {
                    Some(self.again(edited, before, &mut layer))
                }
                _ => self.anew(edited, rest, &mut layer),
            };
        }
        self.base = Some(base);
        let made = Arc::new(self.answer(layer));
        self.known = Some(Arc::clone(&made));
        made
    }

    /// Adds what depends on the edited module.
    fn anew(&mut self, edited: &str, rest: &[String], layer: &mut Layer) -> Option<Before> {
        let mut part = layer.clone();
        let own = std::mem::take(&mut layer.found);
        rest.iter().for_each(|module| self.add(layer, module));
        let rest = layer.found.clone();
        layer.found = own;
        layer.found.extend(rest.clone());
        part.found = Diagnostics::new();
        let read = &self.files.get(edited)?.read;
        let is_there = |d: &Diagnostic| {
            let places = d.primary.iter().chain(&d.labels).map(|label| label.span);
            places.chain(d.fixes.iter().map(|fix| fix.span)).any(|span| span.file == read.file)
        };
        let from = part.program.defs.len();
        let looks = layer.typed.looks_into_others(&layer.program, from);
        let text = Arc::clone(&self.others.sources.get(read.file)?.text);
        let tree = Arc::clone(&read.tree);
        let is_apart = !looks && !rest.iter().any(is_there);
        Some(Before { text, tree, part, whole: layer.clone(), rest, is_apart })
    }

    /// Adds what depends on the edited module as it was.
    fn again(&self, edited: &str, before: Before, layer: &mut Layer) -> Before {
        let part = Layer { found: Diagnostics::new(), ..layer.clone() };
        layer.program.extend_from(&before.part.program, &before.whole.program);
        layer.typed.extend_from(&before.part.typed, &before.whole.typed);
        layer.found.extend(before.rest.clone());
        let read = self.files.get(edited).map(|file| &file.read);
        let text = read.and_then(|read| self.others.sources.get(read.file));
        Before {
            text: text.map_or(before.text, |source| Arc::clone(&source.text)),
            tree: read.map_or(before.tree, |read| Arc::clone(&read.tree)),
            part,
            whole: layer.clone(),
            ..before
        }
    }

    /// Whether an edited module, just added, means to others what it meant before: bodies of
    /// functions and tests differ at most, and nothing of their types.
    fn is_the_same(&self, edited: &str, before: &Before, now: &Layer, from: usize) -> bool {
        let Some(File { read, .. }) = self.files.get(edited) else { return false };
        let text = self.others.sources.text(read.file);
        before.is_apart
            && before.part.program.extent() == now.program.extent()
            && same_but_for_bodies((&before.tree, &before.text), (&read.tree, text))
            && now.typed.means_the_same(&before.part.typed, from)
    }

    fn answer(&self, layer: Layer) -> Analysis {
        let own = self.files.values().map(|file| &file.read);
        let reads = own.clone().chain(self.others.read.values());
        let trees: BTreeMap<FileId, Arc<Tree>> =
            reads.map(|read| (read.file, Arc::clone(&read.tree))).collect();
        let own: BTreeSet<FileId> = own.map(|read| read.file).collect();
        let modules = layer.program.modules.iter().map(|(id, module)| (module.span.file, id));
        let modules = modules.filter(|(file, _)| own.contains(file)).collect();
        let Layer { program, typed, found } = layer;
        Analysis { sources: self.others.sources.clone(), program, typed, trees, modules, found }
    }

    /// A module and those that import it, directly or not; one of the library, all need.
    fn depend_on(&self, module: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([module.to_owned()]);
        let mut work = vec![module.to_owned()];
        while let Some(module) = work.pop() {
            for (name, file) in &self.files {
                let needs = file.imports.contains(&module) || is_library(&module);
                if needs && found.insert(name.clone()) {
                    work.push(name.clone());
                }
            }
        }
        found
    }

    /// Modules after those that they import; else by their names.
    fn order(&self) -> Vec<String> {
        let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
        for (name, file) in &self.files {
            if !seen.insert(name) {
                continue;
            }
            let mut stack = vec![(name, file.imports.iter())];
            while let Some((name, imports)) = stack.last_mut() {
                let Some(next) = imports.next() else {
                    order.push((*name).clone());
                    stack.pop();
                    continue;
                };
                if let Some((next, file)) = self.files.get_key_value(next)
                    && seen.insert(next)
                {
                    stack.push((next, file.imports.iter()));
                }
            }
        }
        order
    }

    /// A module, and those that it needs and that are not there.
    fn add(&mut self, layer: &mut Layer, module: &str) {
        let Some(file) = self.files.get(module) else { return };
        if layer.program.by_name.contains_key(&Name::new(module)) {
            return;
        }
        self.ran.push(module.to_owned());
        let mut loader = WorkspaceLoader {
            files: &self.files,
            others: &mut self.others,
            found: file.read.found.clone(),
        };
        let (_, found) = resolve(&mut layer.program, &file.read.tree, module, None, &mut loader);
        layer.found.extend(loader.found);
        layer.found.extend(found);
        layer.found.extend(eclexia_check::check(&layer.program, &mut layer.typed));
    }
}

impl Analysis {
    /// The file of a module's text, by the name that messages give it.
    pub fn file(&self, name: &str) -> Option<FileId> {
        self.sources.iter().find(|(_, source)| source.name == name).map(|(id, _)| id)
    }
}

/// Whether two texts have the same forms, but for functions and tests of the same names.
fn same_but_for_bodies(a: (&Tree, &str), b: (&Tree, &str)) -> bool {
    let written = |(tree, text): (&Tree, &str), node: NodeId| -> String {
        text.get(tree.span(node).range()).unwrap_or_default().to_owned()
    };
    let named = |of: (&Tree, &str), root: NodeId| -> Option<[String; 2]> {
        let [head, name, ..] = of.0.children(root) else { return None };
        let head = written(of, *head);
        let has_body = of.0.kind(root) == NodeKind::List && matches!(&*head, "defn" | "deftest");
        has_body.then(|| [head, written(of, *name)])
    };
    a.0.roots.len() == b.0.roots.len()
        && a.0.roots.iter().zip(&b.0.roots).all(|(x, y)| {
            let same_name = || named(a, *x).is_some_and(|name| named(b, *y) == Some(name));
            written(a, *x) == written(b, *y) || same_name()
        })
}

fn is_library(module: &str) -> bool {
    STANDARD_PREFIXES.iter().any(|prefix| module.starts_with(prefix))
}

struct WorkspaceLoader<'w> {
    files: &'w BTreeMap<String, File>,
    others: &'w mut Others,
    found: Diagnostics,
}

impl Loader for WorkspaceLoader<'_> {
    fn load(&mut self, module: &str) -> Option<Tree> {
        let own = self.files.get(module).map(|file| file.read.clone());
        let Read { tree, found, .. } = own.or_else(|| self.others.read(module))?;
        self.found.extend(found);
        Some(Tree::clone(&tree))
    }

    fn names(&self) -> Vec<String> {
        modules().map(str::to_owned).chain(self.files.keys().cloned()).collect()
    }

    fn refuses(&self, importer: &str, module: &str) -> Option<(String, String)> {
        self.others.provider.refuses(importer, module)
    }
}

impl Others {
    fn read(&mut self, module: &str) -> Option<Read> {
        if let Some(read) = self.read.get(module) {
            return Some(read.clone());
        }
        let source = self.provider.module(module)?;
        let file = self.sources.next_id();
        let (text, (tree, found)): (_, Found<Tree>) =
            eclexia_syntax::read_bytes(file, &source.bytes);
        self.sources.add(source.name, text);
        let read = Read { file, tree: Arc::new(tree), found };
        self.read.insert(module.to_owned(), read.clone());
        Some(read)
    }
}
