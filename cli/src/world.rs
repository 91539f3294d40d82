//! The world that `run`, `test` and the REPL give a program: printing always, the rest behind the
//! capabilities that `main` receives.

use crate::console::Output;
use crate::interrupt;
use eclexia_native::http::{End, Servers};
use eclexia_native::{files, network};
use eclexia_rt::effects::{Effects, FileAction, FileAnswer, Request, Response, SplitMix64};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const BUFFERED_BYTES: usize = 1 << 14;

/// How long a sleeping program does not notice that it is interrupted.
const NAP: Duration = Duration::from_millis(50);

pub struct World<'c> {
    output: &'c dyn Output,
    random: SplitMix64,
    began: Instant,
    /// Lines not yet written; writing them one by one would cost more than running the program.
    buffer: String,
    /// Raised from elsewhere: no sleep goes on.
    interrupt: Arc<AtomicBool>,
    /// When the program must be done, awake or not.
    deadline: Option<Instant>,
    /// Distinct choices of adaptive functions in the order of their first, with how often each was
    /// made; `None`: nobody asks.
    choices: Option<Vec<(Choice, u64)>>,
    servers: Servers,
}

/// What an adaptive function chose, and from what.
#[derive(PartialEq, Eq)]
pub struct Choice {
    pub function: String,
    /// -1: none would do.
    pub chosen: i64,
    /// A line for each variant: `name: verdict`.
    pub candidates: String,
}

/// More distinct choices are not kept: a program that makes them has amounts of its own in each.
const MOST_CHOICES: usize = 1_000;

impl<'c> World<'c> {
    pub fn new(output: &'c dyn Output) -> World<'c> {
        World {
            output,
            random: SplitMix64(seed()),
            began: Instant::now(),
            buffer: String::new(),
            interrupt: interrupt::flag(),
            deadline: None,
            choices: None,
            servers: Servers::default(),
        }
    }

    /// No sleep lasts longer than this.
    pub fn until(mut self, deadline: Option<Instant>) -> World<'c> {
        self.deadline = deadline;
        self
    }

    /// Stopped by this flag, not by that of the process.
    pub fn interrupted_by(mut self, flag: Arc<AtomicBool>) -> World<'c> {
        self.interrupt = flag;
        self
    }

    /// Keeps what adaptive functions choose.
    pub fn explaining(mut self) -> World<'c> {
        self.choices = Some(Vec::new());
        self
    }

    pub fn choices(&mut self) -> Vec<(Choice, u64)> {
        self.choices.take().unwrap_or_default()
    }

    /// Writes what is waiting. To be called when the program ends.
    pub fn flush(&mut self) {
        let lines = std::mem::take(&mut self.buffer);
        if !lines.is_empty() {
            self.output.print(&lines);
        }
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
        if self.output.is_live() || self.buffer.len() > BUFFERED_BYTES {
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

    fn explains_choices(&self) -> bool {
        self.choices.is_some()
    }

    fn explain_choice(&mut self, function: &str, chosen: i64, candidates: &str) {
        let (function, candidates) = (function.to_owned(), candidates.to_owned());
        let choice = Choice { function, chosen, candidates };
        let Some(all) = &mut self.choices else { return };
        if let Some((_, count)) = all.iter_mut().find(|(known, _)| *known == choice) {
            *count += 1;
        } else if all.len() < MOST_CHOICES {
            all.push((choice, 1));
        }
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
            let is_over = self.deadline.is_some_and(|at| Instant::now() >= at);
            if is_over || self.interrupt.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    fn random(&mut self) -> u64 {
        self.random.next_u64()
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
        let interrupted = Arc::clone(&self.interrupt);
        let end = End { deadline, interrupted: &interrupted };
        let ready = self.servers.ready(address, answer, &end)?;
        if ready.is_some() {
            return Ok(ready);
        }
        self.flush();
        Ok(self.servers.wait(address, &end))
    }
}
