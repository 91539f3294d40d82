//! The world that `run`, `test` and the REPL give a program: printing always, the rest behind the
//! capabilities that `main` receives.

use crate::console::Console;
use eclexia_rt::effects::{Effects, SplitMix64};
use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

const BUFFERED_BYTES: usize = 1 << 14;

/// The largest file a program reads in one piece: 1 GiB.
const MOST_BYTES: u64 = 1 << 30;

pub struct World<'c> {
    console: &'c Console,
    random: SplitMix64,
    /// Lines not yet written; writing them one by one would cost more than running the program.
    buffer: String,
    /// On a terminal every line is shown at once.
    is_live: bool,
    /// Standard error takes what a program prints while standard output carries JSON.
    to_stderr: bool,
}

impl<'c> World<'c> {
    pub fn new(console: &'c Console) -> World<'c> {
        World {
            console,
            random: SplitMix64(seed()),
            buffer: String::new(),
            is_live: std::io::stdout().is_terminal(),
            to_stderr: console.global.json,
        }
    }

    /// Writes what is waiting. To be called when the program ends.
    pub fn flush(&mut self) {
        let lines = std::mem::take(&mut self.buffer);
        if self.to_stderr { self.console.err(&lines) } else { self.console.out(&lines) }
    }
}

/// A seed from the clock; `ECLEXIA_SEED` makes a run repeatable.
fn seed() -> u64 {
    let given = std::env::var("ECLEXIA_SEED").ok().and_then(|s| s.parse().ok());
    given.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
    })
}

impl Effects for World<'_> {
    fn print(&mut self, line: &str) {
        self.buffer.push_str(line);
        self.buffer.push('\n');
        if self.is_live || self.buffer.len() > BUFFERED_BYTES {
            self.flush();
        }
    }

    fn read_file(&mut self, path: &str) -> Result<String, String> {
        let text = |e: std::io::Error| format!("{path}: {e}");
        let size = std::fs::metadata(path).map_err(text)?.len();
        if size > MOST_BYTES {
            return Err(format!("{path}: larger than 1 GiB"));
        }
        std::fs::read_to_string(path).map_err(text)
    }

    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String> {
        crate::files::write(std::path::Path::new(path), text.as_bytes()).map_err(|d| d.message)
    }

    fn now(&mut self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
    }

    fn random(&mut self) -> u64 {
        self.random.next_u64()
    }

    fn env(&mut self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}
