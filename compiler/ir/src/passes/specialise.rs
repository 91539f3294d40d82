//! Drops of cells whose constructor is known, written out: a cell that nobody else has gives its
//! parts away instead of copying them, and its memory at once.
//!
//! ```text
//! dup a        is-unique x ── yes ── drop other parts, release x
//! drop x   =>       └───────── no ── dup a, decrement x
//! ```
//!
//! A drop of a constructor without fields goes. A part that goes back to its place in the cell that
//! is made in the same memory is not written again; where a cell is made there on every way, one
//! that others have too is copied, so that this holds of it as well.

use crate::ir::{Block, BlockId, End, Function, Inst, Op, Program, VarId};
use crate::passes::cells::Cells;
use crate::passes::each::each;
use crate::passes::flow::Flow;
use crate::passes::own::Kind;
use crate::passes::reuse::token_shape;
use crate::verify::counts::ownership;
use eclexia_base::IdMap;
use eclexia_rt::layout::{Rep, Shape, ShapeId};
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    let bool = bool_shape(program);
    let token = token_shape(&mut program.shapes);
    each(program, new, |program, _, function| {
        let is_drop = |inst: &Inst| matches!(inst.op, Op::Drop(_) | Op::Reset(_));
        if !function.blocks.values().any(|block| block.insts.iter().any(is_drop)) {
            return;
        }
        let flow = Flow::new(function);
        let cells = Cells::new(program, function, &flow);
        let loads = loads(function);
        let mut work = Specialiser {
            program,
            function,
            flow,
            cells,
            loads,
            kinds: ownership(program, function).1,
            vars: function.vars.clone(),
            blocks: function.blocks.clone(),
            made: Vec::new(),
            shapes: (bool, token),
        };
        let order = work.flow.order.clone();
        order.iter().for_each(|block| work.block(*block));
        let (vars, blocks, made, loads) = (work.vars, work.blocks, work.made, work.loads);
        (function.vars, function.blocks) = (vars, blocks);
        keep_fields(function, &loads, &made);
    });
}

fn bool_shape(program: &mut Program) -> ShapeId {
    let mut all = (0..program.shapes.len()).map(|index| ShapeId(index as u32));
    let known = all.find(|id| *program.shapes.get(*id) == Shape::Bool);
    known.unwrap_or_else(|| program.shapes.add(Shape::Bool))
}

/// What a variable was loaded from.
fn loads(function: &Function) -> IdMap<VarId, Option<(VarId, u32)>> {
    let mut loads: IdMap<VarId, Option<(VarId, u32)>> = vec![None; function.vars.len()].into();
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        if let (Some(dest), Op::Field { of, index }) = (inst.dest, &inst.op) {
            loads[dest] = Some((*of, *index));
        }
    }
    loads
}

struct Specialiser<'a> {
    program: &'a Program,
    /// As it was.
    function: &'a Function,
    flow: Flow,
    cells: Cells,
    loads: IdMap<VarId, Option<(VarId, u32)>>,
    kinds: IdMap<VarId, Kind>,
    vars: IdMap<VarId, ShapeId>,
    blocks: IdMap<BlockId, Block>,
    /// Tokens, and the cells whose memory they are.
    made: Vec<(VarId, VarId)>,
    /// Of Bool and of tokens.
    shapes: (ShapeId, ShapeId),
}

impl Specialiser<'_> {
    /// One block; the rest of it stands behind what is written out.
    fn block(&mut self, id: BlockId) {
        let function = self.function;
        let Block { insts, end, loc, .. } = std::mem::take(&mut self.blocks[id]);
        self.blocks[id].params = function.blocks[id].params.clone();
        let (mut at, mut out) = (id, Vec::with_capacity(insts.len()));
        for inst in insts {
            let (var, token) = match inst.op {
                Op::Drop(var) => (var, None),
                Op::Reset(var) => (var, inst.dest),
                _ => {
                    out.push(inst);
                    continue;
                }
            };
            if let Some(token) = token {
                self.made.push((token, var));
            }
            if token.is_none() && self.is_immediate(var, id) {
                continue;
            }
            let fields = self.cells.fields(self.program, function, &self.flow, (var, id));
            let kept = self.parts_kept(var, &mut out);
            let counted = |shape: &ShapeId| self.program.shapes.rep(*shape) == Rep::Ptr;
            match fields {
                Some(fields)
                    if !kept.parts.is_empty() || token.is_some() || !fields.iter().any(counted) =>
                {
                    let fields: Vec<ShapeId> = fields.to_vec();
                    at = self.write_out((at, out), (var, token), &fields, &kept.parts);
                    out = kept.others;
                }
                _ => {
                    out.extend(kept.parts.iter().map(|(part, _)| dup(*part)));
                    out.push(inst);
                    out.extend(kept.others);
                }
            }
        }
        let block = &mut self.blocks[at];
        (block.insts, block.end, block.loc) = (out, end, loc);
    }

    /// Whether a variable is known to be no cell.
    fn is_immediate(&self, var: VarId, id: BlockId) -> bool {
        let Shape::Data(ctors) = self.program.shapes.get(self.function.vars[var]) else {
            return false;
        };
        let index = self.cells.ctor(&self.flow, var, id);
        let ctor = index.and_then(|index| ctors.get(index as usize));
        ctor.is_some_and(|ctor| ctor.fields.is_empty())
    }

    /// Takes the copies right before a drop of `of` out of `out`: those of its own parts, each
    /// field once, and those that have nothing to do with it. The rest stays.
    fn parts_kept(&self, of: VarId, out: &mut Vec<Inst>) -> Kept {
        let from = out.len() - out.iter().rev().take_while(|i| matches!(i.op, Op::Dup(_))).count();
        let mut kept = Kept::default();
        for inst in out.split_off(from) {
            let Op::Dup(part) = inst.op else { continue };
            match self.loads[part] {
                Some((cell, index))
                    if cell == of && kept.parts.iter().all(|(_, other)| *other != index) =>
                {
                    kept.parts.push((part, index));
                }
                _ if self.comes_from(part, of) => out.push(inst),
                _ => kept.others.push(inst),
            }
        }
        kept
    }

    /// Whether something is borrowed from `of`: a field, a capture, or where a walk along it is.
    fn comes_from(&self, mut part: VarId, of: VarId) -> bool {
        while let Some(Kind::Part(from)) = self.kinds.get(part) {
            if *from == of {
                return true;
            }
            part = *from;
        }
        part == of
    }

    /// Whether a cell that others have too is copied for a token: where the token is used on every
    /// way, for a cell that keeps some of the fields.
    fn is_copied(&self, token: VarId, of: VarId) -> bool {
        let mut keeps = false;
        for inst in self.function.blocks.values().flat_map(|block| &block.insts) {
            match &inst.op {
                Op::FreeToken { token: other, .. } if *other == token => return false,
                Op::Alloc { fields, token: Some(other), .. } if *other == token => {
                    keeps |= fields
                        .iter()
                        .enumerate()
                        .any(|(index, field)| self.loads[*field] == Some((of, index as u32)));
                }
                _ => {}
            }
        }
        keeps
    }

    /// The drop of a cell with these fields, of which some parts live on; gives the block that goes
    /// on.
    fn write_out(
        &mut self,
        (at, mut out): (BlockId, Vec<Inst>),
        (var, token): (VarId, Option<VarId>),
        fields: &[ShapeId],
        kept: &[(VarId, u32)],
    ) -> BlockId {
        let (bool, token_shape) = self.shapes;
        let unique = self.vars.push(bool);
        out.push(Inst { dest: Some(unique), op: Op::IsUnique(var), loc: None });
        let then = self.blocks.push(Block::default());
        let other = self.blocks.push(Block::default());
        let next = self.blocks.push(Block::default());
        self.blocks[at].insts = out;
        self.blocks[at].end = End::Branch { cond: unique, then, other };

        let mut moved = Vec::new();
        for (index, shape) in fields.iter().enumerate() {
            let index = index as u32;
            let lives = kept.iter().any(|(_, kept)| *kept == index);
            if !lives && self.program.shapes.rep(*shape) == Rep::Ptr {
                let part = self.vars.push(*shape);
                let load = Op::Field { of: var, index };
                moved.push(Inst { dest: Some(part), op: load, loc: None });
                moved.push(Inst { dest: None, op: Op::Drop(part), loc: None });
            }
        }
        let memory = self.vars.push(token_shape);
        moved.push(Inst { dest: Some(memory), op: Op::Release(var), loc: None });
        let mut shared: Vec<Inst> = kept.iter().map(|(part, _)| dup(*part)).collect();
        shared.push(Inst { dest: None, op: Op::Decrement(var), loc: None });
        let (mut from_moved, mut from_shared) = (Vec::new(), Vec::new());
        match token {
            Some(token) => {
                let none = self.vars.push(token_shape);
                let op = match self.is_copied(token, var) {
                    true => Op::Copy { of: var, size: fields.len() as u32 },
                    false => Op::NoToken,
                };
                shared.insert(kept.len(), Inst { dest: Some(none), op, loc: None });
                from_moved.push(memory);
                from_shared.push(none);
                self.blocks[next].params.push(token);
            }
            None => {
                let op = Op::FreeToken { token: memory, size: fields.len() as u32 };
                moved.push(Inst { dest: None, op, loc: None });
            }
        }
        self.blocks[then].insts = moved;
        self.blocks[then].end = End::Jump(next, from_moved);
        self.blocks[other].insts = shared;
        self.blocks[other].end = End::Jump(next, from_shared);
        next
    }
}

/// Copies that stand before a drop.
#[derive(Default)]
struct Kept {
    parts: Vec<(VarId, u32)>,
    others: Vec<Inst>,
}

fn dup(var: VarId) -> Inst {
    Inst { dest: None, op: Op::Dup(var), loc: None }
}

/// Marks the fields of cells made in used memory that are there already.
fn keep_fields(
    function: &mut Function,
    loads: &IdMap<VarId, Option<(VarId, u32)>>,
    made: &[(VarId, VarId)],
) {
    for inst in function.blocks.values_mut().flat_map(|block| &mut block.insts) {
        let Op::Alloc { fields, token: Some(token), unchanged, .. } = &mut inst.op else {
            continue;
        };
        let Some((_, cell)) = made.iter().find(|(made, _)| made == token) else { continue };
        let is_kept = |(index, field): (usize, &VarId)| {
            loads.get(*field).copied().flatten() == Some((*cell, index as u32))
        };
        *unchanged = fields.iter().enumerate().map(is_kept).collect();
    }
}
