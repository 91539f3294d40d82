//! Coverage against enumeration: on small types, trying every value says the same.

use super::matrix::{Matrix, P};
use eclexia_core::core::{Literal, Program};
use proptest::prelude::*;

/// Vectors of at most three Booleans stand for values; longer ones behave like those of three.
type Value = Vec<bool>;

fn values() -> Vec<Value> {
    let mut all: Vec<Value> = vec![Vec::new()];
    for length in 1..=4u32 {
        for bits in 0..(1u32 << length) {
            all.push((0..length).map(|i| bits & (1 << i) != 0).collect());
        }
    }
    all
}

fn matches(p: &P, value: &[bool]) -> bool {
    let item = |p: &P, b: bool| match p {
        P::Any => true,
        P::Literal(Literal::Bool(x)) => *x == b,
        _ => false,
    };
    match p {
        P::Any => true,
        P::Vector { items, open } => {
            (items.len() == value.len() || (*open && items.len() < value.len()))
                && items.iter().zip(value).all(|(p, b)| item(p, *b))
        }
        _ => false,
    }
}

fn pattern() -> impl Strategy<Value = P> {
    let item = prop_oneof![Just(P::Any), any::<bool>().prop_map(|b| P::Literal(Literal::Bool(b))),];
    let vector = (prop::collection::vec(item, 0..4), any::<bool>())
        .prop_map(|(items, open)| P::Vector { items, open });
    prop_oneof![1 => Just(P::Any), 9 => vector]
}

proptest! {
    #[test]
    fn coverage_agrees_with_trying_every_value(rows in prop::collection::vec(pattern(), 0..7)) {
        let program = Program::default();
        let mut matrix = Matrix::new(&program);
        for (i, row) in rows.iter().enumerate() {
            let before = &rows[..i];
            let useful = values()
                .iter()
                .any(|v| matches(row, v) && !before.iter().any(|r| matches(r, v)));
            prop_assert_eq!(matrix.is_useful(row), Some(useful));
            matrix.add(row);
        }
        let covered = values().iter().all(|v| rows.iter().any(|r| matches(r, v)));
        prop_assert_eq!(matrix.missing().is_none(), covered);
        // An arm for each kind that is missing gets some value, and together they leave none.
        let kinds = matrix.all_missing(usize::MAX).into_iter().map(|kind| kind.pattern());
        let mut left: Vec<Value> = values();
        left.retain(|v| !rows.iter().any(|r| matches(r, v)));
        for kind in kinds {
            let before = left.len();
            left.retain(|v| !matches(&kind, v));
            prop_assert!(left.len() < before, "{kind:?}");
        }
        prop_assert!(left.is_empty(), "{left:?}");
    }
}
