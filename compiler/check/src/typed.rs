//! Typed: facts beside core, under core's ids. Nothing in core changes; what the evaluator, the
//! editor and elaboration need to know about an expression is looked up here.
//!
//! Interfaces are implemented by dictionary passing: a definition whose scheme has constraints
//! takes one dictionary per constraint, in order, before its parameters; each use of such a
//! definition (or of a method) says which dictionaries to pass.

use crate::linear::kind::is_linear;
use crate::ty::{Scheme, Ty};
use eclexia_base::{Amounts, FxHashMap, IdMap, SharedMap};
use eclexia_core::core::{CtorId, DefId, ExprId, InstanceId, InterfaceId, LocalId, Program};

eclexia_base::define_id!(
    /// A dictionary parameter, unique within one body.
    DictId, "dict"
);

/// The whole program's facts.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub schemes: SharedMap<DefId, Scheme>,
    pub facts: SharedMap<DefId, Facts>,
    /// Per instance: the dictionaries of its interface's super-interfaces, in order, in terms of
    /// `Dict::Param` numbered by the instance's context.
    pub supers: SharedMap<InstanceId, Vec<Dict>>,
    /// What signatures, types, interfaces and instances say, converted once.
    pub(crate) tables: crate::declare::Tables,
    /// Groups of `Program::groups` checked so far.
    pub(crate) checked_groups: usize,
    /// Definitions whose choices were looked at.
    pub(crate) checked_defs: usize,
    /// Why a variable of a definition's scheme must be unrestricted.
    pub(crate) owed: FxHashMap<(DefId, u32), Owed>,
    /// Variables of an instance's head that its methods copy or drop values of, with the first
    /// reason; of an interface, whether a default does so with what it is for.
    pub(crate) instances_owe: FxHashMap<InstanceId, Vec<(u32, Owed)>>,
    pub(crate) defaults_owe: FxHashMap<(InterfaceId, u32), Owed>,
}

/// The instance found for an expression of `def`, at a type that may be linear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstanceUse {
    pub def: DefId,
    pub expr: ExprId,
    pub instance: InstanceId,
    pub ty: Ty,
    /// The method, where one is named; else the whole instance is passed on.
    pub method: Option<u32>,
}

/// What a generic definition does to a value that it must be able to copy or drop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owed {
    pub fault: crate::linear::Fault,
}

impl Typed {
    /// The type of a definition; of one not checked yet, the type that fits everything.
    pub fn scheme(&self, def: DefId) -> Scheme {
        self.schemes.get(def).cloned().unwrap_or_default()
    }

    /// The type of a constructor as a function of its fields, generic over its type's parameters.
    /// A record's takes the record itself: `(Point {:x 1.0})`.
    pub fn ctor_scheme(&self, ctor: CtorId) -> Scheme {
        self.tables.ctors.get(ctor).map(|c| c.scheme.clone()).unwrap_or_default()
    }

    /// The type of a method; its first constraint is that of the method's own interface.
    pub fn method_scheme(&self, interface: InterfaceId, index: u32) -> Scheme {
        let methods = self.tables.methods.get(interface);
        methods.and_then(|m| m.get(index as usize)).cloned().unwrap_or_default()
    }

    /// Whether a constant's value is linear: at the REPL the session owns it.
    pub fn is_linear(&self, def: DefId) -> bool {
        self.schemes.get(def).is_some_and(|s| is_linear(&self.tables.kinds, s.ty))
    }

    /// Whether values of a type are used exactly once.
    pub fn is_linear_type(&self, ty: Ty) -> bool {
        is_linear(&self.tables.kinds, ty)
    }

    /// Whether a function takes one value, of the type of the constant `def`, and gives another
    /// type.
    pub fn consumes(&self, function: DefId, def: DefId) -> bool {
        self.scheme(function).consumes(self.scheme(def).ty)
    }

    /// Whether what definitions from `from` on mean to others is the same: their types, and what
    /// they must be able to copy or drop.
    pub fn means_the_same(&self, other: &Typed, from: usize) -> bool {
        let schemes = || self.schemes.iter().zip(other.schemes.values()).skip(from);
        self.schemes.len() == other.schemes.len()
            && schemes().all(|((_, a), b)| a == b)
            && same_keys(&self.owed, &other.owed)
            && same_keys(&self.defaults_owe, &other.defaults_owe)
            && same_keys(&self.instances_owe, &other.instances_owe)
            && self.instances_owe.iter().all(|(instance, owe)| {
                let vars = |owe: &Vec<(u32, Owed)>| owe.iter().map(|o| o.0).collect::<Vec<_>>();
                other.instances_owe.get(instance).is_some_and(|known| vars(known) == vars(owe))
            })
    }

    /// Behind what is here, the facts that `whole` has behind `part`, which means the same as this.
    pub fn extend_from(&mut self, part: &Typed, whole: &Typed) {
        self.schemes.extend_from(&whole.schemes, part.schemes.len());
        self.facts.extend_from(&whole.facts, part.facts.len());
        self.supers.extend_from(&whole.supers, part.supers.len());
        self.tables.extend_from(&part.tables, &whole.tables);
        self.checked_groups += whole.checked_groups - part.checked_groups;
        self.checked_defs = whole.checked_defs;
        add_new(&mut self.owed, &part.owed, &whole.owed);
        add_new(&mut self.defaults_owe, &part.defaults_owe, &whole.defaults_owe);
        add_new(&mut self.instances_owe, &part.instances_owe, &whole.instances_owe);
    }

    /// Whether something about definitions from `from` on was found by looking into bodies of
    /// others: bounds of costs, sums of choices.
    pub fn looks_into_others(&self, program: &Program, from: usize) -> bool {
        let has_limit = program.defs.values().skip(from).any(|def| def.cost.is_some());
        let looks = |f: &Facts| !f.admits.is_empty() || !f.inner_costs.is_empty();
        has_limit || self.facts.values().skip(from).any(looks)
    }

    /// The types of a constructor's fields, in terms of its type's parameters.
    pub fn field_types(&self, ctor: CtorId) -> &[Ty] {
        self.tables.ctors.get(ctor).map_or(&[], |c| &c.fields)
    }
}

fn same_keys<K: Eq + std::hash::Hash, V>(a: &FxHashMap<K, V>, b: &FxHashMap<K, V>) -> bool {
    a.len() == b.len() && a.keys().all(|key| b.contains_key(key))
}

/// What `whole` has and `part` has not.
fn add_new<K: Copy + Eq + std::hash::Hash, V: Clone>(
    to: &mut FxHashMap<K, V>,
    part: &FxHashMap<K, V>,
    whole: &FxHashMap<K, V>,
) {
    let new = whole.iter().filter(|(key, _)| !part.contains_key(*key));
    to.extend(new.map(|(key, value)| (*key, value.clone())));
}

/// Facts of one body.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The type of every expression, and of every local.
    pub types: IdMap<ExprId, Ty>,
    pub locals: IdMap<LocalId, Ty>,
    /// Dictionary parameters of the definition: an instance method has its instance's context
    /// first, then those of its own signature; a method default has the interface's own first.
    pub dict_params: Vec<DictId>,
    /// Dictionary parameters of a `fn` that a `let` generalised over constrained variables.
    pub fn_dict_params: FxHashMap<ExprId, Vec<DictId>>,
    /// At `Global` and `Local` expressions whose scheme has constraints, and at `Method`
    /// expressions: the first is the method's own dictionary, the rest its signature's.
    pub dict_args: FxHashMap<ExprId, Vec<Dict>>,
    /// At `Record` expressions (absent: it is a map).
    pub records: FxHashMap<ExprId, RecordFact>,
    /// At `Field`: index of the field. At `WithFields`: the indices in the order written.
    pub fields: FxHashMap<ExprId, Vec<u32>>,
    /// At `WithFields`, in the order written: how each value is converted by its field's `:from`.
    /// Absent: none is.
    pub conversions: FxHashMap<ExprId, Vec<Option<Conversion>>>,
    /// At `Call`s whose trailing arguments stand for a record: arguments from `from_arg` on are
    /// `:key value` pairs (none at all: every field has its default); `record` replaces them.
    pub calls: FxHashMap<ExprId, CallFact>,
    /// At literals of a type other than their own (an Int literal where a number of dimension 1 is
    /// multiplied): converted to Float when evaluated.
    pub int_as_float: FxHashMap<ExprId, ()>,
    /// At the amounts of operations on budgets: exactly, or `None` where they are computed.
    pub amounts: FxHashMap<ExprId, Option<Amounts>>,
    /// At the costs of an adaptive function's variants: what the adaptive functions take that the
    /// variant calls.
    pub inner_costs: FxHashMap<ExprId, InnerCost>,
    /// At `Admit`s: what the budget has to hold, in the order of `Resource::ALL`.
    pub admits: FxHashMap<ExprId, Vec<crate::bounds::Admitted>>,
    /// Uses of instances at types that may be linear: judged when all methods are known.
    pub(crate) instance_uses: Vec<InstanceUse>,
    /// Nothing was found while they were, nor noted of instances and interfaces: the same body
    /// gives the same again.
    pub(crate) is_silent: bool,
    /// At patterns of records: index of each field in the order written.
    pub pat_fields: FxHashMap<eclexia_core::core::PatId, Vec<u32>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dict {
    /// A parameter of the enclosing definition or generalised `fn`.
    Param(DictId),
    /// An instance applied to the dictionaries of its context.
    Instance(InstanceId, Vec<Dict>),
    /// The `index`-th super-interface of a dictionary.
    Super(Box<Dict>, u32),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordFact {
    pub ctor: CtorId,
    /// In the order of declaration.
    pub fields: Vec<FieldValue>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldValue {
    /// The i-th pair of the literal (or of the trailing pairs), converted by `from` if present.
    Given { pair: u32, from: Option<Conversion> },
    /// The constant that holds the field's default.
    Default(DefId),
    /// Missing without default: reported already.
    Missing,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Conversion {
    Def(DefId, Vec<Dict>),
    Ctor(CtorId),
}

/// In the order of the fields of `std.adaptive`'s `Cost`, in base units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InnerCost {
    /// Whether the variant's own cost is in it; else that is to be added.
    pub is_total: bool,
    pub amounts: Vec<eclexia_base::Rational>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallFact {
    pub from_arg: u32,
    pub record: RecordFact,
}

/// The interface a dictionary is of, for printing and specialisation.
pub fn interface_of(program: &Program, dict: &Dict) -> Option<InterfaceId> {
    match dict {
        Dict::Param(_) => None,
        Dict::Instance(instance, _) => Some(program.instances[*instance].interface),
        Dict::Super(inner, index) => {
            let interface = interface_of(program, inner)?;
            program.interfaces[interface].supers.get(*index as usize).copied()
        }
    }
}
