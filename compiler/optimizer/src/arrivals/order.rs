//! Who arrives when. The rules are those of the publisher's simulator ("workload tuning"): the list
//! is shuffled; where it asks for less than is to arrive, pods drawn from it with replacement
//! follow, until the next would ask for too much. Machines are shuffled too, for of equal ones the
//! first is taken. Its stream of random numbers is Go's and is not followed, so that its seeds are
//! other orders here.

use super::instance::{Instance, MOST_ARRIVALS, MOST_PERCENT};
use crate::random::Rng;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Pods of the list as they arrive; one may come more than once.
    pub pods: Vec<u32>,
    /// All machines; of those that a policy finds equal, the first is taken.
    pub machines: Vec<u32>,
}

impl Order {
    /// The list and the machines as they stand.
    pub fn listed(instance: &Instance) -> Order {
        let pods = (0..instance.pods.len() as u32).collect();
        Order { pods, machines: (0..instance.machines.len() as u32).collect() }
    }

    /// As many arrivals as ask for `percent` of all devices; pods that ask for none come along.
    /// Equal seeds begin alike, however many arrive.
    pub fn shuffled(instance: &Instance, percent: f64, seed: u64) -> Order {
        let mut order = Order::listed(instance);
        let mut random = Rng::new(seed);
        random.shuffle(&mut order.machines);
        random.shuffle(&mut order.pods);
        let most = instance.capacity() as f64 * percent.clamp(0.0, MOST_PERCENT) / 100.0;
        let mut arrived = 0;
        let mut fits = |pod: &u32| {
            arrived += instance.request(*pod).total();
            arrived as f64 <= most
        };
        let listed = order.pods.iter().take_while(|pod| fits(pod)).count();
        if listed < order.pods.len() || instance.demand() == 0 {
            order.pods.truncate(listed);
            return order;
        }
        while order.pods.len() < MOST_ARRIVALS {
            let pod = random.below(instance.pods.len()) as u32;
            if !fits(&pod) {
                break;
            }
            order.pods.push(pod);
        }
        order
    }
}
