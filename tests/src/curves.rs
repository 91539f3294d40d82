//! Sweeps and frontiers of the examples, held against planning again: a step is where planning at
//! the amount gives its plan's cost and planning just below gives that of the step before; of a
//! frontier no plan is better in one metric and as good in the other. And the page that shows them.

use crate::bless::Failures;
use crate::program::{Form, compile_bytes, on_large_stack};
use crate::readers;
use eclexia_base::Rational;
use eclexia_base::number::int;
use eclexia_base::unit::UnitTable;
use eclexia_model::{Deployment, Exact, Metric};
use eclexia_plan::elaborate::{Elaborated, Origins};
use eclexia_plan::page::{More, page};
use eclexia_plan::sweep::{Curve, Rows};
use eclexia_plan::{Frontier, Sweep, frontier, plan};
use std::collections::BTreeMap;

/// Just below an amount: by one part in a million.
fn below(amount: &Rational) -> Rational {
    amount - amount / int(1_000_000)
}

fn deployments() -> Vec<(String, Elaborated)> {
    let texts = readers::texts("examples", ".ecl").into_iter();
    let deploys = texts.filter(|(_, text)| text.contains("(defdeployment "));
    let of = |(path, text): (String, String)| {
        let mut compiled = compile_bytes(&path, text.as_bytes(), BTreeMap::new(), Form::File);
        (!compiled.has_errors()).then(|| (path, compiled.elaborated()))
    };
    let all: Vec<_> = deploys.filter_map(of).collect();
    assert!(all.len() > 4, "examples can be elaborated");
    all
}

/// The objective of the best plan with a limit set.
fn at(dep: &Deployment, k: usize, amount: &Rational, origins: &Origins) -> Option<Rational> {
    let mut edited = dep.clone();
    edited.limits[k].amount = Exact(amount.clone());
    plan(&edited, "main", None, origins).0.map(|plan| plan.totals.objective.0)
}

fn check_curve(dep: &Deployment, k: usize, curve: &Curve, origins: &Origins) -> Result<(), String> {
    let mut before: Option<&Rational> = None;
    for stair in &curve.stairs {
        let here = at(dep, k, &stair.at.0, origins);
        if here.as_ref() != Some(&stair.objective.0) {
            return Err(format!("at {} planning gives {here:?}", stair.at));
        }
        let just_below = at(dep, k, &below(&stair.at.0), origins);
        // Below the first step of the range is what the range does not say.
        if (before.is_some() || stair.at > curve.low) && just_below.as_ref() != before {
            return Err(format!("just below {} planning gives {just_below:?}", stair.at));
        }
        before = Some(&stair.objective.0);
    }
    let end = at(dep, k, &curve.high.0, origins);
    if end.as_ref() != before {
        return Err(format!("at the end planning gives {end:?}"));
    }
    Ok(())
}

#[test]
fn every_step_of_a_sweep_is_one_of_planning_again() {
    on_large_stack(|| {
        let mut failures = Failures::default();
        let mut steps = 0;
        for (path, elaborated) in deployments() {
            for dep in &elaborated.model.deployments {
                let Some(account) = &dep.account else { continue };
                for (k, limit) in dep.limits.iter().enumerate() {
                    let of = |times: i64| {
                        limit.unit.show(&Exact(&limit.amount.0 * int(times) / int(4)), 6)
                    };
                    let text = format!("{account}.{} in {}..{}", limit.metric.name(), of(1), of(8));
                    let sweep = Sweep::parse(&text, UnitTable::language()).expect("a sweep");
                    let curve = sweep.and_then(|sweep| sweep.curve(dep, &elaborated.origins));
                    let checked = match curve {
                        Ok(curve) if curve.kind == Rows::Steps => {
                            steps += curve.stairs.len();
                            check_curve(dep, k, &curve, &elaborated.origins)
                        }
                        Ok(_) => Err("not all steps were found".to_owned()),
                        Err(refused) => Err(refused.message),
                    };
                    if let Err(why) = checked {
                        failures.push(&path, 1, format!("{text}: {why}"));
                    }
                }
            }
        }
        assert!(steps > 20, "{steps} steps were looked at");
        failures.finish();
    });
}

/// Whether a plan uses at most so much of both metrics.
fn exists(dep: &Deployment, most: [(Metric, Rational); 2], origins: &Origins) -> bool {
    let mut edited = dep.clone();
    for (metric, amount) in most {
        let known = edited.limits.iter().position(|limit| limit.metric == metric);
        let k = known.unwrap_or_else(|| {
            let mut limit = dep.limits[0].clone();
            limit.metric = metric;
            edited.limits.push(limit);
            edited.limits.len() - 1
        });
        edited.limits[k].amount = Exact(amount);
    }
    plan(&edited, "main", None, origins).0.is_some()
}

fn check_frontier(dep: &Deployment, found: &Frontier, origins: &Origins) -> Result<(), String> {
    let [a, b] = found.metrics;
    for (i, point) in found.points.iter().enumerate() {
        let [x, y] = [&point.uses[0].0, &point.uses[1].0];
        if !exists(dep, [(a, x.clone()), (b, y.clone())], origins) {
            return Err(format!("point {i} is no plan"));
        }
        let less = [[below(x), y.clone()], [x.clone(), below(y)]];
        for ([x, y], was) in less.into_iter().zip([x, y]) {
            // Nothing is below nothing: a machine of one's own costs none.
            if *was > Rational::default() && exists(dep, [(a, x), (b, y)], origins) {
                return Err(format!("a plan is better than point {i}"));
            }
        }
    }
    Ok(())
}

#[test]
fn no_plan_is_better_than_one_of_a_frontier() {
    on_large_stack(|| {
        let mut failures = Failures::default();
        let mut points = 0;
        for (path, elaborated) in deployments() {
            for dep in elaborated.model.deployments.iter().filter(|dep| !dep.limits.is_empty()) {
                let found = frontier(dep, [Metric::Cost, Metric::Carbon], &elaborated.origins);
                let checked = match found {
                    Ok(found) => {
                        points += found.points.len();
                        check_frontier(dep, &found, &elaborated.origins)
                    }
                    Err(refused) => Err(refused.message),
                };
                if let Err(why) = checked {
                    failures.push(&path, 1, format!("{}: {why}", dep.name));
                }
            }
        }
        assert!(points > 8, "{points} points were looked at");
        failures.finish();
    });
}

#[test]
fn a_report_is_one_page_that_needs_nothing_else() {
    on_large_stack(|| {
        let mut failures = Failures::default();
        // Sweeps are many plans: those of one deployment are made twice.
        let mut is_drawn_twice = true;
        for (path, elaborated) in deployments() {
            for dep in &elaborated.model.deployments {
                let (Some(plan), _) = plan(dep, "main", None, &elaborated.origins) else {
                    continue;
                };
                let drawn = || {
                    let more = More::of(dep, &plan, &elaborated.origins);
                    page(dep, &plan, &more.unwrap_or_default())
                };
                let html = drawn();
                for outside in ["<script", " src=", " href=", "url(", "@import"] {
                    if html.contains(outside) {
                        failures.push(&path, 1, format!("{}: the page has {outside}", dep.name));
                    }
                }
                let is_balanced =
                    ["div", "span", "table", "svg", "details", "main"].iter().all(|tag| {
                        let opened = html.matches(&format!("<{tag}")).count();
                        opened == html.matches(&format!("</{tag}>")).count()
                    });
                let is_same = !std::mem::take(&mut is_drawn_twice) || html == drawn();
                if !is_balanced || !is_same {
                    failures.push(&path, 1, format!("{}: tags, or not the same twice", dep.name));
                }
            }
        }
        failures.finish();
    });
}
