//! Reads values of the library's records: fields by name, each with its place in source, and
//! amounts as exact rationals. The checker has proved the shapes, so a value of another shape is a
//! bug of ours (or of a foreign standard library) and reads as absent.

use super::origins::Origins;
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Name, Span};
use eclexia_core::core::{CtorId, DefId, Expr, ExprId, Literal, Program};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_model::{Exact, Origin, UnitText};
use eclexia_rt::value::{Data, Site, Value};
use std::collections::BTreeMap;

pub struct Reader<'p> {
    pub program: &'p Program,
    pub sources: &'p Sources,
    pub units: &'static UnitTable,
    pub origins: Origins,
    pub diagnostics: Diagnostics,
    /// The protocol that a need asks of its target, by the need's origin.
    pub asked_protocols: BTreeMap<Origin, String>,
}

/// A record value and where it stands: its own literal, or that of the record around it.
#[derive(Clone, Copy)]
pub struct Record<'v> {
    data: &'v Data,
    site: Option<Site>,
    pub span: Option<Span>,
}

impl<'p> Reader<'p> {
    pub fn new(program: &'p Program, sources: &'p Sources) -> Self {
        Reader {
            program,
            sources,
            units: UnitTable::language(),
            origins: Origins::default(),
            diagnostics: Diagnostics::new(),
            asked_protocols: BTreeMap::new(),
        }
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub fn origin(&mut self, span: Option<Span>) -> Origin {
        self.origins.intern(span)
    }

    /// The record in `value`; its place is its literal when a user wrote it, else `around`.
    pub fn record<'v>(&self, value: &'v Value, around: Option<Span>) -> Option<Record<'v>> {
        let Value::Data(data) = value else { return None };
        let site = data.site.filter(|site| !self.is_std(*site));
        let span = site.and_then(|site| self.site_span(site)).or(around);
        Some(Record { data, site, span })
    }

    fn is_std(&self, site: Site) -> bool {
        let def = self.program.defs.get(DefId(site.def));
        def.is_none_or(|def| self.program.modules[def.module].is_std)
    }

    fn site_span(&self, site: Site) -> Option<Span> {
        self.program.maps.get(DefId(site.def))?.exprs.get(ExprId(site.expr)).map(|p| p.span)
    }

    /// The name in the definition that made the record, when it is called `name`; a better place
    /// for a label than a literal of many lines.
    pub fn definition_span(&self, record: &Record, name: &str) -> Option<Span> {
        let def = self.program.defs.get(DefId(record.site?.def))?;
        (def.name == *name).then_some(def.span).or(record.span)
    }

    pub fn field<'v>(&self, record: &Record<'v>, name: &str) -> Option<&'v Value> {
        let ctor = self.program.ctors.get(CtorId(record.data.ctor))?;
        let index = ctor.fields.iter().position(|f| f.name.is_some_and(|n| n == *name))?;
        record.data.fields.get(index)
    }

    /// The place of a field's value where the user wrote it, else the record's.
    pub fn field_span(&self, record: &Record, name: &str) -> Option<Span> {
        let written = record.site.and_then(|site| {
            let (def, expr) = self.written_field(site, name)?;
            Some(self.program.maps[def].exprs.get(expr)?.span)
        });
        written.or(record.span)
    }

    /// The place of the i-th item of a field written as a vector literal, else the field's.
    pub fn item_span(&self, record: &Record, name: &str, i: usize) -> Option<Span> {
        let item = record.site.and_then(|site| {
            let (def, expr) = self.written_field(site, name)?;
            let body = self.program.defs[def].body.as_ref()?;
            let Expr::Vector(items) = body.exprs.get(expr)? else { return None };
            Some(self.program.maps[def].exprs.get(*items.get(i)?)?.span)
        });
        item.or_else(|| self.field_span(record, name))
    }

    fn written_field(&self, site: Site, name: &str) -> Option<(DefId, ExprId)> {
        let def = DefId(site.def);
        let body = self.program.defs.get(def)?.body.as_ref()?;
        let expr = match body.exprs.get(ExprId(site.expr))? {
            Expr::Record { fields } => fields.iter().find(|(n, _)| *n == *name)?.1,
            Expr::Call { args, .. } => {
                let key = Expr::Literal(Literal::Keyword(Name::new(name)));
                let at = args.iter().position(|a| body.exprs.get(*a) == Some(&key))?;
                *args.get(at + 1)?
            }
            _ => return None,
        };
        Some((def, expr))
    }

    pub fn text(&self, record: &Record, name: &str) -> String {
        self.field(record, name).map(as_text).unwrap_or_default()
    }

    pub fn flag(&self, record: &Record, name: &str) -> bool {
        matches!(self.field(record, name), Some(Value::Bool(true)))
    }

    pub fn int(&self, record: &Record, name: &str) -> i64 {
        match self.field(record, name) {
            Some(Value::Int(n)) => *n,
            _ => 0,
        }
    }

    pub fn amount(&self, record: &Record, name: &str) -> Exact {
        self.field(record, name).and_then(amount).unwrap_or_default()
    }

    /// The value inside `Some`, absent for `None`.
    pub fn option<'v>(&self, record: &Record<'v>, name: &str) -> Option<&'v Value> {
        some(self.field(record, name)?)
    }

    pub fn items<'v>(&self, record: &Record<'v>, name: &str) -> Vec<&'v Value> {
        self.field(record, name).map(items).unwrap_or_default()
    }

    pub fn texts(&self, record: &Record, name: &str) -> Vec<String> {
        self.items(record, name).into_iter().map(as_text).collect()
    }

    /// A map from strings, in key order.
    pub fn entries(&self, record: &Record, name: &str) -> Vec<(String, Value)> {
        let map = self.field(record, name).and_then(Value::as_map);
        let entries = map.into_iter().flatten();
        entries.map(|(key, value)| (as_text(&key.0), value.clone())).collect()
    }

    /// The constructor's name, index aside, and its arguments.
    pub fn variant<'v>(&self, value: &'v Value) -> (&'static str, &'v [Value]) {
        match value {
            Value::Tag { ctor, .. } => (self.ctor_name(*ctor), &[]),
            Value::Data(data) => (self.ctor_name(data.ctor), &data.fields),
            _ => ("", &[]),
        }
    }

    fn ctor_name(&self, ctor: u32) -> &'static str {
        self.program.ctors.get(CtorId(ctor)).map_or("", |c| c.name.as_str())
    }

    /// The unit the user wrote at `span` if the text there is a quantity, else the customary one.
    pub fn unit_at(&self, span: Option<Span>, value: f64, dim: Dim) -> UnitText {
        let written = span.and_then(|span| {
            let text = self.sources.text(span.file).get(span.range())?;
            let at = text.find(|c: char| c.is_alphabetic())?;
            let unit = self.units.parse(&text[at..]).ok()?;
            (unit.dim == dim)
                .then(|| UnitText { text: text[at..].to_owned(), scale: unit.scale.into() })
        });
        written.unwrap_or_else(|| {
            let (text, scale) = self.units.best(value, dim);
            UnitText { text, scale: scale.into() }
        })
    }
}

pub fn as_text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Keyword(name) => name.to_string(),
        _ => String::new(),
    }
}

pub fn items(value: &Value) -> Vec<&Value> {
    value.as_items().into_iter().flatten().collect()
}

/// The argument of `Some`.
pub fn some(value: &Value) -> Option<&Value> {
    match value {
        Value::Data(data) => data.fields.first(),
        _ => None,
    }
}

/// A quantity or Int as an exact amount in base units.
///
/// The run time computes in `f64`; from here on amounts are exact (decision 6).
pub fn amount(value: &Value) -> Option<Exact> {
    match value {
        Value::Int(n) => Some(Exact::int(*n)),
        Value::Quantity(x, dim) => eclexia_base::amount::exact(*x, *dim).map(Exact),
        _ => None,
    }
}
