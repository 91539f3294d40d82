//! Days of the calendar, in UTC: what trust and signatures end with. The clock is read elsewhere.

use jiff::Timestamp;
use jiff::tz::Offset;
use std::time::{SystemTime, UNIX_EPOCH};

pub use jiff::civil::Date;

/// The day of a moment.
pub fn day(moment: SystemTime) -> Date {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let time = i64::try_from(seconds).ok().and_then(|at| Timestamp::from_second(at).ok());
    Offset::UTC.to_datetime(time.unwrap_or(Timestamp::MAX)).date()
}

/// A day as RFC 3339 writes it, `2027-01-31`.
pub fn parse(text: &str) -> Result<Date, String> {
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| "write the year, the month and the day, as in 2027-01-31".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_day_has_one_spelling() {
        assert_eq!(parse("2027-01-31").map(|day| day.to_string()), Ok("2027-01-31".to_owned()));
        for odd in ["2027-02-29", "2027-1-31", "31.1.2027", "2027-01-31T10:00", "20270131", ""] {
            assert!(parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn moments_have_their_day() {
        assert_eq!(day(UNIX_EPOCH).to_string(), "1970-01-01");
        let last = UNIX_EPOCH + Duration::from_secs(86_400 - 1);
        assert_eq!(day(last).to_string(), "1970-01-01");
        let far = UNIX_EPOCH + Duration::from_secs(1 << 50);
        assert_eq!(day(far).to_string(), "9999-12-30");
    }
}
