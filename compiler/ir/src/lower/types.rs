//! Types without variables, and their shapes. What memory does not depend on is erased: references
//! are what they refer to, a `Fn1` is a `Fn`, a budget is of any amounts; a variable that nothing
//! decides is Unit, because there is no value of it.

use crate::ir::Program as Ir;
use eclexia_base::{Dim, FxHashMap, Name};
use eclexia_check::ty::{Ty, TyKind, UnitTy};
use eclexia_check::typed::Typed;
use eclexia_core::core::{CtorId, Program, TypeDefKind, TypeId};
use eclexia_rt::layout::{CtorShape, Layout, LayoutKind, Shape, ShapeId};

/// What stands for the variables of one instance of a definition.
#[derive(Clone, Default)]
pub(super) struct Vars {
    types: FxHashMap<u32, Ty>,
    units: FxHashMap<u32, Dim>,
    memo: FxHashMap<Ty, Ty>,
}

impl Vars {
    /// For the parameters of a data type.
    pub fn of_args(args: &[Ty]) -> Vars {
        Vars { types: (0..).zip(args.iter().copied()).collect(), ..Vars::default() }
    }

    pub fn knows(&self, var: u32) -> bool {
        self.types.contains_key(&var)
    }

    pub fn knows_unit(&self, var: u32) -> bool {
        self.units.contains_key(&var)
    }

    /// Binds the variables of `pattern` so that it is `closed`.
    pub fn bind(&mut self, pattern: Ty, closed: Ty) {
        let mut equations = Vec::new();
        self.bind_types(pattern, closed, &mut equations);
        // An equation with one unknown unit decides it; each round decides at least one.
        while !equations.is_empty() {
            let before = equations.len();
            equations.retain(|(unit, dim)| !self.solve(unit, *dim));
            if equations.len() == before {
                break;
            }
        }
        self.memo.clear();
    }

    fn bind_types(&mut self, pattern: Ty, closed: Ty, equations: &mut Vec<(UnitTy, Dim)>) {
        match (pattern.kind(), closed.kind()) {
            (TyKind::Var(var), _) => {
                self.types.insert(var.index, closed);
            }
            (TyKind::Ref(inner), _) => self.bind_types(*inner, closed, equations),
            (TyKind::Con(_, params), TyKind::Con(_, args)) => {
                for (param, arg) in params.iter().zip(args) {
                    self.bind_types(*param, *arg, equations);
                }
            }
            (TyKind::Fn(params, ret) | TyKind::Fn1(params, ret), TyKind::Fn(args, result)) => {
                for (param, arg) in params.iter().zip(args) {
                    self.bind_types(*param, *arg, equations);
                }
                self.bind_types(*ret, *result, equations);
            }
            (TyKind::Q(unit), TyKind::Q(dim)) => equations.push((unit.clone(), dim.dim)),
            _ => {}
        }
    }

    /// Whether nothing of the equation is open any more.
    fn solve(&mut self, unit: &UnitTy, dim: Dim) -> bool {
        let mut rest = dim.over(unit.dim);
        let mut open = None;
        for (var, exponent) in &unit.vars {
            match self.units.get(&var.index) {
                Some(known) => rest = rest.over(known.pow(*exponent)),
                None if open.is_some() => return false,
                None => open = Some((var.index, *exponent)),
            }
        }
        if let Some((var, exponent)) = open {
            let root = rest.exponents().iter().map(|(name, n)| (*name, n / exponent));
            self.units.insert(var, Dim::new(root));
        }
        true
    }

    /// The type with its variables replaced, erased.
    pub fn close(&mut self, ty: Ty) -> Ty {
        if let Some(known) = self.memo.get(&ty) {
            return *known;
        }
        let closed = self.closed(ty);
        self.memo.insert(ty, closed);
        closed
    }

    fn closed(&mut self, ty: Ty) -> Ty {
        match ty.kind() {
            TyKind::Error => Ty::ERROR,
            TyKind::Var(var) => self.types.get(&var.index).copied().unwrap_or(Ty::ERROR),
            TyKind::Con(id, args) => {
                let args: Vec<Ty> = args.iter().map(|arg| self.close(*arg)).collect();
                Ty::con(*id, args)
            }
            TyKind::Fn(params, ret) | TyKind::Fn1(params, ret) => {
                let params: Vec<Ty> = params.iter().map(|param| self.close(*param)).collect();
                Ty::new(TyKind::Fn(params.into(), self.close(*ret)))
            }
            TyKind::Ref(inner) => self.close(*inner),
            TyKind::Q(unit) => {
                let known = |(var, exponent): &(eclexia_check::ty::TyVar, i32)| {
                    self.units.get(&var.index).copied().unwrap_or(Dim::ONE).pow(*exponent)
                };
                Ty::quantity(unit.vars.iter().map(known).fold(unit.dim, Dim::times))
            }
            TyKind::Budget(_) => Ty::new(TyKind::Budget(None)),
        }
    }
}

/// How deep closed types nest at most: a type, or a function, that uses itself at ever larger types
/// has no end of shapes or instances.
const MAX_DEPTH: u32 = 40;

/// Shapes by closed type.
#[derive(Clone, Default)]
pub struct ShapeTable {
    known: FxHashMap<Ty, ShapeId>,
    depths: FxHashMap<Ty, u32>,
    /// Not known yet, since they are parts of themselves.
    open: Vec<ShapeId>,
    /// Whether a type was met that is too deep.
    pub(super) is_endless: bool,
}

impl ShapeTable {
    /// The shape of a closed type.
    pub fn of(&mut self, program: &Program, typed: &Typed, ir: &mut Ir, ty: Ty) -> ShapeId {
        if let Some(id) = self.known.get(&ty) {
            return *id;
        }
        let id = ir.shapes.reserve();
        if self.depth(ty) > MAX_DEPTH {
            self.is_endless = true;
            return id;
        }
        self.known.insert(ty, id);
        self.open.push(id);
        let shape = match ty.kind() {
            TyKind::Con(con, args) => self.of_con(program, typed, ir, (id, *con), args),
            TyKind::Fn(..) | TyKind::Fn1(..) => Shape::Function,
            TyKind::Q(unit) => Shape::Quantity(unit.dim),
            TyKind::Budget(_) => Shape::Opaque,
            TyKind::Ref(inner) => {
                let inner = self.of(program, typed, ir, *inner);
                ir.shapes.get(inner).clone()
            }
            TyKind::Error | TyKind::Var(_) => Shape::Unit,
        };
        ir.shapes.set(id, shape);
        self.open.pop();
        id
    }

    /// Types share their parts, so each is looked at once.
    fn depth(&mut self, ty: Ty) -> u32 {
        if let Some(known) = self.depths.get(&ty) {
            return *known;
        }
        let mut parts: Vec<Ty> = match ty.kind() {
            TyKind::Con(_, args) => args.to_vec(),
            TyKind::Fn(params, ret) => params.iter().chain([ret]).copied().collect(),
            _ => Vec::new(),
        };
        parts.dedup();
        let depth = 1 + parts.into_iter().map(|part| self.depth(part)).max().unwrap_or(0);
        self.depths.insert(ty, depth);
        depth
    }

    fn of_con(
        &mut self,
        program: &Program,
        typed: &Typed,
        ir: &mut Ir,
        (id, con): (ShapeId, TypeId),
        args: &[Ty],
    ) -> Shape {
        let def = &program.types[con];
        let ctors = match &def.kind {
            TypeDefKind::Builtin => return self.builtin(program, typed, ir, def.name, args),
            TypeDefKind::Data(ctors) => ctors.clone(),
            TypeDefKind::Record(ctor) => vec![*ctor],
        };
        let mut vars = Vars::of_args(args);
        let mut shapes = Vec::new();
        for ctor in &ctors {
            let fields = typed.field_types(*ctor).to_vec();
            let fields = fields.into_iter().map(|field| {
                let field = vars.close(field);
                self.of(program, typed, ir, field)
            });
            shapes.push(fields.collect::<Vec<ShapeId>>());
        }
        let is_enumeration = shapes.iter().all(Vec::is_empty);
        // What a type that contains itself is held as is not known inside of it.
        let wrapped = match (&shapes[..], &def.kind) {
            ([fields], TypeDefKind::Data(_)) => match fields[..] {
                [only] if !self.open.contains(&only) => Some(ir.shapes.rep(only)),
                _ => None,
            },
            _ => None,
        };
        let ctors = ctors.into_iter().zip(shapes).enumerate().map(|(index, (ctor, fields))| {
            let layout = (!fields.is_empty()).then(|| {
                let kind = LayoutKind::Data { shape: id, index: index as u32, site: None };
                ir.shapes.add_layout(Layout { fields: fields.clone(), kind })
            });
            ctor_shape(program, ctor, fields, layout)
        });
        let mut ctors: Vec<CtorShape> = ctors.collect();
        if let (Some(rep), Some(ctor)) = (wrapped, ctors.pop_if(|_| wrapped.is_some())) {
            return Shape::Wrapper(ctor, rep);
        }
        if is_enumeration { Shape::Enumeration(ctors) } else { Shape::Data(ctors) }
    }

    fn builtin(
        &mut self,
        program: &Program,
        typed: &Typed,
        ir: &mut Ir,
        name: Name,
        args: &[Ty],
    ) -> Shape {
        let mut arg = |at: usize| {
            let ty = args.get(at).copied().unwrap_or(Ty::ERROR);
            self.of(program, typed, ir, ty)
        };
        match name.as_str() {
            "Int" => Shape::Int,
            "Bool" => Shape::Bool,
            "String" => Shape::String,
            "Keyword" => Shape::Keyword,
            "Unit" | "Never" => Shape::Unit,
            "Vector" => Shape::Vector(arg(0)),
            "Map" => Shape::Map(arg(0), arg(1)),
            "Set" => Shape::Set(arg(0)),
            _ => Shape::Opaque,
        }
    }
}

fn ctor_shape(
    program: &Program,
    id: CtorId,
    fields: Vec<ShapeId>,
    layout: Option<eclexia_rt::layout::LayoutId>,
) -> CtorShape {
    let ctor = &program.ctors[id];
    let field_names = match ctor.is_record {
        true => ctor.fields.iter().filter_map(|field| field.name).collect(),
        false => Vec::new(),
    };
    let (name, is_record) = (ctor.name, ctor.is_record);
    CtorShape { ctor: id.0, name, is_record, field_names, fields, layout }
}
