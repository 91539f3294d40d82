//! Functions of words, one file per family, each with its registration table. What each does is
//! what the built-in of its name does to values, with the same faults.

use crate::heap::Context;
use crate::heap::cell::{Word, immediate, set_field};
use crate::layout::{CtorShape, FIRST_LAYOUT, Rep, Shape, ShapeId};
use crate::native::Native;
use eclexia_base::bug;

mod adaptive;
mod cut;
mod inside;
mod list;
mod map;
mod number;
mod search;
mod set;
pub(crate) mod table;
mod text;
pub(crate) mod tree;
mod vector;

pub(crate) const FAMILIES: &[&[Native]] = &[
    vector::TABLE,
    list::TABLE,
    map::TABLE,
    set::TABLE,
    text::TABLE,
    cut::TABLE,
    search::TABLE,
    number::TABLE,
    inside::TABLE,
    adaptive::TABLE,
];

/// Whether a native can fault, and whether it is pure.
type Conduct = (bool, bool);
const PURE: Conduct = (false, true);
const FAULTS: Conduct = (true, true);
const ACTS: Conduct = (false, false);

/// One line of a registration table.
macro_rules! native {
    (
        $name:literal, $f:ident,
        ($($pass:ident),*), [$($shape:expr),*], $gives:ident, $conduct:expr
    ) => {
        crate::native::Native {
            name: $name,
            params: &[$(crate::native::Pass::$pass),*],
            shapes: &[$($shape),*],
            gives: crate::native::Gives::$gives,
            can_fault: $conduct.0,
            is_pure: $conduct.1,
            symbol: stringify!($f),
            address: crate::native::Address($f as *const ()),
            run: |ctx, args, shapes| {
                let (mut _args, mut _shapes) = (args.iter().copied(), shapes.iter().copied());
                crate::natives::IntoWord::into_word($f(
                    ctx,
                    $(crate::natives::pass!($pass, _args),)*
                    $({ let _: crate::native::ShapeOf = $shape; _shapes.next().unwrap_or(0) },)*
                ))
            },
        }
    };
}

/// The next argument as a native takes it.
macro_rules! pass {
    (Int, $args:ident) => {
        $args.next().unwrap_or(0).cast_signed()
    };
    (Float, $args:ident) => {
        f64::from_bits($args.next().unwrap_or(0))
    };
    ($other:ident, $args:ident) => {
        $args.next().unwrap_or(0)
    };
}
use {native, pass};

/// What a native gives, as 64 bits.
trait IntoWord {
    fn into_word(self) -> Word;
}

impl IntoWord for u64 {
    fn into_word(self) -> Word {
        self
    }
}

impl IntoWord for i64 {
    fn into_word(self) -> Word {
        self.cast_unsigned()
    }
}

impl IntoWord for f64 {
    fn into_word(self) -> Word {
        self.to_bits()
    }
}

impl IntoWord for u8 {
    fn into_word(self) -> Word {
        u64::from(self)
    }
}

/// What a native gives that left a fault: no reference.
const NOTHING: Word = 1;

fn ctor(ctx: &Context, shape: u32, index: u32) -> &CtorShape {
    match ctx.host.shapes.get(ShapeId(shape)) {
        Shape::Data(ctors) => &ctors[index as usize],
        other => bug!("data is {other:?}"),
    }
}

/// `info` of the cells of a constructor with fields.
fn info_of(ctx: &Context, shape: u32, index: u32) -> u32 {
    match ctor(ctx, shape, index).layout {
        Some(layout) => FIRST_LAYOUT + layout.0,
        None => bug!("constructor {index} of s{shape} has no fields"),
    }
}

/// `Some` of a word, which it owns, or `None`.
fn option(ctx: &mut Context, shape: u32, word: Option<Word>) -> Word {
    let Some(word) = word else { return immediate(ctx.host.ctors.none.1) };
    let info = info_of(ctx, shape, ctx.host.ctors.some.1);
    let cell = ctx.alloc(1, info);
    set_field(cell, 0, word);
    cell
}

/// A cell of two owned words.
fn pair(ctx: &mut Context, info: u32, first: Word, second: Word) -> Word {
    let cell = ctx.alloc(2, info);
    set_field(cell, 0, first);
    set_field(cell, 1, second);
    cell
}

/// The shape of a vector's elements.
fn item(ctx: &Context, shape: u32) -> ShapeId {
    match ctx.host.shapes.get(ShapeId(shape)) {
        Shape::Vector(item) => *item,
        other => bug!("a vector is {other:?}"),
    }
}

fn rep(ctx: &Context, shape: ShapeId) -> Rep {
    ctx.host.shapes.rep(shape)
}
