//! What comes behind `check`, on a program of 10,000 lines: lowering with all passes, register code
//! made and run once, machine code in memory, an object.

mod native;

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_benches::program;
use eclexia_codegen::object::{self, Emit, Input};
use eclexia_db::Session;
use eclexia_interp::{Globals, Options};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_native::bounds::Bounds;
use eclexia_native::image::Place;
use eclexia_rt::effects::Hermetic;
use native::{compile, load, lower, named};
use std::hint::black_box;

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
    let main = named(&session, module, "main");
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

fn on_a_large_stack(_: &mut Criterion) {
    native::on_a_large_stack(|| bench(&mut Criterion::default().configure_from_args()));
}

criterion_group!(benches, on_a_large_stack);
criterion_main!(benches);
