//! Reassignment on random instances: what the search returns keeps every rule by the judge that
//! shares no code with it, is the best there is where all can be listed, and is the same twice.

mod seeded;

use eclexia_optimizer::reassign::{Balance, Effort, Instance, Machine, Process, Service, anneal};
use seeded::Seeded;

/// A small instance in which `0, 1, 2, …` by process keeps the rules more often than not.
fn random(seed: u64, machines: usize, processes: usize) -> (Instance, Vec<usize>) {
    let mut r = Seeded(seed);
    let resources = 1 + r.below(3);
    let amounts = |r: &mut Seeded, n| (0..resources).map(|_| r.below(n) as i64).collect::<Vec<_>>();
    // Two processes each, on machines next to each other.
    let services = processes.div_ceil(2);
    let room = 10 * processes.div_ceil(machines) as i64;
    let machine = |r: &mut Seeded| {
        let capacity: Vec<i64> = amounts(r, 20).iter().map(|c| c + room).collect();
        Machine {
            neighbourhood: r.below(2),
            location: r.below(machines),
            safety: capacity.iter().map(|c| c / 6).collect(),
            capacity,
            move_cost: (0..machines).map(|_| r.below(2) as i64).collect(),
        }
    };
    let mut instance = Instance {
        transient: (0..resources).map(|_| r.below(3) == 0).collect(),
        load_weight: amounts(&mut r, 9),
        machines: (0..machines).map(|_| machine(&mut r)).collect(),
        process_move_weight: r.below(3) as i64,
        service_move_weight: r.below(5) as i64,
        machine_move_weight: r.below(3) as i64,
        ..Instance::default()
    };
    for (m, machine) in instance.machines.iter_mut().enumerate() {
        machine.move_cost[m] = 0;
    }
    for s in 0..services {
        let dependencies = if s > 0 && r.below(9) == 0 { vec![r.below(s)] } else { Vec::new() };
        instance.services.push(Service { spread: r.below(2), dependencies });
    }
    for p in 0..processes {
        let (service, requirement) = (p / 2, amounts(&mut r, 7));
        instance.processes.push(Process { service, requirement, move_cost: r.below(3) as i64 });
    }
    if resources > 1 {
        let (target, weight) = (r.below(3) as i64, r.below(4) as i64);
        instance.balances.push(Balance { first: 0, second: 1, target, weight });
    }
    let initial = (0..processes).map(|p| p % machines).collect();
    (instance, initial)
}

#[test]
fn small_instances_end_at_the_least_cost_there_is() {
    let (mut judged, mut improved) = (0, 0);
    for seed in 0..150 {
        let (machines, processes) = (3, 6);
        let (instance, initial) = random(seed, machines, processes);
        let Ok(before) = instance.check(&initial, &initial) else { continue };
        let every = (0..machines.pow(processes as u32)).map(|code| {
            (0..processes).map(|p| code / machines.pow(p as u32) % machines).collect::<Vec<_>>()
        });
        let costs = every.filter_map(|at| instance.check(&initial, &at).ok());
        let least = costs.map(|cost| cost.total()).min().expect("the first one keeps the rules");
        let found =
            anneal(&instance, &initial, 1, seed, &Effort::Moves(200_000)).expect("it is allowed");
        assert_eq!(Ok(found.cost), instance.check(&initial, &found.at));
        // Not every assignment can be reached by shifts and swaps that keep the rules.
        assert!(found.cost.total() >= least && found.cost.total() <= before.total());
        let better = least < before.total();
        improved += i32::from(better);
        judged += i32::from(better && found.cost.total() == least);
    }
    assert!(improved > 30 && judged * 10 >= improved * 9, "{judged} of {improved}");
}

#[test]
fn larger_instances_keep_the_rules_and_come_out_the_same_twice() {
    let mut moved = 0;
    for seed in 0..60 {
        let (instance, initial) = random(seed, 12, 40);
        if instance.check(&initial, &initial).is_err() {
            continue;
        }
        let run =
            || anneal(&instance, &initial, 2, seed, &Effort::Moves(60_000)).expect("it is allowed");
        let (one, two) = (run(), run());
        assert_eq!(one.at, two.at, "seed {seed}");
        assert_eq!(Ok(one.cost), instance.check(&initial, &one.at), "seed {seed}");
        moved += i32::from(one.at != initial);
    }
    assert!(moved > 5, "{moved}");
}
