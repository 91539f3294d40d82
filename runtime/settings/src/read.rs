//! Read: the text of one file to the settings that it makes, each with its place. Every fault is
//! found: text that is no TOML beside what is, unknown keys beside wrong values.

use crate::diagnostics as report;
use crate::table::{File, Key, Section, Times};
use crate::value::{Value, clip, nearest, value};
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostics, Outcome};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A setting as it is written.
#[derive(Clone, Debug)]
pub struct Read {
    /// `sources`, or `green` of `[strategies.green]`.
    pub section: String,
    pub key: &'static Key,
    pub value: Value,
    /// The value as the file writes it.
    pub text: String,
    pub span: Span,
}

/// What a file of the table says. Of named tables the names are told as well, for some have no
/// keys.
#[derive(Debug, Default)]
pub struct Contents {
    pub settings: Vec<Read>,
    pub names: Vec<String>,
}

/// The most faults that are told of one file.
const MOST_FAULTS: usize = 50;
/// The longest name of a strategy, characters.
const LONGEST_NAME: usize = 64;

pub fn read(file: &'static File, id: FileId, text: &str) -> Outcome<Contents> {
    let mut ctx = ReadCtx { file, id, text, found: Diagnostics::new(), read: Contents::default() };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let message = error.message().lines().next().unwrap_or_default();
        let span = ctx.span(&error.span().unwrap_or(0..0));
        ctx.found.push(report::no_toml(span, message));
    }
    for (name, given) in root.get_ref().iter() {
        ctx.section(name, given);
    }
    let found = ctx.found.sorted().into_iter().take(MOST_FAULTS).collect();
    (ctx.read, found)
}

struct ReadCtx<'t> {
    file: &'static File,
    id: FileId,
    text: &'t str,
    found: Diagnostics,
    read: Contents,
}

type Name<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Given<'t> = Spanned<DeValue<'t>>;

impl ReadCtx<'_> {
    fn span(&self, range: &Range<usize>) -> Span {
        let most = self.text.len();
        Span::new(self.id, range.start.min(most) as u32, range.end.min(most) as u32)
    }

    fn section(&mut self, name: &Name, given: &Given) {
        let span = self.span(&name.span());
        let Some(section) = self.file.sections.iter().find(|s| s.name == name.get_ref()) else {
            let known: Vec<String> =
                self.file.sections.iter().map(|s| format!("`{}`", s.heading())).collect();
            // A key that has lost its table is told where it belongs.
            let home = self.file.sections.iter().find(|s| s.key(name.get_ref()).is_some());
            let what = match home {
                Some(home) => format!("`{}` stands under no heading", clip_home(home, name)),
                None => format!("{} has no table `{}`", self.file.name, clip(name.get_ref())),
            };
            let near = nearest(name.get_ref(), self.file.sections.iter().map(|s| s.name));
            self.found.push(report::unknown_setting(span, what, near, &known));
            return;
        };
        let Some(table) = self.table(given, name.get_ref(), &section.heading()) else { return };
        match section.times {
            Times::Once => self.keys(section, section.name, table),
            Times::Named => {
                for (name, given) in table.iter() {
                    self.named(section, name, given);
                }
            }
        }
    }

    fn named(&mut self, section: &'static Section, name: &Name, given: &Given) {
        let text: &str = name.get_ref();
        let Some(table) = self.table(given, text, &section.heading()) else { return };
        let is_name = !text.is_empty()
            && text.chars().count() <= LONGEST_NAME
            && !text.chars().any(char::is_control);
        if !is_name {
            let span = self.span(&name.span());
            let here = "1 to 64 characters that can be printed";
            let message = "this is no name of a strategy";
            let help = "write a name such as `[strategies.green]`";
            self.found.push(report::clash(span, message, None, here, help));
            return;
        }
        self.read.names.push(text.to_owned());
        self.keys(section, text, table);
    }

    fn table<'v, 't>(
        &mut self,
        given: &'v Given<'t>,
        name: &str,
        heading: &str,
    ) -> Option<&'v DeTable<'t>> {
        let table = given.get_ref().as_table();
        if table.is_none() {
            let span = self.span(&given.span());
            self.found.push(report::not_a_table(span, &clip(name), heading));
        }
        table
    }

    fn keys(&mut self, section: &'static Section, name: &str, table: &DeTable) {
        for (written, given) in table.iter() {
            let Some(key) = section.key(written.get_ref()) else {
                let span = self.span(&written.span());
                let what = format!("`[{}]` has no key `{}`", section.name, clip(written.get_ref()));
                let near = nearest(written.get_ref(), section.keys.iter().map(|k| k.name));
                let known: Vec<String> =
                    section.keys.iter().map(|k| format!("`{}`", k.name)).collect();
                self.found.push(report::unknown_setting(span, what, near, &known));
                continue;
            };
            let span = self.span(&given.span());
            match value(key, given.get_ref()) {
                Ok(value) => {
                    let (from, to) = (span.start as usize, span.end as usize);
                    let text = self.text.get(from..to).unwrap_or_default().to_owned();
                    self.read.settings.push(Read {
                        section: name.to_owned(),
                        key,
                        value,
                        text,
                        span,
                    });
                }
                Err(wrong) => self.found.push(report::bad_setting(span, wrong)),
            }
        }
    }
}

fn clip_home(home: &Section, name: &Name) -> String {
    format!("{}.{}", home.name, clip(name.get_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{CARBON, FILES, file};
    use proptest::prelude::*;

    #[test]
    fn all_faults_are_told_at_once() {
        let text = "[sources]\nprimary = \"wattme\"\nfalback = \"yearly\"\n\
                    [electricitymaps]\nrefresh_interval = 5\n[wattime\nx = 1\n[carbn_price]\n";
        let (read, found) = read(file(CARBON).expect("a file"), FileId(0), text);
        let codes: Vec<&str> = found.iter().map(|d| d.code).collect();
        for code in ["bad-setting", "unknown-setting", "bad-configuration"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
        assert!(read.settings.is_empty());
        assert!(found.len() >= 4, "{codes:?}");
    }

    /// Fragments of settings in any order, beside characters of any kind.
    fn texts() -> impl Strategy<Value = String> {
        let words = FILES.iter().flat_map(|file| file.sections).flat_map(|section| {
            let keys = section.keys.iter().map(|k| format!("{} = {}\n", k.name, k.example));
            keys.chain([format!("[{}]\n", section.name), format!("{}.x = ", section.name)])
        });
        let marks = ["\"", "'", "[", "]", "{", "}", "=", "\n", ".", "#", "\"\"\"", "-1", "1e999"];
        let words: Vec<String> = words.chain(marks.map(str::to_owned)).collect();
        let part = prop_oneof![3 => proptest::sample::select(words), 1 => ".{0,6}"];
        proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(18),
            cases: 512,
            ..ProptestConfig::default()
        })]

        #[test]
        fn any_text_is_read_or_told_with_places_inside(text in texts()) {
            for file in &FILES {
                let (read, found) = read(file, FileId(0), &text);
                for d in found.iter() {
                    let span = d.primary.as_ref().expect("it has a place").span;
                    prop_assert!(span.start <= span.end && span.end as usize <= text.len());
                    prop_assert!(d.message.chars().count() <= 80, "{}", d.message);
                    prop_assert!(d.help.is_some());
                }
                for setting in &read.settings {
                    prop_assert!(!setting.text.is_empty());
                }
            }
        }
    }
}
