//! What holds of every function, checked after every pass in debug builds.
//!
//! 1. The entry block exists and has no parameters; every target exists.
//! 2. A block that a branch or switch leads to has no parameters and no other predecessor; the
//!    cases of a switch are distinct.
//! 3. A variable is defined once, and its definition dominates every use.
//! 4. Operands and results are held as the operation says: jumps agree with the parameters they
//!    lead to, calls with the function, cells with their layout, returns with the result.
//! 5. A token is made by `release`, `reset` and `no-token` and goes to `alloc`, `free-token` and
//!    blocks.
//! 6. A jump backwards stands behind a step, so that every loop can be stopped.
//! 7. All parameters of closures are owned; the first one is the closure.
//!
//! After `count` also what [`counts`] says: no reference is lost, none is given twice.

pub mod counts;
mod operands;

use crate::ir::{Block, BlockId, End, FuncId, Function, FunctionKind, Mode, Op, Program, VarId};
use crate::passes::flow::{Bits, Flow};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::Rep;

type Checked = Result<(), String>;

/// The first rule that a function breaks, if any.
pub fn function(program: &Program, id: FuncId) -> Checked {
    let function = &program.functions[id];
    check(program, function).map_err(|why| {
        format!("{id:?} {}: {why}\n{}", function.name, crate::text::print::function(program, id))
    })
}

fn check(program: &Program, function: &Function) -> Checked {
    blocks_exist(function)?;
    let flow = Flow::new(function);
    edges(function, &flow)?;
    definitions(function, &flow)?;
    for block in &flow.order {
        operands::block(program, function, *block)?;
    }
    loops(function, &flow)?;
    if function.kind == FunctionKind::Closure {
        let owned = function.params.iter().all(|p| p.mode == Mode::Owned);
        let first = function.params.first().map(|p| program.rep(function, p.var));
        rule(owned && first == Some(Rep::Ptr), || "a closure owns its parameters".into())?;
    }
    Ok(())
}

fn rule(holds: bool, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(why()) }
}

fn blocks_exist(function: &Function) -> Checked {
    let entry = function.blocks.get(Function::ENTRY).ok_or("no entry")?;
    rule(entry.params.is_empty(), || "the entry has parameters".into())?;
    for (id, block) in function.blocks.iter() {
        let mut missing = None;
        block.end.each_target(|to| {
            if function.blocks.get(to).is_none() {
                missing = Some(to);
            }
        });
        rule(missing.is_none(), || format!("{id:?} leads to {missing:?}"))?;
    }
    Ok(())
}

fn edges(function: &Function, flow: &Flow) -> Checked {
    for id in &flow.order {
        let end = &function.blocks[*id].end;
        if let End::Switch { cases, .. } = end {
            let mut values: Vec<i64> = cases.iter().map(|(value, _)| *value).collect();
            values.sort_unstable();
            rule(values.windows(2).all(|w| w[0] != w[1]), || format!("{id:?}: a case twice"))?;
        }
        match end {
            End::Jump(to, _) => {
                rule(*to != Function::ENTRY, || format!("{id:?} leads to the entry"))?;
            }
            _ => {
                let mut wrong = None;
                end.each_target(|to| {
                    if flow.preds[to].len() != 1 || !function.blocks[to].params.is_empty() {
                        wrong = Some(to);
                    }
                });
                rule(wrong.is_none(), || format!("{wrong:?} is not {id:?}'s alone"))?;
            }
        }
    }
    Ok(())
}

/// Where a variable is defined: the block, and the place in it (0 for parameters).
type Definitions = IdMap<VarId, Option<(BlockId, usize)>>;

fn definitions(function: &Function, flow: &Flow) -> Checked {
    let mut defs: Definitions = vec![None; function.vars.len()].into();
    for param in &function.params {
        define(&mut defs, param.var, (Function::ENTRY, 0))?;
    }
    for id in &flow.order {
        let block = &function.blocks[*id];
        for param in &block.params {
            define(&mut defs, *param, (*id, 0))?;
        }
        for (at, inst) in block.insts.iter().enumerate() {
            if let Some(dest) = inst.dest {
                define(&mut defs, dest, (*id, at + 1))?;
            }
        }
    }
    for id in &flow.order {
        uses(&function.blocks[*id], *id, &defs, flow)?;
    }
    Ok(())
}

fn define(defs: &mut Definitions, var: VarId, at: (BlockId, usize)) -> Checked {
    match defs.get_mut(var) {
        None => Err(format!("{var:?} has no shape")),
        Some(Some(_)) => Err(format!("{var:?} is defined twice")),
        Some(place) => {
            *place = Some(at);
            Ok(())
        }
    }
}

fn uses(block: &Block, id: BlockId, defs: &Definitions, flow: &Flow) -> Checked {
    let mut wrong = None;
    let mut use_one = |var: VarId, at: usize| {
        let good = match defs.get(var) {
            Some(Some((def, place))) if *def == id => *place <= at,
            Some(Some((def, _))) => flow.dominates(*def, id),
            _ => false,
        };
        if !good {
            wrong = Some(var);
        }
    };
    for (at, inst) in block.insts.iter().enumerate() {
        inst.op.each_operand(|var| use_one(var, at));
    }
    block.end.each_operand(|var| use_one(var, block.insts.len()));
    rule(wrong.is_none(), || format!("{wrong:?} is used in {id:?} before it is defined"))
}

/// On the way from a loop's head to the jump back to it, blocks that every way leads through have a
/// step; or else every cycle without those that have one would go on for ever.
fn loops(function: &Function, flow: &Flow) -> Checked {
    let has_step =
        |id: BlockId| function.blocks[id].insts.iter().any(|inst| matches!(inst.op, Op::Step(_)));
    let mut safe = Bits::new(function.blocks.len());
    for id in &flow.order {
        if has_step(*id) {
            safe.add(id.index());
        }
    }
    for from in &flow.order {
        let End::Jump(to, _) = function.blocks[*from].end else { continue };
        if !flow.is_back_edge(*from, to) {
            continue;
        }
        let mut at = *from;
        while !safe.has(at.index()) && at != to && at != Function::ENTRY {
            at = flow.idom[at];
        }
        rule(safe.has(at.index()), || format!("{from:?} leads back without a step"))?;
    }
    Ok(())
}
