//! Components as large as the published ones: five on twenty offers, with conflicts, bounds and
//! alternatives; and sixty items in three dimensions, packed and proved.

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_optimizer::Effort;
use eclexia_optimizer::components::{self, Component, Offer, Rule, Scope};
use eclexia_optimizer::mip::Stop;
use eclexia_optimizer::packing::{self, Kind};

/// A site with a database, two kinds of balancer and a cache, as in the SAGE artefact.
fn site() -> components::Instance {
    let needs = [[2, 512, 1000], [2, 512, 2000], [4, 2048, 500], [4, 2048, 500], [4, 4000, 500]];
    let component = |needs| Component { needs, at_least: 0 };
    let size = |n: i64| [1 << (n % 5), 1 << (9 + n % 6), 500 << (n % 3)];
    let offer = |n: i64| Offer { holds: size(n), price: 60 + 130 * (n % 5) + 17 * (n % 6) + n };
    let conflict = |one: usize, others: &[usize]| Rule::Conflict { one, others: others.to_vec() };
    let bound = |c: usize, least: Option<i64>, most: Option<i64>| {
        let terms = vec![(c, 1)];
        Rule::Counts { terms, least, most, scope: Scope::Deployed }
    };
    let provide = |a: usize, n: i64, b: usize, m: i64| {
        let terms = vec![(a, -n), (b, m)];
        Rule::Counts { terms, least: Some(0), most: None, scope: Scope::All }
    };
    components::Instance {
        components: needs.map(component).to_vec(),
        offers: (0..20).map(offer).collect(),
        rules: vec![
            conflict(3, &[0, 1, 4]),
            conflict(2, &[0, 1, 4]),
            conflict(4, &[1, 2, 3]),
            bound(0, Some(6), None),
            bound(1, Some(2), None),
            bound(4, Some(2), None),
            bound(3, None, Some(1)),
            provide(0, 1, 3, 7),
            provide(0, 1, 2, 3),
            provide(0, 2, 1, 3),
            Rule::OneOf(vec![2, 3]),
        ],
    }
}

fn boxes() -> packing::Instance {
    let size = |n: i64, d: i64| 100 + (n * n * 37 + d * 101 + n * d * 53) % 300;
    let kind = |n| Kind { size: (0..3).map(|d| size(n, d)).collect(), count: 1 };
    packing::Instance { capacity: vec![1000; 3], kinds: (0..60).map(kind).collect() }
}

fn packings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("packing");
    group.sample_size(20);
    let site = site();
    let stop = Stop { work: 1 << 34, stop: None };
    group.bench_function("5 components on 20 offers", |b| {
        b.iter(|| components::solve(&site, &stop).map(|found| found.bound));
    });
    let boxes = boxes();
    group.bench_function("60 items in 3 dimensions", |b| {
        b.iter(|| packing::solve(&boxes, Effort::counted(&|| 0.0), &|_| {}).bound);
    });
    group.finish();
}

criterion_group!(benches, packings);
criterion_main!(benches);
