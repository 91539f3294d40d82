//! Whether a new pod can start beside the old ones on the machines of the plan.
//!
//! In: a service and how many of its pods are replaced at a time. Out: start first or stop first.
//! A rolling update that may not make a pod unavailable waits for ever on machines that are full,
//! so the answer is computed from the plan's own machines and not hoped for.

use crate::chosen::{Chosen, View, node_type, positive};
use eclexia_base::number;
use eclexia_model::{Exact, NodeChoice, Resource};
use num_traits::ToPrimitive;

/// True when the plan's machines hold `at_a_time` further pods of the service.
pub fn fits_beside(view: &View<'_>, chosen: &Chosen<'_>, at_a_time: u32) -> bool {
    let extra: u64 = view.plan.nodes.iter().map(|node| spare_pods(view, chosen, node)).sum();
    extra >= u64::from(at_a_time)
}

/// Pods of the service that fit on these machines beside what the plan puts there.
fn spare_pods(view: &View<'_>, chosen: &Chosen<'_>, node: &NodeChoice) -> u64 {
    let own = node.pods.get(&chosen.service.name).copied().unwrap_or(0);
    // Only machines that run the service already: others may be barred by affinity or conflicts.
    if own == 0 {
        return 0;
    }
    let Some(machine) = node_type(view.dep, &node.node_type) else { return 0 };
    let by_rule = chosen.service.max_per_node.map_or(u64::MAX, |k| k.saturating_sub(own).into());
    let placed = Resource::ALL.into_iter().filter(|resource| resource.is_placed());
    let by_capacity = placed.filter_map(|resource| {
        let each = chosen.requires(resource)?;
        let zero = Exact::int(0);
        let capacity = machine.capacity.get(&resource).unwrap_or(&zero);
        let free = &capacity.0 - used(view, node, resource);
        let count = (free / &each.0).floor().to_integer();
        Some(count.to_u64().unwrap_or(0))
    });
    let each_machine = by_capacity.min().unwrap_or(u64::MAX).min(by_rule);
    each_machine.saturating_mul(node.count.into())
}

fn used(view: &View<'_>, node: &NodeChoice, resource: Resource) -> eclexia_base::Rational {
    let mut sum = number::int(0);
    for (name, pods) in &node.pods {
        let other = view.service(name);
        if let Some(each) = other.and_then(|other| positive(&other.variant.requires, resource)) {
            sum += &each.0 * number::int((*pods).into());
        }
    }
    sum
}
