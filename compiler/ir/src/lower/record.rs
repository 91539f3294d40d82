//! Records, and maps as they are written. The values are evaluated as written, left to right; only
//! then are they put into the order of declaration.

use super::call::Arg;
use super::expr::float;
use super::types::Vars;
use super::{Lowerer, dict};
use crate::ir::{Const, End, Op, VarId};
use eclexia_base::Name;
use eclexia_base::number::to_f64;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_check::typed::{CallFact, Conversion, FieldValue, InnerCost, RecordFact};
use eclexia_core::core::{CtorId, DefId, Expr, ExprId, TypeDefKind};
use eclexia_rt::Site;
use eclexia_rt::layout::{Shape, ShapeId};

impl Lowerer<'_> {
    /// `{:x 1 …}`
    pub(super) fn record(&mut self, e: ExprId, fields: &[(Name, ExprId)]) -> Option<VarId> {
        let facts = self.facts;
        let ty = self.type_of(e);
        match facts.records.get(&e) {
            Some(record) => {
                let values: Vec<ExprId> = fields.iter().map(|(_, value)| *value).collect();
                self.record_of(e, record, &values, ty)
            }
            None => {
                let mut map = self.empty_map(e);
                let key_shape = self.key_shape(map);
                for (name, value) in fields {
                    let key = self.constant(Const::Keyword(*name), key_shape);
                    let value = self.expr(*value, false)?;
                    map = self.put(e, map, key, value);
                }
                Some(map)
            }
        }
    }

    /// `{k v …}`: the last of equal keys counts. Each entry is put before the next is evaluated, so
    /// that they need not all be kept at once.
    pub(super) fn map(&mut self, e: ExprId, entries: &[(ExprId, ExprId)]) -> Option<VarId> {
        let mut map = self.empty_map(e);
        for (key, value) in entries {
            let (key, value) = (self.expr(*key, false)?, self.expr(*value, false)?);
            map = self.put(e, map, key, value);
        }
        Some(map)
    }

    fn empty_map(&mut self, e: ExprId) -> VarId {
        let shape = self.shape_of_expr(e);
        self.named(e, "map/empty", Vec::new(), shape)
    }

    fn key_shape(&self, map: VarId) -> ShapeId {
        match self.ir.shapes.get(self.shape(map)) {
            Shape::Map(key, _) => *key,
            _ => self.unit_shape,
        }
    }

    fn put(&mut self, e: ExprId, map: VarId, key: VarId, value: VarId) -> VarId {
        let shape = self.shape(map);
        self.named(e, "map-put", vec![map, key, value], shape)
    }

    /// The trailing `:key value` arguments of a call, as a record of this type.
    pub(super) fn trailing_record(&mut self, e: ExprId, fact: &CallFact, ty: Ty) -> Option<VarId> {
        let body = self.body;
        let Expr::Call { args, .. } = &body.exprs[e] else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let trailing = args.get(fact.from_arg as usize..).unwrap_or_default();
        let values: Vec<ExprId> = trailing.chunks_exact(2).map(|pair| pair[1]).collect();
        self.record_of(e, &fact.record, &values, ty)
    }

    fn record_of(
        &mut self,
        e: ExprId,
        record: &RecordFact,
        values: &[ExprId],
        ty: Ty,
    ) -> Option<VarId> {
        let types = self.field_types(record.ctor, ty);
        let conversion = |pair: usize| {
            (0..).zip(&record.fields).find_map(|(at, field)| match field {
                FieldValue::Given { pair: p, from } if *p as usize == pair => {
                    Some((at as usize, from.as_ref()?))
                }
                _ => None,
            })
        };
        let mut given = Vec::with_capacity(values.len());
        for (pair, value) in values.iter().enumerate() {
            given.push(match conversion(pair) {
                Some((at, conversion)) => self.converted(*value, conversion, types[at])?,
                None => self.expr(*value, false)?,
            });
        }
        let mut fields = Vec::with_capacity(record.fields.len());
        for (field, ty) in record.fields.iter().zip(&types) {
            match field {
                FieldValue::Given { pair, .. } if (*pair as usize) < given.len() => {
                    fields.push(given[*pair as usize]);
                }
                FieldValue::Default(def) => {
                    fields.push(self.global_at(e, *def, *ty, Vec::new())?);
                }
                FieldValue::Given { .. } | FieldValue::Missing => {
                    self.end_at(e, End::Unreachable);
                    return None;
                }
            }
        }
        let shape = self.shape_of(ty);
        let site = self.keeps_site(record.ctor).then_some(Site { def: self.def.0, expr: e.0 });
        Some(self.construct(e, shape, 0, fields, site))
    }

    /// Records of the library remember where they were made: elaboration reads that. A user's own
    /// are nobody's element.
    fn keeps_site(&self, ctor: CtorId) -> bool {
        let ty = &self.program.types[self.program.ctors[ctor].ty];
        self.program.modules[ty.module].is_std
    }

    /// The closed types of a record's fields.
    fn field_types(&mut self, ctor: CtorId, record: Ty) -> Vec<Ty> {
        let mut vars = match record.kind() {
            TyKind::Con(_, args) => Vars::of_args(args),
            _ => Vars::default(),
        };
        self.typed.field_types(ctor).iter().map(|field| vars.close(*field)).collect()
    }

    /// The cost of an adaptive function's variant, with what the variant calls.
    pub(super) fn cost(&mut self, e: ExprId, inner: &InnerCost) -> Option<VarId> {
        let Some((ctor, plus)) = self.adaptive() else { return self.expr(e, false) };
        let own = if inner.is_total { None } else { Some(self.expr(e, false)?) };
        let mut fields = Vec::new();
        let types = self.field_types(ctor, Ty::ERROR);
        for (amount, ty) in inner.amounts.iter().zip(types) {
            let shape = self.shape_of(ty);
            fields.push(self.constant(float(to_f64(amount)), shape));
        }
        let ty = Ty::con(self.program.ctors[ctor].ty, []);
        let shape = self.shape_of(ty);
        let site = Some(Site { def: self.def.0, expr: e.0 });
        let taken = self.construct(e, shape, 0, fields, site);
        let Some(own) = own else { return Some(taken) };
        let plus_type = Ty::new(TyKind::Fn([ty, ty].into(), ty));
        let args = [Arg::Var(own), Arg::Var(taken)];
        self.call_def(e, plus, (plus_type, None), Vec::new(), &args, false)
    }

    /// `Cost` and `plus` of the library.
    fn adaptive(&self) -> Option<(CtorId, DefId)> {
        let program = self.program;
        let module = &program.modules[*program.by_name.get(&Name::new("std.adaptive"))?];
        let plus = module.defs.iter().copied().find(|def| program.defs[*def].name == *"plus")?;
        let cost = module.types.iter().find(|ty| program.types[**ty].name == *"Cost")?;
        match program.types[*cost].kind {
            TypeDefKind::Record(ctor) => Some((ctor, plus)),
            _ => None,
        }
    }

    /// A value that a field's `:from` converts to the field's closed type.
    fn converted(&mut self, value: ExprId, conversion: &Conversion, to: Ty) -> Option<VarId> {
        match conversion {
            Conversion::Def(def, dicts) => {
                let from = self.type_of(value);
                let ty = Ty::new(TyKind::Fn([from].into(), to));
                let dicts = dicts.iter().filter_map(|d| dict::known(self.typed, d, &self.dicts));
                let dicts = dicts.collect();
                self.call_def(value, *def, (ty, None), dicts, &[Arg::Expr(value)], false)
            }
            Conversion::Ctor(ctor) => {
                let info = &self.program.ctors[*ctor];
                let (index, is_record) = (info.index as usize, info.is_record);
                let var = self.expr(value, false)?;
                if is_record {
                    return Some(var);
                }
                let shape = self.shape_of(to);
                Some(self.construct(value, shape, index, vec![var], None))
            }
        }
    }

    /// `(.x e)`
    pub(super) fn field(&mut self, e: ExprId, value: ExprId) -> Option<VarId> {
        let of = self.expr(value, false)?;
        let index = self.facts.fields.get(&e).and_then(|fields| fields.first().copied());
        let shape = self.shape(of);
        let ctor = self.data_shape(shape).first();
        let field = index.and_then(|at| ctor?.fields.get(at as usize).copied());
        let (Some(index), Some(field)) = (index, field) else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        Some(self.emit(Op::Field { of, index }, field))
    }

    pub(super) fn with_fields(
        &mut self,
        e: ExprId,
        value: ExprId,
        fields: &[(Name, ExprId)],
    ) -> Option<VarId> {
        let record = self.expr(value, false)?;
        let ty = self.type_of(value);
        let indices = self.facts.fields.get(&e).cloned().unwrap_or_default();
        let conversions = self.facts.conversions.get(&e);
        let ctor = match ty.kind() {
            TyKind::Con(id, _) => match self.program.types[*id].kind {
                TypeDefKind::Record(ctor) => Some(ctor),
                _ => None,
            },
            _ => None,
        };
        let (Some(ctor), true) = (ctor, indices.len() == fields.len()) else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let types = self.field_types(ctor, ty);
        let mut values = Vec::with_capacity(fields.len());
        for (at, (_, value)) in fields.iter().enumerate() {
            let conversion = conversions.and_then(|c| c.get(at)).and_then(Option::as_ref);
            let to = types.get(indices[at] as usize).copied().unwrap_or_default();
            values.push(match conversion {
                Some(conversion) => self.converted(*value, conversion, to)?,
                None => self.expr(*value, false)?,
            });
        }
        Some(match self.keeps_site(ctor) {
            true => self.updated(e, record, &indices, &values),
            false => self.rebuilt(e, record, &indices, &values),
        })
    }

    /// A record with new values keeps the site where it was made: that is where it is declared.
    fn updated(&mut self, e: ExprId, record: VarId, indices: &[u32], values: &[VarId]) -> VarId {
        let shape = self.shape(record);
        indices.iter().zip(values).fold(record, |of, (index, value)| {
            self.emit_at(e, Op::Update { of, index: *index, value: *value }, shape)
        })
    }

    fn rebuilt(&mut self, e: ExprId, record: VarId, indices: &[u32], values: &[VarId]) -> VarId {
        let shape = self.shape(record);
        let all = self.data_shape(shape).first().map(|c| c.fields.clone()).unwrap_or_default();
        let mut fields = Vec::with_capacity(all.len());
        for (index, field) in (0..).zip(all) {
            let new = indices.iter().rposition(|at| *at == index).map(|at| values[at]);
            fields.push(match new {
                Some(value) => value,
                None => self.emit(Op::Field { of: record, index }, field),
            });
        }
        self.construct(e, shape, 0, fields, None)
    }
}
