//! Values as text that the language reads back where it can: what the REPL and failed checks show.
//! Needs no types, because values know their constructors, and of the program its names only;
//! bounded in length and depth.

use crate::builtin::ListIter;
use crate::builtins::text::quote;
use crate::heap::Host;
use crate::value::{Attenuated, Data, Target, Value};
use eclexia_base::Name;
use eclexia_base::unit::{UnitTable, display};

/// Nesting shown; below it stands `…`.
const MAX_DEPTH: usize = 40;
/// Elements shown of one collection.
const MAX_ITEMS: usize = 200;
/// Bytes after which everything is `…`.
const MAX_BYTES: usize = 20_000;

/// What values do not know of themselves: the names of constructors, and of definitions.
pub trait Names {
    fn ctor(&self, ctor: u32) -> Option<Name>;
    /// The names of the fields of a record; `None` of any other constructor.
    fn record_fields(&self, ctor: u32) -> Option<Vec<Name>>;
    /// Of the constructors of lists.
    fn nil(&self) -> Option<u32>;
    fn cons(&self) -> Option<u32>;
    fn def(&self, _def: u32) -> Option<Name> {
        None
    }
}

impl Names for Host {
    fn ctor(&self, ctor: u32) -> Option<Name> {
        let (shape, index) = self.ctor_shapes.get(&ctor)?;
        self.shapes.get(*shape).ctors().get(*index as usize).map(|ctor| ctor.name)
    }

    fn record_fields(&self, ctor: u32) -> Option<Vec<Name>> {
        let (shape, index) = self.ctor_shapes.get(&ctor)?;
        let ctor = self.shapes.get(*shape).ctors().get(*index as usize)?;
        ctor.is_record.then(|| ctor.field_names.clone())
    }

    fn nil(&self) -> Option<u32> {
        Some(self.ctors.nil.0)
    }

    fn cons(&self) -> Option<u32> {
        Some(self.ctors.cons.0)
    }
}

/// `(Point {:x 1.0 :y 0.0})`, `(list 1 2)`, `[1 2]`, `{:a 1}`, `"text"`, `512MiB`.
pub fn show_with(value: &Value, names: &dyn Names, units: &UnitTable) -> String {
    let mut shower = Shower { names, units, out: String::new() };
    shower.value(value, 0);
    shower.out
}

struct Shower<'a> {
    names: &'a dyn Names,
    units: &'a UnitTable,
    out: String,
}

impl Shower<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        if depth > MAX_DEPTH || self.out.len() > MAX_BYTES {
            return self.out.push('…');
        }
        match value {
            Value::Unit => self.out.push_str("unit"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Int(n) => self.out.push_str(&n.to_string()),
            Value::Quantity(x, dim) => self.out.push_str(&display(*x, *dim, self.units)),
            Value::Str(text) => self.out.push_str(&quote(text)),
            Value::Keyword(name) => self.keyword(*name),
            Value::Tag { ctor, .. } if self.names.nil() == Some(*ctor) => {
                self.out.push_str("(list)")
            }
            Value::Tag { ctor, .. } => self.ctor_name(*ctor),
            Value::Data(data) if self.names.cons() == Some(data.ctor) => {
                self.sequence("(list ", ")", ListIter(value), depth);
            }
            Value::Data(data) => self.data(data, depth),
            Value::Vector(seq) => self.sequence("[", "]", seq.items.iter(), depth),
            Value::Set(members) => {
                let items = members.set.iter().map(|key| &key.0);
                self.sequence("(set/of [", "])", items, depth);
            }
            Value::Map(entries) => {
                let parts = entries.map.iter().flat_map(|(key, value)| [&key.0, value]);
                self.sequence("{", "}", parts, depth);
            }
            Value::Function(function) => self.function(&function.target),
            Value::Dictionary(_) => self.out.push_str("#<dictionary>"),
            Value::Budget(holding) => {
                let text = holding.total().text(self.units);
                self.out.push_str(&format!("#<budget {text}>"));
            }
            Value::Capability(capability) => {
                let name = format!("{capability:?}").to_lowercase();
                self.out.push_str(&format!("#<{name}>"));
            }
            Value::Attenuated(attenuated) => self.out.push_str(match **attenuated {
                Attenuated::Files { .. } => "#<files>",
                Attenuated::Clock(_) => "#<clock>",
                Attenuated::Network(_) | Attenuated::Listening(_) => "#<network>",
                Attenuated::Env(_) | Attenuated::MadeEnv(_) => "#<env>",
            }),
        }
    }

    fn sequence<'v>(
        &mut self,
        open: &str,
        close: &str,
        items: impl Iterator<Item = &'v Value>,
        depth: usize,
    ) {
        self.out.push_str(open);
        for (i, item) in items.enumerate() {
            if i > 0 {
                self.out.push(' ');
            }
            if i >= MAX_ITEMS || self.out.len() > MAX_BYTES {
                self.out.push('…');
                break;
            }
            self.value(item, depth + 1);
        }
        self.out.push_str(close);
    }

    fn data(&mut self, data: &Data, depth: usize) {
        let record = self.names.record_fields(data.ctor);
        self.out.push('(');
        self.ctor_name(data.ctor);
        self.out.push_str(if record.is_some() { " {" } else { "" });
        for (i, field) in data.fields.iter().enumerate() {
            if i > 0 || record.is_none() {
                self.out.push(' ');
            }
            if let Some(name) = record.as_ref().and_then(|names| names.get(i)) {
                self.keyword(*name);
                self.out.push(' ');
            }
            self.value(field, depth + 1);
        }
        self.out.push_str(if record.is_some() { "})" } else { ")" });
    }

    fn keyword(&mut self, name: Name) {
        self.out.push(':');
        self.out.push_str(name.as_str());
    }

    fn ctor_name(&mut self, ctor: u32) {
        let name = self.names.ctor(ctor);
        self.out.push_str(name.map_or("?", Name::as_str));
    }

    fn function(&mut self, target: &Target) {
        match target {
            Target::Def(def) => {
                let name = self.names.def(*def).map_or("fn", Name::as_str);
                self.out.push_str(&format!("#<function {name}>"));
            }
            Target::Builtin(id) => {
                let name = id.get().name.rsplit('/').next().filter(|n| !n.is_empty());
                self.out.push_str(&format!("#<function {}>", name.unwrap_or("/")));
            }
            Target::Ctor { ctor, .. } => {
                self.out.push_str("#<constructor ");
                self.ctor_name(*ctor);
                self.out.push('>');
            }
            Target::Closure(closure) if closure.name == "" => self.out.push_str("#<function>"),
            // Lowering names functions that make a constructor's value `constructor Some`.
            Target::Closure(closure) => {
                let name = closure.name.as_str();
                let kind = if name.starts_with("constructor ") { "" } else { "function " };
                self.out.push_str(&format!("#<{kind}{name}>"));
            }
            Target::Partial(Value::Function(inner)) => self.function(&inner.target),
            Target::Code(_) | Target::Identity | Target::Partial(_) => {
                self.out.push_str("#<function>");
            }
        }
    }
}
