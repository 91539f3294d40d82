//! Calls of natives, and arithmetic that several instructions share. The commonest natives of
//! vectors are instructions; where these find anything out of the ordinary they call the native.

#![expect(unsafe_code, reason = "calls by address; `form` describes what is called")]

use crate::bytecode::{Inst, Op};
use crate::exec::dispatch::{listed, words_of_list};
use crate::translate::Form;
use eclexia_rt::heap::{Context, Word};
use eclexia_rt::layout::Rep;
use eclexia_rt::native::{NativeId, lookup};
use std::sync::LazyLock;

/// Arguments that a native may take.
pub(crate) const MOST_ARGS: usize = 8;

/// A native with everything as 64 bits.
type Run = fn(&mut Context, &[Word], &[u32]) -> Word;

pub(crate) static VECTOR_GET: LazyLock<Run> = LazyLock::new(|| run_of("vector-get"));
pub(crate) static VECTOR_SET: LazyLock<Run> = LazyLock::new(|| run_of("set"));

fn run_of(name: &str) -> Run {
    match lookup("vector", name) {
        Some(id) => id.get().run,
        None => eclexia_base::bug!("no native `{name}`"),
    }
}

/// The instruction for a call of a native, where the first argument is a vector of elements of a
/// rep, if it is one.
pub(crate) fn form(native: NativeId, item: Option<Rep>, shapes: &[u32]) -> (Op, Form) {
    let native = native.get();
    let op = match (native.name, item) {
        ("vector-length", _) => Op::Length,
        ("vector-get" | "vector-get-sure", Some(Rep::Int | Rep::Float)) => Op::GetWord,
        ("vector-get" | "vector-get-sure", Some(Rep::Bool)) => Op::GetBool,
        ("vector-get" | "vector-get-sure", Some(Rep::Ptr)) => Op::GetPointer,
        ("vector/set" | "vector-set-sure" | "vector-put", Some(Rep::Int | Rep::Float)) => {
            return (Op::SetWord, Form::Set);
        }
        ("vector/set" | "vector-set-sure" | "vector-put", Some(Rep::Bool)) => {
            return (Op::SetBool, Form::Set);
        }
        ("vector/set" | "vector-set-sure", Some(Rep::Ptr)) => return (Op::SetPointer, Form::Set),
        _ => {
            let address = native.run as usize as u64;
            return (Op::Native, Form::Native { address, shapes: shapes.to_vec() });
        }
    };
    (op, Form::Plain)
}

/// Calls the native of an instruction and keeps its result; gives the number of its words.
///
/// # Safety
/// `pc` is at an instruction that `form` described, `regs` at a frame of its function.
#[inline]
pub(crate) unsafe fn call(ctx: &mut Context, pc: *const u64, regs: *mut u64, inst: Inst) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        let run = std::mem::transmute::<usize, Run>(*pc.add(1) as usize);
        let list = pc.add(2);
        let (count, shapes) = (usize::from(inst.n), usize::from(inst.b));
        let words = words_of_list(count);
        let numbers = std::slice::from_raw_parts(list.add(words).cast::<u32>(), shapes);
        let mut args = [0u64; MOST_ARGS];
        for (i, arg) in args.iter_mut().enumerate().take(count) {
            *arg = *regs.add(listed(list, i));
        }
        *regs.add(usize::from(inst.a)) = run(ctx, &args[..count.min(MOST_ARGS)], numbers);
        2 + words + shapes.div_ceil(2)
    }
}

/// A Float without fraction as an Int, if it is one.
pub(crate) fn whole(x: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&x).then_some(x as i64)
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

    #[test]
    fn natives_fit_their_instruction() {
        for (_, native) in eclexia_rt::native::all() {
            assert!(native.params.len() <= MOST_ARGS, "{}", native.name);
        }
        assert!(LazyLock::force(&VECTOR_GET) as *const Run != LazyLock::force(&VECTOR_SET));
    }
}
