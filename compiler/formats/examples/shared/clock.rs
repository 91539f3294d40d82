//! A clock that other work on the machine does not move.

/// Of all threads of this process, to a hundredth of a second (Linux: `man 5 proc_pid_stat`).
pub fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |field: usize| {
        let after_name = stat.rsplit(')').next()?;
        after_name.split_whitespace().nth(field - 3)?.parse::<f64>().ok()
    };
    (ticks(14).unwrap_or(0.0) + ticks(15).unwrap_or(0.0)) / 100.0
}
