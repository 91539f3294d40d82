//! Ctrl-C: the first sets a flag that evaluation looks at, so that the command ends (or the REPL
//! goes on) at a safe point; a second, before the flag was seen, ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The flag, raised by Ctrl-C. Whoever acts on it lowers it.
pub fn flag() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let raised = flag.clone();
        // Without a handler Ctrl-C ends the process at once, which is no worse than before.
        let _ = ctrlc::set_handler(move || {
            if raised.swap(true, Ordering::Relaxed) {
                std::process::exit(crate::console::Exit::Interrupted as i32);
            }
        });
        flag
    })
    .clone()
}
