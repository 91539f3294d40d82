//! Mixed-integer rounding (Nemhauser and Wolsey 1990; Marchand and Wolsey 2001). What comes in: an
//! equation over columns and row activities, and the point to cut off; what goes out: an inequality
//! over columns that every whole point keeps, where one was found that the point breaks.
//!
//! 1. Every variable is measured from a bound, the nearer one: `Σ α t + Σ γ s = β`, `t` whole, both
//!    at least zero.
//! 2. Divided by `δ`, with `f` the fraction of `β/δ`: `Σ (⌊α/δ⌋ + (frac(α/δ) - f)⁺ / (1 - f)) t +
//!    Σ min(γ, 0) / (δ (1 - f)) s ≤ ⌊β/δ⌋`.
//! 3. Several `δ` and both signs of the equation are tried, then whole variables between their
//!    bounds are measured from the other one where that is deeper, which is what makes covers. Of a
//!    row of the tableau and `δ = 1` this is Gomory's cut (1960).

use super::Problem;

/// Fractions nearer than this to a whole number give numbers too large.
const LEAST_FRACTION: f64 = 0.01;
/// Largest over smallest coefficient of a cut.
const WIDEST: f64 = 1e6;
const LEAST_DEPTH: f64 = 1e-3;
/// Part of the sizes of its terms below which a sum is rounding.
const CANCELLED: f64 = 1e-11;
const MOST_DIVISORS: usize = 12;
const MOST_COMPLEMENTED: usize = 60;

/// `Σ g x + Σ h r = 0` over columns `x` and row activities `r`.
#[derive(Default, Clone)]
pub struct Equation {
    pub columns: Vec<(usize, f64)>,
    pub rows: Vec<(usize, f64)>,
}

/// `Σ a x ≤ side`, and how far beyond it the point is.
#[derive(Clone, Debug)]
pub struct Cut {
    pub entries: Vec<(usize, f64)>,
    pub side: f64,
    pub depth: f64,
}

/// Where the rounding happens.
pub struct Place<'a> {
    pub problem: &'a Problem,
    /// Rows whose activity is whole at every whole point.
    pub whole_rows: &'a [bool],
    pub x: &'a [f64],
    pub activities: &'a [f64],
}

#[derive(Clone, Copy)]
enum Of {
    Column(usize),
    Row(usize),
}

/// A variable measured from a bound.
struct Term {
    of: Of,
    /// Of the distance.
    coefficient: f64,
    distance: f64,
    range: f64,
    /// `x = bound + sign · distance`.
    bound: f64,
    sign: f64,
    whole: bool,
}

impl Place<'_> {
    /// The deepest cut found from an equation.
    pub fn cut(&self, equation: &Equation) -> Option<Cut> {
        let (mut terms, mut side) = self.shifted(equation)?;
        let mut best: Option<(f64, Cut)> = None;
        for _ in 0..2 {
            if let Some((divisor, depth)) = deepest(&terms, side)
                && let Some(cut) = {
                    complement(&mut terms, &mut side, divisor, depth);
                    self.finish(&terms, side, divisor)
                }
                && best.as_ref().is_none_or(|(depth, _)| cut.depth > *depth)
            {
                best = Some((cut.depth, cut));
            }
            terms.iter_mut().for_each(|term| term.coefficient = -term.coefficient);
            side = -side;
        }
        best.map(|(_, cut)| cut)
    }

    /// Step 1; `None` where a variable has no bound to measure it from.
    fn shifted(&self, equation: &Equation) -> Option<(Vec<Term>, f64)> {
        let problem = self.problem;
        let mut side = 0.0;
        let mut terms = Vec::with_capacity(equation.columns.len() + equation.rows.len());
        let columns = equation.columns.iter().map(|&(j, g)| {
            (Of::Column(j), g, self.x[j], (problem.lo[j], problem.hi[j]), problem.is_whole(j))
        });
        let rows = equation.rows.iter().map(|&(i, h)| {
            (Of::Row(i), h, self.activities[i], problem.model.rows[i], self.whole_rows[i])
        });
        for (of, g, x, (lo, hi), whole) in columns.chain(rows) {
            let from_lo = x - lo <= hi - x;
            let (bound, sign) = if from_lo { (lo, 1.0) } else { (hi, -1.0) };
            if !bound.is_finite() {
                return None;
            }
            side -= g * bound;
            let distance = (sign * (x - bound)).max(0.0);
            let (coefficient, range) = (g * sign, hi - lo);
            terms.push(Term { of, coefficient, distance, range, bound, sign, whole });
        }
        Some((terms, side))
    }

    /// The cut of a divisor over columns, cleaned; `None` where it is too shallow or too wide.
    fn finish(&self, terms: &[Term], side: f64, divisor: f64) -> Option<Cut> {
        let rounding = Rounding::new(side, divisor)?;
        let mut dense: std::collections::BTreeMap<usize, (f64, f64)> = Default::default();
        let mut right = rounding.side;
        let mut size = right.abs();
        let add = |sum: &mut (f64, f64), by: f64| *sum = (sum.0 + by, sum.1 + by.abs());
        for term in terms {
            let c = rounding.of(term);
            if c == 0.0 {
                continue;
            }
            // c · distance = c · sign · (x - bound)
            let by = c * term.sign;
            right += by * term.bound;
            size += (by * term.bound).abs();
            match term.of {
                Of::Column(j) => add(dense.entry(j).or_default(), by),
                Of::Row(i) => {
                    for &(j, a) in &self.problem.rows[i] {
                        add(dense.entry(j as usize).or_default(), by * a);
                    }
                }
            }
        }
        // What is left of sums that cancel is rounding.
        let is_left = |(a, size): &(f64, f64)| a.abs() > CANCELLED * size;
        let left = dense.values().filter(|sum| is_left(sum));
        let largest = left.fold(0.0_f64, |most, (a, _)| most.max(a.abs()));
        let mut entries = Vec::with_capacity(dense.len());
        for (j, sum) in dense {
            let a = sum.0;
            if is_left(&sum) && a.abs() > largest / WIDEST {
                entries.push((j, a));
                continue;
            }
            let bound = if a > 0.0 { self.problem.lo[j] } else { self.problem.hi[j] };
            if a != 0.0 && !bound.is_finite() {
                return None;
            }
            right -= if a == 0.0 { 0.0 } else { a * bound };
        }
        let limit = 100 + self.problem.lo.len() / 5;
        if entries.is_empty() || entries.len() > limit || right.abs() > 1e9 * largest {
            return None;
        }
        // Rounding of the sums above must not cut off a point that is whole.
        let side = right + 1e-9 * (largest + right.abs()) + CANCELLED * size;
        let left: f64 = entries.iter().map(|&(j, a)| a * self.x[j]).sum();
        let norm = entries.iter().map(|(_, a)| a * a).sum::<f64>().sqrt();
        let depth = (left - side) / norm;
        (depth > LEAST_DEPTH).then_some(Cut { entries, side, depth })
    }
}

/// The rounding function of a right-hand side and a divisor.
struct Rounding {
    divisor: f64,
    fraction: f64,
    side: f64,
}

impl Rounding {
    fn new(side: f64, divisor: f64) -> Option<Rounding> {
        let whole = (side / divisor).floor();
        let fraction = side / divisor - whole;
        let usable = (LEAST_FRACTION..=1.0 - LEAST_FRACTION).contains(&fraction);
        usable.then_some(Rounding { divisor, fraction, side: whole })
    }

    fn of(&self, term: &Term) -> f64 {
        let a = term.coefficient / self.divisor;
        if term.whole {
            // A coefficient a hair below a whole number is taken for it, which only weakens.
            let whole = (a + 1e-9).floor();
            whole + ((a - whole - self.fraction) / (1.0 - self.fraction)).max(0.0)
        } else {
            a.min(0.0) / (1.0 - self.fraction)
        }
    }

    /// By how much the point breaks the cut, over the norm of its coefficients.
    fn depth(&self, terms: &[Term]) -> f64 {
        let (mut left, mut norm) = (-self.side, 1e-12);
        for term in terms {
            let c = self.of(term);
            left += c * term.distance;
            norm += c * c;
        }
        left / norm.sqrt()
    }
}

/// Measures whole variables from their other bound where that makes the cut deeper.
fn complement(terms: &mut [Term], side: &mut f64, divisor: f64, mut depth: f64) {
    let inside = |t: &Term| t.whole && t.distance > 1e-6 && t.distance < t.range - 1e-6;
    let mut order: Vec<usize> = (0..terms.len()).filter(|k| inside(&terms[*k])).collect();
    let off = |k: usize| (terms[k].distance - terms[k].range / 2.0).abs();
    order.retain(|k| terms[*k].range.is_finite());
    order.sort_by(|a, b| off(*a).total_cmp(&off(*b)).then(a.cmp(b)));
    for k in order.into_iter().take(MOST_COMPLEMENTED) {
        let change = terms[k].turn();
        let turned = Rounding::new(*side - change, divisor).map(|r| r.depth(terms));
        match turned {
            Some(deeper) if deeper > depth => {
                depth = deeper;
                *side -= change;
            }
            _ => {
                terms[k].turn();
            }
        }
    }
}

impl Term {
    /// Measures from the other bound; what the equation's side falls by.
    fn turn(&mut self) -> f64 {
        let change = self.coefficient * self.range;
        self.bound += self.sign * self.range;
        self.sign = -self.sign;
        self.coefficient = -self.coefficient;
        self.distance = self.range - self.distance;
        change
    }
}

/// The best of some divisors, and its depth.
fn deepest(terms: &[Term], side: f64) -> Option<(f64, f64)> {
    let mut divisors = vec![1.0];
    for term in terms.iter().filter(|term| term.whole) {
        let size = term.coefficient.abs();
        let inside = term.distance > 1e-6 && term.distance < term.range - 1e-6;
        let new = |d: &f64| (size - d).abs() > 1e-6 * size;
        if inside && size > 1e-6 && divisors.len() < MOST_DIVISORS && divisors.iter().all(new) {
            divisors.push(size);
        }
    }
    let better = |best: Option<(f64, f64)>, divisor: f64| {
        let depth = Rounding::new(side, divisor).map(|rounding| rounding.depth(terms));
        match (best, depth) {
            (Some((_, most)), Some(depth)) if depth <= most => best,
            (_, Some(depth)) => Some((divisor, depth)),
            (_, None) => best,
        }
    };
    let best = divisors.into_iter().fold(None, better);
    let (divisor, _) = best?;
    [2.0, 4.0, 8.0].into_iter().fold(best, |best, part| better(best, divisor / part))
}
