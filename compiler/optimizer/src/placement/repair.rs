//! Steps that bring a plan that runs back within its rules, where a change has broken them: each of
//! a short list is tried, and the one is taken that leaves least. Random steps would get there
//! too, but move more than it takes.

use super::anneal::Annealing;
use super::insert::{Manner, insert};
use super::ruin::Ruin;
use super::state::State;

/// Of each kind of step, so many are tried.
const MOST_TRIES: usize = 12;
/// A step that gains less than this is none, relative.
const SAME: f64 = 1e-9;

#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// A machine is cleared, and all on it placed anew.
    Clear(u32),
    /// A service is placed anew, in a choice.
    Choose(u32, u32),
    /// A group is placed anew in a region.
    Group(u32, u32),
}

impl Annealing<'_> {
    /// Takes the best step while one makes the plan better, until so much work is done.
    pub fn repair(&mut self, most_work: u64) {
        let end = self.work + most_work;
        loop {
            let before = self.state.weight();
            let mut best: Option<(f64, Step)> = None;
            for step in steps(&self.state, &self.ruin) {
                self.take(step);
                let weight = self.state.weight();
                self.state.undo();
                if best.is_none_or(|(least, _)| weight < least) {
                    best = Some((weight, step));
                }
                if self.work > end {
                    break;
                }
            }
            let Some((least, step)) = best else { break };
            if least >= before - SAME * before.abs() {
                break;
            }
            self.take(step);
            if self.work > end {
                break;
            }
        }
        self.state.begin();
        self.keep();
    }

    fn take(&mut self, step: Step) {
        let (state, ruin) = (&mut self.state, &mut self.ruin);
        state.begin();
        ruin.begin(state);
        match step {
            Step::Clear(n) => ruin.clear(state, n),
            Step::Choose(service, choice) => {
                ruin.service(state, service);
                if choice != state.choice[service as usize] {
                    state.choose(service, choice);
                }
            }
            Step::Group(group, region) => ruin.group_to(state, group as usize, region),
        }
        let mut services = std::mem::take(&mut self.ruin.services);
        self.order(&mut services, 0.0);
        let held = &self.ruin.held;
        let manner =
            Manner { blink: 0.0, tightness: 0.0, looked_at: usize::MAX, held, around: &[] };
        self.work += insert(&mut self.state, &services, &manner, &mut self.rng);
        self.ruin.services = services;
        self.ruin.settle(&mut self.state);
    }
}

/// What may help: with what the change touched, with budgets that are exceeded, and with rules of
/// nearness that are broken.
fn steps(state: &State<'_>, ruin: &Ruin) -> Vec<Step> {
    let tables = state.tables;
    let mut services: Vec<u32> = ruin.focus.iter().copied().take(MOST_TRIES).collect();
    let all = 0..tables.services() as u32;
    services.extend(all.filter(|s| state.unplaced(*s) > 0).take(MOST_TRIES));
    let mut steps = Vec::new();
    for b in 0..tables.limits.len() as u32 {
        if state.uses[b as usize] > tables.limits[b as usize] {
            let machines = users(state, b);
            steps.extend(machines.iter().map(|n| Step::Clear(*n)));
            let pods = machines.iter().flat_map(|n| &state.nodes[*n as usize].pods);
            services.extend(pods.map(|p| p.0).take(MOST_TRIES));
        }
    }
    let mut groups: Vec<u32> = Vec::new();
    for (i, near) in tables.near.iter().enumerate() {
        if state.far > 0 && groups.len() < MOST_TRIES && state.far_of(&[i as u32]) > 0 {
            groups.push(ruin.group_of[near.a as usize]);
            services.extend([near.a, near.b]);
        }
    }
    services.sort_unstable();
    services.dedup();
    for s in services {
        steps.extend(tables.choices_of(s).map(|choice| Step::Choose(s, choice)));
        if tables.groups[ruin.group_of[s as usize] as usize].len() > 1 {
            groups.push(ruin.group_of[s as usize]);
        }
    }
    groups.sort_unstable();
    groups.dedup();
    groups.truncate(MOST_TRIES);
    let regions = 0..tables.regions as u32;
    steps.extend(groups.iter().flat_map(|g| regions.clone().map(|r| Step::Group(*g, r))));
    steps
}

/// Machines that use a budget, those first that free most of it for each pod.
fn users(state: &State<'_>, budget: u32) -> Vec<u32> {
    let used = |n: u32| {
        let uses = &state.tables.offers[state.nodes[n as usize].offer as usize].uses;
        uses.iter().find(|u| u.0 == budget).map_or(0.0, |u| u.1)
    };
    let pods = |n: u32| state.nodes[n as usize].pods.iter().map(|p| p.1).sum::<u32>();
    let all = state.by_site.iter().flatten().copied().filter(|n| used(*n) > 0.0);
    let mut keyed: Vec<(f64, u32)> = all.map(|n| (f64::from(pods(n)) / used(n), n)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    keyed.truncate(MOST_TRIES);
    keyed.into_iter().map(|k| k.1).collect()
}
