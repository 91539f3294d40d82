//! A choice among four variants by the prices of eight resources: from plain memory, and through
//! the snapshot that threads share.

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_choice::{Snapshot, Standing, Table};
use std::hint::black_box;

fn choices(c: &mut Criterion) {
    let base = [4.0, 3.0, 2.5, 2.0];
    let uses: Vec<f64> = (0..32).map(|i| f64::from(i * 7 % 13)).collect();
    let prices: [f64; 8] = [0.1, 0.2, 0.05, 0.4, 0.0, 0.3, 0.15, 0.02];
    let Some(table) = Table::<4, 8>::new(&base, &uses) else { return };
    c.bench_function("choice, prices in memory", |b| {
        b.iter(|| black_box(&table).choose(black_box(&prices)));
    });
    let shared = Snapshot::<8>::new(0.1);
    shared.set(&prices);
    c.bench_function("choice, prices from the snapshot", |b| {
        b.iter(|| {
            let (prices, _) = black_box(&shared).read();
            black_box(&table).choose(&prices)
        });
    });
    let mut standing = Standing::new(table, &shared);
    c.bench_function("choice that stands, through the snapshot", |b| {
        b.iter(|| black_box(&mut standing).choose(black_box(&shared)));
    });
    c.bench_function("the epoch alone", |b| b.iter(|| black_box(&shared).epoch()));
}

criterion_group!(benches, choices);
criterion_main!(benches);
