//! Layer 0: the problem without its symmetry. Services that nothing tells apart become one group;
//! their replicas become pods of classes, and pods of a class are interchangeable; the offers on
//! which a pod costs and uses the same are one site. Replica counts that are never better than a
//! smaller one are left out, so that a demand needs no row. What goes out is exact; what is dropped
//! is dominated for every limit of every budget.

use crate::problem::{PodOn, Problem, Service};
use eclexia_base::Rational;
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;

pub struct Canonical {
    pub groups: Vec<Group>,
    pub classes: Vec<Class>,
    /// Requirements and capacities in whole multiples of a unit per resource.
    pub capacity: Vec<Vec<i128>>,
}

/// Services with equal data that no rule names.
pub struct Group {
    pub services: Vec<usize>,
    pub modes: Vec<Mode>,
}

/// A variant at a number of replicas.
pub struct Mode {
    pub variant: usize,
    pub replicas: u32,
    /// `None` when there are no replicas to place.
    pub class: Option<usize>,
    pub cost: Rational,
    pub uses: Vec<Rational>,
}

pub struct Class {
    pub requires: Vec<i128>,
    /// The one service whose pods these are, when a rule names it.
    pub owner: Option<usize>,
    /// A service and variant with this class's data.
    pub sample: (usize, usize),
    /// Most pods on one machine and in all.
    pub most_per_node: u32,
    pub most: u32,
    /// Zones its service asks for.
    pub min_zones: u32,
    /// Slots and pods are equal in number: a rule looks at what shares a machine or a zone.
    pub rigid: bool,
    /// Site of each offer; `None`: not allowed, or it does not fit.
    pub site: Vec<Option<usize>>,
    /// An offer of each site.
    pub sites: Vec<usize>,
    /// Sites tell regions apart.
    pub by_region: bool,
}

/// What rules say of a service.
#[derive(Clone, Copy, Default)]
pub struct Ties {
    pub near: bool,
    pub together: bool,
    pub conflict: bool,
    /// Another service's rule may ask for more of its pods.
    pub wanted: bool,
}

pub fn ties(problem: &Problem) -> Vec<Ties> {
    let mut ties = vec![Ties::default(); problem.services.len()];
    for &(a, b) in &problem.conflicts {
        ties[a].conflict = true;
        ties[b].conflict = true;
    }
    for &(a, b) in &problem.together {
        ties[a].together = true;
        ties[b].together = true;
        ties[b].wanted = true;
    }
    for near in &problem.near {
        ties[near.a].near = true;
        ties[near.b].near = true;
        ties[near.b].wanted = true;
    }
    ties
}

/// The canonical form; `None` when an amount has too many digits to be counted in units.
pub fn canonical(problem: &Problem) -> Option<Canonical> {
    let ties = ties(problem);
    let (capacity, requires) = whole_amounts(problem)?;
    let mut classes = Classes { list: Vec::new(), shared: BTreeMap::new() };
    let mut groups: Vec<Group> = Vec::new();
    for (s, service) in problem.services.iter().enumerate() {
        let free = is_free(service, ties[s]);
        let twin = groups.iter_mut().find(|g| {
            let first = g.services[0];
            free && is_free(&problem.services[first], ties[first])
                && problem.services[first] == *service
        });
        if let Some(group) = twin {
            group.services.push(s);
            continue;
        }
        let mut modes = Vec::new();
        for (v, requires) in requires[s].iter().enumerate() {
            let class = classes.class_of(problem, (s, v), requires, &capacity, ties[s]);
            add_modes(problem, (s, v), class, ties[s], &mut modes);
        }
        groups.push(Group { services: vec![s], modes });
    }
    let mut classes = classes.list;
    count_pods(&groups, &mut classes);
    Some(Canonical { groups, classes, capacity })
}

fn is_free(service: &Service, ties: Ties) -> bool {
    let tied = ties.near || ties.together || ties.conflict;
    !tied && service.min_zones <= 1 && service.max_per_node.is_none()
}

struct Classes {
    list: Vec<Class>,
    shared: BTreeMap<SharedKey, usize>,
}

type SharedKey = (Vec<i128>, Vec<Option<PodOn>>);

impl Classes {
    fn class_of(
        &mut self,
        problem: &Problem,
        (s, v): (usize, usize),
        requires: &[i128],
        capacity: &[Vec<i128>],
        ties: Ties,
    ) -> Option<usize> {
        let service = &problem.services[s];
        let free = is_free(service, ties);
        let on: Vec<_> = (0..problem.offers.len()).map(|o| problem.pod_on(s, v, o)).collect();
        let key = (requires.to_vec(), on);
        if free && let Some(&class) = self.shared.get(&key) {
            return Some(class);
        }
        let by_region = ties.near || service.min_zones > 1;
        let (site, sites) = sites(problem, &key.1, requires, capacity, by_region);
        if sites.is_empty() {
            return None;
        }
        self.list.push(Class {
            requires: requires.to_vec(),
            owner: (!free).then_some(s),
            sample: (s, v),
            most_per_node: service.max_per_node.unwrap_or(u32::MAX),
            most: 0,
            min_zones: service.min_zones.max(1),
            rigid: ties.together || service.min_zones > 1,
            site,
            sites,
            by_region,
        });
        if free {
            self.shared.insert(key, self.list.len() - 1);
        }
        Some(self.list.len() - 1)
    }
}

/// Groups the offers that can hold one pod by what the pod costs and uses there.
fn sites(
    problem: &Problem,
    on: &[Option<PodOn>],
    requires: &[i128],
    capacity: &[Vec<i128>],
    by_region: bool,
) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut known: BTreeMap<(usize, &PodOn), usize> = BTreeMap::new();
    let mut sites = Vec::new();
    let mut site = vec![None; problem.offers.len()];
    for (o, offer) in problem.offers.iter().enumerate() {
        let fits = requires.iter().zip(&capacity[o]).all(|(r, c)| r <= c);
        let Some(on) = on[o].as_ref().filter(|_| fits) else { continue };
        let region = if by_region { offer.region } else { 0 };
        let next = known.len();
        let id = *known.entry((region, on)).or_insert(next);
        if id == sites.len() {
            sites.push(o);
        }
        site[o] = Some(id);
    }
    (site, sites)
}

/// Replica counts of a variant that are worth trying: the fewest alone where more are never better.
/// Empty where there is none.
pub fn counts(
    problem: &Problem,
    (s, v): (usize, usize),
    ties: Ties,
) -> std::ops::RangeInclusive<u32> {
    let service = &problem.services[s];
    let variant = &service.variants[v];
    let (least, most) = variant.replicas;
    let negative = |r: &Rational| r.is_negative();
    let mut runs = problem.offers.iter().zip(&variant.allowed).filter(|(_, allowed)| **allowed);
    let gains = negative(&variant.cost)
        || runs.any(|(offer, _)| negative(&offer.per_watt.cost))
        || service.pod_cost.iter().any(negative);
    let one_is_enough = !ties.wanted && service.min_zones <= 1 && !gains;
    let last = if one_is_enough { least } else { most };
    least..=last.min(most)
}

/// The modes of a variant.
fn add_modes(
    problem: &Problem,
    (s, v): (usize, usize),
    class: Option<usize>,
    ties: Ties,
    modes: &mut Vec<Mode>,
) {
    let variant = &problem.services[s].variants[v];
    for replicas in counts(problem, (s, v), ties) {
        if replicas > 0 && class.is_none() {
            return;
        }
        let times = eclexia_base::number::int(i64::from(replicas));
        modes.push(Mode {
            variant: v,
            replicas,
            class: class.filter(|_| replicas > 0),
            cost: &variant.penalty + &variant.cost * &times,
            uses: variant.uses.iter().map(|u| u * &times).collect(),
        });
    }
}

/// The most pods of each class there can be, and on one machine.
fn count_pods(groups: &[Group], classes: &mut [Class]) {
    for group in groups {
        let mut most: BTreeMap<usize, u32> = BTreeMap::new();
        for mode in &group.modes {
            if let Some(class) = mode.class {
                let entry = most.entry(class).or_default();
                *entry = (*entry).max(mode.replicas);
            }
        }
        for (class, replicas) in most {
            classes[class].most += replicas * group.services.len() as u32;
        }
    }
    for class in classes {
        let in_a_zone = class.most.div_ceil(class.min_zones);
        class.most_per_node = class.most_per_node.min(in_a_zone);
    }
}

type Whole = (Vec<Vec<i128>>, Vec<Vec<Vec<i128>>>);

/// Capacities and requirements as whole numbers: per resource, multiples of the least common
/// denominator.
fn whole_amounts(problem: &Problem) -> Option<Whole> {
    let resources = problem.offers.first().map_or(0, |o| o.capacity.len());
    let mut scale = vec![eclexia_base::number::int(1); resources];
    let all = problem
        .offers
        .iter()
        .map(|o| &o.capacity)
        .chain(problem.services.iter().flat_map(|s| s.variants.iter().map(|v| &v.requires)));
    for amounts in all {
        for (scale, amount) in scale.iter_mut().zip(amounts) {
            let missing = &*scale * amount;
            *scale *= Rational::from_integer(missing.denom().clone());
        }
    }
    let whole = |amounts: &[Rational]| -> Option<Vec<i128>> {
        let number = |(a, s): (&Rational, &Rational)| {
            let exact = a * s;
            if exact.is_zero() { Some(0) } else { i128::try_from(exact.to_integer()).ok() }
        };
        amounts.iter().zip(&scale).map(number).collect()
    };
    let capacity = problem.offers.iter().map(|o| whole(&o.capacity)).collect::<Option<_>>()?;
    let requires = problem
        .services
        .iter()
        .map(|s| s.variants.iter().map(|v| whole(&v.requires)).collect::<Option<_>>())
        .collect::<Option<_>>()?;
    Some((capacity, requires))
}
