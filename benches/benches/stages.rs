//! What comes behind `check`, on a program of 10,000 lines: lowering with all passes, register code
//! made and run once, machine code in memory, an object.

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_base::unit::UnitTable;
use eclexia_benches::program;
use eclexia_codegen::jit::Jit;
use eclexia_codegen::object::{self, Emit, Input};
use eclexia_core::core::{DefId, ModuleId};
use eclexia_db::Session;
use eclexia_db::library::Embedded;
use eclexia_interp::{Globals, Options};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_ir::{LowerState, Root};
use eclexia_native::bounds::Bounds;
use eclexia_native::image::Place;
use eclexia_rt::effects::Hermetic;
use eclexia_rt::heap::{Context, Limits};
use std::hint::black_box;

/// Long programs may be deep.
const STACK: usize = 256 << 20;

fn load(text: &str) -> (Session, ModuleId) {
    let mut session = Session::new(Box::new(Embedded));
    let (module, found) = session.load("long.ecl", text.as_bytes());
    assert!(!found.has_errors(), "{:?}", found.sorted().first());
    (session, module)
}

fn main_of(session: &Session, module: ModuleId) -> DefId {
    let mut defs = session.program.modules[module].defs.iter();
    let main = defs.find(|def| session.program.defs[**def].name == "main");
    *main.expect("the program has a main")
}

fn lower(session: &Session, main: DefId) -> (Program, FuncId) {
    let (mut ir, mut state) = (Program::default(), LowerState::default());
    let (program, typed) = (&session.program, &session.typed);
    let func = eclexia_ir::lower(program, typed, &mut ir, &mut state, Root::Function(main));
    (ir, func.expect("it is lowered"))
}

fn compile(session: &Session, ir: &Program) -> Jit {
    let ctors = eclexia_interp::ctors(&session.program);
    let mut context = Context::new(ctors, UnitTable::language(), Limits::default());
    let mut jit = Jit::new().expect("machine code for this machine");
    jit.add(ir, &mut context);
    jit
}

fn object(session: &Session, ir: &Program, main: FuncId) -> Vec<u8> {
    let places = ir.locs.values().map(|loc| {
        let def = &session.program.defs[loc.def];
        Place { name: def.name, file: 0, start: def.span.start, end: def.span.end, is_std: false }
    });
    let input = Input {
        program: ir,
        main: Some(main),
        exports: Vec::new(),
        symbol: "ecl_program".to_owned(),
        world: None,
        ctors: eclexia_interp::ctors(&session.program),
        bounds: Bounds::default(),
        places: places.collect(),
        sources: vec![("long.ecl".to_owned(), String::new())],
    };
    object::emit(&input, None, Emit::Object).expect("this machine is a target")
}

fn bench(c: &mut Criterion) {
    let text = program::long(10_000);
    let (mut session, module) = load(&text);
    let main = main_of(&session, module);
    let (ir, func) = lower(&session, main);
    let mut group = c.benchmark_group("10000 lines");
    group.sample_size(10);
    group.bench_function("lower, with all passes", |b| {
        b.iter(|| black_box(lower(&session, main)));
    });
    group.bench_function("codegen, in memory", |b| b.iter(|| black_box(compile(&session, &ir))));
    group.bench_function("codegen, an object", |b| {
        b.iter(|| black_box(object(&session, &ir, func)));
    });
    group.bench_function("lower, make register code, run once", |b| {
        b.iter(|| {
            session.globals = Globals::default();
            let mut effects = Hermetic::default();
            let mut evaluator = session.evaluator(Options::default(), &mut effects);
            assert!(evaluator.run_main(module, &[]).is_some_and(|result| result.is_ok()));
        });
    });
    group.finish();
}

fn on_a_large_stack(c: &mut Criterion) {
    std::thread::scope(|scope| {
        let made = std::thread::Builder::new().stack_size(STACK);
        let ran = made.spawn_scoped(scope, || bench(c)).map(std::thread::ScopedJoinHandle::join);
        assert!(ran.is_ok_and(|ran| ran.is_ok()), "a bench failed");
    });
}

criterion_group!(benches, on_a_large_stack);
criterion_main!(benches);
