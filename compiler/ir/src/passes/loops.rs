//! A function that tail-calls itself is a loop: its first block, with the parameters as the
//! block's, is jumped back to. The step at its beginning is counted each time, as before.

use crate::ir::{Block, End, FuncId, Function, Program, VarId};
use eclexia_base::ids::Id;
use std::ops::Range;

pub fn run(program: &mut Program, new: &Range<usize>) {
    for index in new.clone() {
        let id = FuncId::from_index(index);
        function(&mut program.functions[id], id);
    }
}

/// Turns tail calls of a function by itself into jumps; whether there were any.
pub fn function(function: &mut Function, id: FuncId) -> bool {
    let is_own = |end: &End| matches!(end, End::TailCall { func, .. } if *func == id);
    if !function.blocks.values().any(|block| is_own(&block.end)) {
        return false;
    }
    let params: Vec<VarId> = function.params.iter().map(|p| p.var).collect();
    let heads: Vec<VarId> = params.iter().map(|p| function.vars.push(function.vars[*p])).collect();
    let first = std::mem::take(&mut function.blocks[Function::ENTRY]);
    let head = function.blocks.push(Block { params: heads.clone(), ..first });
    let rename = |var: &mut VarId| {
        if let Some(at) = params.iter().position(|param| param == var) {
            *var = heads[at];
        }
    };
    for block in function.blocks.values_mut() {
        for inst in &mut block.insts {
            inst.op.each_operand_mut(rename);
        }
        block.end.each_operand_mut(rename);
        if let End::TailCall { func, args } = &mut block.end
            && *func == id
        {
            block.end = End::Jump(head, std::mem::take(args));
        }
    }
    function.blocks[Function::ENTRY].end = End::Jump(head, params);
    true
}
