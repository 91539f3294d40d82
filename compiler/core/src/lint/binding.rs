//! Names that are bound for nothing, and names that hide another.
//!
//! A binding is unused when no expression of the body is it. A macro may repeat its argument: a
//! symbol is unused only if all that it became are. A name that begins with `_` says so itself.
//!
//! A name hides another when it is bound where that one is in scope: a local of the same body, or a
//! definition of the same module. What is bound to a value made of the hidden name is that name's
//! next value, which is a common way to write; it is not told. The edit that mends it gives the
//! inner binding a name that stands nowhere in the file, so that nothing is captured.

use crate::core::{
    Body, Def, DefId, DefKind, Entity, Expr, ExprId, LocalId, ModuleId, PatId, Program,
};
use crate::cost::SizeOf;
use crate::diagnostics as report;
use crate::verify::children;
use eclexia_base::{FxHashMap, FxHashSet, Name, Span};
use eclexia_diag::{Diagnostics, Edit};
use eclexia_syntax::{NodeKind, Tree};
use std::cell::OnceCell;
use std::collections::BTreeSet;

struct Binding<'a> {
    program: &'a Program,
    tree: &'a Tree,
    text: &'a str,
    module: ModuleId,
    /// All names that stand in the file, from when the first one is asked for.
    names: OnceCell<FxHashSet<Name>>,
    found: Diagnostics,
}

pub(super) fn lint(program: &Program, module: ModuleId, tree: &Tree, text: &str) -> Diagnostics {
    let (names, found) = (OnceCell::new(), Diagnostics::new());
    let mut ctx = Binding { program, tree, text, module, names, found };
    for id in &program.modules[module].defs {
        let def = &program.defs[*id];
        if let Some(body) = &def.body {
            ctx.unused(*id, def, body);
            Walk { ctx: &mut ctx, def: *id, body, scope: Vec::new() }.function();
        }
    }
    ctx.found
}

impl Binding<'_> {
    /// Where a user wrote the name of a local.
    fn written(&self, def: DefId, body: &Body, local: LocalId) -> Option<Span> {
        let place = self.program.maps[def].locals.get(local)?;
        let is_written = place.inside.is_none()
            && self.text.get(place.span.range()) == Some(body.locals[local].as_str());
        is_written.then_some(place.span)
    }

    /// The edits that give what is bound at a place another name: it and all that means it. `None`:
    /// not all of that is written as the name.
    fn renamed(&self, id: DefId, body: &Body, span: Span, name: Name) -> Option<Vec<Edit>> {
        // A macro that repeats its argument binds the same symbol several times.
        let is_it = |local: &LocalId| self.written(id, body, *local) == Some(span);
        let locals: FxHashSet<LocalId> = body.locals.ids().filter(is_it).collect();
        if measured(&self.program.defs[id], body).iter().any(|local| locals.contains(local)) {
            return None;
        }
        let places = &self.program.maps[id].exprs;
        let mut spans = BTreeSet::from([span]);
        for (e, expr) in body.exprs.iter() {
            if matches!(expr, Expr::Local(local) if locals.contains(local)) {
                let place = places.get(e).filter(|place| place.inside.is_none())?;
                let written = self.text.get(place.span.range())?;
                spans.insert(place.span);
                if written != name.as_str() {
                    return None;
                }
            }
        }
        let fresh = self.fresh(name);
        Some(spans.into_iter().map(|span| Edit::new(span, fresh.clone())).collect())
    }

    /// A name that stands nowhere in the file.
    fn fresh(&self, name: Name) -> String {
        let names = self.names.get_or_init(|| symbols(self.tree));
        let mut fresh = format!("inner-{name}");
        while names.contains(&Name::new(&fresh)) {
            fresh.insert_str(0, "inner-");
        }
        fresh
    }

    fn unused(&mut self, id: DefId, def: &Def, body: &Body) {
        let mut used: FxHashSet<LocalId> = body
            .exprs
            .values()
            .filter_map(|expr| match expr {
                Expr::Local(local) => Some(*local),
                _ => None,
            })
            .collect();
        used.extend(measured(def, body));
        used.extend(given(def, body));
        let mut symbols: FxHashMap<Span, (Name, bool)> = FxHashMap::default();
        for local in body.locals.ids() {
            if let Some(span) = self.written(id, body, local) {
                let entry = symbols.entry(span).or_insert((body.locals[local], false));
                entry.1 |= used.contains(&local);
            }
        }
        let mut unused: Vec<(Span, Name)> = symbols
            .into_iter()
            .filter(|(_, (name, is_used))| !is_used && !name.as_str().starts_with('_'))
            .map(|(span, (name, _))| (span, name))
            .collect();
        unused.sort_by_key(|(span, _)| *span);
        for (span, name) in unused {
            self.found.push(report::unused_binding(span, name));
        }
    }
}

fn symbols(tree: &Tree) -> FxHashSet<Name> {
    let mut names = FxHashSet::default();
    let mut work = tree.roots.clone();
    while let Some(node) = work.pop() {
        if let NodeKind::Symbol(name) = tree.kind(node) {
            names.insert(name);
        }
        work.extend(tree.children(node));
    }
    names
}

/// Parameters that the declared costs are in.
fn measured(def: &Def, body: &Body) -> Vec<LocalId> {
    let limits = def.cost.iter().flat_map(|cost| &cost.limits);
    let sizes = limits.flat_map(|limit| limit.bound.sizes());
    let params = sizes.map(|(SizeOf::Size(param) | SizeOf::Value(param))| param as usize);
    let mut locals = Vec::new();
    for pat in params.filter_map(|param| body.params.get(param)) {
        body.each_binder(*pat, &mut |local| locals.push(local));
    }
    locals
}

/// Parameters whose number is not the definition's to choose: an interface says how many methods
/// have, and who runs a program gives `main` the world.
fn given(def: &Def, body: &Body) -> Vec<LocalId> {
    let mut locals = Vec::new();
    let is_given = match def.kind {
        DefKind::InstanceMethod { .. } | DefKind::MethodDefault { .. } => true,
        _ => def.name == "main",
    };
    for pat in body.params.iter().filter(|_| is_given) {
        body.each_binder(*pat, &mut |local| locals.push(local));
    }
    locals
}

/// A walk with what is in scope.
struct Walk<'w, 'a> {
    ctx: &'w mut Binding<'a>,
    def: DefId,
    body: &'w Body,
    scope: Vec<(Name, LocalId)>,
}

impl Walk<'_, '_> {
    fn function(&mut self) {
        let body = self.body;
        self.bind(&body.params, &[]);
        self.expr(body.root);
    }

    /// Binds patterns to values; what a value is made of may be hidden by its name.
    fn bind(&mut self, pats: &[PatId], values: &[ExprId]) {
        let mut locals = Vec::new();
        for pat in pats {
            self.body.each_binder(*pat, &mut |local| locals.push(local));
        }
        self.bind_locals(&locals, values);
    }

    fn bind_locals(&mut self, locals: &[LocalId], values: &[ExprId]) {
        for local in locals {
            if let Some(span) = self.ctx.written(self.def, self.body, *local) {
                self.look(*local, span, values);
            }
        }
        let body = self.body;
        self.scope.extend(locals.iter().map(|local| (body.locals[*local], *local)));
    }

    fn look(&mut self, local: LocalId, span: Span, values: &[ExprId]) {
        let name = self.body.locals[local];
        if name.as_str().starts_with('_') {
            return;
        }
        let hidden = self.scope.iter().rev().find(|(known, _)| *known == name);
        if let Some((_, hidden)) = hidden {
            let first = self.ctx.written(self.def, self.body, *hidden);
            if let Some(first) = first.filter(|first| *first != span)
                && !values.iter().any(|value| self.mentions(*value, *hidden))
            {
                self.tell(span, name, first);
            }
            return;
        }
        let program = self.ctx.program;
        if let Some(Entity::Def(def)) = program.modules[self.ctx.module].own.get(&name)
            && program.defs[*def].module == self.ctx.module
        {
            self.tell(span, name, program.defs[*def].span);
        }
    }

    fn tell(&mut self, span: Span, name: Name, hidden: Span) {
        let renamed = self.ctx.renamed(self.def, self.body, span, name);
        self.ctx.found.push(report::shadowed_name(span, name, hidden, renamed));
    }

    /// Whether a value is made of a local.
    fn mentions(&self, value: ExprId, local: LocalId) -> bool {
        let mut work = vec![value];
        while let Some(e) = work.pop() {
            if self.body.exprs[e] == Expr::Local(local) {
                return true;
            }
            work.extend(children(&self.body.exprs[e]));
        }
        false
    }

    fn expr(&mut self, e: ExprId) {
        let body = self.body;
        let before = self.scope.len();
        match &body.exprs[e] {
            Expr::Fn { params, body } => {
                self.bind(params, &[]);
                self.expr(*body);
            }
            Expr::Let { pat, value, body } | Expr::For { pat, iter: value, body } => {
                self.expr(*value);
                self.bind(&[*pat], &[*value]);
                self.expr(*body);
            }
            Expr::Match { value, arms } => {
                self.expr(*value);
                for arm in arms {
                    self.bind(&[arm.pat], &[*value]);
                    arm.guard.iter().for_each(|guard| self.expr(*guard));
                    self.expr(arm.body);
                    self.scope.truncate(before);
                }
            }
            Expr::Loop { params, inits, body } => {
                inits.iter().for_each(|init| self.expr(*init));
                self.bind(params, inits);
                self.expr(*body);
            }
            Expr::BorrowIn { local, value, body } => {
                self.expr(*value);
                self.bind_locals(&[*local], &[*value]);
                self.expr(*body);
            }
            Expr::With { local, acquire, release, body } => {
                self.expr(*acquire);
                self.expr(*release);
                self.bind_locals(&[*local], &[*acquire]);
                self.expr(*body);
            }
            other => children(other).into_iter().for_each(|part| self.expr(part)),
        }
        self.scope.truncate(before);
    }
}
