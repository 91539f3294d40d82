//! What is known of the files of one project at one moment: what the editor asks about.
//!
//! A [`Workspace`] holds texts, and is told when one changes; an [`Analysis`] is the answer of all
//! stages up to `check`, and does not change any more.
//!
//! Between two edits of one file everything is kept that does not depend on it ([`Layer`]): the
//! file is added to a copy, which shares its definitions. Where the file then means the same to
//! others as before, which is so while one edits the body of a function, those that depend on it
//! are added as they were; else they are resolved and checked again. Of the file itself only the
//! definitions are checked again of which something that inference looks at has changed
//! ([`eclexia_check::Before`]). So the answer is that of all files from nothing, whatever was
//! edited before (`tests/edits.rs`).

use crate::library::{Provider, modules};
use crate::session::read_into;
use eclexia_base::{FileId, Name};
use eclexia_check::typed::Typed;
use eclexia_core::core::{ModuleId, Program};
use eclexia_core::{Loader, imports, is_library, resolve};
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
    /// Modules of the library that the edited one needs and that nothing in `base` does.
    needed: Vec<String>,
    ran: Vec<String>,
    checked: Vec<String>,
}

/// What was known before the edit.
struct Before {
    read: Read,
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
    text: Arc<str>,
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
            needed: Vec::new(),
            ran: Vec::new(),
            checked: Vec::new(),
        }
    }

    /// A file is there, or has another text: the name of its module and that of the file.
    pub fn set(&mut self, module: &str, name: &str, text: Arc<str>) {
        let sources = &mut self.others.sources;
        let known = self.files.get(module).map(|known| known.read.tree.file);
        let known = known.filter(|file| sources.name(*file) == name);
        let file = known.unwrap_or_else(|| sources.next_id());
        let (text, (tree, found)) = eclexia_syntax::read_bytes(file, text.as_bytes());
        let text: Arc<str> = text.into();
        match known {
            Some(file) => sources.replace(file, Arc::clone(&text)),
            None => drop(sources.add(name, Arc::clone(&text))),
        }
        let imports = imports(&tree).iter().map(Name::to_string).collect();
        let read = Read { text, tree: Arc::new(tree), found };
        let file = File { read, imports };
        let imports_same = |before: &File| before.imports == file.imports;
        let keeps_needed = self.files.get(module).is_some_and(imports_same);
        let before = self.files.insert(module.to_owned(), file);
        // What does not depend on a file does not depend on what it imports either.
        if before.is_none() || self.edited.as_deref() != Some(module) {
            (self.base, self.before) = (None, None);
        }
        if !keeps_needed && !self.needed.is_empty() {
            self.base = None;
        }
        if self.base.is_none() {
            self.needed.clear();
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

    /// The definitions of the edited module that the last analysis checked.
    pub fn checked(&self) -> &[String] {
        &self.checked
    }

    /// All files checked.
    pub fn analysis(&mut self) -> Arc<Analysis> {
        if let Some(known) = &self.known {
            return Arc::clone(known);
        }
        self.ran.clear();
        self.checked.clear();
        let depend = self.edited.as_deref().map_or_else(BTreeSet::new, |m| self.depend_on(m));
        let (last, first): (Vec<String>, Vec<String>) =
            self.order().into_iter().partition(|module| depend.contains(module));
        let mut base = self.base.take().unwrap_or_else(|| {
            let mut base = Layer::default();
            first.iter().for_each(|module| self.add(&mut base, module));
            base
        });
        for module in self.needed.clone() {
            self.add_needed(&mut base, &module);
        }
        let mut layer = base.clone();
        if let [edited, rest @ ..] = &last[..] {
            let before = self.before.take();
            self.add_edited(&mut layer, edited, before.as_ref());
            self.note_needed(edited, &base, &layer);
            self.add_rest(edited, rest, base.program.defs.len(), &mut layer, before);
        }
        self.base = Some(base);
        let made = Arc::new(self.answer(layer));
        self.known = Some(Arc::clone(&made));
        made
    }

    /// Adds what depends on the edited module, which was just added with definitions from `from`
    /// on: as it was, where it means to others what it meant before.
    fn add_rest(
        &mut self,
        edited: &str,
        rest: &[String],
        from: usize,
        layer: &mut Layer,
        before: Option<Before>,
    ) {
        let Some(read) = self.files.get(edited).map(|file| file.read.clone()) else { return };
        let part = layer.clone();
        let same = before.filter(|before| before.means(&read, &part, from));
        let (rest, is_apart) = match same {
            Some(before) => {
                layer.program.extend_from(&before.part.program, &before.whole.program);
                layer.typed.extend_from(&before.part.typed, &before.whole.typed);
                (before.rest, before.is_apart)
            }
            None => {
                layer.found = Diagnostics::new();
                rest.iter().for_each(|module| self.add(layer, module));
                let rest = std::mem::replace(&mut layer.found, part.found.clone());
                let from = part.program.defs.len();
                let looks = layer.typed.looks_into_others(&layer.program, from);
                let is_apart = !looks && !rest.iter().any(|found| tells_of(found, read.tree.file));
                (rest, is_apart)
            }
        };
        layer.found.extend(rest.clone());
        self.before = Some(Before { read, part, whole: layer.clone(), rest, is_apart });
    }

    fn answer(&self, layer: Layer) -> Analysis {
        let own = self.files.values().map(|file| &file.read);
        let reads = own.clone().chain(self.others.read.values());
        let trees: BTreeMap<FileId, Arc<Tree>> =
            reads.map(|read| (read.tree.file, Arc::clone(&read.tree))).collect();
        let own: BTreeSet<FileId> = own.map(|read| read.tree.file).collect();
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
        if self.resolve(layer, module) {
            layer.found.extend(eclexia_check::check(&layer.program, &mut layer.typed));
        }
    }

    /// [`Workspace::add`] of the edited module, with what was known of it.
    fn add_edited(&mut self, layer: &mut Layer, module: &str, before: Option<&Before>) {
        if !self.resolve(layer, module) {
            return;
        }
        let Some(read) = self.files.get(module).map(|file| &file.read) else { return };
        let before = before.filter(|before| before.has_ids_of(read, layer)).map(|before| {
            let Layer { program, typed, .. } = &before.part;
            eclexia_check::Before { program, typed }
        });
        let Layer { program, typed, found } = layer;
        let (checked, more) = eclexia_check::check_after(before, program, typed);
        found.extend(more);
        self.checked = checked.iter().map(|def| program.defs[*def].name.to_string()).collect();
    }

    /// Resolves a module of the files, unless another needed it.
    fn resolve(&mut self, layer: &mut Layer, module: &str) -> bool {
        let Some(file) = self.files.get(module) else { return false };
        if layer.program.by_name.contains_key(&Name::new(module)) {
            return false;
        }
        self.ran.push(module.to_owned());
        self.take_in(layer, module, &file.read.clone());
        true
    }

    fn take_in(&mut self, layer: &mut Layer, module: &str, read: &Read) {
        let (files, others) = (&self.files, &mut self.others);
        let mut loader = WorkspaceLoader { files, others, found: read.found.clone() };
        let (_, found) = resolve(&mut layer.program, &read.tree, module, None, &mut loader);
        layer.found.extend(loader.found);
        layer.found.extend(found);
    }

    /// A module of the library.
    fn add_needed(&mut self, layer: &mut Layer, module: &str) {
        if layer.program.by_name.contains_key(&Name::new(module)) {
            return;
        }
        let Some(read) = self.others.read(module) else { return };
        self.take_in(layer, module, &read);
        layer.found.extend(eclexia_check::check(&layer.program, &mut layer.typed));
    }

    /// What of the library came with the edited module is part of the base from now on. It may be
    /// edited itself, and then all depend on it.
    fn note_needed(&mut self, edited: &str, base: &Layer, layer: &Layer) {
        if is_library(edited) {
            return;
        }
        let modules = layer.program.modules.iter().skip(base.program.modules.len());
        let names = modules.filter(|(_, module)| module.is_std).map(|(_, m)| m.name.to_string());
        self.needed.extend(names.filter(|name| !self.files.contains_key(name)));
    }
}

impl Before {
    /// Whether an edited module, just added, means to others what it meant before: bodies of
    /// functions and tests differ at most, and nothing of their types.
    fn means(&self, read: &Read, now: &Layer, from: usize) -> bool {
        self.is_apart
            && now.program.may_extend_from(&self.part.program, &self.whole.program)
            && same_but_for(&["defn", "deftest"], &self.read, read)
            && now.typed.means_the_same(&self.part.typed, from)
    }

    /// Whether ids mean what they mean in an edited module that was just resolved: there is as much
    /// of everything, and the forms are the same but for those that make one definition.
    fn has_ids_of(&self, read: &Read, now: &Layer) -> bool {
        self.part.program.extent() == now.program.extent()
            && same_but_for(&["defn", "deftest", "def", "sig"], &self.read, read)
    }
}

impl Analysis {
    /// The file of a module's text, by the name that messages give it.
    pub fn file(&self, name: &str) -> Option<FileId> {
        self.sources.iter().find(|(_, source)| source.name == name).map(|(id, _)| id)
    }
}

/// Whether a message points into a file, or changes it.
fn tells_of(found: &Diagnostic, file: FileId) -> bool {
    let edits = found.fixes.iter().flat_map(|fix| &fix.edits);
    let places = found.primary.iter().chain(&found.labels).map(|label| label.span);
    places.chain(edits.map(|edit| edit.span)).any(|span| span.file == file)
}

/// Whether two texts have the same forms, but for those with one of the heads and the same name.
fn same_but_for(heads: &[&str], a: &Read, b: &Read) -> bool {
    let roots = || a.tree.roots.iter().zip(&b.tree.roots);
    a.tree.roots.len() == b.tree.roots.len()
        && roots().all(|(x, y)| {
            let named = || a.named(*x).filter(|[head, _]| heads.contains(head));
            a.written(*x) == b.written(*y) || named().is_some_and(|x| b.named(*y) == Some(x))
        })
}

impl Read {
    fn written(&self, node: NodeId) -> &str {
        self.text.get(self.tree.span(node).range()).unwrap_or_default()
    }

    /// Head and name of a form.
    fn named(&self, root: NodeId) -> Option<[&str; 2]> {
        let [head, name, ..] = self.tree.children(root) else { return None };
        let is_list = self.tree.kind(root) == NodeKind::List;
        is_list.then(|| [self.written(*head), self.written(*name)])
    }
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
        let (tree, found) = read_into(&mut self.sources, &source.name, &source.bytes);
        let text = Arc::clone(&self.sources.get(tree.file)?.text);
        let read = Read { text, tree: Arc::new(tree), found };
        self.read.insert(module.to_owned(), read.clone());
        Some(read)
    }
}
