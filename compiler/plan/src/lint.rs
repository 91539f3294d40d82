//! Lints of models: what was written for the planner and never changes a plan. Nothing is planned;
//! all amounts are exact.
//!
//! - A limit never binds when all that could draw on it together, each service in its largest
//!   variant at its most replicas, takes less. Room to grow is a limit's business, so told is only
//!   one of more than [`ROOM`] times as much; and of resources only: what machines cost and emit
//!   depends on the plan.
//! - A variant is dominated when another of its service takes no more of anything, is as fast, as
//!   good and as widely placeable, and better in something: whatever the plan, exchanging it is
//!   better.

use crate::problem::{amount, taken, taken_by};
use crate::{OriginSpans, diagnostics, words};
use eclexia_base::number::int;
use eclexia_base::{FileId, Rational};
use eclexia_diag::{Diagnostics, Sources};
use eclexia_model::{Account, Exact, Limit, Metric, Model, Resource, Service, Variant};
use num_traits::Zero;

/// How many times what can be drawn a limit may be: services double, and double again.
const ROOM: i64 = 4;

/// `never-binding-budget` of accounts that `entry`, the program's own file, declares: others may be
/// drawn on by other programs. `dominated-variant` of all.
pub fn lint(
    model: &Model,
    entry: FileId,
    spans: &dyn OriginSpans,
    sources: &Sources,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    let is_here = |limit: &&Limit| spans.span(limit.origin).is_some_and(|at| at.file == entry);
    for account in &model.accounts {
        for limit in account.limits.iter().filter(is_here) {
            let most = most(model, account, limit);
            if let Some(most) = most.filter(|most| most * int(ROOM) < limit.amount.0) {
                let key = words::key(limit);
                // What stands there may be a name, whose amount is written elsewhere.
                let place = spans.span(limit.origin);
                let text = place.and_then(|at| sources.text(at.file).get(at.range()));
                let is_number = text.is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
                let fix = exactly(limit, &most).filter(|_| is_number);
                found.push(diagnostics::never_binding(account, limit, (&key, &most), fix, spans));
            }
        }
    }
    for service in model.deployments.iter().flat_map(|deployment| &deployment.services) {
        for variant in &service.variants {
            let better = service.variants.iter().find(|other| dominates(other, variant));
            if let Some(better) = better {
                found.push(diagnostics::dominated(service, variant, better, spans));
            }
        }
    }
    found
}

/// The most that can be drawn on a limit; `None` where that depends on the plan, or nothing draws
/// on it: then it is for what is still to be written.
fn most(model: &Model, account: &Account, limit: &Limit) -> Option<Rational> {
    let Metric::Of(resource) = limit.metric else { return None };
    let drawn = account.draws.iter().flat_map(|draw| &draw.amounts);
    let drawn = drawn.filter(|(metric, _)| *metric == limit.metric).map(|(_, amount)| &amount.0);
    let mut sum: Rational = drawn.sum();
    let mut is_used = !account.draws.is_empty();
    for child in model.accounts.iter().filter(|a| a.parent.as_ref() == Some(&account.name)) {
        is_used = true;
        sum += match child.limits.iter().find(|own| own.metric == limit.metric) {
            Some(own) => own.amount.0.clone(),
            // What it does not limit itself comes out of the account above.
            None => most(model, child, limit)?,
        };
    }
    for deployment in &model.deployments {
        if deployment.account.as_ref() == Some(&account.name) {
            is_used = true;
            sum += deployment.services.iter().map(|s| most_of(s, resource)).sum::<Rational>();
            sum += deployment.jobs.iter().map(|j| taken_by(j, resource)).sum::<Rational>();
        }
    }
    is_used.then_some(sum)
}

fn most_of(service: &Service, resource: Resource) -> Rational {
    let each = service.variants.iter().map(|variant| taken(service, variant, resource));
    each.max().unwrap_or_else(Rational::zero) * int(i64::from(service.replicas.max))
}

/// The amount in the limit's unit, if it can be written shortly.
fn exactly(limit: &Limit, amount: &Rational) -> Option<String> {
    let millionths = amount / &limit.unit.scale.0 * int(1_000_000);
    millionths.is_integer().then(|| limit.unit.show(&Exact(amount.clone()), 6))
}

/// Whether `a` can always stand for `b`, and is better in something.
fn dominates(a: &Variant, b: &Variant) -> bool {
    let zero = Exact::int(0);
    let or_none = |amount: &Option<Exact>| amount.clone().unwrap_or_else(|| zero.clone());
    let mut is_better = false;
    let mut no_more = |x: &Exact, y: &Exact| {
        is_better |= x < y;
        x <= y
    };
    let takes_no_more = Resource::ALL
        .into_iter()
        .all(|r| no_more(&Exact(amount(&a.requires, r)), &Exact(amount(&b.requires, r))));
    let is_as_good = takes_no_more
        && no_more(&or_none(&a.latency), &or_none(&b.latency))
        && no_more(&a.penalty, &b.penalty)
        // Load is a part of what is required: with less required it is less for the same part.
        && no_more(&a.utilisation, &b.utilisation)
        && match (&a.throughput, &b.throughput) {
            (Some(x), Some(y)) => no_more(y, x),
            (x, y) => x == y,
        };
    let is_as_free = (a.arch.is_empty()
        || !b.arch.is_empty() && b.arch.iter().all(|x| a.arch.contains(x)))
        && (a.gpu_model.is_none() || a.gpu_model == b.gpu_model);
    is_as_good && is_as_free && is_better
}
