//! Chooses the instructions of a function: one for each of the IR, fewer where several stand
//! together, constants inside of others where they fit.

use super::sel::{Form, Sel, Selected};
use crate::bytecode::Op;
use eclexia_base::Name;
use eclexia_base::ids::Id;
use eclexia_core::core::DefId;
use eclexia_ir::ir::{
    self, BlockId, Const, End, FuncId, Function, FunctionKind, Inst, Prim, Program, StrId, VarId,
};
use eclexia_rt::layout::Shape;

/// What translation needs to know of the running program.
pub(crate) trait Constants {
    /// The cell of a string.
    fn string(&mut self, id: StrId) -> u64;
    /// The cell of amounts.
    fn amounts(&mut self, id: ir::AmountsId) -> u64;
}

pub(crate) struct Selector<'a> {
    pub(super) program: &'a Program,
    pub(super) function: &'a Function,
    pub(super) constants: &'a mut dyn Constants,
    /// No jumps of 16 bits.
    pub(super) is_far: bool,
    pub(super) uses: Vec<u32>,
    /// Block and instruction that define a variable; parameters have none.
    pub(super) defs: Vec<Option<(BlockId, u32)>>,
    /// Words of variables that are constants.
    pub(super) words: Vec<Option<u64>>,
    /// Instructions of the current block that are part of its end.
    pub(super) fused: Vec<u32>,
    pub(super) next_var: u32,
    /// Where the instructions of the current block begin.
    pub(super) block_start: usize,
    pub(super) out: Selected,
}

pub(crate) fn select(
    program: &Program,
    function: &Function,
    constants: &mut dyn Constants,
    is_far: bool,
) -> Selected {
    let count = function.vars.len();
    let mut selector = Selector {
        program,
        function,
        constants,
        is_far,
        uses: vec![0; count],
        defs: vec![None; count],
        words: vec![None; count],
        fused: Vec::new(),
        next_var: count as u32,
        block_start: 0,
        out: Selected::default(),
    };
    selector.order();
    selector.look();
    for position in 0..selector.out.order.len() {
        selector.block_start = selector.out.sels.len();
        let start = selector.block_start as u32;
        selector.block(selector.out.order[position]);
        selector.out.blocks.push((start, selector.out.sels.len() as u32));
    }
    selector.out.vars = selector.next_var;
    remove_unused(&mut selector.out);
    selector.out
}

/// Constants that became parts of other instructions are not loaded.
fn remove_unused(out: &mut Selected) {
    let mut used = vec![false; out.vars as usize];
    for sel in &out.sels {
        out.args_of(sel).iter().for_each(|arg| used[*arg as usize] = true);
    }
    for block in &mut out.blocks {
        for sel in &mut out.sels[block.0 as usize..block.1 as usize] {
            let is_constant = matches!(sel.op, Op::Small | Op::Wide);
            if is_constant && sel.dest.is_some_and(|dest| !used[dest as usize]) {
                sel.form = Form::Nothing;
                sel.dest = None;
            }
        }
    }
}

impl Selector<'_> {
    /// Reverse postorder: what dominates comes first.
    fn order(&mut self) {
        let count = self.function.blocks.len();
        let mut is_seen = vec![false; count];
        let mut postorder = Vec::with_capacity(count);
        let entry = Function::ENTRY;
        let mut work = vec![(entry, self.function.blocks[entry].end.successors())];
        is_seen[entry.index()] = true;
        while let Some((block, rest)) = work.last_mut() {
            match rest.pop() {
                Some(next) if !is_seen[next.index()] => {
                    is_seen[next.index()] = true;
                    work.push((next, self.function.blocks[next].end.successors()));
                }
                Some(_) => {}
                None => {
                    postorder.push(*block);
                    work.pop();
                }
            }
        }
        postorder.reverse();
        self.out.position = vec![u32::MAX; count];
        for (position, block) in postorder.iter().enumerate() {
            self.out.position[block.index()] = position as u32;
        }
        self.out.order = postorder;
    }

    /// Counts uses and finds definitions and constants.
    fn look(&mut self) {
        let function = self.function;
        for &id in &self.out.order {
            let block = &function.blocks[id];
            for (at, inst) in block.insts.iter().enumerate() {
                inst.op.each_operand(|var| self.uses[var.index()] += 1);
                let Some(dest) = inst.dest else { continue };
                self.defs[dest.index()] = Some((id, at as u32));
                self.words[dest.index()] = match &inst.op {
                    ir::Op::Const(constant) => match constant {
                        Const::Int(n) => Some(n.cast_unsigned()),
                        Const::Float(bits) => Some(*bits),
                        Const::Bool(b) => Some(u64::from(*b)),
                        Const::Keyword(name) => Some(u64::from(name.id())),
                        Const::Immediate(index) => Some(u64::from(*index) << 1 | 1),
                        Const::Str(id) => Some(self.constants.string(*id)),
                        Const::Amounts(id) => Some(self.constants.amounts(*id)),
                    },
                    ir::Op::NoToken => Some(0),
                    _ => None,
                };
            }
            block.end.each_operand(|var| self.uses[var.index()] += 1);
        }
    }

    fn block(&mut self, id: BlockId) {
        let function = self.function;
        let block = &function.blocks[id];
        self.fused.clear();
        self.fuse_end(id);
        let mut skipped = 0;
        if id == Function::ENTRY
            && let Some(ir::Op::Step(n) | ir::Op::Count(n)) = block.insts.first().map(|i| &i.op)
        {
            self.out.entry_steps = *n;
            self.out.entry_looks = matches!(block.insts[0].op, ir::Op::Step(_));
            skipped = 1;
        }
        let steps = self.steps_of_loop(id);
        for (at, inst) in block.insts.iter().enumerate().skip(skipped) {
            let at = at as u32;
            let is_last_step = steps.is_some() && at as usize == block.insts.len() - 1;
            if !self.fused.contains(&at) && !is_last_step {
                self.inst(inst, at);
            }
        }
        self.end(id, steps);
    }

    /// The steps that a block ends with before it jumps backwards.
    fn steps_of_loop(&self, id: BlockId) -> Option<u8> {
        let block = &self.function.blocks[id];
        let End::Jump(to, _) = &block.end else { return None };
        let is_back = self.out.position[to.index()] <= self.out.position[id.index()];
        match block.insts.last().map(|inst| &inst.op) {
            // At the entry the steps are the callers'.
            Some(ir::Op::Step(n)) if is_back && id != Function::ENTRY => u8::try_from(*n).ok(),
            _ => None,
        }
    }

    fn end(&mut self, id: BlockId, steps: Option<u8>) {
        let function = self.function;
        let block = &function.blocks[id];
        let at = block.insts.len() as u32;
        match &block.end {
            End::Jump(to, args) => self.jump(id, *to, args, steps),
            End::Branch { cond, then, other } => self.branch(id, *cond, *then, *other),
            End::Switch { value, cases, default } => self.switch(id, *value, cases, *default),
            End::Return(var, more) => {
                for (index, var) in more.iter().enumerate() {
                    self.push(Op::Give, Form::Index(index as u32), None, &[*var], None);
                }
                self.give(*var);
            }
            End::TailCall { func, args } => self.tail_call(*func, args, at),
            End::TailCallClosure { closure, args } => {
                let all: Vec<VarId> =
                    std::iter::once(*closure).chain(args.iter().copied()).collect();
                if matches!(function.kind, FunctionKind::Global(_)) {
                    let dest = self.fresh();
                    self.push(Op::CallClosure, Form::CallClosure, Some(dest), &all, Some(at));
                    self.give(dest);
                } else {
                    self.push(Op::TailCallClosure, Form::TailCallClosure, None, &all, Some(at));
                }
            }
            End::Abort(var) => self.cold_end(crate::bytecode::ColdKind::Abort, &[*var], at),
            End::NotLinked(def) => {
                let name = self.name_of(*def);
                self.cold_end(crate::bytecode::ColdKind::NotLinked(name), &[], at);
            }
            End::Unreachable => self.cold_end(crate::bytecode::ColdKind::Unreachable, &[], at),
        }
    }

    /// The value of a constant is remembered, so its function calls where others tail-call.
    fn tail_call(&mut self, func: FuncId, args: &[VarId], at: u32) {
        if matches!(self.function.kind, FunctionKind::Global(_)) {
            let dest = self.fresh();
            self.push(Op::Call, Form::Call(func), Some(dest), args, Some(at));
            self.give(dest);
        } else {
            self.push(Op::TailCall, Form::TailCall(func), None, args, Some(at));
        }
    }

    fn give(&mut self, var: VarId) {
        if let FunctionKind::Global(global) = self.function.kind {
            let number = u64::from(global.0);
            self.push(Op::ReturnGlobal, Form::WideArg(number), None, &[var], None);
        } else if let Some(number) = self.small(var) {
            self.push(Op::ReturnSmall, Form::Small(number), None, &[], None);
        } else {
            self.push(Op::Return, Form::Operands, None, &[var], None);
        }
    }

    /// The name of an extern, which has a function.
    pub(super) fn name_of(&self, def: DefId) -> Name {
        let mut functions = self.program.functions.values();
        functions.find(|f| f.def == def).map_or(self.function.name, |f| f.name)
    }

    pub(super) fn fresh(&mut self) -> VarId {
        self.next_var += 1;
        VarId(self.next_var - 1)
    }

    /// Counts all but the last of so many steps, which one instruction can count; gives those.
    pub(super) fn count(&mut self, steps: u32) -> u16 {
        let mut left = steps;
        loop {
            if let Ok(last) = u16::try_from(left) {
                return last;
            }
            left -= u32::from(u16::MAX);
            self.push(Op::Count, Form::Count(u16::MAX), None, &[], None);
        }
    }

    pub(super) fn push(
        &mut self,
        op: Op,
        form: Form,
        dest: Option<VarId>,
        args: &[VarId],
        inst: Option<u32>,
    ) {
        let start = self.out.args.len() as u32;
        self.out.args.extend(args.iter().map(|arg| arg.0));
        let args = (start, self.out.args.len() as u32);
        self.out.sels.push(Sel { op, form, dest: dest.map(|d| d.0), args, inst });
    }

    /// The number of an operand that is a small constant.
    pub(super) fn small(&self, var: VarId) -> Option<i32> {
        let word = (*self.words.get(var.index())?)?;
        i32::try_from(word.cast_signed()).ok()
    }

    pub(super) fn short(&self, var: VarId) -> Option<i16> {
        i16::try_from(self.small(var)?).ok()
    }

    pub(super) fn shape(&self, var: VarId) -> &Shape {
        self.program.shapes.get(self.function.vars[var])
    }

    /// The instruction of this block that defines a variable which is used only once.
    pub(super) fn only_use(&self, block: BlockId, var: VarId) -> Option<(u32, &Inst)> {
        let (at_block, at) = self.defs[var.index()]?;
        let inst = &self.function.blocks[block].insts.get(at as usize)?;
        (at_block == block && self.uses[var.index()] == 1).then_some((at, *inst))
    }

    /// Whether between an instruction and the end of its block nothing happens that could free what
    /// it looks at.
    pub(super) fn is_calm_after(&self, block: BlockId, at: u32) -> bool {
        let insts = &self.function.blocks[block].insts[at as usize + 1..];
        let is_calm = |op: &ir::Op| {
            matches!(
                op,
                ir::Op::Prim(..)
                    | ir::Op::Const(_)
                    | ir::Op::Field { .. }
                    | ir::Op::Capture { .. }
                    | ir::Op::Tag(_)
                    | ir::Op::Dup(_)
            )
        };
        insts.iter().all(|inst| is_calm(&inst.op))
    }
}

/// What an integer comparison is with its sides exchanged is a matter of `choose`; which
/// instruction computes a primitive of registers is here.
pub(super) fn plain(prim: Prim) -> Op {
    match prim {
        Prim::IntAdd | Prim::IntAddSure => Op::AddInt,
        Prim::IntSub | Prim::IntSubSure => Op::SubInt,
        Prim::IntMul | Prim::IntMulSure => Op::MulInt,
        Prim::IntNeg => Op::NegInt,
        Prim::Quot | Prim::QuotNat => Op::QuotInt,
        Prim::Rem | Prim::RemNat => Op::RemInt,
        Prim::Mod => Op::ModInt,
        Prim::IntEq | Prim::BoolEq => Op::EqInt,
        Prim::IntLt => Op::LtInt,
        Prim::IntLe => Op::LeInt,
        Prim::BitAnd => Op::AndBits,
        Prim::BitOr => Op::OrBits,
        Prim::BitXor => Op::XorBits,
        Prim::FloatAdd => Op::AddFloat,
        Prim::FloatSub => Op::SubFloat,
        Prim::FloatMul => Op::MulFloat,
        Prim::FloatDiv => Op::DivFloat,
        Prim::FloatNeg => Op::NegFloat,
        Prim::FloatEq => Op::EqFloat,
        Prim::FloatLt => Op::LtFloat,
        Prim::FloatLe => Op::LeFloat,
        Prim::Sqrt => Op::Sqrt,
        Prim::ToFloat => Op::ToFloat,
        Prim::Floor => Op::Floor,
        Prim::Ceil => Op::Ceil,
        Prim::Round => Op::Round,
        Prim::Truncate => Op::Truncate,
        Prim::BoolNot => Op::Not,
    }
}
