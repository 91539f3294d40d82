//! Quantities: a number of base units and a dimension. The checker proved that dimensions agree;
//! at run time `zero` may be of dimension one whatever it is added to, so a sum has the dimension
//! of the operand that is not.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::Value;
use eclexia_base::Dim;
use eclexia_base::unit::{display, display_number};

pub(super) const TABLE: &[Builtin] = &[
    entry("quantity-add", 2, |_, a| Ok(add(&a[0], &a[1]))),
    entry("quantity-sub", 2, |_, a| Ok(sub(&a[0], &a[1]))),
    entry("quantity-negate", 1, |_, a| {
        let (x, dim) = arg!(a, 0, as_quantity);
        Ok(Value::Quantity(-x, dim))
    }),
    entry("quantity-zero", 0, |_, _| Ok(Value::float(0.0))),
    entry("quantity-eq", 2, |_, a| Ok(Value::Bool(compare(a, |x, y| x == y)))),
    entry("quantity-lt", 2, |_, a| Ok(Value::Bool(compare(a, |x, y| x < y)))),
    entry("quantity-le", 2, |_, a| Ok(Value::Bool(compare(a, |x, y| x <= y)))),
    entry("quantity-show", 1, |ctx, a| {
        let (x, dim) = arg!(a, 0, as_quantity);
        Ok(Value::str(display(x, dim, ctx.units)))
    }),
    entry("quantity-hash", 1, |_, a| {
        let (x, _) = arg!(a, 0, as_quantity);
        // `-0.0` equals `0.0`, so they hash alike.
        Ok(Value::Int(super::number::hash_combine(0, (x + 0.0).to_bits() as i64)))
    }),
    entry("quantity/value", 1, |_, a| Ok(Value::float(arg!(a, 0, as_quantity).0))),
    entry("quantity/unit-of", 1, |ctx, a| {
        let (x, dim) = arg!(a, 0, as_quantity);
        let text = if dim == Dim::ONE { String::new() } else { ctx.units.best(x, dim).0 };
        Ok(Value::str(text))
    }),
    entry("format/decimals", 2, |_, a| {
        let ((x, _), places) = (arg!(a, 0, as_quantity), arg!(a, 1, as_int));
        match usize::try_from(places) {
            Ok(places @ 0..=100) => Ok(Value::str(format!("{x:.places$}"))),
            _ => Err(Fault::Abort(format!("(decimals x {places}): places go from 0 to 100"))),
        }
    }),
    entry("format/short", 1, |_, a| Ok(Value::str(display_number(arg!(a, 0, as_quantity).0)))),
];

pub fn add(a: &Value, b: &Value) -> Value {
    combine(a, b, |x, y| x + y)
}

pub fn sub(a: &Value, b: &Value) -> Value {
    combine(a, b, |x, y| x - y)
}

fn combine(a: &Value, b: &Value, f: fn(f64, f64) -> f64) -> Value {
    match (a.as_quantity(), b.as_quantity()) {
        (Some((x, dx)), Some((y, dy))) => {
            Value::Quantity(f(x, y), if dx == Dim::ONE { dy } else { dx })
        }
        _ => eclexia_base::bug!("a sum of {a:?} and {b:?}"),
    }
}

fn compare(args: &[Value], f: fn(&f64, &f64) -> bool) -> bool {
    f(&arg!(args, 0, as_quantity).0, &arg!(args, 1, as_quantity).0)
}
