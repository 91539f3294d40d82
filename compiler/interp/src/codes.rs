//! The bytecode of a session, by function. An entry is made when something is translated that calls
//! the function, the code when it is first called.

use crate::bytecode::{Code, Entry};
use crate::translate::{Constants, Entries, translate};
use eclexia_base::ids::Id;
use eclexia_ir::ir::{AmountsId, FuncId, FunctionKind, Program, StrId};
use eclexia_rt::heap::Context;

#[derive(Default)]
pub(crate) struct Codes {
    entries: Vec<Option<Box<Entry>>>,
    codes: Vec<Option<Code>>,
    /// Where the code of each translated function begins and ends, sorted.
    ranges: std::collections::BTreeMap<usize, (usize, FuncId)>,
    /// By function: steps after which it was found running.
    heat: Vec<u64>,
    /// How many functions an engine runs now.
    pub promoted: usize,
}

/// Steps that make a function worth compiling: a millisecond or two of bytecode.
const HOT: u64 = 1 << 16;

impl Codes {
    /// Tells the context what the program has got since last time.
    pub fn learn(program: &Program, ctx: &mut Context) {
        ctx.learn(&program.shapes);
        for global in program.globals.values().skip(ctx.global_count()) {
            ctx.add_global(global.name, program.shapes.rep(global.shape));
        }
        for text in program.strings.values().skip(ctx.string_count()) {
            ctx.add_string(text);
        }
        for amounts in program.amounts.values().skip(ctx.amounts_count()) {
            ctx.add_amounts(amounts);
        }
    }

    pub fn code(&self, func: FuncId) -> Option<&Code> {
        self.codes.get(func.0 as usize)?.as_ref()
    }

    /// The function whose code an address is in, and where in it.
    pub fn find(&self, at: *const u64) -> Option<(FuncId, u32)> {
        let at = at as usize;
        let (start, (end, func)) = self.ranges.range(..=at).next_back()?;
        // Behind the last instruction there is still a return address of it.
        (at <= *end).then(|| (*func, ((at - start) / size_of::<u64>()) as u32))
    }

    /// How a function is entered.
    pub fn entry(&mut self, func: FuncId) -> *const Entry {
        let index = func.0 as usize;
        if self.entries.len() <= index {
            self.entries.resize_with(index + 1, || None);
        }
        &raw const **self.entries[index].get_or_insert_with(|| Entry::new(func))
    }

    /// How the function of a closure is entered.
    #[inline]
    pub fn entry_of(&mut self, closure: u64) -> *const Entry {
        let func = eclexia_rt::bridge::function_of(closure);
        match self.entries.get(func as usize) {
            Some(Some(entry)) => &raw const **entry,
            _ => self.entry(FuncId(func)),
        }
    }

    /// Whether the function is not too large.
    pub fn translate(&mut self, program: &Program, ctx: &Context, func: FuncId) -> bool {
        if self.code(func).is_some() {
            return true;
        }
        self.entry(func);
        let mut constants = Words { ctx };
        let Ok(code) = translate(program, func, &mut constants, self) else { return false };
        let index = func.0 as usize;
        if let Some(Some(entry)) = self.entries.get_mut(index) {
            entry.start = code.words.as_ptr();
            entry.words = code.frame;
            entry.steps = code.steps;
            entry.looks = code.looks;
        }
        let range = code.words.as_ptr_range();
        self.ranges.insert(range.start as usize, (range.end as usize, func));
        if self.codes.len() <= index {
            self.codes.resize_with(index + 1, || None);
        }
        self.codes[index] = Some(code);
        true
    }
}

impl Codes {
    /// Whether a function that is found running after so many steps more is hot now, so
    /// that it is to be promoted. There is nothing to win where a function is called once.
    pub fn heat(&mut self, program: &Program, func: FuncId, steps: u64) -> bool {
        let is_global = matches!(program.functions[func].kind, FunctionKind::Global(_));
        if is_global || self.code(func).is_none() {
            return false;
        }
        let index = func.0 as usize;
        if self.heat.len() <= index {
            self.heat.resize(index + 1, 0);
        }
        let before = self.heat[index];
        self.heat[index] = before.saturating_add(steps);
        before < HOT && self.heat[index] >= HOT
    }

    /// From now on calls of the function go to an engine.
    pub fn promote(&mut self, func: FuncId) {
        if let Some(Some(entry)) = self.entries.get_mut(func.0 as usize) {
            entry.start = entry.compiled.as_ptr();
            // Machine code counts them itself, and looks.
            entry.steps = 0;
            entry.looks = false;
            self.promoted += 1;
        }
    }
}

impl Entries for Codes {
    fn entry(&mut self, func: FuncId) -> *const Entry {
        Codes::entry(self, func)
    }
}

/// Cells of constants, which the context keeps as long as it lives.
struct Words<'a> {
    ctx: &'a Context,
}

#[expect(unsafe_code, reason = "the context has every constant of the program")]
impl Constants for Words<'_> {
    fn string(&mut self, id: StrId) -> u64 {
        // SAFETY: `Codes::learn` saw to it.
        unsafe { *self.ctx.strings.add(id.index()) }
    }

    fn amounts(&mut self, id: AmountsId) -> u64 {
        // SAFETY: `Codes::learn` saw to it.
        unsafe { *self.ctx.amounts.add(id.index()) }
    }
}
