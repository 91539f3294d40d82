//! Exact amounts and what they are amounts of.

pub use eclexia_base::Rational;
use eclexia_base::number;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// An exact rational in base units. In JSON a string: a decimal where it is one (`"0.25"`), else
/// `"1/3"`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Exact(pub Rational);

impl Exact {
    pub fn int(n: i64) -> Exact {
        Exact(number::int(n))
    }
    pub fn ratio(n: i64, d: i64) -> Exact {
        Exact(number::ratio(n, d))
    }
    pub fn to_f64(&self) -> f64 {
        number::to_f64(&self.0)
    }
    /// The exact value of a float read from data, rounded to 12 significant digits.
    pub fn from_f64(x: f64) -> Option<Exact> {
        number::from_f64_rounded(x, 12).map(Exact)
    }
    pub fn parse(text: &str) -> Option<Exact> {
        match text.split_once('/') {
            Some((n, d)) => {
                let (n, d) = (number::parse_decimal(n)?, number::parse_decimal(d)?);
                (d != number::int(0)).then(|| Exact(n / d))
            }
            None => number::parse_decimal(text).map(Exact),
        }
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = number::to_decimal(&self.0, 12);
        match number::parse_decimal(&short) {
            Some(back) if back == self.0 => f.write_str(&short),
            _ => write!(f, "{}/{}", self.0.numer(), self.0.denom()),
        }
    }
}

impl From<Rational> for Exact {
    fn from(value: Rational) -> Exact {
        Exact(value)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom(format!("`{text}` is no exact number"));
        if text.len() > 400 { Err(bad()) } else { Exact::parse(&text).ok_or_else(bad) }
    }
}

/// What a service requires and a node holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resource {
    /// cores
    Cpu,
    /// bytes
    Memory,
    /// devices
    Gpu,
    /// bytes per second; has a node capacity
    Network,
    /// bytes of volumes; budgeted, not a node capacity
    Storage,
    /// joules per use; budgeted, not a node capacity
    Energy,
    /// seconds per use; budgeted, not a node capacity
    Time,
}

impl Resource {
    pub const ALL: [Resource; 7] = [
        Resource::Cpu,
        Resource::Memory,
        Resource::Gpu,
        Resource::Network,
        Resource::Storage,
        Resource::Energy,
        Resource::Time,
    ];
    /// Whether a node has a capacity for it.
    pub fn is_placed(self) -> bool {
        matches!(self, Resource::Cpu | Resource::Memory | Resource::Gpu | Resource::Network)
    }
    pub fn name(self) -> &'static str {
        match self {
            Resource::Cpu => "cpu",
            Resource::Memory => "memory",
            Resource::Gpu => "gpu",
            Resource::Network => "network",
            Resource::Storage => "storage",
            Resource::Energy => "energy",
            Resource::Time => "time",
        }
    }
}

pub type Resources = BTreeMap<Resource, Exact>;

/// What a budget limits.
///
/// A resource metric counts requests: Σ over services of replicas × `requires` of the chosen
/// variant, plus jobs. `Cost` (USD/s) and `Nodes` count machines. `Carbon` (gCO2e/s) counts
/// machines (idle power and embodied) and pods (dynamic power).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    Cost,
    Carbon,
    Nodes,
    #[serde(untagged)]
    Of(Resource),
}

impl Metric {
    pub fn name(self) -> &'static str {
        match self {
            Metric::Cost => "cost",
            Metric::Carbon => "carbon",
            Metric::Nodes => "nodes",
            Metric::Of(resource) => resource.name(),
        }
    }
}

/// The unit the user wrote, for printing: one unit is `scale` base units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnitText {
    pub text: String,
    pub scale: Exact,
}

impl UnitText {
    /// `value` (base units) as the user writes it, at most `places` decimals: `300USD/month`.
    pub fn show(&self, value: &Exact, places: usize) -> String {
        format!("{}{}", number::to_decimal(&(&value.0 / &self.scale.0), places), self.text)
    }
}
