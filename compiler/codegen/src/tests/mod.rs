//! IR as text, compiled and run: what comes out, and how runs end.

use crate::jit::{Jit, Stopped};
use eclexia_base::unit::UnitTable;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_ir::text::parse;
use eclexia_rt::Fault;
use eclexia_rt::heap::{Context, Limits};
use eclexia_rt::stop::Stop;

struct Machine {
    program: Program,
    jit: Jit,
    context: Box<Context>,
}

impl Machine {
    fn new(text: &str) -> Machine {
        let program = parse::program(text).expect("IR");
        let mut context = Context::new(Default::default(), UnitTable::default(), Limits::default());
        let mut jit = Jit::new().expect("a compiler for this machine");
        jit.add(&program, &mut context);
        Machine { program, jit, context }
    }

    fn call(&mut self, name: &str, args: &[i64]) -> Result<i64, Stopped> {
        let found = self.program.functions.iter().find(|(_, f)| f.name == *name);
        let (func, _) = found.expect("a function");
        let args: Vec<u64> = args.iter().map(|n| n.cast_unsigned()).collect();
        self.run(func, &args)
    }

    fn run(&mut self, func: FuncId, args: &[u64]) -> Result<i64, Stopped> {
        let result = self.jit.call(&mut self.context, &self.program, func, args);
        result.map(u64::cast_signed)
    }
}

const ARITHMETIC: &str = include_str!("arithmetic.ir");

#[test]
fn functions_call_each_other_and_steps_are_counted() {
    let mut machine = Machine::new(ARITHMETIC);
    assert_eq!(machine.call("fib", &[20]), Ok(6765));
    assert_eq!(machine.context.steps(), 21_891);
}

#[test]
fn tail_calls_need_no_stack() {
    let mut machine = Machine::new(ARITHMETIC);
    assert_eq!(machine.call("loop-sum", &[10_000_000, 0]), Ok(50_000_005_000_000));
}

#[test]
fn a_million_calls_fit_on_the_stack() {
    let mut machine = Machine::new(ARITHMETIC);
    assert_eq!(machine.call("deep", &[1_000_000]), Ok(1_000_000));
}

#[test]
fn a_stack_that_ends_is_a_fault_with_a_trace_and_the_next_run_is_fine() {
    let mut machine = Machine::new(ARITHMETIC);
    for _ in 0..2 {
        let stopped = machine.call("forever", &[0]).expect_err("no end");
        assert_eq!(stopped.stop, Stop::StackExhausted);
        assert!(stopped.trace.len() > 1_000_000, "{}", stopped.trace.len());
        assert!(stopped.trace.iter().all(|place| *place == stopped.trace[0]));
        assert_eq!(machine.call("fib", &[10]), Ok(55));
    }
}

#[test]
fn what_does_not_fit_is_a_fault_at_its_place() {
    let mut machine = Machine::new(ARITHMETIC);
    let stopped = machine.call("loop-sum", &[1, i64::MAX]).expect_err("overflow");
    let text = "(+ 9223372036854775807 1)".to_owned();
    assert_eq!(stopped.stop, Stop::Fault(Fault::Overflow(text)));
    assert_eq!(stopped.trace.len(), 1);
    let place = machine.program.locs[stopped.trace[0]];
    assert_eq!(place.expr.0, 13);
}

#[test]
fn a_limit_of_steps_ends_a_loop() {
    let mut machine = Machine::new(ARITHMETIC);
    machine.context.set_limits(Limits { max_steps: 1000, ..Limits::default() });
    let stopped = machine.call("loop-sum", &[1_000_000, 0]).expect_err("too many steps");
    assert_eq!(stopped.stop, Stop::StepLimit);
    assert_eq!(machine.context.steps(), 1001);
}
