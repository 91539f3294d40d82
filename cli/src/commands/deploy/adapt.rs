//! What runs follows what is measured. Each look of `serve --adapt` compares the requests at the
//! ports of services, and the carbon intensity of regions as the supervisor counts by it, with what
//! was planned; plans again; keeps the prices; and, when it is worth it for long enough, applies
//! the new plan as a version of its own, through the same gates as any other. `serve` alone keeps
//! prices by the intensity, and tells of budgets of this machine that are used up.

use super::apply::own_key;
use super::choose::{Choice, Choosing, aim, deadline};
use super::machine::{Configured, Used, Watched, used};
use super::{eclexia, folders};
use crate::commands::Stop;
use crate::commands::sign::sign_with;
use crate::console::Console;
use eclexia_base::Rational;
use eclexia_base::number::{from_f64_rounded, int};
use eclexia_deploy::keys::Trust;
use eclexia_deploy::package::{Contents, FILES, Kind, Limits, Package};
use eclexia_deploy::registry::{At, JOULES_PER_KWH, Priced, State};
use eclexia_diag::{Diagnostic, Diagnostics};
use eclexia_model::Origin;
use eclexia_plan::adapt::{Advice, Measured, adapt, carried};
use eclexia_plan::{OriginSpans, interruptible};
use eclexia_supervisor::client;
use eclexia_supervisor::control::{DeploymentStatus, IntensityStatus, Reply, Request, Told};
use eclexia_supervisor::folders::Folders;
use eclexia_supervisor::prices;
use eclexia_supervisor::record::Record;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How often it is looked where nothing is adapted.
const EVERY: Duration = Duration::from_secs(2);

/// How long it is not noticed that it is over.
const NAP: Duration = Duration::from_millis(100);

/// What follows what is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follows {
    /// The prices of limits, by the intensity.
    Prices,
    /// And what runs.
    Plans,
}

/// What follows and what does not, so that nothing swings to and fro.
#[derive(Clone, Copy, Debug)]
pub struct Hysteresis {
    pub follows: Follows,
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
        let (settled, follows) = (every * 10, Follows::Plans);
        Hysteresis { follows, every, room: 0.25, least: 0.1, lacking: 2, saving: 3, settled }
    }

    pub fn of_prices() -> Hysteresis {
        Hysteresis { follows: Follows::Prices, ..Hysteresis::every(EVERY) }
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
    /// The version that was read last, with its package.
    read: Option<(u32, Arc<Package>)>,
}

/// What a look of one deployment goes by.
struct Look<'a> {
    console: &'a Console,
    rules: Hysteresis,
    configured: &'a Configured,
    folders: &'a Folders,
    used: &'a Used,
    is_over: &'a Arc<AtomicBool>,
}

/// What a deployment's elements are called has no place in a package.
pub struct Nowhere;

impl OriginSpans for Nowhere {
    fn span(&self, _: Origin) -> Option<eclexia_base::Span> {
        None
    }
}

/// Follows what runs until it is over. What cannot be done is told in the log of what happens.
pub fn follow(
    console: &Console,
    rules: Hysteresis,
    configured: &Configured,
    is_over: &Arc<AtomicBool>,
) {
    let mut followers: BTreeMap<String, Follower> = BTreeMap::new();
    let mut watched = Watched::default();
    let mut looked = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(NAP);
        if looked.elapsed() < rules.every {
            continue;
        }
        looked = Instant::now();
        // A look that fails is made again: what runs goes on.
        let seen = look(console, rules, configured, (&mut followers, &mut watched), is_over);
        if let Err(Stop::Outside(found)) = seen {
            console.err(&format!("serve: {}\n", found.message));
        }
    }
}

fn look(
    console: &Console,
    rules: Hysteresis,
    configured: &Configured,
    (followers, watched): (&mut BTreeMap<String, Follower>, &mut Watched),
    is_over: &Arc<AtomicBool>,
) -> Result<(), Stop> {
    let folders = folders()?;
    let Some(Ok(Reply::Status(status))) = client::ask_running(&folders, &Request::Outline) else {
        return Ok(());
    };
    let Some(registry) = super::registry(&folders)? else { return Ok(()) };
    let used = used(&registry, At::of(SystemTime::now()))?;
    drop(registry);
    watched.tell(&folders, &configured.standings(&used));
    followers.retain(|name, _| status.deployments.iter().any(|d| d.name == *name));
    let look = Look { console, rules, configured, folders: &folders, used: &used, is_over };
    for deployment in &status.deployments {
        let follower = followers.entry(deployment.name.clone()).or_default();
        let rates = follower.rates(deployment);
        let is_at_rest = deployment.state.is_some_and(State::is_end);
        match (deployment.running, rates) {
            (Some(number), Some(rates)) if is_at_rest => {
                let since = follower.since(number);
                match rules.follows {
                    Follows::Prices => follower.look_at_prices(&look, deployment, number)?,
                    Follows::Plans => follower.look(&look, deployment, (number, since), &rates)?,
                }
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

    /// Since when this version runs, as far as it was seen.
    fn since(&mut self, number: u32) -> Instant {
        match self.runs {
            Some((runs, since)) if runs == number => since,
            _ => {
                (self.advised, self.priced) = (None, None);
                self.runs.insert((number, Instant::now())).1
            }
        }
    }

    /// The package of a version.
    fn package(
        &mut self,
        folders: &Folders,
        name: &str,
        number: u32,
    ) -> Result<Arc<Package>, Stop> {
        if let Some((read, package)) = &self.read
            && *read == number
        {
            return Ok(package.clone());
        }
        let package = Arc::new(package_of(folders, name, number)?);
        self.read = Some((number, package.clone()));
        Ok(package)
    }

    /// Plans again where the intensity is another, for the prices.
    fn look_at_prices(
        &mut self,
        look: &Look<'_>,
        deployment: &DeploymentStatus,
        number: u32,
    ) -> Result<(), Stop> {
        let package = self.package(look.folders, &deployment.name, number)?;
        let seen = seen(&package, &BTreeMap::new(), (0.0, &deployment.intensities));
        let is_near = self.priced.as_ref().is_some_and(|before| are_near(before, &seen));
        if is_near || seen.intensity.is_empty() || package.plan().budgets.is_empty() {
            return Ok(());
        }
        let (until, aim) =
            (deadline(&look.configured.adaptive, look.is_over), aim(look.configured, look.used));
        let adapted = interruptible(&until, || {
            adapt(package.model(), package.plan(), &seen, &aim, &Nowhere).0
        });
        match adapted.flatten() {
            _ if look.is_over.load(Ordering::Relaxed) => {}
            Some(advice) => self.reprice(look.folders, deployment, &seen, &advice)?,
            // There are no prices of what has no plan; the next number is looked at again.
            None => self.priced = Some(seen),
        }
        Ok(())
    }

    fn look(
        &mut self,
        look: &Look<'_>,
        deployment: &DeploymentStatus,
        (number, since): (u32, Instant),
        rates: &BTreeMap<String, f64>,
    ) -> Result<(), Stop> {
        let Look { rules, configured, folders, used, .. } = *look;
        let name = deployment.name.as_str();
        let package = self.package(folders, name, number)?;
        let seen = seen(&package, rates, (rules.room, &deployment.intensities));
        let until = deadline(&configured.adaptive, look.is_over);
        let aim = aim(configured, used);
        let found =
            interruptible(&until, || adapt(package.model(), package.plan(), &seen, &aim, &Nowhere));
        let Some((advice, found)) = found else {
            if look.is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            let most = configured.adaptive.timeout.as_secs_f64();
            let why = format!("it is not adapted: no plan was found within {most} s");
            return self.tell(folders, name, why);
        };
        let Some(best) = advice else {
            return self.tell(folders, name, refusal(found));
        };
        self.reprice(folders, deployment, &seen, &best)?;
        let (measured, lacks) = (best.deployment.clone(), best.lacks.clone());
        let runs = package.plan();
        let choosing = Choosing { configured, used, runs, name, until: &until };
        let (advice, why) = match choosing.choose(best) {
            Choice::Follow { advice, why } => (advice, why),
            Choice::Stay => {
                self.advised = None;
                return Ok(());
            }
            Choice::Refuse(why) => {
                self.advised = None;
                return self.tell(folders, name, why);
            }
        };
        let most_used = |plan| choosing.most_used(&measured, plan);
        let (is, would) = (most_used(runs), most_used(&advice.plan));
        let carries_more =
            !lacks.is_empty() && carried(&measured, &advice.plan) > carried(&measured, runs);
        // What passes a budget of this machine is as urgent as what cannot carry what is asked.
        let is_urgent = carries_more || (is > 1.0 && would < is * (1.0 - rules.least));
        let saves = advice.saves.as_ref().map_or(0.0, |(_, part)| *part);
        let is_worth = is_urgent || (saves >= rules.least && since.elapsed() >= rules.settled);
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
        if times >= if is_urgent { rules.lacking } else { rules.saving } {
            self.tried = self.advised.take().map(|(choice, _)| (choice, Instant::now()));
            let reason = because(&advice, why, &deployment.intensities);
            let of = (name, &*package, number);
            self.apply(look.console, folders, of, (&advice, reason))?;
        }
        Ok(())
    }

    /// Keeps what limits are worth, where what is measured is not what it was and they are worth
    /// something else than was kept last.
    fn reprice(
        &mut self,
        folders: &Folders,
        deployment: &DeploymentStatus,
        seen: &Measured,
        advice: &Advice,
    ) -> Result<(), Diagnostic> {
        if self.priced.as_ref().is_some_and(|before| are_near(before, seen)) {
            return Ok(());
        }
        let (name, plan) = (deployment.name.as_str(), &advice.plan);
        let reason = told(seen, &deployment.intensities);
        let now = At::of(SystemTime::now());
        let mut prices = prices(name, &plan.id, &plan.budgets, &reason, now);
        prices.sort_by(|a, b| a.limit_of.cmp(&b.limit_of));
        let last = match super::registry(folders)? {
            Some(registry) => eclexia_server::latest(registry.prices(name, At(0))?),
            None => Vec::new(),
        };
        if !are_same(&last, &prices) {
            let (deployment, kind) = (name.to_owned(), Told::Prices);
            let request = Request::Repriced { deployment, kind, prices, reason };
            client::ask(folders, &eclexia()?, &request)?;
        }
        self.priced = Some(seen.clone());
        Ok(())
    }

    /// Tells what happens, once.
    fn tell(&mut self, folders: &Folders, name: &str, what: String) -> Result<(), Stop> {
        if self.told == what {
            return Ok(());
        }
        self.told.clone_from(&what);
        let (deployment, prices) = (name.to_owned(), Vec::new());
        let kind = Told::Adapted;
        let request = Request::Repriced { deployment, kind, prices, reason: what };
        Ok(client::ask(folders, &eclexia()?, &request).map(drop)?)
    }

    /// The same package with the new plan, signed here, as a version of its own.
    fn apply(
        &mut self,
        console: &Console,
        folders: &Folders,
        (name, package, number): (&str, &Package, u32),
        (advice, reason): (&Advice, String),
    ) -> Result<(), Stop> {
        // A package may be deployed under another name than its own.
        let deployment = name.to_owned();
        let mut adapted = planned_anew(package, advice)?;
        let (by, key) = own_key(console, &folders.data)?;
        sign_with(&mut adapted, &by, &key, None)?;
        adapted.store(&folders.packed(&adapted.id()), &Trust::read(&folders.trust())?)?;
        self.tell(folders, &deployment, reason.clone())?;
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
            user: None,
        };
        client::ask(folders, &eclexia()?, &request)?;
        console.say(&format!("Adapted {name}: {reason}\n"));
        Ok(())
    }
}

/// The package of a version, from the store.
fn package_of(folders: &Folders, name: &str, number: u32) -> Result<Package, Stop> {
    let registry = super::registry(folders)?;
    let version = registry.map(|registry| registry.version(name, number)).transpose()?.flatten();
    let version = version.ok_or_else(|| crate::diagnostics::never_deployed(Some(name), &[]))?;
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

/// What is measured, with room above it; regions emit what carbon is counted by, as far as that is
/// another number than the mean that the program says.
fn seen(
    package: &Package,
    rates: &BTreeMap<String, f64>,
    (room, intensities): (f64, &[IntensityStatus]),
) -> Measured {
    let model = package.model().as_declared();
    let with_demand = model.services.iter().filter(|service| service.demand.is_some());
    let demand = with_demand.filter_map(|service| {
        let rate = rates.get(&service.name)? * (1.0 + room);
        Some((service.name.clone(), rounded_up(rate)))
    });
    let intensity = model.regions.iter().filter_map(|region| {
        let known = intensities.iter().find(|known| known.region == region.name)?;
        let is_measured = known.until.is_some() || !region.hourly_intensity.is_empty();
        let grams = is_measured.then_some(known.grams_per_kwh / JOULES_PER_KWH)?;
        Some((region.name.clone(), from_f64_rounded(grams, 9)?))
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

/// `measured with room: web 35/s, grid of DE 300 g/kWh by Electricity Maps`
fn told(seen: &Measured, known: &[IntensityStatus]) -> String {
    let decimal = |amount: &Rational| eclexia_base::number::to_decimal(amount, 1);
    let demand = seen.demand.iter().map(|(name, rate)| format!("{name} {}/s", decimal(rate)));
    let demand: Vec<String> = demand.collect();
    let intensity = known.iter().filter(|known| seen.intensity.contains_key(&known.region));
    let intensity: Vec<String> = intensity.map(grid).collect();
    match (&demand[..], &intensity[..]) {
        ([], []) => "planned again".to_owned(),
        ([], grids) => format!("measured: {}", grids.join(", ")),
        (demand, grids) => {
            format!("measured with room: {}", [demand, grids].concat().join(", "))
        }
    }
}

/// `grid of DE 300 g/kWh by Electricity Maps`
fn grid(known: &IntensityStatus) -> String {
    let grams = (known.grams_per_kwh * 10.0).round() / 10.0;
    format!("grid of {} {grams} g/kWh by {}", known.region, known.source)
}

/// Why a plan is followed: what it changes and saves, why it is not the best one, and what services
/// say of the grid.
fn because(advice: &Advice, why: Option<String>, known: &[IntensityStatus]) -> String {
    let mut parts = vec![advice.reason()];
    parts.extend(why);
    parts.extend(known.iter().filter(|known| known.until.is_some()).map(grid));
    parts.join("; ")
}

/// Whether limits are worth what they were.
fn are_same(last: &[Priced], now: &[Priced]) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let same = |(a, b): (&Priced, &Priced)| {
        a.limit_of == b.limit_of
            && near(a.buy, b.buy)
            && near(a.used, b.used)
            && near(a.most, b.most)
            && match (a.sell, b.sell) {
                (Some(a), Some(b)) => near(a, b),
                (a, b) => a == b,
            }
    };
    last.len() == now.len() && last.iter().zip(now).all(same)
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
