//! Types during inference: an arena of nodes with union-find links and levels (Rémy 1992).
//!
//! A node is a variable, or built from other nodes; a solved variable is a link. A variable has
//! the level of the `let` it belongs to, lowered when it meets a type of an outer one; those still
//! above the level of a `let` after it are generic. The arena is emptied after each binding group:
//! what lives longer is a closed [`Ty`](crate::ty::Ty).

use crate::grades::{Grades, Linear};
use crate::ty::{AmountTy, Ty, TyKind, TyVar};
use crate::units::{Unit, Units};
use eclexia_base::{Dim, FxHashMap, Name};
use eclexia_core::core::{ExprId, TypeId};

/// A node of the arena.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct T(pub u32);

/// A run of nodes: parameters or type arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    start: u32,
    len: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Node {
    Link(T),
    Var {
        level: u32,
    },
    /// A variable of a signature: equal to itself only.
    Rigid(TyVar),
    Con(TypeId, Run),
    Fn(Run, T),
    Fn1(Run, T),
    Ref(T),
    /// Index into the arena's units.
    Q(u32),
    /// Index into the arena's budgets.
    Budget(u32),
    /// Equal to everything: reported already.
    Error,
}

/// The level of a variable that a `let` has generalised.
pub(crate) const GENERIC: u32 = u32::MAX;
pub(crate) const ERROR: T = T(0);

/// Why two types cannot be equal: the innermost parts that differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Clash {
    Differ(T, T),
    Units(T, T),
    /// The variable occurs in the type.
    Infinite(T, T),
    /// What the variable would be has more parts than a type may have.
    TooLarge(T, T),
}

impl Clash {
    pub fn sides(self) -> (T, T) {
        let (Clash::Differ(a, b)
        | Clash::Units(a, b)
        | Clash::Infinite(a, b)
        | Clash::TooLarge(a, b)) = self;
        (a, b)
    }
}

/// A type of more parts than this, written out, is refused: `(Pair x x)` doubles one at each call,
/// and what is small as a graph takes for ever as a tree.
const PARTS: u32 = 200_000;

/// A budget: its amounts, and how it came to have them.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// By key, sorted; `None`: known at run time only.
    pub amounts: Option<Vec<Amount>>,
    pub source: Source,
}

#[derive(Clone, Debug)]
pub(crate) struct Amount {
    pub key: Name,
    pub dim: Option<Dim>,
    pub sum: Linear,
}

/// An expression of one of the bodies being inferred.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct At {
    pub body: usize,
    pub expr: ExprId,
}

/// Where a budget comes from: an operation on other budgets, by their indices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// A parameter, or a part of a value of another type.
    Given,
    /// The result of a call.
    Called(At),
    Granted(At),
    Drawn(At),
    /// Split off.
    Part(At),
    /// What `split` or `spend` left of another.
    Rest(u32, At),
    Left(At),
    Merged(u32, u32, At),
}

#[derive(Default, Debug)]
pub(crate) struct Arena {
    nodes: Vec<Node>,
    runs: Vec<T>,
    unit_nodes: Vec<Unit>,
    pub units: Units,
    pub grades: Grades,
    budgets: Vec<Budget>,
    /// Closed types already copied into the arena.
    closed: FxHashMap<Ty, T>,
    scratch: Vec<T>,
}

impl Run {
    pub fn len(self) -> usize {
        self.len as usize
    }
}

impl Arena {
    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.runs.clear();
        self.unit_nodes.clear();
        self.units.clear();
        self.grades.clear();
        self.budgets.clear();
        self.closed.clear();
        self.nodes.push(Node::Error);
    }

    pub fn add(&mut self, node: Node) -> T {
        self.nodes.push(node);
        T(self.nodes.len() as u32 - 1)
    }

    pub fn var(&mut self, level: u32) -> T {
        self.add(Node::Var { level })
    }

    pub fn con(&mut self, id: TypeId, args: &[T]) -> T {
        let run = self.run(args);
        self.add(Node::Con(id, run))
    }

    pub fn function(&mut self, params: &[T], ret: T) -> T {
        let run = self.run(params);
        self.add(Node::Fn(run, ret))
    }

    pub fn one_shot(&mut self, params: &[T], ret: T) -> T {
        let run = self.run(params);
        self.add(Node::Fn1(run, ret))
    }

    pub fn quantity(&mut self, unit: Unit) -> T {
        self.unit_nodes.push(unit);
        let index = self.unit_nodes.len() as u32 - 1;
        self.add(Node::Q(index))
    }

    pub fn budget(&mut self, amounts: Option<Vec<Amount>>, source: Source) -> T {
        self.budgets.push(Budget { amounts, source });
        let index = self.budgets.len() as u32 - 1;
        self.add(Node::Budget(index))
    }

    pub fn budget_at(&self, index: u32) -> &Budget {
        &self.budgets[index as usize]
    }

    pub fn set_source(&mut self, index: u32, source: Source) {
        self.budgets[index as usize].source = source;
    }

    pub fn constant_quantity(&mut self, dim: Dim) -> T {
        self.instantiate(Ty::quantity(dim), &[], &[])
    }

    fn run(&mut self, items: &[T]) -> Run {
        let start = self.runs.len() as u32;
        self.runs.extend_from_slice(items);
        Run { start, len: items.len() as u32 }
    }

    pub fn item(&self, run: Run, index: usize) -> T {
        self.runs[run.start as usize + index]
    }

    pub fn items(&self, run: Run) -> &[T] {
        &self.runs[run.start as usize..(run.start + run.len) as usize]
    }

    /// The node that stands for `t`, with the path to it shortened.
    pub fn find(&mut self, t: T) -> T {
        let root = self.root(t);
        let mut at = t;
        while let Node::Link(next) = self.nodes[at.0 as usize] {
            self.nodes[at.0 as usize] = Node::Link(root);
            at = next;
        }
        root
    }

    pub fn root(&self, mut t: T) -> T {
        while let Node::Link(next) = self.nodes[t.0 as usize] {
            t = next;
        }
        t
    }

    /// What `t` is; never a link.
    pub fn node(&self, t: T) -> Node {
        self.nodes[self.root(t).0 as usize]
    }

    pub fn unit(&self, index: u32) -> &Unit {
        &self.unit_nodes[index as usize]
    }

    pub fn is_var(&self, t: T) -> bool {
        matches!(self.node(t), Node::Var { .. })
    }

    pub fn set_level(&mut self, t: T, level: u32) {
        let root = self.root(t);
        self.nodes[root.0 as usize] = Node::Var { level };
    }

    /// Makes the two equal, or says which parts cannot be.
    pub fn unify(&mut self, a: T, b: T) -> Result<(), Clash> {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return Ok(());
        }
        match (self.nodes[a.0 as usize], self.nodes[b.0 as usize]) {
            (Node::Var { level: la }, Node::Var { level: lb }) => {
                // The older variable stays, so names in messages do not depend on the order.
                let (keep, drop) = if a < b { (a, b) } else { (b, a) };
                self.nodes[keep.0 as usize] = Node::Var { level: la.min(lb) };
                self.nodes[drop.0 as usize] = Node::Link(keep);
                Ok(())
            }
            (Node::Var { level }, _) => self.bind(a, level, b),
            (_, Node::Var { level }) => self.bind(b, level, a),
            (Node::Error, _) | (_, Node::Error) => Ok(()),
            (Node::Con(x, xs), Node::Con(y, ys)) if x == y && xs.len == ys.len => {
                self.unify_runs(xs, ys)
            }
            (Node::Fn(xs, x), Node::Fn(ys, y)) | (Node::Fn1(xs, x), Node::Fn1(ys, y))
                if xs.len == ys.len =>
            {
                self.unify_runs(xs, ys)?;
                self.unify(x, y)
            }
            (Node::Ref(x), Node::Ref(y)) => self.unify(x, y),
            (Node::Q(x), Node::Q(y)) => {
                let (x, y) = (&self.unit_nodes[x as usize], &self.unit_nodes[y as usize]);
                if self.units.unify(x, y) { Ok(()) } else { Err(Clash::Units(a, b)) }
            }
            (Node::Budget(x), Node::Budget(y)) if self.unify_budgets(x, y) => Ok(()),
            (Node::Rigid(x), Node::Rigid(y)) if x == y => Ok(()),
            _ => Err(Clash::Differ(a, b)),
        }
    }

    fn unify_budgets(&mut self, x: u32, y: u32) -> bool {
        let (x, y) = (&self.budgets[x as usize].amounts, &self.budgets[y as usize].amounts);
        let (Some(x), Some(y)) = (x, y) else { return x.is_none() && y.is_none() };
        let zero = Linear::zero();
        for amount in x {
            let other = y.iter().find(|other| other.key == amount.key);
            let sum = other.map_or(&zero, |other| &other.sum);
            let dims = (amount.dim, other.and_then(|other| other.dim));
            let same_dim = !matches!(dims, (Some(a), Some(b)) if a != b);
            if !same_dim || !self.grades.unify(&amount.sum, sum, &self.units) {
                return false;
            }
        }
        let missing = y.iter().filter(|other| x.iter().all(|amount| amount.key != other.key));
        missing.into_iter().all(|other| self.grades.unify(&zero, &other.sum, &self.units))
    }

    fn unify_runs(&mut self, xs: Run, ys: Run) -> Result<(), Clash> {
        (0..xs.len()).try_for_each(|i| self.unify(self.item(xs, i), self.item(ys, i)))
    }

    fn bind(&mut self, var: T, level: u32, to: T) -> Result<(), Clash> {
        let mut left = PARTS;
        if self.lower(var, level, to, &mut left) {
            self.nodes[var.0 as usize] = Node::Link(to);
            Ok(())
        } else if left == 0 {
            Err(Clash::TooLarge(var, to))
        } else {
            Err(Clash::Infinite(var, to))
        }
    }

    /// Lowers the variables of `t` to `level`; false when `var` is one of them, or when more parts
    /// would have to be seen than are `left`.
    fn lower(&mut self, var: T, level: u32, t: T, left: &mut u32) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        let t = self.find(t);
        match self.nodes[t.0 as usize] {
            Node::Var { level: old } => {
                if level < old {
                    self.nodes[t.0 as usize] = Node::Var { level };
                }
                t != var
            }
            Node::Con(_, run) => {
                (0..run.len()).all(|i| self.lower(var, level, self.item(run, i), left))
            }
            Node::Fn(run, ret) | Node::Fn1(run, ret) => {
                (0..run.len()).all(|i| self.lower(var, level, self.item(run, i), left))
                    && self.lower(var, level, ret, left)
            }
            Node::Ref(inner) => self.lower(var, level, inner, left),
            _ => true,
        }
    }

    /// Lowers every variable of `t` to at most `level`: a `let` will not generalise it.
    pub fn lower_all(&mut self, t: T, level: u32) {
        // No node is its own child, so `ERROR` as the forbidden variable forbids nothing.
        // And none is left out: what is not lowered would be generalised.
        self.lower(ERROR, level, t, &mut { u32::MAX });
    }

    /// Amounts of budgets in `t`, from the first on, as variables of their own where they can be.
    pub fn simplify_amounts(&mut self, t: T, kept: &mut Vec<u32>) {
        let t = self.find(t);
        match self.nodes[t.0 as usize] {
            Node::Budget(index) => {
                let amounts = self.budgets[index as usize].amounts.iter().flatten();
                for amount in amounts {
                    self.grades.simplify(&amount.sum, &mut self.units, kept);
                }
            }
            Node::Con(_, run) => {
                (0..run.len()).for_each(|i| self.simplify_amounts(self.item(run, i), kept));
            }
            Node::Fn(run, ret) | Node::Fn1(run, ret) => {
                (0..run.len()).for_each(|i| self.simplify_amounts(self.item(run, i), kept));
                self.simplify_amounts(ret, kept);
            }
            Node::Ref(inner) => self.simplify_amounts(inner, kept),
            _ => {}
        }
    }

    /// Whether a budget is part of `t`.
    pub fn holds_budget(&self, t: T) -> bool {
        match self.node(t) {
            Node::Budget(_) => true,
            Node::Con(_, run) => self.items(run).iter().any(|t| self.holds_budget(*t)),
            Node::Ref(inner) => self.holds_budget(inner),
            _ => false,
        }
    }

    pub fn has_budgets(&self) -> bool {
        !self.budgets.is_empty()
    }

    /// Calls `f` for each unsolved variable, in order of appearance, once per occurrence.
    pub fn each_var(&self, t: T, f: &mut impl FnMut(T)) {
        let t = self.root(t);
        match self.nodes[t.0 as usize] {
            Node::Var { .. } => f(t),
            Node::Con(_, run) => self.items(run).iter().for_each(|t| self.each_var(*t, f)),
            Node::Fn(run, ret) | Node::Fn1(run, ret) => {
                self.items(run).iter().for_each(|t| self.each_var(*t, f));
                self.each_var(ret, f);
            }
            Node::Ref(inner) => self.each_var(inner, f),
            _ => {}
        }
    }

    /// A copy of a closed type with `vars` and `units` in place of its variables.
    pub fn instantiate(&mut self, ty: Ty, vars: &[T], units: &[u32]) -> T {
        if !ty.has_vars() {
            if let Some(t) = self.closed.get(&ty) {
                return *t;
            }
            let t = self.copy(ty, vars, units);
            self.closed.insert(ty, t);
            return t;
        }
        self.copy(ty, vars, units)
    }

    fn copy(&mut self, ty: Ty, vars: &[T], units: &[u32]) -> T {
        match ty.kind() {
            TyKind::Error => ERROR,
            TyKind::Var(var) => vars.get(var.index as usize).copied().unwrap_or(ERROR),
            TyKind::Con(id, args) => {
                let run = self.copy_all(args, vars, units);
                self.add(Node::Con(*id, run))
            }
            TyKind::Fn(params, ret) | TyKind::Fn1(params, ret) => {
                let run = self.copy_all(params, vars, units);
                let ret = self.instantiate(*ret, vars, units);
                let once = matches!(ty.kind(), TyKind::Fn1(..));
                self.add(if once { Node::Fn1(run, ret) } else { Node::Fn(run, ret) })
            }
            TyKind::Ref(inner) => {
                let inner = self.instantiate(*inner, vars, units);
                self.add(Node::Ref(inner))
            }
            TyKind::Q(unit) => {
                let mut result = Unit::constant(unit.dim);
                for (var, exponent) in &unit.vars {
                    if let Some(v) = units.get(var.index as usize) {
                        result = result.times(&Unit::var(*v).pow(*exponent));
                    }
                }
                self.quantity(result)
            }
            TyKind::Budget(amounts) => {
                let copied = amounts.as_ref().map(|amounts| {
                    amounts.iter().map(|amount| self.copy_amount(amount, units)).collect()
                });
                self.budget(copied, Source::Given)
            }
        }
    }

    fn copy_amount(&mut self, amount: &AmountTy, units: &[u32]) -> Amount {
        let mut sum = Linear::constant(amount.constant.clone());
        for grade in &amount.vars {
            if let Some(var) = units.get(grade.var.index as usize) {
                sum.add_var(*var, &grade.factor);
                self.grades.raise(*var, &grade.least);
            }
        }
        Amount { key: amount.key, dim: amount.dim, sum }
    }

    fn copy_all(&mut self, tys: &[Ty], vars: &[T], units: &[u32]) -> Run {
        let mark = self.scratch.len();
        for ty in tys {
            let t = self.instantiate(*ty, vars, units);
            self.scratch.push(t);
        }
        let start = self.runs.len() as u32;
        self.runs.extend_from_slice(&self.scratch[mark..]);
        self.scratch.truncate(mark);
        Run { start, len: tys.len() as u32 }
    }

    /// A copy of `t` with fresh variables of `level` for the generic ones in `seen`, which grows.
    pub fn freshen(&mut self, t: T, level: u32, seen: &mut Vec<(T, T)>) -> T {
        let t = self.find(t);
        match self.nodes[t.0 as usize] {
            Node::Var { level: GENERIC } => {
                if let Some((_, fresh)) = seen.iter().find(|(old, _)| *old == t) {
                    return *fresh;
                }
                let fresh = self.var(level);
                seen.push((t, fresh));
                fresh
            }
            Node::Con(id, run) => match self.freshen_run(run, level, seen) {
                Some(run) => self.add(Node::Con(id, run)),
                None => t,
            },
            node @ (Node::Fn(run, ret) | Node::Fn1(run, ret)) => {
                let new_ret = self.freshen(ret, level, seen);
                let new_run = self.freshen_run(run, level, seen);
                if new_run.is_none() && new_ret == self.find(ret) {
                    return t;
                }
                let run = new_run.unwrap_or(run);
                let once = matches!(node, Node::Fn1(..));
                self.add(if once { Node::Fn1(run, new_ret) } else { Node::Fn(run, new_ret) })
            }
            Node::Ref(inner) => {
                let new = self.freshen(inner, level, seen);
                if new == self.find(inner) { t } else { self.add(Node::Ref(new)) }
            }
            _ => t,
        }
    }

    fn freshen_run(&mut self, run: Run, level: u32, seen: &mut Vec<(T, T)>) -> Option<Run> {
        let old: Vec<T> = self.items(run).iter().map(|t| self.root(*t)).collect();
        let new: Vec<T> = old.iter().map(|t| self.freshen(*t, level, seen)).collect();
        (old != new).then(|| self.run(&new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arena() -> Arena {
        let mut arena = Arena::default();
        arena.clear();
        arena
    }

    #[test]
    fn unification_solves_variables() {
        let mut a = arena();
        let int = a.con(TypeId(0), &[]);
        let (x, y) = (a.var(1), a.var(1));
        let (f, g) = (a.function(&[x], y), a.function(&[y], int));
        assert_eq!(a.unify(f, g), Ok(()));
        assert_eq!(a.node(x), a.node(int));
    }

    #[test]
    fn a_variable_is_not_part_of_itself() {
        let mut a = arena();
        let x = a.var(1);
        let list = a.con(TypeId(1), &[x]);
        assert_eq!(a.unify(x, list), Err(Clash::Infinite(x, list)));
    }

    #[test]
    fn levels_fall_to_those_of_the_outer_variable() {
        let mut a = arena();
        let (outer, inner) = (a.var(1), a.var(5));
        let list = a.con(TypeId(1), &[inner]);
        assert_eq!(a.unify(outer, list), Ok(()));
        assert_eq!(a.node(inner), Node::Var { level: 1 });
    }

    #[test]
    fn a_clash_names_the_innermost_difference() {
        let mut a = arena();
        let (int, string) = (a.con(TypeId(0), &[]), a.con(TypeId(1), &[]));
        let (l, r) = (a.con(TypeId(2), &[int]), a.con(TypeId(2), &[string]));
        assert_eq!(a.unify(l, r), Err(Clash::Differ(int, string)));
    }
}
