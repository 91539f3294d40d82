//! Bounds at given values: exact amounts. What a bound says of a shape is turned into a tree
//! without the parts that nothing is counted of, so that only what counts is looked at.

use super::poly::Bound;
use super::shape::{DEGREES, Shape, Slot};
use eclexia_base::Rational;
use eclexia_base::number::int;
use num_traits::Zero;

/// A value as far as sizes go.
pub enum Seen<'v, V> {
    Int(i64),
    Items(Box<dyn Iterator<Item = &'v V> + 'v>),
    /// A constructor by its index, and its fields.
    Data(u32, &'v [V]),
    Other,
}

/// What a call takes, by its arguments.
#[derive(Clone, Debug)]
pub struct Measure {
    constant: Rational,
    params: Vec<Part>,
}

/// Factors of a size n, linear and of n(n−1)/2.
type Factors = [Rational; DEGREES];

#[derive(Clone, Debug)]
enum Part {
    Nothing,
    Int(Factors),
    Vector(Factors, Box<Part>),
    /// Cells are constructors with a part of the type itself.
    Data(Factors, Vec<Vec<Field>>),
}

#[derive(Clone, Debug)]
enum Field {
    Same,
    Of(Part),
}

impl Measure {
    pub(super) fn of(bound: &Bound) -> Measure {
        let params = bound.params.iter().map(|(shape, amounts)| part(shape, amounts)).collect();
        Measure { constant: bound.constant.clone(), params }
    }

    /// Exactly, at the sizes of these arguments.
    pub fn at<'v, V>(&self, args: &[&'v V], see: fn(&'v V) -> Seen<'v, V>) -> Rational {
        let mut sum = self.constant.clone();
        let mut work: Vec<(&Part, &'v V)> = self.params.iter().zip(args.iter().copied()).collect();
        while let Some((part, value)) = work.pop() {
            match (part, see(value)) {
                (Part::Int(factors), Seen::Int(n)) => sum += at_size(factors, n),
                (Part::Vector(factors, item), Seen::Items(items)) => {
                    let mut n = 0;
                    for part in items {
                        n += 1;
                        if !matches!(**item, Part::Nothing) {
                            work.push((item, part));
                        }
                    }
                    sum += at_size(factors, n);
                }
                (Part::Data(factors, ctors), Seen::Data(..)) => {
                    sum += at_size(factors, cells(ctors, value, see, &mut work));
                }
                _ => {}
            }
        }
        sum
    }
}

/// Counts the cells of a value; what they hold is still to be measured.
fn cells<'m, 'v, V>(
    ctors: &'m [Vec<Field>],
    value: &'v V,
    see: fn(&'v V) -> Seen<'v, V>,
    work: &mut Vec<(&'m Part, &'v V)>,
) -> i64 {
    let (mut todo, mut n) = (vec![value], 0);
    while let Some(cell) = todo.pop() {
        let Seen::Data(index, parts) = see(cell) else { continue };
        let fields = ctors.get(index as usize).map_or(&[][..], Vec::as_slice);
        n += i64::from(fields.iter().any(|field| matches!(field, Field::Same)));
        for (field, part) in fields.iter().zip(parts) {
            match field {
                Field::Same => todo.push(part),
                Field::Of(Part::Nothing) => {}
                Field::Of(inner) => work.push((inner, part)),
            }
        }
    }
    n
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

/// Below zero there is no size.
fn at_size([linear, square]: &Factors, n: i64) -> Rational {
    let n = int(n.max(0));
    linear * &n + square * &n * (&n - int(1)) / int(2)
}
