//! Values as text, with the names of a program.

use eclexia_base::Name;
use eclexia_base::unit::UnitTable;
use eclexia_core::core::{CtorId, DefId, Program};
use eclexia_rt::Value;
use eclexia_rt::show::Names;

/// As [`show_with`], in the units of the language.
pub fn show_value(value: &Value, program: &Program) -> String {
    show_with(value, program, UnitTable::language())
}

/// `(Point {:x 1.0 :y 0.0})`, `(list 1 2)`, `[1 2]`, `{:a 1}`, `"text"`, `512MiB`.
pub fn show_with(value: &Value, program: &Program, units: &UnitTable) -> String {
    eclexia_rt::show::show_with(value, &Named(program), units)
}

struct Named<'a>(&'a Program);

impl Named<'_> {
    fn lang(&self, name: &str) -> Option<u32> {
        self.0.lang.ctors.get(&Name::new(name)).map(|ctor| ctor.0)
    }
}

impl Names for Named<'_> {
    fn ctor(&self, ctor: u32) -> Option<Name> {
        self.0.ctors.get(CtorId(ctor)).map(|ctor| ctor.name)
    }

    fn record_fields(&self, ctor: u32) -> Option<Vec<Name>> {
        let ctor = self.0.ctors.get(CtorId(ctor)).filter(|ctor| ctor.is_record)?;
        Some(ctor.fields.iter().filter_map(|field| field.name).collect())
    }

    fn nil(&self) -> Option<u32> {
        self.lang("Nil")
    }

    fn cons(&self) -> Option<u32> {
        self.lang("Cons")
    }

    fn def(&self, def: u32) -> Option<Name> {
        self.0.defs.get(DefId(def)).map(|def| def.name)
    }
}
