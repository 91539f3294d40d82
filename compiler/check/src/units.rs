//! Units of measure: unification in the free abelian group over base dimensions (Kennedy 1996).
//!
//! 1. To make u equal to v, solve e = u·v⁻¹ = 1.
//! 2. No variable left in e: solved when e is 1, else impossible.
//! 3. Take the variable x of the smallest exponent k (by magnitude). If every other exponent,
//!    of variables and of constants, is a multiple of k, then x is their product to the −1/k: done.
//! 4. If x is the only variable, there is no solution.
//! 5. Else x := x′ · Πyᵢ^−⌊kᵢ/k⌋ with x′ fresh leaves every other exponent kᵢ mod k; back to 2.
//!
//! Rigid variables (of a signature) are constants. Exponents are clamped, so nothing overflows.

use crate::ty::{TyVar, UnitTy};
use eclexia_base::{Dim, Name};

/// Larger exponents than this are not meaningful; arithmetic stops there.
const MAX_EXPONENT: i32 = 1_000_000;

/// A product: a constant dimension and variables with exponents, sorted by variable, none zero.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unit {
    pub dim: Dim,
    pub vars: Vec<(u32, i32)>,
}

#[derive(Clone, Debug)]
enum State {
    Free,
    Rigid(TyVar),
    Bound(Unit),
}

/// The unit variables of a binding group.
#[derive(Default, Debug)]
pub(crate) struct Units {
    vars: Vec<State>,
}

impl Unit {
    pub const ONE: Unit = Unit { dim: Dim::ONE, vars: Vec::new() };

    pub fn constant(dim: Dim) -> Unit {
        Unit { dim, vars: Vec::new() }
    }

    pub fn var(var: u32) -> Unit {
        Unit { dim: Dim::ONE, vars: vec![(var, 1)] }
    }

    pub fn times(&self, other: &Unit) -> Unit {
        let mut vars = self.vars.clone();
        for (var, exponent) in &other.vars {
            match vars.binary_search_by_key(var, |(v, _)| *v) {
                Ok(at) => vars[at].1 = clamp(vars[at].1, *exponent),
                Err(at) => vars.insert(at, (*var, *exponent)),
            }
        }
        vars.retain(|(_, exponent)| *exponent != 0);
        let dim = if self.dim == Dim::ONE { other.dim } else { self.dim.times(other.dim) };
        Unit { dim, vars }
    }

    pub fn pow(&self, n: i32) -> Unit {
        if n == 0 {
            return Unit::ONE;
        }
        let power = |e: i32| e.saturating_mul(n).clamp(-MAX_EXPONENT, MAX_EXPONENT);
        let dim = if self.dim == Dim::ONE { Dim::ONE } else { self.dim.pow(n) };
        Unit { dim, vars: self.vars.iter().map(|(v, e)| (*v, power(*e))).collect() }
    }

    pub fn over(&self, other: &Unit) -> Unit {
        self.times(&other.pow(-1))
    }
}

fn clamp(a: i32, b: i32) -> i32 {
    a.saturating_add(b).clamp(-MAX_EXPONENT, MAX_EXPONENT)
}

impl Units {
    pub fn clear(&mut self) {
        self.vars.clear();
    }

    pub fn fresh(&mut self) -> u32 {
        self.vars.push(State::Free);
        self.vars.len() as u32 - 1
    }

    pub fn rigid(&mut self, var: TyVar) -> u32 {
        self.vars.push(State::Rigid(var));
        self.vars.len() as u32 - 1
    }

    pub fn rigid_name(&self, var: u32) -> Option<TyVar> {
        match &self.vars[var as usize] {
            State::Rigid(var) => Some(*var),
            _ => None,
        }
    }

    /// With the variables solved so far replaced.
    pub fn normal(&self, unit: &Unit) -> Unit {
        let is_bound = |v: &(u32, i32)| matches!(self.vars[v.0 as usize], State::Bound(_));
        if !unit.vars.iter().any(is_bound) {
            return unit.clone();
        }
        let mut result = Unit::constant(unit.dim);
        for (var, exponent) in &unit.vars {
            let factor = match &self.vars[*var as usize] {
                State::Bound(value) => self.normal(value),
                _ => Unit::var(*var),
            };
            result = result.times(&factor.pow(*exponent));
        }
        result
    }

    /// Whether the two can be made equal; solves variables so that they are.
    pub fn unify(&mut self, u: &Unit, v: &Unit) -> bool {
        let (u, v) = (self.normal(u), self.normal(v));
        u == v || self.solve(u.over(&v))
    }

    fn is_free(&self, var: u32) -> bool {
        matches!(self.vars[var as usize], State::Free)
    }

    fn solve(&mut self, mut equation: Unit) -> bool {
        loop {
            let free = equation.vars.iter().filter(|(v, _)| self.is_free(*v));
            let Some(&(x, k)) = free.clone().min_by_key(|(_, e)| e.unsigned_abs()) else {
                return equation == Unit::ONE;
            };
            let alone = free.count() == 1;
            let rest = equation.over(&Unit { dim: Dim::ONE, vars: vec![(x, k)] });
            let dims = rest.dim.exponents().iter().map(|(_, e)| *e);
            let mut exponents = rest.vars.iter().map(|(_, e)| *e).chain(dims);
            if exponents.all(|e| e.wrapping_rem(k) == 0) {
                let value = rest.map(|e| e.wrapping_div(k).saturating_neg());
                self.vars[x as usize] = State::Bound(value);
                return true;
            }
            if alone {
                return false;
            }
            let fresh = self.fresh();
            let shift = rest.map(|e| floor_div(e, k).saturating_neg());
            self.vars[x as usize] = State::Bound(Unit::var(fresh).times(&shift));
            equation = self.normal(&equation);
        }
    }

    /// The printable form; `name` gives the variable of a unit variable that is not rigid.
    pub fn freeze(&self, unit: &Unit, mut name: impl FnMut(u32) -> TyVar) -> UnitTy {
        let unit = self.normal(unit);
        let named = unit.vars.iter().map(|(v, e)| match &self.vars[*v as usize] {
            State::Rigid(var) => (*var, *e),
            _ => (name(*v), *e),
        });
        UnitTy { dim: unit.dim, vars: named.collect() }
    }
}

impl Unit {
    fn map(&self, change: impl Fn(i32) -> i32) -> Unit {
        let dims: Vec<(Name, i32)> =
            self.dim.exponents().iter().map(|(b, e)| (*b, change(*e))).collect();
        let mut vars: Vec<(u32, i32)> = self.vars.iter().map(|(v, e)| (*v, change(*e))).collect();
        vars.retain(|(_, e)| *e != 0);
        Unit { dim: Dim::new(dims), vars }
    }
}

fn floor_div(a: i32, b: i32) -> i32 {
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && ((a < 0) != (b < 0)) { quotient - 1 } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(parts: &[(u32, i32)], dim: Dim) -> Unit {
        parts.iter().fold(Unit::constant(dim), |unit, (v, e)| unit.times(&Unit::var(*v).pow(*e)))
    }

    #[test]
    fn a_solution_makes_both_sides_equal() {
        let (j, s) = (Dim::base("J"), Dim::base("s"));
        for k in 1..5 {
            for m in -4i32..5 {
                let mut units = Units::default();
                let (x, y) = (units.fresh(), units.fresh());
                let left = product(&[(x, k), (y, m)], Dim::ONE);
                let right = Unit::constant(j.over(s.pow(2)));
                if units.unify(&left, &right) {
                    assert_eq!(units.normal(&left), right, "x^{k} * y^{m}");
                } else {
                    assert!(k > 1 && m.abs() != 1, "x^{k} * y^{m} has a solution");
                }
            }
        }
    }

    #[test]
    fn elimination_finds_solutions_that_need_several_steps() {
        let mut units = Units::default();
        let (x, y) = (units.fresh(), units.fresh());
        // x^2 * y^3 = J has the solution x = J^-1, y = J.
        let left = product(&[(x, 2), (y, 3)], Dim::ONE);
        let right = Unit::constant(Dim::base("J"));
        assert!(units.unify(&left, &right));
        assert_eq!(units.normal(&left), right);
    }

    #[test]
    fn a_square_root_of_a_unit_does_not_exist() {
        let mut units = Units::default();
        let x = units.fresh();
        assert!(!units.unify(&Unit::var(x).pow(2), &Unit::constant(Dim::base("J"))));
        assert!(units.unify(&Unit::var(x).pow(2), &Unit::constant(Dim::base("J").pow(2))));
    }

    #[test]
    fn rigid_variables_are_constants() {
        let mut units = Units::default();
        let u = units.rigid(TyVar { index: 0, name: Name::new("u") });
        let v = units.rigid(TyVar { index: 1, name: Name::new("v") });
        let x = units.fresh();
        assert!(!units.unify(&Unit::var(u), &Unit::var(v)));
        assert!(!units.unify(&Unit::var(u), &Unit::ONE));
        assert!(units.unify(&Unit::var(u).times(&Unit::var(x)), &Unit::var(v)));
        assert_eq!(units.normal(&Unit::var(x)), Unit::var(v).over(&Unit::var(u)));
    }

    #[test]
    fn units_form_an_abelian_group() {
        let mut units = Units::default();
        let (x, y) = (Unit::var(units.fresh()), Unit::var(units.fresh()));
        let z = Unit::constant(Dim::base("J"));
        assert_eq!(x.times(&y), y.times(&x));
        assert_eq!(x.times(&y).times(&z), x.times(&y.times(&z)));
        assert_eq!(x.over(&x), Unit::ONE);
        assert_eq!(x.times(&y).pow(-2), x.pow(-2).times(&y.pow(-2)));
        assert_eq!(x.pow(0), Unit::ONE);
    }
}
