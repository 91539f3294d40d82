//! What can be said of a meaning: its name, kind, type, documentation, and where it is defined.

use crate::known::record_ctor;
use crate::names::Meaning;
use eclexia_base::unit::display_number;
use eclexia_base::{Name, Span, number};
use eclexia_check::ty::{Ty, TyKind};
use eclexia_check::{head_type, show_scheme, show_ty, show_type_expr};
use eclexia_core::core::{
    CtorId, DefId, DefKind, Entity, InterfaceId, LocalId, ModuleId, TypeDefKind, TypeId,
};
use eclexia_db::Analysis;

/// What kind of thing a name means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Function,
    Constant,
    /// A constant of a type of `std.deploy`: an account, a service, a deployment.
    Deployed,
    Test,
    Macro,
    Constructor,
    Record,
    Type,
    Alias,
    Interface,
    Method,
    Field,
    Local,
    Module,
    Unit,
    Form,
    Option,
    TypeVariable,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    pub name: String,
    pub kind: Kind,
    /// Its type, or how it is declared; empty where there is nothing to say.
    pub detail: String,
    pub doc: Option<String>,
    /// The module that defines it.
    pub module: Option<Name>,
    /// Whether its value is used exactly once.
    pub is_linear: bool,
}

impl Kind {
    /// In a word or two.
    pub fn said(self) -> &'static str {
        match self {
            Kind::Function => "function",
            Kind::Constant => "constant",
            Kind::Deployed => "deployment entity",
            Kind::Test => "test",
            Kind::Macro => "macro",
            Kind::Constructor => "constructor",
            Kind::Record => "record",
            Kind::Type => "type",
            Kind::Alias => "alias of a type",
            Kind::Interface => "interface",
            Kind::Method => "method",
            Kind::Field => "field",
            Kind::Local => "local",
            Kind::Module => "module",
            Kind::Unit => "unit",
            Kind::Form => "form of the language",
            Kind::Option => "word of a form",
            Kind::TypeVariable => "type variable",
        }
    }
}

/// The kind alone: no type is written out for it.
pub fn kind(analysis: &Analysis, meaning: Meaning) -> Kind {
    match meaning {
        Meaning::Local(..) => Kind::Local,
        Meaning::Entity(Entity::Def(def)) => kind_of_def(analysis, def),
        Meaning::Entity(Entity::Ctor(ctor)) => match analysis.program.ctors[ctor].is_record {
            true => kind_of_type(analysis, analysis.program.ctors[ctor].ty),
            false => Kind::Constructor,
        },
        Meaning::Entity(Entity::Method(..)) => Kind::Method,
        Meaning::Entity(Entity::Type(ty)) => kind_of_type(analysis, ty),
        Meaning::Entity(Entity::Interface(_)) => Kind::Interface,
        Meaning::Entity(Entity::Macro(_)) => Kind::Macro,
        Meaning::Entity(Entity::Alias(_)) => Kind::Alias,
        Meaning::Field(..) => Kind::Field,
        Meaning::Module(_) => Kind::Module,
        Meaning::Unit(_) => Kind::Unit,
        Meaning::Form(_) => Kind::Form,
        Meaning::Option(_) => Kind::Option,
        Meaning::TypeVariable(_) => Kind::TypeVariable,
    }
}

/// Whether values of a name are used exactly once.
pub fn is_linear(analysis: &Analysis, meaning: Meaning) -> bool {
    let typed = &analysis.typed;
    match meaning {
        Meaning::Local(..) | Meaning::Field(..) => {
            type_of(analysis, meaning).is_some_and(|ty| typed.is_linear_type(ty))
        }
        Meaning::Entity(Entity::Def(def)) => typed.is_linear(def),
        Meaning::Entity(Entity::Type(ty)) => analysis.program.types[ty].is_linear,
        Meaning::Entity(Entity::Ctor(ctor)) => {
            let ctor = &analysis.program.ctors[ctor];
            ctor.is_record && analysis.program.types[ctor.ty].is_linear
        }
        _ => false,
    }
}

pub fn describe(analysis: &Analysis, meaning: Meaning) -> Described {
    let bare = |name: Name, kind: Kind| Described {
        name: name.to_string(),
        kind,
        detail: String::new(),
        doc: None,
        module: None,
        is_linear: false,
    };
    match meaning {
        Meaning::Local(def, local) => of_local(analysis, def, local),
        Meaning::Entity(entity) => of_entity(analysis, entity),
        Meaning::Field(ctor, index) => of_field(analysis, ctor, index),
        Meaning::Module(module) => Described {
            doc: analysis.program.modules[module].doc.clone(),
            ..bare(analysis.program.modules[module].name, Kind::Module)
        },
        Meaning::Unit(name) => {
            Described { detail: unit_text(analysis, name), ..bare(name, Kind::Unit) }
        }
        Meaning::Form(name) => Described {
            detail: crate::forms::shape(name.as_str()).unwrap_or("").to_owned(),
            doc: crate::forms::doc(name.as_str()).map(str::to_owned),
            ..bare(name, Kind::Form)
        },
        Meaning::Option(name) => Described {
            doc: crate::forms::option_doc(name.as_str()).map(str::to_owned),
            ..bare(name, Kind::Option)
        },
        Meaning::TypeVariable(name) => bare(name, Kind::TypeVariable),
    }
}

/// The name alone, which costs nothing to say.
pub fn name_of(analysis: &Analysis, meaning: Meaning) -> Option<Name> {
    let program = &analysis.program;
    Some(match meaning {
        Meaning::Local(def, local) => *program.defs[def].body.as_ref()?.locals.get(local)?,
        Meaning::Entity(Entity::Def(def)) => program.defs[def].name,
        Meaning::Entity(Entity::Ctor(ctor)) => program.ctors[ctor].name,
        Meaning::Entity(Entity::Method(interface, index)) => {
            program.interfaces[interface].methods.get(index as usize)?.name
        }
        Meaning::Entity(Entity::Type(ty)) => program.types[ty].name,
        Meaning::Entity(Entity::Interface(interface)) => program.interfaces[interface].name,
        Meaning::Entity(Entity::Macro(index)) => program.macro_at(index)?.name,
        Meaning::Entity(Entity::Alias(index)) => program.alias_at(index)?.0,
        Meaning::Field(ctor, index) => program.ctors[ctor].fields.get(index as usize)?.name?,
        Meaning::Module(module) => program.modules[module].name,
        Meaning::Unit(name)
        | Meaning::Form(name)
        | Meaning::Option(name)
        | Meaning::TypeVariable(name) => name,
    })
}

pub fn of_entity(analysis: &Analysis, entity: Entity) -> Described {
    match entity {
        Entity::Def(def) => of_def(analysis, def),
        Entity::Ctor(ctor) => of_ctor(analysis, ctor),
        Entity::Method(interface, index) => of_method(analysis, interface, index),
        Entity::Type(ty) => of_type(analysis, ty),
        Entity::Interface(interface) => of_interface(analysis, interface),
        Entity::Macro(index) => of_macro(analysis, index),
        Entity::Alias(index) => of_alias(analysis, index),
    }
}

fn module_name(analysis: &Analysis, module: ModuleId) -> Option<Name> {
    analysis.program.modules.get(module).map(|module| module.name)
}

fn of_def(analysis: &Analysis, id: DefId) -> Described {
    let def = &analysis.program.defs[id];
    let scheme = analysis.typed.scheme(id);
    let kind = kind_of_def(analysis, id);
    let detail = match scheme.ty {
        Ty::ERROR => def.sig.as_ref().map(|sig| show_type_expr(&analysis.program, &sig.ty)),
        _ => Some(show_scheme(&analysis.program, &scheme)),
    };
    Described {
        name: def.name.to_string(),
        kind,
        detail: if kind == Kind::Test { String::new() } else { detail.unwrap_or_default() },
        doc: def.doc.clone(),
        module: module_name(analysis, def.module),
        is_linear: is_linear(analysis, Meaning::Entity(Entity::Def(id))),
    }
}

fn kind_of_def(analysis: &Analysis, id: DefId) -> Kind {
    let ty = analysis.typed.scheme(id).ty;
    match analysis.program.defs[id].kind {
        DefKind::Test => Kind::Test,
        DefKind::InstanceMethod { .. } | DefKind::MethodDefault { .. } => Kind::Method,
        _ if matches!(ty.kind(), TyKind::Fn(..) | TyKind::Fn1(..)) => Kind::Function,
        DefKind::Function => Kind::Function,
        _ if is_deployed(analysis, ty) => Kind::Deployed,
        _ => Kind::Constant,
    }
}

fn kind_of_type(analysis: &Analysis, id: TypeId) -> Kind {
    match analysis.program.types[id].kind {
        TypeDefKind::Record(_) => Kind::Record,
        _ => Kind::Type,
    }
}

fn is_deployed(analysis: &Analysis, ty: Ty) -> bool {
    let home = head_type(ty).and_then(|ty| analysis.program.types.get(ty)).map(|ty| ty.module);
    home.and_then(|module| analysis.program.modules.get(module))
        .is_some_and(|module| module.name == "std.deploy")
}

fn of_local(analysis: &Analysis, def: DefId, local: LocalId) -> Described {
    let body = analysis.program.defs[def].body.as_ref();
    let name = body.and_then(|body| body.locals.get(local));
    let ty = local_type(analysis, def, local);
    Described {
        name: name.map_or_else(String::new, Name::to_string),
        kind: Kind::Local,
        detail: ty.map(|ty| show_ty(&analysis.program, ty)).unwrap_or_default(),
        doc: None,
        module: None,
        is_linear: is_linear(analysis, Meaning::Local(def, local)),
    }
}

/// The type of a local, where checking came so far.
pub(crate) fn local_type(analysis: &Analysis, def: DefId, local: LocalId) -> Option<Ty> {
    let ty = analysis.typed.facts.get(def)?.locals.get(local).copied()?;
    (ty != Ty::ERROR).then_some(ty)
}

/// The type of the values that a name stands for; of a record's, what makes them.
pub(crate) fn type_of(analysis: &Analysis, meaning: Meaning) -> Option<Ty> {
    let typed = &analysis.typed;
    match meaning {
        Meaning::Local(def, local) => local_type(analysis, def, local),
        Meaning::Entity(Entity::Def(def)) => Some(typed.scheme(def).ty),
        Meaning::Entity(Entity::Ctor(ctor)) => Some(typed.ctor_scheme(ctor).ty),
        Meaning::Entity(Entity::Method(interface, index)) => {
            Some(typed.method_scheme(interface, index).ty)
        }
        Meaning::Entity(Entity::Type(ty)) => match analysis.program.types[ty].kind {
            TypeDefKind::Record(ctor) => Some(typed.ctor_scheme(ctor).ty),
            _ => None,
        },
        Meaning::Field(ctor, index) => typed.field_types(ctor).get(index as usize).copied(),
        _ => None,
    }
}

/// What a call of a name takes.
pub(crate) fn parameters(analysis: &Analysis, called: Meaning) -> Option<Vec<Ty>> {
    match type_of(analysis, called)?.kind() {
        TyKind::Fn(params, _) | TyKind::Fn1(params, _) => Some(params.to_vec()),
        _ => None,
    }
}

fn of_field(analysis: &Analysis, ctor: CtorId, index: u32) -> Described {
    let record = &analysis.program.ctors[ctor];
    let field = record.fields.get(index as usize);
    let ty = analysis.typed.field_types(ctor).get(index as usize).copied();
    let mut detail = match (ty, field) {
        (Some(ty), _) => show_ty(&analysis.program, ty),
        (None, Some(field)) => show_type_expr(&analysis.program, &field.ty),
        (None, None) => String::new(),
    };
    if let Some(span) = field.and_then(|f| f.default).map(|d| analysis.program.defs[d].form) {
        let text = crate::place::text_of(analysis.sources.text(span.file), span);
        detail.push_str(&format!(" := {text}"));
    }
    Described {
        name: field.and_then(|f| f.name).map_or_else(String::new, |name| name.to_string()),
        kind: Kind::Field,
        detail,
        doc: field.and_then(|field| field.doc.clone()),
        module: module_name(analysis, analysis.program.types[record.ty].module),
        is_linear: is_linear(analysis, Meaning::Field(ctor, index)),
    }
}

fn of_ctor(analysis: &Analysis, id: CtorId) -> Described {
    let ctor = &analysis.program.ctors[id];
    if ctor.is_record {
        return of_type(analysis, ctor.ty);
    }
    let ty = &analysis.program.types[ctor.ty];
    Described {
        name: ctor.name.to_string(),
        kind: Kind::Constructor,
        detail: show_scheme(&analysis.program, &analysis.typed.ctor_scheme(id)),
        doc: ty.doc.clone(),
        module: module_name(analysis, ty.module),
        is_linear: false,
    }
}

fn of_method(analysis: &Analysis, id: InterfaceId, index: u32) -> Described {
    let interface = &analysis.program.interfaces[id];
    let method = interface.methods.get(index as usize);
    Described {
        name: method.map_or_else(String::new, |method| method.name.to_string()),
        kind: Kind::Method,
        detail: show_scheme(&analysis.program, &analysis.typed.method_scheme(id, index)),
        doc: method.and_then(|method| method.doc.clone()).or_else(|| interface.doc.clone()),
        module: module_name(analysis, interface.module),
        is_linear: false,
    }
}

fn of_type(analysis: &Analysis, id: TypeId) -> Described {
    let ty = &analysis.program.types[id];
    Described {
        name: ty.name.to_string(),
        kind: kind_of_type(analysis, id),
        detail: declaration(analysis, id),
        doc: ty.doc.clone(),
        module: module_name(analysis, ty.module),
        is_linear: is_linear(analysis, Meaning::Entity(Entity::Type(id))),
    }
}

/// The most fields or constructors that a declaration is shown with.
const MAX_PARTS: usize = 24;

/// `(defrecord Point {:x Float :y Float})`, `(deftype (Option a) None (Some a))`
fn declaration(analysis: &Analysis, id: TypeId) -> String {
    let program = &analysis.program;
    let ty = &program.types[id];
    let params: String = ty.params.iter().map(|param| format!(" {param}")).collect();
    let head = match params.as_str() {
        "" => ty.name.to_string(),
        _ => format!("({}{params})", ty.name),
    };
    let cut = |mut parts: Vec<String>| {
        if parts.len() > MAX_PARTS {
            parts.truncate(MAX_PARTS);
            parts.push("…".to_owned());
        }
        parts
    };
    let marks = match (ty.is_linear, ty.is_private) {
        (true, true) => " :linear :private",
        (true, false) => " :linear",
        (false, true) => " :private",
        (false, false) => "",
    };
    match &ty.kind {
        TypeDefKind::Builtin => head,
        TypeDefKind::Record(ctor) => {
            let fields = program.ctors[*ctor].fields.iter();
            let show = |field: &eclexia_core::core::Field| {
                let name = field.name.map_or_else(String::new, |name| name.to_string());
                format!(":{name} {}", show_type_expr(program, &field.ty))
            };
            let fields = cut(fields.map(show).collect());
            format!("(defrecord {head}{marks}\n  {{{}}})", fields.join("\n   "))
        }
        TypeDefKind::Data(ctors) => {
            let show = |ctor: &CtorId| {
                let ctor = &program.ctors[*ctor];
                let fields = ctor.fields.iter().map(|f| show_type_expr(program, &f.ty));
                match fields.collect::<Vec<String>>() {
                    fields if fields.is_empty() => ctor.name.to_string(),
                    fields => format!("({} {})", ctor.name, fields.join(" ")),
                }
            };
            let ctors = cut(ctors.iter().map(show).collect());
            format!("(deftype {head}{marks}\n  {})", ctors.join("\n  "))
        }
    }
}

fn of_interface(analysis: &Analysis, id: InterfaceId) -> Described {
    let interface = &analysis.program.interfaces[id];
    let methods = interface.methods.iter().map(|method| {
        format!("\n  ({} {})", method.name, show_type_expr(&analysis.program, &method.sig.ty))
    });
    let methods: String = methods.collect();
    Described {
        name: interface.name.to_string(),
        kind: Kind::Interface,
        detail: format!("(definterface ({} {}){methods})", interface.name, interface.param),
        doc: interface.doc.clone(),
        module: module_name(analysis, interface.module),
        is_linear: false,
    }
}

fn of_macro(analysis: &Analysis, index: u32) -> Described {
    let found = analysis.program.macro_at(index);
    let clauses = found.map_or(&[][..], |found| &found.clauses);
    let shown: Vec<&str> = clauses.iter().map(|clause| clause.shown.as_str()).collect();
    Described {
        name: found.map_or_else(String::new, |found| found.name.to_string()),
        kind: Kind::Macro,
        detail: shown.join("\n"),
        doc: found.and_then(|found| found.doc.clone()),
        module: found.and_then(|found| module_name(analysis, found.module)),
        is_linear: false,
    }
}

fn of_alias(analysis: &Analysis, index: u32) -> Described {
    let found = analysis.program.alias_at(index);
    let ty = analysis.program.alias_type(index);
    let ty = ty.map(|ty| show_type_expr(&analysis.program, ty)).unwrap_or_default();
    let head = found.map_or_else(String::new, |(name, params, ..)| {
        let params: String = params.iter().map(|param| format!(" {param}")).collect();
        if params.is_empty() { name.to_string() } else { format!("({name}{params})") }
    });
    Described {
        name: found.map_or_else(String::new, |(name, ..)| name.to_string()),
        kind: Kind::Alias,
        detail: format!("(defalias {head} {ty})"),
        doc: found.and_then(|(_, _, doc, _)| doc.map(str::to_owned)),
        module: found.and_then(|(.., module)| module_name(analysis, module)),
        is_linear: false,
    }
}

/// `1h = 3600s`: a unit in the base units of its dimension.
pub(crate) fn unit_text(analysis: &Analysis, name: Name) -> String {
    let modules = analysis.program.modules.values();
    let Some(unit) = modules.filter_map(|module| module.units.get(name)).next() else {
        return String::new();
    };
    let base = unit.dim.to_string().replace("core", "cpu").replace("byte", "B");
    match number::to_f64(&unit.scale) {
        1.0 if base == *name.as_str() => "base unit".to_owned(),
        scale => format!("1{name} = {}{base}", display_number(scale)),
    }
}

/// The place where a meaning is defined; what the language itself gives has none.
pub fn place_of(analysis: &Analysis, meaning: Meaning) -> Option<Span> {
    let program = &analysis.program;
    match meaning {
        Meaning::Local(def, local) => {
            let place = program.maps.get(def)?.locals.get(local)?;
            place.inside.is_none().then_some(place.span)
        }
        Meaning::Entity(entity) => Some(program.entity_span(entity)),
        Meaning::Field(ctor, index) => {
            program.ctors[ctor].fields.get(index as usize).map(|field| field.span)
        }
        Meaning::Module(module) => {
            let span = program.modules[module].span;
            Some(Span::new(span.file, 0, 0))
        }
        Meaning::Unit(name) => crate::units::declaration(analysis, name),
        Meaning::Form(_) | Meaning::Option(_) | Meaning::TypeVariable(_) => None,
    }
}

/// The type whose declaration says most about values of `ty`: that of what a reference is to.
pub(crate) fn declared_type(analysis: &Analysis, ty: Ty) -> Option<TypeId> {
    match ty.kind() {
        TyKind::Ref(inner) => declared_type(analysis, *inner),
        TyKind::Fn(_, result) | TyKind::Fn1(_, result) => declared_type(analysis, *result),
        _ => record_ctor(&analysis.program, ty)
            .map(|ctor| analysis.program.ctors[ctor].ty)
            .or_else(|| head_type(ty)),
    }
}
