//! Random walks through assignments, also over what exceeds capacity: what the tables say of each
//! move is what the judge, which shares no code with them, says of the assignments.

use super::check::Broken;
use super::instance::{Balance, Instance, Machine, Process, Service};
use super::state::{Shift, State};
use super::tables::Tables;
use crate::random::Random;

const MACHINES: usize = 6;
const PROCESSES: usize = 18;

fn instance(r: &mut Random) -> (Instance, Vec<usize>) {
    let amounts = |r: &mut Random, n, least| [(); 3].map(|()| (least + r.below(n)) as i64).to_vec();
    let machine = |m: usize, r: &mut Random| Machine {
        neighbourhood: m % 2,
        location: m % 3,
        capacity: amounts(r, 10, 22),
        safety: amounts(r, 10, 5),
        move_cost: (0..MACHINES).map(|to| if to == m { 0 } else { r.below(4) as i64 }).collect(),
    };
    let process = |p: usize, r: &mut Random| Process {
        service: p / 3,
        requirement: amounts(r, 8, 0),
        move_cost: r.below(5) as i64,
    };
    let service = |s: usize, r: &mut Random| Service {
        spread: r.below(4),
        dependencies: if s > 0 && r.below(2) == 0 { vec![r.below(s)] } else { Vec::new() },
    };
    let instance = Instance {
        transient: vec![r.below(2) == 0, r.below(2) == 0, false],
        load_weight: amounts(r, 5, 0),
        machines: (0..MACHINES).map(|m| machine(m, r)).collect(),
        services: (0..PROCESSES / 3).map(|s| service(s, r)).collect(),
        processes: (0..PROCESSES).map(|p| process(p, r)).collect(),
        balances: vec![Balance { first: 2, second: 0, target: 2, weight: 3 }],
        process_move_weight: 1,
        service_move_weight: 7,
        machine_move_weight: 2,
    };
    (instance, (0..PROCESSES).map(|p| p % MACHINES).collect())
}

/// Capacity is the first rule that the judge looks at after the bounds.
fn keeps_capacity(instance: &Instance, initial: &[usize], at: &[usize]) -> bool {
    !matches!(instance.check(initial, at), Err(Broken::Capacity { .. }))
}

/// The same instance where everything has room.
fn roomy(instance: &Instance) -> Instance {
    let mut roomy = instance.clone();
    for machine in &mut roomy.machines {
        machine.capacity.iter_mut().for_each(|capacity| *capacity += 1000);
    }
    // What is free of the first and the second resource of the balance differs by what was added.
    roomy.balances.clear();
    roomy
}

/// What the cost should be: the judge's without capacity, and the balance by hand.
fn cost(instance: &Instance, initial: &[usize], at: &[usize]) -> Option<i64> {
    let rest = roomy(instance).check(initial, at).ok()?.total();
    let free = |m: usize, r: usize| {
        let on = instance.processes.iter().zip(at).filter(|(_, at)| **at == m);
        instance.machines[m].capacity[r] - on.map(|(p, _)| p.requirement[r]).sum::<i64>()
    };
    let b = &instance.balances[0];
    let lacks = |m| (b.target * free(m, b.first) - free(m, b.second)).max(0) * b.weight;
    Some(rest + (0..MACHINES).map(lacks).sum::<i64>())
}

fn after(state: &State, moves: &[(usize, usize)]) -> Vec<usize> {
    let mut at: Vec<usize> = state.at.iter().map(|m| *m as usize).collect();
    moves.iter().for_each(|(p, to)| at[*p] = *to);
    at
}

#[test]
fn tables_say_of_every_move_what_the_judge_says() {
    let mut random = Random::new(3);
    let (mut made, mut exceeded) = (0, 0);
    for _ in 0..60 {
        let (instance, initial) = instance(&mut random);
        if instance.check(&initial, &initial).is_err() {
            continue;
        }
        let tables = Tables::new(&instance, &initial);
        let mut state = State::new(&tables, &tables.initial);
        for _ in 0..300 {
            let (p, q) = (random.below(PROCESSES), random.below(PROCESSES));
            let (m, n) = (state.at[p] as usize, state.at[q] as usize);
            let to = random.below(MACHINES);
            let is_swap = random.below(2) == 0;
            if m == if is_swap { n } else { to } {
                continue;
            }
            let shift = Shift { process: p, to };
            let (at, keeps, fits, change, excess) = if is_swap {
                let fits = state.fits_for(p, q, n) && state.fits_for(q, p, m);
                let keeps = state.swap_keeps_services(p, q);
                let (change, excess) = (state.swap_change(p, q), state.swap_excess(p, q));
                (after(&state, &[(p, n), (q, m)]), keeps, fits, change, excess)
            } else {
                let (keeps, fits) = (state.shift_keeps_services(shift), state.fits(p, to));
                let (change, excess) = (state.shift_change(shift), state.shift_excess(shift));
                (after(&state, &[(p, to)]), keeps, fits, change, excess)
            };
            let cost = cost(&instance, &initial, &at);
            assert!(cost.is_some() || !keeps, "a move breaks a rule");
            assert!(cost.is_none() || keeps || is_swap, "a shift is refused");
            let (Some(cost), true) = (cost, keeps) else { continue };
            if state.excess == 0 {
                assert_eq!(fits, keeps_capacity(&instance, &initial, &at));
                assert_eq!(fits, excess == 0);
            }
            let before = (state.cost, state.excess);
            if is_swap {
                state.swap(p, q, change);
            } else {
                state.shift(shift, change);
            }
            assert_eq!((state.cost, state.excess), (cost, before.1 + excess));
            assert_eq!(state.excess == 0, keeps_capacity(&instance, &initial, &at));
            let anew = State::new(&tables, &state.at);
            assert_eq!((anew.cost, anew.excess), (state.cost, state.excess));
            made += 1;
            exceeded += i32::from(state.excess > 0);
        }
    }
    assert!(made > 500 && exceeded > 50 && exceeded < made - 50, "{exceeded} of {made}");
}
