//! The structural order of values: what keys of maps and sets are ordered by, so that iteration is
//! the same on every run. Int, String (by code points), Keyword (as text), Bool, quantities, and
//! data, vectors, maps and sets of these: constructors by their index, then fields from the left.
//! Compares values of one type; runs on an explicit stack, so depth does not matter.
//! It is not the interface `Ord`: an instance written by hand does not change how maps iterate.

use crate::value::Value;
use std::cmp::Ordering;

/// A value as a key.
#[derive(Clone, Debug)]
pub struct Key(pub Value);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        compare(&self.0, &other.0) == Ordering::Equal
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        compare(&self.0, &other.0)
    }
}

pub fn compare(a: &Value, b: &Value) -> Ordering {
    if let Some(order) = scalar(a, b) {
        return order;
    }
    let mut waiting = vec![(a, b)];
    while let Some((a, b)) = waiting.pop() {
        let order = match scalar(a, b) {
            Some(order) => order,
            None => parts(a, b, &mut waiting),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The order of two values without parts; `None` when both have parts.
fn scalar(a: &Value, b: &Value) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Keyword(a), Value::Keyword(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Quantity(a, _), Value::Quantity(b, _)) => float(*a, *b),
        (Value::Tag { index: a, .. }, Value::Tag { index: b, .. }) => a.cmp(b),
        (Value::Tag { index, .. }, Value::Data(data)) => index.cmp(&data.index),
        (Value::Data(data), Value::Tag { index, .. }) => data.index.cmp(index),
        (Value::Data(_), Value::Data(_))
        | (Value::Vector(_), Value::Vector(_))
        | (Value::Map(_), Value::Map(_))
        | (Value::Set(_), Value::Set(_)) => return None,
        (a, b) => rank(a).cmp(&rank(b)),
    })
}

/// `-0.0` equals `0.0`; NaN equals itself and is above all numbers.
fn float(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Compares what can be compared at once and queues pairs of parts, the first on top.
fn parts<'a>(a: &'a Value, b: &'a Value, waiting: &mut Vec<(&'a Value, &'a Value)>) -> Ordering {
    let start = waiting.len();
    let after = match (a, b) {
        (Value::Data(a), Value::Data(b)) => {
            if std::rc::Rc::ptr_eq(a, b) {
                return Ordering::Equal;
            }
            waiting.extend(a.fields.iter().zip(b.fields.iter()));
            a.index.cmp(&b.index)
        }
        (Value::Vector(a), Value::Vector(b)) => {
            // Lexicographic: the lengths decide only after equal elements.
            waiting.extend(a.items.iter().zip(b.items.iter()));
            return by_parts_then(a.items.len().cmp(&b.items.len()), start, waiting);
        }
        (Value::Set(a), Value::Set(b)) => {
            waiting.extend(a.set.iter().zip(b.set.iter()).map(|(a, b)| (&a.0, &b.0)));
            return by_parts_then(a.set.len().cmp(&b.set.len()), start, waiting);
        }
        (Value::Map(a), Value::Map(b)) => {
            for ((ka, va), (kb, vb)) in a.map.iter().zip(b.map.iter()) {
                waiting.push((&ka.0, &kb.0));
                waiting.push((va, vb));
            }
            return by_parts_then(a.map.len().cmp(&b.map.len()), start, waiting);
        }
        _ => Ordering::Equal,
    };
    if after == Ordering::Equal {
        waiting[start..].reverse();
    }
    after
}

const SHORTER: (&Value, &Value) = (&Value::Int(0), &Value::Int(1));
const LONGER: (&Value, &Value) = (&Value::Int(1), &Value::Int(0));

/// Queues a comparison that gives `after` below the parts.
fn by_parts_then<'a>(
    after: Ordering,
    start: usize,
    waiting: &mut Vec<(&'a Value, &'a Value)>,
) -> Ordering {
    match after {
        Ordering::Less => waiting.push(SHORTER),
        Ordering::Greater => waiting.push(LONGER),
        Ordering::Equal => {}
    }
    waiting[start..].reverse();
    Ordering::Equal
}

/// Values of one type have one rank; this only keeps the order total.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Unit => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Quantity(..) => 3,
        Value::Str(_) => 4,
        Value::Keyword(_) => 5,
        Value::Tag { .. } | Value::Data(_) => 6,
        Value::Vector(_) => 7,
        Value::Map(_) => 8,
        Value::Set(_) => 9,
        Value::Function(_) => 10,
        Value::Dictionary(_) => 11,
        Value::Capability(_) | Value::Attenuated(_) => 12,
        Value::Budget(_) => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Fields;

    #[test]
    fn vectors_are_ordered_as_words_in_a_dictionary() {
        let v = |items: &[i64]| Value::vector(items.iter().map(|n| Value::Int(*n)));
        assert_eq!(compare(&v(&[1, 2]), &v(&[1, 3])), Ordering::Less);
        assert_eq!(compare(&v(&[1, 2]), &v(&[1])), Ordering::Greater);
        assert_eq!(compare(&v(&[2]), &v(&[1, 9])), Ordering::Greater);
        assert_eq!(compare(&v(&[]), &v(&[])), Ordering::Equal);
    }

    #[test]
    fn deep_values_are_compared_without_recursion() {
        let list = |last: i64| {
            let mut value = Value::Int(last);
            for _ in 0..1_000_000 {
                value = Value::data(1, 1, None, Fields::Two([Value::Int(0), value]));
            }
            value
        };
        assert_eq!(compare(&list(1), &list(2)), Ordering::Less);
    }

    #[test]
    fn numbers_are_totally_ordered() {
        let f = Value::float;
        assert_eq!(compare(&f(0.0), &f(-0.0)), Ordering::Equal);
        assert_eq!(compare(&f(f64::NAN), &f(f64::INFINITY)), Ordering::Greater);
        assert_eq!(compare(&f(f64::NAN), &f(f64::NAN)), Ordering::Equal);
    }
}
