//! Compiled Eclexia called from C, Rust or anything that calls C: a program is opened once, its
//! functions are called, and what ends a call is a text that can be asked for. `include/eclexia.h`
//! says the same to C.

#![expect(unsafe_code, reason = "called by C, with what the code generator made")]

use crate::bounds::Bounds;
use crate::image::Head;
use crate::inside::Inside;
use crate::stack::{self, Stack};
use crate::start::{Program, code, context, names, stopped};
use crate::world::World;
use eclexia_diag::render;
use eclexia_rt::external::{ecl_c_string, ecl_from_c_string};
use eclexia_rt::heap::{Context, Word};
use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// A program that runs: its constants, its heap, its stack. Of one thread at a time.
pub struct Instance {
    program: &'static Program,
    context: Box<Context>,
    bounds: Bounds,
    world: World,
    stack: Stack,
    error: Option<CString>,
}

/// Null when there is no memory for a stack.
///
/// # Safety
/// The program was made by the code generator and is there as long as the process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_open(program: &'static Program) -> *mut Instance {
    let Some(stack) = Stack::new() else { return null_mut() };
    let never = Arc::default();
    let head = Head::read(program.head());
    names(program, &head);
    let mut context = context(&head, Arc::clone(&never));
    context.code = program.code;
    let world = World::new(never);
    let bounds = head.bounds;
    Box::into_raw(Box::new(Instance { program, context, bounds, world, stack, error: None }))
}

/// # Safety
/// The instance came from `ecl_open` and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_close(instance: *mut Instance) {
    if !instance.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(instance) });
    }
}

/// What ended the last call, as `eclexia run` would say it; null when it gave a result.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_error(instance: &Instance) -> *const c_char {
    instance.error.as_ref().map_or(null(), |text| text.as_ptr())
}

/// A String for a call; null is the empty one.
///
/// # Safety
/// The text ends with a zero, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_take_text(instance: &mut Instance, text: *const c_char) -> Word {
    // SAFETY: the caller's promise.
    unsafe { ecl_from_c_string(&mut instance.context, text as Word) }
}

/// Of a String that a call has borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_drop_text(instance: &mut Instance, text: Word) {
    instance.context.drop_word(text);
}

/// A result for C, to be given to `ecl_free_text`; null for that of a call that failed.
#[unsafe(no_mangle)]
pub extern "C" fn ecl_give_text(instance: &mut Instance, text: Word) -> *mut c_char {
    if text == 0 {
        return null_mut();
    }
    let copy = ecl_c_string(&mut instance.context, text);
    instance.context.drop_word(text);
    copy as *mut c_char
}

/// # Safety
/// The text is a result, and is not used again; or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_free_text(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { CString::from_raw(text) });
    }
}

/// What the functions of a library call: `code` through `shim`, with words and for the result.
///
/// # Safety
/// All of it was made by the code generator for the instance's program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_call(
    instance: &mut Instance,
    shim: *const (),
    code_at: *const (),
    words: *mut u64,
    count: u64,
) {
    // SAFETY: the caller's promise.
    let words = unsafe { std::slice::from_raw_parts_mut(words, count as usize) };
    let Instance { program, context, bounds, world, stack, error } = instance;
    let range = code(program);
    // SAFETY: the program's own code is there, and the shim is for closures.
    let inside = unsafe { Inside::new(range.clone(), program.closure_shim) };
    let found = context.within(world, bounds, |context| {
        context.run_by(&inside, |context| {
            // SAFETY: the caller's promise.
            unsafe { stack::enter(context, stack, range, shim, code_at, words) }
        });
        (context.pending != 0).then(|| stopped(context, program))
    });
    world.flush();
    *error = found.map(|(diagnostic, sources)| {
        let text = render::human(std::slice::from_ref(&diagnostic), &sources, false);
        CString::new(text.replace('\0', " ")).unwrap_or_default()
    });
    if error.is_some() {
        words.fill(0);
    }
}
