//! What a frame owns where it stopped: what was made or taken over before, and would have been
//! given away or dropped behind. In IR after the pass `count` this is the same on every way to a
//! place, so one walk forwards finds it, but for one thing: where a variable is known to be no cell
//! its drop is left out. Such a variable is not used any more, and its register is another's.

use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_ir::ir::{BlockId, End, FuncId, Function, Inst, Mode, Op, Program, VarId};
use eclexia_ir::passes::flow::{Bits, Flow, Liveness};
use eclexia_ir::passes::own::{Kind, each_end_use, each_use};
use eclexia_ir::verify::counts::ownership;
use eclexia_rt::layout::Shape;

/// A variable and how many references it owns.
pub(super) struct Ownership {
    pub var: VarId,
    pub times: u32,
    pub is_token: bool,
    /// Its number, if it is a parameter.
    pub param: Option<u16>,
}

struct Walk<'a> {
    program: &'a Program,
    function: &'a Function,
    borrowed: Bits,
    kinds: IdMap<VarId, Kind>,
    /// References by variable; a field of a unique cell that is taken apart may be one short until
    /// the cell's memory is a token.
    times: Vec<i32>,
}

/// What a function owns before an instruction, or while it runs.
pub(super) fn owned_at(
    program: &Program,
    func: FuncId,
    block: BlockId,
    inst: u32,
    is_before: bool,
) -> Vec<Ownership> {
    let function = &program.functions[func];
    let (borrowed, kinds) = ownership(program, function);
    let times = vec![0; function.vars.len()];
    let mut walk = Walk { program, function, borrowed, kinds, times };
    for param in &function.params {
        walk.gain(param.var);
    }
    let Some(times) = walk.at_begin(block) else { return Vec::new() };
    walk.times = times;
    let body = &function.blocks[block];
    for inst in body.insts.iter().take(inst as usize) {
        walk.inst(inst);
    }
    if !is_before {
        match body.insts.get(inst as usize) {
            Some(inst) => walk.take(&inst.op),
            None => walk.end(&body.end),
        }
    }
    let next = inst as usize + usize::from(!is_before);
    let live = live_at(function, block, next);
    for (var, times) in walk.times.iter_mut().enumerate() {
        *times = if live.has(var) { *times } else { 0 };
    }
    walk.result()
}

/// What is used from an instruction of a block on.
fn live_at(function: &Function, block: BlockId, next: usize) -> Bits {
    let flow = Flow::new(function);
    let entry = Liveness::new(function, &flow, |var, _, add| add(var)).entry;
    let mut live = Bits::new(function.vars.len());
    let body = &function.blocks[block];
    let mut add = |var: VarId| {
        live.add(var.index());
    };
    body.insts.iter().skip(next).for_each(|inst| inst.op.each_operand(&mut add));
    if next <= body.insts.len() {
        body.end.each_operand(&mut add);
    }
    for to in body.end.successors() {
        live.add_all(&entry[to]);
    }
    live
}

impl Walk<'_> {
    fn result(&self) -> Vec<Ownership> {
        let owned = self.times.iter().enumerate().filter(|(_, times)| **times > 0);
        owned
            .map(|(var, times)| {
                let var = VarId::from_index(var);
                let shape = self.program.shapes.get(self.function.vars[var]);
                let param = self.function.params.iter().position(|param| param.var == var);
                Ownership {
                    var,
                    times: times.cast_unsigned(),
                    is_token: matches!(shape, Shape::Token),
                    param: param.and_then(|param| u16::try_from(param).ok()),
                }
            })
            .collect()
    }

    fn gain(&mut self, var: VarId) {
        if self.kinds[var] == Kind::Owned {
            self.times[var.index()] += 1;
        }
    }

    /// What is owned where a block begins.
    fn at_begin(&mut self, wanted: BlockId) -> Option<Vec<i32>> {
        let mut is_seen = vec![false; self.function.blocks.len()];
        let mut work = vec![(Function::ENTRY, self.times.clone())];
        while let Some((id, times)) = work.pop() {
            if id == wanted {
                return Some(times);
            }
            if std::mem::replace(&mut is_seen[id.index()], true) {
                continue;
            }
            self.times = times;
            let block = &self.function.blocks[id];
            for inst in &block.insts {
                self.inst(inst);
            }
            self.end(&block.end);
            if let End::Jump(to, _) = &block.end {
                for param in &self.function.blocks[*to].params {
                    let is_reference = matches!(self.kinds[*param], Kind::Owned | Kind::Part(_));
                    if is_reference && !self.borrowed.has(param.index()) {
                        self.times[param.index()] += 1;
                    }
                }
            }
            block.end.each_target(|to| work.push((to, self.times.clone())));
        }
        None
    }

    fn inst(&mut self, inst: &Inst) {
        self.take(&inst.op);
        match &inst.op {
            Op::Dup(var) => self.times[var.index()] += 1,
            Op::Release(of) => self.give_fields(*of),
            _ => {}
        }
        if let Some(dest) = inst.dest {
            self.gain(dest);
        }
    }

    /// The fields of a cell that became a token belong to who loaded them.
    fn give_fields(&mut self, of: VarId) {
        let function = self.function;
        for inst in function.blocks.values().flat_map(|block| &block.insts) {
            if let (Op::Field { of: from, .. }, Some(dest)) = (&inst.op, inst.dest)
                && *from == of
                && matches!(self.kinds[dest], Kind::Part(_))
            {
                self.times[dest.index()] += 1;
            }
        }
    }

    /// What an operation takes over.
    fn take(&mut self, op: &Op) {
        let Walk { kinds, times, program, .. } = self;
        each_use(program, op, |var, mode| lose(kinds, times, var, mode));
    }

    fn end(&mut self, end: &End) {
        let Walk { kinds, times, program, function, borrowed } = self;
        each_end_use(program, function, borrowed, end, |var, mode| lose(kinds, times, var, mode));
    }
}

fn lose(kinds: &IdMap<VarId, Kind>, times: &mut [i32], var: VarId, mode: Mode) {
    if mode == Mode::Owned && kinds[var] != Kind::Plain {
        times[var.index()] -= 1;
    }
}
