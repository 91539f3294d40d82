//! Functions of a library: for each one a C function that takes an instance of the program first,
//! then the parameters, and goes through `ecl_call`. Strings are copied on the way in and out.

use crate::Made;
use crate::abi;
use crate::declared::{self, Declared};
use crate::entry::{self, Convention};
use crate::function::Workshop;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, UserFuncName,
    Value, types,
};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId as Name, Linkage, Module};
use eclexia_base::FxHashMap;
use eclexia_ir::ir::{FuncId, Function, Mode, Program};
use eclexia_rt::layout::{Shape, ShapeId};

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
    let signature = signature(module, program, function);
    let id = module.declare_function(&export.symbol, Linkage::Export, &signature)?;
    let run_time = RunTime::declare(module)?;
    module.clear_context(&mut workshop.context);
    let clif = &mut workshop.context.func;
    clif.signature = signature;
    clif.name = UserFuncName::user(4, id.as_u32());
    let mut b = FunctionBuilder::new(clif, &mut workshop.builder);
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let args = b.block_params(block).to_vec();
    let (instance, mut borrowed) = (args[0], Vec::new());
    let count = function.params.len().max(1);
    let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 8 * count as u32, 3);
    let slot = b.create_sized_stack_slot(slot);
    for (i, (arg, param)) in args[1..].iter().zip(&function.params).enumerate() {
        let mut word = *arg;
        if is_string(program, function.vars[param.var]) {
            word = run_time.call(module, &mut b, run_time.take, &[instance, *arg])[0];
            borrowed.extend((param.mode == Mode::Borrowed).then_some(word));
        }
        b.ins().stack_store(types::I64, word, slot, 8 * i as i32);
    }
    let words = b.ins().stack_addr(types::I64, slot, 0);
    let [shim, code] = [shim, code].map(|id| {
        let found = declared::refer(module, id, b.func);
        b.ins().func_addr(types::I64, found)
    });
    let count = b.ins().iconst(types::I64, count as i64);
    run_time.call(module, &mut b, run_time.call, &[instance, shim, code, words, count]);
    for word in borrowed {
        run_time.call(module, &mut b, run_time.drop, &[instance, word]);
    }
    let result = match program.shapes.get(function.result) {
        Shape::Unit => None,
        shape => {
            let ty = abi::register(shape.rep());
            Some(b.ins().load(ty, MemFlagsData::trusted(), words, 0))
        }
    };
    let result = match result {
        Some(word) if is_string(program, function.result) => {
            Some(run_time.call(module, &mut b, run_time.give, &[instance, word])[0])
        }
        other => other,
    };
    b.ins().return_(&Vec::from_iter(result));
    b.seal_all_blocks();
    b.finalize(module.target_config());
    module.define_function(id, &mut workshop.context)?;
    Ok(())
}

fn signature(module: &dyn Module, program: &Program, function: &Function) -> Signature {
    let register = |shape| declared::c_param(abi::register(program.shapes.rep(shape)));
    let mut signature = Signature::new(declared::c_convention(module));
    signature.params.push(AbiParam::new(types::I64));
    signature.params.extend(function.params.iter().map(|p| register(function.vars[p.var])));
    if *program.shapes.get(function.result) != Shape::Unit {
        signature.returns.push(register(function.result));
    }
    signature
}

fn is_string(program: &Program, shape: ShapeId) -> bool {
    *program.shapes.get(shape) == Shape::String
}

/// What `eclexia_native::library` has for this; all take the instance first.
struct RunTime {
    call: Name,
    take: Name,
    drop: Name,
    give: Name,
}

impl RunTime {
    fn declare(module: &mut dyn Module) -> Made<RunTime> {
        let mut declare = |name: &str, params: usize, results: usize| -> Made<Name> {
            let mut signature = Signature::new(declared::c_convention(module));
            signature.params.extend(vec![AbiParam::new(types::I64); params]);
            signature.returns.extend(vec![AbiParam::new(types::I64); results]);
            Ok(module.declare_function(name, Linkage::Import, &signature)?)
        };
        Ok(RunTime {
            call: declare("ecl_call", 5, 0)?,
            take: declare("ecl_take_text", 2, 1)?,
            drop: declare("ecl_drop_text", 2, 0)?,
            give: declare("ecl_give_text", 2, 1)?,
        })
    }

    fn call(
        &self,
        module: &mut dyn Module,
        b: &mut FunctionBuilder<'_>,
        what: Name,
        args: &[Value],
    ) -> Vec<Value> {
        let callee = declared::refer(module, what, b.func);
        let call = b.ins().call(callee, args);
        b.inst_results(call).to_vec()
    }
}
