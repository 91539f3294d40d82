//! Typed `u32` ids and dense maps over them.

use std::marker::PhantomData;
use std::sync::Arc;

/// An id made by [`define_id!`]: a newtype over `u32` that indexes one [`IdMap`].
pub trait Id: Copy + Eq {
    fn from_index(index: usize) -> Self;
    fn index(self) -> usize;
}

/// Defines an id type: `define_id!(ExprId, "e")` prints as `e17`.
#[macro_export]
macro_rules! define_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $crate::ids::Id for $name {
            fn from_index(index: usize) -> Self { $name(index as u32) }
            fn index(self) -> usize { self.0 as usize }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

/// A dense map from an id to a value; also the arena that hands the ids out (`push`).
#[derive(Clone, PartialEq, Eq)]
pub struct IdMap<I, T> {
    items: Vec<T>,
    marker: PhantomData<fn(I)>,
}

impl<I: Id, T> IdMap<I, T> {
    pub fn new() -> Self {
        IdMap { items: Vec::new(), marker: PhantomData }
    }
    pub fn with_capacity(n: usize) -> Self {
        IdMap { items: Vec::with_capacity(n), marker: PhantomData }
    }
    pub fn push(&mut self, value: T) -> I {
        self.items.push(value);
        I::from_index(self.items.len() - 1)
    }
    /// The id the next `push` will return.
    pub fn next_id(&self) -> I {
        I::from_index(self.items.len())
    }
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.items.get_mut(id.index())
    }
    pub fn len(&self) -> usize {
        self.items.len()
    }
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + use<I, T> {
        (0..self.items.len()).map(I::from_index)
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> {
        self.items.iter().enumerate().map(|(i, t)| (I::from_index(i), t))
    }
    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }
    /// Grows with `fill` until `len` entries exist.
    pub fn resize_with(&mut self, len: usize, fill: impl FnMut() -> T) {
        self.items.resize_with(len, fill);
    }
}

impl<I: Id, T> From<Vec<T>> for IdMap<I, T> {
    fn from(items: Vec<T>) -> Self {
        IdMap { items, marker: PhantomData }
    }
}

impl<I: Id, T> Default for IdMap<I, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I: Id, T> std::ops::Index<I> for IdMap<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> std::ops::IndexMut<I> for IdMap<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}

impl<I: Id, T: std::fmt::Debug> std::fmt::Debug for IdMap<I, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}

/// An [`IdMap`] whose copies share their values: a copy costs a reference for each, and a value is
/// copied when it is changed in one of them.
#[derive(Clone)]
pub struct SharedMap<I, T> {
    items: IdMap<I, Arc<T>>,
}

impl<I: Id, T> SharedMap<I, T> {
    pub fn push(&mut self, value: T) -> I {
        self.items.push(Arc::new(value))
    }
    /// The id that the next push gives.
    pub fn next_id(&self) -> I {
        self.items.next_id()
    }
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id).map(Arc::as_ref)
    }
    pub fn len(&self) -> usize {
        self.items.len()
    }
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + use<I, T> {
        self.items.ids()
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> {
        self.items.iter().map(|(id, value)| (id, value.as_ref()))
    }
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.values().map(Arc::as_ref)
    }
    /// Grows with `fill` until `len` entries exist.
    pub fn resize_with(&mut self, len: usize, mut fill: impl FnMut() -> T) {
        self.items.resize_with(len, || Arc::new(fill()));
    }
    /// Behind what is here, what the other has from `from` on.
    pub fn extend_from(&mut self, other: &Self, from: usize) {
        for id in other.items.ids().skip(from) {
            self.items.push(Arc::clone(&other.items[id]));
        }
    }
    /// What the other has, in place of what is there: both share it.
    pub fn share(&mut self, id: I, other: &Self) {
        self.items[id] = Arc::clone(&other.items[id]);
    }
    /// In place of what is there: nothing is copied.
    pub fn replace(&mut self, id: I, value: T) {
        self.items[id] = Arc::new(value);
    }
}

impl<I: Id, T: Clone> SharedMap<I, T> {
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.items.get_mut(id).map(Arc::make_mut)
    }
}

impl<I: Id, T> Default for SharedMap<I, T> {
    fn default() -> Self {
        SharedMap { items: IdMap::new() }
    }
}

impl<I: Id, T> std::ops::Index<I> for SharedMap<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.items[id]
    }
}

impl<I: Id, T: Clone> std::ops::IndexMut<I> for SharedMap<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        Arc::make_mut(&mut self.items[id])
    }
}

impl<I: Id, T: std::fmt::Debug> std::fmt::Debug for SharedMap<I, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values()).finish()
    }
}
