//! Whose length a vector has. Values do not change, so a vector's length is that of the vector that
//! it was made from by `vector/set`, however often; of a loop's vector that of the vector that the
//! loop begins with, if every round keeps it.
//!
//! A dataflow from the best that can be true (nothing known yet) down, as Wegman and Zadeck's
//! constant propagation (1991) does it for constants.

use super::Native;
use crate::ir::{BlockId, End, FuncId, Function, Inst, Op, Program, VarId};
use crate::passes::flow::Flow;
use eclexia_base::IdMap;
use eclexia_rt::layout::Shape;

/// The length of a vector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    Const(i64),
    /// That of a vector.
    Of(VarId),
}

/// By variable; none of what is no vector, or of what is never made.
pub type Lengths = IdMap<VarId, Option<Length>>;

/// The results of functions: a length that is known, or that of a parameter.
pub type Results = IdMap<FuncId, Option<Result>>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Result {
    Const(i64),
    Param(usize),
}

pub fn lengths(program: &Program, function: &Function, flow: &Flow, results: &Results) -> Lengths {
    let mut found: Lengths = vec![None; function.vars.len()].into();
    for param in &function.params {
        if is_vector(program, function, param.var) {
            found[param.var] = Some(Length::Of(param.var));
        }
    }
    loop {
        let mut changed = false;
        let mut set = |found: &mut Lengths, var: VarId, new: Option<Length>| {
            changed |= found[var] != new;
            found[var] = new;
        };
        for id in &flow.order {
            for at in 0..function.blocks[*id].params.len() {
                let param = function.blocks[*id].params[at];
                if is_vector(program, function, param) {
                    let new = meet(function, flow, &found, (*id, at));
                    set(&mut found, param, new);
                }
            }
            for inst in &function.blocks[*id].insts {
                let Some(dest) = inst.dest else { continue };
                if is_vector(program, function, dest) {
                    let new = of(program, inst, &found, results);
                    set(&mut found, dest, new.unwrap_or(Some(Length::Of(dest))));
                }
            }
        }
        if !changed {
            return found;
        }
    }
}

pub fn is_vector(program: &Program, function: &Function, var: VarId) -> bool {
    matches!(program.shapes.get(function.vars[var]), Shape::Vector(_))
}

/// What all ways into a block agree on for a parameter, as far as they are known.
fn meet(
    function: &Function,
    flow: &Flow,
    found: &Lengths,
    (id, at): (BlockId, usize),
) -> Option<Length> {
    let own = Length::Of(function.blocks[id].params[at]);
    let mut all = None;
    for pred in &flow.preds[id] {
        let End::Jump(_, args) = &function.blocks[*pred].end else { return Some(own) };
        match (all, found[args[at]]) {
            (_, None) => {}
            (None, known) => all = known,
            (Some(known), Some(other)) if known == other => {}
            _ => return Some(own),
        }
    }
    all
}

/// The length of a result; the outer none says that it is its own, the inner that it waits for an
/// operand's.
fn of(
    program: &Program,
    inst: &Inst,
    found: &Lengths,
    results: &Results,
) -> Option<Option<Length>> {
    match &inst.op {
        Op::Vector(items) => Some(Some(Length::Const(items.len() as i64))),
        Op::Global(global) => {
            let init = &program.functions[program.globals[*global].init];
            constant(init).map(|length| Some(Length::Const(length)))
        }
        Op::Native { native, args, .. } => match Native::of(*native)? {
            Native::Set => Some(found[args[0]]),
            _ => None,
        },
        Op::Call { func, args } => match results.get(*func).copied().flatten()? {
            Result::Const(length) => Some(Some(Length::Const(length))),
            Result::Param(at) => Some(found[*args.get(at)?]),
        },
        _ => None,
    }
}

/// The length of the one vector that a function gives, where it is written out.
fn constant(init: &Function) -> Option<i64> {
    let mut found = None;
    for block in init.blocks.values() {
        if let End::Return(var, _) = block.end
            && found.replace(var).is_some()
        {
            return None;
        }
    }
    let insts = init.blocks.values().flat_map(|block| &block.insts);
    let made = insts.into_iter().find(|inst| inst.dest == found && found.is_some())?;
    match &made.op {
        Op::Vector(items) => Some(items.len() as i64),
        _ => None,
    }
}

/// The length of what a function gives.
pub fn result(function: &Function, flow: &Flow, lengths: &Lengths) -> Option<Result> {
    let mut found = None;
    for id in &flow.order {
        let given = match &function.blocks[*id].end {
            End::Return(var, _) => lengths[*var]?,
            End::TailCall { .. } | End::TailCallClosure { .. } => return None,
            _ => continue,
        };
        if found.is_some_and(|other| other != given) {
            return None;
        }
        found = Some(given);
    }
    match found? {
        Length::Const(length) => Some(Result::Const(length)),
        Length::Of(var) => {
            function.params.iter().position(|param| param.var == var).map(Result::Param)
        }
    }
}

/// No function is known yet.
pub fn no_results(program: &Program) -> Results {
    let mut results = Results::default();
    results.resize_with(program.functions.len(), || None);
    results
}
