//! Names of Cranelift's module for what IR refers to, declared when first used.

use crate::Made;
use crate::abi;
use crate::drops::Drops;
use crate::keep::Keepers;
use cranelift_codegen::ir::{AbiParam, FuncRef, Function, Signature, types};
use cranelift_codegen::isa::CallConv;
use cranelift_module::{DataDescription, DataId, FuncId, Linkage, Module};
use eclexia_base::{FxHashMap, Name};
use eclexia_ir::ir;
use eclexia_native::support::{Passed, Support};
use eclexia_rt::layout::Shape;
use eclexia_rt::native::{Gives, NativeId, Pass};

/// What is declared so far.
#[derive(Default)]
pub(crate) struct Declared {
    functions: FxHashMap<ir::FuncId, FuncId>,
    natives: FxHashMap<NativeId, FuncId>,
    support: FxHashMap<Support, FuncId>,
    externs: FxHashMap<ir::ExternId, FuncId>,
    /// Floating-point constants, by their bits.
    floats: FxHashMap<u64, DataId>,
    pub keepers: Keepers,
    pub drops: Drops,
    /// In executables names have other numbers in every run: code asks a table.
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    id: Option<DataId>,
    names: Vec<Name>,
    places: FxHashMap<Name, u32>,
}

/// As a linker, a debugger and a profiler see it.
pub(crate) fn symbol(program: &ir::Program, id: ir::FuncId) -> String {
    format!("{}.{}", program.functions[id].name, id.0)
}

impl Declared {
    /// For code that does not run in this process.
    pub fn in_tables() -> Declared {
        Declared { table: Some(Table::default()), ..Declared::default() }
    }

    /// Where the number of a name is in the table; `None`: names have their own numbers.
    pub fn place_of(&mut self, module: &mut dyn Module, name: Name) -> Made<Option<(DataId, u32)>> {
        if self.table.is_none() {
            return Ok(None);
        }
        let id = self.name_table(module)?;
        Ok(self.table.as_mut().map(|table| {
            let next = table.names.len() as u32;
            let place = *table.places.entry(name).or_insert(next);
            if place == next {
                table.names.push(name);
            }
            (id, place)
        }))
    }

    pub fn name_table(&mut self, module: &mut dyn Module) -> Made<DataId> {
        let table = self.table.get_or_insert_default();
        if let Some(id) = table.id {
            return Ok(id);
        }
        let id = module.declare_data("ecl.names", Linkage::Local, true, false)?;
        table.id = Some(id);
        Ok(id)
    }

    /// Those in the table.
    pub fn names(&self) -> &[Name] {
        self.table.as_ref().map_or(&[], |table| &table.names)
    }

    /// Where a floating-point number is in memory, which nobody changes.
    pub fn float(&mut self, module: &mut dyn Module, bits: u64) -> Made<DataId> {
        if let Some(known) = self.floats.get(&bits) {
            return Ok(*known);
        }
        let name = format!("ecl.float.{bits:x}");
        let id = module.declare_data(&name, Linkage::Local, false, false)?;
        let mut data = DataDescription::new();
        data.define(bits.to_le_bytes().into());
        data.set_align(8);
        module.define_data(id, &data)?;
        self.floats.insert(bits, id);
        Ok(id)
    }

    pub fn function(
        &mut self,
        module: &mut dyn Module,
        program: &ir::Program,
        id: ir::FuncId,
    ) -> Made<FuncId> {
        if let Some(known) = self.functions.get(&id) {
            return Ok(*known);
        }
        let signature = abi::signature(&program.shapes, &program.functions[id]);
        let name = symbol(program, id);
        let declared = module.declare_function(&name, Linkage::Local, &signature)?;
        self.functions.insert(id, declared);
        Ok(declared)
    }

    pub fn native(&mut self, module: &mut dyn Module, id: NativeId) -> Made<FuncId> {
        if let Some(known) = self.natives.get(&id) {
            return Ok(*known);
        }
        let signature = native_signature(module, id);
        let declared = module.declare_function(id.get().symbol, Linkage::Import, &signature)?;
        self.natives.insert(id, declared);
        Ok(declared)
    }

    pub fn support(&mut self, module: &mut dyn Module, what: Support) -> Made<FuncId> {
        if let Some(known) = self.support.get(&what) {
            return Ok(*known);
        }
        let entry = what.entry();
        let mut signature = Signature::new(c_convention(module));
        signature.params.push(AbiParam::new(types::I64));
        signature.params.extend(entry.params.iter().map(|p| passed(*p)));
        signature.returns.extend(entry.result.map(passed));
        let declared = module.declare_function(entry.symbol, Linkage::Import, &signature)?;
        self.support.insert(what, declared);
        Ok(declared)
    }

    /// C functions take no context.
    pub fn external(
        &mut self,
        module: &mut dyn Module,
        program: &ir::Program,
        id: ir::ExternId,
    ) -> Made<FuncId> {
        if let Some(known) = self.externs.get(&id) {
            return Ok(*known);
        }
        let external = &program.externs[id];
        let rep = |shape: &_| c_param(abi::register(program.shapes.rep(*shape)));
        let mut signature = Signature::new(c_convention(module));
        signature.params.extend(external.params.iter().map(rep));
        if *program.shapes.get(external.result) != Shape::Unit {
            signature.returns.push(rep(&external.result));
        }
        let name = eclexia_rt::external::symbol(external.symbol.as_str());
        // Weak: what nobody defines has the address 0.
        let declared = module.declare_function(&name, Linkage::Preemptible, &signature)?;
        self.externs.insert(id, declared);
        Ok(declared)
    }
}

/// For a call from `function`. What is linked statically is never far away in an executable.
pub(crate) fn refer(module: &mut dyn Module, id: FuncId, function: &mut Function) -> FuncRef {
    let found = module.declare_func_in_func(id, function);
    if module.isa().flags().is_pic() {
        function.dfg.ext_funcs[found].colocated = true;
    }
    found
}

pub(crate) fn c_convention(module: &dyn Module) -> CallConv {
    module.isa().default_call_conv()
}

/// Small integers are extended by who passes them.
pub(crate) fn c_param(ty: cranelift_codegen::ir::Type) -> AbiParam {
    if ty == types::I8 { AbiParam::new(ty).uext() } else { AbiParam::new(ty) }
}

fn passed(what: Passed) -> AbiParam {
    match what {
        Passed::Word => AbiParam::new(types::I64),
        Passed::Number => AbiParam::new(types::I32),
        Passed::Bool => c_param(types::I8),
    }
}

fn native_signature(module: &dyn Module, id: NativeId) -> Signature {
    let native = id.get();
    let mut signature = Signature::new(c_convention(module));
    signature.params.push(AbiParam::new(types::I64));
    signature.params.extend(native.params.iter().map(|pass| match pass {
        Pass::Float => AbiParam::new(types::F64),
        Pass::Bool => c_param(types::I8),
        _ => AbiParam::new(types::I64),
    }));
    signature.params.extend(native.shapes.iter().map(|_| AbiParam::new(types::I32)));
    signature.returns.push(match native.gives {
        Gives::Float => AbiParam::new(types::F64),
        Gives::Bool => c_param(types::I8),
        _ => AbiParam::new(types::I64),
    });
    signature
}
