//! Deployments of components as the SAGE artefact writes them (Bogdan, Eraşcu and others, 2023):
//! an application as JSON (components with what they need, restrictions by type), and offers of
//! machines as JSON by name. What comes in: text; what goes out: an instance with its names within
//! the bounds that the search asks for, or one fault.
//!
//! Names are compared without blanks around them. Amounts are kept to thousandths.

use eclexia_optimizer::components::{
    Amounts, Component, Instance, MOST_AMOUNT, MOST_COMPONENTS, MOST_COUNT, MOST_OFFERS,
    MOST_PRICE, MOST_RULES, Offer, Rule, Scope,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An instance with the names that a plan speaks of.
#[derive(Clone, Debug)]
pub struct Named {
    pub application: String,
    pub components: Vec<String>,
    pub offers: Vec<String>,
    pub instance: Instance,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is no such JSON.
    Json(String),
    /// A restriction of a type that is not known.
    Type(String),
    /// A restriction of this type lacks a field.
    Field { kind: String, field: &'static str },
    /// No component has this name.
    Name(String),
    /// Two have.
    Twice(String),
    /// What is out of its range.
    Number { what: String, least: i64, most: i64 },
    /// What there is too much of.
    TooMany(&'static str, usize),
}

/// Thousandths in one unit of an amount.
const PARTS: f64 = 1000.0;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApplicationText {
    #[serde(default)]
    application: String,
    components: Vec<ComponentText>,
    #[serde(default)]
    restrictions: Vec<RuleText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ComponentText {
    name: String,
    restrictions: NeedsText,
}

#[derive(Deserialize)]
struct NeedsText {
    #[serde(rename = "CPU", default)]
    cpu: f64,
    #[serde(rename = "Memory", default)]
    memory: f64,
    #[serde(rename = "Storage", default)]
    storage: f64,
}

#[derive(Deserialize)]
struct OfferText {
    cpu: f64,
    memory: f64,
    storage: f64,
    price: f64,
}

/// A restriction of any type: which fields it needs, its type says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuleText {
    #[serde(rename = "Type")]
    kind: String,
    alpha_component: Option<String>,
    beta_component: Option<String>,
    components: Option<Vec<String>>,
    conflicts: Option<Vec<String>>,
    bound: Option<i64>,
    lower_bound: Option<i64>,
    upper_bound: Option<i64>,
    require_component: Option<String>,
    require_instances: Option<i64>,
    provide_component: Option<String>,
    provide_instances: Option<i64>,
    #[serde(alias = "Instances")]
    number: Option<i64>,
    #[serde(alias = "Relation")]
    sign: Option<String>,
}

/// Reads an application and its offers; `at_least` asks for instances of components by name.
pub fn read(application: &str, offers: &str, at_least: &[(String, u32)]) -> Result<Named, Fault> {
    let json = |error: serde_json::Error| Fault::Json(error.to_string());
    let text: ApplicationText = serde_json::from_str(application).map_err(json)?;
    let sold: Map<String, Value> = serde_json::from_str(offers).map_err(json)?;
    few("components", text.components.len(), MOST_COMPONENTS)?;
    few("restrictions", text.restrictions.len(), MOST_RULES)?;
    few("offers", sold.len(), MOST_OFFERS)?;
    let mut names = Names::default();
    let mut instance = Instance::default();
    for component in &text.components {
        let name = names.add(&component.name)?;
        let NeedsText { cpu, memory, storage } = &component.restrictions;
        let needs = amounts(&name, [*cpu, *memory, *storage])?;
        instance.components.push(Component { needs, at_least: 0 });
    }
    for (name, n) in at_least {
        let least = &mut instance.components[names.find(name)?].at_least;
        *least = (*least).max(count(name, i64::from(*n))? as u32);
    }
    for rule in &text.restrictions {
        rule.read(&names, &mut instance.rules)?;
    }
    let mut offers = Vec::with_capacity(sold.len());
    for (name, offer) in sold {
        let offer: OfferText = serde_json::from_value(offer).map_err(json)?;
        let holds = amounts(&name, [offer.cpu, offer.memory, offer.storage])?;
        let price = whole(&format!("the price of {name}"), offer.price, MOST_PRICE)?;
        instance.offers.push(Offer { holds, price });
        offers.push(name);
    }
    Ok(Named { application: text.application, components: names.list, offers, instance })
}

fn few(what: &'static str, found: usize, most: usize) -> Result<(), Fault> {
    if found <= most { Ok(()) } else { Err(Fault::TooMany(what, most)) }
}

fn whole(what: &str, found: f64, most: i64) -> Result<i64, Fault> {
    if found.fract() == 0.0 && (0.0..=most as f64).contains(&found) {
        return Ok(found as i64);
    }
    Err(Fault::Number { what: what.to_owned(), least: 0, most })
}

fn amounts(name: &str, found: [f64; 3]) -> Result<Amounts, Fault> {
    let most = MOST_AMOUNT / PARTS as i64;
    let mut amounts = [0; 3];
    for (amount, found) in amounts.iter_mut().zip(found) {
        if !(0.0..=most as f64).contains(&found) {
            return Err(Fault::Number { what: format!("an amount of {name}"), least: 0, most });
        }
        *amount = (found * PARTS).round() as i64;
    }
    Ok(amounts)
}

fn count(what: &str, found: i64) -> Result<i64, Fault> {
    if (0..=MOST_COUNT).contains(&found) {
        return Ok(found);
    }
    Err(Fault::Number { what: what.to_owned(), least: 0, most: MOST_COUNT })
}

#[derive(Default)]
struct Names {
    list: Vec<String>,
    known: BTreeMap<String, usize>,
}

impl Names {
    fn add(&mut self, name: &str) -> Result<String, Fault> {
        let name = name.trim().to_owned();
        if self.known.insert(name.clone(), self.list.len()).is_some() {
            return Err(Fault::Twice(name));
        }
        self.list.push(name.clone());
        Ok(name)
    }

    fn find(&self, name: &str) -> Result<usize, Fault> {
        let found = self.known.get(name.trim());
        found.copied().ok_or_else(|| Fault::Name(name.trim().to_owned()))
    }

    fn all(&self, names: &[String]) -> Result<Vec<usize>, Fault> {
        names.iter().map(|name| self.find(name)).collect()
    }
}

impl RuleText {
    fn need<'a, T>(&self, field: &'static str, found: &'a Option<T>) -> Result<&'a T, Fault> {
        found.as_ref().ok_or_else(|| Fault::Field { kind: self.kind.clone(), field })
    }

    fn components(&self, names: &Names) -> Result<Vec<usize>, Fault> {
        let mut found = names.all(self.need("Components", &self.components)?)?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn number(&self, field: &'static str, found: &Option<i64>) -> Result<i64, Fault> {
        count(&format!("{field} of {}", self.kind), *self.need(field, found)?)
    }

    fn alpha_beta(&self, names: &Names) -> Result<(usize, usize), Fault> {
        let alpha = names.find(self.need("AlphaComponent", &self.alpha_component)?)?;
        let beta = names.find(self.need("BetaComponent", &self.beta_component)?)?;
        Ok((alpha, beta))
    }

    /// The component that requires, and the one that provides.
    fn require_provide(&self, names: &Names) -> Result<(usize, usize), Fault> {
        let require = names.find(self.need("RequireComponent", &self.require_component)?)?;
        let provide = names.find(self.need("ProvideComponent", &self.provide_component)?)?;
        Ok((require, provide))
    }

    /// `least ≤ Σ count ≤ most` over the components.
    fn bound(&self, names: &Names, least: Option<i64>, most: Option<i64>) -> Result<Rule, Fault> {
        let terms = self.components(names)?.into_iter().map(|c| (c, 1)).collect();
        Ok(Rule::Counts { terms, least, most, scope: Scope::Deployed })
    }

    fn read(&self, names: &Names, rules: &mut Vec<Rule>) -> Result<(), Fault> {
        rules.push(match self.kind.as_str() {
            "Conflict" | "Conflicts" => Rule::Conflict {
                one: names.find(self.need("AlphaComponent", &self.alpha_component)?)?,
                others: self.components(names)?,
            },
            "Colocation" => Rule::Together(self.components(names)?),
            "OneToOneDependency" => {
                let (alpha, beta) = self.alpha_beta(names)?;
                Rule::Together(vec![alpha, beta])
            }
            "FullDeployment" => {
                let besides = names.all(self.conflicts.as_deref().unwrap_or_default())?;
                let all = self.components(names)?.into_iter();
                rules.extend(all.map(|component| {
                    let besides = besides.clone();
                    Rule::Everywhere { component, besides }
                }));
                return Ok(());
            }
            "ExclusiveDeployment" => Rule::OneOf(self.components(names)?),
            "AlternativeComponents" => {
                let (alpha, beta) = self.alpha_beta(names)?;
                Rule::OneOf(vec![alpha, beta])
            }
            "LowerBound" => self.bound(names, Some(self.number("Bound", &self.bound)?), None)?,
            "UpperBound" => self.bound(names, None, Some(self.number("Bound", &self.bound)?))?,
            "EqualBound" => {
                let bound = Some(self.number("Bound", &self.bound)?);
                self.bound(names, bound, bound)?
            }
            "RangeBound" => {
                let least = self.number("LowerBound", &self.lower_bound)?;
                let most = self.number("UpperBound", &self.upper_bound)?;
                self.bound(names, Some(least), Some(most))?
            }
            _ => self.dependency(names)?,
        });
        Ok(())
    }

    /// Rules that tie one count to another.
    fn dependency(&self, names: &Names) -> Result<Rule, Fault> {
        let counts = |terms: [(usize, i64); 2], least, most| {
            let terms = terms.to_vec();
            Rule::Counts { terms, least, most, scope: Scope::All }
        };
        Ok(match self.kind.as_str() {
            "RequireProvide" | "RequireProvideDependency" => {
                let (require, provide) = self.require_provide(names)?;
                let asks = self.number("RequireInstances", &self.require_instances)?;
                let gives = self.number("ProvideInstances", &self.provide_instances)?;
                counts([(require, -asks), (provide, gives)], Some(0), None)
            }
            "BoundedRequireProvide" => {
                let (require, provide) = self.require_provide(names)?;
                let gives = self.number("ProvideInstances", &self.provide_instances)?;
                counts([(require, -1), (provide, gives)], Some(0), Some((gives - 1).max(0)))
            }
            "OneToManyDependency" => {
                let (alpha, beta) = self.alpha_beta(names)?;
                let each = self.number("Number", &self.number)?;
                counts([(alpha, each), (beta, -1)], Some(1), Some(each))
            }
            "ManyToManyDependency" => {
                let (alpha, beta) = self.alpha_beta(names)?;
                let terms = [(alpha, 1), (beta, -1)];
                match self.need("Sign", &self.sign)?.as_str() {
                    "<=" => counts(terms, None, Some(0)),
                    ">=" => counts(terms, Some(0), None),
                    "=" | "==" => counts(terms, Some(0), Some(0)),
                    _ => return Err(Fault::Field { kind: self.kind.clone(), field: "Sign" }),
                }
            }
            unknown => return Err(Fault::Type(unknown.chars().take(40).collect())),
        })
    }
}
