//! What electricity emits where deployments run.
//!
//! In: numbers that somebody else has asked for, each with whose it is and until when it is
//! believed; what programs say. Out: the number that carbon is counted by, and an event where that
//! becomes another. Always holds: a number counts until it is too old and not for longer, also over
//! the end of a supervisor; without one the program's counts. Absent: the network.

use crate::control::{IntensityStatus, Reply, Standing};
use crate::diagnostics;
use crate::supervisor::{Supervisor, now};
use eclexia_deploy::registry::{At, Event, Fact, Filter, Intensity, JOULES_PER_KWH};
use eclexia_diag::Diagnostic;
use eclexia_model::Deployment;
use std::collections::BTreeMap;

/// Region to grams CO2e per joule by hour, as a program says them; at least one.
pub type Grids = BTreeMap<String, Vec<f64>>;

const HOUR: u64 = 3_600_000;

/// More is no electricity.
const MOST_GRAMS: f64 = 5_000.0;
/// Of a name of a region or source, and of a reason, characters.
const LONGEST: usize = 300;
/// Regions of one deployment.
const MOST_REGIONS: usize = 1_000;

/// A number that is less than this part away from the one told last is not told.
const NEAR: f64 = 0.05;

/// Whose number it is, where nobody else's is known.
const PROGRAM: &str = "the program";

/// What a deployment's regions emit, as the program says.
pub fn declared(model: &Deployment) -> Grids {
    let regions = model.as_declared().regions.iter();
    let each = regions.map(|region| {
        let hours = match &region.hourly_intensity[..] {
            [] => vec![region.carbon_intensity.to_f64()],
            hours => hours.iter().map(|grams| grams.to_f64()).collect(),
        };
        (region.name.clone(), hours)
    });
    each.collect()
}

/// Of the hour, in UTC; curves are whole days.
fn of_hour(hours: &[f64], now: At) -> f64 {
    let hour = usize::try_from(now.0 / HOUR).unwrap_or(0);
    hour.checked_rem(hours.len()).and_then(|at| hours.get(at)).copied().unwrap_or(0.0)
}

/// A number as it was told last.
#[derive(Clone, PartialEq, Debug)]
struct Said {
    grams_per_kwh: f64,
    source: String,
    signal: String,
}

impl Said {
    fn is_near(&self, other: &Said) -> bool {
        let (a, b) = (self.grams_per_kwh, other.grams_per_kwh);
        self.source == other.source
            && self.signal == other.signal
            && (a - b).abs() <= NEAR * a.abs().max(b.abs())
    }

    /// `carbon intensity of aws/eu-west-1 is 412 g/kWh by Electricity Maps, was 380`
    fn told(&self, region: &str, was: Option<&Said>, why: Option<&str>) -> String {
        let signal = match self.signal.as_str() {
            "marginal" => " (of one kWh more)",
            _ => "",
        };
        let (grams, source) = (shown(self.grams_per_kwh), &self.source);
        let mut text = format!("carbon intensity of {region} is {grams} g/kWh by {source}{signal}");
        if let Some(was) = was {
            text += &format!(", was {}", shown(was.grams_per_kwh));
            if was.source != *source {
                text += &format!(" by {}", was.source);
            }
        }
        if let Some(why) = why {
            text += &format!(": {why}");
        }
        text
    }
}

/// Without digits that say nothing.
fn shown(grams: f64) -> String {
    match grams {
        grams if grams < 10.0 => format!("{}", (grams * 100.0).round() / 100.0),
        grams => format!("{}", grams.round()),
    }
}

/// Whether a number was told, and nothing since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsTold {
    Last,
    /// The program's was told after it.
    Before,
}

/// The status of an event that tells the program's number.
const DECLARED: &str = "declared";

#[derive(Default)]
pub struct Grid {
    /// By deployment and region.
    numbers: BTreeMap<(String, String), Intensity>,
    said: BTreeMap<(String, String), Said>,
}

impl Grid {
    /// As a supervisor before this one left it: the last number of each region, and whether that is
    /// what was told last.
    pub fn of(last: Vec<(Intensity, IsTold)>) -> Grid {
        let mut grid = Grid::default();
        for (number, is_told) in last {
            let key = (number.deployment.clone(), number.region.clone());
            if is_told == IsTold::Last {
                grid.said.insert(key.clone(), said_of(&number));
            }
            grid.numbers.insert(key, number);
        }
        grid
    }

    fn number(&self, of: (&str, &str), now: At) -> Option<&Intensity> {
        let key = (of.0.to_owned(), of.1.to_owned());
        self.numbers.get(&key).filter(|number| now < number.until)
    }

    /// Grams CO2e per joule in a region for a deployment; `declared`: by hour, as the program says.
    pub fn grams_per_joule(&self, of: (&str, &str), declared: &[f64], now: At) -> f64 {
        match self.number(of, now) {
            Some(number) => number.grams_per_kwh / JOULES_PER_KWH,
            None => of_hour(declared, now),
        }
    }

    pub fn status(&self, deployment: &str, grids: &Grids, now: At) -> Vec<IntensityStatus> {
        let each = grids.iter().map(|(region, declared)| {
            let number = self.number((deployment, region), now);
            let said = number.map_or_else(|| of_program(declared, now), said_of);
            IntensityStatus {
                region: region.clone(),
                grams_per_kwh: said.grams_per_kwh,
                source: said.source,
                signal: said.signal,
                measured: number.map(|number| number.measured),
                until: number.map(|number| number.until),
            }
        });
        each.collect()
    }
}

/// What an event about a region's number is of.
fn of_region(region: &str) -> String {
    format!("intensity {region}")
}

fn said_of(number: &Intensity) -> Said {
    let Intensity { grams_per_kwh, source, signal, .. } = number.clone();
    Said { grams_per_kwh, source, signal }
}

fn of_program(declared: &[f64], now: At) -> Said {
    let grams_per_kwh = of_hour(declared, now) * JOULES_PER_KWH;
    Said { grams_per_kwh, source: PROGRAM.to_owned(), signal: "average".to_owned() }
}

/// Whether a number can be one.
fn is_sensible(number: &Intensity) -> bool {
    (0.0..=MOST_GRAMS).contains(&number.grams_per_kwh)
        && number.region.len() <= LONGEST
        && number.source.len() <= LONGEST
        && ["average", "marginal"].contains(&number.signal.as_str())
}

impl Supervisor {
    /// Takes up the numbers that a supervisor before this one had.
    pub fn recover_grid(&mut self) -> Result<(), Diagnostic> {
        let last = self.registry.last_intensities()?.into_iter().map(|number| {
            let event = self.last_event(&number.deployment, &of_region(&number.region));
            let is_live = event.is_some_and(|event| event.status.is_none());
            (number, if is_live { IsTold::Last } else { IsTold::Before })
        });
        self.grid = Grid::of(last.collect());
        Ok(())
    }

    /// The numbers of a deployment from now on; of regions that are not among them the program's
    /// count.
    pub fn intensities(
        &mut self,
        name: &str,
        numbers: Vec<Intensity>,
        without: &BTreeMap<String, String>,
    ) -> Result<Reply, Diagnostic> {
        let deployed = self.deployments.get(name);
        let deployed = deployed.ok_or_else(|| diagnostics::nothing_deployed(name, &[]))?;
        let loaded = deployed.wanted.and_then(|number| self.loaded(name, number));
        let Some(loaded) = loaded else { return Ok(Reply::Done) };
        let now = now();
        let mut fit: BTreeMap<String, Intensity> = numbers
            .into_iter()
            .filter(|number| is_sensible(number) && loaded.grids.contains_key(&number.region))
            .map(|number| (number.region.clone(), number))
            .collect();
        for (region, declared) in loaded.grids.iter().take(MOST_REGIONS) {
            let why = without.get(region).map(|why| why.chars().take(LONGEST).collect::<String>());
            match fit.remove(region) {
                Some(number) => self.keep(name, number, now),
                None => self.withdraw(name, region, now),
            }
            if self.grid.number((name, region), now).is_some() || why.is_some() {
                self.say(name, region, declared, why.as_deref());
            }
        }
        Ok(Reply::Done)
    }

    /// A number that is said again holds for longer; another one holds from now on.
    fn keep(&mut self, name: &str, number: Intensity, now: At) {
        let key = (name.to_owned(), number.region.clone());
        let mut number = Intensity { deployment: name.to_owned(), at: now, ..number };
        if let Some(before) = self.grid.numbers.get_mut(&key).filter(|before| now < before.until) {
            if before.is_same(&number) {
                number.at = before.at;
            } else if before.at < now {
                before.until = now;
                let ended = before.clone();
                self.note(Fact::Intensity(ended));
            }
        }
        self.note(Fact::Intensity(number.clone()));
        self.grid.numbers.insert(key, number);
    }

    fn withdraw(&mut self, name: &str, region: &str, now: At) {
        let key = (name.to_owned(), region.to_owned());
        if let Some(number) = self.grid.numbers.get_mut(&key).filter(|number| now < number.until) {
            number.until = now;
            let ended = number.clone();
            self.note(Fact::Intensity(ended));
        }
    }

    /// Tells the number of a region, where it is another one than was told last.
    fn say(&mut self, name: &str, region: &str, declared: &[f64], why: Option<&str>) {
        let now = now();
        let key = (name.to_owned(), region.to_owned());
        let number = self.grid.number((name, region), now);
        let said = number.map_or_else(|| of_program(declared, now), said_of);
        let was = self.grid.said.get(&key);
        let before = was.cloned().or_else(|| number.map(|_| of_program(declared, now)));
        if was.is_some_and(|was| was.is_near(&said)) {
            return;
        }
        let why = why.filter(|_| number.is_none());
        let status = number.is_none().then(|| DECLARED.to_owned());
        let (is_first, head) = (was.is_none(), said.told(region, None, None));
        let detail = said.told(region, before.as_ref(), why);
        let resource = of_region(region);
        self.grid.said.insert(key, said);
        // A supervisor before this one may have told it.
        let told = || self.last_event(name, &resource);
        if is_first && told().is_some_and(|told| told.detail.starts_with(&head)) {
            return;
        }
        let resource = Some(resource);
        self.event(Event { resource, status, ..Event::new(name, "carbon", now, detail) });
    }

    /// Tells where a number has become too old.
    pub fn outdated(&mut self) {
        let now = now();
        let was_told = |key: &(String, String)| {
            self.grid.said.get(key).is_some_and(|said| said.source != PROGRAM)
        };
        let numbers = self.grid.numbers.iter();
        let old = numbers.filter(|(key, number)| number.until <= now && was_told(key));
        let old = old.map(|(key, _)| key.clone());
        for (name, region) in old.collect::<Vec<_>>() {
            let wanted = self.deployments.get(&name).and_then(|deployed| deployed.wanted);
            let loaded = wanted.and_then(|number| self.loaded(&name, number));
            let declared = loaded.as_ref().and_then(|loaded| loaded.grids.get(&region));
            match declared {
                Some(declared) => {
                    let why = "nothing newer is known, and a number is believed for a day";
                    self.say(&name, &region, declared, Some(why));
                }
                // It runs no more.
                None => drop(self.grid.said.remove(&(name, region))),
            }
        }
    }

    /// A budget of this machine is used up, or is not any more: an event of each deployment that
    /// runs, once.
    pub fn budget(
        &mut self,
        resource: &str,
        standing: Standing,
        detail: &str,
    ) -> Result<Reply, Diagnostic> {
        let cut = |text: &str| text.chars().take(LONGEST).collect::<String>();
        let running = self.deployments.iter().filter(|(_, deployed)| deployed.wanted.is_some());
        let names: Vec<String> = running.map(|(name, _)| name.clone()).collect();
        for name in names {
            let of = format!("budget {}", cut(resource));
            let last = self.last_event(&name, &of);
            let was_used_up = last.is_some_and(|last| last.status.as_deref() == Some("used-up"));
            if was_used_up == (standing == Standing::UsedUp) {
                continue;
            }
            let status = if standing == Standing::UsedUp { "used-up" } else { "within" };
            self.event(Event {
                resource: Some(of),
                status: Some(status.to_owned()),
                ..Event::new(&name, "budget", now(), cut(detail))
            });
        }
        Ok(Reply::Done)
    }

    fn last_event(&self, name: &str, resource: &str) -> Option<Event> {
        let filter = Filter {
            deployment: Some(name.to_owned()),
            resource: Some(resource.to_owned()),
            newest_first: true,
            limit: Some(1),
            ..Filter::default()
        };
        // What cannot be read is told again.
        self.registry.events(&filter).ok()?.into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(grams_per_kwh: f64, until: u64) -> Intensity {
        Intensity {
            deployment: "shop".to_owned(),
            region: "DE".to_owned(),
            at: At(0),
            until: At(until),
            grams_per_kwh,
            source: "Electricity Maps".to_owned(),
            signal: "average".to_owned(),
            measured: At(0),
        }
    }

    #[test]
    fn a_number_counts_until_it_is_too_old_and_then_the_hour_of_the_program() {
        let grid = Grid::of(vec![(number(360.0, 5 * HOUR), IsTold::Last)]);
        let declared: Vec<f64> = (0..24).map(|hour| f64::from(hour) / JOULES_PER_KWH).collect();
        let of = |name, at| grid.grams_per_joule((name, "DE"), &declared, At(at)) * JOULES_PER_KWH;
        let grams = |at| of("shop", at).round();
        assert_eq!((grams(4 * HOUR), grams(5 * HOUR), grams(30 * HOUR)), (360.0, 5.0, 6.0));
        assert_eq!(of("other", HOUR).round(), 1.0);
        assert_eq!(grid.grams_per_joule(("shop", "FR"), &[], At(HOUR)), 0.0);
        let status = |at| {
            let all = grid.status("shop", &[("DE".to_owned(), declared.clone())].into(), At(at));
            (all[0].source.clone(), all[0].until)
        };
        assert_eq!(status(0), ("Electricity Maps".to_owned(), Some(At(5 * HOUR))));
        assert_eq!(status(6 * HOUR), (PROGRAM.to_owned(), None));
    }

    #[test]
    fn a_change_says_whose_number_it_is_and_what_it_was() {
        let is = said_of(&number(412.4, 1));
        let was = said_of(&number(380.0, 1));
        assert_eq!(
            is.told("DE", Some(&was), None),
            "carbon intensity of DE is 412 g/kWh by Electricity Maps, was 380"
        );
        let own = of_program(&[0.0001], At(0));
        assert_eq!(
            own.told("DE", Some(&is), Some("nobody answers")),
            "carbon intensity of DE is 360 g/kWh by the program, was 412 by Electricity Maps: \
             nobody answers"
        );
        assert!(is.is_near(&said_of(&number(420.0, 1))));
        assert!(!is.is_near(&was) && !is.is_near(&own));
    }

    #[test]
    fn what_cannot_be_a_number_is_none() {
        let wrong = [number(-1.0, 1), number(f64::NAN, 1), number(5001.0, 1)];
        assert!(wrong.iter().all(|number| !is_sensible(number)));
        assert!(!is_sensible(&Intensity { signal: "x".to_owned(), ..number(1.0, 1) }));
        assert!(is_sensible(&number(0.0, 1)));
    }
}
