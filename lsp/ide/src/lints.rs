//! Lints: what is written for nothing in files without errors. Those of what is written for the
//! planner are [`crate::live`]'s, which evaluates it.

use crate::sound;
use eclexia_base::FileId;
use eclexia_core::core::ModuleId;
use eclexia_db::Analysis;
use eclexia_diag::Diagnostics;

/// Of one of the project's files; none where it, or what it imports, has errors.
pub fn lints(analysis: &Analysis, file: FileId) -> Diagnostics {
    let module = analysis.modules.get(&file).copied();
    let module = module.filter(|module| sound::is_sound(analysis, *module));
    module.map(|module| of_module(analysis, file, module)).unwrap_or_default()
}

/// Of all of them; `None` where `is_stale` has said so between two files.
pub fn all_lints(analysis: &Analysis, is_stale: &dyn Fn() -> bool) -> Option<Diagnostics> {
    let mut found = Diagnostics::new();
    for (file, module) in sound::modules(analysis) {
        if is_stale() {
            return None;
        }
        found.extend(of_module(analysis, file, module));
    }
    Some(found)
}

fn of_module(analysis: &Analysis, file: FileId, module: ModuleId) -> Diagnostics {
    let Some(tree) = analysis.trees.get(&file) else { return Diagnostics::new() };
    let (program, text) = (&analysis.program, analysis.sources.text(file));
    let mut found = eclexia_core::lint(program, module, tree, text);
    found.extend(eclexia_check::lint(program, &analysis.typed, module, text));
    found
}
