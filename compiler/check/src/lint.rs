//! Lints of typed programs: conditions that are always the same. A module that was checked without
//! errors comes in with its tree and text; warnings go out, with an edit where one branch can stand
//! for the whole. Told is only what a user wrote, not what a macro made of it.
//!
//! Constant are `true` and `false` themselves, comparisons of two literals, and those of a name
//! with itself, where it is an Int or of any type; a Float may be no number, which is not equal to
//! itself.

use crate::diagnostics as report;
use crate::ty::{Ty, TyKind};
use crate::typed::Typed;
use eclexia_base::{Name, Span};
use eclexia_core::core::{Body, DefId, Expr, ExprId, Literal, ModuleId, Place, Program};
use eclexia_diag::Diagnostics;
use eclexia_syntax::{NodeId, NodeKind, Tree};
use std::cmp::Ordering;

/// `constant-condition` of one module.
pub fn lint(
    program: &Program,
    typed: &Typed,
    module: ModuleId,
    (tree, text): (&Tree, &str),
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for def in &program.modules[module].defs {
        if let Some(body) = &program.defs[*def].body {
            Conditions { program, typed, tree, text, def: *def, body, found: &mut found }.all();
        }
    }
    found
}

struct Conditions<'a> {
    program: &'a Program,
    typed: &'a Typed,
    tree: &'a Tree,
    text: &'a str,
    def: DefId,
    body: &'a Body,
    found: &'a mut Diagnostics,
}

impl<'a> Conditions<'a> {
    fn all(&mut self) {
        let body = self.body;
        for (e, expr) in body.exprs.iter() {
            match expr {
                Expr::If { cond, other, .. } if self.written(e).is_some() => {
                    if let Some(value) = self.constant(*cond) {
                        self.report(e, *cond, value, *other);
                    }
                }
                Expr::Match { arms, .. } => {
                    for guard in arms.iter().filter_map(|arm| arm.guard) {
                        if let Some(((place, _), value)) =
                            self.written(guard).zip(self.constant(guard))
                        {
                            self.found.push(report::constant_condition(place, value, None));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Place and text of an expression that no macro made.
    fn written(&self, e: ExprId) -> Option<(Place, &'a str)> {
        let place = *self.program.maps[self.def].exprs.get(e)?;
        let text = self.text.get(place.span.range()).filter(|_| place.inside.is_none())?;
        Some((place, text))
    }

    fn report(&mut self, e: ExprId, cond: ExprId, value: bool, other: ExprId) {
        let Some(((place, _), (at, cond_text))) = self.written(e).zip(self.written(cond)) else {
            return;
        };
        let fix = match self.taken(place.span, at.span, value) {
            Some(text) => Some((place.span, text.to_owned())),
            // The last test of a `cond`: after it comes nothing.
            _ if cond_text == "true" && self.ends_cond(e, other) => {
                Some((at.span, ":else".to_owned()))
            }
            _ => None,
        };
        self.found.push(report::constant_condition(at, value, fix));
    }

    /// What is written as the branch that an `(if …)` takes. Read off the tree: a place in core is
    /// that of a part, where a branch is sugar (`->`, `cond`).
    fn taken(&self, whole: Span, cond: Span, value: bool) -> Option<&'a str> {
        let tree = self.tree;
        let mut level = &tree.roots[..];
        let form = loop {
            let is_around = |node: &&NodeId| {
                let span = tree.span(**node);
                span.start <= whole.start && whole.end <= span.end
            };
            let node = *level.iter().find(is_around)?;
            if tree.span(node) == whole {
                break node;
            }
            level = tree.children(node);
        };
        let [head, test, then, other @ ..] = tree.children(form) else { return None };
        let is_if = matches!(tree.kind(*head), NodeKind::Symbol(name) if name == "if");
        // A step of a `->` is given its condition from elsewhere.
        if !is_if || tree.span(*test) != cond || other.len() > 1 {
            return None;
        }
        match (value, other.first()) {
            (true, _) => self.text.get(tree.span(*then).range()),
            (false, Some(other)) => self.text.get(tree.span(*other).range()),
            (false, None) => Some("unit"),
        }
    }

    /// Whether an `if` was the last pair of a `cond`: the other side is a `unit` that nobody wrote.
    fn ends_cond(&self, e: ExprId, other: ExprId) -> bool {
        let is_unit = self.body.exprs[other] == Expr::Literal(Literal::Unit);
        let around = self.written(other).map_or("", |(_, text)| text);
        let own = self.written(e).map_or("", |(_, text)| text);
        is_unit && around.starts_with("(cond") && (own.starts_with("(cond") || own == "true")
    }

    /// What a condition always is.
    fn constant(&self, cond: ExprId) -> Option<bool> {
        let (_, text) = self.written(cond)?;
        match &self.body.exprs[cond] {
            Expr::Literal(Literal::Bool(value)) => (text == value.to_string()).then_some(*value),
            Expr::Call { callee, args } => {
                let [a, b] = args[..] else { return None };
                let order = self.order(a, b)?;
                match self.comparison(*callee)? {
                    "=" => Some(order == Ordering::Equal),
                    "!=" => Some(order != Ordering::Equal),
                    "<" => Some(order == Ordering::Less),
                    "<=" => Some(order != Ordering::Greater),
                    ">" => Some(order == Ordering::Greater),
                    ">=" => Some(order != Ordering::Less),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The name of a comparison of the prelude.
    fn comparison(&self, callee: ExprId) -> Option<&'static str> {
        let program = self.program;
        let (module, name) = match self.body.exprs[callee] {
            Expr::Method(interface, index) => {
                let interface = &program.interfaces[interface];
                (interface.module, interface.methods.get(index as usize)?.name)
            }
            Expr::Global(def) => (program.defs[def].module, program.defs[def].name),
            _ => return None,
        };
        (program.modules[module].name == "std.core").then(|| name.as_str())
    }

    fn order(&self, a: ExprId, b: ExprId) -> Option<Ordering> {
        match (&self.body.exprs[a], &self.body.exprs[b]) {
            (Expr::Literal(a), Expr::Literal(b)) => match (a, b) {
                (Literal::Int(a), Literal::Int(b)) => Some(a.cmp(b)),
                (Literal::Quantity(a, x), Literal::Quantity(b, y)) if x == y => Some(a.cmp(b)),
                (Literal::Float(a), Literal::Float(b)) => a.partial_cmp(b),
                (Literal::Str(a), Literal::Str(b)) => Some(a.as_str().cmp(b.as_str())),
                _ => None,
            },
            (Expr::Local(x), Expr::Local(y)) if x == y => {
                let ty = *self.typed.facts.get(self.def)?.types.get(a)?;
                self.is_equal_to_itself(ty).then_some(Ordering::Equal)
            }
            _ => None,
        }
    }

    fn is_equal_to_itself(&self, ty: Ty) -> bool {
        let int = self.program.lang.types.get(&Name::new("Int"));
        match ty.kind() {
            TyKind::Con(id, _) => Some(id) == int,
            TyKind::Var(_) => true,
            _ => false,
        }
    }
}
