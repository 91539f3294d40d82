//! From IR as lowering makes it to IR as engines run it.

pub mod flow;

use crate::ir::{FuncId, Program};
use eclexia_base::ids::Id;
use std::ops::Range;

/// A pass over some functions of a program.
pub struct Step {
    /// In tests and in messages of the verifier.
    pub name: &'static str,
    pub run: fn(&mut Program, &Range<usize>),
}

/// In this order; a reason each.
pub const STEPS: &[Step] = &[];

/// Makes new functions ready for the engines; older ones stay as they are, their modes too.
pub fn optimise(program: &mut Program, new: Range<FuncId>) {
    let mut range = new.start.index()..new.end.index();
    for step in STEPS {
        (step.run)(program, &range);
        // A pass may make functions.
        range.end = program.functions.len();
        #[cfg(debug_assertions)]
        verify(program, &range, step.name);
    }
}

/// Stops at a mistake of a pass.
#[cfg(debug_assertions)]
fn verify(program: &Program, range: &Range<usize>, pass: &str) {
    for index in range.clone() {
        if let Err(why) = crate::verify::function(program, FuncId::from_index(index)) {
            eclexia_base::bug!("after `{pass}`: {why}");
        }
    }
}
