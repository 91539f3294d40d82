//! Source to evaluated text, as the pipeline does it, with the library from the repository.

use eclexia_base::FileId;
use eclexia_check::typed::Typed;
use eclexia_core::core::{DefKind, ModuleId, Program};
use eclexia_core::{Loader, resolve};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_interp::{Evaluator, Globals, Options, show_value};
use eclexia_rt::Hermetic;
use eclexia_syntax::{Tree, read};
use std::path::{Path, PathBuf};

pub struct Session {
    pub program: Program,
    pub typed: Typed,
    pub printed: Vec<String>,
    files: Files,
}

struct Files {
    sources: Sources,
    problems: Diagnostics,
}

fn stdlib() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib")
}

pub fn sorted_files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}

/// The modules that this crate's owner keeps: all of `std` but what needs the deployment model.
pub fn std_modules() -> Vec<String> {
    let stem = |path: &PathBuf| path.file_stem().expect("a stem").to_string_lossy().into_owned();
    let all: Vec<String> = sorted_files(&stdlib().join("std"), "ecl").iter().map(stem).collect();
    let own = all.into_iter().filter(|name| !["deploy", "adaptive"].contains(&name.as_str()));
    own.map(|name| format!("std.{name}")).collect()
}

impl Files {
    fn read(&mut self, name: &str, text: &str) -> Tree {
        let file: FileId = self.sources.add(name, text);
        let (tree, problems) = read(file, text);
        self.problems.extend(problems);
        tree
    }
}

impl Loader for Files {
    fn load(&mut self, module: &str) -> Option<Tree> {
        let path = stdlib().join(format!("{}.ecl", module.replace('.', "/")));
        let text = std::fs::read_to_string(&path).ok()?;
        Some(self.read(&format!("{module}.ecl"), &text))
    }
}

impl Session {
    pub fn new() -> Session {
        Session {
            program: Program::default(),
            typed: Typed::default(),
            printed: Vec::new(),
            files: Files { sources: Sources::new(), problems: Diagnostics::new() },
        }
    }

    /// One line per diagnostic: place, code, message, label and note texts.
    pub fn line(&self, diagnostic: &Diagnostic) -> String {
        let place = diagnostic.primary.as_ref().map_or_else(String::new, |label| {
            let source = self.files.sources.get(label.span.file);
            let (line, column) = source.map_or((0, 0), |s| s.line_column(label.span.start));
            format!("{}:{line}:{column}: ", self.files.sources.name(label.span.file))
        });
        let here = diagnostic.primary.as_ref().map_or("", |label| label.text.as_str());
        let mut out = format!("{place}[{}] {}: {here}\n", diagnostic.code, diagnostic.message);
        for label in &diagnostic.labels {
            let source = self.files.sources.get(label.span.file);
            let (line, column) = source.map_or((0, 0), |s| s.line_column(label.span.start));
            out.push_str(&format!("  {line}:{column}: {}\n", label.text));
        }
        for line in diagnostic.notes.iter().flat_map(|note| note.lines()) {
            out.push_str(&format!("  {line}\n"));
        }
        out
    }

    fn checked(
        &mut self,
        tree: &Tree,
        name: &str,
        parent: Option<ModuleId>,
    ) -> Result<ModuleId, String> {
        let (module, mut all) = resolve(&mut self.program, tree, name, parent, &mut self.files);
        all.extend(eclexia_check::check(&self.program, &mut self.typed));
        let mut problems = std::mem::take(&mut self.files.problems);
        problems.extend(all);
        if problems.has_errors() {
            return Err(problems.sorted().iter().map(|d| self.line(d)).collect());
        }
        Ok(module)
    }

    pub fn module(&mut self, name: &str, text: &str) -> Result<ModuleId, String> {
        let tree = self.files.read(&format!("{name}.ecl"), text);
        self.checked(&tree, name, None)
    }

    /// A module of the standard library, loaded through an import.
    pub fn library(&mut self, name: &str) -> Result<ModuleId, String> {
        let known = |p: &Program| p.modules.iter().find(|(_, m)| m.name == name).map(|(id, _)| id);
        if let Some(module) = known(&self.program) {
            return Ok(module);
        }
        self.module(&format!("use-{name}"), &format!("(import {name})"))?;
        known(&self.program).ok_or_else(|| format!("no module {name}\n"))
    }

    /// The value of an expression in the scope of a module, as text.
    pub fn eval(
        &mut self,
        text: &str,
        parent: ModuleId,
        globals: &mut Globals,
    ) -> Result<String, String> {
        let tree = self.files.read("input", text);
        let module = self.checked(&tree, "input", Some(parent))?;
        let is_input = |def: &&_| self.program.defs[**def].kind == DefKind::Repl;
        let def = self.program.modules[module].defs.iter().rfind(is_input).copied();
        let def = def.ok_or_else(|| "no expression".to_owned())?;
        let mut effects = Hermetic::default();
        let (program, typed) = (&self.program, &self.typed);
        let options = Options::default();
        let mut evaluator = Evaluator::new(program, typed, globals, options, &mut effects);
        let result = evaluator.constant(def);
        self.printed.extend(effects.printed);
        match result {
            Ok(value) => Ok(show_value(&value, &self.program)),
            Err(failure) => Err(self.line(&failure)),
        }
    }
}
