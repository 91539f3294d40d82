//! `carbon [REGION]`: what a kWh emits there, who says so, and why nobody else does; without a
//! region, the yearly averages that there are.

use super::{Ended, Stop};
use crate::amount;
use crate::args::CarbonArgs;
use crate::console::{Console, Exit};
use crate::diagnostics;
use eclexia_carbon::{Answer, Cache, Carbon, Keys, Place, Signal, State, When, place, places};
use eclexia_diag::Sources;
use eclexia_settings::table::CARBON;
use eclexia_settings::{CarbonPrice, Environment, Settings};
use jiff::Timestamp;
use serde_json::json;
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

pub fn carbon(console: &Console, args: &CarbonArgs) -> Ended {
    let Some(region) = &args.region else {
        list(console);
        return Ok(Exit::Done);
    };
    let place = place(region)?;
    let environment = Environment::of_process();
    let folder = environment.config_folder();
    let mut sources = Sources::new();
    let (settings, found) = Settings::load_one(CARBON, folder.as_deref(), &mut sources);
    if found.has_errors() {
        return Err(Stop::Placed(found, Box::new(sources)));
    }
    let (keys, found) = Keys::find(&environment, folder.as_deref());
    if found.has_errors() {
        return Err(Stop::Placed(found, Box::new(sources)));
    }
    let settings = settings.carbon();
    let price = settings.price;
    let cache = environment.data_folder().map(|data| Cache::new(&data));
    let now = now();
    let spinner = crate::console::Spinner::start(console, "asking about", region);
    let answer = Carbon::new(settings, keys, cache).look_up_now(&place, now);
    drop(spinner);
    let answer = answer.map_err(|error| diagnostics::no_thread(&error))?;
    if console.global.json {
        tell_json(console, &place, &answer, price, now);
    } else {
        console.out(&told(&answer, price, now));
    }
    Ok(Exit::Done)
}

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_second(since.as_secs().cast_signed()).unwrap_or_default()
}

fn told(answer: &Answer, price: CarbonPrice, now: Timestamp) -> String {
    let intensity = &answer.intensity;
    let grams = number(intensity.grams_per_kwh);
    let mut text = format!("{grams} gCO2e/kWh  {}\n", intensity.region);
    let what = match intensity.signal {
        Signal::Average => "the average",
        Signal::Marginal => "what one more kWh emits",
    };
    let at = match intensity.at {
        When::Year(year) => format!("of {year}"),
        When::Moment(at) => format!("at {at}, {} ago", age(at, now)),
    };
    let _ = writeln!(text, "  {what} {at}; {}", intensity.published);
    match (answer.state, answer.fetched) {
        (State::Kept, Some(fetched)) => {
            let _ = writeln!(text, "  asked {} ago", age(fetched, now));
        }
        (State::Stale, Some(fetched)) => {
            let _ = writeln!(
                text,
                "  old: asked {} ago, and nothing newer to be had",
                age(fetched, now)
            );
        }
        _ => {}
    }
    if intensity.is_estimate {
        let why = match answer.state {
            State::Yearly => "an average of more than the region",
            _ => "an estimate of the source",
        };
        let _ = writeln!(text, "  {why}");
    }
    let cost = number(intensity.grams_per_kwh * price.per_tonne / 1e6);
    let (each, money) = (number(price.per_tonne), price.currency);
    let _ = writeln!(text, "  {cost} {money}/kWh at {each} {money}/tCO2e");
    for tried in &answer.tried {
        let _ = writeln!(text, "  {} {}", tried.source.title(), tried.why);
    }
    text
}

fn tell_json(
    console: &Console,
    place: &Place,
    answer: &Answer,
    price: CarbonPrice,
    now: Timestamp,
) {
    let intensity = &answer.intensity;
    let (moment, year) = match intensity.at {
        When::Moment(at) => (Some(at.to_string()), None),
        When::Year(year) => (None, Some(year)),
    };
    let tried: Vec<_> = answer
        .tried
        .iter()
        .map(|tried| json!({"source": tried.source.name(), "why": tried.why}))
        .collect();
    let old = answer.fetched.map(|fetched| now.duration_since(fetched).as_secs());
    let signal = intensity.signal.name();
    console.json(&json!({"format": "eclexia-carbon/1", "asked": place.name,
        "grams_per_kwh": intensity.grams_per_kwh, "region": intensity.region, "signal": signal,
        "at": moment, "year": year, "source": intensity.source.name(),
        "published": intensity.published, "is_estimate": intensity.is_estimate,
        "state": answer.state.name(), "fetched": answer.fetched.map(|f| f.to_string()),
        "age_seconds": old, "price_per_tonne": price.per_tonne, "currency": price.currency,
        "tried": tried}));
}

fn list(console: &Console) {
    let places = places();
    if console.global.json {
        for place in &places {
            let yearly = &place.yearly;
            console.json(&json!({"format": "eclexia-carbon-yearly/1", "region": place.name,
                "zone": place.zone, "grams_per_kwh": yearly.grams_per_kwh, "year": yearly.year,
                "of": yearly.region, "published": yearly.source}));
        }
        return;
    }
    let names = places.iter().map(|place| place.name.len()).max().unwrap_or(0);
    let zones = places.iter().filter_map(|p| p.zone.as_ref()).map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for place in &places {
        let (yearly, zone) = (&place.yearly, place.zone.as_deref().unwrap_or("-"));
        let (grams, year) = (number(yearly.grams_per_kwh), yearly.year);
        let of = if yearly.region == place.name {
            String::new()
        } else {
            format!("{}; ", yearly.region)
        };
        let _ = writeln!(
            text,
            "{:<names$}  {zone:<zones$}  {grams:>6} g/kWh  {year}  {of}{}",
            place.name, yearly.source
        );
    }
    console.out(&text);
}

/// Two digits after the point, six for what is less than one.
fn number(value: f64) -> String {
    let places = if value.abs() >= 1.0 { 1e2 } else { 1e6 };
    format!("{}", (value * places).round() / places)
}

fn age(then: Timestamp, now: Timestamp) -> String {
    amount::age(u64::try_from(now.duration_since(then).as_secs()).unwrap_or(0))
}
