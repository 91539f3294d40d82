//! Maps: ordered by the structural order of their keys (`order`), so that iteration is the same on
//! every run. Changing one that is used nowhere else happens in place.

use super::entry;
use crate::builtin::{Builtin, Ctx, Fault, arg};
use crate::order::Key;
use crate::value::{OrderedMap, Value};
use std::ops::Bound;
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    entry("map/empty", 0, |_, _| Ok(Value::from_map(OrderedMap::new()))),
    entry("map/size", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_map).len() as i64))),
    entry("map/get", 2, get),
    // The prelude's name, for modules that `std.map` itself uses.
    entry("entry-get", 2, get),
    entry("map/get-or", 3, |_, a| {
        let key = Key(a[1].take());
        let default = a[2].take();
        Ok(arg!(a, 0, as_map).get(&key).cloned().unwrap_or(default))
    }),
    entry("map/contains?", 2, |_, a| {
        let key = Key(a[1].take());
        Ok(Value::Bool(arg!(a, 0, as_map).contains_key(&key)))
    }),
    entry("map-put", 3, |_, a| {
        let (key, value) = (Key(a[1].take()), a[2].take());
        Ok(change(a[0].take(), |map| {
            map.insert(key, value);
        }))
    }),
    entry("map/remove", 2, |_, a| {
        let key = Key(a[1].take());
        Ok(change(a[0].take(), |map| {
            map.remove(&key);
        }))
    }),
    entry("map/merge", 2, |_, a| {
        let (first, second) = (arg!(a, 0, as_map).clone(), arg!(a, 1, as_map).clone());
        // `union` prefers its receiver.
        Ok(Value::from_map(second.union(first)))
    }),
    entry("map/keys", 1, |_, a| Ok(Value::vector(arg!(a, 0, as_map).keys().map(|k| k.0.clone())))),
    entry("map/values", 1, |_, a| Ok(Value::vector(arg!(a, 0, as_map).values().cloned()))),
    entry("map-entries", 1, |ctx, a| {
        let pair = |(k, v): (&Key, &Value)| ctx.ctors.pair(k.0.clone(), v.clone());
        Ok(Value::vector(arg!(a, 0, as_map).iter().map(pair)))
    }),
    entry("map/first", 1, |ctx, a| {
        Ok(option_of_entry(ctx, arg!(a, 0, as_map).get_min().map(|(k, v)| (k, v))))
    }),
    entry("map/last", 1, |ctx, a| {
        Ok(option_of_entry(ctx, arg!(a, 0, as_map).get_max().map(|(k, v)| (k, v))))
    }),
    entry("map/after", 2, |ctx, a| {
        let key = Key(a[1].take());
        let later = (Bound::Excluded(key), Bound::Unbounded);
        Ok(option_of_entry(ctx, arg!(a, 0, as_map).range(later).next()))
    }),
    entry("map/between", 3, |_, a| {
        let (from, to) = (Key(a[1].take()), Key(a[2].take()));
        let map = arg!(a, 0, as_map);
        if from >= to {
            return Ok(Value::from_map(OrderedMap::new()));
        }
        Ok(Value::from_map(map.range(from..to).map(|(k, v)| (k.clone(), v.clone())).collect()))
    }),
    entry("map/of", 1, |_, a| {
        let mut map = OrderedMap::new();
        for pair in arg!(a, 0, as_items) {
            if let [key, value] = pair.fields() {
                map.insert(Key(key.clone()), value.clone());
            }
        }
        Ok(Value::from_map(map))
    }),
];

fn get(ctx: &mut Ctx<'_>, a: &mut [Value]) -> Result<Value, Fault> {
    let key = Key(a[1].take());
    Ok(ctx.ctors.option(arg!(a, 0, as_map).get(&key).cloned()))
}

/// An entry as a pair.
fn option_of_entry(ctx: &Ctx<'_>, found: Option<(&Key, &Value)>) -> Value {
    ctx.ctors.option(found.map(|(k, v)| ctx.ctors.pair(k.0.clone(), v.clone())))
}

fn change(value: Value, f: impl FnOnce(&mut OrderedMap)) -> Value {
    let Value::Map(mut entries) = value else { eclexia_base::bug!("a map is {value:?}") };
    match Rc::get_mut(&mut entries) {
        Some(own) => {
            f(&mut own.map);
            Value::Map(entries)
        }
        None => {
            let mut map = entries.map.clone();
            f(&mut map);
            Value::from_map(map)
        }
    }
}
