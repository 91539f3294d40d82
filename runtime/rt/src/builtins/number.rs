//! Int (64 bits, checked: overflow is a fault, never a wrap), `*` and `/` over all numbers, and
//! functions of Float. Floats follow IEEE 754; a Float is a quantity of dimension one.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::Value;
use eclexia_base::{Dim, bug};

type Answer = Result<Value, Fault>;

pub(super) const TABLE: &[Builtin] = &[
    entry("int-add", 2, |_, a| int_add(&a[0], &a[1])),
    entry("int-sub", 2, |_, a| int_sub(&a[0], &a[1])),
    entry("int-negate", 1, |_, a| {
        let n = arg!(a, 0, as_int);
        n.checked_neg().map(Value::Int).ok_or_else(|| Fault::Overflow(format!("(- {n})")))
    }),
    entry("int-eq", 2, |_, a| Ok(Value::Bool(arg!(a, 0, as_int) == arg!(a, 1, as_int)))),
    entry("int-lt", 2, |_, a| Ok(Value::Bool(arg!(a, 0, as_int) < arg!(a, 1, as_int)))),
    entry("int-le", 2, |_, a| Ok(Value::Bool(arg!(a, 0, as_int) <= arg!(a, 1, as_int)))),
    entry("int-show", 1, |_, a| Ok(Value::str(arg!(a, 0, as_int).to_string()))),
    entry("*", 2, |_, a| multiply(&a[0], &a[1])),
    entry("/", 2, |_, a| divide(&a[0], &a[1])),
    entry("quot", 2, |_, a| whole("quot", a, i64::checked_div)),
    entry("rem", 2, |_, a| whole("rem", a, |x, y| Some(x.wrapping_rem(y)))),
    entry("mod", 2, |_, a| whole("mod", a, |x, y| Some(floor_mod(x, y)))),
    entry("float", 1, |_, a| Ok(Value::float(arg!(a, 0, as_int) as f64))),
    entry("floor", 1, |_, a| to_int("floor", a, f64::floor)),
    entry("ceil", 1, |_, a| to_int("ceil", a, f64::ceil)),
    entry("round", 1, |_, a| to_int("round", a, f64::round)),
    entry("truncate", 1, |_, a| to_int("truncate", a, f64::trunc)),
    entry("hash-combine", 2, |_, a| {
        Ok(Value::Int(hash_combine(arg!(a, 0, as_int), arg!(a, 1, as_int))))
    }),
    entry("math/sqrt", 1, |_, a| float(a, f64::sqrt)),
    entry("math/cbrt", 1, |_, a| float(a, f64::cbrt)),
    entry("math/exp", 1, |_, a| float(a, f64::exp)),
    entry("math/ln", 1, |_, a| float(a, f64::ln)),
    entry("math/log2", 1, |_, a| float(a, f64::log2)),
    entry("math/log10", 1, |_, a| float(a, f64::log10)),
    entry("math/sin", 1, |_, a| float(a, f64::sin)),
    entry("math/cos", 1, |_, a| float(a, f64::cos)),
    entry("math/tan", 1, |_, a| float(a, f64::tan)),
    entry("math/asin", 1, |_, a| float(a, f64::asin)),
    entry("math/acos", 1, |_, a| float(a, f64::acos)),
    entry("math/atan", 1, |_, a| float(a, f64::atan)),
    entry("math/atan2", 2, |_, a| float2(a, f64::atan2)),
    entry("math/pow", 2, |_, a| float2(a, f64::powf)),
    entry("math/hypot", 2, |_, a| float2(a, f64::hypot)),
    entry("math/nan?", 1, |_, a| Ok(Value::Bool(real(&a[0]).is_nan()))),
    entry("math/finite?", 1, |_, a| Ok(Value::Bool(real(&a[0]).is_finite()))),
    entry("math/power", 2, |_, a| power(arg!(a, 0, as_int), arg!(a, 1, as_int))),
    entry("math/bit-and", 2, |_, a| Ok(Value::Int(arg!(a, 0, as_int) & arg!(a, 1, as_int)))),
    entry("math/bit-or", 2, |_, a| Ok(Value::Int(arg!(a, 0, as_int) | arg!(a, 1, as_int)))),
    entry("math/bit-xor", 2, |_, a| Ok(Value::Int(arg!(a, 0, as_int) ^ arg!(a, 1, as_int)))),
];

/// `+` of the instance for Int; the evaluator has it as an instruction.
pub fn int_add(a: &Value, b: &Value) -> Answer {
    checked("+", a, b, i64::checked_add)
}

pub fn int_sub(a: &Value, b: &Value) -> Answer {
    checked("-", a, b, i64::checked_sub)
}

fn checked(op: &str, a: &Value, b: &Value, f: fn(i64, i64) -> Option<i64>) -> Answer {
    let (Value::Int(x), Value::Int(y)) = (a, b) else { bug!("`{op}` of {a:?} and {b:?}") };
    f(*x, *y).map(Value::Int).ok_or_else(|| Fault::Overflow(format!("({op} {x} {y})")))
}

/// Int by Int is Int; anything else is a quantity of the product of the dimensions.
pub fn multiply(a: &Value, b: &Value) -> Answer {
    if let (Value::Int(_), Value::Int(_)) = (a, b) {
        return checked("*", a, b, i64::checked_mul);
    }
    let ((x, dx), (y, dy)) = quantities("*", a, b);
    Ok(Value::Quantity(x * y, if dx == Dim::ONE { dy } else { dx.times(dy) }))
}

/// By IEEE 754: division by zero is an infinity or NaN.
pub fn divide(a: &Value, b: &Value) -> Answer {
    let ((x, dx), (y, dy)) = quantities("/", a, b);
    let dim = match (dx, dy) {
        (_, Dim::ONE) => dx,
        _ if dx == dy => Dim::ONE,
        _ => dx.over(dy),
    };
    Ok(Value::Quantity(x / y, dim))
}

/// Both operands as quantities.
fn quantities(op: &str, a: &Value, b: &Value) -> ((f64, Dim), (f64, Dim)) {
    match (a.as_quantity(), b.as_quantity()) {
        (Some(a), Some(b)) => (a, b),
        _ => bug!("`{op}` of {a:?} and {b:?}"),
    }
}

fn whole(op: &str, args: &[Value], f: fn(i64, i64) -> Option<i64>) -> Answer {
    let (x, y) = (arg!(args, 0, as_int), arg!(args, 1, as_int));
    if y == 0 {
        return Err(Fault::DivisionByZero(format!("({op} {x} 0)")));
    }
    f(x, y).map(Value::Int).ok_or_else(|| Fault::Overflow(format!("({op} {x} {y})")))
}

fn floor_mod(x: i64, y: i64) -> i64 {
    let rest = x.wrapping_rem(y);
    if rest != 0 && (rest < 0) != (y < 0) { rest + y } else { rest }
}

/// Beyond the range of Int, and NaN, is an overflow. 2^63 is exact in f64; `i64::MAX` is not.
fn to_int(op: &str, args: &[Value], f: fn(f64) -> f64) -> Answer {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let x = real(&args[0]);
    let rounded = f(x);
    if (-LIMIT..LIMIT).contains(&rounded) {
        return Ok(Value::Int(rounded as i64));
    }
    Err(Fault::Overflow(format!("({op} {})", eclexia_base::unit::display_float(x))))
}

fn real(value: &Value) -> f64 {
    match value.as_quantity() {
        Some((x, _)) => x,
        None => bug!("a Float is {value:?}"),
    }
}

fn float(args: &[Value], f: fn(f64) -> f64) -> Answer {
    Ok(Value::float(f(real(&args[0]))))
}

fn float2(args: &[Value], f: fn(f64, f64) -> f64) -> Answer {
    Ok(Value::float(f(real(&args[0]), real(&args[1]))))
}

pub(crate) fn power(base: i64, exponent: i64) -> Answer {
    if exponent < 0 {
        return Err(Fault::Abort(format!("(power {base} {exponent}): the exponent is negative")));
    }
    let overflow = || Fault::Overflow(format!("(power {base} {exponent})"));
    // Beyond u32 only these three bases have a result.
    let small = match (u32::try_from(exponent), base) {
        (Ok(exponent), _) => exponent,
        (Err(_), 0 | 1) => 1,
        (Err(_), -1) => (exponent % 2) as u32,
        (Err(_), _) => return Err(overflow()),
    };
    base.checked_pow(small).map(Value::Int).ok_or_else(overflow)
}

/// FNV-1a over the eight bytes of `value`, continued from `seed`; never wraps visibly, because a
/// hash has no arithmetic meaning.
pub(crate) fn hash_combine(seed: i64, value: i64) -> i64 {
    hash_bytes(seed as u64, &value.to_le_bytes())
}

pub(crate) fn hash_bytes(seed: u64, bytes: &[u8]) -> i64 {
    let start = seed ^ 0xcbf2_9ce4_8422_2325;
    let hash = bytes.iter().fold(start, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    hash as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(n: i64) -> Value {
        Value::Int(n)
    }

    #[test]
    fn overflow_is_a_fault_that_says_which_operation() {
        assert!(matches!(int_add(&int(i64::MAX), &int(1)), Err(Fault::Overflow(t))
            if t == "(+ 9223372036854775807 1)"));
        assert!(whole("quot", &[int(i64::MIN), int(-1)], i64::checked_div).is_err());
        assert!(to_int("floor", &[Value::float(1e19)], f64::floor).is_err());
        assert!(to_int("floor", &[Value::float(f64::NAN)], f64::floor).is_err());
    }

    #[test]
    fn units_combine_when_quantities_multiply() {
        let (j, s) = (Dim::base("J"), Dim::base("s"));
        let power = divide(&Value::Quantity(6.0, j), &Value::Quantity(2.0, s));
        assert_eq!(power.expect("a quotient").as_quantity(), Some((3.0, j.over(s))));
        let energy = multiply(&int(3), &Value::Quantity(2.0, j));
        assert_eq!(energy.expect("a product").as_quantity(), Some((6.0, j)));
    }

    #[test]
    fn mod_has_the_sign_of_the_divisor() {
        let cases = [(7, 3, 1), (-7, 3, 2), (7, -3, -2), (-7, -3, -1), (i64::MIN, -1, 0)];
        for (x, y, expected) in cases {
            assert_eq!(floor_mod(x, y), expected, "{x} mod {y}");
        }
    }
}
