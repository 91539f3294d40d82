//! Changes new functions one by one, by all processors at once where there are many. What comes out
//! is the same whoever changes what, and when, since nobody sees what another one does: of a new
//! function, what is not its own body, a pass sees what callers must know (its parameters and
//! their modes) and, of one that a global begins with, its body as it was before the pass.

use crate::ir::{FuncId, Function, FunctionKind, Program};
use crate::passes::tidy;
use eclexia_base::ids::Id;
use rayon::prelude::*;
use std::ops::Range;

/// Fewer are changed here.
const MANY: usize = 64;

pub fn each(
    program: &mut Program,
    new: &Range<usize>,
    change: impl Fn(&Program, FuncId, &mut Function) + Sync,
) {
    each_of(program, new.clone().map(FuncId::from_index), change);
}

/// The same for some of them.
pub fn each_of(
    program: &mut Program,
    ids: impl Iterator<Item = FuncId>,
    change: impl Fn(&Program, FuncId, &mut Function) + Sync,
) {
    let mut taken = Vec::new();
    for id in ids {
        let place = &mut program.functions[id];
        let seen = match place.kind {
            FunctionKind::Global(_) => place.clone(),
            _ => Function { params: place.params.clone(), ..tidy::nothing() },
        };
        taken.push((id, std::mem::replace(place, seen)));
    }
    let seen: &Program = program;
    let one = |(id, function): &mut (FuncId, Function)| change(seen, *id, function);
    match taken.len() {
        0..MANY => taken.iter_mut().for_each(one),
        _ => taken.par_iter_mut().with_min_len(4).for_each(one),
    }
    for (id, function) in taken {
        program.functions[id] = function;
    }
}
