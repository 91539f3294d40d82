//! Maps and sets: whatever they are inside, they list their keys in structural order.

use super::World;
use crate::heap::cell::dup;
use crate::heap::{Word, cell::immediate};
use crate::structure::mix;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn put(world: &mut World, map: Word, key: &str, value: i64) -> Word {
    let key = world.text(key);
    world.run("map-put", &[map, key, value.cast_unsigned()], &[world.map])
}

#[test]
fn keys_are_listed_in_order_and_the_last_value_counts() {
    let mut world = World::new();
    let (map, string) = (world.map, world.strings);
    let mut m = world.run("map/empty", &[], &[map]);
    for (i, key) in ["pear", "apple", "fig", "apple", "a longer key than eight"].iter().enumerate()
    {
        m = put(&mut world, m, key, i as i64);
    }
    let keys = world.run("map/keys", &[m], &[map, string]);
    let expected = "[\"a longer key than eight\" \"apple\" \"fig\" \"pear\"]";
    assert_eq!(world.show(keys, string), expected);
    let values = world.run("map/values", &[m], &[map, world.ints]);
    assert_eq!(world.show(values, world.ints), "[4 3 2 0]");
    let first = world.run("map/first", &[m], &[map, world.option_pair]);
    let expected = "(Some (Pair \"a longer key than eight\" 4))";
    assert_eq!(world.show(first, world.option_pair), expected);
    let entries = world.run("map-entries", &[m], &[map, world.entries]);
    let again = world.run("map/of", &[entries], &[map]);
    world.ctx.drop_word(entries);
    assert!(world.ctx.host.compare(map, m, again).is_eq());
    assert_eq!(world.ctx.host.hash(map, m), world.ctx.host.hash(map, again));
    world.ctx.drop_word(again);
    world.ctx.drop_word(m);
    world.end();
}

#[test]
fn keys_may_be_data() {
    let mut world = World::new();
    let map = world.deep_map;
    let mut m = world.run("map/empty", &[], &[map]);
    for i in 0..50_i64 {
        let vector = world.ints(&(0..i % 7).collect::<Vec<_>>());
        let key = world.run("vector-to-list", &[vector], &[world.list]);
        world.ctx.drop_word(vector);
        let value = world.text(&format!("{i}"));
        m = world.run("map-put", &[m, key, value], &[map]);
    }
    let key = immediate(0);
    let found = world.run("map/get", &[m, key], &[map, world.option_string]);
    assert_eq!(world.show(found, world.option_string), "(Some \"49\")");
    assert_eq!(world.run("map/size", &[m], &[]), 7);
    world.ctx.drop_word(m);
    world.end();
}

#[test]
fn keys_that_crowd_make_no_map_slow() {
    // All of them want the first bucket of a table of up to 4096.
    let crowd = (0..).filter(|key| mix(*key, 0).is_multiple_of(4096)).take(1100);
    let crowd: Vec<u64> = crowd.collect();
    let mut world = World::new();
    let set = world.set;
    let mut own = world.run("set/empty", &[], &[set]);
    for key in &crowd {
        own = world.run("set/insert", &[own, *key], &[set]);
    }
    assert!(crate::natives::table::is_tree(own));
    let expected: Vec<i64> = crowd.iter().map(|key| key.cast_signed()).collect();
    assert_eq!(listed(&mut world, own), expected);
    assert_eq!(world.run("set/contains?", &[own, crowd[7]], &[set]), 1);
    world.ctx.drop_word(own);
    world.end();
}

/// What is done to a set; `Keep` shares it, so that the next change is not in place.
#[derive(Clone, Debug)]
enum Action {
    Insert(i64),
    Remove(i64),
    Keep,
    First,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![
        6 => (0..60_i64).prop_map(Action::Insert),
        3 => (0..60_i64).prop_map(Action::Remove),
        1 => Just(Action::Keep),
        1 => Just(Action::First),
    ];
    proptest::collection::vec(action, 0..200)
}

fn listed(world: &mut World, set: Word) -> Vec<i64> {
    let vector = world.run("set-to-vector", &[set], &[world.set]);
    let items = crate::heap::vector::items(vector).map(u64::cast_signed).collect();
    world.ctx.drop_word(vector);
    items
}

proptest! {
    #[test]
    fn a_set_is_what_a_sorted_set_is(actions in actions()) {
        let mut world = World::new();
        let set = world.set;
        let mut own = world.run("set/empty", &[], &[set]);
        let mut model = BTreeSet::new();
        let mut kept: Vec<(Word, BTreeSet<i64>)> = Vec::new();
        for action in actions {
            match action {
                Action::Insert(n) => {
                    own = world.run("set/insert", &[own, n.cast_unsigned()], &[set]);
                    model.insert(n);
                }
                Action::Remove(n) => {
                    own = world.run("set/remove", &[own, n.cast_unsigned()], &[set]);
                    model.remove(&n);
                }
                Action::Keep => kept.push((dup(own), model.clone())),
                Action::First => {
                    let first = world.run("set/first", &[own], &[set, world.option_int]);
                    let shown = world.show(first, world.option_int);
                    let expected = model.first().map(|n| format!("(Some {n})"));
                    prop_assert_eq!(shown, expected.unwrap_or_else(|| "None".to_owned()));
                }
            }
        }
        kept.push((own, model));
        let (last, _) = kept[kept.len() - 1];
        for (word, model) in kept {
            prop_assert_eq!(listed(&mut world, word), model.iter().copied().collect::<Vec<_>>());
            if word != last {
                let both = world.run("set/union", &[dup(word), last], &[set]);
                let less = world.run("set/difference", &[both, last], &[set]);
                let part = world.run("set/subset?", &[less, word], &[set]);
                prop_assert_eq!(part, 1);
                world.ctx.drop_word(both);
                world.ctx.drop_word(less);
            }
            if word != last {
                world.ctx.drop_word(word);
            }
        }
        // Those that were kept at the end are the same map.
        while world.ctx.live() > 0 {
            world.ctx.drop_word(last);
        }
        world.end();
    }

    #[test]
    fn a_map_is_what_a_sorted_map_is(
        entries in proptest::collection::vec(("[a-c]{0,3}", any::<i64>()), 0..60),
        from in "[a-c]{0,2}",
        to in "[a-c]{0,2}",
    ) {
        let mut world = World::new();
        let map = world.map;
        let mut own = world.run("map/empty", &[], &[map]);
        let mut model = BTreeMap::new();
        for (key, value) in &entries {
            own = put(&mut world, own, key, *value);
            model.insert(key.clone(), *value);
        }
        let bounds = [world.text(&from), world.text(&to)];
        let part = world.run("map/between", &[own, bounds[0], bounds[1]], &[map]);
        let expected: Vec<String> = model
            .iter()
            .filter(|(key, _)| **key >= from && **key < to)
            .map(|(key, value)| format!("\"{key}\" {value}"))
            .collect();
        prop_assert_eq!(world.show(part, map), format!("{{{}}}", expected.join(" ")));
        let own = world.run("map/remove", &[own, bounds[0]], &[map]);
        model.remove(&from);
        prop_assert_eq!(world.run("map/size", &[own], &[]), model.len() as u64);
        for word in [own, bounds[0], bounds[1]] {
            world.ctx.drop_word(word);
        }
        world.end();
    }
}
