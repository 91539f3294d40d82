//! Bounds as polynomials: in binomials for comparing, as text for people.
//!
//! `1 + 2n + n(n−1)/2` is 1·C(n,0) + 2·C(n,1) + 1·C(n,2). Binomials are never negative where `n` is
//! a natural number, so a bound is below a limit if its coefficients are.

use super::shape::{DEGREES, Shape, Slot};
use eclexia_base::number::{int, to_decimal, to_f64};
use eclexia_base::unit::{UnitTable, display};
use eclexia_base::{Dim, Name, Rational};
use eclexia_core::cost::{CostPoly, Resource, SizeOf};
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a function costs: a constant, and per parameter the coefficients of its shape.
#[derive(Clone, Debug)]
pub struct Bound {
    pub(super) constant: Rational,
    pub(super) params: Vec<(Rc<Shape>, Vec<Rational>)>,
}

/// A polynomial by size (`None`: the constant): coefficients of C(n,1), C(n,2), …
pub(super) type Binomials = Vec<(Option<SizeOf>, Vec<Rational>)>;

/// `None` when sizes are multiplied with each other.
pub(super) fn binomials(poly: &CostPoly) -> Option<Binomials> {
    let mut parts: BTreeMap<Option<SizeOf>, Vec<Rational>> = BTreeMap::new();
    for (monomial, amount) in &poly.terms {
        match monomial.as_slice() {
            [] => parts.entry(None).or_default().push(amount.clone()),
            [(size, power)] => {
                let own = parts.entry(Some(*size)).or_default();
                for (at, coefficient) in power_in_binomials(*power).into_iter().enumerate() {
                    if own.len() <= at {
                        own.push(Rational::zero());
                    }
                    own[at] += coefficient * amount;
                }
            }
            _ => return None,
        }
    }
    Some(parts.into_iter().collect())
}

/// nᵏ = Σ S(k,j)·j!·C(n,j): the coefficients for j from 1.
fn power_in_binomials(power: u32) -> Vec<Rational> {
    let mut stirling = vec![Rational::one()];
    for _ in 0..power {
        let mut next = vec![Rational::zero(); stirling.len() + 1];
        for (j, s) in stirling.iter().enumerate() {
            next[j] += s * int(j as i64);
            next[j + 1] += s;
        }
        stirling = next;
    }
    let mut factorial = Rational::one();
    let with_factorial = |(j, s): (usize, &Rational)| {
        factorial *= int(j.max(1) as i64);
        s * &factorial
    };
    stirling.iter().enumerate().map(with_factorial).skip(1).collect()
}

/// A limit where every size it mentions is one more than the variable: limits count sizes from one
/// on. Products of sizes are left out: a bound has none that could be compared with them.
pub(super) fn from_one(limit: &CostPoly) -> Binomials {
    let mut single = limit.clone();
    single.terms.retain(|monomial, _| monomial.len() <= 1);
    let mut constant = Rational::zero();
    let mut parts = Binomials::new();
    for (size, coefficients) in binomials(&single).unwrap_or_default() {
        let Some(size) = size else {
            constant += &coefficients[0];
            continue;
        };
        // C(1+m, k) = C(m, k) + C(m, k−1)
        constant += &coefficients[0];
        let next = coefficients.iter().skip(1).cloned().chain([Rational::zero()]);
        let shifted = coefficients.iter().zip(next).map(|(own, next)| own + next).collect();
        parts.push((Some(size), shifted));
    }
    parts.push((None, vec![constant]));
    parts
}

/// What a limit allows per degree for a parameter; `None`: it does not mention it.
pub(super) fn allowed(parts: &Binomials, param: u32) -> Option<Vec<Rational>> {
    let of = |size: &SizeOf| matches!(size, SizeOf::Size(i) | SizeOf::Value(i) if *i == param);
    let mut sum = vec![Rational::zero(); DEGREES];
    let mut is_mentioned = false;
    for (size, coefficients) in parts {
        if size.as_ref().is_some_and(of) {
            is_mentioned = true;
            sum.iter_mut().zip(coefficients).for_each(|(s, c)| *s += c);
        }
    }
    is_mentioned.then_some(sum)
}

/// An amount of a resource as text: `15J`, `3`, `1KiB`.
pub(crate) fn amount(value: &Rational, of: Resource) -> String {
    if of.dim() == Dim::ONE {
        return to_decimal(value, 6);
    }
    let _ = of;
    display(to_f64(value), of.dim(), UnitTable::language())
}

/// A sum being written, and the letters it uses.
struct Writer<'n> {
    of: Resource,
    terms: Vec<(usize, String)>,
    legend: Vec<String>,
    letters: Vec<String>,
    taken: &'n [Option<Name>],
}

impl Bound {
    pub fn is_zero(&self) -> bool {
        self.constant.is_zero() && self.is_constant()
    }

    pub fn is_constant(&self) -> bool {
        self.params.iter().all(|(_, amounts)| amounts.iter().all(Zero::is_zero))
    }

    pub fn constant(&self) -> &Rational {
        &self.constant
    }

    /// The bound at given sizes of parameters, where no other sizes occur in it.
    pub fn at(&self, sizes: &[i64]) -> Option<Rational> {
        let mut sum = self.constant.clone();
        for ((_, amounts), n) in self.params.iter().zip(sizes) {
            let n = (*n).max(0);
            for (i, amount) in amounts.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
                match i {
                    0 => sum += amount * int(n),
                    1 => sum += amount * int(n) * int(n - 1) / int(2),
                    _ => return None,
                }
            }
        }
        Some(sum)
    }

    /// `1 + 2n + n(n−1)/2`, and what the letters are: `n = (size xs)`.
    pub fn show(&self, of: Resource, names: &[Option<Name>]) -> (String, Vec<String>) {
        let mut writer =
            Writer { of, terms: Vec::new(), legend: Vec::new(), letters: Vec::new(), taken: names };
        if !self.constant.is_zero() || self.is_constant() {
            writer.terms.push((0, amount(&self.constant, of)));
        }
        for (i, (shape, amounts)) in self.params.iter().enumerate() {
            let name = names.get(i).copied().flatten();
            let name = name.map_or_else(|| format!("argument {}", i + 1), |n| n.to_string());
            writer.shape(shape, amounts, &name, 0);
        }
        writer.terms.sort_by_key(|(degree, _)| *degree);
        let terms: Vec<String> = writer.terms.into_iter().map(|(_, text)| text).collect();
        (terms.join(" + "), writer.legend)
    }
}

impl Writer<'_> {
    fn shape(&mut self, shape: &Shape, amounts: &[Rational], name: &str, depth: usize) {
        match shape {
            Shape::Opaque | Shape::Fn(_) => {}
            Shape::Int => self.size(amounts, name, true, depth),
            Shape::Vector(item) => {
                let (own, rest) = amounts.split_at(DEGREES);
                self.size(own, name, false, depth);
                self.shape(item, rest, &format!("each element of {name}"), depth + 1);
            }
            Shape::Data { is_recursive, ctors, .. } => {
                if *is_recursive {
                    self.size(&amounts[..DEGREES], name, false, depth);
                }
                let inside = match is_recursive {
                    true => format!("each element of {name}"),
                    false => format!("what {name} holds"),
                };
                for (index, fields) in ctors.iter().enumerate() {
                    for (field, slot) in fields.iter().enumerate() {
                        let Slot::Of(part) = slot else { continue };
                        let at = shape.offset(index, field);
                        let own = &amounts[at..at + part.width()];
                        self.shape(part, own, &inside, depth + usize::from(*is_recursive));
                    }
                }
            }
        }
    }

    fn size(&mut self, amounts: &[Rational], name: &str, is_int: bool, depth: usize) {
        if amounts.iter().all(Zero::is_zero) {
            return;
        }
        let letter = if is_int && depth == 0 && !name.contains(' ') {
            name.to_owned()
        } else {
            let letter = self.letter();
            let size = if name.contains(' ') {
                format!("the size of {name}")
            } else {
                format!("(size {name})")
            };
            self.legend.push(format!("{letter} = {size}"));
            letter
        };
        let sum = if depth > 0 { "Σ" } else { "" };
        let n = if letter.chars().count() == 1 { letter.clone() } else { format!("·{letter}") };
        for (degree, by) in amounts.iter().enumerate().filter(|(_, by)| !by.is_zero()) {
            let text = if degree == 0 {
                let factor = self.factor(by, &n);
                format!("{factor}{sum}{}", if factor.is_empty() { &letter } else { &n })
            } else {
                self.square(by, &letter, sum)
            };
            self.terms.push((degree + 1, text));
        }
    }

    fn factor(&self, by: &Rational, next: &str) -> String {
        if self.of.dim() == Dim::ONE && by.is_one() {
            return String::new();
        }
        let text = amount(by, self.of);
        let ends_in_letter = text.ends_with(char::is_alphabetic);
        let dot = if ends_in_letter && !next.starts_with('·') { "·" } else { "" };
        format!("{text}{dot}")
    }

    /// `n(n−1)/2`, twice it `n(n−1)`.
    fn square(&self, by: &Rational, n: &str, sum: &str) -> String {
        let half = by / int(2);
        if half.is_integer() || self.of.dim() != Dim::ONE {
            let by = if self.of.dim() == Dim::ONE { half.clone() } else { half };
            let factor = self.factor(&by, "n");
            return format!("{factor}{sum}{n}({n}−1)");
        }
        format!("{}{sum}{n}({n}−1)/2", self.factor(by, "n"))
    }

    fn letter(&mut self) -> String {
        let letters = ["n", "m", "k", "l", "p", "q", "r", "s", "t", "u", "v", "w"];
        let is_free = |l: &&str| {
            !self.letters.iter().any(|used| used == l)
                && !self.taken.iter().flatten().any(|name| *name == **l)
        };
        let letter = letters.into_iter().find(is_free).unwrap_or("z").to_owned();
        self.letters.push(letter.clone());
        letter
    }
}

/// Whether every coefficient is at least zero.
pub(super) fn is_sound(bound: &Bound) -> bool {
    let all = bound.params.iter().flat_map(|(_, amounts)| amounts);
    all.chain([&bound.constant]).all(|a| !a.is_negative())
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::number::ratio;

    #[test]
    fn powers_are_sums_of_binomials() {
        assert_eq!(power_in_binomials(1), [int(1)]);
        assert_eq!(power_in_binomials(2), [int(1), int(2)]);
        assert_eq!(power_in_binomials(3), [int(1), int(6), int(6)]);
    }

    #[test]
    fn bounds_read_as_people_write_them() {
        let list = Shape::Data {
            ty: eclexia_core::core::TypeId(0),
            is_recursive: true,
            ctors: vec![vec![], vec![Slot::Of(Rc::new(Shape::Opaque)), Slot::Same]],
        };
        let names = [Some(Name::new("xs"))];
        let show = |constant: Rational, linear: Rational, square: Rational, of| {
            let params = vec![(Rc::new(list.clone()), vec![linear, square])];
            Bound { constant, params }.show(of, &names)
        };
        let (text, legend) = show(int(1), int(2), int(1), Resource::Steps);
        assert_eq!(text, "1 + 2n + n(n−1)/2");
        assert_eq!(legend, ["n = (size xs)"]);
        assert_eq!(show(int(0), int(1), int(4), Resource::Steps).0, "n + 2n(n−1)");
        assert_eq!(show(int(0), int(15), int(0), Resource::Energy).0, "15J·n");
        assert_eq!(show(int(0), ratio(1, 2), int(0), Resource::Steps).0, "0.5n");
        assert_eq!(show(int(0), int(0), int(0), Resource::Time).0, "0s");
    }
}
