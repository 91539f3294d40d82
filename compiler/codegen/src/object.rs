//! Object files: a program's code and, as data, what the executable must know of it. Linked with
//! the static library of `eclexia-native` it is an executable.

use crate::Made;
use crate::debug::{self, Described};
use crate::declared::Declared;
use crate::define;
use crate::drops;
use crate::entry::{self, Convention};
use crate::exports::{self, Export};
use crate::function::{self, Workshop};
use crate::isa::{self, Purpose, Unsupported};
use crate::keep;
use crate::places::Sites;
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, UserFuncName, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{DataDescription, DataId, FuncId as Name, Linkage, Module};
use cranelift_object::{ObjectBuilder, ObjectModule};
use eclexia_ir::ir::{FuncId, Mode, Program};
use eclexia_ir::passes::calls;
use eclexia_native::bounds::Bounds;
use eclexia_native::image::{self, Head, Places};
use eclexia_rt::layout::Rep;
use std::fmt::Write;

/// A program and where it comes from: with a `main` an executable, else a library.
pub struct Input<'a> {
    pub program: &'a Program,
    pub main: Option<FuncId>,
    /// Functions for C.
    pub exports: Vec<Export>,
    /// Of the program as data, for C.
    pub symbol: String,
    /// `CtorId` of the record `World`, when `main` takes one.
    pub world: Option<u32>,
    pub ctors: eclexia_rt::Ctors,
    /// What calls may take.
    pub bounds: Bounds,
    /// Places of locs, by `LocId`.
    pub places: Vec<image::Place>,
    /// Name and text of each file, by the number in `places`.
    pub sources: Vec<(String, String)>,
}

/// What is to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Emit {
    Object,
    /// Machine code as text.
    Assembly,
    /// What Cranelift gets.
    Clif,
}

/// Code for `target` (a triple; this machine's without).
pub fn emit(input: &Input<'_>, target: Option<&str>, what: Emit) -> Result<Vec<u8>, Unsupported> {
    let isa = isa::target(target, Purpose::Object)?;
    let names = cranelift_module::default_libcall_names();
    let workshop = Workshop::new(isa.clone());
    let builder = match ObjectBuilder::new(isa, "program", names) {
        Ok(builder) => builder,
        Err(error) => eclexia_base::bug!("code generation: {error:?}"),
    };
    let maker =
        Maker { module: ObjectModule::new(builder), workshop, declared: Declared::in_tables() };
    match maker.all(input, what) {
        Ok(bytes) => Ok(bytes),
        Err(error) => eclexia_base::bug!("code generation: {error:?}"),
    }
}

struct Maker {
    module: ObjectModule,
    workshop: Workshop,
    declared: Declared,
}

impl Maker {
    fn all(mut self, input: &Input<'_>, what: Emit) -> Made<Vec<u8>> {
        if what != Emit::Object {
            return self.text(input.program, what).map(String::into_bytes);
        }
        let gone = calls::gone(input.program, 0);
        let wanted = input.program.functions.ids().zip(&gone).filter(|(_, is_gone)| !**is_gone);
        let wanted: Vec<FuncId> = wanted.map(|(id, _)| id).collect();
        let made = define::define_all(
            &mut self.workshop,
            &mut self.module,
            &mut self.declared,
            input.program,
            &wanted,
        )?;
        let mut functions = vec![(None, Sites::default()); gone.len()];
        for (id, (name, sites)) in wanted.iter().zip(made) {
            functions[id.0 as usize] = (Some(name), sites);
        }
        let (module, program) = (&mut self.module, input.program);
        drops::define(&mut self.workshop, module, &mut self.declared, program)?;
        keep::define(&mut self.workshop, module, &mut self.declared)?;
        // A library has no `main` to enter.
        let convention = match input.main {
            Some(main) => Convention::of(input.program, main),
            None => Convention::of_words(),
        };
        let shim = entry::define(&mut self.workshop, &mut self.module, "ecl.enter", &convention)?;
        let convention = Convention::of_words();
        let inside =
            entry::define(&mut self.workshop, &mut self.module, "ecl.enter.closure", &convention)?;
        let (names, sites): (Vec<Option<Name>>, Vec<Sites>) = functions.into_iter().unzip();
        let program = self.data(input, &names, &sites, [shim, inside])?;
        match input.main {
            Some(_) => self.main(program)?,
            None => exports::define(
                &mut self.workshop,
                &mut self.module,
                &mut self.declared,
                input.program,
                &input.exports,
            )?,
        }
        let mut product = self.module.finish();
        let described: Vec<Described<'_>> = input
            .program
            .functions
            .iter()
            .zip(names.iter().zip(&sites))
            .filter_map(|((_, function), (name, sites))| {
                Some(Described {
                    symbol: product.function_symbol((*name)?),
                    name: function.name.as_str(),
                    sites,
                    place: &input.places[function.loc.0 as usize],
                })
            })
            .collect();
        debug::describe(&mut product, &described, &input.places, &input.sources);
        match product.emit() {
            Ok(bytes) => Ok(bytes),
            Err(error) => eclexia_base::bug!("an object file: {error}"),
        }
    }

    fn text(mut self, program: &Program, what: Emit) -> Made<String> {
        let mut text = String::new();
        let gone = calls::gone(program, 0);
        let wanted = program.functions.ids().zip(gone).filter(|(_, is_gone)| !*is_gone);
        for (id, _) in wanted {
            let module = &mut self.module;
            function::translate(&mut self.workshop, module, &mut self.declared, program, id)?;
            let context = &mut self.workshop.context;
            let name = crate::declared::symbol(program, id);
            let body = match what {
                Emit::Clif => context.func.display().to_string(),
                _ => {
                    context.set_disasm(true);
                    let compiled = context.compile(self.module.isa(), &mut Default::default());
                    match compiled {
                        Ok(code) => code.vcode.clone().unwrap_or_default(),
                        Err(error) => eclexia_base::bug!("code generation: {error:?}"),
                    }
                }
            };
            let _ = writeln!(text, "; {name}\n{body}");
        }
        Ok(text)
    }

    /// The program as data, and the `main` of C.
    fn data(
        &mut self,
        input: &Input<'_>,
        functions: &[Option<Name>],
        sites: &[Sites],
        [shim, inside]: [Name; 2],
    ) -> Made<DataId> {
        let head = self.bytes("ecl.head", head(input, self.declared.names()).write())?;
        let places = self.bytes("ecl.places", places(input, sites).write())?;
        let code = self.table("ecl.code", functions)?;
        let names = self.names()?;
        let mut record = DataDescription::new();
        let lengths = [(8, head.1), (24, places.1), (40, functions.len())];
        let mut bytes = vec![0; 80];
        for (at, length) in lengths {
            bytes[at..at + 8].copy_from_slice(&(length as u64).to_le_bytes());
        }
        record.define(bytes.into_boxed_slice());
        record.set_align(8);
        for (at, data) in [(0, head.0), (16, places.0), (32, code), (48, names)] {
            let data = self.module.declare_data_in_data(data, &mut record);
            record.write_data_addr(at, data, 0);
        }
        let main = input.main.and_then(|main| Some((56, functions[main.0 as usize]?)));
        for (at, code) in main.into_iter().chain([(64, shim), (72, inside)]) {
            let code = self.module.declare_func_in_data(code, &mut record);
            record.write_function_addr(at, code);
        }
        let id = self.module.declare_data(&input.symbol, Linkage::Export, true, false)?;
        self.module.define_data(id, &record)?;
        Ok(id)
    }

    fn bytes(&mut self, name: &str, bytes: Vec<u8>) -> Made<(DataId, usize)> {
        let length = bytes.len();
        let mut data = DataDescription::new();
        data.define(bytes.into_boxed_slice());
        let id = self.module.declare_data(name, Linkage::Local, false, false)?;
        self.module.define_data(id, &data)?;
        Ok((id, length))
    }

    /// Addresses of functions; null of those that nobody calls.
    fn table(&mut self, name: &str, functions: &[Option<Name>]) -> Made<DataId> {
        let mut data = DataDescription::new();
        data.define(vec![0; 8 * functions.len()].into_boxed_slice());
        data.set_align(8);
        for (i, function) in functions.iter().enumerate() {
            let Some(function) = *function else { continue };
            let function = self.module.declare_func_in_data(function, &mut data);
            data.write_function_addr(8 * i as u32, function);
        }
        let id = self.module.declare_data(name, Linkage::Local, true, false)?;
        self.module.define_data(id, &data)?;
        Ok(id)
    }

    /// Filled when the executable starts.
    fn names(&mut self) -> Made<DataId> {
        let id = self.declared.name_table(&mut self.module)?;
        let mut data = DataDescription::new();
        data.define_zeroinit(8 * self.declared.names().len().max(1));
        data.set_align(8);
        self.module.define_data(id, &data)?;
        Ok(id)
    }

    /// `main` of C: `ecl_start` with the program.
    fn main(&mut self, program: DataId) -> Made<()> {
        let mut start = Signature::new(crate::declared::c_convention(&self.module));
        let (number, pointer) = (AbiParam::new(types::I32), AbiParam::new(types::I64));
        start.params.extend([number, pointer, pointer]);
        start.returns.push(number);
        let callee = self.module.declare_function("ecl_start", Linkage::Import, &start)?;
        let mut signature = start;
        signature.params.pop();
        let id = self.module.declare_function("main", Linkage::Export, &signature)?;
        self.module.clear_context(&mut self.workshop.context);
        let clif = &mut self.workshop.context.func;
        clif.signature = signature;
        clif.name = UserFuncName::user(2, 0);
        let mut b = FunctionBuilder::new(clif, &mut self.workshop.builder);
        let block = b.create_block();
        b.append_block_params_for_function_params(block);
        b.switch_to_block(block);
        let [count, arguments] = [0, 1].map(|i| b.block_params(block)[i]);
        let program = self.module.declare_data_in_func(program, b.func);
        let program = b.ins().symbol_value(types::I64, program);
        let callee = crate::declared::refer(&mut self.module, callee, b.func);
        let call = b.ins().call(callee, &[count, arguments, program]);
        let result = b.inst_results(call)[0];
        b.ins().return_(&[result]);
        b.seal_all_blocks();
        b.finalize(self.module.target_config());
        self.module.define_function(id, &mut self.workshop.context)?;
        Ok(())
    }
}

fn head(input: &Input<'_>, names: &[eclexia_base::Name]) -> Head {
    let program = input.program;
    let main = input.main.map(|main| &program.functions[main]);
    let world = main.and_then(|main| Some((main, main.params.first()?)));
    let result = main.map(|main| main.result);
    let result = result.filter(|result| program.shapes.rep(*result) == Rep::Ptr);
    Head {
        names: names.to_vec(),
        shapes: program.shapes.clone(),
        globals: program.globals.values().map(|g| (g.name, program.shapes.rep(g.shape))).collect(),
        strings: program.strings.values().cloned().collect(),
        amounts: program.amounts.values().cloned().collect(),
        bounds: input.bounds.clone(),
        ctors: input.ctors,
        world: world.zip(input.world).map(|((main, param), ctor)| (main.vars[param.var], ctor)),
        owns_world: world.is_some_and(|(_, param)| param.mode == Mode::Owned),
        result,
    }
}

fn places(input: &Input<'_>, sites: &[Sites]) -> Places {
    let functions = sites.iter().map(|sites| image::Sites {
        size: sites.size,
        calls: sites.calls.iter().map(|(at, loc)| (*at, loc.0)).collect(),
    });
    let locs = input
        .program
        .locs
        .iter()
        .map(|(id, loc)| image::Loc { place: id.0, caller: loc.caller.map(|caller| caller.0) });
    Places {
        functions: functions.collect(),
        locs: locs.collect(),
        places: input.places.clone(),
        sources: input.sources.clone(),
    }
}
