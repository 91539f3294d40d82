//! Values as JSON for tools (`run --json`, `repl --json`): not the interface `Serialize`, which is
//! the program's own choice of form. Bounded in depth.

use eclexia_base::unit::{UnitTable, display};
use eclexia_base::{Dim, Name};
use eclexia_core::core::{CtorId, Program};
use eclexia_rt::builtin::ListIter;
use eclexia_rt::{Value, quote};

const MAX_DEPTH: usize = 64;

/// Records are objects, lists, vectors and sets arrays, maps with keys of text objects and others
/// arrays of pairs; a constructor is its name, or `{"Name": [fields]}`; quantities are text.
pub fn value_to_json(value: &Value, program: &Program) -> String {
    let mut out = String::new();
    let units = UnitTable::language();
    Writer { program, units, out: &mut out }.value(value, 0);
    out
}

struct Writer<'a> {
    program: &'a Program,
    units: &'a UnitTable,
    out: &'a mut String,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return self.out.push_str("\"…\"");
        }
        match value {
            Value::Unit => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Int(n) => self.out.push_str(&n.to_string()),
            Value::Quantity(x, Dim::ONE) if x.is_finite() => self.out.push_str(&format!("{x:?}")),
            Value::Quantity(x, dim) => self.text(&display(*x, *dim, self.units)),
            Value::Str(text) => self.text(text),
            Value::Keyword(name) => self.text(name.as_str()),
            Value::Tag { ctor, .. } if self.is_ctor(*ctor, "Nil") => self.out.push_str("[]"),
            Value::Tag { ctor, .. } => self.text(self.name(*ctor)),
            Value::Data(data) if self.is_ctor(data.ctor, "Cons") => {
                self.array(ListIter(value), depth);
            }
            Value::Data(data) => self.data(data, depth),
            Value::Vector(seq) => self.array(seq.items.iter(), depth),
            Value::Set(members) => self.array(members.set.iter().map(|key| &key.0), depth),
            Value::Map(entries) => self.map(&entries.map, depth),
            Value::Function(_)
            | Value::Dictionary(_)
            | Value::Capability(_)
            | Value::Attenuated(_)
            | Value::Budget(_) => {
                self.out.push_str("null");
            }
        }
    }

    fn array<'v>(&mut self, items: impl Iterator<Item = &'v Value>, depth: usize) {
        self.out.push('[');
        for (i, item) in items.enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.value(item, depth + 1);
        }
        self.out.push(']');
    }

    fn map(&mut self, map: &eclexia_rt::value::OrderedMap, depth: usize) {
        let text = |key: &Value| match key {
            Value::Str(text) => Some(text.to_string()),
            Value::Keyword(name) => Some(name.to_string()),
            _ => None,
        };
        let is_object = map.keys().all(|key| text(&key.0).is_some());
        self.out.push(if is_object { '{' } else { '[' });
        for (i, (key, value)) in map.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            match text(&key.0) {
                Some(key) if is_object => {
                    self.text(&key);
                    self.out.push(':');
                    self.value(value, depth + 1);
                }
                _ => self.array([&key.0, value].into_iter(), depth),
            }
        }
        self.out.push(if is_object { '}' } else { ']' });
    }

    fn data(&mut self, data: &eclexia_rt::Data, depth: usize) {
        let info = self.program.ctors.get(CtorId(data.ctor));
        self.out.push('{');
        match info.filter(|ctor| ctor.is_record) {
            Some(ctor) => {
                for (i, (field, value)) in ctor.fields.iter().zip(data.fields.iter()).enumerate() {
                    if i > 0 {
                        self.out.push(',');
                    }
                    self.text(field.name.map_or("", Name::as_str));
                    self.out.push(':');
                    self.value(value, depth + 1);
                }
            }
            None => {
                self.text(self.name(data.ctor));
                self.out.push(':');
                self.array(data.fields.iter(), depth);
            }
        }
        self.out.push('}');
    }

    /// The reader's escapes are JSON's but for `\u{…}`, which stands for control characters.
    fn text(&mut self, text: &str) {
        let plain = !text.chars().any(char::is_control);
        if plain {
            return self.out.push_str(&quote(text));
        }
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend(['\\', c]),
                c if c.is_control() => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn name(&self, ctor: u32) -> &'static str {
        self.program.ctors.get(CtorId(ctor)).map_or("?", |c| c.name.as_str())
    }

    fn is_ctor(&self, ctor: u32, name: &str) -> bool {
        self.program.lang.ctors.get(&Name::new(name)) == Some(&CtorId(ctor))
    }
}
