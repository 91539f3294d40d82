//! Plans of the format `placement-1`, read again: what runs. And what of one instance is what of
//! another, by name.

use crate::placement::{Named, Outcome, write};
use crate::{check, diagnostics, gzip};
use eclexia_diag::Diagnostic;
use eclexia_optimizer::placement::{
    Instance, MOST_COUNT, Machines, Matching, Moved, Replanned, Solution,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A plan that was written, and what it says that its budgets were worth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub solution: Solution,
    /// US dollars per unit, by name of the budget.
    pub prices: BTreeMap<String, f64>,
}

impl Plan {
    /// Of each budget, what it was worth where that is known, else nothing.
    pub fn prices_of(&self, named: &Named) -> Vec<f64> {
        named.budgets.iter().map(|name| self.prices.get(name).copied().unwrap_or(0.0)).collect()
    }
}

#[derive(Deserialize)]
struct PlanText {
    variants: Vec<u64>,
    nodes: Vec<NodeText>,
    #[serde(default)]
    prices: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct NodeText {
    offer: u64,
    count: f64,
    pods: BTreeMap<String, f64>,
}

/// Reads a plan for an instance: its indices are in range, its pods at most a million. Whether it
/// keeps the rules is not looked at.
pub fn read_plan(bytes: &[u8], instance: &Instance) -> Result<Plan, Diagnostic> {
    let text = gzip::unpacked(bytes)?;
    let text: PlanText = serde_json::from_slice(&text)
        .map_err(|error| diagnostics::running_plan_format(&error.to_string()))?;
    let (services, variants) = (instance.services.len(), text.variants.len());
    if variants != services {
        let what = format!("variants has {variants} entries, not {services}");
        return Err(diagnostics::running_plan_format(&what));
    }
    check::elements("machines", text.nodes.len())?;
    let mut plan = Plan::default();
    for (s, variant) in text.variants.iter().enumerate() {
        let count = instance.services[s].variants.len();
        let what = || format!("the variant of service {s} in the plan");
        plan.solution.variants.push(check::index(what, *variant, count)?);
    }
    let mut pods = 0.0;
    for (i, node) in text.nodes.iter().enumerate() {
        let made = machines(i, node, instance)?;
        let each: f64 = made.pods.iter().map(|p| f64::from(p.1)).sum();
        pods += each * f64::from(made.count);
        check::whole(|| "the number of pods in the plan".into(), pods, 0, MOST_COUNT)?;
        plan.solution.nodes.push(made);
    }
    for (name, price) in text.prices {
        let price = check::number(|| format!("the price of {name} in the plan"), price)?;
        plan.prices.insert(name, price);
    }
    Ok(plan)
}

fn machines(i: usize, text: &NodeText, instance: &Instance) -> Result<Machines, Diagnostic> {
    let offer = || format!("the offer of node {i} of the plan");
    let mut made = Machines {
        offer: check::index(offer, text.offer, instance.offers.len())?,
        count: check::count(|| format!("the count of node {i} of the plan"), text.count, 1)?,
        pods: Vec::new(),
    };
    for (service, pods) in &text.pods {
        let wrong =
            || diagnostics::running_plan_format(&format!("node {i} has pods of `{service}`"));
        let index: u64 = service.parse().map_err(|_| wrong())?;
        let what = || format!("a service on node {i} of the plan");
        let index = check::index(what, index, instance.services.len())?;
        let pods = check::count(|| format!("the pods of a service on node {i}"), *pods, 1)?;
        made.pods.push((index, pods));
    }
    made.pods.sort_unstable();
    if made.pods.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(diagnostics::running_plan_format(&format!("node {i} names a service twice")));
    }
    Ok(made)
}

/// What of one instance is what of another: services and variants by name, offers by region, zone,
/// type and pool; of several of one name, the first is the first.
pub fn matching(was: &Named, now: &Named) -> Matching {
    let services = same(&was.services, &now.services);
    let variants = services.iter().zip(&was.variants).map(|(new, variants)| match new {
        Some(new) => same(variants, &now.variants[*new as usize]),
        None => vec![None; variants.len()],
    });
    Matching { variants: variants.collect(), offers: same(&was.offers, &now.offers), services }
}

fn same(was: &[String], now: &[String]) -> Vec<Option<u32>> {
    let mut known: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (i, name) in now.iter().enumerate().rev() {
        known.entry(name).or_default().push(i as u32);
    }
    was.iter().map(|name| known.get_mut(name.as_str())?.pop()).collect()
}

/// A plan that continues another, with what stays and what moves.
pub fn write_replanned(named: &Named, outcome: &Outcome<'_>, found: &Replanned) -> Value {
    let moved = |of: &Moved| {
        json!({
            "kept": of.kept, "started": of.started, "stopped": of.stopped, "moved": of.moved,
        })
    };
    let services = named.services.iter().zip(&found.movements.services);
    let changed = services.filter(|(_, of)| of.started > 0 || of.stopped > 0);
    let changed: Map<String, Value> = changed.map(|(n, of)| (n.clone(), moved(of))).collect();
    let continues = found.pairs.iter().map(|pair| {
        json!({
            "was": pair.was, "now": pair.now, "count": pair.count,
        })
    });
    let mut made = write(named, outcome);
    made["objective"] = json!(found.objective);
    made["objective_with_moves"] = json!(found.with_moves);
    made["movement"] = moved(&found.movements.total());
    made["services"] = Value::Object(changed);
    made["continues"] = continues.collect();
    made
}
