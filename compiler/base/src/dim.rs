//! Dimensions: elements of the free abelian group over base dimensions (Kennedy 1996), interned so
//! that equality is a number comparison. `Dim::ONE` is the dimension of plain numbers.
//!
//! Base dimensions of the language: `core byte s J gCO2e USD EUR GBP gpu req`; programs add more.

use crate::{FxHashMap, Name};
use std::collections::BTreeMap;
use std::sync::{OnceLock, RwLock};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dim(u32);

type Exponents = Vec<(Name, i32)>;

#[derive(Default)]
struct Table {
    ids: FxHashMap<Exponents, u32>,
    items: Vec<&'static [(Name, i32)]>,
}

fn table() -> &'static RwLock<Table> {
    static TABLE: OnceLock<RwLock<Table>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::default();
        table.items.push(&[]);
        table.ids.insert(Vec::new(), 0);
        RwLock::new(table)
    })
}

impl Dim {
    pub const ONE: Dim = Dim(0);

    /// The dimension with these exponents; zero exponents and order do not matter.
    pub fn new(exponents: impl IntoIterator<Item = (Name, i32)>) -> Dim {
        let mut sum: BTreeMap<Name, i32> = BTreeMap::new();
        for (base, exponent) in exponents {
            let entry = sum.entry(base).or_insert(0);
            *entry = entry.saturating_add(exponent);
        }
        let key: Exponents = sum.into_iter().filter(|(_, e)| *e != 0).collect();
        let mut write = table().write().unwrap_or_else(|e| e.into_inner());
        if let Some(&id) = write.ids.get(&key) {
            return Dim(id);
        }
        let id = write.items.len() as u32;
        write.items.push(Box::leak(key.clone().into_boxed_slice()));
        write.ids.insert(key, id);
        Dim(id)
    }

    pub fn base(name: &str) -> Dim {
        Dim::new([(Name::new(name), 1)])
    }

    /// Sorted by base name; no exponent is zero.
    pub fn exponents(self) -> &'static [(Name, i32)] {
        table().read().unwrap_or_else(|e| e.into_inner()).items[self.0 as usize]
    }

    pub fn times(self, other: Dim) -> Dim {
        if other == Dim::ONE {
            return self;
        }
        Dim::new(self.exponents().iter().chain(other.exponents()).copied())
    }

    pub fn over(self, other: Dim) -> Dim {
        self.times(other.pow(-1))
    }

    pub fn pow(self, n: i32) -> Dim {
        Dim::new(self.exponents().iter().map(|(b, e)| (*b, e.saturating_mul(n))))
    }
}

impl std::fmt::Display for Dim {
    /// `J/s`, `core*s`, `1/s`, `1`: base names, powers as `^n`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |sign: i32| -> Vec<String> {
            let of_sign = self.exponents().iter().filter(|(_, e)| e.signum() == sign);
            of_sign
                .map(|(b, e)| if e.abs() == 1 { b.to_string() } else { format!("{b}^{}", e.abs()) })
                .collect()
        };
        let (up, down) = (part(1), part(-1));
        f.write_str(if up.is_empty() { "1" } else { "" })?;
        f.write_str(&up.join("*"))?;
        for d in down {
            write!(f, "/{d}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Dim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_form_an_abelian_group() {
        let (j, s) = (Dim::base("J"), Dim::base("s"));
        assert_eq!(j.times(s), s.times(j));
        assert_eq!(j.over(j), Dim::ONE);
        assert_eq!(j.over(s).to_string(), "J/s");
        assert_eq!(s.pow(-2).to_string(), "1/s^2");
        assert_eq!(Dim::ONE.to_string(), "1");
    }
}
