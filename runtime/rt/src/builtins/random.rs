//! The steps of SplitMix64 (Steele, Lea, Flood 2014) that `std.random` is made of. They wrap, which
//! Int arithmetic of the language never does. Pure: the state goes in and comes out.

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::Value;

pub(super) const TABLE: &[Builtin] = &[
    entry("random/add-wrapped", 2, |_, a| {
        Ok(Value::Int(arg!(a, 0, as_int).wrapping_add(arg!(a, 1, as_int))))
    }),
    entry("random/mix", 1, |_, a| Ok(Value::Int(mix(arg!(a, 0, as_int))))),
    entry("random/mix-gamma", 1, |_, a| Ok(Value::Int(mix_gamma(arg!(a, 0, as_int))))),
    entry("random/scale", 2, |_, a| {
        let bound = arg!(a, 1, as_int);
        if bound <= 0 {
            return Err(Fault::Abort(format!("a random Int below {bound}: there is none")));
        }
        // The high half of a product is uniform up to 2^-64 per value (Lemire 2019).
        let wide =
            u128::from(arg!(a, 0, as_int).cast_unsigned()) * u128::from(bound.unsigned_abs());
        Ok(Value::Int((wide >> 64) as i64))
    }),
    entry("random/unit-float", 1, |_, a| {
        let bits = arg!(a, 0, as_int).cast_unsigned() >> 11;
        Ok(Value::float(bits as f64 / (1u64 << 53) as f64))
    }),
];

pub(crate) fn mix(state: i64) -> i64 {
    let mut z = state.cast_unsigned();
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).cast_signed()
}

/// The step of a generator that was split off: odd, and with enough changes between its bits.
pub(crate) fn mix_gamma(state: i64) -> i64 {
    let mut z = state.cast_unsigned();
    z = (z ^ (z >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    z = (z ^ (z >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    z = (z ^ (z >> 33)) | 1;
    if (z ^ (z >> 1)).count_ones() < 24 {
        z ^= 0xaaaa_aaaa_aaaa_aaaa;
    }
    z.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::SplitMix64;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let mut known = SplitMix64(42);
        let gamma = 0x9e37_79b9_7f4a_7c15_u64.cast_signed();
        let mut state = 42_i64;
        for _ in 0..10 {
            state = state.wrapping_add(gamma);
            assert_eq!(mix(state).cast_unsigned(), known.next_u64());
        }
    }
}
