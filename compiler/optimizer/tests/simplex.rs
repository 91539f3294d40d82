//! The simplex on random programmes and on netlib: every answer is held against its own proof, and
//! a warm start after changes against a cold one.

use eclexia_optimizer::certificate::{certificate, proves_infeasible, proves_unbounded};
use eclexia_optimizer::model::{Column, Kind, Model};
use eclexia_optimizer::simplex::{Limits, Simplex, Status};
use eclexia_optimizer::solver::{self, Engine, Numbers};
use eclexia_optimizer::{Lp, Sense};

const WORK: Limits = Limits { work: 2_000_000_000, stop: None, cutoff: f64::INFINITY };

/// Small whole numbers by Knuth's generator (MMIX).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn between(&mut self, lo: i64, hi: i64) -> f64 {
        (lo + self.below((hi - lo + 1) as u64) as i64) as f64
    }

    fn bounds(&mut self) -> (f64, f64) {
        let lo = self.between(-3, 2);
        match self.below(7) {
            0 => (f64::NEG_INFINITY, f64::INFINITY),
            1 => (f64::NEG_INFINITY, lo),
            2 => (lo, lo),
            3 | 4 => (lo, lo + self.between(1, 6)),
            _ => (lo, f64::INFINITY),
        }
    }

    fn entries(&mut self, lines: usize) -> Vec<(usize, f64)> {
        let mut entries: Vec<(usize, f64)> = Vec::new();
        for line in 0..lines {
            if self.below(3) == 0 {
                let scale = [1.0, 1.0, 1.0, 0.01, 250.0][self.below(5) as usize];
                entries.push((line, scale * self.between(1, 9) * self.between(-1, 2)));
            }
        }
        entries.retain(|(_, a)| *a != 0.0);
        entries
    }

    fn column(&mut self, rows: usize) -> Column {
        let (bounds, entries) = (self.bounds(), self.entries(rows));
        Column { cost: self.between(-4, 9), bounds, kind: Kind::Real, entries }
    }

    fn model(&mut self) -> Model {
        let (rows, columns) = (1 + self.below(12) as usize, 1 + self.below(20) as usize);
        Model {
            rows: (0..rows).map(|_| self.bounds()).collect(),
            columns: (0..columns).map(|_| self.column(rows)).collect(),
            ..Model::default()
        }
    }
}

/// The answer, after its proof was checked.
fn proved(model: &Model, simplex: &mut Simplex, name: &str) -> Option<f64> {
    match simplex.solve(&WORK) {
        Status::Optimal => {
            let found = certificate(model, &simplex.values(), simplex.duals());
            assert!(found.holds(), "{name}: {found:?}");
            Some(simplex.objective() + model.constant)
        }
        Status::Infeasible => {
            assert!(proves_infeasible(model, simplex.farkas()), "{name}: no proof");
            None
        }
        Status::Unbounded => {
            assert!(proves_unbounded(model, simplex.direction()), "{name}: no proof");
            Some(f64::NEG_INFINITY)
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn random_programmes_come_with_proofs_of_all_three_kinds() {
    let mut counts = [0; 3];
    for seed in 0..3000 {
        let model = Seeded(seed).model();
        let answer = proved(&model, &mut model.relaxation(), &format!("seed {seed}"));
        counts[answer.map_or(0, |value| if value.is_finite() { 1 } else { 2 })] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn a_warm_start_after_any_change_ends_where_a_cold_one_does() {
    for seed in 0..300 {
        let mut random = Seeded(seed);
        let mut model = random.model();
        let mut warm = model.relaxation();
        for change in 0..25 {
            let name = format!("seed {seed} change {change}");
            let value = proved(&model, &mut warm, &name);
            let cold = proved(&model, &mut model.relaxation(), &name);
            let same = |(a, b): (f64, f64)| a == b || (a - b).abs() <= 1e-8 * (1.0 + a.abs());
            assert!(value.zip(cold).map_or(value == cold, same), "{name}: {value:?} {cold:?}");
            let j = random.below(model.columns.len() as u64) as usize;
            let i = random.below(model.rows.len() as u64) as usize;
            match random.below(5) {
                0 => {
                    model.columns[j].bounds = random.bounds();
                    warm.set_bounds(j, model.columns[j].bounds);
                }
                1 => {
                    model.columns[j].cost = random.between(-4, 9);
                    warm.set_cost(j, model.columns[j].cost);
                }
                2 => {
                    model.rows[i] = random.bounds();
                    warm.set_row_bounds(i, model.rows[i]);
                }
                3 => {
                    let bounds = random.bounds();
                    let entries = random.entries(model.columns.len());
                    let row = warm.add_row(bounds, &entries);
                    model.rows.push(bounds);
                    entries.iter().for_each(|(j, a)| model.columns[*j].entries.push((row, *a)));
                }
                _ => {
                    let column = random.column(model.rows.len());
                    warm.add_column(column.cost, column.bounds, &column.entries);
                    model.columns.push(column);
                }
            }
            if random.below(4) == 0 {
                let basis = warm.basis();
                warm.set_basis(&basis);
            }
        }
    }
}

#[test]
fn columns_in_a_stream_keep_the_optimum_of_all_at_once() {
    let (rows, batches, batch) = (60, 20, 15);
    let mut random = Seeded(7);
    let mut model = Model::default();
    let mut live = Simplex::new();
    for _ in 0..rows {
        let bounds = (random.between(1, 20), f64::INFINITY);
        model.rows.push(bounds);
        live.add_row(bounds, &[]);
    }
    let add = |model: &mut Model, live: &mut Simplex, cost, entries: Vec<(usize, f64)>| {
        live.add_column(cost, (0.0, f64::INFINITY), &entries);
        let bounds = (0.0, f64::INFINITY);
        model.columns.push(Column { cost, bounds, kind: Kind::Real, entries });
    };
    (0..rows).for_each(|row| add(&mut model, &mut live, 10.0, vec![(row, 1.0)]));
    for batch_index in 0..batches {
        let name = format!("batch {batch_index}");
        let value = proved(&model, &mut live, &name).expect("feasible");
        let cold = proved(&model, &mut model.relaxation(), &name).expect("feasible");
        assert!((value - cold).abs() <= 1e-9 * cold, "{name}: {value} {cold}");
        for _ in 0..batch {
            let pattern =
                (0..4).map(|_| (random.below(rows as u64) as usize, random.between(1, 3)));
            let mut entries: Vec<(usize, f64)> = pattern.collect();
            entries.sort_by_key(|(row, _)| *row);
            entries.dedup_by_key(|(row, _)| *row);
            add(&mut model, &mut live, random.between(3, 9), entries);
        }
    }
}

#[test]
fn optima_agree_with_clarabel() {
    let mut solved = 0;
    for seed in 0..300 {
        let mut random = Seeded(seed);
        let mut lp = Lp::new();
        let rows = 2 + random.below(10) as usize;
        for _ in 0..rows {
            let sense = if random.below(3) == 0 { Sense::Equal } else { Sense::AtMost };
            lp.add_row(sense, random.between(0, 12));
        }
        for _ in 0..2 + random.below(20) {
            let entries = random.entries(rows);
            lp.add_column(random.between(-3, 6), (0.0, random.between(1, 9)), &entries);
        }
        let mut own = Simplex::from(&lp);
        let status = own.solve(&WORK);
        match solver::solve(&lp, Engine::Clarabel, Numbers::Real) {
            Ok(claim) => {
                assert_eq!(status, Status::Optimal, "seed {seed}");
                let near = (claim.objective - own.objective()).abs();
                assert!(near <= 1e-6 * (1.0 + claim.objective.abs()), "seed {seed}: {near}");
                solved += 1;
            }
            Err(_) => assert_eq!(status, Status::Infeasible, "seed {seed}"),
        }
    }
    assert!(solved > 100, "{solved}");
}

#[test]
fn work_and_the_callers_word_stop_it() {
    let mut model = Seeded(11).model();
    model.rows = vec![(0.0, 5.0); model.rows.len()];
    let mut simplex = model.relaxation();
    assert_eq!(simplex.solve(&Limits { stop: Some(&|| true), ..WORK }), Status::Stopped);
    assert_eq!(model.relaxation().solve(&Limits::work(0)), Status::Stopped);
}
