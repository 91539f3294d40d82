//! Random instances of up to three services and five pods, with every kind of rule now and then.

use eclexia_base::SplitMix64;
use eclexia_optimizer::placement::{
    Budget, Instance, Metric, Near, Offer, Region, Service, Shape, Variant, Weights,
};

struct Seeded(SplitMix64);

impl Seeded {
    fn below(&mut self, n: u32) -> u32 {
        (self.0.next_u64() % u64::from(n)) as u32
    }

    fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }
}

pub fn instance(seed: u64) -> Instance {
    let mut rng = Seeded(SplitMix64(seed));
    let mut instance = Instance {
        regions: vec![Region { zones: 2, pue: 1.2 }, Region { zones: 1, pue: 1.1 }],
        rtt_ms: vec![vec![1.0, 20.0], vec![20.0, 1.0]],
        weights: Weights { cost: 1.0, carbon_usd_per_kg: 0.1, latency_usd_per_replica_ms: 0.0001 },
        ..Instance::default()
    };
    for size in [1, 2] {
        instance.shapes.push(Shape {
            capacity: [size * 1000 - 60, size * 2048, 0, 1000],
            vcpu: f64::from(size),
            arch: size - 1,
            gpu_model: 0,
            idle_w: 10.0 * f64::from(size),
            cpu_dyn_w: 5.0,
            gpu_dyn_w: 0.0,
            embodied_g_h: 2.0,
        });
    }
    for (region, zone) in [(0, 0), (0, 1), (1, 0)] {
        // Alike in the two zones of the first region, as markets are.
        let mut own = Seeded(SplitMix64(seed * 2 + u64::from(region)));
        for shape in 0..2 {
            let price = f64::from(10 + own.below(6)) * f64::from(shape + 1) / 100.0;
            let limit = if rng.once_in(6) { 1 } else { 5 };
            let intensity = 300.0 - 200.0 * f64::from(region);
            instance.offers.push(Offer {
                region,
                zone,
                shape,
                pool: 0,
                price,
                intensity,
                share: 1.0,
                limit,
            });
        }
    }
    let count = 1 + rng.below(3);
    services(&mut instance, &mut rng, count);
    rules(&mut instance, &mut rng, count);
    instance
}

/// Something about an instance changes, or two things do.
pub fn changed(was: &Instance, seed: u64) -> Instance {
    let mut rng = Seeded(SplitMix64(seed ^ 0x5eed));
    let mut now = was.clone();
    for _ in 0..1 + rng.below(2) {
        let s = rng.below(now.services.len() as u32) as usize;
        let o = rng.below(now.offers.len() as u32) as usize;
        let variant = &mut now.services[s].variants[0];
        match rng.below(8) {
            0 => variant.replicas += 1,
            1 => variant.replicas = variant.replicas.saturating_sub(1),
            2 => variant.request[0] *= 2,
            3 => now.offers[o].limit = 0,
            4 => now.offers[o].price *= 2.0,
            5 => now.budgets.iter_mut().for_each(|budget| budget.limit *= 0.7),
            6 => now.services[s].min_zones = 2,
            _ => {}
        }
    }
    now
}

fn services(instance: &mut Instance, rng: &mut Seeded, services: u32) {
    for s in 0..services {
        let both = !rng.once_in(3);
        let replicas = 1 + rng.below(if services == 3 { 1 } else { 2 });
        let variants = (0..1 + rng.below(2)).map(|v| Variant {
            replicas: if v == 0 { replicas } else { 1 },
            request: [200 + 100 * rng.below(9), 200 + 300 * rng.below(5), 0, 10],
            archs: if rng.once_in(4) { vec![1] } else { vec![0, 1] },
            gpu_models: Vec::new(),
            utilisation: 0.5,
            penalty: f64::from(v) * 0.02,
        });
        let variants = variants.collect();
        instance.services.push(Service {
            regions: if both { vec![0, 1] } else { vec![s % 2] },
            pools: vec![0],
            max_per_node: 1 + rng.below(2),
            min_zones: 1 + rng.below(2),
            latency_ms: vec![10.0, 30.0],
            variants,
        });
    }
}

fn rules(instance: &mut Instance, rng: &mut Seeded, services: u32) {
    if services > 1 {
        match rng.below(5) {
            0 => instance.conflicts.push((0, 1)),
            1 => instance.together.push((0, 1)),
            2 | 3 => instance.near.push(Near { a: 0, b: 1, ms: 5.0 }),
            _ => {}
        }
    }
    let budgets = [
        (Metric::Cost, None, 0.2),
        (Metric::Carbon, None, 20.0),
        (Metric::Vcpu, Some(0), 2.0),
        (Metric::Nodes, None, 1.0),
        (Metric::Watts, None, 30.0),
    ];
    for (metric, region, least) in budgets {
        if rng.once_in(4) {
            let limit = least * f64::from(1 + rng.below(3));
            instance.budgets.push(Budget { metric, region, limit });
        }
    }
}
