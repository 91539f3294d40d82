//! Branch and bound. What comes in: a [`Master`]; what goes out: the best plan found, checked and
//! costed exactly, and a lower bound that holds whatever the simplex did, because every closed
//! node's bound is recomputed by `bound` from its multipliers.
//!
//! First, plunge from a guess at the jobs, then from the root, until a plan is known. Second, drop
//! the columns whose reduced cost alone closes the gap between that plan and the root's bound.
//! Third, search what is left, depth first, then from the node of least bound. Branching is on
//! modes and jobs, then on pieces of jobs, regions, machines in all, machines of an offer, pods,
//! and patterns last. A whole point that is no plan (a zone does not work out, or rounding hid a
//! broken budget) is excluded by branching around it.
//! Work is counted in pivots, never in time, so that equal input gives equal plans.

use crate::bound::lagrangian;
use crate::canonical::Canonical;
use crate::decode::{Miss, decode};
use crate::guess::guess;
use crate::interrupt::Here;
use crate::keeps;
use crate::lp::Lp;
use crate::master::{Goal, Kind, Master};
use crate::patterns::Pattern;
use crate::problem::{Assignment, Figures, Problem};
use crate::simplex::{Basis, Limits, Simplex, Status};
use eclexia_base::Rational;
use eclexia_base::number::to_f64;
use std::rc::Rc;

/// A node closes when nothing better than this fraction of the incumbent can be below it; also
/// what "proved optimal" means: to one part in a billion.
pub const CLOSE_ENOUGH: f64 = 1e-9;
const WHOLE: f64 = 1e-6;
/// Entries looked at in one node.
const WORK_PER_NODE: u64 = 500_000_000;
/// Entries looked at by all pivots together; about two seconds of a machine of 2020.
const WORK: f64 = MOST_STEPS as f64;
pub const MOST_STEPS: usize = 2_000_000_000;
/// Nodes without a plan after which every so-many-th is one of least bound: a dive that began wrong
/// would look at all that is below it first.
const PATIENCE: usize = 1_000;
const SIDEWAYS: usize = 8;

pub struct Asked<'a> {
    pub problem: &'a Problem,
    pub canon: &'a Canonical,
    pub patterns: &'a [Pattern],
    pub goal: Goal,
    pub limits: &'a [Option<Rational>],
    pub cap: Option<&'a Rational>,
    pub enough: Enough,
    pub interrupt: &'a Here,
}

/// When to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enough {
    Best,
    Any,
}

pub struct Found {
    pub best: Option<(Assignment, Figures)>,
    /// Of the goal; infinite when nothing is feasible, and proved to be so.
    pub bound: f64,
}

#[derive(Clone)]
struct Open {
    /// Boxes changed since the root.
    boxes: Vec<(usize, f64, f64)>,
    bound: f64,
    basis: Rc<Basis>,
}

/// The programme and the simplex over it, whose boxes are those of the node looked at.
struct Relaxed<'a> {
    lp: &'a Lp,
    simplex: Simplex,
}

impl Relaxed<'_> {
    fn new(lp: &Lp) -> Relaxed<'_> {
        Relaxed { lp, simplex: Simplex::from(lp) }
    }

    fn boxes(&self) -> (Vec<f64>, Vec<f64>) {
        (0..self.lp.columns()).map(|j| self.simplex.bounds(j)).unzip()
    }
}

struct State<'a, 'b> {
    asked: &'b Asked<'a>,
    kinds: Vec<Kind>,
    scale: f64,
    best: Option<(Assignment, Figures)>,
    /// Of the best, in scaled cost.
    value: f64,
    /// Least bound of what was closed without being worse than the best.
    floor: f64,
    work: f64,
    nodes: usize,
    /// What the bounds of all open nodes are below.
    kept_below: f64,
}

impl Asked<'_> {
    /// The goal's exact value.
    pub fn value(&self, figures: &Figures) -> Rational {
        match self.goal {
            Goal::Objective => figures.objective.clone(),
            Goal::Use(k) => figures.uses[k].clone(),
        }
    }

    fn check(&self, plan: &Assignment) -> Option<Figures> {
        let figures = self.problem.figures(plan).ok()?;
        keeps(&figures, self.limits, self.cap).then_some(figures)
    }
}

pub fn search(asked: &Asked, master: &Master, first: &[Assignment]) -> Found {
    let mut state = State {
        asked,
        kinds: master.kinds.clone(),
        scale: master.cost_scale,
        best: None,
        value: f64::INFINITY,
        floor: f64::INFINITY,
        work: 0.0,
        nodes: 0,
        kept_below: f64::INFINITY,
    };
    for plan in first {
        if let Some(figures) = asked.check(plan) {
            state.offer(plan.clone(), figures);
        }
    }
    let mut relaxed = Relaxed::new(&master.lp);
    let Some((root, reduced)) = state.root(&mut relaxed) else {
        return state.found();
    };
    let root_bound = root.bound;
    let guessed = guess(asked.problem, &state.kinds, &reduced, asked.limits);
    let guessed = guessed.filter(|boxes| !boxes.is_empty());
    let guessed = guessed.map(|boxes| Open { boxes, ..root.clone() });
    let mut open: Vec<Open> = [root].into_iter().chain(guessed).collect();
    let goes_on = state.run(&mut relaxed, &mut open, Until::Incumbent);
    if !goes_on || asked.enough == Enough::Any {
        return state.found();
    }
    // What cannot improve on the incumbent is left out, and the rest searched from its root.
    // The margin is far above the rounding of a reduced cost.
    let gap = state.value - root_bound + state.value.abs() * 1e-7 + 1e-7;
    let keep: Vec<usize> = (0..master.lp.columns())
        .filter(|j| !matches!(state.kinds[*j], Kind::Pattern { .. }) || reduced[*j] <= gap)
        .collect();
    let shrinks = keep.len() * 4 < master.lp.columns() * 3;
    if shrinks {
        let small = master.lp.with_columns(&keep);
        state.kinds = keep.iter().map(|j| master.kinds[*j]).collect();
        let mut relaxed = Relaxed::new(&small);
        if let Some((root, _)) = state.root(&mut relaxed) {
            state.run(&mut relaxed, &mut vec![root], Until::Closed);
        }
    } else {
        state.run(&mut relaxed, &mut open, Until::Closed);
    }
    state.found()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Incumbent,
    Closed,
}

enum Node {
    /// Nothing better is below it.
    Closed,
    /// The children, the one to dive into last.
    Branched(Vec<Open>),
}

impl State<'_, '_> {
    fn cutoff(&self) -> f64 {
        if self.best.is_none() {
            return f64::INFINITY;
        }
        self.value - self.value.abs() * CLOSE_ENOUGH
    }

    fn offer(&mut self, plan: Assignment, figures: Figures) {
        let value = self.asked.value(&figures);
        if self.best.as_ref().is_none_or(|(_, old)| value < self.asked.value(old)) {
            self.value = to_f64(&value) * self.scale;
            self.best = Some((plan, figures));
        }
    }

    fn found(self) -> Found {
        let bound = self.floor.min(self.value);
        Found { best: self.best, bound: bound / self.scale }
    }

    /// Solves the root; `None` when that settles everything.
    fn root(&mut self, relaxed: &mut Relaxed) -> Option<(Open, Vec<f64>)> {
        let status = self.solve(relaxed, WORK_PER_NODE * 5);
        let bound = self.close(relaxed, status, f64::NEG_INFINITY)?;
        let simplex = &relaxed.simplex;
        let reduced = (0..relaxed.lp.columns()).map(|j| simplex.reduced_cost(j)).collect();
        Some((Open { boxes: Vec::new(), bound, basis: Rc::new(simplex.basis()) }, reduced))
    }

    fn solve(&mut self, relaxed: &mut Relaxed, work: u64) -> Status {
        let before = relaxed.simplex.work();
        let stop = || self.asked.interrupt.is_over();
        let limits = Limits { stop: Some(&stop), ..Limits::work(work) };
        let status = relaxed.simplex.solve(&limits);
        self.work += (relaxed.simplex.work() - before) as f64;
        status
    }

    /// The node's proved bound, or `None` when it is closed by it.
    fn close(&mut self, relaxed: &Relaxed, status: Status, inherited: f64) -> Option<f64> {
        let (lo, hi) = relaxed.boxes();
        let simplex = &relaxed.simplex;
        if status == Status::Infeasible && proves_infeasible(relaxed.lp, &lo, &hi, simplex.farkas())
        {
            return None;
        }
        let own = lagrangian(relaxed.lp, &lo, &hi, simplex.duals(), 1.0);
        let bound = own.max(inherited);
        if bound >= self.cutoff() || status != Status::Optimal {
            self.floor = self.floor.min(bound);
            return None;
        }
        Some(bound)
    }

    /// Works on `open` until there is an incumbent or nothing is left; false when the work allowed
    /// is used up, or nobody waits, with the bounds of what is left in `floor`.
    fn run(&mut self, relaxed: &mut Relaxed, open: &mut Vec<Open>, until: Until) -> bool {
        let mut at_basis = false;
        while let Some(node) = self.next(open, &mut at_basis) {
            if until == Until::Incumbent && self.best.is_some() {
                open.push(node);
                return true;
            }
            if self.work > WORK || self.asked.interrupt.is_over() {
                self.floor =
                    open.iter().map(|o| o.bound).fold(self.floor.min(node.bound), f64::min);
                open.clear();
                return false;
            }
            match self.visit(relaxed, &node, at_basis) {
                Node::Closed => at_basis = false,
                Node::Branched(children) => {
                    open.extend(children);
                    at_basis = true;
                }
            }
        }
        true
    }

    /// The child just made while diving, else the open node of least bound; the dive ends there.
    fn next(&mut self, open: &mut Vec<Open>, diving: &mut bool) -> Option<Open> {
        let cutoff = self.cutoff();
        if cutoff < self.kept_below {
            self.kept_below = cutoff;
            let floor = &mut self.floor;
            open.retain(|o| {
                let keep = o.bound < cutoff;
                if !keep {
                    *floor = floor.min(o.bound);
                }
                keep
            });
        }
        self.nodes += 1;
        let is_patient = self.nodes < PATIENCE || !self.nodes.is_multiple_of(SIDEWAYS);
        if *diving && (is_patient || self.best.is_some()) || self.best.is_none() && is_patient {
            return open.pop();
        }
        *diving = false;
        let least =
            (0..open.len()).rev().min_by(|a, b| open[*a].bound.total_cmp(&open[*b].bound))?;
        Some(open.remove(least))
    }

    fn visit(&mut self, relaxed: &mut Relaxed, node: &Open, at_basis: bool) -> Node {
        let lp = relaxed.lp;
        let mut boxes: Vec<(f64, f64)> = lp.lo.iter().copied().zip(lp.hi.iter().copied()).collect();
        for &(j, lo, hi) in &node.boxes {
            boxes[j] = (boxes[j].0.max(lo), boxes[j].1.min(hi));
        }
        let simplex = &mut relaxed.simplex;
        boxes.into_iter().enumerate().for_each(|(j, bounds)| simplex.set_bounds(j, bounds));
        if !at_basis {
            simplex.set_basis(&node.basis);
        }
        let status = self.solve(relaxed, WORK_PER_NODE);
        let Some(bound) = self.close(relaxed, status, node.bound) else { return Node::Closed };
        let values = relaxed.simplex.values();
        if let Some(j) = self.fractional(&values) {
            return Node::Branched(self.split(relaxed, node, bound, (j, values[j])));
        }
        let whole: Vec<u32> = values.iter().map(|x| x.round().max(0.0) as u32).collect();
        match self.try_point(&whole) {
            Ok(()) => {
                self.floor = self.floor.min(bound);
                Node::Closed
            }
            Err(miss) => self.around(relaxed, node, bound, &whole, miss),
        }
    }

    fn try_point(&mut self, whole: &[u32]) -> Result<(), Miss> {
        let asked = self.asked;
        let plan = decode(asked.problem, asked.canon, asked.patterns, &self.kinds, whole)?;
        match asked.check(&plan) {
            Some(figures) => {
                self.offer(plan, figures);
                Ok(())
            }
            None => Err(Miss::Impossible),
        }
    }

    /// The column to branch on: of the first kind that has a fraction, the most fractional.
    fn fractional(&self, values: &[f64]) -> Option<usize> {
        let mut best: Option<(u8, f64, usize)> = None;
        for (j, x) in values.iter().enumerate() {
            let off = (x - x.round()).abs();
            if off <= WHOLE {
                continue;
            }
            let rank = rank(self.kinds[j]);
            let better = best.is_none_or(|(r, o, _)| rank < r || (rank == r && off > o + 1e-9));
            if better {
                best = Some((rank, off, j));
            }
        }
        best.map(|(_, _, j)| j)
    }

    fn split(&self, relaxed: &Relaxed, node: &Open, bound: f64, (j, x): (usize, f64)) -> Vec<Open> {
        let basis = Rc::new(relaxed.simplex.basis());
        let child = |lo: f64, hi: f64| {
            let mut boxes = node.boxes.clone();
            boxes.push((j, lo, hi));
            Open { boxes, bound, basis: Rc::clone(&basis) }
        };
        let down = child(f64::NEG_INFINITY, x.floor());
        let up = child(x.ceil(), f64::INFINITY);
        // Choices follow the larger part; counts of machines go up, where a plan is.
        let kind = self.kinds[j];
        let choice = matches!(kind, Kind::Mode { .. } | Kind::Job { .. } | Kind::Piece { .. });
        if choice && x - x.floor() < 0.5 { vec![up, down] } else { vec![down, up] }
    }

    /// Excludes a whole point: smaller, larger, or equal in one column and different elsewhere.
    fn around(
        &mut self,
        relaxed: &Relaxed,
        node: &Open,
        bound: f64,
        whole: &[u32],
        miss: Miss,
    ) -> Node {
        let (least, most) = relaxed.boxes();
        let free = |j: &usize| least[*j] < most[*j];
        let order = (0..whole.len())
            .filter(free)
            .min_by_key(|j| (whole[*j] == 0, rank(self.kinds[*j]), *j));
        let Some(j) = order else {
            if miss == Miss::GaveUp {
                self.floor = self.floor.min(bound);
            }
            return Node::Closed;
        };
        let x = f64::from(whole[j]);
        let basis = Rc::new(relaxed.simplex.basis());
        let boxes = [(x + 1.0, f64::INFINITY), (f64::NEG_INFINITY, x - 1.0), (x, x)];
        let inside = |b: &&(f64, f64)| b.0 <= most[j] && b.1 >= least[j];
        let children = boxes.iter().filter(inside).map(|&(lo, hi)| {
            let mut boxes = node.boxes.clone();
            boxes.push((j, lo, hi));
            Open { boxes, bound, basis: Rc::clone(&basis) }
        });
        Node::Branched(children.collect())
    }
}

/// The order of branching (optimizer.md section 2, layer 4).
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Mode { .. } | Kind::Job { .. } => 0,
        Kind::Piece { .. } => 1,
        Kind::Present { .. } => 2,
        Kind::Total => 3,
        Kind::Machines { .. } => 4,
        Kind::Pods { .. } => 5,
        Kind::Pattern { .. } => 6,
    }
}

/// Whether the multipliers, of either sign, prove that no point is feasible.
fn proves_infeasible(lp: &Lp, lo: &[f64], hi: &[f64], ray: &[f64]) -> bool {
    let turned: Vec<f64> = ray.iter().map(|y| -y).collect();
    lagrangian(lp, lo, hi, ray, 0.0) > 0.0 || lagrangian(lp, lo, hi, &turned, 0.0) > 0.0
}
