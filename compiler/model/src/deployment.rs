//! The model: what a program's value says is to be deployed, and what it leaves open.

use crate::{Address, Exact, Metric, Origin, Resources, UnitText};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything a program declares, in source order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Default)]
pub struct Model {
    pub module: String,
    pub accounts: Vec<Account>,
    pub deployments: Vec<Deployment>,
}

/// A budget declared by `defbudget`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    pub name: String,
    pub limits: Vec<Limit>,
    /// The account that its limits are a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Budgets drawn from it by the program and not given back, in the order of the draws.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draw {
    /// Base units.
    pub amounts: Vec<(Metric, Exact)>,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limit {
    pub metric: Metric,
    /// Base units of the metric: cores, bytes, USD/s, gCO2e/s, J, s, devices, nodes.
    pub amount: Exact,
    pub unit: UnitText,
    /// The amount's own place in source.
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deployment {
    pub name: String,
    /// Name of the account it is funded from; `None`: nothing is limited.
    pub account: Option<String>,
    /// Copied from the account.
    pub limits: Vec<Limit>,
    pub strategy: Strategy,
    pub regions: Vec<Region>,
    pub node_types: Vec<NodeType>,
    pub offers: Vec<Offer>,
    pub services: Vec<Service>,
    pub jobs: Vec<Job>,
    /// Most that jobs take together in any one hour: of a resource what they require, of nodes one
    /// each. Services have machines of their own and do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peaks: Vec<Limit>,
    /// What it costs to move a pod that runs.
    #[serde(default, skip_serializing_if = "Movement::is_free")]
    pub movement: Movement,
    /// Round trips between regions in seconds, `rtt[i][j]` by index into `regions`.
    pub rtt: Vec<Vec<Exact>>,
    /// Pods of the two never share a machine.
    pub conflicts: Vec<Pair>,
    /// A machine with a pod of `a` has one of `b` too.
    pub together: Vec<Pair>,
    /// Every region with a pod of `a` has, within the limit, a region with a pod of `b`.
    pub near: Vec<Near>,
    pub alerts: Vec<Alert>,
    /// As the program says it, where this is as it was measured while it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Box<Deployment>>,
    #[serde(skip)]
    pub origin: Origin,
}

impl Deployment {
    /// As the program says it.
    pub fn as_declared(&self) -> &Deployment {
        self.declared.as_deref().unwrap_or(self)
    }

    /// Whether this is its name, or that of its account, or of a service or job of it; with what
    /// follows after a dot: `team.cost`.
    pub fn has(&self, name: &str) -> bool {
        let head = name.split('.').next().unwrap_or(name);
        self.name == head
            || self.account.as_deref() == Some(head)
            || self.services.iter().any(|s| s.name == head)
            || self.jobs.iter().any(|j| j.name == head)
    }
}

/// What moving one pod costs, US dollars, once, and for how long the plan is expected to run,
/// seconds, more than none: what moves cost is spread over that.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Movement {
    pub cost: Exact,
    pub over: Exact,
}

impl Movement {
    pub fn is_free(&self) -> bool {
        self.cost == Exact::int(0)
    }

    /// USD per second that one moved pod weighs in the objective.
    pub fn rate(&self) -> Exact {
        if self.is_free() { Exact::int(0) } else { Exact(&self.cost.0 / &self.over.0) }
    }
}

/// Most pods of a service that one plan may move.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DisruptionBudget {
    pub most: u32,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pair {
    pub a: String,
    pub b: String,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Near {
    pub a: String,
    pub b: String,
    /// seconds
    pub within: Exact,
    #[serde(skip)]
    pub origin: Origin,
}

/// What is minimised: the weighted sum of the terms, each normalised to US dollars per hour:
/// money as it is, carbon at `carbon_price`, latency at `latency_price` per replica and second.
/// A plan prints the weights and the normalisation it used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Strategy {
    /// Of `strategies.toml` or `minimize`.
    pub name: Option<String>,
    pub cost_weight: Exact,
    pub carbon_weight: Exact,
    pub latency_weight: Exact,
    /// USD per gram.
    pub carbon_price: Exact,
    /// USD/s per replica per second of latency.
    pub latency_price: Exact,
    #[serde(skip)]
    pub origin: Origin,
}

/// On the globe, degrees north and east.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    pub latitude: Exact,
    pub longitude: Exact,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Region {
    /// `aws/eu-west-1`
    pub name: String,
    pub zones: u32,
    /// Grams CO2e per joule, yearly mean.
    pub carbon_intensity: Exact,
    /// Power usage effectiveness, at least 1.
    pub pue: Exact,
    /// Mean latency to users, seconds.
    pub user_latency: Exact,
    /// Grams per joule for each hour of the day from the start of the plan; empty: the mean.
    pub hourly_intensity: Vec<Exact>,
    /// Factor on prices for each hour; empty: 1.
    pub hourly_price: Vec<Exact>,
    /// Where it is drawn; plans do not depend on it.
    #[serde(skip)]
    pub position: Option<Position>,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeType {
    /// `m6i.large`
    pub name: String,
    /// `x64` or `arm64`
    pub arch: String,
    /// Allocatable amounts of the placed resources; a missing one is 0.
    pub capacity: Resources,
    pub gpu_model: Option<String>,
    /// Watts of the idle machine, per busy core above idle, per busy GPU above idle.
    pub idle_watts: Exact,
    pub watts_per_core: Exact,
    pub watts_per_gpu: Exact,
    /// Grams CO2e per second of ownership.
    pub embodied: Exact,
}

/// Machines that can be had: `node_type` in `region`, any of its zones.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Offer {
    pub region: String,
    pub node_type: String,
    /// USD per second.
    pub price: Exact,
    /// Most machines over all zones.
    pub limit: Option<u32>,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Service {
    pub address: Address,
    pub name: String,
    pub image: String,
    pub command: Vec<String>,
    pub env: Vec<EnvVar>,
    pub files: Vec<ConfigFile>,
    pub ports: Vec<Port>,
    pub mounts: Vec<Mount>,
    pub needs: Vec<Need>,
    pub probes: Vec<Probe>,
    pub replicas: Replicas,
    /// At least one; a service without variants has one named `default`.
    pub variants: Vec<Variant>,
    /// Requests per second that the replicas' throughput must cover.
    pub demand: Option<Exact>,
    /// No zone holds more than ceil(replicas / min_zones) pods; 1: no spread asked.
    pub min_zones: u32,
    pub max_per_node: Option<u32>,
    /// Allowed regions; empty: all of the deployment's.
    pub regions: Vec<String>,
    /// Most latency (the variant's plus the region's to its users), seconds.
    pub max_latency: Option<Exact>,
    /// `None`: any number of its pods may be moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disruption_budget: Option<DisruptionBudget>,
    pub rollout: Rollout,
    /// Keeps identity and volumes: a StatefulSet.
    pub stateful: bool,
    /// No network but to what it needs and from what needs it; with no needs, none at all.
    pub isolated: bool,
    /// Reachable from outside the deployment.
    pub public: bool,
    pub labels: BTreeMap<String, String>,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replicas {
    pub min: u32,
    pub max: u32,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Variant {
    pub address: Address,
    pub name: String,
    /// Overrides the service's image.
    pub image: Option<String>,
    /// Per replica.
    pub requires: Resources,
    /// Hard limits at run time; empty: as required.
    pub limits: Resources,
    /// Seconds.
    pub latency: Option<Exact>,
    /// Requests per second of one replica.
    pub throughput: Option<Exact>,
    /// What the loss of quality is worth, USD per second.
    pub penalty: Exact,
    /// Allowed architectures; empty: any.
    pub arch: Vec<String>,
    pub gpu_model: Option<String>,
    /// Mean load as a fraction of the requirement, for power: 0 to 1.
    pub utilisation: Exact,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EnvVar {
    pub name: String,
    pub value: EnvValue,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvValue {
    Plain(String),
    /// A reference only; the value never enters model, plan or files.
    Secret {
        secret: String,
        key: String,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConfigFile {
    pub path: String,
    pub content: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Port {
    /// `http`, `metrics`; unique within the service.
    pub name: String,
    pub port: u16,
    /// Application protocol: `http`, `postgres`, `redis`, `nats`, `tcp`.
    pub protocol: String,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mount {
    pub volume: String,
    pub path: String,
    /// bytes
    pub size: Exact,
    pub read_only: bool,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Need {
    pub service: String,
    /// Of the needed service; empty: it has no port and is needed for order only.
    pub ports: Vec<u16>,
    #[serde(skip)]
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Probe {
    pub kind: ProbeKind,
    pub check: Check,
    /// Whole seconds, at least 1.
    pub every: u32,
    pub timeout: u32,
    pub retries: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProbeKind {
    Liveness,
    Readiness,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    Http { path: String, port: u16 },
    Exec(Vec<String>),
    Tcp { port: u16 },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rollout {
    /// So many at a time; start first where there is room.
    Rolling {
        at_a_time: u32,
    },
    Recreate,
    BlueGreen,
    /// Weights as fractions of traffic; the abort condition as the user wrote it.
    Canary {
        steps: Vec<Exact>,
        abort_when: Option<Threshold>,
    },
}

/// `error-rate` above 0.01
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Threshold {
    pub signal: Signal,
    /// Ratio for error-rate, memory and cpu; seconds for latencies.
    pub above: Exact,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    ErrorRate,
    LatencyP95,
    Memory,
    Cpu,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alert {
    pub name: String,
    /// `critical` or `warning`
    pub severity: String,
    pub threshold: Threshold,
    /// Seconds the condition must hold.
    pub holds_for: u32,
    /// Services it watches; empty: all of the deployment.
    pub services: Vec<String>,
    #[serde(skip)]
    pub origin: Origin,
}

/// Work that runs once, at hours of the plan that are chosen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Job {
    pub address: Address,
    pub name: String,
    pub image: String,
    pub command: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ConfigFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// Services that it calls, and that are ready before it is started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// While it runs.
    pub requires: Resources,
    /// core-seconds; the run takes ceil(work / requires.cpu) to the hour.
    pub work: Exact,
    /// Hours from the start of the plan before which it does not start, less than the deadline.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub earliest_hour: u32,
    /// Hours from the start of the plan by which it has ended, 1 to 168.
    pub deadline_hours: u32,
    /// False: starts at the earliest hour.
    pub deferrable: bool,
    /// It may stop and go on at whole hours, in one place. Never without `deferrable`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interruptible: bool,
    /// No network but to what it needs; with no needs, none at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub isolated: bool,
    pub regions: Vec<String>,
    pub utilisation: Exact,
    #[serde(skip)]
    pub origin: Origin,
}

fn is_zero(hour: &u32) -> bool {
    *hour == 0
}
