//! Reference counts: copying and dropping references, and memory that is used again.

use crate::Made;
use crate::abi::{self, Region};
use crate::drops;
use crate::function::Translator;
use crate::keep::Then;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use eclexia_ir::ir::{End, Function, Op, VarId};
use eclexia_native::support::Support;
use eclexia_rt::layout::{Rep, ShapeId};

impl Translator<'_> {
    pub fn dup(&mut self, var: VarId) {
        if self.rep(var) != Rep::Ptr {
            return;
        }
        let word = self.value(var);
        let may_be_immediate = self.shape(var).may_be_immediate();
        self.dup_word(word, may_be_immediate);
    }

    pub fn dup_word(&mut self, word: Value, may_be_immediate: bool) {
        self.if_cell(word, may_be_immediate, |t| t.add_to_count(word, 1));
    }

    /// `body` is only run for a word that is a cell.
    fn if_cell(&mut self, word: Value, may_be_immediate: bool, body: impl FnOnce(&mut Self)) {
        if !may_be_immediate {
            return body(self);
        }
        let (cell, on) = (self.b.create_block(), self.b.create_block());
        let is_immediate = self.b.ins().band_imm_u(word, 1);
        self.b.ins().brif(is_immediate, on, &[], cell, &[]);
        self.go_on_in(cell);
        body(self);
        self.b.ins().jump(on, &[]);
        self.go_on_in(on);
    }

    fn count(&mut self, word: Value) -> Value {
        let flags = self.memory(Region::Cell);
        self.b.ins().load(types::I32, flags, word, abi::COUNT)
    }

    fn set_count(&mut self, word: Value, count: Value) {
        let flags = self.memory(Region::Cell);
        self.b.ins().store(flags, count, word, abi::COUNT);
    }

    fn add_to_count(&mut self, word: Value, n: i64) {
        let count = self.count(word);
        let count = self.b.ins().iadd_imm_s(count, n);
        self.set_count(word, count);
    }

    /// The last reference goes through a function of the shape (`drops`) or the run time, which
    /// drop what the cell holds.
    pub fn drop(&mut self, var: VarId) -> Made<()> {
        if self.rep(var) != Rep::Ptr {
            return Ok(());
        }
        let word = self.value(var);
        self.drop_word(word, self.function.vars[var])
    }

    pub fn drop_word(&mut self, word: Value, shape: ShapeId) -> Made<()> {
        let may_be_immediate = self.program.shapes.get(shape).may_be_immediate();
        let mut result = Ok(());
        self.if_cell(word, may_be_immediate, |t| result = t.drop_cell(word, shape));
        result
    }

    fn drop_cell(&mut self, word: Value, shape: ShapeId) -> Made<()> {
        let count = self.count(word);
        let (last, more, on) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let is_last = self.b.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.b.ins().brif(is_last, last, &[], more, &[]);
        self.go_on_in(last);
        match (self.declared.drops(self.module, self.program, shape)?, self.is_in_quiet_loop()) {
            (Some(id), true) => {
                let depth = self.int(drops::DEPTH);
                self.rare_call(id, &[word, depth], Then::GoesOn)?;
            }
            (Some(id), false) => {
                let callee = self.refer(id);
                let depth = self.int(drops::DEPTH);
                let context = self.context();
                self.put_fuel(context);
                self.b.ins().call(callee, &[word, depth]);
                self.take_fuel();
            }
            (None, true) => drop(self.rare_support(Support::Free, &[word])?),
            (None, false) => drop(self.support(Support::Free, &[word])?),
        }
        self.b.ins().jump(on, &[]);
        self.go_on_in(more);
        let count = self.b.ins().iadd_imm_s(count, -1);
        self.set_count(word, count);
        self.b.ins().jump(on, &[]);
        self.go_on_in(on);
        Ok(())
    }

    pub fn is_unique(&mut self, var: VarId) -> Value {
        let word = self.value(var);
        let count = self.count(word);
        self.b.ins().icmp_imm_u(IntCC::Equal, count, 1)
    }

    pub fn decrement(&mut self, var: VarId) {
        let word = self.value(var);
        self.add_to_count(word, -1);
    }

    /// The memory of a cell is its own address.
    pub fn release(&mut self, var: VarId) -> Value {
        self.value(var)
    }

    /// Frees a token of a cell with so many fields.
    pub fn free_token(&mut self, var: VarId, size: u32) -> Made<()> {
        let token = self.value(var);
        if self.is_sure[var.0 as usize] {
            return self.free_memory(token, size);
        }
        let (some, on) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(token, some, &[], on, &[]);
        self.go_on_in(some);
        self.free_memory(token, size)?;
        self.b.ins().jump(on, &[]);
        self.go_on_in(on);
        Ok(())
    }

    fn free_memory(&mut self, cell: Value, words: u32) -> Made<()> {
        if words as usize > abi::MOST_SMALL {
            return self.support(Support::FreeToken, &[cell]).map(drop);
        }
        let list = abi::FREE + 8 * words as i32;
        let next = self.context_word(types::I64, list);
        let flags = self.memory(Region::Cell);
        self.b.ins().store(flags, next, cell, 0);
        self.set_context_word(cell, list);
        Ok(())
    }
}

/// By variable: a token that is never 0.
pub(crate) fn sure_tokens(function: &Function) -> Vec<bool> {
    let mut is_sure = vec![false; function.vars.len()];
    for block in function.blocks.values() {
        for inst in &block.insts {
            if let (Some(dest), Op::Release(_) | Op::Copy { .. }) = (inst.dest, &inst.op) {
                is_sure[dest.0 as usize] = true;
            }
        }
        block.params.iter().for_each(|param| is_sure[param.0 as usize] = true);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for block in function.blocks.values() {
            let End::Jump(to, args) = &block.end else { continue };
            for (arg, param) in args.iter().zip(&function.blocks[*to].params) {
                if !is_sure[arg.0 as usize] {
                    changed |= std::mem::replace(&mut is_sure[param.0 as usize], false);
                }
            }
        }
    }
    is_sure
}
