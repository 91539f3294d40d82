//! A plan of a problem that continues what runs: the best of those that are known, weighed with
//! what moving its pods costs, and within the disruption budgets of services. What comes in is what
//! runs, by the problem's indices; what goes out is judged exactly by [`Problem::figures`] and, for
//! moves, by the judge of [`crate::placement`].

use crate::effort::Effort;
use crate::interrupt::Here;
use crate::keeps;
use crate::placement::Machines;
use crate::placement::of_problem::{Ask, Least, OfProblem, Rounding, offers_in_zones};
use crate::placement::{
    Asked, Found, Judged, Movement, Movements, Pair, Refused, Running, RunningMachines, Solution,
    continued, count_movements,
};
use crate::problem::{Assignment, Figures, Nodes, Problem};
use eclexia_base::Rational;
use eclexia_base::number::{int, to_f64};
use std::collections::BTreeMap;

const SECONDS_PER_HOUR: f64 = 3600.0;
/// Part of the objective that a move weighs at least in the search, not in the choice among what is
/// found: of plans that are as good, those that move less are found first.
const SLIGHT: f64 = 1e-6;

/// What runs, in the indices of the problem that is planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// Variant that each service runs in, where the problem still has it.
    pub variants: Vec<Option<usize>>,
    /// Whether pods of each service may stay where they are: what a pod is has not changed.
    pub may_stay: Vec<bool>,
    pub machines: Vec<RunsOn>,
    /// Pods of services that are gone.
    pub gone: u64,
}

/// Identical machines that run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunsOn {
    /// `None`: it is not offered any more.
    pub offer: Option<usize>,
    pub zone: u32,
    pub count: u32,
    /// Service to pods on each machine, of services that are still there.
    pub pods: BTreeMap<usize, u32>,
}

/// What moving costs and how much of it there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// US dollars per second that one moved pod weighs in the objective.
    pub rate: Rational,
    /// Most moves of each service.
    pub most: Vec<u32>,
}

/// A plan that continues what runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Continued {
    pub plan: Assignment,
    /// Without what moves cost.
    pub figures: Figures,
    /// Which machines continue which, by place in `Runs::machines` and the plan's `nodes`.
    pub pairs: Vec<Pair>,
    pub movements: Movements,
}

impl Judged for Continued {
    fn movements(&self) -> &Movements {
        &self.movements
    }
}

/// The plan after what runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// Least objective with what moves cost, within the disruption budgets.
    pub best: Continued,
    /// Least objective of the known plans and this one, whatever it moves.
    pub cheapest: Continued,
}

/// What is asked of a problem, with what runs as its tables have it.
pub struct Question<'a> {
    problem: &'a Problem,
    limits: &'a [Option<Rational>],
    runs: &'a Runs,
    rate: &'a Rational,
    /// Offer and zone of each offer of the tables, and back.
    places: Vec<(usize, u32)>,
    index: BTreeMap<(usize, u32), u32>,
    running: Running,
    movement: Movement,
}

impl<'a> Question<'a> {
    pub fn new(
        problem: &'a Problem,
        limits: &'a [Option<Rational>],
        runs: &'a Runs,
        moving: &'a Moving,
    ) -> Question<'a> {
        let places = offers_in_zones(problem);
        let index: BTreeMap<(usize, u32), u32> = places.iter().copied().zip(0..).collect();
        let machines = runs.machines.iter().map(|machines| RunningMachines {
            offer: machines.offer.and_then(|o| index.get(&(o, machines.zone)).copied()),
            pods: machines.pods.iter().map(|(s, n)| (*s as u32, *n)).collect(),
            count: machines.count,
        });
        let running = Running {
            variants: runs.variants.iter().map(|v| v.map(|v| v as u32)).collect(),
            may_stay: runs.may_stay.clone(),
            nodes: machines.collect(),
            gone: runs.gone,
        };
        let usd = to_f64(&moving.rate) * SECONDS_PER_HOUR;
        let most = moving.most.clone();
        let movement = Movement { usd, hours: 1.0, most, in_all: u32::MAX };
        let rate = &moving.rate;
        Question { problem, limits, runs, rate, places, index, running, movement }
    }

    /// The best of `known` plans and of one searched for from what runs.
    pub fn best(mut self, known: &[Assignment]) -> Result<Next, Refused> {
        let known_as_judged = known.iter().filter_map(|plan| self.judged(plan, Vec::new()));
        let mut all: Vec<Continued> = known_as_judged.collect();
        let free = |c: &Continued| (c.figures.objective.clone(), c.movements.total().moved);
        let cheapest = all.iter().min_by_key(|c| free(c)).cloned();
        if let Some(best) = cheapest.as_ref().filter(|c| c.movements.total().moved == 0) {
            return Ok(Next { best: best.clone(), cheapest: best.clone() });
        }
        if let Some(cheapest) = &cheapest {
            let slight = to_f64(&cheapest.figures.objective) * SECONDS_PER_HOUR * SLIGHT;
            self.movement.usd = self.movement.usd.max(slight);
        }
        let least = all.iter().min_by_key(|c| c.movements.total().moved);
        let mut refused = least.map_or(Refused::NoPlan, |least| {
            Refused::Disruption(self.movement.beyond(&least.movements))
        });
        all.retain(|c| self.movement.allows(&c.movements));
        match self.searched(known) {
            Some(Ok(found)) => all.push(found),
            Some(Err(Refused::Disruption(beyond))) => refused = Refused::Disruption(beyond),
            Some(Err(Refused::NoPlan)) | None => {}
        }
        let best = all.into_iter().min_by_key(|c| self.weight(c)).ok_or(refused)?;
        let cheapest = cheapest.filter(|cheapest| free(cheapest) < free(&best));
        Ok(Next { cheapest: cheapest.unwrap_or_else(|| best.clone()), best })
    }

    /// A plan searched for from what runs; `None` where the problem has more of something than
    /// tables hold.
    fn searched(&self, known: &[Assignment]) -> Option<Result<Continued, Refused>> {
        let ask = Ask { least: Least::Objective, limits: self.limits, cap: None, dearer: None };
        let made =
            OfProblem::new(self.problem, &ask, Rounding::Up).filter(OfProblem::has_choices)?;
        let prices = vec![0.0; made.tables.limits.len()];
        let asked = Asked { tables: &made.tables, running: &self.running, prices: &prices };
        let judge = |(solution, staying): Found| {
            let plan = made.assignment(&solution);
            // Jobs have no pods to move: those of a known plan may be better ones.
            let jobs = known.iter().map(|known| &known.jobs).chain([&plan.jobs]);
            let plans = jobs.map(|jobs| Assignment { jobs: jobs.clone(), ..plan.clone() });
            let judged = plans.filter_map(|plan| self.judged(&plan, staying.clone()));
            judged.min_by_key(|c| self.weight(c))
        };
        let interrupt = Here::new();
        let clock = || interrupt.clock();
        Some(asked.within(&self.movement, Effort::counted(&clock), &|_| {}, &judge))
    }

    /// Objective with what moves cost; of equals, the one that moves less.
    fn weight(&self, found: &Continued) -> (Rational, u64) {
        let moved = found.movements.total().moved;
        let moves = int(i64::try_from(moved).unwrap_or(i64::MAX));
        (&found.figures.objective + self.rate * moves, moved)
    }

    /// The plan with its figures and moves; `None` where it breaks a rule or a limit. `staying` are
    /// the machines that a search left where they run, with their places there.
    fn judged(&self, plan: &Assignment, staying: Vec<(u32, Machines)>) -> Option<Continued> {
        let figures = self.problem.figures(plan).ok()?;
        if !keeps(&figures, self.limits, None) {
            return None;
        }
        let machines = |nodes: &Nodes| {
            let pods = nodes.pods.iter().map(|(s, n)| (*s as u32, *n)).collect();
            let offer = self.index.get(&(nodes.offer, nodes.zone)).copied()?;
            Some(Machines { offer, pods, count: nodes.count })
        };
        let solution = Solution {
            variants: plan.services.iter().map(|(v, _)| *v as u32).collect(),
            nodes: plan.nodes.iter().map(machines).collect::<Option<_>>()?,
        };
        let services = &self.problem.services;
        let replicas = |s: u32, v: u32| {
            let (chosen, count) = plan.services[s as usize];
            let variant = &services[s as usize].variants[v as usize];
            if chosen == v as usize { count } else { variant.replicas.1 }
        };
        let could_stay = |s: u32, offer: u32| self.could_stay(s as usize, offer as usize);
        let counted = |pairs: &[Pair]| {
            count_movements(&self.running, &solution, pairs, &could_stay, &replicas)
        };
        let found = (solution.clone(), staying);
        let (pairs, movements) = continued(&self.running, &self.movement, &found, &counted)?;
        Some(Continued { plan: plan.clone(), figures, pairs, movements })
    }

    /// Whether a pod of a service, as it runs, is still allowed at an offer of the tables.
    fn could_stay(&self, s: usize, offer: usize) -> bool {
        let (o, _) = self.places[offer];
        let offer = &self.problem.offers[o];
        self.runs.variants[s].filter(|_| self.runs.may_stay[s]).is_some_and(|v| {
            let variant = &self.problem.services[s].variants[v];
            let fits = variant.requires.iter().zip(&offer.capacity).all(|(r, c)| r <= c);
            variant.allowed[o] && fits && offer.limit != Some(0)
        })
    }
}
