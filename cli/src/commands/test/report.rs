//! Results of tests, told as they come or, for CI servers, in a format of theirs.

use super::super::program::Loaded;
use crate::args::{TestArgs, TestFormat};
use crate::console::Console;
use crate::diagnostics;
use eclexia_diag::{Diagnostic, render};
use serde_json::json;
use std::fmt::Write;

pub struct Report<'c> {
    console: &'c Console,
    format: TestFormat,
    /// What the names of tests have to contain.
    filter: Option<&'c str>,
    /// Whether a name does.
    is_met: bool,
    passed: usize,
    failed: usize,
    /// Of JUnit: test cases by their files, in order.
    suites: Vec<(String, Vec<Case>)>,
}

struct Case {
    name: String,
    /// What went wrong; empty of what passed.
    failure: String,
    printed: String,
}

impl<'c> Report<'c> {
    pub fn new(console: &'c Console, args: &'c TestArgs) -> Report<'c> {
        let (format, filter) = (args.format, args.filter.as_deref());
        if format == TestFormat::Tap {
            console.out("TAP version 14\n");
        }
        let is_met = filter.is_none();
        Report { console, format, filter, is_met, passed: 0, failed: 0, suites: Vec::new() }
    }

    /// Whether a test of this name is to be run.
    pub fn wants(&mut self, name: &str) -> bool {
        let is_wanted = self.filter.is_none_or(|filter| name.contains(filter));
        self.is_met |= is_wanted;
        is_wanted
    }

    pub fn tell(
        &mut self,
        loaded: &Loaded,
        name: &str,
        failures: &[Diagnostic],
        printed: &[String],
    ) {
        let is_passed = failures.is_empty();
        if is_passed {
            self.passed += 1
        } else {
            self.failed += 1
        }
        match self.format {
            TestFormat::Lines => self.line(loaded, name, failures, printed),
            TestFormat::Tap => {
                let mut failure = render::line(failures, &loaded.session.sources);
                for note in failures.iter().flat_map(|found| &found.notes) {
                    let _ = writeln!(failure, "{note}");
                }
                let number = self.passed + self.failed;
                self.console.out(&tap(number, name, &failure, printed));
            }
            TestFormat::Junit => {
                let failure = render::human(failures, &loaded.session.sources, false);
                let case = Case { name: name.to_owned(), failure, printed: printed.join("\n") };
                match self.suites.last_mut().filter(|(file, _)| *file == loaded.name) {
                    Some((_, cases)) => cases.push(case),
                    None => self.suites.push((loaded.name.clone(), vec![case])),
                }
            }
        }
    }

    fn line(&self, loaded: &Loaded, name: &str, failures: &[Diagnostic], printed: &[String]) {
        let is_passed = failures.is_empty();
        if self.console.global.json {
            self.console.json(&json!({
                "format": "eclexia-test/1", "file": loaded.name, "test": name, "passed": is_passed,
            }));
        } else {
            self.console.say(&format!("{} {name}\n", if is_passed { "ok    " } else { "FAILED" }));
        }
        if is_passed {
            return;
        }
        self.console.report(failures, &loaded.session.sources);
        if !self.console.global.json {
            printed.iter().for_each(|line| self.console.err(&format!("  printed: {line}\n")));
        }
    }

    /// Tells what is to be told at the end; whether all passed. An error where a filter let no test
    /// through: it was to choose one.
    pub fn end(&self) -> Result<bool, Diagnostic> {
        let (passed, failed) = (self.passed, self.failed);
        match self.format {
            TestFormat::Lines => {
                self.console.say(&format!("{passed} passed, {failed} failed\n"));
            }
            TestFormat::Tap => self.console.out(&format!("1..{}\n", passed + failed)),
            TestFormat::Junit => self.console.out(&junit(&self.suites)),
        }
        match self.filter.filter(|_| !self.is_met) {
            Some(filter) => Err(diagnostics::no_such_test(filter)),
            None => Ok(failed == 0),
        }
    }
}

fn tap(number: usize, name: &str, failure: &str, printed: &[String]) -> String {
    // `#` begins a directive.
    let name = name.replace('\\', "\\\\").replace('#', "\\#").replace('\n', " ");
    let word = if failure.is_empty() { "ok" } else { "not ok" };
    let mut text = format!("{word} {number} - {name}\n");
    if !failure.is_empty() {
        text.push_str("  ---\n  message: |\n");
        for line in failure.lines().chain(printed.iter().flat_map(|text| text.lines())) {
            let _ = writeln!(text, "    {line}");
        }
        text.push_str("  ...\n");
    }
    text
}

fn junit(suites: &[(String, Vec<Case>)]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for (file, cases) in suites {
        let failed = cases.iter().filter(|case| !case.failure.is_empty()).count();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\">",
            xml(file),
            cases.len()
        );
        for case in cases {
            let head =
                format!("    <testcase classname=\"{}\" name=\"{}\"", xml(file), xml(&case.name));
            if case.failure.is_empty() {
                let _ = writeln!(text, "{head}/>");
                continue;
            }
            let _ = writeln!(text, "{head}>\n      <failure>{}</failure>", xml(&case.failure));
            if !case.printed.is_empty() {
                let _ = writeln!(text, "      <system-out>{}</system-out>", xml(&case.printed));
            }
            text.push_str("    </testcase>\n");
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

/// Text as XML has it; what XML forbids is replaced.
fn xml(text: &str) -> String {
    let is_forbidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    crate::manual::escape(text).replace(is_forbidden, "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_failure_is_within_its_block() {
        let text = tap(1, "a # b", "bad\nworse", &["one\ntwo".to_owned()]);
        let block: Vec<&str> = text.lines().skip(1).collect();
        assert!(text.starts_with("not ok 1 - a \\# b\n"), "{text}");
        assert!(block.iter().all(|line| line.starts_with("  ")), "{text}");
        assert!(
            ["    worse", "    one", "    two"].iter().all(|line| block.contains(line)),
            "{text}"
        );
    }

    #[test]
    fn what_xml_forbids_is_replaced() {
        assert_eq!(
            xml("<a \"b\">\n\t&\u{7}\u{fffe}"),
            "&lt;a &quot;b&quot;&gt;\n\t&amp;\u{fffd}\u{fffd}"
        );
    }
}
