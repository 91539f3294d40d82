//! Diagnostics for a person: heading, the places in their source lines, notes, one piece of help.
//!
//! The heading and everything about a diagnostic without a place are written here; the picture of
//! the source is ariadne's. Labels are ordered by file (the primary one's first) and line, because
//! ariadne opens a new picture whenever a label lies above the one before.

use super::excerpt::Excerpt;
use super::{heading, visible};
use crate::{Diagnostic, Severity, Sources};
use ariadne::{Color, Config, Label, Report, ReportKind, Source};
use eclexia_base::{FileId, Span};
use std::collections::BTreeMap;
use std::ops::Range;

/// A place as ariadne wants it: a file and a range of characters of its excerpt.
type Place = (FileId, Range<usize>);

/// The codes a batch is closed with; more than this many are not read anyway.
const MOST_CODES: usize = 4;

/// The diagnostics that are shown to a person; the rest of a flood is counted.
const MOST_SHOWN: usize = 50;

/// The diagnostics in the order given, a blank line after each, and how to read more.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let mut out = String::new();
    let (shown, rest) = diagnostics.split_at(diagnostics.len().min(MOST_SHOWN));
    for diagnostic in shown {
        out.push_str(&title(diagnostic, color));
        match picture(diagnostic, sources, color) {
            Some(picture) => out.push_str(&picture),
            None => out.push_str(&remarks_alone(diagnostic)),
        }
        out.push('\n');
    }
    if !rest.is_empty() {
        out.push_str(&format!("{} more are not shown; `--json` lists them all\n\n", rest.len()));
    }
    out.push_str(&read_more(shown));
    out
}

fn title(diagnostic: &Diagnostic, color: bool) -> String {
    let (heading, message) = (heading(diagnostic), visible(&diagnostic.message));
    if !color {
        return format!("{heading}: {message}\n");
    }
    let code = match diagnostic.severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
    };
    format!("\x1b[{code}m{heading}\x1b[0m\x1b[1m: {message}\x1b[0m\n")
}

fn remarks_alone(diagnostic: &Diagnostic) -> String {
    let help = help(diagnostic).map(|text| ("help", text));
    let notes = diagnostic.notes.iter().map(|note| ("note", visible(note)));
    let lines = help.into_iter().chain(notes);
    lines.map(|(word, text)| format!("  {word}: {}\n", text.replace('\n', "\n        "))).collect()
}

/// The help, or else what the first fix would write.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    if let Some(help) = &diagnostic.help {
        return Some(visible(help));
    }
    let fix = diagnostic.fixes.first()?;
    let text = match &fix.edits[..] {
        [edit] if !edit.text.is_empty() => format!("{}: `{}`", fix.title, edit.text),
        _ => fix.title.clone(),
    };
    Some(visible(&text))
}

/// The source with the labels drawn into it; `None` where no label has a source.
fn picture(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> Option<String> {
    let primary = diagnostic.primary.as_ref()?;
    let mut labels = vec![(primary, true)];
    labels.extend(diagnostic.labels.iter().map(|label| (label, false)));
    labels.retain(|(label, _)| sources.get(label.span.file).is_some());
    let place_of = |span: Span| {
        let end =
            sources.get(span.file).map_or((1, 1), |s| s.line_column(span.end.max(span.start)));
        (span.file != primary.span.file, span.file, end, span.start)
    };
    labels.sort_by_key(|(label, is_primary)| (place_of(label.span), !is_primary));

    let mut spans: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    for (label, _) in &labels {
        spans.entry(label.span.file).or_default().push(label.span);
    }
    let excerpts: BTreeMap<FileId, Excerpt> = spans
        .into_iter()
        .filter_map(|(file, spans)| Some((file, Excerpt::new(sources.get(file)?, &spans))))
        .collect();
    let range = |span: Span| -> Option<Place> {
        let excerpt = excerpts.get(&span.file)?;
        Some((span.file, excerpt.range(sources.get(span.file)?, span)))
    };

    let head = labels.iter().find(|(_, is_primary)| *is_primary).or(labels.first())?.0.span;
    let config = Config::default().with_color(color);
    let mut report = Report::build(ReportKind::Error, range(head)?).with_config(config);
    for (n, (label, is_primary)) in labels.iter().enumerate() {
        let text = if label.text.is_empty() { "here" } else { &label.text };
        let shade = shade(diagnostic.severity, *is_primary, n);
        let drawn = Label::new(range(label.span)?).with_message(visible(text)).with_color(shade);
        report.add_label(drawn.with_priority(i32::from(*is_primary)));
    }
    report.with_helps(help(diagnostic));
    report.with_notes(diagnostic.notes.iter().map(|note| visible(note)));

    let mut written = Vec::new();
    let cache = Shown::new(&excerpts, sources);
    report.finish().write(cache, &mut written).ok()?;
    let text = String::from_utf8(written).ok()?;
    let text = true_columns(
        text,
        &excerpts,
        sources,
        &labels.iter().map(|l| l.0.span).collect::<Vec<_>>(),
    );
    Some(without_heading(&text))
}

fn shade(severity: Severity, is_primary: bool, n: usize) -> Color {
    match (is_primary, severity) {
        (true, Severity::Error) => Color::Red,
        (true, Severity::Warning) => Color::Yellow,
        (false, _) => [Color::Cyan, Color::Blue, Color::Magenta][n % 3],
    }
}

/// Drops ariadne's first line, which ignores `color`, and blanks at line ends.
fn without_heading(text: &str) -> String {
    text.lines().skip(1).map(|line| format!("{}\n", line.trim_end())).collect()
}

/// In a line that was cut, ariadne counts columns from the cut: write the file's columns instead.
fn true_columns(
    mut text: String,
    excerpts: &BTreeMap<FileId, Excerpt>,
    sources: &Sources,
    spans: &[Span],
) -> String {
    for span in spans {
        let (Some(excerpt), Some(source)) = (excerpts.get(&span.file), sources.get(span.file))
        else {
            continue;
        };
        if excerpt.is_cut_at(source, span.start) {
            let (line, column) = source.line_column(span.start);
            let line_start = excerpt.range(source, Span { end: span.start, ..*span }).start;
            let shown = line_start - excerpt.line_start(line - 1) + 1;
            let name = visible(&source.name);
            let found = format!("{name}:{line}:{shown} ");
            text = text.replace(&found, &format!("{name}:{line}:{column} "));
        }
    }
    text
}

fn read_more(diagnostics: &[Diagnostic]) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for diagnostic in diagnostics {
        if !codes.contains(&diagnostic.code) {
            codes.push(diagnostic.code);
        }
    }
    match codes.as_slice() {
        [] => String::new(),
        [code] => format!("To read more: eclexia explain {code}\n"),
        [code, others @ ..] => {
            let others = &others[..others.len().min(MOST_CODES - 1)];
            format!("To read more: eclexia explain {code} (or {})\n", others.join(", "))
        }
    }
}

/// The excerpts as ariadne fetches them.
struct Shown<'a> {
    files: BTreeMap<FileId, Source<&'a str>>,
    sources: &'a Sources,
}

impl<'a> Shown<'a> {
    fn new(excerpts: &'a BTreeMap<FileId, Excerpt>, sources: &'a Sources) -> Shown<'a> {
        let files = excerpts.iter().map(|(file, e)| (*file, Source::from(e.text.as_str())));
        Shown { files: files.collect(), sources }
    }
}

impl<'a> ariadne::Cache<FileId> for Shown<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<&'a str>, impl std::fmt::Debug> {
        self.files.get(id).ok_or(*id)
    }

    fn display<'b>(&self, id: &'b FileId) -> Option<impl std::fmt::Display + 'b> {
        Some(visible(self.sources.name(*id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(sources: &Sources, file: FileId, part: &str) -> Span {
        let start = sources.text(file).find(part).expect("the part is in the text") as u32;
        Span::new(file, start, start + part.len() as u32)
    }

    #[test]
    fn labels_of_several_files_and_scripts_stand_at_their_characters() {
        let mut sources = Sources::new();
        let shop = sources.add("shop.ecl", "; 水 é ☕\n(defservice db\n  {:memory 2cpu})\n");
        let deploy =
            sources.add("<stdlib>/std/deploy.ecl", "(defrecord Service\n  {:memory (Q B)})\n");
        let found = Diagnostic::error(
            "unit-mismatch",
            span_of(&sources, shop, "2cpu"),
            "`2cpu` counts cores where memory is wanted",
        )
        .here("this is `Cpu`")
        .label(span_of(&sources, deploy, ":memory (Q B)"), "`:memory` is declared here")
        .note("a quantity never changes its dimension")
        .help("write `2GiB`");
        let expected = "\
error[unit-mismatch]: `2cpu` counts cores where memory is wanted
   ╭─[ shop.ecl:3:12 ]
   │
 3 │   {:memory 2cpu})
   │            ──┬─
   │              ╰─── this is `Cpu`
   │
   ├─[ <stdlib>/std/deploy.ecl:2:4 ]
   │
 2 │   {:memory (Q B)})
   │    ──────┬──────
   │          ╰──────── `:memory` is declared here
   │
   │ Help: write `2GiB`
   │
   │ Note: a quantity never changes its dimension
───╯

To read more: eclexia explain unit-mismatch
";
        assert_eq!(human(&[found], &sources, false), expected);
    }

    #[test]
    fn a_place_at_the_end_of_the_text_is_drawn_once() {
        let mut sources = Sources::new();
        let file = sources.add("a.ecl", "(def x\n");
        let found = Diagnostic::error("unclosed", Span::new(file, 7, 7), "a `)` is missing")
            .here("add `)` here");
        let text = human(&[found], &sources, false);
        assert!(text.contains("a.ecl:2:1"), "{text}");
        assert_eq!(text.matches("add `)` here").count(), 1, "{text}");
    }

    #[test]
    fn without_a_place_there_is_a_heading_and_the_remarks() {
        let found = [
            Diagnostic::without_place("missing-file", "there is no file `x.ecl`").note("one\ntwo"),
            Diagnostic::without_place("disk-full", "the disk is full").help("free some space"),
        ];
        assert_eq!(
            human(&found, &Sources::new(), false),
            "error[missing-file]: there is no file `x.ecl`\n  note: one\n        two\n\n\
             error[disk-full]: the disk is full\n  help: free some space\n\n\
             To read more: eclexia explain missing-file (or disk-full)\n"
        );
    }

    #[test]
    fn a_fix_stands_in_for_absent_help() {
        let mut sources = Sources::new();
        let file = sources.add("a.ecl", "(def x 1)");
        let span = Span::new(file, 5, 6);
        let found = Diagnostic::warning("unused-name", span, "`x` is never used").fix(
            "mark it as unused",
            span,
            "_x",
        );
        let text = human(&[found], &sources, false);
        assert!(text.contains("Help: mark it as unused: `_x`"), "{text}");
    }

    #[test]
    fn in_a_cut_line_the_columns_are_those_of_the_file() {
        let mut sources = Sources::new();
        let file = sources.add("a.ecl", format!("{}x{}", "(".repeat(5000), ")".repeat(5000)));
        let found = Diagnostic::error("odd", Span::new(file, 5000, 5001), "odd");
        let text = human(&[found], &sources, false);
        assert!(text.contains("[ a.ecl:1:5001 ]"), "{text}");
        assert!(text.len() < 2000, "{text}");
    }

    #[test]
    fn color_is_in_the_text_only_when_asked_for() {
        let mut sources = Sources::new();
        let file = sources.add("a.ecl", "(def x 1)");
        let found = [Diagnostic::error("odd", Span::new(file, 0, 4), "\u{1b}[2J")];
        assert!(!human(&found, &sources, false).contains('\u{1b}'));
        assert!(human(&found, &sources, true).starts_with("\u{1b}[1;31merror[odd]\u{1b}[0m"));
    }

    #[test]
    fn no_span_makes_a_renderer_panic() {
        let mut sources = Sources::new();
        let texts = ["", "\n", "é\r\n水\u{2028}x\n\n", "(a\tb)\n\n\n\n\n\nlast", "\r\r\n\u{301}a"];
        for (n, text) in texts.iter().enumerate() {
            sources.add(format!("{n}.ecl"), *text);
        }
        let offsets = [0, 1, 2, 3, 5, 9, 12, u32::MAX];
        for file in (0..=texts.len() as u32).map(FileId) {
            for start in offsets {
                for end in offsets {
                    let other = Span::new(FileId(2), end, start);
                    let found = Diagnostic::error("odd", Span::new(file, start, end), "odd")
                        .label(other, "one\ntwo")
                        .label(Span::new(file, end, end), "");
                    let text = human(&[found], &sources, false);
                    assert!(text.starts_with("error[odd]: odd\n"), "{text}");
                }
            }
        }
    }
}
