//! Which plan is followed, of the best one and those beside it.
//!
//! In: the best plan for what is measured, what runs, what all of this machine uses, settings. Out:
//! a plan to follow, or why what runs goes on.
//!
//! 1. The best plan is compared with what runs, by the strategy's score at the prices by use.
//! 2. Where both pass a budget of this machine, plans with another variant of a service are made,
//!    and the best of those that keep the budgets is taken.
//! 3. Where there is none, and it may be degraded: of plans that carry less than what is asked, the
//!    one that keeps the budgets and carries most; or else the one that passes them least.
//!
//! Always holds: at most so many plans are made, and for so long, as settings say. What a plan
//! would use is what its services use now, in proportion to what they require then and now.

use super::adapt::Nowhere;
use super::machine::{Configured, Used, total};
use eclexia_base::Rational;
use eclexia_base::number::{from_f64_rounded, int, to_f64};
use eclexia_model::{Deployment, Plan, Resource as Kind};
use eclexia_plan::adapt::{
    Advice, Aim, Method, Objective, advise, alternatives, carried, costed, degraded,
};
use eclexia_plan::{Interrupt, interruptible};
use eclexia_settings::adaptive::{self, Algorithm, Candidate, Selection};
use eclexia_settings::strategies::{Strategy, Terms};
use eclexia_settings::{Adaptive, Resource};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

const HOUR: f64 = 3600.0;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// What becomes of a look.
pub enum Choice {
    /// `why`: what it is, where it is not the best plan for what is measured.
    Follow { advice: Box<Advice>, why: Option<String> },
    /// What runs goes on.
    Stay,
    /// The same, although it should not.
    Refuse(String),
}

/// What is aimed at while this machine uses so much.
pub fn aim(configured: &Configured, used: &Used) -> Aim {
    let adaptive = &configured.adaptive;
    let dearest = configured.budgets.dearest(&used.all, adaptive.cost_function);
    Aim {
        method: match adaptive.algorithm {
            Algorithm::Auto => Method::Auto,
            Algorithm::BranchAndBound => Method::BranchAndBound,
            Algorithm::Search => Method::Search,
        },
        objective: match adaptive.objective {
            adaptive::Objective::Weighted => Objective::Weighted,
            adaptive::Objective::Cost => Objective::Cost,
            adaptive::Objective::Carbon => Objective::Carbon,
            adaptive::Objective::Latency => Objective::Latency,
        },
        carbon_price: configured.carbon_price(),
        dearness: from_f64_rounded(dearest, 4).unwrap_or_else(|| int(1)),
    }
}

/// A time after which nothing more is looked for; nothing is, either, when all is over.
pub fn deadline(adaptive: &Adaptive, is_over: &Arc<AtomicBool>) -> Interrupt {
    let (begun, most, is_over) = (Instant::now(), adaptive.timeout, is_over.clone());
    Arc::new(move || begun.elapsed() >= most || is_over.load(Ordering::Relaxed))
}

/// What is known when a choice is made.
pub struct Choosing<'a> {
    pub configured: &'a Configured,
    pub used: &'a Used,
    /// What runs of the deployment.
    pub runs: &'a Plan,
    pub name: &'a str,
    pub until: &'a Interrupt,
}

/// A plan that could be followed, or what runs.
struct Offered {
    advice: Option<Box<Advice>>,
    candidate: Candidate,
    carries: f64,
}

impl Choosing<'_> {
    pub fn choose(&self, best: Advice) -> Choice {
        let adaptive = &self.configured.adaptive;
        let dep = best.deployment.clone();
        let strategy = strategy(&dep);
        let runs = self.offered(&dep, None);
        let mut made: u64 = 1;
        let mut offered: Vec<Offered> = Vec::new();
        let carries_all = best.lacks.is_empty();
        offered.extend(self.offered(&dep, Some(best)));
        offered.extend(runs.filter(|_| carries_all));
        let strict = Adaptive { allow_graceful_degradation: false, ..adaptive.clone() };
        if let Some(at) = self.select(&strict, &offered, &strategy) {
            return taken(offered, at, None);
        }
        self.extend(&dep, alternatives(&dep), &mut offered, &mut made);
        if let Some(at) = self.select(&strict, &offered, &strategy) {
            let why = format!(
                "the best plan passes a budget of this machine: {}",
                self.passed(&offered[0])
            );
            return taken(offered, at, Some(why));
        }
        let excess = offered.first().map(|best| self.passed(best)).unwrap_or_default();
        if !adaptive.allow_graceful_degradation {
            return Choice::Refuse(format!(
                "it is not adapted: nothing that carries what is asked keeps the budgets of this \
                 machine: {excess}"
            ));
        }
        self.extend(&dep, degraded(&dep), &mut offered, &mut made);
        offered.extend(self.offered(&dep, None));
        self.degrade(offered, &strategy, &excess)
    }

    /// Of those that keep the budgets one that carries most; else the least excess.
    fn degrade(&self, mut offered: Vec<Offered>, strategy: &Strategy, excess: &str) -> Choice {
        let adaptive = &self.configured.adaptive;
        offered.sort_by(|a, b| b.carries.total_cmp(&a.carries));
        let strict = Adaptive { allow_graceful_degradation: false, ..adaptive.clone() };
        let mut from = 0;
        while from < offered.len() {
            let same = offered[from..].iter().take_while(|o| o.carries == offered[from].carries);
            let to = from + same.count();
            if let Some(at) = self.select(&strict, &offered[from..to], strategy) {
                let part = (offered[from + at].carries * 100.0).floor();
                let why = format!("carries {part} % of what is asked, for more passes {excess}");
                return taken(offered, from + at, Some(why));
            }
            from = to;
        }
        match self.select(adaptive, &offered, strategy) {
            Some(at) => {
                let why = format!("passes the budgets of this machine least, {excess} otherwise");
                taken(offered, at, Some(why))
            }
            None => Choice::Stay,
        }
    }

    fn select(
        &self,
        adaptive: &Adaptive,
        offered: &[Offered],
        strategy: &Strategy,
    ) -> Option<usize> {
        let candidates: Vec<Candidate> = offered.iter().map(|offered| offered.candidate).collect();
        match adaptive.select(&candidates, &self.configured.budgets, strategy) {
            Selection::Chosen(at) | Selection::Degraded(at) => Some(at),
            Selection::Refused => None,
        }
    }

    /// Plans other deployments, as many as may be and for as long as there is time.
    fn extend(
        &self,
        dep: &Deployment,
        others: Vec<Deployment>,
        offered: &mut Vec<Offered>,
        made: &mut u64,
    ) {
        let aim = aim(self.configured, self.used);
        for other in others {
            if *made >= self.configured.adaptive.max_iterations || (self.until)() {
                return;
            }
            *made += 1;
            let advised =
                interruptible(self.until, || advise(other, self.runs, aim.method, &Nowhere).0);
            offered.extend(advised.flatten().and_then(|advice| self.offered(dep, Some(advice))));
        }
    }

    /// A plan as a candidate, in the deployment as it is measured; none: it cannot be costed.
    fn offered(&self, dep: &Deployment, advice: Option<Advice>) -> Option<Offered> {
        let plan = advice.as_ref().map_or(self.runs, |advice| &advice.plan);
        let terms = terms(dep, plan)?;
        let uses = self.uses(dep, plan);
        let (candidate, carries) = (Candidate { terms, uses }, carried(dep, plan));
        Some(Offered { candidate, carries, advice: advice.map(Box::new) })
    }

    /// What all of this machine would use with a plan.
    fn uses(&self, dep: &Deployment, plan: &Plan) -> [f64; 5] {
        let services = &self.used.services;
        let others = services.iter().filter(|((of, _), _)| of != self.name).map(|(_, used)| used);
        let own: Vec<[f64; 5]> = plan
            .services
            .iter()
            .map(|choice| {
                let key = (self.name.to_owned(), choice.service.clone());
                let then = required(dep, plan, &choice.service);
                let now = required(dep, self.runs, &choice.service);
                match services.get(&key) {
                    Some(used) => scaled(used, now, then),
                    // What was never measured is taken to use what it requires.
                    None => [0.0, then.latency, then.memory, then.cores, 0.0],
                }
            })
            .collect();
        total(others.chain(&own))
    }

    /// The largest share of any budget that is enforced.
    pub fn most_used(&self, dep: &Deployment, plan: &Plan) -> f64 {
        let adaptive = &self.configured.adaptive;
        if !adaptive.enforce_budget {
            return 0.0;
        }
        let uses = self.uses(dep, plan);
        let candidate = Candidate { terms: Terms::default(), uses };
        adaptive.most_used(&candidate, &self.configured.budgets).0
    }

    /// `memory: 2.3 GiB of 2 GiB`
    fn passed(&self, offered: &Offered) -> String {
        let function = self.configured.adaptive.cost_function;
        let standings = self.configured.budgets.standings(&offered.candidate.uses, function);
        let over = standings.iter().filter(|standing| standing.share.0 > 1.0).map(|standing| {
            let of = standing.resource;
            let limit = standing.limit.map(|limit| of.shown(limit)).unwrap_or_default();
            format!("{}: {} of {limit}", of.name(), of.shown(standing.used))
        });
        over.collect::<Vec<_>>().join(", ")
    }
}

fn taken(mut offered: Vec<Offered>, at: usize, why: Option<String>) -> Choice {
    match offered.swap_remove(at).advice {
        Some(advice) => Choice::Follow { advice, why },
        None => Choice::Stay,
    }
}

/// The program's, without what was aimed at.
fn strategy(dep: &Deployment) -> Strategy {
    let own = &dep.as_declared().strategy;
    let [cost, carbon, latency] =
        [&own.cost_weight, &own.carbon_weight, &own.latency_weight].map(|weight| weight.to_f64());
    Strategy { priority: 1.0, latency, cost, carbon, ..Strategy::default() }
}

/// What a plan takes, in dollars an hour.
fn terms(dep: &Deployment, plan: &Plan) -> Option<Terms> {
    let costed = costed(dep, plan)?;
    let day = int(SECONDS_OF_A_DAY);
    let hourly = |amount: Rational| to_f64(&amount) * HOUR;
    let grams = &costed.carbon + &costed.job_carbon / &day;
    Some(Terms {
        penalty: hourly(costed.penalty),
        latency: hourly(&dep.strategy.latency_price.0 * &costed.latency),
        cost: hourly(&costed.cost + &costed.job_cost / &day),
        carbon: hourly(&dep.strategy.carbon_price.0 * grams),
    })
}

/// What all replicas of a service require: cores, bytes; and the seconds that one request takes.
#[derive(Clone, Copy, Default)]
struct Required {
    cores: f64,
    memory: f64,
    latency: f64,
    replicas: f64,
}

fn required(dep: &Deployment, plan: &Plan, service: &str) -> Required {
    let choice = plan.services.iter().find(|choice| choice.service == service);
    let of = dep.as_declared().services.iter().find(|of| of.name == service);
    let (Some(choice), Some(of)) = (choice, of) else { return Required::default() };
    let variant = of.variants.iter().find(|variant| variant.name == choice.variant);
    let Some(variant) = variant else { return Required::default() };
    let of = |kind| variant.requires.get(&kind).map_or(0.0, |amount| amount.to_f64());
    let replicas = f64::from(choice.replicas);
    Required {
        cores: of(Kind::Cpu) * replicas,
        memory: of(Kind::Memory) * replicas,
        latency: variant.latency.as_ref().map_or(0.0, |latency| latency.to_f64()),
        replicas,
    }
}

/// What is used, in proportion to what was required and what will be.
fn scaled(used: &[f64; 5], now: Required, then: Required) -> [f64; 5] {
    let by = |now: f64, then: f64, other: f64| if now > 0.0 { then / now } else { other };
    // What requires nothing uses as much with each replica.
    let replicas = by(now.replicas, then.replicas, 1.0);
    let cores = by(now.cores, then.cores, replicas);
    let latency = if then.latency > 0.0 { by(now.latency, then.latency, 1.0) } else { 1.0 };
    std::array::from_fn(|at| {
        used[at]
            * match Resource::ALL[at] {
                Resource::Energy | Resource::Compute => cores,
                Resource::Time => latency,
                Resource::Memory => by(now.memory, then.memory, replicas),
                Resource::Network => 1.0,
            }
    })
}

#[cfg(test)]
mod tests;
