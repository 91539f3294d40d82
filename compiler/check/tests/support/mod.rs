//! Source text to a checked program, with the standard library of this repository.

use eclexia_check::typed::Typed;
use eclexia_core::Loader;
use eclexia_core::core::{ModuleId, Program};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_syntax::Tree;
use std::path::Path;

#[allow(dead_code, reason = "each test looks at other parts")]
pub struct Checked {
    pub program: Program,
    pub typed: Typed,
    pub module: ModuleId,
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
}

struct Stdlib {
    sources: Sources,
    diagnostics: Diagnostics,
}

impl Loader for Stdlib {
    #[expect(clippy::disallowed_methods, reason = "the library is read from the repository")]
    fn load(&mut self, module: &str) -> Option<Tree> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
        let path = root.join(format!("{}.ecl", module.replace('.', "/")));
        let text = std::fs::read_to_string(path).ok()?;
        Some(self.read(module, &text))
    }
}

impl Stdlib {
    fn read(&mut self, name: &str, text: &str) -> Tree {
        let file = self.sources.add(name, text);
        let (tree, found) = eclexia_syntax::read(file, text);
        self.diagnostics.extend(found);
        tree
    }
}

/// Reads, resolves and checks a page (expressions are allowed at its top level).
pub fn check(text: &str) -> Checked {
    let mut loader = Stdlib { sources: Sources::new(), diagnostics: Diagnostics::new() };
    let tree = loader.read("test", text);
    let mut program = Program::default();
    let (module, found) = eclexia_core::resolve_page(&mut program, &tree, "test", &mut loader);
    let mut diagnostics = loader.diagnostics;
    diagnostics.extend(found);
    let mut typed = Typed::default();
    diagnostics.extend(eclexia_check::check(&program, &mut typed));
    let diagnostics = diagnostics.sorted();
    Checked { program, typed, module, sources: loader.sources, diagnostics }
}

/// Runs `f` on a thread with the stack that the command uses.
pub fn on_big_stack<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let builder = std::thread::Builder::new().stack_size(256 << 20);
    let thread = builder.spawn(f).expect("a thread starts");
    thread.join().expect("the thread ends")
}
