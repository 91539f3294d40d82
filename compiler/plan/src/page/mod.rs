//! The report of a plan as one page of HTML that needs nothing else: what it costs with its proof,
//! budgets as bars with their prices, machines as boxes with what is packed into them, a map, the
//! choices with their reasons, jobs over the hours, sweeps and a frontier. What comes in is plain
//! data; equal input gives equal bytes. There is no script: it reads as well printed.

mod map;

use crate::schedule::{Schedule, schedule};
use crate::svg::escaped;
use crate::{Curve, Frontier, OriginSpans, Sweep, frontier};
use eclexia_base::Rational;
use eclexia_base::number::{int, to_f64};
use eclexia_diag::Diagnostic;
use eclexia_model::{BudgetLine, Deployment, Metric, NodeChoice, Plan, Resource, display};
use num_traits::Zero;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");
/// Colours of services, in turn.
const COLOURS: usize = 8;

/// What a page shows beside the plan.
#[derive(Default)]
pub struct More {
    pub curves: Vec<Curve>,
    pub frontier: Option<Frontier>,
    pub schedule: Option<Schedule>,
}

/// Limits of which a page shows the sweep.
const MOST_CURVES: usize = 3;

impl More {
    /// Sweeps of the limits that a little more of would change the plan, the frontier between money
    /// and carbon, and the schedule.
    pub fn of(
        dep: &Deployment,
        plan: &Plan,
        spans: &dyn OriginSpans,
    ) -> Result<More, Box<Diagnostic>> {
        let mut curves = Vec::new();
        for (limit, line) in dep.limits.iter().zip(&plan.budgets) {
            let Some(next) = &line.price.next_step else { continue };
            if curves.len() == MOST_CURVES {
                break;
            }
            let half = &limit.amount.0 / int(2);
            let beyond = &limit.amount.0 + (&next.increase.0 * int(2)).max(half.clone());
            curves.push(Sweep::of_limit_between(dep, limit, (half, beyond)).curve(dep, spans)?);
        }
        let frontier = frontier(dep, [Metric::Cost, Metric::Carbon], spans)?;
        let frontier = Some(frontier).filter(|found| found.points.len() > 1);
        Ok(More { curves, frontier, schedule: Some(schedule(dep, plan)) })
    }
}

pub fn page(dep: &Deployment, plan: &Plan, more: &More) -> String {
    let mut out = String::new();
    let title = escaped(&format!("{}: the plan", dep.name));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    head(&mut out, dep, plan);
    budgets(&mut out, plan);
    machines(&mut out, dep, plan);
    if let Some(picture) = map::draw(dep, plan) {
        section(&mut out, "Where it runs");
        drawn(&mut out, &picture);
    }
    choices(&mut out, plan);
    jobs(&mut out, more.schedule.as_ref());
    for curve in &more.curves {
        section(&mut out, &format!("If {} were different", curve.of));
        drawn(&mut out, &curve.svg());
        as_text(&mut out, &curve.to_string());
    }
    if let Some(frontier) = &more.frontier {
        let [a, b] = frontier.metrics.map(Metric::name);
        section(&mut out, &format!("Between {a} and {b}"));
        drawn(&mut out, &frontier.svg());
        as_text(&mut out, &frontier.to_string());
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn section(out: &mut String, name: &str) {
    let _ = writeln!(out, "<h2>{}</h2>", escaped(name));
}

/// A picture, which may be wider than a telephone.
fn drawn(out: &mut String, picture: &str) {
    let _ = writeln!(out, "<div class=\"wide\">{picture}</div>");
}

/// The same as the command prints it, for who would rather read.
fn as_text(out: &mut String, text: &str) {
    let lines: Vec<String> = text.trim_end().lines().map(escaped).collect();
    let _ = writeln!(
        out,
        "<details><summary>In words</summary><div class=\"wide\"><pre>{}</pre></div></details>",
        lines.join("\n")
    );
}

fn head(out: &mut String, dep: &Deployment, plan: &Plan) {
    let _ = writeln!(
        out,
        "<h1>{}</h1>\n<p class=\"soft\">module {}, plan {}</p>\n<p>{}</p>",
        escaped(&dep.name),
        escaped(&plan.module),
        escaped(&plan.id[..plan.id.len().min(12)]),
        escaped(display::proof(plan).trim())
    );
    let totals = &plan.totals;
    let month = |rate: &eclexia_model::Exact| display::monthly(&rate.0);
    let mut cards = vec![
        ("machines", month(&totals.cost)),
        ("carbon of machines", display::carbon(&totals.carbon)),
        ("objective", month(&totals.objective)),
    ];
    if let Some(moves) = &plan.moves {
        let runs = moves.kept + moves.stopped;
        cards.push(("moves", format!("{} of {runs} pods that run", moves.moved)));
    }
    if !plan.jobs.is_empty() {
        let runs = |amount: &Rational| format!("{:.2}", to_f64(amount));
        cards.push(("one run of all jobs", format!("{}USD", runs(&totals.job_cost.0))));
        cards.push(("its carbon", format!("{}gCO2e", runs(&totals.job_carbon.0))));
    }
    out.push_str("<div class=\"cards\">\n");
    for (name, value) in cards {
        let _ = writeln!(
            out,
            "<div class=\"card\"><span class=\"soft\">{name}</span><b>{}</b></div>",
            escaped(&value)
        );
    }
    out.push_str("</div>\n");
}

fn budgets(out: &mut String, plan: &Plan) {
    if plan.budgets.is_empty() {
        return;
    }
    section(out, "Budgets");
    for line in &plan.budgets {
        let share = match line.limit.0.is_zero() {
            true => 1.0,
            false => to_f64(&(&line.used.0 / &line.limit.0)).clamp(0.0, 1.0),
        };
        let _ = writeln!(
            out,
            "<div class=\"limit\"><span>{}</span><span class=\"track\" role=\"img\" \
             aria-label=\"{:.0} % used\"><i class=\"c0\" style=\"width:{:.1}%\"></i></span>\
             <span class=\"words\">{} of {}{}</span></div>",
            escaped(line.metric.name()),
            share * 100.0,
            share * 100.0,
            escaped(&line.unit.show(&line.used, 3)),
            escaped(&line.unit.show(&line.limit, 3)),
            escaped(&price(line))
        );
    }
}

/// The next step of a limit, and its prices where they are something.
fn price(line: &BudgetLine) -> String {
    let mut words = String::new();
    match &line.price.next_step {
        Some(next) => {
            let _ = write!(
                words,
                "; {} more would save {}: {}",
                line.unit.show(&next.increase, 3),
                display::monthly(&next.saves.0),
                next.change
            );
        }
        None => words.push_str("; more changes nothing"),
    }
    let per_unit =
        |price: &eclexia_model::Exact| display::monthly(&(&price.0 * &line.unit.scale.0));
    match &line.price.sell {
        None => words.push_str("; with any less there is no plan"),
        Some(sell) if !sell.0.is_zero() => {
            let _ = write!(words, "; one {} less costs {}", line.unit.text, per_unit(sell));
        }
        Some(_) => {}
    }
    words
}

fn machines(out: &mut String, dep: &Deployment, plan: &Plan) {
    if plan.nodes.is_empty() {
        return;
    }
    section(out, "Machines");
    out.push_str("<div class=\"machines\">\n");
    for node in &plan.nodes {
        let _ = writeln!(
            out,
            "<div class=\"card machine\"><b>{} × {}</b>\
             <span class=\"soft\">{}, zone {}; {} each</span>",
            node.count,
            escaped(&node.node_type),
            escaped(&node.region),
            node.zone,
            escaped(&display::monthly(&node.price.0))
        );
        for resource in [Resource::Cpu, Resource::Memory, Resource::Gpu] {
            packed(out, dep, plan, node, resource);
        }
        out.push_str("<div class=\"pods\">");
        for (name, pods) in &node.pods {
            let _ = write!(
                out,
                "<span><i class=\"c{}\"></i>{} × {pods}</span>",
                colour(dep, name),
                escaped(name)
            );
        }
        out.push_str("</div></div>\n");
    }
    out.push_str("</div>\n");
}

fn colour(dep: &Deployment, service: &str) -> usize {
    dep.services.iter().position(|s| s.name == service).unwrap_or(0) % COLOURS
}

/// How much of one resource of a machine its pods take, each in its service's colour.
fn packed(out: &mut String, dep: &Deployment, plan: &Plan, node: &NodeChoice, resource: Resource) {
    let Some(kind) = dep.node_types.iter().find(|t| t.name == node.node_type) else { return };
    let capacity = crate::problem::amount(&kind.capacity, resource);
    if capacity.is_zero() {
        return;
    }
    let mut taken = Rational::zero();
    let mut parts = String::new();
    for (name, pods) in &node.pods {
        let choice = plan.services.iter().find(|c| c.service == *name);
        let variant = choice.and_then(|choice| {
            let service = dep.services.iter().find(|s| s.name == *name)?;
            service.variants.iter().find(|v| v.name == choice.variant)
        });
        let Some(variant) = variant else { continue };
        let share =
            crate::problem::amount(&variant.requires, resource) * int(i64::from(*pods)) / &capacity;
        let _ = write!(
            parts,
            "<i class=\"c{}\" style=\"width:{:.2}%\" title=\"{}\"></i>",
            colour(dep, name),
            to_f64(&share) * 100.0,
            escaped(name)
        );
        taken += share;
    }
    let _ = writeln!(
        out,
        "<div class=\"row\"><span>{}</span><span class=\"track\" role=\"img\" \
         aria-label=\"{:.0} % taken\">{parts}</span></div>",
        resource.name(),
        to_f64(&taken) * 100.0
    );
}

fn choices(out: &mut String, plan: &Plan) {
    if plan.services.is_empty() {
        return;
    }
    section(out, "Choices");
    let rows = plan.services.iter().map(|choice| {
        let what = format!("{} × {}", choice.replicas, choice.variant);
        [choice.service.clone(), what, choice.reason.clone()]
    });
    table(out, ["service", "is", "because"], rows.collect());
    if plan.declined.is_empty() {
        return;
    }
    out.push_str("<details><summary>What was not chosen, and why</summary>\n");
    let rows = plan.declined.iter().map(|d| [d.address.to_string(), d.what.clone(), d.why.clone()]);
    table(out, ["of", "not", "because"], rows.collect());
    out.push_str("</details>\n");
}

fn table(out: &mut String, head: [&str; 3], rows: Vec<[String; 3]>) {
    out.push_str("<div class=\"wide\"><table><tr>");
    head.iter().for_each(|cell| {
        let _ = write!(out, "<th scope=\"col\">{cell}</th>");
    });
    out.push_str("</tr>\n");
    for row in rows {
        out.push_str("<tr>");
        row.iter().for_each(|cell| {
            let _ = write!(out, "<td>{}</td>", escaped(cell));
        });
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

fn jobs(out: &mut String, schedule: Option<&Schedule>) {
    let Some(schedule) = schedule.filter(|schedule| !schedule.rows.is_empty()) else { return };
    section(out, "Jobs");
    drawn(out, &schedule.svg());
    as_text(out, &schedule.to_string());
}
