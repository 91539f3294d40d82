//! Lints of core: what was written for nothing. A module that was resolved without errors comes in
//! with its tree and its text; warnings go out, with edits where one is right. Told is only what a
//! user wrote: what a macro made, or desugaring, has no symbol of its own in the text.

mod binding;
mod imports;
mod redundant;

use crate::core::{ModuleId, Program};
use eclexia_diag::Diagnostics;
use eclexia_syntax::Tree;

/// `unused-binding`, `shadowed-name`, `redundant-do` and `unused-import` of one module.
pub fn lint(program: &Program, module: ModuleId, tree: &Tree, text: &str) -> Diagnostics {
    let mut found = binding::lint(program, module, tree, text);
    found.extend(redundant::lint(tree, text));
    found.extend(imports::lint(program, tree, text));
    found
}
