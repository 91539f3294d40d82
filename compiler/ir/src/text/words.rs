//! The words that the text form uses for arithmetic.

use crate::ir::Prim;

const PRIMS: &[(Prim, &str)] = &[
    (Prim::IntAdd, "int-add"),
    (Prim::IntSub, "int-sub"),
    (Prim::IntMul, "int-mul"),
    (Prim::IntNeg, "int-neg"),
    (Prim::IntAddSure, "int-add-sure"),
    (Prim::IntSubSure, "int-sub-sure"),
    (Prim::IntMulSure, "int-mul-sure"),
    (Prim::QuotNat, "quot-nat"),
    (Prim::RemNat, "rem-nat"),
    (Prim::Quot, "quot"),
    (Prim::Rem, "rem"),
    (Prim::Mod, "mod"),
    (Prim::IntEq, "int-eq"),
    (Prim::IntLt, "int-lt"),
    (Prim::IntLe, "int-le"),
    (Prim::BitAnd, "bit-and"),
    (Prim::BitOr, "bit-or"),
    (Prim::BitXor, "bit-xor"),
    (Prim::FloatAdd, "float-add"),
    (Prim::FloatSub, "float-sub"),
    (Prim::FloatMul, "float-mul"),
    (Prim::FloatDiv, "float-div"),
    (Prim::FloatNeg, "float-neg"),
    (Prim::FloatEq, "float-eq"),
    (Prim::FloatLt, "float-lt"),
    (Prim::FloatLe, "float-le"),
    (Prim::Sqrt, "sqrt"),
    (Prim::ToFloat, "to-float"),
    (Prim::Floor, "floor"),
    (Prim::Ceil, "ceil"),
    (Prim::Round, "round"),
    (Prim::Truncate, "truncate"),
    (Prim::BoolNot, "bool-not"),
    (Prim::BoolEq, "bool-eq"),
];

/// The word of an operation.
pub fn of_prim(prim: Prim) -> &'static str {
    PRIMS.iter().find(|(p, _)| *p == prim).map_or("unknown", |(_, word)| word)
}

pub fn prim(word: &str) -> Option<Prim> {
    PRIMS.iter().find(|(_, w)| *w == word).map(|(prim, _)| *prim)
}
