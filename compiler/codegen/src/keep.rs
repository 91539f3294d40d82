//! Calls off the beaten track that lose no register: a loop keeps its variables in registers though
//! a way out of it that is hardly ever taken calls the run time. In between stands a function that
//! saves everything that the C convention does not, and puts a result into the context. It also
//! looks whether the run is to be left: a block that leaves, inside of a loop, would keep
//! Cranelift from moving anything out of the loop.

use crate::Made;
use crate::abi;
use crate::declared::{self, Declared};
use crate::function::Workshop;
use crate::places::Sites;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, TrapCode, UserFuncName, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId, Linkage, Module};
use eclexia_base::FxHashMap;
use eclexia_native::support::Support;

/// Those that are asked for so far.
#[derive(Default)]
pub(crate) struct Keepers {
    known: FxHashMap<(FuncId, Then), FuncId>,
    waiting: Vec<Waiting>,
}

/// What follows on a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Then {
    GoesOn,
    /// Leaves if there is a fault.
    MayLeave,
    /// Leaves. The fuel comes behind the arguments, and is put away first.
    Leaves,
}

/// Not yet defined.
struct Waiting {
    id: FuncId,
    target: FuncId,
    /// Of the target.
    signature: Signature,
    then: Then,
}

impl Declared {
    /// Calls `target`, to which a C function's context is given besides, and keeps all registers.
    pub fn keeper(&mut self, module: &mut dyn Module, target: FuncId, then: Then) -> Made<FuncId> {
        if let Some(known) = self.keepers.known.get(&(target, then)) {
            return Ok(*known);
        }
        let declaration = module.declarations().get_function_decl(target);
        let prefix = match then {
            Then::GoesOn => "keep",
            Then::MayLeave => "keep-or-leave",
            Then::Leaves => "leave-by",
        };
        let name = format!("{prefix}.{}", declaration.linkage_name(target));
        let signature = declaration.signature.clone();
        let id = module.declare_function(&name, Linkage::Local, &keeping(&signature, then))?;
        self.keepers.known.insert((target, then), id);
        self.keepers.waiting.push(Waiting { id, target, signature, then });
        Ok(id)
    }
}

/// The same arguments but the context, which the keeper knows itself: what is called with fewer
/// registers moves fewer out of its way. No result.
fn keeping(plain: &Signature, then: Then) -> Signature {
    let mut params = plain.params[usize::from(takes_context(plain))..].to_vec();
    if then == Then::Leaves {
        params.push(AbiParam::new(types::I64));
    }
    Signature { params, returns: Vec::new(), call_conv: CallConv::PreserveAll }
}

fn takes_context(target: &Signature) -> bool {
    target.call_conv != CallConv::Tail
}

/// Defines what was asked for since last time.
pub(crate) fn define(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
) -> Made<Vec<(FuncId, Sites)>> {
    let mut made = Vec::new();
    let leave = declared.support(module, Support::LeaveCaller)?;
    for waiting in std::mem::take(&mut declared.keepers.waiting) {
        let Waiting { id, target, signature, then } = waiting;
        module.clear_context(&mut workshop.context);
        let clif = &mut workshop.context.func;
        clif.signature = keeping(&signature, then);
        clif.name = UserFuncName::user(3, id.as_u32());
        let mut b = FunctionBuilder::new(clif, &mut workshop.builder);
        let block = b.create_block();
        b.append_block_params_for_function_params(block);
        b.switch_to_block(block);
        let context = b.ins().get_pinned_reg(types::I64);
        let mut args = b.block_params(block).to_vec();
        if then == Then::Leaves
            && let Some(fuel) = args.pop()
        {
            b.ins().store(MemFlagsData::trusted(), fuel, context, abi::FUEL);
        }
        if takes_context(&signature) {
            args.insert(0, context);
        }
        let callee = declared::refer(module, target, b.func);
        let call = b.ins().call(callee, &args);
        if let Some(result) = b.inst_results(call).first().copied() {
            b.ins().store(MemFlagsData::trusted(), result, context, abi::KEPT);
        }
        if then != Then::GoesOn {
            let pending = b.ins().load(types::I32, MemFlagsData::trusted(), context, abi::PENDING);
            let (cold, on) = (b.create_block(), b.create_block());
            b.set_cold_block(cold);
            b.ins().brif(pending, cold, &[], on, &[]);
            b.switch_to_block(cold);
            let leave = declared::refer(module, leave, b.func);
            b.ins().call(leave, &[context]);
            b.ins().trap(TrapCode::unwrap_user(1));
            b.switch_to_block(on);
        }
        b.ins().return_(&[]);
        b.seal_all_blocks();
        b.finalize(module.target_config());
        module.define_function(id, &mut workshop.context)?;
        made.push((id, Sites::of(workshop.context.compiled_code())));
    }
    Ok(made)
}
