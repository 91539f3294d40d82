//! Cells: made, shared, dropped, used again.

use super::World;
use crate::heap::Limits;
use crate::heap::cell::{dup, field, immediate, info, set_field};
use crate::layout::FIRST_LAYOUT;
use crate::stop::Stop;
use crate::support::{Arithmetic, ecl_arithmetic_fault, ecl_global_begin, ecl_global_set};
use eclexia_base::Name;

fn cons(world: &World) -> u32 {
    let ctors = world.ctx.host.shapes.get(world.list).ctors();
    FIRST_LAYOUT + ctors[1].layout.expect("a cell").0
}

#[test]
fn a_list_of_a_million_is_dropped_without_recursion() {
    let mut world = World::new();
    let info = cons(&world);
    let mut list = immediate(0);
    for i in 0..1_000_000 {
        let cell = world.ctx.alloc(2, info);
        set_field(cell, 0, i);
        set_field(cell, 1, list);
        list = cell;
    }
    assert_eq!(world.ctx.live(), 1_000_000);
    dup(list);
    world.ctx.drop_word(list);
    assert_eq!(world.ctx.live(), 1_000_000);
    world.ctx.drop_word(list);
    assert_eq!(world.ctx.allocations, 1_000_000);
    world.end();
}

#[test]
fn the_memory_of_a_token_is_used_again() {
    let mut world = World::new();
    let which = cons(&world);
    let inner = world.ctx.alloc(2, which);
    set_field(inner, 0, 1);
    set_field(inner, 1, immediate(0));
    let outer = world.ctx.alloc(2, which);
    set_field(outer, 0, 2);
    set_field(outer, 1, inner);
    let token = world.ctx.copy_words(outer);
    assert_eq!((field(token, 0), field(token, 1), info(token)), (2, inner, which));
    assert_eq!((world.ctx.live(), world.ctx.allocations), (3, 3));
    world.ctx.free_token(token);
    world.ctx.free_token(0);
    let again = world.ctx.alloc(2, which);
    assert_eq!(again, token);
    set_field(again, 1, immediate(0));
    world.ctx.drop_word(again);
    world.ctx.drop_word(outer);
    world.end();
}

#[test]
fn large_cells_and_what_a_run_left_behind_are_given_back() {
    let mut world = World::new();
    let vector = world.ints(&(0..100).collect::<Vec<_>>());
    let _left = world.ints(&(0..1000).collect::<Vec<_>>());
    assert_eq!(world.ctx.live(), 2);
    world.ctx.drop_word(vector);
    assert_eq!(world.ctx.finish(), 1);
    world.ctx.host.was_left = true;
}

#[test]
fn steps_are_counted_exactly_up_to_the_limit() {
    let mut world = World::new();
    world.ctx.set_limits(Limits { max_steps: 50_000, ..Limits::default() });
    let step = |world: &mut World| {
        world.ctx.fuel -= 1;
        if world.ctx.fuel < 0 {
            world.ctx.refuel();
        }
        world.ctx.pending == 0
    };
    for i in 0..50_000 {
        assert!(step(&mut world), "step {i}");
        assert_eq!(world.ctx.steps(), i + 1);
    }
    assert!(!step(&mut world));
    assert_eq!(world.ctx.take_stop(), Some(Stop::StepLimit));
    world.end();
}

#[test]
fn memory_is_limited_at_large_blocks_and_at_safe_points() {
    let mut world = World::new();
    world.ctx.set_limits(Limits { max_memory: 10 << 20, ..Limits::default() });
    let mut vector = world.ints(&[0; 8]);
    while world.ctx.pending == 0 {
        let twice = dup(vector);
        vector = world.run("vector/append", &[vector, twice], &[]);
        world.ctx.drop_word(twice);
    }
    assert_eq!(world.fault(), "MemoryLimit(10485760)");
    world.end();
}

#[test]
fn faults_of_arithmetic_read_as_those_of_the_built_ins() {
    let mut world = World::new();
    let max = i64::MAX.cast_unsigned();
    let cases = [
        (Arithmetic::Add, max, 1, "Fault(Overflow(\"(+ 9223372036854775807 1)\"))"),
        (Arithmetic::Negate, 1 << 63, 0, "Fault(Overflow(\"(- -9223372036854775808)\"))"),
        (Arithmetic::Mod, 7, 0, "Fault(DivisionByZero(\"(mod 7 0)\"))"),
        (Arithmetic::Floor, 1e19_f64.to_bits(), 0, "Fault(Overflow(\"(floor 1e19)\"))"),
    ];
    for (which, a, b, expected) in cases {
        ecl_arithmetic_fault(&mut world.ctx, which as u32, a, b);
        assert_eq!(world.fault(), expected);
    }
    world.end();
}

#[test]
fn a_constant_is_evaluated_once_and_may_not_need_itself() {
    let mut world = World::new();
    world.ctx.add_global(Name::new("c"), crate::layout::Rep::Ptr);
    assert_eq!(ecl_global_begin(&mut world.ctx, 0), 1);
    assert_eq!(ecl_global_begin(&mut world.ctx, 0), 2);
    assert_eq!(world.ctx.take_stop(), Some(Stop::ConstantCycle(Name::new("c"))));
    assert_eq!(ecl_global_begin(&mut world.ctx, 0), 1);
    let text = world.text("value");
    ecl_global_set(&mut world.ctx, 0, text);
    assert_eq!(ecl_global_begin(&mut world.ctx, 0), 0);
    world.end();
}
