//! Effects: all go through [`crate::Effects`]; each but `print-line` takes the capability that
//! allows it as its first argument. Also what tests report.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::Value;

pub(super) const TABLE: &[Builtin] = &[
    entry("print-line", 1, |ctx, a| {
        ctx.effects.print(arg!(a, 0, as_str));
        Ok(Value::Unit)
    }),
    entry("read-file", 2, |ctx, a| {
        let text = ctx.effects.read_file(arg!(a, 1, as_str));
        Ok(ctx.ctors.result(text.map(Value::str).map_err(Value::str)))
    }),
    entry("write-file", 3, |ctx, a| {
        let done = ctx.effects.write_file(arg!(a, 1, as_str), arg!(a, 2, as_str));
        Ok(ctx.ctors.result(done.map(|()| Value::Unit).map_err(Value::str)))
    }),
    entry("now", 1, |ctx, _| Ok(Value::Quantity(ctx.effects.now(), eclexia_base::Dim::base("s")))),
    entry("random-int", 2, |ctx, a| {
        let bound = arg!(a, 1, as_int);
        if bound <= 0 {
            return Err(Fault::Abort(format!("(random-int r {bound}): the bound is not positive")));
        }
        // The high half of a product is uniform up to 2^-64 per value (Lemire 2019).
        let wide = u128::from(ctx.effects.random()) * u128::from(bound.unsigned_abs());
        Ok(Value::Int((wide >> 64) as i64))
    }),
    entry("env-variable", 2, |ctx, a| {
        let value = ctx.effects.env(arg!(a, 1, as_str));
        Ok(ctx.ctors.option(value.map(Value::str)))
    }),
    // The evaluator has checks as an instruction that goes on and reports them all; this is for
    // where a check is called through a variable.
    entry("check-that", 2, |_, a| match a[0] {
        Value::Bool(false) => Err(Fault::Abort(format!("check failed: {}", arg!(a, 1, as_str)))),
        _ => Ok(Value::Unit),
    }),
];
