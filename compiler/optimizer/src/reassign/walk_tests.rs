//! Random walks through assignments, also over what exceeds capacity and breaks the rules of
//! services: what the tables say of each move is what the judge, which shares no code with them,
//! says of the assignments.

use super::check::Broken;
use super::exchange::Exchange;
use super::instance::{Balance, Instance, Machine, Process, Service};
use super::state::{Chain, Change, Shift, State};
use super::tables::Tables;
use crate::random::Random;
use std::collections::BTreeSet;

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

/// The same instance where everything has room and services may be anywhere but together.
fn roomy(instance: &Instance) -> Instance {
    let mut roomy = instance.clone();
    for machine in &mut roomy.machines {
        machine.capacity.iter_mut().for_each(|capacity| *capacity += 1000);
    }
    for service in &mut roomy.services {
        *service = Service::default();
    }
    // What is free of the first and the second resource of the balance differs by what was added.
    roomy.balances.clear();
    roomy
}

/// What the cost should be, if no two processes of a service are together: the judge's without
/// other rules, and the balance by hand.
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

/// Locations that services lack, and their neighbourhoods without what they depend on.
fn broken(instance: &Instance, at: &[usize]) -> i64 {
    let places = |s: usize, place: fn(&Machine) -> usize| -> BTreeSet<usize> {
        let members = instance.processes.iter().zip(at).filter(|(p, _)| p.service == s);
        members.map(|(_, m)| place(&instance.machines[*m])).collect()
    };
    let mut broken = 0;
    for (s, service) in instance.services.iter().enumerate() {
        broken += service.spread.saturating_sub(places(s, |m| m.location).len());
        let own = places(s, |m| m.neighbourhood);
        for on in &service.dependencies {
            broken += own.difference(&places(*on, |m| m.neighbourhood)).count();
        }
    }
    broken as i64
}

enum Move {
    Shift(Shift),
    Swap(usize, usize),
    Chain(Chain),
}

impl Move {
    fn random(r: &mut Random) -> Move {
        let (p, q, to) = (r.below(PROCESSES), r.below(PROCESSES), r.below(MACHINES));
        match r.below(3) {
            0 => Move::Shift(Shift { process: p, to }),
            1 => Move::Swap(p, q),
            _ => Move::Chain(Chain { first: p, second: q, to }),
        }
    }

    /// Where each process that it moves goes; none of a move from a machine to itself.
    fn targets(&self, state: &State) -> Option<Vec<(usize, usize)>> {
        let at = |p: usize| state.at[p] as usize;
        let (list, machines) = match *self {
            Move::Shift(Shift { process: p, to }) => (vec![(p, to)], vec![at(p), to]),
            Move::Swap(p, q) => (vec![(p, at(q)), (q, at(p))], vec![at(p), at(q)]),
            Move::Chain(Chain { first: p, second: q, to }) => {
                (vec![(p, at(q)), (q, to)], vec![at(p), at(q), to])
            }
        };
        let different: BTreeSet<usize> = machines.iter().copied().collect();
        (different.len() == machines.len()).then_some(list)
    }

    /// Whether it conflicts; whether it fits; what it adds to cost, to broken rules, to excess.
    fn says(&self, state: &State) -> (bool, bool, Change, i64) {
        let change = |cost, broken| Change { cost, broken };
        match *self {
            Move::Shift(shift) => (
                state.shift_conflicts(shift),
                state.fits(shift.process, shift.to),
                change(state.shift_change(shift), state.shift_broken(shift)),
                state.shift_excess(shift),
            ),
            Move::Swap(p, q) => {
                let (m, n) = (state.at[p] as usize, state.at[q] as usize);
                (
                    state.swap_conflicts(p, q),
                    state.fits_for(p, q, n) && state.fits_for(q, p, m),
                    change(state.swap_change(p, q), state.swap_broken(p, q)),
                    state.swap_excess(p, q),
                )
            }
            Move::Chain(chain) => (
                state.chain_conflicts(chain),
                state.chain_fits(chain),
                change(state.chain_change(chain), state.chain_broken(chain)),
                state.chain_excess(chain),
            ),
        }
    }

    fn make(&self, state: &mut State, change: Change) {
        match *self {
            Move::Shift(shift) => state.shift(shift, change),
            Move::Swap(p, q) => state.swap(p, q, change),
            Move::Chain(chain) => state.chain(chain, change),
        }
    }
}

/// What happened in a walk.
#[derive(Default)]
struct Walked {
    made: [u32; 3],
    exceeded: u32,
    broken: u32,
}

fn walk(instance: &Instance, initial: &[usize], random: &mut Random, walked: &mut Walked) {
    let tables = Tables::new(instance, initial);
    let mut state = State::new(&tables, &tables.initial);
    for _ in 0..300 {
        let one = Move::random(random);
        let Some(targets) = one.targets(&state) else { continue };
        let mut at: Vec<usize> = state.at.iter().map(|m| *m as usize).collect();
        targets.iter().for_each(|(p, to)| at[*p] = *to);
        let (conflicts, fits, change, excess) = one.says(&state);
        let cost = cost(instance, initial, &at);
        assert!(cost.is_some() || conflicts, "two processes of a service come together");
        let is_shift = matches!(one, Move::Shift(_));
        assert!(cost.is_none() || !conflicts || !is_shift, "a shift is refused");
        let (Some(cost), false) = (cost, conflicts) else { continue };
        if state.excess == 0 {
            assert_eq!(fits, keeps_capacity(instance, initial, &at));
            assert_eq!(fits, excess == 0);
        }
        let before = state.excess;
        // Now and then back to what is allowed, so that both sides of the border are seen.
        if before + excess > 0 && random.below(3) == 0 {
            continue;
        }
        one.make(&mut state, change);
        assert_eq!((state.cost, state.excess), (cost, before + excess));
        assert_eq!(state.broken, broken(instance, &at));
        let away: BTreeSet<usize> = state.away.iter().map(|p| *p as usize).collect();
        assert_eq!(away, (0..PROCESSES).filter(|p| at[*p] != initial[*p]).collect());
        assert_eq!(away.len(), state.away.len());
        assert_eq!(state.excess == 0, keeps_capacity(instance, initial, &at));
        assert_eq!(state.keeps_rules(), instance.check(initial, &at).is_ok());
        let mut culprits = Vec::new();
        state.culprits(&mut culprits);
        assert_eq!(culprits.is_empty(), state.keeps_rules());
        let anew = State::new(&tables, &state.at);
        assert_eq!((anew.cost, anew.excess, anew.broken), (state.cost, state.excess, state.broken));
        let kind = match one {
            Move::Shift(_) => 0,
            Move::Swap(..) => 1,
            Move::Chain(_) => 2,
        };
        walked.made[kind] += 1;
        walked.exceeded += u32::from(state.excess > 0);
        walked.broken += u32::from(state.broken > 0);
    }
}

#[test]
fn tables_say_of_every_move_what_the_judge_says() {
    let mut random = Random::new(3);
    let mut walked = Walked::default();
    for _ in 0..60 {
        let (instance, initial) = instance(&mut random);
        if instance.check(&initial, &initial).is_ok() {
            walk(&instance, &initial, &mut random, &mut walked);
        }
    }
    let made: u32 = walked.made.iter().sum();
    assert!(walked.made.iter().all(|made| *made > 100), "{:?}", walked.made);
    for seen in [walked.exceeded, walked.broken] {
        assert!(seen > 50 && seen < made - 50, "{seen} of {made}");
    }
}

/// What a plan of an exchange says is what making it does, and taking it back leaves no trace.
fn exchange(tables: &Tables, state: &mut State, random: &mut Random) -> Option<usize> {
    let (p, n) = (random.below(PROCESSES), random.below(MACHINES));
    let m = state.at[p] as usize;
    if m == n || state.shift_conflicts(Shift { process: p, to: n }) {
        return None;
    }
    let (mut exchange, price) = (Exchange::default(), 50.0);
    let machines = |state: &State| {
        let cost = state.machine_cost[m] + state.machine_cost[n];
        cost as f64 + price * state.excess as f64
    };
    let key = |state: &State| (state.at.clone(), state.cost, state.broken, state.excess);
    let (before, began) = (machines(state), key(state));
    let value = exchange.plan(state, p, n, random.below(9), price);
    exchange.make(state);
    assert_eq!(machines(state) - before, value);
    let anew = State::new(tables, &state.at);
    assert_eq!((anew.cost, anew.excess, anew.broken), (state.cost, state.excess, state.broken));
    if random.below(2) == 0 {
        exchange.take_back(state);
        assert_eq!(key(state), began);
    }
    Some(exchange.shifts.len())
}

#[test]
fn exchanges_do_what_their_plan_and_the_judge_say() {
    let mut random = Random::new(5);
    let (mut single, mut several) = (0, 0);
    for _ in 0..60 {
        let (instance, initial) = instance(&mut random);
        if instance.check(&initial, &initial).is_err() {
            continue;
        }
        let tables = Tables::new(&instance, &initial);
        let mut state = State::new(&tables, &tables.initial);
        for _ in 0..100 {
            let Some(moved) = exchange(&tables, &mut state, &mut random) else { continue };
            single += i32::from(moved == 1);
            several += i32::from(moved > 1);
            let at: Vec<usize> = state.at.iter().map(|m| *m as usize).collect();
            assert_eq!(Some(state.cost), cost(&instance, &initial, &at));
            assert_eq!(state.keeps_rules(), instance.check(&initial, &at).is_ok());
        }
    }
    assert!(single > 100 && several > 100, "{single} alone, {several} with others");
}
