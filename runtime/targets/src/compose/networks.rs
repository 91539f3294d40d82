//! Networks from `:needs`: two services share one only when one needs the other.
//!
//! In: the edges. Out: for each service the networks it joins, and all networks with whether they
//! lead outside. Always holds: an isolated service is on internal networks only, each shared with
//! exactly one other service.
//!
//! 1. A service and those who need it, jobs among them, share one internal network named after it.
//! 2. An edge with an isolated end has a network of its own instead.
//! 3. A service that is not isolated is also on a network that leads out, each on its own, so that
//!    they do not meet there: `outside.api`.
//! 4. A service on no network gets `network_mode: none`.
//!
//! One network per edge would be stricter than step 1, but Docker's default address pools end at
//! about thirty networks.

use crate::Report;
use crate::chosen::{Chosen, View};
use std::collections::{BTreeMap, BTreeSet};

/// Who needs a service: its name here, and in the program.
struct Caller<'v> {
    name: &'v str,
    written: &'v str,
    isolated: bool,
}

#[derive(Debug, Default)]
pub struct Networks {
    /// Network to whether it is internal.
    pub all: BTreeMap<String, bool>,
    /// Service or job to its networks; jobs that are not isolated are on one that leads out, too,
    /// which is not here.
    pub joined: BTreeMap<String, BTreeSet<String>>,
}

pub fn networks(view: &View<'_>, report: &mut Report) -> Networks {
    let mut networks = Networks::default();
    for provider in &view.services {
        let (callers, jobs) = (view.callers(provider), view.calling_jobs(provider));
        let services = callers.iter().map(|caller| Caller {
            name: &caller.other.name,
            written: &caller.other.service.name,
            isolated: caller.other.service.isolated,
        });
        let jobs = jobs.iter().map(|(caller, _)| Caller {
            name: &caller.name,
            written: &caller.job.name,
            isolated: caller.job.isolated,
        });
        let mut together: Vec<Caller<'_>> = Vec::new();
        for caller in services.chain(jobs) {
            if provider.service.isolated || caller.isolated {
                let name = format!("{}--{}", caller.name, provider.name);
                networks.join(&name, true, [caller.name, &provider.name]);
            } else {
                together.push(caller);
            }
        }
        if together.len() > 1 {
            let names: Vec<&str> = together.iter().map(|caller| caller.written).collect();
            let why = "they share its network, on which compose filters no ports";
            let what = format!("keeping {} from each other", names.join(", "));
            report.add(provider.address(), what, why);
        }
        if !together.is_empty() {
            let members = together.iter().map(|caller| caller.name);
            networks.join(&provider.name, true, members.chain([provider.name.as_str()]));
        }
    }
    for chosen in view.services.iter().filter(|chosen| leads_outside(chosen)) {
        networks.join(&format!("outside.{}", chosen.name), false, [chosen.name.as_str()]);
    }
    networks
}

/// A published port needs a network that is not internal, isolated service or not.
fn leads_outside(chosen: &Chosen<'_>) -> bool {
    !chosen.service.isolated || (chosen.service.public && !chosen.service.ports.is_empty())
}

impl Networks {
    fn join<'v>(&mut self, name: &str, internal: bool, members: impl IntoIterator<Item = &'v str>) {
        self.all.insert(name.to_owned(), internal);
        for member in members {
            self.joined.entry(member.to_owned()).or_default().insert(name.to_owned());
        }
    }
}
