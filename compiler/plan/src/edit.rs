//! Edits of a deployment in one line, for `what-if`: `team.memory += 4GiB`, `api.replicas = 5`,
//! `carbon-price = 100USD/tCO2e`, `remove region gcp/europe-north1`.
//! What comes in is text; what goes out is an [`Edit`], and by [`Edit::apply`] another deployment.
//! Amounts are exact and must have the dimension of what they change.

#![allow(clippy::result_large_err, reason = "an answer or its refusal, once per question")]

use crate::diagnostics::{unknown_element, what_if_edit};
use eclexia_base::number::{int, parse_decimal};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Rational};
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Exact, Limit, Metric, Resource, Service, UnitText};
use num_traits::{Signed, ToPrimitive};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Set,
    Add,
    Subtract,
}

/// A change of a deployment, with the text that it was written as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    change: Change,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Change {
    /// `target.field operation amount`, `carbon-price = 100USD/tCO2e`
    Amount(Amount),
    /// `remove region gcp/europe-north1`
    Remove { what: Removed, name: String },
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Amount {
    /// An account, the deployment, its `.peak`, or a service; none: the strategy.
    target: Option<String>,
    field: String,
    operation: Operation,
    /// In base units.
    amount: Rational,
    dim: Dim,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Removed {
    Region,
    NodeType,
    Variant,
}

impl Removed {
    const ALL: [(&'static str, Removed); 3] = [
        ("region", Removed::Region),
        ("node-type", Removed::NodeType),
        ("variant", Removed::Variant),
    ];
}

/// The strategy's, which needs no target.
const CARBON_PRICE: &str = "carbon-price";

impl Edit {
    pub fn parse(text: &str, units: &UnitTable) -> Result<Edit, Diagnostic> {
        let change = match text.trim().strip_prefix("remove ") {
            Some(rest) => removal(text, rest)?,
            None => Change::Amount(Amount::parse(text, units)?),
        };
        Ok(Edit { change, text: text.trim().to_owned() })
    }

    /// Sets, raises or lowers a field of a target; the amount in base units.
    pub(crate) fn amount(
        (target, field): (String, String),
        operation: Operation,
        (amount, dim): (Rational, Dim),
        text: String,
    ) -> Edit {
        let of = text.clone();
        let change = Amount { target: Some(target), field, operation, amount, dim, text: of };
        Edit { change: Change::Amount(change), text }
    }

    /// The account, deployment or service that it speaks of, if it does.
    pub fn target(&self) -> Option<&str> {
        match &self.change {
            Change::Amount(amount) => amount.target.as_deref(),
            Change::Remove { what: Removed::Variant, name } => name.split('.').next(),
            Change::Remove { .. } => None,
        }
    }

    /// The deployment after the edit.
    pub fn apply(&self, dep: &Deployment) -> Result<Deployment, Diagnostic> {
        let mut edited = dep.clone();
        match &self.change {
            Change::Amount(amount) => amount.apply(&mut edited)?,
            Change::Remove { what, name } => remove(&mut edited, *what, name, &self.text)?,
        }
        Ok(edited)
    }
}

fn removal(text: &str, rest: &str) -> Result<Change, Diagnostic> {
    let wrong = |why: &str| what_if_edit(text, why);
    let (what, name) = rest
        .trim()
        .split_once(char::is_whitespace)
        .ok_or_else(|| wrong("it removes nothing that has a name"))?;
    let found = Removed::ALL.into_iter().find(|(word, _)| *word == what);
    let (_, what) =
        found.ok_or_else(|| wrong("only a region, a node-type or a variant can be removed"))?;
    Ok(Change::Remove { what, name: name.trim().to_owned() })
}

/// A region or node type that nothing is offered of any more, or a variant less.
fn remove(dep: &mut Deployment, what: Removed, name: &str, text: &str) -> Result<(), Diagnostic> {
    let known: Vec<String> = match what {
        Removed::Region => dep.regions.iter().map(|r| r.name.clone()).collect(),
        Removed::NodeType => dep.node_types.iter().map(|t| t.name.clone()).collect(),
        Removed::Variant => {
            let of = |s: &Service| {
                let each = s.variants.iter().map(|v| format!("{}.{}", s.name, v.name));
                each.collect::<Vec<_>>()
            };
            dep.services.iter().flat_map(of).collect()
        }
    };
    if !known.iter().any(|k| k == name) {
        let word = Removed::ALL.into_iter().find(|(_, w)| *w == what).map_or("", |(word, _)| word);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(unknown_element(word, name, &known));
    }
    match what {
        Removed::Region => dep.offers.retain(|o| o.region != name),
        Removed::NodeType => dep.offers.retain(|o| o.node_type != name),
        Removed::Variant => {
            let is_of = |s: &&mut Service| name.starts_with(&format!("{}.", s.name));
            if let Some(service) = dep.services.iter_mut().find(is_of) {
                if service.variants.len() == 1 {
                    return Err(what_if_edit(text, "it is the only variant of its service"));
                }
                let variant = &name[service.name.len() + 1..];
                service.variants.retain(|v| v.name != variant);
            }
        }
    }
    Ok(())
}

/// A number with its unit at the end of a text: in base units, its dimension, and the unit.
pub(crate) fn amount(value: &str, units: &UnitTable) -> Result<(Rational, Dim, UnitText), String> {
    let end = value
        .char_indices()
        .find(|(i, c)| !is_of_number(value, *i, *c))
        .map_or(value.len(), |(i, _)| i);
    let number = parse_decimal(&value[..end]).ok_or("it sets no amount")?;
    let text = value[end..].trim();
    if text.is_empty() {
        let unit = UnitText { text: String::new(), scale: Exact::int(1) };
        return Ok((number, Dim::ONE, unit));
    }
    let unit = units.parse(text).map_err(|_| format!("`{text}` is no unit"))?;
    let written = UnitText { text: text.to_owned(), scale: Exact(unit.scale.clone()) };
    Ok((number * unit.scale, unit.dim, written))
}

impl Amount {
    fn parse(text: &str, units: &UnitTable) -> Result<Amount, Diagnostic> {
        let wrong = |why: &str| what_if_edit(text, why);
        let at = text.find('=').ok_or_else(|| wrong("it has no `=`"))?;
        let (operation, left) = match text[..at].strip_suffix(['+', '-']) {
            Some(left) if text[..at].ends_with('+') => (Operation::Add, left),
            Some(left) => (Operation::Subtract, left),
            None => (Operation::Set, &text[..at]),
        };
        let left = left.trim();
        let (target, field) = match left.rsplit_once('.') {
            Some((target, field)) => (Some(target.trim().to_owned()), field.trim()),
            None if left == CARBON_PRICE => (None, left),
            None => return Err(wrong("what it changes has no `.`")),
        };
        let (amount, dim, _) = amount(text[at + 1..].trim(), units).map_err(|why| wrong(&why))?;
        Ok(Amount {
            target,
            field: field.trim_start_matches(':').to_owned(),
            operation,
            amount,
            dim,
            text: text.trim().to_owned(),
        })
    }

    fn apply(&self, dep: &mut Deployment) -> Result<(), Diagnostic> {
        let Some(target) = self.target.as_deref() else {
            self.must_be(Dim::base("USD").over(Dim::base("gCO2e")))?;
            dep.strategy.carbon_price = Exact(self.changed(&dep.strategy.carbon_price.0)?);
            return Ok(());
        };
        if target == dep.name || dep.account.as_deref() == Some(target) {
            return self.apply_to_limit(&mut dep.limits);
        }
        if target.strip_suffix(".peak") == Some(&dep.name) {
            return self.apply_to_limit(&mut dep.peaks);
        }
        let known: Vec<String> = dep
            .account
            .iter()
            .cloned()
            .chain(dep.services.iter().map(|s| s.name.clone()))
            .collect();
        match dep.services.iter_mut().find(|s| s.name == target) {
            Some(service) => self.apply_to_service(service),
            None => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Err(unknown_element("budget or service", target, &known))
            }
        }
    }

    fn apply_to_limit(&self, limits: &mut [Limit]) -> Result<(), Diagnostic> {
        let known: Vec<&str> = limits.iter().map(|l| l.metric.name()).collect();
        if !known.contains(&self.field.as_str()) {
            return Err(unknown_element("limit", &self.field, &known));
        }
        for limit in limits.iter_mut().filter(|l| l.metric.name() == self.field) {
            self.must_be(dimension(limit.metric))?;
            limit.amount = Exact(self.changed(&limit.amount.0)?);
        }
        Ok(())
    }

    fn apply_to_service(&self, service: &mut Service) -> Result<(), Diagnostic> {
        let resource = Resource::ALL.into_iter().find(|r| r.name() == self.field);
        if let Some(resource) = resource {
            self.must_be(dimension(Metric::Of(resource)))?;
            for variant in &mut service.variants {
                let old = variant.requires.entry(resource).or_default();
                *old = Exact(self.changed(&old.0)?);
            }
            return Ok(());
        }
        match self.field.as_str() {
            "replicas" => {
                service.replicas.min = self.count(service.replicas.min)?;
                service.replicas.max = match self.operation {
                    Operation::Set => service.replicas.min,
                    _ => self.count(service.replicas.max)?,
                };
            }
            "min-zones" => service.min_zones = self.count(service.min_zones)?,
            "demand" => {
                self.must_be(Dim::base("req").over(Dim::base("s")))?;
                let old = service.demand.clone().unwrap_or_default();
                service.demand = Some(Exact(self.changed(&old.0)?));
            }
            _ => {
                let known = ["replicas", "demand", "min-zones", "cpu", "memory", "gpu", "storage"];
                return Err(unknown_element("field", &self.field, &known));
            }
        }
        Ok(())
    }

    fn count(&self, old: u32) -> Result<u32, Diagnostic> {
        self.must_be(Dim::ONE)?;
        let new = self.changed(&int(i64::from(old)))?;
        let whole = new.is_integer().then(|| new.to_u32()).flatten();
        let whole = whole.filter(|n| (1..=100_000).contains(n));
        whole.ok_or_else(|| what_if_edit(&self.text, "the count would be no whole number above 0"))
    }

    fn changed(&self, old: &Rational) -> Result<Rational, Diagnostic> {
        let new = match self.operation {
            Operation::Set => self.amount.clone(),
            Operation::Add => old + &self.amount,
            Operation::Subtract => old - &self.amount,
        };
        if new.is_negative() {
            return Err(what_if_edit(&self.text, "the amount would be below 0"));
        }
        Ok(new)
    }

    fn must_be(&self, dim: Dim) -> Result<(), Diagnostic> {
        if self.dim == dim {
            return Ok(());
        }
        let wants =
            if dim == Dim::ONE { "a number".to_owned() } else { format!("an amount in {dim}") };
        Err(what_if_edit(&self.text, &format!("`{}` is {wants}", self.field)))
    }
}

/// Whether the character belongs to the number at the start: digits, a sign, a point, and an `e`
/// that an exponent follows.
fn is_of_number(text: &str, at: usize, c: char) -> bool {
    let before = text[..at].chars().next_back();
    let after_e = matches!(before, Some('e' | 'E'));
    match c {
        '0'..='9' | '.' | '_' => true,
        '-' | '+' => at == 0 || after_e,
        'e' | 'E' => {
            let rest = &text[at + 1..];
            let exponent = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            exponent.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    }
}

/// What a limit's amount is an amount of.
pub(crate) fn dimension(metric: Metric) -> Dim {
    let per_second = |base: &str| Dim::base(base).over(Dim::base("s"));
    match metric {
        Metric::Cost => per_second("USD"),
        Metric::Carbon => per_second("gCO2e"),
        Metric::Nodes => Dim::ONE,
        Metric::Of(Resource::Cpu) => Dim::base("core"),
        Metric::Of(Resource::Memory | Resource::Storage) => Dim::base("byte"),
        Metric::Of(Resource::Gpu) => Dim::base("gpu"),
        Metric::Of(Resource::Network) => per_second("byte"),
        Metric::Of(Resource::Energy) => Dim::base("J"),
        Metric::Of(Resource::Time) => Dim::base("s"),
    }
}
