//! The context of a run: what compiled code reads by offset (`#[repr(C)]`, the first fields), and
//! behind it `host`, which only Rust looks at. One context per engine and program; it outlives
//! single runs, as constants do.

#![expect(unsafe_code, reason = "memory is handled here; what words are is said in `heap`")]

use super::cell::{Cell, Word};
use super::chunks::{CLASSES, Heap};
use super::free::CellShape;
use super::inside::Runner;
use crate::builtin::Ctors;
use crate::effects::Effects;
use crate::layout::{Layout, Rep, ShapeId, Shapes};
use crate::ledger::{Holding, Ledger};
use crate::stop::Stop;
use crate::value::Value;
use eclexia_base::unit::UnitTable;
use eclexia_base::{Amounts, FxHashMap, Name};
use std::ptr::{NonNull, null, null_mut};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What compiled code sees. A pointer to it is passed to every native.
#[repr(C)]
pub struct Context {
    /// Steps until the next look at limits: `Step(n)` subtracts n and calls `ecl_refuel` where the
    /// result is below zero.
    pub fuel: i64,
    /// Cells, strings and vectors made; not memory that was used again.
    pub allocations: u64,
    /// Not 0: a fault waits in `host.stop`, and who sees it leaves.
    pub pending: u32,
    /// Free cells by their number of words; each holds the next one in its first 8 bytes.
    pub free: [*mut Cell; CLASSES],
    /// Values of constants by `GlobalId`.
    pub globals: *mut Word,
    /// By `GlobalId`: [`GLOBAL_NEW`], [`GLOBAL_STARTED`] or [`GLOBAL_DONE`].
    pub global_states: *mut u8,
    /// String cells by `StrId`.
    pub strings: *const Word,
    /// Opaque cells by `AmountsId`.
    pub amounts: *const Word,
    /// Further results of a call between engines: behind the first, which is given as any other.
    pub more: [Word; MOST_MORE],
    /// Addresses of compiled functions by `FuncId`.
    pub code: *const *const (),
    /// For the code generator's switch of stacks.
    pub stack: StackRecord,
    pub host: Host,
}

/// Where native code came from and what it runs on.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StackRecord {
    /// Stack pointer of who entered, to leave to at once.
    pub entry: *mut u8,
    /// Lowest and highest address of the stack of native code.
    pub low: *mut u8,
    pub high: *mut u8,
    /// Result of a call that loses no register, for which none is left.
    pub kept: u64,
    /// Return address where a fault was seen, for the trace.
    pub fault_pc: *mut u8,
    /// Frame pointer there.
    pub fault_fp: *mut u8,
}

/// Most further results of a function.
pub const MOST_MORE: usize = 3;

pub const GLOBAL_NEW: u8 = 0;
pub const GLOBAL_STARTED: u8 = 1;
pub const GLOBAL_DONE: u8 = 2;

/// Limits of one run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub max_steps: u64,
    /// Bytes of the heap.
    pub max_memory: u64,
    /// When it must be done.
    pub deadline: Option<Deadline>,
}

/// A moment; whoever sets limits has the clock.
pub type Deadline = Instant;

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_steps: u64::MAX, max_memory: u64::MAX, deadline: None }
    }
}

/// What the run time cannot know without the program: bounds of calls.
pub trait Hooks {
    /// How many steps the `:metered` function `def` may take with these arguments.
    fn allowed(&self, def: u32, args: &[Value]) -> Option<(Name, u64)>;
    /// What the `admit` at an expression takes from a budget; `None`: more than anybody knows.
    fn asked(&self, def: u32, expr: u32, budget: &Holding, args: &[Value]) -> Option<Amounts>;
}

/// A check of a test that did not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedCheck {
    /// `LocId`.
    pub loc: u32,
    pub text: String,
    pub sides: Option<[String; 2]>,
}

/// A meter that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    /// The number of steps at which it has run out.
    pub until: u64,
    /// Whose limit that is.
    pub name: Name,
    /// How many steps that was.
    pub allowed: u64,
}

/// A constant of the program.
pub(crate) struct Global {
    pub name: Name,
    pub rep: Rep,
}

/// What only Rust looks at.
pub struct Host {
    pub(crate) heap: Heap,
    /// Dead cells that are still to be taken apart.
    pub(crate) dying: Vec<*mut Cell>,
    /// Shared with the contexts of runs inside.
    pub shapes: Arc<Shapes>,
    /// By layout, what dropping a cell needs to know.
    pub(crate) cell_shapes: Vec<CellShape>,
    /// Layouts of records that came in from outside; their numbers count down from the largest.
    pub(crate) outside: Vec<Layout>,
    pub(crate) outside_at: FxHashMap<(ShapeId, crate::value::Site), u32>,
    pub(crate) ctor_shapes: FxHashMap<u32, (ShapeId, u32)>,
    /// By shape, of maps and sets.
    pub(crate) keys: Vec<Option<crate::natives::table::Keys>>,
    pub(crate) global_words: Vec<Word>,
    pub(crate) global_states: Vec<u8>,
    pub(crate) globals: Vec<Global>,
    pub(crate) string_words: Vec<Word>,
    pub(crate) amounts_words: Vec<Word>,
    /// References that values outside have given back; also says whether the context lives.
    pub(crate) returned: Rc<crate::bridge::Returned>,
    pub(super) effects: Option<NonNull<dyn Effects>>,
    pub(super) hooks: Option<NonNull<dyn Hooks>>,
    pub(super) runner: Option<NonNull<dyn Runner>>,
    pub ctors: Ctors,
    pub ledger: Ledger,
    pub units: UnitTable,
    pub limits: Limits,
    /// Set from elsewhere to stop at the next safe point.
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Steps handed out as fuel.
    pub(crate) granted: u64,
    pub(crate) meters: Vec<Meter>,
    /// Of the hash table in which a value was found last (`natives/table`), of whatever map.
    pub(crate) last_bucket: usize,
    pub(super) places: super::places::Places,
    /// The prices in force as a vector, and their version.
    pub(crate) weights: Option<(Word, u64)>,
    /// Whether strings and amounts of the program are another context's.
    pub(crate) borrows_constants: bool,
    /// Whether a run inside that failed may have left references to these.
    pub(crate) has_lost_runs: bool,
    /// Whether native code was left in the middle: what its frames held nobody gives back.
    pub was_left: bool,
    /// Runs around this one.
    pub(super) nesting: u32,
    /// Whether this is one of several runs at once, which have no effects but printing.
    pub(crate) is_part: bool,
    /// Contexts of runs inside that have ended well.
    #[expect(clippy::vec_box, reason = "compiled code holds the address of a context")]
    pub(crate) spare: Vec<Box<Context>>,
    /// Where calls were under way in a run inside that ended this one too.
    pub(super) inner_calls: Vec<usize>,
    pub stop: Option<Stop>,
    pub failed_checks: Vec<FailedCheck>,
}

impl Context {
    pub fn new(ctors: Ctors, units: UnitTable, limits: Limits) -> Box<Context> {
        let host = Host {
            heap: Heap::default(),
            dying: Vec::new(),
            shapes: Arc::default(),
            cell_shapes: Vec::new(),
            outside: Vec::new(),
            outside_at: FxHashMap::default(),
            ctor_shapes: FxHashMap::default(),
            keys: Vec::new(),
            global_words: Vec::new(),
            global_states: Vec::new(),
            globals: Vec::new(),
            string_words: Vec::new(),
            amounts_words: Vec::new(),
            returned: Rc::default(),
            effects: None,
            hooks: None,
            runner: None,
            ctors,
            ledger: Ledger::default(),
            units,
            limits,
            interrupt: None,
            granted: 0,
            meters: Vec::new(),
            last_bucket: 0,
            places: super::places::Places::default(),
            weights: None,
            borrows_constants: false,
            has_lost_runs: false,
            was_left: false,
            nesting: 0,
            is_part: false,
            spare: Vec::new(),
            inner_calls: Vec::new(),
            stop: None,
            failed_checks: Vec::new(),
        };
        let none = null_mut();
        Box::new(Context {
            fuel: 0,
            allocations: 0,
            pending: 0,
            free: [null_mut(); CLASSES],
            globals: null_mut(),
            global_states: null_mut(),
            strings: null(),
            amounts: null(),
            more: [0; MOST_MORE],
            code: null(),
            stack: StackRecord {
                entry: none,
                low: none,
                high: none,
                kept: 0,
                fault_pc: none,
                fault_fp: none,
            },
            host,
        })
    }

    /// Takes over what shapes and layouts a program has got since last time. None is reserved and
    /// still unknown then.
    pub fn learn(&mut self, shapes: &Shapes) {
        let from = self.host.cell_shapes.len();
        if self.host.shapes.is_behind(shapes) {
            self.host.spare.clear();
            Arc::make_mut(&mut self.host.shapes).take_over(shapes);
        }
        for i in from..self.host.shapes.layout_count() {
            let layout = self.host.shapes.layout(crate::layout::LayoutId(i as u32));
            let shape = CellShape::of(layout, &self.host.shapes);
            self.host.cell_shapes.push(shape);
        }
        for i in self.host.keys.len()..self.host.shapes.len() {
            let id = ShapeId(i as u32);
            self.host.keys.push(crate::natives::table::Keys::find(&self.host.shapes, id));
            for (index, ctor) in self.host.shapes.get(id).ctors().iter().enumerate() {
                self.host.ctor_shapes.entry(ctor.ctor).or_insert((id, index as u32));
            }
        }
    }

    /// The next constant, by `GlobalId` in order.
    pub fn add_global(&mut self, name: Name, rep: Rep) {
        self.host.globals.push(Global { name, rep });
        self.host.global_words.push(0);
        self.host.global_states.push(GLOBAL_NEW);
        self.globals = self.host.global_words.as_mut_ptr();
        self.global_states = self.host.global_states.as_mut_ptr();
    }

    /// The value of a constant that has it, borrowed.
    pub fn global(&self, global: u32) -> Option<Word> {
        let is_done = self.host.global_states.get(global as usize) == Some(&GLOBAL_DONE);
        is_done.then(|| self.host.global_words[global as usize])
    }

    pub fn global_count(&self) -> usize {
        self.host.globals.len()
    }

    /// The next string of the program, by `StrId` in order.
    pub fn add_string(&mut self, text: &str) {
        let word = self.new_string(text);
        // So what is made of them is known to be ASCII.
        super::string::chars(word);
        self.allocations -= u64::from(!super::cell::is_immediate(word));
        self.host.string_words.push(word);
        self.strings = self.host.string_words.as_ptr();
    }

    pub fn string_count(&self) -> usize {
        self.host.string_words.len()
    }

    /// The next amounts that the checker knows, by `AmountsId` in order.
    pub fn add_amounts(&mut self, amounts: &Amounts) {
        let word = self.new_opaque(Value::amounts(amounts.clone()));
        self.allocations -= 1;
        self.host.amounts_words.push(word);
        self.amounts = self.host.amounts_words.as_ptr();
    }

    pub fn amounts_count(&self) -> usize {
        self.host.amounts_words.len()
    }

    /// Runs `f` with these effects and hooks.
    pub fn within<R>(
        &mut self,
        effects: &mut dyn Effects,
        hooks: &dyn Hooks,
        f: impl FnOnce(&mut Context) -> R,
    ) -> R {
        // SAFETY: only the lifetimes change. What is set is taken out again before the references
        // end, by the guard where `f` panics.
        let (effects, hooks) = unsafe {
            (
                std::mem::transmute::<NonNull<dyn Effects + '_>, NonNull<dyn Effects + 'static>>(
                    NonNull::from(effects),
                ),
                std::mem::transmute::<NonNull<dyn Hooks + '_>, NonNull<dyn Hooks + 'static>>(
                    NonNull::from(hooks),
                ),
            )
        };
        struct Guard<'a>(&'a mut Context, Option<NonNull<dyn Effects>>, Option<NonNull<dyn Hooks>>);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.0.host.effects = self.1;
                self.0.host.hooks = self.2;
            }
        }
        let before = (self.host.effects.replace(effects), self.host.hooks.replace(hooks));
        let guard = Guard(self, before.0, before.1);
        f(&mut *guard.0)
    }

    /// Leaves a fault for who looks; the first one counts.
    #[cold]
    pub fn stop(&mut self, stop: impl Into<Stop>) {
        if self.pending == 0 {
            self.pending = 1;
            self.host.stop = Some(stop.into());
        }
    }

    /// The fault that ended a run; forgets meters and what the run had begun.
    pub fn take_stop(&mut self) -> Option<Stop> {
        self.pending = 0;
        self.host.meters.clear();
        for state in &mut self.host.global_states {
            if *state == GLOBAL_STARTED {
                *state = GLOBAL_NEW;
            }
        }
        self.host.stop.take()
    }

    /// Steps so far, over all runs.
    pub fn steps(&self) -> u64 {
        self.host.granted.saturating_add_signed(-self.fuel)
    }
}

impl Host {
    /// A context that waits for its next run does not see which strings of others go.
    pub(crate) fn forget_places(&mut self) {
        self.places = super::places::Places::default();
    }

    pub(crate) fn hooks(&self) -> Option<&dyn Hooks> {
        // SAFETY: set by `within` only, and only while the reference lives.
        self.hooks.map(|hooks| unsafe { &*hooks.as_ptr() })
    }

    /// What a built-in may use.
    pub(crate) fn with_builtin_context<R>(
        &mut self,
        f: impl FnOnce(&mut crate::builtin::Ctx<'_>) -> R,
    ) -> R {
        let mut none = crate::effects::Hermetic::default();
        let effects: &mut dyn Effects = match self.effects {
            // SAFETY: set by `within` only, and only while the reference lives.
            Some(effects) => unsafe { &mut *effects.as_ptr() },
            None => &mut none,
        };
        f(&mut crate::builtin::Ctx {
            effects,
            ctors: &self.ctors,
            ledger: &mut self.ledger,
            units: &self.units,
            deadline: self.limits.deadline,
        })
    }
}
