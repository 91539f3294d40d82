//! Operations on budgets. Amounts that the checker knows are constants, exactly as written; others
//! are made of what their fields evaluate to.

use super::Compiler;
use crate::code::Op;
use eclexia_base::{Amounts, Name, bug};
use eclexia_core::core::{DefId, Expr, ExprId};
use eclexia_rt::{BuiltinId, Value, lookup};

impl Compiler<'_> {
    /// `{:cpu 2cpu :memory m}`, as the argument of an operation.
    pub(super) fn amounts(&mut self, e: ExprId, known: Option<&Amounts>, is_tail: bool) {
        if let Some(known) = known {
            return self.push_and_return(Value::amounts(known.clone()), is_tail);
        }
        let body = self.body;
        if let Expr::Record { fields } = &body.exprs[e] {
            for (name, value) in fields {
                self.constant(Value::Keyword(*name));
                self.expr(*value, false);
            }
            self.emit(Op::Map(fields.len() as u32));
            self.call_builtin(e, builtin("amounts-from-map"), is_tail);
        } else {
            self.emit_at(e, Op::Unreachable);
        }
    }

    /// A grant without its treasury, or a draw, which remembers its place; false for other calls.
    pub(super) fn budget_call(
        &mut self,
        e: ExprId,
        def: DefId,
        args: &[ExprId],
        is_tail: bool,
    ) -> bool {
        let is = |name: &str| self.program.lang.defs.get(&Name::new(name)) == Some(&def);
        if is("budget") && args.len() == 1 {
            self.constant(Value::Unit);
            self.expr(args[0], false);
            self.call_builtin(e, builtin("budget"), is_tail);
        } else if is("draw") && args.len() == 2 {
            args.iter().for_each(|arg| self.expr(*arg, false));
            let place = i64::from(self.def.0) << 32 | i64::from(e.0);
            self.constant(Value::Int(place));
            self.call_builtin(e, builtin("draw"), is_tail);
        } else {
            return false;
        }
        true
    }
}

fn builtin(name: &str) -> BuiltinId {
    match lookup("core", name) {
        Some(id) => id,
        None => bug!("no built-in `{name}`"),
    }
}
