//! C functions: found among the symbols of this process, and called by their address with words,
//! for engines that make no code. Code calls them itself, with the conversions of Strings here.
//!
//! On x86-64 and aarch64 whole numbers and floats have registers of their own, and what finds none
//! lies on the stack in the order of the arguments, 8 bytes each. So one function type that fills
//! all registers and some of the stack calls every function of up to [`MOST_ARGS`] arguments: it
//! does not look at what it was not declared with.

#![expect(unsafe_code, reason = "C functions are called, as a program declares them")]

use crate::heap::{Context, Word, string};
use crate::layout::{Rep, Shape, ShapeId, Shapes};
use std::ffi::{CStr, CString, c_char, c_void};

/// What an extern takes, at most; the checker sees to it.
pub const MOST_ARGS: usize = 16;

#[cfg(target_arch = "x86_64")]
const WORDS: usize = 6;
#[cfg(not(target_arch = "x86_64"))]
const WORDS: usize = 8;
const FLOATS: usize = 8;
/// All arguments but those in the registers of their kind.
const STACKED: usize = MOST_ARGS - 6;

/// A function of C.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct External(*const c_void);

/// Whether C has values of this shape, and the same ones.
pub fn is_of_c(shape: &Shape) -> bool {
    matches!(shape, Shape::Unit | Shape::Int | Shape::Bool | Shape::Quantity(_) | Shape::String)
}

/// The name in C, which has no `-` in names.
pub fn symbol(name: &str) -> String {
    name.replace('-', "_")
}

/// Loads a shared library, whose symbols are found from then on.
#[cfg(unix)]
pub fn load(path: &str) -> Result<(), String> {
    let name = CString::new(path).map_err(|error| error.to_string())?;
    // SAFETY: a text that ends with a zero; what the library does when it is loaded is its own.
    let found = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if !found.is_null() {
        return Ok(());
    }
    // SAFETY: the reason is there until the next call, or null.
    let why = unsafe { libc::dlerror() };
    if why.is_null() {
        return Err(path.to_owned());
    }
    // SAFETY: as it is.
    Err(unsafe { CStr::from_ptr(why) }.to_string_lossy().into_owned())
}

/// The address of a symbol of this process, or null.
#[cfg(unix)]
fn address(symbol: &CStr) -> *const c_void {
    // SAFETY: a text that ends with a zero.
    unsafe { libc::dlsym(libc::RTLD_DEFAULT, symbol.as_ptr()) }
}

/// WebAssembly loads nothing, and its functions have no names.
#[cfg(not(unix))]
fn address(_: &CStr) -> *const c_void {
    std::ptr::null()
}

/// The arguments of one call, where they are passed.
#[derive(Default)]
struct Passed {
    words: Vec<u64>,
    floats: Vec<f64>,
    stacked: Vec<u64>,
}

impl Passed {
    fn word(&mut self, word: u64) {
        let place = if self.words.len() < WORDS { &mut self.words } else { &mut self.stacked };
        place.push(word);
    }

    fn float(&mut self, bits: u64) {
        if self.floats.len() < FLOATS {
            self.floats.push(f64::from_bits(bits));
        } else {
            self.stacked.push(bits);
        }
    }
}

impl External {
    /// The function of this name, where the process has one and this machine is known.
    pub fn find(name: &str) -> Option<External> {
        if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
            return None;
        }
        let symbol = CString::new(symbol(name)).ok()?;
        let found = address(&symbol);
        (!found.is_null()).then_some(External(found))
    }

    /// Calls it with words of these shapes, which are borrowed; the result is owned.
    ///
    /// # Safety
    /// The function has this type, and the words are of the shapes.
    pub unsafe fn call(
        self,
        ctx: &mut Context,
        args: &[Word],
        shapes: &[ShapeId],
        result: ShapeId,
    ) -> Word {
        let all: &Shapes = &ctx.host.shapes;
        let (mut passed, mut texts) = (Passed::default(), Vec::new());
        for (word, shape) in args.iter().zip(shapes) {
            match all.get(*shape) {
                Shape::String => {
                    let text = c_text(*word);
                    passed.word(text.as_ptr() as u64);
                    texts.push(text);
                }
                shape if shape.rep() == Rep::Float => passed.float(*word),
                _ => passed.word(*word),
            }
        }
        let result = all.get(result).clone();
        // SAFETY: the caller's promise, and what is said above of arguments that are not there.
        let (whole, float) = unsafe { call(self.0, &mut passed, result.rep() == Rep::Float) };
        match result {
            Shape::Unit => 0,
            Shape::Bool => u64::from(whole as u8 != 0),
            // SAFETY: the caller's promise.
            Shape::String => unsafe { ecl_from_c_string(ctx, whole) },
            shape if shape.rep() == Rep::Float => float.to_bits(),
            _ => whole,
        }
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! with_words {
    ($does:ident, $($rest:tt)*) => { $does!([0 1 2 3 4 5] $($rest)*) };
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! with_words {
    ($does:ident, $($rest:tt)*) => { $does!([0 1 2 3 4 5 6 7] $($rest)*) };
}

macro_rules! call_as {
    ([$($w:literal)*] [$($f:literal)*] [$($s:literal)*] $code:ident $passed:ident $result:ty) => {{
        type Function = unsafe extern "C" fn(
            $(as_word!($w),)* $(as_float!($f),)* $(as_word!($s),)*
        ) -> $result;
        let function = std::mem::transmute::<*const c_void, Function>($code);
        let Passed { words, floats, stacked } = $passed;
        function($(words[$w],)* $(floats[$f],)* $(stacked[$s],)*)
    }};
}

macro_rules! as_word {
    ($any:literal) => {
        u64
    };
}

macro_rules! as_float {
    ($any:literal) => {
        f64
    };
}

/// What is in the registers of results; only one of them is asked for.
unsafe fn call(code: *const c_void, passed: &mut Passed, gives_float: bool) -> (u64, f64) {
    passed.words.resize(WORDS, 0);
    passed.floats.resize(FLOATS, 0.0);
    passed.stacked.resize(STACKED, 0);
    // SAFETY: the caller's promise.
    unsafe {
        if gives_float {
            let float = with_words!(call_as, [0 1 2 3 4 5 6 7] [0 1 2 3 4 5 6 7 8 9]
                code passed f64);
            (0, float)
        } else {
            let whole = with_words!(call_as, [0 1 2 3 4 5 6 7] [0 1 2 3 4 5 6 7 8 9]
                code passed u64);
            (whole, 0.0)
        }
    }
}

/// Ends at the first zero that the text has.
fn c_text(text: Word) -> CString {
    let text = string::text(&text);
    CString::new(text.split('\0').next().unwrap_or_default()).unwrap_or_default()
}

/// A copy of a String that ends with a zero, to be given to [`ecl_free_c_string`].
#[unsafe(no_mangle)]
pub extern "C" fn ecl_c_string(_: &mut Context, text: Word) -> Word {
    c_text(text).into_raw() as Word
}

/// # Safety
/// The text was made by `ecl_c_string`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_free_c_string(_: &mut Context, text: Word) {
    // SAFETY: the caller's promise.
    drop(unsafe { CString::from_raw(text as *mut c_char) });
}

/// A String of C, copied; what is no UTF-8 in it is replaced. Null is the empty String.
///
/// # Safety
/// The text ends with a zero, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_from_c_string(ctx: &mut Context, text: Word) -> Word {
    if text == 0 {
        return ctx.new_string("");
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text as *const c_char) };
    ctx.new_string(&text.to_string_lossy())
}
