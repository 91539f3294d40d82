//! The frontier between two metrics: the plans of which none is better in one and as good in the
//! other. What comes in is a deployment and two metrics; what goes out is a [`Frontier`] that
//! prints itself as a table and as a picture.
//!
//! By the ε-constraint method (Haimes, Lasdon and Wismer 1971): the least of the first metric, then
//! of those plans the least of the second; then the same among plans that use less of the second by
//! one part in a million; until there are none. All rules and limits of the deployment hold, its
//! strategy does not matter.

#![allow(clippy::result_large_err, reason = "an answer or its refusal, once per question")]

use crate::chart::{Chart, Kind, Series};
use crate::plan::{Choices, choices, planner};
use crate::prices::WORTH;
use crate::problem::map;
use crate::{OriginSpans, diagnostics, words};
use eclexia_base::Rational;
use eclexia_base::number::{int, to_f64};
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Exact, Limit, Metric, Resource, UnitText, display};
use eclexia_optimizer::{Assignment, Figures, Goal, Planner};
use num_traits::Signed;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Plans of one frontier.
const MOST: usize = 100;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Frontier {
    pub metrics: [Metric; 2],
    pub units: [UnitText; 2],
    /// By rising first metric.
    pub points: Vec<Point>,
    /// Whether there are more than were looked for.
    pub is_cut: bool,
    /// Whether each search was proved; else there may be plans between these.
    pub is_proved: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Point {
    /// Of both metrics, base units.
    pub uses: [Exact; 2],
    /// What is different from the point before; of the first one, all of it.
    pub change: String,
}

/// The metric of a name.
pub fn metric(name: &str) -> Result<Metric, Diagnostic> {
    let fixed = [Metric::Cost, Metric::Carbon, Metric::Nodes];
    let all: Vec<Metric> = fixed.into_iter().chain(Resource::ALL.map(Metric::Of)).collect();
    let known: Vec<&str> = all.iter().map(|m| m.name()).collect();
    let found = all.iter().find(|m| m.name() == name.trim_start_matches(':'));
    found.copied().ok_or_else(|| diagnostics::unknown_element("metric", name, &known))
}

/// What a metric is shown in where no limit says.
fn unit(metric: Metric) -> UnitText {
    let (text, scale) = match metric {
        Metric::Cost => ("USD/month", Exact::ratio(1, words::SECONDS_PER_MONTH)),
        Metric::Carbon => ("kgCO2e/month", Exact::ratio(1000, words::SECONDS_PER_MONTH)),
        Metric::Nodes => ("", Exact::int(1)),
        Metric::Of(Resource::Cpu) => ("core", Exact::int(1)),
        Metric::Of(Resource::Memory | Resource::Storage) => ("GiB", Exact::int(1 << 30)),
        Metric::Of(Resource::Gpu) => ("gpu", Exact::int(1)),
        Metric::Of(Resource::Network) => ("MB/s", Exact::int(1_000_000)),
        Metric::Of(Resource::Energy) => ("kWh", Exact::int(3_600_000)),
        Metric::Of(Resource::Time) => ("s", Exact::int(1)),
    };
    UnitText { text: text.to_owned(), scale }
}

/// The deployment with every metric counted, the place of each among its limits, and the limits.
struct Counted {
    dep: Deployment,
    places: [usize; 2],
}

impl Counted {
    fn new(dep: &Deployment, metrics: [Metric; 2]) -> Counted {
        let mut dep = dep.clone();
        let places = metrics.map(|metric| {
            let known = dep.limits.iter().position(|limit| limit.metric == metric);
            known.unwrap_or_else(|| {
                let (amount, origin) = (Exact::int(0), dep.origin);
                dep.limits.push(Limit { metric, amount, unit: unit(metric), origin });
                dep.limits.len() - 1
            })
        });
        Counted { dep, places }
    }
}

/// Finds the frontier between two metrics that differ.
pub fn frontier(
    dep: &Deployment,
    metrics: [Metric; 2],
    spans: &dyn OriginSpans,
) -> Result<Frontier, Diagnostic> {
    let own = dep.limits.len();
    let Counted { dep, places } = Counted::new(dep, metrics);
    let mapped = map(&dep, &BTreeSet::new(), &BTreeMap::new());
    let planner = planner(&dep, &mapped, spans)?;
    // What was added is counted and not limited.
    let mut limits = mapped.problem.limits.clone();
    limits[own..dep.limits.len()].fill(None);
    let mut search = Search { planner: &planner, known: Vec::new(), is_proved: true };
    let [a, b] = places;
    let mut points: Vec<Point> = Vec::new();
    let mut before: Option<Choices> = None;
    let units = [a, b].map(|k| dep.limits[k].unit.clone());
    let mut is_cut = false;
    while let Some((_, least)) = search.least(a, &limits) {
        if points.len() == MOST {
            is_cut = true;
            break;
        }
        let mut held = limits.clone();
        held[a] = Some(least.uses[a].clone());
        let Some((plan, figures)) = search.least(b, &held) else { break };
        let made = choices(&dep, &mapped, &plan);
        points.push(Point {
            uses: [a, b].map(|k| Exact(figures.uses[k].clone())),
            change: match &before {
                Some(before) => words::change(before, &made),
                None => words::all(&made),
            },
        });
        before = Some(made);
        let less = &figures.uses[b] - figures.uses[b].abs() / int(WORTH);
        if less >= figures.uses[b] {
            break;
        }
        limits[b] = Some(less);
    }
    Ok(Frontier { metrics, units, points, is_cut, is_proved: search.is_proved })
}

struct Search<'p> {
    planner: &'p Planner<'p>,
    known: Vec<Assignment>,
    is_proved: bool,
}

impl Search<'_> {
    /// A plan with the least use of a budget.
    fn least(&mut self, k: usize, limits: &[Option<Rational>]) -> Option<(Assignment, Figures)> {
        let found = self.planner.search_again(Goal::Use(k), limits, None, &self.known);
        let Some((plan, figures)) = found.best else {
            // Without a plan a bound that is finite is no proof.
            self.is_proved &= !found.bound.is_finite();
            return None;
        };
        self.known.push(plan.clone());
        Some((plan, figures))
    }
}

impl Frontier {
    /// The picture.
    pub fn svg(&self) -> String {
        let value = |point: &Point, i: usize| to_f64(&(&point.uses[i].0 / &self.units[i].scale.0));
        let words = self.points.iter().map(|p| format!("{}; {}", self.both(p), p.change));
        let axis = |i: usize| format!("{}, {}", self.metrics[i].name(), self.units[i].text.trim());
        let chart = Chart {
            title: format!("{} against {}", self.metrics[0].name(), self.metrics[1].name()),
            x: axis(0),
            y: axis(1),
            span: None,
            series: vec![Series {
                name: "plans".to_owned(),
                kind: Kind::Points,
                points: self.points.iter().map(|p| (value(p, 0), value(p, 1))).collect(),
                words: words.collect(),
            }],
            mark: None,
        };
        chart.svg()
    }

    fn both(&self, point: &Point) -> String {
        let [a, b] = [0, 1].map(|i| self.units[i].show(&point.uses[i], 3));
        format!("{a}, {b}")
    }
}

impl fmt::Display for Frontier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.metrics.map(Metric::name);
        if self.points.is_empty() {
            return writeln!(f, "no plan keeps the rules and limits.");
        }
        let mut rows = vec![[names[0], names[1], "the plan"].map(str::to_owned)];
        for point in &self.points {
            let [a, b] = [0, 1].map(|i| self.units[i].show(&point.uses[i], 3));
            rows.push([a, b, point.change.clone()]);
        }
        f.write_str(&display::table(&rows))?;
        f.write_str("\n")?;
        if self.is_cut {
            writeln!(f, "There are more; the search ends after {MOST}.")?;
        }
        match self.is_proved {
            true => writeln!(f, "No plan is better in one and as good in the other."),
            false => {
                writeln!(f, "Not proved: the search was cut short, there may be plans between.")
            }
        }
    }
}
