//! The choice of an adaptive function, written out: what each variant would cost is a number, and
//! the least of those that are feasible is found as they come. The library's `choose` does the same
//! with a vector of any length; here one is made only where the choice is explained.

use super::Lowerer;
use super::call::Arg;
use super::expr::float;
use crate::ir::{Const, End, Op, VarId};
use eclexia_base::Name;
use eclexia_core::core::{DefId, Expr, ExprId};

impl<'a> Lowerer<'a> {
    /// The candidates of a call of the library's `choose`, where they are written there.
    pub(super) fn candidates(&self, callee: ExprId, args: &[ExprId]) -> Option<&'a [ExprId]> {
        let body = self.body;
        let (Expr::Global(def), [_, _, all]) = (&body.exprs[callee], args) else { return None };
        let Expr::Vector(all) = &body.exprs[*all] else { return None };
        let is_named_so = self.program.defs[*def].name == *"choose";
        (is_named_so && self.library("choose") == Some(*def)).then_some(all)
    }

    pub(super) fn choice(
        &mut self,
        e: ExprId,
        args: &[ExprId],
        candidates: &[ExprId],
    ) -> Option<VarId> {
        let name = self.expr(args[0], false)?;
        let spec = self.expr(args[1], false)?;
        let all = self.exprs(candidates)?;
        let weights = self.ask(e, "in-force", &[spec])?;
        let int = self.int_shape;
        let mut best = self.constant(Const::Int(-1), int);
        let mut least = None;
        for (index, candidate) in all.iter().enumerate() {
            let bid = self.ask(e, "bid", &[weights, *candidate])?;
            let money = self.shape(bid);
            let before = match least {
                Some(least) => least,
                None => self.constant(float(0.0), money),
            };
            let is_better = self.ask(e, "beats?", &[spec, *candidate, bid, best, before])?;
            let index = self.constant(Const::Int(index as i64), int);
            let (take, keep, on) = (self.new_block(), self.new_block(), self.new_block());
            let chosen = (self.new_param(on, int), self.new_param(on, money));
            self.end(End::Branch { cond: is_better, then: take, other: keep });
            self.go_on_in(take);
            self.end(End::Jump(on, vec![index, bid]));
            self.go_on_in(keep);
            self.end(End::Jump(on, vec![best, before]));
            self.go_on_in(on);
            (best, least) = (chosen.0, Some(chosen.1));
        }
        let shape = self.shape_of_expr(args[2]);
        let all = self.emit_at(args[2], Op::Vector(all), shape);
        self.ask(e, "chosen", &[name, spec, all, best])
    }

    /// A call of a function of the library.
    fn ask(&mut self, e: ExprId, name: &str, args: &[VarId]) -> Option<VarId> {
        let Some(def) = self.library(name) else {
            self.end_at(e, End::Unreachable);
            return None;
        };
        let ty = self.typed.scheme(def).ty;
        let args: Vec<Arg<'_>> = args.iter().copied().map(Arg::Var).collect();
        self.call_def(e, def, (ty, None), Vec::new(), &args, false)
    }

    fn library(&self, name: &str) -> Option<DefId> {
        let module = self.program.by_name.get(&Name::new("std.adaptive"))?;
        let mut defs = self.program.modules[*module].defs.iter().copied();
        defs.find(|def| self.program.defs[*def].name == *name)
    }
}
