//! How Rust calls a function of IR: through a piece of code for its convention, which takes words.

use crate::Made;
use crate::abi;
use crate::declared;
use crate::function::Workshop;
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature, UserFuncName, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId, Linkage, Module};
use eclexia_rt::layout::Rep;

/// What a function takes and gives.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Convention {
    pub params: Vec<RepKey>,
    pub result: RepKey,
    /// Of further results.
    pub more: Vec<RepKey>,
}

/// A `Rep` that can be sorted.
pub(crate) type RepKey = u8;

fn key(rep: Rep) -> RepKey {
    match rep {
        Rep::Int | Rep::Ptr => 0,
        Rep::Float => 1,
        Rep::Bool => 2,
    }
}

fn rep(key: RepKey) -> Rep {
    [Rep::Int, Rep::Float, Rep::Bool][usize::from(key)]
}

impl Convention {
    /// Of closures that the run time calls: they take a word and give one.
    pub fn of_words() -> Convention {
        Convention { params: vec![0, 0], result: 0, more: Vec::new() }
    }

    pub fn of(program: &eclexia_ir::ir::Program, id: eclexia_ir::ir::FuncId) -> Convention {
        let function = &program.functions[id];
        let rep = |shape| key(program.shapes.rep(shape));
        Convention {
            params: function.params.iter().map(|p| rep(function.vars[p.var])).collect(),
            result: rep(function.result),
            more: function.more.iter().map(|shape| rep(*shape)).collect(),
        }
    }
}

/// `fn(context, words, code)` in the C convention: calls `code` with the words, and leaves the
/// result as the first word, further ones in the context.
pub(crate) fn define(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    name: &str,
    convention: &Convention,
) -> Made<FuncId> {
    let mut signature = Signature::new(declared::c_convention(module));
    signature.params.extend([AbiParam::new(types::I64); 3]);
    let id = module.declare_function(name, Linkage::Local, &signature)?;
    module.clear_context(&mut workshop.context);
    let clif = &mut workshop.context.func;
    clif.signature = signature;
    clif.name = UserFuncName::user(1, id.as_u32());
    let mut b = FunctionBuilder::new(clif, &mut workshop.builder);
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let [context, words, code] = [0, 1, 2].map(|i| b.block_params(block)[i]);
    b.ins().set_pinned_reg(context);
    let flags = MemFlagsData::trusted();
    let mut args = Vec::new();
    for (i, param) in convention.params.iter().enumerate() {
        args.push(b.ins().load(abi::register(rep(*param)), flags, words, 8 * i as i32));
    }
    let params = convention.params.iter().map(|p| rep(*p));
    let fuel = b.ins().load(types::I64, flags, context, abi::FUEL);
    args.insert(abi::place_of_fuel(params.clone()), fuel);
    let more = convention.more.iter().map(|result| rep(*result));
    let callee = b.import_signature(abi::of_reps(params, rep(convention.result), more));
    let call = b.ins().call_indirect(callee, code, &args);
    let mut results = b.inst_results(call).to_vec();
    let fuel = results.remove(1);
    b.ins().store(flags, fuel, context, abi::FUEL);
    for (at, result) in results.into_iter().enumerate() {
        let result = match b.func.dfg.value_type(result) {
            types::I8 => b.ins().uextend(types::I64, result),
            _ => result,
        };
        match at.checked_sub(1) {
            None => b.ins().store(flags, result, words, 0),
            Some(more) => b.ins().store(flags, result, context, abi::MORE + 8 * more as i32),
        };
    }
    b.ins().return_(&[]);
    b.seal_all_blocks();
    b.finalize(module.target_config());
    module.define_function(id, &mut workshop.context)?;
    Ok(id)
}
