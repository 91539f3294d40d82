//! A seeded world in which a deployment lives: machines are lost or not reached, replicas end,
//! starts are slow, curves rise and fall, versions come and are taken back.
//!
//! In: a planned deployment, what is to happen, a seed, and somebody who makes plans. Out: what
//! happened, what it cost, and whether every promise was kept. Always holds: no clock, no file, no
//! thread; the same setup gives the same run, byte by byte. What decides in it is what decides on a
//! real machine: `eclexia_deploy::rollout` what starts and stops, `eclexia_deploy::watched` who is
//! well and when one is started again, the plan where replicas stand; so it is the test-bed of all
//! three.
//!
//! | Module | What it knows |
//! |---|---|
//! | `setup`, `faults`, `time` | what is asked for, in words |
//! | `world` | events in order |
//! | `rounds`, `versions` | what should run, and what is done for it |
//! | `life`, `strikes` | what becomes of replicas and machines |
//! | `machine`, `replica` | one of each |
//! | `meter` | requests, money, carbon, limits |
//! | `promises` | what must hold |
//! | `tale`, `report`, `text`, `picture` | what is told |
//!
//! Absent: latencies, memory and cores as they are measured (declared figures are used), retries of
//! requests, faults of jobs.

mod diagnostics;
mod dice;
pub mod faults;
mod life;
mod machine;
mod meter;
pub mod picture;
mod promises;
mod replica;
pub mod report;
mod rounds;
pub mod setup;
mod strikes;
mod tale;
#[cfg(test)]
mod tests;
pub mod text;
pub mod time;
mod versions;
mod world;

pub use eclexia_deploy::registry::At;
pub use report::Run;
pub use setup::{Planner, Setup};

use eclexia_diag::Diagnostic;
use faults::Struck;
use std::collections::BTreeSet;
use world::World;

/// Lets a deployment live, from its first start to its end.
pub fn simulate(setup: &Setup, planner: &dyn Planner) -> Result<Run, Diagnostic> {
    known(setup)?;
    let mut world = World::new(setup, planner);
    world.run();
    Ok(Run::of(world, setup))
}

/// The broken promise of a run as a report of a bug.
pub fn bug(run: &Run) -> Option<Diagnostic> {
    let broken = run.broken.as_ref()?;
    Some(diagnostics::invariant_broken(&broken.what, &time::clock(broken.at), run.seed))
}

/// Whatever is to be struck is there: services of any version, machines of the first plan.
fn known(setup: &Setup) -> Result<(), Diagnostic> {
    let deployments =
        std::iter::once(&setup.deployment).chain(setup.updates.iter().map(|u| &u.deployment));
    let services: BTreeSet<String> =
        deployments.flat_map(|d| d.services.iter().map(|s| s.name.clone())).collect();
    let machines: u32 = setup.plan.nodes.iter().map(|node| node.count).sum();
    let machines: Vec<String> = (1..=machines).map(|n| format!("n{n}")).collect();
    for strike in &setup.strikes {
        let (name, is_known) = match &strike.what {
            Struck::Node(name, _) | Struck::Partition(name, _) => (name, machines.contains(name)),
            Struck::Crash(name, _) => (name, services.contains(name)),
        };
        if !is_known {
            let known: Vec<String> = services.into_iter().chain(machines).collect();
            return Err(diagnostics::unknown_struck(name, &known));
        }
    }
    Ok(())
}
