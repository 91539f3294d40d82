//! What a service said last, one file for each service and region. Written whole, so that a crash
//! leaves the old answer or the new one; read with bounds, and what cannot be read is not there.

use crate::regions::Place;
use crate::{Intensity, Signal, When};
use eclexia_settings::SourceKind;
use eclexia_whole::{Access, Existing, write};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};

const FORMAT: &str = "eclexia-carbon-cache/1";
/// The largest file that is read, bytes.
const MOST_BYTES: u64 = 16 << 10;

#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// An answer that is kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    pub intensity: Intensity,
    pub fetched: Timestamp,
    /// What the server calls this answer.
    pub etag: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    /// Where it was asked: another server's answer is none.
    address: String,
    region: String,
    grams_per_kwh: f64,
    at: Timestamp,
    signal: Signal,
    is_estimate: bool,
    fetched: Timestamp,
    etag: Option<String>,
}

impl Cache {
    /// Below the data folder.
    pub fn new(data: &Path) -> Cache {
        Cache { folder: data.join("carbon") }
    }

    /// Names of places have no `.`, so that no two are one.
    fn path(&self, source: SourceKind, place: &Place) -> PathBuf {
        let name = place.name.replace('/', ".");
        self.folder.join(format!("{}-{name}.json", source.name()))
    }

    pub fn read(&self, source: SourceKind, place: &Place, address: &str) -> Option<Kept> {
        let file = std::fs::File::open(self.path(source, place)).ok()?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        let file: File = serde_json::from_slice(&bytes).ok()?;
        let is_ours = file.format == FORMAT && file.address == address;
        let is_number = (0.0..=crate::MOST_GRAMS).contains(&file.grams_per_kwh);
        if !is_ours || !is_number {
            return None;
        }
        let intensity = Intensity {
            grams_per_kwh: file.grams_per_kwh,
            region: file.region,
            at: When::Moment(file.at),
            source,
            published: source.title().to_owned(),
            signal: file.signal,
            is_estimate: file.is_estimate,
        };
        Some(Kept { intensity, fetched: file.fetched, etag: file.etag })
    }

    /// Keeps an answer; what is of no moment is not kept.
    pub fn write(&self, place: &Place, address: &str, kept: &Kept) -> std::io::Result<()> {
        let intensity = &kept.intensity;
        let When::Moment(at) = intensity.at else { return Ok(()) };
        let file = File {
            format: FORMAT.to_owned(),
            address: address.to_owned(),
            region: intensity.region.clone(),
            grams_per_kwh: intensity.grams_per_kwh,
            at,
            signal: intensity.signal,
            is_estimate: intensity.is_estimate,
            fetched: kept.fetched,
            etag: kept.etag.clone(),
        };
        std::fs::create_dir_all(&self.folder)?;
        let mut text = serde_json::to_vec(&file)?;
        text.push(b'\n');
        let path = self.path(intensity.source, place);
        write(&path, &text, Access::Owner, Existing::Replace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::place;
    use proptest::prelude::*;

    fn kept() -> Kept {
        let at = "2026-12-01T10:00:00Z".parse().expect("a time");
        let intensity = Intensity {
            grams_per_kwh: 231.5,
            region: "DE".to_owned(),
            at: When::Moment(at),
            source: SourceKind::ElectricityMaps,
            published: "Electricity Maps".to_owned(),
            signal: Signal::Average,
            is_estimate: true,
        };
        Kept { intensity, fetched: at, etag: Some("\"7\"".to_owned()) }
    }

    #[test]
    fn what_is_kept_comes_back_for_the_same_place_and_server() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let cache = Cache::new(folder.path());
        let place = place("aws/eu-central-1").expect("a place");
        cache.write(&place, "https://a", &kept()).expect("written");
        let source = SourceKind::ElectricityMaps;
        assert_eq!(cache.read(source, &place, "https://a"), Some(kept()));
        assert_eq!(cache.read(source, &place, "https://b"), None);
        assert_eq!(cache.read(SourceKind::WattTime, &place, "https://a"), None);
        let names = std::fs::read_dir(folder.path().join("carbon")).expect("a folder").count();
        assert_eq!(names, 1, "no temporary file is left");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(3),
            cases: 64,
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_damaged_file_is_not_there(at in 0_usize..300, byte in any::<u8>()) {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let cache = Cache::new(folder.path());
            let place = place("DE").expect("a place");
            cache.write(&place, "https://a", &kept()).expect("written");
            let path = folder.path().join("carbon/electricitymaps-DE.json");
            let mut bytes = std::fs::read(&path).expect("read");
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len() - usize::from(byte) % 7);
            std::fs::write(&path, bytes).expect("written");
            let read = cache.read(SourceKind::ElectricityMaps, &place, "https://a");
            let grams = read.map_or(0.0, |kept| kept.intensity.grams_per_kwh);
            prop_assert!((0.0..=crate::MOST_GRAMS).contains(&grams));
        }
    }
}
