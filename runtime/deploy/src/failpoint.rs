//! Numbered moments at which a process of a test dies, as if the plug were pulled: by `abort`, so
//! that who started it can tell this end from every other. In debug builds only. In: the variable
//! `ECLEXIA_DIE_AT`, which counts from 1 over all moments of the process, in the order in which it
//! comes to them.

/// Ends this process the `ECLEXIA_DIE_AT`th time that it comes here.
pub fn failpoint() {
    #[cfg(debug_assertions)]
    {
        use std::sync::atomic::{AtomicU64, Ordering};
        static PASSED: AtomicU64 = AtomicU64::new(0);
        let at = std::env::var("ECLEXIA_DIE_AT").ok().and_then(|at| at.parse::<u64>().ok());
        if at == Some(PASSED.fetch_add(1, Ordering::Relaxed) + 1) {
            std::process::abort();
        }
    }
}
