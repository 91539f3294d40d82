//! When jobs run, beside what two simple rules would do: to run everything at once, in the place
//! that is best then, and to take the hours and place that cost least money whatever the carbon.
//! What comes in is a deployment and its plan; what goes out is a [`Schedule`] that prints itself
//! as a table and as a picture.
//!
//! Neither rule looks at the limits of the budget or at the peaks: each job is costed alone, and
//! what all of them together would break is said.

use crate::problem::{
    MOST_HOURS, Names, Place, SECONDS_PER_DAY, Spent, hours, in_hour, job_places, run_at, takes,
    weighed,
};
use crate::svg::{CHARACTER, area, line, open, text};
use crate::words;
use eclexia_base::Rational;
use eclexia_base::number::{int, to_decimal, to_f64};
use eclexia_model::{Deployment, Exact, Job, Limit, Metric, Piece, Plan, Region, display};
use num_traits::{Signed, Zero};
use serde::Serialize;
use std::fmt::{self, Write};

const HOUR: f64 = 22.0;
const ROW: f64 = 46.0;
const TOP: f64 = 64.0;
/// Of what jobs take together, under the rows.
const STRIP: f64 = 66.0;
const LEAST_WIDTH: f64 = 360.0;

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Schedule {
    pub rows: Vec<Row>,
    /// Limits that each rule would break, with the rest of the plan as it is.
    pub at_once_breaks: Vec<Metric>,
    pub cheapest_breaks: Vec<Metric>,
    /// One for each peak.
    pub loads: Vec<Load>,
}

/// A job as it is planned.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    pub job: String,
    pub hours: u32,
    /// Hours from the start of the plan before which it does not start, and by which it has ended.
    pub earliest: u32,
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
    /// In order; one, unless it is interrupted.
    pub pieces: Vec<Piece>,
    pub region: String,
    pub node_type: String,
    /// US dollars and grams of the whole run, and both as the strategy weighs them, US dollars.
    pub cost: Exact,
    pub carbon: Exact,
    pub weighed: Exact,
}

/// What jobs take together at each hour, as planned and by the two rules, and the peak of it; base
/// units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Load {
    pub peak: Limit,
    pub planned: Vec<Exact>,
    pub at_once: Vec<Exact>,
    pub cheapest: Vec<Exact>,
}

pub fn schedule(dep: &Deployment, plan: &Plan) -> Schedule {
    let names = Names::of(dep);
    let known = plan.jobs.iter().filter_map(|choice| {
        let job = dep.jobs.iter().find(|job| job.name == choice.job)?;
        let region = dep.regions.iter().find(|region| region.name == choice.region)?;
        let spent = Spent { money: choice.cost.0.clone(), grams: choice.carbon.0.clone() };
        let place = (choice.region.clone(), choice.node_type.clone());
        let row = Row {
            job: job.name.clone(),
            hours: choice.hours,
            earliest: job.earliest_hour,
            deadline: job.deadline_hours,
            planned: run(dep, place, choice.in_pieces(), spent),
            at_once: at_once(dep, &names, job),
            cheapest: cheapest(dep, &names, job),
            shades: shades(region, job.deadline_hours),
        };
        Some((job, row))
    });
    let (jobs, rows): (Vec<&Job>, Vec<Row>) = known.unzip();
    let at_once_breaks = broken(dep, plan, &rows, |row| row.at_once.as_ref());
    let cheapest_breaks = broken(dep, plan, &rows, |row| row.cheapest.as_ref());
    let last = rows.iter().map(|row| row.deadline).max().unwrap_or(0);
    let load = |peak: &Limit| {
        let of = |run: fn(&Row) -> Option<&Run>| -> Vec<Exact> {
            let takes = || jobs.iter().map(|job| takes(job, peak.metric));
            let works = |row: &Row, hour: u32| run(row).is_some_and(|run| run.works(hour));
            let at = |hour| takes().zip(&rows).filter(move |(_, row)| works(row, hour));
            (0..last).map(|hour| Exact(at(hour).map(|(takes, _)| takes).sum())).collect()
        };
        Load {
            peak: peak.clone(),
            planned: of(|row| Some(&row.planned)),
            at_once: of(|row| row.at_once.as_ref()),
            cheapest: of(|row| row.cheapest.as_ref()),
        }
    };
    let loads = dep.peaks.iter().map(load).collect();
    Schedule { rows, at_once_breaks, cheapest_breaks, loads }
}

fn run(
    dep: &Deployment,
    (region, node_type): (String, String),
    pieces: Vec<Piece>,
    spent: Spent,
) -> Run {
    Run {
        start: pieces.first().map_or(0, |first| first.start_hour),
        pieces,
        region,
        node_type,
        weighed: Exact(weighed(&dep.strategy, &spent.money, &spent.grams)),
        cost: Exact(spent.money),
        carbon: Exact(spent.grams),
    }
}

impl Run {
    fn works(&self, hour: u32) -> bool {
        self.pieces.iter().any(|piece| (piece.start_hour..piece.end_hour()).contains(&hour))
    }

    /// `hour 5`, of a run in pieces `hours 2 to 5 and 9 to 12`.
    fn when(&self) -> String {
        match &self.pieces[..] {
            [one] => format!("hour {}", one.start_hour),
            all => display::hours(all),
        }
    }
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

/// Starts that leave the job enough hours; empty where there are none.
fn starts(job: &Job) -> std::ops::Range<u32> {
    let (first, hours) = (job.earliest_hour, hours(job));
    let end = job.deadline_hours.min(MOST_HOURS).saturating_add(1).saturating_sub(hours);
    first..if job.deferrable { end } else { end.min(first + 1) }
}

/// As soon as it may, without a break, where that is best.
fn at_once(dep: &Deployment, names: &Names, job: &Job) -> Option<Run> {
    let start = starts(job).next()?;
    let runs = job_places(dep, names, job, false).map(|place| whole(dep, job, place, start));
    runs.min_by(|a, b| a.weighed.cmp(&b.weighed))
}

/// Where and when it costs least money, the earliest of equal ones.
fn cheapest(dep: &Deployment, names: &Names, job: &Job) -> Option<Run> {
    let starts = starts(job);
    let last = starts.clone().last()?;
    let runs = job_places(dep, names, job, false).flat_map(|place| match job.interruptible {
        true => vec![cheapest_hours(dep, job, place, starts.start..last + hours(job))],
        false => starts.clone().map(|start| whole(dep, job, place, start)).collect(),
    });
    runs.min_by(|a, b| (&a.cost, a.start).cmp(&(&b.cost, b.start)))
}

fn whole(dep: &Deployment, job: &Job, (offer, r, t): Place, start: u32) -> Run {
    let spent = run_at(job, (&dep.regions[r], &dep.node_types[t]), &offer.price, start);
    let pieces = vec![Piece { start_hour: start, hours: hours(job) }];
    run(dep, (offer.region.clone(), offer.node_type.clone()), pieces, spent)
}

/// As many hours as it needs, those of least money.
fn cheapest_hours(
    dep: &Deployment,
    job: &Job,
    (offer, r, t): Place,
    within: std::ops::Range<u32>,
) -> Run {
    let place = (&dep.regions[r], &dep.node_types[t]);
    let each = within.map(|hour| (hour, in_hour(job, place, &offer.price, hour)));
    let mut each: Vec<(u32, Spent)> = each.collect();
    each.sort_by(|(_, a), (_, b)| a.money.cmp(&b.money));
    each.truncate(hours(job) as usize);
    each.sort_by_key(|(hour, _)| *hour);
    let spent = Spent {
        money: each.iter().map(|(_, spent)| spent.money.clone()).sum(),
        grams: each.iter().map(|(_, spent)| spent.grams.clone()).sum(),
    };
    let pieces = Piece::of(each.into_iter().map(|(hour, _)| hour));
    run(dep, (offer.region.clone(), offer.node_type.clone()), pieces, spent)
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

    /// The picture: a row for each job, hours shaded by how dirty the grid of its region is, and
    /// for each peak a strip of what jobs take together.
    pub fn svg(&self) -> String {
        let horizon = self.rows.iter().map(|row| row.deadline).max().unwrap_or(24).max(1);
        let names = self.rows.iter().map(|row| row.job.as_str());
        let names = names.chain(self.loads.iter().map(|load| load.peak.metric.name()));
        let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let left = 24.0 + longest as f64 * CHARACTER;
        let axis = Axis { left, hour: HOUR.min(1400.0 / f64::from(horizon)) };
        let shown = self.loads.iter().map(|load| load.words().chars().count());
        let right = shown.max().map_or(28.0, |most| 16.0 + most as f64 * CHARACTER);
        let width = (axis.x(horizon) + right).max(LEAST_WIDTH);
        let rows = TOP + self.rows.len() as f64 * ROW;
        let bottom = rows + self.loads.len() as f64 * STRIP;
        let mut out = open("When jobs run", (width, bottom + 44.0));
        text(&mut out, (16.0, 24.0), "title", "start", "When jobs run");
        let legend = "filled: planned; dashed: at once; the darker an hour, the dirtier the grid";
        if width > legend.chars().count() as f64 * CHARACTER {
            text(&mut out, (16.0, 42.0), "small", "start", legend);
        }
        let wide = |step: &u32| f64::from(*step) * axis.hour >= 44.0;
        let every = (1..).map(|k| k * 6).find(wide).unwrap_or(24);
        for tick in (0..=horizon).step_by(every as usize) {
            line(&mut out, "grid", (axis.x(tick), TOP), (axis.x(tick), bottom));
            text(&mut out, (axis.x(tick), bottom + 18.0), "tick", "middle", &tick.to_string());
        }
        for (number, row) in self.rows.iter().enumerate() {
            row.draw(&mut out, &axis, TOP + number as f64 * ROW);
        }
        for (number, load) in self.loads.iter().enumerate() {
            load.draw(&mut out, &axis, (rows + number as f64 * STRIP, horizon));
        }
        text(&mut out, (axis.x(horizon), bottom + 36.0), "small", "end", "hours");
        out.push_str("</svg>\n");
        out
    }
}

/// Where hours are drawn.
struct Axis {
    left: f64,
    hour: f64,
}

impl Axis {
    fn x(&self, at: u32) -> f64 {
        self.left + f64::from(at) * self.hour
    }
}

impl Row {
    fn draw(&self, out: &mut String, axis: &Axis, top: f64) {
        text(out, (axis.left - 8.0, top + 26.0), "", "end", &self.job);
        for (at, shade) in self.shades.iter().enumerate() {
            let _ = writeln!(
                out,
                "<rect class=\"hour\" opacity=\"{:.2}\" x=\"{:.1}\" y=\"{:.1}\" \
                 width=\"{:.1}\" height=\"6\"/>",
                0.08 + 0.72 * shade * shade,
                axis.x(at as u32),
                top + 36.0,
                axis.hour
            );
        }
        let mut bars = |class: &str, run: &Run, (y, height): (f64, f64)| {
            for piece in &run.pieces {
                let size = (f64::from(piece.hours) * axis.hour, height);
                area(out, class, (axis.x(piece.start_hour), y), size, &said(run));
            }
        };
        if let Some(run) = &self.at_once {
            bars("other", run, (top + 10.0, 22.0));
        }
        bars("bar", &self.planned, (top + 13.0, 16.0));
        for pair in self.planned.pieces.windows(2) {
            let break_ =
                [pair[0].end_hour(), pair[1].start_hour].map(|at| (axis.x(at), top + 21.0));
            line(out, "s0", break_[0], break_[1]);
        }
        let marks = [Some(self.deadline), Some(self.earliest).filter(|hour| *hour > 0)];
        for at in marks.into_iter().flatten() {
            line(out, "mark", (axis.x(at), top + 8.0), (axis.x(at), top + 36.0));
        }
    }
}

impl Load {
    /// `peak 16cpu`
    fn words(&self) -> String {
        format!("peak {}", self.peak.unit.show(&self.peak.amount, 3))
    }

    fn draw(&self, out: &mut String, axis: &Axis, (top, horizon): (f64, u32)) {
        let base = top + STRIP - 6.0;
        text(out, (axis.left - 8.0, base - 18.0), "", "end", self.peak.metric.name());
        let all = self.planned.iter().chain(&self.at_once).chain([&self.peak.amount]);
        let most = all.max().map_or(1.0, Exact::to_f64).max(f64::MIN_POSITIVE);
        let height = |amount: &Exact| (STRIP - 16.0) * amount.to_f64() / most;
        for (class, loads) in [("bar", &self.planned), ("other", &self.at_once)] {
            let mut hour = 0;
            for equal in loads.chunk_by(|a, b| a == b) {
                let (load, piece) =
                    (&equal[0], Piece { start_hour: hour, hours: equal.len() as u32 });
                hour = piece.end_hour();
                if load.0.is_zero() {
                    continue;
                }
                let from = (axis.x(piece.start_hour), base - height(load));
                let size = (f64::from(piece.hours) * axis.hour, height(load));
                let (when, amount) = (display::hours(&[piece]), self.peak.unit.show(load, 3));
                area(out, class, from, size, &format!("{when}: {amount}, {}", self.words()));
            }
        }
        let (y, end) = (base - height(&self.peak.amount), axis.x(horizon));
        line(out, "axis", (axis.left, base), (end, base));
        line(out, "mark", (axis.left, y), (end, y));
        text(out, (end + 6.0, y + 4.0), "small", "start", &self.words());
    }
}

fn said(run: &Run) -> String {
    format!(
        "{} on {} in {}: {}, {}",
        run.when(),
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
        for row in &self.rows {
            let other = |run: &Option<Run>| match run {
                Some(run) => {
                    let (cost, carbon) = (dollars(&run.cost.0), grams(&run.carbon.0));
                    format!("{cost}, {carbon} ({})", run.when())
                }
                None => String::new(),
            };
            let planned = &row.planned;
            rows.push([
                row.job.clone(),
                display::hours(&planned.pieces),
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
        let passed = |loads: fn(&Load) -> &Vec<Exact>| -> Vec<Metric> {
            let is_passed = |load: &&Load| loads(load).iter().any(|at| *at > load.peak.amount);
            self.loads.iter().filter(is_passed).map(|load| load.peak.metric).collect()
        };
        let rules = [
            ("All at once breaks", "limit", self.at_once_breaks.clone()),
            ("All at once passes", "peak", passed(|load| &load.at_once)),
            ("The cheapest hours break", "limit", self.cheapest_breaks.clone()),
            ("The cheapest hours pass", "peak", passed(|load| &load.cheapest)),
        ];
        for (rule, what, broken) in rules.into_iter().filter(|(_, _, broken)| !broken.is_empty()) {
            let names: Vec<String> = broken.iter().map(|m| m.name().to_owned()).collect();
            writeln!(f, "{rule} the {what} of {}.", words::list(&names))?;
        }
        Ok(())
    }
}
