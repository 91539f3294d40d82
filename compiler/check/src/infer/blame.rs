//! From what went wrong in the arena to diagnostics: types are closed and named consistently
//! within a message, reasons get their places.

use super::{Infer, Pred, Want, Why};
use crate::arena::{Clash, Node, T};
use crate::diagnostics::{self as report, Mismatch, Reason};
use eclexia_base::{Name, Span};
use eclexia_core::core::{DefId, Entity, Expr, ExprId, Literal};
use eclexia_diag::Diagnostic;

impl Infer<'_> {
    /// `found`, the type of `expr`, does not fit what is wanted.
    pub(super) fn blame_mismatch(&mut self, expr: ExprId, found: T, want: Want, clash: Clash) {
        if self.blame_budgets(expr, want, clash) {
            return;
        }
        if let Clash::TooLarge(..) = clash {
            let place = self.here(expr);
            // What is around a type that is too large is too large, and so is what is in it.
            let is_told = self.diags.iter().any(|d| {
                let told = d.primary.as_ref().map(|label| label.span);
                d.code == "type-too-large" && told.is_some_and(|told| overlap(told, place.span))
            });
            if !is_told {
                self.diags.push(report::type_too_large(place));
            }
            return;
        }
        let (expr, found, want) = self.implied(expr, found, want);
        let mut names = self.message_names();
        let place = self.here(expr);
        let reason = self.reason(want.why);
        let is_otherwise = self.otherwise_of(expr).is_some();
        let mismatch = Mismatch {
            found: self.freeze(found, &mut names),
            wanted: self.freeze(want.ty, &mut names),
            part: self.freeze_clash(clash, &mut names),
            literal: match &self.body().exprs[expr] {
                Expr::Literal(literal) => Some(literal.clone()),
                _ => None,
            },
            name: match &self.body().exprs[expr] {
                Expr::Local(local) if place.inside.is_none() => Some(self.body().locals[*local]),
                _ => None,
            },
            global: match &self.body().exprs[expr] {
                Expr::Global(def) if place.inside.is_none() => self.visible(*def),
                _ => None,
            },
            braces: match want.why {
                Why::Branch(e) | Why::Arm(e) | Why::Item(e) => self.braces_at(e),
                _ => None,
            },
            module: self.module(),
            is_otherwise,
            place,
            reason,
        };
        let (a, b) = clash.sides();
        let rigid = [a, b].into_iter().find_map(|t| match self.arena.node(t) {
            Node::Rigid(var) => Some(var.name),
            Node::Q(unit) => {
                let unit = self.arena.units.normal(self.arena.unit(unit));
                unit.vars.iter().find_map(|(v, _)| self.arena.units.rigid_name(*v)).map(|v| v.name)
            }
            _ => None,
        });
        let def = &self.program.defs[self.bodies[self.at].def];
        let signature = def.sig.as_ref().map(|sig| sig.span);
        let program = self.program;
        // A promise is broken once, however many places need it broken.
        let is_known = |d: &Diagnostic| {
            d.code == "signature-too-general"
                && d.labels.iter().chain(&d.primary).any(|label| Some(label.span) == signature)
        };
        if rigid.is_some() && self.diags.iter().any(is_known) {
            return;
        }
        self.diags.push(match (clash, rigid) {
            (Clash::Infinite(..), _) => report::infinite_type(program, mismatch),
            (_, Some(var)) => report::signature_too_general(program, mismatch, var, signature),
            (Clash::Units(..), _) => report::unit_mismatch(program, mismatch),
            _ => report::type_mismatch(program, mismatch),
        });
    }

    /// The name of a definition, where it is in scope.
    fn visible(&self, def: DefId) -> Option<Name> {
        let name = self.program.defs[def].name;
        let found = self.program.modules[self.module()].scope.get(&name);
        (found == Some(&Entity::Def(def))).then_some(name)
    }

    /// `{…}` that a user wrote.
    fn braces_at(&self, e: ExprId) -> Option<Span> {
        let place = self.here(e);
        let is_braces = matches!(self.body().exprs[e], Expr::Record { .. });
        (is_braces && place.inside.is_none()).then_some(place.span)
    }

    /// The first branch of the `if` whose other branch is `expr`, where nobody wrote that: it
    /// stands for a missing one, or for what `and` and `or` give when they stop early.
    fn otherwise_of(&self, expr: ExprId) -> Option<ExprId> {
        let body = self.body();
        if !matches!(body.exprs[expr], Expr::Literal(Literal::Unit | Literal::Bool(_))) {
            return None;
        }
        let span = self.here(expr).span;
        body.exprs.iter().find_map(|(_, e)| match e {
            Expr::If { cond, then, other } if *other == expr => {
                let inner = self.here(*cond).span;
                (span.start < inner.start && inner.end < span.end).then_some(*then)
            }
            _ => None,
        })
    }

    /// Of `(and x 1)` the 1 is no `Bool`, and not the `false` that nobody wrote no `Int`.
    fn implied(&mut self, expr: ExprId, found: T, want: Want) -> (ExprId, T, Want) {
        let is_bool = matches!(self.body().exprs[expr], Expr::Literal(Literal::Bool(_)));
        match self.otherwise_of(expr).filter(|_| is_bool) {
            Some(then) => (then, want.ty, Want { ty: found, why: Why::Condition }),
            None => (expr, found, want),
        }
    }

    pub(super) fn reason(&mut self, why: Why) -> Reason {
        let program = self.program;
        match why {
            Why::Argument { callee, index } => Reason::Argument {
                callee: self.callee_name(callee),
                index,
                defined: self.definition_of(callee),
            },
            Why::Condition => Reason::Condition,
            Why::Guard => Reason::Guard,
            Why::Branch(first) => Reason::Branch(self.here(first).span),
            Why::Arm(first) => Reason::Arm(self.here(first).span),
            Why::Item(first) => Reason::Item(self.here(first).span),
            Why::Signature(span) => Reason::Signature(span),
            Why::Ascription(span) => Reason::Ascription(span),
            Why::Field(ctor, index) => {
                let field = &program.ctors[ctor].fields[index as usize];
                let is_std = program.modules[program.types[program.ctors[ctor].ty].module].is_std;
                Reason::Field {
                    record: program.ctors[ctor].name,
                    field: field.name,
                    defined: (!is_std).then_some(field.span),
                }
            }
            Why::MapKey(first) => Reason::MapKey(self.here(first).span),
            Why::MapValue(first) => Reason::MapValue(self.here(first).span),
            Why::Recur(index) => Reason::Recur(index),
            Why::Returned => Reason::Returned,
            Why::Tried => Reason::Tried,
            Why::Release => Reason::Release,
            Why::Admitted => Reason::Admitted,
            Why::Message => Reason::Message,
            Why::Iterated => Reason::Iterated,
            Why::Result => Reason::Use,
        }
    }

    /// No instance of the requirement's interface for `ty`.
    pub(super) fn blame_missing(&mut self, pred: Pred, ty: T) {
        if self.bodies.is_empty() {
            self.failed = true;
            return;
        }
        let current = std::mem::replace(&mut self.at, pred.body);
        let mut names = self.message_names();
        let ty = self.freeze(ty, &mut names);
        let whole = self.freeze(pred.ty, &mut names);
        let place = self.place(pred.body, pred.expr);
        let method = self.callee_name(pred.expr);
        let def = self.bodies[pred.body].def;
        let missing = report::Missing { place, interface: pred.interface, ty, whole, method, def };
        self.diags.push(report::missing_instance(self.program, missing));
        self.at = current;
    }

    pub(super) fn blame_ambiguous(&mut self, pred: Pred, ty: T) {
        // What is not defined might have said which type is meant.
        let body = self.bodies[pred.body].body;
        if body.exprs.iter().any(|(_, e)| matches!(e, Expr::Error)) {
            return;
        }
        let current = std::mem::replace(&mut self.at, pred.body);
        let ty = self.freeze_message(ty);
        let place = self.place(pred.body, pred.expr);
        let method = self.callee_name(pred.expr);
        self.diags.push(report::ambiguous_type(self.program, place, pred.interface, ty, method));
        self.at = current;
    }
}

/// Whether a literal is an integer, for "write 1.0".
pub(crate) fn int_literal(literal: Option<&Literal>) -> Option<i64> {
    match literal {
        Some(Literal::Int(n)) => Some(*n),
        _ => None,
    }
}

fn overlap(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}
