//! Records and maps with keyword keys. The values are evaluated as written, left to right; only
//! then are they put into the order of declaration.

use super::Compiler;
use super::call::Arg;
use crate::code::{Op, Shape};
use eclexia_base::number::to_f64;
use eclexia_base::{Dim, Name};
use eclexia_check::typed::{CallFact, Conversion, FieldValue, InnerCost, RecordFact};
use eclexia_core::core::{CtorId, DefId, Expr, ExprId, TypeDefKind};
use eclexia_rt::Value;

impl Compiler<'_> {
    /// `{:x 1 …}`
    pub(super) fn record(&mut self, e: ExprId, fields: &[(Name, ExprId)]) {
        let facts = self.facts;
        match facts.records.get(&e) {
            Some(record) => {
                let values: Vec<ExprId> = fields.iter().map(|(_, value)| *value).collect();
                self.record_of(e, record, &values);
            }
            None => {
                for (name, value) in fields {
                    self.constant(Value::Keyword(*name));
                    self.expr(*value, false);
                }
                self.emit(Op::Map(fields.len() as u32));
            }
        }
    }

    /// The trailing `:key value` arguments of a call.
    pub(super) fn trailing_record(&mut self, e: ExprId, fact: &CallFact) {
        let body = self.body;
        let Expr::Call { args, .. } = &body.exprs[e] else { return };
        let trailing = args.get(fact.from_arg as usize..).unwrap_or_default();
        let values: Vec<ExprId> = trailing.chunks_exact(2).map(|pair| pair[1]).collect();
        self.record_of(e, &fact.record, &values);
    }

    fn record_of(&mut self, e: ExprId, record: &RecordFact, values: &[ExprId]) {
        let scope = self.top().next_slot;
        let conversion = |pair: usize| {
            record.fields.iter().find_map(|field| match field {
                FieldValue::Given { pair: p, from } if *p as usize == pair => from.as_ref(),
                _ => None,
            })
        };
        let mut slots = Vec::with_capacity(values.len());
        for (pair, value) in values.iter().enumerate() {
            match conversion(pair) {
                Some(conversion) => self.converted(*value, conversion),
                None => self.expr(*value, false),
            }
            slots.push(self.store_new());
        }
        for field in &record.fields {
            match field {
                FieldValue::Given { pair, .. } if (*pair as usize) < slots.len() => {
                    self.emit(Op::Local(slots[*pair as usize]));
                }
                FieldValue::Default(def) => self.global(e, *def, &[]),
                FieldValue::Given { .. } | FieldValue::Missing => {
                    self.emit_at(e, Op::Unreachable);
                }
            }
        }
        let ctor = record.ctor;
        let shape = Shape {
            ctor: ctor.0,
            index: self.program.ctors[ctor].index,
            fields: record.fields.len() as u32,
            site: self.site(e),
        };
        self.data(shape);
        self.top().next_slot = scope;
    }

    /// The cost of an adaptive function's variant, with what the variant calls.
    pub(super) fn cost(&mut self, e: ExprId, inner: &InnerCost) {
        let Some(library) = self.adaptive() else { return self.expr(e, false) };
        if !inner.is_total {
            self.expr(e, false);
        }
        let terms = ["J", "s", "gCO2e", "byte", "USD"];
        for (amount, base) in inner.amounts.iter().zip(terms) {
            self.constant(Value::Quantity(to_f64(amount), Dim::base(base)));
        }
        let (ctor, plus) = library;
        let (index, fields) = (self.program.ctors[ctor].index, inner.amounts.len() as u32);
        self.data(Shape { ctor: ctor.0, index, fields, site: self.site(e) });
        if !inner.is_total {
            self.emit_at(e, Op::CallDef { argc: 2, def: plus.0 });
        }
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

    /// A value that the field's `:from` converts.
    fn converted(&mut self, value: ExprId, conversion: &Conversion) {
        match conversion {
            Conversion::Def(def, dicts) => {
                self.call_def(value, *def, dicts, &[Arg::Expr(value)], false);
            }
            Conversion::Ctor(ctor) => {
                let info = &self.program.ctors[*ctor];
                let (index, is_record) = (info.index, info.is_record);
                self.expr(value, false);
                if !is_record {
                    self.data(Shape { ctor: ctor.0, index, fields: 1, site: None });
                }
            }
        }
    }

    /// `(.x e)`
    pub(super) fn field(&mut self, e: ExprId, value: ExprId) {
        self.expr(value, false);
        let index = self.facts.fields.get(&e).and_then(|fields| fields.first().copied());
        match index {
            Some(index) => self.emit_at(e, Op::Field(index)),
            None => self.emit_at(e, Op::Unreachable),
        };
    }

    pub(super) fn with_fields(&mut self, e: ExprId, value: ExprId, fields: &[(Name, ExprId)]) {
        self.expr(value, false);
        let conversions = self.facts.conversions.get(&e);
        for (at, (_, value)) in fields.iter().enumerate() {
            match conversions.and_then(|c| c.get(at)).and_then(Option::as_ref) {
                Some(conversion) => self.converted(*value, conversion),
                None => self.expr(*value, false),
            }
        }
        let indices = self.facts.fields.get(&e).cloned().unwrap_or_default();
        if indices.len() != fields.len() {
            self.emit_at(e, Op::Unreachable);
            return;
        }
        let state = self.top();
        state.updates.push(indices);
        let index = state.updates.len() as u32 - 1;
        self.emit(Op::WithFields(index));
    }
}
