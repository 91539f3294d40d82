//! Ctrl-C: the first sets a flag that evaluation looks at, so that the command ends (or the REPL
//! goes on) at a safe point; another, before the flag was seen, ends the process. A session that
//! would be lost with it is asked for more often.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

/// How many in a row end the process.
static ENDING: AtomicU32 = AtomicU32::new(2);

/// What a session stands before it ends.
const OF_SESSION: u32 = 5;

/// The flag, raised by Ctrl-C. Whoever acts on it lowers it.
pub fn flag() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let raised = flag.clone();
        let mut unseen = 0;
        // Without a handler Ctrl-C ends the process at once, which is no worse than before.
        let _ = ctrlc::set_handler(move || {
            unseen = if raised.swap(true, Ordering::Relaxed) { unseen + 1 } else { 1 };
            if unseen >= ENDING.load(Ordering::Relaxed) {
                std::process::exit(crate::console::Exit::Interrupted as i32);
            }
        });
        // Behind the handler above, which it calls; where it cannot be, more is said at the end.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGTERM, TERMINATED.clone());
        flag
    })
    .clone()
}

static TERMINATED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Whether it was SIGTERM that raised the flag: who ends a program so, as what deploys it does,
/// does not ask where it was.
pub fn is_terminated() -> bool {
    TERMINATED.load(Ordering::Relaxed)
}

/// A session at a terminal is not ended by a Ctrl-C too many.
pub fn keep_session() {
    ENDING.store(OF_SESSION, Ordering::Relaxed);
}
