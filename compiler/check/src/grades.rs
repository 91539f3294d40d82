//! Amounts during inference: sums c + Σ k·g over grade variables g, by exact rationals.
//!
//! 1. A variable of a signature is rigid: any amount from its lower bound on. One of a use of the
//!    signature is flexible: it is solved by the first equation it occurs in, and what it becomes
//!    must reach its bound.
//! 2. To make u equal to v, solve u − v = 0 for a flexible variable; without one, u − v must be 0.
//! 3. e ≥ 0 is *entailed* when it follows from the bounds of the rigid variables and from the
//!    hypotheses (amounts of parameters are never negative): the negation −e > 0 together with them
//!    has no solution, by Fourier–Motzkin elimination. That is complete over the rationals.
//! 4. A demand e ≥ 0 with flexible variables raises the bound of a single one, or waits.
//!
//! Grade variables are numbered with the unit variables, so that one list instantiates both.

use crate::units::Units;
use eclexia_base::number::int;
use eclexia_base::{FxHashMap, Rational};
use num_traits::{Signed, Zero};

/// Constraints beyond this many are not eliminated further: no signature has so many variables.
const MAX_CONSTRAINTS: usize = 400;

/// A constant and variables with factors, sorted by variable, none zero.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Linear {
    pub constant: Rational,
    pub vars: Vec<(u32, Rational)>,
}

#[derive(Default, Debug)]
pub(crate) struct Grades {
    least: FxHashMap<u32, Rational>,
    solved: FxHashMap<u32, Linear>,
    /// Sums of rigid variables that are known not to be negative.
    hypotheses: Vec<Linear>,
    /// Demands that wait for a flexible variable.
    pending: Vec<Linear>,
}

impl Linear {
    pub fn constant(constant: Rational) -> Linear {
        Linear { constant, vars: Vec::new() }
    }

    pub fn zero() -> Linear {
        Linear::constant(int(0))
    }

    pub fn is_zero(&self) -> bool {
        self.vars.is_empty() && self.constant.is_zero()
    }

    pub fn plus_scaled(&self, other: &Linear, factor: &Rational) -> Linear {
        let mut sum = self.clone();
        sum.constant += &other.constant * factor;
        for (var, k) in &other.vars {
            sum.add_var(*var, &(k * factor));
        }
        sum
    }

    pub fn add_var(&mut self, var: u32, factor: &Rational) {
        match self.vars.binary_search_by_key(&var, |(v, _)| *v) {
            Ok(at) => {
                self.vars[at].1 += factor;
                if self.vars[at].1.is_zero() {
                    self.vars.remove(at);
                }
            }
            Err(at) if !factor.is_zero() => self.vars.insert(at, (var, factor.clone())),
            Err(_) => {}
        }
    }

    pub fn plus(&self, other: &Linear) -> Linear {
        self.plus_scaled(other, &int(1))
    }

    pub fn minus(&self, other: &Linear) -> Linear {
        self.plus_scaled(other, &int(-1))
    }

    fn factor(&self, var: u32) -> Rational {
        let found = self.vars.iter().find(|(v, _)| *v == var);
        found.map_or_else(Rational::zero, |(_, k)| k.clone())
    }
}

impl Grades {
    pub fn clear(&mut self) {
        self.least.clear();
        self.solved.clear();
        self.hypotheses.clear();
        self.pending.clear();
    }

    /// `var` is at least so much.
    pub fn raise(&mut self, var: u32, least: &Rational) {
        let known = self.least.entry(var).or_insert_with(Rational::zero);
        if *least > *known {
            known.clone_from(least);
        }
    }

    pub fn least(&self, var: u32) -> Rational {
        self.least.get(&var).cloned().unwrap_or_else(Rational::zero)
    }

    /// A parameter has this amount, so it is not negative.
    pub fn suppose(&mut self, amount: &Linear) {
        if amount.vars.len() > 1 || amount.constant.is_negative() {
            self.hypotheses.push(amount.clone());
        }
    }

    /// With the variables solved so far replaced.
    pub fn normal(&self, sum: &Linear) -> Linear {
        if !sum.vars.iter().any(|(var, _)| self.solved.contains_key(var)) {
            return sum.clone();
        }
        let mut result = Linear::constant(sum.constant.clone());
        for (var, k) in &sum.vars {
            match self.solved.get(var) {
                Some(value) => result = result.plus_scaled(&self.normal(value), k),
                None => result.add_var(*var, k),
            }
        }
        result
    }

    pub fn is_flexible(&self, sum: &Linear, units: &Units) -> bool {
        self.normal(sum).vars.iter().any(|(var, _)| units.rigid_name(*var).is_none())
    }

    /// Whether the two can be made equal; solves variables so that they are.
    pub fn unify(&mut self, u: &Linear, v: &Linear, units: &Units) -> bool {
        let difference = self.normal(&u.minus(v));
        let flexible = difference.vars.iter().rev().find(|(v, _)| units.rigid_name(*v).is_none());
        let Some((var, k)) = flexible.cloned() else { return difference.is_zero() };
        let mut rest = difference;
        rest.vars.retain(|(v, _)| *v != var);
        let value = Linear::zero().plus_scaled(&rest, &(int(-1) / k));
        let reached = value.minus(&Linear::constant(self.least(var)));
        self.solved.insert(var, value);
        let waiting = std::mem::take(&mut self.pending);
        let mut holds = self.demand(&reached, units);
        for demand in waiting {
            holds &= self.demand(&demand, units);
        }
        holds
    }

    /// Where an amount is k·x + c, makes it a variable of its own: a type says `(at-least n 4cpu)`
    /// rather than `(+ n 2cpu)` with n from 2cpu on. Once per variable: those in `kept` stay.
    pub fn simplify(&mut self, sum: &Linear, units: &mut Units, kept: &mut Vec<u32>) {
        let sum = self.normal(sum);
        let [(var, k)] = &sum.vars[..] else { return };
        if kept.contains(var) || units.rigid_name(*var).is_some() {
            return;
        }
        if sum.constant.is_zero() && *k == int(1) || !k.is_positive() {
            kept.push(*var);
            return;
        }
        let whole = units.fresh();
        kept.push(whole);
        let least = k * self.least(*var) + &sum.constant;
        self.raise(whole, &least);
        let mut value = Linear::constant(-&sum.constant / k);
        value.add_var(whole, &(int(1) / k));
        self.solved.insert(*var, value);
    }

    /// Whether `sum` is not negative; where that depends on variables not solved yet, it will be
    /// demanded of them.
    pub fn demand(&mut self, sum: &Linear, units: &Units) -> bool {
        let sum = self.normal(sum);
        if !self.is_flexible(&sum, units) {
            return self.entails(&sum);
        }
        match &sum.vars[..] {
            [(var, k)] if k.is_positive() => {
                let least = -&sum.constant / k;
                self.raise(*var, &least);
            }
            _ => self.pending.push(sum),
        }
        true
    }

    /// Demands that no solution has decided.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    pub fn forget_waiting(&mut self) {
        self.pending.clear();
    }

    /// Whether `sum` is not negative whatever its variables stand for.
    pub fn entails(&self, sum: &Linear) -> bool {
        let sum = self.normal(sum);
        if sum.vars.is_empty() {
            return !sum.constant.is_negative();
        }
        let negation = Linear::zero().minus(&sum);
        let mut vars: Vec<u32> = sum.vars.iter().map(|(v, _)| *v).collect();
        let mut system = vec![(negation, true)];
        for hypothesis in &self.hypotheses {
            let hypothesis = self.normal(hypothesis);
            vars.extend(hypothesis.vars.iter().map(|(v, _)| *v));
            system.push((hypothesis, false));
        }
        vars.sort_unstable();
        vars.dedup();
        for var in &vars {
            let mut bound = Linear::constant(-self.least(*var));
            bound.add_var(*var, &int(1));
            system.push((bound, false));
        }
        let eliminated = vars.iter().try_fold(system, |system, var| eliminate(system, *var));
        eliminated.is_some_and(|left| left.iter().any(is_contradiction))
    }

    /// The least that `sum` can be; `None` where nothing bounds it. Uses bounds alone.
    pub fn minimum(&self, sum: &Linear) -> Option<Rational> {
        let sum = self.normal(sum);
        sum.vars.iter().try_fold(sum.constant.clone(), |total, (var, k)| {
            k.is_positive().then(|| total + k * self.least(*var))
        })
    }
}

/// A constraint e ≥ 0, or e > 0 when strict.
type Constraint = (Linear, bool);

fn is_contradiction((sum, strict): &Constraint) -> bool {
    sum.vars.is_empty() && (sum.constant.is_negative() || *strict && sum.constant.is_zero())
}

/// The constraints without `var` that have a solution when these have one.
fn eliminate(system: Vec<Constraint>, var: u32) -> Option<Vec<Constraint>> {
    let (mut above, mut below, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (sum, strict) in system {
        let factor = sum.factor(var);
        if factor.is_zero() {
            kept.push((sum, strict));
        } else {
            let scaled = Linear::zero().plus_scaled(&sum, &(int(1) / factor.abs()));
            let side = if factor.is_positive() { &mut above } else { &mut below };
            side.push((scaled, strict));
        }
    }
    for (up, strict_up) in &above {
        for (down, strict_down) in &below {
            kept.push((up.plus(down), *strict_up || *strict_down));
        }
    }
    (kept.len() <= MAX_CONSTRAINTS).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ty::TyVar;
    use eclexia_base::Name;
    use eclexia_base::number::ratio;

    fn rigid(units: &mut Units, name: &str) -> u32 {
        units.rigid(TyVar { index: 0, name: Name::new(name) })
    }

    fn sum(constant: i64, vars: &[(u32, i64)]) -> Linear {
        let mut sum = Linear::constant(int(constant));
        vars.iter().for_each(|(v, k)| sum.add_var(*v, &int(*k)));
        sum
    }

    #[test]
    fn what_follows_from_lower_bounds_is_entailed() {
        let mut units = Units::default();
        let (n, m) = (rigid(&mut units, "n"), rigid(&mut units, "m"));
        let mut grades = Grades::default();
        grades.raise(n, &int(2));
        assert!(grades.entails(&sum(-2, &[(n, 1)])));
        assert!(!grades.entails(&sum(-3, &[(n, 1)])));
        assert!(grades.entails(&sum(-4, &[(n, 2), (m, 1)])));
        assert!(!grades.entails(&sum(0, &[(n, 1), (m, -1)])));
        grades.suppose(&sum(0, &[(n, 1), (m, -1)]));
        assert!(grades.entails(&sum(0, &[(n, 1), (m, -1)])));
        assert!(grades.entails(&sum(1, &[(n, 2), (m, -2)])));
        assert!(!grades.entails(&sum(0, &[(n, 1), (m, -2)])));
    }

    #[test]
    fn hypotheses_combine() {
        let mut units = Units::default();
        let (a, b, c) = (rigid(&mut units, "a"), rigid(&mut units, "b"), rigid(&mut units, "c"));
        let mut grades = Grades::default();
        grades.suppose(&sum(-1, &[(a, 1), (b, -1)]));
        grades.suppose(&sum(-1, &[(b, 1), (c, -1)]));
        assert!(grades.entails(&sum(-2, &[(a, 1), (c, -1)])));
        assert!(!grades.entails(&sum(-3, &[(a, 1), (c, -1)])));
        assert!(grades.entails(&sum(-2, &[(a, 1)])));
    }

    #[test]
    fn a_flexible_variable_takes_the_amount_that_reaches_its_bound() {
        let mut units = Units::default();
        let x = units.fresh();
        let mut grades = Grades::default();
        grades.raise(x, &int(2));
        assert!(!grades.unify(&sum(0, &[(x, 1)]), &sum(1, &[]), &units));
        let y = units.fresh();
        assert!(grades.unify(&sum(1, &[(y, 2)]), &sum(4, &[]), &units));
        assert_eq!(grades.normal(&sum(0, &[(y, 1)])), Linear::constant(ratio(3, 2)));
        assert!(!grades.unify(&sum(0, &[(y, 1)]), &sum(4, &[]), &units));
    }

    #[test]
    fn demands_wait_for_the_variables_they_are_of() {
        let mut units = Units::default();
        let (x, y) = (units.fresh(), units.fresh());
        let mut grades = Grades::default();
        assert!(grades.demand(&sum(-3, &[(x, 1), (y, -1)]), &units));
        assert!(grades.unify(&sum(0, &[(x, 1)]), &sum(5, &[]), &units));
        assert!(!grades.unify(&sum(0, &[(y, 1)]), &sum(3, &[]), &units));
    }

    #[test]
    fn thirds_add_up_exactly() {
        let third = Linear::constant(ratio(1, 3));
        let whole = third.plus(&third).plus(&third);
        assert!(Grades::default().entails(&whole.minus(&Linear::constant(int(1)))));
    }
}
