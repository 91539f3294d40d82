//! Runs inside of a run: a function called in a context of its own, with its own heap and limits.
//! What goes in and comes out is copied (`transfer`); constants are evaluated anew where they are
//! needed. A run that fails is thrown away whole, so nothing of it is left behind.

#![expect(unsafe_code, reason = "contexts and engines are kept by address")]

use super::context::Meter;
use super::transfer::transfer;
use super::{Context, Limits, Word};
use crate::effects::Effects;
use crate::layout::ShapeId;
use crate::stop::Stop;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

/// Runs that wait for each other, at most: each takes some of Rust's stack.
const MOST_NESTED: u32 = 64;

/// How an engine calls functions in contexts that are inside of the one it runs.
pub trait Runner {
    /// Calls a closure of `inside` with one word and gives its word; all are owned. Where the run
    /// ends without one, its end stays in the context, and where that was goes to
    /// [`Context::add_calls`].
    fn call(&self, inside: &mut Context, closure: Word, argument: Word) -> Option<Word>;

    /// Whether contexts inside use the strings and amounts of the program that the run around has:
    /// only where they run on its thread.
    fn shares_constants(&self) -> bool {
        false
    }

    /// Does `job` with each number below `count`, in order or several at once.
    fn each(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(job);
    }
}

/// Which limit a run inside is the first to reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whose {
    /// That of the run inside.
    Own,
    /// One that the run around would have reached as well.
    Outer,
}

/// Limits of a run inside, and whose they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub steps: (u64, Whose),
    pub memory: (u64, Whose),
    pub deadline: Option<(Instant, Whose)>,
}

fn tighter(own: u64, outer: u64) -> (u64, Whose) {
    if own <= outer { (own, Whose::Own) } else { (outer, Whose::Outer) }
}

impl Bounds {
    /// What a run may take that is given so much, and no more than is left around it.
    pub fn within(outer: &Context, steps: u64, memory: u64, time: Option<Duration>) -> Bounds {
        let around = outer.host.limits.deadline.map(|at| (at, Whose::Outer));
        let own = time.and_then(|time| Instant::now().checked_add(time));
        let deadline = match (own.map(|at| (at, Whose::Own)), around) {
            (Some(own), Some(around)) => Some(if own.0 <= around.0 { own } else { around }),
            (own, around) => own.or(around),
        };
        Bounds {
            steps: tighter(steps, outer.steps_left()),
            memory: tighter(memory, outer.memory_left()),
            deadline,
        }
    }

    /// One of so many equal shares of what is left.
    pub fn share(outer: &Context, count: u64) -> Bounds {
        let part = |left: u64| if left == u64::MAX { left } else { left / count.max(1) };
        Bounds {
            steps: (part(outer.steps_left()), Whose::Outer),
            memory: (part(outer.memory_left()), Whose::Outer),
            deadline: outer.host.limits.deadline.map(|at| (at, Whose::Outer)),
        }
    }
}

impl Context {
    /// Calls functions with this engine while `f` runs.
    pub fn run_by<R>(&mut self, runner: &dyn Runner, f: impl FnOnce(&mut Context) -> R) -> R {
        // SAFETY: only the lifetime changes; it is taken out again before the reference ends.
        let runner = unsafe {
            std::mem::transmute::<NonNull<dyn Runner + '_>, NonNull<dyn Runner + 'static>>(
                NonNull::from(runner),
            )
        };
        struct Guard<'a>(&'a mut Context, Option<NonNull<dyn Runner>>);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.0.host.runner = self.1;
                self.0.host.spare.clear();
            }
        }
        let before = self.host.runner.replace(runner);
        // Those of another engine know another one's code.
        self.host.spare.clear();
        let guard = Guard(self, before);
        f(&mut *guard.0)
    }

    pub(crate) fn runner(&self) -> Option<&'static dyn Runner> {
        // SAFETY: set by `run_by` only, and only while the reference lives; who asks is called by
        // the engine.
        self.host.runner.map(|runner| unsafe { &*runner.as_ptr() })
    }

    /// Where calls were under way in a run inside that ended, the innermost first, as the engine
    /// numbers places. Those of the run around follow.
    pub fn add_calls(&mut self, calls: impl IntoIterator<Item = usize>) {
        self.host.inner_calls.extend(calls);
    }

    /// What [`Context::add_calls`] has kept.
    pub fn take_calls(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.host.inner_calls)
    }

    /// Whether another run may begin inside of this one; else this one ends.
    pub(crate) fn may_nest(&mut self) -> bool {
        if self.host.nesting < MOST_NESTED {
            return true;
        }
        self.stop(Stop::StackExhausted);
        false
    }

    fn steps_left(&self) -> u64 {
        let until = self.host.meters.last().map_or(u64::MAX, |meter| meter.until);
        match self.host.limits.max_steps.min(until) {
            u64::MAX => u64::MAX,
            until => until.saturating_sub(self.steps()),
        }
    }

    fn memory_left(&self) -> u64 {
        match self.host.limits.max_memory {
            u64::MAX => u64::MAX,
            most => most.saturating_sub(self.host.heap.bytes),
        }
    }

    /// A context for a run inside, which knows what this one knows of the program.
    pub(crate) fn inside(&self) -> Box<Context> {
        let host = &self.host;
        let mut made = Context::new(host.ctors, host.units.clone(), Limits::default());
        made.host.shapes = host.shapes.clone();
        made.host.cell_shapes.clone_from(&host.cell_shapes);
        made.host.keys.clone_from(&host.keys);
        made.host.ctor_shapes.clone_from(&host.ctor_shapes);
        for global in &host.globals {
            made.add_global(global.name, global.rep);
        }
        made.take_constants(self);
        made.code = self.code;
        made.host.runner = host.runner;
        made.host.interrupt.clone_from(&host.interrupt);
        made.host.nesting = host.nesting + 1;
        made.host.is_part = host.is_part;
        made
    }

    /// Whether choices of adaptive functions are to be explained.
    pub(crate) fn explains_choices(&self) -> bool {
        // SAFETY: set by `within` only, and only while the reference lives.
        self.host.effects.is_some_and(|effects| unsafe { effects.as_ref() }.explains_choices())
    }

    fn take_constants(&mut self, outer: &Context) {
        if outer.runner().is_some_and(|runner| runner.shares_constants()) {
            self.host.borrows_constants = true;
            self.host.string_words.clone_from(&outer.host.string_words);
            self.host.amounts_words.clone_from(&outer.host.amounts_words);
            self.strings = self.host.string_words.as_ptr();
            self.amounts = self.host.amounts_words.as_ptr();
            return;
        }
        for word in &outer.host.string_words {
            self.add_string(super::string::text(word));
        }
        for word in &outer.host.amounts_words {
            self.add_opaque_constant(*word);
        }
    }

    /// Whether time passes for this run.
    pub(crate) fn has_clock(&self) -> bool {
        // SAFETY: set by `within` only, and only while the reference lives.
        self.host.effects.is_some_and(|effects| unsafe { effects.as_ref() }.has_clock())
    }

    fn add_opaque_constant(&mut self, word: Word) {
        let copy = self.new_opaque(super::transfer::apart(super::transfer::opaque(word)));
        self.allocations -= 1;
        self.host.amounts_words.push(copy);
        self.amounts = self.host.amounts_words.as_ptr();
    }

    /// Limits for what follows; what is there already is not counted.
    pub(crate) fn bound_by(&mut self, bounds: &Bounds) {
        let max_memory = self.host.heap.bytes.saturating_add(bounds.memory.0);
        let max_steps = self.steps().saturating_add(bounds.steps.0);
        let deadline = bounds.deadline.map(|(at, _)| at);
        self.set_limits(Limits { max_steps, max_memory, deadline });
    }

    /// The same effects and hooks as the run around, which waits.
    pub(crate) fn share_effects(&mut self, outer: &mut Context) {
        self.host.effects = outer.host.effects;
        self.host.hooks = outer.host.hooks;
        std::mem::swap(&mut self.host.ledger, &mut outer.host.ledger);
    }

    pub(crate) fn set_effects(&mut self, effects: Option<&mut dyn Effects>) {
        // SAFETY: only the lifetime changes; the caller takes it out before the reference ends.
        self.host.effects = effects.map(|effects| unsafe {
            std::mem::transmute::<NonNull<dyn Effects + '_>, NonNull<dyn Effects + 'static>>(
                NonNull::from(effects),
            )
        });
    }

    /// Counts what a run inside has taken, and keeps what it remembered.
    pub(crate) fn take_in(&mut self, inside: &mut Context) {
        self.fuel = self.fuel.saturating_sub_unsigned(inside.steps());
        self.allocations += inside.allocations;
        self.host.failed_checks.append(&mut inside.host.failed_checks);
    }

    /// The copy of a result, which is given up inside.
    pub(crate) fn take_result(&mut self, inside: &mut Context, word: Word, shape: ShapeId) -> Word {
        let made = transfer(inside, word, shape, self);
        inside.drop_word(word);
        made
    }

    /// Whether the end of a run inside is that of its own limit, by that limit's name; else this
    /// run ends in the same way.
    pub(crate) fn ended_inside(
        &mut self,
        inside: &mut Context,
        bounds: &Bounds,
    ) -> Option<&'static str> {
        self.host.has_lost_runs |= inside.host.borrows_constants;
        let stop = inside.host.stop.take().unwrap_or(Stop::Unreachable);
        let is_own = |whose: Whose| whose == Whose::Own;
        let own = match &stop {
            Stop::StepLimit if is_own(bounds.steps.1) => Some("steps"),
            Stop::MemoryLimit(_) if is_own(bounds.memory.1) => Some("memory"),
            Stop::Deadline if bounds.deadline.is_some_and(|(_, whose)| is_own(whose)) => {
                Some("time")
            }
            _ => None,
        };
        if own.is_some() {
            return own;
        }
        let stop = match (stop, self.host.meters.last()) {
            (Stop::StepLimit, Some(Meter { until, name, allowed }))
                if *until < self.host.limits.max_steps =>
            {
                Stop::Metered(*name, *allowed)
            }
            (Stop::MemoryLimit(_), _) => Stop::MemoryLimit(self.host.limits.max_memory),
            (stop, _) => stop,
        };
        self.stop(stop);
        let calls = inside.take_calls();
        self.add_calls(calls);
        None
    }

    /// As it was before the run inside, which has ended well: constants are forgotten.
    pub(crate) fn begin_anew(&mut self) {
        self.collect();
        self.forget_constants();
        self.host.forget_places();
        self.host.effects = None;
        self.host.hooks = None;
        self.host.meters.clear();
        self.host.granted = 0;
        self.fuel = 0;
        self.allocations = 0;
    }
}
