//! Functions of a library: for each one a C function that takes an instance of the program first,
//! then the parameters, and goes through `ecl_call`.

use crate::Made;
use crate::abi;
use crate::declared::{self, Declared};
use crate::entry::{self, Convention};
use crate::function::Workshop;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, UserFuncName,
    types,
};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId as Name, Linkage, Module};
use eclexia_base::FxHashMap;
use eclexia_ir::ir::{FuncId, Program};

/// A function and its name in C.
pub struct Export {
    pub symbol: String,
    pub func: FuncId,
}

pub(crate) fn define(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
    program: &Program,
    exports: &[Export],
) -> Made<()> {
    let mut shims: FxHashMap<Convention, Name> = FxHashMap::default();
    for export in exports {
        let convention = Convention::of(program, export.func);
        let shim = match shims.get(&convention) {
            Some(known) => *known,
            None => {
                let name = format!("ecl.enter.{}", shims.len());
                let made = entry::define(workshop, module, &name, &convention)?;
                shims.insert(convention, made);
                made
            }
        };
        let code = declared.function(module, program, export.func)?;
        one(workshop, module, program, export, [shim, code])?;
    }
    Ok(())
}

fn one(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    program: &Program,
    export: &Export,
    [shim, code]: [Name; 2],
) -> Made<()> {
    let function = &program.functions[export.func];
    let register = |shape| abi::register(program.shapes.rep(shape));
    let mut signature = Signature::new(declared::c_convention(module));
    signature.params.push(AbiParam::new(types::I64));
    let params = function.params.iter().map(|p| register(function.vars[p.var]));
    signature.params.extend(params.map(declared::c_param));
    signature.returns.push(declared::c_param(register(function.result)));
    let id = module.declare_function(&export.symbol, Linkage::Export, &signature)?;
    let callee = call(module)?;
    module.clear_context(&mut workshop.context);
    let clif = &mut workshop.context.func;
    clif.signature = signature;
    clif.name = UserFuncName::user(4, id.as_u32());
    let mut b = FunctionBuilder::new(clif, &mut workshop.builder);
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let args = b.block_params(block).to_vec();
    let count = (args.len() - 1).max(1);
    let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 8 * count as u32, 3);
    let slot = b.create_sized_stack_slot(slot);
    for (i, arg) in args[1..].iter().enumerate() {
        b.ins().stack_store(types::I64, *arg, slot, 8 * i as i32);
    }
    let words = b.ins().stack_addr(types::I64, slot, 0);
    let [shim, code] = [shim, code].map(|id| {
        let found = declared::refer(module, id, b.func);
        b.ins().func_addr(types::I64, found)
    });
    let count = b.ins().iconst(types::I64, count as i64);
    let callee = declared::refer(module, callee, b.func);
    b.ins().call(callee, &[args[0], shim, code, words, count]);
    let flags = MemFlagsData::trusted();
    let result = b.ins().load(register(function.result), flags, words, 0);
    b.ins().return_(&[result]);
    b.seal_all_blocks();
    b.finalize(module.target_config());
    module.define_function(id, &mut workshop.context)?;
    Ok(())
}

fn call(module: &mut dyn Module) -> Made<Name> {
    let mut signature = Signature::new(declared::c_convention(module));
    signature.params.extend([AbiParam::new(types::I64); 5]);
    Ok(module.declare_function("ecl_call", Linkage::Import, &signature)?)
}
