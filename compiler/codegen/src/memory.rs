//! Making cells and looking into them.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::Translator;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use eclexia_ir::ir::{FuncId, VarId};
use eclexia_native::support::Support;
use eclexia_rt::layout::{FIRST_LAYOUT, LayoutId, Rep, Shape};

impl Translator<'_> {
    pub fn alloc(
        &mut self,
        layout: LayoutId,
        fields: &[VarId],
        token: Option<VarId>,
        unchanged: &[bool],
    ) -> Made<Value> {
        if self.program.shapes.is_wrapper(layout) {
            return Ok(self.value(fields[0]));
        }
        let Some(token) = token else {
            let cell = self.new_cell(layout, fields.len())?;
            self.set_fields(cell, 0, fields, &[]);
            return Ok(cell);
        };
        let has_header = self.headers[token] == Some(layout);
        if self.is_sure[token.0 as usize] {
            let token = self.value(token);
            if !has_header {
                self.set_header(token, layout);
            }
            self.set_fields(token, 0, fields, unchanged);
            return Ok(token);
        }
        let (again, fresh, on) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I64);
        let token = self.value(token);
        self.b.ins().brif(token, again, &[], fresh, &[]);
        self.go_on_in(again);
        if !has_header {
            self.set_header(token, layout);
        }
        self.b.ins().jump(on, &[token.into()]);
        self.go_on_in(fresh);
        let cell = self.new_cell(layout, fields.len())?;
        let changed: Vec<bool> = unchanged.iter().map(|is| !is).collect();
        if !unchanged.is_empty() {
            self.set_fields(cell, 0, fields, &changed);
        }
        self.b.ins().jump(on, &[cell.into()]);
        // Where both ways meet, so that no value is computed on each.
        self.go_on_in(on);
        self.set_fields(result, 0, fields, unchanged);
        Ok(result)
    }

    pub fn closure(&mut self, func: FuncId, layout: LayoutId, captures: &[VarId]) -> Made<Value> {
        let cell = self.new_cell(layout, captures.len() + 1)?;
        let number = self.int(i64::from(func.0));
        let flags = self.memory(Region::Cell);
        self.b.ins().store(flags, number, cell, abi::FIRST_FIELD);
        self.set_fields(cell, 1, captures, &[]);
        Ok(cell)
    }

    fn set_header(&mut self, cell: Value, layout: LayoutId) {
        let header = (i64::from(layout.0 + FIRST_LAYOUT) << 32) | 1;
        let header = self.int(header);
        let flags = self.memory(Region::Cell);
        self.b.ins().store(flags, header, cell, abi::COUNT);
    }

    /// A cell with the words of another one, as a token.
    pub fn copy(&mut self, of: VarId, words: usize) -> Made<Value> {
        let of = self.value(of);
        if words > abi::MOST_SMALL {
            return Ok(self.support(Support::CopyWords, &[of])?.unwrap_or(of));
        }
        let flags = self.memory(Region::Cell);
        let info = self.b.ins().load(types::I32, flags, of, abi::INFO);
        let cell = self.memory_of(words, info)?;
        for word in 0..words as i32 {
            let offset = abi::FIRST_FIELD + 8 * word;
            let field = self.b.ins().load(types::I64, flags, of, offset);
            self.b.ins().store(flags, field, cell, offset);
        }
        let one = self.number(1);
        self.b.ins().store(flags, one, cell, abi::COUNT);
        self.b.ins().store(flags, info, cell, abi::INFO);
        Ok(cell)
    }

    fn set_fields(&mut self, cell: Value, first: usize, fields: &[VarId], unchanged: &[bool]) {
        let flags = self.memory(Region::Cell);
        for (i, field) in fields.iter().enumerate() {
            if unchanged.get(i) == Some(&true) {
                continue;
            }
            let offset = abi::FIRST_FIELD + 8 * (first + i) as i32;
            let word = self.stored(*field);
            self.b.ins().store(flags, word, cell, offset);
        }
    }

    /// As it is kept in 8 bytes.
    fn stored(&mut self, var: VarId) -> Value {
        let value = self.value(var);
        match self.rep(var) {
            Rep::Bool => self.b.ins().uextend(types::I64, value),
            _ => value,
        }
    }

    /// With its header.
    fn new_cell(&mut self, layout: LayoutId, words: usize) -> Made<Value> {
        let info = self.number(layout.0 + FIRST_LAYOUT);
        if words > abi::MOST_SMALL {
            return self.slow_cell(info, words);
        }
        let cell = self.memory_of(words, info)?;
        self.set_header(cell, layout);
        Ok(cell)
    }

    /// From the free list of its size; the run time fills an empty one.
    fn memory_of(&mut self, words: usize, info: Value) -> Made<Value> {
        let list = abi::FREE + 8 * words as i32;
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I64);
        let first = self.context_word(types::I64, list);
        self.b.ins().brif(first, fast, &[], slow, &[]);
        self.go_on_in(fast);
        let flags = self.memory(Region::Cell);
        let next = self.b.ins().load(types::I64, flags, first, 0);
        self.set_context_word(next, list);
        // Through one address, so that the addition is done in memory.
        let (context, flags) = (self.context(), self.memory(Region::Context));
        let made = self.b.ins().load(types::I64, flags, context, abi::ALLOCATIONS);
        let made = self.b.ins().iadd_imm_s(made, 1);
        self.b.ins().store(flags, made, context, abi::ALLOCATIONS);
        self.b.ins().jump(on, &[first.into()]);
        self.go_on_in(slow);
        let cell = self.slow_cell(info, words)?;
        self.b.ins().jump(on, &[cell.into()]);
        self.go_on_in(on);
        Ok(result)
    }

    /// With its header.
    fn slow_cell(&mut self, info: Value, words: usize) -> Made<Value> {
        let words = self.number(words as u32);
        let made = self.rare_support(Support::Alloc, &[words, info])?;
        Ok(made.unwrap_or(words))
    }

    pub fn field(&mut self, of: VarId, index: u32, dest: Option<VarId>) -> Value {
        let ty = dest.map_or(types::I64, |dest| self.register(dest));
        let flags = self.memory(Region::Cell);
        if matches!(self.shape(of), Shape::Wrapper(..)) {
            return self.value(of);
        }
        let of = self.value(of);
        self.b.ins().load(ty, flags, of, abi::FIRST_FIELD + 8 * index as i32)
    }

    /// The address of a field.
    pub fn hole(&mut self, of: VarId, index: u32) -> Value {
        let of = self.value(of);
        self.b.ins().iadd_imm_s(of, i64::from(abi::FIRST_FIELD) + 8 * i64::from(index))
    }

    pub fn fill(&mut self, hole: VarId, value: VarId) {
        let flags = self.memory(Region::Cell);
        let place = self.value(hole);
        let word = self.stored(value);
        self.b.ins().store(flags, word, place, 0);
    }

    /// In place when unique; else a copy, whose other fields get one more reference.
    pub fn update(&mut self, of: VarId, index: u32, value: VarId) -> Made<Value> {
        let (record, rep) = (self.value(of), self.rep(value));
        let (own, shared, on) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I64);
        let unique = self.is_unique(of);
        self.b.ins().brif(unique, own, &[], shared, &[]);
        self.go_on_in(shared);
        let copy = self.support(Support::CopyCell, &[record])?.unwrap_or(record);
        self.b.ins().jump(on, &[copy.into()]);
        self.go_on_in(own);
        self.b.ins().jump(on, &[record.into()]);
        self.go_on_in(on);
        let offset = abi::FIRST_FIELD + 8 * index as i32;
        let flags = self.memory(Region::Cell);
        if rep == Rep::Ptr {
            let old = self.b.ins().load(types::I64, flags, result, offset);
            self.drop_word(old, self.function.vars[value])?;
        }
        let word = self.stored(value);
        self.b.ins().store(flags, word, result, offset);
        Ok(result)
    }
}
