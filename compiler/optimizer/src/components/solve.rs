//! The programme: a whole number of machines per pattern, rows for what is asked of counts, solved
//! for every choice among alternatives. The best point is taken apart into machines and judged.

use super::check::check;
use super::instance::{Instance, Machines, Rule, Scope};
use super::patterns::{Pattern, Set, bit, conflicts, patterns, set, useful};
use crate::mip::{self, Stop};
use crate::model::{Column, Kind, Model};

/// Choices among alternatives, all combined.
const MOST_CHOICES: usize = 1 << 10;

/// What there is too much of to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    pub what: &'static str,
    pub limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No deployment costs less.
    Optimal,
    /// There is no deployment.
    Infeasible,
    /// Work or the caller's word ended it.
    Stopped,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Deployed {
    pub end: End,
    /// Machines and their price.
    pub best: Option<(Vec<Machines>, i64)>,
    /// No deployment costs less; none where there is none.
    pub bound: Option<i64>,
    /// Patterns, of all choices.
    pub patterns: usize,
}

/// The cheapest deployment.
pub fn solve(instance: &Instance, stop: &Stop<'_>) -> Result<Deployed, TooLarge> {
    let conflicts = conflicts(instance);
    let offers = useful(&instance.offers);
    let mut found = Deployed { end: End::Optimal, best: None, bound: None, patterns: 0 };
    for deployed in choices(instance)? {
        let harmless = harmless(instance, deployed);
        let patterns = patterns(instance, &offers, &conflicts, deployed, harmless)?;
        found.patterns += patterns.len();
        let solved = mip::solve(&programme(instance, &patterns, deployed), stop);
        if let Some((counts, _)) = &solved.best {
            let machines = machines(&patterns, counts);
            if let Ok(price) = check(instance, &machines)
                && found.best.as_ref().is_none_or(|(_, best)| price < *best)
            {
                found.best = Some((machines, price));
            }
        }
        if solved.end == mip::End::Stopped {
            found.end = End::Stopped;
        }
        if solved.end != mip::End::Infeasible {
            // Prices are whole: what rounding may have lost or gained is less than one.
            let bound = (solved.bound - 1e-3).ceil().max(0.0) as i64;
            found.bound = Some(found.bound.map_or(bound, |least| least.min(bound)));
        }
    }
    match (&found.best, found.end) {
        (Some((_, price)), _) if found.bound.is_some_and(|bound| bound >= *price) => {
            (found.end, found.bound) = (End::Optimal, Some(*price));
        }
        (None, End::Optimal) if found.bound.is_none() => found.end = End::Infeasible,
        _ => found.end = End::Stopped,
    }
    Ok(found)
}

/// The components that are deployed, for every choice among alternatives.
fn choices(instance: &Instance) -> Result<Vec<Set>, TooLarge> {
    let all = (0..instance.components.len()).fold(0, |set, c| set | bit(c));
    let asked = (0..instance.components.len()).filter(|c| instance.components[*c].at_least > 0);
    let asked = asked.fold(0, |set, c| set | bit(c));
    let mut choices = vec![all];
    for rule in &instance.rules {
        let Rule::OneOf(of) = rule else { continue };
        let of = set(of);
        let mut next = Vec::new();
        for choice in &choices {
            for c in (0..instance.components.len()).filter(|c| of & bit(*c) & choice != 0) {
                next.push(choice & !(of & !bit(c)));
            }
        }
        next.sort_unstable();
        next.dedup();
        if next.len() > MOST_CHOICES {
            return Err(TooLarge { what: "choices among alternatives", limit: MOST_CHOICES });
        }
        choices = next;
    }
    // A later rule may have left out what an earlier one chose.
    let keeps = |choice: &Set| {
        let one = |rule: &Rule| match rule {
            Rule::OneOf(of) => (set(of) & choice).count_ones() == 1,
            _ => true,
        };
        asked & !choice == 0 && instance.rules.iter().all(one)
    };
    choices.retain(keeps);
    Ok(choices)
}

/// Components with their factors, and between what the sum of their counts has to be.
struct Row {
    terms: Vec<(usize, i64)>,
    least: Option<i64>,
    most: Option<i64>,
}

/// The part of a rule on counts that is not void.
fn active(rule: &Rule, deployed: Set) -> Option<Row> {
    let Rule::Counts { terms, least, most, scope } = rule else { return None };
    let there: Vec<(usize, i64)> =
        terms.iter().copied().filter(|(c, _)| deployed & bit(*c) != 0).collect();
    let is_void = match scope {
        Scope::Deployed => there.is_empty(),
        Scope::All => there.len() < terms.len(),
    };
    (!is_void).then_some(Row { terms: there, least: *least, most: *most })
}

/// Components of which more only help.
fn harmless(instance: &Instance, deployed: Set) -> Set {
    let mut harmless = deployed;
    for row in instance.rules.iter().filter_map(|r| active(r, deployed)) {
        for (c, factor) in row.terms {
            if (factor > 0 && row.most.is_some()) || (factor < 0 && row.least.is_some()) {
                harmless &= !bit(c);
            }
        }
    }
    harmless
}

fn programme(instance: &Instance, patterns: &[Pattern], deployed: Set) -> Model {
    let mut rows = Vec::new();
    for (c, component) in instance.components.iter().enumerate() {
        if deployed & bit(c) != 0 {
            let least = Some(i64::from(component.at_least.max(1)));
            rows.push(Row { terms: vec![(c, 1)], least, most: None });
        }
    }
    rows.extend(instance.rules.iter().filter_map(|r| active(r, deployed)));
    let column = |pattern: &Pattern| {
        let sum = |terms: &[(usize, i64)]| -> i64 {
            terms.iter().filter(|(c, _)| pattern.set & bit(*c) != 0).map(|(_, f)| f).sum()
        };
        let sums = rows.iter().map(|row| sum(&row.terms)).enumerate();
        Column {
            cost: instance.offers[pattern.offer].price as f64,
            bounds: (0.0, f64::INFINITY),
            kind: Kind::Whole,
            entries: sums.filter(|(_, f)| *f != 0).map(|(row, f)| (row, f as f64)).collect(),
        }
    };
    let columns = patterns.iter().map(column).collect();
    let bounds = |row: &Row| {
        let least = row.least.map_or(f64::NEG_INFINITY, |least| least as f64);
        (least, row.most.map_or(f64::INFINITY, |most| most as f64))
    };
    Model { columns, rows: rows.iter().map(bounds).collect(), ..Model::default() }
}

fn machines(patterns: &[Pattern], counts: &[f64]) -> Vec<Machines> {
    let used = patterns.iter().zip(counts).filter(|(_, n)| n.round() >= 1.0);
    let machines = used.map(|(pattern, n)| Machines {
        offer: pattern.offer,
        count: n.round() as u64,
        components: (0..64).filter(|c| pattern.set & bit(*c) != 0).collect(),
    });
    machines.collect()
}
