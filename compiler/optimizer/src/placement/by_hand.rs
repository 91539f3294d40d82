//! Instances so small that what is right can be told by hand.

use super::instance::{Instance, Offer, Region, Service, Shape, Variant, Weights};

/// Machines of these sizes at one dollar each, and services of (pods, size of a pod).
pub fn instance(sizes: &[u32], services: &[(u32, u32)]) -> Instance {
    let shape = |size: &u32| Shape {
        capacity: [*size, 100, 0, 100],
        vcpu: f64::from(*size),
        ..Shape::default()
    };
    let offer = |shape: usize| Offer {
        shape: shape as u32,
        price: 1.0,
        share: 1.0,
        limit: 9,
        ..Offer::default()
    };
    let service = |(replicas, size): &(u32, u32)| Service {
        regions: vec![0],
        pools: vec![0],
        max_per_node: 9,
        min_zones: 1,
        latency_ms: vec![1.0],
        variants: vec![Variant {
            replicas: *replicas,
            request: [*size, 1, 0, 1],
            archs: vec![0],
            ..Variant::default()
        }],
    };
    Instance {
        regions: vec![Region { zones: 1, pue: 1.0 }],
        rtt_ms: vec![vec![0.0]],
        shapes: sizes.iter().map(shape).collect(),
        offers: (0..sizes.len()).map(offer).collect(),
        services: services.iter().map(service).collect(),
        weights: Weights { cost: 1.0, ..Weights::default() },
        ..Instance::default()
    }
}
