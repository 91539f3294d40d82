//! Which constructor a value has where: behind a switch on its tag, where it was made, where only
//! one constructor has fields that are loaded.

use crate::ir::{BlockId, End, Function, Op, Program, VarId};
use crate::passes::flow::Flow;
use eclexia_base::IdMap;
use eclexia_rt::layout::{Shape, ShapeId};

/// Facts about all variables of a function.
pub struct Cells {
    facts: IdMap<VarId, Vec<(BlockId, u32)>>,
    /// The variable that a tag is of.
    tags: IdMap<VarId, Option<VarId>>,
}

impl Cells {
    pub fn new(program: &Program, function: &Function, flow: &Flow) -> Cells {
        let count = function.vars.len();
        let mut cells =
            Cells { facts: vec![Vec::new(); count].into(), tags: vec![None; count].into() };
        for id in &flow.order {
            let block = &function.blocks[*id];
            for inst in &block.insts {
                match (&inst.op, inst.dest) {
                    (Op::Tag(of), Some(dest)) => cells.tags[dest] = Some(*of),
                    (Op::Field { of, .. }, _) => {
                        if let Some(only) = only_cell(program, function, *of) {
                            cells.add(*of, *id, only);
                        }
                    }
                    (Op::Alloc { layout, .. }, Some(dest)) => {
                        use eclexia_rt::layout::LayoutKind::Data;
                        if let Data { index, .. } = program.shapes.layout(*layout).kind {
                            cells.add(dest, *id, index);
                        }
                    }
                    _ => {}
                }
            }
            cells.switch(program, function, &block.end);
        }
        cells
    }

    fn switch(&mut self, program: &Program, function: &Function, end: &End) {
        let End::Switch { value, cases, default } = end else { return };
        let Some(of) = self.tags[*value] else { return };
        for (index, to) in cases {
            self.add(of, *to, *index as u32);
        }
        let Some(default) = default else { return };
        let count = program.shapes.get(function.vars[of]).ctors().len() as i64;
        let mut others = (0..count).filter(|i| !cases.iter().any(|(case, _)| case == i));
        if let (Some(only), None) = (others.next(), others.next()) {
            self.add(of, *default, only as u32);
        }
    }

    fn add(&mut self, var: VarId, block: BlockId, index: u32) {
        if !self.facts[var].contains(&(block, index)) {
            self.facts[var].push((block, index));
        }
    }

    /// The constructor that a variable has in a block, if it is known there.
    pub fn ctor(&self, flow: &Flow, var: VarId, block: BlockId) -> Option<u32> {
        let facts = self.facts.get(var)?;
        facts.iter().find(|(at, _)| flow.dominates(*at, block)).map(|(_, index)| *index)
    }

    /// The fields of a cell that a variable is known to hold in a block; none of an immediate.
    pub fn fields<'p>(
        &self,
        program: &'p Program,
        function: &Function,
        flow: &Flow,
        (var, block): (VarId, BlockId),
    ) -> Option<&'p [ShapeId]> {
        let index = self.ctor(flow, var, block)?;
        let ctors = match program.shapes.get(function.vars[var]) {
            Shape::Data(ctors) => ctors,
            _ => return None,
        };
        let fields = &ctors.get(index as usize)?.fields;
        (!fields.is_empty()).then_some(fields)
    }

    /// Every variable of which something is known, with the block from where on.
    pub fn all(&self) -> impl Iterator<Item = (VarId, BlockId)> + '_ {
        self.facts.iter().flat_map(|(var, facts)| facts.iter().map(move |(at, _)| (var, *at)))
    }
}

/// The only constructor with fields that a shape has.
fn only_cell(program: &Program, function: &Function, var: VarId) -> Option<u32> {
    let ctors = program.shapes.get(function.vars[var]).ctors();
    let mut cells = ctors.iter().enumerate().filter(|(_, ctor)| !ctor.fields.is_empty());
    match (cells.next(), cells.next()) {
        (Some((index, _)), None) => Some(index as u32),
        _ => None,
    }
}
