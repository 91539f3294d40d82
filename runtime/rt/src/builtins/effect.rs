//! Effects but those on files (`files`) and the network (`network`): all go through
//! [`crate::Effects`]; each but `print-line` takes the capability that allows it as its first
//! argument, the world's or one that a program attenuated. Also what tests report.

use super::entry;
use crate::builtin::{Builtin, Ctx, Fault, arg};
use crate::value::{Attenuated, Value};
use eclexia_base::Dim;

type Answer = Result<Value, Fault>;

/// The longest a program sleeps or waits for an answer at once: a day.
pub(super) const MOST_SECONDS: f64 = 86_400.0;

pub(super) const TABLE: &[Builtin] = &[
    entry("print-line", 1, |ctx, a| {
        ctx.effects.print(arg!(a, 0, as_str));
        Ok(Value::Unit)
    }),
    entry("now", 1, now),
    entry("clock/since-1970", 1, now),
    entry("clock/elapsed", 1, |ctx, a| {
        let elapsed = match attenuated(&a[0]) {
            Some(Attenuated::Clock(_)) => 0.0,
            _ => ctx.effects.elapsed(),
        };
        Ok(seconds(elapsed))
    }),
    entry("clock/sleep", 2, |ctx, a| {
        let (time, _) = arg!(a, 1, as_quantity);
        if attenuated(&a[0]).is_none() && time > 0.0 {
            ctx.effects.sleep(time.min(MOST_SECONDS));
        }
        Ok(Value::Unit)
    }),
    entry("clock/standing-at", 1, |_, a| {
        let (time, _) = arg!(a, 0, as_quantity);
        Ok(Value::attenuated(Attenuated::Clock(time)))
    }),
    entry("random-int", 2, |ctx, a| {
        let bound = arg!(a, 1, as_int);
        if bound <= 0 {
            return Err(Fault::Abort(format!("(random-int r {bound}): the bound is not positive")));
        }
        // The high half of a product is uniform up to 2^-64 per value (Lemire 2019).
        let wide = u128::from(ctx.effects.random()) * u128::from(bound.unsigned_abs());
        Ok(Value::Int((wide >> 64) as i64))
    }),
    entry("env-variable", 2, variable),
    entry("env/get", 2, variable),
    entry("env/only", 2, |_, a| {
        let names: Vec<String> = strings(&a[1]).collect();
        let kept = match attenuated(&a[0]) {
            Some(Attenuated::MadeEnv(made)) => {
                let made = made.iter().filter(|(name, _)| names.contains(name));
                Attenuated::MadeEnv(made.cloned().collect())
            }
            Some(Attenuated::Env(own)) => {
                Attenuated::Env(names.into_iter().filter(|name| own.contains(name)).collect())
            }
            _ => Attenuated::Env(names),
        };
        Ok(Value::attenuated(kept))
    }),
    entry("env/made-of", 1, |_, a| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let made = arg!(a, 0, as_map).iter().map(|(k, v)| (text(&k.0), text(v)));
        Ok(Value::attenuated(Attenuated::MadeEnv(made.collect())))
    }),
    entry("adaptive/weights", 0, |_, _| {
        let all = crate::prices::in_force().0.all();
        Ok(Value::vector(all.map(|weight| Value::Quantity(weight, Dim::ONE))))
    }),
    entry("adaptive/explains?", 0, |ctx, _| Ok(Value::Bool(ctx.effects.explains_choices()))),
    entry("adaptive/explain", 3, |ctx, a| {
        let (function, candidates) = (arg!(a, 0, as_str), arg!(a, 2, as_str));
        ctx.effects.explain_choice(function, arg!(a, 1, as_int), candidates);
        Ok(Value::Unit)
    }),
    // Engines have natives of these names, which call functions; values cannot.
    entry("run-limited", 4, cannot_call),
    entry("par/over-parts", 2, cannot_call),
    // The evaluator has checks as an instruction that goes on and reports them all; this is for
    // where a check is called through a variable.
    entry("check-that", 2, |_, a| match a[0] {
        Value::Bool(false) => Err(Fault::Abort(format!("check failed: {}", arg!(a, 1, as_str)))),
        _ => Ok(Value::Unit),
    }),
];

fn cannot_call(_: &mut Ctx<'_>, _: &mut [Value]) -> Answer {
    Err(Fault::Abort("nothing can be called from here".to_owned()))
}

pub(super) fn attenuated(capability: &Value) -> Option<&Attenuated> {
    if let Value::Attenuated(own) = capability { Some(own) } else { None }
}

pub(super) fn strings(items: &Value) -> impl Iterator<Item = String> {
    let items = items.as_items().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned))
}

fn seconds(n: f64) -> Value {
    Value::Quantity(n, Dim::base("s"))
}

fn now(ctx: &mut Ctx<'_>, a: &mut [Value]) -> Answer {
    Ok(seconds(match attenuated(&a[0]) {
        Some(Attenuated::Clock(at)) => *at,
        _ => ctx.effects.now(),
    }))
}

fn variable(ctx: &mut Ctx<'_>, a: &mut [Value]) -> Answer {
    let name = arg!(a, 1, as_str);
    let found = match attenuated(&a[0]) {
        Some(Attenuated::MadeEnv(made)) => {
            made.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
        }
        Some(Attenuated::Env(names)) if !names.iter().any(|own| own == name) => None,
        // What is no name of a variable is not there; asking the system for it may panic.
        _ if name.is_empty() || name.contains(['=', '\0']) => None,
        _ => ctx.effects.env(name),
    };
    Ok(ctx.ctors.option(found.map(Value::str)))
}
