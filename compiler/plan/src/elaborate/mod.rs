//! Elaborate: the value of a program's deployments becomes a [`Model`], plain data with addresses
//! and origins.
//!
//! In: the values of all top-level constants of type `Deployment`, `Account`. Out: the model, the
//! origins of its elements, and what is wrong with the entities: names and ports used twice, a
//! volume with two writers, needs that are missing, cyclic or of the wrong protocol, amounts out of
//! range. Holds: elements are in source order; equal programs give equal models whatever their
//! white space. Absent: any choice; whether budgets suffice (`funding`).

mod accounts;
mod checks;
mod diagnostics;
mod origins;
mod places;
mod reader;
mod services;

pub use origins::Origins;

use eclexia_core::core::Program;
use eclexia_diag::{Diagnostics, Sources};
use eclexia_model::{Address, Deployment, Exact, Model, Movement, Service, Strategy};
use eclexia_rt::Outstanding;
use eclexia_rt::value::Value;
use reader::{Reader, Record};
use std::collections::BTreeMap;

/// A strategy of `strategies.toml`: weights by name.
#[derive(Clone, PartialEq, Debug)]
pub struct NamedStrategy {
    pub cost_weight: f64,
    pub carbon_weight: f64,
    pub latency_weight: f64,
    /// Weight of the variants' penalties: what the loss of quality counts for.
    pub priority_weight: f64,
}

pub type Strategies = BTreeMap<String, NamedStrategy>;

/// What a program declares: values of type `Account` and `Deployment`, in source order.
#[derive(Default)]
pub struct Declared {
    pub accounts: Vec<Value>,
    pub deployments: Vec<Value>,
    /// What evaluating them has drawn from accounts and not given back.
    pub draws: Vec<Outstanding>,
}

/// The model with its origins.
#[derive(Clone, Debug, Default)]
pub struct Elaborated {
    pub model: Model,
    pub origins: Origins,
}

pub fn elaborate(
    program: &Program,
    sources: &Sources,
    module: &str,
    declared: &Declared,
    strategies: &Strategies,
) -> (Elaborated, Diagnostics) {
    let mut reader = Reader::new(program, sources);
    let mut model = Model { module: module.to_owned(), ..Model::default() };
    for value in &declared.accounts {
        accounts::declare(&mut reader, &mut model, value);
    }
    for value in &declared.deployments {
        let Some(deployment) = deployment(&mut reader, &mut model, value, strategies) else {
            continue;
        };
        let twice = model.deployments.iter().find(|d| d.name == deployment.name);
        if let Some(first) = twice {
            let spans = (reader.origins.get(deployment.origin), reader.origins.get(first.origin));
            let found = diagnostics::duplicate_name("deployment", &deployment.name, spans);
            reader.report(found);
        }
        model.deployments.push(deployment);
    }
    accounts::draws(&mut reader, &mut model, &declared.draws);
    accounts::leave_rest(&mut model);
    checks::shared_volumes(&mut reader, &model);
    (Elaborated { model, origins: reader.origins }, reader.diagnostics)
}

fn deployment(
    reader: &mut Reader,
    model: &mut Model,
    value: &Value,
    strategies: &Strategies,
) -> Option<Deployment> {
    let record = reader.record(value, None)?;
    let name = reader.text(&record, "name");
    let spec = reader.record(reader.field(&record, "spec")?, record.span)?;
    let span = reader.definition_span(&spec, &name);
    let address = Address::new(&name);
    let (account, limits) = accounts::funding(reader, model, &spec, &name);
    let places = places::places(reader, &spec);
    let mut services = services::services(reader, &spec, &address);
    let jobs = services::jobs(reader, &spec, &address);
    let peaks = accounts::peaks(reader, &spec);
    let movement = movement(reader, &spec);
    let strategy = strategy(reader, &spec, strategies, &mut services);
    let (conflicts, together, near) = places::rules(reader, &spec);
    let mut deployment = Deployment {
        account,
        limits,
        strategy,
        rtt: places.rtt,
        regions: places.regions,
        node_types: places.node_types,
        offers: places.offers,
        services,
        jobs,
        peaks,
        movement,
        conflicts,
        together,
        near,
        alerts: services::alerts(reader, &spec),
        declared: None,
        origin: reader.origin(span),
        name,
    };
    checks::entities(reader, &deployment);
    checks::complete_needs(reader, &mut deployment);
    Some(deployment)
}

/// What moving a pod costs, and over how long.
fn movement(reader: &mut Reader, spec: &Record) -> Movement {
    let span = reader.field_span(spec, "movement");
    let record = reader.field(spec, "movement").and_then(|value| reader.record(value, span));
    let Some(record) = record else { return Movement::default() };
    let movement =
        Movement { cost: reader.amount(&record, "cost"), over: reader.amount(&record, "over") };
    let zero = Exact::int(0);
    for (field, is_wrong) in [("cost", movement.cost < zero), ("over", movement.over <= zero)] {
        if is_wrong {
            let span = reader.field_span(&record, field);
            reader.report(diagnostics::movement_out_of_range(field, span));
            return Movement::default();
        }
    }
    movement
}

/// A named strategy also weights the penalties of the services' variants.
fn strategy(
    reader: &mut Reader,
    spec: &Record,
    strategies: &Strategies,
    services: &mut [Service],
) -> Strategy {
    let span = reader.field_span(spec, "strategy");
    let value = reader.field(spec, "strategy").cloned().unwrap_or(Value::Unit);
    let (ctor, args) = reader.variant(&value);
    let origin = reader.origin(span);
    let mut strategy = Strategy {
        name: None,
        cost_weight: Exact::int(1),
        carbon_weight: Exact::int(0),
        latency_weight: Exact::int(0),
        // The library's defaults: 0.1 USD/kg, and 0.02 USD per hour, replica and second.
        carbon_price: Exact::ratio(1, 10_000),
        latency_price: Exact::ratio(2, 360_000),
        origin,
    };
    let Some(arg) = args.first() else { return strategy };
    if ctor == "Named" {
        let name = reader::as_text(arg);
        match strategies.get(&name) {
            Some(found) => {
                let weight = |x: f64| Exact::from_f64(x).unwrap_or_default();
                strategy.cost_weight = weight(found.cost_weight);
                strategy.carbon_weight = weight(found.carbon_weight);
                strategy.latency_weight = weight(found.latency_weight);
                let priority = weight(found.priority_weight);
                for variant in services.iter_mut().flat_map(|s| &mut s.variants) {
                    variant.penalty = Exact(&variant.penalty.0 * &priority.0);
                }
            }
            None => reader.report(diagnostics::unknown_strategy(&name, span, strategies)),
        }
        strategy.name = Some(name);
    } else if let Some(weights) = reader.record(arg, span) {
        strategy.cost_weight = reader.amount(&weights, "cost");
        strategy.carbon_weight = reader.amount(&weights, "carbon");
        strategy.latency_weight = reader.amount(&weights, "latency");
        strategy.carbon_price = reader.amount(&weights, "carbon-price");
        strategy.latency_price = reader.amount(&weights, "latency-price");
    }
    let zero = Exact::int(0);
    let weights = [&strategy.cost_weight, &strategy.carbon_weight, &strategy.latency_weight];
    if weights.iter().any(|w| **w < zero) || weights.iter().all(|w| **w == zero) {
        reader.report(diagnostics::strategy_weights(span));
        strategy.cost_weight = Exact::int(1);
    }
    strategy
}
