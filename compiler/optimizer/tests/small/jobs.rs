//! Jobs over a few hours, in one piece and in several, with a limit on what they take together in
//! each hour: a budget of its own for every hour, after those of money, carbon and cpu.

use super::{Dice, PRICED, Small, SmallRun, random};

pub fn random_jobs(seed: u64) -> Small {
    let mut small = random(seed);
    let mut dice = Dice::new(seed ^ 0x6a6f_6273);
    let hours = dice.up_to(3, 6) as usize;
    let alone = dice.chance(70);
    if alone {
        small.services.clear();
        (small.conflicts, small.together, small.near) = Default::default();
    }
    pad(&mut small, PRICED + hours);
    let prices: Vec<Vec<(i64, i64)>> = (0..dice.up_to(1, 2))
        .map(|_| (0..hours).map(|_| (dice.up_to(1, 9), dice.up_to(0, 9))).collect())
        .collect();
    small.jobs = (0..dice.up_to(1, if alone { 4 } else { 2 }))
        .map(|_| {
            let (cpu, needs) = (dice.up_to(1, 4), dice.up_to(1, 3) as usize);
            let in_pieces = dice.chance(60);
            let run = |place: &Vec<(i64, i64)>| match in_pieces {
                true => vec![pieces(place, cpu, needs)],
                false => (0..=hours - needs).map(|at| whole(place, cpu, at, needs)).collect(),
            };
            prices.iter().flat_map(run).collect()
        })
        .collect();
    if dice.chance(80) {
        let most = dice.up_to(3, 8);
        small.limits.extend((0..hours).map(|_| Some(most)));
    } else {
        small.limits.extend((0..hours).map(|_| None));
    }
    small
}

/// Nothing but jobs takes part in the limits of an hour.
fn pad(small: &mut Small, budgets: usize) {
    for offer in &mut small.offers {
        offer.uses.resize(budgets, 0);
        offer.per_watt.1.resize(budgets, 0);
    }
    for variant in small.services.iter_mut().flat_map(|s| &mut s.variants) {
        variant.uses.resize(budgets, 0);
    }
}

fn hour(place: &[(i64, i64)], cpu: i64, at: usize) -> (i64, Vec<i64>) {
    let (price, grams) = place[at];
    let mut uses = vec![0; PRICED + place.len()];
    uses[..PRICED].copy_from_slice(&[price, grams * cpu, 0]);
    uses[PRICED + at] = cpu;
    (price + grams * cpu / 4, uses)
}

fn whole(place: &[(i64, i64)], cpu: i64, start: usize, needs: usize) -> SmallRun {
    let mut run = SmallRun { cost: 0, uses: once(place, cpu), needs: 0, pieces: Vec::new() };
    for at in start..start + needs {
        let (cost, uses) = hour(place, cpu, at);
        run.cost += cost;
        run.uses.iter_mut().zip(uses).for_each(|(sum, u)| *sum += u);
    }
    run
}

fn pieces(place: &[(i64, i64)], cpu: i64, needs: usize) -> SmallRun {
    let pieces = (0..place.len()).map(|at| hour(place, cpu, at)).collect();
    SmallRun { cost: 0, uses: once(place, cpu), needs: needs as u32, pieces }
}

/// However many hours it runs, it counts once in the budget of cpu.
fn once(place: &[(i64, i64)], cpu: i64) -> Vec<i64> {
    let mut uses = vec![0; PRICED + place.len()];
    uses[PRICED - 1] = cpu;
    uses
}
