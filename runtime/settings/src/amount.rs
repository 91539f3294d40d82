//! Amounts in settings, written as in programs, with or without a space before the unit: `2GiB`,
//! `1.5 kWh`, `100 Mbit/s`.

use eclexia_base::number::{parse_decimal, to_f64};
use eclexia_base::unit::{UnitError, UnitTable};
use eclexia_base::{Dim, Rational};

/// The longest amount that is looked at, bytes.
const LONGEST: usize = 64;

/// An exact number of base units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amount {
    pub number: Rational,
    pub dim: Dim,
}

impl Amount {
    /// As a number of base units: bytes, seconds, cores, joules, grams of CO2e, dollars.
    pub fn base_units(&self) -> f64 {
        to_f64(&self.number)
    }
}

/// Why a text is no amount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It does not begin with a number.
    NoNumber,
    /// It is a number and no more.
    NoUnit,
    UnknownUnit {
        name: String,
        nearest: Vec<String>,
    },
    /// Its unit is not of the form `a*b/c^2`.
    Malformed,
}

pub fn amount(text: &str) -> Result<Amount, Fault> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(Fault::NoNumber);
    }
    // The longest beginning that is a number: `1e3J` is a thousand joules.
    let ends = (1..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
    let mut splits = ends.map(|end| text.split_at(end));
    let found = splits.find_map(|(number, unit)| Some((parse_decimal(number)?, unit)));
    let Some((number, unit)) = found else { return Err(Fault::NoNumber) };
    let unit = unit.trim_start();
    if unit.is_empty() {
        return Err(Fault::NoUnit);
    }
    match UnitTable::language().parse(unit) {
        Ok(unit) => Ok(Amount { number: number * unit.scale, dim: unit.dim }),
        Err(UnitError::Unknown { name, nearest }) => Err(Fault::UnknownUnit { name, nearest }),
        Err(UnitError::Malformed) => Err(Fault::Malformed),
    }
}

/// The dimension of a unit of the table.
pub fn dim_of(unit: &str) -> Dim {
    match UnitTable::language().parse(unit) {
        Ok(unit) => unit.dim,
        Err(_) => eclexia_base::bug!("the table of settings names the unit {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::number::int;

    #[test]
    fn amounts_are_read_with_and_without_a_space() {
        let bytes = |text| amount(text).map(|a| (a.number, a.dim));
        assert_eq!(bytes("2GiB"), Ok((int(2 << 30), Dim::base("byte"))));
        assert_eq!(bytes(" 2 GiB "), Ok((int(2 << 30), Dim::base("byte"))));
        assert_eq!(amount("1.5 kWh").map(|a| a.number), Ok(int(5_400_000)));
        assert_eq!(amount("1e3J").map(|a| a.number), Ok(int(1000)));
        assert_eq!(amount("12 kWh/day").map(|a| a.base_units()), Ok(500.0));
    }

    #[test]
    fn what_is_no_amount_says_what_is_missing() {
        assert_eq!(amount("GiB"), Err(Fault::NoNumber));
        assert_eq!(amount(""), Err(Fault::NoNumber));
        assert_eq!(amount("12"), Err(Fault::NoUnit));
        assert_eq!(amount("2 cpu*"), Err(Fault::Malformed));
        let Err(Fault::UnknownUnit { nearest, .. }) = amount("2 GIB") else { panic!("a unit") };
        assert_eq!(nearest.first().map(String::as_str), Some("GiB"));
        assert_eq!(amount(&"9".repeat(100)), Err(Fault::NoNumber));
    }
}
