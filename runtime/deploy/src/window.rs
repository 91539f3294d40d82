//! When a version may be brought about: hours of days of the week, in UTC.
//!
//! In: text as `mon-fri 09:00-16:00`, `sat,sun 00:00-24:00`, `daily 22:00-04:00`; a time. Out:
//! whether it is open then, and when it opens next. Always holds: hours that go over midnight
//! belong to the day on which they begin.

use crate::registry::At;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60;
const WEEK: u64 = 7 * DAY;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    /// From Monday on.
    days: [bool; 7],
    /// Minutes of the day: from `from` up to `to`, which may lie on the next day.
    from: u64,
    to: u64,
}

impl Window {
    pub fn is_open(&self, at: At) -> bool {
        let minute = minute_of_week(at);
        (0..7).filter(|day| self.days[*day as usize]).any(|day| {
            let start = day * DAY + self.from;
            // From its beginning on, around the week.
            (minute + WEEK - start) % WEEK < self.length()
        })
    }

    /// When it is open first, from this time on.
    pub fn opens(&self, at: At) -> At {
        if self.is_open(at) {
            return at;
        }
        let minute = minute_of_week(at);
        let starts = (0..7).filter(|day| self.days[*day as usize]);
        let wait = starts.map(|day| (day * DAY + self.from + WEEK - minute) % WEEK).min();
        // Whole minutes from the beginning of this one.
        At(at.0 - at.0 % MINUTE).after(wait.unwrap_or(0) * MINUTE)
    }

    fn length(&self) -> u64 {
        if self.to > self.from { self.to - self.from } else { self.to + DAY - self.from }
    }
}

/// From Monday 00:00 on; 1970-01-01 was a Thursday.
fn minute_of_week(at: At) -> u64 {
    (at.0 / MINUTE + 3 * DAY) % WEEK
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Window, String> {
        let wrong = || "write days and hours in UTC, as in `mon-fri 09:00-16:00`".to_owned();
        let (days, hours) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let (from, to) = hours.trim().split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minutes(from).ok_or_else(wrong)?, minutes(to).ok_or_else(wrong)?);
        if from == DAY || (from == to) {
            return Err("its hours are none, or begin at the end of the day".to_owned());
        }
        Ok(Window { days: days_of(days).ok_or_else(wrong)?, from, to })
    }
}

fn minutes(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
}

fn days_of(text: &str) -> Option<[bool; 7]> {
    if text == "daily" {
        return Some([true; 7]);
    }
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let count = (last + 7 - first) % 7;
        (0..=count).for_each(|n| days[(first + n) % 7] = true);
    }
    Some(days)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = DAYS.iter().zip(self.days).filter(|(_, is_one)| *is_one);
        let names: Vec<&str> = names.map(|(name, _)| *name).collect();
        let (from, to) = (self.from, self.to);
        let days = if names.len() == 7 { "daily".to_owned() } else { names.join(",") };
        let time = |minutes: u64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        write!(f, "{days} {}-{}", time(from), time(to))
    }
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Window, String> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> String {
        window.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Day 0 is the Monday 2026-11-30.
    fn at(day: u64, hour: u64, minute: u64) -> At {
        At(((20_787 + day) * DAY + hour * 60 + minute) * MINUTE)
    }

    fn window(text: &str) -> Window {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_open_in_its_hours_and_opens_next_at_their_beginning() {
        assert_eq!(at(0, 9, 5).to_string(), "2026-11-30T09:05:00Z");
        let work = window("mon-fri 09:00-16:00");
        for (day, hour, is_open) in [(0, 9, true), (0, 16, false), (4, 15, true), (5, 10, false)] {
            assert_eq!(work.is_open(at(day, hour, 0)), is_open, "{day} {hour}");
        }
        assert_eq!(work.opens(at(0, 10, 7)), at(0, 10, 7));
        assert_eq!(work.opens(at(0, 8, 30)), at(0, 9, 0));
        assert_eq!(work.opens(at(4, 16, 0)), at(7, 9, 0));
        let night = window("sun,mon 22:00-04:00");
        assert!(night.is_open(at(0, 3, 59)) && night.is_open(at(0, 23, 0)));
        assert!(night.is_open(at(1, 2, 0)) && !night.is_open(at(2, 2, 0)));
        assert_eq!(night.opens(at(0, 4, 0)), at(0, 22, 0));
        assert!(window("sat-mon 00:00-24:00").is_open(at(6, 23, 59)));
    }

    #[test]
    fn text_comes_back_as_it_was_and_what_is_none_is_refused() {
        for text in ["mon,tue,wed,thu,fri 09:00-16:00", "daily 22:00-04:00", "sun 00:00-24:00"] {
            assert_eq!(window(text).to_string(), text);
        }
        for text in [
            "",
            "mon",
            "mon 9-16",
            "mon 09:00-25:00",
            "mom 09:00-10:00",
            "mon 09:60-10:00",
            "mon 09:00-09:00",
            "mon 24:00-02:00",
            "mon- 09:00-10:00",
            "mon +9:00-10:00",
        ] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }

    #[test]
    fn at_any_time_it_is_open_when_it_opens() {
        for text in
            ["mon-fri 09:00-16:00", "wed 23:30-00:30", "sun 00:00-24:00", "daily 01:00-00:30"]
        {
            let window = window(text);
            for minute in (0..WEEK).step_by(7) {
                let now = At(20_787 * DAY * MINUTE + minute * MINUTE + 31_000);
                let opens = window.opens(now);
                assert!(window.is_open(opens) && opens >= now, "{text} {now}");
                assert!(opens == now || !window.is_open(At(opens.0 - 1)), "{text} {now} {opens}");
            }
        }
    }
}
