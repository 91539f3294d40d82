//! An amount swept from one value to another: which plan is best where, and what it costs. What
//! comes in is a deployment and a [`Sweep`], `team.cost in 100..400USD/month`; what goes out is a
//! [`Curve`] that prints itself as a table and as a picture.
//!
//! 1. Of a limit the curve is exact: from the best plan at an amount, the next step is the least
//!    amount of the limit that allows a better plan (one part in a million at least), found by
//!    minimising the use of the budget. Between two steps nothing changes.
//! 2. Of anything else the deployment is planned again at even points, counts at each.
//! 3. Beside it the optimum of the relaxation, for limits: no plan is below.
//! 4. Every plan that is found is offered to the searches that follow, so that a larger limit never
//!    looks worse.

#![allow(clippy::result_large_err, reason = "an answer or its refusal, once per question")]

use crate::chart::{Chart, Kind, Series};
use crate::edit::{Edit, Operation, amount, dimension};
use crate::plan::{Choices, choices, planner, proof};
use crate::prices::WORTH;
use crate::problem::map;
use crate::{OriginSpans, diagnostics, words};
use eclexia_base::number::{from_f64_rounded, int, to_f64};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Rational};
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Exact, Limit, UnitText, display};
use eclexia_optimizer::{Assignment, Goal, Planner};
use num_traits::{Signed, ToPrimitive, Zero};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Steps of one curve.
const MOST_STAIRS: usize = 200;
/// Plans at even points.
const POINTS: i64 = 24;
/// Values of a count that are tried.
const MOST_COUNTS: i64 = 64;
/// Points of the relaxation between two ends.
const RELAXED: i64 = 48;

/// `target.field in low..high`, base units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sweep {
    pub target: String,
    field: String,
    low: Rational,
    high: Rational,
    dim: Dim,
    unit: UnitText,
    text: String,
}

/// What is best from an amount on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Stair {
    /// Base units.
    pub at: Exact,
    /// US dollars per second; what the best plan costs at least, by proof.
    pub objective: Exact,
    pub bound: Exact,
    /// What differs from the stair before; of the first one, all of it.
    pub change: String,
}

/// What the stairs of a curve are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// Every change in the range.
    Steps,
    /// Every count in the range.
    Counts,
    /// Even points: between them anything may be.
    Points,
}

/// The best plan as a function of an amount.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Curve {
    /// `team.cost`
    pub of: String,
    pub low: Exact,
    pub high: Exact,
    pub unit: UnitText,
    /// What the deployment has.
    pub now: Option<Exact>,
    /// By rising amount; empty where nothing in the range allows a plan.
    pub stairs: Vec<Stair>,
    /// Amounts that allow no plan, of those that were tried or below the first stair.
    pub without: Vec<Exact>,
    pub kind: Rows,
    /// Amount and optimum of the relaxation.
    pub relaxed: Vec<(Exact, Exact)>,
}

impl Sweep {
    /// Reads `team.cost in 100..400USD/month`; none where the text has no ` in `, and is no sweep.
    pub fn parse(text: &str, units: &UnitTable) -> Option<Result<Sweep, Diagnostic>> {
        let (left, right) = text.split_once(" in ")?;
        Some(Sweep::parts(text, left, right, units))
    }

    /// Of a limit of the deployment, between two amounts.
    pub fn of_limit_between(
        dep: &Deployment,
        limit: &Limit,
        (low, high): (Rational, Rational),
    ) -> Sweep {
        let target = dep.account.clone().unwrap_or_else(|| dep.name.clone());
        let field = limit.metric.name().to_owned();
        let text = format!("{target}.{field}");
        let (dim, unit) = (dimension(limit.metric), limit.unit.clone());
        Sweep { target, field, low, high, dim, unit, text }
    }

    fn parts(text: &str, left: &str, right: &str, units: &UnitTable) -> Result<Sweep, Diagnostic> {
        let wrong = |why: &str| diagnostics::what_if_sweep(text, why);
        let (target, field) =
            left.trim().rsplit_once('.').ok_or_else(|| wrong("what it sweeps has no `.`"))?;
        let (low, high) =
            right.split_once("..").ok_or_else(|| wrong("it has no `..` between two amounts"))?;
        let (high, dim, unit) = amount(high.trim(), units).map_err(|why| wrong(&why))?;
        let (low, low_dim, low_unit) = amount(low.trim(), units).map_err(|why| wrong(&why))?;
        // The unit may stand once, behind both.
        let (low, low_dim) = match low_unit.text.as_str() {
            "" => (low * &unit.scale.0, dim),
            _ => (low, low_dim),
        };
        if low_dim != dim {
            return Err(wrong("its two ends are of different kinds"));
        }
        if low.is_negative() || low >= high {
            return Err(wrong("its ends are not two rising amounts of 0 or more"));
        }
        Ok(Sweep {
            target: target.trim().to_owned(),
            field: field.trim().trim_start_matches(':').to_owned(),
            low,
            high,
            dim,
            unit,
            text: text.trim().to_owned(),
        })
    }

    /// The edit that sets the amount.
    fn set(&self, amount: Rational) -> Edit {
        Edit::amount(
            (self.target.clone(), self.field.clone()),
            Operation::Set,
            (amount, self.dim),
            self.text.clone(),
        )
    }

    /// Finds the curve.
    pub fn curve(&self, dep: &Deployment, spans: &dyn OriginSpans) -> Result<Curve, Diagnostic> {
        // Refuses what cannot be changed.
        self.set(self.high.clone()).apply(dep)?;
        let is_limit = self.target == dep.name || dep.account.as_ref() == Some(&self.target);
        let k = dep.limits.iter().position(|l| is_limit && l.metric.name() == self.field);
        match k {
            Some(k) => self.of_limit(dep, k, spans),
            None => self.at_points(dep, spans),
        }
    }

    fn empty(&self, now: Option<Exact>, kind: Rows) -> Curve {
        Curve {
            of: format!("{}.{}", self.target, self.field),
            low: Exact(self.low.clone()),
            high: Exact(self.high.clone()),
            unit: self.unit.clone(),
            now,
            stairs: Vec::new(),
            without: Vec::new(),
            kind,
            relaxed: Vec::new(),
        }
    }

    /// Rule 1.
    fn of_limit(
        &self,
        dep: &Deployment,
        k: usize,
        spans: &dyn OriginSpans,
    ) -> Result<Curve, Diagnostic> {
        let mapped = map(dep, &BTreeSet::new(), &BTreeMap::new());
        let planner = planner(dep, &mapped, spans)?;
        let mut curve = self.empty(Some(dep.limits[k].amount.clone()), Rows::Steps);
        let mut limits = mapped.problem.limits.clone();
        let mut known: Vec<Assignment> = Vec::new();
        let mut before: Option<Choices> = None;
        let mut at = self.low.clone();
        let mut cap: Option<Rational> = None;
        loop {
            // The least amount that allows a plan, or a better one.
            limits[k] = Some(self.high.clone());
            let least = planner.search_again(Goal::Use(k), &limits, cap.as_ref(), &known).best;
            let Some((plan, figures)) = least else { break };
            known.push(plan);
            if figures.uses[k] > at {
                at = figures.uses[k].clone();
            } else if cap.is_some() {
                break;
            }
            limits[k] = Some(at.clone());
            let found = planner.search_again(Goal::Objective, &limits, None, &known);
            let Some((plan, figures)) = found.best else { break };
            let made = choices(dep, &mapped, &plan);
            let bound = proved(&figures.objective, found.bound);
            curve.stairs.push(Stair {
                at: Exact(at.clone()),
                objective: Exact(figures.objective.clone()),
                bound: Exact(bound),
                change: change(before.as_ref(), &made),
            });
            cap = Some(&figures.objective - &figures.objective.abs() / int(WORTH));
            known.push(plan);
            before = Some(made);
            if curve.stairs.len() == MOST_STAIRS {
                curve.kind = Rows::Points;
                break;
            }
        }
        if curve.stairs.first().is_none_or(|first| first.at.0 > self.low) {
            curve.without.push(Exact(self.low.clone()));
        }
        curve.relaxed = self.relaxed(&planner, &mapped.problem.limits, (k, &curve.stairs));
        Ok(curve)
    }

    /// Rule 3.
    fn relaxed(
        &self,
        planner: &Planner<'_>,
        limits: &[Option<Rational>],
        (k, stairs): (usize, &[Stair]),
    ) -> Vec<(Exact, Exact)> {
        let mut at: BTreeSet<Rational> = (0..=RELAXED).map(|i| self.between(i, RELAXED)).collect();
        at.extend(stairs.iter().map(|stair| stair.at.0.clone()));
        let mut limits = limits.to_vec();
        let mut points = Vec::new();
        for amount in at {
            limits[k] = Some(amount.clone());
            let optimum = planner.relax(&limits).and_then(|r| from_f64_rounded(r.objective, 12));
            points.extend(optimum.map(|optimum| (Exact(amount), Exact(optimum))));
        }
        points
    }

    fn between(&self, i: i64, of: i64) -> Rational {
        &self.low + (&self.high - &self.low) * int(i) / int(of)
    }

    /// Rule 2.
    fn at_points(&self, dep: &Deployment, spans: &dyn OriginSpans) -> Result<Curve, Diagnostic> {
        let kind = if self.is_of_counts() { Rows::Counts } else { Rows::Points };
        let mut curve = self.empty(None, kind);
        let mut before: Option<Choices> = None;
        for at in self.points()? {
            let edited = self.set(at.clone()).apply(dep)?;
            let mapped = map(&edited, &BTreeSet::new(), &BTreeMap::new());
            let planner = planner(dep, &mapped, spans)?;
            let found = planner.search_again(Goal::Objective, &mapped.problem.limits, None, &[]);
            let Some((plan, figures)) = found.best else {
                curve.without.push(Exact(at));
                continue;
            };
            let made = choices(&edited, &mapped, &plan);
            let bound = proved(&figures.objective, found.bound);
            curve.stairs.push(Stair {
                at: Exact(at),
                objective: Exact(figures.objective),
                bound: Exact(bound),
                change: change(before.as_ref(), &made),
            });
            before = Some(made);
        }
        Ok(curve)
    }

    fn is_of_counts(&self) -> bool {
        matches!(self.field.as_str(), "replicas" | "min-zones")
    }

    fn points(&self) -> Result<Vec<Rational>, Diagnostic> {
        if !self.is_of_counts() {
            return Ok((0..=POINTS).map(|i| self.between(i, POINTS)).collect());
        }
        let (low, high) = (self.low.ceil().to_integer(), self.high.floor().to_integer());
        let (Some(low), Some(high)) = (low.to_i64(), high.to_i64()) else {
            return Err(diagnostics::what_if_sweep(&self.text, "its counts are too large"));
        };
        if high - low >= MOST_COUNTS {
            let why = format!("it has more than {MOST_COUNTS} counts to try");
            return Err(diagnostics::what_if_sweep(&self.text, &why));
        }
        Ok((low..=high).map(int).collect())
    }
}

/// The bound; the objective itself where nothing is left between them.
fn proved(objective: &Rational, bound: f64) -> Rational {
    let (bound, gap) = proof(objective, bound);
    if gap.is_zero() { objective.clone() } else { bound }
}

fn change(before: Option<&Choices>, made: &Choices) -> String {
    match before {
        Some(before) if before == made => "the same plan".to_owned(),
        Some(before) => words::change(before, made),
        None => words::all(made),
    }
}

/// US dollars a month.
fn monthly(rate: &Exact) -> f64 {
    to_f64(&(&rate.0 * int(words::SECONDS_PER_MONTH)))
}

impl Curve {
    fn in_unit(&self, amount: &Exact) -> f64 {
        to_f64(&(&amount.0 / &self.unit.scale.0))
    }

    /// The picture: stairs of the best plan over the line of the relaxation.
    pub fn svg(&self) -> String {
        let stairs = self.stairs.iter();
        let points = stairs.clone().map(|s| (self.in_unit(&s.at), monthly(&s.objective))).collect();
        let words = stairs.map(|s| {
            format!(
                "from {}: {}; {}",
                self.unit.show(&s.at, 3),
                display::monthly(&s.objective.0),
                s.change
            )
        });
        let kind = if self.kind == Rows::Steps { Kind::Stairs } else { Kind::Points };
        let mut series =
            vec![Series { name: "best plan".to_owned(), kind, points, words: words.collect() }];
        if !self.relaxed.is_empty() {
            let points = self.relaxed.iter().map(|(x, y)| (self.in_unit(x), monthly(y))).collect();
            let name = "no plan is below (relaxation)".to_owned();
            series.push(Series { name, kind: Kind::Line, points, words: Vec::new() });
        }
        let unit = &self.unit.text;
        let chart = Chart {
            title: format!("What the best plan costs as {} changes", self.of),
            x: if unit.is_empty() { self.of.clone() } else { format!("{}, {unit}", self.of) },
            y: "objective, USD/month".to_owned(),
            span: Some((self.in_unit(&self.low), self.in_unit(&self.high))),
            series,
            mark: self.now.as_ref().map(|now| (self.in_unit(now), "now".to_owned())),
        };
        chart.svg()
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.unit.show(&self.low, 3), self.unit.show(&self.high, 3));
        writeln!(f, "{} from {low} to {high}:\n", self.of)?;
        if self.stairs.is_empty() {
            return writeln!(f, "no amount in this range allows a plan.");
        }
        let head = ["from", "objective", "than above", "the plan"].map(str::to_owned);
        let mut rows = vec![head];
        let mut before: Option<&Stair> = None;
        for stair in &self.stairs {
            let compared = before.map_or_else(String::new, |b| {
                words::compared(&(&stair.objective.0 - &b.objective.0))
            });
            rows.push([
                self.unit.show(&stair.at, 3),
                display::monthly(&stair.objective.0),
                compared,
                stair.change.clone(),
            ]);
            before = Some(stair);
        }
        f.write_str(&display::table(&rows))?;
        f.write_str("\n")?;
        match (self.kind, &self.without[..]) {
            (Rows::Steps, [_, ..]) => {
                let first = self.unit.show(&self.stairs[0].at, 3);
                writeln!(f, "Below {first} there is no plan.")?;
            }
            (_, [_, ..]) => {
                let amounts: Vec<String> =
                    self.without.iter().map(|a| self.unit.show(a, 3)).collect();
                writeln!(f, "There is no plan at {}.", words::list(&amounts))?;
            }
            _ => {}
        }
        let rows = match self.kind {
            Rows::Steps => {
                "Between two rows nothing changes; behind the last one nothing more is to be had."
            }
            Rows::Counts => "Planned at each of these counts.",
            Rows::Points => "Planned at each of these amounts; between them anything may be.",
        };
        writeln!(f, "{rows}")?;
        let open: Vec<&Stair> =
            self.stairs.iter().filter(|stair| stair.bound.0 < stair.objective.0).collect();
        for stair in open {
            writeln!(
                f,
                "At {} no plan costs less than {}.",
                self.unit.show(&stair.at, 3),
                display::monthly(&stair.bound.0)
            )?;
        }
        Ok(())
    }
}
