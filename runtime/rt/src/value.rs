//! Values at run time. Immutable; shared by reference count; compared and printed structurally
//! only through interfaces (`Eq`, `Show`), so nothing here knows types.

use eclexia_base::{Dim, Name};
use std::any::Any;
use std::rc::Rc;

/// Where a record was constructed: the definition and the expression (ids of core), so that
/// elaboration can give every element its origin.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord)]
pub struct Site {
    pub def: u32,
    pub expr: u32,
}

#[derive(Clone)]
pub enum Value {
    Unit,
    Bool(bool),
    Int(i64),
    /// A number with a dimension, in base units; `Dim::ONE` is Float.
    Quantity(f64, Dim),
    Str(Rc<str>),
    Keyword(Name),
    /// A constructor without fields: its `CtorId` and index among its type's constructors.
    Tag { ctor: u32, index: u32 },
    /// A constructor with fields.
    Data(Rc<Data>),
    Vector(imbl::GenericVector<Value, imbl::shared_ptr::RcK>),
    /// Ordered maps and sets compare keys by [`Key`].
    Map(Rc<dyn Any>),
    /// A closure, a built-in or a constructor as a function: the evaluator's own.
    Function(Rc<dyn Any>),
    /// A dictionary of an interface: the evaluator's own.
    Dictionary(Rc<dyn Any>),
    /// An effect a program may use only by holding it.
    Capability(Capability),
}

pub struct Data {
    pub ctor: u32,
    pub index: u32,
    /// Of records made by a record expression.
    pub site: Option<Site>,
    pub fields: Box<[Value]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Capability {
    Files,
    Clock,
    Network,
    Random,
    Env,
}
