//! The commands of the REPL: `:help`, `:type`, `:plan` and the others.

use super::{Next, Repl};
use crate::args::DocArgs;
use eclexia_check::bounds;
use eclexia_core::core::{DefKind, Entity, Expr};
use eclexia_core::cost::Resource;
use eclexia_db::{docs, pipeline};
use eclexia_diag::{Diagnostic, Diagnostics};
use eclexia_model::{Plan, display};
use eclexia_plan::elaborate::Strategies;
use std::path::PathBuf;
use std::time::Instant;

pub const NAMES: [&str; 13] = [
    "help", "type", "cost", "doc", "expand", "load", "reload", "time", "plan", "prices", "live",
    "release", "quit",
];

const HELP: &str = "\
:help          this list
:type EXPR     the type of an expression, which is not evaluated
:cost WHAT     what a function costs at most, or an expression, which is not evaluated
:doc NAME      the documentation of a name: inc, list/map
:expand FORM   a form with its macros expanded
:load FILE     start afresh with the definitions of a file
:reload        load the same file again
:time EXPR     evaluate, and say how long and how many steps it took, and how many
               functions are hot enough to be machine code by now
:plan [NAME]   plan the deployments in scope, or one
:prices [NAME] the price of each limit
:live          the linear values that the session owns
:release NAME [FUNCTION]  consume one of them
:quit          leave (so does Ctrl-D)
*1 *2 *3 are the last values. Ctrl-C stops an evaluation.
";

impl Repl<'_> {
    pub(super) fn command(&mut self, text: &str) -> Next {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match name {
            "help" | "h" | "?" => self.console.out(HELP),
            "quit" | "q" | "exit" => return Next::Quit,
            "type" | "t" => self.type_of(rest),
            "cost" | "c" => self.cost(rest),
            "doc" | "d" => self.doc(rest),
            "expand" => self.expand(rest),
            "load" | "l" => match rest.is_empty() {
                true => self.complain(":load needs a file", ":load examples/hello.ecl"),
                false => self.load(&PathBuf::from(rest)),
            },
            "reload" | "r" => match self.loaded.clone() {
                Some(path) => self.load(&path),
                None => self.complain("nothing has been loaded yet", ":load FILE"),
            },
            "time" => self.time(rest),
            "plan" => self.plans(rest, display::plan),
            "live" => self.list_live(),
            "release" => self.release(rest),
            "prices" => self.plans(rest, display::prices),
            _ => self.complain(&format!("there is no command :{name}"), ":help"),
        }
        Next::Go
    }

    pub(super) fn complain(&mut self, message: &str, instead: &str) {
        let found = Diagnostic::without_place("repl-command", message);
        self.report(Diagnostics::from(found.help(format!("Try `{instead}`."))));
    }

    fn type_of(&mut self, text: &str) {
        let Some(module) = self.compile(text) else { return };
        let program = &self.session.program;
        for def in &program.modules[module].defs {
            if program.defs[*def].kind == DefKind::Repl {
                let ty = self.session.show_type(*def);
                self.console.out(&format!("{text} : {ty}\n"));
            }
        }
    }

    /// A function by its name: what a call of it costs; anything else: what evaluating it does.
    fn cost(&mut self, text: &str) {
        if text.is_empty() {
            return self.complain(":cost needs a function or an expression", ":cost list/map");
        }
        let Some(module) = self.compile(text) else { return };
        let (program, typed) = (&self.session.program, &self.session.typed);
        for def in &program.modules[module].defs {
            let body = program.defs[*def].body.as_ref();
            let Some(body) = body.filter(|_| program.defs[*def].kind == DefKind::Repl) else {
                continue;
            };
            let of = match body.exprs[body.root] {
                Expr::Global(named) if program.defs[named].body.is_some() => named,
                _ => *def,
            };
            let function = bounds::of_definition(program, typed, of, &Resource::ALL);
            let head = match of == *def {
                true => text.to_owned(),
                false => crate::commands::bounds::head(program, of),
            };
            for found in function.found.iter().filter(|f| f.resource != Resource::Memory) {
                self.console.out(&format!("{head}: {}\n", found.said(function.mode)));
            }
        }
    }

    fn doc(&mut self, name: &str) {
        let program = &self.session.program;
        let found = self.scope.and_then(|scope| program.lookup(scope, name));
        let (module, name) = match found {
            Some(Entity::Def(def)) => (program.defs[def].module, program.defs[def].name),
            Some(Entity::Type(ty)) => (program.types[ty].module, program.types[ty].name),
            Some(Entity::Ctor(ctor)) => {
                let ty = &program.types[program.ctors[ctor].ty];
                (ty.module, ty.name)
            }
            Some(Entity::Method(interface, _) | Entity::Interface(interface)) => {
                (program.interfaces[interface].module, program.interfaces[interface].name)
            }
            _ => return self.doc_of_library(name),
        };
        for item in docs::items(&self.session, module) {
            if name == *item.name.as_str() {
                self.console.out(&format!("{} : {}\n{}\n", item.name, item.signature, item.doc));
            }
        }
    }

    /// What is not in scope may be the library's: macros and `list/map` without an import.
    fn doc_of_library(&mut self, name: &str) {
        let args = DocArgs { what: Some(name.to_owned()), manual: false, output: None };
        if name.is_empty() || crate::commands::doc::doc(self.console, &args).is_err() {
            self.complain(&format!("nothing is documented as `{name}`"), ":doc inc");
        }
    }

    fn expand(&mut self, text: &str) {
        let Some(scope) = self.scope else { return };
        let (tree, found) = self.session.read("<repl>", text.as_bytes());
        self.report(found);
        let (shown, found) =
            eclexia_core::expand_to_string(&mut self.session.program, scope, &tree);
        self.report(found);
        shown.iter().for_each(|form| self.console.out(&format!("{form}\n")));
    }

    fn time(&mut self, text: &str) {
        self.steps = 0;
        let start = Instant::now();
        self.enter(text, true);
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        let steps = self.steps;
        let compiled = match self.session.globals.promoted() {
            0 => String::new(),
            1 => ", 1 function compiled".to_owned(),
            n => format!(", {n} functions compiled"),
        };
        self.console.say(&format!("{ms:.3} ms, {steps} steps{compiled}\n"));
    }

    /// Plans the deployments in scope (or the one named) and prints each by `show`.
    fn plans(&mut self, name: &str, show: impl Fn(&Plan) -> String) {
        let Some(scope) = self.scope else { return };
        let known = Strategies::default();
        let (elaborated, found) = pipeline::elaborate(&mut self.session, scope, &known);
        let has_errors = found.has_errors();
        self.report(found);
        if has_errors {
            return;
        }
        let model = &elaborated.model;
        let mut chosen =
            model.deployments.iter().filter(|d| name.is_empty() || d.name == name).peekable();
        if chosen.peek().is_none() {
            self.complain(
                "there is no such deployment in scope",
                ":load examples/document-store.ecl",
            );
        }
        for deployment in chosen {
            let (plan, found) =
                eclexia_plan::plan(deployment, &model.module, None, &elaborated.origins);
            self.report(found);
            if let Some(plan) = plan {
                self.console.out(&show(&plan));
            }
        }
    }
}
