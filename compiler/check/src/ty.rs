//! Types after inference: closed, interned, printable.
//!
//! A [`Ty`] is a number; equal types are equal numbers. Type variables are those of the scheme of
//! the definition (index: position in the scheme) or of a `let` inside it. `Float` is `Q` of the
//! empty unit: Kennedy's float<1>. The table lives as long as the process; every thread keeps a
//! mirror of it, so reading a type takes no lock. No inference happens here: see `arena`.

use eclexia_base::{Dim, FxHashMap, Name, Rational};
use eclexia_core::core::{InterfaceId, TypeId};
use std::cell::RefCell;
use std::sync::{Mutex, OnceLock};

eclexia_base::define_id!(
    /// An interned, fully resolved type.
    Ty, "ty"
);

/// What a type is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TyKind {
    /// Of an expression that has been reported already.
    Error,
    Var(TyVar),
    Con(TypeId, Box<[Ty]>),
    Fn(Box<[Ty]>, Ty),
    Fn1(Box<[Ty]>, Ty),
    Ref(Ty),
    Q(UnitTy),
    /// A budget's amounts; `None`: known at run time only.
    Budget(Option<Box<[AmountTy]>>),
}

/// A variable of types or of units.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TyVar {
    /// Position in [`Scheme::vars`] or [`Scheme::units`]; beyond them: of a `let`, or unresolved.
    pub index: u32,
    pub name: Name,
}

/// `J/s`, `u*v^2`: a constant and variables with exponents.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct UnitTy {
    pub dim: Dim,
    pub vars: Box<[(TyVar, i32)]>,
}

/// `:cpu (- n 2cpu)`: a constant and grade variables with factors, none zero.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AmountTy {
    pub key: Name,
    /// Not known where only variables say what the amount is, of a key that may be of several.
    pub dim: Option<Dim>,
    pub constant: Rational,
    pub vars: Box<[GradeTy]>,
}

/// A grade variable in a sum. Numbered with the unit variables ([`Scheme::units`]).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GradeTy {
    pub var: TyVar,
    pub factor: Rational,
    /// The least that it stands for, where that is said.
    pub least: Rational,
}

/// `(Fn [a] a) :where [(Num a)]`: a type, the variables it is generic over, and what they must
/// implement. A definition takes one dictionary per constraint, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scheme {
    pub vars: Vec<Name>,
    pub units: Vec<Name>,
    pub constraints: Vec<(InterfaceId, Ty)>,
    /// Positions of variables that must be unrestricted: `(Unr a)`. What an interface that only
    /// reads demands of a variable is not repeated here.
    pub unrestricted: Vec<u32>,
    /// Positions of variables of which no reference may be part: what a function makes of a value
    /// that it lends.
    pub confined: Vec<u32>,
    pub ty: Ty,
}

impl Scheme {
    /// Whether it is of a function that takes one value of `ty` and gives another type.
    pub(crate) fn consumes(&self, ty: Ty) -> bool {
        match self.ty.kind() {
            TyKind::Fn(params, ret) => params.as_ref() == [ty] && *ret != ty,
            _ => false,
        }
    }
}

struct Data {
    kind: TyKind,
    has_vars: bool,
}

#[derive(Default)]
struct Table {
    ids: FxHashMap<&'static TyKind, u32>,
    items: Vec<&'static Data>,
}

static TABLE: OnceLock<Mutex<Table>> = OnceLock::new();

thread_local! {
    static MIRROR: RefCell<Table> = RefCell::default();
}

impl Default for Ty {
    fn default() -> Ty {
        Ty::ERROR
    }
}

impl Ty {
    pub const ERROR: Ty = Ty(0);

    pub fn new(kind: TyKind) -> Ty {
        let known = MIRROR.with_borrow(|mirror| mirror.ids.get(&kind).copied());
        if let Some(id) = known {
            return Ty(id);
        }
        let has_vars = kind.has_vars();
        let mut table = lock();
        let id = match table.ids.get(&kind) {
            Some(&id) => id,
            None => table.add(kind, has_vars),
        };
        MIRROR.with_borrow_mut(|mirror| mirror.catch_up(&table));
        Ty(id)
    }

    pub fn kind(self) -> &'static TyKind {
        &self.data().kind
    }

    /// Whether a variable occurs in it, or a budget: each use of a budget's type is one of its own,
    /// so that a message can say where its amounts come from.
    pub fn has_vars(self) -> bool {
        self.data().has_vars
    }

    fn data(self) -> &'static Data {
        let index = self.0 as usize;
        if let Some(data) = MIRROR.with_borrow(|mirror| mirror.items.get(index).copied()) {
            return data;
        }
        let table = lock();
        MIRROR.with_borrow_mut(|mirror| mirror.catch_up(&table));
        table.items[index]
    }

    pub fn con(id: TypeId, args: impl Into<Box<[Ty]>>) -> Ty {
        Ty::new(TyKind::Con(id, args.into()))
    }

    pub fn quantity(dim: Dim) -> Ty {
        Ty::new(TyKind::Q(UnitTy { dim, vars: Box::default() }))
    }

    /// The data type, record or built-in type at the head; through references.
    pub fn head(self) -> Option<TypeId> {
        match self.kind() {
            TyKind::Con(id, _) => Some(*id),
            TyKind::Ref(inner) => inner.head(),
            _ => None,
        }
    }
}

impl TyKind {
    fn has_vars(&self) -> bool {
        match self {
            TyKind::Error => false,
            TyKind::Var(_) => true,
            TyKind::Con(_, args) => args.iter().any(|t| t.has_vars()),
            TyKind::Fn(params, ret) | TyKind::Fn1(params, ret) => {
                ret.has_vars() || params.iter().any(|t| t.has_vars())
            }
            TyKind::Ref(inner) => inner.has_vars(),
            TyKind::Q(unit) => !unit.vars.is_empty(),
            TyKind::Budget(_) => true,
        }
    }
}

impl Table {
    fn add(&mut self, kind: TyKind, has_vars: bool) -> u32 {
        let data: &'static Data = Box::leak(Box::new(Data { kind, has_vars }));
        let id = self.items.len() as u32;
        self.items.push(data);
        self.ids.insert(&data.kind, id);
        id
    }

    fn catch_up(&mut self, table: &Table) {
        for (offset, data) in table.items[self.items.len()..].iter().enumerate() {
            self.ids.insert(&data.kind, (self.items.len() + offset) as u32);
        }
        self.items.extend_from_slice(&table.items[self.items.len()..]);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Table> {
    let table = TABLE.get_or_init(|| {
        let mut table = Table::default();
        table.add(TyKind::Error, false);
        Mutex::new(table)
    });
    table.lock().unwrap_or_else(|e| e.into_inner())
}

/// The type whose definition an instance or a field access of `ty` is looked up by.
pub fn head_type(ty: Ty) -> Option<TypeId> {
    ty.head()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_types_are_equal_numbers_on_every_thread() {
        let make = || Ty::con(TypeId(3), vec![Ty::quantity(Dim::ONE)]);
        let here = make();
        let there = std::thread::spawn(make).join().expect("the thread ends");
        assert_eq!(here, there);
        assert_eq!(Ty::new(TyKind::Error), Ty::ERROR);
        assert!(!here.has_vars());
    }
}
