//! What a world came to, as plain data: the timeline, each service, each hour, the sums, and
//! whether budgets were kept.

use crate::machine::Placed;
use crate::meter::{Hour, Lane};
use crate::promises::Broken;
use crate::setup::Setup;
use crate::tale::Entry;
use crate::world::World;
use eclexia_deploy::registry::At;
use eclexia_model::{Exact, Metric, Origin};
use serde::Serialize;
use std::rc::Rc;

pub const FORMAT: &str = "eclexia-simulation/1";

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Run {
    pub format: &'static str,
    pub deployment: String,
    pub seed: u64,
    /// Milliseconds, as all times here.
    pub until: u64,
    pub faults: String,
    pub timeline: Vec<Entry>,
    /// In the order in which they start.
    pub services: Vec<ServiceRun>,
    pub hours: Vec<Hour>,
    pub sums: Sums,
    pub budget: Vec<Spent>,
    /// Name of the account that the budget is of.
    pub account: Option<String>,
    /// The update that the budget came with; `None`: the first program.
    #[serde(skip)]
    pub budget_of: Option<usize>,
    #[serde(skip)]
    pub broken: Option<Broken>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ServiceRun {
    pub name: String,
    /// Part of the time in which any replica served, and all that were asked for.
    pub available: f64,
    pub whole: f64,
    pub asked: u64,
    pub failed: u64,
    pub restarts: u32,
    pub moves: u32,
    pub lanes: Vec<Lane>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Sums {
    pub asked: u64,
    pub failed: u64,
    pub restarts: u32,
    pub moves: u32,
    /// Times that a machine was lost or cut off.
    pub machines_lost: u32,
    pub versions: usize,
    pub taken_back: u32,
    /// Machines that old and new together required more of than they have.
    pub crowded: usize,
    /// US dollars and grams CO2e, and what the first plan says of as long a time.
    pub money: f64,
    pub planned_money: f64,
    pub carbon: f64,
    pub planned_carbon: f64,
    /// Joules.
    pub energy: f64,
}

/// What was used of a limit: of money and carbon the mean, of all else the most at once.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Spent {
    pub metric: Metric,
    pub used: String,
    pub limit: String,
    pub is_kept: bool,
    /// How long it was above the limit, and since when for the first time.
    pub above: u64,
    pub first: Option<At>,
    #[serde(skip)]
    pub origin: Origin,
}

const DAY: f64 = 86_400.0;

impl Run {
    pub fn of(world: World<'_>, setup: &Setup) -> Run {
        let judged = world.versions.iter().rposition(|version| version.is_completed).unwrap_or(0);
        let placed = Rc::clone(&world.versions[judged].placed);
        let services = services(&world, &placed);
        let meter = &world.meter;
        let seconds = setup.until as f64 / 1000.0;
        let totals = &setup.plan.totals;
        let planned =
            |rate: &Exact, job: &Exact| rate.to_f64() * seconds + job.to_f64() * (seconds / DAY);
        let sums = Sums {
            asked: services.iter().map(|s| s.asked).sum(),
            failed: services.iter().map(|s| s.failed).sum(),
            restarts: services.iter().map(|s| s.restarts).sum(),
            moves: services.iter().map(|s| s.moves).sum(),
            machines_lost: meter.faults,
            versions: world.versions.len(),
            taken_back: meter.taken_back,
            crowded: meter.crowded(),
            money: meter.money,
            planned_money: planned(&totals.cost, &totals.job_cost),
            carbon: meter.carbon,
            planned_carbon: planned(&totals.carbon, &totals.job_carbon),
            energy: meter.energy,
        };
        Run {
            format: FORMAT,
            deployment: setup.deployment.name.clone(),
            seed: setup.seed,
            until: setup.until,
            faults: setup.faults.to_string(),
            services,
            hours: meter.hours.clone(),
            sums,
            budget: budget(&world, &placed, seconds),
            account: placed.deployment.account.clone(),
            budget_of: world.versions[judged].source,
            broken: world.promises.broken().cloned(),
            timeline: world.tale.entries,
        }
    }
}

fn services(world: &World<'_>, placed: &Placed) -> Vec<ServiceRun> {
    let mut names: Vec<&String> = placed.tree.services.iter().map(|s| &s.name).collect();
    // Services of other versions stand behind.
    let others = world.meter.services.keys().filter(|name| placed.service(name).is_none());
    names.extend(others);
    let of = |name: &&String| {
        let tally = world.meter.services.get(*name).cloned().unwrap_or_default();
        let part =
            |ms: u64| if tally.counted == 0 { 0.0 } else { ms as f64 / tally.counted as f64 };
        ServiceRun {
            name: (*name).clone(),
            available: part(tally.served),
            whole: part(tally.full),
            asked: tally.asked.round() as u64,
            failed: tally.failed.round() as u64,
            restarts: tally.restarts,
            moves: tally.moves,
            lanes: tally.lanes,
        }
    };
    names.iter().map(of).collect()
}

fn budget(world: &World<'_>, placed: &Placed, seconds: f64) -> Vec<Spent> {
    let limits = placed.deployment.limits.iter();
    limits
        .map(|limit| {
            let most = world.meter.most.get(&limit.metric).copied().unwrap_or_default();
            let used = match limit.metric {
                Metric::Cost => world.meter.money / seconds,
                Metric::Carbon => world.meter.carbon / seconds,
                _ => most.amount,
            };
            let is_mean = matches!(limit.metric, Metric::Cost | Metric::Carbon);
            let is_above = used > limit.amount.to_f64() * (1.0 + 1e-9);
            Spent {
                metric: limit.metric,
                used: limit.unit.show(&Exact::from_f64(used).unwrap_or_default(), 3),
                limit: limit.unit.show(&limit.amount, 3),
                is_kept: if is_mean { !is_above } else { most.above == 0 },
                above: most.above,
                first: most.first,
                origin: limit.origin,
            }
        })
        .collect()
}
