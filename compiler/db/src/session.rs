//! A session: sources, program, facts and values, all append-only. One per file for a command, one
//! for the whole conversation at the REPL.

use crate::library::{Provider, modules};
use eclexia_base::{FileId, FxHashSet};
use eclexia_check::typed::Typed;
use eclexia_core::core::{DefId, DefKind, Entity, ModuleId, Program, TypeId};
use eclexia_core::{Loader, resolve, resolve_page};
use eclexia_diag::{Diagnostics, Outcome, Sources};
use eclexia_interp::{Evaluator, Globals, Options};
use eclexia_ir::{LowerState, Root, lower};
use eclexia_plan::elaborate::{Declared, Elaborated, Strategies};
use eclexia_rt::effects::{Effects, Hermetic};
use eclexia_rt::value::Value;
use eclexia_syntax::Tree;

/// What a stage made, and what it found.
pub type Found<T> = Outcome<T>;

/// Steps that a deployment's value may take: some seconds of evaluation, so that planning ends.
pub const PLANNING_STEPS: u64 = 50_000_000;

pub struct Session {
    pub sources: Sources,
    pub program: Program,
    pub typed: Typed,
    pub globals: Globals,
    /// Modules that began with the scope of another.
    inputs: FxHashSet<ModuleId>,
    provider: Box<dyn Provider>,
}

/// Reads the modules that resolution asks for.
struct SessionLoader<'s> {
    sources: &'s mut Sources,
    provider: &'s mut dyn Provider,
    found: Diagnostics,
}

impl Loader for SessionLoader<'_> {
    fn load(&mut self, module: &str) -> Option<Tree> {
        let source = self.provider.module(module)?;
        let (tree, found) = read_into(self.sources, &source.name, &source.bytes);
        self.found.extend(found);
        Some(tree)
    }

    fn names(&self) -> Vec<String> {
        modules().map(str::to_owned).chain(self.provider.names()).collect()
    }

    fn refuses(&self, importer: &str, module: &str) -> Option<(String, String)> {
        self.provider.refuses(importer, module)
    }
}

/// Reads a text and keeps it.
pub(crate) fn read_into(sources: &mut Sources, name: &str, bytes: &[u8]) -> Found<Tree> {
    let file = sources.next_id();
    let (text, (tree, found)) = eclexia_syntax::read_bytes(file, bytes);
    sources.add(name, text);
    (tree, found)
}

impl Session {
    pub fn new(provider: Box<dyn Provider>) -> Session {
        Session {
            sources: Sources::new(),
            program: Program::default(),
            typed: Typed::default(),
            globals: Globals::default(),
            inputs: FxHashSet::default(),
            provider,
        }
    }

    pub fn read(&mut self, name: &str, bytes: &[u8]) -> Found<Tree> {
        read_into(&mut self.sources, name, bytes)
    }

    pub fn resolve(&mut self, tree: &Tree, name: &str) -> Found<ModuleId> {
        self.resolve_by(|program, loader| resolve(program, tree, name, None, loader))
    }

    /// A module that may hold expressions: a page of the manual, or with the scope of an earlier
    /// module an input of the REPL.
    pub fn resolve_input(
        &mut self,
        tree: &Tree,
        name: &str,
        scope: Option<ModuleId>,
    ) -> Found<ModuleId> {
        let (module, found) = self.resolve_by(|program, loader| match scope {
            Some(_) => resolve(program, tree, name, scope, loader),
            None => resolve_page(program, tree, name, loader),
        });
        if scope.is_some() {
            self.inputs.insert(module);
        }
        (module, found)
    }

    fn resolve_by(
        &mut self,
        resolve: impl FnOnce(&mut Program, &mut dyn Loader) -> Found<ModuleId>,
    ) -> Found<ModuleId> {
        let mut loader = SessionLoader {
            sources: &mut self.sources,
            provider: &mut *self.provider,
            found: Diagnostics::new(),
        };
        let (module, found) = resolve(&mut self.program, &mut loader);
        let mut all = loader.found;
        all.extend(found);
        (module, all)
    }

    /// Checks what is new in the program.
    pub fn check(&mut self) -> Diagnostics {
        eclexia_check::check(&self.program, &mut self.typed)
    }

    /// Read, resolve and check.
    pub fn load(&mut self, name: &str, bytes: &[u8]) -> Found<ModuleId> {
        let (tree, mut found) = crate::pipeline::read(self, name, bytes);
        let (module, more) = crate::pipeline::check(self, &tree, stem(name));
        found.extend(more);
        (module, found)
    }

    /// What is written for nothing in a module that has no errors.
    pub fn lint(&self, module: ModuleId) -> Diagnostics {
        let file = self.file_of(module);
        let text = self.sources.text(file);
        let (tree, _) = eclexia_syntax::read(file, text);
        crate::pipeline::lint(&self.program, &self.typed, module, (&tree, text))
    }

    pub fn evaluator<'s>(
        &'s mut self,
        options: Options,
        effects: &'s mut dyn Effects,
    ) -> Evaluator<'s> {
        Evaluator::new(&self.program, &self.typed, &mut self.globals, options, effects)
    }

    /// The IR of a module's definitions that are of one type, and of all that they need.
    pub fn lower(&self, module: ModuleId) -> Found<eclexia_ir::ir::Program> {
        let mut ir = eclexia_ir::ir::Program::default();
        let mut state = LowerState::default();
        let mut found = Diagnostics::new();
        for def in &self.program.modules[module].defs {
            let Some(body) = &self.program.defs[*def].body else { continue };
            let scheme = self.typed.scheme(*def);
            if !scheme.vars.is_empty() || !scheme.units.is_empty() {
                continue;
            }
            let root = if body.is_function { Root::Function(*def) } else { Root::Constant(*def) };
            let lowered = lower(&self.program, &self.typed, &mut ir, &mut state, root);
            if let Err(failure) = lowered {
                found.push(*failure);
            }
        }
        (ir, found)
    }

    /// The values of a module's accounts and deployments; what they print is dropped, and no
    /// effect is open to them.
    pub fn interpret_deployments(&mut self, module: ModuleId) -> Found<Declared> {
        let accounts = self.constants_of(module, "Account");
        let deployments = self.constants_of(module, "Deployment");
        let mut found = Diagnostics::new();
        let mut nothing = Hermetic::default();
        let options = Options { max_steps: Some(PLANNING_STEPS), ..Options::default() };
        let mut evaluator = self.evaluator(options, &mut nothing);
        let mut values = |defs: Vec<DefId>| -> Vec<Value> {
            let mut values = Vec::new();
            for def in defs {
                match evaluator.constant(def) {
                    Ok(value) => values.push(value),
                    Err(diagnostic) => found.push(*diagnostic),
                }
            }
            values
        };
        let (accounts, deployments) = (values(accounts), values(deployments));
        let declared = Declared { accounts, deployments, draws: self.globals.outstanding() };
        (declared, found)
    }

    pub fn elaborate(
        &self,
        module: ModuleId,
        declared: &Declared,
        known: &Strategies,
    ) -> Found<Elaborated> {
        let name = self.program.modules[module].name.as_str();
        eclexia_plan::elaborate::elaborate(&self.program, &self.sources, name, declared, known)
    }

    /// Constants that a module defines, or at the REPL inherits, whose type is the record `name` of
    /// `std.deploy`; in order of definition.
    fn constants_of(&self, id: ModuleId, name: &str) -> Vec<DefId> {
        let Some(wanted) = self.deploy_type(name) else { return Vec::new() };
        let module = &self.program.modules[id];
        let inherited = module.scope.values().filter_map(|entity| match entity {
            Entity::Def(def) if !self.program.modules[self.program.defs[*def].module].is_std => {
                Some(*def)
            }
            _ => None,
        });
        let mut defs: Vec<DefId> = match self.inputs.contains(&id) {
            true => inherited.collect(),
            false => module.defs.clone(),
        };
        defs.retain(|def| matches!(self.program.defs[*def].kind, DefKind::Constant));
        defs.retain(|def| eclexia_check::head_type(self.typed.scheme(*def).ty) == Some(wanted));
        defs.sort_unstable();
        defs
    }

    fn deploy_type(&self, name: &str) -> Option<TypeId> {
        let deploy = self.program.modules.values().find(|m| m.name == *"std.deploy")?;
        deploy.types.iter().copied().find(|t| self.program.types[*t].name == *name)
    }

    /// A value as the REPL shows it.
    pub fn show(&self, value: &Value) -> String {
        eclexia_interp::show_value(value, &self.program)
    }

    /// The type of a definition as users write it.
    pub fn show_type(&self, def: DefId) -> String {
        eclexia_check::show_scheme(&self.program, &self.typed.scheme(def))
    }

    /// The file that a module was read from.
    pub fn file_of(&self, module: ModuleId) -> FileId {
        self.program.modules[module].span.file
    }
}

/// `shop/web.ecl` names the module `web`.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    let file = file.trim_start_matches('<').trim_end_matches('>');
    file.split_once('.').map_or(file, |(stem, _)| stem)
}
