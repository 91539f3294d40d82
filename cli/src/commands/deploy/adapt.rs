//! `serve --adapt`: what runs follows what is measured. Each round compares the requests at the
//! ports of services, and the carbon intensity of regions by the hour, with what was planned; plans
//! again; keeps the prices; and, when it is worth it for long enough, applies the new plan as a
//! version of its own, through the same gates as any other.

use super::apply::own_key;
use super::{eclexia, folders};
use crate::commands::Stop;
use crate::commands::sign::sign_with;
use crate::console::Console;
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_deploy::package::{Contents, FILES, Kind, Limits, Package};
use eclexia_deploy::registry::{At, State};
use eclexia_diag::{Diagnostic, Diagnostics};
use eclexia_model::Origin;
use eclexia_plan::OriginSpans;
use eclexia_plan::adapt::{Advice, Measured, adapt};
use eclexia_supervisor::client;
use eclexia_supervisor::control::{DeploymentStatus, Reply, Request};
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::prices;
use eclexia_supervisor::record::Record;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How long it is not noticed that it is over.
const NAP: Duration = Duration::from_millis(100);

/// What follows and what does not, so that nothing swings to and fro.
#[derive(Clone, Copy, Debug)]
pub struct Hysteresis {
    /// How often it is looked.
    pub every: Duration,
    /// Room above what is measured, as a part of it.
    pub room: f64,
    /// The least part of the objective that a change must save.
    pub least: f64,
    /// How often in a row something must be lacking, and how often a saving must be there.
    pub lacking: u32,
    pub saving: u32,
    /// How long a version is left alone by savings.
    pub settled: Duration,
}

impl Hysteresis {
    /// A tenth of the objective, seen three times, of what has run for ten looks at least.
    pub fn every(every: Duration) -> Hysteresis {
        let settled = every * 10;
        Hysteresis { every, room: 0.25, least: 0.1, lacking: 2, saving: 3, settled }
    }
}

/// What is remembered of a deployment between two looks.
#[derive(Default)]
struct Follower {
    /// When it was looked at, and the requests of its services until then.
    before: Option<(Instant, BTreeMap<String, u64>)>,
    /// What was measured when prices were last computed.
    priced: Option<Measured>,
    /// The plan that is advised, how often in a row, and since when a version runs.
    advised: Option<(String, u32)>,
    runs: Option<(u32, Instant)>,
    /// What was applied last, and when: what did not come about is not tried again at once.
    tried: Option<(String, Instant)>,
    /// What was last told, so that it is not told again.
    told: String,
}

/// What a deployment's elements are called has no place in a package.
struct Nowhere;

impl OriginSpans for Nowhere {
    fn span(&self, _: Origin) -> Option<eclexia_base::Span> {
        None
    }
}

/// Follows what runs until it is over. What cannot be done is told in the log of what happens.
pub fn follow(console: &Console, rules: Hysteresis, is_over: &Arc<AtomicBool>) {
    let mut followers: BTreeMap<String, Follower> = BTreeMap::new();
    let mut looked = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
        if looked.elapsed() < rules.every {
            continue;
        }
        looked = Instant::now();
        // A look that fails is made again: what runs goes on.
        if let Err(Stop::Outside(found)) = look(console, rules, &mut followers) {
            console.err(&format!("serve --adapt: {}\n", found.message));
        }
    }
}

fn look(
    console: &Console,
    rules: Hysteresis,
    followers: &mut BTreeMap<String, Follower>,
) -> Result<(), Stop> {
    let folders = folders()?;
    let Some(Ok(Reply::Status(status))) = client::ask_running(&folders, &Request::Status) else {
        return Ok(());
    };
    followers.retain(|name, _| status.deployments.iter().any(|d| d.name == *name));
    for deployment in &status.deployments {
        let follower = followers.entry(deployment.name.clone()).or_default();
        let rates = follower.rates(deployment);
        let is_at_rest = deployment.state.is_some_and(State::is_end);
        match (deployment.running, rates) {
            (Some(number), Some(rates)) if is_at_rest => {
                follower.look(console, rules, &folders, &deployment.name, number, &rates)?;
            }
            _ => follower.advised = None,
        }
    }
    Ok(())
}

impl Follower {
    /// Requests a second of each service since the last look; none at the first.
    fn rates(&mut self, deployment: &DeploymentStatus) -> Option<BTreeMap<String, f64>> {
        let now = Instant::now();
        let counts: BTreeMap<String, u64> =
            deployment.services.iter().map(|s| (s.name.clone(), s.requests)).collect();
        let (then, before) = self.before.replace((now, counts.clone()))?;
        let seconds = now.duration_since(then).as_secs_f64().max(0.001);
        let rate = |(name, count): (String, u64)| {
            let was = before.get(&name).copied().unwrap_or(count);
            // A port that was opened anew counts from nothing.
            let since = if count >= was { count - was } else { count };
            (name, since as f64 / seconds)
        };
        Some(counts.into_iter().map(rate).collect())
    }

    fn look(
        &mut self,
        console: &Console,
        rules: Hysteresis,
        folders: &Folders,
        name: &str,
        number: u32,
        rates: &BTreeMap<String, f64>,
    ) -> Result<(), Stop> {
        let since = match self.runs {
            Some((runs, since)) if runs == number => since,
            _ => {
                (self.advised, self.priced) = (None, None);
                self.runs.insert((number, Instant::now())).1
            }
        };
        let package = package_of(folders, name, number)?;
        let seen = seen(&package, rates, rules.room);
        let (advice, found) = adapt(package.model(), package.plan(), &seen, &Nowhere);
        let Some(advice) = advice else {
            return self.tell(folders, name, refusal(found));
        };
        self.reprice(folders, name, &seen, &advice)?;
        let is_lacking = !advice.lacks.is_empty();
        let saves = advice.saves.as_ref().map_or(0.0, |(_, part)| *part);
        let is_worth = is_lacking || (saves >= rules.least && since.elapsed() >= rules.settled);
        if advice.changes.is_empty() || !is_worth {
            self.advised = None;
            return Ok(());
        }
        let choice = advice.changes.join(", ");
        let is_tried = |(tried, at): &(String, Instant)| {
            *tried == choice && at.elapsed() < rules.settled * rules.saving
        };
        if self.tried.as_ref().is_some_and(is_tried) {
            return Ok(());
        }
        let times = match self.advised.take() {
            Some((advised, times)) if advised == choice => times + 1,
            _ => 1,
        };
        self.advised = Some((choice, times));
        if times >= if is_lacking { rules.lacking } else { rules.saving } {
            self.tried = self.advised.take().map(|(choice, _)| (choice, Instant::now()));
            self.apply(console, folders, (name, &package, number), &advice)?;
        }
        Ok(())
    }

    /// Keeps what limits are worth, where what is measured is not what it was.
    fn reprice(
        &mut self,
        folders: &Folders,
        name: &str,
        seen: &Measured,
        advice: &Advice,
    ) -> Result<(), Diagnostic> {
        if self.priced.as_ref().is_some_and(|before| are_near(before, seen)) {
            return Ok(());
        }
        let is_first = self.priced.replace(seen.clone()).is_none();
        let Advice { plan, .. } = advice;
        if is_first && plan.budgets.is_empty() {
            return Ok(());
        }
        let reason = told(seen);
        let now = At::of(SystemTime::now());
        let prices = prices(name, &plan.id, &plan.budgets, &reason, now);
        let deployment = name.to_owned();
        let request = Request::Repriced { deployment, is_adapted: false, prices, reason };
        client::ask(folders, &eclexia()?, &request).map(drop)
    }

    /// Tells what happens, once.
    fn tell(&mut self, folders: &Folders, name: &str, what: String) -> Result<(), Stop> {
        if self.told == what {
            return Ok(());
        }
        self.told.clone_from(&what);
        let (deployment, prices) = (name.to_owned(), Vec::new());
        let request = Request::Repriced { deployment, is_adapted: true, prices, reason: what };
        Ok(client::ask(folders, &eclexia()?, &request).map(drop)?)
    }

    /// The same package with the new plan, signed here, as a version of its own.
    fn apply(
        &mut self,
        console: &Console,
        folders: &Folders,
        (name, package, number): (&str, &Package, u32),
        advice: &Advice,
    ) -> Result<(), Stop> {
        // A package may be deployed under another name than its own.
        let deployment = name.to_owned();
        let mut adapted = planned_anew(package, advice)?;
        let (by, key) = own_key(console, &folders.data)?;
        sign_with(&mut adapted, &by, &key, None)?;
        adapted.store(&folders.packed(&adapted.id()))?;
        self.tell(folders, &deployment, advice.reason())?;
        // What it was set to stays as it is.
        let settings = Record::read(folders, &deployment, number).unwrap_or_default().settings;
        let request = Request::Apply {
            deployment,
            package: adapted.id(),
            plan: advice.plan.id.clone(),
            by,
            confirm_within: None,
            hold: None,
            settings,
            window: None,
        };
        client::ask(folders, &eclexia()?, &request)?;
        console.say(&format!("Adapted {name}: {}\n", advice.reason()));
        Ok(())
    }
}

/// The package of a version, from the store.
fn package_of(folders: &Folders, name: &str, number: u32) -> Result<Package, Stop> {
    let registry = super::registry(folders)?;
    let version = registry.map(|registry| registry.version(name, number)).transpose()?.flatten();
    let version = version.ok_or_else(|| crate::diagnostics::no_usage(Some(name), &[]))?;
    let path = folders.packed(&version.package);
    let file = File::open(&path)
        .map_err(|error| crate::diagnostics::cannot_read(&path.display().to_string(), &error))?;
    Ok(Package::read(file, &Limits::default())?)
}

fn planned_anew(package: &Package, advice: &Advice) -> Result<Package, Diagnostic> {
    let manifest = package.manifest().clone();
    let (name, version) = (manifest.name, manifest.version);
    let mut contents = Contents::new(&name, version, &advice.deployment, &advice.plan);
    contents.requires = manifest.requires;
    contents.dependencies = manifest.dependencies;
    contents.configuration = manifest.configuration;
    contents.hooks = manifest.hooks;
    let shipped = manifest.files.iter().filter(|f| !matches!(f.kind, Kind::Model | Kind::Plan));
    for file in shipped {
        if let Some(bytes) = package.files().get(&file.path) {
            let path = file.path.strip_prefix(FILES).unwrap_or(&file.path);
            contents.add(path, file.kind, file.executable, bytes.clone())?;
        }
    }
    contents.pack()
}

/// What is measured, with room above it; regions have the intensity of the hour, in UTC.
fn seen(package: &Package, rates: &BTreeMap<String, f64>, room: f64) -> Measured {
    let model = package.model();
    let with_demand = model.services.iter().filter(|service| service.demand.is_some());
    let demand = with_demand.filter_map(|service| {
        let rate = rates.get(&service.name)? * (1.0 + room);
        Some((service.name.clone(), rounded_up(rate)))
    });
    let hours = At::of(SystemTime::now()).0 / 3_600_000;
    let intensity = model.regions.iter().filter_map(|region| {
        let hourly = &region.hourly_intensity;
        let at = usize::try_from(hours).unwrap_or(0).checked_rem(hourly.len())?;
        Some((region.name.clone(), hourly.get(at)?.0.clone()))
    });
    Measured { demand: demand.collect(), intensity: intensity.collect() }
}

/// To two digits, so that small changes are none.
fn rounded_up(rate: f64) -> Rational {
    if rate <= 0.0 {
        return int(0);
    }
    let power = 10_f64.powi(rate.log10().floor() as i32 - 1);
    let digits = (rate / power).ceil();
    eclexia_base::number::from_f64_rounded(digits * power, 12).unwrap_or_else(|| int(0))
}

/// Whether nothing is a twentieth more or less than it was.
fn are_near(before: &Measured, now: &Measured) -> bool {
    let near = |a: &BTreeMap<String, Rational>, b: &BTreeMap<String, Rational>| {
        a.len() == b.len()
            && a.iter().zip(b).all(|((name, was), (other, is))| {
                let (was, is) =
                    (eclexia_base::number::to_f64(was), eclexia_base::number::to_f64(is));
                name == other && (was - is).abs() <= 0.05 * was.abs().max(is.abs())
            })
    };
    near(&before.demand, &now.demand) && near(&before.intensity, &now.intensity)
}

/// `measured: web 35/s; grid here 300 g/kWh`
fn told(seen: &Measured) -> String {
    let decimal = |amount: &Rational| eclexia_base::number::to_decimal(amount, 1);
    let demand = seen.demand.iter().map(|(name, rate)| format!("{name} {}/s", decimal(rate)));
    let intensity = seen.intensity.iter().map(|(name, grams)| {
        format!("grid of {name} {} g/kWh", decimal(&(grams * int(3_600_000))))
    });
    let parts: Vec<String> = demand.chain(intensity).collect();
    match &parts[..] {
        [] => "planned again".to_owned(),
        parts => format!("measured with room: {}", parts.join(", ")),
    }
}

fn refusal(found: Diagnostics) -> String {
    let first = found.sorted().first().map(|found| found.message.clone());
    format!("it is not adapted: {}", first.unwrap_or_else(|| "there is no plan".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_rounded_up_to_two_digits() {
        for (rate, want) in
            [(0.0, "0"), (0.123, "0.13"), (9.99, "10"), (35.2, "36"), (1234.0, "1300")]
        {
            assert_eq!(eclexia_base::number::to_decimal(&rounded_up(rate), 6), want, "{rate}");
        }
    }

    #[test]
    fn small_changes_are_none() {
        let of = |rate: i64| Measured {
            demand: [("web".to_owned(), int(rate))].into(),
            ..Measured::default()
        };
        assert!(are_near(&of(100), &of(104)));
        assert!(!are_near(&of(100), &of(110)));
        assert!(!are_near(&of(100), &Measured::default()));
    }
}
