//! Values as text that the language reads back where it can: what the REPL and failed checks show.
//! Needs no types, because values know their constructors; bounded in length and depth.

use eclexia_base::Name;
use eclexia_base::unit::{UnitTable, display};
use eclexia_core::core::{CtorId, Program};
use eclexia_rt::builtin::ListIter;
use eclexia_rt::{Attenuated, Data, Target, Value, quote};

/// Nesting shown; below it stands `…`.
const MAX_DEPTH: usize = 40;
/// Elements shown of one collection.
const MAX_ITEMS: usize = 200;
/// Bytes after which everything is `…`.
const MAX_BYTES: usize = 20_000;

/// As [`show_with`], in the units of the language.
pub fn show_value(value: &Value, program: &Program) -> String {
    show_with(value, program, &UnitTable::language())
}

/// `(Point {:x 1.0 :y 0.0})`, `(list 1 2)`, `[1 2]`, `{:a 1}`, `"text"`, `512MiB`.
pub fn show_with(value: &Value, program: &Program, units: &UnitTable) -> String {
    let mut shower = Shower { program, units, out: String::new() };
    shower.value(value, 0);
    shower.out
}

struct Shower<'a> {
    program: &'a Program,
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
            Value::Tag { ctor, .. } if self.is_ctor(*ctor, "Nil") => self.out.push_str("(list)"),
            Value::Tag { ctor, .. } => self.ctor_name(*ctor),
            Value::Data(data) if self.is_ctor(data.ctor, "Cons") => {
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
                Attenuated::Network(_) => "#<network>",
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
        let info = self.program.ctors.get(CtorId(data.ctor));
        self.out.push('(');
        self.ctor_name(data.ctor);
        let is_record = info.is_some_and(|ctor| ctor.is_record);
        self.out.push_str(if is_record { " {" } else { "" });
        for (i, field) in data.fields.iter().enumerate() {
            if i > 0 || !is_record {
                self.out.push(' ');
            }
            let name = info.and_then(|ctor| ctor.fields.get(i)).and_then(|field| field.name);
            if let (Some(name), true) = (name, is_record) {
                self.keyword(name);
                self.out.push(' ');
            }
            self.value(field, depth + 1);
        }
        self.out.push_str(if is_record { "})" } else { ")" });
    }

    fn keyword(&mut self, name: Name) {
        self.out.push(':');
        self.out.push_str(name.as_str());
    }

    fn ctor_name(&mut self, ctor: u32) {
        let name = self.program.ctors.get(CtorId(ctor)).map_or("?", |c| c.name.as_str());
        self.out.push_str(name);
    }

    fn is_ctor(&self, ctor: u32, name: &str) -> bool {
        self.program.lang.ctors.get(&Name::new(name)) == Some(&CtorId(ctor))
    }

    fn function(&mut self, target: &Target) {
        match target {
            Target::Def(def) => {
                let def = self.program.defs.get(eclexia_core::core::DefId(*def));
                let name = def.map_or("fn", |d| d.name.as_str());
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
            Target::Partial(Value::Function(inner)) => self.function(&inner.target),
            Target::Code(_) | Target::Identity | Target::Partial(_) => {
                self.out.push_str("#<function>");
            }
        }
    }
}
