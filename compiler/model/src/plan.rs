//! The plan: immutable, content-addressed, every choice made. Nothing in it is decided later.

use crate::{Address, Exact, Metric, UnitText};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub const PLAN_FORMAT: &str = "eclexia-plan/1";

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub format: String,
    /// BLAKE3 (hex) of the canonical JSON of everything but this field.
    pub id: String,
    /// Id of the plan this one was made after.
    pub parent: Option<String>,
    pub module: String,
    pub deployment: String,
    /// BLAKE3 of the deployment's canonical JSON: what was planned.
    pub model_id: String,
    pub services: Vec<ServiceChoice>,
    pub nodes: Vec<NodeChoice>,
    pub jobs: Vec<JobChoice>,
    /// In order of execution; empty when nothing changes.
    pub steps: Vec<Step>,
    pub totals: Totals,
    /// What becomes of what runs; none without a plan before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves: Option<Moves>,
    pub budgets: Vec<BudgetLine>,
    /// What was considered and not taken, and why.
    pub declined: Vec<Declined>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServiceChoice {
    pub address: Address,
    pub service: String,
    pub variant: String,
    pub replicas: u32,
    /// First 16 hex digits of the BLAKE3 of the service's canonical JSON: a change of its image or
    /// ports is a step although no choice changes.
    pub spec: String,
    /// The same of what one pod is made of: while it stays the same, pods may go on running where
    /// they are.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pod: String,
    pub reason: String,
}

/// `count` identical machines with the same pods on each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeChoice {
    pub address: Address,
    pub region: String,
    /// 0-based zone of the region.
    pub zone: u32,
    pub node_type: String,
    pub count: u32,
    /// Service name to pods on each machine.
    pub pods: BTreeMap<String, u32>,
    /// USD per second of one machine.
    pub price: Exact,
    pub reason: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JobChoice {
    pub address: Address,
    pub job: String,
    /// As for a service.
    pub spec: String,
    pub start_hour: u32,
    /// In all.
    pub hours: u32,
    /// The pieces of a run that is interrupted, in order; empty: one, from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
    pub region: String,
    pub node_type: String,
    /// USD and grams of the whole run.
    pub cost: Exact,
    pub carbon: Exact,
    pub reason: String,
}

/// Hours through which a job works without a break.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Piece {
    pub start_hour: u32,
    pub hours: u32,
}

impl Piece {
    /// The first hour after it.
    pub fn end_hour(self) -> u32 {
        self.start_hour.saturating_add(self.hours)
    }

    /// Ascending hours as pieces with breaks between them.
    pub fn of(hours: impl IntoIterator<Item = u32>) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for hour in hours {
            match pieces.last_mut() {
                Some(last) if last.end_hour() == hour => last.hours += 1,
                _ => pieces.push(Piece { start_hour: hour, hours: 1 }),
            }
        }
        pieces
    }
}

impl JobChoice {
    /// The pieces of the run, at least one.
    pub fn in_pieces(&self) -> Vec<Piece> {
        if self.pieces.is_empty() {
            return vec![Piece { start_hour: self.start_hour, hours: self.hours }];
        }
        self.pieces.clone()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Add,
    Change,
    Destroy,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    pub action: Action,
    pub address: Address,
    /// Attribute to (before, after), for `Change`; for `Add` and `Destroy` the chosen attributes
    /// with one side absent.
    pub changes: BTreeMap<String, (Option<String>, Option<String>)>,
    pub reason: String,
}

/// Of the whole plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Totals {
    /// USD per second of all machines (jobs excluded).
    pub cost: Exact,
    /// gCO2e per second.
    pub carbon: Exact,
    /// USD and gCO2e of one run of all jobs.
    pub job_cost: Exact,
    pub job_carbon: Exact,
    /// The weighted objective, USD/s, the proved lower bound on it, and (objective − bound) /
    /// objective; 0 when proved optimal.
    pub objective: Exact,
    pub bound: Exact,
    pub gap: Exact,
}

/// Pods of the plan before. A move is one that could go on where it runs and does not; what a
/// change of the program itself stops is none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Moves {
    /// Those that go on where they run.
    pub kept: u64,
    pub started: u64,
    pub stopped: u64,
    pub moved: u64,
    /// USD, once, of all that move.
    pub cost: Exact,
    /// USD per second by which the best plan known would be cheaper if nothing were held where it
    /// runs, and how many pods it moves.
    pub forgone: Exact,
    pub forgone_moves: u64,
}

/// A budget's limit with its prices. All prices are in US dollars (of objective, per second) for
/// one base unit of the metric; `unit` scales both for printing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BudgetLine {
    pub address: Address,
    pub metric: Metric,
    pub used: Exact,
    pub limit: Exact,
    pub unit: UnitText,
    pub price: Price,
}

/// Two-sided shadow price of a limit (optimizer.md section 3): of the relaxation, with the next
/// step of the real plan beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Price {
    /// Saved per unit by a slightly larger limit (right derivative), 0 when slack.
    pub buy: Exact,
    /// Paid per unit by a slightly smaller limit (left derivative); `None` when infeasible.
    pub sell: Option<Exact>,
    /// The limits between which the buy and sell prices hold, in base units; no upper one: however
    /// large the limit.
    pub range: Option<(Exact, Option<Exact>)>,
    /// The least increase of the limit that changes the real plan, and what it saves; `None` when
    /// no larger limit changes it.
    pub next_step: Option<NextStep>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NextStep {
    /// Increase of the limit, base units.
    pub increase: Exact,
    /// Saving of the objective, USD/s.
    pub saves: Exact,
    /// What changes then, in words.
    pub change: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Declined {
    pub address: Address,
    /// `variant fast`, `region gcp/europe-north1`
    pub what: String,
    pub why: String,
}
