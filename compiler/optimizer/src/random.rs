//! Seeded streams of numbers, the same on every machine.

use eclexia_base::SplitMix64;

/// What a search asks of chance.
pub struct Rng(SplitMix64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(SplitMix64(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 to `n` - 1; 0 of an empty range.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// Every order alike (Fisher and Yates 1938, Durstenfeld 1964).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// xoshiro256++ (Blackman and Vigna 2019), filled by [`Rng`], with a logarithm of basic arithmetic
/// only.
pub struct Random([u64; 4]);

impl Random {
    pub fn new(seed: u64) -> Random {
        let mut filler = Rng::new(seed);
        Random([(); 4].map(|()| filler.next()))
    }

    pub fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Below `n`, which is not 0; a bias of less than `n / 2^32` (Lemire 2019, without rejection).
    pub fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }

    /// Of the exponential distribution with mean 1.
    pub fn exponential(&mut self) -> f64 {
        let unit = ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        -natural_logarithm(unit)
    }
}

/// For positive normal numbers: the exponent, and the series of the area hyperbolic tangent for the
/// rest, to about 1e-9.
fn natural_logarithm(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) as i64 - 1023) as f64;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    // Of a mantissa between 1 and 2, over the root of 2, so that the series is short.
    let m = mantissa / std::f64::consts::SQRT_2;
    let z = (m - 1.0) / (m + 1.0);
    let q = z * z;
    let series = 1.0 + q * (1.0 / 3.0 + q * (0.2 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q / 11.0))));
    (exponent + 0.5) * std::f64::consts::LN_2 + 2.0 * z * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_the_library_and_the_mean_of_the_exponential_is_one() {
        for x in [1e-16, 0.1, 0.5, 0.75, 1.0, 3.0, 1e9] {
            assert!((natural_logarithm(x) - x.ln()).abs() < 1e-8 * (1.0 + x.ln().abs()), "{x}");
        }
        let mut random = Random::new(5);
        let mean = (0..100_000).map(|_| random.exponential()).sum::<f64>() / 1e5;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        assert!((0..1000).all(|_| random.below(7) < 7));
    }
}
