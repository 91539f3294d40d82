//! Collects a stage's diagnostics, at most [`LIMIT`] of each code: ten megabytes of nonsense must
//! not become ten million messages. What was left out is counted in a note on the last one.

use eclexia_base::FxHashMap;
use eclexia_diag::{Code, Diagnostic, Diagnostics};

/// Of each code in one file.
const LIMIT: usize = 50;

#[derive(Default)]
pub(crate) struct Report {
    items: Vec<Diagnostic>,
    counts: FxHashMap<Code, usize>,
}

impl Report {
    pub(crate) fn new() -> Report {
        Report::default()
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.push_with(diagnostic.code, || diagnostic);
    }

    /// Builds the diagnostic only if it is still wanted.
    pub(crate) fn push_with(&mut self, code: Code, build: impl FnOnce() -> Diagnostic) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= LIMIT {
            self.items.push(build());
        }
    }

    pub(crate) fn finish(mut self) -> Diagnostics {
        for index in 0..self.items.len() {
            let code = self.items[index].code;
            let total = self.counts.get(code).copied().unwrap_or(0);
            let is_last = !self.items[index + 1..].iter().any(|d| d.code == code);
            if total > LIMIT && is_last {
                let more = total - LIMIT;
                self.items[index].notes.push(format!("and {more} more like this one"));
            }
        }
        self.items.into_iter().collect::<Diagnostics>().sorted().into_iter().collect()
    }
}
