//! A part of a string that is only appended to another is not made: the native that appends takes
//! the bytes from where they are.
//!
//! `string/slice` and `string-append` become one where they stand in one block and nothing else
//! uses the part. So a loop never looks for the place of a part more often than it did.

use crate::ir::{Block, FuncId, Function, Op, Program, VarId};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::native::{NativeId, lookup};
use std::ops::Range;
use std::sync::LazyLock;

static SLICE: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("string", "slice"));
static APPEND: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("", "string-append"));
static BOTH: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("", "string-append-slice"));

pub fn run(program: &mut Program, new: &Range<usize>) {
    let (Some(slice), Some(append), Some(both)) = (*SLICE, *APPEND, *BOTH) else { return };
    for index in new.clone() {
        let function = &mut program.functions[FuncId::from_index(index)];
        let mut insts = function.blocks.values().flat_map(|block| &block.insts);
        if !insts.any(|inst| args_of(&inst.op, slice).is_some()) {
            continue;
        }
        let uses = uses(function);
        for block in function.blocks.values_mut() {
            for at in (0..block.insts.len()).rev() {
                let made = &block.insts[at];
                let Some(part) = made.dest.filter(|dest| uses[*dest] == 1) else { continue };
                let Some(of) = args_of(&made.op, slice).map(<[VarId]>::to_vec) else { continue };
                if append_to(block, append, both, part, &of) {
                    block.insts.remove(at);
                }
            }
        }
    }
}

fn args_of(op: &Op, id: NativeId) -> Option<&[VarId]> {
    match op {
        Op::Native { native, args, .. } if *native == id => Some(args),
        _ => None,
    }
}

fn uses(function: &Function) -> IdMap<VarId, u32> {
    let mut uses: IdMap<VarId, u32> = vec![0; function.vars.len()].into();
    for block in function.blocks.values() {
        for inst in &block.insts {
            inst.op.each_operand(|var| uses[var] += 1);
        }
        block.end.each_operand(|var| uses[var] += 1);
    }
    uses
}

/// Whether a part was appended in this block: now what it is a part of is given.
fn append_to(
    block: &mut Block,
    append: NativeId,
    both: NativeId,
    part: VarId,
    of: &[VarId],
) -> bool {
    let is_appended = |op: &Op| args_of(op, append).is_some_and(|args| args[1] == part);
    let Some(used) = block.insts.iter_mut().find(|inst| is_appended(&inst.op)) else {
        return false;
    };
    if let Op::Native { native, args, .. } = &mut used.op {
        *native = both;
        args.truncate(1);
        args.extend(of);
    }
    true
}
