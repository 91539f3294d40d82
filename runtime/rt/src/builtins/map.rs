//! Maps: ordered by the structural order of their keys (`order`), so that iteration is the same on
//! every run. Changing one that is used nowhere else happens in place.

use super::entry;
use crate::builtin::{Builtin, arg};
use crate::order::Key;
use crate::value::{OrderedMap, Value};
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    entry("map/empty", 0, |_, _| Ok(Value::from_map(OrderedMap::new()))),
    entry("map/size", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_map).len() as i64))),
    entry("map/get", 2, |ctx, a| {
        let key = Key(a[1].take());
        Ok(ctx.ctors.option(arg!(a, 0, as_map).get(&key).cloned()))
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
