//! Files that are right but for a few changes: whatever they say, they are refused or solved, and
//! what is solved keeps the rules. Nothing panics, overflows or goes on for ever.

use eclexia_base::SplitMix64;
use eclexia_formats::reassign::{assignment, instance};
use eclexia_formats::{components, matching, mps, packing, read, read_plan, trace};
use eclexia_optimizer::arrivals::{self, Order, Policy};
use eclexia_optimizer::mip::{self, Stop};
use eclexia_optimizer::placement::{
    Effort, Movement, Running, evaluate, movements, prove, replan, solve,
};
use eclexia_optimizer::reassign::{self, anneal};
use eclexia_optimizer::simplex::Limits;
use eclexia_optimizer::{components as machines, packing as bins};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

const PLACEMENT: &str = include_str!("../../../tests/cli/solve.in/tiny.json");
const FLEET: &str = include_str!("../../../tests/cli/solve.in/fleet.json");
const RUNNING: &str = include_str!("../../../tests/cli/solve.in/running.json");
const LINEAR: &str = include_str!("../../../tests/cli/solve.in/diet.mps");
const WHOLE: &str = include_str!("../../../tests/cli/solve.in/whole.mps");
const MODEL: &str = include_str!("../../../tests/cli/solve.in/model.txt");

const BOXES: &str = include_str!("../../../tests/cli/solve.in/boxes.vbp");
const SHOP: &str = include_str!("../../../tests/cli/solve.in/shop.json");
const OFFERS: &str = include_str!("../../../tests/cli/solve.in/offers.json");
const PODS: &str = include_str!("../../../tests/cli/solve.in/pods.csv");
const NODES: &str = include_str!("../../../tests/cli/solve.in/nodes.csv");

/// What numbers become.
const NUMBERS: [&str; 16] = [
    "-1",
    "0",
    "1",
    "2",
    "0.5",
    "1e308",
    "-1e308",
    "1e-300",
    "NaN",
    "Infinity",
    "9223372036854775807",
    "18446744073709551616",
    "1e12",
    "1000000",
    "-0.0",
    "",
];

struct Random(SplitMix64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n.max(1) as u64) as usize
    }
}

/// Where the numbers of a text are.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let is_part = |c: u8| c.is_ascii_digit() || matches!(c, b'.' | b'-');
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = (at..bytes.len()).find(|i| !is_part(bytes[*i])).unwrap_or(bytes.len());
        if end > at {
            found.push((at, end));
        }
        at = end + 1;
    }
    found
}

fn damaged(text: &str, random: &mut Random) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(3) {
        match random.below(8) {
            0 => {
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let gone = random.below(lines.len());
                let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone);
                text = kept.map(|(_, line)| *line).collect();
            }
            1 => {
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let twice = random.below(lines.len());
                let all = lines.iter().enumerate();
                text = all.map(|(at, line)| line.repeat(1 + usize::from(at == twice))).collect();
            }
            2 => {
                let at = text.floor_char_boundary(random.below(text.len()));
                text.truncate(at);
            }
            _ => {
                let all = numbers(&text);
                if !all.is_empty() {
                    let (from, to) = all[random.below(all.len())];
                    text.replace_range(from..to, NUMBERS[random.below(NUMBERS.len())]);
                }
            }
        }
    }
    text
}

/// Runs `each` on many changed texts; what panics is shown with its text. How many were not
/// refused.
fn survive(text: &str, seed: u64, rounds: u64, each: impl Fn(&str) -> bool) -> usize {
    let mut solved = 0;
    for round in 0..rounds {
        let text = damaged(text, &mut Random(SplitMix64(seed + round)));
        match catch_unwind(AssertUnwindSafe(|| each(&text))) {
            Ok(was_solved) => solved += usize::from(was_solved),
            Err(_) => panic!("round {round}: {text}"),
        }
    }
    solved
}

#[test]
fn placements() {
    let solved = survive(PLACEMENT, 1 << 32, 4_000, |text| {
        let Ok(named) = read(text.as_bytes()) else { return false };
        let asked = AtomicU64::new(0);
        let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / 200.0;
        let placed = solve(&named.instance, Effort::timed(&clock), &|_| {});
        if let Some(best) = placed.best {
            let judged = evaluate(&named.instance, &best.solution);
            assert!(judged.violations.is_empty(), "{:?}", judged.violations);
            assert!(!placed.bound.is_nan() && placed.bound <= best.objective * (1.0 + 1e-9));
        }
        true
    });
    assert!(solved > 100, "{solved}");
}

/// The plan is damaged, or the instance that it is continued on.
#[test]
fn plans_that_run() {
    let fleet = read(FLEET.as_bytes()).expect("it is right");
    let continued = |now: &str, plan: &str| {
        let Ok(now) = read(now.as_bytes()) else { return false };
        let Ok(plan) = read_plan(plan.as_bytes(), &fleet.instance) else { return false };
        let matching = matching(&fleet, &now);
        let running = Running::new(&fleet.instance, &plan.solution, &now.instance, &matching);
        let most = vec![1; now.instance.services.len()];
        let movement = Movement { usd: 1.0, hours: 1.0, most, in_all: u32::MAX };
        let asked = AtomicU64::new(0);
        let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / 20.0;
        let effort = Effort::timed(&clock);
        let prices = plan.prices_of(&now);
        let found = replan(&now.instance, &running, &movement, &prices, effort, &|_| {});
        let bound = prove(&now.instance, Effort::counted(&|| 0.0)).bound;
        if let Ok(found) = found {
            let judged = evaluate(&now.instance, &found.solution);
            assert!(judged.violations.is_empty(), "{:?}", judged.violations);
            let moves = movements(&now.instance, &running, &found.solution, &found.pairs);
            assert_eq!(moves.as_ref(), Some(&found.movements));
            assert!(found.movements.services.iter().all(|of| of.moved <= 1));
            assert!(!bound.is_nan() && bound <= found.objective * (1.0 + 1e-9) + 1e-9);
        }
        true
    };
    let of_plans = survive(RUNNING, 11 << 32, 1_500, |text| continued(FLEET, text));
    let of_instances = survive(FLEET, 12 << 32, 1_500, |text| continued(text, RUNNING));
    assert!(of_plans > 30 && of_instances > 100, "{of_plans} {of_instances}");
}

#[test]
fn programmes() {
    for (text, seed) in [(LINEAR, 2 << 32), (WHOLE, 3 << 32)] {
        let solved = survive(text, seed, 6_000, |text| {
            let Ok(mps) = mps::read(text) else { return false };
            let status = mps.model.relaxation().solve(&Limits::work(1_000_000));
            let found = mip::solve(&mps.model, &Stop { work: 1_000_000, stop: None });
            if let Some((x, cost)) = found.best {
                assert!(x.iter().all(|value| value.is_finite()), "{status:?} {x:?}");
                assert!(!cost.is_nan() && !found.bound.is_nan());
            }
            true
        });
        assert!(solved > 100, "{solved}");
    }
}

#[test]
fn reassignments() {
    let solved = survive(MODEL, 4 << 32, 10_000, |text| {
        let Ok(instance) = instance(text) else { return false };
        let Ok(before) = assignment("0 1 0", &instance) else { return false };
        if instance.check(&before, &before).is_err() {
            return false;
        }
        if let Some(found) = anneal(&instance, &before, 1, 1, &reassign::Effort::Moves(500)) {
            assert!(instance.check(&before, &found.at).is_ok(), "{:?}", found.at);
        }
        true
    });
    assert!(solved > 100, "{solved}");
}

#[test]
fn packings() {
    let solved = survive(BOXES, 5 << 32, 6_000, |text| {
        let Ok(instance) = packing::read(text) else { return false };
        let asked = AtomicU64::new(0);
        let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / 500.0;
        let packed = bins::solve(&instance, Effort::timed(&clock), &|_| {});
        let count = bins::check(&instance, &packed.bins);
        assert!(count.is_ok_and(|count| packed.bound <= count), "{count:?} {}", packed.bound);
        true
    });
    assert!(solved > 100, "{solved}");
}

#[test]
fn applications() {
    let deploy = |application: &str, offers: &str| {
        let Ok(named) = components::read(application, offers, &[]) else { return false };
        let stop = Stop { work: 1_000_000, stop: None };
        let Ok(found) = machines::solve(&named.instance, &stop) else { return false };
        if let Some((machines, price)) = found.best {
            assert_eq!(machines::check(&named.instance, &machines), Ok(price));
            assert!(found.bound.is_none_or(|bound| bound <= price));
        }
        true
    };
    let solved = survive(SHOP, 6 << 32, 4_000, |text| deploy(text, OFFERS));
    let sold = survive(OFFERS, 7 << 32, 2_000, |text| deploy(SHOP, text));
    assert!(solved > 100 && sold > 100, "{solved} {sold}");
}

#[test]
fn traces() {
    let place = |pods: &str, nodes: &str| {
        let Ok(named) = trace::read(pods, nodes) else { return false };
        let most = arrivals::bound(&named.instance).most;
        let instance = named.instance.with_devices();
        let orders = [Order::listed(&instance), Order::shuffled(&instance, 150.0, 1)];
        for (order, policy) in orders.iter().zip([Policy::Lookahead, Policy::Fgd]) {
            let asked = AtomicU64::new(0);
            let clock = || asked.fetch_add(1, Ordering::Relaxed) as f64 / 50.0;
            let found = arrivals::replay(&instance, order, policy, &Effort::timed(&clock));
            let judged = arrivals::check(&instance, &order.pods, &found.spots);
            assert_eq!(judged, Ok(found.allocated));
            assert!(order.pods.len() > instance.pods.len() || found.allocated <= most);
        }
        true
    };
    let came = survive(PODS, 8 << 32, 3_000, |text| place(text, NODES));
    let stood = survive(NODES, 9 << 32, 3_000, |text| place(PODS, text));
    assert!(came > 100 && stood > 100, "{came} {stood}");
}
