//! `:profile`: which functions take the steps of an evaluation.
//!
//! 1. Evaluate, and count steps, cells and time.
//! 2. Evaluate the same text anew with a limit of steps, for limits spread evenly over that count,
//!    and see which calls are under way where each stops.
//!
//! Steps are the same on every machine, so the profile is too, and no function is slowed down by
//! being measured. Inputs have no effect but printing, which is not heard here.

use super::conversation::Conversation;
use eclexia_base::Name;
use eclexia_core::core::DefId;
use eclexia_interp::Options;
use eclexia_model::display::table;
use eclexia_rt::effects::Hermetic;
use std::collections::BTreeMap;
use std::time::Instant;

/// Where an evaluation is stopped to look: each costs half an evaluation on average.
const SAMPLES: u64 = 40;

/// An evaluation longer than this would make the profile take minutes, in steps.
const MOST_STEPS: u64 = 200_000_000;

const MOST_ROWS: usize = 20;

/// How many samples found a function innermost, and anywhere.
#[derive(Default)]
struct Seen {
    itself: u64,
    within: u64,
}

impl Conversation {
    pub(super) fn profile(&mut self, text: &str) {
        let Some(def) = self.only_expression(text) else { return };
        let before = self.session.globals.allocations();
        let started = Instant::now();
        let options = Options { max_steps: Some(MOST_STEPS), ..self.options() };
        let mut silent = Hermetic::default();
        let mut evaluator = self.session.evaluator(options, &mut silent);
        let result = evaluator.constant(def);
        let steps = evaluator.steps();
        drop(evaluator);
        let ms = started.elapsed().as_secs_f64() * 1000.0;
        if let Err(failure) = result {
            return self.report((*failure).into());
        }
        let cells = self.session.globals.allocations() - before;
        self.to.say(&format!("{ms:.3} ms interpreted\n"));
        self.to.answer(&format!("{steps} steps, {cells} cells\n"));
        let (samples, seen) = self.samples(text, steps);
        if samples > 0 {
            self.to.answer(&rows(samples, &seen));
        }
    }

    fn only_expression(&mut self, text: &str) -> Option<DefId> {
        let module = self.compile("<repl>", text)?;
        let last = self.expressions(module).last().copied();
        if last.is_none() {
            self.complain("this is no expression", ":profile (fib 20)");
        }
        last
    }

    fn samples(&mut self, text: &str, steps: u64) -> (u64, BTreeMap<Name, Seen>) {
        let mut seen: BTreeMap<Name, Seen> = BTreeMap::new();
        let mut samples = 0;
        let (Some(module), _) = self.compile_quietly("<repl>", text) else { return (0, seen) };
        let Some(def) = self.expressions(module).last().copied() else { return (0, seen) };
        for i in 0..SAMPLES.min(steps) {
            // In the middle of each stretch.
            let limit = steps * (2 * i + 1) / (2 * SAMPLES.min(steps));
            let options = Options { max_steps: Some(limit), ..self.options() };
            let mut silent = Hermetic::default();
            let stopped = self.session.evaluator(options, &mut silent).stopped_in(def);
            // Constants are values by now: what is left may take less.
            let Some(mut calls) = stopped else { break };
            samples += 1;
            if let Some(innermost) = calls.first() {
                seen.entry(*innermost).or_default().itself += 1;
            }
            calls.sort_unstable();
            calls.dedup();
            calls.into_iter().for_each(|name| seen.entry(name).or_default().within += 1);
        }
        (samples, seen)
    }
}

fn rows(samples: u64, seen: &BTreeMap<Name, Seen>) -> String {
    let mut order: Vec<(&Name, &Seen)> = seen.iter().collect();
    let by = |(name, seen): &(&Name, &Seen)| {
        (std::cmp::Reverse((seen.itself, seen.within)), name.as_str())
    };
    order.sort_by_key(by);
    let percent = |n: u64| format!("{} %", (100 * n + samples / 2) / samples);
    let head = ["itself", "with calls", "function"].map(str::to_owned);
    let found = order
        .into_iter()
        .take(MOST_ROWS)
        .map(|(name, seen)| [percent(seen.itself), percent(seen.within), name.to_string()]);
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(found).collect();
    table(&rows)
}
