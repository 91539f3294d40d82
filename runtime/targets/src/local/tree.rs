//! What is to run on this machine: plain data, the services in the order in which they start, then
//! jobs.
//!
//! Always holds: every service stands after those that it needs; nothing in it is of one machine
//! (no port that was given out, no folder, no secret's value).

use eclexia_model::{Address, ConfigFile, EnvVar, Piece, Port, Probe, Rollout};
use serde::{Deserialize, Serialize};

pub const FORMAT: &str = "eclexia-processes/1";

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    pub format: String,
    pub deployment: String,
    /// Id of the plan that it was made of.
    pub plan: String,
    pub services: Vec<Service>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Job>,
}

impl Tree {
    /// Services, and what jobs are processes of.
    pub fn processes(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().chain(self.jobs.iter().map(|job| &job.process))
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub name: String,
    pub address: Address,
    pub variant: String,
    pub replicas: u32,
    /// Program and arguments; `$(NAME)` stands for an entry of the environment, `$$` for a dollar.
    pub command: Vec<String>,
    pub env: Vec<EnvVar>,
    pub files: Vec<ConfigFile>,
    /// Each number once.
    pub ports: Vec<Port>,
    pub needs: Vec<Neighbour>,
    pub volumes: Vec<Volume>,
    /// At most one of each kind.
    pub probes: Vec<Probe>,
    pub limits: Limits,
    pub rollout: Rollout,
    pub isolated: bool,
    pub public: bool,
}

impl Service {
    /// BLAKE3 of its canonical JSON without what changes no running process: how many there are
    /// and how new ones come.
    pub fn digest(&self) -> String {
        let one = Service { replicas: 0, rollout: Rollout::Recreate, ..self.clone() };
        eclexia_model::digest(&one)
    }
}

/// What runs once a day, at hours that the plan chose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its process, as that of a service of one replica: no ports, and one volume more, for what it
    /// keeps from one piece, and from one day, to the next.
    pub process: Service,
    /// In order, at least one; hours count from the midnight (UTC) of a run's day.
    pub pieces: Vec<Piece>,
    pub deadline_hours: u32,
    /// It is stopped when a piece ends, and goes on with the next one.
    pub interruptible: bool,
}

/// Where a job finds, below its folder, what it kept.
pub const KEPT: &str = "kept";

/// A service that another one needs, and the ports of it that it may reach; none: order only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Neighbour {
    pub service: String,
    pub ports: Vec<u16>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Volume {
    /// Unique in the deployment; with `per_replica` each replica has one of its own.
    pub name: String,
    pub path: String,
    pub bytes: u64,
    pub read_only: bool,
    pub per_replica: bool,
}

/// Of one replica; `None`: not limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Thousandths of a core.
    pub cpu_millis: Option<u64>,
    pub memory_bytes: Option<u64>,
}
