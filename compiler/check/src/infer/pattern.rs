//! Patterns: bind locals to types. A pattern looks through a reference at what it refers to.

use super::{Deferred, Infer};
use crate::arena::{Clash, ERROR, Node, T};
use crate::diagnostics as report;
use eclexia_core::core::{CtorId, Pat, PatId};

impl<'a> Infer<'a> {
    /// A pattern that must match: of a parameter, a `let`, a `for`.
    pub(super) fn irrefutable(&mut self, pat: PatId, ty: T) {
        self.pattern(pat, ty);
        if !matches!(self.body().pats[pat], Pat::Bind(_) | Pat::Wildcard) {
            self.cx().irrefutable.push(pat);
        }
    }

    pub(super) fn pattern(&mut self, pat: PatId, ty: T) {
        let body = self.body();
        self.cx().pats[pat.0 as usize] = ty;
        match &body.pats[pat] {
            Pat::Wildcard => {}
            Pat::Error => {}
            Pat::Bind(local) => self.set_local(*local, ty),
            Pat::As { local, pat } => {
                self.set_local(*local, ty);
                self.pattern(*pat, ty);
            }
            Pat::Literal(literal) => {
                let wanted = self.through(ty);
                let found = self.literal(literal);
                self.fit_pattern(pat, found, wanted);
            }
            Pat::Ctor { ctor, args } => self.ctor_pattern(pat, *ctor, args, ty),
            Pat::Vector { items, rest } => {
                let Some(vector) = self.lang.vector else { return };
                let item = self.fresh();
                let found = self.arena.con(vector, &[item]);
                let wanted = self.through(ty);
                self.fit_pattern(pat, found, wanted);
                items.iter().for_each(|item_pat| self.pattern(*item_pat, item));
                if let Some(rest) = rest {
                    self.pattern(*rest, found);
                }
            }
            Pat::Record { fields } => {
                let mut waiting = Vec::with_capacity(fields.len());
                for (name, field) in fields {
                    let ty = self.fresh();
                    waiting.push((*name, ty));
                    self.pattern(*field, ty);
                }
                let body = self.at;
                let record = Deferred::Pattern { body, pat, value: ty, fields: waiting };
                self.defer(record);
            }
        }
    }

    /// What a reference refers to; other types as they are.
    pub(super) fn through(&self, ty: T) -> T {
        match self.arena.node(ty) {
            Node::Ref(inner) => self.through(inner),
            _ => ty,
        }
    }

    fn ctor_pattern(&mut self, pat: PatId, ctor: CtorId, args: &'a [PatId], ty: T) {
        let (tables, program) = (self.tables, self.program);
        let types = &tables.ctors[ctor];
        let vars = self.fresh_many(types.scheme.vars.len());
        let found = self.arena.con(program.ctors[ctor].ty, &vars);
        let wanted = self.through(ty);
        self.fit_pattern(pat, found, wanted);
        if program.ctors[ctor].is_record {
            // `(Point {:x p})`: the one argument is a pattern of the record itself.
            args.iter().for_each(|arg| self.pattern(*arg, found));
            return;
        }
        // Their number is core's to report.
        for (i, arg) in args.iter().enumerate() {
            let field = types.fields.get(i);
            let ty = field.map_or(ERROR, |ty| self.arena.instantiate(*ty, &vars, &[]));
            self.pattern(*arg, ty);
        }
    }

    fn fit_pattern(&mut self, pat: PatId, found: T, wanted: T) {
        if let Err(clash) = self.arena.unify(found, wanted) {
            self.blame_pattern(pat, found, wanted, clash);
        }
    }

    fn blame_pattern(&mut self, pat: PatId, found: T, wanted: T, clash: Clash) {
        let place = self.pat_place(self.at, pat);
        let mut names = self.message_names();
        let (found, wanted) = (self.freeze(found, &mut names), self.freeze(wanted, &mut names));
        let part = self.freeze_clash(clash, &mut names);
        self.diags.push(report::pattern_mismatch(self.program, place, found, wanted, part));
    }
}
