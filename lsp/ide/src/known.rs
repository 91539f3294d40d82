//! What core and its facts know of the names of a module, under the places of the names.

use crate::names::Meaning;
use eclexia_base::{FxHashMap, Name, Span};
use eclexia_check::ty::{Ty, TyKind};
use eclexia_check::typed::Facts;
use eclexia_core::core::{
    Body, BodyMap, CtorId, DefId, DefKind, Entity, Expr, ExprId, Literal, ModuleId, Pat, PatId,
    Place, Program, TypeDefKind,
};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// Start and end of a node.
type At = (u32, u32);

#[derive(Default)]
pub(crate) struct Known {
    /// Where a name gets its meaning.
    pub defined: FxHashMap<At, Meaning>,
    /// Names of expressions.
    pub values: FxHashMap<At, Meaning>,
    /// Constructors of patterns, under the pattern: a name, or a list that begins with it.
    pub patterns: FxHashMap<At, Meaning>,
    /// `.x` and `:x`
    pub fields: FxHashMap<At, (CtorId, u32)>,
}

/// Whether `name` is how the meaning is called: what sugar made at the place of another name is
/// not.
pub(crate) fn is_called(program: &Program, meaning: Meaning, name: Name) -> bool {
    match meaning {
        Meaning::Local(def, local) => {
            let body = program.defs[def].body.as_ref();
            body.is_some_and(|body| body.locals.get(local) == Some(&name))
        }
        Meaning::Entity(Entity::Def(def)) => program.defs[def].name == name,
        Meaning::Entity(Entity::Ctor(ctor)) => program.ctors[ctor].name == name,
        Meaning::Entity(Entity::Method(interface, index)) => {
            let method = program.interfaces[interface].methods.get(index as usize);
            method.is_some_and(|method| method.name == name)
        }
        _ => true,
    }
}

/// Neighbouring forms of a file.
pub(crate) struct Forms<'t> {
    pub tree: &'t Tree,
    pub roots: &'t [NodeId],
    /// From the first to the last.
    pub span: Span,
}

impl Forms<'_> {
    fn overlap(&self, span: Span) -> bool {
        span.file == self.span.file && span.start < self.span.end && self.span.start < span.end
    }
}

pub(crate) fn known(analysis: &Analysis, module: ModuleId, forms: &Forms) -> Known {
    let mut known = Known::default();
    declarations(&analysis.program, module, forms, &mut known);
    let maps = map_nodes(forms);
    let defs = &analysis.program.modules[module].defs;
    for def in defs.iter().filter(|def| forms.overlap(analysis.program.defs[**def].form)) {
        let (Some(body), Some(map)) =
            (&analysis.program.defs[*def].body, analysis.program.maps.get(*def))
        else {
            continue;
        };
        let nothing = Facts::default();
        let facts = analysis.typed.facts.get(*def).unwrap_or(&nothing);
        let reader =
            Reader { analysis, def: *def, body, map, facts, maps: &maps, tree: forms.tree };
        reader.read(&mut known);
    }
    known
}

fn declarations(program: &Program, module: ModuleId, forms: &Forms, known: &mut Known) {
    let this = &program.modules[module];
    let mut define = |span: Span, meaning: Meaning| {
        if forms.overlap(span) {
            known.defined.insert((span.start, span.end), meaning);
        }
    };
    for def in &this.defs {
        let found = &program.defs[*def];
        if !matches!(found.kind, DefKind::Repl | DefKind::FieldDefault { .. }) {
            define(found.span, Meaning::Entity(Entity::Def(*def)));
        }
    }
    for interface in &this.interfaces {
        let found = &program.interfaces[*interface];
        for (method, index) in found.methods.iter().zip(0..) {
            define(method.span, Meaning::Entity(Entity::Method(*interface, index)));
        }
        define(found.span, Meaning::Entity(Entity::Interface(*interface)));
    }
    for ty in &this.types {
        let ctors = match &program.types[*ty].kind {
            TypeDefKind::Builtin => &[][..],
            TypeDefKind::Data(ctors) => ctors,
            TypeDefKind::Record(ctor) => std::slice::from_ref(ctor),
        };
        for ctor in ctors {
            define(program.ctors[*ctor].span, Meaning::Entity(Entity::Ctor(*ctor)));
        }
        define(program.types[*ty].span, Meaning::Entity(Entity::Type(*ty)));
    }
    for entity in this.own.values().chain(this.own_types.values()) {
        if matches!(entity, Entity::Macro(_) | Entity::Alias(_)) {
            define(program.entity_span(*entity), Meaning::Entity(*entity));
        }
    }
    for ty in &this.types {
        let TypeDefKind::Record(ctor) = program.types[*ty].kind else { continue };
        for (field, index) in program.ctors[ctor].fields.iter().zip(0..) {
            if forms.overlap(field.span) {
                known.fields.insert((field.span.start, field.span.end), (ctor, index));
            }
        }
    }
}

/// The keywords of each `{ }`, by its place.
fn map_nodes(forms: &Forms) -> FxHashMap<At, Vec<(Name, At)>> {
    let mut maps = FxHashMap::default();
    let tree = forms.tree;
    crate::roles::walk(tree, forms.roots, &mut |node, _, _| {
        if tree.kind(node) != NodeKind::Map {
            return;
        }
        let keys = tree.children(node).iter().step_by(2);
        let keys = keys.filter_map(|key| match tree.kind(*key) {
            NodeKind::Keyword(name) => Some((name, place(tree.span(*key)))),
            _ => None,
        });
        maps.insert(place(tree.span(node)), keys.collect());
    });
    maps
}

fn place(span: Span) -> At {
    (span.start, span.end)
}

/// One body.
struct Reader<'a> {
    analysis: &'a Analysis,
    def: DefId,
    body: &'a Body,
    map: &'a BodyMap,
    facts: &'a Facts,
    maps: &'a FxHashMap<At, Vec<(Name, At)>>,
    tree: &'a Tree,
}

impl Reader<'_> {
    fn read(&self, known: &mut Known) {
        for (local, at) in self.map.locals.iter() {
            if let Some(span) = self.written(*at) {
                known.values.insert(span, Meaning::Local(self.def, local));
                // A local that no sugar made is named where it is bound.
                known.defined.extend(self.binder(*at, local).map(|meaning| (span, meaning)));
            }
        }
        for (e, expr) in self.body.exprs.iter() {
            let at = self.map.exprs.get(e).and_then(|at| self.written(*at));
            let meaning = match expr {
                Expr::Local(local) => Meaning::Local(self.def, *local),
                Expr::Global(def) => Meaning::Entity(Entity::Def(*def)),
                Expr::Ctor(ctor) => Meaning::Entity(Entity::Ctor(*ctor)),
                Expr::Method(interface, index) => {
                    Meaning::Entity(Entity::Method(*interface, *index))
                }
                _ => {
                    self.fields(e, expr, known);
                    self.patterns_of(expr, known);
                    continue;
                }
            };
            known.values.extend(at.map(|at| (at, meaning)));
        }
        let scheme = self.analysis.typed.scheme(self.def);
        let params = match scheme.ty.kind() {
            TyKind::Fn(params, _) | TyKind::Fn1(params, _) => params.as_ref(),
            _ => &[],
        };
        for (i, pat) in self.body.params.iter().enumerate() {
            self.pattern(*pat, params.get(i).copied().unwrap_or(Ty::ERROR), known);
        }
    }

    /// The place of what stands in the file itself.
    fn written(&self, at: Place) -> Option<At> {
        (at.inside.is_none() && at.span.file == self.tree.file).then(|| place(at.span))
    }

    fn binder(&self, at: Place, local: eclexia_core::core::LocalId) -> Option<Meaning> {
        let name = self.body.locals.get(local)?.as_str();
        let text = self.analysis.sources.text(at.span.file).get(at.span.range());
        (text == Some(name)).then_some(Meaning::Local(self.def, local))
    }

    fn fields(&self, e: ExprId, expr: &Expr, known: &mut Known) {
        let spans = self.map.fields.get(&e).map_or(&[][..], Vec::as_slice);
        let mut add = |span: Span, ctor: CtorId, name: Name| {
            let fields = &self.analysis.program.ctors[ctor].fields;
            let index = fields.iter().position(|field| field.name == Some(name));
            if let Some(index) = index.filter(|_| span.file == self.tree.file) {
                known.fields.insert(place(span), (ctor, index as u32));
            }
        };
        match expr {
            Expr::Field { value, name } => {
                if let (Some(ctor), Some(span)) = (self.record_of(*value), spans.first()) {
                    add(*span, ctor, *name);
                }
            }
            Expr::WithFields { value, fields } => {
                let Some(ctor) = self.record_of(*value) else { return };
                fields.iter().zip(spans).for_each(|((name, _), span)| add(*span, ctor, *name));
            }
            Expr::Record { fields } => {
                let Some(fact) = self.facts.records.get(&e) else { return };
                let pairs = fields.iter().zip(spans);
                pairs.for_each(|((name, _), span)| add(*span, fact.ctor, *name));
            }
            Expr::Call { args, .. } => {
                let Some(fact) = self.facts.calls.get(&e) else { return };
                for arg in args.iter().skip(fact.from_arg as usize).step_by(2) {
                    let Expr::Literal(Literal::Keyword(name)) = self.body.exprs[*arg] else {
                        continue;
                    };
                    if let Some(at) = self.map.exprs.get(*arg).filter(|at| at.inside.is_none()) {
                        add(at.span, fact.record.ctor, name);
                    }
                }
            }
            _ => {}
        }
    }

    fn record_of(&self, value: ExprId) -> Option<CtorId> {
        record_ctor(&self.analysis.program, self.type_of(value))
    }

    fn type_of(&self, e: ExprId) -> Ty {
        self.facts.types.get(e).copied().unwrap_or(Ty::ERROR)
    }

    fn patterns_of(&self, expr: &Expr, known: &mut Known) {
        match expr {
            Expr::Let { pat, value, .. } => self.pattern(*pat, self.type_of(*value), known),
            Expr::Match { value, arms } => {
                let ty = self.type_of(*value);
                arms.iter().for_each(|arm| self.pattern(arm.pat, ty, known));
            }
            Expr::Fn { params, .. } => {
                params.iter().for_each(|pat| self.pattern(*pat, Ty::ERROR, known));
            }
            Expr::Loop { params, inits, .. } => {
                let pairs = params.iter().zip(inits);
                pairs.for_each(|(pat, init)| self.pattern(*pat, self.type_of(*init), known));
            }
            Expr::For { pat, iter, .. } => {
                let item = match self.type_of(*iter).kind() {
                    TyKind::Con(_, args) => args.first().copied().unwrap_or(Ty::ERROR),
                    _ => Ty::ERROR,
                };
                self.pattern(*pat, item, known);
            }
            _ => {}
        }
    }

    /// The constructors and fields of a pattern that values of `ty` are matched with.
    fn pattern(&self, pat: PatId, ty: Ty, known: &mut Known) {
        let ty = match ty.kind() {
            TyKind::Ref(inner) => *inner,
            _ => ty,
        };
        let at = self.map.pats.get(pat).and_then(|at| self.written(*at));
        match &self.body.pats[pat] {
            Pat::Ctor { ctor, args } => {
                known.patterns.extend(at.map(|at| (at, Meaning::Entity(Entity::Ctor(*ctor)))));
                let is_record = self.analysis.program.ctors[*ctor].is_record;
                let fields = self.analysis.typed.field_types(*ctor);
                for (i, arg) in args.iter().enumerate() {
                    let own = fields.get(i).copied().unwrap_or(Ty::ERROR);
                    self.pattern(*arg, if is_record { ty } else { filled(own, ty) }, known);
                }
                // A record's pattern may stand under its constructor where the type is not known.
                if let ([only], true) = (args.as_slice(), is_record) {
                    self.record_pattern(*only, *ctor, known);
                }
            }
            Pat::As { pat, .. } => self.pattern(*pat, ty, known),
            Pat::Vector { items, rest } => {
                let item = match ty.kind() {
                    TyKind::Con(_, args) => args.first().copied().unwrap_or(Ty::ERROR),
                    _ => Ty::ERROR,
                };
                items.iter().for_each(|part| self.pattern(*part, item, known));
                rest.iter().for_each(|part| self.pattern(*part, ty, known));
            }
            Pat::Record { fields } => {
                let ctor = record_ctor(&self.analysis.program, ty);
                if let Some(ctor) = ctor {
                    self.record_pattern(pat, ctor, known);
                }
                for (name, part) in fields {
                    let declared = ctor.and_then(|ctor| {
                        let all = &self.analysis.program.ctors[ctor].fields;
                        let index = all.iter().position(|field| field.name == Some(*name))?;
                        self.analysis.typed.field_types(ctor).get(index).copied()
                    });
                    self.pattern(*part, filled(declared.unwrap_or(Ty::ERROR), ty), known);
                }
            }
            Pat::Wildcard | Pat::Bind(_) | Pat::Literal(_) | Pat::Error => {}
        }
    }

    fn record_pattern(&self, pat: PatId, ctor: CtorId, known: &mut Known) {
        let at = self.map.pats.get(pat).and_then(|at| self.written(*at));
        let Some(keys) = at.and_then(|at| self.maps.get(&at)) else { return };
        let fields = &self.analysis.program.ctors[ctor].fields;
        for (name, at) in keys {
            if let Some(index) = fields.iter().position(|field| field.name == Some(*name)) {
                known.fields.insert(*at, (ctor, index as u32));
            }
        }
    }
}

/// The constructor of a record's type.
pub(crate) fn record_ctor(program: &Program, ty: Ty) -> Option<CtorId> {
    let ty = match ty.kind() {
        TyKind::Ref(inner) => *inner,
        _ => ty,
    };
    match program.types.get(eclexia_check::head_type(ty)?)?.kind {
        TypeDefKind::Record(ctor) => Some(ctor),
        _ => None,
    }
}

/// A field's type with the argument that its variable stands for in `of`.
pub(crate) fn filled(field: Ty, of: Ty) -> Ty {
    match (field.kind(), of.kind()) {
        (TyKind::Var(var), TyKind::Con(_, args)) => {
            args.get(var.index as usize).copied().unwrap_or(Ty::ERROR)
        }
        _ => field,
    }
}
