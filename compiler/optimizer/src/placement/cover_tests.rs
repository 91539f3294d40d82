//! Whether machines hold what they are to hold, against what can be told by hand.

use super::Effort;
use super::by_hand::instance;
use super::cover::Cover;
use super::instance::Instance;
use super::market::Markets;
use super::relax::Relaxation;
use super::supply::Supply;
use super::tables::{Tables, fits};
use crate::random::Rng;
use crate::simplex::{Limits, Simplex, Status};

#[test]
fn machines_that_hold_all_are_not_refuted_and_others_are() {
    let instance = instance(&[5, 10], &[(3, 3), (3, 2)]);
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

/// What it costs to hold all pods in fractions of fillings, with every filling written out.
fn written_out(instance: &Instance) -> f64 {
    let mut lp = Simplex::new();
    for service in &instance.services {
        lp.add_row((f64::from(service.variants[0].replicas), f64::INFINITY), &[]);
    }
    for offer in &instance.offers {
        let mut counts = vec![0_u32; instance.services.len()];
        loop {
            let asked = std::array::from_fn(|r| {
                let services = instance.services.iter().zip(&counts);
                services.map(|(s, n)| s.variants[0].request[r] * n).sum()
            });
            if fits(&asked, &instance.shapes[offer.shape as usize].capacity) {
                let pods = counts.iter().enumerate().map(|(s, n)| (s, f64::from(*n)));
                lp.add_column(offer.price, (0.0, f64::INFINITY), &pods.collect::<Vec<_>>());
            }
            // The next, as an odometer counts.
            let Some(next) = counts.iter().position(|n| *n < 4) else { break };
            counts[..next].fill(0);
            counts[next] += 1;
        }
    }
    assert_eq!(lp.solve(&Limits::work(u64::MAX)), Status::Optimal);
    lp.objective()
}

#[test]
fn fillings_in_one_programme_prove_what_all_fillings_written_out_cost() {
    let mut rng = Rng::new(7);
    let mut lifted = 0;
    for _ in 0..40 {
        let mut instance = instance(&[5, 10], &[(3, 3), (3, 2)]);
        let service = instance.services[0].clone();
        instance.services = vec![service; 4];
        for service in &mut instance.services {
            service.max_per_node = 4;
            service.latency_ms = vec![0.0];
            let variant = &mut service.variants[0];
            variant.replicas = 1 + rng.below(9) as u32;
            variant.request = [2 + rng.below(5) as u32, 12 + rng.below(60) as u32, 0, 1];
        }
        instance.shapes[0].capacity[0] = 7;
        instance.offers[1].price = 1.3 + rng.unit();
        instance.offers.iter_mut().for_each(|offer| offer.limit = 99);
        let tables = Tables::new(&instance);
        let markets = Markets::new(&tables);
        let effort = Effort::timed(&|| 0.0);
        let mut relaxation = Relaxation::new(&tables, &markets);
        assert!(relaxation.mix(&effort));
        let before = relaxation.bound;
        relaxation.round(&effort);
        relaxation.fill(&effort);
        let (bound, value) = (relaxation.bound, written_out(&instance));
        assert!(bound <= value * (1.0 + 1e-9), "{bound} is above {value}");
        assert!(bound >= value * (1.0 - 5e-4), "{bound} is below {value}");
        lifted += u32::from(bound > before * 1.01);
    }
    assert!(lifted > 10, "fillings say more than resources in {lifted} of 40");
}
