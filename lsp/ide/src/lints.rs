//! Lints: what is written for nothing in files without errors. Those of what is written for the
//! planner are [`crate::live`]'s, which evaluates it.

use crate::sound;
use eclexia_base::{FileId, FxHashSet};
use eclexia_core::core::ModuleId;
use eclexia_db::{Analysis, pipeline};
use eclexia_diag::{Diagnostics, Sources};
use std::collections::BTreeMap;

/// Of one of the project's files; none where it, or what it imports, has errors.
pub fn lints(analysis: &Analysis, file: FileId) -> Diagnostics {
    let module = analysis.modules.get(&file).copied();
    let module = module.filter(|module| sound::is_sound(analysis, *module));
    module.map(|module| of_module(analysis, file, module)).unwrap_or_default()
}

/// The lints of the project's files in the last analysis.
#[derive(Default)]
pub struct Linted {
    sources: Sources,
    files: BTreeMap<FileId, Diagnostics>,
}

impl Linted {
    /// Those of a newer analysis; `None` where `is_stale` has said so between two files. A file
    /// that reaches none whose text has changed has those that it had.
    pub fn all(&mut self, analysis: &Analysis, is_stale: &dyn Fn() -> bool) -> Option<Diagnostics> {
        let changed: FxHashSet<FileId> = analysis.sources.not_in(&self.sources).collect();
        let mut files = BTreeMap::new();
        for (file, module) in sound::modules(analysis) {
            if is_stale() {
                return None;
            }
            let known = self.files.get(&file);
            let known = known.filter(|_| sound::reaches_none(analysis, module, &changed));
            let found = known.cloned().unwrap_or_else(|| of_module(analysis, file, module));
            files.insert(file, found);
        }
        *self = Linted { sources: analysis.sources.clone(), files };
        Some(self.files.values().flat_map(|found| found.iter().cloned()).collect())
    }
}

fn of_module(analysis: &Analysis, file: FileId, module: ModuleId) -> Diagnostics {
    let Some(tree) = analysis.trees.get(&file) else { return Diagnostics::new() };
    let (program, typed) = (&analysis.program, &analysis.typed);
    pipeline::lint(program, typed, module, (tree, analysis.sources.text(file)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_db::Workspace;
    use eclexia_db::library::Embedded;

    #[test]
    fn what_reaches_an_edit_is_looked_at_again() {
        let mut workspace = Workspace::new(Box::new(Embedded));
        let mut set = |module: &str, text: &str| {
            workspace.set(module, &format!("{module}.ecl"), text.into());
            workspace.analysis()
        };
        set("words", "(defmacro (keep x y) (str x y))\n");
        set("main", "(import words :all)\n(defn f [a b] (keep a b))\n");
        let first = set("other", "(defn g [c] 1)\n");
        let mut linted = Linted::default();
        let codes = |found: Option<Diagnostics>| -> Vec<String> {
            let found = found.expect("nobody stops it");
            found.iter().map(|lint| lint.message.clone()).collect()
        };
        assert_eq!(codes(linted.all(&first, &|| false)), ["`c` is never used"]);
        // A macro that drops an argument is told of where it is used.
        let second = set("words", "(defmacro (keep x y) (str x))\n");
        let found = linted.all(&second, &|| false);
        assert_eq!(found.as_ref().map(Diagnostics::len), Some(2), "{:?}", codes(found));
        assert!(linted.all(&second, &|| true).is_none());
        // The same as from nothing.
        let third = set("other", "(defn g [c] c)\n");
        let fresh = codes(Linted::default().all(&third, &|| false));
        assert_eq!(codes(linted.all(&third, &|| false)), fresh);
        assert_eq!(fresh, ["`b` is never used"]);
    }
}
