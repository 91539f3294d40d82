//! Tightening before the first solve, of what stays: boxes of whole columns become whole and as
//! small as the rows make them, coefficients of whole columns in rows that they alone can break
//! shrink to what is needed (Savelsbergh 1994). No row or column is renamed, so that points and
//! prices need no translation back.

use super::Problem;
use super::propagate::{Empty, activity, propagate};

const ROUNDS: usize = 5;

pub fn presolve(problem: &mut Problem) -> Result<(), Empty> {
    for j in 0..problem.lo.len() {
        if problem.is_whole(j) {
            problem.lo[j] = (problem.lo[j] - super::WHOLE).ceil();
            problem.hi[j] = (problem.hi[j] + super::WHOLE).floor();
        }
        if problem.lo[j] > problem.hi[j] {
            return Err(Empty);
        }
    }
    for _ in 0..ROUNDS {
        let (mut lo, mut hi) = (problem.lo.clone(), problem.hi.clone());
        let mut changed: Vec<u32> = (0..lo.len() as u32).collect();
        propagate(problem, &mut lo, &mut hi, &mut changed)?;
        (problem.lo, problem.hi) = (lo, hi);
        let mut shrunk = false;
        for row in 0..problem.rows.len() {
            shrunk |= shrink(problem, row);
        }
        if !shrunk {
            break;
        }
    }
    write_back(problem);
    Ok(())
}

/// Shrinks coefficients of a row with one side; whether any did.
fn shrink(problem: &mut Problem, row: usize) -> bool {
    let (row_lo, row_hi) = problem.model.rows[row];
    let sign = match (row_lo.is_finite(), row_hi.is_finite()) {
        (false, true) => 1.0,
        (true, false) => -1.0,
        _ => return false,
    };
    let mut side = if sign > 0.0 { row_hi } else { -row_lo };
    let mut shrunk = false;
    for at in 0..problem.rows[row].len() {
        let (j, a) = problem.rows[row][at];
        let (lo, hi) = (problem.lo[j as usize], problem.hi[j as usize]);
        if !problem.is_whole(j as usize) || hi - lo != 1.0 {
            continue;
        }
        let (least, most) = activity(&problem.rows[row], &problem.lo, &problem.hi);
        let most = if sign > 0.0 { most } else { least };
        if most.infinite > 0 {
            return shrunk;
        }
        // As a row `Σ a x ≤ side` whose greatest activity is `most`.
        let (a, most) = (sign * a, sign * most.sum);
        let excess = most - side;
        if excess <= 1e-6 || a.abs() <= excess + 1e-6 * (1.0 + a.abs()) {
            continue;
        }
        // With the column at its better bound the row cannot be broken: only the excess matters.
        let new = a.signum() * excess;
        side += (new - a) * if a > 0.0 { hi } else { lo };
        problem.rows[row][at].1 = sign * new;
        shrunk = true;
    }
    if shrunk {
        problem.model.rows[row] = if sign > 0.0 { (row_lo, side) } else { (-side, row_hi) };
    }
    shrunk
}

/// Rows that have changed, back into the columns.
fn write_back(problem: &mut Problem) {
    problem.model.columns.iter_mut().for_each(|column| column.entries.clear());
    for (row, entries) in problem.rows.iter().enumerate() {
        for &(j, a) in entries {
            problem.model.columns[j as usize].entries.push((row, a));
        }
    }
}
