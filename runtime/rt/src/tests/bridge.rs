//! Words to values and back.

use super::{CONS, World};
use crate::heap::transfer::transfer;
use crate::layout::ShapeId;
use crate::order::compare;
use crate::value::{Fields, Site, Value};
use crate::{Key, value};
use eclexia_base::{Dim, Name};
use proptest::prelude::*;

fn list(items: Vec<i64>) -> Value {
    items.into_iter().rev().fold(Value::Tag { ctor: CONS - 1, index: 0 }, |tail, n| {
        Value::data(CONS, 1, None, Fields::Two([Value::Int(n), tail]))
    })
}

/// There and back again.
fn returns(world: &mut World, value: &Value, shape: ShapeId) {
    let word = world.ctx.from_value(value, shape);
    let back = world.ctx.to_value(word, shape);
    assert!(compare(value, &back).is_eq(), "{value:?} and {back:?}");
    let again = world.ctx.from_value(&back, shape);
    assert!(world.ctx.host.compare(shape, word, again).is_eq());
    assert_eq!(world.ctx.host.hash(shape, word), world.ctx.host.hash(shape, again));
    if world.ctx.host.shapes.rep(shape) == crate::layout::Rep::Ptr {
        let mut inside = world.ctx.inside();
        let copy = transfer(&world.ctx, word, shape, &mut inside);
        assert!(compare(value, &inside.to_value(copy, shape)).is_eq());
        inside.drop_word(copy);
        assert_eq!(inside.finish(), 0);
        world.ctx.drop_word(word);
        world.ctx.drop_word(again);
    }
}

proptest! {
    #[test]
    fn values_come_back_as_they_went(
        n in any::<i64>(),
        x in any::<f64>(),
        b in any::<bool>(),
        texts in proptest::collection::vec(".{0,40}", 0..20),
        items in proptest::collection::vec(any::<i64>(), 0..40),
    ) {
        let mut world = World::new();
        let w = &mut world;
        returns(w, &Value::Int(n), w.int);
        returns(w, &Value::Bool(b), w.bool);
        returns(w, &Value::Quantity(x, Dim::ONE), w.float);
        returns(w, &Value::Keyword(Name::new("a")), w.keyword);
        returns(w, &Value::vector(texts.iter().map(Value::str)), w.strings);
        returns(w, &Value::vector(items.iter().map(|n| Value::Int(*n))), w.ints);
        returns(w, &Value::vector(items.iter().map(|n| Value::Bool(n % 2 == 0))), w.bools);
        returns(w, &Value::from_set(items.iter().map(|n| Key(Value::Int(*n))).collect()), w.set);
        let entries = texts.iter().zip(&items).map(|(k, v)| (Key(Value::str(k)), Value::Int(*v)));
        returns(w, &Value::from_map(entries.collect()), w.map);
        let entries = items.chunks(3).zip(&texts);
        let entries = entries.map(|(k, v)| (Key(list(k.to_vec())), Value::str(v)));
        returns(w, &Value::from_map(entries.collect::<value::OrderedMap>()), w.deep_map);
        returns(w, &list(items), w.list);
        world.end();
    }

    #[test]
    fn words_are_ordered_as_values_are(
        a in proptest::collection::vec(0..3_i64, 0..4),
        b in proptest::collection::vec(0..3_i64, 0..4),
    ) {
        let mut world = World::new();
        let w = &mut world;
        let of = |items: &[i64]| {
            let ints = Value::vector(items.iter().map(|n| Value::Int(*n)));
            let set = Value::from_set(items.iter().map(|n| Key(Value::Int(*n))).collect());
            [(ints, w.ints), (list(items.to_vec()), w.list), (set, w.set)]
        };
        let (a, b) = (of(&a), of(&b));
        for ((a, shape), (b, _)) in a.iter().zip(&b) {
            let (x, y) = (w.ctx.from_value(a, *shape), w.ctx.from_value(b, *shape));
            prop_assert_eq!(w.ctx.host.compare(*shape, x, y), compare(a, b));
            w.ctx.drop_word(x);
            w.ctx.drop_word(y);
        }
        world.end();
    }
}

#[test]
fn a_long_list_is_converted_without_recursion() {
    let mut world = World::new();
    let shape = world.list;
    returns(&mut world, &list((0..1_000_000).collect()), shape);
    world.end();
}

#[test]
fn a_pair_a_point_and_its_site_come_back() {
    let mut world = World::new();
    let pair = Value::data(6, 0, None, Fields::Two([Value::str("a"), Value::Int(1)]));
    let shape = world.pair;
    returns(&mut world, &pair, shape);
    let fields = Fields::Two([Value::float(1.0), Value::Bool(true)]);
    let point = Value::data(7, 0, Some(Site { def: 3, expr: 4 }), fields);
    let shape = world.point;
    returns(&mut world, &point, shape);
    let word = world.ctx.from_value(&point, shape);
    let back = world.ctx.to_value(word, shape);
    world.ctx.drop_word(word);
    // A constructor that is no record has no site to keep.
    assert_eq!(back.as_data().map(|data| data.site), Some(None));
    world.end();
}

#[test]
fn what_is_shared_stays_shared_in_a_copy() {
    let mut world = World::new();
    let strings = world.strings;
    let text = world.ctx.new_string("a text that is held a hundred times");
    let mut vector = world.ctx.new_vector(crate::heap::cell::POINTERS, 0);
    for _ in 0..100 {
        vector = world.ctx.push(vector, crate::heap::cell::dup(text));
    }
    let mut inside = world.ctx.inside();
    let copy = transfer(&world.ctx, vector, strings, &mut inside);
    assert_eq!(inside.live(), 2);
    inside.drop_word(copy);
    assert_eq!(inside.finish(), 0);
    world.ctx.drop_word(vector);
    world.ctx.drop_word(text);
    world.end();
}

#[test]
fn a_long_list_is_copied_without_recursion() {
    let mut world = World::new();
    let shape = world.list;
    let word = world.ctx.from_value(&list((0..200_000).collect()), shape);
    let mut inside = world.ctx.inside();
    let copy = transfer(&world.ctx, word, shape, &mut inside);
    world.ctx.drop_word(word);
    assert_eq!(inside.live(), 200_000);
    inside.drop_word(copy);
    assert_eq!(inside.finish(), 0);
    world.end();
}
