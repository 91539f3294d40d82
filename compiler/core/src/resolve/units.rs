//! `(defdimension seats)` and `(defunit rack = 12 seats)`: units in any order; those defined in
//! terms of themselves are reported as a cycle.

use super::ModuleCtx;
use super::declare::Declared;
use crate::core::Place;
use crate::diagnostics as report;
use crate::forms::Form;
use eclexia_base::number::{int, parse_decimal};
use eclexia_base::unit::Unit;
use eclexia_base::{Dim, Name, Rational};
use eclexia_syntax::NodeKind;

struct UnitDecl {
    name: Name,
    place: Place,
    number: Rational,
    unit: Name,
    unit_place: Place,
}

impl ModuleCtx<'_, '_> {
    pub(super) fn define_units(&mut self, declared: &Declared) {
        let mut open: Vec<UnitDecl> = Vec::new();
        for form in &declared.units {
            if self.forms.head(*form).is_some_and(|h| h == "defdimension") {
                self.define_dimension(*form);
            } else if let Some(decl) = self.read_unit(*form) {
                match open.iter().find(|d| d.name == decl.name) {
                    Some(first) => {
                        let span = first.place.span;
                        let problem = report::duplicate_definition(decl.place, decl.name, span);
                        self.diagnostics.push(problem);
                    }
                    None => open.push(decl),
                }
            }
        }
        // Rounds: each defines those whose units are known, until none is left or none can be.
        loop {
            let waiting: Vec<Name> = open.iter().map(|d| d.name).collect();
            let (ready, later): (Vec<UnitDecl>, Vec<UnitDecl>) =
                open.into_iter().partition(|d| !mentions(d.unit, &waiting));
            let stuck = ready.is_empty();
            for decl in ready {
                self.define_unit(&decl);
            }
            open = later;
            if stuck {
                break;
            }
        }
        if let Some(first) = open.first() {
            let steps: Vec<(Name, Place)> = open.iter().map(|d| (d.name, d.place)).collect();
            self.diagnostics.push(report::unit_cycle(first.name, &steps));
        }
    }

    fn define_dimension(&mut self, form: Form) {
        let kids = self.forms.kids(form);
        let name = self.forms.get(kids, 1).and_then(|f| self.forms.symbol(f));
        let Some(name) = name.filter(|_| kids.len() == 2) else {
            return self.malformed(form, "defdimension", "(defdimension seats)", "");
        };
        let unit = Unit { dim: Dim::base(name.as_str()), scale: int(1) };
        let at = self.forms.get(kids, 1).unwrap_or(form);
        let place = self.forms.place(at);
        self.add_unit(name, place, unit);
    }

    fn add_unit(&mut self, name: Name, place: Place, unit: Unit) {
        let this = self.this();
        if this.own_units.contains(&name) || this.units.get(name).is_some() {
            self.diagnostics.push(report::duplicate_unit(place, name));
            return;
        }
        this.own_units.push(name);
        this.units.define(name, unit);
    }

    /// `(defunit rack = 12 seats)` or `(defunit rack = 12seats)`.
    fn read_unit(&mut self, form: Form) -> Option<UnitDecl> {
        let decl = self.try_read_unit(form);
        if decl.is_none() {
            self.malformed(form, "defunit", "(defunit rack = 12 seats)", "");
        }
        decl
    }

    fn try_read_unit(&self, form: Form) -> Option<UnitDecl> {
        let kids = self.forms.kids(form);
        let at_name = self.forms.get(kids, 1)?;
        let name = self.forms.symbol(at_name)?;
        if self.forms.symbol(self.forms.get(kids, 2)?)? != "=" {
            return None;
        }
        let amount = self.forms.get(kids, 3)?;
        let (number, unit) = match self.forms.kind(amount) {
            NodeKind::Quantity { number, unit } if kids.len() == 4 => {
                (parse_decimal(number.as_str())?, unit)
            }
            NodeKind::Int(n) => (int(n), self.forms.symbol(self.forms.get(kids, 4)?)?),
            NodeKind::Float(x) => {
                (parse_decimal(&format!("{x}"))?, self.forms.symbol(self.forms.get(kids, 4)?)?)
            }
            _ => return None,
        };
        let place = self.forms.place(at_name);
        let unit_place = self.forms.place(self.forms.get(kids, 4).unwrap_or(amount));
        let is_positive = number > int(0) && kids.len() <= 5;
        is_positive.then_some(UnitDecl { name, place, number, unit, unit_place })
    }

    fn define_unit(&mut self, decl: &UnitDecl) {
        match self.program.modules[self.module].units.parse(decl.unit.as_str()) {
            Ok(unit) => {
                let unit = Unit { dim: unit.dim, scale: unit.scale * &decl.number };
                self.add_unit(decl.name, decl.place, unit);
            }
            Err(error) => {
                self.diagnostics.push(report::unknown_unit(decl.unit_place, None, &error));
            }
        }
    }

    /// The unit of a literal; `home` is where its spelling is looked up.
    pub(crate) fn unit_of(&mut self, form: Form, number: Name, unit: Name) -> Option<Unit> {
        let home = self.home_of(self.forms.mark(form));
        if let Some(known) = self.units.get(&unit).filter(|_| home == self.module) {
            return Some(known.clone());
        }
        let place = self.forms.place(form);
        match self.program.modules[home].units.parse(unit.as_str()) {
            Ok(found) => {
                if home == self.module {
                    self.units.insert(unit, found.clone());
                }
                Some(found)
            }
            Err(error) => {
                self.diagnostics.push(report::unknown_unit(place, Some((number, unit)), &error));
                None
            }
        }
    }
}

fn mentions(unit: Name, names: &[Name]) -> bool {
    let factors = unit.as_str().split(['*', '/']);
    let mut bare = factors.map(|f| f.split_once('^').map_or(f, |(name, _)| name));
    bare.any(|f| names.iter().any(|n| *n == *f))
}
