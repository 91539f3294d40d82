//! Amounts in types: `(Budget {:cpu 4cpu :memory (- n 2GiB) :gpu (at-least g 1gpu)})` as a constant
//! and grade variables with factors. What is no such sum is refused here; whether dimensions agree
//! is the checker's to say.

use super::ModuleCtx;
use super::types::{TypeVars, is_variable};
use crate::core::{AmountExpr, TypeKind};
use crate::diagnostics as report;
use crate::forms::{Form, Kids};
use eclexia_base::number::{int, parse_decimal};
use eclexia_base::{Dim, Name, Rational};
use eclexia_syntax::NodeKind;

const SHAPE: &str = "4cpu, n, (at-least n 2cpu), (+ n 1cpu), (- n 2cpu), (* 2 n)";
/// Amounts nest no deeper: each level is a form that somebody wrote.
const MAX_DEPTH: u32 = 64;

/// A sum while it is read.
struct Sum {
    constant: Rational,
    vars: Vec<(Name, Rational)>,
    dims: Vec<Dim>,
}

impl Sum {
    fn scaled(mut self, factor: &Rational) -> Sum {
        self.constant *= factor;
        self.vars.iter_mut().for_each(|(_, k)| *k *= factor);
        self
    }

    fn plus(mut self, other: Sum) -> Sum {
        self.constant += other.constant;
        for (name, k) in other.vars {
            match self.vars.iter_mut().find(|(n, _)| *n == name) {
                Some((_, sum)) => *sum += k,
                None => self.vars.push((name, k)),
            }
        }
        self.vars.retain(|(_, k)| *k != int(0));
        for dim in other.dims {
            if !self.dims.contains(&dim) {
                self.dims.push(dim);
            }
        }
        self
    }

    fn is_plain_number(&self) -> bool {
        self.vars.is_empty() && self.dims.iter().all(|dim| *dim == Dim::ONE)
    }
}

impl ModuleCtx<'_, '_> {
    /// `(Budget)`, `(Budget {:cpu 4cpu})`
    pub(super) fn budget_type(&mut self, form: Form, args: Kids, vars: TypeVars) -> TypeKind {
        if args.is_empty() {
            return TypeKind::Budget(None);
        }
        let braces = self.forms.get(args, 0).filter(|_| args.len() == 1);
        let braces = braces.filter(|f| self.forms.kind(*f) == NodeKind::Map);
        let Some(kids) = braces.map(|f| self.forms.kids(f)).filter(|k| k.len().is_multiple_of(2))
        else {
            self.malformed(form, "type", "(Budget {:cpu 4cpu})", "amounts stand by their keys");
            return TypeKind::Error;
        };
        let mut amounts: Vec<AmountExpr> = Vec::new();
        for i in (0..kids.len()).step_by(2) {
            let pair = (self.forms.get(kids, i), self.forms.get(kids, i + 1));
            let (Some(key), Some(value)) = pair else { continue };
            let Some(name) = self.forms.keyword(key) else {
                self.malformed(key, "type", "(Budget {:cpu 4cpu})", "a key is a keyword");
                return TypeKind::Error;
            };
            if let Some(first) = amounts.iter().find(|a| a.key == name) {
                let place = self.forms.place(key);
                self.diagnostics.push(report::duplicate_field(place, name, first.span));
                return TypeKind::Error;
            }
            match self.amount(name, value, vars) {
                Some(amount) => amounts.push(amount),
                None => return TypeKind::Error,
            }
        }
        amounts.sort_by_key(|amount| amount.key);
        TypeKind::Budget(Some(amounts))
    }

    fn amount(&mut self, key: Name, form: Form, vars: TypeVars) -> Option<AmountExpr> {
        let span = self.forms.span(form);
        let of = |sum: Sum, least: Option<Rational>| AmountExpr {
            key,
            constant: sum.constant,
            vars: sum.vars,
            least,
            dims: sum.dims,
            span,
        };
        if let Some((args, "at-least")) = self.amount_call(form) {
            let parts = (self.forms.get(args, 0), self.forms.get(args, 1), args.len());
            let (Some(var), Some(least), 2) = parts else { return self.no_amount(form) };
            let var = self.amount_sum(var, vars, 0)?;
            let least_sum = self.amount_sum(least, vars, 0)?;
            let is_var =
                var.constant == int(0) && matches!(&var.vars[..], [(_, k)] if *k == int(1));
            if !is_var || !least_sum.vars.is_empty() {
                return self.no_amount(form);
            }
            let least = Some(least_sum.constant.clone());
            let dims = Sum { constant: int(0), vars: Vec::new(), dims: least_sum.dims };
            return Some(of(var.plus(dims), least));
        }
        let sum = self.amount_sum(form, vars, 0)?;
        Some(of(sum, None))
    }

    /// The arguments and the name of what is called.
    fn amount_call(&self, form: Form) -> Option<(Kids, &'static str)> {
        if self.forms.kind(form) != NodeKind::List {
            return None;
        }
        let kids = self.forms.kids(form);
        let name = self.forms.symbol(self.forms.get(kids, 0)?)?;
        Some((kids.skip(1), name.as_str()))
    }

    fn amount_sum(&mut self, form: Form, vars: TypeVars, depth: u32) -> Option<Sum> {
        if depth > MAX_DEPTH {
            return self.no_amount(form);
        }
        match self.forms.kind(form) {
            NodeKind::Symbol(name) if is_variable(name) => {
                match self.type_variable(form, name, &[], vars) {
                    TypeKind::Var(name) => {
                        Some(Sum { constant: int(0), vars: vec![(name, int(1))], dims: Vec::new() })
                    }
                    _ => None,
                }
            }
            NodeKind::Int(n) => Some(constant(int(n), Dim::ONE)),
            NodeKind::Float(x) => {
                let value = eclexia_base::amount::exact(x, Dim::ONE);
                value.map_or_else(|| self.no_amount(form), |v| Some(constant(v, Dim::ONE)))
            }
            NodeKind::Quantity { number, unit } => {
                let unit = self.unit_of(form, number, unit)?;
                let Some(value) = parse_decimal(number.as_str()) else {
                    let place = self.forms.place(form);
                    self.diagnostics.push(report::amount_out_of_range(place, number));
                    return None;
                };
                Some(constant(value * unit.scale, unit.dim))
            }
            NodeKind::Error => None,
            NodeKind::List => self.amount_operation(form, vars, depth),
            _ => self.no_amount(form),
        }
    }

    fn amount_operation(&mut self, form: Form, vars: TypeVars, depth: u32) -> Option<Sum> {
        let Some((args, name)) = self.amount_call(form) else { return self.no_amount(form) };
        let mut sums = Vec::with_capacity(args.len());
        for arg in self.forms.to_vec(args) {
            sums.push(self.amount_sum(arg, vars, depth + 1)?);
        }
        let mut sums = sums.into_iter();
        let Some(first) = sums.next() else { return self.no_amount(form) };
        match name {
            "+" => Some(sums.fold(first, Sum::plus)),
            "-" if args.len() == 1 => Some(first.scaled(&int(-1))),
            "-" => Some(sums.fold(first, |sum, part| sum.plus(part.scaled(&int(-1))))),
            "*" => sums.try_fold(first, |a, b| {
                let (number, sum) = if a.is_plain_number() { (a, b) } else { (b, a) };
                if !number.is_plain_number() {
                    return self.no_amount(form);
                }
                Some(sum.scaled(&number.constant))
            }),
            _ => self.no_amount(form),
        }
    }

    fn no_amount<T>(&mut self, form: Form) -> Option<T> {
        self.malformed(form, "amount", SHAPE, "amounts are sums of variables and constants");
        None
    }
}

/// Zero has every dimension.
fn constant(value: Rational, dim: Dim) -> Sum {
    let dims = if value == int(0) { Vec::new() } else { vec![dim] };
    Sum { constant: value, vars: Vec::new(), dims }
}
