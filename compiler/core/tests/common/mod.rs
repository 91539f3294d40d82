//! A loader over the library's files and modules given as texts, for core's tests.

use eclexia_base::FxHashMap;
use eclexia_core::core::{ModuleId, Program};
use eclexia_core::{Loader, resolve, resolve_page};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_syntax::Tree;
use std::path::Path;

#[derive(Default)]
pub struct Files {
    pub sources: Sources,
    pub modules: FxHashMap<String, String>,
    pub read: Diagnostics,
}

impl Files {
    pub fn tree(&mut self, name: &str, text: &str) -> Tree {
        let file = self.sources.add(name, text.to_owned());
        let (tree, found) = eclexia_syntax::read(file, text);
        self.read.extend(found);
        tree
    }
}

impl Loader for Files {
    #[allow(clippy::disallowed_methods, reason = "reads the library's files")]
    fn load(&mut self, module: &str) -> Option<Tree> {
        let text = match self.modules.get(module) {
            Some(text) => text.clone(),
            None => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
                let path = folder.join(format!("{}.ecl", module.replace('.', "/")));
                std::fs::read_to_string(path).ok()?
            }
        };
        Some(self.tree(module, &text))
    }

    fn names(&self) -> Vec<String> {
        let library = ["std.core", "std.list", "std.option", "std.adaptive"];
        library.iter().map(|n| (*n).to_owned()).chain(self.modules.keys().cloned()).collect()
    }
}

pub struct Resolved {
    pub files: Files,
    pub program: Program,
    pub module: ModuleId,
    pub found: Vec<Diagnostic>,
}

/// Resolves an entry text named `main`, with further modules.
pub fn run(text: &str, modules: &[(String, String)]) -> Resolved {
    run_as(text, modules, false)
}

#[allow(dead_code, reason = "used by some of the test binaries")]
pub fn run_page(text: &str) -> Resolved {
    run_as(text, &[], true)
}

fn run_as(text: &str, modules: &[(String, String)], is_page: bool) -> Resolved {
    let mut files = Files { modules: modules.iter().cloned().collect(), ..Files::default() };
    let tree = files.tree("main", text);
    let mut program = Program::default();
    let (module, found) = if is_page {
        resolve_page(&mut program, &tree, "main", &mut files)
    } else {
        resolve(&mut program, &tree, "main", None, &mut files)
    };
    let mut all = std::mem::take(&mut files.read);
    all.extend(found);
    Resolved { files, program, module, found: all.sorted() }
}
