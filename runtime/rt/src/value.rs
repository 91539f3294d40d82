//! Values at run time. Immutable; shared by reference count; compared and printed structurally
//! only through interfaces (`Eq`, `Show`), so nothing here knows types. A value is two words.
//!
//! Dropping never recurses: see `discard`.

use crate::discard::{Garbage, discard};
use crate::order::Key;
use eclexia_base::{Dim, Name};
use imbl::shared_ptr::RcK;
use std::ops::Deref;
use std::rc::Rc;

/// Where a record was constructed: the definition and the expression (ids of core), so that
/// elaboration can give every element its origin.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord)]
pub struct Site {
    pub def: u32,
    pub expr: u32,
}

pub type Items = imbl::GenericVector<Value, RcK>;
pub type OrderedMap = imbl::GenericOrdMap<Key, Value, RcK>;
pub type OrderedSet = imbl::GenericOrdSet<Key, RcK>;

#[derive(Clone, Default)]
pub enum Value {
    #[default]
    Unit,
    Bool(bool),
    Int(i64),
    /// A number with a dimension, in base units; `Dim::ONE` is Float.
    Quantity(f64, Dim),
    Str(Rc<String>),
    Keyword(Name),
    /// A constructor without fields: its `CtorId` and index among its type's constructors.
    Tag {
        ctor: u32,
        index: u32,
    },
    /// A constructor with fields, or a record.
    Data(Rc<Data>),
    Vector(Rc<Seq>),
    Map(Rc<Entries>),
    Set(Rc<Members>),
    Function(Rc<Function>),
    Dictionary(Rc<Dictionary>),
    /// An effect a program may use only by holding it.
    Capability(Capability),
    /// A capability that allows less than the world's.
    Attenuated(Rc<Attenuated>),
    /// A budget, or amounts.
    Budget(Rc<crate::ledger::Holding>),
}

pub struct Data {
    pub ctor: u32,
    pub index: u32,
    /// Of records made by a record expression.
    pub site: Option<Site>,
    pub fields: Fields,
}

/// Fields or captured values. One and two, by far the most common, need no allocation of their own.
pub enum Fields {
    One([Value; 1]),
    Two([Value; 2]),
    Many(Box<[Value]>),
}

/// The elements of a vector.
#[derive(Default)]
pub struct Seq {
    pub items: Items,
}

/// The entries of a map, in the structural order of their keys.
#[derive(Default)]
pub struct Entries {
    pub map: OrderedMap,
}

/// The elements of a set, in structural order.
#[derive(Default)]
pub struct Members {
    pub set: OrderedSet,
}

/// Something that can be called.
pub struct Function {
    pub target: Target,
    /// What a closure captured; the first arguments of a partial application.
    pub captures: Fields,
}

pub enum Target {
    /// Code of the evaluator that made the function, by its number.
    Code(u32),
    /// A definition that takes no dictionaries.
    Def(u32),
    Builtin(crate::builtin::BuiltinId),
    Ctor {
        ctor: u32,
        index: u32,
        arity: u32,
    },
    /// The constructor of a record: its argument is the record.
    Identity,
    /// Another function, whose first arguments are the captures.
    Partial(Value),
    /// A closure of a heap.
    Closure(Closure),
}

/// A reference to a closure in the heap of a context, which may be gone.
pub struct Closure {
    pub(crate) word: u64,
    pub name: Name,
    pub(crate) owner: Rc<crate::bridge::Returned>,
}

/// An instance of an interface, with the dictionaries its context asks for.
pub struct Dictionary {
    pub instance: u32,
    pub args: Fields,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Capability {
    Files,
    Clock,
    Network,
    Random,
    Env,
    Treasury,
}

/// What is left of a capability after a program gave some of it up. There is no way back.
#[derive(Clone, PartialEq, Debug)]
pub enum Attenuated {
    /// Files inside of folders, each inside the one before; perhaps not to be changed.
    Files { within: Vec<String>, is_read_only: bool },
    /// A clock that stands, in seconds since 1970: no authority at all, for tests.
    Clock(f64),
    /// Connections to these `host:port` only; `host:*` is any port of a host.
    Network(Vec<String>),
    /// Listening at these `host:port` only, and no connections; `host:*` as above.
    Listening(Vec<String>),
    /// These variables only.
    Env(Vec<String>),
    /// Variables that a program made up: no authority at all, for tests.
    MadeEnv(Vec<(String, String)>),
}

impl Value {
    pub fn attenuated(attenuated: Attenuated) -> Value {
        Value::Attenuated(Rc::new(attenuated))
    }

    pub fn str(text: impl Into<String>) -> Value {
        Value::Str(Rc::new(text.into()))
    }

    pub fn float(x: f64) -> Value {
        Value::Quantity(x, Dim::ONE)
    }

    pub fn vector(items: impl IntoIterator<Item = Value>) -> Value {
        Value::from_items(items.into_iter().collect())
    }

    pub fn from_items(items: Items) -> Value {
        Value::Vector(Rc::new(Seq { items }))
    }

    pub fn from_map(map: OrderedMap) -> Value {
        Value::Map(Rc::new(Entries { map }))
    }

    pub fn from_set(set: OrderedSet) -> Value {
        Value::Set(Rc::new(Members { set }))
    }

    pub fn data(ctor: u32, index: u32, site: Option<Site>, fields: Fields) -> Value {
        Value::Data(Rc::new(Data { ctor, index, site, fields }))
    }

    pub fn function(target: Target, captures: Fields) -> Value {
        Value::Function(Rc::new(Function { target, captures }))
    }

    /// Takes the value out and leaves Unit.
    pub fn take(&mut self) -> Value {
        std::mem::take(self)
    }

    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(n) = self { Some(*n) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Value::Str(s) = self { Some(s) } else { None }
    }

    pub fn as_keyword(&self) -> Option<Name> {
        if let Value::Keyword(k) = self { Some(*k) } else { None }
    }

    /// A number of any dimension; an Int counts as a Float.
    pub fn as_quantity(&self) -> Option<(f64, Dim)> {
        match self {
            Value::Quantity(x, dim) => Some((*x, *dim)),
            Value::Int(n) => Some((*n as f64, Dim::ONE)),
            _ => None,
        }
    }

    pub fn as_data(&self) -> Option<&Data> {
        if let Value::Data(data) = self { Some(data) } else { None }
    }

    pub fn as_items(&self) -> Option<&Items> {
        if let Value::Vector(seq) = self { Some(&seq.items) } else { None }
    }

    pub fn as_map(&self) -> Option<&OrderedMap> {
        if let Value::Map(entries) = self { Some(&entries.map) } else { None }
    }

    pub fn as_set(&self) -> Option<&OrderedSet> {
        if let Value::Set(members) = self { Some(&members.set) } else { None }
    }

    /// The constructor and its index, with or without fields.
    pub fn ctor(&self) -> Option<(u32, u32)> {
        match self {
            Value::Tag { ctor, index } => Some((*ctor, *index)),
            Value::Data(data) => Some((data.ctor, data.index)),
            _ => None,
        }
    }

    /// The fields of a constructor; none of a tag or anything else.
    pub fn fields(&self) -> &[Value] {
        if let Value::Data(data) = self { &data.fields } else { &[] }
    }

    /// Whether dropping this reference frees something that may hold further values.
    fn frees_more(&self) -> bool {
        match self {
            Value::Data(rc) => Rc::strong_count(rc) == 1,
            Value::Vector(rc) => Rc::strong_count(rc) == 1,
            Value::Map(rc) => Rc::strong_count(rc) == 1,
            Value::Set(rc) => Rc::strong_count(rc) == 1,
            Value::Function(rc) => Rc::strong_count(rc) == 1,
            Value::Dictionary(rc) => Rc::strong_count(rc) == 1,
            _ => false,
        }
    }
}

impl Fields {
    pub fn none() -> Fields {
        Fields::Many(Box::default())
    }

    /// Moves the values out of `source`, leaving Unit there.
    pub fn take_from(source: &mut [Value]) -> Fields {
        match source {
            [a] => Fields::One([a.take()]),
            [a, b] => Fields::Two([a.take(), b.take()]),
            many => Fields::Many(many.iter_mut().map(Value::take).collect()),
        }
    }

    fn discard(&mut self) {
        if self.iter().any(Value::frees_more) {
            discard(Garbage::Fields(std::mem::replace(self, Fields::none())));
        }
    }
}

impl Deref for Fields {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        match self {
            Fields::One(fields) => fields,
            Fields::Two(fields) => fields,
            Fields::Many(fields) => fields,
        }
    }
}

impl std::ops::DerefMut for Fields {
    fn deref_mut(&mut self) -> &mut [Value] {
        match self {
            Fields::One(fields) => fields,
            Fields::Two(fields) => fields,
            Fields::Many(fields) => fields,
        }
    }
}

impl From<Vec<Value>> for Fields {
    fn from(mut values: Vec<Value>) -> Fields {
        if values.len() <= 2 {
            Fields::take_from(&mut values)
        } else {
            Fields::Many(values.into_boxed_slice())
        }
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        self.fields.discard();
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.captures.discard();
        if let Target::Partial(inner) = &mut self.target
            && inner.frees_more()
        {
            discard(Garbage::Fields(Fields::One([inner.take()])));
        }
    }
}

impl Drop for Dictionary {
    fn drop(&mut self) {
        self.args.discard();
    }
}

impl Drop for Seq {
    fn drop(&mut self) {
        if !self.items.is_empty() {
            discard(Garbage::Items(std::mem::take(&mut self.items)));
        }
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        if !self.map.is_empty() {
            discard(Garbage::Map(std::mem::take(&mut self.map)));
        }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        if !self.set.is_empty() {
            discard(Garbage::Set(std::mem::take(&mut self.set)));
        }
    }
}

impl std::fmt::Debug for Value {
    /// Shallow: for tests and bug reports; programs print through `Show`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Unit => f.write_str("unit"),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Int(n) => write!(f, "{n}"),
            Value::Quantity(x, dim) => write!(f, "{x:?}{dim}"),
            Value::Str(s) => write!(f, "{s:?}"),
            Value::Keyword(k) => write!(f, ":{k}"),
            Value::Tag { ctor, .. } => write!(f, "c{ctor}"),
            Value::Data(data) => write!(f, "c{}/{}", data.ctor, data.fields.len()),
            Value::Vector(seq) => write!(f, "vector/{}", seq.items.len()),
            Value::Map(entries) => write!(f, "map/{}", entries.map.len()),
            Value::Set(members) => write!(f, "set/{}", members.set.len()),
            Value::Function(_) => f.write_str("function"),
            Value::Dictionary(d) => write!(f, "dictionary n{}", d.instance),
            Value::Capability(c) => write!(f, "{c:?}"),
            Value::Attenuated(a) => write!(f, "{a:?}"),
            Value::Budget(_) => f.write_str("budget"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_two_words() {
        assert_eq!(size_of::<Value>(), 16);
    }

    #[test]
    fn dropping_a_million_nested_values_of_any_kind_needs_no_stack() {
        let mut value = Value::Unit;
        for i in 0..1_000_000 {
            let inner = value.take();
            value = match i % 5 {
                0 => Value::data(0, 0, None, Fields::One([inner])),
                1 => Value::vector([inner]),
                2 => Value::function(Target::Code(0), Fields::One([inner])),
                3 => Value::function(Target::Partial(inner), Fields::none()),
                _ => Value::from_map(OrderedMap::unit(Key(Value::Int(1)), inner)),
            };
        }
        drop(value);
    }
}
