//! Last uses: a backward pass over the instructions of one function that turns `Local` into `Move`
//! where no later instruction reads the slot. So a value with one owner stays with one owner, and
//! vectors, maps and strings are changed in place in loops.
//!
//! For each instruction, the set of slots that may be read after it before they are written: the
//! union over its successors, least fixed point. Slots from 64 on are never moved.

use crate::code::Op;

pub(super) fn move_last_uses(ops: &mut [Op]) {
    let live = live_before(ops);
    for pc in 0..ops.len() {
        if let Op::Local(slot) = ops[pc]
            && slot < 64
            && live_after(ops, &live, pc) & bit(slot) == 0
        {
            ops[pc] = Op::Move(slot);
        }
    }
}

fn bit(slot: u32) -> u64 {
    1u64.checked_shl(slot).unwrap_or(0)
}

fn live_after(ops: &[Op], live: &[u64], pc: usize) -> u64 {
    let next = if ops[pc].ends() { 0 } else { live.get(pc + 1).copied().unwrap_or(0) };
    next | ops[pc].target().and_then(|t| live.get(t as usize)).copied().unwrap_or(0)
}

fn live_before(ops: &[Op]) -> Vec<u64> {
    let mut live = vec![0; ops.len()];
    let mut is_changed = true;
    while is_changed {
        is_changed = false;
        for pc in (0..ops.len()).rev() {
            let (reads, writes) = effect(&ops[pc]);
            let now = (live_after(ops, &live, pc) & !writes) | reads;
            is_changed |= now != live[pc];
            live[pc] = now;
        }
    }
    live
}

/// Slots read, and slots certainly written.
fn effect(op: &Op) -> (u64, u64) {
    match *op {
        Op::Local(slot) | Op::Move(slot) => (bit(slot), 0),
        Op::Store(slot) => (0, bit(slot)),
        Op::GetField { from, to, .. }
        | Op::GetItem { from, to, .. }
        | Op::GetRest { from, to, .. } => (bit(from), bit(to)),
        Op::TestCtor { slot, .. } | Op::TestLength { slot, .. } => (bit(slot), 0),
        Op::CheckEqual { slot } => (bit(slot) | bit(slot + 1), 0),
        Op::Admit { argc, slot, .. } => {
            ((slot..=slot + u32::from(argc)).map(bit).fold(0, |all, one| all | one), 0)
        }
        Op::ForNext { slot, .. } => (bit(slot) | bit(slot + 1), 0),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_use_on_each_path_moves() {
        let mut ops = [Op::Local(0), Op::JumpFalse(4), Op::Local(1), Op::Return, Op::Local(1)];
        move_last_uses(&mut ops);
        assert_eq!((ops[0], ops[2], ops[4]), (Op::Move(0), Op::Move(1), Op::Move(1)));
    }

    #[test]
    fn what_the_next_round_reads_is_not_moved() {
        let mut ops =
            [Op::Local(0), Op::JumpFalse(4), Op::Local(0), Op::Store(1), Op::Back(0), Op::Return];
        move_last_uses(&mut ops);
        assert_eq!((ops[0], ops[2]), (Op::Local(0), Op::Local(0)));
    }
}
