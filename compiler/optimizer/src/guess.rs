//! A guess at the jobs, to begin a search with: where limits by the hour are tight, a dive that
//! rounds one piece after another seldom ends in a plan. What comes in: the columns with their
//! reduced costs at the relaxation, which know the prices of the limits; what goes out: boxes that
//! fix every job, or nothing.
//!
//! Job by job takes the option, and of it the pieces, of least reduced cost that the limits still
//! leave. A job for which nothing is left goes to the front of the order, and all is done again; at
//! first those come first that take most of the limits. Floats are good enough: the search checks
//! what becomes of a guess, and looks everywhere else too.

use crate::master::Kind;
use crate::problem::Problem;
use eclexia_base::Rational;
use eclexia_base::number::to_f64;
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;

/// A sum that is above a limit by less than this part of it is not above it.
const ROUNDING: f64 = 1e-9;

/// A column, its reduced cost, and the parts that it uses of limits.
struct Column {
    index: usize,
    reduced: f64,
    parts: Vec<(usize, f64)>,
}

struct Choice {
    option: Column,
    needs: usize,
    /// By reduced cost.
    pieces: Vec<Column>,
}

/// Boxes of the columns of all jobs: each at 0 or at 1.
pub fn guess(
    problem: &Problem,
    kinds: &[Kind],
    reduced: &[f64],
    limits: &[Option<Rational>],
) -> Option<Vec<(usize, f64, f64)>> {
    let jobs = choices(problem, kinds, reduced, limits);
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    let weight = |job: &usize| jobs[*job].iter().map(Choice::weight).fold(0.0, f64::max);
    order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    for _ in 0..=jobs.len() {
        match in_order(&jobs, &order, limits.len()) {
            Ok(taken) => {
                let job = |kind: &Kind| matches!(kind, Kind::Job { .. } | Kind::Piece { .. });
                let columns = (0..kinds.len()).filter(|j| job(&kinds[*j]));
                let value = |j: usize| if taken.contains(&j) { 1.0 } else { 0.0 };
                return Some(columns.map(|j| (j, value(j), value(j))).collect());
            }
            Err(at) => order[..=at].rotate_right(1),
        }
    }
    None
}

fn choices(
    problem: &Problem,
    kinds: &[Kind],
    reduced: &[f64],
    limits: &[Option<Rational>],
) -> Vec<Vec<Choice>> {
    let column = |index: usize, uses: &[Rational]| {
        let limited = uses.iter().zip(limits).enumerate().filter(|(_, (used, _))| !used.is_zero());
        let part = |(k, (used, limit)): (usize, (&Rational, &Option<Rational>))| {
            let limit = limit.as_ref()?;
            let all = if limit.is_positive() { to_f64(&(used / limit)) } else { f64::INFINITY };
            Some((k, all))
        };
        Column { index, reduced: reduced[index], parts: limited.filter_map(part).collect() }
    };
    let mut jobs: Vec<BTreeMap<usize, Choice>> =
        problem.jobs.iter().map(|_| BTreeMap::new()).collect();
    for (j, kind) in kinds.iter().enumerate() {
        match *kind {
            Kind::Job { job, option } => {
                let of = &problem.jobs[job].options[option];
                let needs = of.needs as usize;
                let choice = Choice { option: column(j, &of.uses), needs, pieces: Vec::new() };
                jobs[job].insert(option, choice);
            }
            Kind::Piece { job, option, piece } => {
                let of = &problem.jobs[job].options[option].pieces[piece];
                let choice = jobs[job].get_mut(&option);
                choice.into_iter().for_each(|choice| choice.pieces.push(column(j, &of.uses)));
            }
            _ => {}
        }
    }
    for choice in jobs.iter_mut().flat_map(BTreeMap::values_mut) {
        choice.pieces.sort_by(|a, b| a.reduced.total_cmp(&b.reduced));
    }
    jobs.into_iter().map(|choices| choices.into_values().collect()).collect()
}

/// The columns taken, or the place in the order of the first job for which nothing is left.
fn in_order(jobs: &[Vec<Choice>], order: &[usize], limits: usize) -> Result<Vec<usize>, usize> {
    let mut used = vec![0.0; limits];
    let mut taken = Vec::new();
    for (at, job) in order.iter().enumerate() {
        let ways = jobs[*job].iter().filter_map(|choice| choice.least(&used));
        let best = ways.min_by(|(a, _), (b, _)| a.total_cmp(b));
        let (_, columns) = best.ok_or(at)?;
        for column in columns {
            column.add(&mut used);
            taken.push(column.index);
        }
    }
    Ok(taken)
}

impl Choice {
    /// How much of the limits it takes, all in all.
    fn weight(&self) -> f64 {
        let piece = self.pieces.first().map_or(0.0, Column::weight);
        self.option.weight() + piece * self.needs as f64
    }

    /// The option with its best pieces that limits leave, and the sum of their reduced costs.
    fn least(&self, used: &[f64]) -> Option<(f64, Vec<&Column>)> {
        if !self.option.fits(used) {
            return None;
        }
        let mut used = used.to_vec();
        self.option.add(&mut used);
        let mut taken = vec![&self.option];
        for piece in &self.pieces {
            if taken.len() > self.needs {
                break;
            }
            if piece.fits(&used) {
                piece.add(&mut used);
                taken.push(piece);
            }
        }
        let sum = taken.iter().map(|column| column.reduced).sum();
        (taken.len() > self.needs).then_some((sum, taken))
    }
}

impl Column {
    fn weight(&self) -> f64 {
        self.parts.iter().map(|(_, part)| part).sum()
    }

    fn fits(&self, used: &[f64]) -> bool {
        self.parts.iter().all(|(k, part)| used[*k] + part <= 1.0 + ROUNDING)
    }

    fn add(&self, used: &mut [f64]) {
        self.parts.iter().for_each(|(k, part)| used[*k] += part);
    }
}
