//! What the module exports: memory for a question, its answer, and the last panic, which is left in
//! memory when the module traps.
//!
//! ```text
//! question:  at = take(bytes); write there; answer(at, bytes) → at of the answer
//! answer:    [ bytes: u32 | JSON .. ], valid until the next question
//! ```

#![expect(unsafe_code, reason = "a page and a module share nothing but memory")]

use crate::Playground;
use std::cell::RefCell;

thread_local! {
    static PLAYGROUND: RefCell<Playground> = RefCell::default();
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static PANIC: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Memory for a question of so many bytes, to be given to [`answer`].
#[unsafe(no_mangle)]
pub extern "C" fn take(bytes: usize) -> *mut u8 {
    let memory: Box<[u8]> = vec![0; bytes].into_boxed_slice();
    Box::into_raw(memory).cast()
}

/// Answers the question in memory of [`take`], which it takes back.
///
/// # Safety
/// The memory came from `take` with this very size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn answer(at: *mut u8, bytes: usize) -> *const u8 {
    std::panic::set_hook(Box::new(|panic| PANIC.set(framed(&panic.to_string()))));
    // SAFETY: the caller's promise.
    let question = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(at, bytes)) };
    let question = String::from_utf8_lossy(&question);
    let answer = PLAYGROUND.with_borrow_mut(|playground| playground.answer(&question));
    ANSWER.set(framed(&answer));
    ANSWER.with_borrow(|answer| answer.as_ptr())
}

/// What the last panic said, as an answer is given; no bytes where there was none.
#[unsafe(no_mangle)]
pub extern "C" fn panic() -> *const u8 {
    PANIC.with_borrow_mut(|panic| {
        if panic.is_empty() {
            *panic = framed("");
        }
        panic.as_ptr()
    })
}

fn framed(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}
