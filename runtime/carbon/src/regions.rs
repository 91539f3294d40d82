//! Regions by the names that people use, and the yearly averages of the grids they are on.
//!
//! - `aws/eu-west-1`: a region of the catalogue (`stdlib/catalog/regions.csv`), with the intensity
//!   that plans are made with, and its zone (`clouds.csv`, after the list of data centres of
//!   Electricity Maps, corrected where that was plainly wrong).
//! - `DE`, `US-CAL-CISO`: a zone of Electricity Maps; averages are those of Ember (`yearly.csv`, as
//!   read in the data of CO2.js of 2026-06-29). A part of a country has its country's.
//! - `CAISO_NORTH`: a region of WattTime.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use serde::Deserialize;
use std::sync::OnceLock;

const CATALOGUE: &str = include_str!("../../../stdlib/catalog/regions.csv");
const CLOUDS: &str = include_str!("clouds.csv");
const YEARLY: &str = include_str!("yearly.csv");

/// The average that stands where none is known.
const WORLD: &str = "WORLD";
/// The longest name of a region, bytes.
const LONGEST: usize = 64;

/// A region, as each source knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// As it was asked for.
    pub name: String,
    /// Of Electricity Maps.
    pub zone: Option<String>,
    pub watttime: OfWattTime,
    pub yearly: Yearly,
}

/// How WattTime is asked about a place.
#[derive(Clone, PartialEq, Debug)]
pub enum OfWattTime {
    Region(String),
    /// Degrees, north and east.
    Position(f64, f64),
}

/// A yearly average.
#[derive(Clone, PartialEq, Debug)]
pub struct Yearly {
    pub grams_per_kwh: f64,
    /// What it is the average of.
    pub region: String,
    pub year: i16,
    /// The publication.
    pub source: String,
    /// Whether it is that of the place itself.
    pub is_own: bool,
}

#[derive(Deserialize)]
struct YearlyRow {
    zone: String,
    name: String,
    grams_per_kwh: f64,
    year: i16,
    source: String,
}

#[derive(Deserialize)]
struct CatalogueRow {
    provider: String,
    region: String,
    latitude: f64,
    longitude: f64,
    carbon_g_kwh: f64,
    carbon_source: String,
}

#[derive(Deserialize)]
struct CloudRow {
    region: String,
    zone: String,
}

struct Tables {
    yearly: Vec<YearlyRow>,
    catalogue: Vec<CatalogueRow>,
    clouds: Vec<CloudRow>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables {
        yearly: rows(YEARLY),
        catalogue: rows(CATALOGUE),
        clouds: rows(CLOUDS),
    })
}

fn rows<T: for<'d> Deserialize<'d>>(text: &str) -> Vec<T> {
    let rows: Result<Vec<T>, csv::Error> =
        csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect();
    rows.unwrap_or_else(|error| eclexia_base::bug!("a table of regions: {error}"))
}

/// The place of a name.
pub fn place(name: &str) -> Result<Place, Diagnostic> {
    let tables = tables();
    if let Some(row) = tables.catalogue.iter().find(|row| full(row) == name) {
        let zone = tables.clouds.iter().find(|cloud| cloud.region == name);
        let zone = zone.map(|cloud| cloud.zone.clone());
        return Ok(Place {
            name: name.to_owned(),
            yearly: of_catalogue(row, zone.as_deref()),
            zone,
            watttime: OfWattTime::Position(row.latitude, row.longitude),
        });
    }
    let (is_zone, is_region) = (is_zone(name), is_of_watttime(name));
    if !is_zone && !is_region {
        let known: Vec<String> = known().collect();
        return Err(diagnostics::unknown_region(name, &known));
    }
    Ok(Place {
        name: name.to_owned(),
        zone: is_zone.then(|| name.to_owned()),
        watttime: OfWattTime::Region(name.to_owned()),
        yearly: of_zone(if is_zone { name } else { WORLD }),
    })
}

/// Every region that has an average of its own: those of the catalogue, then zones.
pub fn places() -> Vec<Place> {
    known().filter_map(|name| place(&name).ok()).collect()
}

fn known() -> impl Iterator<Item = String> {
    let tables = tables();
    let zones = tables.yearly.iter().map(|row| row.zone.clone()).filter(|zone| is_zone(zone));
    tables.catalogue.iter().map(full).chain(zones)
}

fn full(row: &CatalogueRow) -> String {
    format!("{}/{}", row.provider, row.region)
}

/// `DE`, `US-CAL-CISO`
fn is_zone(name: &str) -> bool {
    let mut parts = name.split('-');
    let is_country = parts
        .next()
        .is_some_and(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()));
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    is_country && name.len() <= LONGEST && parts.all(is_part)
}

/// `CAISO_NORTH`
fn is_of_watttime(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= LONGEST
        && name.contains('_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(plain)
}

/// The average that plans use; the zone's where that one names no year.
fn of_catalogue(row: &CatalogueRow, zone: Option<&str>) -> Yearly {
    let year = row
        .carbon_source
        .split(' ')
        .find_map(|word| word.parse::<i16>().ok().filter(|year| (1990..2100).contains(year)));
    match (year, zone) {
        (Some(year), _) => Yearly {
            grams_per_kwh: row.carbon_g_kwh,
            region: full(row),
            year,
            source: row.carbon_source.clone(),
            is_own: true,
        },
        (None, Some(zone)) => of_zone(zone),
        (None, None) => of_zone(WORLD),
    }
}

/// The zone's own average, else its country's, else that of the world.
fn of_zone(zone: &str) -> Yearly {
    let row = |zone: &str| tables().yearly.iter().find(|row| row.zone == zone);
    let country = zone.split('-').next().unwrap_or_default();
    let found = row(zone).or_else(|| row(country)).or_else(|| row(WORLD));
    let Some(row) = found else { eclexia_base::bug!("no average of the world") };
    Yearly {
        grams_per_kwh: row.grams_per_kwh,
        region: row.name.clone(),
        year: row.year,
        source: row.source.clone(),
        is_own: row.zone == zone && zone != WORLD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_of_the_catalogue_has_one_zone() {
        let tables = tables();
        for row in &tables.catalogue {
            let zones = tables.clouds.iter().filter(|cloud| cloud.region == full(row)).count();
            assert_eq!(zones, 1, "{}", full(row));
        }
        assert_eq!(tables.clouds.len(), tables.catalogue.len());
        assert!(tables.clouds.iter().all(|cloud| is_zone(&cloud.zone)));
    }

    #[test]
    fn every_average_names_its_source_and_year() {
        for place in places() {
            let yearly = place.yearly;
            assert!((1990..2100).contains(&yearly.year), "{}", place.name);
            assert!(!yearly.source.is_empty() && yearly.grams_per_kwh > 0.0, "{}", place.name);
        }
    }

    #[test]
    fn a_name_says_whose_region_it_is() {
        let cloud = place("aws/eu-central-1").expect("in the catalogue");
        assert_eq!(cloud.zone.as_deref(), Some("DE"));
        assert_eq!((cloud.yearly.grams_per_kwh, cloud.yearly.year), (275.82, 2024));
        assert_eq!(cloud.watttime, OfWattTime::Position(50.11, 8.68));
        // Where the catalogue names no year, the grid's average is taken.
        assert_eq!(place("aws/eu-west-1").expect("there").yearly.region, "Ireland");
        let part = place("US-CAL-CISO").expect("a zone");
        assert_eq!((part.yearly.region.as_str(), part.yearly.is_own), ("United States", false));
        let theirs = place("CAISO_NORTH").expect("WattTime's");
        assert_eq!((theirs.zone, theirs.yearly.region.as_str()), (None, "World"));
    }

    #[test]
    fn what_names_no_region_is_told_with_the_nearest() {
        for wrong in ["aws/eu-west-9", "de", "", "DE-", "-DE", "DE/..", "A_b", "_A", "D_\u{e9}"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
        assert!(place(&"A_".repeat(40)).is_err());
        let found = place("aws/eu-wset-1").expect_err("misspelt");
        assert_eq!(found.help.as_deref(), Some("did you mean `aws/eu-west-1`?"));
    }
}
