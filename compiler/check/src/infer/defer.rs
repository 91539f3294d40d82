//! What waits for a type: fields of values whose type is not known yet, `*` and `/`, the element
//! of a `for`.
//!
//! Everything is tried when it arises, again when a `let` generalises, and until nothing moves at
//! the end of the group. Then, one at a time, the last resorts: a value whose fields only one
//! record in scope has is of that record; `*` of unknown types closes over one type (`Num`); `/`
//! of unknown types divides quantities; `for` runs over a list.

use super::budget::BudgetCall;
use super::{Infer, Want, Why};
use crate::arena::{ERROR, Node, T};
use crate::diagnostics as report;
use crate::units::Unit;
use eclexia_base::{Name, Span};
use eclexia_core::core::{CtorId, Entity, ExprId, PatId, Program, TypeDefKind, TypeId};

#[derive(Clone, Debug)]
pub(super) enum Deferred {
    Field {
        body: usize,
        expr: ExprId,
        value: T,
        name: Name,
        result: T,
    },
    With {
        body: usize,
        expr: ExprId,
        value: T,
        fields: Vec<(Name, T)>,
    },
    Pattern {
        body: usize,
        pat: PatId,
        value: T,
        fields: Vec<(Name, T)>,
    },
    /// `*`, or `/` when `over`.
    Product {
        body: usize,
        expr: ExprId,
        over: bool,
        a: T,
        b: T,
        result: T,
    },
    Iter {
        body: usize,
        expr: ExprId,
        iter: T,
        item: T,
    },
    /// An operation on a budget.
    Budget(Box<BudgetCall>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operand {
    Int,
    Q(u32),
    Unknown,
    Wrong,
    Error,
}

impl<'a> Infer<'a> {
    /// Resolves it now, or keeps it.
    pub(super) fn defer(&mut self, deferred: Deferred) {
        if !self.try_resolve(&deferred) {
            self.deferred.push(deferred);
        }
    }

    /// `*` or `/` as a value; a call decides it as soon as its arguments are known.
    pub(super) fn product(&mut self, expr: ExprId, over: bool) -> T {
        let (a, b, result) = (self.fresh(), self.fresh(), self.fresh());
        let body = self.at;
        self.deferred.push(Deferred::Product { body, expr, over, a, b, result });
        self.arena.function(&[a, b], result)
    }

    /// After the arguments of a call: the product that its callee deferred, told at the call.
    pub(super) fn settle_product(&mut self, at: usize, call: ExprId) {
        if let Some(Deferred::Product { expr, .. }) = self.deferred.get_mut(at) {
            *expr = call;
            let deferred = self.deferred[at].clone();
            if self.try_resolve(&deferred) {
                self.deferred.remove(at);
            }
        }
    }

    pub(super) fn for_each(&mut self, pat: PatId, iter: ExprId, body: ExprId) {
        let ty = self.expr(iter, None);
        let item = self.fresh();
        let at = self.at;
        self.defer(Deferred::Iter { body: at, expr: iter, iter: ty, item });
        self.irrefutable(pat, item);
        self.expr(body, None);
    }

    /// Resolves what can be, from `deferred_from` and `preds_from` on, until nothing moves.
    pub(super) fn settle(&mut self, preds_from: usize, deferred_from: usize) {
        loop {
            let waiting = self.deferred.split_off(deferred_from);
            let before = waiting.len();
            for deferred in waiting {
                self.defer(deferred);
            }
            let moved = self.deferred.len() != deferred_from + before;
            let solved = self.solve(preds_from);
            if !moved && !solved {
                return;
            }
        }
    }

    /// Types that wait are decided by the whole definition, not by a `let` inside it.
    pub(super) fn keep_deferred_monomorphic(&mut self, from: usize) {
        let level = self.level;
        for deferred in &self.deferred[from..] {
            for ty in deferred.types() {
                self.arena.lower_all(ty, level);
            }
        }
    }

    fn try_resolve(&mut self, deferred: &Deferred) -> bool {
        match deferred {
            Deferred::Field { body, expr, value, name, result } => {
                self.try_field(*body, *expr, *value, *name, *result)
            }
            Deferred::With { body, expr, value, fields } => {
                let place = self.place(*body, *expr);
                let map = self.program.maps.get(self.bodies[*body].def);
                let keys = map.and_then(|map| map.fields.get(expr)).map_or(&[][..], Vec::as_slice);
                let at = (place.span, keys);
                let Some(indices) = self.try_fields(*body, *expr, at, *value, fields) else {
                    return false;
                };
                self.bodies[*body].facts.fields.insert(*expr, indices);
                let record = self.through(*value);
                if let Some(ctor) = self.record_ctor(record) {
                    self.check_may_make(*body, place, ctor);
                }
                true
            }
            Deferred::Pattern { body, pat, value, fields } => {
                let place = self.pat_place(*body, *pat);
                let root = self.bodies[*body].body.root;
                let map = self.program.maps.get(self.bodies[*body].def);
                let keys =
                    map.and_then(|map| map.pat_fields.get(pat)).map_or(&[][..], Vec::as_slice);
                let at = (place.span, keys);
                let Some(indices) = self.try_fields(*body, root, at, *value, fields) else {
                    return false;
                };
                self.bodies[*body].facts.pat_fields.insert(*pat, indices);
                true
            }
            Deferred::Product { body, expr, over, a, b, result } => {
                self.try_product((*body, *expr), *over, *a, *b, *result)
            }
            Deferred::Iter { body, expr, iter, item } => self.try_iter(*body, *expr, *iter, *item),
            Deferred::Budget(call) => self.try_budget(call),
        }
    }

    fn try_field(&mut self, body: usize, expr: ExprId, value: T, name: Name, result: T) -> bool {
        let record = self.through(value);
        match self.arena.node(record) {
            Node::Var { .. } => return false,
            Node::Error => {
                let _ = self.arena.unify(result, ERROR);
                return true;
            }
            _ => {}
        }
        let program = self.program;
        let place = self.place(body, expr);
        let known = program.maps.get(self.bodies[body].def);
        let keys = known.and_then(|map| map.fields.get(&expr));
        let at = keys.and_then(|keys| keys.first()).map_or(place.span, |span| *span);
        let Some(ctor) = self.record_ctor(record) else {
            let found = self.freeze_message(record);
            self.diags.push(report::not_a_record(program, place, at, found, name));
            let _ = self.arena.unify(result, ERROR);
            return true;
        };
        let Some(index) = field_index(program, ctor, name) else {
            self.diags.push(report::unknown_field(program, at, place, ctor, name));
            let _ = self.arena.unify(result, ERROR);
            return true;
        };
        self.bodies[body].facts.fields.insert(expr, vec![index]);
        let ty = self.field_type(ctor, index, record);
        if let Err(clash) = self.arena.unify(ty, result) {
            let current = std::mem::replace(&mut self.at, body);
            let want = Want { ty: result, why: Why::Result };
            self.blame_mismatch(expr, ty, want, clash);
            self.at = current;
        }
        true
    }

    fn field_type(&mut self, ctor: CtorId, index: u32, record: T) -> T {
        let args = match self.arena.node(record) {
            Node::Con(_, run) => self.arena.items(run).to_vec(),
            _ => Vec::new(),
        };
        self.arena.instantiate(self.tables.ctors[ctor].fields[index as usize], &args, &[])
    }

    /// Several fields of one record: their indices, once its type is known. The fields' names stand
    /// at `keys`.
    fn try_fields(
        &mut self,
        body: usize,
        expr: ExprId,
        (span, keys): (Span, &[Span]),
        value: T,
        fields: &[(Name, T)],
    ) -> Option<Vec<u32>> {
        let record = self.through(value);
        let program = self.program;
        match self.arena.node(record) {
            Node::Var { .. } => return None,
            Node::Error => {
                for (_, ty) in fields {
                    let _ = self.arena.unify(*ty, ERROR);
                }
                return Some(Vec::new());
            }
            _ => {}
        }
        let place = eclexia_core::core::Place { span, inside: self.place(body, expr).inside };
        let Some(ctor) = self.record_ctor(record) else {
            let found = self.freeze_message(record);
            let name = fields.first().map_or(Name::new("_"), |(name, _)| *name);
            self.diags.push(report::not_a_record(program, place, span, found, name));
            return Some(Vec::new());
        };
        let mut indices = Vec::with_capacity(fields.len());
        for (pair, (name, ty)) in fields.iter().enumerate() {
            let Some(index) = field_index(program, ctor, *name) else {
                let at = keys.get(pair).copied().unwrap_or(span);
                self.diags.push(report::unknown_field(program, at, place, ctor, *name));
                let _ = self.arena.unify(*ty, ERROR);
                continue;
            };
            indices.push(index);
            let wanted = self.field_type(ctor, index, record);
            if let Err(clash) = self.arena.unify(wanted, *ty) {
                let mut names = self.message_names();
                let found = self.freeze(*ty, &mut names);
                let wanted = self.freeze(wanted, &mut names);
                let part = self.freeze_clash(clash, &mut names);
                let mismatch =
                    report::field_mismatch(program, place, ctor, index, found, wanted, part);
                self.diags.push(mismatch);
            }
        }
        Some(indices)
    }

    fn try_iter(&mut self, body: usize, expr: ExprId, iter: T, item: T) -> bool {
        let iter = self.through(iter);
        let is_sequence = |id| Some(id) == self.lang.list || Some(id) == self.lang.vector;
        match self.arena.node(iter) {
            Node::Var { .. } => return false,
            Node::Error => {
                let _ = self.arena.unify(item, ERROR);
            }
            Node::Con(id, args) if is_sequence(id) && args.len() == 1 => {
                let element = self.arena.item(args, 0);
                if let Err(clash) = self.arena.unify(element, item) {
                    let current = std::mem::replace(&mut self.at, body);
                    let want = Want { ty: item, why: Why::Iterated };
                    self.blame_mismatch(expr, element, want, clash);
                    self.at = current;
                }
            }
            _ => {
                let (found, place) = (self.freeze_message(iter), self.place(body, expr));
                self.diags.push(report::not_iterable(self.program, place, found));
                let _ = self.arena.unify(item, ERROR);
            }
        }
        true
    }

    fn operand(&self, ty: T) -> Operand {
        match self.arena.node(ty) {
            Node::Var { .. } => Operand::Unknown,
            Node::Error => Operand::Error,
            Node::Q(unit) => Operand::Q(unit),
            Node::Con(..) if self.head(ty) == crate::declare::head_of(self.lang.int) => {
                Operand::Int
            }
            _ => Operand::Wrong,
        }
    }

    /// Decides `*` or `/` when enough is known of the operands and the result.
    fn try_product(&mut self, at: (usize, ExprId), over: bool, a: T, b: T, result: T) -> bool {
        let rigid = |infer: &Self, t| matches!(infer.arena.node(t), Node::Rigid(_));
        if !over && (rigid(self, a) || rigid(self, b)) {
            return self.close_product(at, a, b, result);
        }
        match (self.operand(a), self.operand(b)) {
            (Operand::Error, _) | (_, Operand::Error) => self.product_is(at, ERROR, result),
            (Operand::Wrong, _) | (_, Operand::Wrong) => {
                let side = if self.operand(a) == Operand::Wrong { a } else { b };
                let (found, place) = (self.freeze_message(side), self.place(at.0, at.1));
                self.diags.push(report::not_a_number(self.program, place, found, over));
                self.product_is(at, ERROR, result)
            }
            (Operand::Int, Operand::Int) if over => {
                let place = self.place(at.0, at.1);
                self.diags.push(report::int_division(place));
                self.product_is(at, ERROR, result)
            }
            (Operand::Int, Operand::Int) => self.product_is(at, a, result),
            (Operand::Q(u), Operand::Q(v)) => {
                let (u, v) = (self.arena.unit(u), self.arena.unit(v));
                let unit = if over { u.over(v) } else { u.times(v) };
                let unit = self.arena.units.normal(&unit);
                let quantity = self.arena.quantity(unit);
                self.product_is(at, quantity, result)
            }
            (Operand::Q(_), Operand::Int) => self.product_is(at, a, result),
            (Operand::Int, Operand::Q(_)) if !over => self.product_is(at, b, result),
            (Operand::Int, Operand::Q(v)) => {
                let unit = self.arena.unit(v).pow(-1);
                let quantity = self.arena.quantity(unit);
                self.product_is(at, quantity, result)
            }
            (Operand::Unknown, _) | (_, Operand::Unknown) => {
                if !over && self.operand(result) == Operand::Int {
                    // Only integers multiply to an integer.
                    let _ = self.arena.unify(a, result);
                    let _ = self.arena.unify(b, result);
                    return true;
                }
                false
            }
        }
    }

    fn product_is(&mut self, at: (usize, ExprId), found: T, result: T) -> bool {
        if let Err(clash) = self.arena.unify(found, result) {
            let current = std::mem::replace(&mut self.at, at.0);
            let want = Want { ty: result, why: Why::Result };
            self.blame_mismatch(at.1, found, want, clash);
            self.at = current;
        }
        true
    }

    /// `*` of what is unknown: one type closed under multiplication.
    fn close_product(&mut self, at: (usize, ExprId), a: T, b: T, result: T) -> bool {
        let rigid = matches!(self.arena.node(a), Node::Rigid(_));
        let first = if rigid { a } else { b };
        for other in [a, b, result] {
            if let Err(clash) = self.arena.unify(other, first) {
                let current = std::mem::replace(&mut self.at, at.0);
                self.blame_mismatch(at.1, other, Want { ty: first, why: Why::Result }, clash);
                self.at = current;
                return true;
            }
        }
        if let Some(num) = self.lang.num {
            let current = std::mem::replace(&mut self.at, at.0);
            // The product itself needs no dictionary: the run time looks at the values.
            self.require(num, first, at.1);
            self.at = current;
        }
        true
    }

    /// One last resort for what is still waiting; false when nothing waits.
    pub(super) fn resort(&mut self) -> bool {
        let Some(first) = self.deferred.first().cloned() else { return false };
        if self.resort_to_unique_record() {
            return true;
        }
        let product = |d: &Deferred| {
            matches!(d, Deferred::Product { .. } | Deferred::Iter { .. } | Deferred::Budget(_))
        };
        let index = self.deferred.iter().position(product);
        let Some(index) = index else {
            self.deferred.remove(0);
            self.blame_ambiguous_field(&first);
            return true;
        };
        match self.deferred.remove(index) {
            Deferred::Product { body, expr, over, a, b, result } => {
                self.default_product((body, expr), over, a, b, result);
            }
            Deferred::Iter { iter, item, .. } => {
                if let Some(list) = self.lang.list {
                    let wanted = self.arena.con(list, &[item]);
                    let _ = self.arena.unify(iter, wanted);
                }
            }
            Deferred::Budget(call) => self.resort_budget(&call),
            other => self.deferred.insert(index, other),
        }
        true
    }

    fn default_product(&mut self, at: (usize, ExprId), over: bool, a: T, b: T, result: T) {
        let known = (self.operand(a), self.operand(b), self.operand(result));
        let fresh_quantity = |infer: &mut Self, t: T| {
            if infer.operand(t) == Operand::Unknown {
                let unit = Unit::var(infer.arena.units.fresh());
                let quantity = infer.arena.quantity(unit);
                let _ = infer.arena.unify(t, quantity);
            }
        };
        match known {
            (Operand::Q(_), Operand::Unknown, _) | (Operand::Unknown, Operand::Q(_), _) => {
                fresh_quantity(self, a);
                fresh_quantity(self, b);
            }
            _ if over => {
                fresh_quantity(self, a);
                fresh_quantity(self, b);
            }
            // An Int beside an unknown with a quantity as the result.
            (Operand::Int, Operand::Unknown, Operand::Q(_)) => drop(self.arena.unify(b, result)),
            (Operand::Unknown, Operand::Int, Operand::Q(_)) => drop(self.arena.unify(a, result)),
            _ => {
                self.close_product(at, a, b, result);
                return;
            }
        }
        self.try_product(at, over, a, b, result);
    }

    /// Takes a value whose fields only one record in scope has to be of that record.
    fn resort_to_unique_record(&mut self) -> bool {
        for index in 0..self.deferred.len() {
            let Some(value) = self.deferred[index].record_value() else { continue };
            let names = self.fields_asked(value);
            let module = self.program.defs[self.bodies[self.deferred[index].body()].def].module;
            let candidates = self.records_with(module, &names);
            if let [only] = candidates[..] {
                let params = self.program.types[only].params.len();
                let args = self.fresh_many(params);
                let record = self.arena.con(only, &args);
                let value = self.through(value);
                let _ = self.arena.unify(value, record);
                return true;
            }
        }
        false
    }

    /// All field names asked of the same unknown value, sorted.
    fn fields_asked(&self, value: T) -> Vec<Name> {
        let root = self.arena.root(self.through(value));
        let mut names = Vec::new();
        for deferred in &self.deferred {
            let same = |v: T| self.arena.root(self.through(v)) == root;
            match deferred {
                Deferred::Field { value, name, .. } if same(*value) => names.push(*name),
                Deferred::With { value, fields, .. } | Deferred::Pattern { value, fields, .. }
                    if same(*value) =>
                {
                    names.extend(fields.iter().map(|(name, _)| *name));
                }
                _ => {}
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// Records in a module's scope that have all of these fields, in order of definition.
    fn records_with(&self, module: eclexia_core::core::ModuleId, names: &[Name]) -> Vec<TypeId> {
        let Some(first) = names.first() else { return Vec::new() };
        let known = self.tables.records_with.get(first).map_or(&[][..], Vec::as_slice);
        let program = self.program;
        let has_all = |id: &&TypeId| match program.types[**id].kind {
            TypeDefKind::Record(ctor) => {
                names.iter().all(|name| field_index(program, ctor, *name).is_some())
            }
            _ => false,
        };
        let scope = &program.modules[module];
        let visible = |id: &&TypeId| {
            let def = &program.types[**id];
            def.module == module
                || scope.scope.get(&def.name) == Some(&Entity::Type(**id))
                || scope.aliases.values().any(|alias| *alias == def.module)
        };
        let found: Vec<TypeId> = known.iter().filter(has_all).filter(visible).copied().collect();
        if !found.is_empty() {
            return found;
        }
        // Those of the prelude come after all others: `(.treasury world)` is of the World.
        let prelude = |id: &&TypeId| {
            scope.type_scope.get(&program.types[**id].name) == Some(&Entity::Type(**id))
        };
        known.iter().filter(has_all).filter(prelude).copied().collect()
    }

    fn blame_ambiguous_field(&mut self, deferred: &Deferred) {
        let Some(value) = deferred.record_value() else { return };
        let mut names = self.fields_asked(value);
        names.extend(deferred.names());
        names.sort();
        names.dedup();
        let body = deferred.body();
        let module = self.program.defs[self.bodies[body].def].module;
        let candidates = self.records_with(module, &names);
        let place = match deferred {
            Deferred::Pattern { pat, .. } => self.pat_place(body, *pat),
            Deferred::Field { expr, .. } | Deferred::With { expr, .. } => self.place(body, *expr),
            _ => return,
        };
        let at = match deferred {
            Deferred::Field { expr, .. } => {
                let map = self.program.maps.get(self.bodies[body].def);
                map.and_then(|map| map.fields.get(expr)?.first().copied())
            }
            _ => None,
        };
        // A field of the library's that is spelt a little like it is hardly what was meant.
        let is_own = |id: TypeId| !self.program.modules[self.program.types[id].module].is_std;
        let is_known = |name: &&Name| self.records_with(module, &[**name]).into_iter().any(is_own);
        let mut known: Vec<Name> =
            self.tables.records_with.keys().filter(is_known).copied().collect();
        known.sort();
        let diag = report::ambiguous_field(self.program, place, at, &names, &candidates, &known);
        self.diags.push(diag);
        // The other fields of the same value say nothing new.
        let value = self.through(value);
        let _ = self.arena.unify(value, ERROR);
        for ty in deferred.types() {
            let _ = self.arena.unify(ty, ERROR);
        }
    }
}

impl Deferred {
    fn body(&self) -> usize {
        match self {
            Deferred::Field { body, .. }
            | Deferred::With { body, .. }
            | Deferred::Pattern { body, .. }
            | Deferred::Product { body, .. }
            | Deferred::Iter { body, .. } => *body,
            Deferred::Budget(call) => call.at.body,
        }
    }

    fn record_value(&self) -> Option<T> {
        match self {
            Deferred::Field { value, .. }
            | Deferred::With { value, .. }
            | Deferred::Pattern { value, .. } => Some(*value),
            _ => None,
        }
    }

    fn names(&self) -> Vec<Name> {
        match self {
            Deferred::Field { name, .. } => vec![*name],
            Deferred::With { fields, .. } | Deferred::Pattern { fields, .. } => {
                fields.iter().map(|(name, _)| *name).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Every type that it would decide.
    fn types(&self) -> Vec<T> {
        match self {
            Deferred::Field { value, result, .. } => vec![*value, *result],
            Deferred::With { value, fields, .. } | Deferred::Pattern { value, fields, .. } => {
                std::iter::once(*value).chain(fields.iter().map(|(_, ty)| *ty)).collect()
            }
            Deferred::Product { a, b, result, .. } => vec![*a, *b, *result],
            Deferred::Iter { iter, item, .. } => vec![*iter, *item],
            Deferred::Budget(call) => {
                call.budgets.iter().map(|(_, ty)| *ty).chain([call.result]).collect()
            }
        }
    }
}

pub(crate) fn field_index(program: &Program, ctor: CtorId, name: Name) -> Option<u32> {
    let fields = &program.ctors[ctor].fields;
    fields.iter().position(|f| f.name == Some(name)).map(|i| i as u32)
}
