//! Built-ins as instructions: arithmetic is `Prim`, what has a native is a call of it, everything
//! else goes over `Value`s.

use super::Lowerer;
use crate::ir::{Const, Op, Prim, VarId};
use eclexia_core::core::ExprId;
use eclexia_rt::layout::{Rep, ShapeId};
use eclexia_rt::native::{self, NativeId, ShapeOf};
use eclexia_rt::{BuiltinId, lookup};

/// Built-ins that are one instruction, by their registered names.
const PRIMS: &[(&str, Prim)] = &[
    ("int-add", Prim::IntAdd),
    ("int-sub", Prim::IntSub),
    ("int-negate", Prim::IntNeg),
    ("int-eq", Prim::IntEq),
    ("int-lt", Prim::IntLt),
    ("int-le", Prim::IntLe),
    ("quot", Prim::Quot),
    ("rem", Prim::Rem),
    ("mod", Prim::Mod),
    ("float", Prim::ToFloat),
    ("floor", Prim::Floor),
    ("ceil", Prim::Ceil),
    ("round", Prim::Round),
    ("truncate", Prim::Truncate),
    ("quantity-add", Prim::FloatAdd),
    ("quantity-sub", Prim::FloatSub),
    ("quantity-negate", Prim::FloatNeg),
    ("quantity-eq", Prim::FloatEq),
    ("quantity-lt", Prim::FloatLt),
    ("quantity-le", Prim::FloatLe),
    ("math/sqrt", Prim::Sqrt),
    ("math/bit-and", Prim::BitAnd),
    ("math/bit-or", Prim::BitOr),
    ("math/bit-xor", Prim::BitXor),
    ("keyword-eq", Prim::IntEq),
];

impl Lowerer<'_> {
    /// A call of a built-in whose arguments are there.
    pub(super) fn builtin(
        &mut self,
        e: ExprId,
        id: BuiltinId,
        args: Vec<VarId>,
        result: ShapeId,
    ) -> VarId {
        let name = id.get().name;
        let op = match name {
            "*" => {
                let is_int = args.iter().all(|arg| self.rep(*arg) == Rep::Int);
                match is_int {
                    true => Op::Prim(Prim::IntMul, args),
                    false => Op::Prim(Prim::FloatMul, self.floats(e, args)),
                }
            }
            "/" => Op::Prim(Prim::FloatDiv, self.floats(e, args)),
            "quantity-zero" => Op::Const(Const::Float(0)),
            _ => match PRIMS.iter().find(|(known, _)| *known == name) {
                Some((_, prim)) => Op::Prim(*prim, args),
                None => match native::lookup("", name) {
                    Some(native) => self.native_op(native, args, result),
                    None => Op::Builtin { builtin: id, args },
                },
            },
        };
        self.emit_at(e, op, result)
    }

    /// An Int beside a quantity counts as a Float.
    fn floats(&mut self, e: ExprId, args: Vec<VarId>) -> Vec<VarId> {
        let float = self.float_shape();
        let convert = |arg: VarId| match self.rep(arg) {
            Rep::Int => self.emit_at(e, Op::Prim(Prim::ToFloat, vec![arg]), float),
            _ => arg,
        };
        args.into_iter().map(convert).collect()
    }

    /// A call of a built-in of the run time by its registered name.
    pub(super) fn named(
        &mut self,
        e: ExprId,
        name: &str,
        args: Vec<VarId>,
        result: ShapeId,
    ) -> VarId {
        match lookup("", name) {
            Some(id) => self.builtin(e, id, args, result),
            None => eclexia_base::bug!("no built-in `{name}`"),
        }
    }

    fn native_op(&self, native: NativeId, args: Vec<VarId>, result: ShapeId) -> Op {
        let shapes = native.get().shapes.iter().map(|of| match of {
            ShapeOf::Arg(at) => self.shape(args[usize::from(*at)]),
            ShapeOf::Result => result,
        });
        let shapes = shapes.collect();
        Op::Native { native, args, shapes }
    }
}
