//! Typed core to code, one definition at a time, when the machine first needs it. What comes in is
//! checked: names are resolved, patterns exhaustive, dictionaries known; an expression that was
//! reported as wrong becomes an instruction that ends the program and is never reached by what
//! the checker accepted.
//!
//! 1. Every local gets a slot; a slot is used again when its scope has ended.
//! 2. A `fn` copies what it uses from outside; without anything to copy it is a constant.
//! 3. A call of a method on a known instance calls the instance's method; one that merely renames
//!    a built-in becomes the built-in, and the commonest become instructions.
//! 4. Tail calls are calls in tail position outside of `with`; a `return` or `try` inside a `with`
//!    releases first.
//! 5. Afterwards `liveness` turns the last use of a local into a move, so that what is used once is
//!    changed in place.

mod alias;
mod budget;
mod call;
mod expr;
mod function;
mod liveness;
mod pattern;
mod record;

use crate::code::{Code, Op, Shape};
use crate::dictionary::{dictionary, instantiate};
use crate::globals::{Entry, Globals};
use eclexia_base::FxHashMap;
use eclexia_check::typed::{Dict, DictId, Facts, Typed};
use eclexia_core::core::{Body, DefId, ExprId, LocalId, Program};
use eclexia_rt::{Site, Value};
use std::rc::Rc;
use std::sync::LazyLock;

pub(crate) use alias::{Alias, alias};

/// Facts of a definition that was not checked: none.
static NO_FACTS: LazyLock<Facts> = LazyLock::new(Facts::default);
static NO_BODY: LazyLock<Body> = LazyLock::new(Body::default);

pub(crate) fn facts(typed: &Typed, def: DefId) -> &Facts {
    typed.facts.get(def).unwrap_or(&NO_FACTS)
}

/// What takes a slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Var {
    Local(LocalId),
    Dict(DictId),
}

/// Where `recur` goes: stores to so many slots from the first, then jumps.
#[derive(Clone, Copy)]
struct LoopTarget {
    start: u32,
    first: u32,
    count: u32,
}

/// A `with` around the current place: the function to apply to the value.
#[derive(Clone, Copy)]
struct Release {
    function: u32,
    value: u32,
    place: ExprId,
}

/// The function being compiled, inside those around it.
#[derive(Default)]
struct FnState {
    ops: Vec<Op>,
    consts: Vec<Value>,
    shapes: Vec<Shape>,
    updates: Vec<Vec<u32>>,
    places: Vec<(u32, ExprId)>,
    vars: FxHashMap<Var, u32>,
    captures: Vec<Var>,
    next_slot: u32,
    slots: u32,
    loops: Vec<LoopTarget>,
    releases: Vec<Release>,
}

pub(crate) struct Compiler<'a> {
    program: &'a Program,
    typed: &'a Typed,
    globals: &'a mut Globals,
    def: DefId,
    body: &'a Body,
    facts: &'a Facts,
    functions: Vec<FnState>,
}

/// The code of a definition with a body, compiled on first use.
pub(crate) fn code_of(
    program: &Program,
    typed: &Typed,
    globals: &mut Globals,
    def: DefId,
) -> Rc<Code> {
    if let Some(code) = globals.code(def) {
        return code.clone();
    }
    let code = Rc::new(Compiler::new(program, typed, globals, def).definition());
    globals.set_code(def, code.clone());
    code
}

/// How a method of `arity` arguments, implemented by `def`, is entered with them.
pub(crate) fn method_entry(
    program: &Program,
    typed: &Typed,
    globals: &mut Globals,
    def: DefId,
    arity: u16,
) -> Entry {
    if let Some(entry) = globals.methods.get(&def) {
        return entry.clone();
    }
    let is_function = program.defs[def].body.as_ref().is_some_and(|b| b.is_function);
    let entry = match alias(program, typed, def) {
        Some(Alias::Builtin(id)) => Entry::Builtin(id),
        _ if is_function => Entry::Code(code_of(program, typed, globals, def)),
        _ => {
            let code = Compiler::new(program, typed, globals, def).expanded(arity);
            Entry::Code(Rc::new(code))
        }
    };
    globals.methods.insert(def, entry.clone());
    entry
}

impl<'a> Compiler<'a> {
    fn new(
        program: &'a Program,
        typed: &'a Typed,
        globals: &'a mut Globals,
        def: DefId,
    ) -> Compiler<'a> {
        let body = program.defs[def].body.as_ref().unwrap_or(&NO_BODY);
        let facts = facts(typed, def);
        Compiler { program, typed, globals, def, body, facts, functions: Vec::new() }
    }

    fn top(&mut self) -> &mut FnState {
        match self.functions.last_mut() {
            Some(state) => state,
            None => eclexia_base::bug!("code outside of any function"),
        }
    }

    fn emit(&mut self, op: Op) -> usize {
        let ops = &mut self.top().ops;
        ops.push(op);
        ops.len() - 1
    }

    /// An instruction that may fail or call, or whose place matters in a trace.
    fn emit_at(&mut self, place: ExprId, op: Op) -> usize {
        let state = self.top();
        let pc = state.ops.len() as u32;
        if state.places.last().is_none_or(|(_, last)| *last != place) {
            state.places.push((pc, place));
        }
        self.emit(op)
    }

    fn here(&mut self) -> u32 {
        self.top().ops.len() as u32
    }

    /// Lets the jump at `at` go to the next instruction.
    fn patch(&mut self, at: usize) {
        let here = self.here();
        self.top().ops[at].set_target(here);
    }

    fn patch_all(&mut self, jumps: Vec<usize>) {
        for at in jumps {
            self.patch(at);
        }
    }

    fn new_slot(&mut self) -> u32 {
        let state = self.top();
        let slot = state.next_slot;
        state.next_slot += 1;
        state.slots = state.slots.max(state.next_slot);
        slot
    }

    /// Pops into a new slot.
    fn store_new(&mut self) -> u32 {
        let slot = self.new_slot();
        self.emit(Op::Store(slot));
        slot
    }

    fn constant(&mut self, value: Value) {
        if let Value::Int(n) = value
            && let Ok(small) = i32::try_from(n)
        {
            self.emit(Op::Int(small));
            return;
        }
        let state = self.top();
        state.consts.push(value);
        let index = state.consts.len() as u32 - 1;
        self.emit(Op::Const(index));
    }

    fn push_var(&mut self, var: Var) {
        let is_outermost = self.functions.len() == 1;
        let state = self.top();
        if let Some(&slot) = state.vars.get(&var) {
            self.emit(Op::Local(slot));
        } else if is_outermost {
            self.emit(Op::Unreachable);
        } else {
            let known = state.captures.iter().position(|v| *v == var);
            let index = known.unwrap_or_else(|| {
                state.captures.push(var);
                state.captures.len() - 1
            });
            self.emit(Op::Capture(index as u32));
        }
    }

    /// Dictionaries without parameters are constants.
    fn dict(&mut self, dict: &Dict) {
        if let Some(value) = instantiate(self.typed, dict, &[]) {
            return self.constant(value);
        }
        match dict {
            Dict::Param(id) => self.push_var(Var::Dict(*id)),
            Dict::Instance(instance, args) if args.is_empty() => {
                self.constant(dictionary(*instance, Vec::new()));
            }
            Dict::Instance(instance, args) => {
                args.iter().for_each(|arg| self.dict(arg));
                let argc = narrow(args.len());
                self.emit(Op::Dictionary { argc, instance: instance.0 });
            }
            Dict::Super(inner, index) => {
                self.dict(inner);
                self.emit(Op::Super(*index));
            }
        }
    }

    fn site(&self, expr: ExprId) -> Option<Site> {
        Some(Site { def: self.def.0, expr: expr.0 })
    }

    fn dict_args(&self, expr: ExprId) -> &'a [Dict] {
        self.facts.dict_args.get(&expr).map_or(&[], Vec::as_slice)
    }
}

/// Counts of arguments, fields and items in one form; the reader's limits keep them small.
fn narrow(count: usize) -> u16 {
    match u16::try_from(count) {
        Ok(n) => n,
        Err(_) => eclexia_base::bug!("a form with {count} parts"),
    }
}
