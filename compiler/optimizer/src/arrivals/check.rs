//! The judge of replays: amounts are added up per machine and per device, and a pod that was
//! refused would have fitted nowhere at that moment. It shares nothing with the replay.

use super::instance::{Instance, Machine, Request, WHOLE};
use super::replay::Spot;

/// Which rule an arrival, counted from 0, breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There are more spots than arrivals, or an arrival is no pod of the list.
    Unknown { arrival: usize },
    /// There is no such machine, or it has no such device.
    Nowhere { arrival: usize },
    /// The devices are too many, too few, or of a model that will not do.
    Devices { arrival: usize },
    /// The machine has no more of a core, of memory or of a device.
    Full { arrival: usize },
    /// It would have fitted on this machine.
    Refused { arrival: usize, machine: usize },
}

/// What a machine holds: milli-cores, MiB, thousandths of each device.
#[derive(Clone, Default)]
struct Load {
    cpu: u64,
    memory: u64,
    devices: Vec<u64>,
}

impl Load {
    fn is_within(&self, machine: &Machine) -> bool {
        let is_within = |milli: &u64| *milli <= u64::from(WHOLE);
        self.cpu <= machine.cpu
            && self.memory <= machine.memory
            && self.devices.iter().all(is_within)
    }

    fn has_room(&self, machine: &Machine, request: &Request) -> bool {
        let will_do = |d: &&u64| **d + u64::from(request.milli) <= u64::from(WHOLE);
        self.cpu + request.cpu <= machine.cpu
            && self.memory + request.memory <= machine.memory
            && request.accepts(machine.model)
            && self.devices.iter().filter(will_do).count() >= usize::from(request.devices)
    }
}

/// Thousandths of devices in use after the arrivals of `order` went to `spots`.
pub fn check(instance: &Instance, order: &[u32], spots: &[Option<Spot>]) -> Result<u64, Broken> {
    let empty = |m: &Machine| Load { devices: vec![0; usize::from(m.devices)], ..Load::default() };
    let mut loads: Vec<Load> = instance.machines.iter().map(empty).collect();
    for (arrival, spot) in spots.iter().enumerate() {
        let pod = order.get(arrival).and_then(|pod| instance.pods.get(*pod as usize));
        let Some(pod) = pod else { return Err(Broken::Unknown { arrival }) };
        let request = &instance.requests[*pod as usize];
        let Some(spot) = spot else {
            let mut all = instance.machines.iter().zip(&loads);
            match all.position(|(machine, load)| load.has_room(machine, request)) {
                Some(machine) => return Err(Broken::Refused { arrival, machine }),
                None => continue,
            }
        };
        let nowhere = Broken::Nowhere { arrival };
        let machine = instance.machines.get(spot.machine as usize).ok_or(nowhere)?;
        let load = &mut loads[spot.machine as usize];
        let on: Vec<usize> = (0..16).filter(|d| spot.devices >> d & 1 == 1).collect();
        if on.iter().any(|d| *d >= load.devices.len()) {
            return Err(nowhere);
        }
        if on.len() != usize::from(request.devices) || !request.accepts(machine.model) {
            return Err(Broken::Devices { arrival });
        }
        load.cpu += request.cpu;
        load.memory += request.memory;
        on.iter().for_each(|d| load.devices[*d] += u64::from(request.milli));
        if !load.is_within(machine) {
            return Err(Broken::Full { arrival });
        }
    }
    Ok(loads.iter().flat_map(|load| &load.devices).sum())
}
