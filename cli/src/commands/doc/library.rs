//! The standard library with all its modules in one session, for whoever looks something up in it:
//! `doc`, and `:doc` and `:apropos` at the prompt.
//!
//! Comes in: the text of the library, the embedded or that of `ECLEXIA_STDLIB_PATH`. Goes out: what
//! its modules document. Always holds: loaded once, however much is asked. Absent: packages.

use super::super::program::report;
use super::super::{Stop, test};
use crate::console::Console;
use crate::diagnostics;
use crate::project::FileProvider;
use eclexia_core::core::ModuleId;
use eclexia_core::words::last_part;
use eclexia_db::docs::{DocItem, items};
use eclexia_db::{Session, library};
use eclexia_diag::Diagnostics;
use std::path::Path;

pub struct Library {
    pub session: Session,
    /// In the order of their names.
    modules: Vec<(ModuleId, &'static str)>,
}

/// Programs that import all of it, as the prompt does: `list/map` too can be named.
pub fn imports() -> String {
    library::modules().map(|module| format!("(import {module})\n")).collect()
}

impl Library {
    /// The library, and what is wrong with it where another one is put in its place.
    pub fn load() -> (Library, Diagnostics) {
        let mut session = Session::new(Box::new(FileProvider::new(Path::new(""), None)));
        let (_, found) = session.load("<argument>", imports().as_bytes());
        let named = |name| test::module_of(&session, name).map(|id| (id, name));
        let modules = library::modules().filter_map(named).collect();
        (Library { session, modules }, found)
    }

    /// [`Library::load`] that stops at errors.
    pub fn checked(console: &Console) -> Result<Library, Stop> {
        let (library, found) = Library::load();
        report(console, found, &library.session.sources)?;
        Ok(library)
    }

    pub fn modules(&self) -> impl Iterator<Item = (ModuleId, &'static str)> + '_ {
        self.modules.iter().copied()
    }

    /// A module by its name.
    pub fn module(&self, name: &str) -> Option<ModuleId> {
        self.modules().find(|(_, module)| *module == name).map(|(id, _)| id)
    }

    /// What is documented, with the module of each.
    pub fn items(&self) -> impl Iterator<Item = (&'static str, DocItem)> + '_ {
        let of_module =
            |(id, name)| items(&self.session, id).into_iter().map(move |item| (name, item));
        self.modules().flat_map(of_module)
    }

    /// What is meant: a module, `list/map` (a module and a name in it), or a name, the prelude's
    /// before that of the first module that has it.
    pub fn find(&self, what: &str) -> Result<(ModuleId, Option<String>), Stop> {
        if let Some(module) = self.module(what) {
            return Ok((module, None));
        }
        let has = |id, name: &str| items(&self.session, id).iter().any(|item| item.name == name);
        let (found, name) = match what.split_once('/').filter(|(module, _)| !module.is_empty()) {
            Some((module, name)) => {
                let is_meant = |full: &str| last_part(full) == module;
                (self.modules().find(|(_, full)| is_meant(full)), name)
            }
            None => {
                let prelude = self.modules().filter(|(_, module)| *module == "std.core");
                (prelude.chain(self.modules()).find(|(id, _)| has(*id, what)), what)
            }
        };
        let (module, _) = found.ok_or_else(|| diagnostics::unknown_documentation(what))?;
        Ok((module, Some(name.to_owned())))
    }
}
