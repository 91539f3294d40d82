//! When jobs run, beside what two simple rules would do: to run everything at once, in the place
//! that is best then, and to take the hour and place that cost least money whatever the carbon.
//! What comes in is a deployment and its plan; what goes out is a [`Schedule`] that prints itself
//! as a table and as a picture.
//!
//! Neither rule looks at the limits of the budget: each job is costed alone, and which limits all
//! of them together would break is said.

use crate::problem::{MOST_HOURS, Names, SECONDS_PER_DAY, hours, job_places, run_at, weighed};
use crate::svg::{CHARACTER, area, line, open, text};
use crate::words;
use eclexia_base::Rational;
use eclexia_base::number::{int, to_decimal, to_f64};
use eclexia_model::{Deployment, Exact, Job, Limit, Metric, Plan, Region, display};
use num_traits::{Signed, Zero};
use serde::Serialize;
use std::fmt::{self, Write};

const HOUR: f64 = 22.0;
const ROW: f64 = 46.0;
const TOP: f64 = 64.0;
const LEAST_WIDTH: f64 = 360.0;

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Schedule {
    pub rows: Vec<Row>,
    /// Limits that each rule would break, with the rest of the plan as it is.
    pub at_once_breaks: Vec<Metric>,
    pub cheapest_breaks: Vec<Metric>,
}

/// A job as it is planned.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    pub job: String,
    pub hours: u32,
    /// Hours from the start of the plan by which it has ended.
    pub deadline: u32,
    pub planned: Run,
    /// By the two rules; none where no place holds the job.
    pub at_once: Option<Run>,
    pub cheapest: Option<Run>,
    /// Intensity of the planned region's grid by hour, as a part of the largest one.
    #[serde(skip)]
    shades: Vec<f64>,
}

/// One way to run a job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Run {
    pub start: u32,
    pub region: String,
    pub node_type: String,
    /// US dollars and grams of the whole run, and both as the strategy weighs them, US dollars.
    pub cost: Exact,
    pub carbon: Exact,
    pub weighed: Exact,
}

pub fn schedule(dep: &Deployment, plan: &Plan) -> Schedule {
    let rows = plan.jobs.iter().filter_map(|choice| {
        let job = dep.jobs.iter().find(|job| job.name == choice.job)?;
        let region = dep.regions.iter().find(|region| region.name == choice.region)?;
        let runs = runs(dep, job);
        let best = |by: &dyn Fn(&Run) -> Rational, from: &dyn Fn(&&Run) -> bool| {
            runs.iter().filter(from).min_by_key(|run| (by(run), run.start)).cloned()
        };
        Some(Row {
            job: job.name.clone(),
            hours: choice.hours,
            deadline: job.deadline_hours,
            planned: Run {
                start: choice.start_hour,
                region: choice.region.clone(),
                node_type: choice.node_type.clone(),
                cost: choice.cost.clone(),
                carbon: choice.carbon.clone(),
                weighed: Exact(weighed(&dep.strategy, &choice.cost.0, &choice.carbon.0)),
            },
            at_once: best(&|run| run.weighed.0.clone(), &|run| run.start == 0),
            cheapest: best(&|run| run.cost.0.clone(), &|_| true),
            shades: shades(region, job.deadline_hours),
        })
    });
    let rows: Vec<Row> = rows.collect();
    let at_once_breaks = broken(dep, plan, &rows, |row| row.at_once.as_ref());
    let cheapest_breaks = broken(dep, plan, &rows, |row| row.cheapest.as_ref());
    Schedule { rows, at_once_breaks, cheapest_breaks }
}

/// Limits of money and carbon that do not hold if jobs run otherwise.
fn broken<'r>(
    dep: &Deployment,
    plan: &Plan,
    rows: &'r [Row],
    otherwise: impl Fn(&'r Row) -> Option<&'r Run>,
) -> Vec<Metric> {
    let day = int(SECONDS_PER_DAY);
    let sum = |of: &dyn Fn(&Run) -> Rational| -> Rational {
        rows.iter().map(|row| of(otherwise(row).unwrap_or(&row.planned))).sum()
    };
    let used = |metric: Metric| match metric {
        Metric::Cost => Some(&plan.totals.cost.0 + sum(&|run| run.cost.0.clone()) / &day),
        Metric::Carbon => Some(&plan.totals.carbon.0 + sum(&|run| run.carbon.0.clone()) / &day),
        _ => None,
    };
    let breaks = |limit: &&Limit| used(limit.metric).is_some_and(|used| used > limit.amount.0);
    dep.limits.iter().filter(breaks).map(|limit| limit.metric).collect()
}

/// Every place and hour that a job may run at.
fn runs(dep: &Deployment, job: &Job) -> Vec<Run> {
    let names = Names::of(dep);
    let hours = hours(job);
    let last = if job.deferrable { job.deadline_hours.saturating_sub(hours) } else { 0 };
    let mut runs = Vec::new();
    if hours > job.deadline_hours.min(MOST_HOURS) {
        return runs;
    }
    for (offer, r, t) in job_places(dep, &names, job, false) {
        let place = (&dep.regions[r], &dep.node_types[t]);
        for start in 0..=last {
            let (cost, carbon) = run_at(job, place, &offer.price, start);
            let weighed = Exact(weighed(&dep.strategy, &cost, &carbon));
            let (region, node_type) = (offer.region.clone(), offer.node_type.clone());
            let (cost, carbon) = (Exact(cost), Exact(carbon));
            runs.push(Run { start, region, node_type, cost, carbon, weighed });
        }
    }
    runs
}

fn shades(region: &Region, hours: u32) -> Vec<f64> {
    let curve: Vec<f64> = region.hourly_intensity.iter().map(Exact::to_f64).collect();
    let most = curve.iter().copied().fold(0.0, f64::max);
    if curve.is_empty() || most <= 0.0 {
        return Vec::new();
    }
    (0..hours as usize).map(|hour| curve[hour % curve.len()] / most).collect()
}

impl Schedule {
    /// Of the whole schedule, US dollars as the strategy weighs them: planned, at once, cheapest.
    fn sums(&self) -> [Rational; 3] {
        let of = |run: Option<&Run>| run.map_or_else(Rational::zero, |run| run.weighed.0.clone());
        let each = |row: &Row| {
            [of(Some(&row.planned)), of(row.at_once.as_ref()), of(row.cheapest.as_ref())]
        };
        let mut sums = [0; 3].map(int);
        for row in &self.rows {
            for (sum, part) in sums.iter_mut().zip(each(row)) {
                *sum += part;
            }
        }
        sums
    }

    /// The picture: a row for each job, hours shaded by how dirty the grid of its region is.
    pub fn svg(&self) -> String {
        let horizon = self.rows.iter().map(|row| row.deadline).max().unwrap_or(24).max(1);
        let longest = self.rows.iter().map(|row| row.job.chars().count()).max().unwrap_or(0);
        let left = 24.0 + longest as f64 * CHARACTER;
        let hour = HOUR.min(1400.0 / f64::from(horizon));
        let width = (left + f64::from(horizon) * hour + 28.0).max(LEAST_WIDTH);
        let height = TOP + self.rows.len() as f64 * ROW + 44.0;
        let x = |at: u32| left + f64::from(at) * hour;
        let mut out = open("When jobs run", (width, height));
        text(&mut out, (16.0, 24.0), "title", "start", "When jobs run");
        let legend = "filled: planned; dashed: at once; the darker an hour, the dirtier the grid";
        if width > legend.chars().count() as f64 * CHARACTER {
            text(&mut out, (16.0, 42.0), "small", "start", legend);
        }
        let bottom = TOP + self.rows.len() as f64 * ROW;
        let every = (1..).map(|k| k * 6).find(|step| f64::from(*step) * hour >= 44.0).unwrap_or(24);
        for tick in (0..=horizon).step_by(every as usize) {
            line(&mut out, "grid", (x(tick), TOP), (x(tick), bottom));
            text(&mut out, (x(tick), bottom + 18.0), "tick", "middle", &tick.to_string());
        }
        for (number, row) in self.rows.iter().enumerate() {
            let top = TOP + number as f64 * ROW;
            text(&mut out, (left - 8.0, top + 26.0), "", "end", &row.job);
            for (at, shade) in row.shades.iter().enumerate() {
                let _ = writeln!(
                    out,
                    "<rect class=\"hour\" opacity=\"{:.2}\" x=\"{:.1}\" y=\"{:.1}\" \
                     width=\"{hour:.1}\" height=\"6\"/>",
                    0.08 + 0.72 * shade * shade,
                    x(at as u32),
                    top + 36.0
                );
            }
            let span = f64::from(row.hours) * hour;
            if let Some(run) = &row.at_once {
                area(&mut out, "other", (x(run.start), top + 10.0), (span, 22.0), &said(run));
            }
            let planned = &row.planned;
            area(&mut out, "bar", (x(planned.start), top + 13.0), (span, 16.0), &said(planned));
            line(&mut out, "mark", (x(row.deadline), top + 8.0), (x(row.deadline), top + 36.0));
        }
        text(&mut out, (width - 16.0, bottom + 36.0), "small", "end", "hours");
        out.push_str("</svg>\n");
        out
    }
}

fn said(run: &Run) -> String {
    format!(
        "hour {} on {} in {}: {}, {}",
        run.start,
        run.node_type,
        run.region,
        dollars(&run.cost.0),
        grams(&run.carbon.0)
    )
}

fn dollars(amount: &Rational) -> String {
    let places = if amount.abs() < int(1) { 4 } else { 2 };
    format!("{}USD", to_decimal(amount, places))
}

fn grams(amount: &Rational) -> String {
    let places = if *amount < int(100) { 1 } else { 0 };
    format!("{}gCO2e", to_decimal(amount, places))
}

/// `3.2 % less`, of what the rule takes.
fn part(planned: &Rational, other: &Rational) -> String {
    if planned == other || other.is_zero() {
        return "as much".to_owned();
    }
    let share = to_f64(&((planned - other) / other)) * 100.0;
    format!("{:.1} % {}", share.abs(), if share > 0.0 { "more" } else { "less" })
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return writeln!(f, "no jobs.");
        }
        let head = ["job", "runs", "where", "takes", "at once", "cheapest hour"];
        let mut rows = vec![head.map(str::to_owned)];
        let hours = |start: u32, hours: u32| format!("hour {start} to {}", start + hours);
        for row in &self.rows {
            let other = |run: &Option<Run>| match run {
                Some(run) => format!(
                    "{}, {} (hour {})",
                    dollars(&run.cost.0),
                    grams(&run.carbon.0),
                    run.start
                ),
                None => String::new(),
            };
            let planned = &row.planned;
            rows.push([
                row.job.clone(),
                hours(planned.start, row.hours),
                format!("{} in {}", planned.node_type, planned.region),
                format!("{}, {}", dollars(&planned.cost.0), grams(&planned.carbon.0)),
                other(&row.at_once),
                other(&row.cheapest),
            ]);
        }
        f.write_str(&display::table(&rows))?;
        let [planned, at_once, cheapest] = self.sums();
        writeln!(
            f,
            "\nAs the strategy weighs money and carbon, the plan takes {} than all at once, and {} \
             than each job at its cheapest hour.",
            part(&planned, &at_once),
            part(&planned, &cheapest)
        )?;
        let rules =
            [("All at once", &self.at_once_breaks), ("The cheapest hours", &self.cheapest_breaks)];
        for (rule, broken) in rules.into_iter().filter(|(_, broken)| !broken.is_empty()) {
            let names: Vec<String> = broken.iter().map(|m| m.name().to_owned()).collect();
            let verb = if rule.ends_with('s') { "break" } else { "breaks" };
            writeln!(f, "{rule} {verb} the limit of {}.", words::list(&names))?;
        }
        Ok(())
    }
}
