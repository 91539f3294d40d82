//! Lists to vectors and back.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::{FAULTS, PURE, info_of, item, native, pair, rep};
use crate::heap::Context;
use crate::heap::cell::{Word, dup, field, immediate, is_immediate};
use crate::heap::vector::{self, items};
use crate::layout::Rep;
use crate::native::{Native, ShapeOf};

pub(super) const TABLE: &[Native] = &[
    native!("vector/from-list", ecl_vector_from_list, (Borrowed), [ShapeOf::Result], Ptr, FAULTS),
    native!("vector-from-list", ecl_vector_from_list, (Borrowed), [ShapeOf::Result], Ptr, FAULTS),
    native!("vector/to-list", ecl_vector_to_list, (Borrowed), [ShapeOf::Result], Ptr, PURE),
    native!("vector-to-list", ecl_vector_to_list, (Borrowed), [ShapeOf::Result], Ptr, PURE),
];

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_from_list(ctx: &mut Context, list: Word, result: u32) -> Word {
    let rep = rep(ctx, item(ctx, result));
    let mut vector = ctx.new_vector(vector::kind_of(rep), 0);
    let mut rest = list;
    while !is_immediate(rest) {
        let head = field(rest, 0);
        if rep == Rep::Ptr {
            dup(head);
        }
        vector = ctx.push(vector, head);
        if ctx.pending != 0 {
            break;
        }
        rest = field(rest, 1);
    }
    vector
}

#[unsafe(no_mangle)]
extern "C" fn ecl_vector_to_list(ctx: &mut Context, vector: Word, result: u32) -> Word {
    let cons = info_of(ctx, result, ctx.host.ctors.cons.1);
    let is_reference = crate::heap::cell::info(vector) == crate::heap::cell::POINTERS;
    let mut list = immediate(ctx.host.ctors.nil.1);
    for head in items(vector).rev() {
        if is_reference {
            dup(head);
        }
        list = pair(ctx, cons, head, list);
    }
    list
}
