//! Patterns: the value is in a slot; tests jump away where the pattern fails, parts go into slots
//! of their own, and a name is another name for a slot.

use super::expr::literal_value;
use super::{Compiler, Var, narrow};
use crate::code::Op;
use eclexia_core::core::{Arm, CtorId, ExprId, Literal, Pat, PatId, TypeDefKind};

impl Compiler<'_> {
    /// The checker proved that the arms are exhaustive; they are tried in order.
    pub(super) fn match_arms(&mut self, value: ExprId, arms: &[Arm], is_tail: bool) {
        let slot = self.slot_of(value);
        let scope = self.top().next_slot;
        let mut ends = Vec::new();
        for arm in arms {
            let mut fails = Vec::new();
            self.bind(arm.pat, slot, &mut fails);
            if let Some(guard) = arm.guard {
                self.expr(guard, false);
                fails.push(self.emit(Op::JumpFalse(0)));
            }
            self.expr(arm.body, is_tail);
            if !is_tail {
                ends.push(self.emit(Op::Jump(0)));
            }
            self.top().next_slot = scope;
            let can_fail = !fails.is_empty();
            self.patch_all(fails);
            if !can_fail {
                return self.patch_all(ends);
            }
        }
        self.emit_at(value, Op::Unreachable);
        self.patch_all(ends);
    }

    /// Of `let`, parameters and `for`.
    pub(super) fn bind_irrefutable(&mut self, pat: PatId, slot: u32) {
        let mut fails = Vec::new();
        self.bind(pat, slot, &mut fails);
        if !fails.is_empty() {
            let over = self.emit(Op::Jump(0));
            self.patch_all(fails);
            self.emit(Op::Unreachable);
            self.patch(over);
        }
    }

    /// Adds to `fails` the jumps to where the pattern does not match.
    fn bind(&mut self, pat: PatId, slot: u32, fails: &mut Vec<usize>) {
        let body = self.body;
        match &body.pats[pat] {
            Pat::Wildcard | Pat::Literal(Literal::Unit) => {}
            Pat::Bind(local) => {
                self.top().vars.insert(Var::Local(*local), slot);
            }
            Pat::As { local, pat } => {
                self.top().vars.insert(Var::Local(*local), slot);
                self.bind(*pat, slot, fails);
            }
            Pat::Literal(Literal::Bool(true)) => {
                self.emit(Op::Local(slot));
                fails.push(self.emit(Op::JumpFalse(0)));
            }
            Pat::Literal(literal) => {
                self.emit(Op::Local(slot));
                self.constant(literal_value(literal, false));
                self.emit(Op::EqLiteral);
                fails.push(self.emit(Op::JumpFalse(0)));
            }
            Pat::Ctor { ctor, args } => self.bind_ctor(*ctor, args, slot, fails),
            Pat::Vector { items, rest } => self.bind_vector(items, *rest, slot, fails),
            Pat::Record { fields } => {
                let indices = self.facts.pat_fields.get(&pat).cloned().unwrap_or_default();
                for ((_, part), index) in fields.iter().zip(indices) {
                    self.bind_field(*part, slot, index, fails);
                }
            }
            Pat::Error => {
                self.emit(Op::Unreachable);
            }
        }
    }

    fn bind_ctor(&mut self, ctor: CtorId, args: &[PatId], slot: u32, fails: &mut Vec<usize>) {
        let info = &self.program.ctors[ctor];
        if info.is_record {
            return args.iter().for_each(|record| self.bind(*record, slot, fails));
        }
        let index = narrow(info.index as usize);
        if self.has_siblings(ctor) {
            fails.push(self.emit(Op::TestCtor { index, slot, target: 0 }));
        }
        for (field, part) in (0..).zip(args) {
            self.bind_field(*part, slot, field, fails);
        }
    }

    fn has_siblings(&self, ctor: CtorId) -> bool {
        let info = &self.program.ctors[ctor];
        match &self.program.types[info.ty].kind {
            TypeDefKind::Data(ctors) => ctors.len() > 1,
            TypeDefKind::Record(_) | TypeDefKind::Builtin => false,
        }
    }

    fn bind_field(&mut self, part: PatId, from: u32, field: u32, fails: &mut Vec<usize>) {
        if self.is_ignored(part) {
            return;
        }
        let to = self.new_slot();
        self.emit(Op::GetField { field: narrow(field as usize), from, to });
        self.bind(part, to, fails);
    }

    fn bind_vector(
        &mut self,
        items: &[PatId],
        rest: Option<PatId>,
        from: u32,
        fails: &mut Vec<usize>,
    ) {
        let length = narrow(items.len());
        let or_more = rest.is_some();
        if length > 0 || !or_more {
            fails.push(self.emit(Op::TestLength { length, or_more, slot: from, target: 0 }));
        }
        for (item, part) in (0..).zip(items) {
            if !self.is_ignored(*part) {
                let to = self.new_slot();
                self.emit(Op::GetItem { item, from, to });
                self.bind(*part, to, fails);
            }
        }
        if let Some(part) = rest.filter(|part| !self.is_ignored(*part)) {
            let to = self.new_slot();
            self.emit(Op::GetRest { start: length, from, to });
            self.bind(part, to, fails);
        }
    }

    fn is_ignored(&self, pat: PatId) -> bool {
        matches!(self.body.pats[pat], Pat::Wildcard)
    }
}
