//! What must be unrestricted, or free of references: found by the walk over paths and at uses of
//! generic definitions, discharged here once the types of a group are known.
//!
//! 1. An unrestricted type discharges its obligation, a linear one is reported.
//! 2. On a variable of the group's types the obligation becomes part of their schemes; on one that
//!    a `let` generalised, of that function's uses; a variable that nothing decides owes nothing.
//! 3. On a rigid variable it must follow from the signature: from `(Unr a)`, or from an interface
//!    that extends `Unr`. That no reference is in `a` no signature says: it is noted in the scheme.

use super::{BodyCx, Infer, Local, Want, Why};
use crate::arena::{ERROR, GENERIC, Node, T};
use crate::diagnostics as report;
use crate::linear::{Fault, FaultKind, Kind, Kinds, Need, Obligation, Scene, walk};
use crate::ty::{Scheme, Ty};
use crate::typed::Owed;
use eclexia_base::{FxHashMap, FxHashSet, Span};
use eclexia_core::core::{DefId, DefKind, Expr, ExprId, InstanceId, LocalId, PatId, Place};
use eclexia_core::verify::children;

/// A use of something generic, or of an interface that only reads: `ty` is what it is used at.
#[derive(Clone, Copy)]
pub(super) struct Use {
    pub need: Need,
    pub body: usize,
    pub expr: ExprId,
    /// Position of the variable in the scheme; of an interface, `None`.
    pub var: Option<u32>,
    pub ty: T,
}

/// An obligation of a body.
#[derive(Clone)]
struct Task {
    body: usize,
    obligation: Obligation,
    /// The use it comes from.
    of: Option<Use>,
}

/// What variables of the group's types owe, by their roots, each with the first reason.
#[derive(Default)]
pub(super) struct Debts {
    found: FxHashMap<(T, Need), Fault>,
}

impl<'a> Infer<'a> {
    /// Discharges the obligations of all bodies; gives what is left to schemes.
    pub(super) fn discharge(&mut self) -> Debts {
        let mut tasks = Vec::new();
        for body in 0..self.bodies.len() {
            let found = self.walk_body(body);
            tasks.extend(found.into_iter().map(|o| Task { body, obligation: o, of: None }));
        }
        for of in std::mem::take(&mut self.uses) {
            tasks.extend(self.use_task(of));
        }
        let mut debts = Debts::default();
        let mut local: FxHashSet<(T, Need)> = FxHashSet::default();
        while !tasks.is_empty() {
            let mut generic = Vec::new();
            for task in tasks {
                self.discharge_one(task, &mut debts, &mut generic);
            }
            generic.retain(|(var, need, _)| local.insert((*var, *need)));
            tasks = self.at_uses_of_locals(&generic);
        }
        debts
    }

    fn kinds(&self) -> Kinds<'_> {
        Kinds { arena: &self.arena, facts: &self.tables.kinds }
    }

    pub(super) fn is_linear(&self, ty: T) -> bool {
        self.kinds().kind(ty) == Kind::Linear
    }

    fn walk_body(&mut self, index: usize) -> Vec<Obligation> {
        let (program, tables) = (self.program, self.tables);
        let def = self.bodies[index].def;
        let decl = &program.defs[def];
        // What is derived only reads, and says so by construction.
        if self.is_derived(def) {
            return Vec::new();
        }
        let reads = match decl.kind {
            DefKind::InstanceMethod { instance, .. } => {
                program.only_reads(program.instances[instance].interface)
            }
            DefKind::MethodDefault { interface, .. } => program.only_reads(interface),
            _ => false,
        };
        let cx = &self.bodies[index];
        let locals: Vec<T> = cx.locals.iter().map(Local::ty).collect();
        let owned_globals = self.owned_globals(cx);
        let cx = &self.bodies[index];
        let mut found = walk(Scene {
            program,
            tables,
            facts: &tables.kinds,
            arena: &mut self.arena,
            def,
            body: cx.body,
            types: &cx.types,
            pats: &cx.pats,
            locals: &locals,
            diverging: &cx.diverging,
            owned_globals: &owned_globals,
            reads,
        });
        found.extend(self.constant_obligation(index));
        found
    }

    fn is_derived(&self, def: DefId) -> bool {
        matches!(self.program.defs[def].kind, DefKind::InstanceMethod { instance, .. }
            if self.program.instances[instance].derived)
    }

    /// Linear values that belong to a session and are named in the body.
    fn owned_globals(&self, cx: &BodyCx) -> FxHashMap<DefId, T> {
        let mut owned = FxHashMap::default();
        if !self.program.has_sessions() {
            return owned;
        }
        for (e, expr) in cx.body.exprs.iter() {
            if let Expr::Global(def) = expr
                && self.program.is_of_session(*def)
                && matches!(self.program.defs[*def].kind, DefKind::Constant | DefKind::Repl)
            {
                owned.insert(*def, cx.types[e.0 as usize]);
            }
        }
        owned
    }

    /// A constant has no owner; at the REPL the session is.
    fn constant_obligation(&self, index: usize) -> Option<Obligation> {
        let def = self.bodies[index].def;
        let decl = &self.program.defs[def];
        let is_constant = !self.bodies[index].body.is_function
            && !matches!(decl.kind, DefKind::Repl | DefKind::Test);
        if !is_constant || self.program.is_of_session(def) {
            return None;
        }
        let at = Place { span: decl.span, inside: None };
        let fault = Fault {
            kind: FaultKind::Constant,
            name: Some(decl.name),
            acquired: None,
            at,
            other: None,
        };
        let root = self.bodies[index].body.root;
        let ty = self.bodies[index].types[root.0 as usize];
        // `None` is an `(Option a)` for every `a`, and so holds none.
        if !self.is_linear(ty) {
            return None;
        }
        Some(Obligation { need: Need::Unrestricted, ty, fault })
    }

    fn use_task(&self, of: Use) -> Option<Task> {
        if self.is_derived(self.bodies[of.body].def) {
            return None;
        }
        let call = self.bodies[of.body].callers.get(&of.expr).copied().unwrap_or(of.expr);
        let fault = Fault {
            kind: if of.var.is_some() { FaultKind::GenericUse } else { FaultKind::Read },
            name: None,
            acquired: None,
            at: self.place(of.body, call),
            other: None,
        };
        let obligation = Obligation { need: of.need, ty: of.ty, fault };
        Some(Task { body: of.body, obligation, of: Some(of) })
    }

    fn discharge_one(
        &mut self,
        task: Task,
        debts: &mut Debts,
        generic: &mut Vec<(T, Need, Fault)>,
    ) {
        let Obligation { need, ty, fault } = task.obligation;
        let mut vars = Vec::new();
        let kind = self.kinds().judge(need, ty, &mut |var| vars.push(var));
        match kind {
            Kind::Unrestricted => {}
            Kind::Linear => self.blame_linear(&task, ty),
            Kind::Depends => {
                for var in vars {
                    match self.arena.node(var) {
                        Node::Rigid(_) if self.is_entailed(need, var) => {}
                        Node::Rigid(_)
                            if need == Need::Unrestricted && self.noted_for_later(&task, var) => {}
                        Node::Rigid(_) if need == Need::Unrestricted => {
                            self.blame_linear(&task, ty);
                            return;
                        }
                        Node::Var { level: GENERIC } => generic.push((var, need, fault)),
                        _ => debts.add(var, need, fault),
                    }
                }
            }
        }
    }

    /// What an instance's methods and an interface's defaults need of their types, the uses of the
    /// instance answer for: no signature could say it.
    fn noted_for_later(&mut self, task: &Task, var: T) -> bool {
        let Node::Rigid(rigid) = self.arena.node(var) else { return false };
        let owed = Owed { fault: task.obligation.fault };
        match self.program.defs[self.bodies[task.body].def].kind {
            DefKind::InstanceMethod { instance, .. }
                if (rigid.index as usize) < self.tables.instances[instance].vars.len() =>
            {
                self.noted.instances.push((instance, rigid.index, owed));
                true
            }
            DefKind::MethodDefault { interface, index } if rigid.index == 0 => {
                self.noted.defaults.push((interface, index, owed));
                true
            }
            _ => false,
        }
    }

    /// An instance was found at a type.
    pub(super) fn note_instance(&mut self, body: usize, expr: ExprId, instance: InstanceId, ty: T) {
        let interface = self.program.instances[instance].interface;
        if self.bodies.is_empty() || self.reading[interface.0 as usize] {
            return;
        }
        if self.kinds().kind(ty) != Kind::Unrestricted {
            self.instance_uses.push((body, expr, instance, ty));
        }
    }

    /// Whether the signature promises it.
    fn is_entailed(&self, need: Need, var: T) -> bool {
        let Node::Rigid(rigid) = self.arena.node(var) else { return false };
        need == Need::Unrestricted
            && (self.unrestricted.contains(&rigid)
                || self.givens.iter().any(|given| {
                    self.same_variable(given.ty, var) && self.reading[given.interface.0 as usize]
                }))
    }

    /// What functions that a `let` generalised owe, their uses owe.
    fn at_uses_of_locals(&mut self, generic: &[(T, Need, Fault)]) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (body, expr, pairs) in &self.local_uses {
            for (old, fresh) in pairs {
                for (var, need, _) in generic.iter().filter(|(var, ..)| var == old) {
                    let of = Use {
                        need: *need,
                        body: *body,
                        expr: *expr,
                        var: Some(u32::MAX),
                        ty: *fresh,
                    };
                    let _ = var;
                    tasks.extend(self.use_task(of));
                }
            }
        }
        tasks
    }

    fn blame_linear(&mut self, task: &Task, ty: T) {
        let fault = task.obligation.fault;
        let form = self.program.defs[self.bodies[task.body].def].form;
        let is_inside = |d: &eclexia_diag::Diagnostic| {
            d.primary.as_ref().is_some_and(|p| {
                p.span.file == form.file && p.span.start >= form.start && p.span.end <= form.end
            })
        };
        // What follows from a wrong type is not told.
        if matches!(self.arena.node(ty), Node::Rigid(_)) && self.diags.iter().any(is_inside) {
            return;
        }
        let current = std::mem::replace(&mut self.at, task.body);
        let ty = self.freeze_message(ty);
        let why = report::why_linear(self.program, self.tables, ty);
        let def = self.bodies[task.body].def;
        let of = task.of.map(|of| self.describe_use(of));
        let callee = of.as_ref().and_then(|of| of.name);
        let consumer = self.consumer_of(ty);
        let owed = of.and_then(|of| of.owed);
        let last = self.last_of_scope(task);
        let linear = report::Linear { fault, ty, why, def, callee, owed, consumer, last };
        let diag = match task.obligation.need {
            Need::Unrestricted => report::linear(self.program, linear),
            Need::Confined => report::reference_escapes(self.program, linear),
        };
        // A promise about a variable is mended once, however many places need it.
        let promise = report::variable_of(ty).map(|name| (task.body, name));
        let is_told = promise.is_some_and(|promise| !self.promises.insert(promise));
        let is_same = |known: &eclexia_diag::Diagnostic| {
            known.code == diag.code && known.primary == diag.primary
        };
        if !is_told && !self.diags.iter().any(is_same) {
            self.diags.push(diag);
        }
        self.at = current;
    }

    /// A function takes a closure that can run once for one that may run often.
    pub(super) fn blame_capture(&mut self, e: ExprId, local: LocalId, used: ExprId, want: Want) {
        let callee = match want.why {
            Why::Argument { callee, .. } => self.callee_name(callee),
            _ => None,
        };
        let cx = &self.bodies[self.at];
        let (def, name) = (cx.def, cx.body.locals[local]);
        let ty = cx.locals[local.0 as usize].ty();
        let ty = self.freeze_message(ty);
        let acquired = self.program.maps.get(def).and_then(|map| map.locals.get(local)).copied();
        let fault = Fault {
            kind: FaultKind::Capture,
            name: Some(name),
            acquired,
            at: self.here(e),
            other: Some(self.here(used)),
        };
        let why = report::why_linear(self.program, self.tables, ty);
        let linear =
            report::Linear { fault, ty, why, def, callee, owed: None, consumer: None, last: None };
        let shown = format!("`{name}`");
        self.diags.push(report::linear_capture(&linear, &shown, callee));
    }

    /// The last expression of the scope of the variable that a fault is of: where a user wrote it
    /// and it does not mention the variable.
    fn last_of_scope(&self, task: &Task) -> Option<Span> {
        let (fault, cx) = (task.obligation.fault, &self.bodies[task.body]);
        let (body, map) = (&cx.body, self.program.maps.get(cx.def)?);
        let is_it = |local: &LocalId| map.locals.get(*local) == Some(&fault.at);
        let local = body.locals.ids().find(is_it)?;
        let binds = |pat: PatId| {
            let mut binds = false;
            body.each_binder(pat, &mut |bound| binds |= bound == local);
            binds
        };
        let scope = |(e, expr): (ExprId, &Expr)| match expr {
            Expr::Let { pat, body, .. } if binds(*pat) => Some((Some(e), *body)),
            Expr::Match { arms, .. } => {
                arms.iter().find(|arm| binds(arm.pat)).map(|arm| (None, arm.body))
            }
            Expr::For { pat, body, .. } if binds(*pat) => Some((None, *body)),
            Expr::Fn { params, body } | Expr::Loop { params, body, .. } => {
                params.iter().any(|pat| binds(*pat)).then_some((None, *body))
            }
            _ => None,
        };
        let found = body.exprs.iter().find_map(scope);
        let (form, mut last) = match found {
            Some(found) => found,
            None if body.params.iter().any(|pat| binds(*pat)) => (None, body.root),
            None => return None,
        };
        loop {
            // The bindings of one `let` are one form.
            let is_same = form.is_some_and(|form| map.exprs.get(form) == map.exprs.get(last));
            last = match &body.exprs[last] {
                Expr::Do(parts) => *parts.last()?,
                Expr::Let { body, .. } if is_same => *body,
                _ => break,
            };
        }
        let place = map.exprs.get(last).filter(|place| place.inside.is_none())?;
        let mut work = vec![last];
        while let Some(e) = work.pop() {
            if body.exprs[e] == Expr::Local(local) {
                return None;
            }
            work.extend(children(&body.exprs[e]));
        }
        (place.span.start > fault.at.span.end).then_some(place.span)
    }

    /// A function of the program that takes a value of the type and nothing else.
    fn consumer_of(&self, ty: Ty) -> Option<eclexia_base::Name> {
        let module = self.program.defs[self.bodies.first()?.def].module;
        let takes = |def: &DefId| self.schemes.get(*def).is_some_and(|s| s.consumes(ty));
        let own = self.program.modules[module].defs.iter().copied();
        let home = ty.head().map(|id| self.program.types[id].module);
        let others = home.into_iter().flat_map(|m| self.program.modules[m].defs.iter().copied());
        let found = own.chain(others).find(takes)?;
        Some(self.program.defs[found].name)
    }

    fn describe_use(&self, of: Use) -> Described {
        let current_body = &self.bodies[of.body];
        let name = match &current_body.body.exprs[of.expr] {
            Expr::Global(def) => Some(self.program.defs[*def].name),
            Expr::Local(local) => Some(current_body.body.locals[*local]),
            Expr::Method(interface, index) => {
                let methods = &self.program.interfaces[*interface].methods;
                methods.get(*index as usize).map(|m| m.name)
            }
            _ => None,
        };
        let owed = match (&current_body.body.exprs[of.expr], of.var) {
            (Expr::Global(def), Some(var)) => self.owed.get(&(*def, var)).copied(),
            _ => None,
        };
        Described { name, owed }
    }

    // -------------------------------------------------------------------------------- schemes

    /// Adds to a scheme what its variables owe; `vars` are their roots.
    pub(super) fn note_debts(
        &mut self,
        def: DefId,
        scheme: &mut Scheme,
        vars: &[T],
        debts: &Debts,
    ) {
        for (index, var) in vars.iter().enumerate() {
            let index = index as u32;
            let root = self.arena.root(*var);
            if let Some(fault) = debts.found.get(&(root, Need::Unrestricted)) {
                scheme.unrestricted.push(index);
                self.noted.owed.push((def, index, Owed { fault: *fault }));
            }
            if debts.found.contains_key(&(root, Need::Confined)) {
                scheme.confined.push(index);
            }
        }
        let reading = &self.reading;
        let implied: Vec<u32> = scheme
            .constraints
            .iter()
            .filter(|(interface, _)| reading[interface.0 as usize])
            .filter_map(|(_, ty)| var_index(*ty))
            .collect();
        scheme.unrestricted.retain(|index| !implied.contains(index));
        for list in [&mut scheme.unrestricted, &mut scheme.confined] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// What a use is of.
struct Described {
    name: Option<eclexia_base::Name>,
    owed: Option<Owed>,
}

fn var_index(ty: Ty) -> Option<u32> {
    match ty.kind() {
        crate::ty::TyKind::Var(var) => Some(var.index),
        _ => None,
    }
}

impl Debts {
    /// The first reason stays.
    fn add(&mut self, var: T, need: Need, fault: Fault) {
        self.found.entry((var, need)).or_insert(fault);
    }
}

impl Local {
    pub(super) fn ty(&self) -> T {
        match self {
            Local::Unset => ERROR,
            Local::Mono(ty) | Local::Poly(ty, _) => *ty,
        }
    }
}
