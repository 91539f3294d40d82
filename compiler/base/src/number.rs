//! Exact numbers: arbitrary-precision rationals, read from and written as decimals.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

pub type Rational = BigRational;

/// Longest exponent read from text; keeps `1e999999999` from filling memory.
const MAX_EXPONENT: i64 = 400;

pub fn int(n: i64) -> Rational {
    Rational::from_integer(BigInt::from(n))
}

pub fn ratio(n: i64, d: i64) -> Rational {
    Rational::new(BigInt::from(n), BigInt::from(d))
}

/// The largest number that both are whole multiples of, neither being negative; with 0, the other
/// (Euclid). Ends because both are fractions.
pub fn common_measure(mut a: Rational, mut b: Rational) -> Rational {
    while !b.is_zero() {
        let rest = &a - &b * (&a / &b).floor();
        (a, b) = (b, rest);
    }
    a
}

pub fn to_f64(r: &Rational) -> f64 {
    r.to_f64().unwrap_or(f64::NAN)
}

/// Reads `-12_000.5e-3` exactly. `None` when it is no decimal number or its exponent is beyond
/// ±400.
pub fn parse_decimal(text: &str) -> Option<Rational> {
    let clean: String = text.chars().filter(|c| *c != '_').collect();
    let (mantissa, exponent) = match clean.find(['e', 'E']) {
        Some(i) => (&clean[..i], clean[i + 1..].parse::<i64>().ok()?),
        None => (&clean[..], 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let all: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let scale = exponent.checked_sub(fraction.len() as i64)?;
    if scale.abs() > MAX_EXPONENT {
        return None;
    }
    let value = Rational::from_integer(all) * pow10(scale);
    Some(if negative { -value } else { value })
}

/// `10^exponent`, exactly.
pub fn pow10(exponent: i64) -> Rational {
    let power = num_traits::pow(BigInt::from(10), exponent.unsigned_abs() as usize);
    if exponent >= 0 { Rational::from_integer(power) } else { Rational::new(BigInt::one(), power) }
}

/// The decimal with `digits` significant digits nearest to `x`: how amounts computed in `f64`
/// become exact (`0.1 + 0.2` is 0.3 again). `None` for NaN and infinities.
pub fn from_f64_rounded(x: f64, digits: usize) -> Option<Rational> {
    if !x.is_finite() {
        return None;
    }
    parse_decimal(&format!("{:.*e}", digits.saturating_sub(1), x))
}

/// The rational as a decimal with at most `places` digits after the point, rounded half away
/// from zero, without trailing zeros: `3`, `0.25`, `-1.333`.
pub fn to_decimal(r: &Rational, places: usize) -> String {
    let scaled = (r * pow10(places as i64)).round().to_integer();
    let negative = scaled.is_negative();
    let digits = format!("{:0>width$}", scaled.abs().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let sign = if negative && !scaled.is_zero() { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(parse_decimal("0.1"), Some(ratio(1, 10)));
        assert_eq!(parse_decimal("-1_000.5e1"), Some(int(-10005)));
        assert_eq!(parse_decimal("1e-9"), Some(ratio(1, 1_000_000_000)));
        assert_eq!(parse_decimal("."), None);
        assert_eq!(parse_decimal("1e999999"), None);
    }

    #[test]
    fn computed_amounts_become_short_decimals() {
        assert_eq!(from_f64_rounded(0.1 + 0.2, 12), Some(ratio(3, 10)));
        assert_eq!(from_f64_rounded(f64::NAN, 12), None);
        assert_eq!(from_f64_rounded(95.0 / 2_628_000.0 * 2_628_000.0, 12), Some(int(95)));
    }

    #[test]
    fn decimals_are_written_short() {
        assert_eq!(to_decimal(&ratio(1, 4), 3), "0.25");
        assert_eq!(to_decimal(&ratio(-4, 3), 3), "-1.333");
        assert_eq!(to_decimal(&int(12), 3), "12");
        assert_eq!(to_decimal(&ratio(-1, 100000), 3), "0");
    }
}
