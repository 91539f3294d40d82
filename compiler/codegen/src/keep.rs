//! Calls off the beaten track that lose no register: a loop keeps its variables in registers though
//! a way out of it that is hardly ever taken calls the run time. In between stands a function that
//! saves everything that the C convention does not, and leaves a result in the context. That of the
//! safe point does not come back where the run stops: a way out in the middle of a loop would keep
//! Cranelift from moving out of the loop what does not change in it.

use crate::Made;
use crate::abi;
use crate::declared::{self, Declared};
use crate::function::Workshop;
use crate::places::Sites;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Signature, TrapCode, UserFuncName, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId, Linkage, Module};
use eclexia_base::FxHashMap;
use eclexia_native::support::Support;

/// Those that are asked for so far.
#[derive(Default)]
pub(crate) struct Keepers {
    known: FxHashMap<FuncId, FuncId>,
    /// Not yet defined: itself, what it calls, how that is called.
    waiting: Vec<(FuncId, FuncId, Signature)>,
}

impl Declared {
    /// Calls `target`, a C function that takes the context first, and keeps all registers.
    pub fn keeper(&mut self, module: &mut dyn Module, target: FuncId) -> Made<FuncId> {
        if let Some(known) = self.keepers.known.get(&target) {
            return Ok(*known);
        }
        let declaration = module.declarations().get_function_decl(target);
        let name = format!("keep.{}", declaration.linkage_name(target));
        let plain = declaration.signature.clone();
        let signature = keeping(&plain);
        let id = module.declare_function(&name, Linkage::Local, &signature)?;
        self.keepers.known.insert(target, id);
        self.keepers.waiting.push((id, target, plain));
        Ok(id)
    }
}

/// The same arguments, no result.
fn keeping(plain: &Signature) -> Signature {
    let params = plain.params.clone();
    Signature { params, returns: Vec::new(), call_conv: CallConv::PreserveAll }
}

/// Defines what was asked for since last time.
pub(crate) fn define(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
) -> Made<Vec<(FuncId, Sites)>> {
    let mut made = Vec::new();
    let safe_point = declared.support(module, Support::SafePoint)?;
    let leave = declared.support(module, Support::LeaveCaller)?;
    for (id, target, signature) in std::mem::take(&mut declared.keepers.waiting) {
        module.clear_context(&mut workshop.context);
        let clif = &mut workshop.context.func;
        clif.signature = keeping(&signature);
        clif.name = UserFuncName::user(3, id.as_u32());
        let mut b = FunctionBuilder::new(clif, &mut workshop.builder);
        let block = b.create_block();
        b.append_block_params_for_function_params(block);
        b.switch_to_block(block);
        let args = b.block_params(block).to_vec();
        let callee = declared::refer(module, target, b.func);
        let call = b.ins().call(callee, &args);
        if let Some(result) = b.inst_results(call).first().copied() {
            b.ins().store(MemFlagsData::trusted(), result, args[0], abi::KEPT);
        }
        if target == safe_point {
            let (stop, on) = (b.create_block(), b.create_block());
            b.set_cold_block(stop);
            let flags = MemFlagsData::trusted();
            let pending = b.ins().load(types::I32, flags, args[0], abi::PENDING);
            b.ins().brif(pending, stop, &[], on, &[]);
            b.switch_to_block(stop);
            let leave = declared::refer(module, leave, b.func);
            b.ins().call(leave, &args);
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
