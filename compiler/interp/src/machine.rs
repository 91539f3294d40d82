//! The machine: runs code on a value stack and a frame stack, both on the heap. Calls do not use
//! Rust's stack, so recursion may go as deep as `Options::max_depth`; a tail call replaces the
//! frame, whoever is called. Steps are counted at calls and backward jumps, which are also the safe
//! points where an interrupt is seen.
//!
//! A constant needed for the first time gets a frame of its own; when it has its value, the
//! instruction that needed it runs again and finds it.

use crate::code::{Code, Op};
use crate::evaluator::Evaluator;
use crate::globals::Constant;
use eclexia_base::{Name, bug};
use eclexia_core::core::DefId;
use eclexia_rt::{BuiltinId, Ctx, Fault, Value};
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// An activation of code.
pub(crate) struct Frame {
    pub code: Rc<Code>,
    /// The next instruction.
    pub pc: u32,
    pub base: u32,
    /// Where the stack is cut when the frame returns.
    pub floor: u32,
    /// The constant that this frame evaluates, or `NO_CONSTANT`.
    constant: u32,
}

const NO_CONSTANT: u32 = u32::MAX;

/// Steps between two looks at the limits.
const CHUNK: u32 = 4096;

/// Values per permitted call: keeps functions with very many locals from filling memory.
const VALUES_PER_CALL: usize = 16;

/// Why a run ended without a value.
#[derive(Debug)]
pub(crate) enum Stop {
    Fault(Fault),
    StackExhausted,
    StepLimit,
    Interrupted,
    /// The constant that needs itself.
    ConstantCycle(Name),
    Unreachable,
    /// An extern without code.
    Extern(Name),
    /// A `:metered` function has taken all the steps it may.
    Metered(Name, u64),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

impl Frame {
    pub(crate) fn new(code: Rc<Code>, base: u32, floor: u32) -> Frame {
        Frame { code, pc: 0, base, floor, constant: NO_CONSTANT }
    }

    pub(crate) fn evaluating(code: Rc<Code>, at: u32, def: DefId) -> Frame {
        Frame { code, pc: 0, base: at, floor: at, constant: def.0 }
    }

    pub(crate) fn constant(&self) -> Option<DefId> {
        (self.constant != NO_CONSTANT).then_some(DefId(self.constant))
    }

    /// A tail call keeps what the frame is for.
    pub(crate) fn replace(&mut self, code: Rc<Code>, base: u32) {
        self.code = code;
        self.pc = 0;
        self.base = base;
    }
}

impl Evaluator<'_> {
    /// Runs until the frame returns, then gives what it returned.
    pub(crate) fn run(&mut self, mut frame: Frame) -> Result<Value, Stop> {
        let callers = self.frames.len();
        self.reserve_slots(&frame);
        match self.steps_until_return(&mut frame, callers) {
            Ok(value) => Ok(value),
            Err(stop) => {
                self.frames.push(frame);
                Err(stop)
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    fn steps_until_return(&mut self, frame: &mut Frame, callers: usize) -> Result<Value, Stop> {
        loop {
            let op = frame.code.ops[frame.pc as usize];
            frame.pc += 1;
            match op {
                Op::Const(index) => {
                    let value = frame.code.consts[index as usize].clone();
                    self.stack.push(value);
                }
                Op::Int(n) => self.stack.push(Value::Int(i64::from(n))),
                Op::Local(slot) => {
                    let value = self.stack[(frame.base + slot) as usize].clone();
                    self.stack.push(value);
                }
                Op::Move(slot) => {
                    let value = self.stack[(frame.base + slot) as usize].take();
                    self.stack.push(value);
                }
                Op::Capture(index) => self.capture(frame, index),
                Op::Store(slot) => {
                    let value = self.pop();
                    self.stack[(frame.base + slot) as usize] = value;
                }
                Op::Pop => drop(self.pop()),
                Op::Swap => {
                    let top = self.stack.len() - 1;
                    self.stack.swap(top, top - 1);
                }
                Op::Global(def) => self.global(frame, DefId(def))?,
                Op::Jump(target) => frame.pc = target,
                Op::Back(target) => {
                    self.step()?;
                    frame.pc = target;
                }
                Op::JumpFalse(target) => {
                    if matches!(self.pop(), Value::Bool(false)) {
                        frame.pc = target;
                    }
                }
                Op::CallDef { argc, def } => self.call_def(frame, DefId(def), argc.into())?,
                Op::TailDef { argc, def } => {
                    let code = self.code(DefId(def));
                    self.tail(frame, code, argc.into(), 0)?;
                }
                Op::Call(argc) => self.call_value(frame, argc.into(), false)?,
                Op::TailCall(argc) => {
                    self.call_value(frame, argc.into(), true)?;
                }
                Op::CallMethod { argc, index } => {
                    self.call_method(frame, argc.into(), index, false)?;
                }
                Op::TailMethod { argc, index } => {
                    self.call_method(frame, argc.into(), index, true)?;
                }
                Op::MethodValue { argc, index } => self.method_value(frame, argc.into(), index)?,
                Op::Return => {
                    if let Some(value) = self.leave(frame, callers) {
                        return Ok(value);
                    }
                }
                Op::Builtin(id) => {
                    let value = self.run_builtin(id)?;
                    self.stack.push(value);
                }
                Op::IntAdd => self.int_op("int-add", i64::checked_add)?,
                Op::IntSub => self.int_op("int-sub", i64::checked_sub)?,
                Op::IntEq => self.int_test(|x, y| x == y),
                Op::IntLt => self.int_test(|x, y| x < y),
                Op::IntLe => self.int_test(|x, y| x <= y),
                Op::EqLiteral => self.eq_literal(),
                Op::Data(shape) => self.make_data(frame, shape),
                Op::Field(index) => self.field(index),
                Op::GetField { field, from, to } => {
                    let from = &self.stack[(frame.base + from) as usize];
                    let Value::Data(data) = from else { bug!("a field of {from:?}") };
                    let value = data.fields[usize::from(field)].clone();
                    self.stack[(frame.base + to) as usize] = value;
                }
                Op::GetItem { item, from, to } => self.get_item(frame, item.into(), from, to),
                Op::GetRest { start, from, to } => self.get_rest(frame, start.into(), from, to),
                Op::TestCtor { index, slot, target } => {
                    let found = match &self.stack[(frame.base + slot) as usize] {
                        Value::Data(data) => data.index,
                        Value::Tag { index, .. } => *index,
                        other => bug!("a constructor is {other:?}"),
                    };
                    if found != u32::from(index) {
                        frame.pc = target;
                    }
                }
                Op::TestLength { length, or_more, slot, target } => {
                    let found = self.items_at(frame, slot).len();
                    let length = usize::from(length);
                    if !(found == length || or_more && found > length) {
                        frame.pc = target;
                    }
                }
                Op::Vector(count) => self.make_vector(count as usize),
                Op::Map(count) => self.make_map(count as usize),
                Op::WithFields(index) => self.with_fields(frame, index as usize),
                Op::Closure { captures, code } => self.make_closure(captures.into(), code),
                Op::Partial(count) => self.make_partial(count.into()),
                Op::Dictionary { argc, instance } => self.make_dictionary(argc.into(), instance),
                Op::Super(index) => self.super_interface(index)?,
                Op::TryJump(target) => {
                    if self.unwrap_ok() {
                        frame.pc = target;
                    }
                }
                Op::Abort => return Err(self.abort()),
                Op::Check => self.check(frame, None),
                Op::CheckEqual { slot } => self.check(frame, Some(slot)),
                Op::ForNext { slot, target } => {
                    if !self.for_next(frame, slot) {
                        frame.pc = target;
                    }
                }
                Op::Admit { argc, slot, place } => self.admit(frame, argc.into(), slot, place),
                Op::Meter(first) => self.begin_meter(frame, first)?,
                Op::Extern(def) => {
                    return Err(Stop::Extern(self.program.defs[DefId(def)].name));
                }
                Op::Unreachable => return Err(Stop::Unreachable),
            }
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Value {
        match self.stack.pop() {
            Some(value) => value,
            None => bug!("the operand stack is empty"),
        }
    }

    /// Counts a call or a round of a loop.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), Stop> {
        if self.fuel == 0 {
            self.refuel()?;
        }
        self.fuel -= 1;
        Ok(())
    }

    /// `steps` runs ahead: it counts the fuel that is still to be used.
    #[cold]
    fn refuel(&mut self) -> Result<(), Stop> {
        if self.options.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Stop::Interrupted);
        }
        let left = self.options.max_steps.map_or(u64::MAX, |max| max.saturating_sub(self.steps));
        if left == 0 {
            return Err(Stop::StepLimit);
        }
        let left = left.min(self.left_on_meter()?);
        self.fuel = CHUNK.min(u32::try_from(left).unwrap_or(CHUNK));
        self.steps += u64::from(self.fuel);
        Ok(())
    }

    /// Continues with `next`, whose caller is the frame until now.
    pub(crate) fn enter(&mut self, frame: &mut Frame, next: Frame) -> Result<(), Stop> {
        self.step()?;
        if self.frames.len() >= self.options.max_depth
            || self.stack.len() / VALUES_PER_CALL >= self.options.max_depth
        {
            return Err(Stop::StackExhausted);
        }
        self.reserve_slots(&next);
        self.frames.push(std::mem::replace(frame, next));
        Ok(())
    }

    /// Gives a frame its slots beyond the parameters, which are on the stack.
    #[inline]
    pub(crate) fn reserve_slots(&mut self, frame: &Frame) {
        let end = (frame.base + frame.code.slots) as usize;
        if self.stack.len() < end {
            self.stack.resize_with(end, Value::default);
        }
    }

    /// Returns to the caller; the value when there is none.
    fn leave(&mut self, frame: &mut Frame, callers: usize) -> Option<Value> {
        let value = self.pop();
        self.stack.truncate(frame.floor as usize);
        if !self.meters.is_empty() {
            self.end_meters();
        }
        let constant = frame.constant();
        if let Some(def) = constant {
            self.globals.set_constant(def, Constant::Done(value.clone()));
        }
        if self.frames.len() == callers {
            return Some(value);
        }
        match self.frames.pop() {
            Some(caller) => *frame = caller,
            None => bug!("no caller to return to"),
        }
        if constant.is_none() {
            self.stack.push(value);
        }
        None
    }

    fn global(&mut self, frame: &mut Frame, def: DefId) -> Result<(), Stop> {
        match self.globals.constant(def) {
            Constant::Done(value) => {
                let value = value.clone();
                self.stack.push(value);
                Ok(())
            }
            Constant::Started => Err(Stop::ConstantCycle(self.program.defs[def].name)),
            Constant::New => {
                let next = self.constant_frame(def);
                frame.pc -= 1;
                self.enter(frame, next).inspect_err(|_| frame.pc += 1)?;
                self.globals.set_constant(def, Constant::Started);
                Ok(())
            }
        }
    }

    /// Runs a built-in on its arguments, which it pops.
    pub(crate) fn run_builtin(&mut self, id: BuiltinId) -> Result<Value, Stop> {
        let builtin = id.get();
        let start = self.stack.len() - usize::from(builtin.arity);
        let mut ctx = Ctx {
            effects: &mut *self.effects,
            ctors: &self.ctors,
            ledger: &mut self.globals.ledger,
            units: &self.options.units,
        };
        let value = (builtin.run)(&mut ctx, &mut self.stack[start..])?;
        self.stack.truncate(start);
        Ok(value)
    }

    #[inline]
    fn int_op(&mut self, name: &str, f: fn(i64, i64) -> Option<i64>) -> Result<(), Stop> {
        let top = self.stack.len() - 1;
        if let (Value::Int(x), Value::Int(y)) = (&self.stack[top - 1], &self.stack[top])
            && let Some(result) = f(*x, *y)
        {
            self.stack.truncate(top);
            self.stack[top - 1] = Value::Int(result);
            return Ok(());
        }
        self.int_fault(name)
    }

    /// The built-in itself says what went wrong.
    #[cold]
    fn int_fault(&mut self, name: &str) -> Result<(), Stop> {
        let Some(id) = eclexia_rt::lookup("core", name) else { bug!("no built-in `{name}`") };
        let value = self.run_builtin(id)?;
        self.stack.push(value);
        Ok(())
    }

    #[inline]
    fn int_test(&mut self, f: fn(i64, i64) -> bool) {
        let (y, x) = (self.pop(), self.pop());
        let (Value::Int(x), Value::Int(y)) = (&x, &y) else { bug!("{x:?} and {y:?} compared") };
        self.stack.push(Value::Bool(f(*x, *y)));
    }
}
