//! Static funding: what every service takes at least from the account that funds it, whatever the
//! plan. What comes in is the whole model; what goes out is one `budget-overspent` per limit that
//! even the cheapest variant of every service at its fewest replicas, over all deployments that
//! draw from the account, exceeds, together with the accounts that are parts of it and with the
//! budgets that the program has drawn from it. Exact; fast; no placement. Of services only
//! resources are counted: their money, carbon and machines depend on the plan.

use crate::problem::{replicas_for, taken, taken_by};
use crate::words;
use crate::{OriginSpans, diagnostics};
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_diag::Diagnostics;
use eclexia_model::{Account, Exact, Limit, Metric, Model, Origin, Resource, Service};
use num_traits::{Signed, Zero};

/// An account's limit that is too small.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overspent {
    pub account: String,
    /// `:cpu`
    pub key: String,
    pub granted: String,
    pub taken: String,
    pub short: String,
    /// Who takes it: `its services`, `its parts`.
    pub what: &'static str,
    pub origin: Origin,
    pub takers: Vec<Taker>,
    pub repair: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taker {
    pub origin: Origin,
    pub text: String,
}

/// Checks every account of the model.
pub fn check_funding(model: &Model, spans: &dyn OriginSpans) -> Diagnostics {
    let over = model.accounts.iter().flat_map(|account| {
        account.limits.iter().filter_map(|limit| overspent(model, account, limit))
    });
    over.map(|over| diagnostics::budget_overspent(&over, spans)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Service,
    /// A draw, or an account that is a part of this one.
    Part,
}

/// What one taker takes of a resource at least.
struct Share {
    by: By,
    origin: Origin,
    amount: Rational,
    text: String,
    /// What would make it less.
    smaller: String,
}

fn overspent(model: &Model, account: &Account, limit: &Limit) -> Option<Overspent> {
    let mut shares = Vec::new();
    takers(model, account, limit, &mut shares);
    let taken: Rational = shares.iter().map(|s| s.amount.clone()).sum();
    if taken <= limit.amount.0 {
        return None;
    }
    let short = &taken - &limit.amount.0;
    shares.retain(|s| s.amount.is_positive());
    let only_services = shares.iter().all(|share| share.by == By::Service);
    let what = if only_services { "its services" } else { "its parts" };
    let repair = repair(&shares, limit, &taken, &short);
    Some(Overspent {
        account: account.name.clone(),
        key: words::key(limit),
        granted: show(limit, &limit.amount.0),
        taken: show(limit, &taken),
        short: show(limit, &short),
        what,
        origin: limit.origin,
        takers: shares.into_iter().map(|s| Taker { origin: s.origin, text: s.text }).collect(),
        repair,
    })
}

/// Everything that takes from a limit of an account.
fn takers(model: &Model, account: &Account, limit: &Limit, shares: &mut Vec<Share>) {
    if let Metric::Of(resource) = limit.metric {
        services(model, account, (resource, limit), shares);
    }
    for draw in &account.draws {
        let of_key = draw.amounts.iter().filter(|(metric, _)| *metric == limit.metric);
        for (_, amount) in of_key {
            shares.push(Share {
                by: By::Part,
                origin: draw.origin,
                amount: amount.0.clone(),
                text: format!("{} is drawn here", show(limit, &amount.0)),
                smaller: "draw less".to_owned(),
            });
        }
    }
    let children = model.accounts.iter().filter(|a| a.parent.as_ref() == Some(&account.name));
    for child in children {
        match child.limits.iter().find(|own| own.metric == limit.metric) {
            Some(own) => shares.push(Share {
                by: By::Part,
                origin: own.origin,
                amount: own.amount.0.clone(),
                text: format!("`{}` takes {}", child.name, show(limit, &own.amount.0)),
                smaller: format!("give `{}` less", child.name),
            }),
            // What it does not limit itself comes out of the account above.
            None => takers(model, child, limit, shares),
        }
    }
}

fn services(
    model: &Model,
    account: &Account,
    (resource, limit): (Resource, &Limit),
    shares: &mut Vec<Share>,
) {
    let drawing =
        model.deployments.iter().filter(|d| d.account.as_deref() == Some(account.name.as_str()));
    let several = drawing.clone().count() > 1;
    for dep in drawing {
        let place = if several { format!(" in `{}`", dep.name) } else { String::new() };
        for service in &dep.services {
            shares.push(share(service, resource, limit, &place));
        }
        for job in &dep.jobs {
            let amount = taken_by(job, resource);
            let text = format!("`{}`{place} takes {}", job.name, show(limit, &amount));
            let smaller = format!("give `{}` a smaller variant", job.name);
            shares.push(Share { by: By::Service, origin: job.origin, amount, text, smaller });
        }
    }
}

/// The least a service takes over its variants, each at the fewest replicas that serve its demand.
fn share(service: &Service, resource: Resource, limit: &Limit, place: &str) -> Share {
    let least = service.variants.iter().filter_map(|variant| {
        let covering = match &service.demand {
            Some(demand) => replicas_for(demand, variant).filter(|n| *n <= service.replicas.max)?,
            None => 0,
        };
        let replicas = covering.max(service.replicas.min);
        let each = taken(service, variant, resource);
        Some((&each * int(i64::from(replicas)), each, replicas, &variant.name))
    });
    let name = &service.name;
    // With no variant that serves the demand, planning says so; here nothing is taken.
    let Some((amount, each, replicas, variant)) = least.min_by(|a, b| a.0.cmp(&b.0)) else {
        let text = format!("`{name}`{place} takes nothing");
        return Share {
            by: By::Service,
            origin: service.origin,
            amount: Rational::zero(),
            text,
            smaller: String::new(),
        };
    };
    let with = if service.variants.len() > 1 { format!(" as `{variant}`") } else { String::new() };
    let product = if replicas > 1 {
        format!(", {replicas} × {}", show(limit, &each))
    } else {
        String::new()
    };
    let text = format!("`{name}`{place} takes {}{with}{product}", show(limit, &amount));
    let smaller = format!("give `{name}` a smaller variant");
    Share { by: By::Service, origin: service.origin, amount, text, smaller }
}

/// `Raise :cpu to 5cpu, or give `db` a smaller variant.`: the taker named is the smallest whose
/// share covers what is missing, else the largest.
fn repair(shares: &[Share], limit: &Limit, taken: &Rational, short: &Rational) -> String {
    let covering =
        shares.iter().filter(|s| s.amount > *short).min_by(|a, b| a.amount.cmp(&b.amount));
    let largest = shares.iter().max_by(|a, b| a.amount.cmp(&b.amount));
    let raise = format!("Raise {} to {}", words::key(limit), show(limit, taken));
    match covering.or(largest) {
        Some(taker) => format!("{raise}, or {}.", taker.smaller),
        None => format!("{raise}."),
    }
}

fn show(limit: &Limit, amount: &Rational) -> String {
    limit.unit.show(&Exact(amount.clone()), 6)
}
