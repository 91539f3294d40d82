//! What electricity emits where deployments run: asked for at the interval of `carbon-config.toml`,
//! and handed to the supervisor, which counts and tells by it.
//!
//! In: settings and keys, what runs. Out: requests to the supervisor. Always holds: each region is
//! asked about once an interval, however many deployments have it; a look-up that takes long holds
//! up nobody else; what nobody knows or answers is left to the program, with the reason.

use super::folders;
use super::machine::Configured;
use crate::commands::Stop;
use crate::commands::carbon::now;
use eclexia_carbon::{Answer, Cache, Carbon, Keys, MOST_STALE, State, When, live, place};
use eclexia_deploy::registry::{At, Intensity};
use eclexia_diag::{Diagnostic, Sources};
use eclexia_settings::{Environment, SourceKind};
use eclexia_supervisor::client;
use eclexia_supervisor::control::{DeploymentStatus, Reply, Request};
use eclexia_supervisor::folders::Folders;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often it is looked whether something else runs.
const EVERY: Duration = Duration::from_secs(1);
/// After how long it is asked again where nobody gave anything new.
const AGAIN: Duration = Duration::from_secs(60);
/// How long it is not noticed that it is over.
const NAP: Duration = Duration::from_millis(100);

/// Who asks about regions, and what was answered.
pub struct Asking {
    carbon: Carbon,
    interval: Duration,
    /// Region to when it was asked about, and the answer; none: nobody knows it.
    answers: BTreeMap<String, (Instant, Option<Answer>)>,
    /// Deployment to the version that was told of.
    told: BTreeMap<String, Option<u32>>,
}

impl Asking {
    pub fn new(configured: &Configured) -> Result<Asking, Stop> {
        let environment = Environment::of_process();
        let folder = environment.config_folder();
        let (keys, found) = Keys::find(&environment, folder.as_deref());
        if found.has_errors() {
            return Err(Stop::Placed(found, Box::new(Sources::new())));
        }
        let settings = configured.carbon.clone();
        let of = |source| match source {
            SourceKind::ElectricityMaps => Some(settings.electricitymaps.refresh_interval),
            SourceKind::WattTime => Some(settings.wattime.refresh_interval),
            SourceKind::Yearly => None,
        };
        let intervals = [settings.primary, settings.fallback].into_iter().filter_map(of);
        // The averages of a year do not change while this runs.
        let interval = intervals.min().unwrap_or(Duration::from_secs(86_400));
        let cache = environment.data_folder().map(|data| Cache::new(&data));
        let carbon = Carbon::new(settings, keys, cache);
        Ok(Asking { carbon, interval, answers: BTreeMap::new(), told: BTreeMap::new() })
    }

    /// Asks until it is over.
    pub fn watch(mut self, is_over: &Arc<AtomicBool>) {
        let mut looked: Option<Instant> = None;
        while !is_over.load(Ordering::Relaxed) {
            if looked.is_none_or(|at| at.elapsed() >= EVERY) {
                // What cannot be told now is told at the next look.
                let _ = self.look(is_over);
                looked = Some(Instant::now());
            }
            std::thread::sleep(NAP);
        }
    }

    fn look(&mut self, is_over: &AtomicBool) -> Result<(), Diagnostic> {
        let folders = folders()?;
        let Some(Ok(Reply::Status(status))) = client::ask_running(&folders, &Request::Outline)
        else {
            return Ok(());
        };
        self.told.retain(|name, _| status.deployments.iter().any(|d| d.name == *name));
        for deployment in status.deployments.iter().filter(|d| !d.intensities.is_empty()) {
            let is_old = |region: &str| self.known(region).is_none();
            let is_due = self.told.get(&deployment.name) != Some(&deployment.version)
                || deployment.intensities.iter().any(|known| is_old(&known.region));
            if is_due && !is_over.load(Ordering::Relaxed) {
                self.tell(&folders, deployment)?;
            }
        }
        Ok(())
    }

    fn tell(&mut self, folders: &Folders, to: &DeploymentStatus) -> Result<(), Diagnostic> {
        let asked: BTreeMap<String, Option<Answer>> = to
            .intensities
            .iter()
            .map(|known| (known.region.clone(), self.answer(&known.region)))
            .collect();
        // Where nobody knows any of the regions there is nothing to say.
        if asked.values().any(Option::is_some) {
            let live = live(&asked);
            let numbers = live.answers.iter().map(|(region, answer)| number(region, answer));
            let without = live.without.iter();
            let request = Request::Intensities {
                deployment: to.name.clone(),
                numbers: numbers.collect(),
                without: without.map(|(region, why)| ((*region).to_owned(), why.clone())).collect(),
            };
            match client::ask_running(folders, &request) {
                Some(asked) => asked.map(drop)?,
                None => return Ok(()),
            }
        }
        self.told.insert(to.name.clone(), to.version);
        Ok(())
    }

    /// What was said of a region, as long as it is not time to ask again.
    fn known(&self, region: &str) -> Option<&Option<Answer>> {
        let (at, answer) = self.answers.get(region)?;
        let is_new = |answer: &Answer| matches!(answer.state, State::Fresh | State::Kept);
        let wait = match answer {
            Some(answer) if !is_new(answer) => self.interval.min(AGAIN),
            _ => self.interval,
        };
        (at.elapsed() < wait).then_some(answer)
    }

    /// What is said of a region, asked anew when it is time to.
    fn answer(&mut self, region: &str) -> Option<Answer> {
        if let Some(answer) = self.known(region) {
            return answer.clone();
        }
        let begun = Instant::now();
        // A region of the program's own is known to nobody; without a run time nobody is asked.
        let place = place(region).ok();
        let answer = place.and_then(|place| self.carbon.look_up_now(&place, now()).ok());
        self.answers.insert(region.to_owned(), (begun, answer.clone()));
        answer
    }
}

fn number(region: &str, answer: &Answer) -> Intensity {
    let intensity = &answer.intensity;
    let fetched = answer.fetched.unwrap_or_else(now);
    let measured = match intensity.at {
        When::Moment(at) => at,
        When::Year(_) => fetched,
    };
    Intensity {
        deployment: String::new(),
        region: region.to_owned(),
        at: At::default(),
        until: at(fetched.checked_add(MOST_STALE).unwrap_or(fetched)),
        grams_per_kwh: intensity.grams_per_kwh,
        source: intensity.source.title().to_owned(),
        signal: intensity.signal.name().to_owned(),
        measured: at(measured),
    }
}

fn at(time: Timestamp) -> At {
    At(u64::try_from(time.as_millisecond()).unwrap_or(0))
}
