//! `build --library`: a static library and its header, for C and what calls C.

use super::build;
use super::program::Loaded;
use super::{Ended, Stop};
use crate::args::BuildArgs;
use crate::console::Exit;
use crate::{diagnostics, files, link};
use eclexia_codegen::exports::Export;
use eclexia_codegen::object::{self, Emit};
use eclexia_ir::ir::{Function, Program};
use eclexia_ir::{LowerState, Root};
use eclexia_rt::layout::{Shape, ShapeId};
use std::fmt::Write;
use std::path::{Path, PathBuf};

pub fn library(loaded: &Loaded, args: &BuildArgs, path: &Path) -> Ended {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = in_c(&stem);
    let (ir, exports) = lower(loaded, &name)?;
    let header = header(&ir, &name, &exports);
    let mut input = build::input(&loaded.session, &ir, None);
    input.exports = exports;
    input.symbol = format!("{name}_program");
    let target = args.target.as_deref();
    let made = object::emit(&input, target, Emit::Object).map_err(build::unsupported)?;
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("lib{name}.a")));
    link::archive(&made, &output, target)?;
    files::write(&output.with_extension("h"), header.as_bytes())?;
    Ok(Exit::Done)
}

/// A name as C has names.
fn in_c(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(plain).collect()
}

/// All functions of the module that are of one type; those that C can call are exported.
fn lower(loaded: &Loaded, name: &str) -> Result<(Program, Vec<Export>), Stop> {
    let session = &loaded.session;
    let (mut ir, mut state) = (Program::default(), LowerState::default());
    let mut exports = Vec::new();
    for def in &session.program.modules[loaded.module].defs {
        let definition = &session.program.defs[*def];
        let scheme = session.typed.scheme(*def);
        let is_function = definition.body.as_ref().is_some_and(|body| body.is_function);
        if !is_function || !scheme.vars.is_empty() || !scheme.units.is_empty() {
            continue;
        }
        let root = Root::Function(*def);
        let lowered =
            eclexia_ir::lower(&session.program, &session.typed, &mut ir, &mut state, root);
        let Ok(func) = lowered else { continue };
        let symbol = format!("{name}_{}", in_c(definition.name.as_str()));
        let is_taken = exports.iter().any(|export: &Export| export.symbol == symbol);
        if is_callable(&ir, &ir.functions[func]) && !is_taken {
            exports.push(Export { symbol, func });
        }
    }
    match exports.is_empty() {
        true => Err(diagnostics::nothing_for_c(&loaded.name).into()),
        false => Ok((ir, exports)),
    }
}

fn is_callable(ir: &Program, function: &Function) -> bool {
    let mut params = function.params.iter().map(|param| function.vars[param.var]);
    params.all(|shape| param_type(ir, shape).is_some()) && result_type(ir, function).is_some()
}

fn param_type(ir: &Program, shape: ShapeId) -> Option<&'static str> {
    match ir.shapes.get(shape) {
        Shape::String => Some("const char *"),
        Shape::Unit => None,
        shape => plain_type(shape),
    }
}

fn result_type(ir: &Program, function: &Function) -> Option<&'static str> {
    plain_type(ir.shapes.get(function.result))
}

fn plain_type(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Unit => Some("void"),
        Shape::Int => Some("int64_t"),
        Shape::Quantity(_) => Some("double"),
        Shape::Bool => Some("bool"),
        Shape::String => Some("char *"),
        _ => None,
    }
}

const HEADER: &str = include_str!("../../../runtime/native/include/eclexia.h");

fn header(ir: &Program, name: &str, exports: &[Export]) -> String {
    let mut text = format!("{HEADER}\n/* {name} */\nextern const ecl_program {name}_program;\n");
    for export in exports {
        let function = &ir.functions[export.func];
        let result = result_type(ir, function).unwrap_or_default();
        let _ = write!(text, "{result} {}(ecl_instance *instance", export.symbol);
        let params = function.params.iter().map(|param| function.vars[param.var]);
        for param in params.filter_map(|shape| param_type(ir, shape)) {
            let _ = write!(text, ", {param}");
        }
        text.push_str(");\n");
    }
    text
}
