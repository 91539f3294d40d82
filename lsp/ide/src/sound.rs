//! Sound modules: without errors in them or what they import. They have IR, bounds and plans.

use eclexia_base::{FileId, FxHashSet};
use eclexia_core::core::ModuleId;
use eclexia_db::Analysis;

/// The project's modules that are sound: neither they nor what they import has errors.
pub fn modules(analysis: &Analysis) -> Vec<(FileId, ModuleId)> {
    let Some(broken) = broken(analysis) else { return Vec::new() };
    let own = analysis.modules.iter().map(|(file, module)| (*file, *module));
    own.filter(|(_, module)| reaches_none(analysis, *module, &broken)).collect()
}

/// Whether neither a module nor what it imports has errors.
pub fn is_sound(analysis: &Analysis, module: ModuleId) -> bool {
    broken(analysis).is_some_and(|broken| reaches_none(analysis, module, &broken))
}

/// The files with errors; nothing where an error has no place.
fn broken(analysis: &Analysis) -> Option<FxHashSet<FileId>> {
    let errors = analysis.found.iter().filter(|found| found.is_error());
    errors.map(|found| Some(found.primary.as_ref()?.span.file)).collect()
}

/// Whether a module is of none of these files, and imports none of them, directly or not.
pub fn reaches_none(analysis: &Analysis, module: ModuleId, files: &FxHashSet<FileId>) -> bool {
    let modules = &analysis.program.modules;
    let (mut seen, mut open) = (FxHashSet::default(), vec![module]);
    while let Some(module) = open.pop() {
        if files.contains(&modules[module].span.file) {
            return false;
        }
        if seen.insert(module) {
            open.extend(modules[module].aliases.values());
        }
    }
    true
}
