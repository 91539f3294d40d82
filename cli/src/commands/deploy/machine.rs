//! What this machine may use, and what its deployments use of it together.
//!
//! In: samples of the last minute, settings. Out: how each budget stands, for `usage`, for the page
//! of `serve`, and for what follows; events where a budget is used up, each told once.
//! Always holds: what several deployments use is one sum; what is read from settings is read once,
//! when the command begins.

use crate::commands::Stop;
use eclexia_base::Rational;
use eclexia_base::number::from_f64_rounded;
use eclexia_deploy::registry::{At, Registry, Sample};
use eclexia_diag::{Diagnostic, Sources};
use eclexia_server::MachineBudget;
use eclexia_settings::budgets::Standing;
use eclexia_settings::table::{ADAPTIVE, BUDGETS, CARBON};
use eclexia_settings::{Adaptive, Budgets, CarbonSettings, Environment, Resource, Settings};
use eclexia_supervisor::client;
use eclexia_supervisor::control::{Request, Standing as Told};
use eclexia_supervisor::folders::Folders;
use std::collections::{BTreeMap, BTreeSet};

/// What is used is the mean of so long, milliseconds.
const WINDOW: u64 = 60_000;

/// A budget that was used up is so no more below this share.
const RELIEVED: f64 = 0.9;

/// What the files of the configuration folder say of what runs here.
#[derive(Clone, Debug)]
pub struct Configured {
    pub budgets: Budgets,
    pub adaptive: Adaptive,
    pub carbon: CarbonSettings,
}

/// Reads them; a file with faults is told, and nothing is gone by.
pub fn configured() -> Result<Configured, Stop> {
    let folder = Environment::of_process().config_folder();
    let mut sources = Sources::new();
    let files = [BUDGETS, CARBON, ADAPTIVE];
    let (settings, found) = Settings::load_some(&files, folder.as_deref(), &mut sources);
    if found.has_errors() {
        return Err(Stop::Placed(found, Box::new(sources)));
    }
    let (budgets, adaptive) = (settings.budgets(), settings.adaptive());
    Ok(Configured { budgets, adaptive, carbon: settings.carbon() })
}

impl Configured {
    /// What a gram costs where the settings say it, US dollars.
    pub fn carbon_price(&self) -> Option<Rational> {
        from_f64_rounded(self.carbon.price.dollars_per_gram()?, 12)
    }

    pub fn standings(&self, used: &Used) -> [Standing; 5] {
        self.budgets.standings(&used.all, self.adaptive.cost_function)
    }
}

/// What is used, in the order and units of [`Resource::ALL`]; the time of a request is its mean, of
/// all services that of the slowest.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Used {
    pub all: [f64; 5],
    /// By deployment and service.
    pub services: BTreeMap<(String, String), [f64; 5]>,
}

pub fn used(registry: &Registry, now: At) -> Result<Used, Diagnostic> {
    let since = At(now.0.saturating_sub(WINDOW));
    let mut samples = Vec::new();
    for deployment in registry.deployments()? {
        samples.extend(registry.samples(&deployment.name, since, now)?.1);
    }
    Ok(of_samples(&samples))
}

fn of_samples(samples: &[Sample]) -> Used {
    // How long was measured: intervals of several services are the same time.
    let mut spans: BTreeMap<At, u64> = BTreeMap::new();
    let mut sums: BTreeMap<(String, String), Sample> = BTreeMap::new();
    for sample in samples {
        let span = spans.entry(sample.at).or_default();
        *span = sample.span.max(*span);
        let key = (sample.deployment.clone(), sample.service.clone());
        sums.entry(key).or_default().add(sample);
    }
    let seconds = spans.values().sum::<u64>() as f64 / 1e3;
    if seconds <= 0.0 {
        return Used::default();
    }
    let services = sums.into_iter().map(|(key, sum)| {
        let each = Resource::ALL.map(|resource| match resource {
            Resource::Energy => sum.joules / seconds,
            Resource::Time if sum.requests == 0 => 0.0,
            Resource::Time => sum.request_seconds / sum.requests as f64,
            Resource::Memory => sum.memory_byte_seconds / seconds,
            Resource::Compute => sum.cpu_seconds / seconds,
            Resource::Network => (sum.received + sum.sent) as f64 / seconds,
        });
        (key, each)
    });
    let services: BTreeMap<(String, String), [f64; 5]> = services.collect();
    let all = total(services.values());
    Used { all, services }
}

/// Of several services together: sums, and of times the longest.
pub fn total<'u>(each: impl Iterator<Item = &'u [f64; 5]>) -> [f64; 5] {
    each.fold([0.0; 5], |sum, one| {
        std::array::from_fn(|at| match Resource::ALL[at] {
            Resource::Time => sum[at].max(one[at]),
            _ => sum[at] + one[at],
        })
    })
}

/// How budgets stand, for programs.
pub fn budgets(standings: &[Standing; 5]) -> Vec<MachineBudget> {
    let told = standings.iter().map(|standing| MachineBudget {
        resource: standing.resource.name().to_owned(),
        unit: standing.resource.unit().to_owned(),
        used: standing.used,
        budget: standing.limit,
        share: standing.share.0,
        price: standing.price,
    });
    told.collect()
}

/// Which budgets were used up when they were last looked at; none: never looked at.
#[derive(Default)]
pub struct Watched {
    used_up: Option<BTreeSet<Resource>>,
}

impl Watched {
    /// Tells what runs of each budget that has come to its end, and of each that has room again.
    pub fn tell(&mut self, folders: &Folders, standings: &[Standing; 5]) {
        let before = self.used_up.clone();
        let was = |of: Resource| before.as_ref().is_some_and(|before| before.contains(&of));
        let mut now = BTreeSet::new();
        for standing in standings.iter().filter(|standing| standing.limit.is_some()) {
            let of = standing.resource;
            let least = if was(of) { RELIEVED } else { 1.0 };
            let is_used_up = standing.share.0 >= least;
            if is_used_up {
                now.insert(of);
            }
            // The supervisor knows what it told before this command began.
            if before.is_none() || was(of) != is_used_up {
                let request = Request::Budget {
                    resource: of.name().to_owned(),
                    standing: if is_used_up { Told::UsedUp } else { Told::Within },
                    detail: told(standing, is_used_up),
                };
                if client::ask_running(folders, &request).is_none_or(|asked| asked.is_err()) {
                    // Nobody was told: it is tried again.
                    return;
                }
            }
        }
        self.used_up = Some(now);
    }
}

/// `memory of this machine is used up: 2.1 GiB of 2 GiB, its price by use is 12.3`
fn told(standing: &Standing, is_used_up: bool) -> String {
    let of = standing.resource;
    let (name, used) = (of.name(), of.shown(standing.used));
    let limit = standing.limit.map(|limit| of.shown(limit)).unwrap_or_default();
    let price = (standing.price * 100.0).round() / 100.0;
    match is_used_up {
        true => {
            format!("{name} of this machine is used up: {used} of {limit}, its price is {price}")
        }
        false => {
            format!(
                "{name} of this machine is there again: {used} of {limit}, its price is {price}"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_the_sum_of_all_services_over_the_time_that_was_measured() {
        let sample = |service: &str, at: u64, requests: u64| Sample {
            deployment: "shop".to_owned(),
            service: service.to_owned(),
            at: At(at),
            span: 10_000,
            cpu_seconds: 5.0,
            memory_byte_seconds: 10_000.0,
            requests,
            request_seconds: requests as f64 * 0.25,
            sent: 100,
            joules: 40.0,
            ..Sample::default()
        };
        let used = of_samples(&[sample("a", 0, 4), sample("a", 10_000, 0), sample("b", 10_000, 0)]);
        assert_eq!(used.all, [6.0, 0.25, 1500.0, 0.75, 15.0]);
        let b = &used.services[&("shop".to_owned(), "b".to_owned())];
        assert_eq!(*b, [2.0, 0.0, 500.0, 0.25, 5.0]);
        assert_eq!(of_samples(&[]), Used::default());
    }
}
