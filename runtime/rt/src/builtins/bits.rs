//! The 64 bits of an Int, in two's complement. Positions count from 0, the lowest; one outside of
//! 0 to 63 aborts, for there is no answer that would not hide a mistake.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::Value;

type Answer = Result<Value, Fault>;

pub(super) const TABLE: &[Builtin] = &[
    entry("bits/bit-and", 2, |_, a| two(a, |x, y| x & y)),
    entry("bits/bit-or", 2, |_, a| two(a, |x, y| x | y)),
    entry("bits/bit-xor", 2, |_, a| two(a, |x, y| x ^ y)),
    entry("bits/bit-not", 1, |_, a| Ok(Value::Int(!arg!(a, 0, as_int)))),
    entry("bits/shift-left", 2, |_, a| at("shift-left", a, |x, n| x << n)),
    entry("bits/shift-right", 2, |_, a| at("shift-right", a, |x, n| x >> n)),
    entry("bits/shift-right-zero", 2, |_, a| {
        at("shift-right-zero", a, |x, n| (x.cast_unsigned() >> n).cast_signed())
    }),
    entry("bits/rotate-left", 2, |_, a| at("rotate-left", a, i64::rotate_left)),
    entry("bits/rotate-right", 2, |_, a| at("rotate-right", a, i64::rotate_right)),
    entry("bits/set", 2, |_, a| at("set", a, |x, n| x | (1 << n))),
    entry("bits/clear", 2, |_, a| at("clear", a, |x, n| x & !(1 << n))),
    entry("bits/flip", 2, |_, a| at("flip", a, |x, n| x ^ (1 << n))),
    entry("bits/set?", 2, |_, a| {
        Ok(Value::Bool((arg!(a, 0, as_int) >> position("set?", a)?) & 1 == 1))
    }),
    entry("bits/count", 1, |_, a| one(a, i64::count_ones)),
    entry("bits/leading-zeros", 1, |_, a| one(a, i64::leading_zeros)),
    entry("bits/trailing-zeros", 1, |_, a| one(a, i64::trailing_zeros)),
];

fn one(a: &[Value], f: fn(i64) -> u32) -> Answer {
    Ok(Value::Int(i64::from(f(arg!(a, 0, as_int)))))
}

fn two(a: &[Value], f: fn(i64, i64) -> i64) -> Answer {
    Ok(Value::Int(f(arg!(a, 0, as_int), arg!(a, 1, as_int))))
}

fn at(name: &str, a: &[Value], f: fn(i64, u32) -> i64) -> Answer {
    Ok(Value::Int(f(arg!(a, 0, as_int), position(name, a)?)))
}

fn position(name: &str, a: &[Value]) -> Result<u32, Fault> {
    let n = arg!(a, 1, as_int);
    u32::try_from(n).ok().filter(|n| *n < 64).ok_or_else(|| {
        let x = arg!(a, 0, as_int);
        Fault::Abort(format!("(bits/{name} {x} {n}): positions are 0 to 63"))
    })
}
