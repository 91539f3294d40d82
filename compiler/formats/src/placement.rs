//! The format `placement-1`: JSON, plain or gzipped, to an [`Instance`], and a plan to JSON. Names
//! that only compare (pools, architectures, models) become numbers in the order they appear.

use crate::{check, diagnostics, gzip};
use eclexia_diag::Diagnostic;
use eclexia_optimizer::placement::{
    Amounts, Budget, Instance, MOST_AMOUNT, MOST_COUNT, Metric, Near, Offer, RESOURCES, Region,
    Service, Shape, Solution, Variant, Weights,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// An instance with the names that a report speaks of.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub budgets: Vec<String>,
    pub services: Vec<String>,
    /// Of each service.
    pub variants: Vec<Vec<String>>,
    /// What tells an offer from others: region, zone, type of machine, pool.
    pub offers: Vec<String>,
    pub instance: Instance,
}

/// What is written about a solved instance.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    pub solution: &'a Solution,
    /// US dollars per hour that no plan can be below.
    pub bound: f64,
    pub seconds: f64,
    /// Of each budget: objective saved by one more unit of its limit.
    pub prices: &'a [f64],
}

#[derive(Deserialize)]
struct InstanceText {
    format: String,
    name: String,
    resources: Vec<String>,
    regions: Vec<RegionText>,
    rtt_ms: Vec<Vec<f64>>,
    node_types: Vec<ShapeText>,
    offers: Vec<OfferText>,
    services: Vec<ServiceText>,
    conflicts: Vec<(u64, u64)>,
    together: Vec<(u64, u64)>,
    near: Vec<(u64, u64, f64)>,
    budgets: Vec<BudgetText>,
    objective: WeightsText,
}

#[derive(Deserialize)]
struct RegionText {
    #[serde(default)]
    name: String,
    pue: f64,
    zones: f64,
}

#[derive(Deserialize)]
struct ShapeText {
    name: String,
    arch: String,
    vcpu: f64,
    cap: Vec<f64>,
    gpu_model: String,
    idle_w: f64,
    cpu_dyn_w: f64,
    gpu_dyn_w: f64,
    embodied_g_h: f64,
}

#[derive(Deserialize)]
struct OfferText {
    region: u64,
    zone: u64,
    #[serde(rename = "type")]
    shape: u64,
    pool: String,
    price: f64,
    intensity: f64,
    share: f64,
    limit: f64,
}

#[derive(Deserialize)]
struct ServiceText {
    name: String,
    regions: Vec<u64>,
    pools: Vec<String>,
    max_per_node: f64,
    min_zones: f64,
    latency_ms: Vec<f64>,
    variants: Vec<VariantText>,
}

#[derive(Deserialize)]
struct VariantText {
    #[serde(default)]
    name: String,
    replicas: f64,
    req: Vec<f64>,
    arch: Vec<String>,
    #[serde(default)]
    gpu_models: Vec<String>,
    util: f64,
    penalty: f64,
}

#[derive(Deserialize)]
struct BudgetText {
    name: String,
    metric: String,
    region: Option<u64>,
    limit: f64,
}

#[derive(Deserialize)]
struct WeightsText {
    cost: f64,
    carbon_usd_per_kg: f64,
    latency_usd_per_replica_ms: f64,
}

/// Words in the order they were first seen.
#[derive(Default)]
struct Words(std::collections::BTreeMap<String, u32>);

impl Words {
    fn id(&mut self, word: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(word.to_owned()).or_insert(next)
    }

    fn ids(&mut self, words: &[String]) -> Vec<u32> {
        let mut ids: Vec<u32> = words.iter().map(|word| self.id(word)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

#[derive(Default)]
struct Vocabulary {
    pools: Words,
    archs: Words,
    models: Words,
}

/// Reads an instance; the first thing wrong with it is what comes back.
pub fn read(bytes: &[u8]) -> Result<Named, Diagnostic> {
    let text = gzip::unpacked(bytes)?;
    let text: InstanceText =
        serde_json::from_slice(&text).map_err(|error| diagnostics::format(&error.to_string()))?;
    if text.format != "placement-1" {
        return Err(diagnostics::format(&format!("its format is `{}`", text.format)));
    }
    if text.resources != ["cpu_m", "mem_mib", "gpu", "net_mbps"] {
        return Err(diagnostics::format("its resources are not cpu_m, mem_mib, gpu, net_mbps"));
    }
    let counts = [
        ("regions", text.regions.len()),
        ("node types", text.node_types.len()),
        ("offers", text.offers.len()),
        ("services", text.services.len()),
        ("budgets", text.budgets.len()),
        ("rules", text.conflicts.len() + text.together.len() + text.near.len()),
    ];
    counts.iter().try_for_each(|(what, n)| check::elements(what, *n))?;
    let mut words = Vocabulary::default();
    let mut instance = Instance {
        regions: regions(&text.regions)?,
        rtt_ms: trips(&text.rtt_ms, text.regions.len())?,
        weights: weights(&text.objective)?,
        ..Instance::default()
    };
    for shape in &text.node_types {
        instance.shapes.push(self::shape(shape, &mut words)?);
    }
    for (i, offer) in text.offers.iter().enumerate() {
        let offer = self::offer(i, offer, &instance, &mut words)?;
        instance.offers.push(offer);
    }
    for service in &text.services {
        instance.services.push(self::service(service, text.regions.len(), &mut words)?);
    }
    is_small_enough(&instance)?;
    let n = instance.services.len();
    instance.conflicts = pairs("a service of a conflict", &text.conflicts, n)?;
    instance.together = pairs("a service of a pair together", &text.together, n)?;
    for &(a, b, ms) in &text.near {
        let (a, b) = pair("a service of a pair near", a, b, n)?;
        let ms = check::number(|| "the distance of a pair near".into(), ms)?;
        instance.near.push(Near { a, b, ms });
    }
    for budget in &text.budgets {
        instance.budgets.push(self::budget(budget, text.regions.len())?);
    }
    let offer = |o: &OfferText| {
        let (region, shape) =
            (&text.regions[o.region as usize], &text.node_types[o.shape as usize]);
        format!("{}/{}/{}/{}", region.name, o.zone, shape.name, o.pool)
    };
    let variants = |s: &ServiceText| s.variants.iter().map(|v| v.name.clone()).collect();
    Ok(Named {
        offers: text.offers.iter().map(offer).collect(),
        variants: text.services.iter().map(variants).collect(),
        name: text.name,
        budgets: text.budgets.into_iter().map(|budget| budget.name).collect(),
        services: text.services.into_iter().map(|service| service.name).collect(),
        instance,
    })
}

fn regions(texts: &[RegionText]) -> Result<Vec<Region>, Diagnostic> {
    let region = |(i, text): (usize, &RegionText)| {
        let zones = check::count(|| format!("the zones of region {i}"), text.zones, 1)?;
        let pue = check::number(|| format!("the pue of region {i}"), text.pue)?;
        Ok(Region { zones, pue })
    };
    texts.iter().enumerate().map(region).collect()
}

fn trips(texts: &[Vec<f64>], regions: usize) -> Result<Vec<Vec<f64>>, Diagnostic> {
    check::length("rtt_ms", texts.len(), regions)?;
    for (i, row) in texts.iter().enumerate() {
        check::length("a row of rtt_ms", row.len(), regions)?;
        for ms in row {
            check::number(|| format!("a round trip from region {i}"), *ms)?;
        }
    }
    Ok(texts.to_vec())
}

fn weights(text: &WeightsText) -> Result<Weights, Diagnostic> {
    let weight = |what: &str, value| check::number(|| format!("the weight {what}"), value);
    Ok(Weights {
        cost: weight("cost", text.cost)?,
        carbon_usd_per_kg: weight("carbon_usd_per_kg", text.carbon_usd_per_kg)?,
        latency_usd_per_replica_ms: weight(
            "latency_usd_per_replica_ms",
            text.latency_usd_per_replica_ms,
        )?,
    })
}

fn amounts(of: &str, texts: &[f64]) -> Result<Amounts, Diagnostic> {
    check::length(&format!("the vector of {of}"), texts.len(), RESOURCES)?;
    let mut made = Amounts::default();
    for (amount, text) in made.iter_mut().zip(texts) {
        *amount = check::whole(|| format!("an amount of {of}"), *text, 0, MOST_AMOUNT)?;
    }
    Ok(made)
}

fn shape(text: &ShapeText, words: &mut Vocabulary) -> Result<Shape, Diagnostic> {
    let figure =
        |what: &str, value| check::number(|| format!("{what} of node type {}", text.name), value);
    Ok(Shape {
        capacity: amounts(&format!("node type {}", text.name), &text.cap)?,
        vcpu: figure("vcpu", text.vcpu)?,
        arch: words.archs.id(&text.arch),
        gpu_model: words.models.id(&text.gpu_model),
        idle_w: figure("idle_w", text.idle_w)?,
        cpu_dyn_w: figure("cpu_dyn_w", text.cpu_dyn_w)?,
        gpu_dyn_w: figure("gpu_dyn_w", text.gpu_dyn_w)?,
        embodied_g_h: figure("embodied_g_h", text.embodied_g_h)?,
    })
}

fn offer(
    i: usize,
    text: &OfferText,
    instance: &Instance,
    words: &mut Vocabulary,
) -> Result<Offer, Diagnostic> {
    let region =
        check::index(|| format!("the region of offer {i}"), text.region, instance.regions.len())?;
    let zones = instance.regions[region as usize].zones as usize;
    let figure = |what: &str, value| check::number(|| format!("the {what} of offer {i}"), value);
    Ok(Offer {
        region,
        zone: check::index(|| format!("the zone of offer {i}"), text.zone, zones)?,
        shape: check::index(
            || format!("the type of offer {i}"),
            text.shape,
            instance.shapes.len(),
        )?,
        pool: words.pools.id(&text.pool),
        price: figure("price", text.price)?,
        intensity: figure("intensity", text.intensity)?,
        share: figure("share", text.share)?,
        limit: check::limit(|| format!("the limit of offer {i}"), text.limit, 0)?,
    })
}

fn service(
    text: &ServiceText,
    regions: usize,
    words: &mut Vocabulary,
) -> Result<Service, Diagnostic> {
    let of = |what: &str| format!("{what} of service {}", text.name);
    let mut allowed = Vec::new();
    for region in &text.regions {
        allowed.push(check::index(|| of("a region"), *region, regions)?);
    }
    allowed.sort_unstable();
    allowed.dedup();
    check::length(&of("latency_ms"), text.latency_ms.len(), regions)?;
    for ms in &text.latency_ms {
        check::number(|| of("a latency"), *ms)?;
    }
    if text.variants.is_empty() {
        return Err(diagnostics::format(&format!("service {} has no variant", text.name)));
    }
    let variants = text.variants.iter().map(|variant| {
        Ok(Variant {
            replicas: check::count(|| of("the replicas of a variant"), variant.replicas, 0)?,
            request: amounts(&of("a variant"), &variant.req)?,
            archs: words.archs.ids(&variant.arch),
            gpu_models: words.models.ids(&variant.gpu_models),
            utilisation: check::number(|| of("the util of a variant"), variant.util)?,
            penalty: check::number(|| of("the penalty of a variant"), variant.penalty)?,
        })
    });
    Ok(Service {
        regions: allowed,
        pools: words.pools.ids(&text.pools),
        max_per_node: check::limit(|| of("max_per_node"), text.max_per_node, 1)?,
        min_zones: check::limit(|| of("min_zones"), text.min_zones, 1)?,
        latency_ms: text.latency_ms.clone(),
        variants: variants.collect::<Result<_, Diagnostic>>()?,
    })
}

/// All pods together are as many as one variant may have: sums of them cannot overflow.
fn is_small_enough(instance: &Instance) -> Result<(), Diagnostic> {
    let most = |s: &Service| s.variants.iter().map(|v| u64::from(v.replicas)).max().unwrap_or(0);
    let pods: u64 = instance.services.iter().map(most).sum();
    let limit = f64::from(MOST_COUNT);
    check::whole(|| "the number of pods".into(), pods as f64, 0, MOST_COUNT)
        .map(|_| ())
        .map_err(|_| diagnostics::number("the number of pods", pods as f64, 0.0, limit))
}

fn pair(what: &str, a: u64, b: u64, services: usize) -> Result<(u32, u32), Diagnostic> {
    let a = check::index(|| what.into(), a, services)?;
    let b = check::index(|| what.into(), b, services)?;
    Ok((a, b))
}

fn pairs(what: &str, texts: &[(u64, u64)], services: usize) -> Result<Vec<(u32, u32)>, Diagnostic> {
    texts.iter().map(|(a, b)| pair(what, *a, *b, services)).collect()
}

fn budget(text: &BudgetText, regions: usize) -> Result<Budget, Diagnostic> {
    let metric = match text.metric.as_str() {
        "cost" => Metric::Cost,
        "carbon" => Metric::Carbon,
        "watts" => Metric::Watts,
        "vcpu" => Metric::Vcpu,
        "gpu" => Metric::Gpu,
        "nodes" => Metric::Nodes,
        other => return Err(diagnostics::format(&format!("a budget's metric is `{other}`"))),
    };
    let region = match text.region {
        None => None,
        Some(region) => {
            Some(check::index(|| format!("the region of budget {}", text.name), region, regions)?)
        }
    };
    let limit = check::number(|| format!("the limit of budget {}", text.name), text.limit)?;
    Ok(Budget { metric, region, limit })
}

/// A plan as one JSON object.
pub fn write(named: &Named, outcome: &Outcome<'_>) -> Value {
    let nodes: Vec<Value> = outcome
        .solution
        .nodes
        .iter()
        .map(|node| {
            let pods: Map<String, Value> =
                node.pods.iter().map(|(s, n)| (s.to_string(), json!(n))).collect();
            json!({"offer": node.offer, "count": node.count, "pods": pods})
        })
        .collect();
    // Of two zeros it depends on how the program was built which of them is the greater.
    let priced = |(name, price): (&String, &f64)| (name.clone(), json!(price + 0.0));
    let prices: Map<String, Value> = named.budgets.iter().zip(outcome.prices).map(priced).collect();
    json!({
        "variants": outcome.solution.variants, "nodes": nodes, "bound": outcome.bound,
        "seconds": outcome.seconds, "prices": prices,
    })
}
