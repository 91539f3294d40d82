//! Types as users write them: `(Fn [a] (List a)) :where [(Eq a)]`, `Float`, `(Q J/s)`.
//!
//! A type is named by its definition's name alone; [`show_pair`] adds the module where two
//! different types would read the same. Messages show of a long type what is not deep in it.

use crate::ty::{AmountTy, Scheme, Ty, TyKind, TyVar, UnitTy};
use eclexia_base::Dim;
use eclexia_base::amount::sum_text;
use eclexia_base::unit::UnitTable;
use eclexia_core::core::{Program, TypeExpr, TypeKind};
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Short,
    Qualified,
}

/// The longest type that a message shows whole, in characters.
const MAX_SHOWN: usize = 100;

/// The same where two that differ do so only deep inside.
const MAX_TOLD_APART: usize = 2_000;

/// How a type is written.
#[derive(Clone, Copy)]
struct Style {
    names: Names,
    /// Types in types; what is deeper is `…`.
    depth: u32,
}

impl Style {
    /// `None`: too deep to be shown.
    fn inside(self) -> Option<Style> {
        Some(Style { depth: self.depth.checked_sub(1)?, ..self })
    }

    fn text(self, program: &Program, ty: Ty) -> String {
        let mut out = String::new();
        write_ty(program, ty, self, &mut out);
        out
    }
}

pub fn show_ty(program: &Program, ty: Ty) -> String {
    Style { names: Names::Short, depth: u32::MAX }.text(program, ty)
}

/// For a message: what is deep in a long one is left out.
pub(crate) fn show_brief(program: &Program, ty: Ty) -> String {
    brief(program, [ty, ty], Names::Short).0
}

/// As deep as is short enough and tells them apart.
fn brief(program: &Program, types: [Ty; 2], names: Names) -> (String, String) {
    let at = |depth| types.map(|ty| Style { names, depth }.text(program, ty));
    let (mut depth, mut shown) = (2, at(2));
    loop {
        let is_whole = !shown.iter().any(|text| text.contains('…'));
        let is_told_apart = types[0] == types[1] || shown[0] != shown[1];
        let most = if is_told_apart { MAX_SHOWN } else { MAX_TOLD_APART };
        depth += 1;
        let deeper = at(depth);
        if is_whole || deeper.iter().any(|text| text.chars().count() > most) {
            let [a, b] = shown;
            return (a, b);
        }
        shown = deeper;
    }
}

/// The type, and `:where [...]` when it is generic over what implements something.
pub fn show_scheme(program: &Program, scheme: &Scheme) -> String {
    let mut out = show_ty(program, scheme.ty);
    let constraints = show_constraints(program, scheme);
    if !constraints.is_empty() {
        let _ = write!(out, " :where [{constraints}]");
    }
    out
}

/// `(Eq a) (Show b)`
pub(crate) fn show_constraints(program: &Program, scheme: &Scheme) -> String {
    let one = |(interface, ty): &(_, Ty)| {
        format!("({} {})", program.interfaces[*interface].name, show_ty(program, *ty))
    };
    let unrestricted = scheme
        .unrestricted
        .iter()
        .filter_map(|index| Some(format!("(Unr {})", scheme.vars.get(*index as usize)?)));
    scheme.constraints.iter().map(one).chain(unrestricted).collect::<Vec<_>>().join(" ")
}

/// Two types of one message, told apart.
pub(crate) fn show_pair(program: &Program, a: Ty, b: Ty) -> (String, String) {
    let (short_a, short_b) = brief(program, [a, b], Names::Short);
    if a == b || short_a != short_b {
        return (short_a, short_b);
    }
    brief(program, [a, b], Names::Qualified)
}

fn write_ty(program: &Program, ty: Ty, style: Style, out: &mut String) {
    let is_compound = match ty.kind() {
        TyKind::Con(_, args) => !args.is_empty(),
        TyKind::Fn(..) | TyKind::Fn1(..) | TyKind::Ref(_) => true,
        TyKind::Error | TyKind::Var(_) | TyKind::Q(_) | TyKind::Budget(_) => false,
    };
    let Some(inner) = style.inside().or((!is_compound).then_some(style)) else {
        out.push('…');
        return;
    };
    match ty.kind() {
        TyKind::Error => out.push('_'),
        TyKind::Var(var) => out.push_str(var.name.as_str()),
        TyKind::Con(id, args) => {
            let def = program.types.get(*id);
            let name = def.map_or("_", |d| d.name.as_str());
            let module = match (style.names, def.and_then(|d| program.modules.get(d.module))) {
                (Names::Qualified, Some(module)) => format!("{}/", module.name),
                _ => String::new(),
            };
            if args.is_empty() {
                let _ = write!(out, "{module}{name}");
                return;
            }
            let _ = write!(out, "({module}{name}");
            for arg in args {
                out.push(' ');
                write_ty(program, *arg, inner, out);
            }
            out.push(')');
        }
        TyKind::Fn(params, ret) => write_fn(program, "Fn", (params, *ret), inner, out),
        TyKind::Fn1(params, ret) => write_fn(program, "Fn1", (params, *ret), inner, out),
        TyKind::Ref(inside) => {
            out.push_str("(& ");
            write_ty(program, *inside, inner, out);
            out.push(')');
        }
        TyKind::Q(unit) if unit.vars.is_empty() && unit.dim == Dim::ONE => out.push_str("Float"),
        TyKind::Q(unit) => {
            let _ = write!(out, "(Q {})", unit_text(unit));
        }
        TyKind::Budget(None) => out.push_str("(Budget)"),
        TyKind::Budget(Some(amounts)) => write_budget(amounts, out),
    }
}

fn write_fn(
    program: &Program,
    word: &str,
    (params, ret): (&[Ty], Ty),
    inner: Style,
    out: &mut String,
) {
    let _ = write!(out, "({word} [");
    for (i, param) in params.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        write_ty(program, *param, inner, out);
    }
    out.push_str("] ");
    write_ty(program, ret, inner, out);
    out.push(')');
}

fn write_budget(amounts: &[AmountTy], out: &mut String) {
    out.push_str("(Budget {");
    for (i, amount) in amounts.iter().enumerate() {
        let space = if i > 0 { " " } else { "" };
        let _ = write!(out, "{space}:{} {}", amount.key, amount_ty_text(amount));
    }
    out.push_str("})");
}

/// `4cpu`, `n`, `(at-least n 2cpu)`, `(- n 2cpu)`
pub(crate) fn amount_ty_text(amount: &AmountTy) -> String {
    let units = UnitTable::language();
    let vars = amount.vars.iter().map(|g| (g.var.name.as_str(), &g.factor)).collect();
    let least = match amount.vars.as_ref() {
        [only] => Some(&only.least),
        _ => None,
    };
    sum_text((&amount.constant, vars), least, amount.dim, units)
}

/// Rates whose base units nobody writes: USD per second is told as USD per month.
const CUSTOMARY: [(&str, &str, &str); 6] = [
    ("USD", "s", "USD/month"),
    ("EUR", "s", "EUR/month"),
    ("GBP", "s", "GBP/month"),
    ("gCO2e", "s", "gCO2e/month"),
    ("gCO2e", "J", "gCO2e/kWh"),
    ("core", "s", "cpu/s"),
];

/// A dimension as a unit that can be written after a number: `J/s`, `cpu*s`, `USD/month`, `1`.
pub(crate) fn dim_text(dim: Dim) -> String {
    unit_text(&UnitTy { dim, vars: Box::default() })
}

fn unit_text(unit: &UnitTy) -> String {
    if let (true, [(a, x), (b, y)]) = (unit.vars.is_empty(), unit.dim.exponents()) {
        let (up, down) = if *x > 0 { (a, b) } else { (b, a) };
        let known = CUSTOMARY.iter().find(|(u, d, _)| up == u && down == d);
        if let (Some((.., text)), 0, 1) = (known, x + y, x.abs()) {
            return (*text).to_owned();
        }
    }
    let base = |name: &'static str| match name {
        "core" => "cpu",
        "byte" => "B",
        other => other,
    };
    let dims = unit.dim.exponents().iter().map(|(b, e)| (base(b.as_str()), *e));
    let vars = unit.vars.iter().map(|(v, e)| (v.name.as_str(), *e));
    let factors: Vec<(&str, i32)> = dims.chain(vars).collect();
    let part = |sign: i32| {
        let of_sign = factors.iter().filter(move |(_, e)| e.signum() == sign);
        of_sign.map(|(name, e)| match e.abs() {
            1 => (*name).to_owned(),
            n => format!("{name}^{n}"),
        })
    };
    let up = part(1).collect::<Vec<_>>().join("*");
    let down: String = part(-1).map(|factor| format!("/{factor}")).collect();
    if up.is_empty() { format!("1{down}") } else { format!("{up}{down}") }
}

/// What a dimension measures, where there is a word for it.
pub fn dim_word(dim: Dim) -> Option<&'static str> {
    Some(match dim.to_string().as_str() {
        "1" => "a plain number",
        "core" => "processors",
        "byte" => "memory",
        "s" => "time",
        "J" => "energy",
        "J/s" => "power",
        "gCO2e" => "carbon",
        "gCO2e/J" => "carbon per energy",
        "gCO2e/s" => "carbon per time",
        "USD" | "EUR" | "GBP" => "money",
        "USD/s" | "EUR/s" | "GBP/s" => "money per time",
        "gpu" => "GPUs",
        "req" => "requests",
        "req/s" => "requests per time",
        "byte/s" => "data per time",
        "core*s" => "processor time",
        _ => return None,
    })
}

/// A type expression as written.
pub fn show_type_expr(program: &Program, expr: &TypeExpr) -> String {
    let all = |exprs: &[TypeExpr]| {
        exprs.iter().map(|e| show_type_expr(program, e)).collect::<Vec<_>>().join(" ")
    };
    match &expr.kind {
        TypeKind::Error => "_".to_owned(),
        TypeKind::Var(name) => name.to_string(),
        TypeKind::Con(id, args) if args.is_empty() => program.types[*id].name.to_string(),
        TypeKind::Con(id, args) => format!("({} {})", program.types[*id].name, all(args)),
        TypeKind::Fn(params, ret) => {
            format!("(Fn [{}] {})", all(params), show_type_expr(program, ret))
        }
        TypeKind::Fn1(params, ret) => {
            format!("(Fn1 [{}] {})", all(params), show_type_expr(program, ret))
        }
        TypeKind::Ref(inner) => format!("(& {})", show_type_expr(program, inner)),
        TypeKind::Q(unit) if unit.vars.is_empty() && unit.dim == Dim::ONE => "Float".to_owned(),
        TypeKind::Q(unit) => {
            let var = |(name, e): &(_, i32)| (TyVar { index: 0, name: *name }, *e);
            let vars = unit.vars.iter().map(var).collect();
            format!("(Q {})", unit_text(&UnitTy { dim: unit.dim, vars }))
        }
        TypeKind::Budget(None) => "(Budget)".to_owned(),
        TypeKind::Budget(Some(amounts)) => eclexia_core::print::budget_text(amounts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::Name;

    #[test]
    fn units_read_as_they_are_written() {
        let (j, s, usd) = (Dim::base("J"), Dim::base("s"), Dim::base("USD"));
        assert_eq!(dim_text(j.over(s)), "J/s");
        assert_eq!(dim_text(usd.over(s)), "USD/month");
        assert_eq!(dim_text(s.pow(-2)), "1/s^2");
        assert_eq!(dim_text(Dim::base("core").times(s)), "cpu*s");
        let u = TyVar { index: 0, name: Name::new("u") };
        let v = TyVar { index: 1, name: Name::new("v") };
        assert_eq!(unit_text(&UnitTy { dim: Dim::ONE, vars: [(u, 1), (v, -1)].into() }), "u/v");
    }
}
