//! Definitions, methods and constructors as values, and what makes a function value of them.

use super::{Alias, Lowerer, alias, dict};
use crate::ir::{Const, End, Extern, FuncId, FunctionKind, Op, VarId};
use eclexia_base::Name;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{CtorId, DefId, Expr, ExprId};
use eclexia_rt::layout::{Shape, ShapeId};
use eclexia_rt::{BuiltinId, Site};

/// What a function value stands for that has no `fn` of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Wrapped {
    Function(FuncId),
    /// The number of its `BuiltinId`.
    Builtin(u16),
    /// Of two arguments in the other order.
    Swapped(u16),
    Ctor(CtorId),
    /// The constructor of a record: its argument is the record.
    Identity(CtorId),
}

impl Lowerer<'_> {
    /// A definition as a value.
    pub(super) fn global(
        &mut self,
        e: ExprId,
        def: DefId,
        dicts: Vec<dict::Known>,
    ) -> Option<VarId> {
        let ty = self.type_of(e);
        self.global_at(e, def, ty, dicts)
    }

    pub(super) fn global_at(
        &mut self,
        e: ExprId,
        def: DefId,
        ty: Ty,
        dicts: Vec<dict::Known>,
    ) -> Option<VarId> {
        let shape = self.shape_of(ty);
        let wrapped = match alias(self.program, self.typed, def) {
            Some(Alias::Builtin(id)) if id.get().arity == 0 => {
                return Some(self.builtin(e, id, Vec::new(), shape));
            }
            Some(Alias::Builtin(id)) => Wrapped::Builtin(id.0),
            Some(Alias::Swapped(id)) => Wrapped::Swapped(id.0),
            Some(Alias::Function(other)) if dicts.is_empty() && other != def => {
                return self.global_at(e, other, ty, dicts);
            }
            _ if self.is_function(def) => Wrapped::Function(self.instance(def, ty, dicts)),
            _ => return self.constant_value(e, def, ty, dicts),
        };
        let name = match wrapped {
            Wrapped::Builtin(id) | Wrapped::Swapped(id) => last_part(BuiltinId(id).get().name),
            _ => self.program.defs[def].name,
        };
        Some(self.wrapper(e, wrapped, ty, name))
    }

    pub(super) fn is_function(&self, def: DefId) -> bool {
        let def = &self.program.defs[def];
        def.kind == eclexia_core::core::DefKind::Extern
            || def.body.as_ref().is_some_and(|body| body.is_function)
    }

    /// The value of a constant; literals are where they are used.
    fn constant_value(
        &mut self,
        e: ExprId,
        def: DefId,
        ty: Ty,
        dicts: Vec<dict::Known>,
    ) -> Option<VarId> {
        let body = self.program.defs[def].body.as_ref();
        let Some(body) = body.filter(|body| !body.exprs.is_empty()) else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let shape = self.shape_of(ty);
        let facts = super::facts(self.typed, def);
        if let Expr::Literal(literal) = &body.exprs[body.root]
            && facts.int_as_float.is_empty()
            && !matches!(self.ir.shapes.get(shape), Shape::Quantity(_))
        {
            let constant = self.literal_const(literal);
            return Some(self.constant(constant, shape));
        }
        let global = self.global_of(def, ty, dicts);
        Some(self.emit_at(e, Op::Global(global), shape))
    }

    /// A method as a value.
    pub(super) fn method(&mut self, e: ExprId, index: u32) -> Option<VarId> {
        let dicts = self.dict_args(e);
        let Some((def, dicts)) = dict::implementation(self.program, index, &dicts) else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        self.global(e, def, dicts)
    }

    pub(super) fn ctor_value(&mut self, e: ExprId, ctor: CtorId) -> VarId {
        let info = &self.program.ctors[ctor];
        let (index, is_record, name) = (info.index as usize, info.is_record, info.name);
        let ty = self.type_of(e);
        if is_record {
            return self.wrapper(e, Wrapped::Identity(ctor), ty, Name::new(""));
        }
        if info.fields.is_empty() {
            let shape = self.shape_of(ty);
            return self.construct(e, shape, index, Vec::new(), None);
        }
        let name = Name::new(&format!("constructor {name}"));
        self.wrapper(e, Wrapped::Ctor(ctor), ty, name)
    }

    /// Constructor `index` of data, with its fields.
    pub(super) fn construct(
        &mut self,
        e: ExprId,
        shape: ShapeId,
        index: usize,
        fields: Vec<VarId>,
        site: Option<Site>,
    ) -> VarId {
        let is_enumeration = matches!(self.ir.shapes.get(shape), Shape::Enumeration(_));
        let layout = self.data_shape(shape).get(index).and_then(|ctor| ctor.layout);
        let Some(layout) = layout else {
            let constant = match is_enumeration {
                true => Const::Int(index as i64),
                false => Const::Immediate(index as u32),
            };
            return self.constant(constant, shape);
        };
        let layout = match site {
            Some(site) => self.ir.shapes.layout_at(shape, site),
            None => layout,
        };
        let op = Op::Alloc { layout, fields, token: None, unchanged: Vec::new() };
        self.emit_at(e, op, shape)
    }

    /// The function value for something that is called as a value.
    fn wrapper(&mut self, e: ExprId, wrapped: Wrapped, ty: Ty, name: Name) -> VarId {
        let known = self.state.wrappers.get(&(wrapped, ty)).copied();
        let func = known.unwrap_or_else(|| self.make_wrapper(e, wrapped, ty, name));
        self.closure_of(func, &[], name)
    }

    fn make_wrapper(&mut self, e: ExprId, wrapped: Wrapped, ty: Ty, name: Name) -> FuncId {
        let (params, result) = self.function_shapes(ty);
        let func = self.reserve(name, self.def, result);
        self.state.wrappers.insert((wrapped, ty), func);
        let args = self.open(func, FunctionKind::Closure, result, &params);
        self.top().counts_entry = false;
        match wrapped {
            Wrapped::Function(func) => self.end_at(e, End::TailCall { func, args }),
            Wrapped::Builtin(id) => {
                let value = self.builtin(e, BuiltinId(id), args, result);
                self.end(End::give(value));
            }
            Wrapped::Swapped(id) => {
                let args = args.into_iter().rev().collect();
                let value = self.builtin(e, BuiltinId(id), args, result);
                self.end(End::give(value));
            }
            Wrapped::Ctor(ctor) => {
                let index = self.program.ctors[ctor].index as usize;
                let value = self.construct(e, result, index, args, None);
                self.end(End::give(value));
            }
            Wrapped::Identity(_) => match args.first() {
                Some(record) => self.end(End::give(*record)),
                None => self.end(End::Unreachable),
            },
        }
        self.close_function().0
    }

    /// The function of an extern: it calls what is linked under its name.
    pub(super) fn extern_function(&mut self, func: FuncId, def: DefId, ty: Ty) {
        let (params, result) = self.function_shapes(ty);
        let args = self.open(func, FunctionKind::Plain, result, &params);
        let ext = match self.state.externs.get(&def) {
            Some(known) => *known,
            None => {
                let symbol = self.program.defs[def].name;
                let ext = self.ir.externs.push(Extern { symbol, def, params, result });
                self.state.externs.insert(def, ext);
                ext
            }
        };
        let value = self.emit_at(ExprId(0), Op::Extern { ext, args }, result);
        self.end(End::give(value));
        self.close_function();
    }

    /// Parameters and result of a closed function type.
    pub(super) fn last_param(&self, ty: Ty) -> Option<Ty> {
        match ty.kind() {
            TyKind::Fn(params, _) => params.last().copied(),
            _ => None,
        }
    }
}

/// `map/of` as people call it in its module: `of`.
fn last_part(name: &str) -> Name {
    Name::new(name.rsplit('/').next().filter(|part| !part.is_empty()).unwrap_or("/"))
}
