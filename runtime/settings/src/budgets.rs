//! resource-budgets.toml as values, and the price of a resource by how much of its budget is used.
//!
//! A price is a weight: 1 is what the resource usually costs. With base b, multiplier m and the
//! used share u, all three forms are b at u = 0 and b·m at u = 1; they differ in where they rise:
//!
//! ```text
//! steep        b · m^(u⁴)           m = 10:   u = 0.5  1.15    0.8  2.57    0.9  4.53    1  10
//! exponential  b · m^u                             3.16         6.31         7.94        10
//! linear       b · (1 + (m − 1) u)                 5.5          8.2          9.1         10
//! ```
//!
//! All are continuous and never fall; past the budget they rise on, to at most b·m⁴, so that a
//! price is always a number.

use crate::settings::Settings;
use crate::table::BUDGETS;
use crate::value::Value;
use eclexia_base::Dim;

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;

const SECONDS_OF_A_DAY: f64 = 86_400.0;
/// The largest power of the multiplier.
const MOST_POWER: f64 = 4.0;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Resource {
    Energy,
    Time,
    Memory,
    Compute,
    Network,
}

impl Resource {
    pub const ALL: [Resource; 5] =
        [Resource::Energy, Resource::Time, Resource::Memory, Resource::Compute, Resource::Network];

    pub fn name(self) -> &'static str {
        match self {
            Resource::Energy => "energy",
            Resource::Time => "time",
            Resource::Memory => "memory",
            Resource::Compute => "compute",
            Resource::Network => "network",
        }
    }

    /// An amount of it for people, such as `1.5 GiB`.
    pub fn shown(self, amount: f64) -> String {
        let units: &[(f64, &str)] = match self {
            Resource::Energy => &[(1.0, "W"), (1e3, "kW")],
            Resource::Time => &[(1e-3, "ms"), (1.0, "s")],
            Resource::Memory => &[(1.0, "B"), (KIB, "KiB"), (MIB, "MiB"), (GIB, "GiB")],
            Resource::Compute => &[(1.0, "cpu")],
            Resource::Network => &[(1.0, "B/s"), (KIB, "KiB/s"), (MIB, "MiB/s"), (GIB, "GiB/s")],
        };
        let fits = units.iter().rev().find(|(scale, _)| amount.abs() >= *scale);
        let (scale, unit) = fits.unwrap_or(&units[0]);
        // Three digits are as good as what is measured.
        let value = amount / scale;
        let power = 10_f64.powi(2 - value.abs().max(0.001).log10().floor() as i32);
        format!("{} {unit}", (value * power).round() / power)
    }

    /// What its use is measured in.
    pub fn unit(self) -> &'static str {
        match self {
            Resource::Energy => "W",
            Resource::Time => "s",
            Resource::Memory => "B",
            Resource::Compute => "cpu",
            Resource::Network => "B/s",
        }
    }
}

/// A part of a budget: 1 is all of it, more is too much.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Share(pub f64);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CostFunction {
    Steep,
    Exponential,
    Linear,
}

/// What may be used of one resource, and its price.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Budget {
    pub resource: Resource,
    /// In the unit of the resource; `None`: as much as there is.
    limit: Option<f64>,
    base: f64,
    multiplier: f64,
}

impl Budget {
    /// In [`Resource::unit`].
    pub fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// The share that a use is, in [`Resource::unit`]. Nothing where there is no budget; what is no
    /// number counts as nothing used.
    pub fn share(&self, used: f64) -> Share {
        let used = if used.is_finite() { used.max(0.0) } else { 0.0 };
        Share(self.limit.map_or(0.0, |limit| used / limit))
    }

    /// The weight of the resource while a share of its budget is used.
    pub fn price(&self, share: Share, function: CostFunction) -> f64 {
        let u = if share.0.is_nan() { 0.0 } else { share.0.max(0.0) };
        let m = self.multiplier;
        let highest = m.powf(MOST_POWER);
        let rise = match function {
            CostFunction::Steep => m.powf(u.powi(4).min(MOST_POWER)),
            CostFunction::Exponential => m.powf(u.min(MOST_POWER)),
            // Of a multiplier of 1 nothing times infinity would be no number.
            CostFunction::Linear => 1.0 + (m - 1.0) * u.min(highest),
        };
        self.base * rise.min(highest)
    }
}

/// In the order of [`Resource::ALL`].
#[derive(Clone, PartialEq, Debug)]
pub struct Budgets(pub [Budget; 5]);

impl Budgets {
    pub fn of(&self, resource: Resource) -> &Budget {
        let found = self.0.iter().find(|budget| budget.resource == resource);
        found.unwrap_or_else(|| eclexia_base::bug!("no budget of {}", resource.name()))
    }

    /// How each budget stands while so much is used, in the order and units of [`Resource::ALL`].
    pub fn standings(&self, used: &[f64; 5], function: CostFunction) -> [Standing; 5] {
        std::array::from_fn(|at| {
            let budget = &self.0[at];
            let share = budget.share(used[at]);
            let (resource, limit) = (budget.resource, budget.limit);
            Standing {
                resource,
                used: used[at],
                limit,
                share,
                price: budget.price(share, function),
            }
        })
    }

    /// The highest price of what is used; 1 where nothing is.
    pub fn dearest(&self, used: &[f64; 5], function: CostFunction) -> f64 {
        let standings = self.standings(used, function).into_iter();
        standings.filter(|s| s.used > 0.0).map(|s| s.price).reduce(f64::max).unwrap_or(1.0)
    }
}

/// How much of a budget is used, and what the resource costs then.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Standing {
    pub resource: Resource,
    /// In [`Resource::unit`], as is the limit.
    pub used: f64,
    pub limit: Option<f64>,
    pub share: Share,
    pub price: f64,
}

impl Settings {
    pub fn budgets(&self) -> Budgets {
        Budgets(Resource::ALL.map(|resource| {
            let name = resource.name();
            let limit = match &self.get(BUDGETS, name, "budget").value {
                Some(Value::Amount(amount)) if is_of_a_day(resource, amount.dim) => {
                    Some(amount.base_units() / SECONDS_OF_A_DAY)
                }
                Some(Value::Amount(amount)) => Some(amount.base_units()),
                _ => None,
            };
            Budget {
                resource,
                limit,
                base: self.number(BUDGETS, name, "shadow_price_base"),
                multiplier: self.number(BUDGETS, name, "shadow_price_multiplier"),
            }
        }))
    }
}

/// Whether an amount is what a day may take: energy and bytes that are not for a time.
fn is_of_a_day(resource: Resource, dim: Dim) -> bool {
    let flows = [Resource::Energy, Resource::Network].contains(&resource);
    flows && crate::amount::dim_of(resource.unit()) != dim
}

/// The tables that the file has, for tests of the two lists.
#[cfg(test)]
fn tables() -> Vec<&'static str> {
    let file = crate::table::file(BUDGETS).expect("it is there");
    file.sections.iter().map(|section| section.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_diag::Sources;
    use proptest::prelude::*;

    const FORMS: [CostFunction; 3] =
        [CostFunction::Steep, CostFunction::Exponential, CostFunction::Linear];

    fn budget(base: f64, multiplier: f64) -> Budget {
        Budget { resource: Resource::Memory, limit: Some(100.0), base, multiplier }
    }

    #[test]
    fn every_resource_has_its_table() {
        assert_eq!(tables(), Resource::ALL.map(Resource::name));
        assert!(Settings::defaults().budgets().0.iter().all(|b| b.limit().is_none()));
    }

    #[test]
    fn energy_without_a_time_is_for_a_day() {
        let text = "[energy]\nbudget = \"12 kWh\"\n[network]\nbudget = \"864 kB\"\n\
                    [memory]\nbudget = \"1 KiB\"\n";
        let (settings, found) = Settings::of_texts(&[(BUDGETS, text)], &mut Sources::new());
        assert!(found.is_empty());
        let budgets = settings.budgets();
        assert_eq!(budgets.of(Resource::Energy).limit(), Some(500.0));
        assert_eq!(budgets.of(Resource::Network).limit(), Some(10.0));
        assert_eq!(budgets.of(Resource::Memory).limit(), Some(1024.0));
    }

    #[test]
    fn a_price_is_its_base_at_first_and_multiplied_at_the_budget() {
        let budget = budget(0.5, 10.0);
        for form in FORMS {
            assert_eq!(budget.price(budget.share(0.0), form), 0.5);
            assert!((budget.price(budget.share(100.0), form) - 5.0).abs() < 1e-12);
        }
        let steep = |u: f64| 2.0 * budget.price(Share(u), CostFunction::Steep);
        let known = [(0.5, 1.155), (0.8, 2.568), (0.9, 4.530)];
        for (u, price) in known {
            assert!((steep(u) - price).abs() < 1e-3, "{u}: {}", steep(u));
        }
        let none = Budget { limit: None, ..budget };
        assert_eq!(none.price(none.share(1e300), CostFunction::Steep), 0.5);
    }

    #[test]
    fn how_budgets_stand_is_share_and_price_of_each() {
        let text = "[memory]\nbudget = \"2 GiB\"\n";
        let (settings, _) = Settings::of_texts(&[(BUDGETS, text)], &mut Sources::new());
        let used = [30.0, 0.0, (3_u64 << 30) as f64, 0.5, 0.0];
        let all = settings.budgets().standings(&used, CostFunction::Linear);
        let memory = all[2];
        assert_eq!((memory.share.0, memory.price), (1.5, 14.5));
        assert_eq!((all[0].share.0, all[0].limit, all[0].price), (0.0, None, 1.0));
        assert_eq!(settings.budgets().dearest(&used, CostFunction::Linear), 14.5);
        assert_eq!(Resource::Memory.shown(memory.used), "3 GiB");
        assert_eq!(Resource::Energy.shown(30.26), "30.3 W");
        assert_eq!(Resource::Time.shown(0.0125), "12.5 ms");
        assert_eq!(Resource::Compute.shown(0.0), "0 cpu");
        assert_eq!(Resource::Network.shown(1234.0), "1.21 KiB/s");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(8),
            ..ProptestConfig::default()
        })]

        #[test]
        fn prices_never_fall_never_jump_and_are_numbers(
            base in 0.0..1e6_f64, multiplier in 1.0..1e6_f64, u in 0.0..3.0_f64,
        ) {
            let budget = budget(base, multiplier);
            for form in FORMS {
                let (here, there) =
                    (budget.price(Share(u), form), budget.price(Share(u + 1e-9), form));
                let grows = there >= here * (1.0 - 1e-12);
                prop_assert!(here.is_finite() && here >= base && grows);
                // The steepest form rises by 4u³ ln(m) of itself: less than 108 · 14.
                prop_assert!(there - here <= 2e-6 * there.max(1.0) * multiplier.max(1.0));
            }
        }

        #[test]
        fn whatever_is_measured_gives_a_price(used in any::<f64>(), multiplier in 1.0..1e6_f64) {
            let budget = budget(1.0, multiplier);
            for form in FORMS {
                let price = budget.price(budget.share(used), form);
                prop_assert!(price.is_finite() && price >= 1.0);
                prop_assert!(budget.price(Share(used), form).is_finite());
            }
        }
    }
}
