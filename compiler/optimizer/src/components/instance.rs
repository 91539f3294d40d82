//! What a deployment of components is about, as data.

/// Amounts of a machine: processors, memory, storage.
pub const AMOUNTS: usize = 3;
pub type Amounts = [i64; AMOUNTS];

pub const MOST_COMPONENTS: usize = 64;
pub const MOST_OFFERS: usize = 100_000;
pub const MOST_RULES: usize = 10_000;
/// Magnitude of an amount and of a price.
pub const MOST_AMOUNT: i64 = 1 << 40;
pub const MOST_PRICE: i64 = 1 << 30;
/// Magnitude of a bound and of a factor in a rule on counts.
pub const MOST_COUNT: i64 = 100_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub holds: Amounts,
    pub price: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Component {
    pub needs: Amounts,
    /// So many are asked for; with 0 there is at least one all the same, unless an alternative is
    /// chosen.
    pub at_least: u32,
}

/// When a rule on counts holds although one of its components is left out for an alternative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Over those that are deployed; never where none is.
    Deployed,
    /// Only where all of them are.
    All,
}

/// Components by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The first never shares a machine with one of the others.
    Conflict { one: usize, others: Vec<usize> },
    /// On each machine, all of those that are deployed or none.
    Together(Vec<usize>),
    /// On every machine, but for those that hold one of these or one that it conflicts with.
    Everywhere { component: usize, besides: Vec<usize> },
    /// Exactly one is deployed; rules on the others are void.
    OneOf(Vec<usize>),
    /// `least ≤ Σ factor × count ≤ most`.
    Counts { terms: Vec<(usize, i64)>, least: Option<i64>, most: Option<i64>, scope: Scope },
}

/// Always: every index is below the number of components, amounts are not negative, all within the
/// bounds above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    pub components: Vec<Component>,
    pub offers: Vec<Offer>,
    pub rules: Vec<Rule>,
}

/// Machines alike; at most one instance of a component on each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machines {
    pub offer: usize,
    pub count: u64,
    /// Rising.
    pub components: Vec<usize>,
}
