//! Planning of handwritten sizes: 12 services, 16 offers; free, with half the carbon, and prices.

#[allow(dead_code, unused_imports, reason = "the brute force is for the tests")]
#[path = "../tests/small/mod.rs"]
mod small;

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_base::number::{from_f64_rounded, to_f64};
use eclexia_optimizer::Planner;

fn planning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("planning");
    group.sample_size(10);
    let mut problem = small::problem(&small::medium::medium(1, 12));
    group.bench_function("12 services, no limit", |b| {
        b.iter(|| Planner::new(&problem).map(|p| p.optimum().bound));
    });
    let best = Planner::new(&problem).ok().and_then(|p| p.optimum().best);
    if let Some((_, figures)) = best {
        problem.limits[1] = from_f64_rounded(to_f64(&figures.uses[1]) * 0.6, 9);
    }
    group.bench_function("12 services, carbon limited", |b| {
        b.iter(|| Planner::new(&problem).map(|p| p.optimum().bound));
    });
    group.bench_function("prices of the relaxation", |b| {
        b.iter(|| Planner::new(&problem).map(|p| p.relax(&problem.limits).map(|r| r.objective)));
    });
    group.finish();
}

criterion_group!(benches, planning);
criterion_main!(benches);
