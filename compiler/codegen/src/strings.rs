//! Text that is made letter by letter: one of ASCII is appended in place. Short strings, which are
//! words, are compared as such.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::{Known, Translator};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use eclexia_ir::ir::VarId;
use eclexia_rt::heap::cell::STRING;
use eclexia_rt::heap::short;
use eclexia_rt::native::NativeId;

/// The highest bits of the bytes of a short string.
const NOT_ASCII: i64 = 0x8080_8080_8080_8000_u64.cast_signed();

/// How many code points there are is not known.
const UNKNOWN: i64 = 0xffff_ffff;

impl Translator<'_> {
    /// A part of a string behind another: here where it is one letter of a string that is ASCII and
    /// no slice, and the other is used nowhere else and has room; else the native does it.
    pub fn append_slice(
        &mut self,
        id: NativeId,
        args: &[VarId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let [first, of, start, end] = [0, 1, 2, 3].map(|i| self.value(args[i]));
        // Of short strings, which are no cells, nothing is to be loaded.
        let known = self.known_letters(args[1]);
        let cells = if known.is_some() { first } else { self.b.ins().bor(first, of) };
        let is_short = self.b.ins().band_imm_u(cells, 1);
        let (slow, long) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(is_short, slow, &[], long, &[]);
        self.b.switch_to_block(long);
        let is_letter = match known {
            Some(count) => {
                let length = self.int(count);
                self.is_place(start, end, length)
            }
            None => self.is_a_letter(of, start, end),
        };
        let (length, has_room) = self.has_room(first, 1);
        let is_fine = self.b.ins().band(is_letter, has_room);
        let flags = self.memory(Region::Cell);
        self.append_if(is_fine, slow, (id, args, dest), |t| {
            let from = t.b.ins().iadd(of, start);
            let letter = t.b.ins().load(types::I8, flags, from, abi::TEXT);
            let one = t.int(1);
            t.put_behind(first, length, letter, one);
            first
        })
    }

    /// A short string of ASCII behind another, which is used nowhere else and has room for a word;
    /// else the native does it.
    pub fn append_short(
        &mut self,
        id: NativeId,
        args: &[VarId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let [first, more] = [0, 1].map(|i| self.value(args[i]));
        // One is odd, the other even.
        let odd = self.b.ins().bxor_imm_s(first, 1);
        let odd = self.b.ins().band(odd, more);
        let is_right = self.b.ins().band_imm_u(odd, 1);
        let (slow, long) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(is_right, long, &[], slow, &[]);
        self.b.switch_to_block(long);
        let high = self.b.ins().band_imm_s(more, NOT_ASCII);
        let is_ascii = self.b.ins().icmp_imm_u(IntCC::Equal, high, 0);
        let (length, has_room) = self.has_room(first, 8);
        let is_fine = self.b.ins().band(is_ascii, has_room);
        self.append_if(is_fine, slow, (id, args, dest), |t| {
            let bytes = t.b.ins().ushr_imm_u(more, 8);
            let count = t.b.ins().ushr_imm_u(more, 1);
            let count = t.b.ins().band_imm_u(count, short::LONGEST as i64);
            t.put_behind(first, length, bytes, count);
            first
        })
    }

    /// `fast` where it is fine, else the native in the block `slow`.
    fn append_if(
        &mut self,
        is_fine: Value,
        slow: Block,
        (id, args, dest): (NativeId, &[VarId], Option<VarId>),
        fast: impl FnOnce(&mut Self) -> Value,
    ) -> Made<Value> {
        let (here, on) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I64);
        self.b.ins().brif(is_fine, here, &[], slow, &[]);
        self.b.switch_to_block(here);
        let made = fast(self);
        self.b.ins().jump(on, &[made.into()]);
        self.b.switch_to_block(slow);
        let made = self.call_native(id, args, &[], dest)?;
        self.b.ins().jump(on, &[made.into()]);
        self.b.switch_to_block(on);
        Ok(result)
    }

    /// Writes `bytes` behind a string with room, of which `count`, in ASCII, are from now on of it.
    fn put_behind(&mut self, string: Value, length: Value, bytes: Value, count: Value) {
        let flags = self.memory(Region::Cell);
        let to = self.b.ins().iadd(string, length);
        self.b.ins().store(flags, bytes, to, abi::TEXT);
        let longer = self.b.ins().iadd(length, count);
        self.b.ins().store(flags, longer, string, abi::LENGTH);
        let chars = self.b.ins().load(types::I32, flags, string, abi::CHARS);
        let is_known = self.b.ins().icmp_imm_u(IntCC::NotEqual, chars, UNKNOWN);
        let (count, none) = (self.b.ins().ireduce(types::I32, count), self.number(0));
        let more = self.b.ins().select(is_known, count, none);
        let chars = self.b.ins().iadd(chars, more);
        self.b.ins().store(flags, chars, string, abi::CHARS);
    }

    /// How many letters a string of the program has, which is ASCII and in a cell.
    fn known_letters(&self, var: VarId) -> Option<i64> {
        let Known::Str(id) = self.known[var] else { return None };
        let text = &self.program.strings[id];
        (text.is_ascii() && text.len() > short::LONGEST).then_some(text.len() as i64)
    }

    /// Two strings of which one is short are equal where their words are.
    pub fn equal_strings(
        &mut self,
        id: NativeId,
        args: &[VarId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let [a, b] = [0, 1].map(|i| self.value(args[i]));
        let (long, on) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I8);
        let is_same = self.b.ins().icmp(IntCC::Equal, a, b);
        let either = self.b.ins().bor(a, b);
        let is_short = self.b.ins().band_imm_u(either, 1);
        self.b.ins().brif(is_short, on, &[is_same.into()], long, &[]);
        self.go_on_in(long);
        let made = self.call_native(id, args, &[], dest)?;
        self.b.ins().jump(on, &[made.into()]);
        self.go_on_in(on);
        Ok(result)
    }

    /// Whether from `start` to `end` is one code point of a string of ASCII that is no slice.
    fn is_a_letter(&mut self, of: Value, start: Value, end: Value) -> Value {
        let flags = self.memory(Region::Cell);
        let info = self.b.ins().load(types::I32, flags, of, abi::INFO);
        let is_string = self.b.ins().icmp_imm_u(IntCC::Equal, info, i64::from(STRING));
        let length = self.b.ins().load(types::I64, flags, of, abi::LENGTH);
        let chars = self.b.ins().uload32(flags, of, abi::CHARS);
        let is_ascii = self.b.ins().icmp(IntCC::Equal, chars, length);
        let is_text = self.b.ins().band(is_string, is_ascii);
        let is_place = self.is_place(start, end, length);
        self.b.ins().band(is_text, is_place)
    }

    /// Whether `start` to `end` is one place of so many.
    fn is_place(&mut self, start: Value, end: Value, length: Value) -> Value {
        // A negative place is larger than any length.
        let is_inside = self.b.ins().icmp(IntCC::UnsignedLessThan, start, length);
        let next = self.b.ins().iadd_imm_s(start, 1);
        let is_one = self.b.ins().icmp(IntCC::Equal, next, end);
        self.b.ins().band(is_inside, is_one)
    }

    /// The length of a string in a cell, and whether it is used once and has room for so many bytes
    /// more.
    fn has_room(&mut self, string: Value, more: i64) -> (Value, Value) {
        let flags = self.memory(Region::Cell);
        let length = self.b.ins().load(types::I64, flags, string, abi::LENGTH);
        let header = self.b.ins().load(types::I64, flags, string, abi::COUNT);
        let is_own = self.b.ins().icmp_imm_u(IntCC::Equal, header, abi::OWN_STRING);
        let room = self.b.ins().uload32(flags, string, abi::ROOM);
        let last = self.b.ins().iadd_imm_s(length, more - 1);
        let is_larger = self.b.ins().icmp(IntCC::UnsignedLessThan, last, room);
        (length, self.b.ins().band(is_own, is_larger))
    }
}
