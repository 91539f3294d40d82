//! Calls, and definitions and methods as values.

use super::{Alias, Compiler, Var, alias, narrow};
use crate::code::{Op, Shape};
use crate::dictionary::{Implementation, implementation, method_arity};
use eclexia_check::typed::{CallFact, Dict, Facts};
use eclexia_core::core::{CtorId, DefId, Expr, ExprId, InterfaceId};
use eclexia_rt::{BuiltinId, Fields, Target, Value};

/// What stands for an argument.
#[derive(Clone, Copy)]
pub(super) enum Arg<'f> {
    Expr(ExprId),
    Slot(u32),
    /// The trailing pairs of this call, as a record.
    Record(ExprId, &'f CallFact),
}

/// What a call passes: trailing pairs are one record.
pub(super) fn passed<'f>(facts: &'f Facts, e: ExprId, args: &[ExprId]) -> Vec<Arg<'f>> {
    let mut all: Vec<Arg<'_>> = args.iter().copied().map(Arg::Expr).collect();
    if let Some(fact) = facts.calls.get(&e) {
        all.truncate(fact.from_arg as usize);
        all.push(Arg::Record(e, fact));
    }
    all
}

impl Compiler<'_> {
    pub(super) fn call(&mut self, e: ExprId, callee: ExprId, args: &[ExprId], is_tail: bool) {
        let body = self.body;
        let all = passed(self.facts, e, args);
        if let (Expr::Global(def), [cond, text]) = (&body.exprs[callee], args)
            && self.is_check(*def)
        {
            return self.check(e, *cond, *text, is_tail);
        }
        if let Expr::Global(def) = &body.exprs[callee]
            && self.budget_call(e, *def, args, is_tail)
        {
            return;
        }
        self.invoke(e, callee, &all, is_tail);
    }

    pub(super) fn invoke(&mut self, e: ExprId, callee: ExprId, args: &[Arg<'_>], is_tail: bool) {
        let body = self.body;
        let dicts = self.dict_args(callee);
        match &body.exprs[callee] {
            Expr::Global(def) => self.call_def(e, *def, dicts, args, is_tail),
            Expr::Method(interface, index) => {
                self.call_method(e, (*interface, *index), dicts, args, is_tail);
            }
            Expr::Ctor(ctor) => self.construct(*ctor, args, is_tail),
            Expr::Local(local) => {
                self.push_var(Var::Local(*local));
                dicts.iter().for_each(|dict| self.dict(dict));
                self.args(args);
                self.call_value(e, dicts.len() + args.len(), is_tail);
            }
            _ => {
                self.expr(callee, false);
                self.args(args);
                self.call_value(e, args.len(), is_tail);
            }
        }
    }

    pub(super) fn args(&mut self, args: &[Arg<'_>]) {
        for arg in args {
            match arg {
                Arg::Expr(e) => match self.facts.inner_costs.get(e) {
                    Some(inner) => self.cost(*e, inner),
                    None => self.expr(*e, false),
                },
                Arg::Slot(slot) => {
                    self.emit(Op::Local(*slot));
                }
                Arg::Record(e, fact) => self.trailing_record(*e, fact),
            }
        }
    }

    fn call_value(&mut self, e: ExprId, argc: usize, is_tail: bool) {
        let argc = narrow(argc);
        self.emit_at(e, if is_tail { Op::TailCall(argc) } else { Op::Call(argc) });
        self.return_if(is_tail);
    }

    pub(super) fn call_def(
        &mut self,
        e: ExprId,
        def: DefId,
        dicts: &[Dict],
        args: &[Arg<'_>],
        is_tail: bool,
    ) {
        match alias(self.program, self.typed, def) {
            Some(Alias::Builtin(id)) if usize::from(id.get().arity) == args.len() => {
                self.args(args);
                return self.call_builtin(e, id, is_tail);
            }
            Some(Alias::Swapped(id)) if args.len() == 2 => {
                self.args(args);
                self.emit(Op::Swap);
                return self.call_builtin(e, id, is_tail);
            }
            Some(Alias::Function(other)) if dicts.is_empty() && other != def => {
                return self.call_def(e, other, dicts, args, is_tail);
            }
            _ => {}
        }
        let is_function = self.program.defs[def].body.as_ref().is_some_and(|b| b.is_function);
        if !is_function {
            self.global(e, def, dicts);
            self.args(args);
            return self.call_value(e, args.len(), is_tail);
        }
        dicts.iter().for_each(|dict| self.dict(dict));
        self.args(args);
        let argc = narrow(dicts.len() + args.len());
        let def = def.0;
        let op = if is_tail { Op::TailDef { argc, def } } else { Op::CallDef { argc, def } };
        self.emit_at(e, op);
    }

    pub(super) fn call_builtin(&mut self, e: ExprId, id: BuiltinId, is_tail: bool) {
        let op = match id.get().name {
            "int-add" => Op::IntAdd,
            "int-sub" => Op::IntSub,
            "int-eq" => Op::IntEq,
            "int-lt" => Op::IntLt,
            "int-le" => Op::IntLe,
            _ => Op::Builtin(id),
        };
        self.emit_at(e, op);
        if is_tail {
            self.emit(Op::Return);
        }
    }

    fn call_method(
        &mut self,
        e: ExprId,
        (interface, index): (InterfaceId, u32),
        dicts: &[Dict],
        args: &[Arg<'_>],
        is_tail: bool,
    ) {
        if let Some((def, dicts)) = self.known_method(index, dicts) {
            return self.call_def(e, def, &dicts, args, is_tail);
        }
        let Some((own, rest)) = dicts.split_first() else {
            self.emit_at(e, Op::Unreachable);
            return;
        };
        self.dict(own);
        rest.iter().for_each(|dict| self.dict(dict));
        if method_arity(self.program, interface, index).is_none() {
            self.emit_at(e, Op::MethodValue { argc: narrow(rest.len()), index });
            self.args(args);
            return self.call_value(e, args.len(), is_tail);
        }
        self.args(args);
        let argc = narrow(rest.len() + args.len());
        let op =
            if is_tail { Op::TailMethod { argc, index } } else { Op::CallMethod { argc, index } };
        self.emit_at(e, op);
        self.return_if(is_tail);
    }

    /// After a tail call too: it comes there when what is called needs no frame.
    fn return_if(&mut self, is_tail: bool) {
        if is_tail {
            self.emit(Op::Return);
        }
    }

    /// The definition behind a method of a known instance, and the dictionaries it takes.
    fn known_method(&self, index: u32, dicts: &[Dict]) -> Option<(DefId, Vec<Dict>)> {
        let (own, rest) = dicts.split_first()?;
        let Dict::Instance(instance, context) = own else { return None };
        let (def, first) = match implementation(self.program, *instance, index)? {
            Implementation::Own(def) => (def, context.as_slice()),
            Implementation::Default(def) => (def, std::slice::from_ref(own)),
        };
        Some((def, [first, rest].concat()))
    }

    /// A record's constructor gives its argument back; the others take their fields.
    fn construct(&mut self, ctor: CtorId, args: &[Arg<'_>], is_tail: bool) {
        let info = &self.program.ctors[ctor];
        let is_record = info.is_record;
        let mut shapes = vec![(ctor.0, info.index, args.len() as u32)];
        let mut args = args.to_vec();
        // `(list a b c)` is cells inside cells: goes down the last argument in a loop.
        while let Some((last, first)) = args.split_last()
            && let Some((inner, shape)) = self.inner_construction(last)
            && !is_record
        {
            let first = first.to_vec();
            self.args(&first);
            shapes.push(shape);
            args = inner;
        }
        self.args(&args);
        if !is_record {
            for (ctor, index, fields) in shapes.into_iter().rev() {
                self.data(Shape { ctor, index, fields, site: None });
            }
        }
        if is_tail {
            self.emit(Op::Return);
        }
    }

    fn inner_construction<'f>(&self, arg: &Arg<'f>) -> Option<(Vec<Arg<'f>>, (u32, u32, u32))> {
        let Arg::Expr(e) = arg else { return None };
        let Expr::Call { callee, args } = &self.body.exprs[*e] else { return None };
        let Expr::Ctor(ctor) = &self.body.exprs[*callee] else { return None };
        let info = &self.program.ctors[*ctor];
        if info.is_record || self.facts.calls.contains_key(e) {
            return None;
        }
        let shape = (ctor.0, info.index, args.len() as u32);
        Some((args.iter().copied().map(Arg::Expr).collect(), shape))
    }

    pub(super) fn data(&mut self, shape: Shape) {
        let state = self.top();
        state.shapes.push(shape);
        let index = state.shapes.len() as u32 - 1;
        self.emit(Op::Data(index));
    }

    /// A definition as a value.
    pub(super) fn global(&mut self, e: ExprId, def: DefId, dicts: &[Dict]) {
        let target = match alias(self.program, self.typed, def) {
            Some(Alias::Builtin(id)) if id.get().arity == 0 => {
                self.emit_at(e, Op::Builtin(id));
                return;
            }
            Some(Alias::Builtin(id)) => Some(Target::Builtin(id)),
            Some(Alias::Function(other)) if dicts.is_empty() => Some(Target::Def(other.0)),
            _ => None,
        };
        let is_function = self.program.defs[def].body.as_ref().is_some_and(|b| b.is_function);
        let count = narrow(dicts.len());
        if let Some(target) = target {
            self.constant(Value::function(target, Fields::none()));
        } else if is_function {
            self.constant(Value::function(Target::Def(def.0), Fields::none()));
            if count > 0 {
                dicts.iter().for_each(|dict| self.dict(dict));
                self.emit(Op::Partial(count));
            }
        } else if count == 0 {
            self.emit_at(e, Op::Global(def.0));
        } else {
            dicts.iter().for_each(|dict| self.dict(dict));
            self.emit_at(e, Op::CallDef { argc: count, def: def.0 });
        }
    }

    /// A method as a value.
    pub(super) fn method(&mut self, e: ExprId, _: InterfaceId, index: u32) {
        let dicts = self.dict_args(e);
        if let Some((def, dicts)) = self.known_method(index, dicts) {
            return self.global(e, def, &dicts);
        }
        let Some((own, rest)) = dicts.split_first() else {
            self.emit_at(e, Op::Unreachable);
            return;
        };
        self.dict(own);
        rest.iter().for_each(|dict| self.dict(dict));
        self.emit_at(e, Op::MethodValue { argc: narrow(rest.len()), index });
    }

    fn is_check(&self, def: DefId) -> bool {
        let found = alias(self.program, self.typed, def);
        matches!(found, Some(Alias::Builtin(id)) if id.get().name == "check-that")
    }

    /// `(check e)`. Of an equation both sides are kept, so that a failure can show them.
    fn check(&mut self, e: ExprId, cond: ExprId, text: ExprId, is_tail: bool) {
        let body = self.body;
        let scope = self.top().next_slot;
        match &body.exprs[cond] {
            Expr::Call { callee, args } if args.len() == 2 && self.is_equality(*callee) => {
                let slot = self.new_slot();
                let second = self.new_slot();
                for (slot, arg) in [slot, second].into_iter().zip(args) {
                    self.expr(*arg, false);
                    self.emit(Op::Store(slot));
                }
                self.invoke(cond, *callee, &[Arg::Slot(slot), Arg::Slot(second)], false);
                self.expr(text, false);
                self.emit_at(e, Op::CheckEqual { slot });
            }
            _ => {
                self.expr(cond, false);
                self.expr(text, false);
                self.emit_at(e, Op::Check);
            }
        }
        self.top().next_slot = scope;
        if is_tail {
            self.emit(Op::Return);
        }
    }

    fn is_equality(&self, callee: ExprId) -> bool {
        let Expr::Method(interface, index) = &self.body.exprs[callee] else { return false };
        let interface = &self.program.interfaces[*interface];
        interface.methods.get(*index as usize).is_some_and(|m| m.name == "=")
    }
}
