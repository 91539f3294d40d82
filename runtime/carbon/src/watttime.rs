//! WattTime, version 3 of its API: what one more kWh emits in a region now.
//!
//! 1. `GET {api_url}/login` with basic authentication gives a `token`, good for 30 minutes.
//! 2. Of a place known by its position, `GET {api_url}/v3/region-from-loc` names the region.
//! 3. `GET {api_url}/v3/forecast?region=…&signal_type=co2_moer&horizon_hours=0` gives `data`, the
//!    first point of which is of now, in `lbs_co2_per_mwh` (docs.watttime.org).
//!
//! The index that `signal-index` gives is a percentile and no amount, so it is not asked for.

use crate::cache::Kept;
use crate::electricitymaps::condition;
use crate::http::{Got, Http, Trouble};
use crate::keys::Secret;
use crate::regions::OfWattTime;
use crate::{Intensity, Signal, When, sensible};
use base64ct::{Base64, Encoding};
use eclexia_settings::SourceKind;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Mutex;

/// Grams per kWh of one pound per MWh: a pound is 453.59237 g.
const GRAMS: f64 = 0.453_592_37;
/// Less than the half hour that a token is good for, minutes.
const TOKEN_MINUTES: i64 = 25;
/// What the number is called.
const SIGNAL: &str = "co2_moer";
const UNITS: &str = "lbs_co2_per_mwh";

#[derive(Deserialize)]
struct Login {
    token: String,
}

#[derive(Deserialize)]
struct Located {
    region: String,
}

#[derive(Deserialize)]
struct Forecast {
    data: Vec<Point>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Point {
    point_time: String,
    value: f64,
}

#[derive(Deserialize)]
struct Meta {
    region: String,
    signal_type: String,
    units: String,
}

/// A token that is still good; never on disk.
#[derive(Default)]
pub struct Session {
    token: Mutex<Option<(HeaderValue, Timestamp)>>,
}

/// Asks about a place; `old` is what it said before.
pub async fn ask(
    (http, address): (&Http, &str),
    session: &Session,
    login: &(Secret, Secret),
    place: &OfWattTime,
    old: Option<&Kept>,
    now: Timestamp,
) -> Result<Kept, Trouble> {
    let mut token = session.token(http, address, login, now).await?;
    let region = match place {
        OfWattTime::Region(region) => region.clone(),
        OfWattTime::Position(north, east) => {
            let path = format!("region-from-loc?latitude={north}&longitude={east}");
            let asked = format!("{address}/v3/{path}&signal_type={SIGNAL}");
            let got = match http.get(&asked, &[(AUTHORIZATION, token.clone())]).await {
                // A token that has become void is asked for once more.
                Err(Trouble::Status(401, _)) => {
                    session.forget();
                    token = session.token(http, address, login, now).await?;
                    http.get(&asked, &[(AUTHORIZATION, token.clone())]).await?
                }
                other => other?,
            };
            let region = json::<Located>(&got)?.region;
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if region.is_empty() || region.len() > 64 || !region.chars().all(is_plain) {
                return Err(Trouble::Unclear("it names a region that cannot be".to_owned()));
            }
            region
        }
    };
    let asked = format!("{address}/v3/forecast?region={region}&signal_type={SIGNAL}");
    let asked = format!("{asked}&horizon_hours=0");
    let mut headers: Vec<(HeaderName, HeaderValue)> = vec![(AUTHORIZATION, token)];
    headers.extend(condition(old.filter(|old| old.intensity.region == region)));
    let got = match http.get(&asked, &headers).await {
        Err(Trouble::Status(401, _)) => {
            session.forget();
            headers[0].1 = session.token(http, address, login, now).await?;
            http.get(&asked, &headers).await?
        }
        other => other?,
    };
    match (&got, old) {
        (Got::Unchanged, Some(old)) => Ok(Kept { fetched: now, ..old.clone() }),
        (Got::New { etag, .. }, _) => {
            let intensity = read(&json(&got)?, &region, now).map_err(Trouble::Unclear)?;
            Ok(Kept { intensity, fetched: now, etag: etag.clone() })
        }
        (Got::Unchanged, None) => Err(Trouble::Unclear("it answers 304 to nothing".to_owned())),
    }
}

impl Session {
    fn forget(&self) {
        *self.token.lock().unwrap_or_else(|error| error.into_inner()) = None;
    }

    async fn token(
        &self,
        http: &Http,
        address: &str,
        (user, password): &(Secret, Secret),
        now: Timestamp,
    ) -> Result<HeaderValue, Trouble> {
        let known = self.token.lock().unwrap_or_else(|error| error.into_inner()).clone();
        if let Some((token, until)) = known
            && now < until
        {
            return Ok(token);
        }
        let bad = || Trouble::Unaskable("its user and password cannot be sent".to_owned());
        let both =
            Base64::encode_string(format!("{}:{}", user.expose(), password.expose()).as_bytes());
        let mut value = HeaderValue::from_str(&format!("Basic {both}")).map_err(|_| bad())?;
        value.set_sensitive(true);
        let got = http.get(&format!("{address}/login"), &[(AUTHORIZATION, value)]).await?;
        let token = json::<Login>(&got)?.token;
        let odd = |_| Trouble::Unclear("its token cannot be sent".to_owned());
        let mut token = HeaderValue::from_str(&format!("Bearer {token}")).map_err(odd)?;
        token.set_sensitive(true);
        let until = now.checked_add(SignedDuration::from_mins(TOKEN_MINUTES)).unwrap_or(now);
        *self.token.lock().unwrap_or_else(|error| error.into_inner()) =
            Some((token.clone(), until));
        Ok(token)
    }
}

fn json<T: for<'d> Deserialize<'d>>(got: &Got) -> Result<T, Trouble> {
    let unclear = || Trouble::Unclear("its answer is not the JSON that it documents".to_owned());
    let Got::New { body, .. } = got else { return Err(unclear()) };
    serde_json::from_slice(body).map_err(|_| unclear())
}

fn read(forecast: &Forecast, region: &str, now: Timestamp) -> Result<Intensity, String> {
    let meta = &forecast.meta;
    if meta.region != region {
        return Err("its answer is about another region".to_owned());
    }
    if meta.signal_type != SIGNAL || meta.units != UNITS {
        return Err("its answer is in another unit than it documents".to_owned());
    }
    let first = forecast.data.first().ok_or_else(|| "its answer has no number".to_owned())?;
    let (grams_per_kwh, at) = sensible(first.value * GRAMS, &first.point_time, now)?;
    Ok(Intensity {
        grams_per_kwh,
        region: region.to_owned(),
        at: When::Moment(at),
        source: SourceKind::WattTime,
        published: SourceKind::WattTime.title().to_owned(),
        signal: Signal::Marginal,
        // All numbers of a marginal rate come from a model.
        is_estimate: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_at(body: &str) -> Result<Intensity, String> {
        let forecast: Forecast = serde_json::from_str(body).map_err(|e| e.to_string())?;
        read(&forecast, "CAISO_NORTH", "2026-12-01T10:02:00Z".parse().expect("a time"))
    }

    fn body(region: &str, units: &str, points: &str) -> String {
        format!(
            r#"{{"data":[{points}],"meta":{{"data_point_period_seconds":300,
            "region":"{region}","warnings":[],"signal_type":"co2_moer",
            "model":{{"date":"2023-03-01"}},"units":"{units}",
            "generated_at_period_seconds":300,"generated_at":"2026-12-01T10:00:00+00:00"}}}}"#
        )
    }

    const POINT: &str = r#"{"point_time":"2026-12-01T10:00:00+00:00","value":1000.0}"#;

    #[test]
    fn the_documented_answer_is_read_in_grams_per_kwh() {
        let read = read_at(&body("CAISO_NORTH", UNITS, POINT)).expect("read");
        assert!((read.grams_per_kwh - 453.592_37).abs() < 1e-9);
        assert_eq!((read.signal, read.is_estimate), (Signal::Marginal, true));
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        let late = POINT.replace("2026", "2027");
        let huge = POINT.replace("1000.0", "1e12");
        for wrong in [
            body("PJM_DC", UNITS, POINT),
            body("CAISO_NORTH", "percentile", POINT),
            body("CAISO_NORTH", UNITS, ""),
            body("CAISO_NORTH", UNITS, &late),
            body("CAISO_NORTH", UNITS, &huge),
        ] {
            assert!(read_at(&wrong).is_err(), "{wrong}");
        }
    }
}
