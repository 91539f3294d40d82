//! What is known of the files of one project at one moment: what the editor asks about.
//!
//! A [`Workspace`] holds texts, and is told when one changes; an [`Analysis`] is the answer of all
//! stages up to `check`, and does not change any more.

use crate::library::{Provider, modules};
use eclexia_base::{FileId, FxHashMap};
use eclexia_check::typed::Typed;
use eclexia_core::core::{ModuleId, Program};
use eclexia_core::{Loader, resolve};
use eclexia_diag::{Diagnostics, Sources};
use eclexia_syntax::Tree;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The files of a project by the names of their modules, and where other modules come from.
pub struct Workspace {
    texts: BTreeMap<String, Text>,
    provider: Box<dyn Provider + Send>,
    known: Option<Arc<Analysis>>,
}

#[derive(Clone)]
struct Text {
    /// As messages name the file.
    name: String,
    text: Arc<str>,
}

/// Files, program and facts; all diagnostics.
#[derive(Default)]
pub struct Analysis {
    pub sources: Sources,
    pub program: Program,
    pub typed: Typed,
    /// Of every file that was read, the library's too.
    pub trees: BTreeMap<FileId, Tree>,
    /// The modules of the project's own files; a file whose module could not be resolved has none.
    pub modules: BTreeMap<FileId, ModuleId>,
    pub found: Diagnostics,
}

impl Workspace {
    pub fn new(provider: Box<dyn Provider + Send>) -> Workspace {
        Workspace { texts: BTreeMap::new(), provider, known: None }
    }

    /// A file is there, or has another text: the name of its module and that of the file.
    pub fn set(&mut self, module: &str, name: &str, text: Arc<str>) {
        self.texts.insert(module.to_owned(), Text { name: name.to_owned(), text });
        self.known = None;
    }

    /// A file is no more.
    pub fn remove(&mut self, module: &str) {
        self.texts.remove(module);
        self.known = None;
    }

    /// All files checked.
    pub fn analysis(&mut self) -> Arc<Analysis> {
        match &self.known {
            Some(known) => Arc::clone(known),
            None => {
                let made = Arc::new(self.analyse());
                self.known = Some(Arc::clone(&made));
                made
            }
        }
    }

    fn analyse(&mut self) -> Analysis {
        let mut analysis = Analysis::default();
        let mut files = FxHashMap::default();
        for module in self.texts.keys() {
            let mut loader = WorkspaceLoader {
                texts: &self.texts,
                provider: &mut *self.provider,
                sources: &mut analysis.sources,
                trees: &mut analysis.trees,
                files: &mut files,
                found: Diagnostics::new(),
            };
            if analysis.program.by_name.contains_key(&eclexia_base::Name::new(module)) {
                continue;
            }
            let Some(tree) = loader.load(module) else { continue };
            let (_, found) = resolve(&mut analysis.program, &tree, module, None, &mut loader);
            let read = loader.found;
            analysis.found.extend(read);
            analysis.found.extend(found);
        }
        analysis.modules = analysis
            .program
            .modules
            .iter()
            .filter(|(_, module)| self.texts.contains_key(module.name.as_str()))
            .map(|(id, module)| (module.span.file, id))
            .collect();
        analysis.found.extend(eclexia_check::check(&analysis.program, &mut analysis.typed));
        analysis
    }
}

impl Analysis {
    /// The file of a module's text, by the name that messages give it.
    pub fn file(&self, name: &str) -> Option<FileId> {
        self.sources.iter().find(|(_, source)| source.name == name).map(|(id, _)| id)
    }
}

struct WorkspaceLoader<'w> {
    texts: &'w BTreeMap<String, Text>,
    provider: &'w mut dyn Provider,
    sources: &'w mut Sources,
    trees: &'w mut BTreeMap<FileId, Tree>,
    files: &'w mut FxHashMap<String, FileId>,
    found: Diagnostics,
}

impl Loader for WorkspaceLoader<'_> {
    fn load(&mut self, module: &str) -> Option<Tree> {
        if let Some(file) = self.files.get(module) {
            return self.trees.get(file).cloned();
        }
        let (name, bytes) = match self.texts.get(module) {
            Some(text) => (text.name.clone(), text.text.as_bytes().to_vec()),
            None => {
                let source = self.provider.module(module)?;
                (source.name, source.bytes)
            }
        };
        let file = self.sources.next_id();
        let (text, (tree, found)) = eclexia_syntax::read_bytes(file, &bytes);
        self.sources.add(name, text);
        self.found.extend(found);
        self.trees.insert(file, tree.clone());
        self.files.insert(module.to_owned(), file);
        Some(tree)
    }

    fn names(&self) -> Vec<String> {
        modules().map(str::to_owned).chain(self.texts.keys().cloned()).collect()
    }

    fn refuses(&self, importer: &str, module: &str) -> Option<(String, String)> {
        self.provider.refuses(importer, module)
    }
}
