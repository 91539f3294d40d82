//! The world of an executable: printing always, the rest behind the capabilities that `main`
//! receives.

use crate::http::{End, Servers};
use crate::{files, network};
use eclexia_rt::effects::{Effects, FileAction, FileAnswer, Request, Response, SplitMix64};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const BUFFERED_BYTES: usize = 1 << 14;

/// How long a sleeping program does not notice that it is interrupted.
const NAP: Duration = Duration::from_millis(50);

pub(crate) struct World {
    random: Option<SplitMix64>,
    began: Instant,
    /// Lines not yet written.
    buffer: Vec<u8>,
    /// On a terminal every line is shown at once.
    is_live: bool,
    interrupted: Arc<AtomicBool>,
    servers: Servers,
}

impl World {
    pub fn new(interrupted: Arc<AtomicBool>) -> World {
        World {
            random: None,
            began: Instant::now(),
            buffer: Vec::new(),
            is_live: std::io::stdout().is_terminal(),
            interrupted,
            servers: Servers::default(),
        }
    }

    /// Writes what is waiting. A reader that is gone ends the program, as `head` expects.
    pub fn flush(&mut self) {
        let mut out = std::io::stdout().lock();
        if out.write_all(&self.buffer).and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
        self.buffer.clear();
    }
}

/// A seed from the clock; `ECLEXIA_SEED` makes a run repeatable.
fn seed() -> u64 {
    let given = std::env::var("ECLEXIA_SEED").ok().and_then(|s| s.parse().ok());
    given.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
    })
}

impl Effects for World {
    fn print(&mut self, line: &str) {
        self.buffer.extend_from_slice(line.as_bytes());
        self.buffer.push(b'\n');
        if self.is_live || self.buffer.len() > BUFFERED_BYTES {
            self.flush();
        }
    }

    fn file(
        &mut self,
        within: &[String],
        path: &str,
        action: FileAction<'_>,
    ) -> Result<FileAnswer, String> {
        files::act(within, path, action)
    }

    fn now(&mut self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
    }

    fn has_clock(&self) -> bool {
        true
    }

    fn elapsed(&mut self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn sleep(&mut self, seconds: f64) {
        // What was printed is to be seen while the program waits.
        self.flush();
        let Ok(wanted) = Duration::try_from_secs_f64(seconds) else { return };
        let began = Instant::now();
        while let Some(left) = wanted.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
            if self.interrupted.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    fn random(&mut self) -> u64 {
        self.random.get_or_insert_with(|| SplitMix64(seed())).next_u64()
    }

    fn env(&mut self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn exchange(&mut self, address: &str, text: &str, timeout: f64) -> Result<String, String> {
        self.flush();
        network::exchange(address, text, timeout)
    }

    fn serve(
        &mut self,
        address: &str,
        answer: Option<Response>,
        deadline: Option<Instant>,
    ) -> Result<Option<Request>, String> {
        let interrupted = Arc::clone(&self.interrupted);
        let end = End { deadline, interrupted: &interrupted };
        let ready = self.servers.ready(address, answer, &end)?;
        if ready.is_some() {
            return Ok(ready);
        }
        self.flush();
        Ok(self.servers.wait(address, &end))
    }
}
