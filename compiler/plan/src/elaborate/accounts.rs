//! Accounts: what `defbudget` declares, what deployments are funded from, and what the program has
//! drawn.
//!
//! In: values of `Account`, the `:budget` of deployments, and the draws that evaluation has left
//! outstanding. Out: accounts of the model, each after the account it is a part of. Holds: an
//! account stands in the model once, by its name; a deployment's limits are those of its account,
//! and of the accounts above for what that does not limit, less what is drawn and what is given to
//! parts of the account.

use super::diagnostics;
use super::reader::{self, Reader, Record};
use eclexia_base::{Dim, Name, Rational, Span};
use eclexia_core::core::{DefId, ExprId};
use eclexia_model::{Account, Draw, Exact, Limit, Metric, Model, Resource, UnitText};
use eclexia_rt::Outstanding;
use eclexia_rt::value::{Site, Value};
use num_traits::{Signed, Zero};

/// The metrics of `Limits`, by field name.
const METRICS: [(&str, Metric); 10] = [
    ("cpu", Metric::Of(Resource::Cpu)),
    ("memory", Metric::Of(Resource::Memory)),
    ("storage", Metric::Of(Resource::Storage)),
    ("gpu", Metric::Of(Resource::Gpu)),
    ("network", Metric::Of(Resource::Network)),
    ("energy", Metric::Of(Resource::Energy)),
    ("time", Metric::Of(Resource::Time)),
    ("cost", Metric::Cost),
    ("carbon", Metric::Carbon),
    ("nodes", Metric::Nodes),
];

fn metric(key: Name) -> Option<Metric> {
    METRICS.iter().find(|(field, _)| key == *field).map(|(_, metric)| *metric)
}

/// An account and those above it, once each; its name.
pub(super) fn declare(reader: &mut Reader, model: &mut Model, value: &Value) -> Option<String> {
    let record = reader.record(value, None)?;
    let name = reader.text(&record, "name");
    if model.accounts.iter().any(|account| account.name == name) {
        return Some(name);
    }
    let parent = reader.option(&record, "parent").cloned();
    let parent = parent.and_then(|parent| declare(reader, model, &parent));
    let limits = reader.record(reader.field(&record, "limits")?, record.span)?;
    let span = reader.definition_span(&limits, &name);
    let mut found = Vec::new();
    for (field, metric) in METRICS {
        let Some((limit, span)) = limit(reader, &limits, field, metric) else { continue };
        if limit.amount < Exact::int(0) {
            reader.report(diagnostics::negative_amount(field, span));
        }
        found.push(limit);
    }
    let origin = reader.origin(span);
    let account = Account { name: name.clone(), limits: found, parent, draws: Vec::new(), origin };
    model.accounts.push(account);
    Some(name)
}

/// The limit in a field that may be left out, and the amount's place.
fn limit(
    reader: &mut Reader,
    record: &Record,
    field: &str,
    metric: Metric,
) -> Option<(Limit, Option<Span>)> {
    let value = reader.option(record, field)?;
    let amount = reader::amount(value)?;
    let span = reader.field_span(record, field);
    let unit = match value {
        Value::Quantity(x, dim) => reader.unit_at(span, *x, *dim),
        _ => UnitText { text: String::new(), scale: Exact::int(1) },
    };
    Some((Limit { metric, amount, unit, origin: reader.origin(span) }, span))
}

/// What a deployment's jobs may take together in any one hour: the fields of `Peak`, which are
/// some of those of `Limits`.
pub(super) fn peaks(reader: &mut Reader, spec: &Record) -> Vec<Limit> {
    let span = reader.field_span(spec, "peak");
    let Some(peak) = reader.field(spec, "peak").and_then(|value| reader.record(value, span)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (field, metric) in METRICS {
        let Some((limit, span)) = limit(reader, &peak, field, metric) else { continue };
        if limit.amount <= Exact::int(0) {
            reader.report(diagnostics::negative_amount(field, span));
        }
        found.push(limit);
    }
    found
}

/// What pays for a deployment: the name of its account, and the limits. A budget of its own is an
/// account of the deployment's name.
pub(super) fn funding(
    reader: &mut Reader,
    model: &mut Model,
    spec: &Record,
    deployment: &str,
) -> (Option<String>, Vec<Limit>) {
    let Some(value) = reader.field(spec, "budget").cloned() else { return (None, Vec::new()) };
    let (ctor, args) = reader.variant(&value);
    let name = match (ctor, args) {
        ("FromAccount", [account]) => declare(reader, model, account),
        ("FromBudget", [Value::Budget(holding)]) => {
            let span = reader.field_span(spec, "budget");
            let total = holding.total();
            let limits = total.iter().filter_map(|(key, value, dim)| {
                let metric = metric(key)?;
                let unit = unit(reader, value, dim);
                let origin = reader.origin(span);
                Some(Limit { metric, amount: Exact(value.clone()), unit, origin })
            });
            let limits: Vec<Limit> = limits.collect();
            let (name, origin) = (deployment.to_owned(), reader.origin(span));
            let draws = Vec::new();
            let own = Account { name: name.clone(), limits, parent: None, draws, origin };
            model.accounts.push(own);
            Some(name)
        }
        _ => None,
    };
    let limits = name.as_deref().map(|name| effective(model, name)).unwrap_or_default();
    (name, limits)
}

fn unit(reader: &Reader, value: &Rational, dim: Dim) -> UnitText {
    let (text, scale) = reader.units.best(eclexia_base::number::to_f64(value), dim);
    if dim == Dim::ONE {
        return UnitText { text: String::new(), scale: Exact::int(1) };
    }
    UnitText { text, scale: Exact(scale) }
}

/// An account's limits, and those above it of what it does not limit.
fn effective(model: &Model, name: &str) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    let mut at = Some(name);
    while let Some(account) = at.and_then(|name| model.accounts.iter().find(|a| a.name == name)) {
        for limit in &account.limits {
            if limits.iter().all(|known| known.metric != limit.metric) {
                limits.push(limit.clone());
            }
        }
        at = account.parent.as_deref();
    }
    limits
}

/// What the program has drawn and not given back, with the places of the draws.
pub(super) fn draws(reader: &mut Reader, model: &mut Model, draws: &[Outstanding]) {
    for draw in draws {
        let span = span_of(reader, draw.site);
        let origin = reader.origin(span);
        let known =
            |(key, value, _): (Name, &Rational, Dim)| Some((metric(key)?, Exact(value.clone())));
        let amounts = draw.amounts.iter().filter_map(known).collect();
        let account = model.accounts.iter_mut().find(|account| account.name == draw.account);
        if let Some(account) = account {
            account.draws.push(Draw { amounts, origin });
        }
    }
}

/// Deployments plan with what draws and parts of their account leave; never with less than nothing,
/// which `funding` reports.
pub(super) fn leave_rest(model: &mut Model) {
    let Model { accounts, deployments, .. } = model;
    for deployment in deployments {
        let Some(name) = deployment.account.clone() else { continue };
        for limit in &mut deployment.limits {
            let Some(payer) = payer(accounts, &name, limit.metric) else { continue };
            let taken = given_away(accounts, payer, limit.metric);
            if taken.is_positive() {
                let left = &limit.amount.0 - taken;
                limit.amount = Exact(if left.is_negative() { Rational::zero() } else { left });
            }
        }
    }
}

/// The account that limits a metric, from `name` upwards.
fn payer<'m>(accounts: &'m [Account], name: &str, metric: Metric) -> Option<&'m Account> {
    let account = accounts.iter().find(|account| account.name == name)?;
    if account.limits.iter().any(|limit| limit.metric == metric) {
        return Some(account);
    }
    payer(accounts, account.parent.as_deref()?, metric)
}

/// What is drawn from an account, and what other accounts are parts of it.
fn given_away(accounts: &[Account], account: &Account, metric: Metric) -> Rational {
    let drawn = account.draws.iter().flat_map(|draw| &draw.amounts);
    let drawn: Rational = drawn.filter(|(m, _)| *m == metric).map(|(_, a)| a.0.clone()).sum();
    let children = accounts.iter().filter(|a| a.parent.as_ref() == Some(&account.name));
    let parts: Rational = children
        .map(|child| match child.limits.iter().find(|limit| limit.metric == metric) {
            Some(own) => own.amount.0.clone(),
            None => given_away(accounts, child, metric),
        })
        .sum();
    drawn + parts
}

fn span_of(reader: &Reader, site: Site) -> Option<Span> {
    let map = reader.program.maps.get(DefId(site.def))?;
    map.exprs.get(ExprId(site.expr)).map(|place| place.span)
}
