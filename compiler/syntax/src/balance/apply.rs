//! Makes the repairs and reports them. Brackets that are to be closed at one place are one
//! mistake; and in a unit with an open string or comment, that one is the mistake.

use super::units::Unit;
use super::{Repair, Source};
use crate::diagnostics::{self, Opening};
use crate::report::Report;
use crate::token::{Token, TokenKind};
use eclexia_base::Span;
use std::ops::Range;

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
        let same = rest.iter().take_while(|r| r.inserts_at(place)).count().max(1);
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
            Repair::Delete { token } => {
                let kind = TokenKind::Unreadable;
                result.push(Token { kind, ..source.tokens[token as usize] });
                done += 1;
            }
            Repair::Replace { open, token } => {
                let kind = source.tokens[open as usize].kind.closing();
                result.push(Token { kind, ..source.tokens[token as usize] });
                done += 1;
            }
        }
        if !silence.covers(place) {
            describe(source, group, start, report);
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

    fn inserts_at(self, place: usize) -> bool {
        matches!(self, Repair::Insert { before, .. } if before as usize == place)
    }

    fn open(self) -> usize {
        match self {
            Repair::Insert { open, .. } | Repair::Replace { open, .. } => open as usize,
            Repair::Delete { token } => token as usize,
        }
    }
}

/// Right after the token before: there the missing bracket belongs.
fn insertion_place(source: Source<'_>, before: usize) -> u32 {
    before.checked_sub(1).map_or(0, |i| source.tokens[i].end)
}

fn describe(source: Source<'_>, group: &[Repair], start: u32, report: &mut Report) {
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
            let token = source.tokens[token as usize];
            diagnostics::unmatched_bracket(span(token), token.kind.glyph())
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
