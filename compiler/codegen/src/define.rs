//! Functions of a program, translated one behind the other and compiled by all processors
//! meanwhile: what is translated depends on nothing else any more. What comes out is given to the
//! module in order, so it is the same whoever compiled what, and when.

use crate::Made;
use crate::declared::Declared;
use crate::function::{self, Workshop};
use crate::places::Sites;
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::TargetIsa;
use cranelift_module::{FuncId, Module, ModuleError, ModuleReloc};
use eclexia_ir::ir::{self, Program};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Fewer functions are compiled where they are translated.
const FEW: usize = 8;
/// Functions that wait to be compiled, at most: each keeps memory until it is.
const WAITING: usize = 64;

/// What the module needs of a compiled function.
struct Compiled {
    code: Vec<u8>,
    alignment: u64,
    relocs: Vec<ModuleReloc>,
    sites: Sites,
}

/// Translates and compiles some functions; gives their call sites with their places.
pub(crate) fn define_all(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
    program: &Program,
    ids: &[ir::FuncId],
) -> Made<Vec<(FuncId, Sites)>> {
    let isa = workshop.isa.clone();
    let names: Made<Vec<FuncId>> =
        ids.iter().map(|id| declared.function(module, program, *id)).collect();
    let names = names?;
    let mut compiled: Vec<OnceLock<Made<Compiled>>> = Vec::new();
    compiled.resize_with(ids.len(), OnceLock::new);
    let waiting = if ids.len() < FEW { 0 } else { WAITING };
    let mut contexts = Vec::new();
    contexts.resize_with(waiting, Context::new);
    let contexts = Mutex::new(contexts);
    let lock = || contexts.lock().unwrap_or_else(PoisonError::into_inner);
    rayon::in_place_scope(|scope| {
        for ((id, name), place) in ids.iter().zip(&names).zip(&compiled) {
            function::translate(workshop, module, declared, program, *id)?;
            let free = lock().pop();
            let Some(mut context) = free else {
                let _ = place.set(compile(&*isa, &mut workshop.context, *name));
                continue;
            };
            std::mem::swap(&mut workshop.context, &mut context);
            let (isa, lock) = (&*isa, &lock);
            scope.spawn(move |_| {
                let _ = place.set(compile(isa, &mut context, *name));
                lock().push(context);
            });
        }
        Made::Ok(())
    })?;
    let mut all = Vec::with_capacity(ids.len());
    for ((id, name), place) in ids.iter().zip(names).zip(compiled) {
        let Some(compiled) = place.into_inner() else {
            eclexia_base::bug!("a function that was not compiled")
        };
        let Compiled { code, alignment, relocs, sites } = compiled?;
        module.define_function_bytes(name, alignment, &code, &relocs)?;
        all.push((name, sites.of_function(program.functions[*id].loc)));
    }
    Ok(all)
}

fn compile(isa: &dyn TargetIsa, context: &mut Context, name: FuncId) -> Made<Compiled> {
    if let Err(error) = context.compile(isa, &mut ControlPlane::default()) {
        return Err(Box::new(ModuleError::Compilation(error.inner)));
    }
    let sites = Sites::of(context.compiled_code());
    let Some(made) = context.compiled_code() else {
        eclexia_base::bug!("compiled code that is not there")
    };
    let least = isa.symbol_alignment().max(u64::from(isa.function_alignment().minimum));
    let relocs = made.buffer.relocs().iter();
    let relocs = relocs.map(|reloc| ModuleReloc::from_mach_reloc(reloc, &context.func, name));
    Ok(Compiled {
        code: made.code_buffer().to_vec(),
        alignment: u64::from(made.buffer.alignment).max(least),
        relocs: relocs.collect(),
        sites,
    })
}
