//! Plans that continue what runs, against trying every plan and every way to continue.

#[allow(dead_code, reason = "other tests use more of it")]
mod small;

use eclexia_base::Rational;
use eclexia_base::number::{int, ratio};
use eclexia_optimizer::{
    Assignment, Continued, Figures, Moving, Nodes, Planner, Problem, Refused, Runs, RunsOn,
};
use small::{Dice, Small};
use std::collections::{BTreeMap, BTreeSet};

const MOST_PODS: u32 = 4;

/// Every plan that keeps rules and limits.
fn every_plan(problem: &Problem) -> Vec<(Assignment, Figures)> {
    let mut all = Every { problem, plan: Assignment::default(), found: BTreeSet::new() };
    all.choose();
    let plans = all.found.into_iter().map(|(services, nodes)| Assignment {
        services,
        nodes,
        jobs: Vec::new(),
    });
    plans.filter_map(|plan| problem.evaluate(&plan).ok().map(|figures| (plan, figures))).collect()
}

/// Variant and replicas of each service, and machines.
type Choices = (Vec<(usize, u32)>, Vec<Nodes>);

struct Every<'a> {
    problem: &'a Problem,
    plan: Assignment,
    found: BTreeSet<Choices>,
}

impl Every<'_> {
    fn choose(&mut self) {
        let Some(service) = self.problem.services.get(self.plan.services.len()) else {
            let of = |(s, (_, n)): (usize, &(usize, u32))| std::iter::repeat_n(s, *n as usize);
            let pods: Vec<usize> = self.plan.services.iter().enumerate().flat_map(of).collect();
            return self.place(&pods);
        };
        for (v, variant) in service.variants.iter().enumerate() {
            for replicas in variant.replicas.0..=variant.replicas.1 {
                self.plan.services.push((v, replicas));
                self.choose();
                self.plan.services.pop();
            }
        }
    }

    fn place(&mut self, pods: &[usize]) {
        let Some((s, rest)) = pods.split_first() else {
            let mut nodes = self.plan.nodes.clone();
            nodes.sort();
            self.found.insert((self.plan.services.clone(), nodes));
            return;
        };
        for k in 0..self.plan.nodes.len() {
            let before = self.plan.nodes[k].pods.clone();
            *self.plan.nodes[k].pods.entry(*s).or_default() += 1;
            self.place(rest);
            self.plan.nodes[k].pods = before;
        }
        for (offer, of) in self.problem.offers.iter().enumerate() {
            for zone in 0..self.problem.zones[of.region] {
                let pods = BTreeMap::from([(*s, 1)]);
                self.plan.nodes.push(Nodes { offer, zone, count: 1, pods });
                self.place(rest);
                self.plan.nodes.pop();
            }
        }
    }
}

/// Least objective with moves of a plan, over all ways to continue what runs that keep the
/// disruption budgets.
fn least_with_moves(
    problem: &Problem,
    runs: &Runs,
    moving: &Moving,
    (plan, figures): &(Assignment, Figures),
) -> Option<Rational> {
    let stays = |s: usize| runs.may_stay[s] && runs.variants[s] == Some(plan.services[s].0);
    let mut could = vec![0; problem.services.len()];
    for machines in &runs.machines {
        for (s, pods) in &machines.pods {
            let allowed = machines.offer.is_some_and(|o| {
                let Some(v) = runs.variants[*s].filter(|_| runs.may_stay[*s]) else { return false };
                let (variant, offer) = (&problem.services[*s].variants[v], &problem.offers[o]);
                let fits = variant.requires.iter().zip(&offer.capacity).all(|(r, c)| r <= c);
                let is_there = machines.zone < problem.zones[offer.region];
                variant.allowed[o] && fits && offer.limit != Some(0) && is_there
            });
            could[*s] += if allowed { pods * machines.count } else { 0 };
        }
    }
    for (s, could) in could.iter_mut().enumerate() {
        let most = runs.variants[s].map_or(0, |v| match plan.services[s] {
            (chosen, replicas) if chosen == v => replicas,
            _ => problem.services[s].variants[v].replicas.1,
        });
        *could = (*could).min(most);
    }
    let was: Vec<&RunsOn> =
        runs.machines.iter().flat_map(|m| std::iter::repeat_n(m, m.count as usize)).collect();
    let mut best = None;
    let mut walk = vec![(0, BTreeSet::new(), vec![0; could.len()])];
    while let Some((i, used, kept)) = walk.pop() {
        let Some(machine) = was.get(i) else {
            let moved: Vec<u32> = could.iter().zip(&kept).map(|(c, k)| c - k).collect();
            if moved.iter().zip(&moving.most).all(|(moved, most)| moved <= most) {
                let total: u32 = moved.iter().sum();
                let value = &figures.objective + &moving.rate * int(i64::from(total));
                best = Some(best.map_or(value.clone(), |b: Rational| b.min(value)));
            }
            continue;
        };
        walk.push((i + 1, used.clone(), kept.clone()));
        for (j, node) in plan.nodes.iter().enumerate().filter(|(j, _)| !used.contains(j)) {
            if machine.offer == Some(node.offer) && machine.zone == node.zone {
                let (mut used, mut kept): (BTreeSet<usize>, Vec<u32>) =
                    (used.clone(), kept.clone());
                used.insert(j);
                for (s, pods) in machine.pods.iter().filter(|(s, _)| stays(**s)) {
                    kept[*s] += (*pods).min(node.pods.get(s).copied().unwrap_or(0));
                }
                walk.push((i + 1, used, kept));
            }
        }
    }
    best
}

fn pods(small: &Small) -> u32 {
    let most = |s: &small::SmallService| s.variants.iter().map(|v| v.replicas.1).max();
    small.services.iter().filter_map(most).sum()
}

/// The first services with few pods, few offers and zones.
fn few(mut small: Small) -> Small {
    while pods(&small) > MOST_PODS {
        small.services.pop();
    }
    let is_left = |pair: &(usize, usize)| pair.0.max(pair.1) < small.services.len();
    small.conflicts.retain(is_left);
    small.together.retain(is_left);
    small.near.retain(is_left);
    small.jobs.clear();
    small.zones.iter_mut().for_each(|zones| *zones = (*zones).min(2));
    small.offers.truncate(3);
    small
}

/// What a plan of `was` is when it runs, for a problem with the same services and offers.
fn running(plan: &Assignment, dice: &mut Dice) -> Runs {
    let machines = plan.nodes.iter().map(|nodes| RunsOn {
        offer: (!dice.chance(5)).then_some(nodes.offer),
        zone: nodes.zone,
        count: nodes.count,
        pods: nodes.pods.clone(),
    });
    Runs {
        machines: machines.collect(),
        variants: plan.services.iter().map(|(v, _)| Some(*v)).collect(),
        may_stay: plan.services.iter().map(|_| dice.chance(85)).collect(),
        gone: 0,
    }
}

/// Something of it is different.
fn changed(small: &Small, dice: &mut Dice) -> Small {
    let mut now = small.clone();
    for offer in &mut now.offers {
        if dice.chance(60) {
            offer.cost = (offer.cost * dice.up_to(30, 200) / 100).max(1);
        }
    }
    if dice.chance(30) {
        let s = dice.up_to(0, now.services.len() as i64 - 1) as usize;
        for variant in &mut now.services[s].variants {
            variant.replicas.0 = variant.replicas.1;
        }
    }
    if dice.chance(20) {
        let o = dice.up_to(0, now.offers.len() as i64 - 1) as usize;
        now.offers[o].limit = Some(dice.up_to(0, 1) as u32);
    }
    now
}

#[test]
fn changes_are_followed_at_the_value_of_trying_everything() {
    let (mut followed, mut best, mut refused, mut moved) = (0, 0, 0, 0);
    for seed in 0..130 {
        let was = few(small::random(seed));
        let before = small::problem(&was);
        let mut dice = Dice::new(seed + 7);
        let planner = Planner::new(&before).expect("a small problem");
        let Some((plan, _)) = planner.optimum().best else { continue };
        let problem = small::problem(&changed(&was, &mut dice));
        let runs = running(&plan, &mut dice);
        let services = problem.services.len();
        let moving = Moving {
            rate: [int(0), ratio(1, 2), int(5), int(60)][seed as usize % 4].clone(),
            most: vec![[u32::MAX, 1, 0][seed as usize % 3]; services],
        };
        let planner = Planner::new(&problem).expect("a small problem");
        let known: Vec<Assignment> = planner.optimum().best.into_iter().map(|b| b.0).collect();
        let found = planner.replan(&runs, &moving, &known).map(|next| next.best);
        let plans = every_plan(&problem);
        let of = plans.iter().filter_map(|plan| least_with_moves(&problem, &runs, &moving, plan));
        match (of.min(), found) {
            (Some(least), Ok(found)) => {
                let total = found.movements.total();
                let moves = int(i64::try_from(total.moved).expect("few"));
                let value = &found.figures.objective + &moving.rate * moves;
                assert!(value >= least, "seed {seed}: {value} {least}");
                is_as_said(&problem, &moving, &found);
                followed += 1;
                best += i32::from(value == least);
                moved += total.moved;
            }
            (None, Err(error)) => {
                assert_eq!(error == Refused::NoPlan, known.is_empty(), "seed {seed}: {error:?}");
                refused += 1;
            }
            (least, found) => panic!("seed {seed}: {least:?} {found:?}"),
        }
    }
    assert!(followed > 80 && best * 100 >= followed * 98 && refused > 4 && moved > 10);
}

fn is_as_said(problem: &Problem, moving: &Moving, found: &Continued) {
    assert_eq!(problem.evaluate(&found.plan).expect("a plan"), found.figures);
    for ((of, most), (_, replicas)) in
        found.movements.services.iter().zip(&moving.most).zip(&found.plan.services)
    {
        assert_eq!(of.kept + of.started, u64::from(*replicas));
        assert!(of.moved <= u64::from(*most) && of.moved <= of.stopped);
    }
}
