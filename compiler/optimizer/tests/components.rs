//! Components on machines, random rules: what the search finds keeps every rule by the judge, and
//! is the cheapest of all deployments of a few machines.

mod seeded;

use eclexia_optimizer::components::{
    Component, End, Instance, Machines, Offer, Rule, Scope, check, solve,
};
use eclexia_optimizer::mip::Stop;
use seeded::Seeded;

/// Most machines that are listed.
const MACHINES: u64 = 5;

fn rule(r: &mut Seeded, n: usize) -> Rule {
    let (one, two) = (r.below(n), r.below(n));
    let pair = if one < two { vec![one, two] } else { vec![two, one + usize::from(one == two)] };
    let pair: Vec<usize> = pair.into_iter().filter(|c| *c < n).collect();
    match r.below(8) {
        0 | 1 => Rule::Conflict { one, others: vec![two] },
        2 => Rule::Together(pair),
        3 => Rule::Everywhere { component: one, besides: vec![two] },
        4 => Rule::OneOf(pair),
        5 => {
            let terms = pair.into_iter().map(|c| (c, 1)).collect();
            let most = (r.below(2) == 0).then(|| 3 + r.below(2) as i64);
            let least = Some(r.below(4) as i64);
            Rule::Counts { terms, least, most, scope: Scope::Deployed }
        }
        _ => {
            let gives = 1 + r.below(4) as i64;
            let most = (r.below(2) == 0).then(|| (gives - 1).max(0));
            let terms = if one == two { vec![(one, gives)] } else { vec![(one, -1), (two, gives)] };
            Rule::Counts { terms, least: Some(0), most, scope: Scope::All }
        }
    }
}

fn random(seed: u64) -> Instance {
    let mut r = Seeded(seed);
    let n = 2 + r.below(2);
    let mut amounts = |large: usize| std::array::from_fn(|_| r.below(large) as i64);
    let components = (0..n).map(|_| Component { needs: amounts(5), at_least: 0 }).collect();
    let holds: Vec<_> = (0..4).map(|_| amounts(13)).collect();
    let offers = holds.into_iter().map(|holds| Offer { holds, price: 1 + r.below(30) as i64 });
    let mut instance = Instance { components, offers: offers.collect(), rules: Vec::new() };
    for component in &mut instance.components {
        component.at_least = [0, 0, 1, 2][r.below(4)];
    }
    instance.rules = (0..1 + r.below(3)).map(|_| rule(&mut r, n)).collect();
    instance
}

/// The least price of up to [`MACHINES`] machines.
fn cheapest(instance: &Instance) -> Option<i64> {
    let n = instance.components.len();
    let sets = 1..1usize << n;
    let mut best = None;
    // Which sets there are, each at every offer, as a list that never falls.
    let choices: Vec<(usize, usize)> =
        sets.flat_map(|set| (0..instance.offers.len()).map(move |offer| (set, offer))).collect();
    let mut taken: Vec<usize> = Vec::new();
    list(instance, &choices, &mut taken, 0, &mut best);
    best
}

fn list(
    instance: &Instance,
    choices: &[(usize, usize)],
    taken: &mut Vec<usize>,
    from: usize,
    best: &mut Option<i64>,
) {
    let n = instance.components.len();
    let machines: Vec<Machines> = taken
        .iter()
        .map(|choice| Machines {
            offer: choices[*choice].1,
            count: 1,
            components: (0..n).filter(|c| choices[*choice].0 >> c & 1 == 1).collect(),
        })
        .collect();
    let price: i64 = machines.iter().map(|m| instance.offers[m.offer].price).sum();
    if best.is_some_and(|best| price >= best) {
        return;
    }
    if check(instance, &machines).is_ok() {
        *best = Some(price);
        return;
    }
    if taken.len() as u64 == MACHINES {
        return;
    }
    for next in from..choices.len() {
        taken.push(next);
        list(instance, choices, taken, next, best);
        taken.pop();
    }
}

#[test]
fn random_instances_cost_what_the_cheapest_of_all_deployments_does() {
    let (mut solved, mut listed) = (0, 0);
    for seed in 0..400 {
        let instance = random(seed);
        let found = solve(&instance, &Stop { work: 1 << 34, stop: None }).expect("it is small");
        let cheapest = cheapest(&instance);
        let Some((machines, price)) = found.best else {
            assert_eq!((found.end, cheapest), (End::Infeasible, None), "{seed}: {instance:?}");
            continue;
        };
        solved += 1;
        assert_eq!(found.end, End::Optimal, "{seed}");
        assert_eq!(check(&instance, &machines), Ok(price), "{seed}");
        let count: u64 = machines.iter().map(|m| m.count).sum();
        match cheapest {
            Some(cheapest) if count <= MACHINES => {
                listed += 1;
                assert_eq!(price, cheapest, "{seed}: {instance:?}");
            }
            Some(cheapest) => assert!(price <= cheapest, "{seed}: {instance:?}"),
            None => assert!(count > MACHINES, "{seed}: {instance:?}"),
        }
    }
    assert!(solved > 100 && listed > 80, "{solved} {listed}");
}
