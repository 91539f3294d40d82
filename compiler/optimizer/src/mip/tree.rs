//! The search tree: dives from the open node of least bound.
//!
//! 1. The root: cuts, dives, columns fixed by reduced cost.
//! 2. A node: its boxes propagated, its relaxation solved from its parent's basis with the best
//!    value as a cutoff, columns fixed by reduced cost, then branching. The child that follows the
//!    way from the root's value is next, its sibling waits.
//! 3. When a dive ends, the node of least bound is next.

use super::branch::{Branch, Pseudocosts, Way};
use super::heuristics::{Dive, locks};
use super::propagate::propagate;
use super::{CLOSE_ENOUGH, End, Found, Guide, Problem, Row, Seen, Stop, WHOLE, accepts, cuts};
use crate::model::Model;
use crate::simplex::{Basis, Limits, Simplex, Status};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// Nodes between dives, until there is a point and after.
const DIVE_EVERY: (usize, usize) = (20, 200);
/// Rounds of rows from the guide at one node.
const SEPARATIONS: usize = 2;
/// Nodes between looks at the open ones that the best value has closed.
const PRUNE_EVERY: usize = 1000;

#[derive(Clone)]
struct Node {
    bound: f64,
    number: usize,
    boxes: Vec<(u32, f64, f64)>,
    basis: Rc<Basis>,
    /// Column, way and fraction of the branching that made it.
    from: Option<(usize, Way, f64)>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Node) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    /// The greatest has the least bound; of equals the one made last.
    fn cmp(&self, other: &Node) -> Ordering {
        other.bound.total_cmp(&self.bound).then(self.number.cmp(&other.number))
    }
}

pub struct Tree<'a> {
    model: &'a Model,
    pub problem: Problem,
    pub lp: Simplex,
    pub stop: Stop<'a>,
    guide: Guide<'a>,
    /// Rows that the guide has given: those in the relaxation by their places, and those to come.
    separated: Vec<usize>,
    waiting: Vec<Row>,
    pub pseudocosts: Pseudocosts,
    pub locks: Vec<(u32, u32)>,
    /// Work of the root's first relaxation.
    pub root_work: u64,
    best: Option<(Vec<f64>, f64)>,
    open: BinaryHeap<Node>,
    root_x: Vec<f64>,
    nodes: usize,
    made: usize,
}

impl<'a> Tree<'a> {
    pub fn new(
        model: &'a Model,
        problem: Problem,
        lp: Simplex,
        stop: Stop<'a>,
        guide: Guide<'a>,
    ) -> Tree<'a> {
        let columns = problem.lo.len();
        let mut tree = Tree {
            model,
            problem,
            root_work: lp.work(),
            lp,
            stop,
            guide,
            separated: Vec::new(),
            waiting: Vec::new(),
            pseudocosts: Pseudocosts::new(columns),
            locks: Vec::new(),
            best: None,
            open: BinaryHeap::new(),
            root_x: Vec::new(),
            nodes: 0,
            made: 0,
        };
        tree.locks = locks(&tree);
        tree
    }

    pub fn run(mut self) -> Found {
        if let Some(root) = self.root() {
            let mut next = Some(root);
            while let Some(node) = next.take().or_else(|| self.open.pop()) {
                if node.bound >= self.cutoff() {
                    continue;
                }
                if self.is_spent() {
                    self.open.push(node);
                    break;
                }
                next = self.visit(node).and_then(|child| self.follow(child));
                if self.nodes.is_multiple_of(PRUNE_EVERY) {
                    let cutoff = self.cutoff();
                    self.open.retain(|node| node.bound < cutoff);
                }
            }
        }
        let open = self.open.iter().map(|node| node.bound).fold(f64::INFINITY, f64::min);
        let value = self.best.as_ref().map_or(f64::INFINITY, |(_, value)| *value);
        let end = match (&self.best, open < self.cutoff()) {
            (_, true) => End::Stopped,
            (Some(_), false) => End::Optimal,
            (None, false) => End::Infeasible,
        };
        let bound = open.min(value).min((self.guide.cutoff)());
        let (pivots, work) = (self.lp.pivots, self.lp.work());
        Found { end, best: self.best, bound, nodes: self.nodes, pivots, work }
    }

    /// Whether plans come from elsewhere: then only the least bound counts.
    fn is_led(&self) -> bool {
        (self.guide.cutoff)().is_finite()
    }

    /// The child to go on with, unless the node of least bound is next.
    fn follow(&mut self, child: Node) -> Option<Node> {
        let is_least = self.open.peek().is_none_or(|node| child.bound <= node.bound);
        if is_least || !self.is_led() {
            return Some(child);
        }
        self.open.push(child);
        None
    }

    pub fn work_left(&self) -> u64 {
        self.stop.work.saturating_sub(self.lp.work())
    }

    fn is_spent(&self) -> bool {
        self.work_left() == 0 || self.stop.stop.is_some_and(|stop| stop())
    }

    fn limits(&self) -> Limits<'a> {
        Limits { work: self.work_left(), stop: self.stop.stop, cutoff: self.lp_cutoff() }
    }

    /// Bounds from here on are no use; of the model's cost.
    pub fn cutoff(&self) -> f64 {
        let known = (self.guide.cutoff)();
        let Some((_, value)) = &self.best else { return known };
        let step = self.problem.granule * (1.0 - 1e-4);
        known.min(value - step.max(value.abs() * CLOSE_ENOUGH).max(1e-10))
    }

    /// The same for the relaxation, whose cost leaves the constant out.
    pub fn lp_cutoff(&self) -> f64 {
        self.cutoff() - self.problem.model.constant
    }

    pub fn cost(&self) -> f64 {
        self.lp.objective() + self.problem.model.constant
    }

    /// Takes a point whose whole columns are whole exactly, if it is better and keeps the model.
    pub fn offer_exact(&mut self, x: &[f64]) -> bool {
        let value = self.model.objective(x);
        let better = self.best.as_ref().is_none_or(|(_, best)| value < *best);
        if !better || !accepts(self.model, x) || !self.waiting.is_empty() {
            return false;
        }
        self.waiting =
            (self.guide.separate)(&Seen { x, duals: Vec::new(), value, nodes: self.nodes });
        let taken = self.waiting.is_empty();
        if taken {
            self.best = Some((x.to_vec(), value));
        }
        taken
    }

    /// Takes a point that is whole to rounding: with its whole columns made exact and, where that
    /// asks for it, the others solved for again. The relaxation's boxes may be left changed.
    pub fn offer(&mut self, x: &[f64]) -> bool {
        let round = |(j, x): (usize, &f64)| if self.problem.is_whole(j) { x.round() } else { *x };
        let point: Vec<f64> = x.iter().enumerate().map(round).collect();
        let moved = point.iter().zip(x).any(|(a, b)| (a - b).abs() > 1e-10);
        if !moved || self.model.columns.iter().all(|c| c.kind == crate::model::Kind::Whole) {
            return self.offer_exact(&point);
        }
        let (mut lo, mut hi) = (self.problem.lo.clone(), self.problem.hi.clone());
        for (j, x) in point.iter().enumerate().filter(|(j, _)| self.problem.is_whole(*j)) {
            (lo[j], hi[j]) = (*x, *x);
        }
        self.set_boxes(&lo, &hi);
        let limits = Limits { cutoff: f64::INFINITY, ..self.limits() };
        if self.lp.solve(&limits) != Status::Optimal {
            return self.offer_exact(&point);
        }
        let mut solved = self.lp.values();
        for (j, x) in point.iter().enumerate().filter(|(j, _)| self.problem.is_whole(*j)) {
            solved[j] = *x;
        }
        self.offer_exact(&solved)
    }

    pub fn boxes(&self) -> (Vec<f64>, Vec<f64>) {
        (0..self.lp.columns()).map(|j| self.lp.bounds(j)).unzip()
    }

    pub fn set_boxes(&mut self, lo: &[f64], hi: &[f64]) {
        for j in 0..lo.len() {
            if self.lp.bounds(j) != (lo[j], hi[j]) {
                self.lp.set_bounds(j, (lo[j], hi[j]));
            }
        }
    }

    /// Takes in the rows that the guide has found.
    fn take_in(&mut self) {
        for (bounds, entries) in std::mem::take(&mut self.waiting) {
            let row = self.lp.add_row(bounds, &entries);
            self.problem.model.rows.push(bounds);
            self.problem.rows.push(entries.iter().map(|&(j, a)| (j as u32, a)).collect());
            for (j, a) in entries {
                self.problem.model.columns[j].entries.push((row, a));
            }
            self.separated.push(row);
        }
    }

    /// Whether the guide has rows that the solved relaxation breaks.
    fn is_broken(&mut self, x: &[f64]) -> bool {
        if self.waiting.is_empty() {
            let all = self.lp.duals();
            let mut duals = all[..self.model.rows.len()].to_vec();
            duals.extend(self.separated.iter().map(|row| all[*row]));
            let (value, nodes) = (self.cost(), self.nodes);
            self.waiting = (self.guide.separate)(&Seen { x, duals, value, nodes });
        }
        !self.waiting.is_empty()
    }

    /// The root after cuts and dives; `None` when that settled everything.
    fn root(&mut self) -> Option<Node> {
        let mut x = self.lp.values();
        while self.is_broken(&x) {
            self.take_in();
            let limits = Limits { cutoff: f64::INFINITY, ..self.limits() };
            match self.lp.solve(&limits) {
                Status::Optimal => x = self.lp.values(),
                Status::Infeasible => return None,
                _ => return Some(self.first_node(f64::NEG_INFINITY)),
            }
        }
        self.round(&x);
        let status = cuts::separate(&mut self.problem, &mut self.lp, &{
            Limits { cutoff: f64::INFINITY, work: self.stop.work, stop: self.stop.stop }
        });
        if status == Status::Infeasible {
            return None;
        }
        let bound = if status == Status::Optimal { self.cost() } else { f64::NEG_INFINITY };
        let node = self.first_node(bound);
        if status != Status::Optimal {
            return Some(node);
        }
        self.locks = locks(self);
        self.root_x = self.lp.values();
        let reduced: Vec<f64> = (0..self.root_x.len()).map(|j| self.lp.reduced_cost(j)).collect();
        for dive in [Dive::Nearest, Dive::Locks] {
            self.dive(dive);
            let (lo, hi) = (self.problem.lo.clone(), self.problem.hi.clone());
            self.set_boxes(&lo, &hi);
            self.lp.set_basis(&node.basis);
            if self.lp.solve(&self.limits()) != Status::Optimal {
                break;
            }
        }
        self.fix_root(bound, &reduced);
        Some(node)
    }

    fn first_node(&self, bound: f64) -> Node {
        let basis = Rc::new(self.lp.basis());
        Node { bound, number: 0, boxes: Vec::new(), basis, from: None }
    }

    /// Boxes of the root that its reduced costs leave.
    fn fix_root(&mut self, bound: f64, reduced: &[f64]) {
        let gap = self.cutoff() - bound;
        let x = std::mem::take(&mut self.root_x);
        for j in 0..x.len() {
            let (lo, hi) = (self.problem.lo[j], self.problem.hi[j]);
            let (low, high) = self.within(gap, j, (x[j], reduced[j]), (lo, hi));
            (self.problem.lo[j], self.problem.hi[j]) = (low, high);
        }
        self.root_x = x;
    }

    /// The box in which a whole column's reduced cost stays within a gap.
    fn within(
        &self,
        gap: f64,
        j: usize,
        (x, reduced): (f64, f64),
        (lo, hi): (f64, f64),
    ) -> (f64, f64) {
        if !gap.is_finite() || !self.problem.is_whole(j) || reduced.abs() < 1e-7 {
            return (lo, hi);
        }
        let reach = (gap.max(0.0) / reduced.abs() + WHOLE).floor();
        if reduced > 0.0 && (x - lo).abs() <= WHOLE {
            (lo, hi.min(lo + reach))
        } else if reduced < 0.0 && (hi - x).abs() <= WHOLE {
            (lo.max(hi - reach), hi)
        } else {
            (lo, hi)
        }
    }

    /// Solves a node; the child to go on with.
    fn visit(&mut self, mut node: Node) -> Option<Node> {
        self.nodes += 1;
        let (mut lo, mut hi) = (self.problem.lo.clone(), self.problem.hi.clone());
        let mut changed = Vec::new();
        for &(j, low, high) in &node.boxes {
            let at = j as usize;
            (lo[at], hi[at]) = (lo[at].max(low), hi[at].min(high));
            if lo[at] > hi[at] {
                return None;
            }
            changed.push(j);
        }
        if self.nodes > 1 && *node.basis != self.lp.basis() {
            self.lp.set_basis(&node.basis);
        }
        let mut learn = node.from;
        let mut separations = 0;
        loop {
            self.take_in();
            propagate(&self.problem, &mut lo, &mut hi, &mut changed).ok()?;
            changed.clear();
            self.set_boxes(&lo, &hi);
            match self.lp.solve(&self.limits()) {
                Status::Optimal => {}
                Status::Infeasible | Status::Worse | Status::Unbounded => return None,
                Status::Stopped => {
                    self.open.push(node);
                    return None;
                }
            }
            let cost = self.cost();
            if let Some((j, way, fraction)) = learn.take() {
                self.pseudocosts.learn(j, way, fraction, cost - node.bound);
            }
            node.bound = node.bound.max(cost);
            if node.bound >= self.cutoff() {
                return None;
            }
            let x = self.lp.values();
            if separations < SEPARATIONS && self.is_broken(&x) {
                separations += 1;
                continue;
            }
            let fractional = self.fractional(&x);
            if fractional.is_empty() {
                self.offer(&x);
                if self.waiting.is_empty() {
                    return None;
                }
                // Rows that were not known forbid the point.
                continue;
            }
            if !self.is_led() {
                self.round(&x);
            }
            node.basis = Rc::new(self.lp.basis());
            self.fix_node(&mut node, (&mut lo, &mut hi), &x);
            match self.choose(&fractional, &node.basis.clone()) {
                Branch::Closed => return None,
                Branch::Tighten(j, low, high) => {
                    (lo[j], hi[j]) = (low, high);
                    node.boxes.push((j as u32, low, high));
                    changed.push(j as u32);
                }
                Branch::On(j, x) => {
                    let every = if self.best.is_none() { DIVE_EVERY.0 } else { DIVE_EVERY.1 };
                    let dives = self.nodes.is_multiple_of(every) && !self.is_led();
                    return Some(self.split(node, j, x, (&lo, &hi), dives));
                }
            }
        }
    }

    /// Whole columns that are not whole at a point.
    fn fractional(&self, x: &[f64]) -> Vec<(usize, f64)> {
        let is_off = |j: usize, x: f64| self.problem.is_whole(j) && (x - x.round()).abs() > WHOLE;
        (0..x.len()).filter(|j| is_off(*j, x[*j])).map(|j| (j, x[j])).collect()
    }

    /// Boxes of a node that its reduced costs leave.
    fn fix_node(&mut self, node: &mut Node, (lo, hi): (&mut [f64], &mut [f64]), x: &[f64]) {
        let gap = self.cutoff() - self.cost();
        for j in 0..x.len() {
            if lo[j] == hi[j] {
                continue;
            }
            let own = (x[j], self.lp.reduced_cost(j));
            let (low, high) = self.within(gap, j, own, (lo[j], hi[j]));
            if (low, high) != (lo[j], hi[j]) {
                (lo[j], hi[j]) = (low, high);
                node.boxes.push((j as u32, low, high));
            }
        }
    }

    /// The two children; one is returned, the other waits.
    fn split(
        &mut self,
        node: Node,
        j: usize,
        x: f64,
        (lo, hi): (&[f64], &[f64]),
        dives: bool,
    ) -> Node {
        if dives {
            self.lp.set_basis(&node.basis);
            self.set_boxes(lo, hi);
            if self.lp.solve(&self.limits()) == Status::Optimal {
                self.dive(if self.nodes.is_multiple_of(2) { Dive::Locks } else { Dive::Nearest });
            }
        }
        let mut child = |way: Way| {
            let mut boxes = node.boxes.clone();
            let fraction = match way {
                Way::Down => {
                    boxes.push((j as u32, f64::NEG_INFINITY, x.floor()));
                    x - x.floor()
                }
                Way::Up => {
                    boxes.push((j as u32, x.ceil(), f64::INFINITY));
                    x.ceil() - x
                }
            };
            self.made += 1;
            let (number, basis) = (self.made, Rc::clone(&node.basis));
            Node { bound: node.bound, number, boxes, basis, from: Some((j, way, fraction)) }
        };
        let (down, up) = (child(Way::Down), child(Way::Up));
        let rises = match self.root_x.get(j) {
            Some(root) if (x - root).abs() > 0.1 => x > *root,
            _ => x - x.floor() > 0.5,
        };
        let (first, second) = if rises { (up, down) } else { (down, up) };
        self.open.push(second);
        first
    }
}
