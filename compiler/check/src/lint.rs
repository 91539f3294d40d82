//! Lints of typed programs: conditions that are always the same, and code behind what never comes
//! back. A module that was checked without errors comes in with its tree and text; warnings go out,
//! with an edit where one branch can stand for the whole, or what is behind can go. Told is only
//! what a user wrote, not what a macro made of it.
//!
//! What never comes back: a call whose type is `Never`, `abort`, `return`, and a sequence with such
//! a form in it. What is behind them in a sequence, or in the body of a `let`, is never done.
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

/// `constant-condition` and `unreachable-code` of one module.
pub fn lint(
    program: &Program,
    typed: &Typed,
    module: ModuleId,
    (tree, text): (&Tree, &str),
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for def in &program.modules[module].defs {
        if let Some(body) = &program.defs[*def].body {
            Lint { program, typed, tree, text, def: *def, body, found: &mut found }.all();
        }
    }
    found
}

/// How deep what never comes back is looked for.
const DEPTH: u32 = 8;

struct Lint<'a> {
    program: &'a Program,
    typed: &'a Typed,
    tree: &'a Tree,
    text: &'a str,
    def: DefId,
    body: &'a Body,
    found: &'a mut Diagnostics,
}

impl<'a> Lint<'a> {
    fn all(&mut self) {
        let body = self.body;
        for (e, expr) in body.exprs.iter() {
            match expr {
                Expr::If { cond, other, .. } if self.written(e).is_some() => {
                    if let Some(value) = self.constant(*cond) {
                        self.report(e, *cond, value, *other);
                    }
                }
                Expr::Do(parts) => {
                    let mut pairs = parts.windows(2);
                    if let Some(pair) = pairs.find(|pair| self.never_ends(pair[0], DEPTH)) {
                        self.behind(pair[0], pair[1], parts.last().copied());
                    }
                }
                Expr::Let { value, body, .. } if self.never_ends(*value, DEPTH) => {
                    self.behind(*value, *body, None);
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

    /// Tells of `next`, which is done behind `before`, where that never comes back. Of a sequence,
    /// `last` is what stands in it last.
    fn behind(&mut self, before: ExprId, next: ExprId, last: Option<ExprId>) {
        let Some((ends, text)) = self.written(before) else { return };
        let Some(next) = self.first_from(next, ends.span.end) else { return };
        // These have whatever type is wanted, so nothing needs to stand behind them.
        let is_any = text.starts_with("(abort") || text.starts_with("(return");
        let last = last.and_then(|last| self.written(last)).filter(|_| is_any);
        let gone = last.map(|(last, _)| Span { start: ends.span.end, ..last.span });
        self.found.push(report::unreachable_code(next, ends.span, gone));
    }

    /// The first form of an expression that stands from this place on.
    fn first_from(&self, mut e: ExprId, start: u32) -> Option<Place> {
        for _ in 0..DEPTH {
            if let Some((place, _)) = self.written(e).filter(|(p, _)| p.span.start >= start) {
                return Some(place);
            }
            e = match &self.body.exprs[e] {
                Expr::Do(parts) => *parts.first()?,
                Expr::Let { value, .. } => *value,
                _ => return None,
            };
        }
        None
    }

    fn never_ends(&self, e: ExprId, depth: u32) -> bool {
        let part = |part: ExprId| depth > 0 && self.never_ends(part, depth - 1);
        match &self.body.exprs[e] {
            Expr::Abort(_) | Expr::Return(_) => true,
            Expr::Call { .. } => self.is_never(e),
            Expr::Do(parts) => parts.iter().any(|e| part(*e)),
            Expr::Let { value, body, .. } => part(*value) || part(*body),
            Expr::If { cond, then, other } => part(*cond) || part(*then) && part(*other),
            _ => false,
        }
    }

    fn is_never(&self, e: ExprId) -> bool {
        let never = self.program.lang.types.get(&Name::new("Never"));
        let ty = self.typed.facts.get(self.def).and_then(|facts| facts.types.get(e));
        ty.is_some_and(|ty| matches!(ty.kind(), TyKind::Con(id, _) if Some(id) == never))
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
