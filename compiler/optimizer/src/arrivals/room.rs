//! What is left of one machine.

use super::instance::{MOST_DEVICES, Machine, Request, WHOLE};

/// Devices of one machine, a bit each.
pub type Devices = u16;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Room {
    /// Milli-cores and MiB.
    pub cpu: u64,
    pub memory: u64,
    pub model: u8,
    count: u8,
    /// Thousandths of each device; 0 beyond `count`.
    free: [u16; MOST_DEVICES],
}

impl Room {
    pub fn new(machine: &Machine) -> Room {
        let mut free = [0; MOST_DEVICES];
        free[..usize::from(machine.devices)].fill(WHOLE);
        let Machine { cpu, memory, devices: count, model } = *machine;
        Room { cpu, memory, model, count, free }
    }

    /// Thousandths of each device.
    pub fn free(&self) -> &[u16] {
        &self.free[..usize::from(self.count)]
    }

    pub fn total(&self) -> u32 {
        self.free().iter().map(|free| u32::from(*free)).sum()
    }

    /// The same with devices in a fixed order: rooms of one canonical form are worth the same.
    pub fn canonical(mut self) -> Room {
        self.free[..usize::from(self.count)].sort_unstable();
        self
    }

    pub fn holds(&self, request: &Request) -> bool {
        let enough = self.free().iter().filter(|free| **free >= request.milli).count();
        request.cpu <= self.cpu
            && request.memory <= self.memory
            && request.accepts(self.model)
            && enough >= usize::from(request.devices)
    }

    /// The ways to place a request that it holds: one device of each size that will do, or the
    /// first whole ones.
    pub fn ways(&self, request: &Request) -> Vec<Devices> {
        let free = self.free();
        if request.devices == 1 {
            let is_first = |d: &usize| !free[..*d].contains(&free[*d]);
            let will_do = (0..free.len()).filter(|d| free[*d] >= request.milli);
            return will_do.filter(is_first).map(|d| 1 << d).collect();
        }
        let whole = (0..free.len()).filter(|d| free[*d] == WHOLE);
        vec![whole.take(usize::from(request.devices)).fold(0, |set, d| set | 1 << d)]
    }

    /// Without what a request takes on these devices.
    pub fn without(mut self, request: &Request, on: Devices) -> Room {
        self.cpu -= request.cpu;
        self.memory -= request.memory;
        let taken = self.free.iter_mut().enumerate().filter(|(d, _)| on >> d & 1 == 1);
        taken.for_each(|(_, free)| *free -= request.milli);
        self
    }
}
