//! Definitions, `fn` forms and their parameters.

use super::{Compiler, FnState, LoopTarget, Var, narrow};
use crate::code::{Code, Op};
use eclexia_check::typed::DictId;
use eclexia_core::core::{DefKind, ExprId, Pat, PatId};
use eclexia_core::cost::CostMode;
use eclexia_rt::{Fields, Target, Value};
use std::rc::Rc;

impl Compiler<'_> {
    /// The code of the definition itself.
    pub(super) fn definition(mut self) -> Code {
        let body = self.body;
        if body.exprs.is_empty() {
            self.functions.push(FnState::default());
            let is_extern = self.program.defs[self.def].kind == DefKind::Extern;
            self.emit(if is_extern { Op::Extern(self.def.0) } else { Op::Unreachable });
        } else {
            self.function(&self.facts.dict_params, &body.params, body.root);
        }
        self.finish().0
    }

    /// A constant method used as a function of `arity` arguments: evaluates it and calls it.
    pub(super) fn expanded(mut self, arity: u16) -> Code {
        let facts = self.facts;
        let (def, root) = (self.def, self.body.root);
        self.functions.push(FnState::default());
        for dict in &facts.dict_params {
            let slot = self.new_slot();
            self.top().vars.insert(Var::Dict(*dict), slot);
        }
        let first = self.top().next_slot;
        for _ in 0..arity {
            self.new_slot();
        }
        if facts.dict_params.is_empty() {
            self.emit_at(root, Op::Global(def.0));
        } else {
            self.expr(root, false);
        }
        for slot in first..first + u32::from(arity) {
            self.emit(Op::Local(slot));
        }
        self.emit_at(root, Op::TailCall(arity));
        self.emit(Op::Return);
        let mut code = self.finish().0;
        code.params = first + u32::from(arity);
        code
    }

    /// Opens a function and compiles it whole; the caller finishes it.
    fn function(&mut self, dicts: &[DictId], params: &[PatId], root: ExprId) {
        self.functions.push(FnState::default());
        for dict in dicts {
            let slot = self.new_slot();
            self.top().vars.insert(Var::Dict(*dict), slot);
        }
        let first = self.top().next_slot;
        let count = params.len() as u32;
        params.iter().for_each(|_| {
            self.new_slot();
        });
        self.top().loops.push(LoopTarget { start: 0, first, count });
        if self.functions.len() == 1 && self.is_metered() {
            self.emit(Op::Meter(first));
        }
        self.bind_slots(first, params);
        self.expr(root, true);
    }

    fn is_metered(&self) -> bool {
        let cost = self.program.defs[self.def].cost.as_ref();
        cost.is_some_and(|cost| cost.mode == CostMode::Metered)
    }

    /// Binds patterns to the slots from `first` on.
    pub(super) fn bind_slots(&mut self, first: u32, pats: &[PatId]) {
        let body = self.body;
        for (slot, pat) in (first..).zip(pats) {
            match &body.pats[*pat] {
                Pat::Bind(local) => {
                    self.top().vars.insert(Var::Local(*local), slot);
                }
                _ => self.bind_irrefutable(*pat, slot),
            }
        }
    }

    /// Closes the innermost function: its code and what it captures.
    fn finish(&mut self) -> (Code, Vec<Var>) {
        let Some(mut state) = self.functions.pop() else {
            eclexia_base::bug!("no function to finish")
        };
        super::liveness::move_last_uses(&mut state.ops);
        let params = state.loops.first().map_or(0, |entry| entry.first + entry.count);
        let code = Code {
            def: self.def,
            name: self.program.defs[self.def].name,
            params,
            slots: state.slots,
            ops: state.ops,
            consts: state.consts,
            shapes: state.shapes,
            updates: state.updates,
            places: state.places,
        };
        (code, state.captures)
    }

    /// `(fn …)`
    pub(super) fn closure(&mut self, expr: ExprId, params: &[PatId], body: ExprId) {
        let facts = self.facts;
        let dicts = facts.fn_dict_params.get(&expr).map_or(&[][..], Vec::as_slice);
        self.function(dicts, params, body);
        let (code, captures) = self.finish();
        let number = self.globals.functions.len() as u32;
        self.globals.functions.push(Rc::new(code));
        if captures.is_empty() {
            return self.constant(Value::function(Target::Code(number), Fields::none()));
        }
        let count = narrow(captures.len());
        captures.into_iter().for_each(|var| self.push_var(var));
        self.emit(Op::Closure { captures: count, code: number });
    }
}
