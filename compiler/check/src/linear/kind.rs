//! Kinds: may the values of a type be copied and dropped, may they hold a reference?
//!
//! Comes in: what programs declare. Goes out: two facts per type definition. A type is linear when
//! it is declared `:linear` or a field of it is; so is a value of it when a type argument that a
//! field mentions is (a phantom parameter does not count). The same over references and functions
//! says where a borrow may hide. Both are least fixpoints: a type that only holds itself holds
//! nothing.

use super::Need;
use crate::arena::{Arena, Node, T};
use crate::declare::Tables;
use crate::ty::{Ty, TyKind};
use eclexia_base::SharedMap;
use eclexia_core::core::{Program, TypeDefKind, TypeId};

/// What the definition of a type says of all its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeFacts {
    /// Whatever its arguments are.
    pub is_linear: bool,
    /// Whether a field holds a reference or a function, whatever its arguments are.
    pub may_hold: bool,
    /// Per parameter: whether a field's value can be of its type.
    pub holds: Vec<bool>,
}

/// Whether values of a type may be copied and dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Unrestricted,
    /// As the variables in it.
    Depends,
    Linear,
}

/// Facts of the types from `facts.len()` on.
pub(crate) fn extend(program: &Program, tables: &Tables, facts: &mut SharedMap<TypeId, TypeFacts>) {
    let from = facts.len();
    for id in program.types.ids().skip(from) {
        let def = &program.types[id];
        // What a built-in type holds nobody can see: its arguments, all of them.
        let is_builtin = def.kind == TypeDefKind::Builtin;
        let holds = vec![is_builtin; def.params.len()];
        facts.push(TypeFacts { is_linear: def.is_linear, may_hold: false, holds });
    }
    // A new type refers to older ones or to new ones: only the new ones move. Going up and down in
    // turns, a chain of definitions settles in two rounds whichever way it is written.
    let mut order: Vec<TypeId> = program.types.ids().skip(from).collect();
    let mut moved = true;
    while moved {
        moved = false;
        order.reverse();
        for id in order.iter().copied() {
            let next = of_fields(program, tables, facts, id);
            let now = &facts[id];
            if next.is_linear != now.is_linear
                || next.may_hold != now.may_hold
                || next.holds != now.holds
            {
                facts[id] = next;
                moved = true;
            }
        }
    }
}

fn of_fields(
    program: &Program,
    tables: &Tables,
    facts: &SharedMap<TypeId, TypeFacts>,
    id: TypeId,
) -> TypeFacts {
    let mut found = facts[id].clone();
    let ctors = match &program.types[id].kind {
        TypeDefKind::Builtin => return found,
        TypeDefKind::Data(ctors) => ctors.as_slice(),
        TypeDefKind::Record(ctor) => std::slice::from_ref(ctor),
    };
    for ctor in ctors {
        for field in tables.ctors.get(*ctor).map_or(&[][..], |c| &c.fields) {
            add(facts, *field, &mut found);
        }
    }
    found
}

fn add(facts: &SharedMap<TypeId, TypeFacts>, ty: Ty, found: &mut TypeFacts) {
    match ty.kind() {
        TyKind::Error | TyKind::Q(_) => {}
        TyKind::Budget(_) => found.is_linear = true,
        TyKind::Var(var) => {
            if let Some(holds) = found.holds.get_mut(var.index as usize) {
                *holds = true;
            }
        }
        TyKind::Con(id, args) => {
            let Some(of) = facts.get(*id) else { return };
            found.is_linear |= of.is_linear;
            found.may_hold |= of.may_hold;
            for (arg, holds) in args.iter().zip(&of.holds) {
                if *holds {
                    add(facts, *arg, found);
                }
            }
        }
        TyKind::Fn(..) | TyKind::Ref(_) => found.may_hold = true,
        TyKind::Fn1(..) => {
            found.may_hold = true;
            found.is_linear = true;
        }
    }
}

/// Whether values of a closed type are linear, whatever its variables stand for.
pub(crate) fn is_linear(facts: &SharedMap<TypeId, TypeFacts>, ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Fn1(..) | TyKind::Budget(_) => true,
        TyKind::Con(id, args) => facts.get(*id).is_some_and(|of| {
            of.is_linear
                || args.iter().zip(&of.holds).any(|(arg, holds)| *holds && is_linear(facts, *arg))
        }),
        _ => false,
    }
}

/// Types during inference, looked at for their kinds.
pub(crate) struct Kinds<'k> {
    pub arena: &'k Arena,
    pub facts: &'k SharedMap<TypeId, TypeFacts>,
}

impl Kinds<'_> {
    /// The kind of a type by what is asked of it: `Linear` where its values cannot meet `need`.
    /// `each` gets the variables that the answer depends on, if it does.
    pub fn judge(&self, need: Need, t: T, each: &mut impl FnMut(T)) -> Kind {
        let root = self.arena.root(t);
        match (self.arena.node(root), need) {
            (Node::Var { .. } | Node::Rigid(_), _) => {
                each(root);
                Kind::Depends
            }
            (Node::Con(id, run), _) => {
                let Some(of) = self.facts.get(id) else { return Kind::Unrestricted };
                let is_refused = match need {
                    Need::Unrestricted => of.is_linear,
                    Need::Confined => of.may_hold,
                };
                if is_refused {
                    return Kind::Linear;
                }
                let held = self.arena.items(run).iter().zip(&of.holds).filter(|(_, h)| **h);
                let kinds = held.map(|(arg, _)| self.judge(need, *arg, each));
                kinds.max().unwrap_or(Kind::Unrestricted)
            }
            (Node::Fn1(..), _)
            | (Node::Budget(_), Need::Unrestricted)
            | (Node::Fn(..) | Node::Ref(_), Need::Confined) => Kind::Linear,
            (Node::Fn(..) | Node::Ref(_), Need::Unrestricted)
            | (Node::Budget(_), Need::Confined)
            | (Node::Q(_) | Node::Link(_) | Node::Error, _) => Kind::Unrestricted,
        }
    }

    /// Whether values may be copied and dropped.
    pub fn kind(&self, t: T) -> Kind {
        self.judge(Need::Unrestricted, t, &mut |_| {})
    }
}
