//! The bytecode of a session, by function. An entry is made when something is translated that calls
//! the function, the code when it is first called.

use crate::bytecode::{Code, Entry, Inst, Op};
use crate::translate::{Constants, Entries, translate};
use eclexia_base::ids::Id;
use eclexia_ir::ir::{AmountsId, FuncId, Program, StrId};
use eclexia_rt::heap::Context;

#[derive(Default)]
pub(crate) struct Codes {
    entries: Vec<Option<Box<Entry>>>,
    codes: Vec<Option<Code>>,
    /// Where the code of each translated function begins and ends, sorted.
    ranges: std::collections::BTreeMap<usize, (usize, FuncId)>,
}

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
        let entry = self.entries[index].get_or_insert_with(|| {
            let stub = [Inst::new(Op::Translate, 0, 0, 0).word(), 0];
            let mut entry =
                Box::new(Entry { start: std::ptr::null(), words: 0, steps: 0, func, stub });
            entry.stub[1] = &raw const *entry as u64;
            entry.start = entry.stub.as_ptr();
            entry
        });
        &raw const **entry
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
