//! Calls of functions, closures and C functions, constants, and steps.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::Translator;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{FuncRef, InstBuilder, MemFlagsData, SigRef, Value, types};
use eclexia_ir::ir::{FuncId, GlobalId, VarId};
use eclexia_native::support::Support;
use eclexia_rt::heap::context::GLOBAL_DONE;
use eclexia_rt::layout::Rep;

impl Translator<'_> {
    fn callee(&mut self, func: FuncId) -> Made<FuncRef> {
        let id = self.declared.function(self.module, self.program, func)?;
        Ok(self.refer(id))
    }

    fn values_of(&self, vars: &[VarId]) -> Vec<Value> {
        vars.iter().map(|var| self.value(*var)).collect()
    }

    pub fn call(&mut self, func: FuncId, args: &[VarId]) -> Made<Value> {
        let callee = self.callee(func)?;
        let args = self.values_of(args);
        let call = self.b.ins().call(callee, &args);
        let (first, more) = (self.b.inst_results(call)[0], &self.b.inst_results(call)[1..]);
        self.more.clear();
        self.more.extend(more);
        Ok(first)
    }

    pub fn tail_call(&mut self, func: FuncId, args: &[VarId]) -> Made<()> {
        let callee = self.callee(func)?;
        let args = self.values_of(args);
        self.b.ins().return_call(callee, &args);
        Ok(())
    }

    /// The address of a closure's code, the convention of these arguments, and all arguments.
    fn closure_call(
        &mut self,
        closure: VarId,
        args: &[VarId],
        result: Rep,
    ) -> (Value, SigRef, Vec<Value>) {
        let reps = std::iter::once(Rep::Ptr).chain(args.iter().map(|arg| self.rep(*arg)));
        let signature = abi::of_reps(reps, result, std::iter::empty());
        let signature = self.b.import_signature(signature);
        let cell = self.value(closure);
        let flags = self.memory(Region::Cell);
        let number = self.b.ins().load(types::I64, flags, cell, abi::FIRST_FIELD);
        let table = self.context_word(types::I64, abi::CODE);
        let offset = self.b.ins().ishl_imm_u(number, 3);
        let place = self.b.ins().iadd(table, offset);
        let flags = self.memory(Region::Table);
        let code = self.b.ins().load(types::I64, flags, place, 0);
        let mut all = vec![cell];
        all.extend(self.values_of(args));
        (code, signature, all)
    }

    pub fn call_closure(
        &mut self,
        closure: VarId,
        args: &[VarId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let result = dest.map_or(Rep::Int, |dest| self.rep(dest));
        let (code, signature, all) = self.closure_call(closure, args, result);
        let call = self.b.ins().call_indirect(signature, code, &all);
        Ok(self.b.inst_results(call)[0])
    }

    pub fn tail_call_closure(&mut self, closure: VarId, args: &[VarId]) -> Made<()> {
        let result = self.program.shapes.rep(self.function.result);
        let (code, signature, all) = self.closure_call(closure, args, result);
        self.b.ins().return_call_indirect(signature, code, &all);
        Ok(())
    }

    /// Evaluated by who asks first; what is under way already needs itself.
    pub fn global(&mut self, global: GlobalId) -> Made<Value> {
        let program = self.program;
        let ty = abi::register(program.shapes.rep(program.globals[global].shape));
        let (first, on) = (self.cold_block(), self.b.create_block());
        let states = self.context_word(types::I64, abi::GLOBAL_STATES);
        let flags = self.memory(Region::Table);
        let state = self.b.ins().load(types::I8, flags, states, global.0 as i32);
        let is_done = self.b.ins().icmp_imm_u(IntCC::Equal, state, i64::from(GLOBAL_DONE));
        self.b.ins().brif(is_done, on, &[], first, &[]);
        self.b.switch_to_block(first);
        let number = self.number(global.0);
        self.rare_support_or_leave(Support::GlobalBegin, &[number])?;
        let init = self.callee(program.globals[global].init)?;
        let call = self.b.ins().call(init, &[]);
        let value = self.b.inst_results(call)[0];
        let word = self.word_of(value);
        self.support(Support::GlobalSet, &[number, word])?;
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
        let table = self.context_word(types::I64, abi::GLOBALS);
        let flags = self.memory(Region::Table);
        Ok(self.b.ins().load(ty, flags, table, global.0 as i32 * 8))
    }

    /// Any value as 64 bits.
    pub fn word_of(&mut self, value: Value) -> Value {
        match self.b.func.dfg.value_type(value) {
            types::F64 => self.b.ins().bitcast(types::I64, MemFlagsData::new(), value),
            types::I8 => self.b.ins().uextend(types::I64, value),
            _ => value,
        }
    }

    pub fn value_of(&mut self, word: Value, rep: Rep) -> Value {
        match rep {
            Rep::Float => self.b.ins().bitcast(types::F64, MemFlagsData::new(), word),
            Rep::Bool => self.b.ins().ireduce(types::I8, word),
            Rep::Int | Rep::Ptr => word,
        }
    }

    /// Fewer steps are left; who has none left looks whether the run may go on.
    pub fn step(&mut self, count: u32) -> Made<()> {
        let by = -i64::from(count);
        let is_empty = if self.holds_fuel() {
            let fuel = self.b.use_var(self.fuel);
            let left = self.b.ins().iadd_imm_s(fuel, by);
            self.b.def_var(self.fuel, left);
            self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0)
        } else {
            // Through one address, so that the subtraction is done in memory.
            let (context, flags) = (self.context(), self.memory(Region::Context));
            let fuel = self.b.ins().load(types::I64, flags, context, abi::FUEL);
            let left = self.b.ins().iadd_imm_s(fuel, by);
            self.b.ins().store(flags, left, context, abi::FUEL);
            // The sign is in the upper half; to ask for the word itself would keep it in a
            // register.
            let half = self.b.ins().load(types::I32, flags, context, abi::FUEL + 4);
            self.b.ins().icmp_imm_s(IntCC::SignedLessThan, half, 0)
        };
        let (cold, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(is_empty, cold, &[], on, &[]);
        self.b.switch_to_block(cold);
        self.put_fuel();
        self.rare_support_or_leave(Support::SafePoint, &[])?;
        self.take_fuel();
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
        Ok(())
    }
}
