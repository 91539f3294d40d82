//! Dictionaries where everything is known: an instance, and those of its context.

use eclexia_base::FxHashMap;
use eclexia_check::typed::{Dict, DictId, Typed};
use eclexia_core::core::{DefId, InstanceId, Program};
use std::rc::Rc;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Known {
    pub instance: InstanceId,
    pub args: Rc<[Known]>,
}

/// What stands for a body's dictionary parameters.
pub(super) type Dicts = FxHashMap<DictId, Known>;

/// `None`: what is missing was reported.
pub(super) fn known(typed: &Typed, dict: &Dict, params: &Dicts) -> Option<Known> {
    match dict {
        Dict::Param(id) => params.get(id).cloned(),
        Dict::Instance(instance, args) => {
            let args = args.iter().map(|arg| known(typed, arg, params));
            Some(Known { instance: *instance, args: args.collect::<Option<_>>()? })
        }
        Dict::Super(inner, index) => {
            let inner = known(typed, inner, params)?;
            let dict = typed.supers.get(inner.instance)?.get(*index as usize)?;
            let context = (0..).map(DictId).zip(inner.args.iter().cloned()).collect();
            known(typed, dict, &context)
        }
    }
}

/// The definition behind method `index` of an instance, and the dictionaries that it takes: those
/// of the instance's context, or as a default the instance itself; then the method's own.
pub(super) fn implementation(
    program: &Program,
    index: u32,
    dicts: &[Known],
) -> Option<(DefId, Vec<Known>)> {
    let (own, rest) = dicts.split_first()?;
    let instance = program.instances.get(own.instance)?;
    if let Some(Some(def)) = instance.methods.get(index as usize) {
        return Some((*def, [&own.args, rest].concat()));
    }
    let method = program.interfaces.get(instance.interface)?.methods.get(index as usize)?;
    Some((method.default?, dicts.to_vec()))
}
