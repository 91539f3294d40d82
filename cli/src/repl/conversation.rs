//! A conversation: the state of evaluation that a prompt, an nREPL session and a notebook share. An
//! input comes in as text; what is to be told of it goes to a [`Listener`].
//!
//! Every input is a module of its own whose scope begins with that of the one before. What inputs
//! define is kept as text, so that a definition that is made again takes along what uses it
//! (`definitions`).

use super::definitions::Definitions;
use super::live::Live;
use super::names::Indexed;
use crate::commands::Stop;
use crate::commands::doc::Library;
use crate::commands::test::module_of;
use crate::console::Output;
use crate::diagnostics;
use crate::engine::WhenHot;
use crate::files;
use crate::project::{self, FileProvider, Opened};
use crate::world::World;
use eclexia_base::{FxHashMap, Name};
use eclexia_core::core::{DefId, DefKind, Entity, ModuleId};
use eclexia_db::Session;
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_interp::Options;
use eclexia_model::{Deployment, Plan};
use eclexia_plan::Curve;
use eclexia_rt::Value;
use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Who is told what comes of inputs.
pub trait Listener: Output {
    /// The value of an expression, whole and on one line, and its type.
    fn value(&self, shown: &str, ty: &str);
    /// What an input has defined.
    fn defined(&self, name: &str, ty: &str);
    /// What a command was asked for.
    fn answer(&self, text: &str);
    /// An answer that can be shown as more than its text.
    fn answer_about(&self, text: &str, _: About<'_>) {
        self.answer(text);
    }
    /// What people want to know and machines do not.
    fn say(&self, text: &str);
    fn report(&self, found: &[Diagnostic], sources: &Sources);
}

/// What an answer is about, for listeners with tables and pictures.
pub enum About<'a> {
    Plan(&'a Plan),
    Graph(&'a Deployment, &'a Plan),
    Prices(&'a Plan),
    Sweep(&'a Curve),
}

pub struct Conversation {
    pub(super) session: Session,
    /// The module whose scope the next input starts with.
    pub(super) scope: Option<ModuleId>,
    /// What `:load` was last asked for.
    pub(super) loaded: Option<String>,
    pub(super) project: Option<Arc<Opened>>,
    /// Constants behind `*1 *2 *3`, the newest first.
    results: Vec<DefId>,
    /// Linear values, the newest last, and how many results have been named.
    pub(super) live: Vec<Live>,
    pub(super) owned: u32,
    pub(super) definitions: Definitions,
    /// The last input that was no command.
    pub(super) last_input: String,
    /// What `:doc` and `:apropos` look in.
    pub(super) library: OnceCell<Library>,
    /// Its names behind their qualifiers.
    pub(super) of_library: OnceCell<Vec<Arc<Indexed>>>,
    /// What was said of the names of the library.
    pub(super) indexed: RefCell<FxHashMap<(Name, Entity), Arc<Indexed>>>,
    /// Runs what the interpreter finds hot in this session.
    compiled: WhenHot,
    /// Steps of the last evaluation.
    pub(super) steps: u64,
    pub failed: bool,
    /// Whether `:quit` was said.
    pub is_over: bool,
    /// Whether who listens sits at another program, where no editor can be opened.
    pub is_remote: bool,
    /// Raised from elsewhere: evaluation stops. Lowered by whoever hands in the next input.
    pub(super) interrupt: Arc<AtomicBool>,
    pub(super) to: Rc<dyn Listener>,
}

/// Whether an input can be evaluated: a command, or text whose brackets are closed.
pub fn is_complete(text: &str) -> bool {
    is_command(text) || !eclexia_syntax::needs_more(text)
}

/// An input that begins with a colon and a letter; a keyword as a value can be written `(do :k)`.
pub fn is_command(text: &str) -> bool {
    let command = text.trim_start().strip_prefix(':');
    command.is_some_and(|c| c.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The project of a file, or of this folder; one that is not sound is told and left aside.
fn project_of(to: &dyn Listener, file: Option<&Path>) -> Option<Arc<Opened>> {
    project::of_file(file.unwrap_or(Path::new("-"))).unwrap_or_else(|stop| {
        match stop {
            Stop::Reported(_) => {}
            Stop::Outside(found) => to.report(&[*found], &Sources::new()),
            Stop::Placed(found, sources) => to.report(&found.sorted(), &sources),
        }
        None
    })
}

impl Conversation {
    /// A conversation in this folder, in which `preamble` has been said.
    pub fn new(to: Rc<dyn Listener>, interrupt: Arc<AtomicBool>, preamble: &str) -> Conversation {
        let project = project_of(&*to, None);
        let session = session_of(Path::new(""), project.clone());
        let mut conversation = Conversation {
            session,
            scope: None,
            loaded: None,
            project,
            results: Vec::new(),
            live: Vec::new(),
            owned: 0,
            definitions: Definitions::default(),
            last_input: String::new(),
            library: OnceCell::new(),
            of_library: OnceCell::new(),
            indexed: RefCell::default(),
            compiled: WhenHot::default(),
            steps: 0,
            failed: false,
            is_over: false,
            is_remote: false,
            interrupt,
            to,
        };
        conversation.scope = conversation.compile("<repl>", preamble);
        conversation
    }

    /// From now on somebody else is told.
    pub fn listen(&mut self, to: Rc<dyn Listener>) {
        self.to = to;
    }

    /// A command, or what is to be evaluated.
    pub fn input(&mut self, text: &str) {
        let text = text.trim();
        if is_command(text) {
            self.command(&text[1..]);
        } else if !text.is_empty() {
            text.clone_into(&mut self.last_input);
            self.enter("<repl>", text);
        }
    }

    /// Reads, resolves and checks an input; its module when there is no error.
    pub(super) fn compile(&mut self, name: &str, text: &str) -> Option<ModuleId> {
        let (module, found) = self.compile_quietly(name, text);
        self.report(found);
        module
    }

    pub(super) fn compile_quietly(
        &mut self,
        name: &str,
        text: &str,
    ) -> (Option<ModuleId>, Diagnostics) {
        let (tree, mut found) = self.session.read(name, text.as_bytes());
        if found.has_errors() {
            return (None, found);
        }
        // An instance is one for its type wherever it was written: that of an input that fails
        // must not be there for the next. Everything else is out of scope with its module.
        let before = ["implement", "deriving"]
            .iter()
            .any(|word| text.contains(word))
            .then(|| (self.session.program.clone(), self.session.typed.clone()));
        let (module, more) = self.session.resolve_input(&tree, "repl", self.scope);
        found.extend(more);
        found.extend(self.session.check());
        if !found.has_errors() {
            return (Some(module), found);
        }
        if let Some((program, typed)) = before {
            (self.session.program, self.session.typed) = (program, typed);
            self.indexed.borrow_mut().clear();
        }
        (None, found)
    }

    /// Evaluates an input of this name.
    pub fn enter(&mut self, name: &str, text: &str) {
        let Some(module) = self.compile(name, text) else { return };
        self.scope = Some(module);
        self.take_moved(module);
        let followed = self.define(module);
        self.evaluate_all(module);
        if !followed.is_empty() {
            self.to.say(&followed);
        }
    }

    /// What a module defines and says, in order, until something fails.
    fn evaluate_all(&mut self, module: ModuleId) {
        for def in self.session.program.modules[module].defs.clone() {
            let name = self.session.program.defs[def].name;
            if self.is_owned(def) {
                // Made now: what it is made of may be gone later.
                let Some(shown) = self.evaluate(def) else { return };
                let (name, ty) = (self.own(def), self.session.show_type(def));
                self.to.answer(&format!("{name} = {shown} : {ty}\n"));
                continue;
            }
            match self.session.program.defs[def].kind {
                DefKind::Repl => {
                    let Some(shown) = self.evaluate(def) else { return };
                    self.to.value(&shown, &self.session.show_type(def));
                    self.remember(def);
                }
                DefKind::Function | DefKind::Constant => {
                    self.to.defined(name.as_str(), &self.session.show_type(def));
                }
                _ => {}
            }
        }
    }

    /// The value as text; `None` when evaluation failed.
    fn evaluate(&mut self, def: DefId) -> Option<String> {
        let value = self.value_of(def)?;
        Some(self.session.show(&value))
    }

    /// The value; `None` when evaluation failed, which is told.
    pub(super) fn value_of(&mut self, def: DefId) -> Option<Value> {
        let options = self.options();
        let mut world = World::new(&*self.to).interrupted_by(self.interrupt.clone());
        let mut evaluator = self.session.evaluator(options, &mut world);
        evaluator.promote_to(&mut self.compiled);
        let result = evaluator.constant(def);
        self.steps = evaluator.steps();
        drop(evaluator);
        world.flush();
        match result {
            Ok(value) => Some(value),
            Err(failure) => {
                self.report(Diagnostics::from(*failure));
                None
            }
        }
    }

    /// Of an evaluation that can be stopped.
    pub(super) fn options(&self) -> Options {
        Options { interrupt: Some(self.interrupt.clone()), ..Options::default() }
    }

    /// Binds `*1 *2 *3` to the last three values.
    pub(super) fn remember(&mut self, def: DefId) {
        self.results.insert(0, def);
        self.results.truncate(3);
        let Some(scope) = self.scope else { return };
        let scope = &mut self.session.program.modules[scope].scope;
        for (i, def) in self.results.iter().enumerate() {
            scope.insert(Name::new(&format!("*{}", i + 1)), Entity::Def(*def));
        }
    }

    pub(super) fn report(&mut self, found: Diagnostics) {
        if found.is_empty() {
            return;
        }
        let found = found.sorted();
        self.to.report(&found, &self.session.sources);
        if let Some(error) = found.iter().find(|d| d.is_error()) {
            self.failed = true;
            self.remember_error(&format!("{}: {}", error.code, error.message));
        }
    }

    /// Binds `*e` to the last message.
    fn remember_error(&mut self, message: &str) {
        let text = eclexia_syntax::print::quoted(message);
        let (Some(module), _) = self.compile_quietly("<repl>", &text) else { return };
        let def = self.session.program.modules[module].defs.first().copied();
        if let (Some(scope), Some(def)) = (self.scope, def) {
            let scope = &mut self.session.program.modules[scope].scope;
            scope.insert(Name::new("*e"), Entity::Def(def));
        }
    }

    /// Starts afresh with the definitions of a file, or of a module of the project or the library.
    pub(super) fn load(&mut self, what: &str) {
        let path = PathBuf::from(what);
        let is_module = !files::is_source(&path) && !path.exists();
        if is_module {
            return self.load_module(what);
        }
        match files::read(&path) {
            Ok((name, bytes)) => self.load_text(&name, &bytes),
            Err(found) => self.report(Diagnostics::from(found)),
        }
    }

    /// The text of a file at a path, which need not be there.
    pub fn load_text(&mut self, name: &str, bytes: &[u8]) {
        let path = Path::new(name);
        self.begin(name, path);
        let (module, found) = self.session.load(name, bytes);
        self.begun(name, module, found);
    }

    fn load_module(&mut self, name: &str) {
        self.begin(name, Path::new(""));
        let import = format!("(import {name})");
        let (_, found) = self.session.load("<argument>", import.as_bytes());
        match module_of(&self.session, name) {
            Some(module) => self.begun(name, module, found),
            None => {
                self.scope = self.compile("<repl>", "");
                self.report(found);
            }
        }
    }

    /// All that is defined, as a file.
    pub fn definitions_text(&self) -> String {
        self.definitions.text()
    }

    fn begin(&mut self, what: &str, path: &Path) {
        let file = (path != Path::new("")).then_some(path);
        self.project = project_of(&*self.to, file);
        self.session = session_of(path, self.project.clone());
        self.compiled = WhenHot::default();
        self.indexed.borrow_mut().clear();
        self.tell_live();
        self.live.clear();
        self.results.clear();
        self.definitions = Definitions::default();
        self.scope = None;
        self.loaded = Some(what.to_owned());
    }

    fn begun(&mut self, name: &str, module: ModuleId, found: Diagnostics) {
        let has_errors = found.has_errors();
        self.scope = match has_errors {
            true => self.compile("<repl>", ""),
            false => Some(module),
        };
        self.report(found);
        if !has_errors {
            // A file is new to the session: nothing follows.
            self.define(module);
            self.to.say(&format!("loaded {name}\n"));
        }
    }

    pub(super) fn complain(&mut self, message: &str, instead: &str) {
        self.report(Diagnostics::from(diagnostics::repl_command(message, instead)));
    }

    /// Functions that are machine code by now.
    pub(super) fn promoted(&self) -> usize {
        self.session.globals.promoted()
    }
}

fn session_of(path: &Path, project: Option<Arc<Opened>>) -> Session {
    Session::new(Box::new(FileProvider::new(path, project)))
}
