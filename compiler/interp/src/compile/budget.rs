//! Operations on budgets. Amounts that the checker knows are constants, exactly as written; others
//! are made of what their fields evaluate to.

use super::Compiler;
use super::call::{Arg, passed};
use crate::code::{Op, Shape};
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

    /// `(admit b (f x))`: budget and arguments in slots, then the answer, then the call.
    pub(super) fn admit(&mut self, e: ExprId, budget: ExprId, call: ExprId) {
        let body = self.body;
        let (Expr::Call { callee, args }, true) =
            (&body.exprs[call], self.facts.admits.contains_key(&e))
        else {
            self.emit_at(e, Op::Unreachable);
            return;
        };
        let args = passed(self.facts, call, args);
        let scope = self.top().next_slot;
        let slot = self.new_slot();
        let slots: Vec<u32> = args.iter().map(|_| self.new_slot()).collect();
        self.expr(budget, false);
        self.emit(Op::Store(slot));
        for (at, arg) in slots.iter().zip(&args) {
            self.args(std::slice::from_ref(arg));
            self.emit(Op::Store(*at));
        }
        let argc = super::narrow(args.len());
        self.emit_at(e, Op::Admit { argc, slot, place: e.0 });
        let refused = self.emit(Op::JumpFalse(0));
        let given: Vec<Arg<'_>> = slots.into_iter().map(Arg::Slot).collect();
        self.invoke(call, *callee, &given, false);
        self.emit(Op::Local(slot));
        self.make("Pair", 2);
        self.make("Ok", 1);
        let end = self.emit(Op::Jump(0));
        self.patch(refused);
        self.emit(Op::Local(slot));
        self.make("Err", 1);
        self.patch(end);
        self.top().next_slot = scope;
    }

    fn make(&mut self, name: &str, fields: u32) {
        let Some(ctor) = self.program.lang.ctors.get(&Name::new(name)).copied() else {
            self.emit(Op::Unreachable);
            return;
        };
        let index = self.program.ctors[ctor].index;
        self.data(Shape { ctor: ctor.0, index, fields, site: None });
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
