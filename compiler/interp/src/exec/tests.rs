//! IR as text, run: what comes out, how runs end, and that nothing is left then.

use super::Machine;
use crate::codes::Codes;
use crate::engine::Halted;
use eclexia_base::unit::UnitTable;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_ir::passes::optimise;
use eclexia_ir::text::parse;
use eclexia_rt::heap::{Context, Limits};
use eclexia_rt::{Ctors, Fault, Stop};

struct Run {
    program: Program,
    codes: Codes,
    ctx: Box<Context>,
}

impl Run {
    fn new(text: &str) -> Run {
        let mut program = parse::program(text).expect("IR");
        let end = program.functions.next_id();
        let all: Vec<FuncId> = program.functions.ids().collect();
        optimise(&mut program, FuncId(0)..end, &all);
        let mut ctx = Context::new(Ctors::default(), UnitTable::default(), Limits::default());
        Codes::learn(&program, &mut ctx);
        Run { program, codes: Codes::default(), ctx }
    }

    fn call(&mut self, name: &str, args: &[i64]) -> Result<i64, Halted> {
        let found = self.program.functions.iter().find(|(_, f)| f.name == *name);
        let (func, _) = found.expect("a function");
        let args: Vec<u64> = args.iter().map(|n| n.cast_unsigned()).collect();
        let Run { program, codes, ctx } = self;
        Machine::new(program, codes, ctx, 2_000_000).call(func, &args).map(u64::cast_signed)
    }
}

const PROGRAM: &str = r#"
shape s0 int
shape s1 bool
shape s2 data (0 "nil" () none) (1 "cons" (s0 s2) y0)
layout y0 data s2 1 none (s0 s2)
loc l0 d0 e0
loc l1 d0 e1

fn f0 "fib" d0 plain (v0: s0) -> s0 @l0 {
b0:
  step 1
  v1: s0 = const int 2
  v2: s1 = int-lt (v0 v1)
  branch v2 b1 b2
b1:
  return v0
b2:
  v3: s0 = const int 1
  v4: s0 = int-sub (v0 v3)
  v5: s0 = call f0 (v4)
  v6: s0 = int-sub (v0 v1)
  v7: s0 = call f0 (v6)
  v8: s0 = int-add (v5 v7)
  return v8
}

fn f1 "count" d0 plain (v0: s0) -> s2 @l0 {
b0:
  step 1
  v1: s0 = const int 0
  v2: s1 = int-eq (v0 v1)
  branch v2 b1 b2
b1:
  v3: s2 = const immediate 0
  return v3
b2:
  v4: s0 = const int 1
  v5: s0 = int-sub (v0 v4)
  v6: s2 = call f1 (v5)
  v7: s2 = alloc y0 (v0 v6)
  return v7
}

fn f2 "sum" d0 plain (v0: s2 v1: s0) -> s0 @l0 {
b0:
  step 1
  v2: s0 = tag v0
  switch v2 (0 b1 1 b2)
b1:
  return v1
b2:
  v3: s0 = field v0 0
  v4: s2 = field v0 1
  v5: s0 = int-add (v1 v3) @l1
  tail-call f2 (v4 v5)
}

fn f3 "counted" d0 plain (v0: s0 v1: s0) -> s0 @l0 {
b0:
  step 1
  v2: s2 = call f1 (v0) @l1
  v3: s0 = call f2 (v2 v1)
  return v3
}

fn f4 "deep" d0 plain (v0: s0) -> s0 @l0 {
b0:
  step 1
  v1: s0 = const int 1
  v2: s0 = int-add (v0 v1)
  v3: s2 = call f1 (v1)
  v4: s0 = call f4 (v2)
  v5: s0 = call f2 (v3 v4)
  return v5
}
"#;

#[test]
fn functions_call_each_other_and_steps_are_counted() {
    let mut run = Run::new(PROGRAM);
    assert_eq!(run.call("fib", &[20]).expect("a number"), 6765);
    assert_eq!(run.ctx.steps(), 21_891);
}

#[test]
fn a_million_calls_fit_on_the_stack_and_tail_calls_need_none() {
    let mut run = Run::new(PROGRAM);
    assert_eq!(run.call("counted", &[1_000_000, 0]).expect("a number"), 500_000_500_000);
    assert_eq!(run.ctx.live(), 0);
}

#[test]
fn a_fault_stands_at_its_place_and_leaves_nothing() {
    let mut run = Run::new(PROGRAM);
    let halted = run.call("counted", &[10, i64::MAX - 20]).expect_err("an overflow");
    assert!(matches!(halted.stop, Stop::Fault(Fault::Overflow(_))), "{halted:?}");
    let place = run.program.locs[halted.calls[0]];
    assert_eq!(place.expr.0, 1);
    assert_eq!(run.ctx.live(), 0);
    let halted = run.call("deep", &[0]).expect_err("a recursion without end");
    assert_eq!(halted.stop, Stop::StackExhausted);
    assert!(halted.calls.len() > 2_000_000, "{} calls", halted.calls.len());
    assert_eq!(run.ctx.live(), 0);
}

#[test]
fn a_limit_of_steps_ends_a_run_that_owns_something() {
    let mut run = Run::new(PROGRAM);
    run.ctx.set_limits(Limits { max_steps: 1500, ..Limits::default() });
    let halted = run.call("counted", &[1000, 0]).expect_err("a limit");
    assert_eq!(halted.stop, Stop::StepLimit);
    assert_eq!(run.ctx.live(), 0);
}
