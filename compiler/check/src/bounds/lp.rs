//! Exact linear programs: rows `Σ aᵢxᵢ + k ≥ 0` over variables `x ≥ 0` come in, with objectives to
//! be made small one after the other; goes out a solution in exact rationals, or that there is
//! none.
//!
//! 1. The dictionary starts with every row's slack as a basic variable. All objectives have
//!    coefficients ≥ 0, so it is dual feasible as it stands: no first phase.
//! 2. Lexicographic dual simplex: a row with a negative constant leaves; among the variables that
//!    can enter, the one whose vector of reduced costs per unit is lexicographically least does.
//!    So all objectives are made small in one run.
//! 3. The row is the most negative one at first; after a number of pivots the one of least index
//!    (Bland), with which no cycle is possible.
//! 4. Arithmetic is in fractions of 64-bit integers; if one overflows, all again in big rationals.
//! 5. Whatever was found is checked against the rows as they came in, in big rationals.
//!
//! Rows are sparse: those of this analysis mention a handful of variables.

use eclexia_base::Rational;
use eclexia_base::number::int;
use num_traits::{Signed, ToPrimitive, Zero};

/// `Σ aᵢxᵢ + k`; variables ascending, coefficients not zero.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Lin {
    pub terms: Vec<(u32, i64)>,
    /// `None` is zero, which is what most of them are.
    pub constant: Option<Rational>,
}

impl Lin {
    pub fn zero() -> Lin {
        Lin::default()
    }

    pub fn var(index: u32) -> Lin {
        Lin { terms: vec![(index, 1)], constant: None }
    }

    pub fn constant(amount: Rational) -> Lin {
        let constant = if amount.is_zero() { None } else { Some(amount) };
        Lin { terms: Vec::new(), constant }
    }

    pub fn is_zero(&self) -> bool {
        self.terms.is_empty() && self.constant.is_none()
    }

    /// `self + by·other`
    pub fn add(&mut self, other: &Lin, by: i64) {
        if other.is_zero() || by == 0 {
            return;
        }
        if let Some(more) = &other.constant {
            let sum = self.constant.take().unwrap_or_else(Rational::zero) + more * int(by);
            self.constant = (!sum.is_zero()).then_some(sum);
        }
        if other.terms.is_empty() {
            return;
        }
        let mut sum = Vec::with_capacity(self.terms.len() + other.terms.len());
        let mut mine = std::mem::take(&mut self.terms).into_iter().peekable();
        for (var, coefficient) in &other.terms {
            while let Some(term) = mine.next_if(|(v, _)| v < var) {
                sum.push(term);
            }
            let own = mine.next_if(|(v, _)| v == var).map_or(0, |(_, c)| c);
            let total = own.saturating_add(coefficient.saturating_mul(by));
            if total != 0 {
                sum.push((*var, total));
            }
        }
        sum.extend(mine);
        self.terms = sum;
    }

    pub fn plus(&self, other: &Lin, by: i64) -> Lin {
        let mut sum = self.clone();
        sum.add(other, by);
        sum
    }

    pub fn eval(&self, solution: &[Rational]) -> Rational {
        let start = self.constant.clone().unwrap_or_else(Rational::zero);
        self.terms.iter().fold(start, |sum, (var, coefficient)| match solution.get(*var as usize) {
            Some(value) if !value.is_zero() => sum + value * int(*coefficient),
            _ => sum,
        })
    }

    /// Its variables numbered from `offset` on.
    pub fn shifted(&self, offset: u32) -> Lin {
        let terms = self.terms.iter().map(|(var, c)| (var + offset, *c)).collect();
        Lin { terms, constant: self.constant.clone() }
    }
}

/// Pivots after which a program counts as too large.
const MAX_PIVOTS: usize = 20_000;
/// Pivots before the rule that cannot cycle.
const GREEDY_PIVOTS: usize = 2_000;

/// The values of the variables, `None` when no values satisfy all rows (or it is too large).
pub(crate) fn solve(vars: u32, rows: &[Lin], objectives: &[Lin]) -> Option<Vec<Rational>> {
    let small =
        Dictionary::<Small>::new(rows, objectives).and_then(|mut d| d.run().map(|r| (r, d)));
    let found = match small {
        Some((ended, dictionary)) => ended.then(|| dictionary.values(vars)),
        None => {
            let mut dictionary = Dictionary::<Rational>::new(rows, objectives)?;
            dictionary.run()?.then(|| dictionary.values(vars))
        }
    };
    found.filter(|values| {
        let is_positive = values.iter().all(|v| !v.is_negative());
        is_positive && rows.iter().all(|row| !row.eval(values).is_negative())
    })
}

trait Number: Clone {
    fn of(value: &Rational) -> Option<Self>;
    fn whole(value: i64) -> Self;
    fn plus_times(&self, factor: &Self, other: &Self) -> Self;
    fn over(&self, other: &Self) -> Self;
    fn minus(&self) -> Self;
    fn sign(&self) -> i8;
    fn is_less(&self, other: &Self) -> bool;
    fn is_valid(&self) -> bool;
    fn exact(&self) -> Rational;
}

impl Number for Rational {
    fn of(value: &Rational) -> Option<Rational> {
        Some(value.clone())
    }
    fn whole(value: i64) -> Rational {
        int(value)
    }
    fn plus_times(&self, factor: &Rational, other: &Rational) -> Rational {
        self + factor * other
    }
    fn over(&self, other: &Rational) -> Rational {
        self / other
    }
    fn minus(&self) -> Rational {
        -self
    }
    fn sign(&self) -> i8 {
        if self.is_zero() {
            0
        } else if self.is_negative() {
            -1
        } else {
            1
        }
    }
    fn is_less(&self, other: &Rational) -> bool {
        self < other
    }
    fn is_valid(&self) -> bool {
        true
    }
    fn exact(&self) -> Rational {
        self.clone()
    }
}

/// A reduced fraction; denominator 0 after an overflow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Small {
    n: i64,
    d: i64,
}

impl Small {
    const INVALID: Small = Small { n: 0, d: 0 };

    fn new(n: i128, d: i128) -> Small {
        if d == 0 {
            return Small::INVALID;
        }
        let divisor = if d == 1 { 1 } else { num_integer::gcd(n, d) * d.signum() };
        match (i64::try_from(n / divisor), i64::try_from(d / divisor)) {
            (Ok(n), Ok(d)) if n != i64::MIN => Small { n, d },
            _ => Small::INVALID,
        }
    }
}

impl Number for Small {
    fn of(value: &Rational) -> Option<Small> {
        Some(Small { n: value.numer().to_i64()?, d: value.denom().to_i64()? })
    }
    fn whole(value: i64) -> Small {
        Small { n: value, d: 1 }
    }
    fn plus_times(&self, factor: &Small, other: &Small) -> Small {
        let product = Small::new(
            i128::from(factor.n) * i128::from(other.n),
            i128::from(factor.d) * i128::from(other.d),
        );
        let (n, d) = (i128::from(self.n), i128::from(self.d));
        let (m, e) = (i128::from(product.n), i128::from(product.d));
        Small::new(n * e + m * d, d * e)
    }
    fn over(&self, other: &Small) -> Small {
        Small::new(
            i128::from(self.n) * i128::from(other.d),
            i128::from(self.d) * i128::from(other.n),
        )
    }
    fn minus(&self) -> Small {
        Small { n: -self.n, d: self.d }
    }
    fn sign(&self) -> i8 {
        self.n.signum() as i8
    }
    fn is_less(&self, other: &Small) -> bool {
        i128::from(self.n) * i128::from(other.d) < i128::from(other.n) * i128::from(self.d)
    }
    fn is_valid(&self) -> bool {
        self.d != 0
    }
    fn exact(&self) -> Rational {
        Rational::new(self.n.into(), self.d.max(1).into())
    }
}

/// A basic variable in terms of those that are not: `constant + Σ coefficient·variable`.
struct Row<N> {
    basic: u32,
    constant: N,
    terms: Vec<(u32, N)>,
}

struct Dictionary<N> {
    rows: Vec<Row<N>>,
    goals: Vec<Vec<(u32, N)>>,
    is_valid: bool,
}

fn coefficient<N>(terms: &[(u32, N)], var: u32) -> Option<&N> {
    terms.binary_search_by_key(&var, |(v, _)| *v).ok().map(|at| &terms[at].1)
}

impl<N: Number> Dictionary<N> {
    /// Slacks are numbered from the top down, so that they never meet the variables.
    fn new(rows: &[Lin], objectives: &[Lin]) -> Option<Dictionary<N>> {
        let whole = |lin: &Lin| lin.terms.iter().map(|(v, c)| (*v, N::whole(*c))).collect();
        let mut made = Vec::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            let constant = match &row.constant {
                Some(constant) => N::of(constant)?,
                None => N::whole(0),
            };
            made.push(Row { basic: u32::MAX - i as u32, constant, terms: whole(row) });
        }
        let goals = objectives.iter().map(whole).collect();
        Some(Dictionary { rows: made, goals, is_valid: true })
    }

    /// Whether there is a solution; `None` after an overflow or too many pivots.
    fn run(&mut self) -> Option<bool> {
        for pivot in 0..MAX_PIVOTS {
            let Some(row) = self.leaving(pivot > GREEDY_PIVOTS) else { return Some(true) };
            let Some(var) = self.entering(row) else { return self.is_valid.then_some(false) };
            self.pivot(row, var);
            if !self.is_valid {
                return None;
            }
        }
        None
    }

    fn leaving(&self, is_careful: bool) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (i, row) in self.rows.iter().enumerate().filter(|(_, row)| row.constant.sign() < 0) {
            let is_better = match best {
                None => true,
                Some(b) if is_careful => row.basic < self.rows[b].basic,
                Some(b) => row.constant.is_less(&self.rows[b].constant),
            };
            if is_better {
                best = Some(i);
            }
        }
        best
    }

    fn entering(&self, row: usize) -> Option<u32> {
        let mut best: Option<(u32, &N)> = None;
        for (var, step) in self.rows[row].terms.iter().filter(|(_, c)| c.sign() > 0) {
            let is_better = best.is_none_or(|(other, by)| self.is_cheaper(*var, step, other, by));
            if is_better {
                best = Some((*var, step));
            }
        }
        best.map(|(var, _)| var)
    }

    /// Compares reduced costs per unit, the most important objective first.
    fn is_cheaper(&self, var: u32, step: &N, other: u32, by: &N) -> bool {
        for goal in &self.goals {
            let price = |v: u32, step: &N| match coefficient(goal, v) {
                Some(c) => c.over(step),
                None => N::whole(0),
            };
            let (mine, theirs) = (price(var, step), price(other, by));
            if mine.is_less(&theirs) {
                return true;
            }
            if theirs.is_less(&mine) {
                return false;
            }
        }
        var < other
    }

    fn pivot(&mut self, at: usize, var: u32) {
        let row = &mut self.rows[at];
        let Some(step) = coefficient(&row.terms, var).cloned() else { return };
        let unit = N::whole(1);
        let mut terms: Vec<(u32, N)> = Vec::with_capacity(row.terms.len());
        for (v, c) in row.terms.iter().filter(|(v, _)| *v != var) {
            terms.push((*v, c.minus().over(&step)));
        }
        let place = terms.partition_point(|(v, _)| *v < row.basic);
        terms.insert(place, (row.basic, unit.over(&step)));
        row.constant = row.constant.minus().over(&step);
        row.basic = var;
        row.terms = terms;
        let row = Row { basic: var, constant: row.constant.clone(), terms: row.terms.clone() };
        let mut is_valid = true;
        for (i, other) in self.rows.iter_mut().enumerate() {
            let Some(by) = coefficient(&other.terms, var).cloned().filter(|_| i != at) else {
                continue;
            };
            other.constant = other.constant.plus_times(&by, &row.constant);
            is_valid &= other.constant.is_valid();
            other.terms = substituted(&other.terms, var, &by, &row.terms, &mut is_valid);
        }
        for goal in &mut self.goals {
            if let Some(by) = coefficient(goal, var).cloned() {
                *goal = substituted(goal, var, &by, &row.terms, &mut is_valid);
            }
        }
        is_valid &= row.constant.is_valid() && row.terms.iter().all(|(_, c)| c.is_valid());
        self.is_valid = is_valid;
    }

    fn values(&self, vars: u32) -> Vec<Rational> {
        let mut values = vec![Rational::zero(); vars as usize];
        for row in &self.rows {
            if let Some(value) = values.get_mut(row.basic as usize) {
                *value = row.constant.exact();
            }
        }
        values
    }
}

/// `terms` with `by·var` replaced by `by·with`.
fn substituted<N: Number>(
    terms: &[(u32, N)],
    var: u32,
    by: &N,
    with: &[(u32, N)],
    is_valid: &mut bool,
) -> Vec<(u32, N)> {
    let mut sum = Vec::with_capacity(terms.len() + with.len());
    let mut mine = terms.iter().filter(|(v, _)| *v != var).peekable();
    let zero = N::whole(0);
    for (v, c) in with {
        while let Some(term) = mine.next_if(|(own, _)| own < v) {
            sum.push(term.clone());
        }
        let own = mine.next_if(|(own, _)| own == v).map_or(&zero, |(_, c)| c);
        let total = own.plus_times(by, c);
        *is_valid &= total.is_valid();
        if total.sign() != 0 || !total.is_valid() {
            sum.push((*v, total));
        }
    }
    sum.extend(mine.cloned());
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::number::ratio;

    fn row(terms: &[(u32, i64)], constant: i64) -> Lin {
        let mut lin = Lin::constant(int(constant));
        terms.iter().for_each(|(v, c)| lin.add(&Lin::var(*v), *c));
        lin
    }

    #[test]
    fn objectives_are_made_small_in_order() {
        // x + y ≥ 4, x + 3y ≥ 6; first y small, then x.
        let rows = [row(&[(0, 1), (1, 1)], -4), row(&[(0, 1), (1, 3)], -6)];
        let found = solve(2, &rows, &[row(&[(1, 1)], 0), row(&[(0, 1)], 0)]);
        assert_eq!(found, Some(vec![int(6), int(0)]));
        let found = solve(2, &rows, &[row(&[(0, 1), (1, 1)], 0), row(&[(0, 1)], 0)]);
        assert_eq!(found, Some(vec![int(0), int(4)]));
        let found = solve(2, &rows, &[row(&[(0, 1), (1, 2)], 0)]);
        assert_eq!(found, Some(vec![int(3), int(1)]));
    }

    #[test]
    fn what_has_no_solution_is_told() {
        let rows = [row(&[(0, 1)], -1), row(&[(0, -2)], 1)];
        assert_eq!(solve(1, &rows, &[row(&[(0, 1)], 0)]), None);
    }

    #[test]
    fn fractions_are_exact_and_large_numbers_do_not_overflow() {
        let mut tiny = row(&[(0, 3)], 0);
        tiny.constant = Some(ratio(-1, 7));
        assert_eq!(solve(1, &[tiny], &[row(&[(0, 1)], 0)]), Some(vec![ratio(1, 21)]));
        let big = 4_000_000_000_000_000_000;
        let rows = [row(&[(0, 1), (1, -3)], -big), row(&[(1, 1)], -big)];
        let found = solve(2, &rows, &[row(&[(0, 1), (1, 1)], 0)]).expect("a solution");
        assert_eq!(found[0], int(big) * int(4));
    }
}
