//! A vector with its nonzeros listed, so that what is nearly empty costs nearly nothing (Hall and
//! McKinnon 2005). Always: `index` names every nonzero of `value` exactly once. Entries that cancel
//! to zero keep their place with [`CANCELLED`] until the next solve drops them.

/// Stands for an exact zero that is already listed.
const CANCELLED: f64 = 1e-100;
/// Magnitudes below this are taken for rounding and dropped.
pub const TINY: f64 = 1e-14;

#[derive(Clone, Default)]
pub struct Sparse {
    pub value: Vec<f64>,
    pub index: Vec<u32>,
}

impl Sparse {
    /// Grows to `len` entries; what is there stays.
    pub fn grow(&mut self, len: usize) {
        self.value.resize(len, 0.0);
    }

    pub fn clear(&mut self) {
        if self.index.len() * 4 > self.value.len() {
            self.value.fill(0.0);
        } else {
            self.index.iter().for_each(|&i| self.value[i as usize] = 0.0);
        }
        self.index.clear();
    }

    pub fn add(&mut self, i: u32, by: f64) {
        let place = &mut self.value[i as usize];
        if *place == 0.0 {
            self.index.push(i);
        }
        *place += by;
        if *place == 0.0 {
            *place = CANCELLED;
        }
    }

    pub fn add_scaled(&mut self, entries: &[(u32, f64)], by: f64) {
        entries.iter().for_each(|&(i, v)| self.add(i, v * by));
    }

    /// Lists the nonzeros anew, after writes to `value` alone; drops tiny ones.
    pub fn collect(&mut self) {
        self.index.clear();
        for (i, v) in self.value.iter_mut().enumerate() {
            if v.abs() > TINY {
                self.index.push(i as u32);
            } else {
                *v = 0.0;
            }
        }
    }

    pub fn copy_from(&mut self, other: &Sparse) {
        self.clear();
        self.grow(other.value.len());
        for &i in &other.index {
            self.value[i as usize] = other.value[i as usize];
        }
        self.index.extend_from_slice(&other.index);
    }

    pub fn entries(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.index.iter().map(|&i| (i as usize, self.value[i as usize]))
    }

    pub fn squared_norm(&self) -> f64 {
        self.entries().map(|(_, v)| v * v).sum()
    }
}
