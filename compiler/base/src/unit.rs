//! Units: a dimension and an exact factor to its base. The table of the language, unit expressions
//! (`gCO2e/kWh`, `cpu*h`, `m^2`), and the choice of a unit for printing.
//!
//! Base units: core, byte (B), s, J, gCO2e, USD, EUR, GBP, gpu, req. A user's `defdimension` and
//! `defunit` extend a copy of the table.

use crate::number::{int, pow10, ratio, to_f64};
use crate::{Dim, FxHashMap, Name, Rational};
use num_traits::Zero;
use std::sync::LazyLock;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    pub dim: Dim,
    /// One of this unit is `scale` base units.
    pub scale: Rational,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UnitError {
    /// No unit of that spelling; the nearest ones, best first.
    Unknown { name: String, nearest: Vec<String> },
    /// Not of the form `a*b/c^2`.
    Malformed,
}

/// Units by spelling. Cloned and extended by modules that define their own.
#[derive(Clone, Debug)]
pub struct UnitTable {
    units: FxHashMap<Name, Unit>,
    /// In the order of definition: printing prefers earlier units of equal fit.
    order: Vec<Name>,
}

impl Default for UnitTable {
    fn default() -> Self {
        UnitTable::language().clone()
    }
}

impl UnitTable {
    /// The units every program has: made once, for it takes longer than most that is asked of it.
    pub fn language() -> &'static UnitTable {
        static LANGUAGE: LazyLock<UnitTable> = LazyLock::new(UnitTable::of_language);
        &LANGUAGE
    }

    fn of_language() -> UnitTable {
        let mut table = UnitTable { units: FxHashMap::default(), order: Vec::new() };
        let mut add = |name: &str, base: &str, scale: Rational| {
            table.define(Name::new(name), Unit { dim: Dim::base(base), scale });
        };
        add("cpu", "core", int(1));
        add("mcpu", "core", ratio(1, 1000));
        for (i, prefix) in ["", "k", "M", "G", "T"].iter().enumerate() {
            add(&format!("{prefix}B"), "byte", pow10(3 * i as i64));
        }
        for (i, prefix) in ["Ki", "Mi", "Gi", "Ti"].iter().enumerate() {
            let scale = int(1i64 << (10 * (i + 1)));
            add(&format!("{prefix}B"), "byte", scale.clone());
            add(prefix, "byte", scale);
        }
        for (i, name) in ["bit", "kbit", "Mbit", "Gbit"].iter().enumerate() {
            add(name, "byte", pow10(3 * i as i64) / int(8));
        }
        for (name, scale) in
            [("s", int(1)), ("ms", pow10(-3)), ("us", pow10(-6)), ("ns", pow10(-9))]
        {
            add(name, "s", scale);
        }
        for (name, seconds) in [
            ("min", 60),
            ("h", 3600),
            ("day", 86_400),
            ("week", 604_800),
            ("month", 2_628_000),
            ("year", 31_536_000),
        ] {
            add(name, "s", int(seconds));
        }
        for (name, joules) in [
            ("J", 1),
            ("kJ", 1000),
            ("MJ", 1_000_000),
            ("Wh", 3600),
            ("kWh", 3_600_000),
            ("MWh", 3_600_000_000),
        ] {
            add(name, "J", int(joules));
        }
        for (name, scale) in [("mJ", pow10(-3)), ("uJ", pow10(-6)), ("nJ", pow10(-9))] {
            add(name, "J", scale);
        }
        for (name, grams) in [("gCO2e", 1), ("kgCO2e", 1000), ("tCO2e", 1_000_000)] {
            add(name, "gCO2e", int(grams));
        }
        for name in ["USD", "EUR", "GBP", "gpu", "req"] {
            add(name, name, int(1));
        }
        let watt = Dim::base("J").over(Dim::base("s"));
        for (name, scale) in [("W", int(1)), ("mW", pow10(-3)), ("kW", int(1000))] {
            table.define(Name::new(name), Unit { dim: watt, scale });
        }
        table
    }

    /// Adds or replaces a unit.
    pub fn define(&mut self, name: Name, unit: Unit) {
        if self.units.insert(name, unit).is_none() {
            self.order.push(name);
        }
    }

    pub fn get(&self, name: Name) -> Option<&Unit> {
        self.units.get(&name)
    }

    pub fn names(&self) -> &[Name] {
        &self.order
    }

    /// Reads `kWh`, `gCO2e/kWh`, `cpu*h`, `req/s^2`: factors joined by `*` and `/`, left to right.
    pub fn parse(&self, text: &str) -> Result<Unit, UnitError> {
        let mut result = Unit { dim: Dim::ONE, scale: int(1) };
        let mut rest = text;
        let mut sign = 1;
        loop {
            let end = rest.find(['*', '/']).unwrap_or(rest.len());
            let (factor, power) = self.parse_factor(&rest[..end])?;
            result.dim = result.dim.times(factor.dim.pow(sign * power));
            result.scale *= num_traits::Pow::pow(&factor.scale, sign * power);
            if end == rest.len() {
                return Ok(result);
            }
            sign = if rest.as_bytes()[end] == b'*' { 1 } else { -1 };
            rest = &rest[end + 1..];
        }
    }

    fn parse_factor(&self, text: &str) -> Result<(Unit, i32), UnitError> {
        let (name, power) = text.split_once('^').unwrap_or((text, "1"));
        let power: i32 = power.parse().map_err(|_| UnitError::Malformed)?;
        if name.is_empty() || power.abs() > 16 {
            return Err(UnitError::Malformed);
        }
        if name == "1" {
            return Ok((Unit { dim: Dim::ONE, scale: int(1) }, power));
        }
        match self.get(Name::new(name)) {
            Some(unit) => Ok((unit.clone(), power)),
            None => Err(UnitError::Unknown { name: name.to_owned(), nearest: self.nearest(name) }),
        }
    }

    /// Spellings near `name`: `m` gives `mcpu ms`, `Kb` gives `kB`, `GIB` gives `GiB`.
    pub fn nearest(&self, name: &str) -> Vec<String> {
        let fold = name.to_lowercase();
        if name == "m" {
            return vec!["mcpu".to_owned(), "ms".to_owned()];
        }
        if let Some((_, unit)) =
            SPELLED_OUT.iter().find(|(word, _)| fold.trim_end_matches('s') == *word)
        {
            return vec![(*unit).to_owned()];
        }
        let mut scored: Vec<(usize, usize, &str)> = Vec::new();
        for (i, unit) in self.order.iter().enumerate() {
            let text = unit.as_str();
            let distance =
                if text.to_lowercase() == fold { 0 } else { 1 + edit_distance(text, name) };
            let prefix = text.starts_with(name) || fold.starts_with(&text.to_lowercase());
            if distance <= 1 + name.chars().count().div_ceil(3).max(1) || (prefix && text.len() > 1)
            {
                scored.push((distance, i, text));
            }
        }
        scored.sort_unstable();
        scored.into_iter().take(3).map(|(_, _, t)| t.to_owned()).collect()
    }

    /// The unit for printing `value` (in base units) of dimension `dim`: among single units the
    /// largest that keeps the number at least 1, preferring binary byte units where they divide
    /// evenly; for compound dimensions the customary ones of [`CUSTOMARY`], else base units.
    pub fn best(&self, value: f64, dim: Dim) -> (String, Rational) {
        let magnitude = value.abs();
        let mut best: Option<(String, Rational)> = None;
        let mut smallest: Option<(String, Rational)> = None;
        for (text, scale) in self.candidates(dim) {
            let s = to_f64(&scale);
            if magnitude >= s * (1.0 - 1e-12) && best.as_ref().is_none_or(|(_, b)| scale > *b) {
                best = Some((text.clone(), scale.clone()));
            }
            if smallest.as_ref().is_none_or(|(_, b)| scale < *b) {
                smallest = Some((text, scale));
            }
        }
        let base = self.candidates(dim).into_iter().find(|(_, s)| *s == int(1));
        if magnitude.is_zero() {
            return base.or(smallest).unwrap_or_else(|| (base_text(dim), int(1)));
        }
        // 1MJ is 277.777778Wh: a smaller unit that says it in few digits is better.
        let is_short = |(_, scale): &(String, Rational)| {
            let millionths = magnitude / to_f64(scale) * 1e6;
            (millionths - millionths.round()).abs() <= millionths * 1e-12
        };
        if best.as_ref().is_some_and(|b| !is_short(b)) {
            let is_small = |scale: &Rational| (1.0..1e4).contains(&(magnitude / to_f64(scale)));
            let fits = |c: &(String, Rational)| is_short(c) && is_small(&c.1);
            // 1GB is 953.674316MiB.
            let decimal = ["kB", "MB", "GB", "TB"].into_iter().filter_map(|name| {
                let unit = self.get(Name::new(name)).filter(|unit| unit.dim == dim)?;
                Some((name.to_owned(), unit.scale.clone()))
            });
            let shorter = self.candidates(dim).into_iter().chain(decimal).filter(fits);
            best = shorter.max_by(|a, b| a.1.cmp(&b.1)).or(best);
        }
        best.or(smallest).unwrap_or_else(|| (base_text(dim), int(1)))
    }

    fn candidates(&self, dim: Dim) -> Vec<(String, Rational)> {
        const SKIPPED: [&str; 14] = [
            "Ki", "Mi", "Gi", "Ti", "kB", "MB", "GB", "TB", "bit", "kbit", "Mbit", "Gbit", "MJ",
            "MWh",
        ];
        let customary = CUSTOMARY.iter().filter_map(|text| Some((*text, self.parse(text).ok()?)));
        let compound: Vec<(String, Rational)> = customary
            .filter(|(_, unit)| unit.dim == dim)
            .map(|(text, unit)| (text.to_owned(), unit.scale))
            .collect();
        if !compound.is_empty() {
            return compound;
        }
        self.order
            .iter()
            .filter(|name| !SKIPPED.contains(&name.as_str()))
            .filter_map(|name| Some((name, self.get(*name)?)))
            .filter(|(_, unit)| unit.dim == dim)
            .map(|(name, unit)| (name.to_string(), unit.scale.clone()))
            .collect()
    }
}

/// Compound units people write, by the dimension they share.
const CUSTOMARY: [&str; 22] = [
    "USD/month",
    "EUR/month",
    "GBP/month",
    "kgCO2e/month",
    "gCO2e/month",
    "gCO2e/kWh",
    "req/s",
    "cpu*h",
    "GiB/s",
    "MiB/s",
    "Mbit/s",
    "Gbit/s",
    "kbit/s",
    "USD/tCO2e",
    "USD/kgCO2e",
    "USD/req",
    "J/req",
    "W",
    "mW",
    "kW",
    "1/s",
    "GiB*h",
];

/// Words people write for a unit, in lower case and singular.
const SPELLED_OUT: [(&str, &str); 16] = [
    ("sec", "s"),
    ("second", "s"),
    ("minute", "min"),
    ("hour", "h"),
    ("hr", "h"),
    ("d", "day"),
    ("mo", "month"),
    ("yr", "year"),
    ("core", "cpu"),
    ("vcpu", "cpu"),
    ("byte", "B"),
    ("watt", "W"),
    ("joule", "J"),
    ("dollar", "USD"),
    ("euro", "EUR"),
    ("request", "req"),
];

fn base_text(dim: Dim) -> String {
    dim.to_string().replace("core", "cpu").replace("byte", "B")
}

/// `1.5GiB`, `250mcpu`, `95USD/month`: `value` in base units, in its best unit, at most six
/// significant decimals.
pub fn display(value: f64, dim: Dim, table: &UnitTable) -> String {
    if dim == Dim::ONE {
        return display_float(value);
    }
    let (text, scale) = table.best(value, dim);
    format!("{}{text}", display_number(value / to_f64(&scale)))
}

/// A float as the language writes it: always with a point or exponent (`2.0`, `1e-9`).
pub fn display_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let text = if value != 0.0 && !(1e-5..1e16).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}")
    };
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

/// A number with at most six decimals and no trailing zeros.
pub fn display_number(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 && value != 0.0 { format!("{value:e}") } else { format!("{rounded}") }
}

/// Levenshtein distance over characters; both texts are short.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_expressions_are_exact() {
        let table = UnitTable::language();
        let rate = table.parse("gCO2e/kWh").expect("a unit");
        assert_eq!(rate.scale, ratio(1, 3_600_000));
        assert_eq!(table.parse("USD/month").expect("a unit").scale, ratio(1, 2_628_000));
        assert_eq!(
            table.parse("10"),
            Err(UnitError::Unknown { name: "10".into(), nearest: table.nearest("10") })
        );
        assert_eq!(table.parse("cpu*"), Err(UnitError::Malformed));
        assert_eq!(table.parse("s^-1").expect("a unit").dim.to_string(), "1/s");
    }

    #[test]
    fn a_wrong_unit_names_its_neighbours() {
        let table = UnitTable::language();
        assert_eq!(table.nearest("m"), ["mcpu", "ms"]);
        assert_eq!(table.nearest("gib").first().map(String::as_str), Some("GiB"));
        assert_eq!(table.nearest("sec").first().map(String::as_str), Some("s"));
    }

    #[test]
    fn quantities_print_in_the_largest_unit_that_keeps_them_at_least_one() {
        let table = UnitTable::language();
        let show = |v: f64, base: &str| display(v, Dim::base(base), table);
        assert_eq!(show(0.25, "core"), "250mcpu");
        assert_eq!(show(536_870_912.0, "byte"), "512MiB");
        assert_eq!(show(90.0, "s"), "1.5min");
        assert_eq!(show(0.0, "byte"), "0B");
        let money = Dim::base("USD").over(Dim::base("s"));
        assert_eq!(display(95.0 / 2_628_000.0, money, table), "95USD/month");
    }
}
