//! Budgets: exact, and never below zero. The checker has proved the splits of known amounts; what
//! is asked at run time (`split?`, `at-least`) answers with a `Result`. See [`crate::ledger`].

use super::entry;
use crate::builtin::{Builtin, Ctx, Fault, arg};
use crate::ledger::{Holding, quantity};
use crate::value::{Site, Value};
use eclexia_base::amount::amount_text;
use eclexia_base::{Amounts, Dim, Name, Rational};
use num_traits::Signed;

pub(super) const TABLE: &[Builtin] = &[
    // The first argument is the treasury, or nothing where it is in scope.
    entry("budget", 2, |_, a| Ok(a[1].take())),
    // The last argument is the place of the draw.
    entry("draw", 3, |ctx, a| {
        let site = site(arg!(a, 2, as_int));
        let amounts = arg!(a, 1, as_holding).total();
        ctx.ledger.draw(&a[0], &amounts, site, ctx.units).map(Value::holding)
    }),
    entry("split", 2, |ctx, a| {
        let (part, rest) = split(ctx, a)?;
        Ok(ctx.ctors.pair(Value::holding(part), Value::holding(rest)))
    }),
    entry("split?", 2, |ctx, a| {
        let answer = arg!(a, 0, as_holding).split(&arg!(a, 1, as_holding).total());
        let answer =
            answer.map(|(part, rest)| ctx.ctors.pair(Value::holding(part), Value::holding(rest)));
        Ok(ctx.ctors.result(answer.map_err(|_| a[0].take())))
    }),
    entry("merge", 2, |_, a| {
        Ok(Value::holding(arg!(a, 0, as_holding).merged(arg!(a, 1, as_holding))))
    }),
    entry("spend", 2, |ctx, a| Ok(Value::holding(split(ctx, a)?.1))),
    entry("release", 1, |ctx, a| {
        ctx.ledger.release(arg!(a, 0, as_holding));
        Ok(Value::Unit)
    }),
    entry("leave", 2, |ctx, a| {
        let (kept, surplus) = split(ctx, a)?;
        ctx.ledger.release(&surplus);
        Ok(Value::holding(kept))
    }),
    entry("at-least", 2, |ctx, a| {
        match arg!(a, 0, as_holding).split(&arg!(a, 1, as_holding).total()) {
            Ok((kept, surplus)) => {
                ctx.ledger.release(&surplus);
                Ok(ctx.ctors.result(Ok(Value::holding(kept))))
            }
            Err(_) => Ok(ctx.ctors.result(Err(a[0].take()))),
        }
    }),
    entry("deploy/fund", 1, |_, a| Ok(Value::amounts(arg!(a, 0, as_holding).total()))),
    entry("amounts-of", 1, |_, a| Ok(Value::amounts(arg!(a, 0, as_holding).total()))),
    entry("amounts-show", 1, |ctx, a| {
        Ok(Value::str(arg!(a, 0, as_holding).total().text(ctx.units)))
    }),
    entry("budget-show", 1, |ctx, a| {
        Ok(Value::str(arg!(a, 0, as_holding).total().text(ctx.units)))
    }),
    entry("amounts-eq", 2, |_, a| {
        Ok(Value::Bool(arg!(a, 0, as_holding).total() == arg!(a, 1, as_holding).total()))
    }),
    entry("amounts-from-map", 1, |ctx, a| amounts(ctx, &a[0]).map(Value::amounts)),
    entry("amounts-with", 3, |ctx, a| {
        let mut all = arg!(a, 0, as_holding).total();
        let more = amount(ctx, arg!(a, 1, as_keyword), &a[2])?;
        all.add(more.0, &more.1, more.2);
        Ok(Value::amounts(all))
    }),
    entry("deploy/account-limit", 2, |_, a| Ok(Value::vector([a[0].take(), a[1].take()]))),
];

/// A place as an Int: the definition above the expression.
fn site(packed: i64) -> Site {
    Site { def: (packed >> 32) as u32, expr: packed as u32 }
}

/// The part and the rest. That there is enough was proved, unless amounts were not in the types.
fn split(ctx: &Ctx<'_>, a: &[Value]) -> Result<(Holding, Holding), Fault> {
    let asked = arg!(a, 1, as_holding).total();
    arg!(a, 0, as_holding).split(&asked).map_err(|(key, short, dim)| {
        let has = arg!(a, 0, as_holding).total().get(key);
        let text = |value: &Rational| amount_text(value, dim, ctx.units);
        Fault::Overdrawn(format!(
            "a budget has :{key} {}, {} is taken: short by {}",
            text(&has),
            text(&asked.get(key)),
            text(&short)
        ))
    })
}

/// Amounts computed at run time: keywords to numbers.
fn amounts(ctx: &Ctx<'_>, map: &Value) -> Result<Amounts, Fault> {
    let mut items: Vec<(Name, Rational, Dim)> = Vec::new();
    for (key, value) in arg!([map], 0, as_map).iter() {
        let Some(key) = key.0.as_keyword() else { continue };
        items.push(amount(ctx, key, value)?);
    }
    Ok(Amounts::new(items))
}

/// One amount computed at run time.
fn amount(ctx: &Ctx<'_>, key: Name, value: &Value) -> Result<(Name, Rational, Dim), Fault> {
    let Some((value, dim)) = quantity(value) else {
        return Err(Fault::Overdrawn(format!("the amount of :{key} is no number")));
    };
    if value.is_negative() {
        let text = amount_text(&value, dim, ctx.units);
        return Err(Fault::Overdrawn(format!("the amount of :{key} is {text}, below zero")));
    }
    Ok((key, value, dim))
}
