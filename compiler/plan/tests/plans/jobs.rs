//! Jobs in pieces, and peaks of what jobs take together: against trying everything, and one by one.

use crate::fixture::*;
use eclexia_base::number::{int, ratio};
use eclexia_base::{Rational, SplitMix64};
use eclexia_model::*;
use eclexia_plan::infeasible::{conflict, is_feasible};
use eclexia_plan::problem::Rule;
use eclexia_plan::{plan, schedule};
use std::collections::BTreeSet;

const CPU: Metric = Metric::Of(Resource::Cpu);

/// No services; grids and prices by the hour, of six hours.
fn nightly(jobs: Vec<Job>, peaks: Vec<Limit>) -> Deployment {
    let mut dep = deployment(vec![], vec![]);
    let factors = [[10, 4, 9, 3, 8, 5], [7, 7, 2, 6, 2, 7]];
    let grams = [[300, 90, 250, 80, 240, 200], [30, 30, 10, 40, 10, 30]];
    for (region, (factors, grams)) in dep.regions.iter_mut().zip(factors.iter().zip(&grams)) {
        region.hourly_price = factors.iter().map(|f| Exact::ratio(*f, 10)).collect();
        region.hourly_intensity = grams.iter().map(|g| Exact::ratio(*g, 3_600_000)).collect();
    }
    (dep.jobs, dep.peaks) = (jobs, peaks);
    dep
}

fn in_pieces(name: &str, core_hours: i64, cores: i64, deadline: u32) -> Job {
    Job { interruptible: true, ..job(name, core_hours, cores, deadline) }
}

fn planned(dep: &Deployment) -> Plan {
    let (plan, found) = plan(dep, "night", None, &Places);
    assert!(found.is_empty(), "{found:#?}");
    plan.expect("a plan")
}

fn pieces(choice: &JobChoice) -> Vec<(u32, u32)> {
    choice.in_pieces().iter().map(|p| (p.start_hour, p.end_hour())).collect()
}

#[test]
fn a_job_that_may_be_interrupted_takes_the_best_hours() {
    let mut dep = nightly(vec![in_pieces("train", 8, 4, 6)], vec![]);
    dep.jobs[0].regions = vec!["near".to_owned()];
    let made = planned(&dep);
    assert_eq!(pieces(&made.jobs[0]), [(1, 2), (3, 4)]);
    assert_eq!((made.jobs[0].start_hour, made.jobs[0].hours), (1, 2));
    assert!(made.jobs[0].reason.starts_with("working in 2 pieces saves"));
    // Later than hour 1, it has to take another hour.
    dep.jobs[0].earliest_hour = 2;
    assert_eq!(pieces(&planned(&dep).jobs[0]), [(3, 4), (5, 6)]);
    dep.jobs[0].interruptible = false;
    assert_eq!(pieces(&planned(&dep).jobs[0]), [(3, 5)]);
    dep.jobs[0].deferrable = false;
    assert_eq!(pieces(&planned(&dep).jobs[0]), [(2, 4)]);
}

#[test]
fn a_peak_moves_a_job_to_other_hours() {
    let jobs = vec![in_pieces("a", 8, 4, 6), in_pieces("b", 4, 2, 6)];
    let mut dep = nightly(jobs, vec![]);
    dep.jobs.iter_mut().for_each(|job| job.regions = vec!["near".to_owned()]);
    let free = planned(&dep);
    assert_eq!(pieces(&free.jobs[0]), pieces(&free.jobs[1]));
    dep.peaks = vec![limit(CPU, 5, 7)];
    let held = planned(&dep);
    assert_ne!(pieces(&held.jobs[0]), pieces(&held.jobs[1]));
    assert_eq!(held.totals.gap, Exact::int(0));
    let why = eclexia_plan::why(&dep, &held, "b").expect("a job");
    let saved = &held.totals.objective.0 - &free.totals.objective.0;
    let words = format!("peak cpu 5cpu: without it {} less", display::monthly(&saved));
    assert_eq!(why.binding, [words]);
    dep.peaks = vec![limit(Metric::Nodes, 1, 7)];
    assert_eq!(planned(&dep).totals.objective, held.totals.objective);
}

#[test]
fn a_plan_with_pieces_is_saved_read_back_and_kept() {
    let dep = nightly(vec![in_pieces("train", 12, 4, 6)], vec![limit(CPU, 4, 7)]);
    let made = planned(&dep);
    assert!(made.jobs[0].pieces.len() > 1, "{:?}", made.jobs);
    let bytes = made.to_json();
    assert_eq!(Plan::from_json(&bytes), Ok(made.clone()));
    let again = plan(&dep, "night", Some(&made), &Places).0.expect("a plan");
    assert_eq!((again.steps, again.jobs), (vec![], made.jobs.clone()));
    // A plan without pieces says nothing of them: as plans did before there were any.
    let mut whole = dep;
    whole.jobs[0].interruptible = false;
    let text = String::from_utf8(planned(&whole).to_json()).expect("JSON is text");
    assert!(!text.contains("pieces"));
    let steps = plan(&whole, "night", Some(&made), &Places).0.expect("a plan").steps;
    assert!(steps[0].changes.contains_key("hours"), "{steps:?}");
}

#[test]
fn what_is_above_a_peak_names_it_and_what_to_raise_it_to() {
    let jobs = vec![job("a", 12, 4, 3), job("b", 6, 3, 3), job("c", 2, 2, 3)];
    let mut dep = nightly(jobs, vec![limit(CPU, 6, 7)]);
    let (none, found) = plan(&dep, "night", None, &Places);
    assert!(none.is_none());
    let found = found.into_iter().next().expect("a reason");
    assert_eq!(found.code, "infeasible-placement");
    assert_eq!(found.fixes[0].edits[0].text, "7cpu", "{found:#?}");
    assert_eq!(found.help.as_deref(), Some("Raise the peak of :cpu to 7cpu."));
    let rules: Vec<Rule> = conflict(&dep).members.iter().map(|m| m.rule).collect();
    let (a, b) = ([Rule::Job(0), Rule::Deadline(0)], [Rule::Job(1), Rule::Deadline(1)]);
    assert_eq!(rules, [a[0], b[0], a[1], b[1], Rule::Peak(0)]);
    dep.peaks[0] = limit(CPU, 7, 7);
    assert!(is_feasible(&dep, &BTreeSet::new()));
}

#[test]
fn a_job_that_only_fits_in_pieces_says_so() {
    // `hold` works at hour 1 and `train` needs two of the three hours, the other two.
    let mut dep = nightly(vec![job("hold", 4, 4, 2), job("train", 8, 4, 3)], vec![]);
    dep.jobs[0].earliest_hour = 1;
    dep.peaks = vec![limit(CPU, 4, 7)];
    let conflict = conflict(&dep);
    let rules: Vec<Rule> = conflict.members.iter().map(|m| m.rule).collect();
    assert!(rules.contains(&Rule::Whole(1)) && rules.contains(&Rule::Peak(0)), "{rules:?}");
    dep.jobs[1].interruptible = true;
    assert_eq!(pieces(&planned(&dep).jobs[1]), [(0, 1), (2, 3)]);
}

#[test]
fn the_schedule_says_what_the_simple_rules_would_pass() {
    let mut jobs = vec![in_pieces("a", 8, 4, 6), job("b", 6, 3, 6)];
    jobs.iter_mut().for_each(|job| job.regions = vec!["near".to_owned()]);
    let dep = nightly(jobs, vec![limit(CPU, 4, 7)]);
    let shown = schedule(&dep, &planned(&dep));
    let cpu = |loads: &[Exact]| -> Vec<i64> { loads.iter().map(|l| l.to_f64() as i64).collect() };
    let load = &shown.loads[0];
    assert_eq!(cpu(&load.at_once), [7, 7, 0, 0, 0, 0]);
    assert!(load.planned.iter().all(|load| *load <= Exact::int(4)), "{load:?}");
    let cheapest = shown.rows[0].cheapest.as_ref().expect("a place");
    assert_eq!(cheapest.pieces.len(), 2);
    let words = shown.to_string();
    assert!(words.contains("All at once passes the peak of cpu.\n"), "{words}");
    assert!(words.contains("The cheapest hours pass the peak of cpu.\n"), "{words}");
    let svg = shown.svg();
    assert!(svg.contains("peak 4cpu") && svg == schedule(&dep, &planned(&dep)).svg());
}

#[test]
fn services_limits_and_peaks_are_planned_together() {
    let mut dep = store();
    let nightly = nightly(vec![in_pieces("a", 8, 4, 6), job("b", 6, 3, 6)], vec![]);
    (dep.jobs, dep.regions) = (nightly.jobs, nightly.regions);
    dep.limits[0] = limit(CPU, 16, 2);
    let free = planned(&dep);
    dep.peaks = vec![limit(CPU, 4, 7)];
    let made = planned(&dep);
    assert!(made.totals.objective > free.totals.objective);
    assert_eq!((made.budgets.len(), &made.totals.gap), (4, &Exact::int(0)));
    assert_eq!(made.budgets[0].used, free.budgets[0].used);
    // The other answers keep to the peak too: with it no plan has less carbon than with none.
    let metrics = [Metric::Carbon, Metric::Nodes];
    let least = |dep: &Deployment| {
        let found = eclexia_plan::frontier(dep, metrics, &Places).expect("a frontier");
        found.points[0].uses[0].clone()
    };
    let held = least(&dep);
    dep.peaks.clear();
    assert!(held > least(&dep), "{held:?}");
}

#[test]
fn too_many_hours_and_limits_are_refused() {
    let jobs = (0..80).map(|n| job(&format!("j{n}"), 4, 4, 168)).collect();
    let dep = nightly(jobs, vec![limit(CPU, 8, 7), limit(Metric::Nodes, 3, 8)]);
    let (none, found) = plan(&dep, "night", None, &Places);
    assert!(none.is_none());
    let found = found.into_iter().next().expect("a reason");
    assert_eq!(found.code, "deployment-too-large");
    assert!(found.help.is_some_and(|help| help.contains("fewer peaks")));
}

struct Dice(SplitMix64);

impl Dice {
    fn up_to(&mut self, low: i64, high: i64) -> i64 {
        low + (self.0.next_u64() % (high - low + 1) as u64) as i64
    }
}

fn random(seed: u64) -> Deployment {
    let mut dice = Dice(SplitMix64(seed));
    let jobs = (0..dice.up_to(1, 3)).map(|n| {
        let (cores, hours) = (dice.up_to(1, 4), dice.up_to(1, 3));
        let deadline = dice.up_to(hours, 5) as u32;
        let mut job = job(&format!("j{n}"), cores * hours, cores, deadline);
        job.interruptible = dice.up_to(0, 2) > 0;
        job.deferrable = job.interruptible || dice.up_to(0, 3) > 0;
        job.earliest_hour = dice.up_to(0, i64::from(deadline) - hours) as u32 / 2;
        if dice.up_to(0, 3) == 0 {
            job.regions = vec!["near".to_owned()];
        }
        job
    });
    let mut dep = nightly(jobs.collect(), vec![]);
    dep.offers.retain(|offer| offer.node_type != "large");
    if dice.up_to(0, 3) > 0 {
        dep.peaks.push(limit(CPU, dice.up_to(2, 7), 7));
    }
    if dice.up_to(0, 2) == 0 {
        dep.peaks.push(limit(Metric::Nodes, dice.up_to(1, 2), 8));
    }
    if dice.up_to(0, 2) == 0 {
        let grams = Exact(int(dice.up_to(5, 120)) / int(MONTH));
        dep.limits.push(Limit { amount: grams, ..limit(Metric::Carbon, 1, 9) });
    }
    dep
}

/// One way to run a job: its hours as bits, and money and grams in millionths of what a day of it
/// adds to a second.
struct Way {
    hours: u32,
    money: Rational,
    grams: Rational,
}

fn ways(dep: &Deployment, job: &Job) -> Vec<Way> {
    let cores = &job.requires[&Resource::Cpu].0;
    let needs: u32 =
        (&job.work.0 / cores / int(3600)).to_integer().to_string().parse().expect("small");
    let mut ways = Vec::new();
    for offer in &dep.offers {
        let region = dep.regions.iter().find(|r| r.name == offer.region).expect("a region");
        let kind = dep.node_types.iter().find(|t| t.name == offer.node_type).expect("a type");
        let allowed = job.regions.is_empty() || job.regions.contains(&region.name);
        if !allowed || kind.capacity[&Resource::Cpu].0 < *cores {
            continue;
        }
        for hours in (0u32..1 << job.deadline_hours).filter(|h| h.count_ones() == needs) {
            let first = hours.trailing_zeros();
            let without_break = (hours >> first) + 1 == 1 << needs;
            if first < job.earliest_hour
                || !(without_break || job.interruptible)
                || !(first == job.earliest_hour || job.deferrable)
            {
                continue;
            }
            let (mut money, mut grams) = (int(0), int(0));
            for at in (0..job.deadline_hours).filter(|at| hours >> at & 1 == 1) {
                let watts = &kind.idle_watts.0 + cores * &kind.watts_per_core.0;
                let mean = watts * &region.pue.0 * &region.hourly_intensity[at as usize].0;
                grams += (mean + &kind.embodied.0) / int(24);
                money += &offer.price.0 * &region.hourly_price[at as usize].0 / int(24);
            }
            ways.push(Way { hours, money, grams });
        }
    }
    ways
}

/// The least objective over every way to run every job.
fn brute_force(dep: &Deployment) -> Option<Rational> {
    let ways: Vec<Vec<Way>> = dep.jobs.iter().map(|job| ways(dep, job)).collect();
    let mut best = None;
    try_all(dep, &ways, &mut Vec::new(), &mut best);
    best
}

fn try_all<'w>(
    dep: &Deployment,
    ways: &'w [Vec<Way>],
    taken: &mut Vec<&'w Way>,
    best: &mut Option<Rational>,
) {
    let above = dep.peaks.iter().any(|peak| {
        (0..6).any(|hour| {
            let there = taken.iter().zip(&dep.jobs).filter(|(way, _)| way.hours >> hour & 1 == 1);
            let load: Rational = match peak.metric {
                Metric::Nodes => int(there.count() as i64),
                _ => there.map(|(_, job)| job.requires[&Resource::Cpu].0.clone()).sum(),
            };
            load > peak.amount.0
        })
    });
    let grams: Rational = taken.iter().map(|way| way.grams.clone()).sum();
    if above || dep.limits.iter().any(|limit| grams > limit.amount.0) {
        return;
    }
    let Some(next) = ways.get(taken.len()) else {
        let money: Rational = taken.iter().map(|way| way.money.clone()).sum();
        let objective = money + grams * ratio(1, 10_000);
        if best.as_ref().is_none_or(|best| objective < *best) {
            *best = Some(objective);
        }
        return;
    };
    for way in next {
        taken.push(way);
        try_all(dep, ways, taken, best);
        taken.pop();
    }
}

#[test]
fn random_plans_equal_brute_force() {
    let (mut solved, mut refused) = (0, 0);
    for seed in 0..100 {
        let dep = random(seed);
        let (made, found) = plan(&dep, "night", None, &Places);
        match (made, brute_force(&dep)) {
            (Some(made), Some(best)) => {
                assert_eq!(made.totals.objective.0, best, "seed {seed}: {:#?}", made.jobs);
                assert_eq!(made.totals.gap, Exact::int(0), "seed {seed}");
                solved += 1;
            }
            (None, None) => {
                let found = found.into_iter().next().expect("a reason");
                assert_eq!(found.code, "infeasible-placement", "seed {seed}");
                refused += 1;
            }
            (made, best) => panic!("seed {seed}: {best:?} by force, planned {made:#?}"),
        }
    }
    assert!(solved > 35 && refused > 20, "{solved} planned, {refused} refused");
}
