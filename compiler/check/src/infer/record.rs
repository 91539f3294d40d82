//! Records and maps: `{…}`, keyword arguments, defaults, `:from` conversions, field access.

use super::expr::Agreed::{self, No, Yes};
use super::{Deferred, Infer, Want, Why};
use crate::arena::{ERROR, Node, T};
use crate::declare::{Head, head_of};
use crate::diagnostics as report;
use crate::ty::Ty;
use crate::typed::{Conversion, FieldValue, RecordFact};
use eclexia_base::{Name, Span};
use eclexia_core::core::{CtorId, Entity, Expr, ExprId, Literal, Place};

impl<'a> Infer<'a> {
    /// `{:x 1 …}`: a record where one is wanted, else a map of keywords.
    pub(super) fn braces(
        &mut self,
        e: ExprId,
        fields: &'a [(Name, ExprId)],
        want: Option<Want>,
    ) -> (T, Agreed) {
        if let Some(want) = want
            && self.is_amounts(want.ty)
        {
            self.amounts(e);
            return (want.ty, Yes);
        }
        if let Some(want) = want
            && let Some(ctor) = self.record_ctor(want.ty)
        {
            let place = self.here(e);
            self.check_may_make(self.at, place, ctor);
            let fact = self.record(e, place, ctor, want.ty, fields);
            self.cx().facts.records.insert(e, fact);
            return (want.ty, Yes);
        }
        let Some(map) = self.lang.map else { return (ERROR, No) };
        let key = self.closed(self.lang.keyword);
        let key = if fields.is_empty() { self.fresh() } else { key };
        let value = self.fresh();
        let result = self.arena.con(map, &[key, value]);
        // A map is wanted: its values are told their type. Else the first value decides.
        let mut why = None;
        if let Some(want) = want
            && self.arena.unify(result, want.ty).is_ok()
            && !self.arena.is_var(value)
        {
            why = Some(want.why);
        }
        for (_, item) in fields {
            let wanted = why.map(|why| Want { ty: value, why });
            let ty = self.expr(*item, wanted);
            if why.is_none() {
                let _ = self.arena.unify(value, ty);
                why = Some(Why::MapValue(*item));
            }
        }
        (result, No)
    }

    pub(super) fn map(
        &mut self,
        entries: &'a [(ExprId, ExprId)],
        want: Option<Want>,
    ) -> (T, Agreed) {
        let Some(map) = self.lang.map else { return (ERROR, No) };
        let (key, value) = (self.fresh(), self.fresh());
        let result = self.arena.con(map, &[key, value]);
        if let Some(want) = want {
            let _ = self.arena.unify(result, want.ty);
        }
        let Some((first_key, first_value)) = entries.first().copied() else { return (result, No) };
        for (k, v) in entries {
            self.expr(*k, Some(Want { ty: key, why: Why::MapKey(first_key) }));
            self.expr(*v, Some(Want { ty: value, why: Why::MapValue(first_value) }));
        }
        (result, No)
    }

    /// Checks the pairs of a record of type `ty` and says where each field's value comes from.
    pub(super) fn record(
        &mut self,
        e: ExprId,
        place: Place,
        ctor: CtorId,
        ty: T,
        pairs: &[(Name, ExprId)],
    ) -> RecordFact {
        let (program, tables) = (self.program, self.tables);
        let decl = &program.ctors[ctor];
        let types = &tables.ctors[ctor];
        let args = self.record_args(ty);
        let mut fields: Vec<FieldValue> = decl
            .fields
            .iter()
            .map(|f| f.default.map_or(FieldValue::Missing, FieldValue::Default))
            .collect();
        let mut given: Vec<Option<usize>> = vec![None; fields.len()];
        let mut misspelt = false;
        for (pair, (name, value)) in pairs.iter().enumerate() {
            let Some(index) = decl.fields.iter().position(|f| f.name == Some(*name)) else {
                misspelt = true;
                self.of_unknown(*value);
                let at = self.key_span(e, pair, *value, place);
                self.diags.push(report::unknown_field(program, at, place, ctor, *name));
                continue;
            };
            if let Some(first) = given[index] {
                self.expr(*value, None);
                let at = self.key_span(e, pair, *value, place);
                let before = self.key_span(e, first, pairs[first].1, place);
                self.diags.push(report::duplicate_field(at, before, *name));
                continue;
            }
            given[index] = Some(pair);
            let field_type = self.arena.instantiate(types.fields[index], &args, &[]);
            let from = self.field_value(*value, ctor, index, field_type);
            fields[index] = FieldValue::Given { pair: pair as u32, from };
        }
        let missing = |(i, f): (usize, &FieldValue)| {
            (*f == FieldValue::Missing).then_some(decl.fields[i].name).flatten()
        };
        let missing: Vec<Name> = fields.iter().enumerate().filter_map(missing).collect();
        // A field with a wrong name is probably the one that is missing.
        if !missing.is_empty() && !misspelt {
            self.diags.push(report::missing_field(program, place, ctor, &missing));
        }
        RecordFact { ctor, fields }
    }

    /// What an unknown field is given: braces are of a record as likely as of a map.
    fn of_unknown(&mut self, value: ExprId) {
        let Expr::Record { fields } = &self.body().exprs[value] else {
            self.expr(value, None);
            return;
        };
        fields.iter().for_each(|(_, item)| self.of_unknown(*item));
        self.cx().types[value.0 as usize] = ERROR;
    }

    /// Records of a `:private` type are made, changed ones too, by code of its module only, also
    /// where their constructor is not named; a macro of the module is such code.
    pub(super) fn check_may_make(&mut self, body: usize, place: Place, ctor: CtorId) {
        let program = self.program;
        let ty = &program.types[program.ctors[ctor].ty];
        let is_home = program.defs[self.bodies[body].def].module == ty.module
            || place.inside.is_some_and(|(span, _)| span.file == ty.span.file);
        if ty.is_private && !is_home {
            self.diags.push(report::private_record(program, place, ctor));
        }
    }

    fn record_args(&self, ty: T) -> Vec<T> {
        match self.arena.node(self.through(ty)) {
            Node::Con(_, run) => self.arena.items(run).to_vec(),
            _ => Vec::new(),
        }
    }

    /// Where the keyword of the i-th pair is; without a record of it, the value's place.
    pub(super) fn key_span(&self, e: ExprId, pair: usize, value: ExprId, place: Place) -> Span {
        let def = self.bodies[self.at].def;
        let keys = self.program.maps.get(def).and_then(|map| map.fields.get(&e));
        let key = keys.and_then(|keys| keys.get(pair)).copied();
        let value = self.here(value).span;
        key.unwrap_or(if value.file == place.span.file { value } else { place.span })
    }

    /// A field's value, converted by the field's `:from` when its type has another head.
    fn field_value(
        &mut self,
        value: ExprId,
        ctor: CtorId,
        index: usize,
        field_type: T,
    ) -> Option<Conversion> {
        let program = self.program;
        let why = Why::Field(ctor, index as u32);
        let Some(from) = program.ctors[ctor].fields[index].from else {
            self.expr(value, Some(Want { ty: field_type, why }));
            return None;
        };
        let wanted_head = head_of(self.tables.ctors[ctor].fields[index]);
        let shape = self.shape(value, field_type);
        if shape.is_some() && shape == wanted_head {
            self.expr(value, Some(Want { ty: field_type, why }));
            return None;
        }
        if shape.is_some() {
            let Some((conversion, param)) = self.conversion(value, from, field_type) else {
                self.expr(value, None);
                return None;
            };
            self.expr(value, Some(Want { ty: param, why }));
            return Some(conversion);
        }
        let found = self.expr(value, None);
        let found_head = self.head(found);
        if found_head.is_none() || found_head == wanted_head {
            self.expect(value, found, Want { ty: field_type, why });
            return None;
        }
        let (conversion, param) = self.conversion(value, from, field_type)?;
        self.expect(value, found, Want { ty: param, why });
        Some(conversion)
    }

    /// The head that the syntax of a value shows, so that it can be told what it should be.
    fn shape(&self, value: ExprId, field_type: T) -> Option<Head> {
        let con = |id: Option<_>| id.map(Head::Con);
        let closed = |ty: Ty| head_of(ty);
        match &self.body().exprs[value] {
            Expr::Vector(_) => con(self.lang.vector),
            Expr::Fn { params, .. } => Some(Head::Fn(params.len())),
            Expr::Literal(Literal::Int(_)) if self.head(field_type) == Some(Head::Q) => {
                Some(Head::Q)
            }
            Expr::Literal(Literal::Int(_)) => closed(self.lang.int),
            Expr::Literal(Literal::Float(_) | Literal::Quantity(..)) => Some(Head::Q),
            Expr::Record { .. } => match self.record_ctor(field_type) {
                Some(_) => self.head(field_type),
                None if self.head(field_type) == con(self.lang.map) => con(self.lang.map),
                None => Some(Head::Ref),
            },
            Expr::Map { .. } => con(self.lang.map),
            _ => None,
        }
    }

    pub(super) fn head(&self, ty: T) -> Option<Head> {
        Some(match self.arena.node(ty) {
            Node::Con(id, _) => Head::Con(id),
            Node::Fn(params, _) => Head::Fn(params.len()),
            Node::Fn1(params, _) => Head::Fn1(params.len()),
            Node::Ref(_) => Head::Ref,
            Node::Q(_) => Head::Q,
            Node::Budget(_) => Head::Budget,
            _ => return None,
        })
    }

    /// A `:from` function whose result is the field's type, and the type it takes.
    fn conversion(&mut self, value: ExprId, from: Entity, field: T) -> Option<(Conversion, T)> {
        let (schemes, tables) = (self.schemes, self.tables);
        let (function, conversion) = match from {
            Entity::Def(def) => match self.mono.get(&def) {
                Some(ty) => (*ty, Conversion::Def(def, Vec::new())),
                None => {
                    let kept = self.cx().facts.dict_args.remove(&value);
                    let function = self.instantiate(value, schemes.get(def)?);
                    let facts = &mut self.cx().facts;
                    let dicts = facts.dict_args.remove(&value).unwrap_or_default();
                    if let Some(kept) = kept {
                        facts.dict_args.insert(value, kept);
                    }
                    (function, Conversion::Def(def, dicts))
                }
            },
            Entity::Ctor(ctor) => {
                (self.instantiate(value, &tables.ctors[ctor].scheme), Conversion::Ctor(ctor))
            }
            _ => return None,
        };
        let (param, ret) = match self.arena.node(function) {
            Node::Fn(params, ret) if params.len() == 1 => (self.arena.item(params, 0), ret),
            _ => {
                let found = self.freeze_message(function);
                let place = self.here(value);
                self.diags.push(report::invalid_conversion(self.program, place, found));
                return None;
            }
        };
        if self.arena.unify(ret, field).is_err() {
            let (found, place) = (self.freeze_message(function), self.here(value));
            self.diags.push(report::invalid_conversion(self.program, place, found));
            return None;
        }
        Some((conversion, param))
    }

    pub(super) fn field(&mut self, e: ExprId, value: ExprId, name: Name) -> T {
        let value = self.expr(value, None);
        let result = self.fresh();
        let body = self.at;
        self.defer(Deferred::Field { body, expr: e, value, name, result });
        result
    }

    pub(super) fn with_fields(
        &mut self,
        e: ExprId,
        value: ExprId,
        fields: &'a [(Name, ExprId)],
        want: Option<Want>,
    ) -> T {
        let record = self.expr(value, want.filter(|w| self.record_ctor(w.ty).is_some()));
        if let Some(ctor) = self.record_ctor(record) {
            self.update(e, ctor, record, fields);
            return record;
        }
        let values = fields.iter().map(|(name, item)| (*name, self.expr(*item, None))).collect();
        let body = self.at;
        self.defer(Deferred::With { body, expr: e, value: record, fields: values });
        record
    }

    fn update(&mut self, e: ExprId, ctor: CtorId, record: T, fields: &'a [(Name, ExprId)]) {
        let (program, tables) = (self.program, self.tables);
        let args = self.record_args(record);
        let place = self.here(e);
        self.check_may_make(self.at, place, ctor);
        let mut indices: Vec<u32> = Vec::with_capacity(fields.len());
        let mut conversions = Vec::with_capacity(fields.len());
        for (pair, (name, value)) in fields.iter().enumerate() {
            let decl = &program.ctors[ctor].fields;
            let Some(index) = decl.iter().position(|f| f.name == Some(*name)) else {
                self.of_unknown(*value);
                let at = self.key_span(e, pair, *value, place);
                self.diags.push(report::unknown_field(program, at, place, ctor, *name));
                continue;
            };
            if let Some(first) = indices.iter().position(|i| *i == index as u32) {
                let at = self.key_span(e, pair, *value, place);
                let before = self.key_span(e, first, fields[first].1, place);
                self.diags.push(report::duplicate_field(at, before, *name));
            }
            indices.push(index as u32);
            let ty = self.arena.instantiate(tables.ctors[ctor].fields[index], &args, &[]);
            conversions.push(self.field_value(*value, ctor, index, ty));
        }
        let facts = &mut self.cx().facts;
        facts.fields.insert(e, indices);
        if conversions.iter().any(Option::is_some) {
            facts.conversions.insert(e, conversions);
        }
    }
}
