//! What becomes of a function or an expression: its IR, what the code generator gets, machine code.

use super::conversation::Conversation;
use crate::commands::build;
use eclexia_codegen::object::{self, Emit};
use eclexia_core::core::DefId;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_ir::passes::calls;
use eclexia_ir::text::print;
use eclexia_ir::{LowerState, Root};

/// More of a program than this nobody reads at a prompt.
const MOST_LINES: usize = 400;

impl Conversation {
    pub(super) fn ir(&mut self, text: &str) {
        let Some((ir, root)) = self.lowered(":ir", text) else { return };
        let gone = calls::gone(&ir, 0);
        let others = ir.functions.ids().zip(gone).filter(|(id, gone)| !gone && *id != root);
        let all = std::iter::once(root).chain(others.map(|(id, _)| id));
        let texts: Vec<String> = all.map(|id| print::function(&ir, id)).collect();
        self.answer_lines(&texts.join("\n"));
    }

    pub(super) fn clif(&mut self, text: &str) {
        self.emitted(":clif", text, Emit::Clif);
    }

    pub(super) fn disasm(&mut self, text: &str) {
        self.emitted(":disasm", text, Emit::Assembly);
    }

    fn emitted(&mut self, command: &str, text: &str, what: Emit) {
        let Some((ir, _)) = self.lowered(command, text) else { return };
        let input = build::input(&self.session, &ir, None);
        match object::emit(&input, None, what) {
            Ok(made) => self.answer_lines(&String::from_utf8_lossy(&made)),
            Err(_) => self.complain("there is no code generator for this machine", ":ir"),
        }
    }

    fn answer_lines(&mut self, text: &str) {
        let text = text.trim_end();
        let count = text.lines().count();
        let shown: Vec<&str> = text.lines().take(MOST_LINES).collect();
        let mut shown = shown.join("\n");
        if count > MOST_LINES {
            shown.push_str(&format!("\n… {} more lines", count - MOST_LINES));
        }
        self.to.answer(&(shown + "\n"));
    }

    /// The IR of a named function, or of an expression, and of all that it needs.
    fn lowered(&mut self, command: &str, text: &str) -> Option<(Program, FuncId)> {
        let example = format!("{command} (+ 1 2)");
        let module = self.compile("<repl>", text)?;
        let Some(def) = self.expressions(module).last().copied() else {
            self.complain("this is no expression", &example);
            return None;
        };
        let is_function = |def: DefId| {
            self.session.program.defs[def].body.as_ref().is_some_and(|body| body.is_function)
        };
        let root = match self.named(def).filter(|named| is_function(*named)) {
            Some(named) => Root::Function(named),
            None => Root::Constant(def),
        };
        let (Root::Function(of) | Root::Constant(of)) = root;
        let scheme = self.session.typed.scheme(of);
        if !scheme.vars.is_empty() || !scheme.units.is_empty() {
            let ty = self.session.show_type(of);
            let text = "what has many types has no code before it is used at one";
            self.to.say(&format!("{ty}\n"));
            self.complain(text, &format!("{command} (f 1)"));
            return None;
        }
        let (mut ir, mut state) = (Program::default(), LowerState::default());
        let (program, typed) = (&self.session.program, &self.session.typed);
        match eclexia_ir::lower(program, typed, &mut ir, &mut state, root) {
            Ok(func) => Some((ir, func)),
            Err(failure) => {
                self.report((*failure).into());
                None
            }
        }
    }
}
