//! Makes the repairs and reports them. Brackets that are to be closed at one place are one
//! mistake; and in a unit with an open string or comment, that one is the mistake.

use super::units::Unit;
use super::{Repair, Source};
use crate::diagnostics::{self, Opening};
use crate::layout::Layout;
use crate::report::Report;
use crate::token::{Token, TokenKind};
use eclexia_base::Span;
use std::ops::Range;

/// Tokens of the form before a bracket without partner that are searched for its beginning.
const MAX_LOOK_BACK: usize = 2_000;

/// Where repairs are not worth a word: everywhere, or in some units.
pub(crate) struct Silence {
    everywhere: bool,
    units: Vec<Range<usize>>,
}

impl Silence {
    pub(crate) fn of(units: &[Unit], everywhere: bool) -> Silence {
        let silent = units.iter().filter(|u| u.silent).map(|u| u.tokens.clone());
        Silence { everywhere, units: silent.collect() }
    }

    fn covers(&self, token: usize) -> bool {
        let next = self.units.partition_point(|u| u.end < token);
        self.everywhere || self.units.get(next).is_some_and(|u| u.start <= token)
    }
}

/// Makes `repairs`, which are in order of place.
pub(crate) fn apply(
    source: Source<'_>,
    lines: &Layout,
    repairs: &[Repair],
    silence: &Silence,
    report: &mut Report,
) -> Vec<Token> {
    let mut result = Vec::with_capacity(source.tokens.len() + repairs.len());
    let mut done = 0;
    let mut rest = repairs;
    while let Some(&repair) = rest.first() {
        let place = repair.place() as usize;
        result.extend_from_slice(&source.tokens[done..place]);
        done = place;
        let same = same_mistake(source, rest);
        let (group, later) = rest.split_at(same);
        rest = later;
        let start = match repair {
            Repair::Insert { .. } => insertion_place(source, place),
            _ => source.tokens[place].start,
        };
        match repair {
            Repair::Insert { .. } => {
                for kind in group.iter().map(|r| source.tokens[r.open()].kind.closing()) {
                    result.push(Token { kind, start, end: start });
                }
            }
            Repair::Delete { .. } => {
                let end = source.tokens[place + same - 1].end;
                result.push(Token { kind: TokenKind::Unreadable, start, end });
                done += same;
            }
            Repair::Replace { open, token } => {
                let kind = source.tokens[open as usize].kind.closing();
                result.push(Token { kind, ..source.tokens[token as usize] });
                done += 1;
            }
        }
        if !silence.covers(place) {
            describe(source, lines, group, start, report);
        }
    }
    result.extend_from_slice(&source.tokens[done..]);
    result
}

impl Repair {
    /// The token before or at which it happens.
    pub(crate) fn place(self) -> u32 {
        match self {
            Repair::Insert { before, .. } => before,
            Repair::Delete { token } | Repair::Replace { token, .. } => token,
        }
    }

    fn open(self) -> usize {
        match self {
            Repair::Insert { open, .. } | Repair::Replace { open, .. } => open as usize,
            Repair::Delete { token } => token as usize,
        }
    }
}

/// How many of the repairs are one mistake with the first: brackets that are closed at the same
/// place, or closing brackets side by side that have no partner.
fn same_mistake(source: Source<'_>, repairs: &[Repair]) -> usize {
    let touches = |a: Repair, b: Repair| match (a, b) {
        (Repair::Insert { before, .. }, Repair::Insert { before: next, .. }) => before == next,
        (Repair::Delete { token }, Repair::Delete { token: next }) => {
            let end = source.tokens[token as usize].end;
            next == token + 1 && source.tokens[next as usize].start == end
        }
        _ => false,
    };
    1 + repairs.windows(2).take_while(|pair| touches(pair[0], pair[1])).count()
}

/// Right after the token before: there the missing bracket belongs.
fn insertion_place(source: Source<'_>, before: usize) -> u32 {
    before.checked_sub(1).map_or(0, |i| source.tokens[i].end)
}

/// A name that begins a line where top-level forms begin, before a bracket without partner: most
/// likely the opening bracket before it is missing.
fn headless(source: Source<'_>, lines: &Layout, token: usize) -> Option<Token> {
    let begins = |i: &usize| {
        lines.column(*i) == lines.base && lines.is_first(*i, source.tokens, source.text)
    };
    let first = (0..token).rev().take(MAX_LOOK_BACK).find(begins)?;
    Some(source.tokens[first]).filter(|t| t.kind == TokenKind::Symbol)
}

fn describe(source: Source<'_>, lines: &Layout, group: &[Repair], start: u32, report: &mut Report) {
    let span = |token: Token| Span::new(source.file, token.start, token.end);
    let opening = |index: usize| {
        let token = source.tokens[index];
        Opening { span: span(token), glyph: token.kind.glyph() }
    };
    match group[0] {
        Repair::Insert { .. } => report.push_with(diagnostics::UNCLOSED_BRACKET, || {
            let openings: Vec<Opening> = group.iter().map(|r| opening(r.open())).collect();
            let missing: String =
                group.iter().map(|r| source.tokens[r.open()].kind.closing().glyph()).collect();
            let at = Span::new(source.file, start, start);
            diagnostics::unclosed_bracket(&openings, at, &missing)
        }),
        Repair::Delete { token } => report.push_with(diagnostics::UNMATCHED_BRACKET, || {
            let first = span(source.tokens[token as usize]);
            let whole = first.to(span(source.tokens[token as usize + group.len() - 1]));
            let written: String = source.text[whole.range()].chars().take(20).collect();
            let headless = headless(source, lines, token as usize).map(span);
            diagnostics::unmatched_bracket(whole, &written, headless)
        }),
        Repair::Replace { open, token } => {
            report.push_with(diagnostics::MISMATCHED_BRACKET, || {
                let token = source.tokens[token as usize];
                let expected = source.tokens[open as usize].kind.closing().glyph();
                let written = token.kind.glyph();
                diagnostics::mismatched_bracket(
                    opening(open as usize),
                    span(token),
                    written,
                    expected,
                )
            });
        }
    }
}
