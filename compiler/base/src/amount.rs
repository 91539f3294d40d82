//! Amounts of resources: exact numbers with a dimension, by key. What budgets hold, statically and
//! at run time.
//!
//! An absent key is zero, and zero is absent; a zero of dimension one fits every dimension. Keys
//! stand in the order of their text, so sums and messages are the same on every run. Whether a
//! difference may be taken is asked first, with [`Amounts::shortage`]; nothing here rounds.

use crate::number::{from_f64_rounded, int, to_decimal, to_f64};
use crate::unit::{UnitTable, display_float};
use crate::{Dim, Name, Rational};
use num_traits::{Signed, Zero};

/// Digits of a computed amount that count: more than people write, fewer than the errors of a
/// computation reach.
const DIGITS: usize = 12;

/// `{:cpu 4cpu :memory 8GiB}`: base units, exactly.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Amounts {
    items: Vec<(Name, Rational, Dim)>,
}

impl Amounts {
    pub fn new(items: impl IntoIterator<Item = (Name, Rational, Dim)>) -> Amounts {
        let mut amounts = Amounts::default();
        for (key, value, dim) in items {
            amounts.add(key, &value, dim);
        }
        amounts
    }

    pub fn iter(&self) -> impl Iterator<Item = (Name, &Rational, Dim)> {
        self.items.iter().map(|(key, value, dim)| (*key, value, *dim))
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn get(&self, key: Name) -> Rational {
        self.find(key).map_or_else(Rational::zero, |at| self.items[at].1.clone())
    }

    fn find(&self, key: Name) -> Option<usize> {
        self.items.binary_search_by(|(k, ..)| k.cmp(&key)).ok()
    }

    pub fn add(&mut self, key: Name, value: &Rational, dim: Dim) {
        if value.is_zero() {
            return;
        }
        match self.items.binary_search_by(|(k, ..)| k.cmp(&key)) {
            Err(at) => self.items.insert(at, (key, value.clone(), dim)),
            Ok(at) => {
                self.items[at].1 += value;
                if self.items[at].1.is_zero() {
                    self.items.remove(at);
                }
            }
        }
    }

    #[must_use]
    pub fn plus(&self, other: &Amounts) -> Amounts {
        let mut sum = self.clone();
        other.iter().for_each(|(key, value, dim)| sum.add(key, value, dim));
        sum
    }

    #[must_use]
    pub fn minus(&self, other: &Amounts) -> Amounts {
        let mut rest = self.clone();
        other.iter().for_each(|(key, value, dim)| rest.add(key, &-value, dim));
        rest
    }

    /// The first key of which there is less than `wanted`, with what is missing.
    pub fn shortage(&self, wanted: &Amounts) -> Option<(Name, Rational, Dim)> {
        wanted.iter().find_map(|(key, value, dim)| {
            let short = value - self.get(key);
            short.is_positive().then_some((key, short, dim))
        })
    }

    /// The first key with amounts of different dimensions on both sides.
    pub fn clash(&self, other: &Amounts) -> Option<(Name, Dim, Dim)> {
        other.iter().find_map(|(key, _, dim)| {
            let own = self.items[self.find(key)?].2;
            (own != dim).then_some((key, own, dim))
        })
    }

    /// `{:cpu 4cpu :memory 8GiB}`
    pub fn text(&self, units: &UnitTable) -> String {
        let one = |(key, value, dim): &(Name, Rational, Dim)| {
            format!(":{key} {}", amount_text(value, *dim, units))
        };
        format!("{{{}}}", self.items.iter().map(one).collect::<Vec<_>>().join(" "))
    }
}

/// An exact amount in the unit that suits it: `4cpu`, `1.5GiB`, `300USD/month`, `3`.
pub fn amount_text(value: &Rational, dim: Dim, units: &UnitTable) -> String {
    if dim == Dim::ONE {
        return match value.is_integer() {
            true => value.to_string(),
            false => display_float(to_f64(value)),
        };
    }
    let (unit, scale) = units.best(to_f64(value), dim);
    let number = to_decimal(&(value / &scale), 9);
    // What nine decimals cannot tell from nothing is said as it is.
    if number == "0" && !value.is_zero() {
        return format!("{value}{unit}");
    }
    format!("{number}{unit}")
}

/// A constant and variables with factors as a type has them: `n`, `(at-least n 2cpu)`,
/// `(- (* 2 n) 1cpu)`.
pub fn sum_text(
    (constant, vars): (&Rational, Vec<(&str, &Rational)>),
    least: Option<&Rational>,
    dim: Option<Dim>,
    units: &UnitTable,
) -> String {
    let dim = dim.unwrap_or(Dim::ONE);
    let amount = |value: &Rational| amount_text(value, dim, units);
    if let ([(name, factor)], Some(least)) = (&vars[..], least)
        && constant.is_zero()
        && **factor == int(1)
        && least.is_positive()
    {
        return format!("(at-least {name} {})", amount(least));
    }
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for (name, factor) in vars {
        let size = factor.abs();
        let text = match size == int(1) {
            true => name.to_owned(),
            false => format!("(* {} {name})", amount_text(&size, Dim::ONE, units)),
        };
        if factor.is_positive() { up.push(text) } else { down.push(text) }
    }
    match constant {
        c if c.is_positive() || (up.is_empty() && down.is_empty()) => up.push(amount(c)),
        c if c.is_negative() => down.push(amount(&-c)),
        _ => {}
    }
    let sum = match &up[..] {
        [] => amount(&Rational::zero()),
        [only] => only.clone(),
        several => format!("(+ {})", several.join(" ")),
    };
    if down.is_empty() { sum } else { format!("(- {sum} {})", down.join(" ")) }
}

/// The dimensions that an amount of this key may have; `None` for keys that a program makes up.
pub fn dims_of(key: Name) -> Option<Vec<Dim>> {
    let base = Dim::base;
    let per_second = |name: &str| base(name).over(base("s"));
    Some(match key.as_str() {
        "cpu" => vec![base("core")],
        "memory" | "storage" => vec![base("byte")],
        "gpu" => vec![base("gpu")],
        "network" => vec![per_second("byte")],
        "energy" => vec![base("J")],
        "power" => vec![per_second("J")],
        "time" | "latency" => vec![base("s")],
        "cost" => {
            let money = ["USD", "EUR", "GBP"];
            money.iter().map(|m| per_second(m)).chain(money.iter().map(|m| base(m))).collect()
        }
        "carbon" => vec![per_second("gCO2e"), base("gCO2e")],
        "nodes" | "replicas" | "steps" => vec![Dim::ONE],
        _ => return None,
    })
}

/// A computed amount, exactly: rounded to twelve significant digits in the unit people write it in
/// (per month for money and carbon, per kWh for intensities), so that `95USD/month` is exactly
/// 95/2628000 USD/s and `0.1 + 0.2` is exactly 3/10. `None` for what is no number.
pub fn exact(x: f64, dim: Dim) -> Option<Rational> {
    let scale = written_scale(dim);
    let rounded = from_f64_rounded(x * to_f64(&scale), DIGITS)?;
    Some(rounded / scale)
}

/// How many base units' worth of `1/dim` people count in.
fn written_scale(dim: Dim) -> Rational {
    let power_of = |base: &str| {
        dim.exponents().iter().find(|(name, _)| *name == *base).map_or(0, |(_, power)| *power)
    };
    let mut scale = int(1);
    let seconds = power_of("s");
    let is_rate = ["USD", "EUR", "GBP", "gCO2e"].iter().any(|base| power_of(base) == 1);
    if is_rate && seconds < 0 {
        scale *= num_traits::Pow::pow(int(2_628_000), -seconds);
    }
    if power_of("J") < 0 {
        scale *= num_traits::Pow::pow(int(3_600_000), -power_of("J"));
    }
    if power_of("USD") == 1 && power_of("gCO2e") < 0 {
        scale *= int(1000);
    }
    scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::ratio;

    fn cpu(n: Rational) -> Amounts {
        Amounts::new([(Name::new("cpu"), n, Dim::base("core"))])
    }

    #[test]
    fn sums_reach_exactly_the_limit() {
        let third = cpu(ratio(1, 3));
        let whole = third.plus(&third).plus(&third);
        assert_eq!(whole.shortage(&cpu(int(1))), None);
        assert!(whole.minus(&cpu(int(1))).is_empty());
        assert_eq!(cpu(ratio(9, 10)).shortage(&cpu(int(1))).map(|s| s.1), Some(ratio(1, 10)));
    }

    #[test]
    fn amounts_read_as_they_are_written() {
        let units = UnitTable::language();
        let month = Dim::base("USD").over(Dim::base("s"));
        assert_eq!(amount_text(&ratio(300, 2_628_000), month, units), "300USD/month");
        assert_eq!(amount_text(&ratio(1, 4), Dim::base("core"), units), "250mcpu");
        assert_eq!(cpu(int(3)).text(units), "{:cpu 3cpu}");
        assert_eq!(exact(95.0 / 2_628_000.0, month), Some(ratio(95, 2_628_000)));
    }
}
