//! A binding group from beginning to end.
//!
//! 1. Members without a given type are inferred together, each of one type in the group.
//! 2. What waits is resolved; last resorts are taken one at a time.
//! 3. Variables of their types are generalised, requirements on them become dictionary parameters
//!    (of constants that are no functions they do not: those are evaluated once).
//! 4. Members with a given type are checked against it one by one, its variables rigid.
//! 5. Types and dictionaries are closed into facts; patterns are checked for coverage.

use super::freeze::Names;
use super::obligations::Debts;
use super::{BodyCx, FnCx, Given, Infer, Local, Noted, Pred, Want, Why};
use crate::arena::{Arena, ERROR, Node, T};
use crate::coverage;
use crate::declare::is_given;
use crate::diagnostics as report;
use crate::lang::Lang;
use crate::ty::{Scheme, Ty, TyVar};
use crate::typed::{Conversion, Dict, DictId, Facts, FieldValue, InstanceUse, RecordFact, Typed};
use eclexia_base::{FxHashMap, FxHashSet, IdMap, Name};
use eclexia_core::core::{Def, DefId, DefKind, Expr, InstanceId, InterfaceId, Program};
use eclexia_diag::Diagnostics;
use std::rc::Rc;

/// Memory that groups reuse.
#[derive(Default)]
pub(crate) struct Scratch {
    arena: Arena,
    /// By interface: whether it only reads.
    reading: Rc<Vec<bool>>,
}

impl Scratch {
    pub fn new(program: &Program) -> Scratch {
        let reading = program.interfaces.ids().map(|id| program.only_reads(id)).collect();
        Scratch { arena: Arena::default(), reading: Rc::new(reading) }
    }
}

type Checked = (DefId, Option<Scheme>, Facts);

/// Checks one group and adds its schemes and facts.
pub(crate) fn check_group(
    program: &Program,
    typed: &mut Typed,
    lang: &Lang,
    group: &[DefId],
    scratch: &mut Scratch,
) -> Diagnostics {
    let mut diags = Diagnostics::new();
    let has_body = |def: &DefId| program.defs[*def].body.is_some();
    let is_inferred = |def: &DefId| !is_given(&program.defs[*def]);
    let inferred: Vec<DefId> =
        group.iter().copied().filter(|d| has_body(d) && is_inferred(d)).collect();
    let given = group.iter().filter(|d| has_body(d) && !is_inferred(d));
    if !inferred.is_empty() {
        let mut infer = Infer::new(program, typed, lang, scratch);
        let checked = infer.inferred(&inferred);
        let (found, noted) = infer.finish(scratch);
        store(typed, checked, noted, found.is_empty());
        diags.extend(found);
    }
    for def in given {
        let mut infer = Infer::new(program, typed, lang, scratch);
        let checked = infer.given(*def);
        let (found, noted) = infer.finish(scratch);
        store(typed, vec![checked], noted, found.is_empty());
        diags.extend(found);
    }
    diags
}

fn store(typed: &mut Typed, checked: Vec<Checked>, noted: Noted, found_nothing: bool) {
    let is_silent = found_nothing && noted.is_of_definitions();
    typed.owed.extend(noted.owed.into_iter().map(|(def, var, owed)| ((def, var), owed)));
    for (instance, var, owed) in noted.instances {
        typed.instances_owe.entry(instance).or_default().push((var, owed));
    }
    for (interface, method, owed) in noted.defaults {
        typed.defaults_owe.entry((interface, method)).or_insert(owed);
    }
    for (def, scheme, facts) in checked {
        if let Some(scheme) = scheme {
            typed.schemes.replace(def, scheme);
        }
        typed.facts.replace(def, Facts { is_silent, ..facts });
    }
}

/// The dictionaries of an instance's super-interfaces, from those of its context.
pub(crate) fn super_dicts(
    program: &Program,
    typed: &Typed,
    lang: &Lang,
    id: InstanceId,
    scratch: &mut Scratch,
) -> (Vec<Dict>, Diagnostics) {
    let mut infer = Infer::new(program, typed, lang, scratch);
    let instance = &typed.tables.instances[id];
    let context = instance.context.clone();
    let (vars, units) = infer.rigid(&instance.vars, &instance.units);
    infer.take_given(&context, &vars, &units);
    let head = infer.arena.instantiate(instance.head, &vars, &units);
    let mut dicts = Vec::new();
    for interface in &program.interfaces[program.instances[id].interface].supers {
        dicts.push(infer.super_dict(*interface, head, id));
    }
    let (diags, _) = infer.finish(scratch);
    (dicts, diags)
}

fn is_function(def: &Def) -> bool {
    def.body.as_ref().is_some_and(|body| {
        body.is_function || matches!(body.exprs.get(body.root), Some(Expr::Fn { .. }))
    })
}

impl<'a> Infer<'a> {
    pub(crate) fn new(
        program: &'a Program,
        typed: &'a Typed,
        lang: &'a Lang,
        scratch: &mut Scratch,
    ) -> Infer<'a> {
        let mut arena = std::mem::take(&mut scratch.arena);
        arena.clear();
        Infer {
            program,
            schemes: &typed.schemes,
            tables: &typed.tables,
            lang,
            arena,
            level: 1,
            bodies: Vec::new(),
            at: 0,
            preds: Vec::new(),
            holes: Vec::new(),
            deferred: Vec::new(),
            mono: FxHashMap::default(),
            mono_uses: Vec::new(),
            givens: Vec::new(),
            grants: Vec::new(),
            next_dict: 0,
            uses: Vec::new(),
            local_uses: Vec::new(),
            unrestricted: Vec::new(),
            reading: scratch.reading.clone(),
            owed: &typed.owed,
            instance_uses: Vec::new(),
            noted: Noted::default(),
            promises: FxHashSet::default(),
            failed: false,
            diags: Diagnostics::new(),
        }
    }

    fn finish(self, scratch: &mut Scratch) -> (Diagnostics, Noted) {
        scratch.arena = self.arena;
        (self.diags, self.noted)
    }

    fn enter(&mut self, def: DefId) -> bool {
        let program = self.program;
        let Some(body) = &program.defs[def].body else { return false };
        self.bodies.push(BodyCx {
            def,
            body,
            types: vec![ERROR; body.exprs.len()],
            pats: vec![ERROR; body.pats.len()],
            locals: vec![Local::Unset; body.locals.len()],
            facts: Facts::default(),
            functions: Vec::new(),
            vars: Vec::new(),
            units: Vec::new(),
            matches: Vec::new(),
            irrefutable: Vec::new(),
            dict_params: Vec::new(),
            diverging: FxHashSet::default(),
            callers: FxHashMap::default(),
        });
        self.at = self.bodies.len() - 1;
        true
    }

    /// Members without a given type, together.
    fn inferred(&mut self, group: &[DefId]) -> Vec<Checked> {
        for def in group {
            let ty = self.fresh();
            self.mono.insert(*def, ty);
        }
        for def in group {
            if self.enter(*def) {
                let ty = self.mono[def];
                self.body_against(ty, None);
            }
        }
        self.settle(0, 0);
        while self.resort() {
            self.settle(0, 0);
        }
        self.finish_budgets();
        let retained = self.retained(group);
        self.default_ambiguous();
        let debts = self.discharge();
        for body in 0..self.bodies.len() {
            self.bodies[body].dict_params = retained.iter().map(|(.., id)| *id).collect();
        }
        let own: Vec<Dict> = retained.iter().map(|(.., id)| Dict::Param(*id)).collect();
        for (body, expr) in std::mem::take(&mut self.mono_uses) {
            if !own.is_empty() {
                self.bodies[body].facts.dict_args.insert(expr, own.clone());
            }
        }
        (0..self.bodies.len()).map(|body| self.close_inferred(body, &retained, &debts)).collect()
    }

    /// A body against the type of its definition.
    fn body_against(&mut self, ty: T, want: Option<Want>) {
        let cx = self.cx();
        let (core, def) = (cx.body, cx.def);
        if !core.is_function {
            self.cx().functions.push(FnCx { ret: None, recur: Vec::new() });
            self.expr(core.root, want.or(Some(Want { ty, why: Why::Result })));
            return;
        }
        let (params, ret) = match self.arena.node(ty) {
            Node::Fn(run, ret) | Node::Fn1(run, ret) if run.len() == core.params.len() => {
                (self.arena.items(run).to_vec(), ret)
            }
            Node::Var { .. } => (self.fresh_many(core.params.len()), self.fresh()),
            Node::Error => (vec![ERROR; core.params.len()], ERROR),
            _ => {
                let (program, found) = (self.program, core.params.len());
                let wanted = self.freeze_message(ty);
                self.diags.push(report::signature_arity(program, def, wanted, found));
                (vec![ERROR; core.params.len()], ERROR)
            }
        };
        if self.arena.is_var(ty) {
            let function = self.arena.function(&params, ret);
            let _ = self.arena.unify(ty, function);
        }
        self.main_shape(def, &params);
        for (pat, ty) in core.params.iter().zip(&params) {
            self.irrefutable(*pat, *ty);
        }
        self.cx().functions.push(FnCx { ret: Some(ret), recur: vec![params] });
        let why = want.map_or(Why::Result, |want| want.why);
        self.expr(core.root, Some(Want { ty: ret, why }));
    }

    /// `main` of a program takes the world.
    fn main_shape(&mut self, def: DefId, params: &[T]) {
        let program = self.program;
        let decl = &program.defs[def];
        let is_main = decl.name == "main"
            && decl.kind == DefKind::Function
            && !program.modules[decl.module].is_std;
        if !is_main {
            return;
        }
        let world = self.closed(self.lang.world);
        let fits = match params {
            [only] => self.arena.unify(*only, world).is_ok(),
            _ => false,
        };
        if !fits {
            self.diags.push(report::main_shape(program, def));
        }
    }

    /// Requirements on variables of the group's types: its dictionary parameters.
    fn retained(&mut self, group: &[DefId]) -> Vec<(InterfaceId, T, DictId)> {
        let program = self.program;
        if self.preds.is_empty() || !group.iter().all(|def| is_function(&program.defs[*def])) {
            return Vec::new();
        }
        let mut reachable = Vec::new();
        for def in group {
            self.arena.each_var(self.mono[def], &mut |var| reachable.push(var));
        }
        let (mine, others): (Vec<Pred>, Vec<Pred>) = std::mem::take(&mut self.preds)
            .into_iter()
            .partition(|pred| reachable.contains(&self.arena.root(pred.ty)));
        self.preds = others;
        self.take_parameters(&mine)
    }

    fn close_inferred(
        &mut self,
        body: usize,
        retained: &[(InterfaceId, T, DictId)],
        debts: &Debts,
    ) -> Checked {
        self.at = body;
        let def = self.bodies[body].def;
        let mut names = self.scheme_names(Vec::new());
        let root = self.mono[&def];
        if self.arena.has_budgets() {
            self.arena.simplify_amounts(root, &mut Vec::new());
        }
        for ty in std::iter::once(root).chain(retained.iter().map(|(_, ty, _)| *ty)) {
            self.arena.each_var(ty, &mut |var| {
                names.name(var);
            });
        }
        let ty = self.freeze(root, &mut names);
        let constraints =
            retained.iter().map(|(i, ty, _)| (*i, self.freeze(*ty, &mut names))).collect();
        let roots: Vec<T> = names.vars.iter().map(|(root, _)| *root).collect();
        let mut scheme = Scheme {
            vars: names.vars.iter().map(|(_, var)| var.name).collect(),
            units: names.units.iter().map(|(_, var)| var.name).collect(),
            constraints,
            ty,
            ..Scheme::default()
        };
        self.note_debts(def, &mut scheme, &roots, debts);
        let facts = self.close_facts(&mut names);
        (def, Some(scheme), facts)
    }

    /// A member whose type is given.
    fn given(&mut self, def: DefId) -> Checked {
        let (schemes, program) = (self.schemes, self.program);
        let scheme = &schemes[def];
        self.enter(def);
        let (vars, units) = self.rigid(&scheme.vars, &scheme.units);
        let cx = self.cx();
        cx.vars = scheme.vars.iter().copied().zip(vars.iter().copied()).collect();
        cx.units = scheme.units.iter().copied().zip(units.iter().copied()).collect();
        let ids = self.take_given(&scheme.constraints, &vars, &units);
        let named = |index: &u32| TyVar { index: *index, name: scheme.vars[*index as usize] };
        self.unrestricted = scheme.unrestricted.iter().map(named).collect();
        self.cx().dict_params = ids;
        let ty = self.arena.instantiate(scheme.ty, &vars, &units);
        self.suppose_parameters(ty);
        let why = why_given(program, def);
        self.body_against(ty, Some(Want { ty, why }));
        self.settle(0, 0);
        while self.resort() {
            self.settle(0, 0);
        }
        self.default_ambiguous();
        self.finish_budgets();
        let debts = self.discharge();
        let mut noted = scheme.clone();
        self.note_debts(def, &mut noted, &vars, &debts);
        let noted = (noted != *scheme).then_some(noted);
        let mut taken = scheme.vars.clone();
        taken.extend(&scheme.units);
        let mut names = self.scheme_names(taken);
        let facts = self.close_facts(&mut names);
        (def, noted, facts)
    }

    /// Amounts of parameters are never negative.
    fn suppose_parameters(&mut self, ty: T) {
        let (Node::Fn(params, _) | Node::Fn1(params, _)) = self.arena.node(ty) else { return };
        for i in 0..params.len() {
            if let Node::Budget(index) = self.arena.node(self.arena.item(params, i)) {
                let amounts = self.arena.budget_at(index).amounts.clone();
                for amount in amounts.unwrap_or_default() {
                    self.arena.grades.suppose(&amount.sum);
                }
            }
        }
    }

    fn rigid(&mut self, vars: &[Name], units: &[Name]) -> (Vec<T>, Vec<u32>) {
        let var = |(i, name): (usize, &Name)| TyVar { index: i as u32, name: *name };
        let vars = vars.iter().enumerate().map(var);
        let units = units.iter().enumerate().map(var);
        (
            vars.map(|var| self.arena.add(Node::Rigid(var))).collect(),
            units.map(|var| self.arena.units.rigid(var)).collect(),
        )
    }

    fn take_given(
        &mut self,
        constraints: &[(InterfaceId, Ty)],
        vars: &[T],
        units: &[u32],
    ) -> Vec<DictId> {
        let mut ids = Vec::with_capacity(constraints.len());
        for (interface, ty) in constraints {
            let id = DictId(self.next_dict);
            self.next_dict += 1;
            let ty = self.arena.instantiate(*ty, vars, units);
            self.givens.push(Given { interface: *interface, ty, dict: Dict::Param(id) });
            ids.push(id);
        }
        ids
    }

    fn super_dict(&mut self, interface: InterfaceId, head: T, id: InstanceId) -> Dict {
        // An instance has no body: what is missing is told at the instance itself.
        self.failed = false;
        match self.find_super(interface, head) {
            Some(dict) if !self.failed => dict,
            _ => {
                let ty = self.tables.instances[id].head;
                self.diags.push(report::missing_super(self.program, id, interface, ty));
                Dict::Param(DictId(0))
            }
        }
    }

    /// The facts of the current body, closed.
    #[expect(clippy::iter_over_hash_type, reason = "each entry is closed by itself")]
    fn close_facts(&mut self, names: &mut Names) -> Facts {
        let at = self.at;
        let mut facts = std::mem::take(&mut self.bodies[at].facts);
        facts.dict_params = std::mem::take(&mut self.bodies[at].dict_params);
        let locals = std::mem::take(&mut self.bodies[at].locals);
        let mut types = IdMap::with_capacity(self.bodies[at].types.len());
        for i in 0..self.bodies[at].types.len() {
            let ty = self.bodies[at].types[i];
            types.push(self.freeze(ty, names));
        }
        facts.types = types;
        for local in &locals {
            let ty = match local {
                Local::Unset => Ty::ERROR,
                Local::Mono(ty) | Local::Poly(ty, _) => self.freeze(*ty, names),
            };
            facts.locals.push(ty);
        }
        for dicts in facts.dict_args.values_mut() {
            *dicts = dicts.iter().map(|dict| self.closed_dict(dict)).collect();
        }
        for record in facts.records.values_mut() {
            self.close_record(record);
        }
        for call in facts.calls.values_mut() {
            self.close_record(&mut call.record);
        }
        for conversion in facts.conversions.values_mut().flatten().flatten() {
            self.close_conversion(conversion);
        }
        for i in 0..self.instance_uses.len() {
            let (body, expr, instance, ty) = self.instance_uses[i];
            if body == at {
                let def = self.bodies[at].def;
                let ty = self.freeze(ty, names);
                let method = match &self.bodies[at].body.exprs[expr] {
                    Expr::Method(_, index) => Some(*index),
                    _ => None,
                };
                facts.instance_uses.push(InstanceUse { def, expr, instance, ty, method });
            }
        }
        let cx = &self.bodies[at];
        let (matches, irrefutable) = (&cx.matches, &cx.irrefutable);
        let diags = coverage::check(self.program, self.lang, cx.def, &facts, matches, irrefutable);
        // What is wrong with a pattern may make it look as if it took everything.
        let has_errors = self.diags.has_errors();
        self.diags.extend(diags.into_iter().filter(|d| d.is_error() || !has_errors).collect());
        facts
    }

    fn close_record(&self, record: &mut RecordFact) {
        for field in &mut record.fields {
            if let FieldValue::Given { from: Some(conversion), .. } = field {
                self.close_conversion(conversion);
            }
        }
    }

    fn close_conversion(&self, conversion: &mut Conversion) {
        if let Conversion::Def(_, dicts) = conversion {
            *dicts = dicts.iter().map(|dict| self.closed_dict(dict)).collect();
        }
    }
}

/// What a given type comes from.
fn why_given(program: &Program, def: DefId) -> Why {
    let decl = &program.defs[def];
    if let Some(sig) = &decl.sig {
        return Why::Signature(sig.span);
    }
    match decl.kind {
        DefKind::InstanceMethod { instance, index } => {
            let interface = &program.interfaces[program.instances[instance].interface];
            let method = interface.methods.get(index as usize);
            method.map_or(Why::Result, |method| Why::Signature(method.span))
        }
        DefKind::MethodDefault { interface, index } => {
            let method = program.interfaces[interface].methods.get(index as usize);
            method.map_or(Why::Result, |method| Why::Signature(method.span))
        }
        DefKind::FieldDefault { ctor, index } => Why::Field(ctor, index),
        _ => Why::Result,
    }
}
