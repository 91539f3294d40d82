//! What a choice of an adaptive function asks the run time.

#![expect(unsafe_code, reason = "symbols that compiled code is linked with")]

use super::{ACTS, native};
use crate::heap::cell::{WORDS, Word, dup};
use crate::heap::{Context, vector};
use crate::native::Native;
use crate::prices;

pub(super) const TABLE: &[Native] = &[
    native!("adaptive/weights", ecl_weights, (), [], Ptr, ACTS),
    native!("adaptive/explains?", ecl_explains, (), [], Bool, ACTS),
];

/// The prices in force as a vector, which is kept until they change.
#[unsafe(no_mangle)]
extern "C" fn ecl_weights(ctx: &mut Context) -> Word {
    match ctx.host.weights {
        Some((word, version)) if version == prices::version() => dup(word),
        _ => new_weights(ctx),
    }
}

#[cold]
fn new_weights(ctx: &mut Context) -> Word {
    let (prices, version) = prices::in_force();
    let all = prices.all();
    let word = ctx.new_vector(WORDS, all.len());
    // When it is made depends on prices, so it is not counted.
    ctx.allocations -= 1;
    for (i, weight) in all.into_iter().enumerate() {
        vector::put(word, i, weight.to_bits());
    }
    vector::set_items(word, all.len());
    if let Some((before, _)) = ctx.host.weights.replace((word, version)) {
        ctx.drop_word(before);
    }
    dup(word)
}

#[unsafe(no_mangle)]
extern "C" fn ecl_explains(ctx: &mut Context) -> u8 {
    u8::from(ctx.explains_choices())
}
