//! Arrivals on random clusters: every replay keeps the rules by the judge and comes out the same
//! twice, no placement of a list is above its bound where all can be tried, and the judge names
//! what is broken. The public trace is with its reader, in `formats`.

mod seeded;

use eclexia_optimizer::Effort;
use eclexia_optimizer::arrivals::{
    Bound, Broken, Instance, Machine, Order, Policy, Replay, Request, Short, Spot, WHOLE, bound,
    check, replay,
};
use seeded::Seeded;

const POLICIES: [Policy; 4] = [Policy::Lookahead, Policy::Fgd, Policy::BestFit, Policy::DotProduct];
const ANY: u64 = u64::MAX;

fn random(seed: u64, machines: usize, pods: usize) -> Instance {
    let mut r = Seeded(seed);
    let machine = |r: &mut Seeded| Machine {
        cpu: 4_000 * (1 + r.below(8) as u64),
        memory: 16 * (1 + r.below(8) as u64),
        devices: r.below(4) as u8,
        model: r.below(2) as u8,
    };
    let request = |r: &mut Seeded| {
        let devices = [0, 1, 1, 1, 1, 2, 3][r.below(7)];
        let part = [110, 320, 470, 500, 810, 1_000][r.below(6)];
        let milli = if devices > 1 { WHOLE } else { part };
        Request {
            cpu: 1_000 * r.below(9) as u64,
            memory: 8 * r.below(5) as u64,
            devices,
            milli: if devices == 0 { 0 } else { milli },
            models: if devices == 0 { ANY } else { [ANY, 1, 2, 3][r.below(4)] },
        }
    };
    let machines = (0..machines).map(|_| machine(&mut r)).collect();
    let pods: Vec<Request> = (0..pods).map(|_| request(&mut r)).collect();
    Instance::new(machines, &pods)
}

fn run(instance: &Instance, order: &Order, policy: Policy) -> Replay {
    let found = replay(instance, order, policy, &Effort::counted(&|| 0.0));
    let judged = check(instance, &order.pods, &found.spots);
    assert_eq!(judged, Ok(found.allocated), "{policy:?}: {instance:?}");
    found
}

#[test]
fn replays_keep_the_rules_and_come_out_the_same_twice() {
    let mut refused = 0;
    for seed in 0..150 {
        let instance = random(seed, 1 + seed as usize % 5, 5 + seed as usize % 40);
        let order = Order::shuffled(&instance, 150.0, seed);
        assert_eq!(order, Order::shuffled(&instance, 150.0, seed));
        for policy in POLICIES {
            let found = run(&instance, &order, policy);
            assert_eq!(found, run(&instance, &order, policy), "seed {seed}");
            refused += found.spots.iter().filter(|spot| spot.is_none()).count();
        }
    }
    assert!(refused > 1_000, "{refused}");
}

#[test]
fn an_order_is_the_list_shuffled_and_then_drawn_and_begins_alike_however_much_arrives() {
    let instance = random(3, 4, 12).with_devices();
    let [some, all, more] =
        [40.0, 100.0, 400.0].map(|percent| Order::shuffled(&instance, percent, 9));
    assert!(more.pods.starts_with(&all.pods) && all.pods.starts_with(&some.pods));
    let mut listed = more.pods[..instance.pods.len()].to_vec();
    listed.sort_unstable();
    assert_eq!(listed, (0..instance.pods.len() as u32).collect::<Vec<_>>());
    let arrived = |order: &Order| -> u64 {
        order.pods.iter().map(|pod| instance.request(*pod).total()).sum()
    };
    assert!(arrived(&more) <= 4 * instance.capacity());
    assert!(arrived(&more) + 3 * u64::from(WHOLE) > 4 * instance.capacity());
    assert_ne!(more, Order::shuffled(&instance, 400.0, 10));
    let none = Instance::new(instance.machines.clone(), &[Request { devices: 0, ..pod(0, 0) }]);
    assert_eq!(Order::shuffled(&none, 400.0, 9).pods, [0]);
}

#[test]
fn an_effort_that_is_over_ends_a_replay_early() {
    let instance = random(5, 3, 30);
    let order = Order::listed(&instance);
    let asked = std::sync::atomic::AtomicU32::new(0);
    let clock = || f64::from(asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) / 10);
    let found = replay(&instance, &order, Policy::Fgd, &Effort::timed(&clock));
    assert_eq!(found.spots.len(), 10);
    assert_eq!(check(&instance, &order.pods, &found.spots), Ok(found.allocated));
}

/// The most that some of the pods from `next` on can use, whatever is left out.
fn most(instance: &Instance, next: usize, left: &mut [(u64, u64, Vec<u16>)]) -> u64 {
    let Some(pod) = instance.pods.get(next) else { return 0 };
    let request = instance.requests[*pod as usize];
    let mut best = most(instance, next + 1, left);
    for m in 0..left.len() {
        let (cpu, memory, free) = left[m].clone();
        let will_do = request.accepts(instance.machines[m].model);
        if request.cpu > cpu || request.memory > memory || !will_do {
            continue;
        }
        let sets = (0u32..1 << free.len()).filter(|s| s.count_ones() == u32::from(request.devices));
        for set in sets {
            let on: Vec<usize> = (0..free.len()).filter(|d| set >> d & 1 == 1).collect();
            if on.iter().any(|d| free[*d] < request.milli) {
                continue;
            }
            let mut after = free.clone();
            on.iter().for_each(|d| after[*d] -= request.milli);
            left[m] = (cpu - request.cpu, memory - request.memory, after);
            best = best.max(request.total() + most(instance, next + 1, left));
            left[m] = (cpu, memory, free.clone());
        }
    }
    best
}

#[test]
fn no_placement_of_a_small_list_is_above_its_bound() {
    let (mut met, mut short) = (0, 0);
    for seed in 0..300 {
        let instance = random(1_000 + seed, 2, 5);
        let machines = instance.machines.iter();
        let empty = machines.map(|m| (m.cpu, m.memory, vec![WHOLE; usize::from(m.devices)]));
        let best = most(&instance, 0, &mut empty.collect::<Vec<_>>());
        let Bound { most, short: why } = bound(&instance);
        assert!(best <= most && most <= instance.demand(), "{seed}: {best} {most} {instance:?}");
        met += usize::from(best == most);
        if best < instance.demand() {
            short += usize::from(why.is_some());
        } else {
            assert!(matches!(why, None | Some(Short::Cpu | Short::Memory | Short::Request(_))));
        }
    }
    assert!(met > 80 && short > 80, "{met} {short}");
}

fn pod(devices: u8, milli: u16) -> Request {
    Request { cpu: 1_000, memory: 1, devices, milli, models: ANY }
}

fn cluster(machines: usize, devices: u8) -> Vec<Machine> {
    vec![Machine { cpu: 8_000, memory: 8, devices, model: 0 }; machines]
}

#[test]
fn a_list_that_devices_cannot_hold_by_its_parts_is_proved_to_be_one() {
    let parts = Instance::new(cluster(2, 2), &[pod(1, 600); 5]);
    assert_eq!(bound(&parts), Bound { most: 2_400, short: Some(Short::Devices) });
    let spread = Instance::new(cluster(4, 1), &[pod(2, WHOLE)]);
    assert_eq!(bound(&spread).short, Some(Short::Request(0)));
    let cores = Instance::new(cluster(1, 4), &[pod(1, 100); 9]);
    assert_eq!(bound(&cores).short, Some(Short::Cpu));
    assert_eq!(bound(&cores).most, 800);
    let fitting = Instance::new(cluster(1, 4), &[pod(1, 500); 8]);
    assert_eq!(bound(&fitting), Bound { most: 4_000, short: None });
    assert_eq!(bound(&Instance::default()), Bound { most: 0, short: None });
}

#[test]
fn the_judge_names_the_rule_that_is_broken() {
    let instance = Instance::new(cluster(2, 2), &[pod(1, 600), pod(2, WHOLE), pod(1, 600)]);
    let at = |machine, devices| Some(Spot { machine, devices });
    let judge = |spots: &[Option<Spot>]| check(&instance, &[0, 1, 2], spots);
    assert_eq!(judge(&[at(0, 1), at(1, 3), at(0, 2)]), Ok(3_200));
    assert_eq!(judge(&[at(0, 1), at(1, 3), at(0, 1)]), Err(Broken::Full { arrival: 2 }));
    assert_eq!(judge(&[at(0, 1), at(1, 1)]), Err(Broken::Devices { arrival: 1 }));
    assert_eq!(judge(&[at(0, 4)]), Err(Broken::Nowhere { arrival: 0 }));
    assert_eq!(judge(&[at(2, 1)]), Err(Broken::Nowhere { arrival: 0 }));
    let refused = Broken::Refused { arrival: 1, machine: 1 };
    assert_eq!(judge(&[at(0, 1), None]), Err(refused));
    assert_eq!(judge(&[at(0, 1), at(1, 3), at(0, 2), None]), Err(Broken::Unknown { arrival: 3 }));
}
