//! What is read of a vector behind a change of it is read ahead of the change: then nobody holds
//! the vector as it was, and it changes in place. `(set (set v i (at v j)) j (at v i))` swaps two
//! elements without a copy.
//!
//! Within one block, and only at an index that the change itself looks at, or that was read before
//! it: so what fails still fails, at the same place.

use crate::ir::{Block, Function, Inst, Op, Program, VarId};
use crate::passes::each::each;
use eclexia_rt::native::{NativeId, lookup};
use std::ops::Range;
use std::sync::LazyLock;

static GET: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("", "vector-get"));
static SET: LazyLock<Option<NativeId>> = LazyLock::new(|| lookup("vector", "set"));

pub fn run(program: &mut Program, new: &Range<usize>) {
    let (Some(get), Some(set)) = (*GET, *SET) else { return };
    each(program, new, |_, _, function: &mut Function| {
        for block in function.blocks.values_mut() {
            let mut at = 0;
            while let Some(inst) = block.insts.get(at) {
                if let Some([vector, index, _]) = args_of(inst, set) {
                    let (vector, index) = (*vector, *index);
                    at += read_ahead(block, at, get, (vector, index));
                }
                at += 1;
            }
        }
    });
}

fn args_of(inst: &Inst, id: NativeId) -> Option<&[VarId]> {
    match &inst.op {
        Op::Native { native, args, .. } if *native == id => Some(args),
        _ => None,
    }
}

/// Moves reads of the vector that are behind the change at `change`; says how many.
fn read_ahead(
    block: &mut Block,
    change: usize,
    get: NativeId,
    (vector, index): (VarId, VarId),
) -> usize {
    let is_read = |insts: &[Inst], at: &VarId| {
        insts.iter().any(|inst| args_of(inst, get).is_some_and(|args| args == [vector, *at]))
    };
    let mut moved = 0;
    for later in change + 1..block.insts.len() {
        let Some([of, at]) = args_of(&block.insts[later], get) else { continue };
        if *of == vector && (*at == index || is_read(&block.insts[..change + moved], at)) {
            let mut read = block.insts.remove(later);
            // Where the index is none, it is the change that says so.
            read.loc = block.insts[change + moved].loc;
            block.insts.insert(change + moved, read);
            moved += 1;
        }
    }
    moved
}
