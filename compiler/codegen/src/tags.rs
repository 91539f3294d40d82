//! Which constructor a value has, and branching on it: the index of a constructor is only computed
//! where something else than a switch asks for it.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::{Known, Translator};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockCall, InstBuilder, JumpTableData, Value, types};
use cranelift_frontend::Switch;
use eclexia_ir::ir::{BlockId, End, Op, VarId};
use eclexia_native::support::Support;
use eclexia_rt::layout::{CtorShape, FIRST_LAYOUT, Shape};

/// Constructors that are compared one after the other.
const FEW: usize = 3;

fn frees_nothing(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::Prim(..)
            | Op::Field { .. }
            | Op::Capture { .. }
            | Op::Tag(_)
            | Op::Dup(_)
            | Op::IsUnique(_)
            | Op::Step(_)
            | Op::Count(_)
    )
}

/// Notes the tags that only a switch of the same block uses.
pub(crate) fn look_ahead(t: &mut Translator<'_>) {
    let function = t.function;
    let mut uses = vec![0u32; function.vars.len()];
    for block in function.blocks.values() {
        for inst in &block.insts {
            inst.op.each_operand(|var| uses[var.0 as usize] += 1);
        }
        block.end.each_operand(|var| uses[var.0 as usize] += 1);
    }
    for block in function.blocks.values() {
        let End::Switch { value, .. } = &block.end else { continue };
        let tag = block.insts.iter().position(|inst| inst.dest == Some(*value));
        let Some(tag) = tag else { continue };
        // Whose tag it is must still be there when the switch looks.
        if let Op::Tag(of) = &block.insts[tag].op
            && block.insts[tag + 1..].iter().all(|inst| frees_nothing(&inst.op))
            && uses[value.0 as usize] == 1
            && matches!(t.shape(*of), Shape::Data(_))
        {
            t.known[*value] = Known::TagOf(*of);
        }
    }
}

impl Translator<'_> {
    pub fn tag_unless_switch(&mut self, of: VarId, dest: Option<VarId>) -> Option<Value> {
        if dest.is_some_and(|dest| matches!(self.known[dest], Known::TagOf(_))) {
            return None;
        }
        Some(self.tag(of))
    }

    fn tag(&mut self, of: VarId) -> Value {
        let word = self.value(of);
        let program = self.program;
        if matches!(self.shape(of), Shape::Wrapper(..)) {
            return self.int(0);
        }
        let Shape::Data(ctors) = program.shapes.get(self.function.vars[of]) else { return word };
        let celled: Vec<(i64, &CtorShape)> = cells(ctors);
        if !self.shape(of).may_be_immediate() {
            return self.tag_of_cell(word, &celled);
        }
        let index = self.b.ins().ushr_imm_u(word, 1);
        let is_immediate = self.b.ins().band_imm_u(word, 1);
        if let [(only, _)] = celled[..] {
            let only = self.int(only);
            return self.b.ins().select(is_immediate, index, only);
        }
        let (cell, on) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I64);
        self.b.ins().brif(is_immediate, on, &[index.into()], cell, &[]);
        self.go_on_in(cell);
        let index = self.tag_of_cell(word, &celled);
        self.b.ins().jump(on, &[index.into()]);
        self.go_on_in(on);
        result
    }

    /// Layouts are numbered in the order of constructors; those without fields leave gaps.
    fn tag_of_cell(&mut self, word: Value, celled: &[(i64, &CtorShape)]) -> Value {
        let Some((first, _)) = celled.first() else { return self.int(0) };
        if let [(only, _)] = celled {
            return self.int(*only);
        }
        let info = self.info(word);
        let info = self.b.ins().uextend(types::I64, info);
        let base = celled[0].1.layout.map_or(0, |layout| i64::from(layout.0 + FIRST_LAYOUT));
        let mut index = self.b.ins().iadd_imm_s(info, first - base);
        for (nth, pair) in celled.windows(2).enumerate() {
            let gap = pair[1].0 - pair[0].0 - 1;
            if gap > 0 {
                let from = base + nth as i64 + 1;
                let is_behind =
                    self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, info, from);
                let is_behind = self.b.ins().uextend(types::I64, is_behind);
                let gap = self.b.ins().imul_imm_s(is_behind, gap);
                index = self.b.ins().iadd(index, gap);
            }
        }
        index
    }

    fn info(&mut self, word: Value) -> Value {
        let flags = self.memory(Region::Cell);
        self.b.ins().load(types::I32, flags, word, abi::INFO)
    }

    pub fn switch(
        &mut self,
        value: VarId,
        cases: &[(i64, BlockId)],
        default: Option<BlockId>,
    ) -> Made<()> {
        let otherwise = default.map(|to| self.blocks[to]);
        let cases: Vec<(i64, Block)> =
            cases.iter().map(|(value, to)| (*value, self.blocks[*to])).collect();
        match self.known[value] {
            Known::TagOf(of) => self.switch_on_tag(of, &cases, otherwise),
            _ => {
                let value = self.value(value);
                self.switch_on(value, &cases, otherwise)
            }
        }
    }

    fn switch_on_tag(
        &mut self,
        of: VarId,
        cases: &[(i64, Block)],
        otherwise: Option<Block>,
    ) -> Made<()> {
        let word = self.value(of);
        let program = self.program;
        let ctors = program.shapes.get(self.function.vars[of]).ctors();
        let target = |index: i64| cases.iter().find(|(c, _)| *c == index).map(|(_, to)| *to);
        let (mut immediates, mut celled) = (Vec::new(), Vec::new());
        for (index, ctor) in ctors.iter().enumerate() {
            // What no case names goes to the default; where there is none, it cannot be.
            let Some(to) = target(index as i64).or(otherwise) else { continue };
            match ctor.layout {
                Some(layout) => celled.push((i64::from(layout.0 + FIRST_LAYOUT), to)),
                None => immediates.push((index as i64, to)),
            }
        }
        if immediates.is_empty() {
            return self.switch_on_layout(word, &celled, otherwise);
        }
        if celled.is_empty() {
            return self.switch_on_immediate(word, &immediates);
        }
        let is_immediate = self.b.ins().band_imm_u(word, 1);
        let simple = |all: &[(i64, Block)]| {
            let first = all[0].1;
            all.iter().all(|(_, to)| *to == first).then_some(first)
        };
        let (if_immediate, if_cell) = (simple(&immediates), simple(&celled));
        let then = if_immediate.unwrap_or_else(|| self.b.create_block());
        let other = if_cell.unwrap_or_else(|| self.b.create_block());
        self.b.ins().brif(is_immediate, then, &[], other, &[]);
        if if_immediate.is_none() {
            self.go_on_in(then);
            self.switch_on_immediate(word, &immediates)?;
        }
        if if_cell.is_none() {
            self.go_on_in(other);
            self.switch_on_layout(word, &celled, otherwise)?;
        }
        Ok(())
    }

    /// Many are a table by index, few are compared as words.
    fn switch_on_immediate(&mut self, word: Value, cases: &[(i64, Block)]) -> Made<()> {
        if cases.len() > 3 {
            let index = self.b.ins().ushr_imm_u(word, 1);
            return self.switch_on(index, cases, None);
        }
        let words: Vec<_> = cases.iter().map(|(index, to)| (index << 1 | 1, *to)).collect();
        self.switch_on(word, &words, None)
    }

    fn switch_on_layout(
        &mut self,
        word: Value,
        celled: &[(i64, Block)],
        otherwise: Option<Block>,
    ) -> Made<()> {
        if let [(_, only)] = celled {
            self.b.ins().jump(*only, &[]);
            return Ok(());
        }
        if celled.is_empty() {
            return self.switch_on(word, &[], otherwise);
        }
        let info = self.info(word);
        let (first, last) = (celled[0].0, celled[celled.len() - 1].0);
        let in_a_row = celled.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
        if celled.len() <= FEW || !in_a_row {
            return self.switch_on(info, celled, None);
        }
        // Without a look below the first, which no cell has.
        let index = self.b.ins().iadd_imm_s(info, -first);
        let calls: Vec<BlockCall> = celled
            .iter()
            .map(|(_, to)| BlockCall::new(*to, [], &mut self.b.func.dfg.value_lists))
            .collect();
        let otherwise = calls[(last - first) as usize];
        let table = self.b.create_jump_table(JumpTableData::new(otherwise, &calls));
        self.b.ins().br_table(index, table);
        Ok(())
    }

    /// Without `otherwise`, the cases are all there are.
    fn switch_on(
        &mut self,
        value: Value,
        cases: &[(i64, Block)],
        otherwise: Option<Block>,
    ) -> Made<()> {
        let (otherwise, cases) = match (otherwise, cases) {
            (Some(otherwise), cases) => (otherwise, cases),
            (None, [cases @ .., (_, last)]) => (*last, cases),
            (None, []) => return self.leave_by(Support::Unreachable, &[]),
        };
        let cases: Vec<_> = cases.iter().filter(|(_, to)| *to != otherwise).collect();
        match &cases[..] {
            [] => {
                self.b.ins().jump(otherwise, &[]);
            }
            [(case, to)] => {
                let is_it = self.b.ins().icmp_imm_s(IntCC::Equal, value, *case);
                self.b.ins().brif(is_it, *to, &[], otherwise, &[]);
            }
            cases => {
                let mut switch = Switch::new();
                for (case, to) in cases {
                    switch.set_entry(u128::from(*case as u64), *to);
                }
                switch.emit(&mut self.b, value, otherwise);
            }
        }
        Ok(())
    }
}

/// Constructors with fields, with their index.
fn cells(ctors: &[CtorShape]) -> Vec<(i64, &CtorShape)> {
    let all = ctors.iter().enumerate().map(|(i, c)| (i as i64, c));
    all.filter(|(_, c)| c.layout.is_some()).collect()
}
