//! Does once and early what the program says twice or late: constants folded, copies gone, what is
//! known on a path not asked again, blocks that follow each other made one, what nobody uses left
//! out.
//!
//! 1. In an order in which a block comes behind its dominators: every pure operation is looked up
//!    among those that stand on every way to it; equal ones are one. What is loaded from a cell
//!    that was made here is the variable that went in.
//! 2. Behind a branch its condition is known, behind a switch its value: so a second test of a tag
//!    goes. A block's parameter that is the same on all ways in is that.
//! 3. A jump to a block that does nothing but ask what the jump already knows goes on at once.
//! 4. Then blocks are joined, steps of a block counted together, and unused operations left out.
//! 5. Until nothing changes, at most [`ROUNDS`] times.

use crate::ir::{
    Block, BlockId, Const, End, FuncId, Function, GlobalId, Inst, Op, Prim, Program, VarId,
};
use crate::passes::each::each;
use crate::passes::flow::{Bits, Flow};
use crate::passes::{fold, known, tidy};
use eclexia_base::ids::Id;
use eclexia_base::{FxHashMap, IdMap};
use eclexia_rt::layout::{LayoutKind, ShapeId};
use eclexia_rt::native::{Gives, NativeId, Pass};
use std::ops::Range;

/// More than this never paid.
const ROUNDS: usize = 3;

pub fn run(program: &mut Program, new: &Range<usize>) {
    each(program, new, |program, _, function| body(program, function));
}

/// Simplifies one function.
pub fn function(program: &mut Program, id: FuncId) {
    let mut work = std::mem::replace(&mut program.functions[id], tidy::nothing());
    body(program, &mut work);
    program.functions[id] = work;
}

/// The same for one that the program does not hold.
pub fn body(program: &Program, function: &mut Function) {
    for _ in 0..ROUNDS {
        let changed = Simplifier::new(program, function).run();
        let changed = known::function(program, function) || changed;
        let changed = tidy::function(program, function) || changed;
        if !changed {
            break;
        }
    }
}

/// What makes two pure operations equal.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    /// With its shape, which says what it is to a built-in.
    Int(i64, ShapeId),
    Float(u64, ShapeId),
    Bool(bool),
    Keyword(u32),
    Immediate(u32, u32),
    Str(u32),
    Amounts(u32),
    Prim(Prim, VarId, Option<VarId>),
    Field(VarId, u32),
    Capture(VarId, u32),
    Tag(VarId),
    Global(u32),
    Native(NativeId, Vec<VarId>),
}

struct Simplifier<'a> {
    program: &'a Program,
    function: &'a mut Function,
    flow: Flow,
    /// What a variable is instead.
    same: IdMap<VarId, VarId>,
    /// Constants, from a block on.
    known: IdMap<VarId, Vec<(BlockId, Const)>>,
    /// Where pure operations stand.
    table: FxHashMap<Key, Vec<(BlockId, VarId)>>,
    /// Cells and closures made here: the fields.
    made: IdMap<VarId, Option<Made>>,
    /// Cells with a place that is filled later: what goes in is not what comes out.
    open: Bits,
    /// What a bool is the opposite of.
    nots: IdMap<VarId, Option<VarId>>,
    changed: bool,
}

#[derive(Clone)]
struct Made {
    fields: Vec<VarId>,
    /// The constructor's index; none of closures.
    index: Option<u32>,
}

impl<'a> Simplifier<'a> {
    fn new(program: &'a Program, function: &'a mut Function) -> Simplifier<'a> {
        let flow = Flow::new(function);
        let count = function.vars.len();
        let open = tidy::open_cells(function);
        Simplifier {
            program,
            flow,
            same: function.vars.ids().collect::<Vec<_>>().into(),
            known: vec![Vec::new(); count].into(),
            table: FxHashMap::default(),
            made: vec![None; count].into(),
            open,
            nots: vec![None; count].into(),
            function,
            changed: false,
        }
    }

    fn run(mut self) -> bool {
        let order = self.flow.order.clone();
        for id in &order {
            self.params(*id);
            let mut block = std::mem::take(&mut self.function.blocks[*id]);
            block.insts.retain_mut(|inst| self.keeps(*id, inst));
            let mut end = std::mem::take(&mut block.end);
            end.each_operand_mut(|var| *var = self.resolve(*var));
            block.end = self.end(*id, end);
            self.learn(&block.end);
            self.function.blocks[*id] = block;
        }
        // What was resolved behind a use: loops.
        for id in &order {
            let mut block = std::mem::take(&mut self.function.blocks[*id]);
            for inst in &mut block.insts {
                inst.op.each_operand_mut(|var| *var = self.resolve(*var));
            }
            block.end.each_operand_mut(|var| *var = self.resolve(*var));
            self.function.blocks[*id] = block;
        }
        self.thread(&order);
        self.changed
    }

    fn resolve(&self, mut var: VarId) -> VarId {
        while self.same[var] != var {
            var = self.same[var];
        }
        var
    }

    fn replace(&mut self, var: VarId, by: VarId) {
        self.same[var] = by;
        self.changed = true;
    }

    fn constant(&self, var: VarId, at: BlockId) -> Option<&Const> {
        let facts = &self.known[var];
        facts.iter().find(|(from, _)| self.flow.dominates(*from, at)).map(|(_, value)| value)
    }

    /// Rule 2, for a block's parameters: those with one value lose it from all jumps.
    fn params(&mut self, id: BlockId) {
        if self.function.blocks[id].params.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(param) = self.function.blocks[id].params.get(at).copied() {
            let Some(only) = self.only_value(id, at, param) else {
                at += 1;
                continue;
            };
            self.replace(param, only);
            self.function.blocks[id].params.remove(at);
            for pred in self.flow.preds[id].clone() {
                if let End::Jump(_, args) = &mut self.function.blocks[pred].end {
                    args.remove(at);
                }
            }
        }
    }

    fn only_value(&self, id: BlockId, at: usize, param: VarId) -> Option<VarId> {
        let mut only = None;
        for pred in &self.flow.preds[id] {
            let End::Jump(_, args) = &self.function.blocks[*pred].end else { return None };
            let arg = self.resolve(args[at]);
            if arg == param || only == Some(arg) {
                continue;
            }
            if only.replace(arg).is_some() {
                return None;
            }
        }
        only
    }

    /// Whether an instruction stays.
    fn keeps(&mut self, at: BlockId, inst: &mut Inst) -> bool {
        inst.op.each_operand_mut(|var| *var = self.resolve(*var));
        let Some(dest) = inst.dest else { return true };
        if let Some(value) = self.folded(at, &inst.op) {
            match value {
                fold::Value::Const(value) => inst.op = Op::Const(value),
                fold::Value::Var(var) => {
                    self.replace(dest, var);
                    return false;
                }
            }
            self.changed |= !matches!(inst.op, Op::Const(_));
        }
        if let Op::Const(value) = &inst.op {
            self.known[dest].push((Function::ENTRY, value.clone()));
        }
        if let Op::Prim(Prim::BoolNot, args) = &inst.op {
            self.nots[dest] = Some(args[0]);
        }
        if !self.open.has(dest.index()) {
            self.made[dest] = self.made_by(&inst.op);
        }
        let Some(key) = self.key(dest, &inst.op) else { return true };
        let places = self.table.entry(key).or_default();
        let known = places.iter().find(|(block, _)| self.flow.dominates(*block, at));
        match known.map(|(_, var)| *var) {
            Some(var) => {
                self.replace(dest, var);
                false
            }
            None => {
                places.push((at, dest));
                true
            }
        }
    }

    fn made_by(&self, op: &Op) -> Option<Made> {
        match op {
            Op::Alloc { layout, fields, .. } => match self.program.shapes.layout(*layout).kind {
                LayoutKind::Data { index, .. } => {
                    Some(Made { fields: fields.clone(), index: Some(index) })
                }
                LayoutKind::Closure { .. } => None,
            },
            Op::Closure { captures, .. } => {
                // Capture numbers count the function, which stands first.
                Some(Made { fields: captures.clone(), index: None })
            }
            _ => None,
        }
    }

    /// What an operation gives, if that is known.
    fn folded(&self, at: BlockId, op: &Op) -> Option<fold::Value> {
        match op {
            Op::Prim(prim, args) => {
                let values: Vec<Option<&Const>> =
                    args.iter().map(|arg| self.constant(*arg, at)).collect();
                fold::prim(*prim, args, &values)
            }
            Op::Field { of, index } => {
                let made = self.made[*of].as_ref()?;
                made.fields.get(*index as usize).map(|var| fold::Value::Var(*var))
            }
            Op::Capture { of, index } => {
                let made = self.made[*of].as_ref()?;
                made.fields.get(*index as usize).map(|var| fold::Value::Var(*var))
            }
            Op::Tag(of) => {
                let index = match (self.made[*of].as_ref(), self.constant(*of, at)) {
                    (Some(made), _) => made.index?,
                    (_, Some(Const::Immediate(index))) => *index,
                    _ => return None,
                };
                Some(fold::Value::Const(Const::Int(i64::from(index))))
            }
            Op::Global(global) => plain(self.program, *global).map(fold::Value::Const),
            _ => None,
        }
    }

    fn key(&self, dest: VarId, op: &Op) -> Option<Key> {
        Some(match op {
            Op::Const(value) => match value {
                Const::Int(value) => Key::Int(*value, self.function.vars[dest]),
                Const::Float(bits) => Key::Float(*bits, self.function.vars[dest]),
                Const::Bool(value) => Key::Bool(*value),
                Const::Keyword(name) => Key::Keyword(name.id()),
                Const::Immediate(index) => Key::Immediate(*index, self.function.vars[dest].0),
                Const::Str(id) => Key::Str(id.0),
                Const::Amounts(id) => Key::Amounts(id.0),
            },
            Op::Prim(prim, args) => Key::Prim(*prim, *args.first()?, args.get(1).copied()),
            Op::Field { of, index } => Key::Field(*of, *index),
            Op::Capture { of, index } => Key::Capture(*of, *index),
            Op::Tag(of) => Key::Tag(*of),
            Op::Global(global) => Key::Global(global.0),
            Op::Native { native, args, shapes } if shapes.is_empty() && is_plain(*native) => {
                Key::Native(*native, args.clone())
            }
            _ => return None,
        })
    }

    /// An end whose way is known is a jump.
    fn end(&mut self, at: BlockId, end: End) -> End {
        let way = match &end {
            End::Branch { cond, then, other } => match self.constant(*cond, at) {
                Some(Const::Bool(value)) => Some(if *value { *then } else { *other }),
                _ => None,
            },
            End::Switch { value, cases, default } => match self.constant(*value, at) {
                Some(Const::Int(value)) => {
                    let case = cases.iter().find(|(case, _)| case == value).map(|(_, to)| *to);
                    Some(case.or(*default)).flatten()
                }
                _ => None,
            },
            _ => None,
        };
        let end = match way {
            Some(to) => {
                self.changed = true;
                return End::Jump(to, Vec::new());
            }
            None => end,
        };
        match end {
            End::Branch { cond, then, other } if self.nots[cond].is_some() => {
                self.changed = true;
                End::Branch { cond: self.nots[cond].unwrap_or(cond), then: other, other: then }
            }
            end => end,
        }
    }

    /// What is known behind an end.
    fn learn(&mut self, end: &End) {
        match end {
            End::Branch { cond, then, other } => {
                self.known[*cond].push((*then, Const::Bool(true)));
                self.known[*cond].push((*other, Const::Bool(false)));
            }
            End::Switch { value, cases, .. } => {
                for (case, to) in cases {
                    self.known[*value].push((*to, Const::Int(*case)));
                }
            }
            _ => {}
        }
    }

    /// Rule 3: jumps to a block without instructions that asks its only parameter.
    fn thread(&mut self, order: &[BlockId]) {
        for id in order {
            let block = &self.function.blocks[*id];
            let ([param], true) = (&block.params[..], block.insts.is_empty()) else { continue };
            let asked = match &block.end {
                End::Branch { cond, .. } => *cond,
                End::Switch { value, .. } => *value,
                _ => continue,
            };
            if asked == *param && !self.is_used_elsewhere(*id, asked, order) {
                self.thread_to(*id);
            }
        }
    }

    /// Whether a block's parameter is used by others than its end.
    fn is_used_elsewhere(&self, id: BlockId, param: VarId, order: &[BlockId]) -> bool {
        let mut uses = 0;
        for block in order.iter().map(|id| &self.function.blocks[*id]) {
            for inst in &block.insts {
                inst.op.each_operand(|var| uses += usize::from(var == param));
            }
            block.end.each_operand(|var| uses += usize::from(var == param));
        }
        let mut own = 0;
        self.function.blocks[id].end.each_operand(|var| own += usize::from(var == param));
        uses != own
    }

    /// Lets jumps with a known argument go where the block would send them. A target gets other
    /// predecessors by that, which only a block behind a jump may have: a new one stands between.
    fn thread_to(&mut self, id: BlockId) {
        for pred in self.flow.preds[id].clone() {
            let End::Jump(to, args) = &self.function.blocks[pred].end else { continue };
            if *to != id || args.len() != 1 {
                continue;
            }
            let Some(value) = self.constant(args[0], pred).cloned() else { continue };
            let mut targets = Vec::new();
            self.function.blocks[id].end.each_target(|to| targets.push(to));
            let way = match (&self.function.blocks[id].end, value) {
                (End::Branch { then, other, .. }, Const::Bool(true)) if then != other => *then,
                (End::Branch { then, other, .. }, Const::Bool(false)) if then != other => *other,
                (End::Switch { cases, default, .. }, Const::Int(value)) => {
                    let case = cases.iter().find(|(case, _)| *case == value).map(|(_, to)| *to);
                    let Some(way) = case.or(*default) else { continue };
                    way
                }
                _ => continue,
            };
            let between = self
                .function
                .blocks
                .push(Block { end: End::Jump(way, Vec::new()), ..Block::default() });
            self.function.blocks[id].end.each_target_mut(|to| {
                if *to == way {
                    *to = between;
                }
            });
            self.function.blocks[pred].end = End::Jump(way, Vec::new());
            self.changed = true;
        }
    }
}

/// The value of a global that is a number: to know it is less than to ask for it.
fn plain(program: &Program, global: GlobalId) -> Option<Const> {
    let init = &program.functions[program.globals[global].init];
    let mut blocks = init.blocks.values();
    let (Some(block), None) = (blocks.next(), blocks.next()) else { return None };
    let End::Return(result, _) = block.end else { return None };
    let mut insts = block.insts.iter().filter(|inst| !matches!(inst.op, Op::Step(_)));
    match (insts.next(), insts.next()) {
        (Some(Inst { dest: Some(dest), op: Op::Const(value), .. }), None) if *dest == result => {
            Some(value.clone())
        }
        _ => None,
    }
}

/// Whether a native gives the same again, and nothing that is counted.
fn is_plain(native: NativeId) -> bool {
    let native = native.get();
    let looks = |pass: &Pass| !matches!(pass, Pass::Owned | Pass::OwnedWord);
    native.is_pure
        && native.params.iter().all(looks)
        && matches!(native.gives, Gives::Int | Gives::Float | Gives::Bool)
}
