//! Who owns what: which operands an operation takes over, and what a variable is to counting.

use crate::ir::{BlockId, Const, End, Function, Mode, Op, Program, VarId};
use crate::passes::flow::{Bits, Flow, Liveness};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::{Rep, Shape};
use eclexia_rt::native::Pass;

/// Calls `each` with every operand and whether it is taken over.
pub fn each_use(program: &Program, op: &Op, mut each: impl FnMut(VarId, Mode)) {
    use Mode::{Borrowed, Owned};
    match op {
        Op::Call { func, args } => {
            let params = &program.functions[*func].params;
            args.iter().zip(params).for_each(|(arg, param)| each(*arg, param.mode));
        }
        Op::Native { native, args, .. } => {
            for (arg, pass) in args.iter().zip(native.get().params) {
                let owned = matches!(pass, Pass::Owned | Pass::OwnedWord);
                each(*arg, if owned { Owned } else { Borrowed });
            }
        }
        Op::Fill { hole, value } => {
            each(*hole, Borrowed);
            each(*value, Owned);
        }
        Op::CallClosure { .. }
        | Op::Alloc { .. }
        | Op::Vector(_)
        | Op::Update { .. }
        | Op::Closure { .. }
        | Op::Pack(_)
        | Op::Drop(_)
        | Op::Release(_)
        | Op::Decrement(_)
        | Op::Reset(_)
        | Op::FreeToken { .. } => op.each_operand(|var| each(var, Owned)),
        _ => op.each_operand(|var| each(var, Borrowed)),
    }
}

/// As [`each_use`]; what a jump passes to a block is owned but for parameters in `borrowed`.
pub fn each_end_use(
    program: &Program,
    function: &Function,
    borrowed: &Bits,
    end: &End,
    mut each: impl FnMut(VarId, Mode),
) {
    match end {
        End::Jump(to, args) => {
            for (arg, param) in args.iter().zip(&function.blocks[*to].params) {
                let borrows = borrowed.has(param.index());
                each(*arg, if borrows { Mode::Borrowed } else { Mode::Owned });
            }
        }
        End::TailCall { func, args } => {
            let params = &program.functions[*func].params;
            args.iter().zip(params).for_each(|(arg, param)| each(*arg, param.mode));
        }
        End::Branch { .. } | End::Switch { .. } => {}
        _ => end.each_operand(|var| each(var, Mode::Owned)),
    }
}

/// What a variable is to counting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Held as no reference.
    Plain,
    /// A reference that lives as long as the function runs, by someone else's care.
    Static,
    /// One reference.
    Owned,
    /// Borrowed from what it was loaded from.
    Part(VarId),
}

/// Whether a variable holds a counted reference.
pub fn is_counted(program: &Program, function: &Function, var: VarId) -> bool {
    let shape = program.shapes.get(function.vars[var]);
    shape.rep() == Rep::Ptr && *shape != Shape::Token
}

/// Kinds of all variables; of parameters as owned or, in `borrowed`, as static.
pub fn kinds(program: &Program, function: &Function, borrowed: &Bits) -> IdMap<VarId, Kind> {
    let mut kinds: IdMap<VarId, Kind> = vec![Kind::Plain; function.vars.len()].into();
    let param = |var: VarId| match is_counted(program, function, var) {
        false => Kind::Plain,
        true if borrowed.has(var.index()) => Kind::Static,
        true => Kind::Owned,
    };
    for p in &function.params {
        kinds[p.var] = param(p.var);
    }
    for block in function.blocks.values() {
        for var in &block.params {
            kinds[*var] = param(*var);
        }
        for inst in &block.insts {
            let Some(dest) = inst.dest else { continue };
            if is_counted(program, function, dest) {
                kinds[dest] = match &inst.op {
                    Op::Const(Const::Immediate(_)) => Kind::Plain,
                    Op::Const(_) | Op::Global(_) => Kind::Static,
                    Op::Field { of, .. } | Op::Capture { of, .. } => Kind::Part(*of),
                    _ => Kind::Owned,
                };
            }
        }
    }
    kinds
}

/// Where a chain of loads begins.
pub fn root(kinds: &IdMap<VarId, Kind>, mut var: VarId) -> VarId {
    while let Kind::Part(of) = kinds[var] {
        var = of;
    }
    var
}

/// A block's parameter into which only one variable comes, and what was loaded from it or from the
/// parameter, is a part of that variable: a walk along a list that someone holds. It is the nearest
/// such variable: what that was loaded from itself may be gone by then. A walk along what a call
/// has given, and that nobody needs any more, takes it apart instead.
pub fn part_params(function: &Function, flow: &Flow, kinds: &mut IdMap<VarId, Kind>) {
    let mut homes: IdMap<VarId, BlockId> = vec![Function::ENTRY; function.vars.len()].into();
    for id in &flow.order {
        let block = &function.blocks[*id];
        let made = block.insts.iter().filter_map(|inst| inst.dest);
        made.chain(block.params.iter().copied()).for_each(|var| homes[var] = *id);
    }
    let fresh = fresh(function, flow);
    loop {
        let mut changed = false;
        for id in &flow.order {
            for (at, param) in function.blocks[*id].params.iter().enumerate() {
                let apart = || takes_apart(function, flow, (&fresh, &homes), (*id, at));
                if kinds[*param] != Kind::Owned || apart() {
                    continue;
                }
                let above = |var: VarId| homes[var] != *id && flow.dominates(homes[var], *id);
                let nearest = only_source(function, flow, (*id, at), *param, |var| {
                    source(kinds, var, |var| var == *param || above(var))
                });
                let only = nearest.or_else(|| {
                    only_source(function, flow, (*id, at), *param, |var| root(kinds, var))
                });
                let Some(only) = only.filter(|only| above(*only)) else { continue };
                if matches!(kinds[only], Kind::Owned | Kind::Part(_)) {
                    kinds[*param] = Kind::Part(only);
                    changed = true;
                }
            }
        }
        if !changed {
            return;
        }
    }
}

/// Results of calls, and blocks' parameters that nothing else comes into but constants, with how
/// often a variable is used; what counting itself does is no use, so that the answer is the same
/// before and behind it.
fn fresh(function: &Function, flow: &Flow) -> (Bits, Vec<u32>) {
    let (mut fresh, mut constant) = (Bits::default(), Bits::default());
    let mut uses = vec![0; function.vars.len()];
    for id in &flow.order {
        let block = &function.blocks[*id];
        for inst in &block.insts {
            if !is_counting(&inst.op) {
                inst.op.each_operand(|var| uses[var.index()] += 1);
            }
            let Some(dest) = inst.dest else { continue };
            match inst.op {
                Op::Call { .. } | Op::CallClosure { .. } | Op::Unpack(_) => fresh.add(dest.index()),
                Op::Const(_) | Op::Global(_) => constant.add(dest.index()),
                _ => continue,
            };
        }
        block.end.each_operand(|var| uses[var.index()] += 1);
    }
    for id in &flow.order {
        for (at, param) in function.blocks[*id].params.iter().enumerate() {
            let comes = |list: &Bits, pred: &BlockId| match &function.blocks[*pred].end {
                End::Jump(_, args) => list.has(args[at].index()),
                _ => false,
            };
            let preds = &flow.preds[*id];
            let known = |pred: &BlockId| comes(&fresh, pred) || comes(&constant, pred);
            if preds.iter().all(known) && preds.iter().any(|pred| comes(&fresh, pred)) {
                fresh.add(param.index());
            }
        }
    }
    (fresh, uses)
}

/// What `count`, `reuse` and `specialise` put in.
fn is_counting(op: &Op) -> bool {
    matches!(
        op,
        Op::Dup(_)
            | Op::Drop(_)
            | Op::IsUnique(_)
            | Op::Release(_)
            | Op::Decrement(_)
            | Op::Reset(_)
            | Op::Copy { .. }
            | Op::FreeToken { .. }
    )
}

/// Whether what comes into a loop is fresh and used nowhere else, and never again.
fn takes_apart(
    function: &Function,
    flow: &Flow,
    ((fresh, uses), homes): (&(Bits, Vec<u32>), &IdMap<VarId, BlockId>),
    (id, at): (BlockId, usize),
) -> bool {
    let mut enter = flow.preds[id].iter().filter(|pred| !flow.is_back_edge(**pred, id));
    enter.all(|pred| match &function.blocks[*pred].end {
        End::Jump(_, args) => {
            let var = args[at];
            let is_only = fresh.has(var.index()) && uses[var.index()] == 1;
            is_only && !comes_back(function, *pred, homes[var])
        }
        _ => false,
    })
}

/// Whether a way leads from the end of a block to it again, but through another one.
fn comes_back(function: &Function, block: BlockId, home: BlockId) -> bool {
    let mut seen = Bits::new(function.blocks.len());
    seen.add(home.index());
    let mut open = function.blocks[block].end.successors();
    while let Some(next) = open.pop() {
        if next == block && block != home {
            return true;
        }
        if seen.add(next.index()) {
            open.extend(function.blocks[next].end.successors());
        }
    }
    false
}

/// The first variable of a chain of loads that `stops`, or the last.
fn source(kinds: &IdMap<VarId, Kind>, mut var: VarId, stops: impl Fn(VarId) -> bool) -> VarId {
    while !stops(var)
        && let Kind::Part(of) = kinds[var]
    {
        var = of;
    }
    var
}

/// The source of all that comes into a parameter, if it is one.
fn only_source(
    function: &Function,
    flow: &Flow,
    (id, at): (BlockId, usize),
    param: VarId,
    source: impl Fn(VarId) -> VarId,
) -> Option<VarId> {
    let mut only = None;
    for pred in &flow.preds[id] {
        let End::Jump(_, args) = &function.blocks[*pred].end else { return None };
        let source = source(args[at]);
        if source != param && only.replace(source).is_some_and(|other| other != source) {
            return None;
        }
    }
    only
}

/// Whether a variable is borrowed from something in `live`.
pub fn is_part(kinds: &IdMap<VarId, Kind>, mut var: VarId, live: &Bits) -> bool {
    while let Kind::Part(of) = kinds[var] {
        if live.has(of.index()) {
            return true;
        }
        var = of;
    }
    false
}

/// With `borrowed` also those blocks' parameters that are borrowed where they come in.
pub fn borrowed_at_entry(
    function: &Function,
    kinds: &IdMap<VarId, Kind>,
    live: &Liveness,
    borrowed: &Bits,
) -> Bits {
    let mut all = borrowed.clone();
    for (id, block) in function.blocks.iter() {
        for param in &block.params {
            if is_part(kinds, *param, &live.entry[id]) {
                all.add(param.index());
            }
        }
    }
    all
}
