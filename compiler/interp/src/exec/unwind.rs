//! What a frame owns where it stopped: what was made or taken over before, and would have been given
//! away or dropped behind. In IR after the pass `count` this is the same on every way to a place, so
//! one walk forwards finds it.

use eclexia_base::ids::Id;
use eclexia_ir::ir::{
    BlockId, Const, End, FuncId, Function, Inst, Mode, Op, Program, VarId,
};
use eclexia_rt::layout::{Rep, Shape};
use eclexia_rt::native::Pass;

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
    let mut walk = Walk { program, function, times: vec![0; function.vars.len()] };
    for param in &function.params {
        if param.mode == Mode::Owned && walk.is_counted(param.var) {
            walk.times[param.var.index()] = 1;
        }
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
    walk.result()
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

    fn is_counted(&self, var: VarId) -> bool {
        self.program.rep(self.function, var) == Rep::Ptr
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
                    if self.is_counted(*param) {
                        self.times[param.index()] += 1;
                    }
                }
            }
            block.end.each_target(|to| work.push((to, self.times.clone())));
        }
        None
    }

    fn add(&mut self, var: VarId, more: i32) {
        if self.is_counted(var) {
            self.times[var.index()] += more;
        }
    }

    fn inst(&mut self, inst: &Inst) {
        self.take(&inst.op);
        match &inst.op {
            Op::Dup(var) => self.add(*var, 1),
            // Its fields belong to who loaded them.
            Op::Release(of) => self.give_fields(*of),
            Op::Field { .. } | Op::Capture { .. } | Op::Global(_) => return,
            Op::Const(Const::Str(_) | Const::Amounts(_)) => return,
            _ => {}
        }
        if let Some(dest) = inst.dest {
            self.add(dest, 1);
        }
    }

    fn give_fields(&mut self, of: VarId) {
        let function = self.function;
        for block in function.blocks.values() {
            for inst in &block.insts {
                if let (Op::Field { of: from, .. }, Some(dest)) = (&inst.op, inst.dest)
                    && *from == of
                {
                    self.add(dest, 1);
                }
            }
        }
    }

    /// What an operation takes over.
    fn take(&mut self, op: &Op) {
        let mut take = |vars: &[VarId]| vars.iter().for_each(|var| self.add(*var, -1));
        match op {
            Op::Call { func, args } => self.take_by_mode(*func, args),
            Op::CallClosure { closure, args } => {
                take(&[*closure]);
                take(args);
            }
            Op::Native { native, args, .. } => {
                let params = native.get().params.iter();
                for (arg, pass) in args.iter().zip(params) {
                    if matches!(pass, Pass::Owned | Pass::OwnedWord) {
                        take(&[*arg]);
                    }
                }
            }
            Op::Vector(args) | Op::Closure { captures: args, .. } => take(args),
            Op::Alloc { fields, token, .. } => {
                take(fields);
                take(token.as_slice());
            }
            Op::Update { of, value, .. } => take(&[*of, *value]),
            Op::Fill { value, .. } => take(&[*value]),
            Op::Drop(var)
            | Op::Release(var)
            | Op::Decrement(var)
            | Op::Reset(var)
            | Op::FreeToken(var) => take(&[*var]),
            _ => {}
        }
    }

    fn take_by_mode(&mut self, func: FuncId, args: &[VarId]) {
        let params = &self.program.functions[func].params;
        for (arg, param) in args.iter().zip(params) {
            if param.mode == Mode::Owned {
                self.add(*arg, -1);
            }
        }
    }

    fn end(&mut self, end: &End) {
        match end {
            End::Jump(_, args) => args.iter().for_each(|arg| self.add(*arg, -1)),
            End::Return(var) | End::Abort(var) => self.add(*var, -1),
            End::TailCall { func, args } => self.take_by_mode(*func, args),
            End::TailCallClosure { closure, args } => {
                self.add(*closure, -1);
                args.iter().for_each(|arg| self.add(*arg, -1));
            }
            _ => {}
        }
    }
}
