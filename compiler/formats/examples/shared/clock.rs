//! A clock that other work on the machine does not move.

use rustix::time::{ClockId, clock_gettime};

/// Of all threads of this process.
pub fn processor_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 * 1e-9
}
