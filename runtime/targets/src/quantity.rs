//! Exact amounts as the quantities that each target's API reads.
//!
//! In: cores and bytes as exact rationals. Out: Kubernetes quantities (`500m`, `2`, `512Mi`) and
//! compose byte values (`512m`). An amount between two representable ones is rounded up, so that
//! nothing gets less than the program asked for.

use eclexia_base::number;
use eclexia_model::Exact;

/// The least integer not below `amount × scale`; negative amounts count as zero.
fn ceiling(amount: &Exact, scale: i64) -> u128 {
    let scaled = (&amount.0 * number::int(scale)).ceil().to_integer();
    u128::try_from(scaled).unwrap_or(0)
}

/// Cores: whole ones plain, else in thousandths, the finest step Kubernetes keeps.
pub fn kubernetes_cpu(cores: &Exact) -> String {
    let milli = ceiling(cores, 1000);
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") }
}

/// Bytes in the largest binary unit that divides them.
pub fn kubernetes_bytes(bytes: &Exact) -> String {
    binary(ceiling(bytes, 1), &[("Gi", 30), ("Mi", 20), ("Ki", 10)], "")
}

/// Compose counts `k`, `m` and `g` in powers of 1024 and needs a unit.
pub fn compose_bytes(bytes: &Exact) -> String {
    binary(ceiling(bytes, 1), &[("g", 30), ("m", 20), ("k", 10)], "b")
}

/// Cores as a decimal with at most three places.
pub fn compose_cpus(cores: &Exact) -> String {
    let milli = i64::try_from(ceiling(cores, 1000)).unwrap_or(i64::MAX);
    number::to_decimal(&number::ratio(milli, 1000), 3)
}

/// Devices and other whole things.
pub fn whole(amount: &Exact) -> u32 {
    u32::try_from(ceiling(amount, 1)).unwrap_or(u32::MAX)
}

fn binary(bytes: u128, units: &[(&str, u32)], plain: &str) -> String {
    for (unit, shift) in units {
        if bytes > 0 && bytes.trailing_zeros() >= *shift {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    format!("{bytes}{plain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_the_largest_exact_unit() {
        assert_eq!(kubernetes_cpu(&Exact::ratio(1, 2)), "500m");
        assert_eq!(kubernetes_cpu(&Exact::int(2)), "2");
        assert_eq!(kubernetes_bytes(&Exact::int(512 << 20)), "512Mi");
        assert_eq!(kubernetes_bytes(&Exact::int(256_000_000)), "250000Ki");
        assert_eq!(kubernetes_bytes(&Exact::int(1_000_001)), "1000001");
        assert_eq!(compose_bytes(&Exact::int(3 << 30)), "3g");
        assert_eq!(compose_bytes(&Exact::int(7)), "7b");
        assert_eq!(compose_cpus(&Exact::ratio(1, 4)), "0.25");
    }

    #[test]
    fn what_cannot_be_written_is_rounded_up() {
        assert_eq!(kubernetes_cpu(&Exact::ratio(1, 3)), "334m");
        assert_eq!(kubernetes_cpu(&Exact::ratio(1, 100_000)), "1m");
        assert_eq!(kubernetes_bytes(&Exact::ratio(1, 2)), "1");
        assert_eq!(kubernetes_bytes(&Exact::int(-5)), "0");
        assert_eq!(whole(&Exact::ratio(3, 2)), 2);
    }
}
