//! Small instances of the shared placement benchmark: our optimum, written as its solution format,
//! is feasible and costs the same by the benchmark's own checker. Skipped, with the reason printed,
//! where the data, python3 or numpy is missing.

use eclexia_base::Rational;
use eclexia_base::number::{from_f64_rounded, int, to_f64};
use eclexia_optimizer::{Near, Offer, Planner, PodOn, Problem, Service, Variant};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/placement")
}

fn python(arguments: &[&str]) -> Option<String> {
    let output = Command::new("python3").args(arguments).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn exact(value: &Value) -> Rational {
    let x = value.as_f64().expect("a number");
    from_f64_rounded(x, 15).expect("finite")
}

fn index(value: &Value) -> usize {
    value.as_u64().expect("an index") as usize
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Each zone of each region is a region of one zone: offers are of zones there.
struct Map<'a> {
    d: &'a Value,
    zones: Vec<(usize, usize)>,
}

impl Map<'_> {
    fn offer(&self, o: &Value) -> Offer {
        let kind = &self.d["node_types"][index(&o["type"])];
        let (grams, watts) = self.idle(o);
        let objective = &self.d["objective"];
        let region = (index(&o["region"]), index(&o["zone"]));
        let uses = list(&self.d["budgets"]).iter().map(|b| {
            if !b["region"].is_null() && index(&b["region"]) != region.0 {
                return int(0);
            }
            match b["metric"].as_str() {
                Some("cost") => exact(&o["price"]),
                Some("carbon") => grams.clone(),
                Some("watts") => watts.clone(),
                Some("vcpu") => exact(&kind["vcpu"]),
                Some("gpu") => exact(&kind["cap"][2]),
                _ => int(1),
            }
        });
        Offer {
            region: self.zones.iter().position(|z| *z == region).expect("a zone"),
            capacity: list(&kind["cap"]).iter().map(exact).collect(),
            cost: exact(&objective["cost"]) * exact(&o["price"]) + self.carbon_cost(&grams),
            uses: uses.collect(),
            limit: Some(index(&o["limit"]) as u32),
            watts: vec![
                exact(&kind["cpu_dyn_w"]) / int(1000),
                int(0),
                exact(&kind["gpu_dyn_w"]),
                int(0),
            ],
            per_watt: self.watt(o),
        }
    }

    fn carbon_cost(&self, grams: &Rational) -> Rational {
        exact(&self.d["objective"]["carbon_usd_per_kg"]) / int(1000) * grams
    }

    /// Grams per watt-hour drawn at an offer.
    fn per_watt(&self, o: &Value) -> Rational {
        let pue = exact(&self.d["regions"][index(&o["region"])]["pue"]);
        exact(&o["intensity"]) * pue / int(1000) * exact(&o["share"])
    }

    fn idle(&self, o: &Value) -> (Rational, Rational) {
        let kind = &self.d["node_types"][index(&o["type"])];
        let watts = exact(&kind["idle_w"]);
        let embodied = exact(&kind["embodied_g_h"]) * exact(&o["share"]);
        (&watts * self.per_watt(o) + embodied, watts * exact(&o["share"]))
    }

    fn service(&self, s: &Value) -> Service {
        Service {
            variants: list(&s["variants"]).iter().map(|v| self.variant(s, v)).collect(),
            pod_cost: self.zones.iter().map(|(region, _)| self.latency(s, *region)).collect(),
            min_zones: index(&s["min_zones"]) as u32,
            max_per_node: Some(index(&s["max_per_node"]) as u32),
        }
    }

    fn variant(&self, s: &Value, v: &Value) -> Variant {
        let replicas = index(&v["replicas"]) as u32;
        Variant {
            replicas: (replicas, replicas),
            requires: list(&v["req"]).iter().map(exact).collect(),
            penalty: exact(&v["penalty"]),
            cost: int(0),
            uses: vec![int(0); list(&self.d["budgets"]).len()],
            busy: list(&v["req"]).iter().map(|r| exact(r) * exact(&v["util"])).collect(),
            allowed: list(&self.d["offers"]).iter().map(|o| self.allows(s, v, o)).collect(),
        }
    }

    fn allows(&self, s: &Value, v: &Value, o: &Value) -> bool {
        let kind = &self.d["node_types"][index(&o["type"])];
        let models = list(&v["gpu_models"]);
        list(&s["regions"]).contains(&o["region"])
            && list(&s["pools"]).contains(&o["pool"])
            && list(&v["arch"]).contains(&kind["arch"])
            && (models.is_empty() || models.contains(&kind["gpu_model"]))
    }

    fn latency(&self, s: &Value, region: usize) -> Rational {
        let weight = exact(&self.d["objective"]["latency_usd_per_replica_ms"]);
        weight * exact(&s["latency_ms"][region])
    }

    /// Of a watt that pods draw.
    fn watt(&self, o: &Value) -> PodOn {
        let grams = self.per_watt(o);
        let uses = list(&self.d["budgets"]).iter().map(|b| match b["metric"].as_str() {
            Some("carbon") if b["region"].is_null() => grams.clone(),
            Some("watts") if b["region"].is_null() => exact(&o["share"]),
            _ => int(0),
        });
        PodOn { cost: self.carbon_cost(&grams), uses: uses.collect() }
    }
}

fn problem(d: &Value) -> Problem {
    let mut zones = Vec::new();
    for (r, region) in list(&d["regions"]).iter().enumerate() {
        zones.extend((0..index(&region["zones"])).map(|z| (r, z)));
    }
    let pair = |p: &Value| (index(&p[0]), index(&p[1]));
    let close = |within: f64| -> Vec<Vec<bool>> {
        let near = |r: usize, q: usize| d["rtt_ms"][r][q].as_f64().is_some_and(|ms| ms <= within);
        zones.iter().map(|(r, _)| zones.iter().map(|(q, _)| near(*r, *q)).collect()).collect()
    };
    let near = list(&d["near"]).iter().map(|n| {
        let (a, b) = pair(n);
        Near { a, b, close: close(n[2].as_f64().expect("a limit")) }
    });
    let near = near.collect();
    let map = Map { d, zones: zones.clone() };
    Problem {
        zones: vec![1; zones.len()],
        offers: list(&d["offers"]).iter().map(|o| map.offer(o)).collect(),
        services: list(&d["services"]).iter().map(|s| map.service(s)).collect(),
        jobs: Vec::new(),
        budgets: list(&d["budgets"]).len(),
        priced: list(&d["budgets"]).len(),
        limits: list(&d["budgets"]).iter().map(|b| Some(exact(&b["limit"]))).collect(),
        conflicts: list(&d["conflicts"]).iter().map(pair).collect(),
        together: list(&d["together"]).iter().map(pair).collect(),
        near,
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the checker is another program: it reads files")]
fn the_benchmarks_checker_agrees_with_our_cost() {
    let folder = data();
    let checker = folder.join("placement.py");
    if !checker.exists() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    if python(&["-c", "import numpy; print('yes')"]).is_none_or(|out| !out.contains("yes")) {
        println!("skipped: python3 with numpy is not there");
        assert!(std::env::var_os("CI").is_none(), "CI installs numpy: a skip is a failure there");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/placement/subset.py");
    let scratch = std::env::temp_dir().join(format!("eclexia-placement-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a folder to write to");
    let mut checked = 0;
    for (name, first) in [("s20-1", 0), ("s20-1", 6), ("s20-2", 3), ("s20-3", 9), ("s20-3", 0)] {
        let path = folder.join(format!("generated/{name}.json.gz"));
        let arguments =
            [&script.to_string_lossy(), &*path.to_string_lossy(), &first.to_string(), "4"];
        let text = python(&arguments).expect("python3");
        let d: Value = serde_json::from_str(&text).expect("an instance");
        let problem = problem(&d);
        let planner = Planner::new(&problem).expect("not too large");
        let found = planner.optimum();
        let Some((plan, figures)) = found.best else {
            println!("{name} from {first}: infeasible");
            continue;
        };
        let nodes: Vec<Value> = plan
            .nodes
            .iter()
            .map(|n| {
                let pods = n.pods.iter().map(|(s, k)| (s.to_string(), json!(k)));
                let pods: serde_json::Map<String, Value> = pods.collect();
                json!({"offer": n.offer, "count": n.count, "pods": pods})
            })
            .collect();
        let variants: Vec<usize> = plan.services.iter().map(|(v, _)| *v).collect();
        let solution = json!({"variants": variants, "nodes": nodes, "bound": found.bound});
        let (instance, answer) = (scratch.join("i.json"), scratch.join("s.json"));
        std::fs::write(&instance, text).expect("written");
        std::fs::write(&answer, solution.to_string()).expect("written");
        let paths =
            [&*checker.to_string_lossy(), &*instance.to_string_lossy(), &*answer.to_string_lossy()];
        let verdict = python(&paths).expect("python3");
        let line = verdict.lines().next().unwrap_or_default();
        let figures_text =
            line.strip_prefix("feasible ").unwrap_or_else(|| panic!("{name}: {verdict}"));
        let theirs: Value = serde_json::from_str(figures_text).expect("figures");
        let theirs = theirs["objective"].as_f64().expect("an objective");
        let ours = to_f64(&figures.objective);
        assert!((ours - theirs).abs() <= 1e-9 * theirs, "{name} from {first}: {ours} and {theirs}");
        println!("{name} from {first}: {ours}, bound {}", found.bound);
        checked += 1;
    }
    std::fs::remove_dir_all(&scratch).expect("removed");
    assert!(checked >= 3, "{checked} feasible");
}
