//! Vectors: in place when unique, else copied; faults as the built-ins say them.

use super::World;
use crate::heap::cell::{Word, dup};
use crate::heap::vector;

#[test]
fn a_unique_vector_changes_in_place_and_a_shared_one_is_copied() {
    let mut world = World::new();
    let vector = world.ints(&[1, 2, 3]);
    let same = world.run("vector/set", &[vector, 0, 9], &[]);
    assert_eq!(same, vector);
    dup(vector);
    let other = world.run("vector/set", &[vector, 1, 8], &[]);
    assert_ne!(other, vector);
    assert_eq!(world.show(vector, world.ints), "[9 2 3]");
    assert_eq!(world.show(other, world.ints), "[9 8 3]");
    world.end();
}

#[test]
fn every_operation_gives_what_the_built_in_gives() {
    let mut world = World::new();
    let ints = world.ints;
    let v = world.ints(&[1, 2, 3, 4]);
    let v = world.run("vector/push-front", &[v, 0], &[]);
    let v = world.run("vector/insert-at", &[v, 5, 7], &[]);
    let v = world.run("vector/remove-at", &[v, 1], &[]);
    let v = world.run("vector/reverse", &[v], &[]);
    assert_eq!(world.run("vector-length", &[v], &[]), 5);
    dup(v);
    let part = world.run("vector/slice", &[v, 1, 3], &[]);
    assert_eq!(world.show(part, ints), "[4 3]");
    let more = dup(v);
    let v = world.run("vector/append", &[v, more], &[]);
    world.ctx.drop_word(more);
    let v = world.run("vector/slice", &[v, 3, 99], &[]);
    assert_eq!(world.show(v, ints), "[2 0 7 4 3 2 0]");
    let some = world.ints(&[5]);
    let found = world.run("vector/get", &[some, 0], &[world.option_int]);
    assert_eq!(world.show(found, world.option_int), "(Some 5)");
    let none = world.run("vector/get", &[some, 1], &[world.option_int]);
    assert_eq!(world.show(none, world.option_int), "None");
    let list = world.run("vector-to-list", &[some], &[world.list]);
    let back = world.run("vector-from-list", &[list], &[ints]);
    assert_eq!(world.show(list, world.list), "(list 5)");
    assert_eq!(world.show(back, ints), "[5]");
    world.ctx.drop_word(some);
    world.end();
}

/// A vector of one text, so often; the text stays the caller's.
fn filled(world: &mut World, text: Word, count: usize) -> Word {
    let mut v = world.run("vector-new", &[2], &[world.strings]);
    for _ in 0..count {
        v = world.run("vector-push", &[v, dup(text)], &[]);
    }
    v
}

#[test]
fn references_in_vectors_are_counted() {
    let mut world = World::new();
    let text = world.text("some text that is longer than a slice");
    let v = filled(&mut world, text, 40);
    dup(v);
    let shared = world.run("vector/set", &[v, 3, dup(text)], &[]);
    let got = world.run("vector-get", &[shared, 3], &[]);
    world.ctx.drop_word(got);
    let short = world.run("vector/slice", &[shared, 2, 4], &[]);
    world.ctx.drop_word(short);
    let out = world.run("vector/set", &[v, 40, text], &[]);
    assert_eq!(out, 1);
    let fault = world.fault();
    assert_eq!(fault, "Fault(Abort(\"no element 40 to set in a vector of 40\"))");
    world.end();
}

#[test]
fn vectors_of_bools_are_bytes() {
    let mut world = World::new();
    let mut v = world.run("vector-new", &[0], &[world.bools]);
    for i in 0..100 {
        v = world.run("vector-push", &[v, u64::from(i % 3 == 0)], &[]);
    }
    assert_eq!(vector::capacity(v) % 8, 0);
    let v = world.run("vector/slice", &[v, 0, 4], &[]);
    assert_eq!(world.show(v, world.bools), "[true false false true]");
    world.end();
}

#[test]
fn an_index_outside_is_a_fault() {
    let mut world = World::new();
    let v = world.ints(&[1]);
    world.run("vector-get", &[v, (-1i64).cast_unsigned()], &[]);
    assert_eq!(world.fault(), "Fault(Abort(\"no element -1 to get in a vector of 1\"))");
    world.run("vector/insert-at", &[v, 2, 0], &[]);
    assert_eq!(world.fault(), "Fault(Abort(\"no place 2 to insert at in a vector of 1\"))");
    world.end();
}

#[test]
fn a_vector_that_loses_its_first_elements_keeps_its_memory() {
    let mut world = World::new();
    let all: Vec<i64> = (0..40).collect();
    let mut v = world.ints(&all);
    let memory = world.ctx.allocations;
    for left in (1..40).rev() {
        v = world.run("vector/slice", &[v, 1, 100], &[]);
        assert_eq!(vector::length(v), left as usize);
        assert_eq!(vector::get(v, 0), 40 - left);
    }
    // As a queue: what is pushed goes where the first ones were.
    for i in 40..400u64 {
        v = world.run("vector-push", &[v, i], &[]);
        v = world.run("vector/remove-at", &[v, 0], &[]);
        assert_eq!((vector::length(v), vector::get(v, 0)), (1, i));
    }
    assert_eq!(world.ctx.allocations, memory);
    assert!(vector::capacity(v) <= 64, "{}", vector::capacity(v));
    v = world.run("vector/slice", &[v, 1, 1], &[]);
    assert_eq!(world.show(v, world.ints), "[]");
    world.end();
}

#[test]
fn references_of_a_vector_that_is_taken_apart_are_counted() {
    let mut world = World::new();
    let text = world.text("some text that is longer than a slice");
    let mut v = filled(&mut world, text, 9);
    v = world.run("vector/slice", &[v, 2, 8], &[]);
    let whole = dup(v);
    v = world.run("vector/slice", &[v, 1, 6], &[]);
    assert_eq!((vector::length(whole), vector::length(v)), (6, 5));
    v = world.run("vector/slice", &[v, 1, 6], &[]);
    v = world.run("vector-push", &[v, text], &[]);
    v = world.run("vector/reverse", &[v], &[]);
    world.ctx.drop_word(whole);
    assert_eq!(vector::length(v), 5);
    world.ctx.drop_word(v);
    world.end();
}
