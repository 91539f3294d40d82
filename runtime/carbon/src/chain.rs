//! Who is asked, in which order, and what is said of it.
//!
//! 1. Of the first source what was answered less than its refresh interval ago is taken as it is.
//! 2. Else it is asked. An answer is kept.
//! 3. Where it gives none, what it answered within the last day is taken, and said to be old:
//!    yesterday's number is nearer to today's than the average of a year.
//! 4. Else the next source, in the same way; at last the yearly average, which is always there.

use crate::cache::{Cache, Kept};
use crate::http::{Http, Patience};
use crate::keys::Keys;
use crate::regions::Place;
use crate::watttime::Session;
use crate::{Intensity, Signal, When, electricitymaps, watttime};
use eclexia_settings::carbon::ServiceSettings;
use eclexia_settings::{CarbonSettings, SourceKind};
use jiff::{SignedDuration, Timestamp};

/// How old an answer may be that is taken because there is no other.
pub const MOST_STALE: SignedDuration = SignedDuration::from_hours(24);
/// How far in the future an answer may have been kept: clocks are set back a little.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How an answer was come by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Asked for just now.
    Fresh,
    /// From before, within the refresh interval.
    Kept,
    /// From before, older than that: nothing newer could be had.
    Stale,
    /// A yearly average.
    Yearly,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Fresh => "fresh",
            State::Kept => "kept",
            State::Stale => "stale",
            State::Yearly => "yearly",
        }
    }
}

/// A source that gave nothing new, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    pub source: SourceKind,
    /// A clause whose subject is the source.
    pub why: String,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    pub intensity: Intensity,
    pub state: State,
    /// When the source said it; of no yearly average.
    pub fetched: Option<Timestamp>,
    /// In the order in which they were tried.
    pub tried: Vec<Tried>,
}

/// Whoever wants to know asks this.
pub struct Carbon {
    settings: CarbonSettings,
    keys: Keys,
    /// `None`: nothing is kept.
    cache: Option<Cache>,
    http: Http,
    session: Session,
}

type Asked = Result<(Kept, State, Option<String>), String>;

impl Carbon {
    pub fn new(settings: CarbonSettings, keys: Keys, cache: Option<Cache>) -> Carbon {
        Carbon::with(settings, keys, cache, Http::new(Patience::default()))
    }

    pub fn with(settings: CarbonSettings, keys: Keys, cache: Option<Cache>, http: Http) -> Carbon {
        Carbon { settings, keys, cache, http, session: Session::default() }
    }

    /// What electricity emits at a place, now. There is always an answer.
    pub async fn look_up(&self, place: &Place, now: Timestamp) -> Answer {
        let mut tried = Vec::new();
        for source in [self.settings.primary, self.settings.fallback] {
            let asked = match source {
                SourceKind::Yearly => break,
                SourceKind::ElectricityMaps => self.electricitymaps(place, now).await,
                SourceKind::WattTime => self.watttime(place, now).await,
            };
            match asked {
                Ok((kept, state, why)) => {
                    tried.extend(why.map(|why| Tried { source, why }));
                    let (intensity, fetched) = (kept.intensity, Some(kept.fetched));
                    return Answer { intensity, state, fetched, tried };
                }
                Err(why) => tried.push(Tried { source, why }),
            }
        }
        Answer { intensity: yearly(place), state: State::Yearly, fetched: None, tried }
    }

    /// [`Carbon::look_up`] for whoever has no run time for tasks.
    pub fn look_up_now(&self, place: &Place, now: Timestamp) -> std::io::Result<Answer> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(self.look_up(place, now));
        // The look-up of a name that hangs must not hold us up.
        runtime.shutdown_background();
        Ok(answer)
    }

    async fn electricitymaps(&self, place: &Place, now: Timestamp) -> Asked {
        let service = &self.settings.electricitymaps;
        let source = SourceKind::ElectricityMaps;
        let Some(zone) = &place.zone else { return Err("has no such zone".to_owned()) };
        let old = match self.kept(source, service, place, now) {
            Ok(fresh) => return Ok((fresh, State::Kept, None)),
            Err(old) => old,
        };
        let Some(key) = &self.keys.electricitymaps else {
            return stale(old, now, "was not asked: there is no ELECTRICITYMAPS_TOKEN".to_owned());
        };
        let address = &service.api_url;
        let asked = electricitymaps::ask(&self.http, address, key, zone, old.as_ref(), now);
        let asked = self.http.within(asked).await;
        self.keep(asked, old, (service, place), now)
    }

    async fn watttime(&self, place: &Place, now: Timestamp) -> Asked {
        let service = &self.settings.wattime;
        let old = match self.kept(SourceKind::WattTime, service, place, now) {
            Ok(fresh) => return Ok((fresh, State::Kept, None)),
            Err(old) => old,
        };
        let Some(login) = &self.keys.wattime else {
            let why = "was not asked: there is no WATTTIME_USER with its WATTTIME_PASSWORD";
            return stale(old, now, why.to_owned());
        };
        let server = (&self.http, service.api_url.as_str());
        let asked = watttime::ask(server, &self.session, login, &place.watttime, old.as_ref(), now);
        let asked = self.http.within(asked).await;
        self.keep(asked, old, (service, place), now)
    }

    /// What is kept: still good, or old.
    fn kept(
        &self,
        source: SourceKind,
        service: &ServiceSettings,
        place: &Place,
        now: Timestamp,
    ) -> Result<Kept, Option<Kept>> {
        let kept = self.cache.as_ref().and_then(|c| c.read(source, place, &service.api_url));
        let Some(kept) = kept.filter(|kept| age(kept, now) >= -MOST_SKEW) else { return Err(None) };
        let interval = SignedDuration::try_from(service.refresh_interval);
        match interval.is_ok_and(|interval| age(&kept, now) < interval) {
            true => Ok(kept),
            false => Err(Some(kept)),
        }
    }

    fn keep(
        &self,
        asked: Result<Kept, crate::Trouble>,
        old: Option<Kept>,
        (service, place): (&ServiceSettings, &Place),
        now: Timestamp,
    ) -> Asked {
        match asked {
            Ok(kept) => {
                let written = self.cache.as_ref().map(|c| c.write(place, &service.api_url, &kept));
                let why = written.and_then(Result::err);
                let why = why.map(|error| format!("answered, which could not be kept: {error}"));
                Ok((kept, State::Fresh, why))
            }
            Err(trouble) => stale(old, now, format!("gave nothing: {trouble}")),
        }
    }
}

/// What is old, where it is not too old; else the reason that there is nothing new.
fn stale(old: Option<Kept>, now: Timestamp, why: String) -> Asked {
    match old.filter(|old| age(old, now) <= MOST_STALE) {
        Some(old) => Ok((old, State::Stale, Some(why))),
        None => Err(why),
    }
}

fn age(kept: &Kept, now: Timestamp) -> SignedDuration {
    now.duration_since(kept.fetched)
}

fn yearly(place: &Place) -> Intensity {
    let yearly = &place.yearly;
    Intensity {
        grams_per_kwh: yearly.grams_per_kwh,
        region: yearly.region.clone(),
        at: When::Year(yearly.year),
        source: SourceKind::Yearly,
        published: yearly.source.clone(),
        signal: Signal::Average,
        is_estimate: !yearly.is_own,
    }
}
