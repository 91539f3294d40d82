//! Maps that are laid out as tables: one row per line, values below each other. A table that the
//! user made is kept, with columns as wide as they must be.
//!
//! 1. A row is what stands on one line; its first datum is a key.
//! 2. In the column of first values, more than half of the rows, and at least two, stand in the
//!    same place of the source, and somewhere more than one space is before it.
//! 3. In each further column the same, or all rows stand in the same place.
//! 4. The first column without that, and all after it, are no part of the table.

use super::forms::{Form, Shape};
use crate::token::TokenKind;

/// A datum with its prefixes.
struct Item {
    is_keyword: bool,
    shape: Shape,
    column: usize,
    spaces: usize,
    lead: usize,
    flat: Option<usize>,
}

/// Where each value of a row begins, counted from the map's bracket; empty if it is no table.
pub(crate) fn columns(forms: &[Form], map: &Form) -> Vec<usize> {
    let Some(rows) = rows(forms, map) else { return Vec::new() };
    let keys = rows.iter().filter_map(|row| row.first()).filter(|i| i.is_keyword);
    let valued = rows.iter().filter(|row| row.len() > 1).map(|row| &row[0]);
    let Some(widest) = keys.chain(valued).map(|item| item.lead).max() else { return Vec::new() };
    let mut columns = Vec::new();
    let mut start = 1 + widest + 1;
    for index in 1.. {
        let column = || rows.iter().filter(|row| row.len() > index);
        if index > 1 {
            let widths = column().map(|row| row[index - 1].flat);
            let Some(width) = widths.max().flatten() else { break };
            if column().any(|row| row[index - 1].flat.is_none()) {
                break;
            }
            start += width + 1;
        }
        let items: Vec<&Item> = column().map(|row| &row[index]).collect();
        if !is_column(&items, index == 1) {
            break;
        }
        columns.push(start);
    }
    columns
}

/// Rules 2 and 3 of the header.
fn is_column(items: &[&Item], first: bool) -> bool {
    let mut places: Vec<usize> = items.iter().map(|item| item.column).collect();
    places.sort_unstable();
    let most = places.chunk_by(|a, b| a == b).map(<[usize]>::len).max().unwrap_or(0);
    let set_off = items.iter().any(|item| item.spaces > 1);
    let even = !first && most == items.len();
    most >= 2 && 2 * most > items.len() && (set_off || even)
}

/// `None` if the map has block comments in its rows, or rows that begin with no key.
fn rows(forms: &[Form], map: &Form) -> Option<Vec<Vec<Item>>> {
    let mut rows: Vec<Vec<Item>> = Vec::new();
    let mut prefix: Option<&Form> = None;
    for (index, child) in map.children.iter().map(|id| &forms[*id]).enumerate() {
        match child.shape {
            Shape::LineComment => continue,
            Shape::BlockComment => return None,
            _ => {}
        }
        let first = prefix.unwrap_or(child);
        if prefix.is_none() && (index == 0 || child.breaks > 0) {
            rows.push(Vec::new());
        }
        if child.shape == Shape::Prefix {
            // Of several prefixes the first one counts; no table has more.
            prefix = Some(first);
            continue;
        }
        let extra = prefix.take().map_or(0, |p| p.lead);
        rows.last_mut()?.push(Item {
            is_keyword: child.token.kind == TokenKind::Keyword,
            shape: child.shape,
            column: first.column,
            spaces: first.spaces,
            lead: child.lead + extra,
            flat: child.flat.map(|width| width + extra),
        });
    }
    let keyed = |row: &Vec<Item>| row.len() < 2 || row[0].shape == Shape::Atom;
    rows.iter().all(keyed).then_some(rows)
}
