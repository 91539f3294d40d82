//! Text that is made letter by letter: one of ASCII is appended in place. Short strings, which are
//! words, are compared as such.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::Translator;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use eclexia_ir::ir::VarId;
use eclexia_rt::heap::cell::STRING;
use eclexia_rt::native::NativeId;

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
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, types::I64);
        // Of short strings, which are no cells, nothing is to be loaded.
        let cells = self.b.create_block();
        let both = self.b.ins().bor(first, of);
        let is_short = self.b.ins().band_imm_u(both, 1);
        self.b.ins().brif(is_short, slow, &[], cells, &[]);
        self.b.switch_to_block(cells);
        let flags = self.memory(Region::Cell);
        let length = self.b.ins().load(types::I64, flags, first, abi::LENGTH);
        let is_fine = self.is_a_letter(of, start, end);
        let has_room = self.has_room(first, length);
        let is_fine = self.b.ins().band(is_fine, has_room);
        self.b.ins().brif(is_fine, fast, &[], slow, &[]);
        self.b.switch_to_block(fast);
        let from = self.b.ins().iadd(of, start);
        let letter = self.b.ins().load(types::I8, flags, from, abi::TEXT);
        let to = self.b.ins().iadd(first, length);
        self.b.ins().store(flags, letter, to, abi::TEXT);
        let longer = self.b.ins().iadd_imm_s(length, 1);
        self.b.ins().store(flags, longer, first, abi::LENGTH);
        let chars = self.b.ins().load(types::I32, flags, first, abi::CHARS);
        let is_known = self.b.ins().icmp_imm_u(IntCC::NotEqual, chars, UNKNOWN);
        let one = self.b.ins().uextend(types::I32, is_known);
        let chars = self.b.ins().iadd(chars, one);
        self.b.ins().store(flags, chars, first, abi::CHARS);
        self.b.ins().jump(on, &[first.into()]);
        self.b.switch_to_block(slow);
        let made = self.call_native(id, args, &[], dest)?;
        self.b.ins().jump(on, &[made.into()]);
        self.b.switch_to_block(on);
        Ok(result)
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
        // A negative place is larger than any length.
        let is_inside = self.b.ins().icmp(IntCC::UnsignedLessThan, start, length);
        let next = self.b.ins().iadd_imm_s(start, 1);
        let is_one = self.b.ins().icmp(IntCC::Equal, next, end);
        let is_text = self.b.ins().band(is_string, is_ascii);
        let is_place = self.b.ins().band(is_inside, is_one);
        self.b.ins().band(is_text, is_place)
    }

    /// Whether a string is used once and has room for one byte more.
    fn has_room(&mut self, string: Value, length: Value) -> Value {
        let flags = self.memory(Region::Cell);
        let header = self.b.ins().load(types::I64, flags, string, abi::COUNT);
        let is_own = self.b.ins().icmp_imm_u(IntCC::Equal, header, abi::OWN_STRING);
        let room = self.b.ins().uload32(flags, string, abi::ROOM);
        let is_larger = self.b.ins().icmp(IntCC::UnsignedLessThan, length, room);
        self.b.ins().band(is_own, is_larger)
    }
}
