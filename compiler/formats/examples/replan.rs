//! `replan INSTANCE PLAN [SECONDS]`: changes an instance in several ways, continues a running plan
//! after each, and prints the processor time of reading and of planning, and what moves.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example stands for the command"
)]

use eclexia_formats::{Named, Plan, read, read_plan};
use eclexia_optimizer::placement::{
    Effort, Instance, Matching, Movement, Running, evaluate, replan,
};

/// Once per pod, US dollars, and how long the plan runs, hours.
const USD: f64 = 1.0;
const HOURS: f64 = 24.0;
/// Which of the services changes.
const SERVICES: [usize; 3] = [3, 41, 77];
/// Region and zone that is drained; services are then spread over two zones at most.
const ZONE: (u32, u32) = (0, 1);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [instance, plan, limit @ ..] = &args[..] else {
        return eprintln!("usage: replan INSTANCE PLAN [SECONDS]");
    };
    let limit = limit.first().and_then(|limit| limit.parse().ok());
    let start = processor_seconds();
    let Some((named, plan)) = files(instance, plan) else { return eprintln!("cannot be read") };
    println!("reading {:.0} ms", 1e3 * (processor_seconds() - start));
    let was = &named.instance;
    let show = |what: &str, change: &dyn Fn(&mut Instance)| {
        let mut now = was.clone();
        change(&mut now);
        println!("{what}: {}", planned(was, &plan, &now, &plan.prices_of(&named), limit));
    };
    for s in SERVICES {
        show(&format!("+1 replica of {s}"), &|now| {
            now.services[s].variants.iter_mut().for_each(|v| v.replicas += 1);
        });
        show(&format!("request of {s} doubled"), &|now| {
            let requests = now.services[s].variants.iter_mut().flat_map(|v| &mut v.request);
            requests.for_each(|amount| *amount *= 2);
        });
        show(&format!("a replica less of {s}"), &|now| {
            now.services[s].variants.iter_mut().for_each(|v| v.replicas -= 1);
        });
    }
    let largest = plan.solution.nodes.iter().max_by_key(|n| n.count).map_or(0, |n| n.offer);
    show("an offer removed", &|now| now.offers[largest as usize].limit = 0);
    show("a zone drained", &|now| {
        let offers = now.offers.iter_mut().filter(|o| (o.region, o.zone) == ZONE);
        offers.for_each(|o| o.limit = 0);
        now.services.iter_mut().for_each(|s| s.min_zones = s.min_zones.min(2));
    });
    show("nothing", &|_| {});
}

fn files(instance: &str, plan: &str) -> Option<(Named, Plan)> {
    let named = read(&std::fs::read(instance).ok()?).ok()?;
    let plan = read_plan(&std::fs::read(plan).ok()?, &named.instance).ok()?;
    Some((named, plan))
}

fn planned(
    was: &Instance,
    plan: &Plan,
    now: &Instance,
    prices: &[f64],
    limit: Option<f64>,
) -> String {
    let running = Running::new(was, &plan.solution, now, &Matching::by_index(was));
    let movement = Movement { usd: USD, hours: HOURS, most: vec![u32::MAX; now.services.len()] };
    let start = processor_seconds();
    let clock = || (processor_seconds() - start) / limit.unwrap_or(f64::INFINITY);
    let effort = if limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&|| 0.0) };
    let found = replan(now, &running, &movement, prices, effort, &|_| {});
    let milliseconds = 1e3 * (processor_seconds() - start);
    let before = evaluate(was, &plan.solution).figures.objective;
    let Ok(found) = found else { return format!("{milliseconds:.0} ms, {found:?}") };
    let of = found.movements.total();
    format!(
        "{milliseconds:.0} ms, {before:.3} -> {:.3} $/h, kept {} started {} stopped {} moved {}",
        found.objective, of.kept, of.started, of.stopped, of.moved
    )
}

/// Of all threads of this process, to a hundredth of a second (Linux: `man 5 proc_pid_stat`).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |field: usize| {
        let after_name = stat.rsplit(')').next()?;
        after_name.split_whitespace().nth(field - 3)?.parse::<f64>().ok()
    };
    (ticks(14).unwrap_or(0.0) + ticks(15).unwrap_or(0.0)) / 100.0
}
