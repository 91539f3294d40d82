//! What a cluster and its arrivals are about, as data.

/// Most machines, devices of one, models of devices, pods of a list, requests that differ, and
/// arrivals; the magnitude of an amount.
pub const MOST_MACHINES: usize = 10_000;
pub const MOST_DEVICES: usize = 16;
pub const MOST_MODELS: usize = 64;
pub const MOST_PODS: usize = 100_000;
pub const MOST_REQUESTS: usize = 1_000;
pub const MOST_ARRIVALS: usize = 1_000_000;
pub const MOST_AMOUNT: u64 = 1_000_000_000;
/// Arrivals are asked for up to this multiple of the devices, percent.
pub const MOST_PERCENT: f64 = 1_000.0;

/// Thousandths of a device that one has.
pub const WHOLE: u16 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machine {
    /// Milli-cores.
    pub cpu: u64,
    /// MiB.
    pub memory: u64,
    pub devices: u8,
    /// Of its devices; an index below [`MOST_MODELS`].
    pub model: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Milli-cores.
    pub cpu: u64,
    /// MiB.
    pub memory: u64,
    pub devices: u8,
    /// Of each of its devices, thousandths: whole where there are several, 0 where there are none.
    pub milli: u16,
    /// A bit per model that will do.
    pub models: u64,
}

impl Request {
    /// Of all its devices, thousandths of one.
    pub fn total(&self) -> u64 {
        u64::from(self.devices) * u64::from(self.milli)
    }

    pub fn accepts(&self, model: u8) -> bool {
        self.devices == 0 || self.models >> model & 1 == 1
    }
}

/// Always: requests rise and differ, each is of some pod, and all is within the bounds above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    pub machines: Vec<Machine>,
    pub requests: Vec<Request>,
    /// The request of each pod, in the list's order.
    pub pods: Vec<u32>,
}

impl Instance {
    /// Collapses pods that ask for the same.
    pub fn new(machines: Vec<Machine>, pods: &[Request]) -> Instance {
        let mut requests = pods.to_vec();
        requests.sort_unstable();
        requests.dedup();
        let index = |pod: &Request| requests.partition_point(|r| r < pod) as u32;
        let pods = pods.iter().map(index).collect();
        Instance { machines, requests, pods }
    }

    /// The cluster of the published figures: machines without devices are no part of it.
    pub fn with_devices(mut self) -> Instance {
        self.machines.retain(|m| m.devices > 0);
        self
    }

    pub fn request(&self, pod: u32) -> &Request {
        &self.requests[self.pods[pod as usize] as usize]
    }

    /// Thousandths of all devices.
    pub fn capacity(&self) -> u64 {
        self.machines.iter().map(|m| u64::from(m.devices) * u64::from(WHOLE)).sum()
    }

    /// Thousandths of devices that the whole list asks for.
    pub fn demand(&self) -> u64 {
        self.pods.iter().map(|r| self.requests[*r as usize].total()).sum()
    }

    /// How many pods of the list ask for each request.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.requests.len()];
        self.pods.iter().for_each(|r| counts[*r as usize] += 1);
        counts
    }
}
