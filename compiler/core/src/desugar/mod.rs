//! Bodies to core: names to ids, special forms and sugar to the few expressions of core, macro
//! calls expanded where they stand. One pass over the forms, no intermediate tree.
//!
//! Every expression knows whether it is in tail position, so `recur` is checked on the way. Depth
//! is counted and bounded, because later stages recurse over what is built here.

mod adaptive;
mod binding;
mod call;
mod expr;
mod pattern;
mod scope;
mod special;
mod thread;

pub(crate) use adaptive::ADAPTIVE;
pub(crate) use call::{Fold, folds};

use crate::core::{
    Body, BodyMap, DefId, Entity, Expr, ExprId, Literal, LocalId, Pat, PatId, Place,
};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use crate::resolve::{Job, JobKind, ModuleCtx};
use eclexia_base::{FxHashSet, Name, Span};
use scope::Scope;

/// How deep expressions of core may nest.
pub const MAX_DEPTH: u32 = 1000;

/// Whether the value of an expression is the value of the function or loop around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tail {
    Yes,
    No,
}

/// What a `recur` goes back to: how many values it takes, and its place.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub arity: usize,
    pub span: Span,
}

/// The state of desugaring one body.
pub(crate) struct BodyCtx<'m, 'c, 't> {
    pub cx: &'m mut ModuleCtx<'c, 't>,
    pub body: Body,
    pub map: BodyMap,
    pub scope: Scope,
    uses: Vec<(DefId, Span)>,
    used: FxHashSet<DefId>,
    pub targets: Vec<Target>,
    pub depth: u32,
    is_too_deep: bool,
}

/// Desugars one body and stores it with its definition.
pub(crate) fn body(cx: &mut ModuleCtx, job: &Job) {
    let mut ctx = BodyCtx {
        cx,
        body: Body::default(),
        map: BodyMap::default(),
        scope: Scope::default(),
        uses: Vec::new(),
        used: FxHashSet::default(),
        targets: Vec::new(),
        depth: 0,
        is_too_deep: false,
    };
    let root = match &job.kind {
        JobKind::Function { params, body, form } => ctx.function_body(*params, *body, *form),
        JobKind::Constant(value) => ctx.expr(*value, Tail::No),
        JobKind::Test { body, form } => {
            ctx.body.is_function = true;
            let span = ctx.cx.forms.span(*form);
            ctx.targets.push(Target { arity: 0, span });
            ctx.sequence(*body, *form, Tail::Yes)
        }
        JobKind::Adaptive(form) => ctx.adaptive(*form),
    };
    ctx.body.root = root;
    let BodyCtx { cx, body, map, uses, .. } = ctx;
    cx.program.defs[job.def].body = Some(body);
    cx.program.maps[job.def] = map;
    cx.uses.insert(job.def, uses);
}

impl BodyCtx<'_, '_, '_> {
    fn function_body(&mut self, params: Form, body: Kids, form: Form) -> ExprId {
        self.body.is_function = true;
        let params = self.params(params);
        let span = self.cx.forms.span(form);
        self.targets.push(Target { arity: params.len(), span });
        self.body.params = params;
        self.sequence(body, form, Tail::Yes)
    }

    /// The patterns of `[p …]`, bound together.
    pub(crate) fn params(&mut self, params: Form) -> Vec<PatId> {
        let kids = self.cx.forms.kids(params);
        self.binders(&self.cx.forms.to_vec(kids))
    }

    pub(crate) fn add(&mut self, expr: Expr, place: Place) -> ExprId {
        self.map.exprs.push(place);
        self.body.exprs.push(expr)
    }

    pub(crate) fn error(&mut self, place: Place) -> ExprId {
        self.add(Expr::Error, place)
    }

    pub(crate) fn literal(&mut self, literal: Literal, place: Place) -> ExprId {
        self.add(Expr::Literal(literal), place)
    }

    pub(crate) fn bool(&mut self, value: bool, place: Place) -> ExprId {
        self.literal(Literal::Bool(value), place)
    }

    pub(crate) fn unit(&mut self, place: Place) -> ExprId {
        self.literal(Literal::Unit, place)
    }

    pub(crate) fn add_pat(&mut self, pat: Pat, place: Place) -> PatId {
        self.map.pats.push(place);
        self.body.pats.push(pat)
    }

    pub(crate) fn add_local(&mut self, name: Name, place: Place) -> LocalId {
        self.map.locals.push(place);
        self.body.locals.push(name)
    }

    /// A local that no name refers to, bound to a value around what `make` builds.
    pub(crate) fn fresh(&mut self, name: &str, place: Place) -> (LocalId, PatId) {
        let local = self.add_local(Name::new(name), place);
        (local, self.add_pat(Pat::Bind(local), place))
    }

    pub(crate) fn place(&self, form: Form) -> Place {
        self.cx.forms.place(form)
    }

    /// The expression for an entity; macros and types are no values.
    pub(crate) fn entity(&mut self, entity: Entity, place: Place, name: Name) -> ExprId {
        let expr = match entity {
            Entity::Def(def) => {
                if self.used.insert(def) {
                    self.uses.push((def, place.span));
                }
                Expr::Global(def)
            }
            Entity::Ctor(ctor) => Expr::Ctor(ctor),
            Entity::Method(interface, index) => Expr::Method(interface, index),
            Entity::Macro(index) => {
                let called = &self.cx.program.kept.macros[index as usize];
                let shape = called.clauses.last().map_or("", |c| c.shown.as_str()).to_owned();
                let name = format!("{name}");
                let problem = report::macro_as_value(place, &name, &shape);
                self.cx.diagnostics.push(problem);
                Expr::Error
            }
            Entity::Type(_) | Entity::Interface(_) | Entity::Alias(_) => Expr::Error,
        };
        self.add(expr, place)
    }

    /// A name of the prelude, whatever is in scope.
    pub(crate) fn prelude(&mut self, name: &str, place: Place) -> ExprId {
        let name = Name::new(name);
        let core = self.cx.program.by_name.get(&Name::new("std.core")).copied();
        let found = core.and_then(|m| self.cx.program.modules[m].own.get(&name).copied());
        match found {
            Some(entity) => self.entity(entity, place, name),
            None => self.error(place),
        }
    }

    /// Counts one level of nesting; `false` past the limit, reported once per body.
    pub(crate) fn enter(&mut self, place: Place) -> bool {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return true;
        }
        if !self.is_too_deep {
            self.is_too_deep = true;
            let problem = match place.inside {
                Some(_) => report::macro_too_deep(place),
                None => report::expression_too_deep(place),
            };
            self.cx.diagnostics.push(problem);
        }
        false
    }

    pub(crate) fn malformed(&mut self, form: Form, what: &str, shape: &str, why: &str) -> ExprId {
        self.cx.malformed(form, what, shape, why);
        let place = self.place(form);
        self.error(place)
    }
}
