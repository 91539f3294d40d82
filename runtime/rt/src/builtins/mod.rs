//! Built-in functions, one file per family, each with its registration table.

use crate::builtin::Builtin;

mod bits;
mod budget;
mod csv;
mod effect;
mod files;
mod format;
mod hash;
mod json;
mod map;
mod network;
pub(crate) mod number;
mod quantity;
pub(crate) mod random;
mod regex;
mod set;
pub(crate) mod text;
mod time;
mod toml;
mod unicode;
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
    network::TABLE,
    files::TABLE,
    bits::TABLE,
    unicode::TABLE,
    format::TABLE,
    regex::TABLE,
    csv::TABLE,
    toml::TABLE,
    time::TABLE,
    hash::TABLE,
    random::TABLE,
    budget::TABLE,
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
