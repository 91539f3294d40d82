//! Sets of components that may share a machine, each at the cheapest offer that holds it. A set
//! that costs no less than one with more in it, where more of those do no harm, is left out.

use super::instance::{AMOUNTS, Amounts, Instance, Offer, Rule};
use super::solve::TooLarge;
use std::collections::BTreeMap;

/// Sets that are looked at, allowed or not.
const MOST_LOOKS: usize = 1 << 20;
/// Sets that the programme chooses among.
const MOST_PATTERNS: usize = 1 << 15;

/// Components by their bits.
pub type Set = u64;

pub fn bit(component: usize) -> Set {
    1 << component
}

pub fn set(components: &[usize]) -> Set {
    components.iter().fold(0, |set, c| set | bit(*c))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub set: Set,
    pub offer: usize,
}

/// The components that each one conflicts with.
pub fn conflicts(instance: &Instance) -> Vec<Set> {
    let mut with = vec![0; instance.components.len()];
    for rule in &instance.rules {
        if let Rule::Conflict { one, others } = rule {
            for other in others.iter().filter(|other| *other != one) {
                with[*one] |= bit(*other);
                with[*other] |= bit(*one);
            }
        }
    }
    with
}

/// Offers of which none holds as much for the same or less, the cheapest first.
pub fn useful(offers: &[Offer]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..offers.len()).collect();
    order.sort_by_key(|o| (offers[*o].price, *o));
    let mut kept: Vec<usize> = Vec::new();
    for o in order {
        if !kept.iter().any(|k| holds(&offers[*k].holds, &offers[o].holds)) {
            kept.push(o);
        }
    }
    kept
}

fn holds(room: &Amounts, needs: &Amounts) -> bool {
    (0..AMOUNTS).all(|a| needs[a] <= room[a])
}

struct Listing<'a> {
    instance: &'a Instance,
    offers: &'a [usize],
    conflicts: &'a [Set],
    deployed: Vec<usize>,
    looks: usize,
    found: BTreeMap<Set, usize>,
}

/// The sets of deployed components that keep every rule on machines; `harmless` are those of which
/// more are never too many.
pub fn patterns(
    instance: &Instance,
    offers: &[usize],
    conflicts: &[Set],
    deployed: Set,
    harmless: Set,
) -> Result<Vec<Pattern>, TooLarge> {
    let components = 0..instance.components.len();
    let mut listing = Listing {
        instance,
        offers,
        conflicts,
        deployed: components.filter(|c| deployed & bit(*c) != 0).collect(),
        looks: 0,
        found: BTreeMap::new(),
    };
    listing.go(0, 0, [0; AMOUNTS], deployed)?;
    let found = &listing.found;
    let price = |offer: usize| instance.offers[offer].price;
    let is_worse = |set: Set, offer: usize| {
        let more = listing.deployed.iter().map(|c| bit(*c)).filter(|b| b & harmless & !set != 0);
        let mut larger = more.filter_map(|b| found.get(&(set | b)));
        larger.any(|other| price(*other) <= price(offer))
    };
    let kept = found.iter().filter(|(set, offer)| !is_worse(**set, **offer));
    let patterns: Vec<Pattern> =
        kept.map(|(set, offer)| Pattern { set: *set, offer: *offer }).collect();
    if patterns.len() > MOST_PATTERNS {
        return Err(TooLarge { what: "sets of components on a machine", limit: MOST_PATTERNS });
    }
    Ok(patterns)
}

impl Listing<'_> {
    /// Sets that begin with `set`, of the components from `at` on.
    fn go(&mut self, at: usize, set: Set, needs: Amounts, deployed: Set) -> Result<(), TooLarge> {
        self.looks += 1;
        if self.looks > MOST_LOOKS {
            return Err(TooLarge { what: "sets of components on a machine", limit: MOST_LOOKS });
        }
        let offers = &self.instance.offers;
        let cheapest = self.offers.iter().find(|o| holds(&offers[**o].holds, &needs));
        let Some(&offer) = cheapest else { return Ok(()) };
        if set != 0 && self.is_allowed(set, deployed) {
            self.found.insert(set, offer);
        }
        for next in at..self.deployed.len() {
            let c = self.deployed[next];
            if self.conflicts[c] & set == 0 {
                let own = &self.instance.components[c].needs;
                let needs = std::array::from_fn(|a| needs[a] + own[a]);
                self.go(next + 1, set | bit(c), needs, deployed)?;
            }
        }
        Ok(())
    }

    fn is_allowed(&self, here: Set, deployed: Set) -> bool {
        self.instance.rules.iter().all(|rule| match rule {
            Rule::Together(of) => {
                let of = set(of) & deployed;
                of & here == 0 || of & here == of
            }
            Rule::Everywhere { component, besides } => {
                let exempt = set(besides) | self.conflicts[*component];
                (bit(*component) & deployed) == 0
                    || here & bit(*component) != 0
                    || here & exempt != 0
            }
            Rule::Conflict { .. } | Rule::OneOf(_) | Rule::Counts { .. } => true,
        })
    }
}
