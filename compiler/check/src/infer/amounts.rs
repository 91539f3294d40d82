//! The amounts that an operation on budgets asks for: `{:cpu 2cpu :memory (* 2 1GiB)}`.
//!
//! An amount is known when it is a literal, a constant, a `let` of one, or a sum, difference,
//! product or quotient of such; exactly, never by way of floats. Everything else is an amount known
//! at run time only, of which the dimension alone is checked.

use super::{Infer, Want, Why};
use crate::arena::{ERROR, Node, T};
use crate::diagnostics as report;
use crate::units::Unit;
use eclexia_base::amount::{dims_of, exact};
use eclexia_base::number::int;
use eclexia_base::{Amounts, Dim, Name, Rational};
use eclexia_core::core::{Body, DefId, DefKind, Expr, ExprId, Literal, LocalId, Pat, Place};
use num_traits::{Signed, Zero};

/// Constants of constants are followed so far.
const MAX_DEPTH: u32 = 32;

/// What an operation asks for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// By key, in the order written.
    Items(Vec<Item>),
    /// A value of type `Amounts` that is no literal: keys too are known at run time only.
    Unknown(Place),
    /// Reported already.
    Wrong,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub key: Name,
    pub place: Place,
    pub dim: Option<Dim>,
    /// `None`: known at run time only.
    pub value: Option<Rational>,
}

/// The pairs of a literal, and the constant whose literal it is.
type Fields<'a> = (&'a [(Name, ExprId)], Option<DefId>);

impl Asked {
    /// All amounts, when they are known.
    pub fn known(&self) -> Option<Vec<(Name, Rational, Dim)>> {
        let Asked::Items(items) = self else { return None };
        let known =
            |item: &Item| Some((item.key, item.value.clone()?, item.dim.unwrap_or(Dim::ONE)));
        items.iter().map(known).collect()
    }

    /// The first amount that is not known.
    pub fn unknown(&self) -> Option<Place> {
        match self {
            Asked::Items(items) => items.iter().find(|i| i.value.is_none()).map(|i| i.place),
            Asked::Unknown(place) => Some(*place),
            Asked::Wrong => None,
        }
    }
}

impl<'a> Infer<'a> {
    /// `{:cpu 2cpu}` where a value of type `Amounts` is wanted.
    pub(super) fn amounts(&mut self, e: ExprId) -> Asked {
        let amounts = self.closed(self.lang.amounts);
        let asked = match self.amount_fields(e) {
            Some((fields, own)) => self.amount_items(e, fields, own),
            None => {
                let ty = self.expr(e, None);
                self.expect(e, ty, Want { ty: amounts, why: Why::Result });
                Asked::Unknown(self.here(e))
            }
        };
        let known = asked.known().map(Amounts::new);
        if !matches!(asked, Asked::Unknown(_)) {
            self.cx().facts.amounts.insert(e, known);
        }
        self.cx().types[e.0 as usize] = amounts;
        asked
    }

    /// The pairs of a literal, or of the literal that a constant is; whether it is the former.
    fn amount_fields(&self, e: ExprId) -> Option<Fields<'a>> {
        let body = self.body();
        match &body.exprs[e] {
            Expr::Record { fields } => Some((fields, None)),
            Expr::Global(def) => {
                let constant = constant_body(self.program, *def)?;
                match &constant.exprs[constant.root] {
                    Expr::Record { fields } => Some((fields, Some(*def))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn amount_items(
        &mut self,
        e: ExprId,
        fields: &'a [(Name, ExprId)],
        constant: Option<DefId>,
    ) -> Asked {
        let mut items = Vec::with_capacity(fields.len());
        let mut is_wrong = false;
        for (key, value) in fields {
            let item = match constant {
                None => self.amount_item(*key, *value),
                Some(def) => {
                    let place = self.here(e);
                    let found = self.constant_amount(def, *value);
                    found.and_then(|found| self.known_item(*key, place, found))
                }
            };
            match item {
                Some(item) => items.push(item),
                None => is_wrong = true,
            }
        }
        if constant.is_some() {
            let ty = self.expr(e, None);
            is_wrong |= ty == ERROR;
        }
        if is_wrong { Asked::Wrong } else { Asked::Items(items) }
    }

    fn constant_amount(&self, def: DefId, value: ExprId) -> Option<(Rational, Dim)> {
        let body = constant_body(self.program, def)?;
        self.evaluate(body, value, 0)
    }

    fn amount_item(&mut self, key: Name, value: ExprId) -> Option<Item> {
        let ty = self.expr(value, None);
        let place = self.here(value);
        if ty == ERROR {
            return None;
        }
        if let Some(found) = self.evaluate(self.body(), value, 0) {
            return self.known_item(key, place, found);
        }
        let dim = match self.amount_dim(key, ty) {
            Ok(dim) => dim,
            Err(found) => {
                let found = self.freeze_message(found);
                self.diags.push(report::not_an_amount(self.program, place, key, found));
                return None;
            }
        };
        if let (Some(dim), Some(known)) = (dim, dims_of(key))
            && !known.contains(&dim)
        {
            self.diags.push(report::amount_unit(place, key, dim, known[0]));
            return None;
        }
        Some(Item { key, place, dim, value: None })
    }

    /// The dimension of a computed amount; a type not known yet becomes that of the key.
    fn amount_dim(&mut self, key: Name, ty: T) -> Result<Option<Dim>, T> {
        if self.arena.is_var(ty) {
            let unit = match dims_of(key).as_deref() {
                Some([only]) => Unit::constant(*only),
                _ => Unit::var(self.arena.units.fresh()),
            };
            let quantity = self.arena.quantity(unit);
            let _ = self.arena.unify(ty, quantity);
        }
        match self.arena.node(ty) {
            Node::Q(unit) => {
                let unit = self.arena.units.normal(self.arena.unit(unit));
                Ok(unit.vars.is_empty().then_some(unit.dim))
            }
            Node::Con(..) if self.head(ty) == crate::declare::head_of(self.lang.int) => {
                Ok(Some(Dim::ONE))
            }
            _ => Err(ty),
        }
    }

    fn known_item(&mut self, key: Name, place: Place, found: (Rational, Dim)) -> Option<Item> {
        let (value, dim) = found;
        let known = dims_of(key);
        let wanted = known.as_ref().filter(|known| !known.contains(&dim));
        if let (Some(wanted), false) = (wanted, value.is_zero() && dim == Dim::ONE) {
            self.diags.push(report::amount_unit(place, key, dim, wanted[0]));
            return None;
        }
        if value.is_negative() {
            self.diags.push(report::negative_amount(place, key));
            return None;
        }
        let dim = (!value.is_zero() || dim != Dim::ONE).then_some(dim);
        Some(Item { key, place, dim, value: Some(value) })
    }

    /// The exact value of a constant expression.
    pub(super) fn evaluate(&self, body: &Body, e: ExprId, depth: u32) -> Option<(Rational, Dim)> {
        if depth > MAX_DEPTH {
            return None;
        }
        match body.exprs.get(e)? {
            Expr::Literal(Literal::Int(n)) => Some((int(*n), Dim::ONE)),
            Expr::Literal(Literal::Float(x)) => Some((exact(*x, Dim::ONE)?, Dim::ONE)),
            Expr::Literal(Literal::Quantity(value, dim)) => Some((value.clone(), *dim)),
            Expr::Ascribe { value, .. } => self.evaluate(body, *value, depth + 1),
            Expr::Local(local) => self.evaluate(body, let_of(body, *local)?, depth + 1),
            Expr::Global(def) => {
                let constant = constant_body(self.program, *def)?;
                self.evaluate(constant, constant.root, depth + 1)
            }
            Expr::Call { callee, args } => {
                let name = self.operator(body, *callee)?;
                let mut values = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(self.evaluate(body, *arg, depth + 1)?);
                }
                operate(name, &values)
            }
            _ => None,
        }
    }

    /// The name of an arithmetic operation of the prelude.
    fn operator(&self, body: &Body, callee: ExprId) -> Option<&'static str> {
        match body.exprs.get(callee)? {
            Expr::Global(def) if Some(*def) == self.lang.times => Some("*"),
            Expr::Global(def) if Some(*def) == self.lang.over => Some("/"),
            Expr::Method(interface, index) if Some(*interface) == self.lang.add => {
                let methods = &self.program.interfaces[*interface].methods;
                Some(methods.get(*index as usize)?.name.as_str())
            }
            _ => None,
        }
    }
}

/// The body of a constant that is not recomputed by anything: of `def`.
pub(crate) fn constant_body(program: &eclexia_core::core::Program, def: DefId) -> Option<&Body> {
    let def = &program.defs[def];
    let body = def.body.as_ref().filter(|_| def.kind == DefKind::Constant)?;
    (!body.is_function).then_some(body)
}

/// The value that a `let` binds to a local.
fn let_of(body: &Body, local: LocalId) -> Option<ExprId> {
    body.exprs.values().find_map(|expr| match expr {
        Expr::Let { pat, value, .. } if body.pats[*pat] == Pat::Bind(local) => Some(*value),
        _ => None,
    })
}

fn operate(name: &str, values: &[(Rational, Dim)]) -> Option<(Rational, Dim)> {
    match (name, values) {
        ("negate", [(a, dim)]) => Some((-a, *dim)),
        ("+", [(a, x), (b, y)]) if x == y => Some((a + b, *x)),
        ("-", [(a, x), (b, y)]) if x == y => Some((a - b, *x)),
        ("*", [(a, x), (b, y)]) => Some((a * b, x.times(*y))),
        ("/", [(a, x), (b, y)]) if !b.is_zero() => Some((a / b, x.over(*y))),
        _ => None,
    }
}
