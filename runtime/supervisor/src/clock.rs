//! The time as the supervisor knows it: the machine's, or in debug builds one that a test says.

use eclexia_deploy::registry::At;
use std::time::SystemTime;

pub fn now() -> At {
    At(At::of(SystemTime::now()).0.saturating_add_signed(ahead()))
}

/// In debug builds only: milliseconds by which this clock is ahead of the machine's, so that it
/// began at `ECLEXIA_CLOCK`, milliseconds since 1970: tests do not wait for hours.
fn ahead() -> i64 {
    #[cfg(debug_assertions)]
    {
        static AHEAD: std::sync::OnceLock<i64> = std::sync::OnceLock::new();
        let began = || {
            let began = std::env::var("ECLEXIA_CLOCK").ok()?.parse::<i64>().ok()?;
            Some(began - i64::try_from(At::of(SystemTime::now()).0).ok()?)
        };
        *AHEAD.get_or_init(|| began().unwrap_or(0))
    }
    #[cfg(not(debug_assertions))]
    0
}
