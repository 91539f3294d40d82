//! Code: one function or constant in the form that the machine runs. Adjectives: *linear* (a list
//! of instructions and jumps into it), *slotted* (locals are numbered slots of the frame,
//! operands a stack above them), *closure-converted* (what a `fn` uses from outside is copied into
//! it), *resolved* (a method of a known instance is already the instance's function or built-in),
//! *spanless* (`places` lead back to expressions of core).
//!
//! A frame of the value stack, from its floor:
//!
//! ```text
//! [callee]  param0 .. paramN  local ..  operand ..
//! ^floor    ^base                       ^base + slots
//! ```
//!
//! The callee is there when it was called as a value; a closure finds its captures in it.

use eclexia_base::Name;
use eclexia_core::core::{DefId, ExprId};
use eclexia_rt::{BuiltinId, Site, Value};

#[derive(Debug)]
pub struct Code {
    /// Whose body the places are of.
    pub def: DefId,
    /// For traces; a `fn` has the name of the definition around it.
    pub name: Name,
    /// Dictionaries, then parameters.
    pub params: u32,
    pub slots: u32,
    pub ops: Vec<Op>,
    pub consts: Vec<Value>,
    pub shapes: Vec<Shape>,
    /// Field indices of `with-fields` forms.
    pub updates: Vec<Vec<u32>>,
    /// From an instruction on, the expression it belongs to; sorted.
    pub places: Vec<(u32, ExprId)>,
}

/// A construction: constructor, index, number of fields, and the place for a record.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub ctor: u32,
    pub index: u32,
    pub fields: u32,
    pub site: Option<Site>,
}

/// Where not said otherwise, an instruction pops its operands and pushes its result. `argc` counts
/// what lies above the callee (or dictionary).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Op {
    Const(u32),
    Int(i32),
    Local(u32),
    /// The last use of a local: leaves Unit in its slot.
    Move(u32),
    Capture(u32),
    Store(u32),
    Pop,
    Swap,
    /// A constant, evaluated first where it is not yet.
    Global(u32),
    Jump(u32),
    /// A jump backwards: counts a step.
    Back(u32),
    JumpFalse(u32),
    CallDef {
        argc: u16,
        def: u32,
    },
    TailDef {
        argc: u16,
        def: u32,
    },
    Call(u16),
    /// A `Return` follows, for callees that need no frame.
    TailCall(u16),
    /// Above a dictionary: further dictionaries and arguments of its method `index`.
    CallMethod {
        argc: u16,
        index: u32,
    },
    TailMethod {
        argc: u16,
        index: u32,
    },
    /// Above a dictionary: further dictionaries of its method `index`, which is wanted as a value.
    MethodValue {
        argc: u16,
        index: u32,
    },
    Return,
    Builtin(BuiltinId),
    IntAdd,
    IntSub,
    IntEq,
    IntLt,
    IntLe,
    /// Equality with a literal.
    EqLiteral,
    Data(u32),
    Field(u32),
    /// Slot to slot.
    GetField {
        field: u16,
        from: u32,
        to: u32,
    },
    GetItem {
        item: u16,
        from: u32,
        to: u32,
    },
    GetRest {
        start: u16,
        from: u32,
        to: u32,
    },
    /// Jumps unless the slot holds the constructor of this index.
    TestCtor {
        index: u16,
        slot: u32,
        target: u32,
    },
    /// Jumps unless the slot holds a vector of this length (or more, if `or_more`).
    TestLength {
        length: u16,
        or_more: bool,
        slot: u32,
        target: u32,
    },
    Vector(u32),
    /// Of so many keys and values.
    Map(u32),
    WithFields(u32),
    Closure {
        captures: u16,
        code: u32,
    },
    /// A function below its first arguments.
    Partial(u16),
    Dictionary {
        argc: u16,
        instance: u32,
    },
    Super(u32),
    /// `Ok`: its value, and jumps. Else the value stays.
    TryJump(u32),
    Abort,
    /// A check of a test: its condition below its text.
    Check,
    /// A check of an equation: both sides are in slots from `slot`, the truth below the text.
    CheckEqual {
        slot: u32,
    },
    /// The next of the collection in `slot`, position in the next one, into the one after; jumps
    /// at the end.
    ForNext {
        slot: u32,
        target: u32,
    },
    /// The budget in `slot`, the arguments of the call in those after it: whether it holds the
    /// call's bound, which is taken from it.
    Admit {
        argc: u16,
        slot: u32,
        place: u32,
    },
    /// Begins the function's meter; its parameters are in slots from here on.
    Meter(u32),
    /// An extern, of which this evaluator has no code.
    Extern(u32),
    /// No arm matches, or the code was reported as wrong.
    Unreachable,
}

impl Code {
    /// The expression of the instruction at `pc`.
    pub fn place(&self, pc: usize) -> Option<ExprId> {
        let after = self.places.partition_point(|(start, _)| *start as usize <= pc);
        self.places.get(after.checked_sub(1)?).map(|(_, expr)| *expr)
    }
}

impl Op {
    /// Where it may jump to.
    pub fn target(&self) -> Option<u32> {
        match self {
            Op::Jump(target)
            | Op::Back(target)
            | Op::JumpFalse(target)
            | Op::TestCtor { target, .. }
            | Op::TestLength { target, .. }
            | Op::TryJump(target)
            | Op::ForNext { target, .. } => Some(*target),
            _ => None,
        }
    }

    pub fn set_target(&mut self, to: u32) {
        match self {
            Op::Jump(target)
            | Op::Back(target)
            | Op::JumpFalse(target)
            | Op::TestCtor { target, .. }
            | Op::TestLength { target, .. }
            | Op::TryJump(target)
            | Op::ForNext { target, .. } => *target = to,
            other => eclexia_base::bug!("{other:?} does not jump"),
        }
    }

    /// Whether the next instruction is never reached from this one.
    pub fn ends(&self) -> bool {
        matches!(
            self,
            Op::Jump(_)
                | Op::Back(_)
                | Op::Return
                | Op::TailDef { .. }
                | Op::TailCall(_)
                | Op::TailMethod { .. }
                | Op::Abort
                | Op::Extern(_)
                | Op::Unreachable
        )
    }
}
