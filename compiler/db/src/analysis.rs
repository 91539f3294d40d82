//! What is known of the files of one project at one moment: what the editor asks about.
//!
//! A [`Workspace`] holds texts, and is told when one changes; an [`Analysis`] is the answer of all
//! stages up to `check`, and does not change any more.
//!
//! Between two edits of one file everything is kept that does not depend on it ([`Layer`]): that
//! is added to a copy, whose definitions it shares, and nothing else is resolved or checked again.
//! So the answer is that of all files from nothing, whatever was edited before (`tests/edits`).

use crate::library::{Provider, modules};
use crate::session::Found;
use eclexia_base::{FileId, Name};
use eclexia_check::typed::Typed;
use eclexia_core::core::{ModuleId, Program};
use eclexia_core::{Loader, STANDARD_PREFIXES, imports, resolve};
use eclexia_diag::{Diagnostics, Sources};
use eclexia_syntax::Tree;
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
    known: Option<Arc<Analysis>>,
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
        Workspace { files: BTreeMap::new(), others, edited: None, base: None, known: None }
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
            self.base = None;
        }
        self.edited = Some(module.to_owned());
        self.known = None;
    }

    /// A file is no more.
    pub fn remove(&mut self, module: &str) {
        self.files.remove(module);
        (self.base, self.known) = (None, None);
    }

    /// Modules of others, but for the library's, may have changed.
    pub fn refresh(&mut self) {
        self.others.read.retain(|module, _| is_library(module));
        (self.base, self.known) = (None, None);
    }

    /// All files checked.
    pub fn analysis(&mut self) -> Arc<Analysis> {
        if let Some(known) = &self.known {
            return Arc::clone(known);
        }
        let depend = self.edited.as_deref().map_or_else(BTreeSet::new, |m| self.depend_on(m));
        let (last, first): (Vec<String>, Vec<String>) =
            self.order().into_iter().partition(|module| depend.contains(module));
        let mut layer = match self.base.take() {
            Some(base) => base,
            None => {
                let mut base = Layer::default();
                first.iter().for_each(|module| self.add(&mut base, module));
                base
            }
        };
        self.base = Some(layer.clone());
        last.iter().for_each(|module| self.add(&mut layer, module));
        let made = Arc::new(self.answer(layer));
        self.known = Some(Arc::clone(&made));
        made
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
