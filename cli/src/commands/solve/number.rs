//! Numbers of a solution as text and as JSON.

/// Twelve digits, the last ones of which may be rounding; infinity as `inf`.
pub fn text(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    let size = rounded.abs();
    if rounded == 0.0 {
        "0".to_owned()
    } else if size.is_finite() && !(1e-4..1e15).contains(&size) {
        format!("{rounded:e}")
    } else {
        format!("{rounded}")
    }
}

/// `null` for what is infinite.
pub fn json(value: f64) -> serde_json::Value {
    serde_json::json!(value.is_finite().then_some(value))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rounding_is_not_shown_and_large_numbers_are_short() {
        let shown = [0.1 + 0.2, -0.0, 1e-17, 2e20, f64::NEG_INFINITY, 340_160.0].map(super::text);
        assert_eq!(shown, ["0.3", "0", "1e-17", "2e20", "-inf", "340160"]);
    }
}
