//! `trace FOLDER SEEDS POLICY,POLICY… LIST…`: the GPU trace of the folder, lists of pods by their
//! names without `.csv.gz`, by each policy: the devices in use at 90 to 130 % arrivals, mean over
//! seeds from 42, and processor time of one replay; then the bound of each list.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example stands for the command"
)]

#[path = "shared/clock.rs"]
mod clock;
#[path = "shared/packed.rs"]
mod packed;

use clock::processor_seconds;
use eclexia_formats::trace;
use eclexia_optimizer::Effort;
use eclexia_optimizer::arrivals::{Instance, Order, Policy, bound, check, replay};
use packed::text;

const FIRST_SEED: u64 = 42;
const ARRIVALS: [u32; 6] = [90, 95, 100, 110, 120, 130];
/// Bounds computed for one figure.
const ROUNDS: u32 = 20;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, seeds, policies, lists @ ..] = &args[..] else {
        return eprintln!("usage: trace FOLDER SEEDS POLICY,POLICY… LIST…");
    };
    let Ok(seeds) = seeds.parse() else { return eprintln!("seeds are a number") };
    println!("workload,policy,{},seconds", ARRIVALS.map(|at| format!("alloc_at_{at}")).join(","));
    for list in lists {
        let Some(instance) = instance(folder, list) else {
            eprintln!("{list}: cannot be read");
            continue;
        };
        for name in policies.split(',') {
            let policy = match name {
                "fgd" => Policy::Fgd,
                "best-fit" => Policy::BestFit,
                "dot-product" => Policy::DotProduct,
                _ => Policy::Lookahead,
            };
            println!("{list},{name},{}", means(&instance, policy, seeds));
        }
        let start = processor_seconds();
        let mut found = bound(&instance);
        for _ in 1..ROUNDS {
            found = bound(&instance);
        }
        let spent = 1e3 * (processor_seconds() - start) / f64::from(ROUNDS);
        println!("{list}: {found:?} of {} in {spent:.1} ms", instance.demand());
    }
}

fn instance(folder: &str, list: &str) -> Option<Instance> {
    let machines = text(&format!("{folder}/openb_node_list_all_node.csv.gz"))?;
    let pods = text(&format!("{folder}/{list}.csv.gz"))?;
    Some(trace::read(&pods, &machines).ok()?.instance.with_devices())
}

fn means(instance: &Instance, policy: Policy, seeds: u64) -> String {
    let mut sums = ARRIVALS.map(|_| 0.0);
    let start = processor_seconds();
    for seed in FIRST_SEED..FIRST_SEED + seeds {
        let order = Order::shuffled(instance, 130.0, seed);
        let found = replay(instance, &order, policy, &Effort::counted(&|| 0.0));
        assert_eq!(check(instance, &order.pods, &found.spots), Ok(found.allocated));
        for (sum, at) in sums.iter_mut().zip(ARRIVALS) {
            let there = found.curve.iter().find(|(percent, _)| *percent == at);
            *sum += there.map_or(f64::NAN, |(_, used)| *used);
        }
    }
    let spent = (processor_seconds() - start) / seeds as f64;
    let means = sums.map(|sum| format!("{:.2}", sum / seeds as f64));
    format!("{},{spent:.2}", means.join(","))
}
