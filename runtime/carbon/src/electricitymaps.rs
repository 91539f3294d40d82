//! Electricity Maps, version 3 of its API: the latest average intensity of a zone's consumption.
//!
//! `GET {api_url}/carbon-intensity/latest?zone=DE` with the header `auth-token`; the answer has
//! `zone`, `carbonIntensity` in grams of CO2e per kWh over the life of plants, `datetime`, and
//! `isEstimated` (docs.electricitymaps.com).

use crate::cache::Kept;
use crate::http::{Got, Http, Trouble};
use crate::keys::Secret;
use crate::{Intensity, Signal, When, sensible};
use eclexia_settings::SourceKind;
use hyper::header::{HeaderName, HeaderValue, IF_NONE_MATCH};
use jiff::Timestamp;
use serde::Deserialize;

const TOKEN: HeaderName = HeaderName::from_static("auth-token");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    zone: String,
    carbon_intensity: f64,
    datetime: String,
    #[serde(default)]
    is_estimated: Option<bool>,
}

/// Asks for the intensity of a zone; `old` is what it said before.
pub async fn ask(
    http: &Http,
    address: &str,
    key: &Secret,
    zone: &str,
    old: Option<&Kept>,
    now: Timestamp,
) -> Result<Kept, Trouble> {
    let bad = || Trouble::Unaskable("its key cannot be sent".to_owned());
    let mut headers = vec![(TOKEN, key.header("").ok_or_else(bad)?)];
    headers.extend(condition(old));
    // A zone has letters, digits and `-` only.
    let asked = format!("{address}/carbon-intensity/latest?zone={zone}");
    match (http.get(&asked, &headers).await?, old) {
        (Got::Unchanged, Some(old)) => Ok(Kept { fetched: now, ..old.clone() }),
        (Got::Unchanged, None) => Err(Trouble::Unclear("it answers 304 to nothing".to_owned())),
        (Got::New { body, etag }, _) => {
            let intensity = read(&body, zone, now).map_err(Trouble::Unclear)?;
            Ok(Kept { intensity, fetched: now, etag })
        }
    }
}

/// The header that asks for an answer only if it is another one.
pub fn condition(old: Option<&Kept>) -> Option<(HeaderName, HeaderValue)> {
    let etag = old?.etag.as_deref()?;
    Some((IF_NONE_MATCH, HeaderValue::from_str(etag).ok()?))
}

fn read(body: &[u8], zone: &str, now: Timestamp) -> Result<Intensity, String> {
    let latest: Latest = serde_json::from_slice(body)
        .map_err(|_| "its answer is not the JSON that it documents".to_owned())?;
    if latest.zone != zone {
        return Err("its answer is about another zone".to_owned());
    }
    let (grams_per_kwh, at) = sensible(latest.carbon_intensity, &latest.datetime, now)?;
    Ok(Intensity {
        grams_per_kwh,
        region: latest.zone,
        at: When::Moment(at),
        source: SourceKind::ElectricityMaps,
        published: SourceKind::ElectricityMaps.title().to_owned(),
        signal: Signal::Average,
        is_estimate: latest.is_estimated.unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_at(body: &str) -> Result<Intensity, String> {
        read(body.as_bytes(), "DE", "2026-12-01T10:30:00Z".parse().expect("a time"))
    }

    #[test]
    fn the_documented_answer_is_read() {
        let body = r#"{"zone":"DE","carbonIntensity":302,"datetime":"2026-12-01T10:00:00.000Z",
            "updatedAt":"2026-12-01T10:07:21.000Z","emissionFactorType":"lifecycle",
            "isEstimated":true,"estimationMethod":"TIME_SLICER_AVERAGE"}"#;
        let intensity = read_at(body).expect("read");
        assert_eq!((intensity.grams_per_kwh, intensity.is_estimate), (302.0, true));
        assert_eq!(intensity.signal, Signal::Average);
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        for wrong in [
            "",
            "[]",
            "{\"zone\":\"DE\"}",
            r#"{"zone":"FR","carbonIntensity":30,"datetime":"2026-12-01T10:00:00Z"}"#,
            r#"{"zone":"DE","carbonIntensity":-1,"datetime":"2026-12-01T10:00:00Z"}"#,
            r#"{"zone":"DE","carbonIntensity":1e9,"datetime":"2026-12-01T10:00:00Z"}"#,
            r#"{"zone":"DE","carbonIntensity":"30","datetime":"2026-12-01T10:00:00Z"}"#,
            r#"{"zone":"DE","carbonIntensity":30,"datetime":"yesterday"}"#,
            r#"{"zone":"DE","carbonIntensity":30,"datetime":"2027-12-01T10:00:00Z"}"#,
        ] {
            assert!(read_at(wrong).is_err(), "{wrong}");
        }
    }
}
