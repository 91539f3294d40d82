//! Edits of a deployment in one line, for `what-if`: `team.memory += 4GiB`, `api.replicas = 5`.
//! What comes in is text; what goes out is an [`Edit`], and by [`Edit::apply`] another deployment.
//! Amounts are exact and must have the dimension of what they change.

#![allow(clippy::result_large_err, reason = "an answer or its refusal, once per question")]

use crate::diagnostics::{unknown_element, what_if_edit};
use eclexia_base::number::{int, parse_decimal};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Rational};
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Exact, Metric, Resource, Service};
use num_traits::{Signed, ToPrimitive};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Set,
    Add,
    Subtract,
}

/// `target.field operation amount`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// An account, the deployment, or a service.
    pub target: String,
    pub field: String,
    pub operation: Operation,
    /// In base units.
    pub amount: Rational,
    pub dim: Dim,
    /// As it was written, for messages.
    pub text: String,
}

impl Edit {
    pub fn parse(text: &str, units: &UnitTable) -> Result<Edit, Diagnostic> {
        let wrong = |why: &str| what_if_edit(text, why);
        let at = text.find('=').ok_or_else(|| wrong("it has no `=`"))?;
        let (operation, left) = match text[..at].strip_suffix(['+', '-']) {
            Some(left) if text[..at].ends_with('+') => (Operation::Add, left),
            Some(left) => (Operation::Subtract, left),
            None => (Operation::Set, &text[..at]),
        };
        let (target, field) =
            left.trim().rsplit_once('.').ok_or_else(|| wrong("what it changes has no `.`"))?;
        let value = text[at + 1..].trim();
        let end = value
            .char_indices()
            .find(|(i, c)| !is_of_number(value, *i, *c))
            .map_or(value.len(), |(i, _)| i);
        let number = parse_decimal(&value[..end]).ok_or_else(|| wrong("it sets no amount"))?;
        let (amount, dim) = match &value[end..] {
            "" => (number, Dim::ONE),
            unit => match units.parse(unit) {
                Ok(unit) => (number * unit.scale, unit.dim),
                Err(_) => return Err(wrong(&format!("`{unit}` is no unit"))),
            },
        };
        Ok(Edit {
            target: target.trim().to_owned(),
            field: field.trim().trim_start_matches(':').to_owned(),
            operation,
            amount,
            dim,
            text: text.trim().to_owned(),
        })
    }

    /// The deployment after the edit.
    pub fn apply(&self, dep: &Deployment) -> Result<Deployment, Diagnostic> {
        let mut edited = dep.clone();
        if self.target == dep.name || dep.account.as_deref() == Some(self.target.as_str()) {
            self.apply_to_limit(&mut edited)?;
            return Ok(edited);
        }
        match edited.services.iter_mut().find(|s| s.name == self.target) {
            Some(service) => self.apply_to_service(service)?,
            None => {
                let mut known: Vec<&str> = dep.account.iter().map(String::as_str).collect();
                known.extend(dep.services.iter().map(|s| s.name.as_str()));
                return Err(unknown_element("budget or service", &self.target, &known));
            }
        }
        Ok(edited)
    }

    fn apply_to_limit(&self, dep: &mut Deployment) -> Result<(), Diagnostic> {
        let known: Vec<&str> = dep.limits.iter().map(|l| l.metric.name()).collect();
        if !known.contains(&self.field.as_str()) {
            return Err(unknown_element("limit", &self.field, &known));
        }
        for limit in dep.limits.iter_mut().filter(|l| l.metric.name() == self.field) {
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

fn dimension(metric: Metric) -> Dim {
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
