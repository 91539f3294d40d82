//! From IR as lowering makes it to IR as engines run it.

mod ahead;
pub mod borrow;
pub mod calls;
mod cells;
mod checks;
mod cons;
mod count;
mod each;
pub mod flow;
mod fold;
mod fresh;
mod guard;
mod hoist;
mod inline;
mod known;
mod looks;
mod loops;
mod merge;
pub mod own;
mod pieces;
mod results;
mod reuse;
mod rounds;
mod simplify;
mod sink;
mod slices;
mod specialise;
mod steps;
mod sums;
mod tidy;
mod unbox;
mod walks;

use crate::ir::{Block, FuncId, Function, FunctionKind, Program};
use eclexia_base::ids::Id;
use std::ops::Range;

/// A pass over some functions of a program.
pub struct Step {
    /// In tests and in messages of the verifier.
    pub name: &'static str,
    pub run: fn(&mut Program, &Range<usize>),
}

/// In this order; a reason each.
pub const STEPS: &[Step] = &[
    Step { name: "loops", run: loops::run },
    // Shows the tests that functions begin with.
    Step { name: "simplify", run: simplify::run },
    // Before sizes are looked at.
    Step { name: "merge", run: merge::run },
    Step { name: "guard", run: guard::run },
    // Simplifies what it changes.
    Step { name: "inline", run: inline::run },
    Step { name: "cons", run: cons::run },
    // What `cons` made loops of can be put in where its function is known.
    Step { name: "inline", run: inline::run },
    Step { name: "unroll", run: inline::unroll },
    // What is still called gives its sums and products in registers.
    Step { name: "sums", run: sums::run },
    Step { name: "results", run: results::run },
    // What was put in gives its products to where they are looked into.
    Step { name: "unbox", run: unbox::run },
    // What was put in stands beside what it reads; a change whose index was read needs no check.
    Step { name: "ahead", run: ahead::run },
    // What is called once stands where it is called: its indices are known best there.
    Step { name: "checks", run: checks::run },
    Step { name: "slices", run: slices::run },
    // When no block moves any more.
    Step { name: "steps", run: steps::run },
    // Before anything counts: a constant is borrowed for ever.
    Step { name: "hoist", run: hoist::run },
    // What is left is computed; before what is made moves down to where it is used.
    Step { name: "pieces", run: pieces::run },
    // What a match already knows need not be made before it.
    Step { name: "sink", run: sink::run },
    // Modes first: counting follows them.
    Step { name: "borrow", run: borrow::run },
    // What is taken over is known; what is kept is not yet counted.
    Step { name: "walks", run: walks::run },
    Step { name: "count", run: count::run },
    // Drops are still in one piece.
    Step { name: "reuse", run: reuse::run },
    Step { name: "specialise", run: specialise::run },
    // Every copy of a reference is an instruction now.
    Step { name: "fresh", run: fresh::run },
    // When the references are counted: what is in a loop is as short as it gets.
    Step { name: "rounds", run: rounds::run },
    // When every step is where it stays.
    Step { name: "looks", run: looks::run },
];

/// The last step after which functions may be called by nobody.
const LAST_TO_LEAVE: &str = "results";

/// Makes new functions ready for the engines; older ones stay as they are, their modes too. New
/// ones that `roots` do not reach any more are emptied; gives them.
pub fn optimise(program: &mut Program, new: Range<FuncId>, roots: &[FuncId]) -> Vec<FuncId> {
    let mut range = new.start.index()..new.end.index();
    let mut gone = Vec::new();
    for step in STEPS {
        (step.run)(program, &range);
        // A pass may make functions.
        range.end = program.functions.len();
        if step.name == LAST_TO_LEAVE {
            gone = empty(program, &range, roots);
        }
        #[cfg(debug_assertions)]
        verify(program, &range, step.name);
    }
    gone
}

/// Functions that were put in wherever they were called are nobody's: nothing of them stays.
fn empty(program: &mut Program, new: &Range<usize>, roots: &[FuncId]) -> Vec<FuncId> {
    let reached = calls::reached(program, roots);
    let gone = new.clone().filter(|index| !reached[*index]).map(FuncId::from_index);
    let gone: Vec<FuncId> = gone.collect();
    for id in &gone {
        let function = &mut program.functions[*id];
        let (name, def, loc) = (function.name, function.def, function.loc);
        *function = Function::new(name, def, function.result, FunctionKind::Plain, loc);
        function.blocks.push(Block::default());
    }
    gone
}

/// After these, counting is as `verify::counts` reads it.
#[cfg(debug_assertions)]
const COUNTED: &[&str] = &["count", "reuse"];

/// Stops at a mistake of a pass.
#[cfg(debug_assertions)]
fn verify(program: &Program, range: &Range<usize>, pass: &str) {
    for index in range.clone() {
        let id = FuncId::from_index(index);
        let mut checked = crate::verify::function(program, id);
        if COUNTED.contains(&pass) {
            checked = checked.and_then(|()| crate::verify::counts::function(program, id));
        }
        if let Err(why) = checked {
            eclexia_base::bug!("after `{pass}`: {why}");
        }
    }
}
