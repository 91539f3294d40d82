//! Built-ins: what one is, what it may use, how it fails, and how it is found by name.
//!
//! A built-in of module `std.vector` declared as `(builtin push …)` is registered as `vector/push`;
//! those of `std.core` under their plain names. Each family of `builtins` has a registration table.
//! Built-ins receive exactly `arity` arguments of the declared types: the checker saw to it.

use crate::builtins;
use crate::effects::Effects;
use crate::ledger::Ledger;
use crate::value::{Fields, Value};
use eclexia_base::FxHashMap;
use eclexia_base::unit::UnitTable;
use std::sync::OnceLock;
use std::time::Instant;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BuiltinId(pub u16);

pub struct Builtin {
    pub name: &'static str,
    pub arity: u8,
    pub run: fn(&mut Ctx<'_>, &mut [Value]) -> Result<Value, Fault>,
}

/// What a built-in may use besides its arguments.
pub struct Ctx<'a> {
    pub effects: &'a mut dyn Effects,
    pub ctors: &'a Ctors,
    /// What is drawn from accounts.
    pub ledger: &'a mut Ledger,
    /// For printing quantities.
    pub units: &'a UnitTable,
    /// When the run has to be over, so that nothing waits beyond that.
    pub deadline: Option<Instant>,
}

/// Why a built-in has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The operation, as people write it: `9223372036854775807 + 1`.
    Overflow(String),
    DivisionByZero(String),
    /// An account or a budget with less than is taken from it.
    Overdrawn(String),
    /// The program's own fault, as by `abort`.
    Abort(String),
}

/// Constructors of `std.core` that built-ins make or look at: `CtorId` and index.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ctors {
    pub none: (u32, u32),
    pub some: (u32, u32),
    pub ok: (u32, u32),
    pub err: (u32, u32),
    pub nil: (u32, u32),
    pub cons: (u32, u32),
    pub pair: (u32, u32),
    pub less: (u32, u32),
    pub equal: (u32, u32),
    pub greater: (u32, u32),
    pub json_null: (u32, u32),
    pub json_bool: (u32, u32),
    pub json_number: (u32, u32),
    pub json_string: (u32, u32),
    pub json_array: (u32, u32),
    pub json_object: (u32, u32),
}

pub(crate) fn tag((ctor, index): (u32, u32)) -> Value {
    Value::Tag { ctor, index }
}

pub(crate) fn one((ctor, index): (u32, u32), field: Value) -> Value {
    Value::data(ctor, index, None, Fields::One([field]))
}

impl Ctors {
    pub fn option(&self, value: Option<Value>) -> Value {
        value.map_or(tag(self.none), |v| one(self.some, v))
    }
    pub fn result(&self, value: Result<Value, Value>) -> Value {
        match value {
            Ok(v) => one(self.ok, v),
            Err(e) => one(self.err, e),
        }
    }
    pub fn pair(&self, a: Value, b: Value) -> Value {
        Value::data(self.pair.0, self.pair.1, None, Fields::Two([a, b]))
    }
    pub fn list(&self, items: impl DoubleEndedIterator<Item = Value>) -> Value {
        items.rev().fold(tag(self.nil), |tail, head| {
            Value::data(self.cons.0, self.cons.1, None, Fields::Two([head, tail]))
        })
    }
    pub fn ordering(&self, order: std::cmp::Ordering) -> Value {
        tag(match order {
            std::cmp::Ordering::Less => self.less,
            std::cmp::Ordering::Equal => self.equal,
            std::cmp::Ordering::Greater => self.greater,
        })
    }
}

/// The elements of a list from its first cell: stops at anything that is no cell.
pub struct ListIter<'a>(pub &'a Value);

impl<'a> Iterator for ListIter<'a> {
    type Item = &'a Value;
    fn next(&mut self) -> Option<&'a Value> {
        let [head, tail] = self.0.fields() else { return None };
        self.0 = tail;
        Some(head)
    }
}

fn table() -> &'static (Vec<&'static Builtin>, FxHashMap<&'static str, u16>) {
    static TABLE: OnceLock<(Vec<&'static Builtin>, FxHashMap<&'static str, u16>)> = OnceLock::new();
    TABLE.get_or_init(|| {
        let all: Vec<&'static Builtin> = builtins::FAMILIES.iter().copied().flatten().collect();
        let names = all.iter().enumerate().map(|(i, b)| (b.name, i as u16)).collect();
        (all, names)
    })
}

/// The built-in that module `module` (its last segment) declares as `name`.
pub fn lookup(module: &str, name: &str) -> Option<BuiltinId> {
    let names = &table().1;
    let qualified = format!("{module}/{name}");
    names.get(qualified.as_str()).or_else(|| names.get(name)).copied().map(BuiltinId)
}

impl BuiltinId {
    pub fn get(self) -> &'static Builtin {
        table().0[self.0 as usize]
    }
}

/// All registered names, for a test that each is declared in the standard library.
pub fn names() -> impl Iterator<Item = &'static str> {
    table().0.iter().map(|b| b.name)
}

/// The argument of a type that the checker promised.
macro_rules! arg {
    ($args:expr, $i:expr, $method:ident) => {
        match $args[$i].$method() {
            Some(value) => value,
            None => eclexia_base::bug!("argument {} of a built-in is {:?}", $i, $args[$i]),
        }
    };
}
pub(crate) use arg;
