//! First packings. First fit decreasing by several measures of size, and bins filled one after the
//! other with the item that points most where room is left (Panigrahy, Talwar, Uyeda and Wieder
//! 2011).

use super::instance::Bin;
use super::problem::Problem;

/// Filling bin by bin looks at every kind for every item: larger problems leave it out.
const MOST_KINDS: usize = 2_000;

/// The best of the packings of these items.
pub fn fit(problem: &Problem, demand: &[u32]) -> Vec<Bin> {
    let scarcity = scarcity(problem, demand);
    let even = vec![1.0; problem.dims()];
    let mut best: Option<Vec<Bin>> = None;
    let mut offer = |bins: Vec<Bin>| {
        if best.as_ref().is_none_or(|best| bins.len() < best.len()) {
            best = Some(bins);
        }
    };
    offer(first_fit(problem, demand, &|share| share.iter().fold(0.0, |a: f64, b| a.max(*b))));
    for weights in [&scarcity, &even] {
        offer(first_fit(problem, demand, &|share| dot(share, weights)));
        if problem.kinds() <= MOST_KINDS {
            offer(pointing(problem, demand, weights));
        }
    }
    best.unwrap_or_default()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// How full all bins are in each dimension, up to a factor.
fn scarcity(problem: &Problem, demand: &[u32]) -> Vec<f64> {
    let mut sums = vec![0.0; problem.dims()];
    for (share, n) in problem.share.iter().zip(demand) {
        sums.iter_mut().zip(share).for_each(|(sum, s)| *sum += s * f64::from(*n));
    }
    sums
}

fn fits(size: &[i64], room: &[i64]) -> bool {
    size.iter().zip(room).all(|(s, r)| s <= r)
}

fn take(bin: &mut Bin, room: &mut [i64], size: &[i64], kind: u32) {
    room.iter_mut().zip(size).for_each(|(r, s)| *r -= s);
    match bin.last_mut() {
        Some((last, n)) if *last == kind => *n += 1,
        _ => bin.push((kind, 1)),
    }
}

fn first_fit(problem: &Problem, demand: &[u32], measure: &dyn Fn(&[f64]) -> f64) -> Vec<Bin> {
    let mut order: Vec<(f64, usize)> =
        problem.share.iter().enumerate().map(|(k, share)| (measure(share), k)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut bins, mut rooms): (Vec<Bin>, Vec<Vec<i64>>) = (Vec::new(), Vec::new());
    for (_, kind) in order {
        let size = &problem.size[kind];
        // Equal items go on where the last one went.
        let mut at = 0;
        for _ in 0..demand[kind] {
            while at < bins.len() && !fits(size, &rooms[at]) {
                at += 1;
            }
            if at == bins.len() {
                bins.push(Bin::new());
                rooms.push(problem.capacity.clone());
            }
            take(&mut bins[at], &mut rooms[at], size, kind as u32);
        }
    }
    bins.iter_mut().for_each(|bin| bin.sort_unstable());
    bins
}

/// Bin by bin, always the item of the largest product of its sizes with the room that is left.
fn pointing(problem: &Problem, demand: &[u32], weights: &[f64]) -> Vec<Bin> {
    let mut left = demand.to_vec();
    let mut bins = Vec::new();
    let mut open: Vec<usize> = (0..problem.kinds()).filter(|k| left[*k] > 0).collect();
    while !open.is_empty() {
        let mut room = problem.capacity.clone();
        let mut bin = Bin::new();
        loop {
            let free = room.iter().zip(&problem.capacity).zip(weights);
            let free: Vec<f64> =
                free.map(|((r, c), w)| w * *r as f64 / (*c).max(1) as f64).collect();
            let mut best: Option<(f64, usize)> = None;
            for k in open.iter().copied().filter(|k| left[*k] > 0) {
                let value = dot(&problem.share[k], &free);
                if best.is_none_or(|(v, _)| value > v) && fits(&problem.size[k], &room) {
                    best = Some((value, k));
                }
            }
            let Some((_, k)) = best else { break };
            left[k] -= 1;
            take(&mut bin, &mut room, &problem.size[k], k as u32);
        }
        bins.push(merged(bin));
        open.retain(|k| left[*k] > 0);
    }
    bins
}

/// Kinds in order, each once.
pub fn merged(mut bin: Bin) -> Bin {
    bin.sort_unstable();
    let mut whole = Bin::with_capacity(bin.len());
    for (kind, n) in bin {
        match whole.last_mut() {
            Some((last, sum)) if *last == kind => *sum += n,
            _ => whole.push((kind, n)),
        }
    }
    whole
}
