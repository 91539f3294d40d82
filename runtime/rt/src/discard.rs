//! Dropping without recursion. A list of a million cells, or closures nested as deep, would
//! overflow Rust's stack if each drop dropped the next. So what a dropped value held is queued
//! while a drop is going on, and the outermost drop empties the queue.

use crate::value::{Fields, Items, OrderedMap, OrderedSet};
use std::cell::RefCell;

pub(crate) enum Garbage {
    Fields(#[expect(dead_code, reason = "held to be dropped")] Fields),
    Items(#[expect(dead_code, reason = "held to be dropped")] Items),
    Map(#[expect(dead_code, reason = "held to be dropped")] OrderedMap),
    Set(#[expect(dead_code, reason = "held to be dropped")] OrderedSet),
}

#[derive(Default)]
struct Queue {
    is_active: bool,
    waiting: Vec<Garbage>,
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

/// Drops `garbage` now, or after what is being dropped.
pub(crate) fn discard(garbage: Garbage) {
    let mut next = Some(garbage);
    // The queue is gone only while its thread ends; then `next` is dropped by recursion.
    let is_outermost = QUEUE.try_with(|queue| {
        let mut queue = queue.borrow_mut();
        if queue.is_active {
            queue.waiting.extend(next.take());
        }
        !std::mem::replace(&mut queue.is_active, true)
    });
    if is_outermost != Ok(true) {
        return;
    }
    while next.is_some() {
        drop(next);
        next = QUEUE.with(|queue| {
            let mut queue = queue.borrow_mut();
            let popped = queue.waiting.pop();
            queue.is_active = popped.is_some();
            popped
        });
    }
}
