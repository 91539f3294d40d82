//! Deployments in the simulated world.
//!
//! Transcripts, `deploy/*.txt`: a line `> eclexia …` is a command, run in that folder; below it
//! stands what it prints, then `? CODE` where it does not end with 0. Lines that begin with `# `
//! say what is shown. Programs are in the folder. And the examples, planned by the real planner, in
//! worlds by the dozen.

use crate::bless::Failures;
use crate::program::{Form, compile_bytes, on_large_stack};
use crate::{readers, tools};
use eclexia_model::{Deployment, Plan};
use eclexia_plan::elaborate::Origins;
use eclexia_plan::plan;
use eclexia_world::faults::Faults;
use eclexia_world::setup::{Behaviour, Update};
use eclexia_world::time::{DAY, HOUR};
use eclexia_world::{At, Planner, Run, Setup, simulate};
use std::collections::BTreeMap;

const PROMPT: &str = "> eclexia ";

#[test]
fn transcripts_are_what_happens() {
    let mut failures = Failures::default();
    let pages = readers::texts("tests/deploy", ".txt");
    assert!(!pages.is_empty(), "there are transcripts");
    for (path, page) in pages {
        let mut made = String::new();
        let mut was_said = true;
        for line in page.lines() {
            let is_said = line.starts_with("# ");
            let command = line.strip_prefix(PROMPT);
            if !is_said && command.is_none() {
                continue;
            }
            let gap = if was_said { "" } else { "\n" };
            was_said = is_said;
            made.push_str(&format!("{gap}{line}\n"));
            made.push_str(&command.map(answer).unwrap_or_default());
        }
        failures.expect_file(&path, &page, &made);
    }
    failures.finish();
}

fn answer(line: &str) -> String {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = tools::run(&mut tools::command(&xtask::root().join("tests/deploy"), &words));
    let code = match ran.code {
        Some(0) => String::new(),
        code => format!("? {}\n", code.unwrap_or(-1)),
    };
    format!("{}{}{code}", ran.out, ran.err)
}

/// Words with spaces between them; what stands in single quotes is one word.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

struct Best<'a>(&'a Origins);

impl Planner for Best<'_> {
    fn plan(&self, deployment: &Deployment, after: Option<&Plan>) -> Option<Plan> {
        plan(deployment, "main", after, self.0).0
    }
}

/// Each deployment of the examples with its plan.
fn each(live: impl Fn(&str, &Deployment, &Plan, &Best<'_>)) {
    let mut count = 0;
    for (path, text) in readers::texts("examples", ".ecl") {
        if !text.contains("(defdeployment ") {
            continue;
        }
        let mut compiled = compile_bytes(&path, text.as_bytes(), BTreeMap::new(), Form::File);
        if compiled.has_errors() {
            continue;
        }
        let elaborated = compiled.elaborated();
        let planner = Best(&elaborated.origins);
        for deployment in &elaborated.model.deployments {
            if let Some(plan) = planner.plan(deployment, None) {
                live(&path, deployment, &plan, &planner);
                count += 1;
            }
        }
    }
    assert!(count > 4, "{count} deployments lived");
}

fn lived(path: &str, setup: &Setup, planner: &Best<'_>) -> Run {
    let run = simulate(setup, planner).expect("nothing is asked for that is not there");
    assert_eq!(run.broken, None, "{path}: {}, seed {}", run.deployment, setup.seed);
    run
}

#[test]
fn without_faults_examples_cost_what_their_plans_say() {
    on_large_stack(|| {
        each(|path, deployment, plan, planner| {
            let is_flat = |r: &eclexia_model::Region| {
                r.hourly_price.is_empty() && r.hourly_intensity.is_empty()
            };
            // Plans count services at mean prices and intensities.
            if !deployment.services.is_empty() && !deployment.regions.iter().all(is_flat) {
                return;
            }
            let setup = Setup::new(deployment.clone(), plan.clone());
            let sums = lived(path, &setup, planner).sums;
            let near = |is: f64, planned: f64| (is - planned).abs() <= 1e-3 * planned.abs() + 1e-9;
            assert!(near(sums.money, sums.planned_money), "{path}: {sums:?}");
            assert!(near(sums.carbon, sums.planned_carbon), "{path}: {sums:?}");
            assert_eq!((sums.failed, sums.restarts), (0, 0), "{path}");
        });
    });
}

#[test]
fn no_promise_is_broken_in_the_lives_of_the_examples() {
    on_large_stack(|| {
        each(|path, deployment, plan, planner| {
            for seed in 0..6 {
                let mut setup = Setup::new(deployment.clone(), plan.clone());
                (setup.seed, setup.until) = (seed, 2 * DAY);
                setup.faults = Faults::parse("harsh").expect("rates");
                let mut other = deployment.clone();
                for service in other.services.iter_mut().take(1 + seed as usize % 3) {
                    service.command.push("--again".to_owned());
                }
                let behaviours = [Behaviour::Well, Behaviour::Errors(0.1), Behaviour::Unready];
                setup.updates = vec![Update {
                    at: At(12 * HOUR),
                    name: "another".to_owned(),
                    deployment: other,
                    behaviour: behaviours[seed as usize % 3],
                }];
                lived(path, &setup, planner);
            }
        });
    });
}
