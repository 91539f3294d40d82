//! Natives: called with words, and the few that every inner loop has written out.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::Translator;
use crate::keep::Then;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use eclexia_ir::ir::VarId;
use eclexia_native::support::Support;
use eclexia_rt::layout::{Rep, Shape, ShapeId};
use eclexia_rt::native::{Gives, NativeId, Pass};

impl Translator<'_> {
    pub fn native(
        &mut self,
        id: NativeId,
        args: &[VarId],
        shapes: &[ShapeId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        match id.get().name {
            "vector-length" => Ok(self.length(args[0])),
            "vector-get" | "vector-get-sure" => self.vector_get(id, args, shapes, dest),
            "vector/set" | "vector-set-sure" => self.vector_set(id, args, shapes, dest),
            "vector-put" => self.vector_put(args),
            "vector-push" => self.vector_push(id, args, shapes, dest),
            "string-eq" => self.equal_strings(id, args, dest),
            "string-append" => self.append_short(id, args, dest),
            "string-append-slice" => self.append_slice(id, args, dest),
            _ => self.call_native(id, args, shapes, dest),
        }
    }

    pub fn call_native(
        &mut self,
        id: NativeId,
        args: &[VarId],
        shapes: &[ShapeId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let native = id.get();
        let name = self.declared.native(self.module, id)?;
        let mut all = vec![self.context()];
        for (arg, pass) in args.iter().zip(native.params) {
            let value = self.value(*arg);
            all.push(match pass {
                Pass::BorrowedWord | Pass::OwnedWord => self.word_of(value),
                _ => value,
            });
        }
        for shape in shapes {
            all.push(self.number(shape.0));
        }
        // In a quiet loop only what cannot be done in place gets here.
        let result = if self.is_in_quiet_loop() {
            let then = if native.can_fault { Then::MayLeave } else { Then::GoesOn };
            self.rare_call(name, &all[1..], then)?.unwrap_or(all[0])
        } else {
            let callee = self.refer(name);
            self.put_fuel(all[0]);
            let call = self.b.ins().call(callee, &all);
            self.take_fuel();
            self.b.inst_results(call)[0]
        };
        if native.can_fault && !self.is_in_quiet_loop() {
            self.leave_if_pending()?;
        }
        let rep = dest.map_or(Rep::Int, |dest| self.rep(dest));
        Ok(match native.gives {
            Gives::Word => self.value_of(result, rep),
            _ => result,
        })
    }

    fn length(&mut self, vector: VarId) -> Value {
        let flags = self.memory(Region::Cell);
        let vector = self.value(vector);
        self.b.ins().load(types::I64, flags, vector, abi::LENGTH)
    }

    /// How the elements of a vector are held.
    fn items_of(&self, vector: VarId) -> Option<ShapeId> {
        match self.shape(vector) {
            Shape::Vector(item) => Some(*item),
            _ => None,
        }
    }

    /// The address of an element, without the offset of the first.
    fn place(&mut self, vector: Value, index: Value, rep: Rep) -> Value {
        let offset = match rep {
            Rep::Bool => index,
            _ => self.b.ins().ishl_imm_u(index, 3),
        };
        self.b.ins().iadd(vector, offset)
    }

    fn items_region(rep: Rep) -> Region {
        if rep == Rep::Ptr { Region::Cell } else { Region::Items }
    }

    /// An index that is none goes to the native, which knows what to say.
    fn check_index(
        &mut self,
        id: NativeId,
        args: &[VarId],
        shapes: &[ShapeId],
        dest: Option<VarId>,
    ) -> Made<()> {
        if matches!(id.get().name, "vector-get-sure" | "vector-set-sure") {
            return Ok(());
        }
        let (index, length) = (self.value(args[1]), self.length(args[0]));
        let (wrong, right) = (self.cold_block(), self.b.create_block());
        let is_outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.b.ins().brif(is_outside, wrong, &[], right, &[]);
        self.go_on_in(wrong);
        self.call_native(id, args, shapes, dest)?;
        self.leave()?;
        self.go_on_in(right);
        Ok(())
    }

    fn vector_get(
        &mut self,
        id: NativeId,
        args: &[VarId],
        shapes: &[ShapeId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let Some(item) = self.items_of(args[0]) else {
            return self.call_native(id, args, shapes, dest);
        };
        let rep = self.program.shapes.rep(item);
        let (vector, index) = (self.value(args[0]), self.value(args[1]));
        self.check_index(id, args, shapes, dest)?;
        let place = self.place(vector, index, rep);
        let flags = self.memory(Self::items_region(rep));
        let value = self.b.ins().load(abi::register(rep), flags, place, abi::ITEMS);
        if rep == Rep::Ptr {
            let may_be_immediate = self.program.shapes.get(item).may_be_immediate();
            self.dup_word(value, may_be_immediate);
        }
        Ok(value)
    }

    /// What is stored is stored behind where all ways meet: Cranelift computes a value again on
    /// each way that needs it.
    fn vector_set(
        &mut self,
        id: NativeId,
        args: &[VarId],
        shapes: &[ShapeId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let rep = self.items_of(args[0]).map(|item| self.program.shapes.rep(item));
        let Some(rep) = rep.filter(|rep| *rep != Rep::Ptr) else {
            return self.call_native(id, args, shapes, dest);
        };
        let (vector, index) = (self.value(args[0]), self.value(args[1]));
        let value = self.value(args[2]);
        self.check_index(id, args, shapes, dest)?;
        let is_unique = self.is_unique(args[0]);
        let none = self.int(0);
        let own = self.own_vector(vector, is_unique, none)?;
        self.put_item(own, index, value, rep);
        Ok(own)
    }

    fn put_item(&mut self, vector: Value, index: Value, value: Value, rep: Rep) {
        let place = self.place(vector, index, rep);
        let flags = self.memory(Region::Items);
        self.b.ins().store(flags, value, place, abi::ITEMS);
    }

    /// Of numbers, and used nowhere else.
    fn vector_put(&mut self, args: &[VarId]) -> Made<Value> {
        let (vector, index) = (self.value(args[0]), self.value(args[1]));
        let (value, rep) = (self.value(args[2]), self.rep(args[2]));
        self.put_item(vector, index, value, rep);
        Ok(vector)
    }

    /// The vector where `is_fine`, else one that is used nowhere else and has room for so many
    /// more.
    fn own_vector(&mut self, vector: Value, is_fine: Value, more: Value) -> Made<Value> {
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let own = self.b.append_block_param(on, types::I64);
        self.b.ins().brif(is_fine, on, &[vector.into()], slow, &[]);
        self.go_on_in(slow);
        let made = self.rare_support_or_leave(Support::OwnVector, &[vector, more])?;
        let made = made.unwrap_or(vector);
        self.b.ins().jump(on, &[made.into()]);
        self.go_on_in(on);
        Ok(own)
    }

    /// In place where there is room and nobody else has the vector.
    fn vector_push(
        &mut self,
        id: NativeId,
        args: &[VarId],
        shapes: &[ShapeId],
        dest: Option<VarId>,
    ) -> Made<Value> {
        let Some(item) = self.items_of(args[0]) else {
            return self.call_native(id, args, shapes, dest);
        };
        let rep = self.program.shapes.rep(item);
        let (vector, value) = (self.value(args[0]), self.value(args[1]));
        let flags = self.memory(Region::Cell);
        let length = self.length(args[0]);
        let capacity = self.b.ins().load(types::I64, flags, vector, abi::CAPACITY);
        // Of a moved vector it is below zero: only the run time fills that.
        let has_room = self.b.ins().icmp(IntCC::SignedLessThan, length, capacity);
        let is_unique = self.is_unique(args[0]);
        let is_fine = self.b.ins().band(has_room, is_unique);
        let one = self.int(1);
        let own = self.own_vector(vector, is_fine, one)?;
        let place = self.place(own, length, rep);
        let items = self.memory(Self::items_region(rep));
        self.b.ins().store(items, value, place, abi::ITEMS);
        let longer = self.b.ins().iadd_imm_s(length, 1);
        self.b.ins().store(flags, longer, own, abi::LENGTH);
        Ok(own)
    }
}
