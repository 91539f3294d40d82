//! Planning of handwritten sizes: 12 services, 16 offers; free, with a CPU limit that binds, and
//! prices.

#[allow(dead_code, unused_imports, reason = "the brute force is for the tests")]
#[path = "../tests/small/mod.rs"]
mod small;

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_base::number::int;
use eclexia_optimizer::{Goal, Planner};

fn planning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("planning");
    group.sample_size(10);
    let mut problem = small::problem(&small::medium::medium(1, 12));
    group.bench_function("12 services, no limit", |b| {
        b.iter(|| Planner::new(&problem).map(|p| p.optimum().bound));
    });
    if let Some((free, least)) = Planner::new(&problem).ok().and_then(|planner| {
        let free = planner.optimum().best?.1;
        let least = planner.search(Goal::Use(2), &problem.limits, None, &[]).best?.1;
        Some((free, least))
    }) {
        problem.limits[2] = Some((&least.uses[2] + &free.uses[2]) / int(2));
    }
    group.bench_function("12 services, cpu limited", |b| {
        b.iter(|| Planner::new(&problem).map(|p| p.optimum().bound));
    });
    group.bench_function("prices of the relaxation", |b| {
        b.iter(|| Planner::new(&problem).map(|p| p.relax(&problem.limits).map(|r| r.objective)));
    });
    group.finish();
}

criterion_group!(benches, planning);
criterion_main!(benches);
