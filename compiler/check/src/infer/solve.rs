//! Interfaces: finding the dictionary for each requirement.
//!
//! 1. A requirement on a variable waits. On a rigid variable it must follow from what is given,
//!    directly or through super-interfaces.
//! 2. On anything else the instance is found by interface and head; its context is required of the
//!    parts. There is one instance per head, so no choice is ever taken back; only quantities may
//!    have one instance per constant unit, and wait until theirs is known.
//! 3. A `let` over a lambda takes as parameters the dictionaries of its own variables, a definition
//!    those of its type's variables; what is left is ambiguous, and Int if it is a number,
//!    Never if that has the instances, which says that nothing is there (`Show`, `Eq` … of `[]`).

use super::{Given, HOLES, Infer, Pred};
use crate::arena::{ERROR, Node, T};
use crate::declare::Head;
use crate::ty::Ty;
use crate::typed::{Dict, DictId};
use crate::units::Unit;
use eclexia_base::Dim;
use eclexia_core::core::{ExprId, InstanceId, InterfaceId, Program};

/// Contexts of instances nest no deeper; a cycle of them would not end.
const MAX_DEPTH: usize = 64;

/// The dictionary of what has been reported.
const MISSING: Dict = Dict::Param(DictId(HOLES - 1));

enum Lookup {
    Found(InstanceId),
    Wait,
    None,
}

impl<'a> Infer<'a> {
    /// Finds dictionaries for the requirements from `from` on; true when one was found.
    pub(super) fn solve(&mut self, from: usize) -> bool {
        let mut progress = false;
        let mut kept = Vec::new();
        for mut pred in self.preds.split_off(from) {
            // What only reads does to a reference what it does to the value.
            if self.reading[pred.interface.0 as usize] {
                pred.ty = self.through(pred.ty);
            }
            match self.dictionary(pred, pred.ty, 0) {
                Some(dict) => {
                    self.holes[pred.hole as usize] = Some(dict);
                    progress = true;
                }
                None => kept.push(pred),
            }
        }
        // Contexts of instances may have left requirements of their own behind.
        let added = self.preds.split_off(from);
        self.preds.extend(kept);
        self.preds.extend(added);
        progress
    }

    /// `None`: wait. What is missing is reported and has a dictionary nevertheless.
    fn dictionary(&mut self, pred: Pred, ty: T, depth: usize) -> Option<Dict> {
        let ty = self.arena.find(ty);
        match self.arena.node(ty) {
            Node::Error => return Some(MISSING),
            Node::Var { .. } => return self.given_dict(pred.interface, ty),
            Node::Rigid(_) => {
                if let Some(dict) = self.given_dict(pred.interface, ty) {
                    return Some(dict);
                }
                self.blame_missing(pred, ty);
                return Some(MISSING);
            }
            _ => {}
        }
        match self.lookup(pred.interface, ty) {
            Lookup::Wait => None,
            Lookup::Found(instance) if depth < MAX_DEPTH => {
                self.note_instance(pred.body, pred.expr, instance, ty);
                Some(self.apply_instance(pred, instance, ty, depth))
            }
            _ => {
                self.blame_missing(pred, ty);
                Some(MISSING)
            }
        }
    }

    /// Drops what a callee requires: its arguments are wrong, and nothing follows from that.
    pub(super) fn forgive(&mut self, callee: ExprId) {
        let at = self.at;
        for pred in self.preds.extract_if(.., |pred| pred.expr == callee && pred.body == at) {
            self.holes[pred.hole as usize] = Some(MISSING);
        }
    }

    /// The dictionary of a super-interface at an instance's head.
    pub(super) fn find_super(&mut self, interface: InterfaceId, head: T) -> Option<Dict> {
        let pred = Pred { interface, ty: head, hole: 0, body: 0, expr: ExprId(0) };
        self.dictionary(pred, head, 0)
    }

    fn lookup(&mut self, interface: InterfaceId, ty: T) -> Lookup {
        let Some(head) = self.head(ty) else { return Lookup::None };
        let tables = self.tables;
        let Some(instances) = tables.by_head.get(&(interface, head)) else { return Lookup::None };
        if head != Head::Q {
            return instances.first().map_or(Lookup::None, |id| Lookup::Found(*id));
        }
        let Node::Q(unit) = self.arena.node(ty) else { return Lookup::None };
        let unit = self.arena.units.normal(self.arena.unit(unit));
        let constant = |id: &InstanceId| match tables.instances[*id].head.kind() {
            crate::ty::TyKind::Q(head) if head.vars.is_empty() => Some(head.dim),
            _ => None,
        };
        let any = instances.iter().find(|id| constant(id).is_none());
        let same = |dim: Dim| instances.iter().find(|id| constant(id) == Some(dim));
        if let Some(id) = any {
            return Lookup::Found(*id);
        }
        if unit.vars.is_empty() {
            return same(unit.dim).map_or(Lookup::None, |id| Lookup::Found(*id));
        }
        match instances.as_slice() {
            [only] => match constant(only) {
                // One unit is all there is: the unknown one must be it.
                Some(dim) if self.arena.units.unify(&unit, &Unit::constant(dim)) => {
                    Lookup::Found(*only)
                }
                _ => Lookup::None,
            },
            _ if unit.vars.iter().all(|(v, _)| self.arena.units.rigid_name(*v).is_some()) => {
                Lookup::None
            }
            _ => Lookup::Wait,
        }
    }

    fn apply_instance(&mut self, pred: Pred, id: InstanceId, ty: T, depth: usize) -> Dict {
        let tables = self.tables;
        let instance = &tables.instances[id];
        if instance.context.is_empty() {
            return Dict::Instance(id, Vec::new());
        }
        let vars: Vec<T> = instance.vars.iter().map(|_| self.fresh()).collect();
        let units: Vec<u32> = instance.units.iter().map(|_| self.arena.units.fresh()).collect();
        let head = self.arena.instantiate(instance.head, &vars, &units);
        let _ = self.arena.unify(head, ty);
        let mut dicts = Vec::with_capacity(instance.context.len());
        for (interface, part) in &instance.context {
            let part = self.arena.instantiate(*part, &vars, &units);
            let needed = Pred { interface: *interface, ty: part, ..pred };
            dicts.push(match self.dictionary(needed, part, depth + 1) {
                Some(dict) => dict,
                None => {
                    let hole = self.holes.len() as u32;
                    self.holes.push(None);
                    self.preds.push(Pred { hole, ..needed });
                    Dict::Param(DictId(HOLES + hole))
                }
            });
        }
        Dict::Instance(id, dicts)
    }

    fn given_dict(&self, interface: InterfaceId, ty: T) -> Option<Dict> {
        let ty = self.arena.root(ty);
        for given in self.givens.iter().rev() {
            if self.same_variable(given.ty, ty)
                && let Some(path) = super_path(self.program, given.interface, interface)
            {
                let wrap = |dict, index| Dict::Super(Box::new(dict), index);
                return Some(path.into_iter().fold(given.dict.clone(), wrap));
            }
        }
        None
    }

    pub(super) fn same_variable(&self, a: T, b: T) -> bool {
        self.arena.root(a) == self.arena.root(b)
            || matches!((self.arena.node(a), self.arena.node(b)),
                (Node::Rigid(x), Node::Rigid(y)) if x == y)
    }

    /// The dictionaries that a generalised lambda takes: requirements on variables of its own.
    pub(super) fn generalise_function(
        &mut self,
        function: ExprId,
        from: usize,
    ) -> Vec<(InterfaceId, T)> {
        let level = self.level;
        let own = |infer: &Self, pred: &Pred| match infer.arena.node(pred.ty) {
            Node::Var { level: own } => own > level,
            _ => false,
        };
        let waiting = self.preds.split_off(from);
        let (mine, others): (Vec<Pred>, Vec<Pred>) =
            waiting.into_iter().partition(|pred| own(self, pred));
        self.preds.extend(others);
        let taken = self.take_parameters(&mine);
        if !taken.is_empty() {
            let ids = taken.iter().map(|(.., id)| *id).collect();
            self.cx().facts.fn_dict_params.insert(function, ids);
        }
        taken.into_iter().map(|(interface, ty, _)| (interface, ty)).collect()
    }

    /// One parameter per requirement that no other implies; fills the holes of all of them.
    pub(super) fn take_parameters(&mut self, preds: &[Pred]) -> Vec<(InterfaceId, T, DictId)> {
        let mut taken: Vec<(InterfaceId, T, DictId)> = Vec::new();
        for pred in preds {
            let ty = self.arena.root(pred.ty);
            let implied = |other: &Pred| {
                other.interface != pred.interface
                    && self.arena.root(other.ty) == ty
                    && super_path(self.program, other.interface, pred.interface).is_some()
            };
            let known = taken.iter().any(|(i, t, _)| *i == pred.interface && *t == ty);
            if !known && !preds.iter().any(implied) {
                let id = DictId(self.next_dict);
                self.next_dict += 1;
                taken.push((pred.interface, ty, id));
            }
        }
        let givens = self.givens.len();
        for (interface, ty, id) in &taken {
            let dict = Dict::Param(*id);
            self.givens.push(Given { interface: *interface, ty: *ty, dict });
        }
        for pred in preds {
            self.holes[pred.hole as usize] =
                Some(self.given_dict(pred.interface, pred.ty).unwrap_or(MISSING));
        }
        self.givens.truncate(givens);
        taken
    }

    /// Decides what is left: numbers are Int, elements of what is empty are Never (`(show None)`)
    /// where that has the instances, everything else is reported.
    pub(super) fn default_ambiguous(&mut self) {
        while let Some(pred) = self.preds.first().copied() {
            let ty = self.arena.root(pred.ty);
            let about = |p: &Pred| self.arena.root(p.ty) == ty;
            let number =
                |p: &Pred| Some(p.interface) == self.lang.num || Some(p.interface) == self.lang.add;
            let is_number = self.preds.iter().any(|p| about(p) && number(p));
            if !self.arena.is_var(ty) {
                // A quantity whose unit nothing decides.
                self.preds.remove(0);
                self.holes[pred.hole as usize] = Some(MISSING);
                self.blame_ambiguous(pred, ty);
                continue;
            }
            let never = self.lang.never;
            let fits = |p: &Pred| {
                never.is_some_and(|id| {
                    self.tables.by_head.contains_key(&(p.interface, Head::Con(id)))
                })
            };
            let is_never = self.preds.iter().filter(|p| about(p)).all(fits);
            if let Some(id) = never.filter(|_| is_never) {
                let never = self.closed(Ty::con(id, []));
                let _ = self.arena.unify(ty, never);
            } else if is_number {
                let int = self.closed(self.lang.int);
                let _ = self.arena.unify(ty, int);
            } else {
                self.blame_ambiguous(pred, ty);
                let _ = self.arena.unify(ty, ERROR);
            }
            self.settle(0, 0);
        }
    }

    /// The dictionary of a hole, with the holes inside it filled.
    pub(super) fn closed_dict(&self, dict: &Dict) -> Dict {
        match dict {
            Dict::Param(id) if id.0 >= HOLES => match &self.holes[(id.0 - HOLES) as usize] {
                Some(dict) => self.closed_dict(dict),
                None => MISSING,
            },
            Dict::Param(_) => dict.clone(),
            Dict::Instance(id, dicts) => {
                Dict::Instance(*id, dicts.iter().map(|d| self.closed_dict(d)).collect())
            }
            Dict::Super(inner, index) => Dict::Super(Box::new(self.closed_dict(inner)), *index),
        }
    }
}

/// The indices that lead from an interface to one of its super-interfaces; empty for itself.
pub(super) fn super_path(
    program: &Program,
    from: InterfaceId,
    to: InterfaceId,
) -> Option<Vec<u32>> {
    fn walk(
        program: &Program,
        from: InterfaceId,
        to: InterfaceId,
        seen: &mut Vec<InterfaceId>,
        path: &mut Vec<u32>,
    ) -> bool {
        if from == to {
            return true;
        }
        if seen.contains(&from) {
            return false;
        }
        seen.push(from);
        for (index, parent) in program.interfaces[from].supers.iter().enumerate() {
            path.push(index as u32);
            if walk(program, *parent, to, seen, path) {
                return true;
            }
            path.pop();
        }
        false
    }
    let mut path = Vec::new();
    walk(program, from, to, &mut Vec::new(), &mut path).then_some(path)
}
