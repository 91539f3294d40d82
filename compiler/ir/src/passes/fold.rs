//! Arithmetic on what is known. What would fault is left to the run.

use crate::ir::{Const, Prim, VarId};

/// What an operation gives.
pub enum Value {
    Const(Const),
    Var(VarId),
}

fn int(value: Option<&Const>) -> Option<i64> {
    match value {
        Some(Const::Int(value)) => Some(*value),
        _ => None,
    }
}

fn float(value: Option<&Const>) -> Option<f64> {
    match value {
        Some(Const::Float(bits)) => Some(f64::from_bits(*bits)),
        _ => None,
    }
}

/// The value of a prim whose arguments have these values, if it is known.
pub fn prim(prim: Prim, args: &[VarId], values: &[Option<&Const>]) -> Option<Value> {
    let first = values.first().copied().flatten();
    let second = values.get(1).copied().flatten();
    match (prim, first, second) {
        (Prim::BoolNot, Some(Const::Bool(value)), _) => Some(Value::Const(Const::Bool(!value))),
        (Prim::BoolEq, Some(Const::Bool(a)), Some(Const::Bool(b))) => {
            Some(Value::Const(Const::Bool(a == b)))
        }
        (Prim::BoolEq, Some(Const::Bool(true)), None) => Some(Value::Var(args[1])),
        (Prim::BoolEq, None, Some(Const::Bool(true))) => Some(Value::Var(args[0])),
        (Prim::ToFloat, Some(Const::Int(value)), _) => {
            Some(Value::Const(Const::Float((*value as f64).to_bits())))
        }
        (Prim::IntEq, Some(Const::Keyword(a)), Some(Const::Keyword(b))) => {
            Some(Value::Const(Const::Bool(a == b)))
        }
        _ => ints(prim, args, int(first), int(second))
            .or_else(|| floats(prim, float(first), float(second))),
    }
}

fn ints(prim: Prim, args: &[VarId], a: Option<i64>, b: Option<i64>) -> Option<Value> {
    if let (Some(a), Some(b)) = (a, b) {
        let value = match prim {
            Prim::IntAdd => a.checked_add(b)?,
            Prim::IntSub => a.checked_sub(b)?,
            Prim::IntMul => a.checked_mul(b)?,
            Prim::Quot => a.checked_div(b)?,
            Prim::Rem => a.checked_rem(b)?,
            Prim::BitAnd => a & b,
            Prim::BitOr => a | b,
            Prim::BitXor => a ^ b,
            Prim::IntEq => return Some(Value::Const(Const::Bool(a == b))),
            Prim::IntLt => return Some(Value::Const(Const::Bool(a < b))),
            Prim::IntLe => return Some(Value::Const(Const::Bool(a <= b))),
            _ => return None,
        };
        return Some(Value::Const(Const::Int(value)));
    }
    match (prim, a, b) {
        (Prim::IntAdd, Some(0), _) | (Prim::IntMul, Some(1), _) => Some(Value::Var(args[1])),
        (Prim::IntAdd | Prim::IntSub, _, Some(0)) | (Prim::IntMul | Prim::Quot, _, Some(1)) => {
            Some(Value::Var(args[0]))
        }
        (Prim::IntNeg, Some(a), _) => Some(Value::Const(Const::Int(a.checked_neg()?))),
        (Prim::IntEq | Prim::IntLe, ..) if args[0] == args[1] => {
            Some(Value::Const(Const::Bool(true)))
        }
        (Prim::IntLt, ..) if args[0] == args[1] => Some(Value::Const(Const::Bool(false))),
        _ => None,
    }
}

fn floats(prim: Prim, a: Option<f64>, b: Option<f64>) -> Option<Value> {
    let a = a?;
    let value = match (prim, b) {
        (Prim::FloatNeg, _) => -a,
        (Prim::Sqrt, _) => a.sqrt(),
        (Prim::FloatAdd, Some(b)) => a + b,
        (Prim::FloatSub, Some(b)) => a - b,
        (Prim::FloatMul, Some(b)) => a * b,
        (Prim::FloatDiv, Some(b)) => a / b,
        (Prim::FloatEq, Some(b)) => return Some(Value::Const(Const::Bool(a == b))),
        (Prim::FloatLt, Some(b)) => return Some(Value::Const(Const::Bool(a < b))),
        (Prim::FloatLe, Some(b)) => return Some(Value::Const(Const::Bool(a <= b))),
        _ => return None,
    };
    // What is no number prints the same everywhere only if it is made the same way.
    (!value.is_nan()).then(|| Value::Const(Const::Float(value.to_bits())))
}
