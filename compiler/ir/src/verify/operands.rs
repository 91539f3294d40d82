//! Rules 4 and 5: how operands and results are held.

use super::{Checked, rule};
use crate::ir::{BlockId, Const, End, Function, Inst, Op, Prim, Program, VarId};
use eclexia_rt::layout::{Rep, Shape, ShapeId};
use eclexia_rt::native::{Gives, Pass};

struct Operands<'a> {
    program: &'a Program,
    function: &'a Function,
}

/// Checks a block's instructions and its end.
pub fn block(program: &Program, function: &Function, id: BlockId) -> Checked {
    let ctx = Operands { program, function };
    // Further results of the call before that are still to be taken.
    let mut more: (&[ShapeId], usize) = (&[], 0);
    for inst in &function.blocks[id].insts {
        let text =
            || format!("{id:?}: {:?} = {}", inst.dest, crate::text::print::operation(&inst.op));
        ctx.instruction(inst).map_err(|why| format!("{}: {why}", text()))?;
        more = ctx.more(inst, more).map_err(|why| format!("{}: {why}", text()))?;
    }
    rule(more.0.len() == more.1, || format!("{id:?}: further results are not taken"))?;
    let end = &function.blocks[id].end;
    ctx.end(end).map_err(|why| format!("{id:?}: {}: {why}", crate::text::print::end(end)))
}

/// What an operation gives: nothing, a representation, or any.
enum Gift {
    None,
    Rep(Rep),
    Any,
    Token,
}

impl Operands<'_> {
    fn rep(&self, var: VarId) -> Rep {
        self.program.rep(self.function, var)
    }

    fn is_token(&self, var: VarId) -> bool {
        matches!(self.program.shapes.get(self.function.vars[var]), Shape::Token)
    }

    fn is_wrapper(&self, var: VarId) -> bool {
        matches!(self.program.shapes.get(self.function.vars[var]), Shape::Wrapper(..))
    }

    fn is(&self, var: VarId, rep: Rep) -> Checked {
        let good = self.rep(var) == rep && !self.is_token(var);
        rule(good, || format!("{var:?} is not held as {rep:?}"))
    }

    fn are(&self, vars: &[VarId], shapes: impl ExactSizeIterator<Item = ShapeId>) -> Checked {
        rule(vars.len() == shapes.len(), || "a wrong number of operands".into())?;
        vars.iter().zip(shapes).try_for_each(|(var, s)| self.is(*var, self.program.shapes.rep(s)))
    }

    fn call(&self, func: crate::ir::FuncId, args: &[VarId]) -> Checked {
        let callee = self.program.functions.get(func).ok_or("no such function")?;
        self.are(args, callee.params.iter().map(|p| callee.vars[p.var]))
    }

    /// The further results of the last call, and how many are taken, behind an instruction.
    fn more<'s>(
        &'s self,
        inst: &Inst,
        (all, taken): (&'s [ShapeId], usize),
    ) -> Result<(&'s [ShapeId], usize), String> {
        match (&inst.op, all.get(taken), inst.dest) {
            (Op::More(index), Some(shape), Some(dest)) if *index as usize == taken => {
                self.is(dest, self.program.shapes.rep(*shape))?;
                Ok((all, taken + 1))
            }
            (Op::More(_), ..) => Err("the call before has no such result".into()),
            (_, Some(_), _) => Err("it stands before a further result of a call".into()),
            (Op::Call { func, .. }, ..) => Ok((&self.program.functions[*func].more, 0)),
            _ => Ok((&[], 0)),
        }
    }

    fn instruction(&self, inst: &Inst) -> Checked {
        match (self.gives(&inst.op)?, inst.dest) {
            (Gift::None, None) | (Gift::Any, Some(_)) => Ok(()),
            (Gift::Rep(rep), Some(dest)) => self.is(dest, rep),
            (Gift::Token, Some(dest)) => {
                rule(self.is_token(dest), || "the result is no token".into())
            }
            _ => Err("with a result that it has not, or without its result".into()),
        }
    }

    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    fn gives(&self, op: &Op) -> Result<Gift, String> {
        let shapes = &self.program.shapes;
        Ok(match op {
            Op::Const(value) => Gift::Rep(match value {
                Const::Int(_) | Const::Keyword(_) => Rep::Int,
                Const::Float(_) => Rep::Float,
                Const::Bool(_) => Rep::Bool,
                Const::Immediate(_) | Const::Str(_) | Const::Amounts(_) => Rep::Ptr,
            }),
            Op::Prim(prim, args) => {
                let (params, result) = prim_type(*prim);
                rule(args.len() == params.len(), || "a wrong number of operands".into())?;
                args.iter().zip(params).try_for_each(|(var, rep)| self.is(*var, *rep))?;
                Gift::Rep(result)
            }
            Op::Call { func, args } => {
                self.call(*func, args)?;
                Gift::Rep(shapes.rep(self.program.functions[*func].result))
            }
            Op::More(_) => Gift::Any,
            Op::CallClosure { closure, .. } => {
                self.is(*closure, Rep::Ptr)?;
                Gift::Any
            }
            Op::Native { native, args, shapes: given } => {
                let native = native.get();
                let good = args.len() == native.params.len() && given.len() == native.shapes.len();
                rule(good, || "a wrong number of operands".into())?;
                for (var, pass) in args.iter().zip(native.params) {
                    match pass {
                        Pass::Int => self.is(*var, Rep::Int)?,
                        Pass::Float => self.is(*var, Rep::Float)?,
                        Pass::Bool => self.is(*var, Rep::Bool)?,
                        Pass::Borrowed | Pass::Owned => self.is(*var, Rep::Ptr)?,
                        Pass::BorrowedWord | Pass::OwnedWord => {}
                    }
                }
                match native.gives {
                    Gives::Int => Gift::Rep(Rep::Int),
                    Gives::Float => Gift::Rep(Rep::Float),
                    Gives::Bool => Gift::Rep(Rep::Bool),
                    Gives::Ptr => Gift::Rep(Rep::Ptr),
                    Gives::Word => Gift::Any,
                }
            }
            Op::Builtin { .. } => Gift::Any,
            Op::Extern { ext, args } => {
                let ext = self.program.externs.get(*ext).ok_or("no such extern")?;
                self.are(args, ext.params.iter().copied())?;
                Gift::Rep(shapes.rep(ext.result))
            }
            Op::Alloc { layout, fields, token, .. } => {
                self.are(fields, shapes.layout(*layout).fields.iter().copied())?;
                let good = token.is_none_or(|token| self.is_token(token));
                rule(good, || "the token is none".into())?;
                if shapes.is_wrapper(*layout) {
                    rule(token.is_none(), || "a wrapper is no cell".into())?;
                    return Ok(Gift::Rep(shapes.rep(shapes.layout(*layout).fields[0])));
                }
                Gift::Rep(Rep::Ptr)
            }
            Op::Vector(_) => Gift::Rep(Rep::Ptr),
            Op::Update { of, .. } => {
                self.is(*of, Rep::Ptr)?;
                Gift::Rep(Rep::Ptr)
            }
            Op::Closure { captures, layout, .. } => {
                self.are(captures, shapes.layout(*layout).fields[1..].iter().copied())?;
                Gift::Rep(Rep::Ptr)
            }
            Op::Field { of, .. } if self.is_wrapper(*of) => Gift::Rep(self.rep(*of)),
            Op::Tag(of) if self.is_wrapper(*of) => Gift::Rep(Rep::Int),
            Op::Field { of, .. } | Op::Capture { of, .. } => {
                self.is(*of, Rep::Ptr)?;
                Gift::Any
            }
            Op::Tag(of) => {
                self.is(*of, Rep::Ptr)?;
                Gift::Rep(Rep::Int)
            }
            Op::Global(global) => {
                let global = self.program.globals.get(*global).ok_or("no such global")?;
                Gift::Rep(shapes.rep(global.shape))
            }
            Op::Step(_) | Op::Count(_) | Op::MeterEnd => Gift::None,
            Op::Hole { of, .. } => {
                self.is(*of, Rep::Ptr)?;
                Gift::Rep(Rep::Int)
            }
            Op::Fill { hole, value } => {
                self.is(*hole, Rep::Int)?;
                self.is(*value, Rep::Ptr)?;
                Gift::None
            }
            Op::Dup(var) | Op::Drop(var) | Op::Keep(var) | Op::Decrement(var) => {
                self.is(*var, Rep::Ptr)?;
                Gift::None
            }
            Op::Pack(_) => Gift::Rep(Rep::Int),
            Op::Unpack(var) => {
                self.is(*var, Rep::Int)?;
                Gift::Any
            }
            Op::IsUnique(var) => {
                self.is(*var, Rep::Ptr)?;
                Gift::Rep(Rep::Bool)
            }
            Op::Release(var) | Op::Reset(var) | Op::Copy { of: var, .. } => {
                self.is(*var, Rep::Ptr)?;
                Gift::Token
            }
            Op::NoToken => Gift::Token,
            Op::FreeToken { token: var, .. } => {
                rule(self.is_token(*var), || "the token is none".into())?;
                Gift::None
            }
            Op::Check { cond, text, .. } => {
                self.is(*cond, Rep::Bool)?;
                self.is(*text, Rep::Ptr)?;
                Gift::None
            }
            Op::Admits { budget, .. } => {
                self.is(*budget, Rep::Ptr)?;
                Gift::Rep(Rep::Bool)
            }
            Op::AdmitRest { budget, .. } => {
                self.is(*budget, Rep::Ptr)?;
                Gift::Rep(Rep::Ptr)
            }
            Op::MeterBegin { .. } => Gift::None,
        })
    }

    fn end(&self, end: &End) -> Checked {
        match end {
            End::Jump(to, args) => {
                let params = &self.function.blocks[*to].params;
                rule(args.len() == params.len(), || "a wrong number of operands".into())?;
                args.iter().zip(params).try_for_each(|(arg, param)| {
                    let good = self.rep(*arg) == self.rep(*param)
                        && self.is_token(*arg) == self.is_token(*param);
                    rule(good, || format!("{arg:?} is not held as {param:?} is"))
                })
            }
            End::Branch { cond, .. } => self.is(*cond, Rep::Bool),
            End::Switch { value, .. } => self.is(*value, Rep::Int),
            End::Return(var, more) => {
                self.is(*var, self.program.shapes.rep(self.function.result))?;
                self.are(more, self.function.more.iter().copied())
            }
            End::TailCall { func, args } => {
                self.call(*func, args)?;
                let results = |function: &Function| {
                    let all = std::iter::once(function.result).chain(function.more.iter().copied());
                    all.map(|shape| self.program.shapes.rep(shape)).collect::<Vec<_>>()
                };
                let good = results(self.function) == results(&self.program.functions[*func]);
                rule(good, || "the result is another one".into())
            }
            End::TailCallClosure { closure, .. } => self.is(*closure, Rep::Ptr),
            End::Abort(var) => self.is(*var, Rep::Ptr),
            End::NotLinked(_) | End::Unreachable => Ok(()),
        }
    }
}

/// How operands and the result of arithmetic are held.
pub fn prim_type(prim: Prim) -> (&'static [Rep], Rep) {
    use Rep::{Bool, Float, Int};
    match prim {
        Prim::IntAdd
        | Prim::IntSub
        | Prim::IntMul
        | Prim::IntAddSure
        | Prim::IntSubSure
        | Prim::IntMulSure
        | Prim::QuotNat
        | Prim::RemNat
        | Prim::Quot
        | Prim::Rem
        | Prim::Mod
        | Prim::BitAnd
        | Prim::BitOr
        | Prim::BitXor => (&[Int, Int], Int),
        Prim::IntNeg => (&[Int], Int),
        Prim::IntEq | Prim::IntLt | Prim::IntLe => (&[Int, Int], Bool),
        Prim::FloatAdd | Prim::FloatSub | Prim::FloatMul | Prim::FloatDiv => {
            (&[Float, Float], Float)
        }
        Prim::FloatNeg | Prim::Sqrt => (&[Float], Float),
        Prim::FloatEq | Prim::FloatLt | Prim::FloatLe => (&[Float, Float], Bool),
        Prim::ToFloat => (&[Int], Float),
        Prim::Floor | Prim::Ceil | Prim::Round | Prim::Truncate => (&[Float], Int),
        Prim::BoolNot => (&[Bool], Bool),
        Prim::BoolEq => (&[Bool, Bool], Bool),
    }
}
