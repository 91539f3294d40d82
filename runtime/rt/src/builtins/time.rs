//! Calendar and clock arithmetic, by the crate `jiff`: pure, in UTC or at a given offset. Instants
//! are whole microseconds since 1970-01-01T00:00:00Z, dates days since then, durations quantities
//! of seconds. Years from -9999 to 9999. Absent: named time zones, whose rules change with a data
//! base that would make one program mean different things on different machines.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::{Items, Value};
use eclexia_base::Dim;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, Unit};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The longest text that is read as a time, and the longest pattern.
const MOST_BYTES: usize = 1 << 10;

pub(super) const TABLE: &[Builtin] = &[
    entry("time/read-instant", 1, |ctx, a| {
        let read = bounded(&a[0]).and_then(|text| said(text.parse::<Timestamp>()));
        Ok(ctx.ctors.result(read.map(micros).map_err(Value::str)))
    }),
    entry("time/write-instant", 2, |_, a| {
        let shown = instant(&a[0]).and_then(|at| Ok((at, offset(&a[1])?)));
        shown.map(|(at, to)| Value::str(rfc3339(at, to))).map_err(Fault::Abort)
    }),
    entry("time/is-instant", 1, |_, a| Ok(Value::Bool(instant(&a[0]).is_ok()))),
    entry("time/fields", 2, |_, a| {
        let local = instant(&a[0]).and_then(|at| Ok(offset(&a[1])?.to_datetime(at)));
        local.map(fields).map_err(Fault::Abort)
    }),
    entry("time/from-fields", 2, |ctx, a| {
        let made = datetime(arg!(a, 0, as_items))
            .and_then(|at| said(offset(&a[1])?.to_timestamp(at)).map(micros));
        Ok(ctx.ctors.result(made.map_err(Value::str)))
    }),
    entry("time/write-as", 3, |ctx, a| {
        let text = bounded(&a[0]).and_then(|pattern| {
            let zoned = instant(&a[1])?.to_zoned(offset(&a[2])?.to_time_zone());
            said(strtime::format(pattern, &zoned))
        });
        Ok(ctx.ctors.result(text.map(Value::str).map_err(Value::str)))
    }),
    entry("time/read-as", 2, |ctx, a| {
        let read = bounded(&a[0])
            .and_then(|pattern| said(strtime::parse(pattern, bounded(&a[1])?)))
            .and_then(|parts| match parts.offset() {
                Some(_) => said(parts.to_timestamp()),
                // Without an offset in the text it is UTC; without a time of day, midnight.
                None => said(match parts.hour() {
                    Some(_) => parts.to_datetime(),
                    None => parts.to_date().map(DateTime::from),
                })
                .and_then(|at| said(Offset::UTC.to_timestamp(at))),
            });
        Ok(ctx.ctors.result(read.map(micros).map_err(Value::str)))
    }),
    entry("time/read-date", 1, |ctx, a| {
        let read = bounded(&a[0]).and_then(|text| {
            let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let text = if is_plain { text } else { return Err(no_date(text)) };
            text.parse::<Date>().map(days).map_err(|_| no_date(text))
        });
        Ok(ctx.ctors.result(read.map_err(Value::str)))
    }),
    entry("time/date-to-days", 3, |ctx, a| {
        let (year, month, day) = (arg!(a, 0, as_int), arg!(a, 1, as_int), arg!(a, 2, as_int));
        let made = ymd(year, month, day).map(days);
        Ok(ctx.ctors.result(made.map_err(Value::str)))
    }),
    entry("time/days-to-date", 1, |_, a| {
        let date = date(&a[0]).map_err(Fault::Abort)?;
        let week = date.iso_week_date();
        let parts = [
            i64::from(date.year()),
            i64::from(date.month()),
            i64::from(date.day()),
            i64::from(date.weekday().to_monday_one_offset()),
            i64::from(date.day_of_year()),
            i64::from(week.year()),
            i64::from(week.week()),
        ];
        Ok(Value::vector(parts.map(Value::Int)))
    }),
    entry("time/plus-months", 2, |_, a| {
        let months = Span::new().try_months(arg!(a, 1, as_int));
        let date = date(&a[0]).and_then(|date| said(months.and_then(|m| date.checked_add(m))));
        date.map(days).map_err(Fault::Abort)
    }),
    entry("time/month-length", 2, |ctx, a| {
        let first = ymd(arg!(a, 0, as_int), arg!(a, 1, as_int), 1);
        let length = first.map(|date| Value::Int(i64::from(date.days_in_month())));
        Ok(ctx.ctors.result(length.map_err(Value::str)))
    }),
    entry("duration/parse", 1, |ctx, a| {
        let read = bounded(&a[0]).and_then(|text| said(text.parse::<Span>())).and_then(seconds);
        Ok(ctx.ctors.result(read.map_err(Value::str)))
    }),
    entry("duration/to-iso", 1, |_, a| signed(&a[0]).map(|d| Value::str(d.to_string()))),
    entry("duration/human", 1, |_, a| signed(&a[0]).map(|d| Value::str(format!("{d:#}")))),
];

/// What jiff says is wrong, on one line.
fn said<T>(result: Result<T, jiff::Error>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn no_date(text: &str) -> String {
    format!("{text:?} is no date such as 2026-11-21")
}

fn bounded(text: &Value) -> Result<&str, String> {
    let text = text.as_str().unwrap_or_default();
    if text.len() > MOST_BYTES { Err("the text is longer than 1 KiB".to_owned()) } else { Ok(text) }
}

fn micros(at: Timestamp) -> Value {
    Value::Int(at.as_microsecond())
}

fn instant(value: &Value) -> Result<Timestamp, String> {
    let micros = value.as_int().unwrap_or_default();
    let at = Timestamp::from_microsecond(micros);
    at.map_err(|_| "the time is outside of the years -9999 to 9999".to_owned())
}

/// An offset from UTC in whole seconds.
fn offset(value: &Value) -> Result<Offset, String> {
    let seconds = value.as_int().and_then(|s| i32::try_from(s).ok());
    let offset = seconds.and_then(|s| Offset::from_seconds(s).ok());
    offset.ok_or_else(|| "an offset from UTC is less than 26 hours".to_owned())
}

fn rfc3339(at: Timestamp, offset: Offset) -> String {
    if offset == Offset::UTC { at.to_string() } else { at.display_with_offset(offset).to_string() }
}

fn fields(at: DateTime) -> Value {
    let parts = [
        i64::from(at.year()),
        i64::from(at.month()),
        i64::from(at.day()),
        i64::from(at.hour()),
        i64::from(at.minute()),
        i64::from(at.second()),
        i64::from(at.subsec_nanosecond() / 1000),
    ];
    Value::vector(parts.map(Value::Int))
}

fn datetime(fields: &Items) -> Result<DateTime, String> {
    let field = |i: usize| fields.get(i).and_then(Value::as_int).unwrap_or_default();
    let date = ymd(field(0), field(1), field(2))?;
    let small = |i: usize| i8::try_from(field(i)).unwrap_or(-1);
    let nanos = field(6).checked_mul(1000).and_then(|n| i32::try_from(n).ok()).unwrap_or(-1);
    let time = jiff::civil::Time::new(small(3), small(4), small(5), nanos);
    let time = time.map_err(|_| {
        let [hour, minute, second] = [3, 4, 5].map(field);
        format!("there is no time {hour:02}:{minute:02}:{second:02}")
    });
    Ok(date.to_datetime(time?))
}

fn ymd(year: i64, month: i64, day: i64) -> Result<Date, String> {
    let date = || {
        let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
        Date::new(year, month, i8::try_from(day).ok()?).ok()
    };
    date().ok_or_else(|| format!("there is no date {year:04}-{month:02}-{day:02}"))
}

fn days(date: Date) -> Value {
    Value::Int(date.duration_since(EPOCH).as_hours() / 24)
}

fn date(days: &Value) -> Result<Date, String> {
    let span = Span::new().try_days(days.as_int().unwrap_or_default());
    let date = span.and_then(|span| EPOCH.checked_add(span));
    date.map_err(|_| "the date is outside of the years -9999 to 9999".to_owned())
}

fn seconds(span: Span) -> Result<Value, String> {
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err("how long a month or a year is depends on when it begins".to_owned());
    }
    let total = said(span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())))?;
    Ok(Value::Quantity(total, Dim::base("s")))
}

fn signed(value: &Value) -> Result<SignedDuration, Fault> {
    let seconds = value.as_quantity().map_or(0.0, |(x, _)| x);
    let duration = SignedDuration::try_from_secs_f64(seconds);
    duration.map_err(|_| Fault::Abort(format!("{seconds} seconds are no duration")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970_both_ways() {
        for (year, month, day, expected) in
            [(1970, 1, 1, 0), (2000, 3, 1, 11017), (1969, 12, 31, -1), (-9999, 1, 1, -4371587)]
        {
            let date = ymd(year, month, day).expect("a date");
            assert_eq!(days(date).as_int(), Some(expected));
            assert_eq!(super::date(&Value::Int(expected)).expect("a date"), date);
        }
    }
}
