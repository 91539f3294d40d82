//! Golden plans: beside a program, `NAME.golden.json` says what its deployments are planned as.
//!
//! Comes in: a program, and that file, if it is there. Goes out: a result for each deployment of
//! either; with `--bless` the file as the plans are. Always holds: what is compared is what was
//! chosen and what it costs, as people are shown it, not the bytes of a plan; so neither a reason
//! in other words nor a later version of the format is a difference. Absent: a plan that is
//! infeasible on purpose, and plans after one that runs.

use super::super::Stop;
use super::super::program::{Loaded, strategies};
use super::report::Report;
use crate::args::{TestArgs, TestFormat};
use crate::console::Console;
use crate::{diagnostics, files};
use eclexia_base::number::to_decimal;
use eclexia_db::pipeline;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Exact, Plan, display};
use eclexia_plan::OriginSpans;
use eclexia_plan::elaborate::Elaborated;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is chosen, by what it is chosen for: `service web` → `2 replicas`.
type Choices = BTreeMap<String, String>;

/// Of each deployment.
type Golden = BTreeMap<String, Choices>;

/// Tests the plans of a program against its golden file; none without such a file, unless a file
/// that was named is blessed.
pub fn run(
    console: &Console,
    args: &TestArgs,
    loaded: &mut Loaded,
    report: &mut Report,
) -> Result<(), Stop> {
    let path = path_of(Path::new(&loaded.name));
    let golden = match path.is_file() {
        true => read(&path)?,
        false if args.bless && args.files.contains(&loaded.name) => Golden::new(),
        false => return Ok(()),
    };
    let known = strategies(loaded.project.as_deref())?;
    let (elaborated, found) = pipeline::elaborate(&mut loaded.session, loaded.module, &known);
    super::super::program::report(console, found, &loaded.session.sources)?;
    let mut planned = Planned { golden: golden.clone(), made: golden };
    for deployment in &elaborated.model.deployments {
        if report.wants(&title(&deployment.name)) {
            let failures = planned.test(args, &elaborated, deployment, &loaded.name);
            report.tell(loaded, &title(&deployment.name), &failures, &[]);
        }
    }
    let here: BTreeSet<&str> =
        elaborated.model.deployments.iter().map(|d| d.name.as_str()).collect();
    for gone in planned.golden.keys().filter(|name| !here.contains(name.as_str())) {
        if !report.wants(&title(gone)) {
            continue;
        }
        if args.bless {
            planned.made.remove(gone);
        } else {
            let found = diagnostics::golden_without_deployment(gone, &loaded.name);
            report.tell(loaded, &title(gone), &[found], &[]);
        }
    }
    if args.bless && planned.made != planned.golden {
        write(&path, &planned.made)?;
        // Formats for machines hold nothing but results.
        if args.format == TestFormat::Lines {
            console.say(&format!("Wrote {}.\n", path.display()));
        }
    }
    Ok(())
}

fn title(deployment: &str) -> String {
    format!("plan of {deployment}")
}

/// `shop.golden.json` of `shop.ecl`.
pub fn path_of(program: &Path) -> PathBuf {
    program.with_extension("golden.json")
}

struct Planned {
    golden: Golden,
    made: Golden,
}

impl Planned {
    /// What is wrong with the plan of a deployment; it becomes golden where it is blessed.
    fn test(
        &mut self,
        args: &TestArgs,
        elaborated: &Elaborated,
        deployment: &Deployment,
        file: &str,
    ) -> Vec<Diagnostic> {
        let (module, origins) = (&elaborated.model.module, &elaborated.origins);
        let (plan, found) = eclexia_plan::plan(deployment, module, None, origins);
        let Some(plan) = plan.filter(|_| !found.has_errors()) else { return found.sorted() };
        let choices = choices(&plan);
        if args.bless {
            self.made.insert(deployment.name.clone(), choices);
            return Vec::new();
        }
        let lines = difference(self.golden.get(&deployment.name), &choices);
        if lines.is_empty() {
            return Vec::new();
        }
        let place = origins.span(deployment.origin);
        vec![diagnostics::plan_differs(&deployment.name, place, &lines, file)]
    }
}

/// What a plan says of each thing it was made for.
fn choices(plan: &Plan) -> Choices {
    let mut choices = Choices::new();
    let mut machines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for service in &plan.services {
        let many = if service.replicas == 1 { "replica" } else { "replicas" };
        let variant = match service.variant.as_str() {
            "" | "default" => String::new(),
            variant => format!(", variant {variant}"),
        };
        let chosen = format!("{} {many}{variant}", service.replicas);
        choices.insert(format!("service {}", service.service), chosen);
    }
    for node in &plan.nodes {
        let pods: Vec<String> = node.pods.iter().map(|(name, n)| format!("{n} {name}")).collect();
        let place = format!("machines {} zone {} {}", node.region, node.zone, node.node_type);
        let group = format!("{} with {}", node.count, pods.join(", "));
        machines.entry(place).or_default().push(group);
    }
    for (place, mut groups) in machines {
        groups.sort();
        choices.insert(place, groups.join("; "));
    }
    for job in &plan.jobs {
        let at = display::working_hours(job);
        let chosen = format!("{at}, on {} in {}", job.node_type, job.region);
        choices.insert(format!("job {}", job.job), chosen);
    }
    let totals = &plan.totals;
    if !plan.nodes.is_empty() {
        choices.insert("cost".to_owned(), display::monthly(&totals.cost.0));
        choices.insert("carbon".to_owned(), display::carbon(&totals.carbon));
    }
    if !plan.jobs.is_empty() {
        let shown =
            |amount: &Exact, unit: &str| format!("{}{unit} a run", to_decimal(&amount.0, 4));
        choices.insert("cost of jobs".to_owned(), shown(&totals.job_cost, "USD"));
        choices.insert("carbon of jobs".to_owned(), shown(&totals.job_carbon, "gCO2e"));
    }
    choices
}

/// Lines of a difference, `- cost: 61.32USD/month` and `+ cost: 70.08USD/month`; none where all is
/// as expected.
fn difference(golden: Option<&Choices>, made: &Choices) -> Vec<String> {
    let nothing = Choices::new();
    let golden = golden.unwrap_or(&nothing);
    let names: BTreeSet<&String> = golden.keys().chain(made.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        let (before, after) = (golden.get(name), made.get(name));
        if before != after {
            lines.extend(before.map(|value| format!("- {name}: {value}")));
            lines.extend(after.map(|value| format!("+ {name}: {value}")));
        }
    }
    lines
}

fn read(path: &Path) -> Result<Golden, Stop> {
    let (name, bytes) = files::read(path)?;
    let read = serde_json::from_slice(&bytes);
    Ok(read.map_err(|error| diagnostics::golden_format(&name, &error))?)
}

fn write(path: &Path, golden: &Golden) -> Result<(), Stop> {
    let mut text = serde_json::to_string_pretty(golden).unwrap_or_default();
    text.push('\n');
    Ok(files::write(path, text.as_bytes())?)
}
