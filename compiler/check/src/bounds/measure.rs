//! What a bound says of shapes, turned into a tree that values are measured with.

use super::poly::Bound;
use super::shape::{DEGREES, Shape, Slot};
use eclexia_base::Rational;
use eclexia_base::measure::{Field, Measure, Part};
use eclexia_base::number::int;
use num_traits::Zero;

pub(super) fn of(bound: &Bound) -> Measure {
    let params = bound.params.iter().map(|(shape, amounts)| part(shape, amounts)).collect();
    Measure { constant: bound.constant.clone(), params }
}

fn part(shape: &Shape, amounts: &[Rational]) -> Part {
    if amounts.iter().all(Zero::is_zero) {
        return Part::Nothing;
    }
    let factors = || [0, 1].map(|at| amounts.get(at).cloned().unwrap_or_default());
    match shape {
        Shape::Opaque | Shape::Fn(_) => Part::Nothing,
        Shape::Int => Part::Int(factors()),
        Shape::Vector(item) => Part::Vector(factors(), Box::new(part(item, &amounts[DEGREES..]))),
        Shape::Data { is_recursive, ctors, .. } => {
            let field = |(index, at, slot): (usize, usize, &Slot)| match slot {
                Slot::Same => Field::Same,
                Slot::Of(inner) => {
                    let from = shape.offset(index, at);
                    Field::Of(part(inner, &amounts[from..from + inner.width()]))
                }
            };
            let fields = |(index, slots): (usize, &Vec<Slot>)| {
                slots.iter().enumerate().map(|(at, slot)| field((index, at, slot))).collect()
            };
            let own = if *is_recursive { factors() } else { [int(0), int(0)] };
            Part::Data(own, ctors.iter().enumerate().map(fields).collect())
        }
    }
}
