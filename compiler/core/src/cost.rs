//! What a function may cost as its definition says it: a limit per resource, each a polynomial in
//! the sizes of parameters with exact coefficients in base units. Written, not yet checked: that a
//! parameter has a size, and that the limit holds, is `check`'s.

use eclexia_base::number::int;
use eclexia_base::{Dim, Rational, Span};
use num_traits::{One, Zero};
use std::collections::BTreeMap;

/// What can be limited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Resource {
    /// Rounds of recursion: the first call, and every recursive one.
    Calls,
    /// Calls of functions with a body, and rounds of loops: what the evaluator counts.
    Steps,
    /// Bytes of the cells that constructors and closures make.
    Alloc,
    /// Bytes held at one time; what is allocated bounds it.
    Memory,
    Energy,
    Time,
    Carbon,
}

impl Resource {
    pub const ALL: [Resource; 7] = [
        Resource::Calls,
        Resource::Steps,
        Resource::Alloc,
        Resource::Memory,
        Resource::Energy,
        Resource::Time,
        Resource::Carbon,
    ];

    /// The keyword that names it.
    pub fn name(self) -> &'static str {
        match self {
            Resource::Calls => "calls",
            Resource::Steps => "steps",
            Resource::Alloc => "alloc",
            Resource::Memory => "memory",
            Resource::Energy => "energy",
            Resource::Time => "time",
            Resource::Carbon => "carbon",
        }
    }

    pub fn named(name: &str) -> Option<Resource> {
        Resource::ALL.into_iter().find(|r| r.name() == name)
    }

    /// What it is measured in.
    pub fn dim(self) -> Dim {
        match self {
            Resource::Calls | Resource::Steps => Dim::ONE,
            Resource::Alloc | Resource::Memory => Dim::base("byte"),
            Resource::Energy => Dim::base("J"),
            Resource::Time => Dim::base("s"),
            Resource::Carbon => Dim::base("gCO2e"),
        }
    }

    /// An amount of it, for an example.
    pub fn example(self) -> &'static str {
        match self {
            Resource::Calls | Resource::Steps => "100",
            Resource::Alloc | Resource::Memory => "4KiB",
            Resource::Energy => "5J",
            Resource::Time => "10ms",
            Resource::Carbon => "2gCO2e",
        }
    }
}

/// What a polynomial is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SizeOf {
    /// `(size xs)` of the parameter at this position.
    Size(u32),
    /// The parameter itself, a natural number.
    Value(u32),
}

/// Variables with powers, ascending; empty for the constant term.
pub type Monomial = Vec<(SizeOf, u32)>;

/// Coefficients that are not zero, by monomial.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CostPoly {
    pub terms: BTreeMap<Monomial, Rational>,
}

/// Powers beyond it are refused, which keeps products small.
pub const MAX_DEGREE: u32 = 8;

impl CostPoly {
    pub fn constant(amount: Rational) -> CostPoly {
        CostPoly::term(Vec::new(), amount)
    }

    pub fn of(size: SizeOf) -> CostPoly {
        CostPoly::term(vec![(size, 1)], Rational::one())
    }

    fn term(monomial: Monomial, amount: Rational) -> CostPoly {
        let mut poly = CostPoly::default();
        poly.add_term(monomial, amount);
        poly
    }

    fn add_term(&mut self, monomial: Monomial, amount: Rational) {
        let sum = self.terms.remove(&monomial).unwrap_or_else(Rational::zero) + amount;
        if !sum.is_zero() {
            self.terms.insert(monomial, sum);
        }
    }

    pub fn plus(mut self, other: &CostPoly) -> CostPoly {
        for (monomial, amount) in &other.terms {
            self.add_term(monomial.clone(), amount.clone());
        }
        self
    }

    pub fn scaled(&self, by: &Rational) -> CostPoly {
        let mut poly = CostPoly::default();
        for (monomial, amount) in &self.terms {
            poly.add_term(monomial.clone(), amount * by);
        }
        poly
    }

    /// `None` past [`MAX_DEGREE`].
    pub fn times(&self, other: &CostPoly) -> Option<CostPoly> {
        let mut poly = CostPoly::default();
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let mut powers: BTreeMap<SizeOf, u32> = a.iter().copied().collect();
                for (size, power) in b {
                    *powers.entry(*size).or_insert(0) += power;
                }
                if powers.values().sum::<u32>() > MAX_DEGREE {
                    return None;
                }
                poly.add_term(powers.into_iter().collect(), x * y);
            }
        }
        Some(poly)
    }

    /// The amount, if no size is mentioned.
    pub fn as_constant(&self) -> Option<Rational> {
        match self.terms.len() {
            0 => Some(Rational::zero()),
            1 => self.terms.get(&Vec::new()).cloned(),
            _ => None,
        }
    }

    pub fn degree(&self) -> u32 {
        let of = |m: &Monomial| m.iter().map(|(_, power)| power).sum();
        self.terms.keys().map(of).max().unwrap_or(0)
    }

    /// The sizes it mentions, ascending.
    pub fn sizes(&self) -> Vec<SizeOf> {
        let mut sizes: Vec<SizeOf> = self.terms.keys().flatten().map(|(size, _)| *size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    pub fn eval(&self, size: &dyn Fn(SizeOf) -> Rational) -> Rational {
        let of = |(monomial, amount): (&Monomial, &Rational)| {
            let power = |(var, power): &(SizeOf, u32)| num_traits::pow(size(*var), *power as usize);
            monomial.iter().map(power).fold(amount.clone(), |product, x| product * x)
        };
        self.terms.iter().map(of).sum()
    }

    /// Whether it is a whole number wherever its sizes are; decided on a grid that determines a
    /// polynomial of its degree. Of many variables: not known, so no.
    pub fn is_whole(&self) -> bool {
        let (sizes, degree) = (self.sizes(), self.degree());
        if sizes.len() > 2 {
            return self.terms.values().all(Rational::is_integer);
        }
        let side = i64::from(degree) + 1;
        (0..side).all(|x| {
            (0..side).all(|y| {
                let at = |s: SizeOf| int(if sizes.first() == Some(&s) { x } else { y });
                self.eval(&at).is_integer()
            })
        })
    }
}

/// How a function's limits are held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CostMode {
    /// `check` proves them.
    #[default]
    Proved,
    /// `:metered`: the evaluator counts, and stops what exceeds them.
    Metered,
    /// `:trusted`: taken as declared.
    Trusted,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CostLimit {
    pub resource: Resource,
    pub bound: CostPoly,
    /// Of the limit as written.
    pub span: Span,
}

/// `:requires` with its mode, or the `:cost` of an extern.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CostDecl {
    pub limits: Vec<CostLimit>,
    pub mode: CostMode,
}

impl CostDecl {
    pub fn limit(&self, resource: Resource) -> Option<&CostLimit> {
        self.limits.iter().find(|limit| limit.resource == resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::number::ratio;

    #[test]
    fn polynomials_are_exact() {
        let n = CostPoly::of(SizeOf::Size(0));
        let pairs = n.times(&n.clone().plus(&CostPoly::constant(int(-1)))).expect("small");
        let pairs = pairs.scaled(&ratio(1, 2));
        assert!(pairs.is_whole());
        assert!(!n.scaled(&ratio(1, 2)).is_whole());
        assert_eq!(pairs.eval(&|_| int(6)), int(15));
        assert_eq!(CostPoly::constant(int(3)).as_constant(), Some(int(3)));
        assert_eq!(pairs.as_constant(), None);
    }
}
