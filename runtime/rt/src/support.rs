//! What engines call besides natives: slow paths, faults, and what only the run time can do. C
//! functions that take the context first; `ENTRIES` has them by name for the JIT, executables link
//! their symbols. Where one can fault, `pending` of the context is looked at behind the call.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use crate::builtin::{BuiltinId, Fault};
use crate::heap::cell::Word;
use crate::heap::context::{FailedCheck, GLOBAL_DONE, GLOBAL_NEW, GLOBAL_STARTED, Meter};
use crate::heap::{Context, string};
use crate::layout::ShapeId;
use crate::native::Address;
use crate::show::show_with;
use crate::stop::Stop;
use crate::value::Value;
use eclexia_base::{Name, bug};
use std::sync::atomic::Ordering;

/// Steps between two looks at the interrupt flag, at most.
const FUEL: u64 = 1 << 14;

/// Arithmetic that can fault, as `ecl_arithmetic_fault` gets it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
    Negate,
    Quot,
    Rem,
    Mod,
    Floor,
    Ceil,
    Round,
    Truncate,
}

/// A function by its symbol.
pub struct Entry {
    pub symbol: &'static str,
    pub address: Address,
}

macro_rules! entries {
    ($($name:ident),* $(,)?) => {
        /// Every function of this module.
        pub const ENTRIES: &[Entry] = &[
            $(Entry { symbol: stringify!($name), address: Address($name as *const ()) }),*
        ];
    };
}

entries![
    ecl_alloc,
    ecl_free,
    ecl_drop,
    ecl_copy_words,
    ecl_free_token,
    ecl_refuel,
    ecl_arithmetic_fault,
    ecl_abort,
    ecl_not_linked,
    ecl_unreachable,
    ecl_stack_exhausted,
    ecl_check,
    ecl_admits,
    ecl_admit_rest,
    ecl_meter_begin,
    ecl_meter_end,
    ecl_global_begin,
    ecl_global_set,
    ecl_builtin,
];

/// A cell of so many words; only the header is written. Counts as an allocation.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_alloc(ctx: &mut Context, words: u32, info: u32) -> Word {
    ctx.alloc(words as usize, info)
}

/// Frees a cell whose count has become 0, and what only it refers to.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_free(ctx: &mut Context, word: Word) {
    ctx.free_cell(word);
}

/// One reference less; also of an immediate.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_drop(ctx: &mut Context, word: Word) {
    ctx.drop_word(word);
}

/// `Op::Copy`.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_copy_words(ctx: &mut Context, word: Word) -> Word {
    ctx.copy_words(word)
}

/// `Op::FreeToken`, of 0 too.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_free_token(ctx: &mut Context, token: Word) {
    ctx.free_token(token);
}

/// The safe point: called where `fuel` has become negative, after the steps were subtracted. Can
/// fault.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_refuel(ctx: &mut Context) {
    ctx.refuel();
}

/// What went wrong with operands as 64 bits; the second is 0 where there is one.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_arithmetic_fault(ctx: &mut Context, which: u32, a: u64, b: u64) {
    ctx.stop(arithmetic_fault(which, a, b));
}

/// Owns the text.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_abort(ctx: &mut Context, text: Word) {
    ctx.stop(Fault::Abort(string::text(&text).to_owned()));
    ctx.drop_word(text);
}

/// The extern of this name is not linked.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_not_linked(ctx: &mut Context, name: u32) {
    ctx.stop(Stop::Extern(name_of(name)));
}

#[unsafe(no_mangle)]
pub extern "C" fn ecl_unreachable(ctx: &mut Context) {
    ctx.stop(Stop::Unreachable);
}

#[unsafe(no_mangle)]
pub extern "C" fn ecl_stack_exhausted(ctx: &mut Context) {
    ctx.stop(Stop::StackExhausted);
}

/// `Op::Check`: remembers that it does not hold. `shape` is of the sides; `u32::MAX`: there are
/// none. Borrows all.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_check(
    ctx: &mut Context,
    cond: u64,
    text: Word,
    left: Word,
    right: Word,
    shape: u32,
    loc: u32,
) {
    if cond & 1 != 0 {
        return;
    }
    let side = |word: Word| {
        let value = ctx.to_value(word, ShapeId(shape));
        show_with(&value, &ctx.host, &ctx.host.units)
    };
    let sides = (shape != u32::MAX).then(|| [side(left), side(right)]);
    let text = string::text(&text).to_owned();
    ctx.host.failed_checks.push(FailedCheck { loc, text, sides });
    ctx.collect();
}

/// # Safety
/// `args` and `shapes` are of `count` words and numbers.
unsafe fn values(ctx: &Context, args: *const Word, shapes: *const u32, count: u32) -> Vec<Value> {
    // SAFETY: the callers promise it.
    let value = |i: usize| unsafe { ctx.to_value(*args.add(i), ShapeId(*shapes.add(i))) };
    (0..count as usize).map(value).collect()
}

/// `Op::Admits`: 0 or 1. Borrows all.
///
/// # Safety
/// `args` and `shapes` are of `count` words and numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_admits(
    ctx: &mut Context,
    def: u32,
    expr: u32,
    budget: Word,
    args: *const Word,
    shapes: *const u32,
    count: u32,
) -> u8 {
    // SAFETY: the caller's promise.
    let args = unsafe { values(ctx, args, shapes, count) };
    u8::from(ctx.admit(def, expr, budget, &args).is_some())
}

/// `Op::AdmitRest`: what is left of the budget, owned. Borrows all.
///
/// # Safety
/// `args` and `shapes` are of `count` words and numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_admit_rest(
    ctx: &mut Context,
    def: u32,
    expr: u32,
    budget: Word,
    args: *const Word,
    shapes: *const u32,
    count: u32,
) -> Word {
    // SAFETY: the caller's promise.
    let args = unsafe { values(ctx, args, shapes, count) };
    let rest = ctx.admit(def, expr, budget, &args);
    ctx.new_opaque(rest.unwrap_or_default())
}

/// `Op::MeterBegin`. Borrows all.
///
/// # Safety
/// `args` and `shapes` are of `count` words and numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_meter_begin(
    ctx: &mut Context,
    def: u32,
    args: *const Word,
    shapes: *const u32,
    count: u32,
) {
    // SAFETY: the caller's promise.
    let args = unsafe { values(ctx, args, shapes, count) };
    let allowed = ctx.host.hooks().and_then(|hooks| hooks.allowed(def, &args));
    drop(args);
    ctx.collect();
    ctx.begin_meter(allowed);
}

#[unsafe(no_mangle)]
pub extern "C" fn ecl_meter_end(ctx: &mut Context) {
    let used = ctx.steps();
    if let Some(meter) = ctx.host.meters.pop()
        && used > meter.until
    {
        ctx.stop(Stop::Metered(meter.name, meter.allowed));
    }
}

/// `Op::Global` of one that is not done: 1 where it is to be evaluated now, by calling its function
/// and then `ecl_global_set`; 0 where it has its value; else it needs itself, which is a fault.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_global_begin(ctx: &mut Context, global: u32) -> u32 {
    let state = &mut ctx.host.global_states[global as usize];
    match *state {
        GLOBAL_DONE => 0,
        GLOBAL_NEW => {
            *state = GLOBAL_STARTED;
            1
        }
        _ => {
            let name = ctx.host.globals[global as usize].name;
            ctx.stop(Stop::ConstantCycle(name));
            2
        }
    }
}

/// Keeps the value of a constant, as 64 bits; owns it.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_global_set(ctx: &mut Context, global: u32, value: Word) {
    ctx.host.global_words[global as usize] = value;
    ctx.host.global_states[global as usize] = GLOBAL_DONE;
}

/// Runs a built-in over values; borrows the arguments, gives the result, owned. Can fault; then the
/// result is 1, which is no reference.
///
/// # Safety
/// `args` and `shapes` are of `count` words and numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_builtin(
    ctx: &mut Context,
    builtin: u32,
    args: *const Word,
    shapes: *const u32,
    count: u32,
    result: u32,
) -> Word {
    // SAFETY: the caller's promise.
    let mut args = unsafe { values(ctx, args, shapes, count) };
    let builtin = BuiltinId(builtin as u16).get();
    let is_effect = |arg: &Value| matches!(arg, Value::Capability(_) | Value::Attenuated(_));
    if ctx.host.is_part && args.iter().any(is_effect) {
        let why = format!("`{}` inside of `par`: only printing is possible there", builtin.name);
        ctx.stop(Fault::Abort(why));
        return 1;
    }
    let answer = ctx.host.with_builtin_context(|own| (builtin.run)(own, &mut args));
    drop(args);
    let word = match answer {
        Ok(value) => ctx.from_value(&value, ShapeId(result)),
        Err(fault) => {
            ctx.stop(fault);
            1
        }
    };
    ctx.collect();
    word
}

fn name_of(id: u32) -> Name {
    Name::from_id(id).unwrap_or_else(|| Name::new("?"))
}

/// The texts are those of the built-ins of these names.
fn arithmetic_fault(which: u32, a: u64, b: u64) -> Fault {
    use Arithmetic::{Add, Mod, Mul, Negate, Quot, Rem, Sub};
    let names = ["+", "-", "*", "-", "quot", "rem", "mod", "floor", "ceil", "round", "truncate"];
    let Some(name) = names.get(which as usize) else { bug!("arithmetic {which}") };
    let (x, y) = (a.cast_signed(), b.cast_signed());
    let is = |of: Arithmetic| which == of as u32;
    if is(Negate) {
        Fault::Overflow(format!("({name} {x})"))
    } else if y == 0 && (is(Quot) || is(Rem) || is(Mod)) {
        Fault::DivisionByZero(format!("({name} {x} 0)"))
    } else if [Add, Sub, Mul, Quot, Rem, Mod].into_iter().any(is) {
        Fault::Overflow(format!("({name} {x} {y})"))
    } else {
        let shown = eclexia_base::unit::display_float(f64::from_bits(a));
        Fault::Overflow(format!("({name} {shown})"))
    }
}

impl Context {
    /// Looks at the limits and gives new fuel. The steps that made it negative are counted.
    #[cold]
    pub fn refuel(&mut self) {
        let used = self.steps();
        if self.host.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            self.stop(Stop::Interrupted);
        }
        if self.host.heap.bytes > self.host.limits.max_memory {
            self.stop(Stop::MemoryLimit(self.host.limits.max_memory));
        }
        if self.host.limits.deadline.is_some_and(|at| std::time::Instant::now() >= at) {
            self.stop(Stop::Deadline);
        }
        let max = self.host.limits.max_steps;
        if used > max {
            self.stop(Stop::StepLimit);
        }
        let mut until = max;
        if let Some(meter) = self.host.meters.last().copied() {
            if used > meter.until {
                self.stop(Stop::Metered(meter.name, meter.allowed));
            }
            until = until.min(meter.until);
        }
        let fuel = until.saturating_sub(used).min(FUEL);
        self.host.granted = used + fuel;
        self.fuel = fuel.cast_signed();
    }

    /// Behind a run, which may have counted steps since its last look: it ends well only where it
    /// took as many as it may. Who is late by then is done nevertheless.
    #[cold]
    pub fn settle(&mut self) {
        if self.steps() > self.host.limits.max_steps {
            self.stop(Stop::StepLimit);
        }
    }

    /// The next step is a safe point.
    pub fn look_soon(&mut self) {
        self.host.granted = self.steps();
        self.fuel = 0;
    }

    /// A new limit of steps or memory; counts from now on.
    pub fn set_limits(&mut self, limits: crate::heap::Limits) {
        self.host.limits = limits;
        self.look_soon();
    }

    /// The step that entered the function has been counted.
    fn begin_meter(&mut self, allowed: Option<(Name, u64)>) {
        let outer = self.host.meters.last().copied();
        let meter = match (allowed, outer) {
            (Some((name, allowed)), outer) => {
                let until = self.steps().saturating_add(allowed).saturating_sub(1);
                outer.filter(|o| o.until <= until).unwrap_or(Meter { until, name, allowed })
            }
            (None, Some(outer)) => outer,
            (None, None) => Meter { until: u64::MAX, name: Name::new(""), allowed: u64::MAX },
        };
        self.host.meters.push(meter);
        self.look_soon();
    }

    fn admit(&self, def: u32, expr: u32, budget: Word, args: &[Value]) -> Option<Value> {
        let budget = self.opaque(budget);
        let holding = budget.as_holding()?;
        let asked = self.host.hooks()?.asked(def, expr, holding, args)?;
        let fits = holding.total().clash(&asked).is_none();
        let (_, rest) = holding.split(&asked).ok().filter(|_| fits)?;
        Some(Value::holding(rest))
    }
}
