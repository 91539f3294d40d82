//! Coverage of patterns: does every value match, does every arm get some (Maranget, "Warnings for
//! pattern matching", JFP 2007).
//!
//! Comes in: the patterns of one body and its facts. Goes out: `non-exhaustive-match` with
//! witnesses, `refutable-pattern`, and the warning `redundant-arm`. No types are needed: the
//! constructors in a column tell which others there are.

mod matrix;
#[cfg(test)]
mod tests;

use crate::diagnostics as report;
use crate::infer::place_of;
use crate::lang::Lang;
use crate::ty::{Ty, TyKind};
use crate::typed::Facts;
use eclexia_core::core::{
    Arm, Body, CtorId, DefId, Expr, ExprId, Pat, PatId, Place, Program, TypeDefKind,
};
use eclexia_diag::Diagnostics;
use matrix::{Matrix, P, W};

/// Arms that are told to be missing; of a match that lacks more it is better to think again.
const MOST_ARMS: usize = 24;

struct Coverage<'a> {
    program: &'a Program,
    body: &'a Body,
    def: DefId,
    facts: &'a Facts,
    diags: Diagnostics,
}

/// Checks the matches and the patterns that must not fail.
pub(crate) fn check(
    program: &Program,
    lang: &Lang,
    def: DefId,
    facts: &Facts,
    matches: &[ExprId],
    irrefutable: &[PatId],
) -> Diagnostics {
    let Some(body) = &program.defs[def].body else { return Diagnostics::new() };
    let mut coverage = Coverage { program, body, def, facts, diags: Diagnostics::new() };
    for e in matches {
        if let Expr::Match { value, arms } = &body.exprs[*e] {
            let ty = facts.types[*value];
            let empty = arms.is_empty() && is_empty(program, lang, ty);
            if ty != Ty::ERROR && !empty {
                coverage.match_arms(*e, *value, arms);
            }
        }
    }
    for pat in irrefutable {
        coverage.irrefutable(*pat);
    }
    coverage.diags
}

/// A type without values.
fn is_empty(program: &Program, lang: &Lang, ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Con(id, _) => {
            lang.never == Some(*id)
                || matches!(&program.types[*id].kind, TypeDefKind::Data(ctors) if ctors.is_empty())
        }
        _ => false,
    }
}

impl Coverage<'_> {
    fn match_arms(&mut self, e: ExprId, value: ExprId, arms: &[Arm]) {
        if arms.iter().any(|arm| self.is_broken(arm.pat)) {
            return;
        }
        let place = place_of(self.program, self.def, e);
        let patterns: Vec<P> = arms.iter().map(|arm| self.pattern(arm.pat)).collect();
        let mut matrix = Matrix::new(self.program);
        let gone = self.program.maps.get(self.def).and_then(|map| map.arms.get(&e));
        for (index, (arm, pattern)) in arms.iter().zip(&patterns).enumerate() {
            if matrix.is_useful(pattern) == Some(false) {
                let at = self.pat_place(arm.pat);
                let gone = gone.and_then(|gone| gone.get(index)).copied();
                self.diags.push(report::redundant_arm(at, gone));
            }
            if arm.guard.is_none() {
                matrix.add(pattern);
            }
        }
        let missing = match arms {
            [] => self.constructors(value),
            _ => matrix.all_missing(MOST_ARMS),
        };
        if !missing.is_empty() {
            let value = || place_of(self.program, self.def, value).span;
            let uncovered = report::Uncovered {
                witnesses: missing.iter().map(|witness| self.text(witness)).collect(),
                patterns: missing.into_iter().map(|w| self.text(&w.widened())).collect(),
                is_guarded: arms.iter().any(|arm| arm.guard.is_some()),
                last: gone.map(|gone| gone.last().copied().unwrap_or_else(value)),
            };
            self.diags.push(report::non_exhaustive_match(place, &uncovered));
        } else if matrix.gave_up() {
            self.diags.push(report::match_too_large(place));
        }
    }

    /// What a match without arms, which say nothing of the type, leaves out.
    fn constructors(&self, value: ExprId) -> Vec<W> {
        let TyKind::Con(id, _) = self.facts.types[value].kind() else { return vec![W::Any] };
        let TypeDefKind::Data(ctors) = &self.program.types[*id].kind else { return vec![W::Any] };
        let ctor = |id: &CtorId| match &self.program.ctors[*id] {
            ctor if ctor.is_record => W::Any,
            ctor => W::Ctor(*id, vec![W::Any; ctor.fields.len()]),
        };
        ctors.iter().map(ctor).take(MOST_ARMS).collect()
    }

    /// Whether part of a pattern has been reported already.
    fn is_broken(&self, pat: PatId) -> bool {
        match &self.body.pats[pat] {
            Pat::Error => true,
            Pat::Wildcard | Pat::Bind(_) | Pat::Literal(_) => false,
            Pat::As { pat, .. } => self.is_broken(*pat),
            Pat::Ctor { args, .. } => args.iter().any(|arg| self.is_broken(*arg)),
            Pat::Vector { items, rest } => items.iter().chain(rest).any(|p| self.is_broken(*p)),
            Pat::Record { fields } => fields.iter().any(|(_, p)| self.is_broken(*p)),
        }
    }

    fn irrefutable(&mut self, pat: PatId) {
        if self.is_broken(pat) {
            return;
        }
        let pattern = self.pattern(pat);
        let mut matrix = Matrix::new(self.program);
        matrix.add(&pattern);
        if let Some(witness) = matrix.missing() {
            let place = self.pat_place(pat);
            self.diags.push(report::refutable_pattern(place, &self.text(&witness)));
        }
    }

    fn text(&self, witness: &W) -> String {
        witness.text(self.program, self.program.defs[self.def].module)
    }

    fn pat_place(&self, pat: PatId) -> Place {
        let known = self.program.maps.get(self.def).and_then(|map| map.pats.get(pat));
        known.copied().unwrap_or_else(|| place_of(self.program, self.def, self.body.root))
    }

    fn pattern(&self, pat: PatId) -> P {
        match &self.body.pats[pat] {
            Pat::Wildcard | Pat::Bind(_) | Pat::Error => P::Any,
            Pat::Literal(literal) => P::Literal(literal.clone()),
            Pat::As { pat, .. } => self.pattern(*pat),
            Pat::Ctor { ctor, args } if self.program.ctors[*ctor].is_record => {
                args.first().map_or(P::Any, |arg| self.pattern(*arg))
            }
            Pat::Ctor { ctor, args } => {
                let wanted = self.program.ctors[*ctor].fields.len();
                let mut items: Vec<P> = args.iter().map(|arg| self.pattern(*arg)).collect();
                items.resize_with(wanted, || P::Any);
                P::Ctor(*ctor, items)
            }
            Pat::Vector { items, rest } => {
                let mut all: Vec<P> = items.iter().map(|item| self.pattern(*item)).collect();
                let open = match rest.map(|rest| self.pattern(rest)) {
                    None => false,
                    Some(P::Vector { items, open }) => {
                        all.extend(items);
                        open
                    }
                    Some(_) => true,
                };
                P::Vector { items: all, open }
            }
            Pat::Record { fields } => {
                let Some(indices) = self.facts.pat_fields.get(&pat) else { return P::Any };
                if indices.len() != fields.len() {
                    return P::Any;
                }
                let field =
                    |((name, pat), index): (&(_, PatId), &u32)| (*index, *name, self.pattern(*pat));
                P::Record(fields.iter().zip(indices).map(field).collect())
            }
        }
    }
}
