//! Data without variables is made once: a constructor, vector or closure whose parts are all
//! constants is the value of a global of its own. What the program changes in place it shares with
//! nobody, so a constant is copied when it is first changed.
//!
//! 1. A variable is constant when it is a `Const`, the value of a global whose function has nothing
//!    else in it (defaults of fields are such), or such an operation on constant variables.
//! 2. Constant data that something else than constant data uses becomes a global, with its parts.
//! 3. What only served as a part goes.

use crate::ir::{
    Block, End, FuncId, Function, FunctionKind, Global, GlobalId, Inst, Op, Program, VarId,
};
use crate::passes::tidy;
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use std::ops::Range;

pub fn run(program: &mut Program, range: &Range<usize>) {
    for index in range.clone() {
        let id = FuncId::from_index(index);
        if matches!(program.functions[id].kind, FunctionKind::Global(_)) {
            continue;
        }
        let constants = constants(program, &program.functions[id]);
        if constants.values().flatten().any(|inst| is_data(&inst.op)) {
            function(program, id, &constants);
        }
    }
}

/// How deep constants may be in each other.
const DEPTH: u32 = 8;

/// The instruction of every constant variable.
type Constants = IdMap<VarId, Option<Inst>>;

fn is_data(op: &Op) -> bool {
    match op {
        Op::Alloc { token, .. } => token.is_none(),
        Op::Vector(items) => !items.is_empty(),
        Op::Closure { .. } => true,
        _ => false,
    }
}

/// Whether the value of a global is constant data, however deep.
fn is_plain(program: &Program, global: GlobalId, depth: u32) -> bool {
    let init = &program.functions[program.globals[global].init];
    let is_plain = |inst: &Inst| match &inst.op {
        Op::Const(_) | Op::Step(_) | Op::Count(_) => true,
        Op::Global(part) => depth > 0 && is_plain(program, *part, depth - 1),
        op => is_data(op),
    };
    let mut blocks = init.blocks.values();
    blocks.len() == 1
        && blocks.all(|b| matches!(b.end, End::Return(..)) && b.insts.iter().all(is_plain))
}

fn constants(program: &Program, function: &Function) -> Constants {
    let mut known: Constants = IdMap::default();
    known.resize_with(function.vars.len(), || None);
    let open = tidy::open_cells(function);
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        let Some(dest) = inst.dest else { continue };
        let mut is_constant = match &inst.op {
            Op::Const(_) => true,
            Op::Global(global) => is_plain(program, *global, DEPTH),
            op => is_data(op),
        };
        is_constant &= !open.has(dest.index());
        if is_constant {
            // A definition that stands in a later block is not seen, and need not be.
            inst.op.each_operand(|var| is_constant &= known[var].is_some());
        }
        if is_constant {
            known[dest] = Some(inst.clone());
        }
    }
    known
}

fn function(program: &mut Program, id: FuncId, constants: &Constants) {
    let mut wanted: IdMap<VarId, bool> = IdMap::default();
    wanted.resize_with(constants.len(), || false);
    let function = &program.functions[id];
    for block in function.blocks.values() {
        for inst in &block.insts {
            if inst.dest.is_none_or(|dest| constants[dest].is_none()) {
                inst.op.each_operand(|var| wanted[var] = true);
            }
        }
        block.end.each_operand(|var| wanted[var] = true);
    }
    let is_hoisted = |var: VarId| constants[var].as_ref().is_some_and(|inst| is_data(&inst.op));
    let all: Vec<VarId> = constants.ids().filter(|var| is_hoisted(*var) && wanted[*var]).collect();
    let globals: Vec<(VarId, GlobalId)> =
        all.into_iter().map(|var| (var, global(program, id, constants, var))).collect();
    let is_part = |op: &Op| matches!(op, Op::Global(_));
    let function = &mut program.functions[id];
    for block in function.blocks.values_mut() {
        block.insts.retain_mut(|inst| {
            let goes = |dest: VarId| match &constants[dest] {
                Some(inst) => is_data(&inst.op) || is_part(&inst.op) && !wanted[dest],
                None => false,
            };
            let Some(dest) = inst.dest.filter(|dest| goes(*dest)) else { return true };
            let found = globals.binary_search_by_key(&dest, |(var, _)| *var);
            if let Ok(at) = found {
                inst.op = Op::Global(globals[at].1);
            }
            found.is_ok()
        });
    }
}

/// A global whose function makes the value of `var`.
fn global(program: &mut Program, of: FuncId, constants: &Constants, var: VarId) -> GlobalId {
    let source = &program.functions[of];
    let (name, def, shape, loc) = (source.name, source.def, source.vars[var], source.loc);
    let id = program.globals.next_id();
    let mut init = Function::new(name, def, shape, FunctionKind::Global(id), loc);
    let mut block = Block::default();
    let value = copy(source, constants, var, &mut init, &mut block);
    block.end = End::give(value);
    init.blocks.push(block);
    let init = program.functions.push(init);
    program.globals.push(Global { name, def, shape, init })
}

/// The instructions of a constant, its parts first.
fn copy(
    source: &Function,
    constants: &Constants,
    var: VarId,
    init: &mut Function,
    block: &mut Block,
) -> VarId {
    let Some(inst) = &constants[var] else { eclexia_base::bug!("{var:?} is no constant") };
    let mut op = inst.op.clone();
    op.each_operand_mut(|part| *part = copy(source, constants, *part, init, block));
    let dest = init.vars.push(source.vars[var]);
    block.insts.push(Inst { dest: Some(dest), op, loc: inst.loc });
    dest
}
