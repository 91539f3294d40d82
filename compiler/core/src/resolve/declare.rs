//! Every definition gets its ids and its name its meaning, so that the rest may refer to it from
//! anywhere in the file. Duplicates and reserved names are reported here.

use super::collect::Item;
use super::cost::CostForm;
use super::names::Space;
use super::{AliasDef, AliasState, Job, JobKind, ModuleCtx};
use crate::core::{DefId, DefKind, Entity, Interface, InterfaceId, TypeDef, TypeDefKind, TypeId};
use crate::diagnostics as report;
use crate::forms::{Form, USER};
use crate::words::Top;
use eclexia_base::{Name, Span};
use eclexia_syntax::NodeKind;

/// What the later steps go through, in source order.
#[derive(Default)]
pub(crate) struct Declared {
    pub units: Vec<Form>,
    pub types: Vec<TypeDecl>,
    pub interfaces: Vec<(InterfaceId, Form)>,
    pub instances: Vec<Form>,
    pub sigs: Vec<Form>,
    pub builtins: Vec<(DefId, Form)>,
    pub externs: Vec<(DefId, Form)>,
}

/// A `deftype` or `defrecord` taken apart.
pub(crate) struct TypeDecl {
    pub id: TypeId,
    pub is_record: bool,
    pub form: Form,
    /// Constructors, or the one map of fields.
    pub parts: Vec<Form>,
    pub deriving: Vec<(Name, Span)>,
}

impl ModuleCtx<'_, '_> {
    pub(super) fn declare(&mut self, items: &[Item]) -> Declared {
        let mut declared = Declared::default();
        for item in items {
            self.declare_one(item, &mut declared);
        }
        declared
    }

    fn declare_one(&mut self, item: &Item, declared: &mut Declared) {
        let form = item.form;
        let Some(top) = item.top else { return self.declare_expression(form) };
        match top {
            Top::Def => self.declare_constant(form),
            Top::Defn => self.declare_function(form),
            Top::Deftest => self.declare_test(form),
            Top::Defadaptive => self.declare_adaptive(form),
            Top::Sig => declared.sigs.push(form),
            Top::Deftype => self.declare_type(form, false, declared),
            Top::Defrecord => self.declare_type(form, true, declared),
            Top::BuiltinType => self.declare_builtin_type(form),
            Top::Defalias => self.declare_alias(form),
            Top::Definterface => self.declare_interface(form, declared),
            Top::Implement => declared.instances.push(form),
            Top::Defdimension | Top::Defunit => declared.units.push(form),
            Top::Builtin => self.declare_builtin(form, declared),
            Top::Extern => self.declare_extern(form, declared),
            Top::Module | Top::Import | Top::Defmacro => {}
        }
    }

    /// The entity this module itself gave a name.
    pub(super) fn own_entity(&self, name: Name, mark: u32, space: Space) -> Option<Entity> {
        let this = &self.program.modules[self.module];
        let kept = &self.program.kept;
        match (space, mark) {
            (Space::Value, USER) => this.own.get(&name).copied(),
            (Space::Type, USER) => this.own_types.get(&name).copied(),
            (Space::Value, _) => kept.marked.get(&(name, mark)).copied(),
            (Space::Type, _) => kept.marked_types.get(&(name, mark)).copied(),
        }
    }

    /// Gives `name` (written at `at`) its meaning; reports a duplicate or a reserved name.
    pub(super) fn enter(&mut self, at: Form, name: Name, entity: Entity, space: Space) -> bool {
        let place = self.forms.place(at);
        if self.words.is_reserved(name) {
            self.diagnostics.push(report::reserved_name(place, name));
            return false;
        }
        let mark = self.forms.mark(at);
        if let Some(first) = self.own_entity(name, mark, space) {
            let span = self.program.entity_span(first);
            self.diagnostics.push(report::duplicate_definition(place, name, span));
            return false;
        }
        if mark != USER {
            let kept = &mut self.program.kept;
            let table =
                if space == Space::Value { &mut kept.marked } else { &mut kept.marked_types };
            table.insert((name, mark), entity);
            return true;
        }
        let this = self.this();
        let (own, scope) = match space {
            Space::Value => (&mut this.own, &mut this.scope),
            Space::Type => (&mut this.own_types, &mut this.type_scope),
        };
        own.insert(name, entity);
        scope.insert(name, entity);
        let is_exported = self.program.is_exported(self.module, name, entity);
        if let Entity::Def(def) = entity {
            self.program.defs[def].exported = is_exported;
        }
        true
    }

    #[inline(never)]
    pub(crate) fn malformed(&mut self, form: Form, what: &str, shape: &str, why: &str) {
        if self.has_unread(form) {
            return;
        }
        let place = self.forms.place(form);
        self.diagnostics.push(report::malformed(place, what, shape, why));
    }

    /// Whether the reader could not read the form or a part of it, and has said so.
    pub(super) fn has_unread(&self, form: Form) -> bool {
        if self.forms.has_mistake(self.forms.span(form)) {
            return true;
        }
        let mut work = vec![form];
        while let Some(form) = work.pop() {
            if matches!(self.forms.kind(form), NodeKind::Error | NodeKind::Quote) {
                return true;
            }
            work.extend(self.forms.to_vec(self.forms.kids(form)));
        }
        false
    }

    fn declare_expression(&mut self, form: Form) {
        let def = self.new_def(Name::new("it"), DefKind::Repl, form, form);
        self.jobs.push(Job { def, kind: JobKind::Constant(form) });
    }

    fn declare_constant(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let (doc, at) = if kids.len() == 4 { self.doc_at(kids, 2) } else { (None, 2) };
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let value = self.forms.get(kids, at).filter(|_| kids.len() == at + 1);
        let (Some((at_name, name)), Some(value)) = (name, value) else {
            return self.malformed(form, "def", "(def name value)", "");
        };
        let def = self.new_def(name, DefKind::Constant, at_name, form);
        self.program.defs[def].doc = doc;
        self.enter(at_name, name, Entity::Def(def), Space::Value);
        self.jobs.push(Job { def, kind: JobKind::Constant(value) });
    }

    fn declare_function(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at_name, name)) = name else {
            return self.malformed(form, "defn", DEFN, "");
        };
        let Some((def, job)) = self.function(form, at_name, name, DefKind::Function) else {
            return;
        };
        self.enter(at_name, name, Entity::Def(def), Space::Value);
        self.jobs.push(job);
    }

    /// A definition from `(defn name "doc" [params] attributes body…)`.
    pub(super) fn function(
        &mut self,
        form: Form,
        at_name: Form,
        name: Name,
        kind: DefKind,
    ) -> Option<(DefId, Job)> {
        let kids = self.forms.kids(form);
        let (doc, at) = self.doc_at(kids, 2);
        let params = self.forms.get(kids, at).filter(|f| self.forms.is_vector(*f));
        let Some(params) = params else {
            self.malformed(form, "defn", DEFN, "the parameters stand in `[ ]` after the name");
            return None;
        };
        let mut cost = CostForm { def: DefId(0), params: Some(params), limits: None, mode: None };
        let body = self.attributes(kids.skip(at + 1), &mut cost);
        if body.is_empty() {
            self.malformed(form, "defn", DEFN, "a function needs a body");
            return None;
        }
        let def = self.new_def(name, kind, at_name, form);
        if cost.limits.is_some() || cost.mode.is_some() {
            self.costs.push(CostForm { def, ..cost });
        }
        self.program.defs[def].doc = doc;
        let kind = JobKind::Function { params, body, form };
        Some((def, Job { def, kind }))
    }

    fn declare_test(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.string(f)?)));
        let Some((at_name, name)) = name.filter(|_| kids.len() > 2) else {
            return self.malformed(form, "deftest", "(deftest \"what holds\" (check e))", "");
        };
        let def = self.new_def(name, DefKind::Test, at_name, form);
        self.jobs.push(Job { def, kind: JobKind::Test { body: kids.skip(2), form } });
    }

    fn declare_adaptive(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at_name, name)) = name else {
            return self.malformed(form, "defadaptive", crate::desugar::ADAPTIVE, "");
        };
        let def = self.new_def(name, DefKind::Function, at_name, form);
        self.program.defs[def].doc = self.doc_at(kids, 2).0;
        self.enter(at_name, name, Entity::Def(def), Space::Value);
        self.jobs.push(Job { def, kind: JobKind::Adaptive(form) });
    }

    fn declare_builtin(&mut self, form: Form, declared: &mut Declared) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at_name, name)) = name.filter(|_| kids.len() >= 3 && self.is_std()) else {
            let place = self.forms.place(form);
            return self.diagnostics.push(report::library_only(place, "builtin"));
        };
        let def = self.new_def(name, DefKind::Builtin, at_name, form);
        self.program.defs[def].doc = self.doc_at(kids, 3).0;
        self.enter(at_name, name, Entity::Def(def), Space::Value);
        declared.builtins.push((def, form));
    }

    /// `Name` or `(Name a b)`: the name's form, the name, its parameters.
    pub(super) fn type_head(&mut self, head: Form) -> Option<(Form, Name, Vec<Name>)> {
        if let Some(name) = self.forms.symbol(head) {
            return Some((head, name, Vec::new()));
        }
        let name = self.forms.head(head)?;
        let kids = self.forms.to_vec(self.forms.kids(head));
        let mut params = Vec::with_capacity(kids.len());
        for kid in &kids[1..] {
            let param = self.forms.symbol(*kid).filter(|n| super::types::is_variable(*n))?;
            if params.contains(&param) {
                let place = self.forms.place(*kid);
                self.diagnostics.push(report::duplicate_binder(place, param, None));
                continue;
            }
            params.push(param);
        }
        Some((kids[0], name, params))
    }

    fn declare_type(&mut self, form: Form, is_record: bool, declared: &mut Declared) {
        let (what, shape) = if is_record { ("defrecord", DEFRECORD) } else { ("deftype", DEFTYPE) };
        let kids = self.forms.kids(form);
        let head = self.forms.get(kids, 1);
        let Some((at_name, name, params)) = head.and_then(|h| self.type_head(h)) else {
            return self.malformed(form, what, shape, "");
        };
        let (doc, mut at) = self.doc_at(kids, 2);
        let (mut is_linear, mut is_private) = (false, false);
        let (mut parts, mut deriving) = (Vec::new(), Vec::new());
        while let Some(part) = self.forms.get(kids, at) {
            at += 1;
            match self.forms.keyword(part).map(|k| k.as_str()) {
                None => parts.push(part),
                Some("linear") => is_linear = true,
                Some("private") => is_private = true,
                Some("deriving") => {
                    let names = self.forms.get(kids, at).filter(|f| self.forms.is_vector(*f));
                    let Some(names) = names else {
                        return self.malformed(form, what, shape, "`:deriving` takes `[Eq Show]`");
                    };
                    at += 1;
                    for f in self.forms.to_vec(self.forms.kids(names)) {
                        deriving.extend(self.forms.symbol(f).map(|n| (n, self.forms.span(f))));
                    }
                }
                Some(_) => return self.malformed(part, what, shape, ""),
            }
        }
        if is_record && parts.len() != 1 {
            return self.malformed(form, what, shape, "a record has one `{ }` of fields");
        }
        let kind = TypeDefKind::Data(Vec::new());
        let id = self.new_type(at_name, name, params, kind);
        let ty = &mut self.program.types[id];
        (ty.is_linear, ty.is_private, ty.doc) = (is_linear, is_private, doc);
        declared.types.push(TypeDecl { id, is_record, form, parts, deriving });
    }

    fn new_type(
        &mut self,
        at_name: Form,
        name: Name,
        params: Vec<Name>,
        kind: TypeDefKind,
    ) -> TypeId {
        let ty = TypeDef {
            name,
            module: self.module,
            params,
            kind,
            is_linear: false,
            is_private: false,
            doc: None,
            exported: false,
            span: self.forms.span(at_name),
        };
        let id = self.program.types.push(ty);
        self.this().types.push(id);
        if !super::types::is_variable(name)
            && self.enter(at_name, name, Entity::Type(id), Space::Type)
        {
            let exported = self.program.is_exported(self.module, name, Entity::Type(id));
            self.program.types[id].exported = exported;
        } else if super::types::is_variable(name) {
            let place = self.forms.place(at_name);
            self.diagnostics.push(report::lower_case_type(place, name));
        }
        id
    }

    fn declare_builtin_type(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| Some((f, self.forms.symbol(f)?)));
        let Some((at_name, name)) = name.filter(|_| self.is_std()) else {
            let place = self.forms.place(form);
            return self.diagnostics.push(report::library_only(place, "builtin-type"));
        };
        let params = self.forms.get(kids, 2).filter(|f| self.forms.is_vector(*f));
        let params = params.map_or(Vec::new(), |f| self.forms.to_vec(self.forms.kids(f)));
        let params = params.into_iter().filter_map(|f| self.forms.symbol(f)).collect();
        let id = self.new_type(at_name, name, params, TypeDefKind::Builtin);
        let last = self.forms.get(kids, kids.len() - 1).and_then(|f| self.forms.string(f));
        self.program.types[id].doc = last.map(|text| text.as_str().to_owned());
    }

    fn declare_alias(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let head = self.forms.get(kids, 1).and_then(|h| self.type_head(h));
        let (doc, at) = self.doc_at(kids, 2);
        let ty = self.forms.get(kids, at).filter(|_| kids.len() == at + 1);
        let (Some((at_name, name, params)), Some(ty)) = (head, ty) else {
            return self.malformed(form, "defalias", "(defalias Name type)", "");
        };
        let index = self.program.kept.aliases.len() as u32;
        let pending = AliasState::Pending(self.alias_forms.len() as u32);
        self.alias_forms.push(ty);
        let span = self.forms.span(at_name);
        let alias = AliasDef { name, module: self.module, params, ty: pending, doc, span };
        self.program.kept.aliases.push(alias);
        self.enter(at_name, name, Entity::Alias(index), Space::Type);
    }

    fn declare_interface(&mut self, form: Form, declared: &mut Declared) {
        let kids = self.forms.kids(form);
        let head = self.forms.get(kids, 1).and_then(|h| self.type_head(h));
        let Some((at_name, name, params)) = head.filter(|(_, _, params)| params.len() == 1) else {
            return self.malformed(form, "definterface", DEFINTERFACE, "it has one parameter");
        };
        let interface = Interface {
            name,
            module: self.module,
            param: params[0],
            supers: Vec::new(),
            is_unrestricted: false,
            methods: Vec::new(),
            doc: self.doc_at(kids, 2).0,
            exported: false,
            span: self.forms.span(at_name),
        };
        let id = self.program.interfaces.push(interface);
        self.this().interfaces.push(id);
        if self.enter(at_name, name, Entity::Interface(id), Space::Type) {
            let exported = self.program.is_exported(self.module, name, Entity::Interface(id));
            self.program.interfaces[id].exported = exported;
        }
        declared.interfaces.push((id, form));
    }
}

const DEFN: &str = "(defn name [a b] body ...)";
const DEFTYPE: &str = "(deftype (Name a) Ctor (Ctor type ...) ... :deriving [Eq])";
const DEFRECORD: &str = "(defrecord Name {:field type := default ...} :deriving [Eq])";
pub(crate) const DEFINTERFACE: &str = "(definterface (Name a) (method (Fn [a] type)) ...)";
