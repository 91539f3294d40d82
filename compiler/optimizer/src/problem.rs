//! The problem as the optimiser sees it: indices and exact numbers, no names. What comes in is what
//! `plan` makes of a deployment; what goes out of the optimiser is an [`Assignment`] that
//! [`Problem::evaluate`] costs and checks exactly. Costs are US dollars per second of objective;
//! uses are base units of each budget.

use eclexia_base::Rational;
use num_traits::{One, Zero};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Zones of each region.
    pub zones: Vec<u32>,
    pub offers: Vec<Offer>,
    pub services: Vec<Service>,
    pub jobs: Vec<Job>,
    /// How many budgets every `uses` has entries for.
    pub budgets: usize,
    /// How many of them, the first ones, have prices. The rest only jobs use of: they limit hours.
    pub priced: usize,
    /// The limit of each budget; `None`: counted but not limited.
    pub limits: Vec<Option<Rational>>,
    pub conflicts: Vec<(usize, usize)>,
    /// A machine with a pod of the first has one of the second.
    pub together: Vec<(usize, usize)>,
    pub near: Vec<Near>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    pub a: usize,
    pub b: usize,
    /// `close[r][q]`: a region `q` with a pod of `b` serves pods of `a` in region `r`.
    pub close: Vec<Vec<bool>>,
}

/// Machines of one type in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub region: usize,
    /// Of each placed resource.
    pub capacity: Vec<Rational>,
    pub cost: Rational,
    pub uses: Vec<Rational>,
    /// Watts drawn above idle by one busy unit of each placed resource.
    pub watts: Vec<Rational>,
    /// What a watt that pods draw costs and uses.
    pub per_watt: PodOn,
    /// Most machines.
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub variants: Vec<Variant>,
    /// What a replica costs in each region, whatever its variant.
    pub pod_cost: Vec<Rational>,
    pub min_zones: u32,
    pub max_per_node: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Fewest and most replicas; none when the first is larger.
    pub replicas: (u32, u32),
    /// Of each placed resource, per replica.
    pub requires: Vec<Rational>,
    /// Once, if chosen.
    pub penalty: Rational,
    /// Per replica, wherever it runs.
    pub cost: Rational,
    pub uses: Vec<Rational>,
    /// Busy units of each placed resource, per replica.
    pub busy: Vec<Rational>,
    /// Whether a replica may run on each offer; what it costs there is [`Problem::pod_on`].
    pub allowed: Vec<bool>,
}

/// What a pod costs and uses where it runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodOn {
    pub cost: Rational,
    pub uses: Vec<Rational>,
}

/// Exactly one option is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub options: Vec<JobOption>,
}

/// One way to run a job. A run that is not interrupted is its option alone: `needs` is 0. One that
/// may be interrupted is an option for each place, with a piece for each hour there: besides the
/// option itself `needs` of its pieces are taken, any of them, each at most once. What an hour
/// uses of a limit on that hour, the piece uses of that limit's budget; so does an option of what
/// limits its hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobOption {
    pub cost: Rational,
    pub uses: Vec<Rational>,
    pub needs: u32,
    pub pieces: Vec<Piece>,
}

/// What taking a piece costs and uses besides its option.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    pub cost: Rational,
    pub uses: Vec<Rational>,
}

/// What is taken of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub option: usize,
    /// Of the option, ascending; none where it needs none.
    pub pieces: Vec<usize>,
}

/// Every choice made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Assignment {
    /// Variant and replicas of each service.
    pub services: Vec<(usize, u32)>,
    pub nodes: Vec<Nodes>,
    /// Of each job.
    pub jobs: Vec<Taken>,
}

/// Identical machines in one zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nodes {
    pub offer: usize,
    pub zone: u32,
    pub count: u32,
    /// Service to pods on each machine.
    pub pods: BTreeMap<usize, u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    pub objective: Rational,
    pub uses: Vec<Rational>,
}

/// A rule that an assignment breaks; the budget's rule is told from the rest because search may
/// meet it through rounding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    Budget(usize),
    Rule(&'static str),
}

impl Problem {
    /// What a replica of a service's variant costs and uses on an offer, besides what it does
    /// wherever it runs; `None`: it may not run there.
    pub fn pod_on(&self, service: usize, variant: usize, offer: usize) -> Option<PodOn> {
        let service = &self.services[service];
        let variant = &service.variants[variant];
        if !variant.allowed[offer] {
            return None;
        }
        let offer = &self.offers[offer];
        let drawn = variant.busy.iter().zip(&offer.watts).filter(|(busy, _)| !busy.is_zero());
        let watts: Rational = drawn.map(|(busy, watts)| busy * watts).sum();
        let uses = offer.per_watt.uses.iter().map(|used| used * &watts).collect();
        let cost = &offer.per_watt.cost * &watts + &service.pod_cost[offer.region];
        Some(PodOn { cost, uses })
    }

    /// Costs an assignment and checks every rule, exactly. Shares no code with the search.
    pub fn evaluate(&self, plan: &Assignment) -> Result<Figures, Broken> {
        let figures = self.figures(plan)?;
        for (k, limit) in self.limits.iter().enumerate() {
            if limit.as_ref().is_some_and(|limit| figures.uses[k] > *limit) {
                return Err(Broken::Budget(k));
            }
        }
        Ok(figures)
    }

    /// The same without the budgets' limits.
    pub fn figures(&self, plan: &Assignment) -> Result<Figures, Broken> {
        let mut sum =
            Figures { objective: Rational::zero(), uses: vec![Rational::zero(); self.budgets] };
        if plan.services.len() != self.services.len() || plan.jobs.len() != self.jobs.len() {
            return Err(Broken::Rule("a choice for each service and job"));
        }
        for (job, taken) in self.jobs.iter().zip(&plan.jobs) {
            check_job(job, taken, &mut sum)?;
        }
        for (service, &(variant, replicas)) in self.services.iter().zip(&plan.services) {
            let variant = service.variants.get(variant).ok_or(Broken::Rule("a variant"))?;
            if !(variant.replicas.0..=variant.replicas.1).contains(&replicas) {
                return Err(Broken::Rule("replicas within their range"));
            }
            sum.objective += &variant.penalty;
            sum.add(&variant.cost, &variant.uses, &count(replicas));
        }
        for nodes in &plan.nodes {
            self.check_node(plan, nodes, &mut sum)?;
        }
        self.check_counts(plan)?;
        self.check_near(plan)?;
        Ok(sum)
    }

    fn check_node(
        &self,
        plan: &Assignment,
        nodes: &Nodes,
        sum: &mut Figures,
    ) -> Result<(), Broken> {
        let offer = self.offers.get(nodes.offer).ok_or(Broken::Rule("an offer"))?;
        if nodes.zone >= self.zones[offer.region] {
            return Err(Broken::Rule("a zone of the region"));
        }
        sum.add(&offer.cost, &offer.uses, &count(nodes.count));
        let mut load = vec![Rational::zero(); offer.capacity.len()];
        for (&s, &pods) in &nodes.pods {
            let service = &self.services[s];
            let v = plan.services[s].0;
            let variant = &service.variants[v];
            let on = self.pod_on(s, v, nodes.offer).ok_or(Broken::Rule("an allowed offer"))?;
            sum.add(&on.cost, &on.uses, &count(pods * nodes.count));
            if pods == 0 || service.max_per_node.is_some_and(|most| pods > most) {
                return Err(Broken::Rule("most pods of a service per machine"));
            }
            for (l, r) in load.iter_mut().zip(&variant.requires) {
                *l += r * count(pods);
            }
        }
        if load.iter().zip(&offer.capacity).any(|(l, c)| l > c) {
            return Err(Broken::Rule("the capacity of a machine"));
        }
        let has = |s: usize| nodes.pods.contains_key(&s);
        if self.conflicts.iter().any(|&(a, b)| a != b && has(a) && has(b)) {
            return Err(Broken::Rule("services in conflict never share a machine"));
        }
        if self.together.iter().any(|&(a, b)| has(a) && !has(b)) {
            return Err(Broken::Rule("services that belong together share a machine"));
        }
        Ok(())
    }

    fn check_counts(&self, plan: &Assignment) -> Result<(), Broken> {
        for (s, service) in self.services.iter().enumerate() {
            let replicas = plan.services[s].1;
            let mut by_zone: BTreeMap<(usize, u32), u32> = BTreeMap::new();
            for nodes in &plan.nodes {
                let zone = (self.offers[nodes.offer].region, nodes.zone);
                *by_zone.entry(zone).or_default() += nodes.pods.get(&s).unwrap_or(&0) * nodes.count;
            }
            if by_zone.values().sum::<u32>() != replicas {
                return Err(Broken::Rule("each replica placed once"));
            }
            let most = replicas.div_ceil(service.min_zones.max(1));
            if service.min_zones > 1 && by_zone.values().any(|pods| *pods > most) {
                return Err(Broken::Rule("spread over zones"));
            }
        }
        for (o, offer) in self.offers.iter().enumerate() {
            let used: u32 = plan.nodes.iter().filter(|n| n.offer == o).map(|n| n.count).sum();
            if offer.limit.is_some_and(|most| used > most) {
                return Err(Broken::Rule("machines to be had"));
            }
        }
        Ok(())
    }

    fn check_near(&self, plan: &Assignment) -> Result<(), Broken> {
        let regions = |s: usize| {
            let with = plan.nodes.iter().filter(move |n| n.pods.contains_key(&s));
            with.map(|n| self.offers[n.offer].region)
        };
        for near in &self.near {
            for r in regions(near.a) {
                if !regions(near.b).any(|q| near.close[r][q]) {
                    return Err(Broken::Rule("a region near enough"));
                }
            }
        }
        Ok(())
    }
}

fn check_job(job: &Job, taken: &Taken, sum: &mut Figures) -> Result<(), Broken> {
    let option = job.options.get(taken.option).ok_or(Broken::Rule("an option of the job"))?;
    sum.add(&option.cost, &option.uses, &Rational::one());
    let ascends = taken.pieces.windows(2).all(|pair| pair[0] < pair[1]);
    if taken.pieces.len() != option.needs as usize || !ascends {
        return Err(Broken::Rule("as many pieces as the job needs, each once"));
    }
    for &piece in &taken.pieces {
        let piece = option.pieces.get(piece).ok_or(Broken::Rule("a piece of the option"))?;
        sum.add(&piece.cost, &piece.uses, &Rational::one());
    }
    Ok(())
}

impl Figures {
    fn add(&mut self, cost: &Rational, uses: &[Rational], times: &Rational) {
        self.objective += cost * times;
        for (sum, u) in self.uses.iter_mut().zip(uses) {
            *sum += u * times;
        }
    }
}

fn count(n: u32) -> Rational {
    eclexia_base::number::int(i64::from(n))
}
