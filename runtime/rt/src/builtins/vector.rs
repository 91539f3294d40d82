//! Vectors: RRB trees of `imbl`. Changing one that is used nowhere else happens in place.

use super::entry;
use crate::builtin::{Builtin, Ctx, Fault, ListIter, arg};
// Appending a vector to itself in a loop doubles it without using memory: lengths need a limit.
use crate::heap::vector::{MAX_LENGTH, too_long};
use crate::value::{Items, Value};
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    entry("vector-length", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_items).len() as i64))),
    entry("vector-get", 2, get),
    entry("vector/get", 2, |ctx, a| {
        let index = usize::try_from(arg!(a, 1, as_int)).ok();
        let found = index.and_then(|i| arg!(a, 0, as_items).get(i)).cloned();
        Ok(ctx.ctors.option(found))
    }),
    entry("vector/set", 3, |_, a| {
        let index = check("set", a)?;
        let value = a[2].take();
        Ok(change(a[0].take(), |items| {
            items.set(index, value);
        }))
    }),
    entry("vector-push", 2, |_, a| {
        let value = a[1].take();
        Ok(change(a[0].take(), |items| items.push_back(value)))
    }),
    entry("vector/push-front", 2, |_, a| {
        let value = a[1].take();
        Ok(change(a[0].take(), |items| items.push_front(value)))
    }),
    entry("vector/append", 2, |_, a| {
        let more = arg!(a, 1, as_items).clone();
        if arg!(a, 0, as_items).len().saturating_add(more.len()) > MAX_LENGTH {
            return Err(too_long());
        }
        Ok(change(a[0].take(), |items| items.append(more)))
    }),
    entry("vector/slice", 3, |_, a| {
        let (start, end) = (arg!(a, 1, as_int), arg!(a, 2, as_int));
        let length = arg!(a, 0, as_items).len();
        let clamp = |i: i64| usize::try_from(i).unwrap_or(0).min(length);
        let (start, end) = (clamp(start), clamp(end));
        Ok(change(a[0].take(), |items| {
            items.truncate(end.max(start));
            *items = items.split_off(start);
        }))
    }),
    entry("vector/insert-at", 3, |_, a| {
        let (index, value) = (arg!(a, 1, as_int), a[2].take());
        let length = arg!(a, 0, as_items).len();
        let Some(index) = usize::try_from(index).ok().filter(|i| *i <= length) else {
            let why = format!("no place {index} to insert at in a vector of {length}");
            return Err(Fault::Abort(why));
        };
        Ok(change(a[0].take(), |items| items.insert(index, value)))
    }),
    entry("vector/remove-at", 2, |_, a| {
        let index = check("remove", a)?;
        Ok(change(a[0].take(), |items| drop(items.remove(index))))
    }),
    entry("vector/repeat", 2, |_, a| {
        let count = usize::try_from(arg!(a, 0, as_int)).unwrap_or(0);
        if count > MAX_LENGTH {
            return Err(too_long());
        }
        Ok(Value::vector((0..count).map(|_| a[1].clone())))
    }),
    entry("vector/concat", 1, |_, a| {
        let mut all = Items::new();
        for part in arg!(a, 0, as_items).iter().filter_map(Value::as_items) {
            if all.len().saturating_add(part.len()) > MAX_LENGTH {
                return Err(too_long());
            }
            all.append(part.clone());
        }
        Ok(Value::from_items(all))
    }),
    entry("vector/reverse", 1, |_, a| {
        Ok(Value::from_items(arg!(a, 0, as_items).iter().rev().cloned().collect()))
    }),
    entry("vector/from-list", 1, from_list),
    entry("vector/to-list", 1, to_list),
    // The prelude's names, for modules that `std.vector` itself uses.
    entry("vector-from-list", 1, from_list),
    entry("vector-to-list", 1, to_list),
];

fn from_list(_: &mut Ctx<'_>, a: &mut [Value]) -> Result<Value, Fault> {
    Ok(Value::from_items(ListIter(&a[0]).cloned().collect()))
}

fn to_list(ctx: &mut Ctx<'_>, a: &mut [Value]) -> Result<Value, Fault> {
    Ok(ctx.ctors.list(arg!(a, 0, as_items).iter().cloned()))
}

fn get(_: &mut Ctx<'_>, args: &mut [Value]) -> Result<Value, Fault> {
    let index = check("get", args)?;
    Ok(arg!(args, 0, as_items)[index].clone())
}

fn check(op: &str, args: &[Value]) -> Result<usize, Fault> {
    let (items, index) = (arg!(args, 0, as_items), arg!(args, 1, as_int));
    match usize::try_from(index) {
        Ok(i) if i < items.len() => Ok(i),
        _ => {
            Err(Fault::Abort(format!("no element {index} to {op} in a vector of {}", items.len())))
        }
    }
}

fn change(value: Value, f: impl FnOnce(&mut Items)) -> Value {
    let Value::Vector(mut seq) = value else { eclexia_base::bug!("a vector is {value:?}") };
    match Rc::get_mut(&mut seq) {
        Some(own) => {
            f(&mut own.items);
            Value::Vector(seq)
        }
        None => {
            let mut items = seq.items.clone();
            f(&mut items);
            Value::from_items(items)
        }
    }
}
