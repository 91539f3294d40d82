//! Patterns: how many pods of each class one machine of an offer holds. What comes in is the
//! canonical form; what goes out is every pattern that no other one makes superfluous, for any
//! limits of the budgets. Slots may stay empty, so only patterns that hold no further pod are kept
//! (but for classes whose slots and pods must agree, where every count is kept); a pattern that
//! fits a machine no dearer in money or in any budget is kept there only.

use crate::canonical::Canonical;
use crate::problem::Problem;

/// Beyond these the deployment is refused: enumeration is for what a person writes by hand.
pub const MOST_PATTERNS: usize = 40_000;
const MOST_STEPS: usize = 4_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub offer: usize,
    /// Class and slots, by class; no zero.
    pub slots: Slots,
}

/// Classes and how many of each.
pub type Slots = Vec<(usize, u32)>;

/// How many are too many, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    pub what: &'static str,
    pub count: usize,
    pub limit: usize,
}

/// All patterns. Variants of one service on one machine are ruled out where that stays small,
/// because the relaxation is tighter then; the plans are the same.
pub fn patterns(problem: &Problem, canon: &Canonical) -> Result<Vec<Pattern>, TooLarge> {
    let apart = excluded(problem, canon, Mixing::RuledOut);
    match enumerate(problem, canon, &apart, MOST_PATTERNS / 10) {
        Ok(found) => Ok(found),
        Err(_) => {
            let conflicts = excluded(problem, canon, Mixing::Allowed);
            enumerate(problem, canon, &conflicts, MOST_PATTERNS)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mixing {
    RuledOut,
    Allowed,
}

/// Classes whose pods never share a machine.
struct Apart {
    /// `[i][j]`: of the two classes.
    pairs: Vec<Vec<bool>>,
    /// Whether a class is in any pair.
    is_tied: Vec<bool>,
}

fn excluded(problem: &Problem, canon: &Canonical, mixing: Mixing) -> Apart {
    let n = canon.classes.len();
    let mut apart = vec![vec![false; n]; n];
    let owner = |c: usize| canon.classes[c].owner;
    let mut exclude = |i: usize, j: usize| {
        apart[i][j] = true;
        apart[j][i] = true;
    };
    for &(a, b) in problem.conflicts.iter().filter(|(a, b)| a != b) {
        for i in (0..n).filter(|i| owner(*i) == Some(a)) {
            for j in (0..n).filter(|j| owner(*j) == Some(b)) {
                exclude(i, j);
            }
        }
    }
    let users = |c: usize| {
        let uses = |g: &crate::canonical::Group| g.modes.iter().any(|m| m.class == Some(c));
        canon.groups.iter().filter(move |g| uses(g)).count()
    };
    for group in &canon.groups {
        let mut classes: Vec<usize> = group.modes.iter().filter_map(|m| m.class).collect();
        classes.dedup();
        let alone = group.services.len() == 1;
        classes.retain(|c| owner(*c).is_some() || (alone && users(*c) == 1));
        let rigid = |c: usize| canon.classes[c].rigid;
        for (k, &i) in classes.iter().enumerate() {
            for &j in &classes[k + 1..] {
                if i != j && (mixing == Mixing::RuledOut || rigid(i)) {
                    exclude(i, j);
                }
            }
        }
    }
    let is_tied = apart.iter().map(|row| row.contains(&true)).collect();
    Apart { pairs: apart, is_tied }
}

fn enumerate(
    problem: &Problem,
    canon: &Canonical,
    apart: &Apart,
    most: usize,
) -> Result<Vec<Pattern>, TooLarge> {
    let mut found = Vec::new();
    let mut steps = 0;
    let mut shapes: Vec<(usize, Vec<Slots>)> = Vec::new();
    for o in 0..problem.offers.len() {
        if problem.offers[o].limit == Some(0) {
            continue;
        }
        let same = shapes.iter().position(|(first, _)| same_shape(canon, *first, o));
        let k = match same {
            Some(k) => k,
            None => {
                let mut walk = Walk::new(problem, canon, apart, o, most);
                walk.steps = steps;
                walk.descend(0)?;
                steps = walk.steps;
                shapes.push((o, walk.found));
                shapes.len() - 1
            }
        };
        for slots in &shapes[k].1 {
            if !is_dominated(problem, canon, o, slots) {
                found.push(Pattern { offer: o, slots: slots.clone() });
            }
        }
        if found.len() > most {
            return Err(TooLarge {
                what: "ways to fill one machine",
                count: found.len(),
                limit: most,
            });
        }
    }
    Ok(found)
}

fn same_shape(canon: &Canonical, a: usize, b: usize) -> bool {
    canon.capacity[a] == canon.capacity[b]
        && canon.classes.iter().all(|c| c.site[a].is_some() == c.site[b].is_some())
}

/// Whether the pods fit a machine that is no worse for any of them.
fn is_dominated(problem: &Problem, canon: &Canonical, o: usize, slots: &[(usize, u32)]) -> bool {
    let own = &problem.offers[o];
    problem.offers.iter().enumerate().any(|(p, other)| {
        let cheaper =
            other.cost <= own.cost && other.uses.iter().zip(&own.uses).all(|(a, b)| a <= b);
        let equal = other.cost == own.cost && other.uses == own.uses;
        if p == o || other.limit.is_some() || !cheaper || (equal && p > o && own.limit.is_none()) {
            return false;
        }
        let same_site = |c: usize| {
            let class = &canon.classes[c];
            class.site[p].is_some() && class.site[p] == class.site[o]
        };
        let load = |r: usize| {
            slots.iter().map(|(c, n)| canon.classes[*c].requires[r] * i128::from(*n)).sum::<i128>()
        };
        slots.iter().all(|(c, _)| same_site(*c))
            && (0..canon.capacity[p].len()).all(|r| load(r) <= canon.capacity[p][r])
    })
}

/// Depth-first over the classes an offer can hold.
struct Walk<'a> {
    problem: &'a Problem,
    canon: &'a Canonical,
    apart: &'a Apart,
    classes: Vec<usize>,
    /// What the classes from here on can take of each resource at most.
    rest: Vec<Vec<i128>>,
    left: Vec<i128>,
    taken: Vec<u32>,
    found: Vec<Slots>,
    steps: usize,
    most: usize,
}

impl<'a> Walk<'a> {
    fn new(
        problem: &'a Problem,
        canon: &'a Canonical,
        apart: &'a Apart,
        offer: usize,
        most: usize,
    ) -> Walk<'a> {
        let mut classes: Vec<usize> = (0..canon.classes.len())
            .filter(|c| canon.classes[*c].site[offer].is_some() && canon.classes[*c].most > 0)
            .collect();
        // Large pods first: fewer prefixes lead nowhere. Rigid ones before all, as they branch
        // most.
        classes.sort_by_key(|c| {
            let class = &canon.classes[*c];
            (!class.rigid, std::cmp::Reverse(class.requires.clone()), *c)
        });
        let left = canon.capacity[offer].clone();
        let mut rest = vec![vec![0; left.len()]; classes.len() + 1];
        for k in (0..classes.len()).rev() {
            let class = &canon.classes[classes[k]];
            for r in 0..left.len() {
                let all = class.requires[r] * i128::from(class.most_per_node);
                rest[k][r] = (rest[k + 1][r] + all).min(left[r]);
            }
        }
        let taken = vec![0; classes.len()];
        Walk {
            problem,
            canon,
            apart,
            classes,
            rest,
            left,
            taken,
            found: Vec::new(),
            steps: 0,
            most,
        }
    }

    fn descend(&mut self, k: usize) -> Result<(), TooLarge> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.found.len() > self.most * 2 {
            let count = self.found.len().max(self.most);
            return Err(TooLarge { what: "ways to fill one machine", count, limit: self.most });
        }
        if k == self.classes.len() {
            self.keep();
            return Ok(());
        }
        let most = self.room_for(k);
        let canon = self.canon;
        let class = &canon.classes[self.classes[k]];
        for n in (0..=most).rev() {
            self.taken[k] = n;
            for (left, r) in self.left.iter_mut().zip(&class.requires) {
                *left -= r * i128::from(n);
            }
            let hopeless = n < most && !class.rigid && !self.can_be_blocked(k);
            let done = if hopeless { Ok(()) } else { self.descend(k + 1) };
            for (left, r) in self.left.iter_mut().zip(&class.requires) {
                *left += r * i128::from(n);
            }
            self.taken[k] = 0;
            done?;
            if hopeless {
                break;
            }
        }
        Ok(())
    }

    /// How many more pods of the `k`-th class the machine holds now.
    fn room_for(&self, k: usize) -> u32 {
        let c = self.classes[k];
        let class = &self.canon.classes[c];
        let is_excluded = |i: usize| self.taken[i] > 0 && self.apart.pairs[c][self.classes[i]];
        if self.apart.is_tied[c] && (0..k).any(is_excluded) {
            return 0;
        }
        let mut most = i128::from(class.most_per_node);
        for (left, r) in self.left.iter().zip(&class.requires) {
            if *r > 0 {
                most = most.min(left / r);
            }
        }
        u32::try_from(most.max(0)).unwrap_or(u32::MAX)
    }

    /// Whether later classes can leave no room for one more pod of the `k`-th.
    fn can_be_blocked(&self, k: usize) -> bool {
        let c = self.classes[k];
        let later = &self.classes[k + 1..];
        let by_rule = self.apart.is_tied[c] && later.iter().any(|j| self.apart.pairs[c][*j]);
        let requires = &self.canon.classes[c].requires;
        let by_size =
            (0..self.left.len()).any(|r| self.left[r] - self.rest[k + 1][r] < requires[r]);
        by_rule || by_size
    }

    fn keep(&mut self) {
        let maximal = (0..self.classes.len()).all(|k| {
            let class = &self.canon.classes[self.classes[k]];
            let full = self.taken[k] >= class.most_per_node || class.rigid;
            full || self.is_blocked(k)
        });
        let slots: Vec<(usize, u32)> = {
            let pairs = self.classes.iter().zip(&self.taken).filter(|(_, n)| **n > 0);
            let mut slots: Vec<(usize, u32)> = pairs.map(|(c, n)| (*c, *n)).collect();
            slots.sort_unstable();
            slots
        };
        if maximal && !slots.is_empty() && self.keeps_together(&slots) {
            self.found.push(slots);
        }
    }

    fn is_blocked(&self, k: usize) -> bool {
        let c = self.classes[k];
        let is_excluded = |j: usize| self.taken[j] > 0 && self.apart.pairs[c][self.classes[j]];
        let mut others = (0..self.classes.len()).filter(|j| *j != k);
        let by_rule = self.apart.is_tied[c] && others.any(is_excluded);
        let requires = &self.canon.classes[c].requires;
        by_rule || self.left.iter().zip(requires).any(|(left, r)| left < r)
    }

    fn keeps_together(&self, slots: &[(usize, u32)]) -> bool {
        let has = |s: usize| slots.iter().any(|(c, _)| self.canon.classes[*c].owner == Some(s));
        self.problem.together.iter().all(|&(a, b)| !has(a) || has(b))
    }
}
