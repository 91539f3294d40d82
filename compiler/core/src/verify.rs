//! The invariants of a [`Program`], for tests and debug builds. Each rule has a number, which its
//! message names:
//!
//! 1. Every table has its size: `maps` as many as `defs`, places as many as expressions, patterns
//!    and locals.
//! 2. Every id is in range.
//! 3. An expression is made after its parts (so arenas are trees without cycles), a pattern too.
//! 4. A `Do` has at least two parts.
//! 5. A `recur` is in tail position of its loop or function, with as many values as that takes.
//! 6. A constructor's pattern has a part for each field, that of a record one.
//! 7. Every definition with a body is in exactly one group.
//! 8. A group comes after the groups it uses.
//! 9. An instance has a slot for every method of its interface.

use crate::core::{Body, Ctor, DefId, Expr, ExprId, Pat, Program};
use eclexia_base::FxHashMap;
use eclexia_base::ids::Id;

/// What is wrong; empty for a sound program.
pub fn verify(program: &Program) -> Vec<String> {
    let mut ctx = VerifyCtx { program, problems: Vec::new(), at: FxHashMap::default() };
    ctx.groups();
    if program.maps.len() != program.defs.len() {
        ctx.problem(1, "maps and defs differ in number");
    }
    for (id, def) in program.defs.iter() {
        if let Some(body) = &def.body {
            ctx.body(id, body);
        }
    }
    for instance in program.instances.values() {
        let wanted = program.interfaces[instance.interface].methods.len();
        if instance.methods.len() != wanted {
            ctx.problem(9, "an instance has the wrong number of methods");
        }
    }
    ctx.problems
}

struct VerifyCtx<'p> {
    program: &'p Program,
    problems: Vec<String>,
    /// The group of each definition.
    at: FxHashMap<DefId, usize>,
}

impl VerifyCtx<'_> {
    fn problem(&mut self, rule: u32, what: impl std::fmt::Display) {
        self.problems.push(format!("rule {rule}: {what}"));
    }

    fn groups(&mut self) {
        for (i, group) in self.program.groups.iter().enumerate() {
            for def in group {
                if self.at.insert(*def, i).is_some() {
                    self.problem(7, format!("{def:?} is in two groups"));
                }
                if self.program.defs[*def].group != group[0] {
                    self.problem(7, format!("{def:?} is not known by the first of its group"));
                }
            }
        }
        for (id, def) in self.program.defs.iter() {
            if def.body.is_some() && !self.at.contains_key(&id) {
                self.problem(7, format!("{id:?} is in no group"));
            }
        }
    }

    fn body(&mut self, def: DefId, body: &Body) {
        let Some(map) = self.program.maps.get(def) else { return };
        let sizes = map.exprs.len() == body.exprs.len()
            && map.pats.len() == body.pats.len()
            && map.locals.len() == body.locals.len();
        if !sizes {
            self.problem(1, format!("{def:?}: places are missing"));
        }
        if body.exprs.get(body.root).is_none() {
            return self.problem(2, format!("{def:?}: no root"));
        }
        for (id, expr) in body.exprs.iter() {
            self.expr(def, body, id, expr);
        }
        for (id, pat) in body.pats.iter() {
            self.pattern(def, body, id.index(), pat);
        }
        let arity = body.is_function.then_some(body.params.len());
        self.tail(def, body, body.root, arity);
    }

    fn expr(&mut self, def: DefId, body: &Body, id: ExprId, expr: &Expr) {
        for part in children(expr) {
            if part.index() >= id.index() {
                self.problem(3, format!("{def:?} {id:?}: its part {part:?} comes later"));
            }
        }
        let program = self.program;
        let in_range = match expr {
            Expr::Local(local) => local.index() < body.locals.len(),
            Expr::Global(other) => other.index() < program.defs.len(),
            Expr::Ctor(ctor) => ctor.index() < program.ctors.len(),
            Expr::Method(interface, index) => {
                let found = program.interfaces.get(*interface);
                found.is_some_and(|i| (*index as usize) < i.methods.len())
            }
            _ => true,
        };
        if !in_range {
            self.problem(2, format!("{def:?} {id:?}: an id is out of range"));
        }
        if let Expr::Do(items) = expr
            && items.len() < 2
        {
            self.problem(4, format!("{def:?} {id:?}: a short `do`"));
        }
        if let Expr::Global(other) = expr {
            let groups = (self.at.get(&def), self.at.get(other));
            if let (Some(own), Some(used)) = groups
                && used > own
            {
                self.problem(8, format!("{def:?} uses {other:?} of a later group"));
            }
        }
    }

    fn pattern(&mut self, def: DefId, body: &Body, at: usize, pat: &Pat) {
        let parts: Vec<usize> = match pat {
            Pat::Ctor { ctor, args } => {
                let size = |c: &Ctor| if c.is_record { 1 } else { c.fields.len() };
                let fields = self.program.ctors.get(*ctor).map(size);
                if fields != Some(args.len()) {
                    self.problem(6, format!("{def:?}: a constructor's pattern of wrong size"));
                }
                args.iter().map(|p| p.index()).collect()
            }
            Pat::As { pat, .. } => vec![pat.index()],
            Pat::Vector { items, rest } => items.iter().chain(rest).map(|p| p.index()).collect(),
            Pat::Record { fields } => fields.iter().map(|(_, p)| p.index()).collect(),
            _ => Vec::new(),
        };
        if parts.iter().any(|p| *p >= at || *p >= body.pats.len()) {
            self.problem(3, format!("{def:?}: a part of a pattern comes later"));
        }
    }

    /// Follows tail positions; a `recur` met anywhere else is wrong.
    fn tail(&mut self, def: DefId, body: &Body, root: ExprId, arity: Option<usize>) {
        // Pairs of an expression and what a `recur` there may give; `None`: nothing.
        let mut work = vec![(root, arity)];
        while let Some((id, arity)) = work.pop() {
            let Some(expr) = body.exprs.get(id) else { continue };
            match expr {
                Expr::Recur { args } => {
                    if arity != Some(args.len()) {
                        self.problem(5, format!("{def:?} {id:?}: a misplaced `recur`"));
                    }
                    work.extend(args.iter().map(|a| (*a, None)));
                }
                Expr::Fn { params, body: inner } => work.push((*inner, Some(params.len()))),
                Expr::Let { value, body: inner, .. } => {
                    work.extend([(*value, None), (*inner, arity)]);
                }
                Expr::If { cond, then, other } => {
                    work.extend([(*cond, None), (*then, arity), (*other, arity)]);
                }
                Expr::Match { value, arms } => {
                    work.push((*value, None));
                    for arm in arms {
                        work.extend(arm.guard.map(|g| (g, None)));
                        work.push((arm.body, arity));
                    }
                }
                Expr::Loop { params, inits, body: inner } => {
                    work.extend(inits.iter().map(|i| (*i, None)));
                    work.push((*inner, Some(params.len())));
                }
                Expr::Do(items) => {
                    let last = items.len().saturating_sub(1);
                    let tail = |i| if i == last { arity } else { None };
                    work.extend(items.iter().enumerate().map(|(i, e)| (*e, tail(i))));
                }
                other => work.extend(children(other).into_iter().map(|e| (e, None))),
            }
        }
    }
}

/// The expressions directly inside of one, in the order they are evaluated.
pub fn children(expr: &Expr) -> Vec<ExprId> {
    match expr {
        Expr::Literal(_)
        | Expr::Local(_)
        | Expr::Global(_)
        | Expr::Ctor(_)
        | Expr::Method(..)
        | Expr::Error => Vec::new(),
        Expr::Call { callee, args } => {
            std::iter::once(*callee).chain(args.iter().copied()).collect()
        }
        Expr::Fn { body, .. } => vec![*body],
        Expr::Let { value, body, .. } | Expr::BorrowIn { value, body, .. } => vec![*value, *body],
        Expr::If { cond, then, other } => vec![*cond, *then, *other],
        Expr::Match { value, arms } => {
            let parts = arms.iter().flat_map(|a| a.guard.into_iter().chain([a.body]));
            std::iter::once(*value).chain(parts).collect()
        }
        Expr::Loop { inits, body, .. } => inits.iter().copied().chain([*body]).collect(),
        Expr::Recur { args } => args.clone(),
        Expr::Do(items) | Expr::Vector(items) => items.clone(),
        Expr::Record { fields } => fields.iter().map(|(_, e)| *e).collect(),
        Expr::Map { entries } => entries.iter().flat_map(|(k, v)| [*k, *v]).collect(),
        Expr::WithFields { value, fields } => {
            std::iter::once(*value).chain(fields.iter().map(|(_, e)| *e)).collect()
        }
        Expr::With { acquire, release, body, .. } => vec![*acquire, *release, *body],
        Expr::For { iter, body, .. } => vec![*iter, *body],
        Expr::Field { value, .. } | Expr::Ascribe { value, .. } => vec![*value],
        Expr::Borrow(e) | Expr::Try(e) | Expr::Return(e) | Expr::Abort(e) => vec![*e],
        Expr::Admit { budget, call } => vec![*budget, *call],
    }
}
