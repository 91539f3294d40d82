//! Products that a block takes are taken as their fields: what a loop carries along, or what a part
//! of a function that was put in gives, need not be made into a cell that is looked into at once.
//!
//! ```text
//! jump b1 (alloc y0 (a b))     b1 (p): field p 0 ..     =>     jump b1 (a b)     b1 (x y): x ..
//! ```
//!
//! 1. A parameter is taken apart if it is of a type with one constructor, if all that is done with
//!    it is to load fields, to ask for its constructor, or to pass it on to a parameter that is
//!    taken apart too, and if some way in makes the cell.
//! 2. Where it is wanted whole, it is made anew, if that is behind the loop: there it is made once.
//!    A record knows the place where it was made: it is made anew only if all ways in know the
//!    same.
//! 3. A way in that has the cell from elsewhere loads the fields.

use crate::ir::{Block, BlockId, Const, End, Function, Inst, Op, Program, VarId};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use crate::passes::{simplify, tidy};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::{LayoutId, Shape, ShapeId};
use std::ops::Range;

/// Fields of a product that is taken apart.
const MOST_FIELDS: usize = 8;
/// Parameters of a block that takes products apart.
const MOST_PARAMS: usize = 24;
/// Products in products.
const ROUNDS: usize = 3;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |program, _, function| {
        for _ in 0..ROUNDS {
            let Some(changed) = Unboxer::new(program, function).changed() else { break };
            *function = changed;
            simplify::body(program, function);
        }
    });
}

/// A parameter that may be taken apart.
#[derive(Clone)]
struct Product {
    block: BlockId,
    fields: Vec<ShapeId>,
    is_record: bool,
    /// Of a cell that is made anew; none while records of several places come in.
    layout: Option<LayoutId>,
}

struct Unboxer<'a> {
    function: &'a Function,
    flow: Flow,
    products: IdMap<VarId, Option<Product>>,
    /// The cells that are made here: layout and fields.
    made: IdMap<VarId, Option<(LayoutId, Vec<VarId>)>>,
    /// Cells with a place that is filled later: what goes in is not what comes out.
    open: Bits,
}

impl<'a> Unboxer<'a> {
    fn new(program: &Program, function: &'a Function) -> Unboxer<'a> {
        let count = function.vars.len();
        let mut unboxer = Unboxer {
            function,
            flow: Flow::new(function),
            products: vec![None; count].into(),
            made: vec![None; count].into(),
            open: tidy::open_cells(function),
        };
        for id in unboxer.flow.order.clone() {
            let block = &function.blocks[id];
            for inst in &block.insts {
                if let (Op::Alloc { layout, fields, token: None, .. }, Some(dest)) =
                    (&inst.op, inst.dest)
                    && !unboxer.open.has(dest.index())
                {
                    unboxer.made[dest] = Some((*layout, fields.clone()));
                }
            }
            if block.params.len() > MOST_PARAMS {
                continue;
            }
            for param in &block.params {
                unboxer.products[*param] = product(program, function.vars[*param], id);
            }
        }
        unboxer.layouts();
        while unboxer.drop_one_that_stays() {}
        unboxer
    }

    /// The layout that all cells have that come in.
    fn layouts(&mut self) {
        for id in self.flow.order.clone() {
            for at in 0..self.function.blocks[id].params.len() {
                let param = self.function.blocks[id].params[at];
                if self.products[param].is_none() {
                    continue;
                }
                let mut found = None;
                for arg in self.args(id, at) {
                    let layout = self.made[arg].as_ref().map(|(layout, _)| *layout);
                    match (found, layout) {
                        (None, Some(_)) => found = layout,
                        (Some(one), Some(other)) if one == other => {}
                        _ if arg == param => {}
                        _ => {
                            found = None;
                            break;
                        }
                    }
                }
                if let Some(product) = &mut self.products[param]
                    && product.is_record
                {
                    product.layout = found;
                }
            }
        }
    }

    /// What the ways into a block pass for a parameter.
    fn args(&self, id: BlockId, at: usize) -> Vec<VarId> {
        let passed = |pred: &BlockId| match &self.function.blocks[*pred].end {
            End::Jump(_, args) => args.get(at).copied(),
            _ => None,
        };
        self.flow.preds[id].iter().filter_map(passed).collect()
    }

    /// Rule 1, until nothing changes: whether a parameter was found that stays as it is.
    fn drop_one_that_stays(&mut self) -> bool {
        let mut stays = Bits::new(self.function.vars.len());
        for id in &self.flow.order {
            let block = &self.function.blocks[*id];
            for (at, param) in block.params.iter().enumerate() {
                if self.products[*param].is_none() {
                    continue;
                }
                let is_made = |arg: VarId| self.made[arg].is_some() || self.products[arg].is_some();
                let args = self.args(*id, at);
                let is_open = args.iter().any(|arg| self.open.has(arg.index()));
                if is_open || !args.into_iter().any(|arg| arg != *param && is_made(arg)) {
                    stays.add(param.index());
                }
            }
            for inst in &block.insts {
                if !matches!(inst.op, Op::Field { .. } | Op::Tag(_)) {
                    inst.op.each_operand(|var| self.wanted_whole(var, *id, &mut stays));
                }
            }
            match &block.end {
                End::Jump(to, args) => {
                    for (arg, param) in args.iter().zip(&self.function.blocks[*to].params) {
                        if self.products[*param].is_none() {
                            self.wanted_whole(*arg, *id, &mut stays);
                        }
                    }
                }
                end => end.each_operand(|var| self.wanted_whole(var, *id, &mut stays)),
            }
        }
        let mut found = false;
        for index in stays.iter() {
            found |= self.products[VarId::from_index(index)].take().is_some();
        }
        found
    }

    /// Rule 2.
    fn wanted_whole(&self, var: VarId, at: BlockId, stays: &mut Bits) {
        let Some(product) = &self.products[var] else { return };
        if product.layout.is_none() || self.leads_to(at, product.block) {
            stays.add(var.index());
        }
    }

    /// Whether a way leads from the end of one block to the beginning of another.
    fn leads_to(&self, from: BlockId, to: BlockId) -> bool {
        let mut seen = Bits::new(self.function.blocks.len());
        let mut open = vec![from];
        while let Some(block) = open.pop() {
            let mut found = false;
            self.function.blocks[block].end.each_target(|next| {
                found |= next == to;
                if seen.add(next.index()) {
                    open.push(next);
                }
            });
            if found {
                return true;
            }
        }
        false
    }

    /// The function with products taken apart; none if there are none.
    fn changed(self) -> Option<Function> {
        if self.products.values().all(Option::is_none) {
            return None;
        }
        let mut function = self.function.clone();
        let mut parts: IdMap<VarId, Vec<VarId>> = vec![Vec::new(); self.products.len()].into();
        for (var, product) in self.products.iter() {
            if let Some(product) = product {
                parts[var] = product.fields.iter().map(|s| function.vars.push(*s)).collect();
            }
        }
        let mut same: IdMap<VarId, VarId> = self.products.ids().collect::<Vec<_>>().into();
        for inst in self.function.blocks.values().flat_map(|block| &block.insts) {
            if let (Op::Field { of, index }, Some(dest)) = (&inst.op, inst.dest)
                && let Some(part) = parts[*of].get(*index as usize)
            {
                same[dest] = *part;
            }
        }
        let Unboxer { function: before, flow, products, made, .. } = self;
        let vars = std::mem::take(&mut function.vars);
        let mut rewriter = Rewriter { before, products, made, parts, same, vars };
        for id in &flow.order {
            function.blocks[*id] = rewriter.block(&before.blocks[*id]);
        }
        function.vars = rewriter.vars;
        Some(function)
    }
}

/// Writes blocks anew.
struct Rewriter<'a> {
    before: &'a Function,
    products: IdMap<VarId, Option<Product>>,
    made: IdMap<VarId, Option<(LayoutId, Vec<VarId>)>>,
    /// The fields of what is taken apart.
    parts: IdMap<VarId, Vec<VarId>>,
    /// Fields that were loaded have names already.
    same: IdMap<VarId, VarId>,
    vars: IdMap<VarId, ShapeId>,
}

impl Rewriter<'_> {
    fn block(&mut self, block: &Block) -> Block {
        let mut params = Vec::with_capacity(block.params.len());
        for param in &block.params {
            match self.products[*param] {
                Some(_) => params.extend(&self.parts[*param]),
                None => params.push(*param),
            }
        }
        let mut insts = Vec::with_capacity(block.insts.len());
        for inst in &block.insts {
            match inst.op {
                Op::Field { of, .. } if self.products[of].is_some() => {}
                Op::Tag(of) if self.products[of].is_some() => {
                    insts.push(Inst { op: Op::Const(Const::Int(0)), ..inst.clone() });
                }
                _ => {
                    let mut inst = inst.clone();
                    inst.op.each_operand_mut(|var| *var = self.whole(*var, &mut insts));
                    insts.push(inst);
                }
            }
        }
        let mut end = block.end.clone();
        match &mut end {
            End::Jump(to, args) => {
                let target = &self.before.blocks[*to];
                let passed = std::mem::take(args);
                for (arg, param) in passed.into_iter().zip(&target.params) {
                    match self.products[*param] {
                        Some(_) => args.extend(self.fields(arg, *param, &mut insts)),
                        None => args.push(self.whole(arg, &mut insts)),
                    }
                }
            }
            end => end.each_operand_mut(|var| *var = self.whole(*var, &mut insts)),
        }
        Block { params, insts, end, loc: block.loc }
    }

    /// Rule 2: the variable, made anew if it was taken apart.
    fn whole(&mut self, var: VarId, insts: &mut Vec<Inst>) -> VarId {
        let layout = self.products[var].as_ref().and_then(|product| product.layout);
        let Some(layout) = layout else { return self.same[var] };
        let cell = self.vars.push(self.before.vars[var]);
        let fields = self.parts[var].clone();
        let op = Op::Alloc { layout, fields, token: None, unchanged: Vec::new() };
        insts.push(Inst { dest: Some(cell), op, loc: None });
        cell
    }

    /// Rule 3: the fields of what is passed for a parameter.
    fn fields(&mut self, arg: VarId, param: VarId, insts: &mut Vec<Inst>) -> Vec<VarId> {
        if self.products[arg].is_some() {
            return self.parts[arg].clone();
        }
        if let Some((_, fields)) = self.made[arg].clone() {
            return fields.into_iter().map(|field| self.whole(field, insts)).collect();
        }
        let of = self.same[arg];
        let shapes = self.products[param].as_ref().map_or(Vec::new(), |p| p.fields.clone());
        let load = |(index, shape): (usize, ShapeId)| {
            let field = self.vars.push(shape);
            let op = Op::Field { of, index: index as u32 };
            insts.push(Inst { dest: Some(field), op, loc: None });
            field
        };
        shapes.into_iter().enumerate().map(load).collect()
    }
}

/// A type with one constructor, which has fields.
fn product(program: &Program, shape: ShapeId, block: BlockId) -> Option<Product> {
    let Shape::Data(ctors) = program.shapes.get(shape) else { return None };
    let [ctor] = &ctors[..] else { return None };
    if ctor.fields.is_empty() || ctor.fields.len() > MOST_FIELDS {
        return None;
    }
    let layout = ctor.layout.filter(|_| !ctor.is_record);
    let fields = ctor.fields.clone();
    Some(Product { block, fields, is_record: ctor.is_record, layout })
}
