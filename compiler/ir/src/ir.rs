//! IR: the program as both engines run it. Adjectives: *monomorphic* (every variable has a shape,
//! an interface's method is the function that implements it), *closure-converted* (a function uses
//! its parameters only; what a closure captured it loads from the closure), *static single
//! assignment* in blocks with parameters, *explicit* (patterns are tests and loads; after the pass
//! `count`, every reference that is copied or dropped is an instruction), *metered* (steps are
//! instructions, so that inlining changes no count), *placed* (an instruction knows its place,
//! through inlining too).
//!
//! What always holds is said and checked by `verify`; the text form by `print`, read back by
//! `parse`.
//!
//! Blocks: the entry has no parameters. A block that a `Branch` or `Switch` leads to has no
//! parameters and no other predecessor; a block that `Jump`s lead to may have both. A jump
//! backwards stands behind a `Step`.

use eclexia_base::{Amounts, FxHashMap, IdMap, Name, Span, define_id};
use eclexia_core::core::{DefId, ExprId};
use eclexia_rt::BuiltinId;
use eclexia_rt::layout::{LayoutId, ShapeId, Shapes};
use eclexia_rt::native::NativeId;
use smallvec::{SmallVec, smallvec};

define_id!(FuncId, "f");
define_id!(BlockId, "b");
define_id!(
    /// A variable, defined once.
    VarId, "v"
);
define_id!(
    /// A constant definition: evaluated on first use, then kept.
    GlobalId, "g"
);
define_id!(StrId, "str");
define_id!(
    /// A place of an instruction.
    LocId, "l"
);
define_id!(ExternId, "x");
define_id!(
    /// Amounts of budgets that the checker knows, exactly.
    AmountsId, "amounts"
);

/// Everything lowered so far; append-only.
#[derive(Clone, Default, Debug)]
pub struct Program {
    pub functions: IdMap<FuncId, Function>,
    pub globals: IdMap<GlobalId, Global>,
    pub strings: IdMap<StrId, String>,
    pub string_ids: FxHashMap<String, StrId>,
    pub locs: IdMap<LocId, Loc>,
    pub externs: IdMap<ExternId, Extern>,
    pub amounts: IdMap<AmountsId, Amounts>,
    pub shapes: Shapes,
}

/// Where an instruction comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Loc {
    /// The definition that the place is in.
    pub def: DefId,
    pub expr: ExprId,
    /// Where the function was inlined that it is in.
    pub caller: Option<LocId>,
}

#[derive(Clone, Debug)]
pub struct Function {
    /// For traces and symbols.
    pub name: Name,
    pub def: DefId,
    pub params: Vec<Param>,
    pub result: ShapeId,
    /// Of further results; only functions that `results` makes have some.
    pub more: Vec<ShapeId>,
    pub vars: IdMap<VarId, ShapeId>,
    pub blocks: IdMap<BlockId, Block>,
    pub kind: FunctionKind,
    /// Place of the definition, for what has no better one.
    pub loc: LocId,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionKind {
    /// Called directly.
    Plain,
    /// Called through closures only: its first parameter is the closure, whose captures `Capture`
    /// loads. All parameters are owned, the closure too.
    Closure,
    /// Gives the value of a constant.
    Global(GlobalId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param {
    pub var: VarId,
    pub mode: Mode,
}

/// Who drops an argument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// The callee.
    Owned,
    /// The caller: the callee only looks.
    Borrowed,
}

#[derive(Clone, Debug)]
pub struct Global {
    pub name: Name,
    pub def: DefId,
    pub shape: ShapeId,
    /// Without parameters; gives the value.
    pub init: FuncId,
}

/// A C function, by the name that it is declared under: code generation writes `_` for `-`.
#[derive(Clone, Debug)]
pub struct Extern {
    pub symbol: Name,
    pub def: DefId,
    pub params: Vec<ShapeId>,
    pub result: ShapeId,
}

#[derive(Clone, Default, Debug)]
pub struct Block {
    pub params: Vec<VarId>,
    pub insts: Vec<Inst>,
    pub end: End,
    /// Of the end.
    pub loc: Option<LocId>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Inst {
    pub dest: Option<VarId>,
    pub op: Op,
    pub loc: Option<LocId>,
}

#[derive(Clone, Default, PartialEq, Debug)]
pub enum End {
    Jump(BlockId, Vec<VarId>),
    /// On a Bool.
    Branch {
        cond: VarId,
        then: BlockId,
        other: BlockId,
    },
    /// On an Int (as `Tag` gives); the cases are distinct, without gaps or not.
    Switch {
        value: VarId,
        cases: Vec<(i64, BlockId)>,
        default: Option<BlockId>,
    },
    /// The result, and further ones.
    Return(VarId, Vec<VarId>),
    TailCall {
        func: FuncId,
        args: Vec<VarId>,
    },
    /// The closure and the arguments are owned by what is called.
    TailCallClosure {
        closure: VarId,
        args: Vec<VarId>,
    },
    /// Ends the run with a String as reason, which it owns.
    Abort(VarId),
    /// Ends the run: an extern that is not linked.
    NotLinked(DefId),
    /// Never reached in a program without errors: the run ends as by a fault.
    #[default]
    Unreachable,
}

/// Where nothing else is said, operands of `Ptr` are borrowed, and a result of `Ptr` is owned.
#[derive(Clone, PartialEq, Debug)]
pub enum Op {
    Const(Const),
    Prim(Prim, Vec<VarId>),
    /// Modes are those of the function's parameters.
    Call {
        func: FuncId,
        args: Vec<VarId>,
    },
    /// A further result of the call before it, the first being 0; between them stand only others of
    /// the call's, each once and in order.
    More(u32),
    /// The closure and the arguments are owned by what is called.
    CallClosure {
        closure: VarId,
        args: Vec<VarId>,
    },
    /// Modes are those of the native's parameters (`eclexia_rt::native`); `shapes` are passed as
    /// numbers behind the arguments.
    Native {
        native: NativeId,
        args: Vec<VarId>,
        shapes: Vec<ShapeId>,
    },
    /// A built-in over `Value`s: arguments are converted by their shapes.
    Builtin {
        builtin: BuiltinId,
        args: Vec<VarId>,
    },
    /// Strings are borrowed from the caller while the C function runs.
    Extern {
        ext: ExternId,
        args: Vec<VarId>,
    },
    /// A cell; owns its fields. With a token that is not 0 it is made there; then fields in
    /// `unchanged` hold their value already and are not written.
    Alloc {
        layout: LayoutId,
        fields: Vec<VarId>,
        token: Option<VarId>,
        unchanged: Vec<bool>,
    },
    /// A vector of these elements, which it owns; the shape is that of the result.
    Vector(Vec<VarId>),
    /// A record with another value in field `index`, of the same layout (a record keeps the place
    /// where it was made); owns both.
    Update {
        of: VarId,
        index: u32,
        value: VarId,
    },
    /// A closure; owns what it captures.
    Closure {
        func: FuncId,
        layout: LayoutId,
        captures: Vec<VarId>,
    },
    /// Field `index` of a cell that has it; the result is borrowed from `of`.
    Field {
        of: VarId,
        index: u32,
    },
    /// Capture `index` of the closure parameter; the result is borrowed from it.
    Capture {
        of: VarId,
        index: u32,
    },
    /// The index of a value's constructor, as an Int.
    Tag(VarId),
    /// The value of a constant, evaluated now where it is not yet; borrowed for ever.
    Global(GlobalId),
    /// Counts so many steps; a safe point.
    Step(u32),
    /// Counts so many steps where nobody needs to look: no safe point. Made by the pass `looks`.
    Count(u32),
    /// The address of field `index` of a cell made just now, as an Int: a place that is filled
    /// later (tail recursion modulo constructors). Until then it holds a constructor without
    /// fields.
    Hole {
        of: VarId,
        index: u32,
    },
    /// Writes a value, which it owns, to the place at an address.
    Fill {
        hole: VarId,
        value: VarId,
    },
    /// Does nothing: what it names is there until here, since places in it are filled before.
    Keep(VarId),
    /// The word that a variable is held as, as an Int; owns what it owned, for `Unpack`.
    Pack(VarId),
    /// What a word holds: the same as what it was made of.
    Unpack(VarId),

    // What the pass `count` makes.
    /// One more reference.
    Dup(VarId),
    /// One less; frees what nothing refers to.
    Drop(VarId),
    /// Whether a cell (never an immediate) has one reference.
    IsUnique(VarId),
    /// The memory of a unique cell whose fields were moved out or dropped: a token.
    Release(VarId),
    /// One less of a cell that is not unique.
    Decrement(VarId),
    /// The memory of a cell that loses this reference, if it was the last (its fields are dropped
    /// too), else 0: a token.
    Reset(VarId),
    /// The memory of a new cell with the same words as this one of so many fields, where they own
    /// nothing: a token.
    Copy {
        of: VarId,
        size: u32,
    },
    /// The token 0.
    NoToken,
    /// Frees a token of a cell with so many fields that was not used.
    FreeToken {
        token: VarId,
        size: u32,
    },

    // What only the run time can do; operands are borrowed.
    /// A check of a test: remembers a failure with its text, and both sides of an equation.
    Check {
        cond: VarId,
        text: VarId,
        sides: Option<(VarId, VarId)>,
    },
    /// Whether a budget holds the bound of a call (`Facts::admits` at the place) at its arguments'
    /// sizes, as a Bool.
    Admits {
        def: DefId,
        expr: ExprId,
        budget: VarId,
        args: Vec<VarId>,
    },
    /// What is left of a budget that holds it.
    AdmitRest {
        def: DefId,
        expr: ExprId,
        budget: VarId,
        args: Vec<VarId>,
    },
    /// Begins the meter of a `:metered` function at its arguments' sizes.
    MeterBegin {
        def: DefId,
        args: Vec<VarId>,
    },
    MeterEnd,
}

/// Strings and amounts are borrowed for ever.
#[derive(Clone, PartialEq, Debug)]
pub enum Const {
    /// Int, Unit and enumerations.
    Int(i64),
    /// By its bits.
    Float(u64),
    Bool(bool),
    Keyword(Name),
    /// A constructor without fields of data that has cells too.
    Immediate(u32),
    Str(StrId),
    /// Of shape `Opaque`.
    Amounts(AmountsId),
}

/// Arithmetic. Checked where it says so: a fault at the instruction's place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Prim {
    /// Checked.
    IntAdd,
    /// Checked.
    IntSub,
    /// Checked.
    IntMul,
    /// Checked.
    IntNeg,
    /// Its result is an Int for certain: the pass `checks` found so.
    IntAddSure,
    /// Its result is an Int for certain.
    IntSubSure,
    /// Its result is an Int for certain.
    IntMulSure,
    /// The quotient of what is not negative by what is positive, both for certain.
    QuotNat,
    /// The rest of what is not negative by what is positive, both for certain.
    RemNat,
    /// Rounded toward zero; checked.
    Quot,
    /// With the sign of the dividend; checked for zero.
    Rem,
    /// With the sign of the divisor; checked for zero.
    Mod,
    IntEq,
    IntLt,
    IntLe,
    BitAnd,
    BitOr,
    BitXor,
    FloatAdd,
    FloatSub,
    FloatMul,
    FloatDiv,
    FloatNeg,
    FloatEq,
    FloatLt,
    FloatLe,
    Sqrt,
    /// Int to Float.
    ToFloat,
    /// Float to Int; checked. `round` is half away from zero.
    Floor,
    Ceil,
    Round,
    Truncate,
    BoolNot,
    BoolEq,
}

/// What a trace says of a place; made from core beside the program, so that an executable can carry
/// it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceText {
    pub name: Name,
    pub span: Span,
    pub is_std: bool,
}

impl Program {
    pub fn string(&mut self, text: &str) -> StrId {
        if let Some(id) = self.string_ids.get(text) {
            return *id;
        }
        let id = self.strings.push(text.to_owned());
        self.string_ids.insert(text.to_owned(), id);
        id
    }

    pub fn rep(&self, function: &Function, var: VarId) -> eclexia_rt::layout::Rep {
        self.shapes.rep(function.vars[var])
    }
}

impl Function {
    pub fn new(
        name: Name,
        def: DefId,
        result: ShapeId,
        kind: FunctionKind,
        loc: LocId,
    ) -> Function {
        Function {
            name,
            def,
            params: Vec::new(),
            result,
            more: Vec::new(),
            vars: IdMap::default(),
            blocks: IdMap::default(),
            kind,
            loc,
        }
    }

    /// A function's first block.
    pub const ENTRY: BlockId = BlockId(0);
}

impl Prim {
    /// Whether it may end the run.
    pub fn is_checked(self) -> bool {
        use Prim::{Ceil, Floor, IntAdd, IntMul, IntNeg, IntSub, Mod, Quot, Rem, Round, Truncate};
        matches!(
            self,
            IntAdd | IntSub | IntMul | IntNeg | Quot | Rem | Mod | Floor | Ceil | Round | Truncate
        )
    }
}

impl Op {
    /// Calls `each` with every operand, from left to right.
    pub fn each_operand(&self, mut each: impl FnMut(VarId)) {
        match self {
            Op::Const(_)
            | Op::More(_)
            | Op::Global(_)
            | Op::Step(_)
            | Op::Count(_)
            | Op::NoToken
            | Op::MeterEnd => {}
            Op::Prim(_, args)
            | Op::Call { args, .. }
            | Op::Native { args, .. }
            | Op::Builtin { args, .. }
            | Op::Extern { args, .. }
            | Op::Vector(args)
            | Op::MeterBegin { args, .. } => args.iter().for_each(|v| each(*v)),
            Op::Update { of, value, .. } => {
                each(*of);
                each(*value);
            }
            Op::CallClosure { closure, args } => {
                each(*closure);
                args.iter().for_each(|v| each(*v));
            }
            Op::Alloc { fields, token, .. } => {
                fields.iter().chain(token).for_each(|v| each(*v));
            }
            Op::Closure { captures, .. } => captures.iter().for_each(|v| each(*v)),
            Op::Field { of, .. } | Op::Capture { of, .. } | Op::Hole { of, .. } => each(*of),
            Op::Tag(var)
            | Op::Dup(var)
            | Op::Drop(var)
            | Op::Keep(var)
            | Op::Pack(var)
            | Op::Unpack(var)
            | Op::IsUnique(var)
            | Op::Release(var)
            | Op::Decrement(var)
            | Op::Reset(var)
            | Op::Copy { of: var, .. }
            | Op::FreeToken { token: var, .. } => each(*var),
            Op::Fill { hole, value } => {
                each(*hole);
                each(*value);
            }
            Op::Check { cond, text, sides } => {
                each(*cond);
                each(*text);
                if let Some((left, right)) = sides {
                    each(*left);
                    each(*right);
                }
            }
            Op::Admits { budget, args, .. } | Op::AdmitRest { budget, args, .. } => {
                each(*budget);
                args.iter().for_each(|v| each(*v));
            }
        }
    }

    pub fn each_operand_mut(&mut self, mut each: impl FnMut(&mut VarId)) {
        match self {
            Op::Const(_)
            | Op::More(_)
            | Op::Global(_)
            | Op::Step(_)
            | Op::Count(_)
            | Op::NoToken
            | Op::MeterEnd => {}
            Op::Prim(_, args)
            | Op::Call { args, .. }
            | Op::Native { args, .. }
            | Op::Builtin { args, .. }
            | Op::Extern { args, .. }
            | Op::Vector(args)
            | Op::MeterBegin { args, .. } => args.iter_mut().for_each(each),
            Op::Update { of, value, .. } => {
                each(of);
                each(value);
            }
            Op::CallClosure { closure, args } => {
                each(closure);
                args.iter_mut().for_each(each);
            }
            Op::Alloc { fields, token, .. } => {
                fields.iter_mut().chain(token).for_each(each);
            }
            Op::Closure { captures, .. } => captures.iter_mut().for_each(each),
            Op::Field { of, .. } | Op::Capture { of, .. } | Op::Hole { of, .. } => each(of),
            Op::Tag(var)
            | Op::Dup(var)
            | Op::Drop(var)
            | Op::Keep(var)
            | Op::Pack(var)
            | Op::Unpack(var)
            | Op::IsUnique(var)
            | Op::Release(var)
            | Op::Decrement(var)
            | Op::Reset(var)
            | Op::Copy { of: var, .. }
            | Op::FreeToken { token: var, .. } => each(var),
            Op::Fill { hole, value } => {
                each(hole);
                each(value);
            }
            Op::Check { cond, text, sides } => {
                each(cond);
                each(text);
                if let Some((left, right)) = sides {
                    each(left);
                    each(right);
                }
            }
            Op::Admits { budget, args, .. } | Op::AdmitRest { budget, args, .. } => {
                each(budget);
                args.iter_mut().for_each(each);
            }
        }
    }
}

impl End {
    /// Gives one result.
    pub fn give(result: VarId) -> End {
        End::Return(result, Vec::new())
    }

    pub fn each_operand(&self, mut each: impl FnMut(VarId)) {
        match self {
            End::Jump(_, args) | End::TailCall { args, .. } => args.iter().for_each(|v| each(*v)),
            End::Branch { cond, .. } => each(*cond),
            End::Switch { value, .. } => each(*value),
            End::Return(var, more) => {
                each(*var);
                more.iter().for_each(|v| each(*v));
            }
            End::Abort(var) => each(*var),
            End::TailCallClosure { closure, args } => {
                each(*closure);
                args.iter().for_each(|v| each(*v));
            }
            End::NotLinked(_) | End::Unreachable => {}
        }
    }

    pub fn each_operand_mut(&mut self, mut each: impl FnMut(&mut VarId)) {
        match self {
            End::Jump(_, args) | End::TailCall { args, .. } => args.iter_mut().for_each(each),
            End::Branch { cond, .. } => each(cond),
            End::Switch { value, .. } => each(value),
            End::Return(var, more) => {
                each(var);
                more.iter_mut().for_each(each);
            }
            End::Abort(var) => each(var),
            End::TailCallClosure { closure, args } => {
                each(closure);
                args.iter_mut().for_each(each);
            }
            End::NotLinked(_) | End::Unreachable => {}
        }
    }

    /// Calls `each` with every block that it may lead to.
    pub fn each_target(&self, mut each: impl FnMut(BlockId)) {
        match self {
            End::Jump(to, _) => each(*to),
            End::Branch { then, other, .. } => {
                each(*then);
                each(*other);
            }
            End::Switch { cases, default, .. } => {
                cases.iter().map(|(_, to)| *to).chain(*default).for_each(each);
            }
            _ => {}
        }
    }

    pub fn each_target_mut(&mut self, mut each: impl FnMut(&mut BlockId)) {
        match self {
            End::Jump(to, _) => each(to),
            End::Branch { then, other, .. } => {
                each(then);
                each(other);
            }
            End::Switch { cases, default, .. } => {
                cases.iter_mut().map(|(_, to)| to).chain(default).for_each(each);
            }
            _ => {}
        }
    }

    /// Where it may lead.
    pub fn successors(&self) -> SmallVec<[BlockId; 2]> {
        match self {
            End::Jump(to, _) => smallvec![*to],
            End::Branch { then, other, .. } => smallvec![*then, *other],
            End::Switch { cases, default, .. } => {
                cases.iter().map(|(_, to)| *to).chain(*default).collect()
            }
            _ => SmallVec::new(),
        }
    }
}
