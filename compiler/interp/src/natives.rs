//! Calls of natives, and arithmetic that several instructions share. Integers and floats are passed
//! in registers of their own kind, each in order, so what is called is described by how many there
//! are of each; shapes are integers behind the others.

#![expect(unsafe_code, reason = "C functions by their address; `form` describes them")]

use crate::bytecode::{Inst, Op};
use crate::exec::dispatch::listed;
use crate::translate::Form;
use eclexia_rt::heap::Context;
use eclexia_rt::native::{Gives, NativeId, Pass};

/// Integers and floats that a native may take.
pub(crate) const MOST_INTS: usize = 8;
pub(crate) const MOST_FLOATS: usize = 4;

/// How the result comes back, in `n` of the instruction.
const GIVES_FLOAT: u8 = 1;
const GIVES_BOOL: u8 = 2;

pub(crate) fn form(native: NativeId, shapes: &[u32]) -> (Op, Form) {
    let native = native.get();
    let is_float = |pass: &Pass| matches!(pass, Pass::Float);
    let which = |floats: bool| -> Vec<u8> {
        let all = native.params.iter().enumerate();
        all.filter(|(_, pass)| is_float(pass) == floats).map(|(i, _)| i as u8).collect()
    };
    let kind = match native.gives {
        Gives::Float => GIVES_FLOAT,
        Gives::Bool => GIVES_BOOL,
        _ => 0,
    };
    let address = native.address.0 as u64;
    let (ints, floats) = (which(false), which(true));
    (Op::Native, Form::Native { kind, ints, floats, address, shapes: shapes.to_vec() })
}

type Few = unsafe extern "C" fn(*mut Context, u64, u64, u64, u64, u64) -> u64;
type Many = unsafe extern "C" fn(
    *mut Context,
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    f64,
    f64,
    f64,
    f64,
) -> u64;
type Float = unsafe extern "C" fn(
    *mut Context,
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    u64,
    f64,
    f64,
    f64,
    f64,
) -> f64;

/// Calls the native of an instruction and keeps its result; gives the number of its words.
///
/// # Safety
/// `pc` is at an instruction that `form` described, `regs` at a frame of its function.
#[inline]
pub(crate) unsafe fn call(
    ctx: *mut Context,
    pc: *const u64,
    regs: *mut u64,
    inst: Inst,
) -> usize {
    // SAFETY: the caller's promise. A C function ignores arguments beyond its own: they are in
    // registers that it does not look at, or behind its own on the stack, which the caller clears.
    unsafe {
        let (ints, floats) = (usize::from(inst.b & 255), usize::from(inst.b >> 8));
        let shapes = usize::from(inst.c);
        let (address, list) = (*pc.add(1) as *const (), pc.add(2));
        let numbers = list.add((ints + floats).div_ceil(4));
        let words = 2 + (ints + floats).div_ceil(4) + shapes.div_ceil(2);
        let mut values = [0u64; MOST_INTS];
        for (i, value) in values.iter_mut().enumerate().take(ints) {
            *value = *regs.add(listed(list, i));
        }
        for i in 0..shapes {
            values[ints + i] = u64::from(*(numbers as *const u32).add(i));
        }
        let [a, b, c, d, e, f, g, h] = values;
        if floats == 0 && ints + shapes <= 5 && inst.n & GIVES_FLOAT == 0 {
            let few = std::mem::transmute::<*const (), Few>(address);
            let value = few(ctx, a, b, c, d, e);
            let is_bool = inst.n & GIVES_BOOL != 0;
            *regs.add(usize::from(inst.a)) = if is_bool { value & 1 } else { value };
            return words;
        }
        let mut reals = [0f64; MOST_FLOATS];
        for (i, real) in reals.iter_mut().enumerate().take(floats) {
            *real = f64::from_bits(*regs.add(listed(list, ints + i)));
        }
        let [x, y, z, w] = reals;
        let value = if inst.n & GIVES_FLOAT != 0 {
            let float = std::mem::transmute::<*const (), Float>(address);
            float(ctx, a, b, c, d, e, f, g, h, x, y, z, w).to_bits()
        } else {
            let many = std::mem::transmute::<*const (), Many>(address);
            many(ctx, a, b, c, d, e, f, g, h, x, y, z, w)
        };
        let is_bool = inst.n & GIVES_BOOL != 0;
        *regs.add(usize::from(inst.a)) = if is_bool { value & 1 } else { value };
        words
    }
}

/// A Float without fraction as an Int, if it is one.
pub(crate) fn whole(x: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (x >= -LIMIT && x < LIMIT).then_some(x as i64)
}

/// The remainder with the sign of the divisor.
pub(crate) fn modulo(x: i64, y: i64) -> Option<i64> {
    if y == 0 {
        return None;
    }
    let rem = x.wrapping_rem(y);
    Some(if rem != 0 && (rem < 0) != (y < 0) { rem + y } else { rem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remainder_has_the_sign_of_the_divisor() {
        assert_eq!([modulo(-7, 2), modulo(7, -2), modulo(6, 3)], [Some(1), Some(-1), Some(0)]);
        assert_eq!([modulo(1, 0), modulo(i64::MIN, -1)], [None, Some(0)]);
    }

    #[test]
    fn a_float_that_is_too_large_is_no_int() {
        assert_eq!([whole(1e18), whole(1e19), whole(f64::NAN)], [Some(10i64.pow(18)), None, None]);
    }
}
