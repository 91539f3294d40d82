//! The commands of the prompt: one table, from which `:help` is made.

use super::conversation::Conversation;
use super::show::{Room, lay_out};
use eclexia_check::bounds;
use eclexia_core::core::{DefId, DefKind, Expr, ModuleId};
use eclexia_core::cost::Resource;
use std::time::Instant;

/// What is said as `:name`, or shorter.
pub struct Command {
    pub name: &'static str,
    short: &'static [&'static str],
    pub takes: Takes,
    says: &'static str,
    run: fn(&mut Conversation, &str),
}

/// What stands behind the name of a command.
#[derive(Clone, Copy)]
pub struct Takes {
    pub shown: &'static str,
    /// Where it has to be there: what it is, and one to try.
    needs: Option<(&'static str, &'static str)>,
}

const fn needs(shown: &'static str, what: &'static str, example: &'static str) -> Takes {
    Takes { shown, needs: Some((what, example)) }
}

const fn may_take(shown: &'static str) -> Takes {
    Takes { shown, needs: None }
}

const NOTHING: Takes = may_take("");
const MAY_NAME: Takes = may_take("[NAME]");
const NAME: Takes = needs("NAME", "a name", "list/map");
const PART: Takes = needs("TEXT", "a part of a name", "fold");
const EXPR: Takes = needs("EXPR", "an expression", "(+ 1 2)");
const FORM: Takes = needs("FORM", "a form", "(-> 1 inc)");
const WHAT: Takes = needs("WHAT", "a function or an expression", "(+ 1 2)");
const PLANNED: Takes = needs("NAME", "a service, a job or a budget", "web");
const EDIT: Takes = needs("EDIT", "an edit", "team.cost += 50USD/month");
const SOURCE: Takes = needs("FILE", "a file", "examples/hello.ecl");
const TARGET: Takes = needs("FILE", "a file", "shop.ecl");

const fn command(
    (name, short): (&'static str, &'static [&'static str]),
    takes: Takes,
    says: &'static str,
    run: fn(&mut Conversation, &str),
) -> Command {
    Command { name, short, takes, says, run }
}

type C = Conversation;

pub const COMMANDS: &[Command] = &[
    command(("help", &["h", "?"]), NOTHING, "this list", |c, _| c.help()),
    command(("type", &["t"]), EXPR, "its type; it is not evaluated", C::type_of),
    command(("doc", &["d"]), NAME, "the documentation of a name: inc, list/map", C::doc),
    command(("apropos", &["a"]), PART, "names like it, and what is documented with it", C::apropos),
    command(("cost", &["c"]), WHAT, "what a function or an expression costs at most", C::cost),
    command(("expand", &[]), FORM, "it with its macros expanded", C::expand),
    command(("inspect", &["i"]), EXPR, "its value part by part", C::inspect),
    command(("time", &[]), EXPR, "evaluate it: how long, how many steps", C::time),
    command(("profile", &[]), EXPR, "evaluate it: which functions take the steps", C::profile),
    command(("ir", &[]), WHAT, "what the engines run, of a function or expression", C::ir),
    command(("clif", &[]), WHAT, "what the code generator gets", C::clif),
    command(("disasm", &[]), WHAT, "its machine code", C::disasm),
    command(("plan", &[]), MAY_NAME, "plan the deployments in scope, or one", C::plan),
    command(("graph", &[]), MAY_NAME, "draw them, in the dot language", C::graph),
    command(("prices", &[]), MAY_NAME, "the price of each limit", C::prices),
    command(("why", &[]), PLANNED, "why a service, a job or a budget is planned so", C::why),
    command(("what-if", &[]), EDIT, "plan with an edit: team.cost += 50USD/month", C::what_if),
    command(("load", &["l"]), SOURCE, "start afresh with a file, or a module: shop.web", C::load),
    command(("reload", &["r"]), NOTHING, "load the same again", |c, _| c.reload()),
    command(
        ("edit", &["e"]),
        MAY_NAME,
        "change a definition, or the last input, in $EDITOR",
        C::edit,
    ),
    command(("save", &[]), TARGET, "write all definitions into a file", C::save),
    command(("live", &[]), NOTHING, "the linear values that the session owns", |c, _| {
        c.list_live()
    }),
    command(("release", &[]), may_take("NAME [FUNCTION]"), "consume one of them", C::release),
    command(("quit", &["q", "exit"]), NOTHING, "leave (so does Ctrl-D)", |c, _| c.is_over = true),
];

const NOTES: &str = "\
*1 *2 *3 are the last values, *e the last message. What is defined again takes along what uses it.
Ctrl-C stops an evaluation, and drops what is typed.
";

impl Conversation {
    pub(super) fn command(&mut self, text: &str) {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match COMMANDS.iter().find(|c| c.name == name || c.short.contains(&name)) {
            Some(command) => match command.takes.needs.filter(|_| rest.trim().is_empty()) {
                Some((what, example)) => {
                    let name = command.name;
                    self.complain(&format!(":{name} needs {what}"), &format!(":{name} {example}"));
                }
                None => (command.run)(self, rest.trim()),
            },
            None => {
                let names = COMMANDS.iter().map(|c| c.name);
                let distance = |known: &&str| eclexia_base::unit::edit_distance(known, name);
                let near = names.min_by_key(distance).filter(|known| distance(known) <= 2);
                let instead = format!(":{}", near.unwrap_or("help"));
                self.complain(&format!("there is no command :{name}"), &instead);
            }
        }
    }

    fn help(&mut self) {
        let lines = COMMANDS.iter().map(|c| {
            let head = format!(":{} {}", c.name, c.takes.shown);
            format!("{head:<24} {}\n", c.says)
        });
        let text: String = lines.collect();
        self.to.answer(&(text + NOTES));
    }

    fn reload(&mut self) {
        match self.loaded.clone() {
            Some(what) => self.load(&what),
            None => self.complain("nothing has been loaded yet", ":load FILE"),
        }
    }

    /// The expressions of an input.
    pub(super) fn expressions(&self, module: ModuleId) -> Vec<DefId> {
        let program = &self.session.program;
        let defs = program.modules[module].defs.iter().copied();
        defs.filter(|def| program.defs[*def].kind == DefKind::Repl).collect()
    }

    fn type_of(&mut self, text: &str) {
        let Some(module) = self.compile("<repl>", text) else { return };
        for def in self.expressions(module) {
            self.to.answer(&format!("{text} : {}\n", self.session.show_type(def)));
        }
    }

    /// The function that an expression names and does nothing with.
    pub(super) fn named(&self, def: DefId) -> Option<DefId> {
        let program = &self.session.program;
        let body = program.defs[def].body.as_ref()?;
        match body.exprs[body.root] {
            Expr::Global(named) if program.defs[named].body.is_some() => Some(named),
            _ => None,
        }
    }

    /// A function by its name: what a call of it costs; anything else: what evaluating it does.
    fn cost(&mut self, text: &str) {
        let Some(module) = self.compile("<repl>", text) else { return };
        let (program, typed) = (&self.session.program, &self.session.typed);
        for def in self.expressions(module) {
            let of = self.named(def);
            let function = bounds::of_definition(program, typed, of.unwrap_or(def), &Resource::ALL);
            let head = match of {
                None => text.to_owned(),
                Some(of) => crate::commands::bounds::head(program, of),
            };
            for found in function.found.iter().filter(|f| f.resource != Resource::Memory) {
                self.to.answer(&format!("{head}: {}\n", found.said(function.mode)));
            }
        }
    }

    fn expand(&mut self, text: &str) {
        let Some(scope) = self.scope else { return };
        let (tree, found) = self.session.read("<repl>", text.as_bytes());
        self.report(found);
        let (shown, found) =
            eclexia_core::expand_to_string(&mut self.session.program, scope, &tree);
        self.report(found);
        shown.iter().for_each(|form| self.to.answer(&format!("{form}\n")));
    }

    fn time(&mut self, text: &str) {
        self.steps = 0;
        let start = Instant::now();
        self.enter("<repl>", text);
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        let steps = self.steps;
        let compiled = match self.promoted() {
            0 => String::new(),
            1 => ", 1 function compiled".to_owned(),
            n => format!(", {n} functions compiled"),
        };
        self.to.say(&format!("{ms:.3} ms, {steps} steps{compiled}\n"));
    }

    /// The parts of a value, one to a line, each cut to it.
    fn inspect(&mut self, text: &str) {
        let Some(module) = self.compile("<repl>", text) else { return };
        for def in self.expressions(module) {
            let Some(value) = self.value_of(def) else { return };
            let (head, parts) = self.parts(&value);
            let ty = self.session.show_type(def);
            self.to.answer(&format!("{head} : {ty}\n"));
            let widest = parts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
            for (name, part) in &parts {
                let room = Room { width: Room::WHOLE.width - widest.min(40) - 4, lines: 1 };
                let shown = lay_out(part, room).replace('\n', " ");
                self.to.answer(&format!("  {name:<widest$}  {shown}\n"));
            }
            self.remember(def);
        }
    }
}
