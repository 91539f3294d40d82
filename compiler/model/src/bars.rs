//! Budgets as bars of text: how much of each limit a plan uses, and what its next step saves. Lines
//! of a budget in, one line of text for each out; what is none has no line.

use crate::display::{monthly, table};
use crate::{BudgetLine, Exact};
use eclexia_base::Rational;
use eclexia_base::number::{int, to_decimal};
use num_traits::{Signed, ToPrimitive, Zero};

/// Columns of a full bar.
const COLUMNS: i64 = 30;

/// Eighths of a column, from none to seven.
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar that is filled to a part of one; more than all is all.
pub fn bar(part: &Rational) -> String {
    let eighths = (part * int(8 * COLUMNS)).round().to_integer().to_i64().unwrap_or(i64::MAX);
    let eighths = eighths.clamp(0, 8 * COLUMNS) as usize;
    let mut text = "█".repeat(eighths / 8) + PARTS[eighths % 8];
    let blank = COLUMNS as usize - eighths.div_ceil(8);
    text.push_str(&"░".repeat(blank));
    text
}

/// The part of a limit that is used; all of a limit of nothing.
pub fn part(line: &BudgetLine) -> Rational {
    if line.limit.0.is_positive() { &line.used.0 / &line.limit.0 } else { int(1) }
}

/// How much of each limit is used.
pub fn used(lines: &[BudgetLine]) -> String {
    let rows: Vec<[String; 4]> = lines
        .iter()
        .filter(|line| line.limit.0.is_positive())
        .map(|line| {
            let part = part(line);
            let show = |amount: &Exact| line.unit.show(amount, 3);
            let percent = format!("{} %", to_decimal(&(&part * int(100)), 1));
            let amounts = format!("{} of {}", show(&line.used), show(&line.limit));
            [line.metric.name().to_owned(), bar(&part), percent, amounts]
        })
        .collect();
    titled(&rows)
}

/// What the next step of each limit saves, beside the best of them.
pub fn next_steps(lines: &[BudgetLine]) -> String {
    let saves = |line: &BudgetLine| line.price.next_step.as_ref().map(|next| next.saves.0.clone());
    let most = lines.iter().filter_map(saves).max().unwrap_or_else(Rational::zero);
    if !most.is_positive() {
        return String::new();
    }
    let rows: Vec<[String; 3]> = lines
        .iter()
        .filter_map(|line| {
            let saves = saves(line)?;
            let name = line.metric.name().to_owned();
            Some([name, bar(&(&saves / &most)), format!("saves {}", monthly(&saves))])
        })
        .collect();
    titled(&rows)
}

/// Apart from what stands before it; nothing of no rows.
fn titled<R: AsRef<[String]>>(rows: &[R]) -> String {
    if rows.is_empty() { String::new() } else { format!("\n{}", table(rows)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_its_part_and_always_as_wide() {
        for (numerator, expected) in [(0, 0), (1, 7), (2, 15), (4, 30), (9, 30)] {
            let bar = bar(&(int(numerator) / int(4)));
            assert_eq!(bar.chars().count(), 30, "{bar}");
            assert_eq!(bar.chars().filter(|c| *c == '█').count(), expected, "{bar}");
        }
        assert!(bar(&(int(1) / int(4))).contains('▌'));
    }

    #[test]
    fn no_budget_has_no_bars() {
        assert_eq!(used(&[]) + &next_steps(&[]), "");
    }
}
