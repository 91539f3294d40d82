//! `build FILE -o PROG`: an executable that needs no Eclexia to run.

use super::program::{Loaded, load_checked, report};
use super::{Ended, Stop};
use crate::args::{BuildArgs, BuildEmit};
use crate::console::{Console, Exit};
use crate::{diagnostics, files, link, project};
use eclexia_base::{FileId, Name};
use eclexia_codegen::isa::Unsupported;
use eclexia_codegen::object::{self, Emit, Input};
use eclexia_core::core::{self, DefId, ExprId, TypeDefKind, TypeKind};
use eclexia_core::cost::{Resource, SizeOf};
use eclexia_db::Session;
use eclexia_diag::Diagnostics;
use eclexia_ir::ir::{FuncId, Op, Program};
use eclexia_ir::{LowerState, Root};
use eclexia_native::bounds::{Allowed, Asked, Bounds, Limit, Power};
use eclexia_native::image::Place;
use std::path::{Path, PathBuf};

pub fn build(console: &Console, args: &BuildArgs) -> Ended {
    let path = project::program(args.file.as_deref())?;
    let loaded = load_checked(console, &path)?;
    if args.library {
        return super::library::library(&loaded, args, &path);
    }
    let (ir, main) = lower(console, &loaded)?;
    let emit = match args.emit {
        Some(BuildEmit::Ir) => {
            console.out(&eclexia_ir::text::print::program(&ir));
            return Ok(Exit::Done);
        }
        Some(BuildEmit::Asm) => Emit::Assembly,
        Some(BuildEmit::Clif) => Emit::Clif,
        Some(BuildEmit::Obj) | None => Emit::Object,
    };
    let input = input(&loaded.session, &ir, Some(main));
    let target = args.target.as_deref();
    let made = object::emit(&input, target, emit).map_err(unsupported)?;
    if emit != Emit::Object {
        console.out(&String::from_utf8_lossy(&made));
        return Ok(Exit::Done);
    }
    let output = args.output.clone().unwrap_or_else(|| output(&path, args.emit));
    if args.emit == Some(BuildEmit::Obj) {
        files::write(&output, &made)?;
    } else {
        link::executable(&made, &output, target, &args.link)?;
    }
    Ok(Exit::Done)
}

pub fn unsupported(why: Unsupported) -> Stop {
    let (Unsupported::Unknown(triple) | Unsupported::Target(triple)) = why;
    diagnostics::unsupported_target(&triple).into()
}

/// Beside where one works, named as the program is.
fn output(program: &Path, emit: Option<BuildEmit>) -> PathBuf {
    let name = program.file_stem().unwrap_or(std::ffi::OsStr::new("program"));
    match emit {
        Some(_) => Path::new(name).with_extension("o"),
        None => PathBuf::from(name),
    }
}

fn lower(console: &Console, loaded: &Loaded) -> Result<(Program, FuncId), Stop> {
    let program = &loaded.session.program;
    let mut all = program.modules[loaded.module].defs.iter();
    let main = all.rfind(|def| program.defs[**def].name == "main").copied();
    let Some(main) = main else { return Err(diagnostics::no_main(&loaded.name).into()) };
    let is_function = program.defs[main].body.as_ref().is_some_and(|body| body.is_function);
    let root = if is_function { Root::Function(main) } else { Root::Constant(main) };
    let (mut ir, mut state) = (Program::default(), LowerState::default());
    let typed = &loaded.session.typed;
    match eclexia_ir::lower(program, typed, &mut ir, &mut state, root) {
        Ok(func) => Ok((ir, func)),
        Err(failure) => {
            let mut found = Diagnostics::new();
            found.push(*failure);
            report(console, found, &loaded.session.sources)?;
            Err(Stop::Reported(Exit::Error))
        }
    }
}

pub fn input<'a>(session: &Session, ir: &'a Program, main: Option<FuncId>) -> Input<'a> {
    let program = &session.program;
    let mut used: Vec<Option<u32>> = Vec::new();
    let mut sources = Vec::new();
    let mut file = |id: FileId| -> u32 {
        let index = id.0 as usize;
        used.resize(used.len().max(index + 1), None);
        *used[index].get_or_insert_with(|| {
            let name = session.sources.name(id).to_owned();
            sources.push((name, session.sources.text(id).to_owned()));
            sources.len() as u32 - 1
        })
    };
    let places = ir.locs.values().map(|loc| {
        let def = &program.defs[loc.def];
        let map = program.maps.get(loc.def);
        let span = map.and_then(|map| map.exprs.get(loc.expr)).map_or(def.span, |at| at.span);
        let is_std = program.modules[def.module].is_std;
        let file = file(span.file);
        Place { name: def.name, file, start: span.start, end: span.end, is_std }
    });
    let places = places.collect();
    let world = program.lang.types.get(&Name::new("World"));
    let world = world.and_then(|ty| match &program.types[*ty].kind {
        TypeDefKind::Record(ctor) => Some(ctor.0),
        _ => None,
    });
    let ctors = eclexia_interp::ctors(program);
    let bounds = bounds(session, ir);
    let (exports, symbol) = (Vec::new(), "ecl_program".to_owned());
    Input { program: ir, main, exports, symbol, world, ctors, bounds, places, sources }
}

/// Those of the functions and expressions that are in the executable.
fn bounds(session: &Session, ir: &Program) -> Bounds {
    let program = &session.program;
    let mut bounds = Bounds::default();
    let insts = ir.functions.values().flat_map(|f| f.blocks.values()).flat_map(|b| &b.insts);
    for inst in insts {
        match &inst.op {
            Op::MeterBegin { def, .. } if !bounds.allowed.iter().any(|a| a.def == def.0) => {
                bounds.allowed.extend(allowed(program, *def));
            }
            Op::Admits { def, expr, .. } | Op::AdmitRest { def, expr, .. }
                if !bounds.asked.iter().any(|a| (a.def, a.expr) == (def.0, expr.0)) =>
            {
                bounds.asked.extend(asked(session, *def, *expr));
            }
            _ => {}
        }
    }
    if !bounds.allowed.is_empty() {
        bounds.cells = cells(program);
    }
    bounds
}

fn allowed(program: &core::Program, def: DefId) -> Option<Allowed> {
    let definition = &program.defs[def];
    let limit = definition.cost.as_ref()?.limit(Resource::Steps)?;
    let power = |(of, power): &(SizeOf, u32)| {
        let (is_value, param) = match of {
            SizeOf::Value(param) => (true, *param),
            SizeOf::Size(param) => (false, *param),
        };
        Power { is_value, param, power: *power }
    };
    let terms = limit.bound.terms.iter();
    let terms = terms.map(|(m, amount)| (m.iter().map(power).collect(), amount.clone())).collect();
    Some(Allowed { def: def.0, name: definition.name, terms })
}

fn asked(session: &Session, def: DefId, expr: ExprId) -> Option<Asked> {
    let limits = session.typed.facts.get(def)?.admits.get(&expr)?.iter();
    let limits = limits.map(|limit| Limit {
        key: Name::new(limit.resource.name()),
        dim: limit.resource.dim(),
        always: limit.always,
        measure: limit.bound.clone(),
    });
    Some(Asked { def: def.0, expr: expr.0, limits: limits.collect() })
}

/// Constructors with fields of the type itself.
fn cells(program: &core::Program) -> Vec<(u32, Vec<u32>)> {
    let all = program.ctors.iter().map(|(id, ctor)| {
        let fields =
            ctor.fields.iter().enumerate().filter(
                |(_, field)| matches!(&field.ty.kind, TypeKind::Con(ty, _) if *ty == ctor.ty),
            );
        (id.0, fields.map(|(at, _)| at as u32).collect::<Vec<u32>>())
    });
    all.filter(|(_, fields)| !fields.is_empty()).collect()
}
