//! The fuel: how many steps are left until somebody looks whether the run may go on. Inside of a
//! function it is a variable like any other; a call takes what is left and gives back what it left.
//!
//! 1. It is an argument and a result (`abi`) of every function of IR, closures and constants
//!    included. Who enters from outside (`entry`) takes it out of the context and puts back what
//!    comes out.
//! 2. The run time knows the context's only: it is put there before a call of the run time and
//!    taken from there behind it. A native may call a closure, or want that somebody looks soon;
//!    so does whoever comes near the end of the stack, be it one that only frees.

use crate::abi::{self, Region};
use crate::function::Translator;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::Variable;

#[derive(Clone, Copy)]
pub(crate) struct Fuel(pub Variable);

impl Translator<'_> {
    pub fn fuel(&mut self) -> Value {
        self.b.use_var(self.fuel.0)
    }

    pub fn set_fuel(&mut self, left: Value) {
        self.b.def_var(self.fuel.0, left);
    }

    /// What follows may look at the fuel.
    pub fn put_fuel(&mut self, context: Value) {
        let (fuel, flags) = (self.fuel(), self.memory(Region::Context));
        self.b.ins().store(flags, fuel, context, abi::FUEL);
    }

    /// What ran may have changed it.
    pub fn take_fuel(&mut self) {
        self.at_hand = None;
        let fuel = self.context_word(types::I64, abi::FUEL);
        self.set_fuel(fuel);
    }
}
