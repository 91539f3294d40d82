//! What programs declare, converted once: constructors, methods, instances, signatures.
//!
//! Comes in: the program's tables beyond those seen before (they only grow). Goes out: closed
//! schemes. Checked here: numbers of type parameters, instance heads, overlapping instances.

use crate::convert::{Converter, Scope};
use crate::diagnostics as report;
use crate::linear::{TypeFacts, kind};
use crate::subst::{Renaming, subst};
use crate::ty::{Scheme, Ty, TyKind, TyVar, UnitTy};
use crate::typed::Typed;
use eclexia_base::{Dim, FxHashMap, Name, SharedMap};
use eclexia_core::core::{
    CtorId, Def, DefKind, InstanceId, InterfaceId, Program, Signature, TypeDefKind, TypeExpr,
    TypeId,
};
use eclexia_diag::Diagnostics;

#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub ctors: SharedMap<CtorId, CtorTypes>,
    pub methods: SharedMap<InterfaceId, Vec<Scheme>>,
    pub instances: SharedMap<InstanceId, InstanceTypes>,
    pub by_head: FxHashMap<(InterfaceId, Head), Vec<InstanceId>>,
    /// Record types by the names of their fields, in order of definition.
    pub records_with: FxHashMap<Name, Vec<TypeId>>,
    types_seen: usize,
    pub kinds: SharedMap<TypeId, TypeFacts>,
}

impl Tables {
    /// See [`Typed::extend_from`].
    pub fn extend_from(&mut self, part: &Tables, whole: &Tables) {
        self.ctors.extend_from(&whole.ctors, part.ctors.len());
        self.methods.extend_from(&whole.methods, part.methods.len());
        self.instances.extend_from(&whole.instances, part.instances.len());
        self.kinds.extend_from(&whole.kinds, part.kinds.len());
        self.by_head.clone_from(&whole.by_head);
        self.records_with.clone_from(&whole.records_with);
        self.types_seen = whole.types_seen;
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CtorTypes {
    /// In terms of the parameters of the type.
    pub fields: Vec<Ty>,
    pub scheme: Scheme,
}

#[derive(Clone, Debug)]
pub(crate) struct InstanceTypes {
    pub vars: Vec<Name>,
    pub units: Vec<Name>,
    pub head: Ty,
    pub context: Vec<(InterfaceId, Ty)>,
    /// Variables that the context says `Unr` of.
    pub unrestricted: Vec<u32>,
}

/// What instances are looked up by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Head {
    Con(TypeId),
    Fn(usize),
    Fn1(usize),
    Ref,
    Q,
    Budget,
}

pub(crate) fn head_of(ty: Ty) -> Option<Head> {
    Some(match ty.kind() {
        TyKind::Con(id, _) => Head::Con(*id),
        TyKind::Fn(params, _) => Head::Fn(params.len()),
        TyKind::Fn1(params, _) => Head::Fn1(params.len()),
        TyKind::Ref(_) => Head::Ref,
        TyKind::Q(_) => Head::Q,
        TyKind::Budget(_) => Head::Budget,
        TyKind::Error | TyKind::Var(_) => return None,
    })
}

/// Converts everything declared since the last call.
pub(crate) fn declare(program: &Program, typed: &mut Typed) -> Diagnostics {
    let mut diags = Diagnostics::new();
    types(program, typed, &mut diags);
    interfaces(program, typed, &mut diags);
    instances(program, typed, &mut diags);
    signatures(program, typed, &mut diags);
    diags
}

fn types(program: &Program, typed: &mut Typed, diags: &mut Diagnostics) {
    let tables = &mut typed.tables;
    for ctor in program.ctors.ids().skip(tables.ctors.len()) {
        let ctor = &program.ctors[ctor];
        let def = &program.types[ctor.ty];
        let mut converter = Converter::new(program, def.params.clone(), Scope::Closed);
        let fields: Vec<Ty> = ctor.fields.iter().map(|f| converter.ty(&f.ty)).collect();
        diags.extend(converter.diags);
        let var = |(i, name): (usize, &Name)| {
            Ty::new(TyKind::Var(TyVar { index: i as u32, name: *name }))
        };
        let params: Vec<Ty> = def.params.iter().enumerate().map(var).collect();
        let result = Ty::con(ctor.ty, params);
        let ty = match (ctor.is_record, fields.is_empty()) {
            (true, _) => Ty::new(TyKind::Fn([result].into(), result)),
            (false, true) => result,
            (false, false) => Ty::new(TyKind::Fn(fields.clone().into(), result)),
        };
        let scheme = Scheme { vars: def.params.clone(), ty, ..Scheme::default() };
        tables.ctors.push(CtorTypes { fields, scheme });
    }
    for id in program.types.ids().skip(tables.types_seen) {
        let def = &program.types[id];
        if let TypeDefKind::Record(ctor) = def.kind {
            for name in program.ctors[ctor].fields.iter().filter_map(|f| f.name) {
                tables.records_with.entry(name).or_default().push(id);
            }
        }
    }
    tables.types_seen = program.types.len();
    let mut kinds = std::mem::take(&mut tables.kinds);
    kind::extend(program, tables, &mut kinds);
    tables.kinds = kinds;
}

fn interfaces(program: &Program, typed: &mut Typed, diags: &mut Diagnostics) {
    for id in program.interfaces.ids().skip(typed.tables.methods.len()) {
        let interface = &program.interfaces[id];
        let own = Ty::new(TyKind::Var(TyVar { index: 0, name: interface.param }));
        let mut schemes = Vec::new();
        for method in &interface.methods {
            let start = vec![interface.param];
            let mut scheme = signature(program, &method.sig, start, diags);
            scheme.constraints.insert(0, (id, own));
            schemes.push(scheme);
        }
        typed.tables.methods.push(schemes);
    }
}

fn signature(
    program: &Program,
    sig: &Signature,
    vars: Vec<Name>,
    diags: &mut Diagnostics,
) -> Scheme {
    let mut converter = Converter::new(program, vars, Scope::Open);
    let ty = converter.ty(&sig.ty);
    let (constraints, unrestricted) = context(&mut converter, &sig.constraints);
    diags.extend(converter.diags);
    let (vars, units) = (converter.vars, converter.units);
    Scheme { vars, units, constraints, unrestricted, confined: Vec::new(), ty }
}

/// Constraints with dictionaries, and the variables that `(Unr a)` is said of.
fn context(
    converter: &mut Converter,
    constraints: &[(InterfaceId, TypeExpr)],
) -> (Vec<(InterfaceId, Ty)>, Vec<u32>) {
    let (mut kept, mut unrestricted) = (Vec::new(), Vec::new());
    for (interface, expr) in constraints {
        let ty = converter.ty(expr);
        match ty.kind() {
            _ if !converter.program.is_unr(*interface) => kept.push((*interface, ty)),
            TyKind::Var(var) => unrestricted.push(var.index),
            _ => {}
        }
    }
    (kept, unrestricted)
}

fn instances(program: &Program, typed: &mut Typed, diags: &mut Diagnostics) {
    for id in program.instances.ids().skip(typed.tables.instances.len()) {
        let instance = &program.instances[id];
        let mut converter = Converter::new(program, Vec::new(), Scope::Open);
        let mut head = converter.ty(&instance.head);
        let (context, unrestricted) = context(&mut converter, &instance.context);
        diags.extend(std::mem::take(&mut converter.diags));
        if head != Ty::ERROR && !is_head(head) {
            diags.push(report::invalid_instance(program, instance.head.span, instance, head));
            head = Ty::ERROR;
        }
        if let Some(key) = head_of(head) {
            let rivals = typed.tables.by_head.entry((instance.interface, key)).or_default();
            let instances = &typed.tables.instances;
            match rivals.iter().find(|rival| overlap(instances[**rival].head, head)) {
                Some(rival) => {
                    let first = &program.instances[*rival];
                    diags.push(report::overlapping_instances(program, instance, first, head));
                }
                None => rivals.push(id),
            }
        }
        let (vars, units) = (converter.vars, converter.units);
        typed.tables.instances.push(InstanceTypes { vars, units, head, context, unrestricted });
    }
}

/// Two heads of one [`Head`] overlap, but for quantities of different constant units.
fn overlap(a: Ty, b: Ty) -> bool {
    match (a.kind(), b.kind()) {
        (TyKind::Q(a), TyKind::Q(b)) => !a.vars.is_empty() || !b.vars.is_empty() || a.dim == b.dim,
        _ => true,
    }
}

/// A type constructor applied to distinct variables, `(Q u)`, or a quantity of a constant unit.
fn is_head(ty: Ty) -> bool {
    let distinct = |args: &[Ty]| {
        let is_var = |arg: &Ty| matches!(arg.kind(), TyKind::Var(_));
        args.iter().enumerate().all(|(i, arg)| is_var(arg) && !args[..i].contains(arg))
    };
    match ty.kind() {
        TyKind::Con(_, args) => distinct(args),
        TyKind::Fn(params, ret) | TyKind::Fn1(params, ret) => {
            distinct(&[params.as_ref(), &[*ret]].concat())
        }
        TyKind::Ref(inner) => distinct(&[*inner]),
        TyKind::Q(UnitTy { dim, vars }) => match vars.as_ref() {
            [] => true,
            [(_, 1)] => *dim == Dim::ONE,
            _ => false,
        },
        TyKind::Budget(amounts) => amounts.is_none(),
        TyKind::Error | TyKind::Var(_) => false,
    }
}

/// Whether the type of a definition is given and not inferred.
pub(crate) fn is_given(def: &Def) -> bool {
    def.sig.is_some()
        || matches!(
            def.kind,
            DefKind::InstanceMethod { .. }
                | DefKind::MethodDefault { .. }
                | DefKind::FieldDefault { .. }
        )
}

fn signatures(program: &Program, typed: &mut Typed, diags: &mut Diagnostics) {
    for id in program.defs.ids().skip(typed.schemes.len()) {
        let def = &program.defs[id];
        let scheme = match (&def.sig, def.kind) {
            (Some(sig), kind) => {
                let mut scheme = signature(program, sig, Vec::new(), diags);
                if kind == DefKind::Builtin && !moves(program, def) {
                    scheme.unrestricted = (0..scheme.vars.len() as u32).collect();
                }
                scheme
            }
            (None, DefKind::InstanceMethod { instance, index }) => {
                instance_method(program, typed, instance, index)
            }
            (None, DefKind::MethodDefault { interface, index }) => {
                let methods = &typed.tables.methods[interface];
                methods.get(index as usize).cloned().unwrap_or_default()
            }
            (None, DefKind::FieldDefault { ctor, index }) => {
                let ctor = &typed.tables.ctors[ctor];
                let ty = ctor.fields.get(index as usize).copied().unwrap_or_default();
                Scheme { vars: ctor.scheme.vars.clone(), ty, ..Scheme::default() }
            }
            _ => Scheme::default(),
        };
        typed.schemes.push(scheme);
    }
}

/// Built-in functions that only pass on the values of the types they are generic over, each once.
/// All others may copy and drop them.
fn moves(program: &Program, def: &Def) -> bool {
    const MOVING: [&str; 6] =
        ["vector-push", "push-front", "append", "reverse", "from-list", "to-list"];
    let module = program.modules[def.module].name;
    (module == "std.vector" || module == "std.core") && MOVING.contains(&def.name.as_str())
}

/// The method's type at the instance's head: the instance's variables and context come first.
fn instance_method(program: &Program, typed: &Typed, instance: InstanceId, index: u32) -> Scheme {
    let interface = program.instances[instance].interface;
    let instance = &typed.tables.instances[instance];
    let Some(method) = typed.tables.methods[interface].get(index as usize) else {
        return Scheme::default();
    };
    let mut scheme = Scheme {
        vars: instance.vars.clone(),
        units: instance.units.clone(),
        constraints: instance.context.clone(),
        unrestricted: instance.unrestricted.clone(),
        ..Scheme::default()
    };
    let mut renaming = Renaming { vars: vec![instance.head], units: Vec::new() };
    for name in method.vars.iter().skip(1) {
        let var = TyVar { index: scheme.vars.len() as u32, name: fresh_name(*name, &scheme.vars) };
        scheme.vars.push(var.name);
        renaming.vars.push(Ty::new(TyKind::Var(var)));
    }
    for name in &method.units {
        let name = fresh_name(*name, &scheme.units);
        renaming.units.push(TyVar { index: scheme.units.len() as u32, name });
        scheme.units.push(name);
    }
    scheme.ty = subst(method.ty, &renaming);
    for (interface, ty) in method.constraints.iter().skip(1) {
        scheme.constraints.push((*interface, subst(*ty, &renaming)));
    }
    scheme
}

/// `name`, or the first of `name2 name3 …` that is free.
fn fresh_name(name: Name, taken: &[Name]) -> Name {
    let numbered = (2..).map(|n| Name::new(&format!("{name}{n}")));
    std::iter::once(name).chain(numbered).find(|n| !taken.contains(n)).unwrap_or(name)
}
