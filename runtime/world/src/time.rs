//! Times of the simulated world, in milliseconds from its first midnight: read as people write them
//! (`1d6h`, `90min`), written as they read them (`day 2 06:14`, `3 min 12 s`).

use eclexia_deploy::registry::At;

pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;
pub const WEEK: u64 = 7 * DAY;

/// No longer time is read: a century.
const LONGEST: u64 = 36_525 * DAY;

const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("min", MINUTE), ("s", SECOND), ("h", HOUR), ("d", DAY), ("w", WEEK)];

/// `day 2 06:14`; the first day is day 1.
pub fn clock(at: At) -> String {
    format!("day {} {}", day_of(at), hour_of(at))
}

pub fn day_of(at: At) -> u64 {
    at.0 / DAY + 1
}

/// `06:14`
pub fn hour_of(at: At) -> String {
    let minutes = at.0 % DAY / MINUTE;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `0.4 s`, `12 s`, `3 min 12 s`, `2 h 5 min`, `6 d 1 h`; the second part only where there is one.
pub fn span(ms: u64) -> String {
    let two = |(large, name): (u64, &str), (small, part): (u64, &str)| {
        let rest = ms % large / small;
        let head = format!("{} {name}", ms / large);
        if rest == 0 { head } else { format!("{head} {rest} {part}") }
    };
    match ms {
        0..10_000 => format!("{}.{} s", ms / SECOND, ms % SECOND / 100),
        10_000..MINUTE => format!("{} s", ms / SECOND),
        MINUTE..HOUR => two((MINUTE, "min"), (SECOND, "s")),
        HOUR..DAY => two((HOUR, "h"), (MINUTE, "min")),
        _ => two((DAY, "d"), (HOUR, "h")),
    }
}

/// `1d6h`, `1d 6h`, `1.5h`, `0s`: numbers with units, added up.
pub fn parse(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    let mut is_empty = true;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?.1;
        sum += number * unit as f64;
        rest = rest[letters..].trim_start();
        is_empty = false;
    }
    (!is_empty && sum <= LONGEST as f64).then_some(sum.round() as u64)
}

/// As [`parse`] reads it: `1d6h`.
pub fn short(ms: u64) -> String {
    let mut out = String::new();
    let mut rest = ms;
    for (name, unit) in [("w", WEEK), ("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND)] {
        if rest >= unit {
            out.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    if rest > 0 || out.is_empty() { format!("{out}{rest}ms") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let good = [
            ("1d6h", 30 * HOUR),
            ("1d 6h", 30 * HOUR),
            ("90min", 90 * MINUTE),
            ("1.5h", 90 * MINUTE),
            ("250ms", 250),
            ("0s", 0),
            ("1w", WEEK),
        ];
        for (text, ms) in good {
            assert_eq!(parse(text), Some(ms), "{text}");
            assert_eq!(parse(&short(ms)), Some(ms), "{text}");
        }
        for text in ["", "6", "h", "1 day", "-1h", "1h-", "1..2h", "9999999w", "1é"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn times_read_well() {
        assert_eq!(clock(At(DAY + 6 * HOUR + 14 * MINUTE + 59 * SECOND)), "day 2 06:14");
        let spans = [(400, "0.4 s"), (12_900, "12 s"), (192_000, "3 min 12 s"), (HOUR, "1 h")];
        for (ms, text) in spans {
            assert_eq!(span(ms), text);
        }
    }
}
