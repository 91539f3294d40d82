//! An instance as data. Resources, machines, services and processes are counted from 0; a vector of
//! resources has one entry each, in the unit the file uses.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    pub neighbourhood: usize,
    pub location: usize,
    pub capacity: Vec<i64>,
    /// Use above this costs.
    pub safety: Vec<i64>,
    /// Of moving a process from here to each machine.
    pub move_cost: Vec<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Fewest locations.
    pub spread: usize,
    /// Services that every neighbourhood of this one has to have.
    pub dependencies: Vec<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    pub service: usize,
    pub requirement: Vec<i64>,
    pub move_cost: i64,
}

/// There should be `target` of `second` free for each of `first` that is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    pub first: usize,
    pub second: usize,
    pub target: i64,
    pub weight: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// Whether a resource is needed on both machines while a process moves.
    pub transient: Vec<bool>,
    pub load_weight: Vec<i64>,
    pub machines: Vec<Machine>,
    pub services: Vec<Service>,
    pub processes: Vec<Process>,
    pub balances: Vec<Balance>,
    pub process_move_weight: i64,
    pub service_move_weight: i64,
    pub machine_move_weight: i64,
}

impl Instance {
    pub fn resources(&self) -> usize {
        self.transient.len()
    }

    pub fn locations(&self) -> usize {
        self.machines.iter().map(|m| m.location + 1).max().unwrap_or(0)
    }

    pub fn neighbourhoods(&self) -> usize {
        self.machines.iter().map(|m| m.neighbourhood + 1).max().unwrap_or(0)
    }
}
