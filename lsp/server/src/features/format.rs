//! Layout: of a document, of some lines, and while one types.
//!
//! Edits are as few and small as a comparison by lines makes them, so that cursors stay. A text
//! whose brackets are broken is left as it is. While one types only the form at the cursor is
//! looked at, so that what is broken elsewhere does not matter.

use crate::context::{Answer, Context};
use crate::position::{Encoding, Lines};
use eclexia_base::FileId;
use gen_lsp_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    TextEdit,
};
use similar::{DiffOp, TextDiff};
use std::ops::Range;

/// What triggers layout while one types.
pub const TRIGGERS: [&str; 4] = ["\n", ")", "]", "}"];

pub fn whole(context: &Context, params: DocumentFormattingParams) -> Answer<Vec<TextEdit>> {
    let text = context.text(&params.text_document.uri)?;
    Ok(protocol(&text, edits(&text, 0..text.len()), context.client.encoding))
}

/// The lines of a range, as they are in the whole laid out.
pub fn range(context: &Context, params: DocumentRangeFormattingParams) -> Answer<Vec<TextEdit>> {
    let text = context.text(&params.text_document.uri)?;
    let encoding = context.client.encoding;
    let wanted = Lines::new(&text).bytes(&text, params.range, encoding);
    let all = edits(&text, 0..text.len()).into_iter();
    let touched = all.filter(|(at, _)| at.start <= wanted.end && wanted.start <= at.end);
    Ok(protocol(&text, touched.collect(), encoding))
}

pub fn on_type(context: &Context, params: DocumentOnTypeFormattingParams) -> Answer<Vec<TextEdit>> {
    let text = context.text(&params.text_document.uri)?;
    let encoding = context.client.encoding;
    let at = Lines::new(&text).offset(&text, params.position, encoding);
    let edits = match params.ch.as_str() {
        "\n" => indentation(&text, at).into_iter().collect(),
        _ => form(&text, at, "").map(|form| edits(&text, form)).unwrap_or_default(),
    };
    Ok(protocol(&text, edits, encoding))
}

type Edit = (Range<usize>, String);

/// What laying out a part of a text changes, by lines.
fn edits(text: &str, part: Range<usize>) -> Vec<Edit> {
    let old = &text[part.clone()];
    let new = laid_out(old);
    // The part of a text need not end in a line end.
    let new = match old.ends_with('\n') || part.end == text.len() {
        true => new.as_str(),
        false => new.trim_end_matches(['\r', '\n']),
    };
    let diff = TextDiff::from_lines(old, new);
    let old_starts = starts(diff.iter_old_slices());
    let new_starts = starts(diff.iter_new_slices());
    let changes = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    let edit = |op: &DiffOp| {
        let (from, to) = (op.old_range(), op.new_range());
        let at = part.start + old_starts[from.start]..part.start + old_starts[from.end];
        (at, new[new_starts[to.start]..new_starts[to.end]].to_owned())
    };
    changes.map(edit).collect()
}

/// Where each line begins, and where the last one ends.
fn starts<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<usize> {
    let ends = lines.scan(0, |end, line| {
        *end += line.len();
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

fn laid_out(text: &str) -> String {
    let (tree, found) = eclexia_syntax::read(FileId(0), text);
    match found.has_errors() {
        true => text.to_owned(),
        false => with_ends_of(text, eclexia_syntax::format(text, &tree)),
    }
}

/// Lines end as they did: a file of `\r\n` stays one, and edits are those of what is laid out.
fn with_ends_of(text: &str, new: String) -> String {
    match text.contains("\r\n") {
        true => new.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => new,
    }
}

/// How many brackets in the first column are tried as the beginning of the form at the cursor.
const MOST_TRIES: usize = 32;

/// The form at an offset: from the nearest bracket in the first column from which the brackets
/// close before the next one behind the offset; one at the offset is the form's. `cursor` is put in
/// there, to be sound or not.
fn form(text: &str, at: usize, cursor: &str) -> Option<Range<usize>> {
    let begins = text.match_indices('(').map(|(i, _)| i);
    let begins = begins.filter(|i| *i == 0 || text[..*i].ends_with('\n'));
    let (before, after): (Vec<usize>, Vec<usize>) = begins.partition(|begin| *begin < at);
    let end = after.into_iter().find(|begin| *begin > at).unwrap_or(text.len());
    let is_sound = |start: &usize| {
        let part = format!("{}{cursor}{}", &text[*start..at], &text[at..end]);
        !eclexia_syntax::read(FileId(0), &part).1.has_errors()
    };
    let start = before.into_iter().rev().take(MOST_TRIES).find(is_sound)?;
    Some(start..end)
}

/// A name that stands where the cursor is.
const CURSOR: &str = "the-cursor-is-here";

/// The indentation of the line that was begun: that of a name which stood there.
fn indentation(text: &str, at: usize) -> Option<Edit> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..];
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    let behind = start + blank;
    let with_space = format!("{CURSOR} ");
    let with_cursor = match form(text, behind, &with_space) {
        Some(part) => {
            format!("{}{with_space}{}", &text[part.start..start], &text[behind..part.end])
        }
        None => closed(text, start, &with_space)?,
    };
    let new = laid_out(&with_cursor);
    let (before, _) = new.split_once(CURSOR)?;
    let indent = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    let is_new = indent.chars().all(|c| c == ' ') && text[start..behind] != *indent;
    is_new.then(|| (start..behind, indent.to_owned()))
}

/// The form that is begun before an offset and not closed, with the cursor in it, closed there.
fn closed(text: &str, at: usize, cursor: &str) -> Option<String> {
    let begins = text[..at].match_indices('(').map(|(i, _)| i);
    let mut begins = begins.filter(|i| *i == 0 || text[..*i].ends_with('\n'));
    let begin = begins.next_back()?;
    // Deeper than all brackets, so that none is taken to end before it.
    let open = format!("{}{:DEEPER$}{cursor}", &text[begin..at], "");
    let found = eclexia_syntax::read(FileId(0), &open).1;
    let mut errors = found.iter().filter(|found| found.is_error());
    let missing = errors.next().filter(|found| found.code == "unclosed-bracket")?;
    let closing = &missing.fixes.first()?.edits.first()?.text;
    Some(format!("{}{cursor}{closing}", &text[begin..at]))
        .filter(|closed| !eclexia_syntax::read(FileId(0), closed).1.has_errors())
}

/// Columns.
const DEEPER: usize = 400;

fn protocol(text: &str, edits: Vec<Edit>, encoding: Encoding) -> Vec<TextEdit> {
    let lines = Lines::new(text);
    let edit = |(at, new_text)| TextEdit { range: lines.range(text, at, encoding), new_text };
    edits.into_iter().map(edit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, edits: &[Edit]) -> String {
        let mut text = text.to_owned();
        for (at, new) in edits.iter().rev() {
            text.replace_range(at.clone(), new);
        }
        text
    }

    const LOOSE: &str = "(def  a 1)\n(def b 2)\n\n\n\n(defn f [x]\n(+ x\n1))\n";

    #[test]
    fn edits_make_the_text_that_laying_out_makes() {
        let all = edits(LOOSE, 0..LOOSE.len());
        assert!(all.len() > 1, "{all:?}");
        assert_eq!(applied(LOOSE, &all), laid_out(LOOSE));
        assert_eq!(edits(&laid_out(LOOSE), 0..laid_out(LOOSE).len()), []);
        let broken = "(def  a 1\n(def";
        assert_eq!(edits(broken, 0..broken.len()), []);
    }

    #[test]
    fn lines_end_as_they_did() {
        let loose = LOOSE.replace('\n', "\r\n");
        let all = edits(&loose, 0..loose.len());
        assert_eq!(applied(&loose, &all), laid_out(LOOSE).replace('\n', "\r\n"));
        let sound = laid_out(&loose);
        assert_eq!(edits(&sound, 0..sound.len()), []);
        let one = sound.replace("(+ x", "(+   x");
        let all = edits(&one, 0..one.len());
        assert!(all.iter().all(|(at, new)| at.len() < 20 && new.len() < 20), "{all:?}");
    }

    #[test]
    fn a_form_is_laid_out_whatever_is_broken_elsewhere() {
        let text = "(def a (\n(defn f [x]\n(+ x\n1))\n(def  b";
        let at = text.find("1)").expect("it is there");
        let form = form(text, at, "").expect("its brackets close");
        let changed = applied(text, &edits(text, form));
        assert_eq!(changed, "(def a (\n(defn f [x]\n  (+ x\n     1))\n(def  b");
    }

    #[test]
    fn a_new_line_is_indented_as_what_will_stand_there() {
        for (text, expected) in [
            ("(defn f [x]\n)", "(defn f [x]\n  )"),
            ("(+ x\n1)", "(+ x\n   1)"),
            ("(def a 1)\n   \n(def b 2)", "(def a 1)\n\n(def b 2)"),
            ("(defn f [x]\n(do\n x))", "(defn f [x]\n  (do\n x))"),
            ("(let [a 1\n]\n  a)", "(let [a 1\n      ]\n  a)"),
            ("(f \"a\n\" b)", "(f \"a\n\" b)"),
            ("(defn f [x] ; c\n", "(defn f [x] ; c\n  "),
            ("(defn f [x]\n\n(def b 2)", "(defn f [x]\n  \n(def b 2)"),
            ("(let [a 1\n", "(let [a 1\n      "),
            ("(f \"a\n", "(f \"a\n"),
            ("(def a (]\n", "(def a (]\n"),
        ] {
            let at = text.find('\n').expect("a line end") + 1;
            let edit = indentation(text, at);
            assert_eq!(applied(text, edit.as_slice()), expected, "{text:?}");
        }
    }
}
