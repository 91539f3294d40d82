//! The engines against each other: random programs print the same in both, take the same steps, and
//! stop with the same diagnostic. (What `tests/run` prints is also held against executables.)

mod generate;

use crate::program::{Form, Ran, compile_bytes, on_large_stack};
use eclexia_codegen::jit::Jit;
use eclexia_interp::{Engine, Halted};
use eclexia_ir::ir::{FuncId, Program};
use eclexia_rt::heap::Context;
use generate::Generator;
use std::collections::BTreeMap;

/// Functions, each called twice, of one program.
const FUNCTIONS: usize = 10;

/// Machine code in memory.
struct Native(Jit);

impl Engine for Native {
    fn call(
        &mut self,
        program: &Program,
        ctx: &mut Context,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Halted> {
        self.0.add(program, ctx);
        let ended = self.0.call(ctx, program, func, args);
        ended.map_err(|stopped| Halted { stop: stopped.stop, calls: stopped.trace })
    }
}

fn ran(text: &str, engine: Option<&mut dyn Engine>) -> Ran {
    let mut program = compile_bytes("case.ecl", text.as_bytes(), BTreeMap::new(), Form::File);
    assert!(!program.has_errors(), "{}\n{text}", program.told());
    program.ran(engine)
}

/// Runs programs of these seeds in both engines.
fn agree(seeds: std::ops::Range<u64>, faults: u32) {
    for seed in seeds {
        let text = Generator::new(seed).with_faults(faults).program(FUNCTIONS);
        let interpreted = ran(&text, None);
        let mut native = Native(Jit::new().expect("there is code for this machine"));
        let compiled = ran(&text, Some(&mut native));
        assert_eq!(interpreted, compiled, "seed {seed}:\n{text}");
        if faults == 0 {
            assert_eq!(interpreted.failure, None, "seed {seed}:\n{text}");
            assert_eq!(interpreted.printed.len(), 2 * FUNCTIONS, "seed {seed}:\n{text}");
        }
    }
}

/// `ECLEXIA_ENGINES=10000` runs so many functions instead of 500.
fn programs() -> u64 {
    let wanted = std::env::var("ECLEXIA_ENGINES").ok().and_then(|n| n.parse().ok());
    wanted.unwrap_or(500) / FUNCTIONS as u64
}

#[test]
fn both_engines_print_the_same_in_as_many_steps() {
    on_large_stack(|| agree(0..programs() * 4 / 5, 0));
}

#[test]
fn both_engines_stop_at_the_same_place() {
    on_large_stack(|| agree(10_000_000..10_000_000 + programs() / 5, 3));
}
