//! The journey of a program, and nothing but its calls.

use crate::session::{Found, Session};
use eclexia_check::typed::Typed;
use eclexia_core::core::{ModuleId, Program};
use eclexia_diag::Diagnostics;
use eclexia_plan::elaborate::{Elaborated, Strategies};
use eclexia_syntax::Tree;

/// text ─lex, balance, read→ tree
pub fn read(session: &mut Session, name: &str, bytes: &[u8]) -> Found<Tree> {
    session.read(name, bytes)
}

/// tree ─expand, resolve→ core ─check→ typed
pub fn check(session: &mut Session, tree: &Tree, name: &str) -> Found<ModuleId> {
    let (module, mut found) = session.resolve(tree, name);
    found.extend(session.check());
    (module, found)
}

/// What is written for nothing in a module that has no errors, by its tree and text.
pub fn lint(
    program: &Program,
    typed: &Typed,
    module: ModuleId,
    (tree, text): (&Tree, &str),
) -> Diagnostics {
    let mut found = eclexia_core::lint(program, module, tree, text);
    found.extend(eclexia_check::lint(program, typed, module, (tree, text)));
    found
}

/// typed ─interpret→ value ─elaborate→ model, its entities checked and its budgets funded
pub fn elaborate(session: &mut Session, module: ModuleId, known: &Strategies) -> Found<Elaborated> {
    let (declared, mut found) = session.interpret_deployments(module);
    let (elaborated, more) = session.elaborate(module, &declared, known);
    found.extend(more);
    if !found.has_errors() {
        found.extend(eclexia_plan::check_funding(&elaborated.model, &elaborated.origins));
    }
    (elaborated, found)
}
