//! Which machines of a plan continue which of those that run, so that most pods stay.
//!
//! 1. Machines that hold the same of what may stay are matched first: that loses nothing (of two
//!    pairs with one such machine on either side, matching these and the other two keeps as many).
//! 2. The rest is a transportation problem per offer; its vertices are whole (Dantzig 1951).

use super::instance::Solution;
use super::movement::Pair;
use super::running::Running;
use crate::simplex::{Limits, Simplex, Status};
use std::collections::BTreeMap;

/// Pairs of machines with something in common that are looked at.
const MOST_PAIRS: usize = 20_000;
/// Pivots of the transportation problem, as work.
const WORK: u64 = 50_000_000;

/// Machines of one list that hold the same, and how many are left to match.
struct Side {
    at: u32,
    offer: u32,
    /// What may stay.
    pods: Vec<(u32, u32)>,
    left: u32,
}

/// The pairs that keep most pods; `None` when there are too many to say.
pub fn best(running: &Running, solution: &Solution) -> Option<Vec<Pair>> {
    let stays = |s: u32| {
        running.may_stay[s as usize]
            && running.variants[s as usize] == Some(solution.variants[s as usize])
    };
    let side = |at: u32, offer: u32, pods: &[(u32, u32)], left: u32| {
        let mut pods = pods.to_vec();
        pods.retain(|p| stays(p.0));
        pods.sort_unstable();
        (!pods.is_empty()).then_some(Side { at, offer, pods, left })
    };
    let was = running.nodes.iter().zip(0..);
    let was = was.filter_map(|(node, at)| side(at, node.offer?, &node.pods, node.count));
    let mut was: Vec<Side> = was.collect();
    let now = solution.nodes.iter().zip(0..);
    let now = now.filter_map(|(node, at)| side(at, node.offer, &node.pods, node.count));
    let mut now: Vec<Side> = now.collect();
    let mut pairs = same(&mut was, &mut now);
    was.retain(|side| side.left > 0);
    now.retain(|side| side.left > 0);
    pairs.extend(transport(&was, &now)?);
    pairs.sort_unstable();
    Some(pairs)
}

fn same(was: &mut [Side], now: &mut [Side]) -> Vec<Pair> {
    let mut known: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (j, side) in now.iter().enumerate() {
        known.entry((side.offer, side.pods.clone())).or_default().push(j);
    }
    let mut pairs = Vec::new();
    for side in was {
        let alike = known.get(&(side.offer, side.pods.clone()));
        for j in alike.into_iter().flatten() {
            let count = side.left.min(now[*j].left);
            if count > 0 {
                pairs.push(Pair { was: side.at, now: now[*j].at, count });
                side.left -= count;
                now[*j].left -= count;
            }
        }
    }
    pairs
}

fn transport(was: &[Side], now: &[Side]) -> Option<Vec<Pair>> {
    // Machines of the new plan, by offer and service on them.
    let mut holding: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (j, side) in now.iter().enumerate() {
        for (s, _) in &side.pods {
            holding.entry((side.offer, *s)).or_default().push(j);
        }
    }
    let mut columns: Vec<(usize, usize)> = Vec::new();
    for (i, side) in was.iter().enumerate() {
        let with = side.pods.iter().filter_map(|(s, _)| holding.get(&(side.offer, *s)));
        let mut with: Vec<usize> = with.flatten().copied().collect();
        with.sort_unstable();
        with.dedup();
        columns.extend(with.into_iter().map(|j| (i, j)));
        if columns.len() > MOST_PAIRS {
            return None;
        }
    }
    if columns.is_empty() {
        return Some(Vec::new());
    }
    let mut lp = Simplex::new();
    for side in was.iter().chain(now) {
        lp.add_row((f64::NEG_INFINITY, f64::from(side.left)), &[]);
    }
    for (i, j) in &columns {
        let common = was[*i].pods.iter().map(|(s, n)| {
            let there = now[*j].pods.iter().find(|p| p.0 == *s);
            there.map_or(0.0, |p| f64::from(p.1.min(*n)))
        });
        let entries = [(*i, 1.0), (was.len() + j, 1.0)];
        lp.add_column(-common.sum::<f64>(), (0.0, f64::INFINITY), &entries);
    }
    if lp.solve(&Limits::work(WORK)) != Status::Optimal {
        return None;
    }
    let values = lp.values();
    let whole = columns.iter().zip(values).map(|((i, j), value)| Pair {
        was: was[*i].at,
        now: now[*j].at,
        count: value.round() as u32,
    });
    Some(whole.filter(|pair| pair.count > 0).collect())
}
