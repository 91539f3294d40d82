//! Bytecode: one function of IR in the form that the machine (`exec`) runs. Adjectives:
//! *registered* (operands are words of the frame, numbered from its base), *typed* (an instruction
//! knows what its words are, and looks at none to find out), *compact* (an instruction is one word
//! of 64 bits; what does not fit stands in the words behind it), *fused* (what often stands
//! together is one instruction).
//!
//! ```text
//! instruction  [ op: 8 | n: 8 | a: 16 | b: 16 | c: 16 ]   `a` is where the result goes
//! list         four registers to a word, the first in the lowest bits
//! frame        [ return address | instruction that called ] r0 .. rN-1 [ the same of the next ] ..
//!                                                           ^base        rN        rN+1   ^its
//!                                                           base
//! ```
//!
//! A call writes its arguments to the first registers of the frame above. Distances of jumps count
//! words from the instruction that jumps.

use eclexia_base::Name;
use eclexia_core::core::{DefId, ExprId};
use eclexia_ir::ir::{BlockId, FuncId, LocId};
use eclexia_rt::BuiltinId;
use eclexia_rt::external::External;
use eclexia_rt::layout::ShapeId;

/// One instruction; as raw bits a word of code.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub(crate) struct Inst {
    pub op: Op,
    pub n: u8,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

/// Words between the registers of a frame and those of the next: where to return to, and the
/// instruction that called.
pub(crate) const LINK: usize = 2;

/// What can be done. `a`, `b`, `c` stand for registers, `#c` for the number itself, `wide` for the
/// next word. Where an operation can end the run its place is in `Code::places`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Op {
    Move,
    /// #b and #c as one `i32`.
    Small,
    /// The next word.
    Wide,

    AddInt,
    SubInt,
    MulInt,
    /// With #c as `i16`; for the text of a fault `n` says how it was written: x + c, c + x, x - -c.
    AddSmall,
    /// The same of a product.
    MulSmall,
    NegInt,
    QuotInt,
    RemInt,
    ModInt,
    /// By #c, which is more than 0.
    QuotSmall,
    RemSmall,
    ModSmall,
    EqInt,
    LtInt,
    LeInt,
    EqSmall,
    LtSmall,
    GtSmall,
    AndBits,
    OrBits,
    XorBits,
    AndSmall,
    AddFloat,
    SubFloat,
    MulFloat,
    DivFloat,
    NegFloat,
    EqFloat,
    LtFloat,
    LeFloat,
    Sqrt,
    ToFloat,
    Floor,
    Ceil,
    Round,
    Truncate,
    Not,

    /// By #b and #c as one `i32`.
    Jump,
    /// As `Jump`, after `n` steps.
    Loop,
    /// If `a`, by #b and #c as one `i32`.
    IfTrue,
    IfFalse,
    // By #c as `i16` if the comparison of `a` with `b` (or #b as `i16`) holds.
    IfEq,
    IfNe,
    IfLt,
    IfLe,
    IfGt,
    IfGe,
    IfEqSmall,
    IfNeSmall,
    IfLtSmall,
    IfLeSmall,
    IfGtSmall,
    IfGeSmall,
    IfEqFloat,
    IfNeFloat,
    IfLtFloat,
    IfNotLtFloat,
    IfLeFloat,
    IfNotLeFloat,
    /// If `a` is a constructor without fields.
    IfImmediate,
    IfCell,
    /// If `a` is the word #b.
    IfWord,
    IfNotWord,
    /// If the info of cell `a` is #b; `a` may be no cell.
    IfInfo,
    IfNotInfo,
    IfUnique,
    IfShared,
    /// `wide`: the least case; then the number of cases, the distance of the others, and one
    /// distance for each.
    Switch,
    /// `wide`: the number of cases, then the distance of the others, then value and distance of
    /// each, sorted.
    Search,
    /// `wide`: info of the first layout, then the number n of constructors and m of layouts, and
    /// the distances: of the n constructors as immediates, of the m layouts.
    SwitchTag,

    /// Info of the first layout in `wide`, then the constructor of each of #c layouts.
    Tag,
    /// #c is the number of the word in the cell.
    Field,
    /// `Field` and `Dup`.
    FieldDup,
    /// `n` fields: `wide` is the info, then a list.
    Alloc,
    /// Of two fields `b` and `c`.
    Alloc2,
    /// Into the token in `b`. Then the fields that are the same already, as bits; `wide` and a list
    /// as `Alloc`.
    Reuse,
    /// `wide`: info and function, then a list of `n` captures.
    Closure,
    /// The address of word #c of cell `b`.
    Hole,
    /// Writes `b` to the address in `a`.
    Fill,
    Dup,
    Drop,
    Unique,
    Decrement,
    Copy,
    FreeToken,

    /// `#c` steps; a safe point.
    Step,
    /// `#c` steps, without a look.
    Count,
    /// `wide`: the number of the constant. The next frame begins at #b.
    Global,
    /// `wide`: address of an `Entry`; `n` arguments, the first in `c`, then a list. The next frame
    /// begins at #b.
    Call,
    /// The closure is in `c`; a list of `n` arguments. The next frame begins at #b.
    CallClosure,
    /// `wide`: address of an `Entry`, then a list of `n` arguments. #b is the first free register.
    TailCall,
    TailCallClosure,
    Return,
    /// #b and #c as one `i32`.
    ReturnSmall,
    /// `wide`: the constant that `a` is the value of.
    ReturnGlobal,
    /// `wide` is the address, then a list of `n` arguments and #b shapes, two to a word.
    Native,
    // Of vectors: element `c` of vector `b`.
    Length,
    GetWord,
    GetBool,
    GetPointer,
    /// `wide` is the register of the new element.
    SetWord,
    SetBool,
    SetPointer,
    /// To `a` the further result #c of the call before.
    Take,
    /// `b` as further result #c of the return behind.
    Give,
    /// `wide`: address of a `Cold`.
    Cold,
    /// Leaves the machine.
    Halt,
    /// Translates the function of the entry it is in: `wide` is its address.
    Translate,
    /// Calls the machine code of the function of the entry it is in, and returns what that gives.
    Compiled,
}

impl Inst {
    pub fn new(op: Op, a: u16, b: u16, c: u16) -> Inst {
        Inst { op, n: 0, a, b, c }
    }

    pub fn with_small(op: Op, a: u16, number: i32) -> Inst {
        let bits = number.cast_unsigned();
        Inst::new(op, a, bits as u16, (bits >> 16) as u16)
    }

    /// `b` and `c` as one number.
    #[inline(always)]
    pub fn small(self) -> i32 {
        (u32::from(self.b) | u32::from(self.c) << 16).cast_signed()
    }

    pub fn word(self) -> u64 {
        u64::from_le_bytes({
            let (a, b, c) = (self.a.to_le_bytes(), self.b.to_le_bytes(), self.c.to_le_bytes());
            [self.op as u8, self.n, a[0], a[1], b[0], b[1], c[0], c[1]]
        })
    }
}

/// How a function is entered; its address does not change.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The first instruction.
    pub start: *const u64,
    /// Words that its frame may use, those of the next frame's arguments too.
    pub words: u32,
    /// Counted by who calls.
    pub steps: u32,
    /// Whether they are a safe point.
    pub looks: bool,
    pub func: FuncId,
    /// Where it starts as long as it is not translated.
    pub stub: [u64; 2],
    /// Where it starts when an engine has compiled it.
    pub compiled: [u64; 2],
}

impl Entry {
    pub fn new(func: FuncId) -> Box<Entry> {
        let none = [0; 2];
        let mut entry = Box::new(Entry {
            start: std::ptr::null(),
            words: 0,
            steps: 0,
            looks: false,
            func,
            stub: none,
            compiled: none,
        });
        let address = &raw const *entry as u64;
        entry.stub = [Inst::new(Op::Translate, 0, 0, 0).word(), address];
        entry.compiled = [Inst::new(Op::Compiled, 0, 0, 0).word(), address];
        entry.start = entry.stub.as_ptr();
        entry
    }

    pub fn is_stub(&self) -> bool {
        std::ptr::eq(self.start, self.stub.as_ptr())
    }
}

/// A translated function.
#[derive(Debug)]
pub(crate) struct Code {
    pub words: Box<[u64]>,
    pub frame: u32,
    pub steps: u32,
    /// Whether they are a safe point.
    pub looks: bool,
    /// Place of these steps.
    pub entry_loc: LocId,
    /// Sorted by address.
    pub places: Vec<Place>,
    /// Where each variable is, if it is anywhere.
    pub registers: Vec<u16>,
    #[expect(dead_code, reason = "`words` holds their addresses")]
    #[expect(clippy::vec_box, reason = "the addresses stay when the vector grows")]
    pub cold: Vec<Box<Cold>>,
}

/// Which instruction of the IR stands at an address. The end of a block counts as its last one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub at: u32,
    pub loc: LocId,
    pub block: BlockId,
    pub inst: u32,
    /// Whether the run can only end before the instruction has taken anything.
    pub is_before: bool,
}

/// An instruction that is rare, or slow anyway.
#[derive(Clone, Debug)]
pub(crate) struct Cold {
    pub kind: ColdKind,
    pub args: Vec<u16>,
    /// `ShapeId`s of the arguments and of the result.
    pub shapes: Vec<u32>,
    pub result: u32,
    pub loc: LocId,
    /// Whether the result is a Bool, of which only 8 bits count.
    pub is_bool: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum ColdKind {
    Vector,
    /// The record and the value.
    Update {
        index: u32,
    },
    Builtin(BuiltinId),
    /// Condition and text; with both sides if there are four arguments.
    Check,
    /// The budget, then the arguments.
    Admits {
        def: DefId,
        expr: ExprId,
    },
    AdmitRest {
        def: DefId,
        expr: ExprId,
    },
    MeterBegin(DefId),
    MeterEnd,
    Abort,
    /// A C function and the shape of its result.
    Extern(External, ShapeId),
    /// An extern of this name: its code is not here.
    NotLinked(Name),
    Unreachable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_is_one_word() {
        assert_eq!((size_of::<Inst>(), align_of::<Inst>()), (8, 8));
        assert_eq!(Inst::with_small(Op::Jump, 0, -7).small(), -7);
    }
}
