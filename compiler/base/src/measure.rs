//! Bounds at given values: exact amounts. A bound is a tree over the shape of each argument,
//! without the parts that nothing is counted of, so that only what counts is looked at.

use crate::Rational;
use crate::number::int;

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
    pub constant: Rational,
    pub params: Vec<Part>,
}

/// Factors of a size n, linear and of n(n−1)/2.
pub type Factors = [Rational; 2];

#[derive(Clone, Debug)]
pub enum Part {
    Nothing,
    Int(Factors),
    Vector(Factors, Box<Part>),
    /// Cells are constructors with a part of the type itself.
    Data(Factors, Vec<Vec<Field>>),
}

#[derive(Clone, Debug)]
pub enum Field {
    Same,
    Of(Part),
}

impl Measure {
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

/// Below zero there is no size.
fn at_size([linear, square]: &Factors, n: i64) -> Rational {
    let n = int(n.max(0));
    linear * &n + square * &n * (&n - int(1)) / int(2)
}
