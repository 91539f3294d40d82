//! Choices within budgets of the machine, of a service that there is in two variants.

use super::*;
use eclexia_base::number::int;
use eclexia_plan::adapt::{Measured, adapt};
use eclexia_plan::plan;
use eclexia_settings::Settings;
use eclexia_settings::table::{ADAPTIVE, BUDGETS};
use serde_json::{Value, json};

/// Large: 100 requests a second with 2 cores; small: 10 with half a core, less well.
fn shop() -> Deployment {
    let variant = |name: &str, cores: &str, bytes: &str, rate: &str, penalty: &str| {
        json!({"address": format!("shop.web.variant.{name}"), "name": name, "image": null,
            "requires": {"cpu": cores, "memory": bytes}, "limits": {}, "latency": null,
            "throughput": rate, "penalty": penalty, "arch": [], "gpu_model": null,
            "utilisation": "1"})
    };
    let web = json!({"address": "shop.web", "name": "web", "image": "i", "command": [], "env": [],
        "files": [], "ports": [], "mounts": [], "needs": [], "probes": [],
        "replicas": {"min": 1, "max": 4},
        "variants": [variant("large", "2", "2000", "100", "0"),
            variant("small", "0.5", "500", "10", "0.001")],
        "demand": "10", "min_zones": 1, "max_per_node": null, "regions": [], "max_latency": null,
        "rollout": "recreate", "stateful": false, "isolated": false, "public": false,
        "labels": {}});
    let strategy = json!({"name": null, "cost_weight": "1", "carbon_weight": "0",
        "latency_weight": "0", "carbon_price": "0.0001", "latency_price": "0"});
    let region = json!({"name": "here", "zones": 1, "carbon_intensity": "0.0001", "pue": "1",
        "user_latency": "0", "hourly_intensity": [], "hourly_price": []});
    let machine = json!({"name": "box", "arch": "x64", "capacity": {"cpu": "16", "memory": "64000"},
        "gpu_model": null, "idle_watts": "0", "watts_per_core": "10", "watts_per_gpu": "0",
        "embodied": "0"});
    let none: [Value; 0] = [];
    let model = json!({"name": "shop", "account": null, "limits": none, "strategy": strategy,
        "regions": [region], "node_types": [machine], "services": [web], "jobs": none,
        "offers": [{"region": "here", "node_type": "box", "price": "0.00001", "limit": 1}],
        "rtt": [["0"]], "conflicts": none, "together": none, "near": none, "alerts": none});
    serde_json::from_value(model).expect("a deployment")
}

fn configured(budgets: &str, adaptive: &str) -> Configured {
    let texts = [(BUDGETS, budgets), (ADAPTIVE, adaptive)];
    let (settings, found) = Settings::of_texts(&texts, &mut eclexia_diag::Sources::new());
    assert!(found.is_empty());
    let (budgets, adaptive) = (settings.budgets(), settings.adaptive());
    Configured { budgets, adaptive, carbon: settings.carbon() }
}

/// What is made of so many requests a second, where so many bytes and cores are used now.
fn chosen(configured: &Configured, demand: i64, used: Option<(f64, f64)>) -> (String, String) {
    let dep = shop();
    let runs = plan(&dep, "shop", None, &Nowhere).0.expect("a plan");
    assert_eq!((runs.services[0].variant.as_str(), runs.services[0].replicas), ("large", 1));
    let seen = Measured { demand: [("web".to_owned(), int(demand))].into(), ..Measured::default() };
    let key = ("shop".to_owned(), "web".to_owned());
    let services = used.map(|(bytes, cores)| (key, [cores * 10.0, 0.0, bytes, cores, 0.0]));
    let services: std::collections::BTreeMap<_, _> = services.into_iter().collect();
    let used = Used { all: total(services.values()), services };
    let aim = aim(configured, &used);
    let best = adapt(&dep, &runs, &seen, &aim, &Nowhere).0.expect("a plan");
    let until = deadline(&configured.adaptive, &Arc::default());
    let name = "shop";
    let choosing = Choosing { configured, used: &used, runs: &runs, name, until: &until };
    match choosing.choose(best) {
        Choice::Follow { advice, why } => {
            let choice = &advice.plan.services[0];
            (format!("{} × {}", choice.variant, choice.replicas), why.unwrap_or_default())
        }
        Choice::Stay => ("stays".to_owned(), String::new()),
        Choice::Refuse(why) => ("refused".to_owned(), why),
    }
}

#[test]
fn without_budgets_the_best_plan_is_taken() {
    let free = configured("", "");
    assert_eq!(chosen(&free, 10, None), ("large × 1".to_owned(), String::new()));
    assert_eq!(chosen(&free, 150, None).0, "large × 2");
}

#[test]
fn where_the_best_plan_passes_a_budget_another_variant_that_carries_as_much_is_taken() {
    // Twice the large one would use twice what it uses now; four small ones a core and a half.
    let tight = configured("[memory]\nbudget = \"1500B\"\n", "");
    let (choice, why) = chosen(&tight, 30, None);
    assert_eq!(choice, "small × 3");
    assert_eq!(why, "the best plan passes a budget of this machine: memory: 1.95 KiB of 1.46 KiB");
    // What is measured counts, not what is required.
    assert_eq!(chosen(&tight, 30, Some((700.0, 1.0))).0, "large × 1");
}

#[test]
fn where_nothing_carries_it_within_the_budgets_as_much_as_fits_is_carried() {
    let tight = configured("[compute]\nbudget = \"2cpu\"\n", "");
    // What runs carries two thirds, and nothing within the budget more.
    assert_eq!(chosen(&tight, 150, None).0, "large × 1");
    let tighter = configured("[compute]\nbudget = \"1.6cpu\"\n", "");
    let (choice, why) = chosen(&tighter, 40, None);
    assert_eq!(choice, "small × 3");
    assert!(why.starts_with("carries 75 % of what is asked, for more passes compute: "), "{why}");
    let tiny = configured("[compute]\nbudget = \"0.1cpu\"\n", "");
    let (choice, why) = chosen(&tiny, 40, None);
    assert_eq!(choice, "small × 1");
    assert!(why.starts_with("passes the budgets of this machine least"), "{why}");
}

#[test]
fn settings_decide_whether_it_may_be_degraded_and_whether_budgets_count() {
    let budget = "[compute]\nbudget = \"1cpu\"\n";
    let strict = configured(budget, "[constraints]\nallow_graceful_degradation = false\n");
    let (choice, why) = chosen(&strict, 150, None);
    assert_eq!(choice, "refused");
    assert!(why.ends_with("compute: 4 cpu of 1 cpu"), "{why}");
    let loose = configured(budget, "[constraints]\nenforce_budget = false\n");
    assert_eq!(chosen(&loose, 150, None).0, "large × 2");
}

#[test]
fn no_more_plans_are_made_than_settings_say() {
    let one = configured("[memory]\nbudget = \"1500B\"\n", "[selection]\nmax_iterations = 1\n");
    // Neither the other variant nor a part of it is looked at: what runs passes the budget as well.
    assert_eq!(chosen(&one, 30, None).0, "large × 1");
    let three = configured("[memory]\nbudget = \"1500B\"\n", "[selection]\nmax_iterations = 3\n");
    assert_eq!(chosen(&three, 30, None).0, "small × 3");
}
