//! Numbers: which of the four kinds a word that starts like a number is, and its value.
//!
//! ```text
//! word      = sign? ( "0x" hex | digits ( "." digits )? ( "e" sign? digits )? tail )
//! tail      = "" | "%" | unit
//! unit      = factor ( ( "*" | "/" ) factor )*       factor = name ( "^" "-"? digits )?
//! ```
//!
//! An `e` is an exponent only where digits follow it (`1e-9`), else it starts a unit (`1eV`).
//! Whether a unit exists is not decided here.

use crate::token::TokenKind;

/// What a word that starts like a number is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    Int,
    Float,
    Percent,
    /// The unit starts at this byte of the word.
    Quantity(usize),
    Malformed(Mistake),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mistake {
    /// `.5`
    NoDigitBeforeDot,
    /// `3.`
    NoDigitAfterDot,
    /// `0xfg`
    HexDigit,
    /// `1_`
    Underscore,
    /// `1/2`
    Ratio,
    /// `5/`, `5kWh*`, `5/s`, `3-4`, `5%%`
    Unit,
}

impl Shape {
    pub(crate) fn token_kind(self) -> TokenKind {
        match self {
            Shape::Int => TokenKind::Int,
            Shape::Float => TokenKind::Float,
            Shape::Percent => TokenKind::Percent,
            Shape::Quantity(_) => TokenKind::Quantity,
            Shape::Malformed(_) => TokenKind::Unreadable,
        }
    }
}

/// The shape of a word that matches `[+-]?\.?[0-9].*`.
pub(crate) fn shape(word: &str) -> Shape {
    let bytes = word.as_bytes();
    let digits = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if bytes.get(digits) == Some(&b'.') {
        return Shape::Malformed(Mistake::NoDigitBeforeDot);
    }
    if bytes[digits..].starts_with(b"0x") {
        return hex_shape(&bytes[digits + 2..]);
    }
    let Some(mut at) = digits_end(bytes, digits) else {
        return Shape::Malformed(Mistake::Underscore);
    };
    let whole = at;
    if bytes.get(at) == Some(&b'.') {
        if !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            return Shape::Malformed(Mistake::NoDigitAfterDot);
        }
        match digits_end(bytes, at + 1) {
            Some(end) => at = end,
            None => return Shape::Malformed(Mistake::Underscore),
        }
    }
    at = exponent_end(bytes, at);
    match &word[at..] {
        "" if at == whole => Shape::Int,
        "" => Shape::Float,
        "%" => Shape::Percent,
        unit if is_unit(unit) => Shape::Quantity(at),
        unit if at == whole && is_ratio(unit) => Shape::Malformed(Mistake::Ratio),
        _ => Shape::Malformed(Mistake::Unit),
    }
}

fn hex_shape(digits: &[u8]) -> Shape {
    let good = |b: &u8| b.is_ascii_hexdigit() || *b == b'_';
    let framed = digits.first().is_some_and(u8::is_ascii_hexdigit) && digits.last() != Some(&b'_');
    if framed && digits.iter().all(good) { Shape::Int } else { Shape::Malformed(Mistake::HexDigit) }
}

/// The end of a run of digits and `_` that starts at `from`; `None` if it ends in `_`.
fn digits_end(bytes: &[u8], from: usize) -> Option<usize> {
    let is_digit = |b: &u8| b.is_ascii_digit() || *b == b'_';
    let length = bytes[from..].iter().take_while(|b| is_digit(b)).count();
    let end = from + length;
    (length > 0 && bytes[end - 1] != b'_').then_some(end)
}

fn exponent_end(bytes: &[u8], at: usize) -> usize {
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return at;
    }
    let digits = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    let count = bytes[digits.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 { at } else { digits + count }
}

fn is_ratio(rest: &str) -> bool {
    rest.strip_prefix('/').is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_unit(text: &str) -> bool {
    text.split(['*', '/']).all(|factor| {
        let (name, power) = factor.split_once('^').unwrap_or((factor, "1"));
        let digits = power.strip_prefix('-').unwrap_or(power);
        let is_power = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_power && is_unit_name(name)
    })
}

/// A letter, then letters, digits, `_`, and `-` between two of them.
fn is_unit_name(name: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    name.starts_with(char::is_alphabetic) && !name.ends_with('-') && name.chars().all(good)
}

/// The value of an Int word; `None` outside of 64 bits.
pub(crate) fn int_value(word: &str) -> Option<i64> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let negative = word.starts_with('-');
    let (digits, radix) = match unsigned.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (unsigned, 10),
    };
    let mut value: i64 = 0;
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        value = value.checked_mul(i64::from(radix))?;
        let digit = i64::from(digit);
        value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
    }
    Some(value)
}

/// The value of a Float word; `None` where it exceeds every finite number.
pub(crate) fn float_value(word: &str) -> Option<f64> {
    let value: f64 = without_underscores(word).parse().ok()?;
    value.is_finite().then_some(value)
}

/// The value of a Percent word, rounded once: `5%` is the float nearest to 0.05.
pub(crate) fn percent_value(word: &str) -> Option<f64> {
    let number = word.strip_suffix('%').unwrap_or(word);
    let plain = without_underscores(number);
    let (mantissa, exponent) = plain.split_once(['e', 'E']).unwrap_or((&plain, "0"));
    // An exponent too long for i32 is as good as an infinite one.
    let exponent: i32 = exponent.parse().unwrap_or(1_000_000);
    let value: f64 = format!("{mantissa}e{}", exponent.saturating_sub(2)).parse().ok()?;
    value.is_finite().then_some(value)
}

/// The number of a Quantity as the unit table reads it: no `_`, no leading `+`.
pub(crate) fn without_underscores(word: &str) -> String {
    word.strip_prefix('+').unwrap_or(word).chars().filter(|c| *c != '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_number_has_its_shape() {
        for word in ["42", "-7", "1_000", "0xff", "+3", "-0xF_F"] {
            assert_eq!(shape(word), Shape::Int, "{word}");
        }
        for word in ["3.14", "1e-9", "1E9", "-0.5e+3", "1_0.0_1"] {
            assert_eq!(shape(word), Shape::Float, "{word}");
        }
        assert_eq!(shape("5%"), Shape::Percent);
        for (word, at) in [
            ("512MiB", 3),
            ("0.5cpu", 3),
            ("5gCO2e", 1),
            ("95USD/month", 2),
            ("40cpu*h", 2),
            ("10Gbit/s", 2),
            ("1eV", 1),
            ("1e2eV", 3),
            ("3m/s^2", 1),
            ("3m*s^-2", 1),
            ("5e", 1),
            ("2work-unit", 1),
        ] {
            assert_eq!(shape(word), Shape::Quantity(at), "{word}");
        }
    }

    #[test]
    fn malformed_numbers_say_what_is_wrong() {
        for (word, mistake) in [
            (".5", Mistake::NoDigitBeforeDot),
            ("3.", Mistake::NoDigitAfterDot),
            ("3.x", Mistake::NoDigitAfterDot),
            ("0xfg", Mistake::HexDigit),
            ("0x", Mistake::HexDigit),
            ("1_", Mistake::Underscore),
            ("1/2", Mistake::Ratio),
            ("5/", Mistake::Unit),
            ("5/s", Mistake::Unit),
            ("5kWh*", Mistake::Unit),
            ("5m^", Mistake::Unit),
            ("3-4", Mistake::Unit),
            ("5%%", Mistake::Unit),
        ] {
            assert_eq!(shape(word), Shape::Malformed(mistake), "{word}");
        }
    }

    #[test]
    fn values_are_exact_or_absent() {
        assert_eq!(int_value("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(int_value("9223372036854775808"), None);
        assert_eq!(int_value("0x7fff_ffff_ffff_ffff"), Some(i64::MAX));
        assert_eq!(percent_value("5%"), Some(0.05));
        assert_eq!(percent_value("0.1e1%"), Some(0.01));
        assert_eq!(float_value("1e999"), None);
    }
}
