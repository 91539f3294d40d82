//! Failures of a data test, and the one switch that turns what is into what is expected.

use similar::TextDiff;

/// Whether `UPDATE_EXPECT` asks to write what is instead of comparing.
pub fn updates() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| !value.is_empty() && value != "0")
}

/// What a test over many files found, told all at once.
#[derive(Default)]
pub struct Failures {
    texts: Vec<String>,
}

impl Failures {
    pub fn push(&mut self, path: &str, line: usize, text: impl std::fmt::Display) {
        self.texts.push(format!("{path}:{line}: {text}"));
    }

    /// Compares a file's text with what it should be, or writes that where it is asked for.
    pub fn expect_file(&mut self, path: &str, expected: &str, actual: &str) {
        if expected == actual {
            return;
        }
        if updates() {
            std::fs::write(xtask::root().join(path), actual).expect("the file can be written");
            return;
        }
        let diff = TextDiff::from_lines(expected, actual);
        let diff = diff.unified_diff().header("expected", "actual").to_string();
        self.push(path, 1, format!("differs; UPDATE_EXPECT=1 writes what is\n{diff}"));
    }

    /// Ends the test.
    pub fn finish(self) {
        let count = self.texts.len();
        assert!(count == 0, "{count} failed:\n\n{}\n", self.texts.join("\n"));
    }
}
