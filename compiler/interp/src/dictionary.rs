//! Dictionaries as values: an instance and the dictionaries of its context. What is known when a
//! definition is compiled becomes a constant here; the rest the machine builds with the same
//! functions.

use eclexia_base::bug;
use eclexia_check::typed::{Dict, Typed};
use eclexia_core::core::{DefId, InstanceId, InterfaceId, Program};
use eclexia_rt::{Dictionary, Fields, Value};
use std::rc::Rc;

pub(crate) fn dictionary(instance: InstanceId, args: Vec<Value>) -> Value {
    Value::Dictionary(Rc::new(Dictionary { instance: instance.0, args: Fields::from(args) }))
}

pub(crate) fn expect_dictionary(value: &Value) -> &Rc<Dictionary> {
    match value {
        Value::Dictionary(dictionary) => dictionary,
        other => bug!("{other:?} is no dictionary"),
    }
}

/// The value of `dict` where `Dict::Param` number i is `params[i]`; `None` when it needs another.
pub(crate) fn instantiate(typed: &Typed, dict: &Dict, params: &[Value]) -> Option<Value> {
    match dict {
        Dict::Param(id) => params.get(id.0 as usize).cloned(),
        Dict::Instance(instance, args) => {
            let args = args.iter().map(|a| instantiate(typed, a, params));
            Some(dictionary(*instance, args.collect::<Option<_>>()?))
        }
        Dict::Super(inner, index) => {
            let inner = instantiate(typed, inner, params)?;
            super_of(typed, expect_dictionary(&inner), *index)
        }
    }
}

/// The dictionary of a super-interface.
pub(crate) fn super_of(typed: &Typed, of: &Dictionary, index: u32) -> Option<Value> {
    let supers = typed.supers.get(InstanceId(of.instance))?;
    instantiate(typed, supers.get(index as usize)?, &of.args)
}

/// What implements a method of an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Implementation {
    /// Takes the dictionaries of the instance's context first.
    Own(DefId),
    /// Takes the instance's own dictionary first.
    Default(DefId),
}

/// `None`: missing, which was reported.
pub(crate) fn implementation(
    program: &Program,
    instance: InstanceId,
    index: u32,
) -> Option<Implementation> {
    let instance = program.instances.get(instance)?;
    if let Some(Some(def)) = instance.methods.get(index as usize) {
        return Some(Implementation::Own(*def));
    }
    let method = program.interfaces.get(instance.interface)?.methods.get(index as usize)?;
    method.default.map(Implementation::Default)
}

/// How many arguments a method takes; `None` when it is no function.
pub(crate) fn method_arity(program: &Program, interface: InterfaceId, index: u32) -> Option<u16> {
    let method = program.interfaces.get(interface)?.methods.get(index as usize)?;
    match &method.sig.ty.kind {
        eclexia_core::core::TypeKind::Fn(params, _)
        | eclexia_core::core::TypeKind::Fn1(params, _) => u16::try_from(params.len()).ok(),
        _ => None,
    }
}
