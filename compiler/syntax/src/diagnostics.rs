//! One constructor per code of the reader. Pages: `docs/diagnostics/<slug>.md`.

use crate::lexer::MAX_FILE_BYTES;
use crate::number::Mistake;
use crate::string::EscapeMistake;
use crate::token::TokenKind;
use eclexia_base::{FileId, Span};
use eclexia_diag::{Code, Diagnostic};

pub(crate) const INVALID_UTF8: Code = "invalid-utf8";
pub(crate) const UNREADABLE_TEXT: Code = "unreadable-text";
pub(crate) const MALFORMED_NUMBER: Code = "malformed-number";
pub(crate) const NUMBER_OUT_OF_RANGE: Code = "number-out-of-range";
pub(crate) const BAD_ESCAPE: Code = "bad-escape";
pub(crate) const QUOTATION_RESERVED: Code = "quotation-reserved";
pub(crate) const MISSING_FORM: Code = "missing-form";
pub(crate) const UNCLOSED_BRACKET: Code = "unclosed-bracket";
pub(crate) const UNMATCHED_BRACKET: Code = "unmatched-bracket";
pub(crate) const MISMATCHED_BRACKET: Code = "mismatched-bracket";

/// Labels for further places of one diagnostic; more than these help nobody.
const MAX_LABELS: usize = 3;
/// Of the user's text in a message, so that the message has at most 80 characters.
const SHOWN_WIDTH: usize = 30;

/// Text in a message: control characters escaped, and cut so that the message stays one line.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if shown.len() >= SHOWN_WIDTH {
            shown.push('…');
            break;
        }
        shown.extend(c.escape_debug());
    }
    shown
}

pub(crate) fn invalid_utf8(span: Span, bytes: &[u8]) -> Diagnostic {
    let shown: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
    let dots = if bytes.len() > 8 { " …" } else { "" };
    let (plural, stand) = if bytes.len() == 1 { ("byte", "stands") } else { ("bytes", "stand") };
    Diagnostic::error(INVALID_UTF8, span, "the file is not valid UTF-8")
        .here(format!("the {plural} {}{dots} {stand} for no character", shown.join(" ")))
        .note("a program is read as UTF-8; each run of bad bytes is read as U+FFFD here")
        .help("save the file as UTF-8 in your editor")
}

pub(crate) fn file_too_large(file: FileId, bytes: usize) -> Diagnostic {
    let (limit, size) = (MAX_FILE_BYTES >> 20, bytes.div_ceil(1 << 20));
    let message = format!("the file has {size} MiB; at most {limit} MiB are read");
    Diagnostic::error("file-too-large", Span::new(file, 0, 0), message)
        .help("split the program into modules; keep data in files of their own")
}

pub(crate) fn unreadable_text(span: Span, text: &str) -> Diagnostic {
    let message = format!("`{}` is not part of the language", shown(text));
    let base = Diagnostic::error(UNREADABLE_TEXT, span, message);
    let Some(first) = text.chars().next() else { return base };
    match first {
        '“' | '”' | '„' | '«' | '»' => {
            base.here("a typographic quote").help("write strings with the plain quote `\"`")
        }
        '‘' | '’' => base.here("a typographic apostrophe").help("write strings with `\"`"),
        '\u{2212}' | '–' | '—' => base
            .here("this dash is not the minus sign of the keyboard")
            .help("write `-`")
            .fix("write `-`", span, "-"),
        c if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' => base
            .here(format!("U+{:04X}, an invisible character", c as u32))
            .help("replace it by a plain space")
            .fix("replace it by a plain space", span, " "),
        '\\' => base.here("there are no character literals").help("write a string: \"a\""),
        '#' => base
            .here("`#` only starts `#| comment |#` and `#_form`")
            .help("write a comment with `;`"),
        ':' => base
            .here("a keyword without a name")
            .help("write the name after it: `:name`; types stand in `(sig f (Fn [Int] Int))`"),
        '@' => base.here("`@` only stands in `~@`").help("delete it"),
        '|' => base.here("`|` only stands in `#| comment |#`").help("delete it"),
        '%' => base
            .here("`%` only follows a number")
            .help("write a number before it, `5%`; what a division leaves is `(rem a b)`"),
        c if c.is_control() => {
            base.here("a control character; is this a text file?").help("delete it")
        }
        _ => base
            .here("names are made of letters, digits and `_ + - * / < > = ! ? . ^ $ & : '`")
            .help("delete it, or put it into a string"),
    }
}

pub(crate) fn unterminated_string(span: Span, is_raw: bool) -> Diagnostic {
    let quote = if is_raw { "\"\"\"" } else { "\"" };
    let start = Span { end: span.start + quote.len() as u32, ..span };
    Diagnostic::error("unterminated-string", start, "this string is never closed")
        .here(format!("the string starts at this `{quote}`"))
        .label(span.after(), format!("a closing `{quote}` is missing, most likely here"))
        .help(format!("write `{quote}` where the string ends"))
        .fix(format!("write `{quote}`"), span.after(), quote)
}

pub(crate) fn unterminated_comment(span: Span, line_end: u32) -> Diagnostic {
    let start = Span { end: span.start + 2, ..span };
    let end = Span { start: line_end, end: line_end, ..span };
    Diagnostic::error("unterminated-comment", start, "this comment is never closed")
        .here("the comment starts at this `#|`")
        .note("block comments nest: each `#|` needs a `|#` of its own")
        .help("write `|#` where the comment ends")
        .fix("write `|#` at the end of the line", end, " |#")
}

pub(crate) fn bad_escape(span: Span, written: &str, mistake: EscapeMistake) -> Diagnostic {
    let message = format!("`{}` is no escape", shown(written).replace("\\\\", "\\"));
    let base = Diagnostic::error(BAD_ESCAPE, span, message);
    match mistake {
        EscapeMistake::Unknown => base
            .here("unknown escape")
            .note("the escapes are \\n \\t \\r \\\\ \\\" \\0 and \\u{1F600}")
            .help("write `\\\\` for a backslash, or use a raw string: \"\"\"…\"\"\"")
            .fix("write `\\\\`", Span { end: span.start + 1, ..span }, "\\\\"),
        EscapeMistake::UnicodeForm => base
            .here("one to six hexadecimal digits in braces are missing")
            .help("write the character's number in braces, as in \\u{1F600}"),
        EscapeMistake::NotACharacter => base
            .here("no character has this number")
            .note("characters are 0 to 10FFFF, without D800 to DFFF")
            .help("write the number of a character, as in \\u{1F600}"),
    }
}

pub(crate) fn malformed_number(span: Span, text: &str, mistake: Mistake) -> Diagnostic {
    let message = format!("`{}` is no number", shown(text));
    let base = Diagnostic::error(MALFORMED_NUMBER, span, message);
    let rewrite = |d: Diagnostic, new: String| {
        d.help(format!("write `{new}`")).fix(format!("write `{new}`"), span, new)
    };
    match mistake {
        Mistake::NoDigitBeforeDot => {
            let new = text.replacen('.', "0.", 1);
            rewrite(base.here("a digit is missing before the dot"), new)
        }
        Mistake::NoDigitAfterDot => {
            let new = text.replacen('.', ".0", 1);
            rewrite(base.here("a digit is missing after the dot"), new)
        }
        Mistake::HexDigit => base
            .here("only 0 to 9 and a to f may follow `0x`")
            .help("correct the digits, as in `0xff`"),
        Mistake::Underscore => base
            .here("`_` may only stand between digits")
            .help("write `_` between digits, as in `1_000`"),
        Mistake::Ratio => {
            let (over, under) = text.split_once('/').unwrap_or((text, "1"));
            rewrite(base.here("there are no literal fractions"), format!("(/ {over} {under})"))
        }
        Mistake::Unit => base
            .here("what follows the number is no unit expression")
            .note("a unit expression joins unit names by `*`, `/` and `^2`, as in `300gCO2e/kWh`")
            .help("complete the unit, or put a space after the number"),
    }
}

pub(crate) fn number_out_of_range(span: Span, kind: TokenKind) -> Diagnostic {
    if kind == TokenKind::Int {
        Diagnostic::error(NUMBER_OUT_OF_RANGE, span, "this integer does not fit into 64 bits")
            .here("too large")
            .note("an Int is from -9223372036854775808 to 9223372036854775807")
            .help("write it as a Float, with `.0` at its end, if it may be rounded")
    } else {
        Diagnostic::error(NUMBER_OUT_OF_RANGE, span, "this number exceeds every Float")
            .here("too large")
            .note("the largest Float is about 1.8e308")
            .help("write a smaller number")
    }
}

pub(crate) fn quotation_reserved(span: Span, written: &str) -> Diagnostic {
    Diagnostic::error(QUOTATION_RESERVED, span, format!("`{written}` is reserved for quotation"))
        .here("programs cannot quote forms yet")
        .note("macros are written with patterns and need no quotation: see `defmacro`")
        .help(format!("delete `{written}`; a fixed name is written as a keyword, `:name`"))
        .fix(format!("delete `{written}`"), span, "")
}

pub(crate) fn missing_form(span: Span, written: &str) -> Diagnostic {
    Diagnostic::error(MISSING_FORM, span, format!("nothing follows `{written}`"))
        .here("this needs a form after it")
        .help(format!("write a form after `{written}`, or delete it"))
        .fix(format!("delete `{written}`"), span, "")
}

pub(crate) fn nesting_too_deep(span: Span, limit: usize) -> Diagnostic {
    let message = format!("brackets nest deeper than {limit} levels");
    Diagnostic::error("nesting-too-deep", span, message)
        .here(format!("level {} starts here; it is not read", limit + 1))
        .help("name an inner part with `def` or `let` and use the name")
}

/// An opening bracket: where it stands and how it is written.
pub(crate) struct Opening {
    pub span: Span,
    pub glyph: &'static str,
}

/// Brackets (innermost first, at least one) that have to be closed at one place.
pub(crate) fn unclosed_bracket(openings: &[Opening], at: Span, missing: &str) -> Diagnostic {
    let first = &openings[0];
    let message = match openings.len() {
        1 => format!("this `{}` is never closed", first.glyph),
        n => format!("{n} brackets are never closed"),
    };
    let mut result = Diagnostic::error(UNCLOSED_BRACKET, first.span, message)
        .here("opened here")
        .label(at, format!("by the indentation, `{missing}` is missing here"));
    for opening in openings.iter().skip(1).take(MAX_LABELS) {
        result = result.label(opening.span, format!("this `{}` is open too", opening.glyph));
    }
    result.help(format!("write `{missing}` there")).fix(format!("write `{missing}`"), at, missing)
}

/// Closing brackets without partners, side by side; `headless` is a name before them that looks
/// like the head of a form without its bracket.
pub(crate) fn unmatched_bracket(span: Span, written: &str, headless: Option<Span>) -> Diagnostic {
    let message = format!("this `{written}` closes nothing");
    let base =
        Diagnostic::error(UNMATCHED_BRACKET, span, message).here("no open bracket is left for it");
    let Some(head) = headless.filter(|_| written == ")") else {
        return base.help(format!("delete this `{written}`")).fix(
            format!("delete `{written}`"),
            span,
            "",
        );
    };
    let at = Span { end: head.start, ..head };
    base.label(head, "a `(` may be missing before this")
        .help("write `(` there, or delete this `)`")
        .fix("write `(`", at, "(")
}

pub(crate) fn mismatched_bracket(
    open: Opening,
    span: Span,
    written: &str,
    expected: &'static str,
) -> Diagnostic {
    let message = format!("`{}` is closed by `{written}`", open.glyph);
    Diagnostic::error(MISMATCHED_BRACKET, span, message)
        .here(format!("`{expected}` is expected here"))
        .label(open.span, format!("to close this `{}`", open.glyph))
        .help(format!("write `{expected}` in place of `{written}`"))
        .fix(format!("write `{expected}`"), span, expected)
}
