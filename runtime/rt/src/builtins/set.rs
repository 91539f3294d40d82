//! Sets: ordered by the structural order of their elements, as maps are by their keys.

use super::entry;
use crate::builtin::{Builtin, arg};
use crate::order::Key;
use crate::value::{OrderedSet, Value};
use std::rc::Rc;

pub(super) const TABLE: &[Builtin] = &[
    entry("set/empty", 0, |_, _| Ok(Value::from_set(OrderedSet::new()))),
    entry("set/size", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_set).len() as i64))),
    entry("set/contains?", 2, |_, a| {
        let key = Key(a[1].take());
        Ok(Value::Bool(arg!(a, 0, as_set).contains(&key)))
    }),
    entry("set/insert", 2, |_, a| {
        let key = Key(a[1].take());
        Ok(change(a[0].take(), |set| {
            set.insert(key);
        }))
    }),
    entry("set/remove", 2, |_, a| {
        let key = Key(a[1].take());
        Ok(change(a[0].take(), |set| {
            set.remove(&key);
        }))
    }),
    entry("set/union", 2, |_, a| {
        let (first, second) = (arg!(a, 0, as_set).clone(), arg!(a, 1, as_set).clone());
        Ok(Value::from_set(first.union(second)))
    }),
    entry("set/intersection", 2, |_, a| {
        let (first, second) = (arg!(a, 0, as_set).clone(), arg!(a, 1, as_set).clone());
        Ok(Value::from_set(first.intersection(second)))
    }),
    entry("set/difference", 2, |_, a| {
        let second = arg!(a, 1, as_set);
        let left = arg!(a, 0, as_set).iter().filter(|k| !second.contains(*k)).cloned();
        Ok(Value::from_set(left.collect()))
    }),
    entry("set/subset?", 2, |_, a| {
        let second = arg!(a, 1, as_set);
        Ok(Value::Bool(arg!(a, 0, as_set).iter().all(|k| second.contains(k))))
    }),
    entry("set-to-vector", 1, |_, a| {
        Ok(Value::vector(arg!(a, 0, as_set).iter().map(|k| k.0.clone())))
    }),
    entry("set/first", 1, |ctx, a| {
        Ok(ctx.ctors.option(arg!(a, 0, as_set).get_min().map(|k| k.0.clone())))
    }),
    entry("set/last", 1, |ctx, a| {
        Ok(ctx.ctors.option(arg!(a, 0, as_set).get_max().map(|k| k.0.clone())))
    }),
    entry("set/of", 1, |_, a| {
        Ok(Value::from_set(arg!(a, 0, as_items).iter().cloned().map(Key).collect()))
    }),
];

fn change(value: Value, f: impl FnOnce(&mut OrderedSet)) -> Value {
    let Value::Set(mut members) = value else { eclexia_base::bug!("a set is {value:?}") };
    match Rc::get_mut(&mut members) {
        Some(own) => {
            f(&mut own.set);
            Value::Set(members)
        }
        None => {
            let mut set = members.set.clone();
            f(&mut set);
            Value::from_set(set)
        }
    }
}
