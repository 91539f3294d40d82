//! Natives that call functions, each in a run of its own inside of the one that asks
//! (`heap/inside`): with a limit, or over the parts of a vector, several at once where the engine
//! can.
//!
//! What the parts are depends on the vector alone. So results, steps, and the order of printed
//! lines are the same whether parts run one after the other or at once, on any number of
//! processors.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with; parts run on threads")]

use super::{FAULTS, NOTHING, info_of, item, native, rep};
use crate::effects::Effects;
use crate::heap::cell::{Word, dup, set_field};
use crate::heap::inside::{Bounds, Runner};
use crate::heap::transfer::{transfer, transfer_part};
use crate::heap::{Context, vector};
use crate::layout::{Rep, Shape, ShapeId};
use crate::native::{Native, ShapeOf};
use eclexia_base::{Name, bug};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Parts of a vector, at most: enough for the processors of a machine to share them evenly.
const MOST_PARTS: usize = 64;

/// Of a closure, which its cell describes.
const NO_SHAPE: ShapeId = ShapeId(u32::MAX);

pub(super) const TABLE: &[Native] = &[
    native!(
        "run-limited",
        ecl_run_limited,
        (Float, Float, Float, Borrowed),
        [ShapeOf::Result],
        Ptr,
        FAULTS_AND_ACTS
    ),
    native!(
        "par/over-parts",
        ecl_over_parts,
        (Borrowed, Borrowed),
        [ShapeOf::Arg(1), ShapeOf::Result],
        Ptr,
        FAULTS_AND_ACTS
    ),
];

const FAULTS_AND_ACTS: super::Conduct = (FAULTS.0, false);

/// A whole number of something that may be infinite.
fn whole(x: f64) -> u64 {
    // The largest stands for no limit.
    x.max(0.0) as u64
}

/// Calls a closure with so many steps and bytes, and so much time; each may be infinite.
#[unsafe(no_mangle)]
extern "C" fn ecl_run_limited(
    ctx: &mut Context,
    steps: f64,
    memory: f64,
    time: f64,
    closure: Word,
    result: u32,
) -> Word {
    let ok = ctx.host.ctors.ok.1;
    let shape = match ctx.host.shapes.get(ShapeId(result)) {
        Shape::Data(ctors) => ctors[ok as usize].fields[0],
        other => bug!("a result is {other:?}"),
    };
    if !ctx.may_nest() {
        return NOTHING;
    }
    let Some(runner) = ctx.runner() else { bug!("a run inside of no engine") };
    let time = ctx.has_clock().then(|| Duration::try_from_secs_f64(time.max(0.0)).ok()).flatten();
    let bounds = Bounds::within(ctx, whole(steps), whole(memory), time);
    // Memory that a run before has left would not be counted.
    let is_measured = bounds.memory.0 != u64::MAX;
    let spare = if is_measured { None } else { ctx.host.spare.pop() };
    let mut inside = spare.unwrap_or_else(|| ctx.inside());
    let closure = transfer(ctx, closure, NO_SHAPE, &mut inside);
    inside.bound_by(&bounds);
    inside.share_effects(ctx);
    let word = runner.call(&mut inside, closure, 0);
    inside.share_effects(ctx);
    ctx.take_in(&mut inside);
    let Some(word) = word else {
        let Some(limit) = ctx.ended_inside(&mut inside, &bounds) else { return NOTHING };
        return one(ctx, result, ctx.host.ctors.err.1, u64::from(Name::new(limit).id()));
    };
    let value = ctx.take_result(&mut inside, word, shape);
    if !is_measured {
        inside.begin_anew();
        ctx.host.spare.push(inside);
    }
    one(ctx, result, ok, value)
}

/// A constructor of one field, which it owns.
fn one(ctx: &mut Context, shape: u32, index: u32, field: Word) -> Word {
    let info = info_of(ctx, shape, index);
    let cell = ctx.alloc(1, info);
    set_field(cell, 0, field);
    cell
}

/// The run of one part.
#[derive(Default)]
struct Part {
    inside: Option<Box<Context>>,
    word: Option<Word>,
    printed: Lines,
}

impl Part {
    /// Nobody wants its vector: a part before it has failed.
    fn give_up(self) {
        if let (Some(mut inside), Some(word)) = (self.inside, self.word) {
            inside.drop_word(word);
        }
    }
}

/// What a part prints; it has no other effects.
#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    has_clock: bool,
}

impl Effects for Lines {
    fn print(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn has_clock(&self) -> bool {
        self.has_clock
    }
}

/// Parts, each of which is touched by one thread at a time.
struct Parts<'a> {
    outer: &'a Context,
    runner: &'a dyn Runner,
    parts: Vec<UnsafeCell<Part>>,
    /// The first part that has failed.
    failed: AtomicUsize,
}

// SAFETY: the outer context is only read while parts run: `transfer` and `inside` change nothing of
// it. Part i is touched by job i only, and by the thread that began them when all are done. What a
// context holds is its own: copies share no cell and no `Rc`. An engine that does jobs at once may
// be called at once.
unsafe impl Sync for Parts<'_> {}

/// Calls a closure with each part of a vector, in order, and appends the vectors that it gives.
#[unsafe(no_mangle)]
extern "C" fn ecl_over_parts(
    ctx: &mut Context,
    closure: Word,
    of: Word,
    shape: u32,
    result: u32,
) -> Word {
    let length = vector::length(of);
    let kind = vector::kind_of(rep(ctx, item(ctx, result)));
    let made = ctx.new_vector(kind, length);
    if length == 0 {
        return made;
    }
    if !ctx.may_nest() {
        ctx.drop_word(made);
        return NOTHING;
    }
    let Some(runner) = ctx.runner() else { bug!("a run inside of no engine") };
    let count = length.min(MOST_PARTS);
    let bounds = Bounds::share(ctx, count as u64);
    let done = run_parts(ctx, runner, (closure, of, ShapeId(shape)), count, &bounds);
    let (mut made, mut done) = (made, done.into_iter());
    while let Some(part) = done.next() {
        let Some(next) = take_part(ctx, part, &bounds, ShapeId(result)) else {
            ctx.drop_word(made);
            done.for_each(Part::give_up);
            return NOTHING;
        };
        made = append(ctx, made, next, ShapeId(result));
    }
    made
}

fn run_parts(
    ctx: &mut Context,
    runner: &dyn Runner,
    (closure, of, shape): (Word, Word, ShapeId),
    count: usize,
    bounds: &Bounds,
) -> Vec<Part> {
    let mut spare = std::mem::take(&mut ctx.host.spare);
    let part = |_| UnsafeCell::new(Part { inside: spare.pop(), ..Part::default() });
    let parts = (0..count).map(part).collect();
    let all = Parts { outer: ctx, runner, parts, failed: AtomicUsize::new(usize::MAX) };
    let length = vector::length(of);
    let job = |i: usize| {
        let all = &all;
        if all.failed.load(Ordering::Relaxed) < i {
            return;
        }
        // SAFETY: said at `Parts`.
        let Part { inside: context, word, printed } = unsafe { &mut *all.parts[i].get() };
        let inside = context.get_or_insert_with(|| all.outer.inside());
        let closure = transfer(all.outer, closure, NO_SHAPE, inside);
        let range = i * length / count..(i + 1) * length / count;
        let items = transfer_part(all.outer, of, shape, range, inside);
        inside.bound_by(bounds);
        inside.host.is_part = true;
        printed.has_clock = all.outer.has_clock();
        inside.set_effects(Some(printed));
        *word = all.runner.call(inside, closure, items);
        inside.set_effects(None);
        if word.is_none() {
            all.failed.fetch_min(i, Ordering::Relaxed);
        }
    };
    // Inside of a part everything is one after the other: the processors are busy already.
    match all.outer.host.is_part {
        true => (0..count).for_each(job),
        false => runner.each(count, &job),
    }
    all.parts.into_iter().map(UnsafeCell::into_inner).collect()
}

/// The vector of a part, owned, or `None` where it ended this run too.
fn take_part(ctx: &mut Context, part: Part, bounds: &Bounds, shape: ShapeId) -> Option<Word> {
    let Part { inside, word, printed } = part;
    for line in printed.lines {
        ctx.host.with_builtin_context(|own| own.effects.print(&line));
    }
    let Some(mut inside) = inside else { bug!("a part before one that failed was left out") };
    ctx.take_in(&mut inside);
    let Some(word) = word else {
        if ctx.ended_inside(&mut inside, bounds).is_some() {
            bug!("a part has no limit of its own");
        }
        return None;
    };
    let vector = ctx.take_result(&mut inside, word, shape);
    inside.begin_anew();
    inside.host.is_part = ctx.host.is_part;
    ctx.host.spare.push(inside);
    Some(vector)
}

/// Both are owned; the first has room.
fn append(ctx: &mut Context, to: Word, from: Word, shape: ShapeId) -> Word {
    let is_reference = rep(ctx, item(ctx, shape.0)) == Rep::Ptr;
    let mut to = to;
    for value in vector::items(from) {
        to = ctx.push(to, if is_reference { dup(value) } else { value });
    }
    ctx.drop_word(from);
    to
}
