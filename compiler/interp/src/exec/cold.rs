//! Instructions that are rare, or slow anyway: built-ins over values, checks, admissions, meters,
//! ends. Their operands are gathered and handed to the run time.

use super::Machine;
use crate::bytecode::{Cold, ColdKind};
use eclexia_rt::heap::{cell, vector};
use eclexia_rt::layout::{Rep, Shape, ShapeId};
use eclexia_rt::stop::Stop;
use eclexia_rt::support;

impl Machine<'_, '_> {
    /// The result, where there is one. A fault is left in the context.
    #[inline(never)]
    pub(super) unsafe fn cold(&mut self, cold: &Cold, regs: *mut u64) -> u64 {
        // SAFETY: the operands are registers of the frame.
        let words: Vec<u64> =
            cold.args.iter().map(|arg| unsafe { *regs.add(usize::from(*arg)) }).collect();
        let count = words.len() as u32;
        let (args, shapes) = (words.as_ptr(), cold.shapes.as_ptr());
        let ctx = &mut *self.ctx;
        // SAFETY: as many shapes as operands.
        unsafe {
            match cold.kind {
                ColdKind::Builtin(id) => {
                    let id = u32::from(id.0);
                    let word = support::ecl_builtin(ctx, id, args, shapes, count, cold.result);
                    if cold.is_bool { word & 1 } else { word }
                }
                ColdKind::Vector => self.vector(cold, &words),
                ColdKind::Update { index } => self.update(cold, words[0], index as usize, words[1]),
                ColdKind::Check => {
                    let (left, right, shape) = match words[..] {
                        [_, _, left, right] => (left, right, cold.shapes[2]),
                        _ => (0, 0, u32::MAX),
                    };
                    support::ecl_check(ctx, words[0], words[1], left, right, shape, cold.loc.0);
                    0
                }
                ColdKind::Admits { def, expr } => {
                    let (args, shapes) = (args.add(1), shapes.add(1));
                    let (def, expr) = (def.0, expr.0);
                    let is_admitted =
                        support::ecl_admits(ctx, def, expr, words[0], args, shapes, count - 1);
                    u64::from(is_admitted)
                }
                ColdKind::AdmitRest { def, expr } => {
                    let (args, shapes) = (args.add(1), shapes.add(1));
                    support::ecl_admit_rest(ctx, def.0, expr.0, words[0], args, shapes, count - 1)
                }
                ColdKind::MeterBegin(def) => {
                    support::ecl_meter_begin(ctx, def.0, args, shapes, count);
                    0
                }
                ColdKind::MeterEnd => {
                    support::ecl_meter_end(ctx);
                    0
                }
                ColdKind::Abort => {
                    support::ecl_abort(ctx, words[0]);
                    0
                }
                ColdKind::Extern(external, result) => {
                    let shapes: Vec<ShapeId> = cold.shapes.iter().copied().map(ShapeId).collect();
                    external.call(ctx, &words, &shapes, result)
                }
                ColdKind::NotLinked(name) => {
                    ctx.stop(Stop::Extern(name));
                    0
                }
                ColdKind::Unreachable => {
                    ctx.stop(Stop::Unreachable);
                    0
                }
            }
        }
    }

    fn vector(&mut self, cold: &Cold, words: &[u64]) -> u64 {
        let Shape::Vector(item) = self.program.shapes.get(ShapeId(cold.result)) else {
            eclexia_base::bug!("a vector that is none")
        };
        let kind = vector::kind_of(self.program.shapes.rep(*item));
        let word = self.ctx.new_vector(kind, words.len());
        for (i, item) in words.iter().enumerate() {
            vector::put(word, i, *item);
        }
        vector::set_items(word, words.len());
        word
    }

    /// A record with another value in one field: in place if nobody else has it.
    fn update(&mut self, cold: &Cold, of: u64, index: usize, value: u64) -> u64 {
        let shapes = &self.program.shapes;
        let Some(ctor) = shapes.get(ShapeId(cold.shapes[0])).ctors().first() else {
            eclexia_base::bug!("a record without a constructor")
        };
        let is_reference = |field: usize| shapes.rep(ctor.fields[field]) == Rep::Ptr;
        if cell::is_unique(of) {
            let before = cell::field(of, index);
            cell::set_field(of, index, value);
            if is_reference(index) {
                self.ctx.drop_word(before);
            }
            return of;
        }
        let copy = self.ctx.alloc(ctor.fields.len(), cell::info(of));
        for field in 0..ctor.fields.len() {
            let word = if field == index { value } else { cell::field(of, field) };
            if field != index && is_reference(field) {
                cell::dup(word);
            }
            cell::set_field(copy, field, word);
        }
        self.ctx.drop_word(of);
        copy
    }
}
