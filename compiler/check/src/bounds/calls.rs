//! Calls and constructions: what is asked of arguments, what results hold, and what both cost.

use super::Why;
use super::analysis::Analysis;
use super::known::{Function, Known, method, renamed};
use super::lp::Lin;
use super::shape::{DEGREES, Pot, Shape, Slot};
use super::table;
use super::walk::{Exit, Frame, State, is_cell};
use crate::ty::{Ty, TyKind};
use eclexia_base::number::int;
use eclexia_base::{FxHashMap, Rational};
use eclexia_core::core::{CtorId, DefId, DefKind, Expr, ExprId, Literal, LocalId};
use eclexia_core::cost::{CostMode, CostPoly, Resource, SizeOf};
use num_traits::Zero;
use std::rc::Rc;

/// `fn`s called inside of each other.
const MAX_INLINED: usize = 24;

impl<'a> Analysis<'a> {
    // ---------------------------------------------------------------------------------- costs

    pub(super) fn count_step(&mut self) {
        if self.resource == Resource::Steps {
            self.pay(&int(1));
        }
    }

    pub(super) fn count_call(&mut self) {
        if self.resource == Resource::Calls {
            self.pay(&int(1));
        }
    }

    /// A cell of so many values.
    pub(super) fn allocate(&mut self, values: usize) {
        if values > 0 && matches!(self.resource, Resource::Alloc | Resource::Memory) {
            self.pay(&int(table::cell(values)));
        }
    }

    // ---------------------------------------------------------------------------------- values

    pub(super) fn global(&mut self, e: ExprId, def: DefId) -> Pot {
        let dicts = self.dicts_at(e);
        let (target, is_swapped) = renamed(self.program, self.typed, def);
        let target = if is_swapped { def } else { target };
        let found = &self.program.defs[target];
        let is_function = match &found.body {
            None => true,
            Some(body) => body.is_function || matches!(body.exprs[body.root], Expr::Fn { .. }),
        };
        let is_builtin_constant = found.body.is_none()
            && !matches!(self.typed.scheme(target).ty.kind(), TyKind::Fn(..) | TyKind::Fn1(..));
        if is_function && !is_builtin_constant {
            let id = self.function_id(Function::Def(target, dicts));
            return Pot::zero(Rc::new(Shape::Fn(id)));
        }
        // Evaluated once for the whole program, and not at this place's expense.
        Pot::zero(self.shape_at(e))
    }

    pub(super) fn ctor_value(&mut self, e: ExprId, ctor: CtorId, is_wanted: bool) -> Pot {
        let info = &self.program.ctors[ctor];
        if info.fields.is_empty() || info.is_record {
            return self.construct(e, ctor, &[], is_wanted);
        }
        let id = self.function_id(Function::Ctor(ctor));
        Pot::zero(Rc::new(Shape::Fn(id)))
    }

    pub(super) fn method_value(&mut self, e: ExprId, index: u32) -> Pot {
        let dicts = self.dicts_at(e);
        let Some(found) = method(self.program, index, &dicts) else {
            return Pot::zero(self.shape_at(e));
        };
        let is_function =
            matches!(self.typed.scheme(found.def).ty.kind(), TyKind::Fn(..) | TyKind::Fn1(..));
        if is_function {
            let id = self.function_id(Function::Def(found.def, found.dicts));
            return Pot::zero(Rc::new(Shape::Fn(id)));
        }
        Pot::zero(self.shape_at(e))
    }

    // ----------------------------------------------------------------------------- constructions

    pub(super) fn construct(
        &mut self,
        e: ExprId,
        ctor: CtorId,
        args: &[Pot],
        is_wanted: bool,
    ) -> Pot {
        self.allocate(args.len());
        let shape = self.shape_at(e);
        if !is_wanted || shape.width() == 0 {
            return Pot::zero(shape);
        }
        let index = self.program.ctors[ctor].index as usize;
        self.built(&shape, index, args)
    }

    /// A value of constructor `index` made of its fields.
    pub(super) fn built(&mut self, shape: &Rc<Shape>, index: usize, args: &[Pot]) -> Pot {
        let Shape::Data { ctors, .. } = &**shape else { return Pot::zero(shape.clone()) };
        let Some(fields) = ctors.get(index) else { return Pot::zero(shape.clone()) };
        // What the value has no part of holds any potential: that of nothing.
        let mut made = self.fresh(shape);
        let same = fields.iter().filter(|slot| **slot == Slot::Same).count();
        if same == 0 {
            for (field, (slot, arg)) in fields.iter().zip(args).enumerate() {
                let Slot::Of(part) = slot else { continue };
                let at = shape.offset(index, field);
                let amounts = arg.coerced(part).amounts;
                made.amounts.splice(at..at + amounts.len(), amounts);
            }
            return made;
        }
        if is_cell(shape, index) {
            self.gain(&made.top(0), -1);
        }
        // C(l+r+1, 2) has a term l·r, which no potential of one size expresses.
        if same > 1 {
            let mut none = Lin::zero();
            none.add(&made.top(1), -1);
            self.require(none);
        }
        let rest = made.rest();
        for (field, (slot, arg)) in fields.iter().zip(args).enumerate() {
            match slot {
                Slot::Same => self.cover(arg, &rest),
                Slot::Of(part) => {
                    let wanted = made.slice(shape.offset(index, field), part);
                    self.cover(arg, &wanted);
                }
            }
        }
        made
    }

    pub(super) fn vector(&mut self, e: ExprId, items: &[ExprId], is_wanted: bool) -> Pot {
        let pots = self.all(items, is_wanted);
        self.allocate(items.len());
        let shape = self.shape_at(e);
        let Shape::Vector(item) = &*shape else { return Pot::zero(shape) };
        if !is_wanted {
            return Pot::zero(shape);
        }
        let made = self.fresh(&shape);
        let n = i64::try_from(items.len()).unwrap_or(0);
        self.gain(&made.top(0), -n);
        self.gain(&made.top(1), -(n * (n - 1) / 2));
        let wanted = made.slice(DEGREES, item);
        pots.iter().for_each(|pot| self.cover(pot, &wanted));
        made
    }

    pub(super) fn record(&mut self, e: ExprId, is_wanted: bool) -> Pot {
        let (body, facts) = (self.frame().body, self.frame().facts);
        let shape = self.shape_at(e);
        match &body.exprs[e] {
            Expr::Record { fields } => {
                let parts: Vec<ExprId> = fields.iter().map(|(_, value)| *value).collect();
                let pots = self.all(&parts, true);
                let Some(fact) = facts.records.get(&e) else {
                    self.allocate(2 * parts.len());
                    return Pot::none();
                };
                self.allocate(fact.fields.len());
                self.conversions(&fact.fields);
                if !is_wanted || shape.width() == 0 {
                    return Pot::zero(shape);
                }
                let given: Vec<Pot> = fact.fields.iter().map(|f| from_pair(f, &pots)).collect();
                self.built(&shape, 0, &given)
            }
            Expr::WithFields { value, fields } => {
                let mut parts = vec![*value];
                parts.extend(fields.iter().map(|(_, value)| *value));
                let mut pots = self.all(&parts, true);
                let old = pots.remove(0);
                let Shape::Data { ctors, .. } = &*shape else { return Pot::zero(shape) };
                let count = ctors.first().map_or(0, Vec::len);
                self.allocate(count);
                let old = old.coerced(&shape);
                let mut all: Vec<Pot> = (0..count).map(|i| self.part(&old, 0, i)).collect();
                let indices = facts.fields.get(&e).map_or(&[][..], Vec::as_slice);
                for (index, pot) in indices.iter().zip(pots) {
                    if let Some(slot) = all.get_mut(*index as usize) {
                        *slot = pot;
                    }
                }
                self.built(&shape, 0, &all)
            }
            _ => Pot::none(),
        }
    }

    /// Functions that a record's literal applies to its values by `:from`.
    fn conversions(&mut self, fields: &[crate::typed::FieldValue]) {
        use crate::typed::{Conversion, FieldValue};
        for field in fields {
            if let FieldValue::Given { from: Some(Conversion::Def(def, _)), .. } = field {
                self.call_known(*def, Vec::new(), Vec::new(), ExprId(0), false);
            }
        }
    }

    pub(super) fn field(&mut self, e: ExprId, value: ExprId, is_wanted: bool) -> Pot {
        let facts = self.frame().facts;
        let pot = self.expr(value, is_wanted);
        let index = facts.fields.get(&e).and_then(|all| all.first()).copied();
        match index {
            Some(index) if pot.shape.width() > 0 => self.part(&pot, 0, index as usize),
            _ => Pot::zero(self.shape_at(e)),
        }
    }

    // ---------------------------------------------------------------------------------- calls

    pub(super) fn call(
        &mut self,
        e: ExprId,
        callee: ExprId,
        args: &[ExprId],
        is_wanted: bool,
    ) -> Pot {
        let body = self.frame().body;
        if let Some(pot) = self.arithmetic(callee, args, is_wanted) {
            return pot;
        }
        let is_named = matches!(
            body.exprs[callee],
            Expr::Global(_) | Expr::Method(..) | Expr::Ctor(_) | Expr::Local(_)
        );
        let function = if is_named { None } else { Some(self.before(args, callee, false)) };
        let uses = self.uses_potential(callee, is_wanted);
        let pots = self.arguments(e, args, uses);
        match &body.exprs[callee] {
            Expr::Ctor(ctor) if self.program.ctors[*ctor].is_record => {
                pots.into_iter().next().unwrap_or_else(Pot::none)
            }
            Expr::Ctor(ctor) => self.construct(e, *ctor, &pots, is_wanted),
            Expr::Method(_, index) => {
                let dicts = self.dicts_at(callee);
                match method(self.program, *index, &dicts) {
                    Some(found) => self.call_known(found.def, found.dicts, pots, e, is_wanted),
                    None => {
                        self.assumed.is_method = true;
                        Pot::zero(self.shape_at(e))
                    }
                }
            }
            Expr::Global(def) => {
                let dicts = self.dicts_at(callee);
                self.call_known(*def, dicts, pots, e, is_wanted)
            }
            Expr::Local(_) => {
                let function = self.expr(callee, false);
                self.apply(callee, e, &function, pots, is_wanted)
            }
            _ => {
                let function = function.unwrap_or_else(Pot::none);
                self.apply(callee, e, &function, pots, is_wanted)
            }
        }
    }

    /// What is passed by a call, trailing pairs as one record.
    pub(super) fn arguments(&mut self, e: ExprId, args: &[ExprId], uses: bool) -> Vec<Pot> {
        let facts = self.frame().facts;
        let mut pots = self.all(args, uses);
        if let Some(fact) = facts.calls.get(&e) {
            pots.truncate(fact.from_arg as usize);
            self.allocate(fact.record.fields.len());
            self.conversions(&fact.record.fields);
            pots.push(Pot::none());
        }
        pots
    }

    /// Whether a call may put the potential of its arguments to use: built-ins that compare do not.
    fn uses_potential(&mut self, callee: ExprId, is_wanted: bool) -> bool {
        let body = self.frame().body;
        let def = match &body.exprs[callee] {
            Expr::Global(def) => *def,
            Expr::Method(_, index) => {
                let dicts = self.dicts_at(callee);
                match method(self.program, *index, &dicts) {
                    Some(found) => found.def,
                    None => return false,
                }
            }
            _ => return true,
        };
        let (def, _) = renamed(self.program, self.typed, def);
        let found = &self.program.defs[def];
        found.body.is_some()
            || found.kind != DefKind::Builtin
            || is_wanted
                && ["vector-length", "vector-push", "int-add"].contains(&found.name.as_str())
    }

    /// A function value called at a place of its own.
    pub(super) fn call_value(&mut self, e: ExprId, function: &Pot, args: Vec<Pot>) {
        self.apply(e, e, function, args, false);
    }

    fn apply(
        &mut self,
        callee: ExprId,
        e: ExprId,
        function: &Pot,
        args: Vec<Pot>,
        is_wanted: bool,
    ) -> Pot {
        if self.is_dead || self.failed.is_some() {
            return Pot::none();
        }
        let Shape::Fn(id) = *function.shape else {
            let def = self.frame().def;
            self.assumed.unknown.push((def, callee));
            if self.is_strict {
                self.fail(Why::UnknownFunction(def, callee));
            }
            return Pot::zero(self.shape_at(e));
        };
        let extra = self.dicts_at(callee);
        match self.functions[id.0 as usize].clone() {
            Function::Def(def, mut dicts) => {
                dicts.extend(extra);
                self.call_known(def, dicts, args, e, is_wanted)
            }
            Function::Ctor(ctor) => self.construct(e, ctor, &args, is_wanted),
            Function::Lambda { def, expr, dicts, vars, captured } => {
                self.inline(def, expr, dicts, vars, captured, args, extra)
            }
        }
    }

    /// A call of a `fn`: its body, walked here.
    #[expect(clippy::too_many_arguments, reason = "the parts of one `Function::Lambda`")]
    fn inline(
        &mut self,
        def: DefId,
        expr: ExprId,
        dicts: super::known::Dicts,
        vars: super::shape::Vars,
        captured: Vec<(LocalId, super::shape::FnId)>,
        args: Vec<Pot>,
        extra: Vec<Known>,
    ) -> Pot {
        let inlined = self.frames.iter().filter(|f| f.own.is_none()).count();
        let program = self.program;
        let (Some(body), true) = (&program.defs[def].body, inlined < MAX_INLINED) else {
            self.fail(Why::TooLarge);
            return Pot::none();
        };
        let Expr::Fn { params, body: root } = &body.exprs[expr] else { return Pot::none() };
        let facts = &self.typed.facts[def];
        let mut dicts = (*dicts).clone();
        let own = facts.fn_dict_params.get(&expr).map_or(&[][..], Vec::as_slice);
        dicts.extend(own.iter().copied().zip(extra));
        let shape = {
            let ty = facts.types.get(*root).copied().unwrap_or_default();
            self.shapes.of(ty, &vars)
        };
        let exit = Exit { result: self.fresh(&shape), left: self.fresh_var() };
        let leaves_early = leaves_early(body, *root);
        self.frames.push(Frame {
            def,
            body,
            facts,
            dicts: Rc::new(dicts),
            vars,
            captured,
            state: State::default(),
            pending: Vec::new(),
            loops: Vec::new(),
            exit: exit.clone(),
            own: None,
        });
        self.count_step();
        for (pat, pot) in params.iter().zip(args) {
            self.bind(*pat, pot);
        }
        let mut pot = self.expr(*root, true);
        if leaves_early {
            self.leave(&pot);
            self.is_dead = false;
            self.q = exit.left;
            pot = exit.result;
        }
        self.frames.pop();
        pot
    }

    /// A call of a definition.
    pub(super) fn call_known(
        &mut self,
        def: DefId,
        dicts: Vec<Known>,
        args: Vec<Pot>,
        e: ExprId,
        is_wanted: bool,
    ) -> Pot {
        if self.is_dead || self.failed.is_some() {
            return Pot::none();
        }
        let (def, is_swapped) = renamed(self.program, self.typed, def);
        let args = if is_swapped { args.into_iter().rev().collect() } else { args };
        let program = self.program;
        let found = &program.defs[def];
        if let Some(pot) = self.declared(def, &args, e) {
            return pot;
        }
        let Some(body) = &found.body else {
            return self.builtin(def, &args, e, is_wanted);
        };
        if !body.is_function {
            return self.call_constant(def, dicts, args, e, is_wanted);
        }
        let key = self.key(def, dicts, &args);
        self.call_key(key, &args)
    }

    /// `(def f (fn …))`, or a constant whose value is not seen.
    fn call_constant(
        &mut self,
        def: DefId,
        dicts: Vec<Known>,
        args: Vec<Pot>,
        e: ExprId,
        is_wanted: bool,
    ) -> Pot {
        let facts = &self.typed.facts[def];
        let program = self.program;
        let Some(body) = &program.defs[def].body else { return Pot::none() };
        let bound = Rc::new(facts.dict_params.iter().copied().zip(dicts.clone()).collect());
        match &body.exprs[body.root] {
            Expr::Fn { .. } => {
                let vars = Rc::new(Vec::new());
                self.inline(def, body.root, bound, vars, Vec::new(), args, Vec::new())
            }
            Expr::Global(other) => {
                let given = facts.dict_args.get(&body.root).map_or(&[][..], Vec::as_slice);
                let typed = self.typed;
                let dicts = given.iter().map(|d| super::known::known(typed, d, &bound)).collect();
                self.call_known(*other, dicts, args, e, is_wanted)
            }
            Expr::Method(_, index) => {
                let given = facts.dict_args.get(&body.root).map_or(&[][..], Vec::as_slice);
                let typed = self.typed;
                let dicts: Vec<Known> =
                    given.iter().map(|d| super::known::known(typed, d, &bound)).collect();
                match method(self.program, *index, &dicts) {
                    Some(found) => self.call_known(found.def, found.dicts, args, e, is_wanted),
                    None => Pot::zero(self.shape_at(e)),
                }
            }
            _ => {
                let at = self.frame().def;
                self.assumed.unknown.push((at, e));
                if self.is_strict {
                    self.fail(Why::UnknownFunction(at, e));
                }
                Pot::zero(self.shape_at(e))
            }
        }
    }

    // ------------------------------------------------------------------------- declared costs

    /// A cost that is taken as declared: of an extern, and of what is `:trusted` or `:metered` for
    /// this resource.
    fn declared(&mut self, def: DefId, args: &[Pot], e: ExprId) -> Option<Pot> {
        let program = self.program;
        let found = &program.defs[def];
        if found.kind == DefKind::Extern {
            let amount = self.extern_cost(def);
            self.pay(&amount);
            return Some(Pot::zero(self.shape_at(e)));
        }
        let cost = found.cost.as_ref().filter(|cost| cost.mode != CostMode::Proved)?;
        let limit = cost.limit(self.resource)?;
        self.pay_poly(&limit.bound, args, cost.mode);
        Some(Pot::zero(self.shape_at(e)))
    }

    pub(super) fn extern_cost(&self, def: DefId) -> Rational {
        let Some(cost) = &self.program.defs[def].cost else { return Rational::zero() };
        let of = |r: Resource| cost.limit(r).and_then(|limit| limit.bound.as_constant());
        match self.resource {
            Resource::Carbon => of(Resource::Carbon).unwrap_or_else(|| {
                of(Resource::Energy).unwrap_or_else(Rational::zero) * table::carbon_per_joule()
            }),
            Resource::Memory => {
                of(Resource::Memory).or_else(|| of(Resource::Alloc)).unwrap_or_else(Rational::zero)
            }
            resource => of(resource).unwrap_or_else(Rational::zero),
        }
    }

    /// Pays a polynomial in the sizes of arguments out of their potential.
    fn pay_poly(&mut self, poly: &CostPoly, args: &[Pot], mode: CostMode) {
        if self.is_free {
            return;
        }
        let Some(parts) = super::poly::binomials(poly) else { return self.fail(Why::Product) };
        for (size, coefficients) in parts {
            let Some(size) = size else {
                self.pay(&coefficients[0]);
                continue;
            };
            let (SizeOf::Size(at) | SizeOf::Value(at)) = size;
            let Some(arg) = args.get(at as usize) else { continue };
            if coefficients.len() > DEGREES {
                return self.fail(Why::Product);
            }
            // A meter counts sizes from one on.
            if mode == CostMode::Metered {
                self.pay(&coefficients[0]);
            }
            for (degree, wanted) in coefficients.iter().enumerate() {
                let mut have = arg.top(degree);
                have.add(&Lin::constant(wanted.clone()), -1);
                if !self.is_dead {
                    self.require(have);
                }
            }
        }
    }

    // ------------------------------------------------------------------------------- built-ins

    /// What a built-in's result holds; built-ins take no steps, and what they allocate is not
    /// counted.
    fn builtin(&mut self, def: DefId, args: &[Pot], e: ExprId, is_wanted: bool) -> Pot {
        let shape = self.shape_at(e);
        self.called_by_builtin(def, args, e);
        if !is_wanted || shape.width() == 0 {
            return Pot::zero(shape);
        }
        match (self.program.defs[def].name.as_str(), args) {
            ("vector-length", [vector]) => {
                let amounts = (0..DEGREES).map(|degree| vector.top(degree)).collect();
                Pot { shape: Rc::new(Shape::Int), amounts }
            }
            ("vector-push", [vector, item]) => {
                let made = self.fresh(&shape);
                let Shape::Vector(part) = &*shape else { return Pot::zero(shape) };
                self.gain(&made.top(0), -1);
                self.cover(vector, &made.rest());
                let wanted = made.slice(DEGREES, part);
                self.cover(item, &wanted);
                made
            }
            ("int-add", [a, b]) => {
                let made = self.fresh(&shape);
                let mut linear = Pot::zero(shape);
                linear.amounts[0] = made.top(0);
                self.cover(a, &linear);
                self.cover(b, &linear);
                linear
            }
            _ => Pot::zero(shape),
        }
    }

    /// Functions that a built-in calls: `run-limited` once; how often others do is not known.
    fn called_by_builtin(&mut self, def: DefId, args: &[Pot], e: ExprId) {
        let Some(function) = args.iter().find(|arg| matches!(*arg.shape, Shape::Fn(_))) else {
            return;
        };
        if self.program.defs[def].name == "run-limited" {
            let function = function.clone();
            self.apply(e, e, &function, vec![Pot::none()], false);
            return;
        }
        let at = self.frame().def;
        self.assumed.unknown.push((at, e));
        if self.is_strict {
            self.fail(Why::UnknownFunction(at, e));
        }
    }

    /// Sums and differences with a literal, which free or pay potential.
    fn arithmetic(&mut self, callee: ExprId, args: &[ExprId], is_wanted: bool) -> Option<Pot> {
        let body = self.frame().body;
        let name = self.operator(callee)?;
        let first = *args.first()?;
        let of_int = self.frame().facts.types.get(first).copied().unwrap_or_default();
        if !self.is_int(of_int) {
            return None;
        }
        let number = |e: &ExprId| match &body.exprs[*e] {
            Expr::Literal(Literal::Int(n)) if (1..=1_000_000).contains(n) => Some(*n),
            _ => None,
        };
        match (name, args) {
            ("-", [x, k]) => number(k).map(|k| self.less(*x, k, is_wanted)),
            ("quot", [x, k]) => {
                let k = number(k)?;
                Some(if k > 1 { self.part_of(*x, is_wanted) } else { self.expr(*x, is_wanted) })
            }
            ("+", [x, k]) | ("+", [k, x]) if number(k).is_some() => {
                number(k).map(|k| self.more(*x, k, is_wanted))
            }
            ("dec", [x]) => {
                self.count_step();
                Some(self.less(*x, 1, is_wanted))
            }
            ("inc", [x]) => {
                self.count_step();
                Some(self.more(*x, 1, is_wanted))
            }
            _ => None,
        }
    }

    fn is_int(&mut self, ty: Ty) -> bool {
        let vars = self.frame().vars.clone();
        *self.shapes.of(ty, &vars) == Shape::Int
    }

    /// `(- x k)`, `k ≥ 1`: where x is known to be above zero, smaller by at least one and no less
    /// than zero as a size; else it may be below zero, and is no size.
    fn less(&mut self, x: ExprId, k: i64, is_wanted: bool) -> Pot {
        let body = self.frame().body;
        let Expr::Local(local) = body.exprs[x] else {
            self.expr(x, false);
            return Pot::zero(Rc::new(Shape::Int));
        };
        let state = self.state();
        let is_size = state.positive.contains(&local) || (k == 1 && state.nonzero.contains(&local));
        if !is_wanted || !is_size || !state.opened.contains(&local) {
            return Pot::zero(Rc::new(Shape::Int));
        }
        let is_live = self.is_live(local);
        self.taken(local, is_live)
    }

    /// `(quot x k)`, `k ≥ 2`: not above x, and below it where x is above zero.
    fn part_of(&mut self, x: ExprId, is_wanted: bool) -> Pot {
        let body = self.frame().body;
        if let Expr::Local(local) = body.exprs[x] {
            let state = self.state();
            if state.positive.contains(&local) || state.nonzero.contains(&local) {
                return self.less(x, 1, is_wanted);
            }
        }
        self.expr(x, is_wanted)
    }

    /// `(+ x k)`: C(x+k, 2) = C(x,2) + k·x + C(k,2).
    fn more(&mut self, x: ExprId, k: i64, is_wanted: bool) -> Pot {
        let pot = self.expr(x, is_wanted);
        if !is_wanted {
            return pot;
        }
        let made = self.fresh(&Rc::new(Shape::Int));
        self.gain(&made.top(0), -k);
        self.gain(&made.top(1), -(k * (k - 1) / 2));
        let mut wanted = made.clone();
        wanted.amounts[0].add(&made.top(1), k);
        self.cover(&pot, &wanted);
        made
    }

    /// The shapes of type variables, from the arguments that have them as their type.
    pub(super) fn variables(&self, def: DefId, args: &[Pot]) -> Vec<Rc<Shape>> {
        let scheme = self.typed.scheme(def);
        let mut found: FxHashMap<u32, Rc<Shape>> = FxHashMap::default();
        if let TyKind::Fn(params, _) | TyKind::Fn1(params, _) = scheme.ty.kind() {
            for (param, arg) in params.iter().zip(args) {
                match_shapes(self, *param, &arg.shape, &mut found);
            }
        }
        let opaque = Rc::new(Shape::Opaque);
        let shape = |i: u32| found.get(&i).cloned().unwrap_or_else(|| opaque.clone());
        (0..scheme.vars.len() as u32).map(shape).collect()
    }
}

/// The i-th field of a record literal among the values of its pairs.
fn from_pair(field: &crate::typed::FieldValue, pots: &[Pot]) -> Pot {
    match field {
        crate::typed::FieldValue::Given { pair, from: None } => {
            pots.get(*pair as usize).cloned().unwrap_or_else(Pot::none)
        }
        _ => Pot::none(),
    }
}

/// Matches a parameter's type with an argument's shape.
fn match_shapes(
    analysis: &Analysis<'_>,
    ty: Ty,
    shape: &Rc<Shape>,
    found: &mut FxHashMap<u32, Rc<Shape>>,
) {
    match (ty.kind(), &**shape) {
        (TyKind::Var(var), _) => {
            let known = found.entry(var.index).or_insert_with(|| shape.clone());
            if **known == Shape::Opaque {
                *known = shape.clone();
            }
        }
        (TyKind::Ref(inner), _) => match_shapes(analysis, *inner, shape, found),
        (TyKind::Con(_, args), Shape::Vector(item)) => {
            if let [only] = &**args {
                match_shapes(analysis, *only, item, found);
            }
        }
        (TyKind::Con(id, args), Shape::Data { ty, ctors, .. }) if id == ty => {
            // A parameter's shape is that of a field of its type.
            let of = &analysis.program.types[*id].kind;
            let eclexia_core::core::TypeDefKind::Data(ids) = of else { return };
            for (ctor, slots) in ids.iter().zip(ctors) {
                for (field, slot) in analysis.typed.field_types(*ctor).iter().zip(slots) {
                    let (TyKind::Var(var), Slot::Of(part)) = (field.kind(), slot) else { continue };
                    if let Some(arg) = args.get(var.index as usize) {
                        match_shapes(analysis, *arg, part, found);
                    }
                }
            }
        }
        _ => {}
    }
}

/// Whether a `return` or `try` leaves the `fn` with this body.
fn leaves_early(body: &eclexia_core::core::Body, root: ExprId) -> bool {
    let mut work = vec![root];
    while let Some(e) = work.pop() {
        match &body.exprs[e] {
            Expr::Return(_) | Expr::Try(_) => return true,
            Expr::Fn { .. } => {}
            other => work.extend(eclexia_core::verify::children(other)),
        }
    }
    false
}
