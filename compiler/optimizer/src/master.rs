//! Layer 1: the integer programme over patterns. What comes in: canonical form, patterns, and what
//! is asked (goal, limits); what goes out: an [`Lp`] with a kind for every column. Its rows, in
//! order: choose a mode for each service, cover its pods by slots of its sites, count machines,
//! spread, near, jobs with their pieces, budgets, and the cap on the objective. Rows of budgets are
//! scaled to a limit of 1, the cost to at most about 100.

use crate::canonical::Canonical;
use crate::lp::{Lp, Sense};
use crate::patterns::Pattern;
use crate::problem::{Job, JobOption, Problem};
use eclexia_base::Rational;
use eclexia_base::number::to_f64;
use num_traits::{Signed, Zero};
use std::collections::BTreeSet;

/// Amounts are counted in multiples of each, and of a half and a third of each.
const MOST_PARTS: i64 = 3;
/// Rounded rows of one limit.
const MOST_ROUNDED: usize = 6;

/// What a column counts; all are integers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Services of a group in a mode.
    Mode { group: usize, mode: usize },
    /// 1 for the option a job takes.
    Job { job: usize, option: usize },
    /// 1 for a piece taken of that option.
    Piece { job: usize, option: usize, piece: usize },
    /// 1 where a region has pods of a service (of a variant's class for the near side).
    Present { region: usize },
    /// Machines in all.
    Total,
    /// Machines of an offer.
    Machines { offer: usize },
    /// Pods of a class at a site.
    Pods { class: usize, site: usize },
    /// Machines filled like this.
    Pattern { pattern: usize },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    Objective,
    /// Least use of a budget.
    Use(usize),
}

pub struct Ask<'a> {
    pub goal: Goal,
    /// `None`: not limited.
    pub limits: &'a [Option<Rational>],
    /// Most objective.
    pub cap: Option<Rational>,
}

pub struct Master {
    pub lp: Lp,
    pub kinds: Vec<Kind>,
    /// The cost of the programme is the true one times this, a power of two.
    pub cost_scale: f64,
    /// Row and scale of each budget that is limited and has a price: the row is the true one times
    /// the scale.
    pub budget_rows: Vec<Option<(usize, f64)>>,
}

/// A column before scaling.
struct Column {
    kind: Kind,
    cost: Rational,
    uses: Vec<Rational>,
    hi: f64,
    entries: Vec<(usize, f64)>,
}

struct Builder<'a> {
    problem: &'a Problem,
    canon: &'a Canonical,
    lp: Lp,
    columns: Vec<Column>,
    /// Row that turns slots at a site into pods.
    slot_rows: Vec<Vec<usize>>,
}

impl Master {
    pub fn build(problem: &Problem, canon: &Canonical, patterns: &[Pattern], ask: &Ask) -> Master {
        let mut builder =
            Builder { problem, canon, lp: Lp::new(), columns: Vec::new(), slot_rows: Vec::new() };
        builder.choose();
        builder.cover();
        builder.machines(patterns);
        builder.spread();
        builder.near();
        builder.jobs();
        builder.finish(ask)
    }
}

impl Builder<'_> {
    fn column(&mut self, kind: Kind, hi: f64, entries: Vec<(usize, f64)>) -> &mut Column {
        let uses = vec![Rational::zero(); self.problem.budgets];
        self.columns.push(Column { kind, cost: Rational::zero(), uses, hi, entries });
        let last = self.columns.len() - 1;
        &mut self.columns[last]
    }

    fn choose(&mut self) {
        for (g, group) in self.canon.groups.iter().enumerate() {
            let many = group.services.len() as f64;
            let row = self.lp.add_row(Sense::Equal, many);
            for (m, mode) in group.modes.iter().enumerate() {
                let (cost, uses) = (mode.cost.clone(), mode.uses.clone());
                let column = self.column(Kind::Mode { group: g, mode: m }, many, vec![(row, 1.0)]);
                column.cost = cost;
                column.uses = uses;
            }
        }
    }

    /// Pods of modes go to sites, and slots hold them. With one site the two rows are one.
    fn cover(&mut self) {
        for (c, class) in self.canon.classes.iter().enumerate() {
            let slots = if class.rigid { Sense::Equal } else { Sense::AtMost };
            if let [only] = class.sites[..]
                && !class.by_region
            {
                let row = self.lp.add_row(slots, 0.0);
                let (s, v) = class.sample;
                let on = self.problem.pod_on(s, v, only);
                self.each_mode_of(c, |column, replicas| {
                    column.entries.push((row, f64::from(replicas)));
                    let times = eclexia_base::number::int(i64::from(replicas));
                    let on = on.iter();
                    for on in on {
                        column.cost += &on.cost * &times;
                        let uses = column.uses.iter_mut().zip(&on.uses);
                        uses.for_each(|(sum, u)| *sum += u * &times);
                    }
                });
                self.slot_rows.push(vec![row]);
                continue;
            }
            let cover = self.lp.add_row(Sense::Equal, 0.0);
            self.each_mode_of(c, |column, replicas| {
                column.entries.push((cover, -f64::from(replicas)));
            });
            let mut rows = Vec::new();
            for (site, &offer) in class.sites.iter().enumerate() {
                let row = self.lp.add_row(slots, 0.0);
                let (s, v) = class.sample;
                let on = self.problem.pod_on(s, v, offer);
                let entries = vec![(cover, 1.0), (row, 1.0)];
                let column =
                    self.column(Kind::Pods { class: c, site }, f64::from(class.most), entries);
                if let Some(on) = on {
                    column.cost = on.cost;
                    column.uses = on.uses;
                }
                rows.push(row);
            }
            self.slot_rows.push(rows);
        }
    }

    fn each_mode_of(&mut self, class: usize, mut then: impl FnMut(&mut Column, u32)) {
        for column in &mut self.columns {
            if let Kind::Mode { group, mode } = column.kind {
                let mode = &self.canon.groups[group].modes[mode];
                if mode.class == Some(class) {
                    then(column, mode.replicas);
                }
            }
        }
    }

    fn machines(&mut self, patterns: &[Pattern]) {
        let pods: f64 = self.canon.classes.iter().map(|c| f64::from(c.most)).sum();
        let total = self.lp.add_row(Sense::Equal, 0.0);
        self.column(Kind::Total, pods, vec![(total, -1.0)]);
        for o in 0..self.problem.offers.len() {
            let own = patterns.iter().enumerate().filter(|(_, p)| p.offer == o);
            let own: Vec<(usize, &Pattern)> = own.collect();
            if own.is_empty() {
                continue;
            }
            let row = self.lp.add_row(Sense::Equal, 0.0);
            let offer = &self.problem.offers[o];
            let most = offer.limit.map_or(pods, |l| f64::from(l).min(pods));
            let entries = vec![(row, -1.0), (total, 1.0)];
            let (cost, uses) = (offer.cost.clone(), offer.uses.clone());
            let column = self.column(Kind::Machines { offer: o }, most, entries);
            column.cost = cost;
            column.uses = uses;
            for (p, pattern) in own {
                let mut entries = vec![(row, 1.0)];
                let mut enough = 0;
                for &(c, n) in &pattern.slots {
                    let class = &self.canon.classes[c];
                    if let Some(site) = class.site[o] {
                        entries.push((self.slot_rows[c][site], -f64::from(n)));
                    }
                    enough += class.most.div_ceil(n);
                }
                let hi = f64::from(enough).min(most);
                self.column(Kind::Pattern { pattern: p }, hi, entries);
            }
        }
    }

    /// Columns of pods of a service, with the region of their site.
    fn pods_of(&self, s: usize) -> Vec<(usize, usize)> {
        let of_service = |(j, column): (usize, &Column)| match column.kind {
            Kind::Pods { class, site } if self.canon.classes[class].owner == Some(s) => {
                Some((j, self.problem.offers[self.canon.classes[class].sites[site]].region))
            }
            _ => None,
        };
        self.columns.iter().enumerate().filter_map(of_service).collect()
    }

    /// A region holds at most as many pods as its zones together may. That each zone can really
    /// get its share is left to the search.
    fn spread(&mut self) {
        for (s, service) in self.problem.services.iter().enumerate() {
            if service.min_zones <= 1 {
                continue;
            }
            let pods = self.pods_of(s);
            for (region, &zones) in self.problem.zones.iter().enumerate() {
                if pods.iter().all(|(_, r)| *r != region) {
                    continue;
                }
                let row = self.lp.add_row(Sense::AtMost, 0.0);
                for &(j, _) in pods.iter().filter(|(_, r)| *r == region) {
                    self.columns[j].entries.push((row, 1.0));
                }
                for column in &mut self.columns {
                    let Kind::Mode { group, mode } = column.kind else { continue };
                    if self.canon.groups[group].services == [s] {
                        let replicas = self.canon.groups[group].modes[mode].replicas;
                        let most = replicas.div_ceil(service.min_zones) * zones;
                        column.entries.push((row, -f64::from(most)));
                    }
                }
            }
        }
    }

    fn near(&mut self) {
        for near in &self.problem.near {
            let (a, b) = (self.pods_of(near.a), self.pods_of(near.b));
            let most = |pods: &[(usize, usize)], region: usize, columns: &[Column]| -> f64 {
                pods.iter()
                    .filter(|(_, r)| *r == region)
                    .map(|(j, _)| columns[*j].hi)
                    .fold(0.0, f64::max)
            };
            // A region counts as having the callee only with a pod of it there.
            let mut there = vec![None; self.problem.zones.len()];
            for (region, there) in there.iter_mut().enumerate() {
                if most(&b, region, &self.columns) > 0.0 {
                    let row = self.lp.add_row(Sense::AtMost, 0.0);
                    for &(j, _) in b.iter().filter(|(_, r)| *r == region) {
                        self.columns[j].entries.push((row, -1.0));
                    }
                    self.column(Kind::Present { region }, 1.0, vec![(row, 1.0)]);
                    *there = Some(self.columns.len() - 1);
                }
            }
            for region in 0..self.problem.zones.len() {
                let pods = most(&a, region, &self.columns);
                if pods == 0.0 {
                    continue;
                }
                let row = self.lp.add_row(Sense::AtMost, 0.0);
                for &(j, _) in a.iter().filter(|(_, r)| *r == region) {
                    self.columns[j].entries.push((row, 1.0));
                }
                let close = there.iter().enumerate().filter(|(q, _)| near.close[region][*q]);
                for j in close.filter_map(|(_, j)| *j).collect::<Vec<_>>() {
                    self.columns[j].entries.push((row, -pods));
                }
            }
        }
    }

    fn jobs(&mut self) {
        for (j, job) in self.problem.jobs.iter().enumerate() {
            let row = self.lp.add_row(Sense::Equal, 1.0);
            let options = undominated(job);
            for &o in &options {
                let option = &job.options[o];
                let column = self.column(Kind::Job { job: j, option: o }, 1.0, vec![(row, 1.0)]);
                column.cost = option.cost.clone();
                column.uses = option.uses.clone();
                if option.needs > 0 {
                    self.pieces((j, o), option, options.len() > 1);
                }
            }
        }
    }

    /// The pieces of the option whose column is the last one: as many as it needs. Where there are
    /// other options, no piece is taken more than its option: half of one would otherwise have the
    /// best half of its pieces, and the relaxation would bound little.
    fn pieces(&mut self, (j, o): (usize, usize), option: &JobOption, has_others: bool) {
        let of_option = self.columns.len() - 1;
        let count = self.lp.add_row(Sense::Equal, 0.0);
        self.columns[of_option].entries.push((count, -f64::from(option.needs)));
        for p in useful_pieces(option) {
            let mut entries = vec![(count, 1.0)];
            if has_others {
                let within = self.lp.add_row(Sense::AtMost, 0.0);
                self.columns[of_option].entries.push((within, -1.0));
                entries.push((within, 1.0));
            }
            let kind = Kind::Piece { job: j, option: o, piece: p };
            let column = self.column(kind, 1.0, entries);
            column.cost = option.pieces[p].cost.clone();
            column.uses = option.pieces[p].uses.clone();
        }
    }

    fn finish(mut self, ask: &Ask) -> Master {
        let costs: Vec<Rational> = match ask.goal {
            Goal::Objective => self.columns.iter().map(|c| c.cost.clone()).collect(),
            Goal::Use(k) => self.columns.iter().map(|c| c.uses[k].clone()).collect(),
        };
        let mut budget_rows = vec![None; self.problem.budgets];
        for (k, limit) in ask.limits.iter().enumerate() {
            let Some(limit) = limit else { continue };
            let amounts: Vec<Rational> = self.columns.iter().map(|c| c.uses[k].clone()).collect();
            let row = self.limit_row(limit, &amounts);
            if k < self.problem.priced {
                budget_rows[k] = Some(row);
            } else {
                self.rounded_rows(limit, &amounts);
            }
        }
        if let Some(cap) = &ask.cap {
            let amounts: Vec<Rational> = self.columns.iter().map(|c| c.cost.clone()).collect();
            self.limit_row(cap, &amounts);
        }
        let largest = costs.iter().map(|c| to_f64(&c.abs())).fold(0.0, f64::max);
        let cost_scale = if largest > 0.0 { power_of_two(100.0 / largest) } else { 1.0 };
        let mut kinds = Vec::new();
        for (column, cost) in self.columns.iter().zip(&costs) {
            let c = to_f64(cost) * cost_scale;
            self.lp.add_column(c, (0.0, column.hi), &column.entries);
            kinds.push(column.kind);
        }
        Master { lp: self.lp, kinds, cost_scale, budget_rows }
    }

    /// What whole columns keep because they keep a limit: its row with amounts and limit counted in
    /// multiples of some amount, and rounded down (Chvátal 1973, "Edmonds polytopes and a hierarchy
    /// of combinatorial problems"). Of the rows that fractions may break, the sharpest.
    fn rounded_rows(&mut self, limit: &Rational, amounts: &[Rational]) {
        let sizes: BTreeSet<&Rational> = amounts.iter().filter(|a| a.is_positive()).collect();
        let measures = sizes.iter().flat_map(|size| {
            (1..=MOST_PARTS).map(move |parts| *size / eclexia_base::number::int(parts))
        });
        let mut rows = BTreeSet::new();
        for measure in measures {
            let count = |amount: &Rational| (amount / &measure).floor();
            let most = count(limit);
            // By how much a fraction of a column that keeps the limit breaks the row.
            let excess = |size: &&Rational| count(size) * limit / *size - &most;
            let sharpest = sizes.iter().map(excess).max().unwrap_or_else(Rational::zero);
            if sharpest.is_positive() {
                let share = sharpest / most.clone().max(eclexia_base::number::int(1));
                rows.insert((-share, most, amounts.iter().map(count).collect::<Vec<_>>()));
            }
        }
        for (_, most, counts) in rows.into_iter().take(MOST_ROUNDED) {
            self.limit_row(&most, &counts);
        }
    }

    fn limit_row(&mut self, limit: &Rational, amounts: &[Rational]) -> (usize, f64) {
        let largest = amounts.iter().map(to_f64).fold(0.0, f64::max);
        let size = if limit.is_positive() { to_f64(limit) } else { largest };
        let scale = if size > 0.0 { power_of_two(1.0 / size) } else { 1.0 };
        let row = self.lp.add_row(Sense::AtMost, to_f64(limit) * scale);
        for (column, amount) in self.columns.iter_mut().zip(amounts) {
            if !amount.is_zero() {
                column.entries.push((row, to_f64(amount) * scale));
            }
        }
        (row, scale)
    }
}

/// Scaling by powers of two loses no digit.
pub fn power_of_two(x: f64) -> f64 {
    2f64.powi(x.log2().round() as i32)
}

/// The options that no other one beats or equals in cost and every use, in order; of those with
/// pieces, in every piece.
fn undominated(job: &Job) -> Vec<usize> {
    let mut order: Vec<usize> = (0..job.options.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&job.options[*a], &job.options[*b]);
        (&a.cost, &a.uses, &a.pieces).cmp(&(&b.cost, &b.uses, &b.pieces))
    });
    let mut kept: Vec<usize> = Vec::new();
    for o in order {
        let option = &job.options[o];
        let beaten = |k: &usize| {
            let other = &job.options[*k];
            let pieces = other.pieces.iter().zip(&option.pieces);
            let alike = (other.needs, other.pieces.len()) == (option.needs, option.pieces.len());
            alike
                && no_larger(&other.uses, &option.uses)
                && pieces.into_iter().all(|(a, b)| a.cost <= b.cost && no_larger(&a.uses, &b.uses))
        };
        if !kept.iter().any(beaten) {
            kept.push(o);
        }
    }
    kept.sort_unstable();
    kept
}

/// The pieces that fewer others than are needed beat in cost and every use. Of equal ones the
/// earlier beats the later, so that beating has no circles: a piece that is left out can always be
/// exchanged for one that beats it and is not taken yet, until all that are taken are left in.
fn useful_pieces(option: &JobOption) -> Vec<usize> {
    let pieces = &option.pieces;
    let beats = |a: usize, b: usize| {
        let (one, other) = (&pieces[a], &pieces[b]);
        let no_worse = one.cost <= other.cost && no_larger(&one.uses, &other.uses);
        no_worse && (a < b || one != other)
    };
    let is_useful = |b: &usize| {
        let better = (0..pieces.len()).filter(|a| a != b && beats(*a, *b));
        better.take(option.needs as usize).count() < option.needs as usize
    };
    (0..pieces.len()).filter(is_useful).collect()
}

fn no_larger(uses: &[Rational], than: &[Rational]) -> bool {
    uses.iter().zip(than).all(|(a, b)| a <= b)
}
