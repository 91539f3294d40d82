//! Branch and cut against listing every point, on random programmes small enough for it.

use eclexia_optimizer::mip::{End, Stop, solve};
use eclexia_optimizer::model::{Column, Kind, Model};

struct Seeded(u64);

impl Seeded {
    fn between(&mut self, lo: i64, hi: i64) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (lo + ((self.0 >> 33) % (hi - lo + 1) as u64) as i64) as f64
    }
}

/// Whole columns of small range, and up to two real ones.
fn random(seed: u64) -> Model {
    let mut r = Seeded(seed);
    let rows = 1 + r.between(0, 4) as usize;
    let column = |r: &mut Seeded, kind| {
        let lo = r.between(-2, 1);
        let entries = (0..rows).map(|row| (row, r.between(-6, 9))).filter(|e| e.1 != 0.0).collect();
        Column { cost: r.between(-9, 9), bounds: (lo, lo + r.between(1, 3)), kind, entries }
    };
    let whole = 2 + r.between(0, 4) as usize;
    let mut columns: Vec<Column> = (0..whole).map(|_| column(&mut r, Kind::Whole)).collect();
    columns.extend((0..r.between(0, 2) as usize).map(|_| column(&mut r, Kind::Real)));
    let side = |r: &mut Seeded| match r.between(0, 3) as u8 {
        0 => (r.between(-9, 4), f64::INFINITY),
        1 => (r.between(-9, 0), r.between(1, 9)),
        _ => (f64::NEG_INFINITY, r.between(-4, 14)),
    };
    let rows = (0..rows).map(|_| side(&mut r)).collect();
    Model { constant: r.between(-5, 5), rows, columns, ..Model::default() }
}

/// The least value over every choice of the whole columns, by the simplex for the others.
fn listed(model: &Model) -> Option<f64> {
    let whole: Vec<usize> =
        (0..model.columns.len()).filter(|j| model.columns[*j].kind == Kind::Whole).collect();
    let mut best: Option<f64> = None;
    let mut point: Vec<f64> = whole.iter().map(|j| model.columns[*j].bounds.0).collect();
    loop {
        let mut lp = model.relaxation();
        whole.iter().zip(&point).for_each(|(j, x)| lp.set_bounds(*j, (*x, *x)));
        let limits = eclexia_optimizer::simplex::Limits::work(1_000_000);
        if lp.solve(&limits) == eclexia_optimizer::simplex::Status::Optimal {
            let value = lp.objective() + model.constant;
            best = Some(best.map_or(value, |b: f64| b.min(value)));
        }
        let next = (0..whole.len()).find(|k| point[*k] < model.columns[whole[*k]].bounds.1);
        let Some(k) = next else { return best };
        point[k] += 1.0;
        (0..k).for_each(|i| point[i] = model.columns[whole[i]].bounds.0);
    }
}

#[test]
fn optima_equal_those_of_listing_every_point() {
    let (mut feasible, mut empty) = (0, 0);
    for seed in 0..400 {
        let model = random(seed);
        let found = solve(&model, &Stop { work: 1_000_000_000, stop: None });
        match listed(&model) {
            Some(value) => {
                assert_eq!(found.end, End::Optimal, "seed {seed}");
                let (_, own) = found.best.expect("feasible");
                assert!(
                    (own - value).abs() <= 1e-6 * (1.0 + value.abs()),
                    "seed {seed}: {own} {value}"
                );
                feasible += 1;
            }
            None => {
                assert_eq!(found.end, End::Infeasible, "seed {seed}");
                empty += 1;
            }
        }
    }
    assert!(feasible > 100 && empty > 20, "{feasible} {empty}");
}

#[test]
fn a_stopped_search_gives_its_point_and_a_bound_below_it() {
    let mut r = Seeded(3);
    let weights: Vec<f64> = (0..40).map(|_| r.between(40, 90)).collect();
    let column = |w: &f64| Column {
        cost: -w,
        bounds: (0.0, 1.0),
        kind: Kind::Whole,
        entries: vec![(0, 2.0 * w.round() + 1.0)],
    };
    let model = Model {
        rows: vec![(f64::NEG_INFINITY, 2001.5)],
        columns: weights.iter().map(column).collect(),
        ..Model::default()
    };
    let all = solve(&model, &Stop { work: 400_000, stop: None });
    let (_, value) = all.best.clone().expect("empty bins are feasible");
    assert!(all.bound <= value, "{} {value}", all.bound);
    let none = solve(&model, &Stop { work: u64::MAX, stop: Some(&|| true) });
    assert_eq!(none.end, End::Stopped);
}

/// Cost, upper bound, and entries of a column.
type Listed = (f64, f64, &'static [(usize, f64)]);

/// Machines, watts (the only real column), variants and pods of a small placement.
const PLACEMENT: [Listed; 11] = [
    (
        90000.0,
        6.0,
        &[
            (0, 0.390625),
            (1, 0.0625),
            (2, 0.5),
            (3, 4.0),
            (4, 7.0),
            (7, 89910.08991098926),
            (8, 1.0),
            (9, 1.0),
            (10, 1.0),
        ],
    ),
    (
        75600.0,
        3000000.0,
        &[
            (0, 0.328125),
            (1, 0.0390625),
            (3, 3.0),
            (4, 9.0),
            (6, 1.0),
            (7, 75524.47552523096),
            (8, 1.0),
            (9, 1.0),
            (10, 1.0),
        ],
    ),
    (0.0, f64::INFINITY, &[(5, 1.0)]),
    (7200.0, 1.0, &[(11, 1.0), (12, -1.0)]),
    (0.0, 1.0, &[(3, -2.0), (4, -4.0), (5, -2.0), (7, -44955.04495504508), (8, -1.0), (12, 1.0)]),
    (3600.0, 1.0, &[(13, 1.0), (14, -2.0)]),
    (0.0, 2.0, &[(3, -3.0), (4, -1.0), (6, -1.0), (7, -75524.47552447571), (14, 1.0)]),
    (7200.0, 1.0, &[(15, 1.0), (16, -1.0)]),
    (0.0, 1.0, &[(3, -2.0), (4, -3.0), (7, -44955.04495504508), (9, -1.0), (16, 1.0)]),
    (10800.0, 1.0, &[(15, 1.0), (17, -1.0)]),
    (0.0, 1.0, &[(3, -1.0), (4, -1.0), (7, -30569.43056943063), (10, -1.0), (17, 1.0)]),
];

/// A machine is worth a trillionth more than the pods it holds: a sum of two rows left coefficients
/// that were rounding alone, and a cut made of them cost the best point.
#[test]
fn a_cut_of_rounding_alone_cuts_nothing_off() {
    let any = f64::INFINITY;
    let kind = |j: usize| if j == 2 { Kind::Real } else { Kind::Whole };
    let column = |(j, (cost, most, entries)): (usize, Listed)| Column {
        cost,
        bounds: (0.0, most),
        kind: kind(j),
        entries: entries.to_vec(),
    };
    let columns = PLACEMENT.into_iter().enumerate().map(column).collect();
    let rows = vec![
        (-any, 1.21875),
        (-any, 0.90625),
        (-any, 1.0),
        (0.0, any),
        (0.0, any),
        (0.0, any),
        (0.0, any),
        (0.0, any),
        (0.0, any),
        (0.0, any),
        (0.0, any),
        (1.0, 1.0),
        (0.0, 0.0),
        (1.0, 1.0),
        (0.0, 0.0),
        (1.0, 1.0),
        (0.0, 0.0),
        (0.0, 0.0),
    ];
    let model = Model { columns, rows, ..Model::default() };
    let found = solve(&model, &Stop { work: 1 << 30, stop: None });
    assert_eq!(found.best.expect("a point").1, 248_400.0);
}

/// What HiGHS says of larger ones, which nobody lists.
#[cfg(feature = "highs")]
#[test]
fn optima_equal_those_of_highs() {
    let mut optimal = 0;
    for seed in 0..200 {
        let mut model = random(seed);
        for more in 1..4 {
            let other = random(1_000 * more + seed);
            let rows = model.rows.len();
            let shifted = other.columns.into_iter().map(|mut column| {
                column.entries.iter_mut().for_each(|(row, _)| *row %= rows);
                column.entries.sort_unstable_by_key(|entry| entry.0);
                column.entries.dedup_by_key(|entry| entry.0);
                column
            });
            model.columns.extend(shifted);
        }
        let own = solve(&model, &Stop { work: 1_000_000_000, stop: None });
        let theirs = eclexia_optimizer::highs::solve(&model, None, 1);
        assert_eq!(own.end, theirs.end, "seed {seed}");
        if let (Some((_, own)), Some((_, theirs))) = (&own.best, &theirs.best) {
            optimal += 1;
            assert!(
                (own - theirs).abs() <= 1e-6 * (1.0 + own.abs()),
                "seed {seed}: {own} {theirs}"
            );
        }
    }
    assert!(optimal > 50, "{optimal}");
}
