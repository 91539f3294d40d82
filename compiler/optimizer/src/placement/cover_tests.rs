//! Whether machines hold what they are to hold, against what can be told by hand.

use super::Effort;
use super::cover::Cover;
use super::instance::{Instance, Offer, Region, Service, Shape, Variant, Weights};
use super::market::Markets;
use super::supply::Supply;
use super::tables::Tables;

/// Machines of 5 and of 10, and two services with pods of 3 and of 2.
fn instance() -> Instance {
    let shape = |size: u32| Shape {
        capacity: [size, 100, 0, 100],
        vcpu: f64::from(size),
        ..Shape::default()
    };
    let offer = |shape: u32| Offer { shape, price: 1.0, share: 1.0, limit: 9, ..Offer::default() };
    let service = |request: u32| Service {
        regions: vec![0],
        pools: vec![0],
        max_per_node: 9,
        min_zones: 1,
        latency_ms: vec![1.0],
        variants: vec![Variant {
            replicas: 3,
            request: [request, 1, 0, 1],
            archs: vec![0],
            ..Variant::default()
        }],
    };
    Instance {
        regions: vec![Region { zones: 1, pue: 1.0 }],
        rtt_ms: vec![vec![0.0]],
        shapes: vec![shape(5), shape(10)],
        offers: vec![offer(0), offer(1)],
        services: vec![service(3), service(2)],
        weights: Weights { cost: 1.0, ..Weights::default() },
        ..Instance::default()
    }
}

#[test]
fn machines_that_hold_all_are_not_refuted_and_others_are() {
    let instance = instance();
    let tables = Tables::new(&instance);
    let markets = Markets::new(&tables);
    let market = &markets.markets[0];
    let large = |i: u32| tables.choices[0].request == markets.items[i as usize].request;
    let first_is_large = large(market.items[0]);
    let small_is_first = tables.offers[market.goods[0].offer as usize].capacity[0] == 5;
    let ordered = |a: f64, b: f64, is_so: bool| if is_so { [a, b] } else { [b, a] };
    // Large pods, small pods, machines of 5, machines of 10; whether that fits.
    let cases = [
        // By size it would: 9 of 10. But a machine of 5 holds one pod of 3.
        (3.0, 0.0, 2.0, 0.0, false),
        (3.0, 0.0, 3.0, 0.0, true),
        (3.0, 0.0, 0.0, 1.0, true),
        (2.0, 2.0, 2.0, 0.0, true),
        (2.0, 3.0, 2.0, 0.0, false),
        (3.0, 3.0, 1.0, 1.0, true),
        (4.0, 2.0, 1.0, 1.0, false),
        (0.0, 0.0, 0.0, 0.0, true),
    ];
    for (larges, smalls, fives, tens, fits) in cases {
        let demand = ordered(larges, smalls, first_is_large);
        let bought = ordered(fives, tens, small_is_first);
        let mut supply = Supply::new(&tables, &markets);
        let effort = Effort::counted(&|| 0.0);
        let found = Cover::refute(0, &mut supply, &demand, &bought, 10_000, &effort);
        assert_eq!(found.is_none(), fits, "{larges} {smalls} in {fives} {tens}");
        let Some((sizes, costs)) = found else { continue };
        let worth = |values: &[f64], counts: &[f64]| {
            values.iter().zip(counts).map(|(v, n)| v * n).sum::<f64>()
        };
        assert!(worth(&sizes, &demand) > worth(&costs.goods, &bought) + 1e-6);
        for (good, cost) in costs.goods.iter().enumerate().filter(|(g, _)| bought[*g] > 0.0) {
            let holds = supply.most(0, good as u32, &sizes, &costs, 10_000);
            assert!(holds <= cost + 1e-6, "a machine of {cost} holds {holds}");
        }
    }
}
