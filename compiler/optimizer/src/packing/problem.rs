//! The instance as the search sees it: equal items are one kind, and dimensions that can never be
//! full are gone.

use super::instance::{Bin, Instance};
use std::collections::BTreeMap;

pub struct Problem {
    pub capacity: Vec<i64>,
    /// By kind; all different.
    pub size: Vec<Vec<i64>>,
    /// Sizes as parts of the capacity.
    pub share: Vec<Vec<f64>>,
    pub demand: Vec<u32>,
    /// The instance's kind of each item.
    sources: Vec<Vec<u32>>,
    /// The bins that the sum of sizes asks for.
    pub volume_bound: u64,
}

impl Problem {
    pub fn new(instance: &Instance) -> Problem {
        let full = |d: &usize| {
            let above = |size: i64| i128::from(size.max(0));
            let terms = instance.kinds.iter().map(|k| above(k.size[*d]) * i128::from(k.count));
            terms.sum::<i128>() > i128::from(instance.capacity[*d])
        };
        let dims: Vec<usize> = (0..instance.capacity.len()).filter(full).collect();
        let mut known: BTreeMap<Vec<i64>, Vec<u32>> = BTreeMap::new();
        for (source, kind) in instance.kinds.iter().enumerate() {
            let size = dims.iter().map(|d| kind.size[*d]).collect();
            let sources = known.entry(size).or_default();
            sources.extend(std::iter::repeat_n(source as u32, kind.count as usize));
        }
        known.retain(|_, sources| !sources.is_empty());
        let capacity: Vec<i64> = dims.iter().map(|d| instance.capacity[*d]).collect();
        let (size, sources): (Vec<_>, Vec<_>) = known.into_iter().unzip();
        let part = |(s, c): (&i64, &i64)| if *c > 0 { *s as f64 / *c as f64 } else { 0.0 };
        let parts = |size: &Vec<i64>| size.iter().zip(&capacity).map(part).collect();
        Problem {
            share: size.iter().map(parts).collect(),
            demand: sources.iter().map(|s| s.len() as u32).collect(),
            volume_bound: instance.volume_bound(),
            capacity,
            size,
            sources,
        }
    }

    /// The problem of some kinds only; its bins are not those of the instance.
    pub fn part(&self, kinds: &[usize], demand: &[u32]) -> Problem {
        let of = |k: &usize| self.size[*k].clone();
        Problem {
            capacity: self.capacity.clone(),
            size: kinds.iter().map(of).collect(),
            share: kinds.iter().map(|k| self.share[*k].clone()).collect(),
            demand: kinds.iter().map(|k| demand[*k]).collect(),
            sources: Vec::new(),
            volume_bound: 0,
        }
    }

    pub fn kinds(&self) -> usize {
        self.size.len()
    }

    pub fn dims(&self) -> usize {
        self.capacity.len()
    }

    /// Room that items with a size below zero can make in a dimension.
    pub fn made(&self, d: usize) -> i64 {
        let made = |(size, n): (&Vec<i64>, &u32)| (-size[d]).max(0) * i64::from(*n);
        self.size.iter().zip(&self.demand).map(made).sum()
    }

    /// The most copies of a kind that one bin holds.
    pub fn most(&self, kind: usize) -> u32 {
        let limits = self.size[kind].iter().zip(&self.capacity).filter(|(s, _)| **s > 0);
        let limits = limits.map(|(s, c)| (c / s).min(i64::from(u32::MAX)) as u32);
        limits.min().unwrap_or(u32::MAX).min(self.demand[kind])
    }

    /// A dimension in which a bin holds more than its capacity.
    fn excess(&self, bin: &Bin) -> Option<usize> {
        (0..self.dims()).find(|d| {
            let terms = bin.iter().map(|(k, n)| (self.size[*k as usize][*d], *n));
            let load: i128 = terms.map(|(s, n)| i128::from(s) * i128::from(n)).sum();
            load > i128::from(self.capacity[*d])
        })
    }

    /// Whether a bin keeps its capacity.
    pub fn holds(&self, bin: &Bin) -> bool {
        self.excess(bin).is_none()
    }

    /// What of a filling is wanted. Where an item that made room is not, others have to go too.
    pub fn wanted(&self, bin: &Bin, demand: &[u32]) -> Bin {
        let cut = bin.iter().map(|(k, n)| (*k, (*n).min(demand[*k as usize])));
        let mut bin: Bin = cut.filter(|(_, n)| *n > 0).collect();
        while let Some(d) = self.excess(&bin) {
            let size = |at: &usize| self.size[bin[*at].0 as usize][d];
            let Some(largest) = (0..bin.len()).max_by_key(size) else { break };
            bin[largest].1 -= 1;
            bin.retain(|(_, n)| *n > 0);
        }
        bin
    }

    /// Bins of this problem as bins of the instance: the items of a kind are dealt out in order.
    pub fn restore(&self, bins: &[Bin]) -> Vec<Bin> {
        let mut left: Vec<_> = self.sources.iter().map(|s| s.iter()).collect();
        let mut restored = Vec::with_capacity(bins.len());
        for bin in bins {
            let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
            for (kind, n) in bin {
                for source in left[*kind as usize].by_ref().take(*n as usize) {
                    *counts.entry(*source).or_default() += 1;
                }
            }
            restored.push(counts.into_iter().collect());
        }
        restored
    }
}
