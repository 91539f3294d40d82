//! The tables of an exact [`Problem`], and its plans from solutions of them.
//!
//! 1. A replica count is fixed by the choice: each variant at each count worth trying is a choice
//!    of its own, as in the canonical form. So a choice knows what its pods use in all.
//! 2. A job is a service without pods, whose choices are its options. Of one that is done in
//!    pieces, plans choose among ways to take them that are cheapest at some weights; the bound
//!    has one way, which costs and uses no more than any.
//! 3. Offers of a region are one offer in each of its zones; where there are only so many machines
//!    over all zones, that is one more budget.
//! 4. Amounts become whole numbers below [`MOST_AMOUNT`]. Where they are too fine for that, what is
//!    asked for is rounded up, or down ([`Rounding`]): up for plans, which then hold; down for the
//!    bound, below which no plan is then either. Capacities are rounded down for both: pods whose
//!    sum is within a capacity are, each rounded down, within the capacity rounded down.
//! 5. Money is counted by the hour.

use super::instance::{Amounts, MOST_AMOUNT, MOST_COUNT, RESOURCES, Solution};
use super::tables::{
    Choice, NearRule, OfferCost, Site, Tables, fits, groups, number, places, rules, sites, zones,
};
use crate::canonical::{counts, ties};
use crate::master::power_of_two;
use crate::problem::{Assignment, JobOption, Nodes, Offer, Piece, Problem, Taken};
use eclexia_base::Rational;
use eclexia_base::number::{common_measure, int, to_f64};
use num_traits::{Signed, ToPrimitive, Zero};
use std::collections::BTreeMap;

const SECONDS_PER_HOUR: f64 = 3600.0;
/// Choices of one service.
const MOST_CHOICES: usize = 256;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    Up,
    Down,
}

/// The tables of a problem, and what their indices mean.
pub struct OfProblem {
    pub tables: Tables,
    /// Whether an amount was rounded, or a job's pieces are not all there: plans and bound then
    /// come from different tables.
    pub is_rounded: bool,
    /// Offer of the problem and zone in its region, of each offer of the tables.
    offers: Vec<(usize, u32)>,
    /// Variant and replicas of each choice of a service; for jobs, the option and which of `ways`.
    choices: Vec<(usize, u32)>,
    /// Pieces that choices of jobs take.
    ways: Vec<Vec<usize>>,
    services: usize,
    scale: f64,
    rows: Vec<Option<(usize, f64)>>,
}

/// What is made small.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Least {
    Objective,
    Use(usize),
    /// Everything costs nothing: a bound above zero proves that there is no plan.
    Nothing,
}

#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub least: Least,
    pub limits: &'a [Option<Rational>],
    /// Most objective.
    pub cap: Option<&'a Rational>,
    /// A budget whose use is made small beside the objective, and at what price for a unit.
    pub dearer: Option<(usize, f64)>,
}

impl OfProblem {
    /// `None` where the problem has more of something than the tables hold.
    pub fn new(problem: &Problem, ask: &Ask<'_>, rounding: Rounding) -> Option<OfProblem> {
        let scaled = Scaled::new(problem, rounding)?;
        let (first_zone, zone_region) = zones(problem.zones.iter().copied());
        let from = offers_in_zones(problem);
        let region = |o: usize| problem.offers[o].region;
        let (sites, offer_site) = sites(
            from.iter().map(|(o, zone)| (region(*o) as u32, first_zone[region(*o)] + zone, 0)),
        );
        let budgets = Budgets::new(problem, ask);
        let chosen = choices(problem, &scaled, &budgets, &sites, &from, rounding)?;
        let is_parted = problem.jobs.iter().flat_map(|j| &j.options).any(|o| o.needs > 0);
        let near = near(problem);
        let pairs = |pairs: &[(usize, usize)]| -> Vec<(u32, u32)> {
            pairs.iter().map(|(a, b)| (*a as u32, *b as u32)).collect()
        };
        let (conflicts, together) = (pairs(&problem.conflicts), pairs(&problem.together));
        let count = problem.services.len() + problem.jobs.len();
        let tied = near.iter().map(|near| (near.a, near.b));
        let groups = groups(count, tied.chain(together.iter().copied()));
        let tables = Tables {
            regions: problem.zones.len(),
            offers: from.iter().map(|(o, _)| budgets.offer(problem, *o, &scaled)).collect(),
            allowed: allowed(problem),
            latency: latency(problem, &budgets),
            limits: budgets.rows.iter().map(|row| row.limit).collect(),
            rules: rules(count, &conflicts, &together, &near),
            sites,
            zone_region,
            offer_site,
            choices: chosen.all,
            first_choice: chosen.first,
            near,
            groups,
        };
        Some(OfProblem {
            tables,
            is_rounded: scaled.is_rounded || is_parted,
            offers: from,
            choices: chosen.meant,
            ways: chosen.ways,
            services: problem.services.len(),
            scale: budgets.scale,
            rows: budgets.rows_of(problem),
        })
    }

    /// Indices of the tables become those of the problem.
    pub fn assignment(&self, solution: &Solution) -> Assignment {
        let chosen = |s: usize| {
            let first = self.tables.first_choice[s] + solution.variants[s];
            self.choices[first as usize]
        };
        let nodes = solution.nodes.iter().map(|machines| {
            let (offer, zone) = self.offers[machines.offer as usize];
            let pods = machines.pods.iter().map(|(s, n)| (*s as usize, *n)).collect();
            Nodes { offer, zone, count: machines.count, pods }
        });
        let mut nodes: Vec<Nodes> = nodes.collect();
        nodes.sort();
        Assignment {
            services: (0..self.services).map(chosen).collect(),
            nodes,
            jobs: (self.services..solution.variants.len()).map(|j| self.taken(chosen(j))).collect(),
        }
    }

    /// What a job's choice means.
    fn taken(&self, (option, way): (usize, u32)) -> Taken {
        Taken { option, pieces: self.ways[way as usize].clone() }
    }

    /// An objective of the tables as the problem counts it: per second, or units of a budget.
    pub fn value(&self, objective: f64) -> f64 {
        objective / self.scale
    }

    /// What the objective is the problem's times.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Whether each service and job has something to choose.
    pub fn has_choices(&self) -> bool {
        let count = self.tables.services() as u32;
        (0..count).all(|s| !self.tables.choices_of(s).is_empty())
    }

    /// Row of a limited budget, and what it is multiplied by there.
    pub fn row(&self, budget: usize) -> Option<(usize, f64)> {
        self.rows[budget]
    }
}

/// Offer and zone in its region, of each offer of the tables.
pub fn offers_in_zones(problem: &Problem) -> Vec<(usize, u32)> {
    let of = |(o, offer): (usize, &Offer)| (0..problem.zones[offer.region]).map(move |z| (o, z));
    problem.offers.iter().enumerate().flat_map(of).collect()
}

/// A limit as the tables have it: the true one and its uses times the scale, about 1.
struct Row {
    of: Used,
    limit: f64,
    scale: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Used {
    Budget(usize),
    /// Machines of an offer over all zones.
    Machines(usize),
    Objective,
}

struct Budgets {
    dearer: Option<(usize, f64)>,
    least: Least,
    /// What is made small is the problem's times this.
    scale: f64,
    rows: Vec<Row>,
}

impl Budgets {
    fn new(problem: &Problem, ask: &Ask<'_>) -> Budgets {
        let mut rows: Vec<Row> = Vec::new();
        let mut add = |of: Used, limit: f64| {
            let scale = if limit > 0.0 { power_of_two(1.0 / limit) } else { 1.0 };
            rows.push(Row { of, limit: limit * scale, scale });
        };
        for (k, limit) in ask.limits.iter().enumerate() {
            limit.iter().for_each(|limit| add(Used::Budget(k), to_f64(limit)));
        }
        for (o, offer) in problem.offers.iter().enumerate() {
            let scarce = offer.limit.filter(|_| problem.zones[offer.region] > 1);
            scarce.into_iter().for_each(|limit| add(Used::Machines(o), f64::from(limit)));
        }
        ask.cap.into_iter().for_each(|cap| add(Used::Objective, to_f64(cap)));
        let scale = match ask.least {
            Least::Use(k) => {
                let machines = problem.offers.iter().map(|o| &o.uses[k]);
                let variants = problem.services.iter().flat_map(|s| &s.variants);
                let most = machines.chain(variants.map(|v| &v.uses[k])).max().map_or(0.0, to_f64);
                if most > 0.0 { power_of_two(1.0 / most) } else { 1.0 }
            }
            _ => SECONDS_PER_HOUR,
        };
        Budgets { dearer: ask.dearer, least: ask.least, scale, rows }
    }

    /// What is made small, of a cost and what is used.
    fn objective(&self, cost: &Rational, uses: &[Rational]) -> f64 {
        match self.least {
            Least::Objective => {
                let dearer = self.dearer.map_or(0.0, |(k, price)| price * to_f64(&uses[k]));
                (to_f64(cost) + dearer) * self.scale
            }
            Least::Use(k) => to_f64(&uses[k]) * self.scale,
            Least::Nothing => 0.0,
        }
    }

    fn uses(&self, cost: &Rational, uses: &[Rational]) -> Vec<(u32, f64)> {
        let used = (0_u32..).zip(&self.rows).filter_map(|(b, row)| match row.of {
            Used::Budget(k) => Some((b, to_f64(&uses[k]) * row.scale)),
            Used::Objective => Some((b, to_f64(cost) * row.scale)),
            Used::Machines(_) => None,
        });
        used.filter(|(_, used)| *used != 0.0).collect()
    }

    /// Row and scale of each budget of the problem.
    fn rows_of(&self, problem: &Problem) -> Vec<Option<(usize, f64)>> {
        let row = |k: usize| {
            let row = self.rows.iter().position(|row| row.of == Used::Budget(k))?;
            Some((row, self.rows[row].scale))
        };
        (0..problem.budgets).map(row).collect()
    }

    fn offer(&self, problem: &Problem, o: usize, scaled: &Scaled) -> OfferCost {
        let offer = &problem.offers[o];
        let mut uses = self.uses(&offer.cost, &offer.uses);
        let rows = (0_u32..).zip(&self.rows).filter(|(_, row)| row.of == Used::Machines(o));
        uses.extend(rows.map(|(b, row)| (b, row.scale)));
        OfferCost {
            capacity: scaled.capacity[o],
            limit: offer.limit.unwrap_or(MOST_COUNT).min(MOST_COUNT),
            fixed: self.objective(&offer.cost, &offer.uses),
            per_watt: self.objective(&offer.per_watt.cost, &offer.per_watt.uses),
            cpu_watts: to_f64(&scaled.watts(problem, o, 0)),
            gpu_watts: to_f64(&scaled.watts(problem, o, 1)),
            uses,
            uses_per_watt: self.uses(&offer.per_watt.cost, &offer.per_watt.uses),
            kind: o as u32,
        }
    }
}

/// Amounts in whole units, and which two resources draw watts.
struct Scaled {
    capacity: Vec<Amounts>,
    requests: Vec<Vec<Amounts>>,
    drawing: [Option<usize>; 2],
    is_rounded: bool,
}

impl Scaled {
    fn new(problem: &Problem, rounding: Rounding) -> Option<Scaled> {
        let resources = problem.offers.first().map_or(0, |o| o.capacity.len());
        if resources > RESOURCES {
            return None;
        }
        let draws = |r: &usize| problem.offers.iter().any(|o| !o.watts[*r].is_zero());
        let drawing: Vec<usize> = (0..resources).filter(draws).collect();
        if drawing.len() > 2 {
            return None;
        }
        let variants = || problem.services.iter().flat_map(|s| &s.variants);
        let mut scaled = Scaled {
            capacity: vec![Amounts::default(); problem.offers.len()],
            requests: problem
                .services
                .iter()
                .map(|s| vec![Amounts::default(); s.variants.len()])
                .collect(),
            drawing: [drawing.first().copied(), drawing.get(1).copied()],
            is_rounded: false,
        };
        for r in 0..resources {
            let capacities = problem.offers.iter().map(|o| &o.capacity[r]);
            let all: Vec<&Rational> =
                capacities.chain(variants().map(|v| &v.requires[r])).collect();
            if all.iter().any(|a| a.is_negative()) {
                return None;
            }
            let unit = unit(&all);
            let whole = |amount: &Rational| (amount / &unit).is_integer();
            scaled.is_rounded |= !all.iter().all(|a| whole(a));
            for (own, offer) in scaled.capacity.iter_mut().zip(&problem.offers) {
                own[r] = (&offer.capacity[r] / &unit).floor().to_integer().to_u32()?;
            }
            for (own, service) in scaled.requests.iter_mut().zip(&problem.services) {
                for (own, variant) in own.iter_mut().zip(&service.variants) {
                    let units = &variant.requires[r] / &unit;
                    let units = match rounding {
                        Rounding::Up => units.ceil(),
                        Rounding::Down => units.floor(),
                    };
                    own[r] = units.to_integer().to_u32()?;
                }
            }
        }
        Some(scaled)
    }

    /// Watts of a busy unit of the first or second resource that draws any.
    fn watts(&self, problem: &Problem, o: usize, which: usize) -> Rational {
        let drawn = self.drawing[which].map(|r| problem.offers[o].watts[r].clone());
        drawn.unwrap_or_else(Rational::zero)
    }
}

/// A unit in which all amounts are whole numbers, or as fine as the largest allows.
fn unit(all: &[&Rational]) -> Rational {
    let most = all.iter().max().map_or_else(Rational::zero, |most| (*most).clone());
    if most.is_zero() {
        return int(1);
    }
    let finest = &most / int(i64::from(MOST_AMOUNT));
    let mut unit = Rational::zero();
    for amount in all.iter().filter(|a| !a.is_zero()) {
        unit = common_measure(unit, (*amount).clone());
        if unit < finest {
            return finest;
        }
    }
    unit
}

struct Chosen {
    all: Vec<Choice>,
    first: Vec<u32>,
    meant: Vec<(usize, u32)>,
    ways: Vec<Vec<usize>>,
}

/// The choices of services, then of jobs, and what each means.
fn choices(
    problem: &Problem,
    scaled: &Scaled,
    budgets: &Budgets,
    sites: &[Site],
    from: &[(usize, u32)],
    rounding: Rounding,
) -> Option<Chosen> {
    let ties = ties(problem);
    let mut all: Vec<Choice> = Vec::new();
    let mut first = vec![0];
    let mut meant = Vec::new();
    let mut kinds = BTreeMap::new();
    for (s, service) in problem.services.iter().enumerate() {
        let nearest = service.pod_cost.iter().min().cloned().unwrap_or_default();
        for (v, variant) in service.variants.iter().enumerate() {
            let request = scaled.requests[s][v];
            let allows = |_: &Site, o: u32| {
                let (offer, _) = from[o as usize];
                variant.allowed[offer]
                    && problem.offers[offer].limit != Some(0)
                    && fits(&request, &scaled.capacity[offer])
            };
            let places = places(sites, allows);
            let kind = number(&mut kinds, &variant.allowed);
            for replicas in counts(problem, (s, v), ties[s]) {
                if all.len() - first[s] as usize == MOST_CHOICES {
                    return None;
                }
                let count = int(i64::from(replicas));
                let cost = &variant.penalty + &variant.cost * &count;
                let uses: Vec<Rational> = variant.uses.iter().map(|u| u * &count).collect();
                let zone_cap = replicas.div_ceil(service.min_zones.max(1));
                let busy =
                    |which: usize| scaled.drawing[which].map_or(0.0, |r| to_f64(&variant.busy[r]));
                all.push(Choice {
                    service: s as u32,
                    variant: v as u32,
                    replicas,
                    request,
                    busy: [busy(0), busy(1)],
                    penalty: budgets.objective(&cost, &uses),
                    // A cap on the objective counts the way to users at its least.
                    uses: budgets.uses(&(cost + &nearest * &count), &uses),
                    kind,
                    zone_cap,
                    per_node: service.max_per_node.unwrap_or(u32::MAX).min(zone_cap),
                    places: places.clone(),
                });
                meant.push((v, replicas));
            }
        }
        first.push(all.len() as u32);
    }
    let mut chosen = Chosen { all, first, meant, ways: vec![Vec::new()] };
    (0..problem.jobs.len()).for_each(|j| chosen.job(problem, j, budgets, rounding));
    Some(chosen)
}

impl Chosen {
    /// The options of a job.
    fn job(&mut self, problem: &Problem, j: usize, budgets: &Budgets, rounding: Rounding) {
        let service = (problem.services.len() + j) as u32;
        for (o, option) in problem.jobs[j].options.iter().enumerate() {
            let mut add = |cost: &Rational, uses: &[Rational], way: usize| {
                let penalty = budgets.objective(cost, uses);
                let uses = budgets.uses(cost, uses);
                self.all.push(Choice { service, penalty, uses, ..Choice::default() });
                self.meant.push((o, way as u32));
            };
            if option.needs == 0 {
                add(&option.cost, &option.uses, 0);
            } else if rounding == Rounding::Down {
                let (cost, uses) = least(option);
                add(&cost, &uses, 0);
            } else {
                for way in cheapest(option, budgets) {
                    let (cost, uses) = sums(option, &way);
                    add(&cost, &uses, self.ways.len());
                    self.ways.push(way);
                }
            }
        }
        self.first.push(self.all.len() as u32);
    }
}

/// Cost and uses of an option with some of its pieces.
fn sums(option: &JobOption, way: &[usize]) -> (Rational, Vec<Rational>) {
    let (mut cost, mut uses) = (option.cost.clone(), option.uses.clone());
    for piece in way.iter().map(|i| &option.pieces[*i]) {
        cost += &piece.cost;
        uses.iter_mut().zip(&piece.uses).for_each(|(sum, used)| *sum += used);
    }
    (cost, uses)
}

/// No more than any way to take an option costs and uses: of each figure the least pieces, alone.
fn least(option: &JobOption) -> (Rational, Vec<Rational>) {
    let needs = option.needs as usize;
    let sum = |own: &Rational, of: &dyn Fn(&Piece) -> Rational| -> Rational {
        let mut each: Vec<Rational> = option.pieces.iter().map(of).collect();
        each.sort();
        each.iter().take(needs).fold(own.clone(), |sum, next| sum + next)
    };
    let uses = option.uses.iter().enumerate();
    let uses = uses.map(|(k, own)| sum(own, &|piece| piece.uses[k].clone())).collect();
    (sum(&option.cost, &|piece| piece.cost.clone()), uses)
}

/// Ways to take an option that are cheapest when its cost and one of its limited uses weigh so
/// much: not all there are, but those at the corners.
fn cheapest(option: &JobOption, budgets: &Budgets) -> Vec<Vec<usize>> {
    let needs = option.needs as usize;
    if option.pieces.len() < needs {
        return Vec::new();
    }
    let mut ways: Vec<Vec<usize>> = Vec::new();
    let figures: Vec<(f64, Vec<(u32, f64)>)> = option
        .pieces
        .iter()
        .map(|p| (budgets.objective(&p.cost, &p.uses), budgets.uses(&p.cost, &p.uses)))
        .collect();
    for (b, _) in (0_u32..).zip(&budgets.rows) {
        let used = |i: usize| figures[i].1.iter().find(|u| u.0 == b).map_or(0.0, |u| u.1);
        let most = |of: &dyn Fn(usize) -> f64| (0..figures.len()).map(of).fold(0.0, f64::max);
        let (cost_scale, use_scale) = (most(&|i| figures[i].0), most(&used));
        if use_scale <= 0.0 && !ways.is_empty() {
            continue;
        }
        for weight in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
            let worth = |i: usize| {
                (1.0 - weight) * figures[i].0 / cost_scale.max(f64::MIN_POSITIVE)
                    + weight * used(i) / use_scale.max(f64::MIN_POSITIVE)
            };
            let mut order: Vec<usize> = (0..figures.len()).collect();
            order.sort_by(|x, y| worth(*x).total_cmp(&worth(*y)).then(x.cmp(y)));
            order.truncate(needs);
            order.sort_unstable();
            if !ways.contains(&order) {
                ways.push(order);
            }
        }
    }
    if ways.is_empty() {
        ways.push((0..needs).collect());
    }
    ways
}

fn near(problem: &Problem) -> Vec<NearRule> {
    let rule = |near: &crate::problem::Near| NearRule {
        a: near.a as u32,
        b: near.b as u32,
        close: near.close.iter().flatten().copied().collect(),
    };
    problem.near.iter().map(rule).collect()
}

/// Regions with an offer that a variant of the service may run on; a job runs in none.
fn allowed(problem: &Problem) -> Vec<Vec<u32>> {
    let of = |service: &crate::problem::Service| -> Vec<u32> {
        let offers = |v: &crate::problem::Variant| {
            let allowed = v.allowed.iter().zip(&problem.offers).filter(|(allowed, _)| **allowed);
            allowed.map(|(_, offer)| offer.region as u32).collect::<Vec<_>>()
        };
        let mut regions: Vec<u32> = service.variants.iter().flat_map(offers).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    };
    let services = problem.services.iter().map(of);
    services.chain(problem.jobs.iter().map(|_| Vec::new())).collect()
}

/// What a pod's way to its users costs, by service and region.
fn latency(problem: &Problem, budgets: &Budgets) -> Vec<Vec<f64>> {
    let none = vec![Rational::zero(); problem.budgets];
    let of = |service: &crate::problem::Service| {
        service.pod_cost.iter().map(|cost| budgets.objective(cost, &none)).collect()
    };
    let jobs = problem.jobs.iter().map(|_| vec![0.0; problem.zones.len()]);
    problem.services.iter().map(of).chain(jobs).collect()
}
