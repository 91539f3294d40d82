//! What is read and what is refused: each diagnostic from an instance that is right but for one
//! thing, and numbers that JSON can hold and an instance cannot.

use eclexia_formats::{Outcome, matching, read, read_plan, write};
use eclexia_optimizer::placement::{Effort, evaluate, solve};
use serde_json::{Value, json};

fn instance() -> Value {
    json!({
        "format": "placement-1", "name": "tiny", "seed": 1,
        "resources": ["cpu_m", "mem_mib", "gpu", "net_mbps"],
        "regions": [{"name": "r", "carbon_g_kwh": 100.0, "pue": 1.1, "zones": 1}],
        "rtt_ms": [[1.0]],
        "node_types": [{"name": "t", "arch": "x64", "vcpu": 4, "cap": [3900, 13000, 0, 1000],
            "gpu_model": "", "idle_w": 20.0, "cpu_dyn_w": 5.0, "gpu_dyn_w": 0,
            "embodied_g_h": 3.0}],
        "offers": [{"region": 0, "zone": 0, "type": 0, "pool": "standing", "price": 0.17,
            "intensity": 100.0, "share": 1.0, "limit": 20}],
        "services": [{"name": "a", "app": 0, "home": 0, "regions": [0], "pools": ["standing"],
            "max_per_node": 2, "min_zones": 1, "latency_ms": [8.0],
            "variants": [{"name": "v", "replicas": 5, "req": [500, 1024, 0, 50],
                "arch": ["x64"], "util": 0.4, "penalty": 0.0}]}],
        "conflicts": [], "together": [], "near": [],
        "budgets": [{"name": "money", "metric": "cost", "region": null, "limit": 10.0}],
        "objective": {"cost": 1.0, "carbon_usd_per_kg": 0.1, "latency_usd_per_replica_ms": 2e-5}
    })
}

/// The code that an instance with one value replaced is refused with.
fn code(at: &str, value: Value) -> &'static str {
    let mut text = instance();
    *text.pointer_mut(at).expect("the place is there") = value;
    read(text.to_string().as_bytes()).map_or_else(|found| found.code, |_| "read")
}

#[test]
fn an_instance_is_read_solved_and_written() {
    let named = read(instance().to_string().as_bytes()).expect("it is right");
    let placed = solve(&named.instance, Effort::counted(&|| 0.0), &|_| {});
    let best = placed.best.expect("three machines hold it");
    assert!(evaluate(&named.instance, &best.solution).violations.is_empty());
    let machines: u32 = best.solution.nodes.iter().map(|n| n.count).sum();
    assert_eq!(machines, 3, "five pods, two on a machine");
    let outcome =
        Outcome { solution: &best.solution, bound: 0.5, seconds: 1.0, prices: &placed.prices };
    let text = write(&named, &outcome);
    assert_eq!(text["variants"], json!([0]));
    assert_eq!(text["prices"], json!({"money": 0.0}));
    let pods = text["nodes"].as_array().into_iter().flatten();
    let pods =
        pods.map(|n| n["count"].as_u64().unwrap_or(0) * n["pods"]["0"].as_u64().unwrap_or(0));
    assert_eq!(pods.sum::<u64>(), 5);
}

#[test]
fn what_is_no_instance_is_refused() {
    let refused = |bytes: &[u8]| read(bytes).map(|_| "read").unwrap_or_else(|found| found.code);
    assert_eq!(refused(b"notes"), "instance-format");
    assert_eq!(refused(b""), "instance-format");
    assert_eq!(refused(&[0x1f, 0x8b, 8, 0, 1]), "instance-format");
    assert_eq!(code("/format", json!("placement-2")), "instance-format");
    assert_eq!(code("/rtt_ms", json!([])), "instance-format");
    assert_eq!(code("/node_types/0/cap", json!([1, 2, 3])), "instance-format");
    assert_eq!(code("/services/0/variants", json!([])), "instance-format");
    assert_eq!(code("/budgets/0/metric", json!("love")), "instance-format");
    assert_eq!(code("/resources", json!(["cpu_m"])), "instance-format");
}

#[test]
fn numbers_out_of_range_are_refused() {
    for (at, value) in [
        ("/offers/0/price", json!(-1)),
        ("/offers/0/price", json!(1e300)),
        ("/offers/0/limit", json!(-3)),
        ("/offers/0/limit", json!(1.5)),
        ("/node_types/0/cap/0", json!(4e18)),
        ("/node_types/0/cap/0", json!(0.5)),
        ("/services/0/variants/0/replicas", json!(1e9)),
        ("/services/0/variants/0/req/1", json!(-1)),
        ("/services/0/max_per_node", json!(0)),
        ("/services/0/min_zones", json!(0)),
        ("/regions/0/zones", json!(0)),
        ("/budgets/0/limit", json!(-0.5)),
        ("/rtt_ms/0/0", json!(-1)),
        ("/objective/cost", json!(-1)),
    ] {
        assert_eq!(code(at, value.clone()), "instance-number", "{at} {value}");
    }
}

#[test]
fn indices_that_lead_nowhere_are_refused() {
    assert_eq!(code("/offers/0/region", json!(7)), "instance-reference");
    assert_eq!(code("/offers/0/zone", json!(1)), "instance-reference");
    assert_eq!(code("/offers/0/type", json!(1)), "instance-reference");
    assert_eq!(code("/services/0/regions", json!([1])), "instance-reference");
    assert_eq!(code("/near", json!([[0, 1, 3.0]])), "instance-reference");
    assert_eq!(code("/budgets/0/region", json!(1)), "instance-reference");
}

#[test]
fn a_plan_is_read_again_as_it_was_written() {
    let named = read(instance().to_string().as_bytes()).expect("it is right");
    let placed = solve(&named.instance, Effort::counted(&|| 0.0), &|_| {});
    let solution = placed.best.expect("three machines hold it").solution;
    let outcome = Outcome { solution: &solution, bound: 0.5, seconds: 1.0, prices: &[0.25] };
    let text = write(&named, &outcome).to_string();
    let plan = read_plan(text.as_bytes(), &named.instance).expect("it was written");
    assert_eq!(plan.solution, solution);
    assert_eq!(plan.prices_of(&named), [0.25]);
}

#[test]
fn what_is_no_plan_is_refused() {
    let named = read(instance().to_string().as_bytes()).expect("it is right");
    let code = |plan: Value| {
        read_plan(plan.to_string().as_bytes(), &named.instance)
            .map_or_else(|found| found.code, |_| "read")
    };
    let node = |offer: i64, count: f64, pods: Value| {
        let node = json!({"offer": offer, "count": count, "pods": pods});
        json!({"variants": [0], "nodes": [node]})
    };
    assert_eq!(code(node(0, 1.0, json!({"0": 2}))), "read");
    assert_eq!(code(json!([])), "running-plan-format");
    assert_eq!(code(json!({"variants": [], "nodes": []})), "running-plan-format");
    assert_eq!(code(node(0, 1.0, json!({"a": 2}))), "running-plan-format");
    assert_eq!(code(node(0, 1.0, json!({"0": 1, "00": 1}))), "running-plan-format");
    assert_eq!(code(node(-1, 1.0, json!({}))), "running-plan-format");
    assert_eq!(code(node(1, 1.0, json!({}))), "instance-reference");
    assert_eq!(code(node(0, 1.0, json!({"1": 1}))), "instance-reference");
    assert_eq!(code(json!({"variants": [1], "nodes": []})), "instance-reference");
    assert_eq!(code(node(0, 0.0, json!({}))), "instance-number");
    assert_eq!(code(node(0, 1.5, json!({}))), "instance-number");
    assert_eq!(code(node(0, 1.0, json!({"0": 0}))), "instance-number");
    assert_eq!(code(node(0, 1e6, json!({"0": 2}))), "instance-number");
}

#[test]
fn what_has_a_name_is_matched_by_it() {
    let was = read(instance().to_string().as_bytes()).expect("it is right");
    let mut text = instance();
    let a = text["services"][0].clone();
    let mut b = a.clone();
    b["name"] = json!("b");
    let mut fast = a["variants"][0].clone();
    fast["name"] = json!("fast");
    text["services"] = json!([b, a]);
    text["services"][1]["variants"] = json!([fast, a["variants"][0]]);
    let offer = text["offers"][0].clone();
    text["offers"] = json!([offer, offer]);
    text["offers"][0]["pool"] = json!("spot");
    let now = read(text.to_string().as_bytes()).expect("it is right");
    let found = matching(&was, &now);
    assert_eq!(found.services, [Some(1)]);
    assert_eq!(found.variants, [[Some(1)]]);
    assert_eq!(found.offers, [Some(1)]);
    let back = matching(&now, &was);
    assert_eq!(back.services, [None, Some(0)]);
    assert_eq!(back.offers, [None, Some(0)]);
}

/// A public instance, where the shared data is at hand.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads what it is given")]
fn a_public_instance_is_placed_below_the_greedy_of_a_cluster() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/placement/generated/s20-1.json.gz");
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: {path} is not here");
        return;
    };
    let named = read(&bytes).expect("a public instance is right");
    let asked = std::sync::atomic::AtomicU64::new(0);
    let clock = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) as f64 / 20_000.0;
    let placed = solve(&named.instance, Effort::timed(&clock), &|_| {});
    let best = placed.best.expect("the instance has plans");
    assert!(best.objective < 0.85 * 8.576, "{}", best.objective);
    assert!(placed.bound > 3.5 && placed.bound < best.objective, "{}", placed.bound);
}
