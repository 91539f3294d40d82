//! What the run time does with words that are handed over in memory: built-ins over values, checks
//! of tests, bounds of calls, vectors written out.

use crate::Made;
use crate::function::Translator;
use cranelift_codegen::ir::{InstBuilder, StackSlotData, StackSlotKind, Value, types};
use eclexia_core::core::{DefId, ExprId};
use eclexia_ir::ir::VarId;
use eclexia_native::support::Support;
use eclexia_rt::BuiltinId;
use eclexia_rt::layout::{Rep, ShapeId};

impl Translator<'_> {
    /// Words, and behind them the numbers of their shapes, on the stack; gives both addresses and
    /// how many there are.
    fn spill(&mut self, vars: &[VarId]) -> [Value; 3] {
        let bytes = 12 * vars.len() as u32;
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes.max(8), 3);
        let slot = self.b.create_sized_stack_slot(slot);
        for (i, var) in vars.iter().enumerate() {
            let value = self.value(*var);
            let word = self.word_of(value);
            self.b.ins().stack_store(types::I64, word, slot, 8 * i as i32);
            let shape = self.number(self.function.vars[*var].0);
            self.b.ins().stack_store(types::I64, shape, slot, (8 * vars.len() + 4 * i) as i32);
        }
        let address = self.b.ins().stack_addr(types::I64, slot, 0);
        let shapes = self.b.ins().iadd_imm_s(address, 8 * vars.len() as i64);
        [address, shapes, self.number(vars.len() as u32)]
    }

    pub fn builtin(
        &mut self,
        builtin: BuiltinId,
        args: &[VarId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let [words, shapes, count] = self.spill(args);
        let id = self.number(u32::from(builtin.0));
        // A result that nothing names is a Unit, and the shape of nothing.
        let shape = dest.map_or(ShapeId(u32::MAX), |dest| self.function.vars[dest]);
        let rep = dest.map_or(Rep::Int, |dest| self.rep(dest));
        let shape = self.number(shape.0);
        let word = self.support(Support::Builtin, &[id, words, shapes, count, shape])?;
        self.leave_if_pending()?;
        Ok(self.value_of(word.unwrap_or(words), rep))
    }

    pub fn check(&mut self, cond: VarId, text: VarId, sides: Option<(VarId, VarId)>) -> Made<()> {
        let (failed, on) = (self.cold_block(), self.b.create_block());
        let holds = self.value(cond);
        self.b.ins().brif(holds, on, &[], failed, &[]);
        self.go_on_in(failed);
        let none = self.int(0);
        let (left, right, shape) = match sides {
            Some((left, right)) => {
                let words = [left, right].map(|side| self.value(side));
                let [left_word, right_word] = words.map(|word| self.word_of(word));
                (left_word, right_word, self.function.vars[left].0)
            }
            None => (none, none, u32::MAX),
        };
        let text = self.value(text);
        let loc = self.b.srcloc();
        let (loc, shape) = (self.number(loc.bits()), self.number(shape));
        self.support(Support::Check, &[none, text, left, right, shape, loc])?;
        self.b.ins().jump(on, &[]);
        self.go_on_in(on);
        Ok(())
    }

    pub fn admit(
        &mut self,
        what: Support,
        def: DefId,
        expr: ExprId,
        budget: VarId,
        args: &[VarId],
    ) -> Made<Value> {
        let [words, shapes, count] = self.spill(args);
        let (def, expr) = (self.number(def.0), self.number(expr.0));
        let budget = self.value(budget);
        let word = self.support(what, &[def, expr, budget, words, shapes, count])?;
        self.leave_if_pending()?;
        Ok(word.unwrap_or(budget))
    }

    pub fn meter_begin(&mut self, def: DefId, args: &[VarId]) -> Made<()> {
        let [words, shapes, count] = self.spill(args);
        let def = self.number(def.0);
        self.support(Support::MeterBegin, &[def, words, shapes, count])?;
        self.leave_if_pending()
    }

    pub fn vector(&mut self, items: &[VarId], dest: Option<VarId>) -> Made<Value> {
        let [words, _, count] = self.spill(items);
        let shape = dest.map_or(ShapeId(u32::MAX), |dest| self.function.vars[dest]);
        let shape = self.number(shape.0);
        let made = self.support(Support::Vector, &[words, count, shape])?;
        self.leave_if_pending()?;
        Ok(made.unwrap_or(words))
    }
}
