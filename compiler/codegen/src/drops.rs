//! Functions that free: one for each shape of data, which knows where the references of a dead cell
//! are. The run time, which frees everything else, looks that up in the cell's layout.
//!
//! 1. The memory of a cell goes to the free list of its size first, then what it held is dropped.
//! 2. A last field of the same shape is dropped by going round: a list takes no stack. Other fields
//!    call, as deep as [`DEPTH`]; what is deeper is left to the run time, which takes no stack.

use crate::Made;
use crate::abi::{self, Region};
use crate::declared::{self, Declared};
use crate::function::Workshop;
use crate::places::Sites;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, InstBuilder, MemFlagsData, Signature, UserFuncName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, Switch};
use cranelift_module::{FuncId, Linkage, Module};
use eclexia_base::FxHashMap;
use eclexia_ir::ir::Program;
use eclexia_native::support::Support;
use eclexia_rt::layout::{CtorShape, FIRST_LAYOUT, Rep, Shape, ShapeId};

/// Calls of these functions inside of each other, at most.
pub(crate) const DEPTH: i64 = 64;
/// References that the constructors of a shape have together; of more the run time takes care.
const MOST_REFERENCES: usize = 24;

/// Those that are asked for so far.
#[derive(Default)]
pub(crate) struct Drops {
    known: FxHashMap<ShapeId, FuncId>,
    /// Not yet defined.
    waiting: Vec<(ShapeId, FuncId)>,
}

impl Declared {
    /// The function that frees a cell of a shape, which loses its last reference; `None`: the run
    /// time does it.
    pub fn drops(
        &mut self,
        module: &mut dyn Module,
        program: &Program,
        shape: ShapeId,
    ) -> Made<Option<FuncId>> {
        if let Some(known) = self.drops.known.get(&shape) {
            return Ok(Some(*known));
        }
        if !is_simple(program, shape) {
            return Ok(None);
        }
        let name = format!("drop.s{}", shape.0);
        let id = module.declare_function(&name, Linkage::Local, &signature())?;
        self.drops.known.insert(shape, id);
        self.drops.waiting.push((shape, id));
        Ok(Some(id))
    }
}

/// The cell, and how deep calls may still go.
fn signature() -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.extend([AbiParam::new(types::I64), AbiParam::new(types::I64)]);
    signature
}

fn is_simple(program: &Program, shape: ShapeId) -> bool {
    let Shape::Data(ctors) = program.shapes.get(shape) else { return false };
    let celled = || ctors.iter().filter(|ctor| ctor.layout.is_some());
    // Records have layouts by the place where they are made.
    let by_layout = celled().count() == 1 || celled().all(|ctor| !ctor.is_record);
    let all: usize = celled().map(|ctor| references(program, ctor).count()).sum();
    by_layout && all <= MOST_REFERENCES && celled().all(|c| c.fields.len() <= abi::MOST_SMALL)
}

/// Fields that are counted, with their shapes.
fn references(program: &Program, ctor: &CtorShape) -> impl Iterator<Item = (usize, ShapeId)> {
    let fields = ctor.fields.iter().copied().enumerate();
    fields.filter(|(_, shape)| program.shapes.rep(*shape) == Rep::Ptr)
}

/// Defines what was asked for since last time.
pub(crate) fn define(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
    program: &Program,
) -> Made<Vec<(FuncId, Sites)>> {
    let mut made = Vec::new();
    while let Some((shape, id)) = declared.drops.waiting.pop() {
        translate(workshop, module, declared, program, (shape, id))?;
        module.define_function(id, &mut workshop.context)?;
        made.push((id, Sites::of(workshop.context.compiled_code())));
    }
    Ok(made)
}

/// Leaves the function in the workshop's context.
fn translate(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
    program: &Program,
    (shape, id): (ShapeId, FuncId),
) -> Made<()> {
    module.clear_context(&mut workshop.context);
    let clif = &mut workshop.context.func;
    clif.signature = signature();
    clif.name = UserFuncName::user(4, id.as_u32());
    let b = FunctionBuilder::new(clif, &mut workshop.builder);
    let mut dropper = Dropper { program, b, module, declared };
    dropper.body(shape)?;
    dropper.b.seal_all_blocks();
    let Dropper { b, module, .. } = dropper;
    b.finalize(module.target_config());
    Ok(())
}

struct Dropper<'a> {
    program: &'a Program,
    b: FunctionBuilder<'a>,
    module: &'a mut dyn Module,
    declared: &'a mut Declared,
}

impl Dropper<'_> {
    fn body(&mut self, shape: ShapeId) -> Made<()> {
        let program = self.program;
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        let (cell, depth) = (self.b.block_params(entry)[0], self.b.block_params(entry)[1]);
        let (head, deep) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(deep);
        let dead = self.b.append_block_param(head, types::I64);
        self.b.switch_to_block(entry);
        self.b.ins().brif(depth, head, &[cell.into()], deep, &[]);
        self.b.switch_to_block(deep);
        self.free(cell)?;
        self.b.ins().return_(&[]);

        self.b.switch_to_block(head);
        let ctors = program.shapes.get(shape).ctors();
        let celled: Vec<&CtorShape> = ctors.iter().filter(|c| c.layout.is_some()).collect();
        let blocks: Vec<Block> = celled.iter().map(|_| self.b.create_block()).collect();
        self.branch(dead, &celled, &blocks);
        for (ctor, block) in celled.iter().zip(blocks) {
            self.b.switch_to_block(block);
            self.take_apart((shape, ctor), (dead, depth), head)?;
        }
        Ok(())
    }

    /// To the block of the cell's constructor.
    fn branch(&mut self, cell: Value, celled: &[&CtorShape], blocks: &[Block]) {
        let [others @ .., last] = blocks else { return };
        if others.is_empty() {
            self.b.ins().jump(*last, &[]);
            return;
        }
        let flags = self.memory();
        let info = self.b.ins().load(types::I32, flags, cell, abi::INFO);
        let mut switch = Switch::new();
        for (ctor, block) in celled.iter().zip(others) {
            let layout = ctor.layout.map_or(0, |layout| layout.0 + FIRST_LAYOUT);
            switch.set_entry(u128::from(layout), *block);
        }
        switch.emit(&mut self.b, info, *last);
    }

    fn take_apart(
        &mut self,
        (shape, ctor): (ShapeId, &CtorShape),
        (cell, depth): (Value, Value),
        head: Block,
    ) -> Made<()> {
        let flags = self.memory();
        let fields: Vec<(Value, ShapeId)> = references(self.program, ctor)
            .map(|(index, field)| {
                let offset = abi::FIRST_FIELD + 8 * index as i32;
                (self.b.ins().load(types::I64, flags, cell, offset), field)
            })
            .collect();
        self.give_memory(cell, ctor.fields.len());
        if let Some(((last, last_shape), others)) = fields.split_last() {
            for (word, field) in others {
                self.lose(*word, *field, depth)?;
            }
            if *last_shape == shape {
                self.go_round(*last, shape, head);
                return Ok(());
            }
            self.lose(*last, *last_shape, depth)?;
        }
        self.b.ins().return_(&[]);
        Ok(())
    }

    fn memory(&mut self) -> MemFlagsData {
        abi::memory(self.b.func, Region::Cell)
    }

    fn give_memory(&mut self, cell: Value, words: usize) {
        let list = abi::FREE + 8 * words as i32;
        let (context, of_context) =
            (self.b.ins().get_pinned_reg(types::I64), abi::memory(self.b.func, Region::Context));
        let next = self.b.ins().load(types::I64, of_context, context, list);
        let flags = self.memory();
        self.b.ins().store(flags, next, cell, 0);
        self.b.ins().store(of_context, cell, context, list);
    }

    /// Goes to `last` for a cell that loses its last reference, with one less of another to `on`.
    fn branch_on_count(&mut self, word: Value, shape: ShapeId, on: Block) -> Block {
        if self.program.shapes.get(shape).may_be_immediate() {
            let cell = self.b.create_block();
            let is_immediate = self.b.ins().band_imm_u(word, 1);
            self.b.ins().brif(is_immediate, on, &[], cell, &[]);
            self.b.switch_to_block(cell);
        }
        let (last, more) = (self.b.create_block(), self.b.create_block());
        let flags = self.memory();
        let count = self.b.ins().load(types::I32, flags, word, abi::COUNT);
        let is_last = self.b.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.b.ins().brif(is_last, last, &[], more, &[]);
        self.b.switch_to_block(more);
        let count = self.b.ins().iadd_imm_s(count, -1);
        self.b.ins().store(flags, count, word, abi::COUNT);
        self.b.ins().jump(on, &[]);
        last
    }

    /// One reference less.
    fn lose(&mut self, word: Value, shape: ShapeId, depth: Value) -> Made<()> {
        let on = self.b.create_block();
        let last = self.branch_on_count(word, shape, on);
        self.b.switch_to_block(last);
        match self.declared.drops(self.module, self.program, shape)? {
            Some(id) => {
                let callee = declared::refer(self.module, id, self.b.func);
                let less = self.b.ins().iadd_imm_s(depth, -1);
                self.b.ins().call(callee, &[word, less]);
            }
            None => self.free(word)?,
        }
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
        Ok(())
    }

    /// Drops the last field, and returns.
    fn go_round(&mut self, word: Value, shape: ShapeId, head: Block) {
        let done = self.b.create_block();
        let last = self.branch_on_count(word, shape, done);
        self.b.switch_to_block(last);
        self.b.ins().jump(head, &[word.into()]);
        self.b.switch_to_block(done);
        self.b.ins().return_(&[]);
    }

    fn free(&mut self, word: Value) -> Made<()> {
        let id = self.declared.support(self.module, Support::Free)?;
        let callee = declared::refer(self.module, id, self.b.func);
        let context = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().call(callee, &[context, word]);
        Ok(())
    }
}
