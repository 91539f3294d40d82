//! Built-in functions, one file per family, each with its registration table.

use crate::builtin::Builtin;

mod effect;
mod json;
mod map;
mod number;
mod quantity;
mod set;
pub(crate) mod text;
mod vector;

pub(crate) const FAMILIES: &[&[Builtin]] = &[
    number::TABLE,
    quantity::TABLE,
    text::TABLE,
    vector::TABLE,
    map::TABLE,
    set::TABLE,
    json::TABLE,
    effect::TABLE,
];

/// One line of a registration table.
const fn entry(
    name: &'static str,
    arity: u8,
    run: fn(
        &mut crate::builtin::Ctx<'_>,
        &mut [crate::value::Value],
    ) -> Result<crate::value::Value, crate::builtin::Fault>,
) -> Builtin {
    Builtin { name, arity, run }
}
