//! Ordered trees: what maps and sets are while they are shared and changed, or asked for their
//! first and last. Balanced by weight (Adams 1993; the parameters of Hirai and Yamamoto 2011), so
//! at most about 2.1 log2 n deep; a unique node changes in place, another one is copied on the way.

use super::table::{Keys, node_info};
use crate::heap::Context;
use crate::heap::cell::{Word, dup, field, is_immediate, is_unique, set_field};
use std::cmp::Ordering;

/// The tree without nodes.
pub(crate) const EMPTY: Word = 1;

const SIZE: usize = 0;
const KEY: usize = 1;
const VALUE: usize = 2;
const LEFT: usize = 3;
const RIGHT: usize = 4;

/// No side is more than so many times as heavy as the other.
const DELTA: u64 = 3;
/// Where the inner side is so many times as heavy as the outer, it is lifted.
const GAMMA: u64 = 2;

pub(crate) fn size(tree: Word) -> usize {
    if is_immediate(tree) { 0 } else { field(tree, SIZE) as usize }
}

fn weight(tree: Word) -> u64 {
    size(tree) as u64 + 1
}

fn update(node: Word) {
    set_field(node, SIZE, (size(field(node, LEFT)) + size(field(node, RIGHT)) + 1) as u64);
}

/// The node of a key, borrowed.
pub(crate) fn find(ctx: &Context, keys: &Keys, tree: Word, key: Word) -> Option<Word> {
    let mut node = tree;
    while !is_immediate(node) {
        node = match keys.compare(&ctx.host, key, field(node, KEY)) {
            Ordering::Less => field(node, LEFT),
            Ordering::Greater => field(node, RIGHT),
            Ordering::Equal => return Some(node),
        };
    }
    None
}

pub(crate) fn entry(node: Word) -> (Word, Word) {
    (field(node, KEY), field(node, VALUE))
}

/// The smallest or the largest.
pub(crate) fn outermost(tree: Word, is_last: bool) -> Option<Word> {
    let side = if is_last { RIGHT } else { LEFT };
    let mut node = if is_immediate(tree) { return None } else { tree };
    while !is_immediate(field(node, side)) {
        node = field(node, side);
    }
    Some(node)
}

/// The node of the smallest key that is greater than this one.
pub(crate) fn after(ctx: &Context, keys: &Keys, tree: Word, key: Word) -> Option<Word> {
    let (mut node, mut found) = (tree, None);
    while !is_immediate(node) {
        node = match keys.compare(&ctx.host, key, field(node, KEY)) {
            Ordering::Less => {
                found = Some(node);
                field(node, LEFT)
            }
            _ => field(node, RIGHT),
        };
    }
    found
}

/// Calls `each` with the entries in order.
pub(crate) fn walk(tree: Word, each: &mut dyn FnMut(Word, Word)) {
    if is_immediate(tree) {
        return;
    }
    walk(field(tree, LEFT), each);
    each(field(tree, KEY), field(tree, VALUE));
    walk(field(tree, RIGHT), each);
}

/// The entries from one key up to, not including, another, in order.
pub(crate) fn between(
    ctx: &Context,
    keys: &Keys,
    tree: Word,
    bounds: (Word, Word),
    each: &mut dyn FnMut(Word, Word),
) {
    if is_immediate(tree) {
        return;
    }
    let key = field(tree, KEY);
    let is_from = keys.compare(&ctx.host, key, bounds.0) != Ordering::Less;
    let is_to = keys.compare(&ctx.host, key, bounds.1) == Ordering::Less;
    if is_from {
        between(ctx, keys, field(tree, LEFT), bounds, each);
    }
    if is_from && is_to {
        each(key, field(tree, VALUE));
    }
    if is_to {
        between(ctx, keys, field(tree, RIGHT), bounds, each);
    }
}

/// A tree of entries in order, which it owns.
pub(crate) fn build(ctx: &mut Context, keys: &Keys, entries: &[(Word, Word)]) -> Word {
    let middle = entries.len() / 2;
    let Some((key, value)) = entries.get(middle).copied() else { return EMPTY };
    let left = build(ctx, keys, &entries[..middle]);
    let right = build(ctx, keys, &entries[middle + 1..]);
    node(ctx, keys, [key, value, left, right])
}

fn node(ctx: &mut Context, keys: &Keys, parts: [Word; 4]) -> Word {
    let node = ctx.alloc(5, node_info(keys));
    ctx.allocations -= 1;
    for (i, part) in parts.into_iter().enumerate() {
        set_field(node, KEY + i, part);
    }
    update(node);
    node
}

/// The node itself where it is unique, else a copy; owns it.
fn own(ctx: &mut Context, keys: &Keys, shared: Word) -> Word {
    if is_unique(shared) {
        return shared;
    }
    let [key, value, left, right] = [KEY, VALUE, LEFT, RIGHT].map(|i| field(shared, i));
    if keys.is_reference {
        dup(key);
    }
    if keys.is_value_reference {
        dup(value);
    }
    let copy = node(ctx, keys, [key, value, dup(left), dup(right)]);
    ctx.drop_word(shared);
    copy
}

/// With a value for a key; owns all three. An equal key that is there stays.
pub(crate) fn insert(ctx: &mut Context, keys: &Keys, tree: Word, key: Word, value: Word) -> Word {
    if is_immediate(tree) {
        return node(ctx, keys, [key, value, EMPTY, EMPTY]);
    }
    let tree = own(ctx, keys, tree);
    let side = match keys.compare(&ctx.host, key, field(tree, KEY)) {
        Ordering::Less => LEFT,
        Ordering::Greater => RIGHT,
        Ordering::Equal => {
            let before = field(tree, VALUE);
            set_field(tree, VALUE, value);
            keys.drop_entry(ctx, key, before);
            return tree;
        }
    };
    let child = field(tree, side);
    let child = insert(ctx, keys, child, key, value);
    set_field(tree, side, child);
    balance(ctx, keys, tree)
}

/// Without a key that is there; owns the tree.
pub(crate) fn remove(ctx: &mut Context, keys: &Keys, tree: Word, key: Word) -> Word {
    if is_immediate(tree) {
        return tree;
    }
    let tree = own(ctx, keys, tree);
    let side = match keys.compare(&ctx.host, key, field(tree, KEY)) {
        Ordering::Less => LEFT,
        Ordering::Greater => RIGHT,
        Ordering::Equal => {
            let [key, value, left, right] = [KEY, VALUE, LEFT, RIGHT].map(|i| field(tree, i));
            keys.drop_entry(ctx, key, value);
            ctx.free_memory(tree, 5);
            return glue(ctx, keys, left, right);
        }
    };
    let child = field(tree, side);
    let child = remove(ctx, keys, child, key);
    set_field(tree, side, child);
    balance(ctx, keys, tree)
}

/// Two trees that were the sides of a node.
fn glue(ctx: &mut Context, keys: &Keys, left: Word, right: Word) -> Word {
    if is_immediate(left) {
        return right;
    }
    if is_immediate(right) {
        return left;
    }
    let (top, left, right) = if size(left) > size(right) {
        let (top, rest) = take_outermost(ctx, keys, left, true);
        (top, rest, right)
    } else {
        let (top, rest) = take_outermost(ctx, keys, right, false);
        (top, left, rest)
    };
    set_field(top, LEFT, left);
    set_field(top, RIGHT, right);
    balance(ctx, keys, top)
}

/// The smallest or largest node, unique, and the rest.
fn take_outermost(ctx: &mut Context, keys: &Keys, tree: Word, is_last: bool) -> (Word, Word) {
    let (side, other) = if is_last { (RIGHT, LEFT) } else { (LEFT, RIGHT) };
    let tree = own(ctx, keys, tree);
    let child = field(tree, side);
    if is_immediate(child) {
        let rest = field(tree, other);
        set_field(tree, other, EMPTY);
        return (tree, rest);
    }
    let (top, rest) = take_outermost(ctx, keys, child, is_last);
    set_field(tree, side, rest);
    (top, balance(ctx, keys, tree))
}

/// Of a unique node one side of which has changed by one.
fn balance(ctx: &mut Context, keys: &Keys, node: Word) -> Word {
    let (left, right) = (weight(field(node, LEFT)), weight(field(node, RIGHT)));
    if right > DELTA * left {
        lift(ctx, keys, node, RIGHT, LEFT)
    } else if left > DELTA * right {
        lift(ctx, keys, node, LEFT, RIGHT)
    } else {
        update(node);
        node
    }
}

/// Rotates the heavy side up; first its inner side up to it, where that is the heavy one.
fn lift(ctx: &mut Context, keys: &Keys, node: Word, heavy: usize, light: usize) -> Word {
    let mut child = field(node, heavy);
    child = own(ctx, keys, child);
    let (inner, outer) = (field(child, light), field(child, heavy));
    if weight(inner) < GAMMA * weight(outer) {
        set_field(node, heavy, inner);
        set_field(child, light, node);
        update(node);
        update(child);
        return child;
    }
    let top = own(ctx, keys, inner);
    set_field(node, heavy, field(top, light));
    set_field(child, light, field(top, heavy));
    set_field(top, light, node);
    set_field(top, heavy, child);
    update(node);
    update(child);
    update(top);
    top
}
