//! Calls of functions, closures and C functions, constants, and steps.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::Translator;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{FuncRef, Inst, InstBuilder, MemFlagsData, SigRef, Value, types};
use eclexia_ir::ir::{FuncId, GlobalId, VarId};
use eclexia_native::support::Support;
use eclexia_rt::heap::context::GLOBAL_DONE;
use eclexia_rt::layout::Rep;

impl Translator<'_> {
    fn callee(&mut self, func: FuncId) -> Made<FuncRef> {
        let id = self.declared.function(self.module, self.program, func)?;
        Ok(self.refer(id))
    }

    /// What a function takes, and the fuel among it.
    fn passed(&mut self, vars: &[VarId]) -> Vec<Value> {
        let mut all: Vec<Value> = vars.iter().map(|var| self.value(*var)).collect();
        let place = abi::place_of_fuel(vars.iter().map(|var| self.rep(*var)));
        all.insert(place, self.fuel());
        all
    }

    /// Takes what a call gives: the fuel, and further results; the first one.
    fn results(&mut self, call: Inst) -> Value {
        self.at_hand = None;
        let results = self.b.inst_results(call).to_vec();
        self.set_fuel(results[1]);
        self.more = results[2..].to_vec();
        results[0]
    }

    pub fn call(&mut self, func: FuncId, args: &[VarId]) -> Made<Value> {
        let callee = self.callee(func)?;
        let args = self.passed(args);
        let call = self.b.ins().call(callee, &args);
        Ok(self.results(call))
    }

    pub fn tail_call(&mut self, func: FuncId, args: &[VarId]) -> Made<()> {
        let callee = self.callee(func)?;
        let args = self.passed(args);
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
        let all: Vec<VarId> = std::iter::once(closure).chain(args.iter().copied()).collect();
        let reps = all.iter().map(|arg| self.rep(*arg));
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
        let all = self.passed(&all);
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
        Ok(self.results(call))
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
        self.go_on_in(first);
        let number = self.number(global.0);
        self.rare_support_or_leave(Support::GlobalBegin, &[number])?;
        let init = self.callee(program.globals[global].init)?;
        let fuel = self.fuel();
        let call = self.b.ins().call(init, &[fuel]);
        let value = self.results(call);
        let word = self.word_of(value);
        self.support(Support::GlobalSet, &[number, word])?;
        self.b.ins().jump(on, &[]);
        self.go_on_in(on);
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

    /// Fewer steps are left; who has none left looks whether the run may go on. In a quiet loop
    /// what is left is computed behind where both ways meet: before, two values would be alive,
    /// since Cranelift computes a sum with a constant anew in each block that needs it. Elsewhere
    /// the fuel has just come out of a call, or goes into one, and the sum is better off before.
    pub fn step(&mut self, count: u32) -> Made<()> {
        let count = i64::from(count);
        let (before, behind) = if self.is_in_quiet_loop() { (0, count) } else { (count, 0) };
        self.use_fuel(before);
        let left = self.fuel();
        let is_empty = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, behind);
        let (cold, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(is_empty, cold, &[], on, &[]);
        self.go_on_in(cold);
        self.use_fuel(behind);
        self.rare_support_or_leave(Support::SafePoint, &[])?;
        self.use_fuel(-behind);
        self.b.ins().jump(on, &[]);
        self.go_on_in(on);
        self.use_fuel(behind);
        Ok(())
    }

    pub fn use_fuel(&mut self, count: i64) {
        if count != 0 {
            let fuel = self.fuel();
            let left = self.b.ins().iadd_imm_s(fuel, -count);
            self.set_fuel(left);
        }
    }
}
