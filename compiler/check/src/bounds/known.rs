//! What is known of functions and dictionaries where a call stands: which code a function value
//! has, which instance a dictionary is.

use super::shape::{FnId, Vars};
use crate::typed::{Dict, DictId, Typed};
use eclexia_core::core::{CtorId, DefId, DefKind, Expr, ExprId, InstanceId, LocalId, Program};
use std::rc::Rc;

/// A dictionary as far as it is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Known {
    Instance(InstanceId, Vec<Known>),
    Unknown,
}

/// The dictionaries of a body's parameters.
pub(crate) type Dicts = Rc<Vec<(DictId, Known)>>;

/// A function value whose code is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Function {
    Def(DefId, Vec<Known>),
    Ctor(CtorId),
    /// A `fn` with those of its captures that are known functions; others have no potential.
    Lambda {
        def: DefId,
        expr: ExprId,
        dicts: Dicts,
        vars: Vars,
        captured: Vec<(LocalId, FnId)>,
    },
}

/// What implements a method.
pub(crate) struct Method {
    pub def: DefId,
    pub dicts: Vec<Known>,
}

pub(crate) fn known(typed: &Typed, dict: &Dict, params: &[(DictId, Known)]) -> Known {
    match dict {
        Dict::Param(id) => {
            let found = params.iter().find(|(other, _)| other == id);
            found.map_or(Known::Unknown, |(_, known)| known.clone())
        }
        Dict::Instance(instance, args) => {
            let args = args.iter().map(|arg| known(typed, arg, params)).collect();
            Known::Instance(*instance, args)
        }
        Dict::Super(inner, index) => match known(typed, inner, params) {
            Known::Instance(instance, args) => super_of(typed, instance, &args, *index),
            Known::Unknown => Known::Unknown,
        },
    }
}

fn super_of(typed: &Typed, instance: InstanceId, args: &[Known], index: u32) -> Known {
    let supers = typed.supers.get(instance).and_then(|dicts| dicts.get(index as usize));
    let context: Vec<(DictId, Known)> = (0..).map(DictId).zip(args.iter().cloned()).collect();
    supers.map_or(Known::Unknown, |dict| known(typed, dict, &context))
}

/// The definition behind method `index` of a dictionary; `None`: not known.
pub(crate) fn method(program: &Program, index: u32, dicts: &[Known]) -> Option<Method> {
    let (own, rest) = dicts.split_first()?;
    let Known::Instance(instance, context) = own else { return None };
    let found = program.instances.get(*instance)?;
    if let Some(Some(def)) = found.methods.get(index as usize) {
        let dicts = context.iter().chain(rest).cloned().collect();
        return Some(Method { def: *def, dicts });
    }
    let interface = program.interfaces.get(found.interface)?;
    let def = interface.methods.get(index as usize)?.default?;
    Some(Method { def, dicts: dicts.to_vec() })
}

/// What a definition only renames, through at most eight names: `(def + int-add)`. As the evaluator
/// does, a built-in whose parameters are passed on, in order or in the other, is that built-in.
pub(crate) fn renamed(program: &Program, typed: &Typed, def: DefId) -> (DefId, bool) {
    let mut at = def;
    for _ in 0..8 {
        let Some(body) = program.defs[at].body.as_ref().filter(|b| !b.exprs.is_empty()) else {
            break;
        };
        let Some(facts) = typed.facts.get(at).filter(|f| f.dict_params.is_empty()) else { break };
        let is_plain = |e: ExprId| facts.dict_args.get(&e).is_none_or(Vec::is_empty);
        match &body.exprs[body.root] {
            Expr::Global(other) if !body.is_function && is_plain(body.root) => at = *other,
            Expr::Call { callee, args } if body.is_function => {
                let Expr::Global(other) = &body.exprs[*callee] else { break };
                if program.defs[*other].kind != DefKind::Builtin {
                    break;
                }
                let is_param = |(arg, param): (&ExprId, &eclexia_core::core::PatId)| {
                    let Expr::Local(local) = &body.exprs[*arg] else { return false };
                    body.pats[*param] == eclexia_core::core::Pat::Bind(*local)
                };
                let same_number = args.len() == body.params.len();
                if same_number && args.iter().zip(&body.params).all(is_param) {
                    return (*other, false);
                }
                if same_number
                    && args.len() == 2
                    && args.iter().rev().zip(&body.params).all(is_param)
                {
                    return (*other, true);
                }
                break;
            }
            _ => break,
        }
    }
    (at, false)
}
