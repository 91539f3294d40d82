//! Repair without search, for units too large to search: one pass, linear. A closing bracket
//! closes the nearest open bracket of its kind, what is open inside is closed before it, and one
//! without any partner is deleted. Indentation is not looked at.

use super::Repair;
use crate::token::{Token, TokenKind};
use std::ops::Range;

pub(crate) fn repair(tokens: &[Token], unit: Range<usize>, repairs: &mut Vec<Repair>) {
    let mut open: Vec<u32> = Vec::new();
    // How many brackets of each kind are open, so that a foreign one is known at once.
    let mut counts = [0usize; 3];
    for index in unit.clone() {
        let kind = tokens[index].kind;
        if kind.is_open() {
            open.push(index as u32);
            counts[slot(kind.closing())] += 1;
        } else if kind.is_close() && counts[slot(kind)] == 0 {
            repairs.push(Repair::Delete { token: index as u32 });
        } else if kind.is_close() {
            while let Some(top) = open.pop() {
                let closing = tokens[top as usize].kind.closing();
                counts[slot(closing)] -= 1;
                if closing == kind {
                    break;
                }
                repairs.push(Repair::Insert { open: top, before: index as u32 });
            }
        }
    }
    let before = unit.end as u32;
    repairs.extend(open.into_iter().rev().map(|open| Repair::Insert { open, before }));
}

fn slot(closing: TokenKind) -> usize {
    match closing {
        TokenKind::CloseParen => 0,
        TokenKind::CloseBracket => 1,
        _ => 2,
    }
}
