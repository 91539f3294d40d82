//! Amounts of a command's options, written as in programs: `2s`, `1.5min`, `512MiB`; and times
//! that are told.

use eclexia_base::number::{parse_decimal, to_f64};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Rational};
use std::time::Duration;

/// `12 min`: a time that has gone by, in the largest unit that keeps it a whole number.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A time.
pub fn time(text: &str) -> Result<Duration, String> {
    let seconds = to_f64(&amount(text, "s", "2s")?);
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("no clock counts to {text}"))
}

/// A number of bytes.
pub fn bytes(text: &str) -> Result<u64, String> {
    // A number that is too large is the largest.
    Ok(to_f64(&amount(text, "byte", "512MiB")?) as u64)
}

/// A number in thousandths, rounded down: cores.
pub fn thousandths(text: &str) -> Result<u64, String> {
    let wrong = || "write a number, as in 4 or 0.5".to_owned();
    let number = parse_decimal(text).filter(|n| *n >= Rational::default()).ok_or_else(wrong)?;
    Ok((to_f64(&number) * 1000.0) as u64)
}

fn amount(text: &str, base: &str, example: &str) -> Result<Rational, String> {
    let wrong = || format!("write an amount and its unit, as in {example}");
    let ends = (1..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
    let split = ends.map(|end| text.split_at(end));
    let number = split.filter_map(|(number, unit)| Some((parse_decimal(number)?, unit))).next();
    let (number, unit) = number.ok_or_else(wrong)?;
    let unit = UnitTable::language().parse(unit).map_err(|_| wrong())?;
    if unit.dim != Dim::base(base) || number < Rational::default() {
        return Err(wrong());
    }
    Ok(number * unit.scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_unit_of_their_kind() {
        assert_eq!(time("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(time("1.5min"), Ok(Duration::from_secs(90)));
        assert_eq!(bytes("512MiB"), Ok(512 << 20));
        assert_eq!(thousandths("0.5"), Ok(500));
        assert!(thousandths("-1").is_err() && thousandths("x").is_err());
        for wrong in ["", "2", "s", "-2s", "2MiB", "2 parsecs"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
