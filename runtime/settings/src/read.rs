//! Read: the text of one file to the settings that it makes, each with its place. Every fault is
//! found: text that is no TOML beside what is, unknown keys beside wrong values.

use crate::diagnostics as report;
use crate::table::{File, Key, Section, Times};
use crate::value::{Value, clip, nearest, value};
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostic, Diagnostics, Outcome};
use std::collections::BTreeSet;
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
/// So many are looked for: no file of a person has more, and each takes a while to word.
const MOST_LOOKED_FOR: usize = 1000;
/// The longest name of a strategy, characters.
const LONGEST_NAME: usize = 64;

pub fn read(file: &'static File, id: FileId, text: &str) -> Outcome<Contents> {
    let ends = text.match_indices('\n').map(|(at, _)| at as u32).collect();
    let (found, read) = (Diagnostics::new(), Contents::default());
    let mut ctx = ReadCtx { file, id, text, ends, broken: BTreeSet::new(), found, read };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(MOST_LOOKED_FOR) {
        let message = error.message().lines().next().unwrap_or_default();
        let span = ctx.span(&error.span().unwrap_or(0..0));
        ctx.tell(span, |span| report::no_toml(span, message));
        ctx.broken.insert(ctx.line(span));
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
    /// Where lines end.
    ends: Vec<u32>,
    /// Lines that are no TOML: what else is wrong there follows from that.
    broken: BTreeSet<usize>,
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

    fn line(&self, span: Span) -> usize {
        self.ends.partition_point(|end| *end < span.start)
    }

    /// Reports a fault, unless its line has one already that explains it.
    fn tell(&mut self, span: Span, fault: impl FnOnce(Span) -> Diagnostic) {
        if self.found.len() < MOST_LOOKED_FOR && !self.broken.contains(&self.line(span)) {
            self.found.push(fault(span));
        }
    }

    fn section(&mut self, name: &Name, given: &Given) {
        let span = self.span(&name.span());
        let file = self.file;
        let Some(section) = file.sections.iter().find(|s| s.name == name.get_ref()) else {
            self.tell(span, |span| unknown_table(file, name.get_ref(), span));
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
            self.tell(span, |span| report::clash(span, message, None, here, help));
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
            self.tell(span, |span| report::not_a_table(span, &clip(name), heading));
        }
        table
    }

    fn keys(&mut self, section: &'static Section, name: &str, table: &DeTable) {
        for (written, given) in table.iter() {
            let Some(key) = section.key(written.get_ref()) else {
                let span = self.span(&written.span());
                self.tell(span, |span| unknown_key(section, written.get_ref(), span));
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
                Err(wrong) => self.tell(span, |span| report::bad_setting(span, wrong)),
            }
        }
    }
}

fn unknown_table(file: &File, name: &str, span: Span) -> Diagnostic {
    let known: Vec<String> = file.sections.iter().map(|s| format!("`{}`", s.heading())).collect();
    // A key that has lost its table is told where it belongs.
    let what = match file.sections.iter().find(|s| s.key(name).is_some()) {
        Some(home) => format!("`{}.{}` stands under no heading", home.name, clip(name)),
        None => format!("{} has no table `{}`", file.name, clip(name)),
    };
    let near = nearest(name, file.sections.iter().map(|s| s.name));
    report::unknown_setting(span, what, near, &known)
}

fn unknown_key(section: &Section, name: &str, span: Span) -> Diagnostic {
    let known: Vec<String> = section.keys.iter().map(|k| format!("`{}`", k.name)).collect();
    let what = format!("`[{}]` has no key `{}`", section.name, clip(name));
    let near = nearest(name, section.keys.iter().map(|k| k.name));
    report::unknown_setting(span, what, near, &known)
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
