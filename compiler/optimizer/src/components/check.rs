//! The judge of deployments, rule by rule. It shares nothing with the search.

use super::instance::{AMOUNTS, Instance, Machines, Rule, Scope};

/// What a deployment breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There is no offer or component of this number, or one twice on a machine.
    Unknown { machine: usize },
    /// A machine is too small for what is on it.
    Capacity { machine: usize, amount: usize },
    /// A rule by its number.
    Rule { rule: usize },
    /// There are too few of a component.
    Missing { component: usize },
}

/// The price of all machines.
pub fn check(instance: &Instance, machines: &[Machines]) -> Result<i64, Broken> {
    let mut counts = vec![0i128; instance.components.len()];
    let mut price = 0;
    for (m, machine) in machines.iter().enumerate() {
        let Some(offer) = instance.offers.get(machine.offer) else {
            return Err(Broken::Unknown { machine: m });
        };
        let on = &machine.components;
        let is_known = on.iter().all(|c| *c < counts.len()) && on.windows(2).all(|w| w[0] < w[1]);
        if !is_known {
            return Err(Broken::Unknown { machine: m });
        }
        for amount in 0..AMOUNTS {
            let needs = on.iter().map(|c| i128::from(instance.components[*c].needs[amount]));
            if needs.sum::<i128>() > i128::from(offer.holds[amount]) {
                return Err(Broken::Capacity { machine: m, amount });
            }
        }
        on.iter().for_each(|c| counts[*c] += i128::from(machine.count));
        price += offer.price * machine.count as i64;
    }
    for (rule, r) in instance.rules.iter().enumerate() {
        let used = machines.iter().filter(|m| m.count > 0);
        let holds = match r {
            Rule::OneOf(of) => of.iter().filter(|c| counts[**c] > 0).count() == 1,
            Rule::Counts { terms, least, most, scope } => {
                let deployed = terms.iter().filter(|(c, _)| counts[*c] > 0).count();
                let is_void = match scope {
                    Scope::Deployed => deployed == 0,
                    Scope::All => deployed < terms.len(),
                };
                let sum: i128 = terms.iter().map(|(c, f)| i128::from(*f) * counts[*c]).sum();
                is_void
                    || least.is_none_or(|least| sum >= i128::from(least))
                        && most.is_none_or(|most| sum <= i128::from(most))
            }
            local => used.into_iter().all(|m| keeps(instance, local, &m.components, &counts)),
        };
        if !holds {
            return Err(Broken::Rule { rule });
        }
    }
    let alternatives: Vec<usize> = instance
        .rules
        .iter()
        .filter_map(|r| if let Rule::OneOf(of) = r { Some(of) } else { None })
        .flatten()
        .copied()
        .collect();
    let few = |c: &usize| {
        let least = if alternatives.contains(c) { 0 } else { 1 };
        counts[*c] < i128::from(instance.components[*c].at_least.max(least))
    };
    match (0..counts.len()).find(few) {
        Some(component) => Err(Broken::Missing { component }),
        None => Ok(price),
    }
}

/// Whether one machine keeps a rule on what shares it.
fn keeps(instance: &Instance, rule: &Rule, on: &[usize], counts: &[i128]) -> bool {
    match rule {
        Rule::Conflict { one, others } => {
            !on.contains(one) || !others.iter().any(|c| c != one && on.contains(c))
        }
        Rule::Together(of) => {
            let deployed: Vec<&usize> = of.iter().filter(|c| counts[**c] > 0).collect();
            let here = deployed.iter().filter(|c| on.contains(c)).count();
            here == 0 || here == deployed.len()
        }
        Rule::Everywhere { component, besides } => {
            let conflicts = |c: &usize| {
                instance.rules.iter().any(|rule| {
                    matches!(rule, Rule::Conflict { one, others }
                        if (one == component && others.contains(c))
                            || (one == c && others.contains(component)))
                })
            };
            counts[*component] == 0
                || on.contains(component)
                || on.iter().any(|c| besides.contains(c) || conflicts(c))
        }
        Rule::OneOf(_) | Rule::Counts { .. } => true,
    }
}
