//! The variants of one service: what each costs anyway, and what it uses of each resource.

/// At most `V` variants over `R` resources, as they are read: all variants of a resource together.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(align(64))]
pub struct Table<const V: usize, const R: usize> {
    /// Infinite for variants that there are not.
    base: [f64; V],
    uses: [[f64; V]; R],
    variants: usize,
}

/// The variant that costs least at some prices.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Choice {
    pub variant: usize,
    /// Base and uses at the prices.
    pub cost: f64,
}

impl<const V: usize, const R: usize> Table<V, R> {
    /// From the cost of each variant, and its uses by resource, then variant, at
    /// `uses[r * variants + v]`. None without variants, with more than `V` of them, or where `uses`
    /// is not of `R` resources.
    pub fn new(base: &[f64], uses: &[f64]) -> Option<Table<V, R>> {
        let variants = base.len();
        if variants == 0 || variants > V || uses.len() != variants * R {
            return None;
        }
        let mut table = Table { base: [f64::INFINITY; V], uses: [[0.0; V]; R], variants };
        table.base[..variants].copy_from_slice(base);
        for (row, given) in table.uses.iter_mut().zip(uses.chunks_exact(variants)) {
            row[..variants].copy_from_slice(given);
        }
        Some(table)
    }

    pub fn variants(&self) -> usize {
        self.variants
    }

    /// What each variant costs at prices.
    #[inline]
    pub fn costs(&self, prices: &[f64; R]) -> [f64; V] {
        // Two sums side by side: neither waits for the other.
        let mut sums = [self.base, [0.0; V]];
        for (at, (row, price)) in self.uses.iter().zip(prices).enumerate() {
            for (sum, each) in sums[at % 2].iter_mut().zip(row) {
                *sum += each * price;
            }
        }
        let [mut costs, rest] = sums;
        for (cost, more) in costs.iter_mut().zip(rest) {
            *cost += more;
        }
        costs
    }

    /// The variant that costs least; of equal ones the first. What costs no number never wins over
    /// one that does.
    #[inline]
    pub fn choose(&self, prices: &[f64; R]) -> Choice {
        let costs = self.costs(prices);
        let mut best = Choice { variant: 0, cost: f64::INFINITY };
        for (variant, cost) in costs.into_iter().enumerate() {
            // Two selections, not a branch that nobody can foretell.
            let is_less = cost < best.cost;
            best.variant = if is_less { variant } else { best.variant };
            best.cost = if is_less { cost } else { best.cost };
        }
        best
    }
}
