//! A program's text to IR and machine code, for benches.

use eclexia_base::unit::UnitTable;
use eclexia_codegen::jit::Jit;
use eclexia_core::core::{DefId, ModuleId};
use eclexia_db::Session;
use eclexia_db::library::Embedded;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_ir::{LowerState, Root};
use eclexia_rt::heap::{Context, Limits};

/// Long programs may be deep.
const STACK: usize = 256 << 20;

pub fn load(text: &str) -> (Session, ModuleId) {
    let mut session = Session::new(Box::new(Embedded));
    let (module, found) = session.load("long.ecl", text.as_bytes());
    assert!(!found.has_errors(), "{:?}", found.sorted().first());
    (session, module)
}

pub fn named(session: &Session, module: ModuleId, name: &str) -> DefId {
    let mut defs = session.program.modules[module].defs.iter();
    let found = defs.find(|def| session.program.defs[**def].name == *name);
    *found.expect("the program defines it")
}

pub fn lower(session: &Session, main: DefId) -> (Program, FuncId) {
    let (mut ir, mut state) = (Program::default(), LowerState::default());
    let (program, typed) = (&session.program, &session.typed);
    let func = eclexia_ir::lower(program, typed, &mut ir, &mut state, Root::Function(main));
    (ir, func.expect("it is lowered"))
}

/// Machine code, and the context that it runs in.
pub fn compile(session: &Session, ir: &Program) -> (Jit, Box<Context>) {
    let ctors = eclexia_interp::ctors(&session.program);
    let mut context = Context::new(ctors, UnitTable::language().clone(), Limits::default());
    let mut jit = Jit::new().expect("machine code for this machine");
    jit.add(ir, &mut context);
    (jit, context)
}

pub fn on_a_large_stack(bench: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let ran = thread.spawn_scoped(scope, bench).map(std::thread::ScopedJoinHandle::join);
        assert!(ran.is_ok_and(|ran| ran.is_ok()), "a bench failed");
    });
}
