//! The only file that knows good_lp. Back ends are chosen by name in one `match`, never by what
//! happens to be compiled in. What goes out is a claim to be checked: duals of an integer programme
//! are refused, and Clarabel's answer is held against the rows, because it calls an unbounded
//! programme solved.

use crate::lp::{Lp, Sense};
use good_lp::solvers::ObjectiveDirection;
use good_lp::variable::UnsolvedProblem;
use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution, SolutionWithDual, SolverModel,
    Variable, variable,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Simplex and branch and bound; integers, no duals.
    Microlp,
    /// Interior point; duals at the analytic centre, no integers.
    Clarabel,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub objective: f64,
    pub values: Vec<f64>,
    /// One per row, of a minimisation; empty from an engine without.
    pub duals: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    Infeasible,
    /// The engine's word for it.
    Other(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbers {
    Real,
    Whole,
}

/// Solves `lp` with the named engine.
pub fn solve(lp: &Lp, engine: Engine, numbers: Numbers) -> Result<Claim, Failure> {
    let mut variables = ProblemVariables::new();
    let columns: Vec<Variable> = (0..lp.columns())
        .map(|j| {
            let definition = variable().min(lp.lo[j]).max(lp.hi[j]);
            variables.add(if numbers == Numbers::Whole { definition.integer() } else { definition })
        })
        .collect();
    let objective: Expression = columns.iter().zip(&lp.cost).map(|(x, c)| *c * *x).sum();
    let unsolved = variables.optimise(ObjectiveDirection::Minimisation, objective);
    let rows = rows(lp, &columns);
    let mut claim = match (engine, numbers) {
        (Engine::Microlp, _) => microlp(unsolved, rows, &columns)?,
        (Engine::Clarabel, Numbers::Real) => clarabel(unsolved, rows, &columns)?,
        (Engine::Clarabel, Numbers::Whole) => {
            return Err(Failure::Other("clarabel has no integers".to_owned()));
        }
    };
    claim.objective = claim.values.iter().zip(&lp.cost).map(|(x, c)| x * c).sum();
    let worst = violation(lp, &claim.values);
    if worst > 1e-6 {
        return Err(Failure::Other(format!("the point given breaks a row by {worst:e}")));
    }
    if !claim.duals.is_empty() && !is_bounded_by(lp, &claim.duals) {
        return Err(Failure::Other("the multipliers given bound nothing".to_owned()));
    }
    Ok(claim)
}

fn rows(lp: &Lp, columns: &[Variable]) -> Vec<good_lp::Constraint> {
    let mut sums = vec![Expression::default(); lp.rows()];
    for (j, x) in columns.iter().enumerate() {
        let (rows, values) = lp.column(j);
        for (r, v) in rows.iter().zip(values) {
            sums[*r as usize].add_mul(*v, *x);
        }
    }
    let rows = sums.into_iter().zip(&lp.rhs).zip(&lp.sense);
    rows.map(|((sum, rhs), sense)| match sense {
        Sense::AtMost => sum.leq(*rhs),
        Sense::Equal => sum.eq(*rhs),
    })
    .collect()
}

fn microlp(
    unsolved: UnsolvedProblem,
    rows: Vec<good_lp::Constraint>,
    columns: &[Variable],
) -> Result<Claim, Failure> {
    let mut model = unsolved.using(good_lp::microlp);
    for row in rows {
        model.add_constraint(row);
    }
    let solution = model.solve().map_err(failure)?;
    let values = columns.iter().map(|x| solution.value(*x)).collect();
    Ok(Claim { objective: 0.0, values, duals: Vec::new() })
}

fn clarabel(
    unsolved: UnsolvedProblem,
    rows: Vec<good_lp::Constraint>,
    columns: &[Variable],
) -> Result<Claim, Failure> {
    use good_lp::DualValues;
    let mut model = unsolved.using(good_lp::clarabel);
    let rows: Vec<_> = rows.into_iter().map(|row| model.add_constraint(row)).collect();
    let mut solution = model.solve().map_err(failure)?;
    let values = columns.iter().map(|x| solution.value(*x)).collect();
    let dual = solution.compute_dual();
    let duals = rows.into_iter().map(|row| dual.dual(row)).collect();
    Ok(Claim { objective: 0.0, values, duals })
}

fn failure(error: ResolutionError) -> Failure {
    match error {
        ResolutionError::Infeasible => Failure::Infeasible,
        other => Failure::Other(other.to_string()),
    }
}

/// Whether no column without an upper bound has a negative reduced cost.
fn is_bounded_by(lp: &Lp, duals: &[f64]) -> bool {
    let reduced = |j: usize| lp.cost[j] - lp.dot(duals, j);
    let open = (0..lp.columns()).filter(|j| lp.hi[*j] == f64::INFINITY);
    open.into_iter().all(|j| reduced(j) >= -1e-6 * (1.0 + lp.cost[j].abs()))
}

fn violation(lp: &Lp, x: &[f64]) -> f64 {
    let mut sums = vec![0.0; lp.rows()];
    let mut worst = 0.0f64;
    for (j, x) in x.iter().enumerate() {
        let (rows, values) = lp.column(j);
        rows.iter().zip(values).for_each(|(r, v)| sums[*r as usize] += v * x);
        worst = worst.max(lp.lo[j] - x).max(x - lp.hi[j]);
    }
    for ((sum, rhs), sense) in sums.iter().zip(&lp.rhs).zip(&lp.sense) {
        let over = sum - rhs;
        worst = worst.max(if *sense == Sense::Equal { over.abs() } else { over });
    }
    worst
}
