//! What goes wrong in a world: how often by chance, and exactly when.
//!
//! In: the words of `--faults` and `--fault`. Out: rates, and faults with their time. Always holds:
//! what is shown of rates is read again as the same. None of the rates is anyone's measurement:
//! the named sets are there to see each kind of fault within a week.

use crate::diagnostics;
use crate::time::{self, DAY, HOUR, MINUTE, WEEK};
use eclexia_deploy::registry::At;
use eclexia_diag::Diagnostic;
use std::fmt;

/// A slow start takes so many times as long.
pub const SLOW_TIMES: u64 = 10;

/// How often things go wrong by chance; rates are of one replica or machine, a millisecond.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Faults {
    /// Replicas that end by themselves.
    pub crash: Rate,
    /// Machines that are lost with what runs on them, and for how long.
    pub node: Rate,
    pub node_for: u64,
    /// Part of all starts that are slow.
    pub slow: f64,
    /// Machines that nobody reaches, and for how long.
    pub partition: Rate,
    pub partition_for: u64,
}

/// So many in a time, milliseconds; kept as it was written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    pub times: f64,
    pub within: u64,
}

impl Default for Rate {
    fn default() -> Rate {
        Rate { times: 0.0, within: DAY }
    }
}

impl Rate {
    pub fn a_millisecond(self) -> f64 {
        self.times / self.within as f64
    }
}

/// More in a millisecond would be more than a world has time for.
const MOST_A_MINUTE: f64 = 1.0;

/// How long a machine is lost, and how long it is cut off, where nothing is said.
const LOST_FOR: u64 = HOUR;
const CUT_FOR: u64 = 5 * MINUTE;

/// Names of sets, and what they stand for.
pub const SETS: [(&str, &str); 3] = [
    ("none", ""),
    ("usual", "crash=0.2/d,node=0.5/w,slow=5%,partition=0.5/w"),
    ("harsh", "crash=2/d,node=3/w,slow=20%,partition=3/w"),
];

const WITHIN: [(&str, u64); 4] = [("h", HOUR), ("d", DAY), ("w", WEEK), ("month", 30 * DAY)];

impl Faults {
    /// `usual`, or `crash=0.5/d,node=1/w for 2h,slow=10%`; what is not named does not happen.
    pub fn parse(text: &str) -> Result<Faults, Diagnostic> {
        let text = SETS.iter().find(|(name, _)| *name == text.trim()).map_or(text, |(_, of)| of);
        let mut faults = Faults { node_for: LOST_FOR, partition_for: CUT_FOR, ..Faults::default() };
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            faults.take(part).ok_or_else(|| diagnostics::bad_faults(part))?;
        }
        Ok(faults)
    }

    fn take(&mut self, part: &str) -> Option<()> {
        let (name, value) = part.split_once('=')?;
        let (value, lasts) = match value.split_once(" for ") {
            Some((value, lasts)) => (value, Some(time::parse(lasts)?)),
            None => (value, None),
        };
        match (name.trim(), lasts) {
            ("crash", None) => self.crash = rate(value)?,
            ("slow", None) => self.slow = share(value)?,
            ("node", lasts) => {
                self.node = rate(value)?;
                self.node_for = lasts.unwrap_or(LOST_FOR);
            }
            ("partition", lasts) => {
                self.partition = rate(value)?;
                self.partition_for = lasts.unwrap_or(CUT_FOR);
            }
            _ => return None,
        }
        Some(())
    }
}

fn rate(text: &str) -> Option<Rate> {
    let (times, unit) = text.trim().split_once('/')?;
    let times: f64 = times.trim().parse().ok()?;
    let within = WITHIN.iter().find(|(name, _)| *name == unit.trim())?.1;
    let rate = Rate { times, within };
    let is_possible = rate.a_millisecond() * MINUTE as f64 <= MOST_A_MINUTE;
    (times >= 0.0 && is_possible).then_some(rate)
}

/// `10%`
pub fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = WITHIN.iter().find(|(_, ms)| *ms == self.within).map_or("d", |(name, _)| name);
        write!(f, "{}/{unit}", self.times)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.crash.times > 0.0 {
            parts.push(format!("crash={}", self.crash));
        }
        if self.node.times > 0.0 {
            parts.push(format!("node={} for {}", self.node, time::short(self.node_for)));
        }
        if self.slow > 0.0 {
            // Hundredths of a percent are enough, and have no long tail of binary digits.
            parts.push(format!("slow={}%", (self.slow * 10_000.0).round() / 100.0));
        }
        if self.partition.times > 0.0 {
            let lasts = time::short(self.partition_for);
            parts.push(format!("partition={} for {lasts}", self.partition));
        }
        if parts.is_empty() {
            parts.push("none".to_owned());
        }
        f.write_str(&parts.join(","))
    }
}

/// One fault, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strike {
    pub at: At,
    pub what: Struck,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Struck {
    /// A machine is lost for so long; `None`: for good.
    Node(String, Option<u64>),
    Partition(String, Option<u64>),
    /// A replica of a service ends: that of an ordinal, or the first.
    Crash(String, Option<u32>),
}

impl Strike {
    /// `node n2 at 1d6h for 2h`, `partition n1 at 3h`, `crash api at 3h`, `crash api.1 at 3h`.
    pub fn parse(text: &str) -> Result<Strike, Diagnostic> {
        Strike::read(text).ok_or_else(|| diagnostics::bad_fault(text))
    }

    fn read(text: &str) -> Option<Strike> {
        let (what, when) = text.split_once(" at ")?;
        let (kind, name) = what.trim().split_once(' ')?;
        let (at, lasts) = match when.split_once(" for ") {
            Some((at, lasts)) => (at, Some(time::parse(lasts)?)),
            None => (when, None),
        };
        let at = At(time::parse(at)?);
        let name = name.trim();
        let what = match (kind, lasts) {
            ("node", lasts) => Struck::Node(name.to_owned(), lasts),
            ("partition", lasts) => Struck::Partition(name.to_owned(), lasts),
            ("crash", None) => {
                let parts = name.rsplit_once('.');
                match parts.and_then(|(name, n)| Some((name, n.parse::<u32>().ok()?))) {
                    Some((name, ordinal)) => Struck::Crash(name.to_owned(), Some(ordinal)),
                    None => Struck::Crash(name.to_owned(), None),
                }
            }
            _ => return None,
        };
        Some(Strike { at, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_shown() {
        for text in ["none", "usual", "harsh", "crash=0.5/d", "node=1/w for 2h, slow=12.5%"] {
            let faults = Faults::parse(text).expect("rates");
            assert_eq!(Faults::parse(&faults.to_string()).expect("rates"), faults, "{text}");
        }
        assert_eq!(Faults::parse("none").expect("rates").to_string(), "none");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_part() {
        let wrong = [
            "often",
            "crash=1",
            "crash=1/y",
            "crash=-1/d",
            "crash=100000/h",
            "crash=NaN/d",
            "crash=1/d for 2h",
            "slow=120%",
            "slow=0.1",
            "node=1/w for ever",
        ];
        for text in wrong {
            let found = Faults::parse(&format!("slow=1%,{text}")).expect_err(text);
            assert_eq!(found.code, "bad-fault");
            assert!(found.message.contains(text), "{}", found.message);
        }
        for text in ["node n2", "node at 3h", "crash api at 3h for 1h", "fire n1 at 3h"] {
            assert_eq!(Strike::parse(text).expect_err(text).code, "bad-fault", "{text}");
        }
    }

    #[test]
    fn exact_faults_are_read() {
        let strike = |text| Strike::parse(text).expect("a fault");
        let (at, lasts) = (At(30 * HOUR), Some(2 * HOUR));
        let node = Strike { at, what: Struck::Node("n2".to_owned(), lasts) };
        assert_eq!(strike("node n2 at 1d6h for 2h"), node);
        let crash = |ordinal| Struck::Crash("api".to_owned(), ordinal);
        assert_eq!(strike("crash api at 3h").what, crash(None));
        assert_eq!(strike("crash api.1 at 3h").what, crash(Some(1)));
    }
}
