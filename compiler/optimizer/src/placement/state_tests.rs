//! What the search makes small, where that can be told by hand.

use super::by_hand::instance;
use super::state::{Prices, State};
use super::tables::Tables;

/// Two machines with so many pods each.
fn placed<'t>(tables: &'t Tables, pods: [u32; 2], is_gathering: bool) -> State<'t> {
    let mut state = State::new(tables, Prices::new(tables, &[]), vec![0]);
    state.is_gathering = is_gathering;
    state.begin();
    for count in pods {
        let n = state.open(0);
        state.put(n, &[(0, count)], 0, 1.0);
    }
    state
}

#[test]
fn room_counts_for_more_where_it_is_in_one_place() {
    let instance = instance(&[8], &[(4, 2)]);
    let tables = Tables::new(&instance);
    let of = |pods, is_gathering| {
        let state = placed(&tables, pods, is_gathering);
        assert!(state.is_feasible());
        assert!((state.value() - 2.0).abs() < 1e-12);
        state.weight()
    };
    assert!((of([2, 2], false) - of([3, 1], false)).abs() < 1e-12);
    assert!(of([3, 1], true) < of([2, 2], true) - 1e-3);
}

#[test]
fn room_is_had_back_and_is_the_same_when_it_is_counted_again() {
    let instance = instance(&[8], &[(4, 2)]);
    let tables = Tables::new(&instance);
    let mut state = placed(&tables, [3, 1], true);
    let before = state.weight();
    state.begin();
    state.take(0, |_| true);
    let n = state.open(0);
    state.put(n, &[(0, 3)], 0, 1.0);
    state.take(1, |_| true);
    assert!(state.weight() > before + 1e-3);
    state.undo();
    assert!((state.weight() - before).abs() < 1e-12);
    state.recount();
    assert!((state.weight() - before).abs() < 1e-12);
}
