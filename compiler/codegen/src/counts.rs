//! Reference counts: copying and dropping references, and memory that is used again.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::{Known, Translator};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use eclexia_ir::ir::VarId;
use eclexia_native::support::Support;
use eclexia_rt::layout::{Rep, Shape};

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
        self.b.switch_to_block(cell);
        body(self);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
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

    /// The last reference goes through the run time, which drops what the cell holds.
    pub fn drop(&mut self, var: VarId) -> Made<()> {
        if self.rep(var) != Rep::Ptr {
            return Ok(());
        }
        let word = self.value(var);
        let may_be_immediate = self.shape(var).may_be_immediate();
        self.drop_word(word, may_be_immediate)
    }

    pub fn drop_word(&mut self, word: Value, may_be_immediate: bool) -> Made<()> {
        let mut result = Ok(());
        self.if_cell(word, may_be_immediate, |t| result = t.drop_cell(word));
        result
    }

    fn drop_cell(&mut self, word: Value) -> Made<()> {
        let count = self.count(word);
        let (last, more, on) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let is_last = self.b.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.b.ins().brif(is_last, last, &[], more, &[]);
        self.b.switch_to_block(last);
        if self.holds_fuel() {
            self.rare_support(Support::Free, &[word])?;
        } else {
            self.support(Support::Free, &[word])?;
        }
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(more);
        let count = self.b.ins().iadd_imm_s(count, -1);
        self.set_count(word, count);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
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
    pub fn release(&mut self, var: VarId, dest: Option<VarId>) -> Value {
        if let (Some(dest), Some(words)) = (dest, self.words_of(var)) {
            self.known[dest] = Known::Memory(words);
        }
        self.value(var)
    }

    /// How many words every cell of a variable's shape has, where all have as many.
    fn words_of(&self, var: VarId) -> Option<u32> {
        let Shape::Data(ctors) = self.shape(var) else { return None };
        let mut sizes = ctors.iter().filter(|c| c.layout.is_some()).map(|c| c.fields.len());
        let first = sizes.next()?;
        sizes.all(|size| size == first).then_some(first as u32)
    }

    pub fn reset(&mut self, var: VarId) -> Made<Value> {
        let word = self.value(var);
        let on = self.b.create_block();
        let token = self.b.append_block_param(on, types::I64);
        let none = self.int(0);
        if self.shape(var).may_be_immediate() {
            let cell = self.b.create_block();
            let is_immediate = self.b.ins().band_imm_u(word, 1);
            self.b.ins().brif(is_immediate, on, &[none.into()], cell, &[]);
            self.b.switch_to_block(cell);
        }
        let (last, more) = (self.b.create_block(), self.b.create_block());
        let count = self.count(word);
        let is_last = self.b.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.b.ins().brif(is_last, last, &[], more, &[]);
        self.b.switch_to_block(last);
        let memory = self.support(Support::Reset, &[word])?.unwrap_or(word);
        self.b.ins().jump(on, &[memory.into()]);
        self.b.switch_to_block(more);
        let count = self.b.ins().iadd_imm_s(count, -1);
        self.set_count(word, count);
        self.b.ins().jump(on, &[none.into()]);
        self.b.switch_to_block(on);
        Ok(token)
    }

    pub fn free_token(&mut self, var: VarId) -> Made<()> {
        let token = self.value(var);
        match self.known[var] {
            // What was released just before is no empty token.
            Known::Memory(words) if words as usize <= abi::MOST_SMALL => {
                self.free_small(token, words);
            }
            _ => {
                let (some, on) = (self.b.create_block(), self.b.create_block());
                self.b.ins().brif(token, some, &[], on, &[]);
                self.b.switch_to_block(some);
                self.support(Support::FreeToken, &[token])?;
                self.b.ins().jump(on, &[]);
                self.b.switch_to_block(on);
            }
        }
        Ok(())
    }

    fn free_small(&mut self, cell: Value, words: u32) {
        let list = abi::FREE + 8 * words as i32;
        let next = self.context_word(types::I64, list);
        let flags = self.memory(Region::Cell);
        self.b.ins().store(flags, next, cell, 0);
        self.set_context_word(cell, list);
    }
}
