//! The judge of movement: which pods stay, by service, when each machine of a plan that continues
//! one that runs is said. From the plain instance; it shares no code with the search.

use super::instance::{Instance, Solution};
use super::running::Running;

/// So many machines of a place in the running plan's list become those of one in the new plan's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    pub was: u32,
    pub now: u32,
    pub count: u32,
}

/// Pods of one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Those that go on running where they are.
    pub kept: u64,
    pub started: u64,
    pub stopped: u64,
    /// Those stopped that could have stayed: the rest is stopped by the change itself.
    pub moved: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movements {
    pub services: Vec<Moved>,
    /// Pods of services that are gone; each is stopped.
    pub gone: u64,
}

impl Movements {
    pub fn total(&self) -> Moved {
        let mut sum = Moved { stopped: self.gone, ..Moved::default() };
        for of in &self.services {
            sum.kept += of.kept;
            sum.started += of.started;
            sum.stopped += of.stopped;
            sum.moved += of.moved;
        }
        sum
    }
}

/// Counts what moves when machines continue each other as `pairs` say; `None` when they cannot:
/// other offers, or more machines than there are. The plan keeps the rules of the instance.
///
/// A pod stays on a machine that continues one which had a pod of the same variant, whose request
/// is unchanged. It could stay where its variant is still allowed on the offer; of those that
/// could, no more than the variant's replicas count.
pub fn movements(
    instance: &Instance,
    running: &Running,
    solution: &Solution,
    pairs: &[Pair],
) -> Option<Movements> {
    let services = &instance.services;
    let could_stay = |s: u32, offer: u32| could_stay(instance, running, s, offer);
    let replicas = |s: u32, v: u32| services[s as usize].variants[v as usize].replicas;
    count(running, solution, pairs, &could_stay, &replicas)
}

/// The same where it is told of a service whether its pods could stay on an offer, and how many
/// pods it has in a variant.
pub fn count(
    running: &Running,
    solution: &Solution,
    pairs: &[Pair],
    could_stay: &dyn Fn(u32, u32) -> bool,
    replicas: &dyn Fn(u32, u32) -> u32,
) -> Option<Movements> {
    let mut kept = vec![0_u64; running.variants.len()];
    let mut left_was: Vec<u32> = running.nodes.iter().map(|n| n.count).collect();
    let mut left_now: Vec<u32> = solution.nodes.iter().map(|n| n.count).collect();
    for pair in pairs {
        let was = running.nodes.get(pair.was as usize)?;
        let now = solution.nodes.get(pair.now as usize)?;
        if was.offer != Some(now.offer) {
            return None;
        }
        let left = &mut left_was[pair.was as usize];
        *left = left.checked_sub(pair.count)?;
        let left = &mut left_now[pair.now as usize];
        *left = left.checked_sub(pair.count)?;
        for (s, pods) in &was.pods {
            let stays = running.variants[*s as usize] == Some(solution.variants[*s as usize])
                && running.may_stay[*s as usize];
            if let (true, Some((_, n))) = (stays, now.pods.iter().find(|p| p.0 == *s)) {
                kept[*s as usize] += u64::from(*pods.min(n)) * u64::from(pair.count);
            }
        }
    }
    let mut runs = vec![0_u64; kept.len()];
    let mut could = vec![0_u64; kept.len()];
    for node in &running.nodes {
        for (s, pods) in &node.pods {
            let all = u64::from(*pods) * u64::from(node.count);
            runs[*s as usize] += all;
            if node.offer.is_some_and(|offer| could_stay(*s, offer)) {
                could[*s as usize] += all;
            }
        }
    }
    let services = kept.iter().enumerate().map(|(s, kept)| {
        let replicas = |v: u32| u64::from(replicas(s as u32, v));
        let could = running.variants[s].map_or(0, |v| could[s].min(replicas(v)));
        Some(Moved {
            kept: *kept,
            started: replicas(solution.variants[s]).checked_sub(*kept)?,
            stopped: runs[s] - kept,
            moved: could.checked_sub(*kept)?,
        })
    });
    Some(Movements { services: services.collect::<Option<_>>()?, gone: running.gone })
}

/// Whether a pod of a service, as it runs, is still allowed on an offer.
fn could_stay(instance: &Instance, running: &Running, s: u32, offer: u32) -> bool {
    let service = &instance.services[s as usize];
    let Some(v) = running.variants[s as usize] else { return false };
    let variant = &service.variants[v as usize];
    let offer = &instance.offers[offer as usize];
    let shape = &instance.shapes[offer.shape as usize];
    running.may_stay[s as usize]
        && offer.limit > 0
        && service.regions.contains(&offer.region)
        && service.pools.contains(&offer.pool)
        && variant.archs.contains(&shape.arch)
        && (variant.gpu_models.is_empty() || variant.gpu_models.contains(&shape.gpu_model))
        && variant.request.iter().zip(shape.capacity).all(|(asked, has)| *asked <= has)
}
