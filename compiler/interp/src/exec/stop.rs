//! The end of a run without a value: where it stopped, call by call, and its frames given up.

use super::unwind::{Ownership, owned_at};
use super::{Ended, Machine};
use crate::bytecode::{Inst, LINK, Place};
use crate::engine::Halted;
use eclexia_base::FxHashMap;
use eclexia_ir::ir::{BlockId, FuncId, Function, LocId};
use eclexia_rt::stop::Stop;

/// A call under way.
struct Frame {
    func: FuncId,
    /// `None`: at its begin, with its arguments only.
    place: Option<Place>,
    regs: *mut u64,
}

/// What frames that stopped at the same place own, found out once.
type Known = FxHashMap<(FuncId, BlockId, u32, bool), Vec<Ownership>>;

impl Machine<'_, '_> {
    /// Drops what the frames own; afterwards the stack is free for another run.
    pub(super) fn end_run(&mut self, ended: Ended) -> Halted {
        let stop = self.ctx.take_stop().unwrap_or(Stop::Unreachable);
        // A call that found no room has not begun.
        let mut is_begun = ended.entered.is_none() || stop != Stop::StackExhausted;
        // Those of a run inside come first.
        let inner = self.ctx.take_calls().into_iter();
        let mut calls: Vec<LocId> = inner.map(|loc| LocId(loc as u32)).collect();
        let mut known = Known::default();
        let mut next = match ended.is_left {
            true => self.caller(ended.regs),
            false => self.innermost(ended),
        };
        while let Some(frame) = next {
            let mut at = Some(self.loc(&frame)).filter(|_| is_begun);
            while let Some(loc) = at {
                calls.push(loc);
                at = self.program.locs[loc].caller;
            }
            self.give_up(&frame, &mut known);
            is_begun = true;
            next = self.caller(frame.regs);
        }
        Halted { stop, calls }
    }

    fn loc(&self, frame: &Frame) -> LocId {
        match (&frame.place, self.codes.code(frame.func)) {
            (Some(place), _) => place.loc,
            (None, Some(code)) => code.entry_loc,
            (None, None) => self.program.functions[frame.func].loc,
        }
    }

    fn innermost(&self, ended: Ended) -> Option<Frame> {
        let regs = ended.regs;
        if let Some(func) = ended.entered {
            return Some(Frame { func, place: None, regs });
        }
        let (func, at) = self.codes.find(ended.at)?;
        let place = self.codes.code(func).and_then(|code| {
            let index = code.places.binary_search_by_key(&at, |place| place.at).ok()?;
            Some(code.places[index])
        });
        Some(Frame { func, place, regs })
    }

    /// The frame that called the one at `regs`.
    fn caller(&self, regs: *mut u64) -> Option<Frame> {
        // SAFETY: below every frame is where it returns to and the instruction that called it;
        // below the first one, whose caller has no code, is nothing.
        let (back, call) = unsafe { (*regs.sub(LINK), *(regs.sub(1) as *const Inst)) };
        let (func, at) = self.codes.find(back as *const u64)?;
        // SAFETY: as it said when it called.
        let regs = unsafe { regs.sub(usize::from(call.b)) };
        let place = self.codes.code(func).and_then(|code| {
            let behind = code.places.partition_point(|place| place.at < at);
            code.places.get(behind.checked_sub(1)?).copied()
        });
        Some(Frame { func, place, regs })
    }

    fn give_up(&mut self, frame: &Frame, known: &mut Known) {
        let (block, inst, is_before) = match frame.place {
            Some(place) => (place.block, place.inst, place.is_before),
            None => (Function::ENTRY, 0, true),
        };
        let program = self.program;
        let owned = known
            .entry((frame.func, block, inst, is_before))
            .or_insert_with(|| owned_at(program, frame.func, block, inst, is_before));
        for owned in owned.iter() {
            // At its begin a function has its parameters where they were passed, though it may not
            // be translated.
            let register = match self.codes.code(frame.func) {
                Some(code) => code.registers[owned.var.0 as usize],
                None => owned.param.unwrap_or(u16::MAX),
            };
            if register == u16::MAX {
                continue;
            }
            // SAFETY: a variable that is still to be given away is in its register.
            let word = unsafe { *frame.regs.add(usize::from(register)) };
            if owned.is_token {
                self.ctx.free_token(word);
            } else {
                (0..owned.times).for_each(|_| self.ctx.drop_word(word));
            }
        }
    }
}
