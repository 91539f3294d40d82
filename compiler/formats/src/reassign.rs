//! The challenge's text formats: whitespace-separated integers. What comes in: text; what goes out:
//! an instance whose references are all right and whose costs cannot overflow, or which number is
//! wrong and why.

use crate::integers::Numbers;
pub use crate::integers::{Fault, What};
use eclexia_optimizer::reassign::{Balance, Instance, Machine, Process, Service};

/// Largest amount or cost; the sum is checked besides.
const MOST_AMOUNT: i64 = 1 << 50;
/// Largest count of anything.
const MOST_COUNT: i64 = 1 << 24;
/// Entries of the table of machine moves.
const MOST_MACHINES: i64 = 1 << 14;
const MOST_RESOURCES: i64 = 1 << 10;

impl Numbers<'_> {
    fn amount(&mut self, expected: &'static str) -> Result<i64, Fault> {
        self.between(0, MOST_AMOUNT, expected)
    }

    fn amounts(&mut self, count: usize, expected: &'static str) -> Result<Vec<i64>, Fault> {
        (0..count).map(|_| self.amount(expected)).collect()
    }

    fn count(&mut self, expected: &'static str) -> Result<usize, Fault> {
        Ok(self.between(0, MOST_COUNT, expected)? as usize)
    }

    /// One of `count` things.
    fn index(&mut self, count: usize, expected: &'static str) -> Result<usize, Fault> {
        let index = self.count(expected)?;
        if index < count {
            Ok(index)
        } else {
            Err(self.fault(expected, What::Unknown(index as i64)))
        }
    }
}

/// Reads an instance.
pub fn instance(text: &str) -> Result<Instance, Fault> {
    let mut numbers = Numbers::new(text);
    let mut instance = Instance::default();
    for _ in 0..numbers.between(0, MOST_RESOURCES, "number of resources")? {
        instance.transient.push(numbers.between(0, 1, "1 for a transient resource, else 0")? == 1);
        instance.load_weight.push(numbers.amount("weight of a load cost")?);
    }
    let resources = instance.transient.len();
    let machines = numbers.between(0, MOST_MACHINES, "number of machines")? as usize;
    for _ in 0..machines {
        let neighbourhood = numbers.index(machines, "neighbourhood of a machine")?;
        let location = numbers.index(machines, "location of a machine")?;
        let capacity = numbers.amounts(resources, "capacity of a machine")?;
        let safety = numbers.amounts(resources, "safety capacity of a machine")?;
        let move_cost = numbers.amounts(machines, "cost of a move between machines")?;
        instance.machines.push(Machine { neighbourhood, location, capacity, safety, move_cost });
    }
    let services = numbers.count("number of services")?;
    for _ in 0..services {
        let spread = numbers.count("fewest locations of a service")?;
        let count = numbers.count("number of dependencies")?;
        let dependency = |_| numbers.index(services, "service that another depends on");
        let dependencies = (0..count).map(dependency).collect::<Result<_, _>>()?;
        instance.services.push(Service { spread, dependencies });
    }
    for _ in 0..numbers.count("number of processes")? {
        let service = numbers.index(services, "service of a process")?;
        let requirement = numbers.amounts(resources, "requirement of a process")?;
        let move_cost = numbers.amount("cost of moving a process")?;
        instance.processes.push(Process { service, requirement, move_cost });
    }
    for _ in 0..numbers.count("number of balance costs")? {
        let first = numbers.index(resources, "first resource of a balance")?;
        let second = numbers.index(resources, "second resource of a balance")?;
        let target = numbers.amount("target of a balance")?;
        let weight = numbers.amount("weight of a balance")?;
        instance.balances.push(Balance { first, second, target, weight });
    }
    instance.process_move_weight = numbers.amount("weight of process moves")?;
    instance.service_move_weight = numbers.amount("weight of service moves")?;
    instance.machine_move_weight = numbers.amount("weight of machine moves")?;
    if !is_bounded(&instance) {
        return Err(numbers.fault("costs of less than 2^61", What::Overflow));
    }
    numbers.end("end of the instance")?;
    Ok(instance)
}

/// Reads the machine of each process.
pub fn assignment(text: &str, instance: &Instance) -> Result<Vec<usize>, Fault> {
    let mut numbers = Numbers::new(text);
    let machine = |_| numbers.index(instance.machines.len(), "machine of a process");
    let at = (0..instance.processes.len()).map(machine).collect::<Result<_, _>>()?;
    numbers.end("end of the assignment")?;
    Ok(at)
}

/// Whether no cost of any assignment, and no sum on the way to it, can overflow.
fn is_bounded(instance: &Instance) -> bool {
    let wide = |v: i64| i128::from(v);
    let resources = instance.resources();
    let (mut needed, mut there) = (vec![0i128; resources], vec![0i128; resources]);
    for process in &instance.processes {
        process.requirement.iter().zip(&mut needed).for_each(|(v, sum)| *sum += wide(*v));
    }
    for machine in &instance.machines {
        for (r, sum) in there.iter_mut().enumerate() {
            *sum += wide(machine.capacity[r]) + wide(machine.safety[r]);
        }
    }
    let mut most: i128 = needed.iter().chain(&there).sum();
    for (r, weight) in instance.load_weight.iter().enumerate() {
        most += wide(*weight) * (needed[r] + there[r]);
    }
    for b in &instance.balances {
        let free = |r: usize| there[r] + needed[r];
        most += wide(b.weight.max(1)) * (wide(b.target.max(1)) * free(b.first) + free(b.second));
    }
    let processes = instance.processes.len() as i128;
    let move_cost: i128 = instance.processes.iter().map(|p| wide(p.move_cost)).sum();
    let between = instance.machines.iter().flat_map(|m| &m.move_cost).copied().max().unwrap_or(0);
    most += wide(instance.process_move_weight) * move_cost;
    most += wide(instance.service_move_weight) * processes;
    most += wide(instance.machine_move_weight) * wide(between) * processes;
    most < 1 << 61
}
