//! `replan INSTANCE PLAN [SECONDS]`: changes an instance in several ways and continues a running
//! plan after each. Prints the processor time of reading, of planning and of new prices, what
//! moves, and the bound with and without what was known of the instance before.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example stands for the command"
)]

#[path = "shared/clock.rs"]
mod clock;

use clock::processor_seconds;
use eclexia_formats::{Named, Plan, read, read_plan};
use eclexia_optimizer::placement::{
    Effort, Instance, Matching, Movement, Running, evaluate, prove, prove_from, replan,
};

/// Once per pod, US dollars, and how long the plan runs, hours.
const USD: f64 = 1.0;
const HOURS: f64 = 24.0;
/// Which of the services changes.
const SERVICES: [usize; 3] = [3, 41, 77];
/// Region and zone that is drained; services are then spread over two zones at most.
const ZONE: (u32, u32) = (0, 1);
/// How often each is done: the clock has hundredths of a second.
const TIMES: u32 = 10;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [instance, plan, limit @ ..] = &args[..] else {
        return eprintln!("usage: replan INSTANCE PLAN [SECONDS]");
    };
    let limit = limit.first().and_then(|limit| limit.parse().ok());
    let (time, read) = timed(|| files(instance, plan));
    let Some((named, plan)) = read else { return eprintln!("cannot be read") };
    println!("reading {time:.0} ms");
    let was = &named.instance;
    let show = |what: &str, change: &dyn Fn(&mut Instance)| {
        let mut now = was.clone();
        change(&mut now);
        println!("{what}: {}", planned(was, &plan, &now, &plan.prices_of(&named), limit));
        println!("    {}", proved(was, &now));
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
    let movement = Movement {
        usd: USD,
        hours: HOURS,
        most: vec![u32::MAX; now.services.len()],
        in_all: u32::MAX,
    };
    let (time, found) = timed(|| {
        let start = processor_seconds();
        let clock = || (processor_seconds() - start) / limit.unwrap_or(f64::INFINITY);
        let effort = if limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&|| 0.0) };
        replan(now, &running, &movement, prices, effort, &|_| {})
    });
    let before = evaluate(was, &plan.solution).figures.objective;
    let found = match found {
        Ok(found) => found,
        Err(refused) => return format!("{time:.0} ms, {refused:?}"),
    };
    let of = found.movements.total();
    format!(
        "{time:.0} ms, {before:.3} -> {:.3} $/h, kept {} started {} stopped {} moved {}",
        found.objective, of.kept, of.started, of.stopped, of.moved
    )
}

/// New prices: with what is known of the instance before, and from nothing.
fn proved(was: &Instance, now: &Instance) -> String {
    let effort = Effort::counted(&|| 0.0);
    let mut spent = 0.0;
    let mut warm = 0.0;
    for _ in 0..TIMES {
        let (_, known) = prove_from(None, was, effort);
        let start = processor_seconds();
        warm = prove_from(Some(known), now, effort).0.bound;
        spent += processor_seconds() - start;
    }
    let (time, cold) = timed(|| prove(now, effort).bound);
    let warm_time = 1e3 * spent / f64::from(TIMES);
    format!("new prices {warm_time:.0} ms, bound {warm:.3}; anew {time:.0} ms, {cold:.3}")
}

/// Milliseconds of processor time of one of several times.
fn timed<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let start = processor_seconds();
    let mut made = work();
    for _ in 1..TIMES {
        made = work();
    }
    (1e3 * (processor_seconds() - start) / f64::from(TIMES), made)
}
