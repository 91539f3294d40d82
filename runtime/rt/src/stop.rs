//! Why a run ended without a value, whatever engine ran it.

use crate::builtin::Fault;
use eclexia_base::Name;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    Fault(Fault),
    StackExhausted,
    StepLimit,
    /// The bytes that the program may use, of which it needed more.
    MemoryLimit(u64),
    Interrupted,
    /// The time is over that the run was given.
    Deadline,
    /// The constant that needs itself.
    ConstantCycle(Name),
    Unreachable,
    /// An extern without code.
    Extern(Name),
    /// A `:metered` function has taken all the steps it may.
    Metered(Name, u64),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}
