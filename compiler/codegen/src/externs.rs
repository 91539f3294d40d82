//! C functions: found when code is linked or, where it runs in this process, among its symbols. One
//! that is not found ends the run that calls it, not the build.
//!
//! Int is `int64_t`, Float `double`, Bool `bool`, Unit `void`, String `const char *`: a copy that
//! ends with a zero and lives as long as the call; a result is copied too.

use crate::Made;
use crate::abi;
use crate::function::Translator;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use eclexia_ir::ir::{ExternId, VarId};
use eclexia_native::support::Support;
use eclexia_rt::external::is_of_c;
use eclexia_rt::layout::{Rep, Shape, ShapeId};

impl Translator<'_> {
    pub fn external(&mut self, ext: ExternId, args: &[VarId]) -> Made<Value> {
        let program = self.program;
        let external = &program.externs[ext];
        let shapes = external.params.iter().chain([&external.result]);
        if !shapes.into_iter().all(|shape| is_of_c(program.shapes.get(*shape))) {
            self.not_linked(ext)?;
            return Ok(self.never(external.result));
        }
        let id = self.declared.external(self.module, program, ext)?;
        let callee = self.module.declare_func_in_func(id, self.b.func);
        let address = self.b.ins().func_addr(types::I64, callee);
        let (missing, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(address, on, &[], missing, &[]);
        self.go_on_in(missing);
        self.not_linked_here(ext)?;
        self.go_on_in(on);
        let mut passed = Vec::new();
        let mut copies = Vec::new();
        for (arg, shape) in args.iter().zip(&external.params) {
            let mut value = self.value(*arg);
            if *program.shapes.get(*shape) == Shape::String {
                value = self.support(Support::CString, &[value])?.unwrap_or(value);
                copies.push(value);
            }
            passed.push(value);
        }
        let signature = self.b.func.dfg.ext_funcs[callee].signature;
        // A library may call back.
        let context = self.context();
        self.put_fuel(context);
        let call = self.b.ins().call_indirect(signature, address, &passed);
        self.take_fuel();
        let result = self.b.inst_results(call).first().copied();
        for copy in copies {
            self.support(Support::FreeCString, &[copy])?;
        }
        Ok(match (result, program.shapes.get(external.result)) {
            (Some(text), Shape::String) => {
                self.support(Support::FromCString, &[text])?.unwrap_or(text)
            }
            (Some(result), _) => result,
            (None, _) => self.int(0),
        })
    }

    fn not_linked_here(&mut self, ext: ExternId) -> Made<()> {
        let def = self.program.externs[ext].def;
        self.end(&eclexia_ir::ir::End::NotLinked(def))
    }

    fn not_linked(&mut self, ext: ExternId) -> Made<()> {
        self.not_linked_here(ext)?;
        // What follows is never reached.
        let rest = self.cold_block();
        self.go_on_in(rest);
        Ok(())
    }

    fn never(&mut self, shape: ShapeId) -> Value {
        match self.program.shapes.rep(shape) {
            Rep::Float => self.b.ins().f64const(0.0),
            rep => self.b.ins().iconst(abi::register(rep), 0),
        }
    }
}
