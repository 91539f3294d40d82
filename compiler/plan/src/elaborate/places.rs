//! Regions, machine types, offers, distances, and the rules between services.

use super::diagnostics;
use super::reader::{Reader, Record, as_text};
use eclexia_model::*;
use eclexia_rt::value::Value;

#[derive(Default)]
pub struct Places {
    pub regions: Vec<Region>,
    pub node_types: Vec<NodeType>,
    pub offers: Vec<Offer>,
    pub rtt: Vec<Vec<Exact>>,
}

pub fn places(reader: &mut Reader, spec: &Record) -> Places {
    let mut places = Places::default();
    let allowed = reader.texts(spec, "nodes");
    let mut unused: Vec<usize> = (0..allowed.len()).collect();
    let users = reader.option(spec, "users").and_then(|v| reader.record(v, spec.span));
    let users = users.map(|u| position(reader, &u));
    let mut positions = Vec::new();
    let mut seen = Vec::new();
    for (i, value) in reader.items(spec, "regions").into_iter().enumerate() {
        let around = reader.item_span(spec, "regions", i);
        let Some(record) = reader.record(value, around) else { continue };
        let here = position(reader, &record);
        let latency = users.map_or(0.0, |u| round_trip_ms(here, u));
        let region = region(reader, &record, latency);
        if places.regions.iter().any(|r| r.name == region.name) {
            continue;
        }
        for offer in reader.items(&record, "offers") {
            let Some((node, offer)) = offer_of(reader, offer, &region) else { continue };
            seen.push(node.name.clone());
            if !allowed.is_empty() && !allowed.contains(&node.name) {
                continue;
            }
            unused.retain(|i| allowed[*i] != node.name);
            if places.node_types.iter().all(|n| n.name != node.name) {
                places.node_types.push(node);
            }
            places.offers.push(offer);
        }
        positions.push(here);
        places.regions.push(region);
    }
    for i in unused {
        let span = reader.item_span(spec, "nodes", i);
        reader.report(diagnostics::unknown_node_type(&allowed[i], &seen, span));
    }
    let exact_ms = |ms: f64| Exact::from_f64(ms / 1000.0).unwrap_or_default();
    let row = |a: &(f64, f64)| positions.iter().map(|b| exact_ms(round_trip_ms(*a, *b))).collect();
    places.rtt = positions.iter().map(row).collect();
    places
}

fn position(reader: &Reader, record: &Record) -> (f64, f64) {
    (reader.amount(record, "latitude").to_f64(), reader.amount(record, "longitude").to_f64())
}

/// Round trip in milliseconds, to a tenth: fibre at 200 km/ms, cable 1.5 times the great circle on
/// a sphere of 6371 km, 1 ms of equipment.
fn round_trip_ms(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (dlat, dlon) = (lat_b - lat_a, (b.1 - a.1).to_radians());
    let h = (dlat / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (dlon / 2.0).sin().powi(2);
    let km = 2.0 * 6371.0 * h.sqrt().min(1.0).asin();
    ((1.0 + 2.0 * 1.5 * km / 200.0) * 10.0).round() / 10.0
}

fn region(reader: &mut Reader, record: &Record, user_latency_ms: f64) -> Region {
    let name = reader.text(record, "name");
    for field in ["hourly-carbon", "hourly-price"] {
        let hours = reader.items(record, field).len();
        if hours != 0 && !hours.is_multiple_of(24) {
            let span = reader.field_span(record, field);
            reader.report(diagnostics::curve_length(field, hours, span));
        }
    }
    let amounts = |field| -> Vec<Exact> {
        reader.items(record, field).into_iter().filter_map(super::reader::amount).collect()
    };
    let [latitude, longitude] = ["latitude", "longitude"].map(|field| reader.amount(record, field));
    let is_known = latitude != Exact::int(0) || longitude != Exact::int(0);
    Region {
        position: is_known.then_some(Position { latitude, longitude }),
        zones: reader.int(record, "zones").clamp(1, 100) as u32,
        carbon_intensity: reader.amount(record, "carbon"),
        pue: reader.amount(record, "pue").max(Exact::int(1)),
        user_latency: Exact::from_f64(user_latency_ms / 1000.0).unwrap_or_default(),
        hourly_intensity: amounts("hourly-carbon"),
        hourly_price: amounts("hourly-price"),
        origin: reader.origin(record.span),
        name,
    }
}

fn offer_of(reader: &mut Reader, value: &Value, region: &Region) -> Option<(NodeType, Offer)> {
    let span = reader.origins.get(region.origin);
    let record = reader.record(value, span)?;
    let node = reader.record(reader.field(&record, "node")?, span)?;
    let mut capacity = Resources::new();
    for resource in [Resource::Cpu, Resource::Memory, Resource::Gpu, Resource::Network] {
        let amount = reader.amount(&node, resource.name());
        if amount > Exact::int(0) {
            capacity.insert(resource, amount);
        }
    }
    let name = reader.text(&node, "name");
    let node = NodeType {
        arch: reader.text(&node, "arch"),
        capacity,
        gpu_model: reader.option(&node, "gpu-model").map(as_text),
        idle_watts: reader.amount(&node, "idle"),
        watts_per_core: reader.amount(&node, "power-per-core"),
        watts_per_gpu: reader.amount(&node, "power-per-gpu"),
        embodied: reader.amount(&node, "embodied"),
        name: name.clone(),
    };
    let limit = match reader.option(&record, "limit") {
        Some(Value::Int(n)) => Some(u32::try_from(*n).unwrap_or(0)),
        _ => None,
    };
    let price = reader.amount(&record, "price");
    if price < Exact::int(0) {
        reader.report(diagnostics::negative_amount("price", span));
    }
    let origin = reader.origin(span);
    Some((node, Offer { region: region.name.clone(), node_type: name, price, limit, origin }))
}

pub fn rules(reader: &mut Reader, spec: &Record) -> (Vec<Pair>, Vec<Pair>, Vec<Near>) {
    let (mut conflicts, mut together, mut nears) = (Vec::new(), Vec::new(), Vec::new());
    let services: Vec<String> = {
        let values = reader.items(spec, "services").into_iter();
        values.filter_map(|v| Some(reader.text(&reader.record(v, None)?, "name"))).collect()
    };
    for (i, value) in reader.items(spec, "rules").into_iter().enumerate() {
        let span = reader.item_span(spec, "rules", i);
        let origin = reader.origin(span);
        let (ctor, args) = reader.variant(value);
        let [a, b, rest @ ..] = args else { continue };
        let (a, b) = (as_text(a), as_text(b));
        let missing: Vec<&String> =
            [&a, &b].into_iter().filter(|n| !services.contains(n)).collect();
        if let Some(name) = missing.first() {
            reader.report(diagnostics::missing_dependency("this rule", name, &services, span));
            continue;
        }
        match (ctor, rest.first()) {
            ("Apart", _) => conflicts.push(Pair { a, b, origin }),
            ("Together", _) => together.push(Pair { a, b, origin }),
            (_, Some(within)) => {
                let within = super::reader::amount(within).unwrap_or_default();
                nears.push(Near { a, b, within, origin });
            }
            _ => {}
        }
    }
    (conflicts, together, nears)
}
