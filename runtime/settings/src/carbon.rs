//! carbon-config.toml as values: who is asked, where, how often; and what a tonne costs.

use crate::settings::{Origin, Settings};
use crate::table::CARBON;
use crate::value::Value;
use std::time::Duration;

/// Money that prices can be in.
pub const CURRENCIES: [&str; 3] = ["USD", "EUR", "GBP"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SourceKind {
    ElectricityMaps,
    WattTime,
    /// The table of yearly averages.
    Yearly,
}

impl SourceKind {
    pub const ALL: [SourceKind; 3] =
        [SourceKind::ElectricityMaps, SourceKind::WattTime, SourceKind::Yearly];

    /// As settings write it.
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::ElectricityMaps => "electricitymaps",
            SourceKind::WattTime => "wattime",
            SourceKind::Yearly => "yearly",
        }
    }

    /// As its people write it.
    pub fn title(self) -> &'static str {
        match self {
            SourceKind::ElectricityMaps => "Electricity Maps",
            SourceKind::WattTime => "WattTime",
            SourceKind::Yearly => "yearly averages",
        }
    }
}

/// A service: where it is asked, and how long an answer is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceSettings {
    /// Without a `/` at its end.
    pub api_url: String,
    pub refresh_interval: Duration,
}

/// What an emission costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CarbonPrice {
    /// In the currency, for a tonne of CO2e.
    pub per_tonne: f64,
    pub currency: &'static str,
    /// Whether a file says it.
    pub is_set: bool,
}

impl CarbonPrice {
    /// US dollars for a gram, where a file says them: there are no rates of exchange here.
    pub fn dollars_per_gram(&self) -> Option<f64> {
        (self.is_set && self.currency == "USD").then_some(self.per_tonne / 1e6)
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct CarbonSettings {
    pub primary: SourceKind,
    pub fallback: SourceKind,
    pub electricitymaps: ServiceSettings,
    pub wattime: ServiceSettings,
    pub price: CarbonPrice,
}

impl Settings {
    pub fn carbon(&self) -> CarbonSettings {
        let source = |key: &str| {
            let word = self.word(CARBON, "sources", key);
            let found = SourceKind::ALL.into_iter().find(|kind| kind.name() == word);
            found.unwrap_or_else(|| eclexia_base::bug!("a source called {word}"))
        };
        let service = |section: &str| {
            let address = &self.get(CARBON, section, "api_url").value;
            let interval = &self.get(CARBON, section, "refresh_interval").value;
            match (address, interval) {
                (Some(Value::Text(url)), Some(Value::Time(interval))) => {
                    ServiceSettings { api_url: url.clone(), refresh_interval: *interval }
                }
                other => eclexia_base::bug!("`[{section}]` is no service: {other:?}"),
            }
        };
        let price = self.get(CARBON, "carbon_price", "base_price");
        let per_tonne = match &price.value {
            Some(Value::Number(number)) => *number,
            // Base units are for a gram.
            Some(Value::Amount(amount)) => amount.base_units() * 1e6,
            other => eclexia_base::bug!("`base_price` is no price: {other:?}"),
        };
        CarbonSettings {
            primary: source("primary"),
            fallback: source("fallback"),
            electricitymaps: service("electricitymaps"),
            wattime: service("wattime"),
            price: CarbonPrice {
                per_tonne,
                currency: self.word(CARBON, "carbon_price", "currency"),
                is_set: price.origin != Origin::Default,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_diag::Sources;

    #[test]
    fn without_settings_both_services_are_asked() {
        let carbon = Settings::defaults().carbon();
        assert_eq!(carbon.primary, SourceKind::ElectricityMaps);
        assert_eq!(carbon.fallback, SourceKind::WattTime);
        assert_eq!(carbon.electricitymaps.refresh_interval, Duration::from_secs(900));
        let price = CarbonPrice { per_tonne: 100.0, currency: "USD", is_set: false };
        assert_eq!((carbon.price, price.dollars_per_gram()), (price, None));
        assert_eq!(CarbonPrice { is_set: true, ..price }.dollars_per_gram(), Some(1e-4));
    }

    #[test]
    fn a_price_is_a_number_or_an_amount() {
        let text = "[carbon_price]\nbase_price = \"0.085 EUR/kgCO2e\"\ncurrency = \"EUR\"\n";
        let (settings, found) = Settings::of_texts(&[(CARBON, text)], &mut Sources::new());
        assert!(found.is_empty());
        let price = settings.carbon().price;
        assert!((price.per_tonne - 85.0).abs() < 1e-9, "{price:?}");
        assert_eq!((price.currency, price.dollars_per_gram()), ("EUR", None));
    }
}
