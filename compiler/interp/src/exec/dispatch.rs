//! The loop: one instruction after the other.

use super::{Ended, Machine};
use crate::bytecode::{Cold, Entry, Inst, LINK, Op};
use crate::natives;
use eclexia_rt::heap::Context;
use eclexia_rt::heap::cell::{self, is_immediate};
use eclexia_rt::heap::context::{GLOBAL_DONE, GLOBAL_STARTED};
use eclexia_rt::heap::vector;
use eclexia_rt::support::Arithmetic;

/// Register `i` of a list that begins at a word of code.
#[inline(always)]
pub(crate) unsafe fn listed(list: *const u64, i: usize) -> usize {
    // SAFETY: lists are four registers to a word, as long as their instruction says.
    unsafe { usize::from(*(list as *const u16).add(i)) }
}

#[inline(always)]
pub(crate) fn words_of_list(count: usize) -> usize {
    count.div_ceil(4)
}

/// Frees a cell that nothing refers to any more.
#[inline(always)]
pub(super) unsafe fn lose(ctx: *mut Context, word: u64) {
    if is_immediate(word) {
        return;
    }
    // SAFETY: a word of `Ptr` that is even is a cell, see `heap`.
    unsafe {
        let cell = cell::at(word);
        (*cell).count -= 1;
        if (*cell).count == 0 {
            (*ctx).free_cell(word);
        }
    }
}

impl Machine<'_, '_> {
    /// Runs until the frame at `regs` returns.
    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN is not less, and not more")]
    pub(super) unsafe fn run(
        &mut self,
        mut pc: *const u64,
        mut regs: *mut u64,
    ) -> Result<u64, Ended> {
        let ctx: *mut Context = &raw mut *self.ctx;
        // SAFETY: see the module for all that follows.
        unsafe {
            macro_rules! reg {
                ($index:expr) => {
                    *regs.add($index as usize)
                };
            }
            macro_rules! int {
                ($index:expr) => {
                    reg!($index).cast_signed()
                };
            }
            macro_rules! float {
                ($index:expr) => {
                    f64::from_bits(reg!($index))
                };
            }
            // What ends the run is in the context.
            macro_rules! leave {
                () => {
                    return Err(Ended::at(pc, regs))
                };
            }
            macro_rules! fault {
                ($which:ident, $x:expr, $y:expr) => {{
                    self.arithmetic_fault(Arithmetic::$which, $x, $y);
                    leave!()
                }};
            }
            macro_rules! next {
                ($words:expr) => {{
                    pc = pc.add($words);
                    continue;
                }};
            }
            // An operation of two integers that may overflow.
            macro_rules! checked {
                ($inst:ident, $method:ident, $which:ident) => {{
                    let (x, y) = (int!($inst.b), int!($inst.c));
                    let (result, is_over) = x.$method(y);
                    if is_over {
                        fault!($which, x, y);
                    }
                    reg!($inst.a) = result.cast_unsigned();
                    next!(1)
                }};
            }
            macro_rules! give {
                ($inst:ident, $value:expr) => {{
                    let value: u64 = $value;
                    reg!($inst.a) = value;
                    next!(1)
                }};
            }
            macro_rules! floats {
                ($inst:ident, $x:ident, $y:ident, $value:expr) => {{
                    let ($x, $y) = (float!($inst.b), float!($inst.c));
                    give!($inst, f64::to_bits($value))
                }};
            }
            macro_rules! whole {
                ($inst:ident, $method:ident, $which:ident) => {{
                    match natives::whole(float!($inst.b).$method()) {
                        Some(result) => reg!($inst.a) = result.cast_unsigned(),
                        None => fault!($which, int!($inst.b), 0),
                    }
                    next!(1)
                }};
            }
            // Jumps by 16 bits if a condition holds.
            macro_rules! when {
                ($inst:ident, $cond:expr) => {{
                    let distance = if $cond { isize::from($inst.c.cast_signed()) } else { 1 };
                    pc = pc.offset(distance);
                    continue;
                }};
            }
            // An element that is there; the native says what is wrong.
            macro_rules! item {
                ($inst:ident, $load:expr, $width:expr) => {{
                    let (vector, index) = (reg!($inst.b), reg!($inst.c));
                    if index >= vector::length(vector) as u64 {
                        (natives::VECTOR_GET)(&mut *ctx, &[vector, index], &[]);
                        leave!();
                    }
                    let at = vector as usize + cell::ELEMENTS + index as usize * $width;
                    give!($inst, ($load)(at as *const u64))
                }};
            }
            // An element of a vector that nobody else has; else the native makes a copy.
            macro_rules! set_item {
                ($inst:ident, $store:expr, $width:expr) => {{
                    let (vector, index) = (reg!($inst.b), reg!($inst.c));
                    let value = reg!(*pc.add(1) as usize);
                    if index < vector::length(vector) as u64 && cell::is_unique(vector) {
                        let at = vector as usize + cell::ELEMENTS + index as usize * $width;
                        ($store)(at as *mut u64, value);
                        reg!($inst.a) = vector;
                        next!(2)
                    }
                    let args = [vector, index, value];
                    let word = (natives::VECTOR_SET)(&mut *ctx, &args, &[]);
                    if (*ctx).pending != 0 {
                        leave!();
                    }
                    reg!($inst.a) = word;
                    next!(2)
                }};
            }
            loop {
                // Not copied: each operation loads what it needs.
                let inst = &*pc.cast::<Inst>();
                match inst.op {
                    Op::Move => give!(inst, reg!(inst.b)),
                    Op::Small => give!(inst, i64::from(inst.small()).cast_unsigned()),
                    Op::Wide => {
                        reg!(inst.a) = *pc.add(1);
                        next!(2)
                    }

                    Op::AddInt => checked!(inst, overflowing_add, Add),
                    Op::SubInt => checked!(inst, overflowing_sub, Sub),
                    Op::MulInt => checked!(inst, overflowing_mul, Mul),
                    Op::AddSmall => {
                        let (x, y) = (int!(inst.b), i64::from(inst.c.cast_signed()));
                        let (result, is_over) = x.overflowing_add(y);
                        if is_over {
                            match inst.n {
                                0 => fault!(Add, x, y),
                                1 => fault!(Add, y, x),
                                _ => fault!(Sub, x, -y),
                            }
                        }
                        give!(inst, result.cast_unsigned())
                    }
                    Op::MulSmall => {
                        let (x, y) = (int!(inst.b), i64::from(inst.c.cast_signed()));
                        let (result, is_over) = x.overflowing_mul(y);
                        if is_over {
                            match inst.n {
                                0 => fault!(Mul, x, y),
                                _ => fault!(Mul, y, x),
                            }
                        }
                        give!(inst, result.cast_unsigned())
                    }
                    Op::NegInt => match int!(inst.b).checked_neg() {
                        Some(result) => give!(inst, result.cast_unsigned()),
                        None => fault!(Negate, int!(inst.b), 0),
                    },
                    Op::QuotInt => {
                        let (x, y) = (int!(inst.b), int!(inst.c));
                        match x.checked_div(y) {
                            Some(result) => give!(inst, result.cast_unsigned()),
                            None => fault!(Quot, x, y),
                        }
                    }
                    Op::RemInt => {
                        let (x, y) = (int!(inst.b), int!(inst.c));
                        if y == 0 {
                            fault!(Rem, x, y);
                        }
                        give!(inst, x.wrapping_rem(y).cast_unsigned())
                    }
                    Op::ModInt => {
                        let (x, y) = (int!(inst.b), int!(inst.c));
                        match natives::modulo(x, y) {
                            Some(result) => give!(inst, result.cast_unsigned()),
                            None => fault!(Mod, x, y),
                        }
                    }
                    // By a number above 0.
                    Op::QuotSmall => {
                        let quot = int!(inst.b).wrapping_div(i64::from(inst.c).max(1));
                        give!(inst, quot.cast_unsigned())
                    }
                    Op::RemSmall => {
                        let rem = int!(inst.b).wrapping_rem(i64::from(inst.c).max(1));
                        give!(inst, rem.cast_unsigned())
                    }
                    Op::ModSmall => {
                        let rem = int!(inst.b).wrapping_rem_euclid(i64::from(inst.c).max(1));
                        give!(inst, rem.cast_unsigned())
                    }
                    Op::EqInt => give!(inst, u64::from(reg!(inst.b) == reg!(inst.c))),
                    Op::LtInt => give!(inst, u64::from(int!(inst.b) < int!(inst.c))),
                    Op::LeInt => give!(inst, u64::from(int!(inst.b) <= int!(inst.c))),
                    Op::EqSmall => {
                        give!(inst, u64::from(int!(inst.b) == i64::from(inst.c.cast_signed())))
                    }
                    Op::LtSmall => {
                        give!(inst, u64::from(int!(inst.b) < i64::from(inst.c.cast_signed())))
                    }
                    Op::GtSmall => {
                        give!(inst, u64::from(int!(inst.b) > i64::from(inst.c.cast_signed())))
                    }
                    Op::AndBits => give!(inst, reg!(inst.b) & reg!(inst.c)),
                    Op::OrBits => give!(inst, reg!(inst.b) | reg!(inst.c)),
                    Op::XorBits => give!(inst, reg!(inst.b) ^ reg!(inst.c)),
                    Op::AndSmall => {
                        let y = i64::from(inst.c.cast_signed()).cast_unsigned();
                        give!(inst, reg!(inst.b) & y)
                    }
                    Op::AddFloat => floats!(inst, x, y, x + y),
                    Op::SubFloat => floats!(inst, x, y, x - y),
                    Op::MulFloat => floats!(inst, x, y, x * y),
                    Op::DivFloat => floats!(inst, x, y, x / y),
                    Op::NegFloat => give!(inst, (-float!(inst.b)).to_bits()),
                    Op::EqFloat => give!(inst, u64::from(float!(inst.b) == float!(inst.c))),
                    Op::LtFloat => give!(inst, u64::from(float!(inst.b) < float!(inst.c))),
                    Op::LeFloat => give!(inst, u64::from(float!(inst.b) <= float!(inst.c))),
                    Op::Sqrt => give!(inst, float!(inst.b).sqrt().to_bits()),
                    Op::ToFloat => give!(inst, (int!(inst.b) as f64).to_bits()),
                    Op::Floor => whole!(inst, floor, Floor),
                    Op::Ceil => whole!(inst, ceil, Ceil),
                    Op::Round => whole!(inst, round, Round),
                    Op::Truncate => whole!(inst, trunc, Truncate),
                    Op::Not => give!(inst, reg!(inst.b) ^ 1),

                    Op::Jump => pc = pc.offset(inst.small() as isize),
                    Op::Loop => {
                        (*ctx).fuel -= i64::from(inst.n);
                        if (*ctx).fuel < 0 && !self.may_go_on_at(pc) {
                            leave!();
                        }
                        pc = pc.offset(inst.small() as isize);
                    }
                    Op::IfTrue => {
                        let distance = if reg!(inst.a) != 0 { inst.small() as isize } else { 1 };
                        pc = pc.offset(distance);
                    }
                    Op::IfFalse => {
                        let distance = if reg!(inst.a) == 0 { inst.small() as isize } else { 1 };
                        pc = pc.offset(distance);
                    }
                    Op::IfEq => when!(inst, reg!(inst.a) == reg!(inst.b)),
                    Op::IfNe => when!(inst, reg!(inst.a) != reg!(inst.b)),
                    Op::IfLt => when!(inst, int!(inst.a) < int!(inst.b)),
                    Op::IfLe => when!(inst, int!(inst.a) <= int!(inst.b)),
                    Op::IfGt => when!(inst, int!(inst.a) > int!(inst.b)),
                    Op::IfGe => when!(inst, int!(inst.a) >= int!(inst.b)),
                    Op::IfEqSmall => when!(inst, int!(inst.a) == i64::from(inst.b.cast_signed())),
                    Op::IfNeSmall => when!(inst, int!(inst.a) != i64::from(inst.b.cast_signed())),
                    Op::IfLtSmall => when!(inst, int!(inst.a) < i64::from(inst.b.cast_signed())),
                    Op::IfLeSmall => when!(inst, int!(inst.a) <= i64::from(inst.b.cast_signed())),
                    Op::IfGtSmall => when!(inst, int!(inst.a) > i64::from(inst.b.cast_signed())),
                    Op::IfGeSmall => when!(inst, int!(inst.a) >= i64::from(inst.b.cast_signed())),
                    Op::IfEqFloat => when!(inst, float!(inst.a) == float!(inst.b)),
                    Op::IfNeFloat => when!(inst, float!(inst.a) != float!(inst.b)),
                    Op::IfLtFloat => when!(inst, float!(inst.a) < float!(inst.b)),
                    Op::IfNotLtFloat => when!(inst, !(float!(inst.a) < float!(inst.b))),
                    Op::IfLeFloat => when!(inst, float!(inst.a) <= float!(inst.b)),
                    Op::IfNotLeFloat => when!(inst, !(float!(inst.a) <= float!(inst.b))),
                    Op::IfImmediate => when!(inst, is_immediate(reg!(inst.a))),
                    Op::IfCell => when!(inst, !is_immediate(reg!(inst.a))),
                    Op::IfWord => when!(inst, reg!(inst.a) == u64::from(inst.b)),
                    Op::IfNotWord => when!(inst, reg!(inst.a) != u64::from(inst.b)),
                    Op::IfInfo => {
                        let word = reg!(inst.a);
                        when!(inst, !is_immediate(word) && cell::info(word) == u32::from(inst.b))
                    }
                    Op::IfNotInfo => {
                        let word = reg!(inst.a);
                        when!(inst, is_immediate(word) || cell::info(word) != u32::from(inst.b))
                    }
                    Op::IfUnique => when!(inst, cell::is_unique(reg!(inst.a))),
                    Op::IfShared => when!(inst, !cell::is_unique(reg!(inst.a))),
                    Op::Switch => {
                        let (least, count) = (*pc.add(1), *pc.add(2));
                        let index = reg!(inst.a).wrapping_sub(least);
                        let at = if index < count { 4 + index as usize } else { 3 };
                        pc = pc.offset(*pc.add(at) as isize);
                    }
                    Op::Search => pc = pc.offset(super::cells::search(pc, reg!(inst.a))),
                    Op::SwitchTag => {
                        let word = reg!(inst.a);
                        let header = *pc.add(1);
                        let index = if is_immediate(word) {
                            (word >> 1) as usize
                        } else {
                            let layout = cell::info(word).wrapping_sub(header as u32);
                            (header >> 32) as usize + layout as usize
                        };
                        pc = pc.offset(*pc.add(2 + index) as isize);
                    }

                    Op::Tag => {
                        let word = reg!(inst.b);
                        let header = *pc.add(1);
                        let index = if is_immediate(word) {
                            word >> 1
                        } else {
                            let layout = cell::info(word).wrapping_sub(header as u32);
                            *pc.add(2 + layout as usize)
                        };
                        reg!(inst.a) = index;
                        next!(2 + usize::from(inst.c))
                    }
                    Op::Field => {
                        give!(inst, *(reg!(inst.b) as *const u64).add(usize::from(inst.c)))
                    }
                    Op::FieldDup => {
                        let word = *(reg!(inst.b) as *const u64).add(usize::from(inst.c));
                        give!(inst, cell::dup(word))
                    }
                    Op::Alloc2 => {
                        let (x, y) = (reg!(inst.b), reg!(inst.c));
                        let word = (*ctx).alloc(2, *pc.add(1) as u32);
                        cell::set_field(word, 0, x);
                        cell::set_field(word, 1, y);
                        reg!(inst.a) = word;
                        next!(2)
                    }
                    Op::Alloc => {
                        let count = usize::from(inst.b);
                        let word = (*ctx).alloc(count, *pc.add(1) as u32);
                        for i in 0..count {
                            cell::set_field(word, i, *regs.add(listed(pc.add(2), i)));
                        }
                        reg!(inst.a) = word;
                        next!(2 + words_of_list(count))
                    }
                    Op::Reuse => {
                        reg!(inst.a) = self.reuse(pc, regs, *inst);
                        next!(3 + words_of_list(usize::from(inst.c)))
                    }
                    Op::Closure => {
                        let count = usize::from(inst.b);
                        let header = *pc.add(1);
                        let word = (*ctx).alloc(count + 1, header as u32);
                        cell::set_field(word, 0, header >> 32);
                        for i in 0..count {
                            cell::set_field(word, i + 1, *regs.add(listed(pc.add(2), i)));
                        }
                        reg!(inst.a) = word;
                        next!(2 + words_of_list(count))
                    }
                    Op::Hole => {
                        give!(inst, reg!(inst.b) + 8 * u64::from(inst.c))
                    }
                    Op::Fill => {
                        *(reg!(inst.a) as *mut u64) = reg!(inst.b);
                        next!(1)
                    }
                    Op::Dup => {
                        cell::dup(reg!(inst.a));
                        next!(1)
                    }
                    Op::Drop => {
                        lose(ctx, reg!(inst.a));
                        next!(1)
                    }
                    Op::Unique => give!(inst, u64::from(cell::is_unique(reg!(inst.b)))),
                    Op::Decrement => {
                        (*cell::at(reg!(inst.a))).count -= 1;
                        next!(1)
                    }
                    Op::Copy => give!(inst, (*ctx).copy_words(reg!(inst.b))),
                    Op::FreeToken => {
                        (*ctx).free_token(reg!(inst.a));
                        next!(1)
                    }

                    Op::Step => {
                        (*ctx).fuel -= i64::from(inst.c);
                        if (*ctx).fuel < 0 && !self.may_go_on_at(pc) {
                            leave!();
                        }
                        next!(1)
                    }
                    Op::Count => {
                        (*ctx).fuel -= i64::from(inst.c);
                        next!(1)
                    }
                    Op::Global => {
                        let global = *pc.add(1) as usize;
                        if *(*ctx).global_states.add(global) == GLOBAL_DONE {
                            reg!(inst.a) = *(*ctx).globals.add(global);
                            next!(2)
                        }
                        (pc, regs) = self.begin_global(pc, regs, *inst, global)?;
                    }
                    Op::Call => {
                        let entry = *pc.add(1) as *const Entry;
                        let frame = regs.add(usize::from(inst.b));
                        let count = usize::from(inst.n);
                        if count > 0 {
                            *frame = reg!(inst.c);
                            for i in 1..count {
                                *frame.add(i) = *regs.add(listed(pc.add(2), i - 1));
                            }
                        }
                        *frame.sub(LINK) = pc.add(2 + words_of_list(count.max(1) - 1)) as u64;
                        *frame.sub(1) = *pc;
                        (pc, regs) = self.enter(entry, frame)?;
                    }
                    Op::CallClosure => {
                        let frame = regs.add(usize::from(inst.b));
                        let count = usize::from(inst.n);
                        *frame = reg!(inst.c);
                        for i in 1..count {
                            *frame.add(i) = *regs.add(listed(pc.add(1), i - 1));
                        }
                        *frame.sub(LINK) = pc.add(1 + words_of_list(count - 1)) as u64;
                        *frame.sub(1) = *pc;
                        let entry = self.codes.entry_of(*frame);
                        (pc, regs) = self.enter(entry, frame)?;
                    }
                    Op::TailCall => {
                        let entry = *pc.add(1) as *const Entry;
                        self.tail_args(regs, *inst, pc.add(2));
                        (pc, regs) = self.replace(entry, regs)?;
                    }
                    Op::TailCallClosure => {
                        self.tail_args(regs, *inst, pc.add(1));
                        let entry = self.codes.entry_of(*regs);
                        (pc, regs) = self.replace(entry, regs)?;
                    }
                    Op::Return => {
                        let value = reg!(inst.a);
                        (pc, regs) = self.leave(regs, value);
                    }
                    Op::ReturnSmall => {
                        let value = i64::from(inst.small()).cast_unsigned();
                        (pc, regs) = self.leave(regs, value);
                    }
                    Op::ReturnGlobal => {
                        let (global, value) = (*pc.add(1), reg!(inst.a));
                        eclexia_rt::support::ecl_global_set(&mut *ctx, global as u32, value);
                        (pc, regs) = self.leave(regs, value);
                    }
                    Op::Take => give!(inst, (*ctx).more[usize::from(inst.c)]),
                    Op::Give => {
                        (*ctx).more[usize::from(inst.c)] = reg!(inst.b);
                        next!(1)
                    }
                    Op::Native => {
                        let words = natives::call(&mut *ctx, pc, regs, *inst);
                        if (*ctx).pending != 0 {
                            leave!();
                        }
                        next!(words)
                    }
                    Op::Length => give!(inst, vector::length(reg!(inst.b)) as u64),
                    Op::GetWord => item!(inst, |at: *const u64| *at, 8),
                    Op::GetBool => item!(inst, |at: *const u64| u64::from(*at.cast::<u8>()), 1),
                    Op::GetPointer => item!(inst, |at: *const u64| cell::dup(*at), 8),
                    Op::SetWord => set_item!(inst, |at: *mut u64, value| *at = value, 8),
                    Op::SetBool => {
                        set_item!(inst, |at: *mut u64, value| *at.cast::<u8>() = value as u8, 1)
                    }
                    Op::SetPointer => set_item!(
                        inst,
                        |at: *mut u64, value| lose(ctx, std::mem::replace(&mut *at, value)),
                        8
                    ),
                    Op::Cold => {
                        let cold = &*(*pc.add(1) as *const Cold);
                        let value = self.cold(cold, regs);
                        if (*ctx).pending != 0 {
                            leave!();
                        }
                        if inst.b != 0 {
                            reg!(inst.a) = value;
                        }
                        next!(2)
                    }
                    Op::Halt => return Ok(*regs),
                    Op::Translate => {
                        let entry = *pc.add(1) as *const Entry;
                        (pc, regs) = self.begin(entry, regs)?;
                    }
                    Op::Compiled => {
                        let entry = *pc.add(1) as *const Entry;
                        (pc, regs) = self.call_compiled(entry, regs)?;
                    }
                }
            }
        }
    }

    /// Enters a function whose frame has its arguments and the way back.
    #[inline(always)]
    unsafe fn enter(
        &mut self,
        entry: *const Entry,
        frame: *mut u64,
    ) -> Result<(*const u64, *mut u64), Ended> {
        // SAFETY: see the module.
        unsafe {
            if self.depth_left == 0 {
                return Err(self.too_deep(entry, frame));
            }
            self.depth_left -= 1;
            self.replace(entry, frame)
        }
    }

    /// Enters a function in a frame that has its arguments.
    #[inline(always)]
    unsafe fn replace(
        &mut self,
        entry: *const Entry,
        frame: *mut u64,
    ) -> Result<(*const u64, *mut u64), Ended> {
        // SAFETY: see the module.
        unsafe {
            self.ctx.fuel -= i64::from((*entry).steps);
            if frame.add((*entry).words as usize) > self.end || self.ctx.fuel < 0 {
                return self.enter_slowly(entry, frame);
            }
            Ok(((*entry).start, frame))
        }
    }

    #[inline(always)]
    pub(super) unsafe fn leave(&mut self, regs: *mut u64, value: u64) -> (*const u64, *mut u64) {
        // SAFETY: below a frame is where it returns to and the instruction that called it.
        unsafe {
            self.depth_left += 1;
            let back = *regs.sub(LINK) as *const u64;
            let call = *(regs.sub(1) as *const Inst);
            let regs = regs.sub(usize::from(call.b));
            *regs.add(usize::from(call.a)) = value;
            (back, regs)
        }
    }

    /// Moves the arguments of a tail call to the first registers, over the words behind the frame.
    #[inline(always)]
    unsafe fn tail_args(&mut self, regs: *mut u64, inst: Inst, list: *const u64) {
        // SAFETY: a frame has room for the arguments of its calls behind its registers.
        unsafe {
            let count = usize::from(inst.n);
            if count == 0 {
                return;
            }
            let aside = regs.add(usize::from(inst.b));
            *aside = *regs.add(usize::from(inst.c));
            for i in 1..count {
                *aside.add(i) = *regs.add(listed(list, i - 1));
            }
            for i in 0..count {
                *regs.add(i) = *aside.add(i);
            }
        }
    }

    #[cold]
    fn arithmetic_fault(&mut self, which: Arithmetic, x: i64, y: i64) {
        let (x, y) = (x.cast_unsigned(), y.cast_unsigned());
        eclexia_rt::support::ecl_arithmetic_fault(self.ctx, which as u32, x, y);
    }

    #[cold]
    unsafe fn begin_global(
        &mut self,
        pc: *const u64,
        regs: *mut u64,
        inst: Inst,
        global: usize,
    ) -> Result<(*const u64, *mut u64), Ended> {
        // SAFETY: see the module; the frame above has room for what its link needs.
        unsafe {
            if *self.ctx.global_states.add(global) == GLOBAL_STARTED {
                eclexia_rt::support::ecl_global_begin(self.ctx, global as u32);
                return Err(Ended::at(pc, regs));
            }
            eclexia_rt::support::ecl_global_begin(self.ctx, global as u32);
            let id = eclexia_ir::ir::GlobalId(global as u32);
            let entry = self.codes.entry(self.program.globals[id].init);
            let frame = regs.add(usize::from(inst.b));
            *frame.sub(LINK) = pc.add(2) as u64;
            *frame.sub(1) = *pc;
            self.enter(entry, frame)
        }
    }
}
