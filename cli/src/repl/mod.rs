//! The REPL: reads an input (of several lines while brackets are open), evaluates it in the scope
//! of the session, prints value and type. Without a terminal it reads standard input and prints no
//! prompts. Every input is a module of its own whose scope begins with that of the one before.

mod commands;
mod editor;
mod live;

use crate::args::ReplArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit};
use crate::engine::WhenHot;
use crate::files;
use crate::interrupt;
use crate::project::{self, FileProvider};
use crate::world::World;
use eclexia_base::Name;
use eclexia_core::core::{DefId, DefKind, Entity, ModuleId};
use eclexia_db::Session;
use eclexia_diag::Diagnostics;
use eclexia_interp::Options;
use editor::{Line, Lines};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

pub struct Repl<'c> {
    console: &'c Console,
    session: Session,
    /// The module whose scope the next input starts with.
    scope: Option<ModuleId>,
    /// The file of the last `:load`.
    loaded: Option<PathBuf>,
    /// Constants behind `*1 *2 *3`, the newest first.
    results: Vec<DefId>,
    /// Linear values, the newest last, and how many results have been named.
    live: Vec<live::Live>,
    owned: u32,
    /// Runs what the interpreter finds hot in this session.
    compiled: WhenHot,
    /// Steps of the last evaluation.
    steps: u64,
    failed: bool,
}

/// What an input asks for next.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    Quit,
}

pub fn repl(console: &Console, args: &ReplArgs) -> Ended {
    let mut lines =
        Lines::open().map_err(|error| crate::diagnostics::cannot_read("<stdin>", &error))?;
    let mut repl = Repl::new(console);
    if lines.is_terminal() {
        console.say("Eclexia. `:help` lists the commands, Ctrl-D leaves.\n");
    }
    // At a terminal the library's names are there to be completed, `list/map` too.
    let library: String = match lines.is_terminal() {
        true => eclexia_db::library::modules().map(|m| format!("(import {m})\n")).collect(),
        false => String::new(),
    };
    repl.enter(&library, false);
    if let Some(file) = &args.file {
        repl.load(file);
    }
    let mut text = String::new();
    loop {
        lines.set_names(repl.names());
        match lines.next(if text.is_empty() { "ecl> " } else { "...> " }) {
            Line::Text(line) => {
                text.push_str(&line);
                text.push('\n');
                if !is_complete(&text) {
                    continue;
                }
                if repl.input(&std::mem::take(&mut text)) == Next::Quit {
                    break;
                }
            }
            Line::Cancelled => text.clear(),
            Line::End => {
                repl.input(&text);
                break;
            }
        }
    }
    repl.tell_live();
    // At a terminal errors have been seen; a script wants to know.
    Ok(if repl.failed && !lines.is_terminal() { Exit::Error } else { Exit::Done })
}

/// Whether an input can be evaluated: a command, or text whose brackets are closed.
fn is_complete(text: &str) -> bool {
    is_command(text) || !eclexia_syntax::needs_more(text)
}

/// An input that begins with a colon and a letter; a keyword as a value can be written `(do :k)`.
fn is_command(text: &str) -> bool {
    let command = text.trim_start().strip_prefix(':');
    command.is_some_and(|c| c.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// In a project its packages are there; a project that is not sound is told once and left aside.
fn new_session(console: &Console, file: Option<&Path>) -> Session {
    let project = project::of_file(file.unwrap_or(Path::new("-")));
    let project = project.unwrap_or_else(|stop| {
        stop.report(console);
        None
    });
    Session::new(Box::new(FileProvider::new(file.unwrap_or(Path::new("")), project)))
}

impl<'c> Repl<'c> {
    fn new(console: &'c Console) -> Repl<'c> {
        let session = new_session(console, None);
        Repl {
            console,
            session,
            scope: None,
            loaded: None,
            results: Vec::new(),
            live: Vec::new(),
            owned: 0,
            compiled: WhenHot::default(),
            steps: 0,
            failed: false,
        }
    }

    fn input(&mut self, text: &str) -> Next {
        let text = text.trim();
        if is_command(text) {
            return self.command(&text[1..]);
        }
        if !text.is_empty() {
            self.enter(text, true);
        }
        Next::Go
    }

    /// Reads, resolves and checks an input; its module when there is no error.
    fn compile(&mut self, text: &str) -> Option<ModuleId> {
        let (tree, mut found) = self.session.read("<repl>", text.as_bytes());
        if found.has_errors() {
            self.report(found);
            return None;
        }
        let (module, more) = self.session.resolve_input(&tree, "repl", self.scope);
        found.extend(more);
        found.extend(self.session.check());
        let has_errors = found.has_errors();
        self.report(found);
        (!has_errors).then_some(module)
    }

    fn enter(&mut self, text: &str, is_shown: bool) {
        let Some(module) = self.compile(text) else { return };
        self.scope = Some(module);
        self.take_moved(module);
        let defs = self.session.program.modules[module].defs.clone();
        for def in defs {
            let name = self.session.program.defs[def].name;
            if self.is_owned(def) {
                // Made now: what it is made of may be gone later.
                let Some(shown) = self.evaluate(def) else { return };
                let name = self.own(module, def);
                self.console.out(&format!("{name} = {shown}\n"));
                continue;
            }
            match self.session.program.defs[def].kind {
                DefKind::Repl => {
                    let Some(shown) = self.evaluate(def) else { return };
                    if is_shown {
                        self.console.out(&format!("{shown}\n"));
                    }
                    self.remember(module, def);
                }
                DefKind::Function | DefKind::Constant if is_shown => {
                    let ty = self.session.show_type(def);
                    self.console.say(&format!("{name} : {ty}\n"));
                }
                _ => {}
            }
        }
    }

    /// `value : Type`, or just the type's absence for Unit; `None` when evaluation failed.
    fn evaluate(&mut self, def: DefId) -> Option<String> {
        let interrupt = interrupt::flag();
        interrupt.store(false, Ordering::Relaxed);
        let options = Options { interrupt: Some(interrupt.clone()), ..Options::default() };
        let mut world = World::new(self.console);
        let mut evaluator = self.session.evaluator(options, &mut world);
        evaluator.promote_to(&mut self.compiled);
        let result = evaluator.constant(def);
        self.steps = evaluator.steps();
        drop(evaluator);
        world.flush();
        interrupt.store(false, Ordering::Relaxed);
        match result {
            Ok(value) => {
                let ty = self.session.show_type(def);
                Some(format!("{} : {ty}", self.session.show(&value)))
            }
            Err(failure) => {
                self.report(Diagnostics::from(*failure));
                None
            }
        }
    }

    /// Binds `*1 *2 *3` to the last three values.
    fn remember(&mut self, module: ModuleId, def: DefId) {
        self.results.insert(0, def);
        self.results.truncate(3);
        let scope = &mut self.session.program.modules[module].scope;
        for (i, def) in self.results.iter().enumerate() {
            scope.insert(Name::new(&format!("*{}", i + 1)), Entity::Def(*def));
        }
    }

    fn report(&mut self, found: Diagnostics) {
        if found.is_empty() {
            return;
        }
        self.failed |= found.has_errors();
        self.console.report(&found.sorted(), &self.session.sources);
    }

    /// Starts afresh with a file's definitions in scope.
    fn load(&mut self, path: &Path) {
        let read = files::read(path);
        let (name, bytes) = match read {
            Ok(read) => read,
            Err(found) => return self.report(Diagnostics::from(found)),
        };
        self.session = new_session(self.console, Some(path));
        self.compiled = WhenHot::default();
        self.tell_live();
        self.live.clear();
        self.results.clear();
        self.scope = None;
        self.loaded = Some(path.to_owned());
        let (module, found) = self.session.load(&name, &bytes);
        let has_errors = found.has_errors();
        self.report(found);
        if has_errors {
            self.enter("", false);
        } else {
            self.scope = Some(module);
            self.console.say(&format!("loaded {name}\n"));
        }
    }

    /// What can be completed: names in scope, sorted.
    fn names(&self) -> Vec<String> {
        let Some(scope) = self.scope else { return Vec::new() };
        let in_scope = self.session.program.names_in_scope(scope);
        let mut names: Vec<String> = in_scope.iter().map(|(name, _)| name.to_string()).collect();
        names.extend(eclexia_core::special_names().map(str::to_owned));
        names.sort();
        names.dedup();
        names
    }
}
