//! A deployment of the size people write by hand: services of a few shapes, a few with variants,
//! two regions, eight machine types, a budget that binds.

use super::{Dice, Small, SmallOffer, SmallService, SmallVariant};

/// `services` services in 2 regions with 8 types each, nothing limited.
pub fn medium(seed: u64, services: usize) -> Small {
    let mut dice = Dice::new(seed);
    let shapes =
        [(2, 4), (2, 8), (2, 16), (4, 8), (4, 16), (4, 32), (8, 16), (8, 32), (1, 2), (1, 4)];
    let intensity = [30, 3];
    let mut offers = Vec::new();
    for (region, grams) in intensity.iter().enumerate() {
        for (cpu, memory) in shapes {
            let cost = (cpu * 30 + memory * 5) * (100 + 7 * region as i64 + dice.up_to(0, 4)) / 100;
            offers.push(SmallOffer {
                region,
                // In quarters of a core and of a gibibyte, less what the system keeps.
                capacity: [cpu * 4 - 1, memory * 4 - 3],
                cost,
                uses: vec![cost, cpu * grams, 0],
                limit: None,
                per_watt: (grams / 8, vec![0, *grams, 0]),
            });
        }
    }
    let sizes = [(1, 1), (2, 4), (4, 4), (8, 16), (4, 8)];
    let service = |k: usize| {
        let (cpu, memory) = sizes[k % sizes.len()];
        let replicas = dice.up_to(1, 3) as u32;
        let variant = |factor: i64, replicas: u32, penalty: i64| SmallVariant {
            replicas: (replicas, replicas + 2),
            requires: [(cpu / factor).max(1), (memory / factor).max(1)],
            penalty,
            uses: vec![0, 0, (cpu / factor).max(1)],
            busy: cpu / factor,
            allowed: vec![true; offers.len()],
        };
        let variants = match k {
            0 | 3 => vec![variant(1, replicas, 0), variant(2, replicas * 2 + 1, 3)],
            1 => vec![variant(1, replicas, 0), variant(2, replicas, 60)],
            _ => vec![variant(1, replicas, 0)],
        };
        SmallService {
            variants,
            pod_cost: vec![1, 2],
            min_zones: if k == 4 && replicas > 1 { 2 } else { 1 },
            max_per_node: None,
        }
    };
    let services: Vec<SmallService> = (0..services).map(service).collect();
    Small {
        zones: vec![3; 2],
        offers,
        services,
        jobs: Vec::new(),
        limits: vec![None, None, None],
        conflicts: vec![(0, 1)],
        together: Vec::new(),
        near: vec![(2, 3)],
    }
}
