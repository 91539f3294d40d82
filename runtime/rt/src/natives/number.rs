//! Functions of Int and Float that are no instructions of the IR, numbers as text, hashes, and the
//! printing of a line.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::{ACTS, FAULTS, PURE, native};
use crate::builtins::number::{hash_combine, power};
use crate::builtins::random::{mix, mix_gamma};
use crate::heap::cell::Word;
use crate::heap::{Context, string};
use crate::layout::{Shape, ShapeId};
use crate::native::{Native, ShapeOf};
use crate::value::Value;
use eclexia_base::Dim;
use eclexia_base::unit::{display, display_number};
use std::io::Write as _;

pub(super) const TABLE: &[Native] = &[
    native!("int-show", ecl_int_show, (Int), [], Ptr, PURE),
    native!("quantity-show", ecl_quantity_show, (Float), [ShapeOf::Arg(0)], Ptr, PURE),
    native!("quantity-hash", ecl_quantity_hash, (Float), [], Int, PURE),
    native!("hash-combine", ecl_hash_combine, (Int, Int), [], Int, PURE),
    native!("format/short", ecl_format_short, (Float), [], Ptr, PURE),
    native!("print-line", ecl_print_line, (Borrowed), [], Int, ACTS),
    native!("math/cbrt", ecl_cbrt, (Float), [], Float, PURE),
    native!("math/exp", ecl_exp, (Float), [], Float, PURE),
    native!("math/ln", ecl_ln, (Float), [], Float, PURE),
    native!("math/log2", ecl_log2, (Float), [], Float, PURE),
    native!("math/log10", ecl_log10, (Float), [], Float, PURE),
    native!("math/sin", ecl_sin, (Float), [], Float, PURE),
    native!("math/cos", ecl_cos, (Float), [], Float, PURE),
    native!("math/tan", ecl_tan, (Float), [], Float, PURE),
    native!("math/asin", ecl_asin, (Float), [], Float, PURE),
    native!("math/acos", ecl_acos, (Float), [], Float, PURE),
    native!("math/atan", ecl_atan, (Float), [], Float, PURE),
    native!("math/atan2", ecl_atan2, (Float, Float), [], Float, PURE),
    native!("math/pow", ecl_pow, (Float, Float), [], Float, PURE),
    native!("math/hypot", ecl_hypot, (Float, Float), [], Float, PURE),
    native!("math/nan?", ecl_is_nan, (Float), [], Bool, PURE),
    native!("math/finite?", ecl_is_finite, (Float), [], Bool, PURE),
    native!("math/power", ecl_power, (Int, Int), [], Int, FAULTS),
    native!("random/add-wrapped", ecl_add_wrapped, (Int, Int), [], Int, PURE),
    native!("random/mix", ecl_random_mix, (Int), [], Int, PURE),
    native!("random/mix-gamma", ecl_random_mix_gamma, (Int), [], Int, PURE),
    native!("random/unit-float", ecl_unit_float, (Int), [], Float, PURE),
    native!("bits/bit-not", ecl_bit_not, (Int), [], Int, PURE),
    native!("bits/count", ecl_bit_count, (Int), [], Int, PURE),
    native!("bits/leading-zeros", ecl_leading_zeros, (Int), [], Int, PURE),
    native!("bits/trailing-zeros", ecl_trailing_zeros, (Int), [], Int, PURE),
];

#[unsafe(no_mangle)]
extern "C" fn ecl_int_show(ctx: &mut Context, n: i64) -> Word {
    let mut buffer = [0; 24];
    let mut rest = &mut buffer[..];
    let room = rest.len();
    // The longest Int has 20 characters.
    let written = write!(rest, "{n}").map_or(0, |()| room - rest.len());
    match std::str::from_utf8(&buffer[..written]) {
        Ok(text) => ctx.new_ascii(text),
        Err(_) => ctx.new_ascii(""),
    }
}

#[unsafe(no_mangle)]
extern "C" fn ecl_quantity_show(ctx: &mut Context, x: f64, shape: u32) -> Word {
    let dim = match ctx.host.shapes.get(ShapeId(shape)) {
        Shape::Quantity(dim) => *dim,
        _ => Dim::ONE,
    };
    let text = display(x, dim, &ctx.host.units);
    ctx.new_string(&text)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_quantity_hash(_: &mut Context, x: f64) -> i64 {
    // `-0.0` equals `0.0`, so they hash alike.
    hash_combine(0, (x + 0.0).to_bits().cast_signed())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_hash_combine(_: &mut Context, seed: i64, value: i64) -> i64 {
    hash_combine(seed, value)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_format_short(ctx: &mut Context, x: f64) -> Word {
    let text = display_number(x);
    ctx.new_string(&text)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_print_line(ctx: &mut Context, text: Word) -> i64 {
    ctx.host.with_builtin_context(|own| own.effects.print(string::text(&text)));
    0
}

macro_rules! floats {
    ($($name:ident = $f:expr;)*) => {
        $(#[unsafe(no_mangle)]
        extern "C" fn $name(_: &mut Context, x: f64) -> f64 {
            $f(x)
        })*
    };
}

floats! {
    ecl_cbrt = f64::cbrt;
    ecl_exp = f64::exp;
    ecl_ln = f64::ln;
    ecl_log2 = f64::log2;
    ecl_log10 = f64::log10;
    ecl_sin = f64::sin;
    ecl_cos = f64::cos;
    ecl_tan = f64::tan;
    ecl_asin = f64::asin;
    ecl_acos = f64::acos;
    ecl_atan = f64::atan;
}

#[unsafe(no_mangle)]
extern "C" fn ecl_atan2(_: &mut Context, x: f64, y: f64) -> f64 {
    x.atan2(y)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_pow(_: &mut Context, x: f64, y: f64) -> f64 {
    x.powf(y)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_hypot(_: &mut Context, x: f64, y: f64) -> f64 {
    x.hypot(y)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_is_nan(_: &mut Context, x: f64) -> u8 {
    u8::from(x.is_nan())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_is_finite(_: &mut Context, x: f64) -> u8 {
    u8::from(x.is_finite())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_power(ctx: &mut Context, base: i64, exponent: i64) -> i64 {
    match power(base, exponent) {
        Ok(Value::Int(n)) => n,
        Ok(_) => 0,
        Err(fault) => {
            ctx.stop(fault);
            0
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn ecl_add_wrapped(_: &mut Context, x: i64, y: i64) -> i64 {
    x.wrapping_add(y)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_random_mix(_: &mut Context, state: i64) -> i64 {
    mix(state)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_random_mix_gamma(_: &mut Context, state: i64) -> i64 {
    mix_gamma(state)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_unit_float(_: &mut Context, n: i64) -> f64 {
    (n.cast_unsigned() >> 11) as f64 / (1u64 << 53) as f64
}

#[unsafe(no_mangle)]
extern "C" fn ecl_bit_not(_: &mut Context, n: i64) -> i64 {
    !n
}

#[unsafe(no_mangle)]
extern "C" fn ecl_bit_count(_: &mut Context, n: i64) -> i64 {
    i64::from(n.count_ones())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_leading_zeros(_: &mut Context, n: i64) -> i64 {
    i64::from(n.leading_zeros())
}

#[unsafe(no_mangle)]
extern "C" fn ecl_trailing_zeros(_: &mut Context, n: i64) -> i64 {
    i64::from(n.trailing_zeros())
}
