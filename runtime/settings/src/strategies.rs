//! strategies.toml as values: weights by name, and the score of a variant by them.

use crate::settings::{Setting, Settings};
use crate::table::STRATEGIES;
use crate::value::Value;
use std::collections::BTreeMap;

/// Weights of terms that are in dollars.
#[derive(Clone, PartialEq, Debug)]
pub struct Strategy {
    pub title: Option<String>,
    pub description: Option<String>,
    /// Of penalties: what a loss of quality counts.
    pub priority: f64,
    pub latency: f64,
    pub cost: f64,
    pub carbon: f64,
}

impl Default for Strategy {
    /// Money and nothing else, as deployments without a strategy have it.
    fn default() -> Strategy {
        let (title, description) = (None, None);
        Strategy { title, description, priority: 1.0, latency: 0.0, cost: 1.0, carbon: 0.0 }
    }
}

/// What a variant takes and gives up, each in dollars an hour.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Terms {
    pub penalty: f64,
    pub latency: f64,
    pub cost: f64,
    pub carbon: f64,
}

impl Strategy {
    /// What a variant scores: the least is best. The same sum as a plan's objective.
    pub fn score(&self, terms: &Terms) -> f64 {
        self.priority * terms.penalty
            + self.latency * terms.latency
            + self.cost * terms.cost
            + self.carbon * terms.carbon
    }
}

impl Settings {
    /// By name.
    pub fn strategies(&self) -> BTreeMap<String, Strategy> {
        let all = self.all.iter().filter(|setting| setting.file == STRATEGIES);
        let all: BTreeMap<(&str, &str), &Setting> =
            all.map(|setting| ((&*setting.section, setting.key.name), setting)).collect();
        let named = self.strategies.iter().map(|name| {
            let section = format!("strategies.{name}");
            let weight = |key| all[&(section.as_str(), key)].number();
            let text = |key| match &all[&(section.as_str(), key)].value {
                Some(Value::Text(text)) => Some(text.clone()),
                _ => None,
            };
            let strategy = Strategy {
                title: text("name"),
                description: text("description"),
                priority: weight("priority_weight"),
                latency: weight("latency_weight"),
                cost: weight("cost_weight"),
                carbon: weight("carbon_weight"),
            };
            (name.clone(), strategy)
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_diag::Sources;

    #[test]
    fn weights_decide_between_variants() {
        let text = "[strategies.thrifty]\nname = \"Thrift\"\ncost_weight = 1\n\
                    [strategies.fast]\npriority_weight = 2\nlatency_weight = 1\n";
        let (settings, found) = Settings::of_texts(&[(STRATEGIES, text)], &mut Sources::new());
        assert!(found.is_empty());
        let strategies = settings.strategies();
        assert_eq!(strategies["thrifty"].title.as_deref(), Some("Thrift"));
        let full = Terms { penalty: 0.0, latency: 0.1, cost: 3.0, carbon: 0.5 };
        let small = Terms { penalty: 0.5, latency: 0.2, cost: 1.0, carbon: 0.2 };
        let best = |name: &str| strategies[name].score(&full) < strategies[name].score(&small);
        assert!(!best("thrifty") && best("fast"));
        assert_eq!(strategies["fast"].score(&small), 2.0 * 0.5 + 0.2);
    }

    #[test]
    fn a_score_grows_with_every_term_that_has_a_weight() {
        let all = Strategy { latency: 1.0, carbon: 1.0, ..Strategy::default() };
        let terms = Terms { penalty: 1.0, latency: 1.0, cost: 1.0, carbon: 1.0 };
        let more = [
            Terms { penalty: 2.0, ..terms },
            Terms { latency: 2.0, ..terms },
            Terms { cost: 2.0, ..terms },
            Terms { carbon: 2.0, ..terms },
        ];
        assert!(more.iter().all(|more| all.score(more) > all.score(&terms)));
        assert_eq!(Strategy::default().score(&more[1]), Strategy::default().score(&terms));
    }
}
