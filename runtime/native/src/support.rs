//! What native code calls besides natives: the functions of `eclexia_rt::support`, with how they
//! are called, and the few that are only for native code.

#![expect(unsafe_code, reason = "called by native code, with words")]

use crate::{stack, switch};
use eclexia_rt::external;
use eclexia_rt::heap::cell::Word;
use eclexia_rt::heap::{Context, cell, vector};
use eclexia_rt::layout::{Rep, Shape, ShapeId};
use eclexia_rt::native::Address;
use eclexia_rt::stop::Stop;
use eclexia_rt::support as rt;

pub use eclexia_rt::support::Arithmetic;

/// How an argument or a result is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passed {
    /// 64 bits.
    Word,
    /// 32 bits.
    Number,
    /// 0 or 1 in 8 bits.
    Bool,
}

/// Every one takes the context first.
pub struct Entry {
    pub symbol: &'static str,
    pub params: &'static [Passed],
    pub result: Option<Passed>,
    pub address: Address,
}

macro_rules! support {
    ($($(#[$doc:meta])* $what:ident = $path:path, $symbol:literal,
        [$($param:ident),*] $(-> $result:ident)?;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Support { $($(#[$doc])* $what),* }

        impl Support {
            pub const ALL: &[Support] = &[$(Support::$what),*];

            pub fn entry(self) -> Entry {
                match self {
                    $(Support::$what => {
                        let result = [$(Some(Passed::$result),)? None][0];
                        Entry {
                            symbol: $symbol,
                            params: &[$(Passed::$param),*],
                            result,
                            address: Address($path as *const ()),
                        }
                    })*
                }
            }
        }
    };
}

support! {
    /// A cell of so many words with this `info`.
    Alloc = rt::ecl_alloc, "ecl_alloc", [Number, Number] -> Word;
    /// Of a cell whose last reference this was.
    Free = rt::ecl_free, "ecl_free", [Word];
    CopyWords = rt::ecl_copy_words, "ecl_copy_words", [Word] -> Word;
    FreeToken = rt::ecl_free_token, "ecl_free_token", [Word];
    SafePoint = ecl_safe_point, "ecl_safe_point", [];
    Arithmetic = rt::ecl_arithmetic_fault, "ecl_arithmetic_fault", [Number, Word, Word];
    Abort = rt::ecl_abort, "ecl_abort", [Word];
    NotLinked = rt::ecl_not_linked, "ecl_not_linked", [Number];
    Unreachable = rt::ecl_unreachable, "ecl_unreachable", [];
    /// Back to where the run was entered.
    Leave = switch::ecl_leave, "ecl_leave", [];
    /// The same from a function in between: the place is that of its caller.
    LeaveCaller = switch::ecl_leave_caller, "ecl_leave_caller", [];
    Check = rt::ecl_check, "ecl_check", [Word, Word, Word, Word, Number, Number];
    Admits = rt::ecl_admits, "ecl_admits", [Number, Number, Word, Word, Word, Number] -> Bool;
    AdmitRest = rt::ecl_admit_rest, "ecl_admit_rest",
        [Number, Number, Word, Word, Word, Number] -> Word;
    MeterBegin = rt::ecl_meter_begin, "ecl_meter_begin", [Number, Word, Word, Number];
    MeterEnd = rt::ecl_meter_end, "ecl_meter_end", [];
    GlobalBegin = rt::ecl_global_begin, "ecl_global_begin", [Number] -> Number;
    GlobalSet = rt::ecl_global_set, "ecl_global_set", [Number, Word];
    Builtin = rt::ecl_builtin, "ecl_builtin", [Number, Word, Word, Number, Number] -> Word;
    /// Words as they are, made into a vector of elements of a shape.
    Vector = ecl_vector, "ecl_vector", [Word, Number, Number] -> Word;
    /// The vector itself, or one like it, that is used nowhere else and has room for so many more
    /// elements. Can fault.
    OwnVector = ecl_own_vector, "ecl_own_vector", [Word, Word] -> Word;
    /// A copy of a String that ends with a zero, for C; to be given to `FreeCString`.
    CString = external::ecl_c_string, "ecl_c_string", [Word] -> Word;
    FreeCString = external::ecl_free_c_string, "ecl_free_c_string", [Word];
    /// A String of C, copied; what is no UTF-8 in it is replaced. Null is the empty String.
    FromCString = external::ecl_from_c_string, "ecl_from_c_string", [Word] -> Word;
    /// A cell like this one, whose fields get one more reference, instead of one reference to it.
    CopyCell = ecl_copy_cell, "ecl_copy_cell", [Word] -> Word;
}

/// Where steps are looked at: the limits, and whether there is stack left.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_safe_point(ctx: &mut Context) {
    if stack::is_exhausted() {
        ctx.stop(Stop::StackExhausted);
    }
    ctx.refuel();
}

/// Owns the elements. Can fault.
///
/// # Safety
/// `items` is of `count` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_vector(
    ctx: &mut Context,
    items: *const Word,
    count: u32,
    shape: u32,
) -> Word {
    let rep = match ctx.host.shapes.get(ShapeId(shape)) {
        Shape::Vector(item) => ctx.host.shapes.rep(*item),
        other => eclexia_base::bug!("a vector of the shape {other:?}"),
    };
    let kind = vector::kind_of(rep);
    let made = ctx.new_vector(kind, count as usize);
    for i in 0..count as usize {
        // SAFETY: the caller's promise.
        vector::put(made, i, unsafe { *items.add(i) });
    }
    vector::set_items(made, count as usize);
    made
}

/// Owns the vector.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_own_vector(ctx: &mut Context, vector: Word, more: u64) -> Word {
    let length = vector::length(vector);
    ctx.own_vector(vector, length, length.saturating_add(more as usize))
}

/// Of a cell that has a layout.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_copy_cell(ctx: &mut Context, word: Word) -> Word {
    let info = cell::info(word);
    let fields: Vec<bool> = {
        let shapes = &ctx.host.shapes;
        let fields = &ctx.host.layout_of(info).fields;
        fields.iter().map(|shape| shapes.rep(*shape) == Rep::Ptr).collect()
    };
    let copy = ctx.alloc(fields.len(), info);
    for (i, is_reference) in fields.into_iter().enumerate() {
        let value = cell::field(word, i);
        cell::set_field(copy, i, if is_reference { cell::dup(value) } else { value });
    }
    ctx.drop_word(word);
    copy
}
